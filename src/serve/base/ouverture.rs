//! Opening the file: its mode, its settings, its format.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::BaseError;

/// The steps from one format to the next. A step that was published never changes.
pub const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// « PAIE »: what tells our files from those of other programs.
const MARQUE: i64 = 0x5041_4945;

/// How long a write waits for another one.
const ATTENTE: Duration = Duration::from_secs(10);

/// A connection with the settings of all. A new file is for its owner alone.
pub fn ouvrir(chemin: &Path) -> Result<Connection, BaseError> {
    let refus = |cause| BaseError::Fichier { chemin: chemin.to_owned(), cause };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let fichier = options.open(chemin).map_err(refus)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fichier.set_permissions(mode).map_err(refus)?;
    }
    drop(fichier);
    let connexion = Connection::open(chemin)?;
    connexion.busy_timeout(ATTENTE)?;
    let regler = || {
        connexion.pragma_update(None, "journal_mode", "WAL")?;
        connexion.pragma_update(None, "synchronous", "FULL")?;
        connexion.pragma_update(None, "foreign_keys", true)?;
        connexion.pragma_update(None, "trusted_schema", false)
    };
    match regler() {
        Err(cause) if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Err(BaseError::Etrangere(chemin.to_owned()))
        }
        other => other.map(|()| connexion).map_err(BaseError::Sql),
    }
}

/// Brings the file to the last format, one step after the other, all or nothing.
pub fn migrer(base: &mut Connection, chemin: &Path, etapes: &[&str]) -> Result<(), BaseError> {
    let connue = i64::try_from(etapes.len()).unwrap_or(i64::MAX);
    let transaction = base.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let nombre = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
    let marque = nombre("PRAGMA application_id")?;
    let trouvee = nombre("PRAGMA user_version")?;
    let neuve = marque == 0 && trouvee == 0 && nombre("SELECT count(*) FROM sqlite_schema")? == 0;
    if !neuve && marque != MARQUE {
        return Err(BaseError::Etrangere(chemin.to_owned()));
    }
    if trouvee > connue {
        return Err(BaseError::PlusRecente { trouvee, connue });
    }
    for etape in etapes.iter().skip(usize::try_from(trouvee).unwrap_or(0)) {
        transaction.execute_batch(etape)?;
    }
    transaction.pragma_update(None, "application_id", MARQUE)?;
    transaction.pragma_update(None, "user_version", connue)?;
    Ok(transaction.commit()?)
}
