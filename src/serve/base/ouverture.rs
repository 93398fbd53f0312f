//! Opening the file: its mode, its settings, its format.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::BaseError;

/// The steps from one format to the next. A step that was published never changes.
pub const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// « PAIE »: what tells our files from those of other programs.
const MARQUE: i64 = 0x5041_4945;

/// How long a write waits for another one.
const ATTENTE: Duration = Duration::from_secs(10);

/// A connection with the settings of all. A new file is for its owner alone; one that is not ours
/// stays as it is.
pub fn ouvrir(chemin: &Path) -> Result<Connection, BaseError> {
    let refus = |cause| BaseError::Fichier { chemin: chemin.to_owned(), cause };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let fichier = options.open(chemin).map_err(refus)?;
    let connexion = Connection::open(chemin)?;
    connexion.busy_timeout(ATTENTE)?;
    reconnaitre(&connexion, chemin)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fichier.set_permissions(mode).map_err(refus)?;
    }
    drop(fichier);
    connexion.pragma_update(None, "journal_mode", "WAL")?;
    connexion.pragma_update(None, "synchronous", "FULL")?;
    connexion.pragma_update(None, "foreign_keys", true)?;
    connexion.pragma_update(None, "trusted_schema", false)?;
    Ok(connexion)
}

fn nombre(base: &Connection, sql: &str) -> rusqlite::Result<i64> {
    base.query_row(sql, [], |row| row.get(0))
}

/// Whether the file is new, or ours.
fn reconnaitre(base: &Connection, chemin: &Path) -> Result<(), BaseError> {
    let lues = nombre(base, "PRAGMA application_id")
        .and_then(|marque| Ok((marque, nombre(base, "SELECT count(*) FROM sqlite_schema")?)));
    match lues {
        Ok((MARQUE, _) | (0, 0)) => Ok(()),
        Ok(_) => Err(BaseError::Etrangere(chemin.to_owned())),
        Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(BaseError::Etrangere(chemin.to_owned()))
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Brings the file to the last format, one step after the other, all or nothing.
pub fn migrer(base: &mut Connection, etapes: &[&str]) -> Result<(), BaseError> {
    let connue = i64::try_from(etapes.len()).unwrap_or(i64::MAX);
    let transaction = base.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let trouvee = nombre(&transaction, "PRAGMA user_version")?;
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
