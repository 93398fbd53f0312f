//! What people hand in: every bad file and bad row by its message, and rows that come back whole.

use super::*;
use crate::diag::Code;
use crate::num::Fixed;

mod depots;
mod kills;

pub(super) const SIRET: &str = "73282932000074";
/// An employer of the pool that is not the one of the page.
pub(super) const AUTRE: &str = "21718995000017";

pub(super) fn siret() -> Siret {
    Siret::parse(SIRET).unwrap()
}

pub(super) fn mois() -> PayPeriod {
    PayPeriod::parse("2026-10").unwrap()
}

pub(super) fn jour(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn contrat(agent: &str, contrat: &str, fin: Option<&str>) -> ContratConnu {
    ContratConnu {
        agent: agent.to_owned(),
        contrat: contrat.to_owned(),
        nom: "=Martin".to_owned(),
        prenom: "Zoé".to_owned(),
        depuis: jour("2020-01-01"),
        fin: fin.map(jour),
    }
}

fn rubrique(code: &str, libelle: &str, usage: Usage) -> RubriqueConnue {
    RubriqueConnue { code: code.to_owned(), libelle: libelle.to_owned(), usage }
}

fn element(lues: &[Colonne], requises: &[Colonne]) -> Usage {
    let set = |columns: &[Colonne]| columns.iter().copied().collect();
    Usage::Element { lues: set(lues), requises: set(requises) }
}

/// One employer with three contracts, and rubriques of every usage.
pub(super) struct Monde {
    contrats: Vec<ContratConnu>,
    pub(super) referentiel: Referentiel,
    pub(super) stockees: Vec<LigneStockee>,
}

impl Monde {
    pub(super) fn new() -> Self {
        use Colonne::{Base, Montant, Nombre, Taux};
        let bound = |most: i64| Borne { min: Fixed::new(-most, 0), max: Fixed::new(most, 0) };
        let rubriques = vec![
            rubrique("CSG", "CSG", Usage::Calculee),
            rubrique("IFCE", "Élections", element(&[Nombre, Montant], &[])),
            rubrique("IFSE", "IFSE", element(&[Montant], &[Montant])),
            rubrique("IHTS_14", "Heures supplémentaires", element(&[Nombre], &[Nombre])),
            rubrique("PRIME", "Prime", element(&[Montant], &[Montant])),
            rubrique("TIB", "Traitement", Usage::Forcable),
            rubrique("VACATION", "Vacation", element(&[Nombre, Base, Taux], &[Nombre, Base])),
        ];
        let bornes = [
            (Colonne::Nombre, bound(100_000)),
            (Colonne::Base, bound(10_000_000)),
            (Colonne::Montant, bound(10_000_000)),
            (Colonne::MontantPaye, bound(10_000_000)),
        ];
        Self {
            contrats: vec![
                contrat("A1", "1", None),
                contrat("A2", "1", None),
                contrat("A3", "1", Some("2026-08-31")),
            ],
            referentiel: Referentiel { rubriques, bornes: bornes.into() },
            stockees: Vec::new(),
        }
    }

    pub(super) fn contexte(&self) -> Contexte<'_> {
        Contexte {
            siret: siret(),
            mois: mois(),
            aujourdhui: jour("2026-10-15"),
            contrats: &self.contrats,
            referentiel: &self.referentiel,
            stockees: &self.stockees,
        }
    }

    fn lire(&self, bytes: &[u8]) -> Result<Lecture, Vec<Constat>> {
        lire(bytes, &self.contexte())
    }

    /// The only row of a text that has one.
    fn ligne(&self, text: &str) -> LigneJugee {
        let mut lecture = self.lire(text.as_bytes()).unwrap();
        assert_eq!(lecture.lignes.len(), 1, "{text}");
        lecture.lignes.remove(0)
    }
}

const TITRES: &str = "agent;contrat;rubrique;nombre;base;taux;montant;montant_paye;libelle\n";

#[test]
fn a_file_that_is_no_table_is_named_and_refused() {
    let monde = Monde::new();
    let zip = |inside: &[u8]| [b"PK\x03\x04....", inside].concat();
    let row = "A1;1;PRIME;;;;10;;\n";
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (b"".to_vec(), "Le fichier est vide", "bon fichier"),
        (b" \r\n\n".to_vec(), "Le fichier est vide", "bon fichier"),
        (b"\xef\xbb\xbf".to_vec(), "Le fichier est vide", "bon fichier"),
        (TITRES.into(), "aucun élément", "une ligne par élément"),
        (format!("{TITRES};;;;;;;;\n").into(), "aucun élément", "une ligne par élément"),
        (zip(b"xl/workbook.xml"), "classeur Excel (.xlsx)", "CSV UTF-8"),
        (
            zip(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
            "classeur LibreOffice (.ods)",
            "Unicode (UTF-8)",
        ),
        (zip(b"autre"), "archive compressée (.zip)", "décompresse"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1".to_vec(), "ancien classeur Excel (.xls)", "CSV UTF-8"),
        (b"%PDF-1.7".to_vec(), "un PDF", "tableur"),
        (b"\x1f\x8b\x08".to_vec(), "archive compressée", "décompresse"),
        (b"\x89PNG\r\n".to_vec(), "une image", "tableur"),
        (b"\xff\xfea\0g\0".to_vec(), "UTF-16", "CSV UTF-8"),
        (b"agent;contrat\0;rubrique\n".to_vec(), "fichier binaire", "CSV UTF-8"),
        (b"<html><table>".to_vec(), "page web", "CSV UTF-8"),
        (
            [TITRES.as_bytes(), b"A1;1;PRIME;;;;10;;Prime d'\xe9t\xe9\n"].concat(),
            "Windows-1252 (ligne 2)",
            "CSV UTF-8",
        ),
        (vec![b'a'; crate::limits::SAISIE_BYTES + 1], "dépasse 2\u{a0}Mo", "coupez"),
        (
            format!("{TITRES}{}", row.repeat(crate::limits::SAISIE_ROWS + 1)).into(),
            "5001 lignes",
            "Coupez",
        ),
        (b"agent;contrat;rubrique\rA1;1;PRIME\r".to_vec(), "ancien Mac", "Macintosh"),
        (b"nom;prenom\nMartin;Zoe\n".to_vec(), "aucun titre de colonne connu", "agent"),
        (
            b"agent;rubrique;montant\nA1;PRIME;1\n".to_vec(),
            "manquantes\u{202f}: «\u{a0}contrat",
            "Ajoutez",
        ),
        (
            b"agent;contrat;rubrique;montat\nA1;1;PRIME;1\n".to_vec(),
            "«\u{a0}montat\u{a0}» n’est pas connue",
            "«\u{a0}montant\u{a0}»\u{202f}?",
        ),
        (
            b"agent;contrat;rubrique;montant;montant\nA1;1;PRIME;1;2\n".to_vec(),
            "deux fois",
            "une seule",
        ),
        (b"agent;contrat;\"rubrique\nA1;1;PRIME\n".to_vec(), "guillemet", "Fermez"),
    ];
    for (bytes, message, remede) in cases {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let refused = monde.lire(&bytes).expect_err(&shown);
        let found = refused.iter().any(|constat| {
            constat.bloquant && constat.message.contains(message) && constat.remede.contains(remede)
        });
        assert!(found, "{shown}: wanted `{message}` and `{remede}`, found {refused:#?}");
    }
}

/// A row, and the cell, the code, the message and the remedy of what is said of it.
type Fautive<'t> = (&'t str, Option<Colonne>, Option<Code>, &'t str, &'t str);

#[test]
fn a_bad_row_says_which_cell_and_what_to_do() {
    let monde = Monde::new();
    let long = "x".repeat(crate::limits::SAISIE_CELL_CHARS + 1);
    let long = format!("A1;1;PRIME;;;;10;;{long}");
    let cases: &[Fautive<'_>] = &[
        (
            "A9;1;PRIME;;;;10;;",
            Some(Colonne::Agent),
            Some(Code::E725),
            "n’existe pas chez cet",
            "A1",
        ),
        (
            ";1;PRIME;;;;10;;",
            Some(Colonne::Agent),
            Some(Code::E707),
            "«\u{a0}agent\u{a0}» est vide",
            "Remplissez",
        ),
        ("A1;;PRIME;;;;10;;", Some(Colonne::Contrat), Some(Code::E707), "est vide", "Remplissez"),
        (
            "A1;7;PRIME;;;;10;;",
            Some(Colonne::Contrat),
            Some(Code::E725),
            "n’existe pas pour",
            "«\u{a0}1\u{a0}»",
        ),
        (
            "A3;1;PRIME;;;;10;;",
            Some(Colonne::Contrat),
            Some(Code::W914),
            "aucun jour en octobre 2026",
            "montant_paye",
        ),
        ("A1;1;;;;;10;;", Some(Colonne::Rubrique), Some(Code::E707), "est vide", "Remplissez"),
        (
            "A1;1;PRIMES;;;;10;;",
            Some(Colonne::Rubrique),
            Some(Code::E717),
            "n’existe pas ce mois",
            "«\u{a0}PRIME\u{a0}»",
        ),
        (
            "A1;1;Heures supplementaires;2;;;;;",
            Some(Colonne::Rubrique),
            Some(Code::E717),
            "n’existe pas",
            "IHTS_14",
        ),
        ("A1;1;TIB;;;;10;;", Some(Colonne::Rubrique), Some(Code::E717), "calculée", "montant_paye"),
        ("A1;1;CSG;;;;;10;", Some(Colonne::Rubrique), Some(Code::E717), "calculée", "cotisation"),
        (
            "A1;1;PRIME;;;;dix;;",
            Some(Colonne::Montant),
            Some(Code::E705),
            "n’est pas un nombre",
            "1\u{202f}234,56",
        ),
        (
            "A1;1;PRIME;;;;10 €;;",
            Some(Colonne::Montant),
            Some(Code::E705),
            "n’est pas un nombre",
            "sans unité",
        ),
        (
            "A1;1;PRIME;;;;1,2,3;;",
            Some(Colonne::Montant),
            Some(Code::E705),
            "n’est pas un nombre",
            "seul",
        ),
        (
            "A1;1;PRIME;;;;10,555;;",
            Some(Colonne::Montant),
            Some(Code::E705),
            "plus de 2 décimales",
            "Arrondissez",
        ),
        (
            "A1;1;IHTS_14;1,23456;;;;;",
            Some(Colonne::Nombre),
            Some(Code::E705),
            "plus de 4 décimales",
            "7,5",
        ),
        (
            "A1;1;PRIME;;;;99999999999999999999;;",
            Some(Colonne::Montant),
            Some(Code::E705),
            "trop de chiffres",
            "virgule",
        ),
        (
            "A1;1;PRIME;;;;10000001;;",
            Some(Colonne::Montant),
            Some(Code::E705),
            "n’est pas entre",
            "virgule",
        ),
        ("A1;1;VACATION;1;10;80;;;", Some(Colonne::Taux), Some(Code::E719), "dépasse 1", "0,8"),
        (
            "A1;1;PRIME;;;;;;x",
            Some(Colonne::Montant),
            Some(Code::E707),
            "a besoin de «\u{a0}montant",
            "vide n’est pas zéro",
        ),
        (
            "A1;1;VACATION;1;;;;;",
            Some(Colonne::Base),
            Some(Code::E707),
            "a besoin de «\u{a0}base",
            "Remplissez",
        ),
        ("A1;1;PRIME;;;;10;;=1+1", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;10;; =1+1", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;10;;+cmd", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;10;;-cmd", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;10;;@SUM(1)", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;10;;\t=1", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;10;;\"\rx\"", Some(Colonne::Libelle), None, "formule", "sans ="),
        ("=A1;1;PRIME;;;;10;;", Some(Colonne::Agent), None, "formule", "sans ="),
        ("A1;1;PRIME;;;;=10;;", Some(Colonne::Montant), None, "formule", "sans ="),
        (
            "A1;1;PRIME;;;;10;;a\u{7}b",
            Some(Colonne::Libelle),
            None,
            "caractère invisible (U+0007)",
            "clavier",
        ),
        (
            "A1;1;PRIME;;;;10;;a\u{202e}b",
            Some(Colonne::Libelle),
            None,
            "caractère invisible (U+202E)",
            "clavier",
        ),
        (
            "A1;1;PRIME;;;;10;;\"a\nb\"",
            Some(Colonne::Libelle),
            None,
            "caractère invisible (U+000A)",
            "seule ligne",
        ),
        (&long, Some(Colonne::Libelle), None, "121 caractères", "Raccourcissez"),
        ("A1;1;PRIME;;;;10;;\"ouvert", None, Some(Code::E723), "n’est pas refermé", "Fermez"),
        ("A1;1;PRIME;10", None, Some(Code::E723), "4 cellules", "guillemets"),
        ("A1;1;PRIME;;;;10;5;;;x", None, Some(Code::E723), "11 cellules", "guillemets"),
    ];
    for (row, champ, code, message, remede) in cases {
        let ligne = monde.ligne(&format!("{TITRES}{row}\n"));
        assert!(ligne.est_bloquee(), "{row}: {ligne:#?}");
        assert_eq!(ligne.numero, 2);
        let found = ligne.constats.iter().any(|constat| {
            constat.bloquant
                && constat.champ == *champ
                && constat.code == *code
                && constat.message.contains(message)
                && constat.remede.contains(remede)
        });
        assert!(found, "{row}: wanted `{message}`, `{remede}`, found {:#?}", ligne.constats);
    }
}

#[test]
fn dates_and_the_employer_of_a_row_are_checked() {
    let monde = Monde::new();
    let titres = "agent,siret,contrat,rubrique,depuis,fin,mois_origine,montant\n";
    for (row, champ, code, message) in [
        ("A1,,1,PRIME,2026-10-41,,,1", Colonne::Depuis, Code::E704, "n’est pas une date"),
        ("A1,,1,PRIME,2026-10-01,demain,,1", Colonne::Fin, Code::E704, "n’est pas une date"),
        (
            "A1,,1,PRIME,20/10/2026,10/10/2026,,1",
            Colonne::Fin,
            Code::E704,
            "avant la date de début",
        ),
        ("A1,,1,PRIME,2026-11-01,,,1", Colonne::Depuis, Code::E704, "ne touchent pas octobre 2026"),
        ("A1,,1,PRIME,2026-08-01,2026-09-30,,1", Colonne::Fin, Code::E704, "ne touchent pas"),
        ("A1,,1,PRIME,,,2026-13,1", Colonne::MoisOrigine, Code::E704, "n’est pas un mois"),
        ("A1,,1,PRIME,,,2026-11,1", Colonne::MoisOrigine, Code::E704, "est après octobre 2026"),
        (
            "A1,21718995000017,1,PRIME,,,,1",
            Colonne::Siret,
            Code::E711,
            "n’est pas celui de cette page",
        ),
        (
            "A1,99999999999999,1,PRIME,,,,1",
            Colonne::Siret,
            Code::E711,
            "n’est pas celui de cette page",
        ),
        ("A1,7.3E13,1,PRIME,,,,1", Colonne::Siret, Code::E711, "n’est pas celui de cette page"),
    ] {
        let ligne = monde.ligne(&format!("{titres}{row}\n"));
        let constat = ligne.constats.iter().find(|constat| constat.bloquant).unwrap();
        assert_eq!((constat.champ, constat.code), (Some(champ), Some(code)), "{row}");
        assert!(constat.message.contains(message), "{row}: {}", constat.message);
    }
    // Another employer of the pool and one that does not exist are told apart by nothing.
    let said = |siret: &str| {
        let ligne = monde.ligne(&format!("{titres}A1,{siret},1,PRIME,,,,1\n"));
        (ligne.constats[0].message.replace(siret, ""), ligne.constats[0].remede.clone())
    };
    assert_eq!(said(AUTRE), said("99999999999999"));
}

#[test]
fn good_rows_in_every_usual_form_are_accepted() {
    let monde = Monde::new();
    let bodies = [
        "agent;contrat;rubrique;montant\r\nA1;1;PRIME;1 234,56\r\n",
        "\u{feff}agent;contrat;rubrique;montant\nA1;1;PRIME;1\u{a0}234,56\n",
        "agent,contrat,rubrique,montant\nA1,1,PRIME,\"1\u{202f}234,56\"\n",
        "agent\tcontrat\trubrique\tmontant\r\nA1\t1\tPRIME\t1234,56\r\n",
        "sep=;\r\nAgent;Contrat;Rubrique;Montant;Mon service\nA1;1;PRIME;1234,56;Voirie\n",
        "agent;contrat;rubrique;montant;depuis;fin;siret\n\
         A1;1;PRIME;1234.56;01/10/2026;31/10/2026;73282932000074\r\n\n;;;;;;\n",
        "\nagent;contrat;rubrique;montant\n A1 ;1;PRIME;1234,560;;;\nA2;1;;\n",
    ];
    for body in bodies {
        let lecture = monde.lire(body.as_bytes()).unwrap();
        assert!(lecture.est_acceptable(), "{body}: {lecture:#?}");
        let ligne = &lecture.lignes[0];
        assert_eq!(ligne.effet, Effet::Nouvelle);
        let said = |column| ligne.valeurs.get(column);
        assert_eq!(said(Colonne::Agent), "A1");
        assert_eq!(said(Colonne::Siret), SIRET);
        assert_eq!(said(Colonne::Depuis), "2026-10-01", "{body}");
        assert_eq!(said(Colonne::Fin), "2026-10-31");
        assert_eq!(said(Colonne::ConnuLe), "2026-10-15");
        assert_eq!(Fixed::parse(said(Colonne::Montant)).unwrap().at_scale(2), Ok(123_456));
    }
}

#[test]
fn what_is_only_worth_a_look_stops_nothing() {
    let monde = Monde::new();
    for (row, message) in [
        ("A1;1;PRIME;5;;;10;;", "ne lit pas «\u{a0}nombre"),
        ("A1;1;TIB;;;;;10;", "prendra sa place"),
        ("A1;1;IFCE;;;;;;x", "ne dit aucun nombre"),
        ("A3;1;PRIME;;;;;10;", "aucun jour en octobre"),
    ] {
        let ligne = monde.ligne(&format!("{TITRES}{row}\n"));
        assert!(!ligne.est_bloquee(), "{row}: {ligne:#?}");
        assert!(ligne.constats.iter().any(|c| c.message.contains(message)), "{row}: {ligne:#?}");
    }
    let open = "agent,contrat,rubrique,depuis,fin,montant\nA1,1,PRIME,2026-10-01,,1\n";
    let ligne = monde.ligne(open);
    assert!(ligne.constats[0].message.contains("mois suivants"));
    assert_eq!(ligne.valeurs.get(Colonne::Fin), "");
}

#[test]
fn two_rows_that_say_the_same_thing_are_told() {
    let monde = Monde::new();
    let body = format!("{TITRES}A1;1;PRIME;;;;10;;\nA1;1;PRIME;;;;12;;\nA1;1;PRIME;;;;12;;Été\n");
    let lecture = monde.lire(body.as_bytes()).unwrap();
    let blocked: Vec<bool> = lecture.lignes.iter().map(LigneJugee::est_bloquee).collect();
    assert_eq!(blocked, [false, true, false]);
    let constat = lecture.lignes[1].constats.last().unwrap();
    assert_eq!(constat.code, Some(Code::E713));
    assert!(constat.message.contains("ligne 2"), "{}", constat.message);
    assert!(!lecture.est_acceptable());
}

/// A hostile file does not make the server look for near names for ever.
#[test]
fn near_names_are_looked_for_a_limited_number_of_times() {
    let monde = Monde::new();
    let most = crate::limits::SAISIE_SUGGESTIONS;
    let body = format!("{TITRES}{}", "A9;1;PRIME;;;;10;;\n".repeat(most + 1));
    let lecture = monde.lire(body.as_bytes()).unwrap();
    let proposed = |ligne: &LigneJugee| ligne.constats[0].remede.contains("Vouliez-vous");
    assert!(lecture.lignes[..most].iter().all(proposed));
    assert!(!proposed(&lecture.lignes[most]));
    assert!(lecture.lignes[most].constats[0].remede.contains("Copiez l’identifiant"));
}

#[test]
fn a_form_is_judged_like_a_file() {
    let monde = Monde::new();
    let row = |montant: &str| {
        Valeurs::default()
            .with(Colonne::Agent, "A1")
            .with(Colonne::Contrat, "1")
            .with(Colonne::Rubrique, "PRIME")
            .with(Colonne::Montant, montant)
    };
    let rows = [Valeurs::default(), row("10,50"), row("=10").with(Colonne::Agent, "A2")];
    let lecture = lire_formulaire((1..).zip(rows), &monde.contexte()).unwrap();
    let numeros: Vec<u32> = lecture.lignes.iter().map(|ligne| ligne.numero).collect();
    assert_eq!(numeros, [2, 3]);
    let file = format!("{TITRES}A1;1;PRIME;;;;10,50;;\n");
    let same = monde.ligne(&file);
    assert_eq!(lecture.lignes[0], same);
    assert!(lecture.lignes[1].est_bloquee());
    assert!(lire_formulaire([(1, Valeurs::default())], &monde.contexte()).is_err());
}

#[test]
fn the_model_comes_back_and_cannot_compute() {
    let monde = Monde::new();
    let table = String::from_utf8(modele(&monde.contexte())).unwrap();
    assert!(table.starts_with("\u{feff}agent;contrat;rubrique;nombre"), "{table}");
    assert!(table.contains("A1;1;") && table.contains(";'=Martin Zoé\r\n"), "{table}");
    assert!(!table.contains("A3;"), "a contract that has ended is not proposed");
    let filled = table.replacen("A1;1;;;;;;", "A1;1;PRIME;;;;12,5;", 1);
    let lecture = monde.lire(filled.as_bytes()).unwrap();
    assert!(lecture.est_acceptable(), "{lecture:#?}");
    assert_eq!(lecture.lignes.len(), 1);
    assert!(lecture.notes[0].message.contains("Une ligne sans rien"), "{:?}", lecture.notes);
}

#[test]
fn the_national_rules_say_what_each_rubrique_reads() {
    use Colonne::{Base, Montant, Nombre, Taux};
    let month = crate::dossier::sample::Month::national("2026-10");
    let known = crate::calendar::KnownOn::Everything;
    let referentiel = Referentiel::du_mois(&month.book, mois(), known);
    let usage = |code: &str| referentiel.rubrique(code).map(|rubrique| rubrique.usage.clone());
    assert_eq!(usage("IFSE"), Some(element(&[Montant], &[Montant])));
    assert_eq!(usage("IHTS_14"), Some(element(&[Nombre], &[Nombre])));
    assert_eq!(usage("TIB"), Some(Usage::Forcable));
    assert_eq!(usage("NAWAK"), None);
    let Some(Usage::Element { requises, .. }) = usage("VACATION") else { panic!() };
    assert!(requises.contains(&Nombre) && !requises.contains(&Base), "{requises:?}");
    let Some(Usage::Element { lues, .. }) = usage("PRIME_RESPONSABILITE") else { panic!() };
    assert!(lues.contains(&Taux), "{lues:?}");
    let calculees = referentiel.rubriques.iter().filter(|r| r.usage == Usage::Calculee);
    assert!(calculees.count() > 10);
    assert!(referentiel.saisissables().count() > 50);
    assert_eq!(referentiel.bornes[&Nombre].max.trimmed(), Fixed::new(100_000, 0));
}
