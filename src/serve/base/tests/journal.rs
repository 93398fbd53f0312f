//! The log: it only grows, an edit is found, a purge leaves a chain.

use super::*;

const MOIS: i64 = 31 * JOUR;

fn entree(quand: Instant, agent: &str) -> Entree {
    Entree::new(quand, Auteur::inconnu("192.0.2.1"), Action::ConsultationBulletin)
        .agent(agent)
        .employeur(siret("21690001800017"))
        .mois(PayPeriod::new(2026, 11).unwrap())
        .detail(Detail::default().mot("contrat", "1"))
}

impl Essaie {
    fn noter(&self, nombre: i64) {
        for rang in 1..=nombre {
            let numero = self.base.journaliser(entree(MIDI + rang, &format!("A{rang}"))).unwrap();
            assert_eq!(numero, rang);
        }
    }

    fn rompue(&self) -> (i64, Rupture) {
        match self.base.verifier(None).unwrap() {
            Chaine::Rompue { numero, pourquoi } => (numero, pourquoi),
            Chaine::Entiere { .. } => panic!("nothing was found"),
        }
    }

    /// The file, for an intruder who removes what stands in the way.
    fn sans_gardes(&self) -> Connection {
        let brut = self.brut();
        let noms: Vec<String> = brut
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(noms.len() >= 8, "{noms:?}");
        for nom in noms {
            brut.execute_batch(&format!("DROP TRIGGER {nom}")).unwrap();
        }
        brut
    }
}

#[test]
fn an_empty_log_and_a_full_one_are_whole() {
    let essaie = Essaie::new();
    let vide = essaie.base.verifier(None).unwrap();
    assert!(matches!(vide, Chaine::Entiere { premiere: 1, derniere: 0, .. }), "{vide:?}");
    essaie.noter(5);
    let plein = essaie.base.verifier(None).unwrap();
    let Chaine::Entiere { premiere: 1, derniere: 5, empreinte } = plein else { panic!() };
    let lignes = essaie.base.journal(&Filtre::default(), None, 10).unwrap();
    assert_eq!(lignes[0].empreinte, empreinte);
    for note in [&empreinte, &empreinte[..16], lignes[3].empreinte.as_str()] {
        let trouvee = essaie.base.verifier(Some(note)).unwrap();
        assert!(matches!(trouvee, Chaine::Entiere { .. }), "{note}");
    }
    let absente = essaie.base.verifier(Some(&"0".repeat(16))).unwrap();
    assert_eq!(absente, Chaine::Rompue { numero: 5, pourquoi: Rupture::Note });
}

#[test]
fn triggers_refuse_every_edit() {
    let essaie = Essaie::new();
    essaie.noter(3);
    let brut = essaie.brut();
    for sql in [
        "UPDATE journal SET adresse = '' WHERE numero = 2",
        "UPDATE journal SET numero = 9 WHERE numero = 3",
        "DELETE FROM journal WHERE numero = 1",
        "DELETE FROM journal WHERE numero = 3",
        "DELETE FROM journal",
        "INSERT INTO journal SELECT 9, quand, compte, identifiant, role, adresse, action, siret, \
         agent, mois, detail, precedente, empreinte FROM journal WHERE numero = 3",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE numero = 2",
        "DELETE FROM tete",
        "UPDATE tete SET numero = 2",
        "INSERT OR REPLACE INTO tete VALUES (1, 2, zeroblob(32))",
    ] {
        let refus = brut.execute_batch(sql).unwrap_err().to_string();
        assert!(refus.contains("the log"), "{sql}: {refus}");
    }
    assert!(matches!(essaie.base.verifier(None).unwrap(), Chaine::Entiere { derniere: 3, .. }));
}

#[test]
fn an_edit_of_any_column_is_found() {
    for colonne in [
        "quand = 0",
        "compte = 7",
        "identifiant = 'x'",
        "role = 'auditeur'",
        "role = ''",
        "adresse = ''",
        "action = 'connexion'",
        "siret = NULL",
        "agent = ''",
        "agent = CAST(x'ff' AS TEXT)",
        "mois = '2026-10'",
        "detail = '{}'",
        "empreinte = zeroblob(32)",
        "empreinte = x'00'",
    ] {
        let essaie = Essaie::new();
        essaie.noter(4);
        let sql = format!("UPDATE journal SET {colonne} WHERE numero = 3");
        assert_eq!(essaie.sans_gardes().execute(&sql, []).unwrap(), 1);
        assert_eq!(essaie.rompue(), (3, Rupture::Contenu), "{colonne}");
    }
}

#[test]
fn what_is_missing_or_moved_is_found() {
    for (sql, attendu) in [
        ("DELETE FROM journal WHERE numero = 1", (1, Rupture::Absente)),
        ("DELETE FROM journal WHERE numero = 2", (2, Rupture::Absente)),
        ("DELETE FROM journal WHERE numero = 4", (4, Rupture::Fin)),
        ("DELETE FROM journal", (1, Rupture::Fin)),
        ("UPDATE journal SET precedente = zeroblob(32) WHERE numero = 3", (3, Rupture::Lien)),
        ("UPDATE journal SET numero = 5 WHERE numero = 4", (4, Rupture::Absente)),
        ("UPDATE tete SET numero = 3", (5, Rupture::Fin)),
        (
            "DELETE FROM journal WHERE numero = 3; \
             UPDATE journal SET numero = 3 WHERE numero = 4; UPDATE tete SET numero = 3",
            (3, Rupture::Lien),
        ),
    ] {
        let essaie = Essaie::new();
        essaie.noter(4);
        essaie.sans_gardes().execute_batch(sql).unwrap();
        assert_eq!(essaie.rompue(), attendu, "{sql}");
    }
}

#[test]
fn an_anchor_without_its_purge_is_found() {
    let essaie = Essaie::new();
    essaie.noter(4);
    let brut = essaie.brut();
    brut.execute_batch(
        "INSERT INTO ancres SELECT numero, empreinte, 0 FROM journal WHERE numero = 2; \
         DELETE FROM journal WHERE numero <= 2",
    )
    .unwrap();
    assert_eq!(essaie.rompue(), (2, Rupture::Ancre));
    for sql in [
        "UPDATE ancres SET numero = 1",
        "DELETE FROM ancres",
        "INSERT INTO ancres VALUES (1, zeroblob(32), 0)",
        "INSERT OR REPLACE INTO ancres VALUES (2, zeroblob(32), 0)",
    ] {
        let refus = brut.execute_batch(sql).unwrap_err().to_string();
        assert!(refus.contains("an anchor never"), "{sql}: {refus}");
    }
}

#[test]
fn a_purge_takes_what_is_old_and_the_rest_still_verifies() {
    let essaie = Essaie::new();
    let base = &essaie.base;
    for rang in 0..24 {
        base.journaliser(entree(MIDI + rang * MOIS, "A1")).unwrap();
    }
    let fin = MIDI + 23 * MOIS;
    let purger = |mois, quand| {
        base.purger(Conservation::new(mois).unwrap(), Auteur::console("root"), quand).unwrap()
    };
    assert_eq!(purger(36, fin), 0, "nothing is old enough");
    assert_eq!(purger(12, fin), 12);
    let reste = base.verifier(None).unwrap();
    assert!(matches!(reste, Chaine::Entiere { premiere: 13, derniere: 25, .. }), "{reste:?}");
    let derniere = &base.journal(&Filtre::default(), None, 1).unwrap()[0];
    assert_eq!(derniere.action, "Journal purgé");
    assert!(derniere.detail.contains("\"derniere_retiree\":12"), "{}", derniere.detail);
    assert_eq!(purger(12, fin), 0, "twice is once");
    assert_eq!(purger(6, fin), 6);
    assert_eq!(base.journaliser(entree(fin, "A2")).unwrap(), 27);
    let reste = base.verifier(None).unwrap();
    assert!(matches!(reste, Chaine::Entiere { premiere: 19, derniere: 27, .. }), "{reste:?}");
    let refus = essaie.brut().execute("DELETE FROM journal WHERE numero = 19", []).unwrap_err();
    assert!(refus.to_string().contains("the log only grows"), "what stays is held");
    essaie.sans_gardes().execute("UPDATE journal SET agent = 'B' WHERE numero = 20", []).unwrap();
    assert_eq!(essaie.rompue(), (20, Rupture::Contenu));
}

#[test]
fn everything_can_be_purged_and_the_log_goes_on() {
    let essaie = Essaie::new();
    essaie.noter(3);
    let plus_tard = MIDI + 40 * MOIS;
    let retirees = essaie.base.purger(Conservation::default(), Auteur::console("x"), plus_tard);
    assert_eq!(retirees.unwrap(), 3);
    assert_eq!(essaie.base.journaliser(entree(plus_tard, "A1")).unwrap(), 5);
    let reste = essaie.base.verifier(None).unwrap();
    assert!(matches!(reste, Chaine::Entiere { premiere: 4, derniere: 5, .. }), "{reste:?}");
}

#[test]
fn a_log_is_kept_for_six_months_to_three_years() {
    assert_eq!(Conservation::default().mois(), 12);
    for mois in [6, 12, 36] {
        assert_eq!(Conservation::new(mois).unwrap().mois(), mois);
    }
    for mois in [0, 5, 37] {
        assert!(matches!(Conservation::new(mois), Err(BaseError::Conservation)));
    }
}

#[test]
fn fifty_writers_at_once_share_a_chain() {
    let essaie = Essaie::new();
    let fils: Vec<_> = (0..50)
        .map(|fil| {
            let base = Arc::clone(&essaie.base);
            std::thread::spawn(move || {
                let mut numeros = Vec::new();
                for rang in 0..20 {
                    let entree = entree(MIDI, &format!("A{fil}-{rang}"));
                    let numero = base.journaliser(entree).unwrap();
                    let agent =
                        Filtre { agent: Some(format!("A{fil}-{rang}")), ..Filtre::default() };
                    let lue = base.journal(&agent, None, 2).unwrap();
                    assert_eq!(lue.len(), 1, "on the disk before its caller goes on");
                    assert_eq!(lue[0].numero, numero);
                    numeros.push(numero);
                }
                assert!(numeros.is_sorted());
                numeros
            })
        })
        .collect();
    let mut numeros: Vec<i64> = fils.into_iter().flat_map(|fil| fil.join().unwrap()).collect();
    numeros.sort_unstable();
    assert_eq!(numeros, (1..=1000).collect::<Vec<_>>());
    assert!(matches!(essaie.base.verifier(None).unwrap(), Chaine::Entiere { derniere: 1000, .. }));
}

#[tokio::test]
async fn a_page_waits_without_a_thread() {
    let essaie = Essaie::new();
    let taches: Vec<_> = (0..50)
        .map(|rang| {
            let base = Arc::clone(&essaie.base);
            tokio::spawn(
                async move { base.noter(entree(MIDI, &format!("A{rang}"))).await.unwrap() },
            )
        })
        .collect();
    let mut numeros = Vec::new();
    for tache in taches {
        numeros.push(tache.await.unwrap());
    }
    numeros.sort_unstable();
    assert_eq!(numeros, (1..=50).collect::<Vec<_>>());
}

#[test]
fn two_processes_share_a_chain() {
    let essaie = Essaie::new();
    let autre = Arc::new(Base::open(&essaie.chemin()).unwrap());
    let fils: Vec<_> = [Arc::clone(&essaie.base), autre]
        .into_iter()
        .map(|base| {
            std::thread::spawn(move || {
                for _ in 0..50 {
                    base.journaliser(entree(MIDI, "A1")).unwrap();
                }
            })
        })
        .collect();
    fils.into_iter().for_each(|fil| fil.join().unwrap());
    assert!(matches!(essaie.base.verifier(None).unwrap(), Chaine::Entiere { derniere: 100, .. }));
}

#[test]
fn a_log_that_cannot_be_written_stops_its_caller() {
    let essaie = Essaie::new();
    essaie.noter(1);
    essaie.brut().execute_batch("DROP TABLE tete").unwrap();
    let refus = essaie.base.journaliser(entree(MIDI, "A1")).unwrap_err();
    assert!(matches!(refus, BaseError::Journal(_)), "{refus}");
}

/// The variable that makes this test the child of the next one.
const ENFANT: &str = "PAIE_ESSAI_JOURNAL";

#[test]
fn a_child_logs_until_it_is_killed() {
    let chemin = std::env::var_os(ENFANT).map(PathBuf::from);
    let dossier = TempDir::new().unwrap();
    let sans_fin = chemin.is_some();
    let base = Base::open(&chemin.unwrap_or(dossier.path().join("acces.sqlite"))).unwrap();
    for rang in 1.. {
        let numero = base.journaliser(entree(MIDI + rang, "A1")).unwrap();
        assert_eq!(numero, rang);
        println!("numero {numero}");
        std::io::stdout().flush().unwrap();
        if !sans_fin && rang == 3 {
            break;
        }
    }
    assert!(matches!(base.verifier(None).unwrap(), Chaine::Entiere { derniere: 3, .. }));
}

#[test]
fn a_process_that_is_killed_leaves_every_entry_it_was_told_of() {
    for coupe in [40, 173] {
        let dossier = TempDir::new().unwrap();
        let chemin = dossier.path().join("acces.sqlite");
        let mut enfant = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg("serve::base::tests::journal::a_child_logs_until_it_is_killed")
            .env(ENFANT, &chemin)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut dits = 0_i64;
        for ligne in BufReader::new(enfant.stdout.take().unwrap()).lines() {
            let ligne = ligne.unwrap();
            let Some((_, numero)) = ligne.split_once("numero ") else { continue };
            dits = numero.parse().unwrap();
            if dits == coupe {
                // SIGKILL: nothing is written after it.
                enfant.kill().unwrap();
            }
        }
        enfant.wait().unwrap();
        assert!(dits >= coupe, "the child stopped by itself");
        let base = Base::open(&chemin).unwrap();
        let Chaine::Entiere { premiere: 1, derniere, .. } = base.verifier(None).unwrap() else {
            panic!("the chain is broken");
        };
        assert!(derniere >= dits, "{derniere} of {dits}");
        assert_eq!(base.journaliser(entree(MIDI, "A2")).unwrap(), derniere + 1);
    }
}

#[test]
fn entries_are_found_by_what_they_are_about() {
    let essaie = Essaie::new();
    let base = &essaie.base;
    essaie.noter(5);
    let marie = essaie.gestionnaire("marie");
    let autre = siret("21690002600010");
    let sienne = Entree::new(MIDI + JOUR, Auteur::de(&marie, "::1"), Action::Simulation);
    base.journaliser(sienne.employeur(autre).agent("A3")).unwrap();
    let numeros = |filtre: &Filtre| -> Vec<i64> {
        base.journal(filtre, None, 100).unwrap().iter().map(|ligne| ligne.numero).collect()
    };
    let tout = Filtre::default;
    assert_eq!(numeros(&tout()), [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(numeros(&Filtre { compte: Some(marie.id), ..tout() }), [7]);
    assert_eq!(numeros(&Filtre { agent: Some("A3".to_owned()), ..tout() }), [7, 3]);
    assert_eq!(numeros(&Filtre { siret: Some(autre), ..tout() }), [7]);
    assert_eq!(numeros(&Filtre { action: Some(Action::Simulation), ..tout() }), [7]);
    let periode = Filtre { depuis: Some(MIDI + 2), jusqu: Some(MIDI + 4), ..tout() };
    assert_eq!(numeros(&periode), [3, 2]);
    let page = base.journal(&tout(), Some(4), 2).unwrap();
    assert_eq!(page.iter().map(|ligne| ligne.numero).collect::<Vec<_>>(), [3, 2]);
    let ligne = &base.journal(&tout(), None, 1).unwrap()[0];
    assert_eq!((ligne.identifiant.as_str(), ligne.adresse.as_str()), ("marie", "::1"));
    assert_eq!((ligne.role.as_str(), ligne.action.as_str()), ("Gestionnaire RH", "Simulation"));
}

#[test]
fn a_table_of_the_log_runs_no_formula() {
    let essaie = Essaie::new();
    for agent in ["=1+1", "@SUM(A1)", "+33", "-2", " =cmd", "\t=1", "A;1", "A\"1"] {
        essaie.base.journaliser(entree(MIDI, agent)).unwrap();
    }
    let mut table = Vec::new();
    assert_eq!(essaie.base.exporter_journal(&Filtre::default(), &mut table).unwrap(), 8);
    let texte = String::from_utf8(table).unwrap();
    let texte = texte.strip_prefix('\u{feff}').expect("the mark of spreadsheets");
    let mut lecteur = csv::ReaderBuilder::new().delimiter(b';').from_reader(texte.as_bytes());
    assert_eq!(lecteur.headers().unwrap().get(7), Some("agent"));
    let lignes: Vec<csv::StringRecord> = lecteur.records().map(Result::unwrap).collect();
    let agents: Vec<&str> = lignes.iter().map(|ligne| ligne.get(7).unwrap()).collect();
    let attendus = ["'=1+1", "'@SUM(A1)", "'+33", "'-2", "' =cmd", "'\t=1", "A;1", "A\"1"];
    assert_eq!(agents, attendus);
    assert_eq!(lignes[0].get(1), Some("2026-11-26T12:00:00Z"));
    assert_eq!(lignes[0].get(5), Some("Bulletin consulté"));
}
