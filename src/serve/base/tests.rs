use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;

use super::sessions::{ABSOLUE, INACTIVE};
use super::*;
use crate::calendar::{Day, PayPeriod};
use crate::domain::Siret;
use crate::serve::droits::{Compte, Perimetre, Role};

mod changements;
mod comptes;
mod journal;
mod sessions;

/// 2026-11-26 12:00 UTC.
const MIDI: Instant = 1_795_694_400;
const JOUR: i64 = 24 * 3600;

/// A file in a folder of its own.
struct Essaie {
    base: Arc<Base>,
    dossier: TempDir,
}

impl Essaie {
    fn new() -> Self {
        let dossier = TempDir::new().unwrap();
        let base = Arc::new(Base::open(&dossier.path().join("acces.sqlite")).unwrap());
        Self { base, dossier }
    }

    fn chemin(&self) -> PathBuf {
        self.dossier.path().join("acces.sqlite")
    }

    /// The file as an intruder with a shell sees it.
    fn brut(&self) -> Connection {
        Connection::open(self.chemin()).unwrap()
    }

    fn compte(&self, identifiant: &str, voulu: &Changement) -> Compte {
        self.base.creer(identifiant, voulu, MIDI, |_| note()).unwrap()
    }

    fn gestionnaire(&self, identifiant: &str) -> Compte {
        self.compte(identifiant, &gestionnaire())
    }
}

/// What a change is logged as, where that is not what is tested.
fn note() -> Entree {
    Entree::new(MIDI, Auteur::console("essai"), Action::CompteModifie)
}

fn siret(texte: &str) -> Siret {
    Siret::parse(texte).unwrap()
}

fn voulu(role: Role, perimetre: Perimetre) -> Changement {
    Changement { nom: "Marie Durand".to_owned(), role, perimetre, fin: None, actif: true }
}

fn gestionnaire() -> Changement {
    voulu(Role::Gestionnaire, Perimetre::des([siret("21690001800017")]))
}

fn administrateur() -> Changement {
    voulu(Role::Administrateur, Perimetre::des([]))
}

#[test]
fn a_file_is_for_its_owner_alone_and_opens_again() {
    let essaie = Essaie::new();
    #[cfg(unix)]
    for fichier in std::fs::read_dir(essaie.dossier.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let fichier = fichier.unwrap();
        let mode = fichier.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", fichier.file_name());
    }
    let compte = essaie.gestionnaire("marie@exemple.fr");
    drop(essaie.base);
    let encore = Base::open(&essaie.dossier.path().join("acces.sqlite")).unwrap();
    assert_eq!(encore.compte(compte.id).unwrap(), Some(compte));
}

#[test]
fn a_file_of_something_else_stays_untouched() {
    let dossier = TempDir::new().unwrap();
    let texte = dossier.path().join("notes.txt");
    std::fs::write(&texte, "a long enough text to be no database at all, ".repeat(40)).unwrap();
    assert!(matches!(Base::open(&texte), Err(BaseError::Etrangere(_))));
    let autre = dossier.path().join("autre.sqlite");
    Connection::open(&autre).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let avant = std::fs::read(&autre).unwrap();
    assert!(matches!(Base::open(&autre), Err(BaseError::Etrangere(_))));
    assert_eq!(std::fs::read(&autre).unwrap(), avant);
    assert!(matches!(Base::open(dossier.path()), Err(BaseError::Fichier { .. })));
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let essaie = Essaie::new();
    essaie.brut().pragma_update(None, "user_version", 99).unwrap();
    let refus = Base::open(&essaie.chemin()).err().unwrap();
    let connue = i64::try_from(ouverture::MIGRATIONS.len()).unwrap();
    let BaseError::PlusRecente { trouvee: 99, connue: dite } = refus else { panic!("{refus}") };
    assert_eq!(dite, connue);
    assert!(refus.to_string().contains("99"));
    assert!(refus.help().contains("version"));
}

#[test]
fn a_file_of_the_first_version_goes_through_every_step() {
    let dossier = TempDir::new().unwrap();
    let chemin = dossier.path().join("acces.sqlite");
    let mut ancienne = ouverture::ouvrir(&chemin).unwrap();
    ouverture::migrer(&mut ancienne, &ouverture::MIGRATIONS[..1]).unwrap();
    let ajout = "INSERT INTO comptes (identifiant, nom, role, tous, cree) \
                 VALUES ('marie', 'Marie', 'operateur', 1, 0)";
    ancienne.execute_batch(ajout).unwrap();
    let suite = ["", "CREATE TABLE essai (a TEXT) STRICT", "INSERT INTO essai VALUES ('b')"];
    ouverture::migrer(&mut ancienne, &suite).unwrap();
    let texte: String = ancienne.query_row("SELECT a FROM essai", [], |row| row.get(0)).unwrap();
    assert_eq!(texte, "b");
    let version = |base: &Connection| {
        base.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(version(&ancienne), 3);
    let faux = ["", "", "", "CREATE TABLE encore (a TEXT) STRICT", "CREATE nonsense"];
    assert!(ouverture::migrer(&mut ancienne, &faux).is_err());
    assert_eq!(version(&ancienne), 3, "all or nothing");
    assert!(ancienne.prepare("SELECT a FROM encore").is_err());
    ancienne.execute_batch("DROP TABLE essai").unwrap();
    ancienne.pragma_update(None, "user_version", 1).unwrap();
    drop(ancienne);
    let base = Base::open(&chemin).unwrap();
    assert_eq!(base.compte_de("marie").unwrap().unwrap().role, Role::Operateur);
}

#[test]
fn every_error_has_a_help_and_a_sentence() {
    let non_vides = [
        BaseError::Identifiant,
        BaseError::Perimetre(PerimetreRefuse::SansFin),
        BaseError::Journal("disk full at a secret place".to_owned()),
        BaseError::Etrangere(PathBuf::from("secret")),
    ];
    for erreur in non_vides {
        assert!(!erreur.help().is_empty());
        assert!(erreur.french().ends_with('.'), "{erreur}");
        assert!(!erreur.french().contains("secret"), "{erreur}");
    }
}
