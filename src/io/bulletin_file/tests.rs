//! The example of the contract, broken one value at a time.

use super::*;
use crate::num::{Fixed, Ratio};

const EXAMPLE: &str = r#"source = "contract, section 4"
mois = "2024-03"
connu_le = 2024-04-05

[employeur]
nature = "commune"
insee = "69123"
effectif = 120
parametres = { taux_atmp = "0.0164", nbi_dans_ihts = true }

[agent]
enfants = 2
taux_pas = "0.031"

[[carriere]]
depuis = 2020-01-01
statut = "titulaire"
indice_majore = 378
categorie = "C"
quotite = "80"
nbi = 10

[[element]]
rubrique = "IFSE"
montant = "250.00"

[[absence]]
nature = "Maladie ordinaire"
debut = 2024-03-04
fin = "10/03/2024"

[[cumul]]
rubrique = "RAFP"
base = "300.00"

[attendu]
TIB = "1594.98"
CNRACL = { base = "1594.98", agent = "177.04", employeur = "504.81" }
exhaustif = true
"#;

#[test]
fn the_example_of_the_contract() {
    let read = parse_reference(EXAMPLE).unwrap();
    assert_eq!((read.mois.to_string().as_str(), read.exhaustif), ("2024-03", true));
    assert_eq!(read.connu_le.to_string(), "2024-04-05");
    assert_eq!(read.employeur.effectif, Some(120));
    let settings: Vec<_> =
        read.employeur.parametres.iter().map(|row| (&*row.nom, &*row.valeur)).collect();
    assert_eq!(settings, [("taux_atmp", "0.0164"), ("nbi_dans_ihts", "oui")]);
    let facts = &read.facts;
    assert_eq!(facts.familles[0].enfants, 2);
    assert_eq!(facts.taux_pas[0].taux, Some(Fixed::new(31, 3)));
    let career = &facts.carrieres[0];
    assert_eq!((career.nbi, career.dated.reference.line), (10, 15));
    assert_eq!(career.quotite.ratio(), Ratio::new(4, 5).unwrap());
    assert_eq!((career.siret, &*career.contrat), (read.employeur.siret, "1"));
    let element = &facts.elements[0].dated;
    assert_eq!(element.depuis.to_string(), "2024-03-01");
    assert_eq!(element.fin.map(|day| day.to_string()).as_deref(), Some("2024-03-31"));
    assert_eq!(&*facts.absences[0].nature, "maladie_ordinaire");
    assert_eq!(
        (facts.cumuls[0].annee, facts.cumuls[0].base),
        (2024, Some(Amount::from_cents(30_000)))
    );
    assert_eq!(read.attendu[0].montant, Some(Amount::from_cents(159_498)));
    assert_eq!(read.attendu[1].employeur, Some(Amount::from_cents(50_481)));
    assert_eq!(read.attendu[1].ligne, 38);
}

#[test]
fn what_is_wrong_has_its_line() {
    for (from, to, code, line, words) in [
        ("source =", "sourc =", Code::E724, 1, "`source`"),
        ("mois = \"2024-03\"", "mois = \"2024-13\"", Code::E724, 2, "`2024-13`"),
        ("nature = \"commune\"", "nature = \"comune\"", Code::E706, 5, "did you mean `commune`"),
        ("effectif = 120", "efectif = 120", Code::E724, 8, "did you mean `effectif`"),
        ("\"0.0164\"", "\"1.64\"", Code::E719, 9, "write 0.0164"),
        ("enfants = 2", "enfant = 2", Code::E724, 12, "did you mean `enfants`"),
        ("\"0.031\"", "\"3.1\"", Code::E719, 13, "write 0.031"),
        ("indice_majore", "indice_major", Code::E724, 18, "did you mean `indice_majore`"),
        ("quotite = \"80\"", "quotite = \"130\"", Code::E710, 15, "`130`"),
        ("quotite = \"80\"", "quotite = 0.8", Code::E724, 20, "quoted"),
        ("rubrique = \"IFSE\"", "", Code::E707, 23, "`rubrique`"),
        ("\"1594.98\"\nCN", "\"1594.985\"\nCN", Code::E724, 37, "more than 2 decimals"),
        ("agent = \"177.04\"", "agnt = \"177.04\"", Code::E724, 38, "did you mean `agent`"),
        ("exhaustif = true", "exhaustif = \"oui\"", Code::E724, 39, "`true` or `false`"),
        ("[[absence]]", "[[absences]]", Code::E724, 27, "did you mean `absence`"),
        ("[attendu]", "[attendu", Code::E724, 36, ""),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let findings = parse_reference(&EXAMPLE.replacen(from, to, 1)).unwrap_err();
        let finding = findings.iter().find(|finding| {
            let said = format!("{} / {}", finding.message, finding.remede);
            (finding.code, finding.ligne) == (code, line) && said.contains(words)
        });
        assert!(finding.is_some(), "{to}: {findings:#?}");
    }
}

#[test]
fn every_reference_payslip_of_the_project_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bulletins");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let read = read_reference(&path);
            assert!(read.is_ok(), "{}: {:#?}", path.display(), read.err());
            assert!(!read.unwrap().attendu.is_empty());
            count += 1;
        }
    }
    assert!(count > 50);
}
