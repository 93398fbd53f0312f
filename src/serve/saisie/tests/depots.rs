//! Deposits: what the pool reads afterwards, what other rows become, who loses nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::Element;
use crate::io::PoolReader;

/// A pool of two employers whose `elements.csv` is `elements`; none: it has none.
pub(super) fn pool(elements: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "employeurs.csv",
        "siret,nom,nature,insee\n73282932000074,V,commune,69123\n21718995000017,W,commune,69123\n",
    );
    write("agents.csv", "agent\nA1\nA2\nA3\nB1\n");
    let career = |agent: &str, siret: &str| format!("{agent},{siret},1,2020-01-01,titulaire,378\n");
    let careers = [("A1", SIRET), ("A2", SIRET), ("A3", SIRET), ("B1", AUTRE)]
        .map(|(agent, siret)| career(agent, siret));
    let titles = "agent,siret,contrat,depuis,statut,indice_majore\n";
    write("carrieres.csv", &format!("{titles}{}", careers.concat()));
    if let Some(elements) = elements {
        write("elements.csv", elements);
    }
    folder
}

pub(super) fn octets(folder: &Path) -> String {
    fs::read_to_string(folder.join("elements.csv")).unwrap()
}

/// What the pool reads: the elements of each agent. The pool has no finding.
pub(super) fn lus(folder: &Path) -> BTreeMap<String, Vec<Element>> {
    let mut reader = PoolReader::open(folder).unwrap();
    let context = reader.context();
    let mut found = BTreeMap::new();
    for block in reader.blocks(10).unwrap() {
        for agent in block.unwrap().parse(&context) {
            assert_eq!(agent.findings, [], "{}", octets(folder));
            found.insert(agent.facts.agent.id.to_string(), agent.facts.elements);
        }
    }
    assert_eq!(reader.findings(), []);
    found
}

/// Reads rows and stores them, as somebody who sees the page now.
pub(super) fn deposer(deposeur: &Deposeur, body: &str, today: &str) -> Depot {
    let now = deposeur.actuelles(siret(), mois()).unwrap();
    match essayer(deposeur, &now, body, today) {
        Issue::Depose(depot) => *depot,
        Issue::Perimee { .. } => panic!("stale"),
    }
}

/// The same, as somebody who saw the page before.
fn essayer(deposeur: &Deposeur, seen: &Actuelles, body: &str, today: &str) -> Issue {
    let mut monde = Monde::new();
    monde.stockees = seen.lignes.clone();
    let contexte = Contexte { aujourdhui: jour(today), ..monde.contexte() };
    let lecture = lire(body.as_bytes(), &contexte).unwrap();
    assert!(lecture.est_acceptable(), "{lecture:#?}");
    let demande = Demande {
        siret: siret(),
        mois: mois(),
        aujourdhui: jour(today),
        referentiel: &monde.referentiel,
        version: &seen.version,
        poser: &lecture.lignes,
        retirer: &[],
    };
    deposeur.deposer(&demande).unwrap()
}

fn retirer(deposeur: &Deposeur, at: usize, today: &str) -> Result<Issue, ErreurDepot> {
    let now = deposeur.actuelles(siret(), mois()).unwrap();
    let monde = Monde::new();
    let retirer = [now.lignes[at].cle.clone()];
    let demande = Demande {
        siret: siret(),
        mois: mois(),
        aujourdhui: jour(today),
        referentiel: &monde.referentiel,
        version: &now.version,
        poser: &[],
        retirer: &retirer,
    };
    deposeur.deposer(&demande)
}

const T: &str = "agent;contrat;rubrique;montant;libelle\n";

#[test]
fn rows_are_appended_in_the_form_of_the_file() {
    let before = "Libelle;agent;note;siret;contrat;rubrique;depuis;montant;connu_le;fin\r\n\
                  \"x;\"\"y\";B1;n;21718995000017;1;PRIME;2026-01-01;1,50;;\r\n\r\n";
    let folder = pool(Some(before));
    let deposeur = Deposeur::new(folder.path()).unwrap();
    let depot = deposer(
        &deposeur,
        &format!("{T}A1;1;PRIME;1 234,56;\"Été ; \"\"jazz\"\"\"\n"),
        "2026-10-15",
    );
    let added = "\"Été ; \"\"jazz\"\"\";A1;;\
                 73282932000074;1;PRIME;2026-10-01;1234.56;2026-10-15;2026-10-31\r\n";
    assert_eq!(octets(folder.path()), format!("{before}{added}"));
    assert_eq!(depot.nouvelles, 1);
    assert_eq!(depot.empreinte_avant, blake3::hash(before.as_bytes()).to_hex().to_string());
    let after = blake3::hash(octets(folder.path()).as_bytes());
    assert_eq!(depot.empreinte_apres, after.to_hex().to_string());
    assert_eq!(depot.version, deposeur.actuelles(siret(), mois()).unwrap().version);
}

#[test]
fn a_missing_file_a_missing_column_and_a_missing_line_end_are_made() {
    let folder = pool(None);
    let deposeur = Deposeur::new(folder.path()).unwrap();
    deposer(&deposeur, &format!("{T}A1;1;PRIME;5;\n"), "2026-10-15");
    assert_eq!(
        octets(folder.path()),
        "agent,siret,contrat,rubrique,depuis,fin,connu_le,nombre,base,taux,montant,montant_paye,\
         mois_origine,libelle\nA1,73282932000074,1,PRIME,2026-10-01,2026-10-31,2026-10-15,,,,5,,,\n"
    );
    let folder = pool(Some(
        "agent,siret,contrat,rubrique,depuis,montant\nB1,21718995000017,1,PRIME,2026-01-01,1",
    ));
    let deposeur = Deposeur::new(folder.path()).unwrap();
    deposer(&deposeur, &format!("{T}A1;1;PRIME;5;\n"), "2026-10-15");
    assert_eq!(
        octets(folder.path()),
        "agent,siret,contrat,rubrique,depuis,montant,fin,connu_le\n\
         B1,21718995000017,1,PRIME,2026-01-01,1,,\n\
         A1,73282932000074,1,PRIME,2026-10-01,5,2026-10-31,2026-10-15\n"
    );
    assert_eq!(lus(folder.path())["B1"].len(), 1);
}

#[test]
fn a_correction_replaces_today_and_adds_another_day() {
    let folder = pool(None);
    let deposeur = Deposeur::new(folder.path()).unwrap();
    let paid = |amount: &str| format!("{T}A1;1;PRIME;{amount};\n");
    deposer(&deposeur, &paid("5"), "2026-10-15");
    assert_eq!(deposer(&deposeur, &paid("6"), "2026-10-15").corrigees, 1);
    assert_eq!(lus(folder.path())["A1"].len(), 1);
    assert_eq!(deposer(&deposeur, &paid("6,00"), "2026-10-16").inchangees, 1);
    assert_eq!(lus(folder.path())["A1"].len(), 1);
    assert_eq!(deposer(&deposeur, &paid("7"), "2026-10-16").corrigees, 1);
    let amounts = |rows: &[Element]| -> Vec<i64> {
        rows.iter().map(|row| row.montant.unwrap().at_scale(0).unwrap()).collect()
    };
    assert_eq!(amounts(&lus(folder.path())["A1"]), [6, 7]);
    let now = deposeur.actuelles(siret(), mois()).unwrap();
    let marks: Vec<_> = now.lignes.iter().map(|row| (row.corrigee, row.compte())).collect();
    assert_eq!(marks, [(true, false), (false, true)]);
    let shown = String::from_utf8(export(&now.lignes)).unwrap();
    assert!(shown.ends_with("A1;1;PRIME;;;;7;;2026-10-01;2026-10-31;;\r\n"), "{shown}");
    assert_eq!(shown.lines().count(), 2);
}

#[test]
fn an_old_and_a_new_value_are_shown_before_anything_is_stored() {
    let folder = pool(None);
    let deposeur = Deposeur::new(folder.path()).unwrap();
    deposer(&deposeur, &format!("{T}A1;1;PRIME;1234,5;\n"), "2026-10-15");
    let mut monde = Monde::new();
    monde.stockees = deposeur.actuelles(siret(), mois()).unwrap().lignes;
    let ligne = monde.ligne(&format!("{T}A1;1;PRIME;20;\n"));
    let Effet::Remplace { ancienne } = &ligne.effet else { panic!("{ligne:#?}") };
    assert_eq!(ancienne.get(Colonne::Montant), "1234.5");
    assert!(ligne.constats[0].message.contains("montant 1\u{202f}234,5"), "{ligne:#?}");
    // With and without an end, both would be paid.
    let open = "agent,contrat,rubrique,depuis,fin,montant\nA1,1,PRIME,2026-10-01,,20\n";
    let contexte = Contexte { aujourdhui: jour("2026-10-16"), ..monde.contexte() };
    let ligne = lire(open.as_bytes(), &contexte).unwrap().lignes.remove(0);
    assert!(ligne.est_bloquee());
    assert!(ligne.constats.last().unwrap().message.contains("s’ajouteraient"), "{ligne:#?}");
    // Another start adds up, and that is said.
    let other = "agent,contrat,rubrique,depuis,fin,montant\nA1,1,PRIME,2026-10-05,2026-10-31,20\n";
    let ligne = monde.ligne(other);
    assert_eq!(ligne.effet, Effet::Nouvelle);
    assert!(ligne.constats[0].message.contains("S’ajoute"), "{ligne:#?}");
    // A clock that went back: the stored row would win.
    let contexte = Contexte { aujourdhui: jour("2026-10-14"), ..monde.contexte() };
    let body = format!("{T}A1;1;PRIME;20;\n");
    let ligne = lire(body.as_bytes(), &contexte).unwrap().lignes.remove(0);
    assert!(ligne.constats.last().unwrap().message.contains("l’emporterait"), "{ligne:#?}");
}

#[test]
fn withdrawing_removes_today_and_pays_nothing_another_day() {
    let folder = pool(None);
    let deposeur = Deposeur::new(folder.path()).unwrap();
    let titles = "agent;contrat;rubrique;montant;montant_paye\n";
    deposer(
        &deposeur,
        &format!("{titles}A1;1;PRIME;5;\nA2;1;PRIME;6;\nA2;1;TIB;;9\n"),
        "2026-10-15",
    );
    let first = octets(folder.path());
    deposer(&deposeur, &format!("{T}A1;1;PRIME;5;été\n"), "2026-10-15");
    assert!(matches!(retirer(&deposeur, 3, "2026-10-15"), Ok(Issue::Depose(_))));
    assert_eq!(octets(folder.path()), first);
    assert!(matches!(retirer(&deposeur, 0, "2026-10-16"), Ok(Issue::Depose(_))));
    let line = "A1,73282932000074,1,PRIME,2026-10-01,2026-10-31,2026-10-16,,,,0,0,,\n";
    assert_eq!(octets(folder.path()), format!("{first}{line}"));
    let now = deposeur.actuelles(siret(), mois()).unwrap();
    let counts: Vec<bool> = now.lignes.iter().map(LigneStockee::compte).collect();
    assert_eq!(counts, [false, true, true, false]);
    // Withdrawn and handed in again the same day: the zero is replaced, the older row stays.
    deposer(&deposeur, &format!("{T}A1;1;PRIME;8;\n"), "2026-10-16");
    assert_eq!(lus(folder.path())["A1"].len(), 2);
    assert!(matches!(retirer(&deposeur, 3, "2026-10-16"), Ok(Issue::Depose(_))));
    assert_eq!(octets(folder.path()), format!("{first}{line}"));
    // A computed rubrique that is forced cannot be brought to nothing by a zero.
    let refused = retirer(&deposeur, 2, "2026-10-16");
    assert!(matches!(refused, Err(ErreurDepot::Irretirable { .. })), "{refused:?}");
    assert_eq!(octets(folder.path()), format!("{first}{line}"));
}

#[test]
fn a_stale_page_stores_nothing_and_shows_what_is_there() {
    let folder = pool(None);
    let deposeur = Deposeur::new(folder.path()).unwrap();
    let seen = deposeur.actuelles(siret(), mois()).unwrap();
    deposer(&deposeur, &format!("{T}A1;1;PRIME;5;\n"), "2026-10-15");
    let before = octets(folder.path());
    let issue = essayer(&deposeur, &seen, &format!("{T}A2;1;PRIME;6;\n"), "2026-10-15");
    let Issue::Perimee { actuelles } = issue else { panic!("{issue:?}") };
    assert_eq!(actuelles.lignes.len(), 1);
    assert_eq!(octets(folder.path()), before);
    // Rows of another employer make no page stale.
    let other = format!("{before}B1,{AUTRE},1,PRIME,2026-10-01,,,,,,5,,,\n");
    fs::write(folder.path().join("elements.csv"), &other).unwrap();
    let issue = essayer(&deposeur, &actuelles, &format!("{T}A2;1;PRIME;6;\n"), "2026-10-15");
    assert!(matches!(issue, Issue::Depose(_)), "{issue:?}");
    assert!(octets(folder.path()).starts_with(&other));
}

#[test]
fn what_another_program_writes_meanwhile_is_kept() {
    let folder = pool(None);
    let deposeur = Deposeur::new(folder.path()).unwrap();
    deposer(&deposeur, &format!("{T}A1;1;PRIME;5;\n"), "2026-10-15");
    let place = super::super::fichier::Place::new(folder.path());
    let lock = place.verrouiller().unwrap();
    let before = place.lire().unwrap();
    fs::write(folder.path().join("elements.csv"), "agent,other\n").unwrap();
    assert!(!place.remplacer(&lock, before.as_deref(), b"new").unwrap());
    assert_eq!(octets(folder.path()), "agent,other\n");
    assert_eq!(restes(folder.path()), 0);
}

/// Files left beside.
pub(super) fn restes(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains("en-cours")).count()
}

#[test]
fn leftovers_go_and_a_file_with_an_open_quote_is_not_touched() {
    let broken = "agent,siret,contrat,rubrique,depuis\nB1,21718995000017,1,\"PRIME,2026-01-01\n";
    let folder = pool(Some(broken));
    fs::write(folder.path().join(".elements.csv.en-cours-1"), "half").unwrap();
    let deposeur = Deposeur::new(folder.path()).unwrap();
    assert_eq!(restes(folder.path()), 0);
    let now = deposeur.actuelles(siret(), mois()).unwrap();
    let monde = Monde::new();
    let poser = [monde.ligne(&format!("{T}A1;1;PRIME;5;\n"))];
    let demande = Demande {
        siret: siret(),
        mois: mois(),
        aujourdhui: jour("2026-10-15"),
        referentiel: &monde.referentiel,
        version: &now.version,
        poser: &poser,
        retirer: &[],
    };
    let error = deposeur.deposer(&demande).unwrap_err();
    assert!(matches!(error, ErreurDepot::Illisible { ligne: 2 }), "{error}");
    assert!(error.francais().contains("ligne 2"));
    assert_eq!(octets(folder.path()), broken);
}

#[cfg(unix)]
#[test]
fn the_rights_of_the_file_and_a_link_to_it_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = pool(None);
    let apart = tempfile::tempdir().unwrap();
    let real = apart.path().join("vrai.csv");
    fs::write(&real, "agent,siret,contrat,rubrique,depuis\n").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, folder.path().join("elements.csv")).unwrap();
    let deposeur = Deposeur::new(folder.path()).unwrap();
    deposer(&deposeur, &format!("{T}A1;1;PRIME;5;\n"), "2026-10-15");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(folder.path().join("elements.csv").is_symlink());
    assert_eq!(lus(folder.path())["A1"].len(), 1);
}

#[test]
fn two_depositors_lose_no_row() {
    let folder = pool(None);
    let path = Arc::new(folder.path().to_owned());
    let threads = ["A1", "A2"].map(|agent| {
        let path = Arc::clone(&path);
        std::thread::spawn(move || {
            // Two of them, as in two processes: the lock of the file is what holds.
            let deposeur = Deposeur::new(&path).unwrap();
            for at in 0..20 {
                let body = format!("{T}{agent};1;PRIME;5;n{at}\n");
                let mut seen = deposeur.actuelles(siret(), mois()).unwrap();
                while let Issue::Perimee { actuelles } =
                    essayer(&deposeur, &seen, &body, "2026-10-15")
                {
                    seen = actuelles;
                }
            }
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let found = lus(folder.path());
    assert_eq!((found["A1"].len(), found["A2"].len()), (20, 20));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What is handed in is what the pool reads, and every other byte stands.
    #[test]
    fn the_pool_reads_what_was_handed_in(
        rows in prop::collection::btree_map(
            (0..3_usize, "[a-zé';,\" €-]{0,12}"),
            (-99_999_999_i64..99_999_999, 0..3_u8, prop::option::of(1..29_u32), any::<bool>()),
            1..8,
        ),
        semicolon in any::<bool>(),
        crlf in any::<bool>(),
    ) {
        let delimiter = if semicolon { ";" } else { "," };
        let end = if crlf { "\r\n" } else { "\n" };
        let names = crate::io::columns(crate::domain::PoolFile::Elements).iter();
        let names: Vec<&str> = names.map(|column| column.name).rev().collect();
        let mut before = names.join(delimiter) + end;
        let first = ["\"a\"\"b\"", "", "", "1.00", "", "", "", "", ""];
        let other = [&first[..], &["2020-01-01", "PRIME", "1", AUTRE, "B1"]].concat();
        before += &(other.join(delimiter) + end);
        let folder = pool(Some(&before));
        let agents = ["A1", "A2", "A3"];
        let mut form = Vec::new();
        for ((agent, libelle), (mantissa, scale, day, paid)) in &rows {
            let amount = Fixed::new(*mantissa, *scale).french();
            let column = if *paid { Colonne::MontantPaye } else { Colonne::Montant };
            let day = day.map_or(String::new(), |day| format!("{day:02}/10/2026"));
            form.push(
                Valeurs::default()
                    .with(Colonne::Agent, agents[*agent])
                    .with(Colonne::Contrat, "1")
                    .with(Colonne::Rubrique, "PRIME")
                    .with(Colonne::Depuis, day)
                    .with(Colonne::Libelle, libelle.as_str())
                    .with(column, amount),
            );
        }
        let mut monde = Monde::new();
        monde.contrats[2].fin = None;
        let lecture = lire_formulaire((1..).zip(form), &monde.contexte()).unwrap();
        let poser: Vec<_> =
            lecture.lignes.into_iter().filter(|ligne| !ligne.est_bloquee()).collect();
        let deposeur = Deposeur::new(folder.path()).unwrap();
        let seen = deposeur.actuelles(siret(), mois()).unwrap();
        let demande = Demande {
            siret: siret(),
            mois: mois(),
            aujourdhui: jour("2026-10-15"),
            referentiel: &monde.referentiel,
            version: &seen.version,
            poser: &poser,
            retirer: &[],
        };
        let issue = deposeur.deposer(&demande).unwrap();
        let stored = matches!(issue, Issue::Depose(_));
        prop_assert!(stored);
        let after = octets(folder.path());
        prop_assert!(after.starts_with(&before));
        let found = lus(folder.path());
        for agent in agents {
            let wanted: Vec<Valeurs> = poser
                .iter()
                .map(|ligne| ligne.valeurs.clone())
                .filter(|valeurs| valeurs.get(Colonne::Agent) == agent)
                .collect();
            let read: Vec<Valeurs> = found[agent]
                .iter()
                .map(|element| super::super::jugement::stockables(agent, element))
                .collect();
            prop_assert_eq!(read, wanted);
        }
        // What was stored is shown as it was handed in, and handing it in again changes nothing.
        let now = deposeur.actuelles(siret(), mois()).unwrap();
        monde.stockees = now.lignes;
        if !poser.is_empty() {
            let again = lire(&export(&monde.stockees), &monde.contexte()).unwrap();
            for ligne in again.lignes {
                prop_assert_eq!(ligne.effet, Effet::Inchangee, "{:#?}", ligne.constats);
            }
        }
    }
}
