//! `paie acces` as people run it: accounts, links, the log and its proof.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const COMMUNE: &str = "21719601300015";

/// Exit code, standard output, standard error.
struct Ran(i32, String, String);

struct Fichier(TempDir);

impl Fichier {
    fn nouveau() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn base(&self) -> String {
        self.0.path().join("acces.sqlite").to_str().unwrap().to_owned()
    }

    fn acces(&self, arguments: &[&str]) -> Ran {
        let base = self.base();
        paie(&[&["acces"], arguments, &["--base", &base]].concat())
    }

    /// The same, which must succeed; what it prints.
    #[track_caller]
    fn fait(&self, arguments: &[&str]) -> String {
        let Ran(code, out, err) = self.acces(arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
        out
    }

    /// The same, which must be refused with these words.
    #[track_caller]
    fn refuse(&self, arguments: &[&str], mots: &str) {
        let Ran(code, out, err) = self.acces(arguments);
        assert_ne!(code, 0, "{arguments:?}: {out}");
        assert!(err.contains(mots), "{arguments:?}: {err}");
    }
}

fn paie(arguments: &[&str]) -> Ran {
    let output = Command::cargo_bin("paie").unwrap().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran(output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn is_link(printed: &str) -> bool {
    let link = printed.lines().find_map(|line| line.strip_prefix("/invitation/"));
    link.is_some_and(|link| link.len() == 64 && link.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[test]
fn the_file_is_named_and_only_an_account_makes_it() {
    let Ran(code, _, err) = paie(&["acces", "lister"]);
    assert_ne!(code, 0);
    assert!(err.contains("`--base` is missing"), "{err}");
    let fichier = Fichier::nouveau();
    for verbe in [&["lister"][..], &["verifier"], &["journal"], &["inviter", "marie"]] {
        fichier.refuse(verbe, "cannot open");
        assert!(!Path::new(&fichier.base()).exists(), "{verbe:?}");
    }
    // Before the verb too.
    let Ran(code, ..) = paie(&["acces", "--base", &fichier.base(), "creer", "marie"]);
    assert_ne!(code, 0, "a gestionnaire has employers");
}

#[test]
fn an_account_is_created_listed_changed_disabled_and_invited() {
    let fichier = Fichier::nouveau();
    let admin = ["creer", "admin", "--nom", "Anne Admin", "--role", "administrateur"];
    assert!(is_link(&fichier.fait(&admin)));
    let marie = ["creer", "marie@exemple.fr", "--nom", "Marie", "--siret", COMMUNE];
    assert!(is_link(&fichier.fait(&marie)));
    let liste = fichier.fait(&["lister"]);
    assert!(liste.contains(&format!("marie@exemple.fr,Marie,gestionnaire,{COMMUNE},")), "{liste}");
    assert!(liste.contains("admin,Anne Admin,administrateur,,,sans mot de passe,"), "{liste}");

    let auditeur = ["modifier", "marie@exemple.fr", "--role", "auditeur", "--tous"];
    fichier.refuse(&auditeur, "last day");
    fichier.fait(&[&auditeur[..], &["--fin", "2099-12-31"]].concat());
    let liste = fichier.fait(&["lister"]);
    assert!(liste.contains("marie@exemple.fr,Marie,auditeur,tous,2099-12-31,"), "{liste}");

    fichier.fait(&["desactiver", "marie@exemple.fr"]);
    fichier.refuse(&["inviter", "marie@exemple.fr"], "closed");
    fichier.fait(&["modifier", "marie@exemple.fr", "--actif"]);
    assert!(is_link(&fichier.fait(&["inviter", "marie@exemple.fr"])));
    fichier.fait(&["second-facteur", "marie@exemple.fr"]);
}

#[test]
fn what_does_not_go_together_is_refused_with_a_reason() {
    let fichier = Fichier::nouveau();
    fichier.refuse(&["creer", "marie", "--nom", "Marie"], "gestionnaire");
    fichier.refuse(&["creer", "m", "--nom", "Marie", "--siret", COMMUNE], "identifiant");
    fichier.refuse(&["creer", "marie", "--siret", COMMUNE], "name");
    fichier.refuse(&["creer", "marie", "--nom", "Marie", "--siret", "123"], "14 digits");
    fichier.refuse(&["creer", "marie", "--nom", "Marie", "--role", "chef"], "choose one of");
    let admin = ["creer", "admin", "--nom", "Anne", "--role", "administrateur"];
    fichier.fait(&admin);
    fichier.refuse(&admin, "already");
    fichier.refuse(&["desactiver", "admin"], "last administrator");
    fichier.refuse(&["modifier", "personne", "--nom", "X"], "no such account");
    fichier.refuse(&["second-facteur", "personne"], "no such account");
    fichier.refuse(&["purger", "--mois", "3"], "6 to 36");
}

#[test]
fn the_log_holds_what_was_done_and_proves_it() {
    let fichier = Fichier::nouveau();
    fichier.fait(&["creer", "admin", "--nom", "Anne", "--role", "administrateur"]);
    let tete = fichier.fait(&["verifier"]);
    let tete = tete.lines().last().unwrap();
    assert!(tete.starts_with("2-"), "created, invited: {tete}");
    let lien = fichier.fait(&["inviter", "admin"]);
    let table = fichier.fait(&["journal"]);
    for mots in ["Compte créé", "Invitation émise", "Journal exporté", "console:"] {
        assert!(table.contains(mots), "{mots}: {table}");
    }
    let jeton = lien.trim().trim_start_matches("/invitation/");
    assert!(!table.contains(jeton) && !table.contains("Anne"), "neither links nor names");
    fichier.fait(&["verifier", "--tete", tete]);
    fichier.refuse(&["verifier", "--tete", &"0".repeat(64)], "noted digest");
    fichier.refuse(&["verifier", "--tete", "abc"], "64 digits");
    fichier.fait(&["purger"]);

    let csv = fichier.0.path().join("journal.csv");
    let csv = csv.to_str().unwrap();
    fichier.fait(&["journal", "--csv", csv]);
    assert!(std::fs::read_to_string(csv).unwrap().starts_with("\u{feff}numéro;quand"));
    fichier.refuse(&["journal", "--csv", csv], "cannot open");
}

#[test]
fn a_change_that_cannot_be_logged_is_not_made() {
    let fichier = Fichier::nouveau();
    fichier.fait(&["creer", "admin", "--nom", "Anne", "--role", "administrateur"]);
    fichier.fait(&["creer", "marie", "--nom", "Marie", "--siret", COMMUNE]);
    let avant = fichier.fait(&["lister"]);
    let base = rusqlite::Connection::open(fichier.base()).unwrap();
    let refus = "CREATE TRIGGER refus BEFORE INSERT ON journal \
                 BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    base.execute_batch(refus).unwrap();
    for commande in [
        &["creer", "paul", "--nom", "Paul", "--siret", COMMUNE][..],
        &["modifier", "marie", "--nom", "Marie Martin"],
        &["desactiver", "marie"],
        &["inviter", "marie"],
        &["second-facteur", "marie"],
    ] {
        fichier.refuse(commande, "the log cannot be written");
    }
    base.execute_batch("DROP TRIGGER refus").unwrap();
    assert_eq!(fichier.fait(&["lister"]), avant);
    fichier.fait(&["desactiver", "marie"]);
    assert!(fichier.fait(&["lister"]).contains("desactive"));
}

#[test]
fn a_log_that_was_edited_does_not_verify() {
    let fichier = Fichier::nouveau();
    fichier.fait(&["creer", "admin", "--nom", "Anne", "--role", "administrateur"]);
    let base = rusqlite::Connection::open(fichier.base()).unwrap();
    base.execute_batch(
        "DROP TRIGGER journal_ne_change_pas; UPDATE journal SET adresse = 'x' WHERE numero = 1",
    )
    .unwrap();
    drop(base);
    fichier.refuse(&["verifier"], "does not hold at entry 1");
}
