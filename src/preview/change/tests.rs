use std::sync::LazyLock;

use super::*;
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::AgentFacts;
use crate::dossier::sample;
use crate::program::{Program, Target};
use crate::rulebook::{Rules, read};

static RULES: LazyLock<(Rules, Program)> = LazyLock::new(|| {
    let rules = read(&[], false);
    let period = PayPeriod::parse("2026-10").unwrap();
    let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
    let program = rules.month(target).unwrap();
    (rules, program)
});

fn who() -> Contrat<'static> {
    Contrat { rules: &RULES.0, program: &RULES.1, siret: None, contrat: None }
}

fn agent() -> AgentFacts {
    let mut facts = sample::agent(vec![sample::carriere("2020-01-01", 400, "100")], 1);
    // A change must not pass for a row of the files.
    facts.agent.reference.line = 77;
    facts
}

fn tried(changes: &[&str]) -> Result<AgentFacts, ChangeError> {
    let mut facts = agent();
    for change in changes {
        apply(&mut facts, &Change::parse(change)?, &who())?;
    }
    Ok(facts)
}

fn refused(change: &str) -> ChangeError {
    match tried(&[change]) {
        Ok(_) => panic!("`{change}` was accepted"),
        Err(error) => error,
    }
}

/// Every field of a career reaches its column, and no other.
#[test]
fn each_field_of_a_career_is_changed() {
    type Set = fn(&mut crate::domain::Carriere);
    let cases: [(&str, Set); 16] = [
        ("statut=contractuel", |row| row.statut = Statut::Contractuel),
        ("regime = Ircantec", |row| row.regime = Some(Regime::Ircantec)),
        ("categorie=b", |row| row.categorie = Some(Categorie::B)),
        ("zone_ir=Zone 2", |row| row.zone_ir = Some(ZoneIr::Zone2)),
        ("grade=rédacteur", |row| {
            (row.grade, row.indice_majore, row.categorie) = (Some("rédacteur".into()), None, None);
        }),
        ("echelon=6", |row| (row.echelon, row.indice_majore) = (Some("6".into()), None)),
        ("indice_brut=567", |row| {
            (row.indice_brut, row.indice_majore) = (Some("567".into()), None);
        }),
        ("indice_majore=450", |row| row.indice_majore = Some(450)),
        ("montant_mensuel=2 000,50", |row| row.montant_mensuel = Some(Fixed::new(200_050, 2))),
        ("taux_horaire=12,5", |row| row.taux_horaire = Some(Fixed::new(125, 1))),
        ("quotite=80", |row| row.quotite = Quotite::parse("80").unwrap()),
        ("duree_hebdo=17h30", |row| row.duree_hebdo = Some(Ratio::new(1, 2).unwrap())),
        ("nbi=15", |row| row.nbi = 15),
        ("cti=49", |row| row.cti = 49),
        ("taux_indemnite=0,5", |row| row.taux_indemnite = Some(Fixed::new(5, 1))),
        ("groupe_rifseep=2", |row| row.groupe_rifseep = Some(2)),
    ];
    for (change, set) in cases {
        let mut expected = agent();
        set(&mut expected.carrieres[0]);
        assert_ne!(expected, agent(), "{change} changes nothing");
        assert_eq!(tried(&[change]).unwrap(), expected, "{change}");
    }
}

#[test]
fn families_and_tax_rates_are_changed() {
    let facts = tried(&["enfants=3", "enfants_alternes=2", "taux_pas=3,1 %"]).unwrap();
    let family = &facts.familles;
    assert_eq!(family.len(), 1);
    assert_eq!((family[0].enfants, family[0].enfants_alternes), (3, 2));
    assert_eq!(facts.taux_pas.len(), 1);
    assert_eq!(facts.taux_pas[0].taux, Some(Fixed::new(31, 3)));
    assert_eq!(Change::parse("taux_pas=0.031"), Ok(Change::TauxPas(Fixed::new(31, 3))));
}

/// Several elements are tried together; columns of one rubrique make one row, which takes the
/// place of those of the pool.
#[test]
fn elements_add_up_and_replace_those_of_the_pool() {
    let mut facts = agent();
    let mut held = sample::element("IFSE");
    held.siret = facts.carrieres[0].siret;
    held.contrat = facts.carrieres[0].contrat.clone();
    facts.elements = vec![held];
    for change in ["IFSE=300", "IHTS_14.nombre=5", "IHTS_14.taux=0,5", "IHTS_14.nombre=6"] {
        apply(&mut facts, &Change::parse(change).unwrap(), &who()).unwrap();
    }
    let [ifse, hours] = facts.elements.as_slice() else { panic!("{:?}", facts.elements) };
    assert_eq!((&*ifse.rubrique, ifse.montant), ("IFSE", Some(Fixed::new(300, 0))));
    assert_eq!((&*hours.rubrique, hours.montant), ("IHTS_14", None));
    assert_eq!((hours.nombre, hours.taux), (Some(Fixed::new(6, 0)), Some(Fixed::new(5, 1))));
    for (change, cell) in [("IFSE.base=1", 0), ("IFSE.montant_paye=1", 1), ("IFSE.montant=1", 2)] {
        let facts = tried(&[change]).unwrap();
        let row = &facts.elements[0];
        let cells = [row.base, row.montant_paye, row.montant];
        assert_eq!(cells.iter().position(Option::is_some), Some(cell), "{change}");
    }
}

#[test]
fn an_absence_is_tried_once() {
    let change = "absence=Maladie ordinaire:2026-10-05:09/10/2026";
    let facts = tried(&[change, "absence=maladie_ordinaire:2026-10-05"]).unwrap();
    let [absence] = facts.absences.as_slice() else { panic!("{:?}", facts.absences) };
    assert_eq!(&*absence.nature, "maladie_ordinaire");
    assert_eq!(absence.fin, absence.debut);
    assert_eq!(absence.siret, facts.carrieres[0].siret);
    let facts = tried(&[change]).unwrap();
    let days = facts.absences[0].debut.days_until(facts.absences[0].fin);
    assert_eq!((facts.absences[0].debut.to_string().as_str(), days), ("2026-10-05", 4));
    // One that started before and ends after has days in the month.
    assert!(tried(&["absence=clm:2026-09-01:2027-08-31"]).is_ok());
}

/// An ended contract is not the one whose month is tried.
#[test]
fn an_element_is_of_the_contract_of_the_month() {
    let mut ended = sample::carriere("2019-01-01", 400, "100");
    ended.contrat = "C0".into();
    ended.dated.fin = Some(Day::new(2019, 12, 31).unwrap());
    let mut facts = agent();
    let here = facts.carrieres[0].contrat.clone();
    facts.carrieres.insert(0, ended);
    apply(&mut facts, &Change::parse("IFSE=300").unwrap(), &who()).unwrap();
    assert_eq!(facts.elements[0].contrat, here);
    let other = Contrat { contrat: Some("C0"), ..who() };
    apply(&mut facts, &Change::parse("IFSE=200").unwrap(), &other).unwrap();
    assert_eq!(&*facts.elements[1].contrat, "C0");
    let nobody = Contrat { contrat: Some("C9"), ..who() };
    for change in ["IFSE=1", "echelon=2", "absence=greve:2026-10-05"] {
        let change = Change::parse(change).unwrap();
        let (held, found) = (facts.clone(), apply(&mut facts, &change, &nobody));
        assert_eq!(found, Err(ChangeError::SansCarriere));
        assert_eq!(facts, held);
    }
}

/// What is refused, with the words of the command line and those of the pages.
#[test]
fn what_is_wrong_is_said_in_both_languages() {
    let cases = [
        ("echelon", "`echelon` is not a change", "par exemple echelon=6"),
        ("echelom=8", "`echelom` cannot be changed", "« echelon »"),
        ("zzzzzz=8", "`zzzzzz` cannot be changed", "« taux_pas »"),
        ("statut=roi", "`roi` is not a value of `statut`", "« titulaire »"),
        ("regime=", "`` is not a value of `regime`", "une valeur vide"),
        ("nbi=dix", "`dix` is not a value of `nbi`", "nombre entier"),
        ("nbi=-5", "`-5` is not a value of `nbi`", "nombre entier"),
        ("montant_mensuel=x", "`x` is not a value of `montant_mensuel`", "écrivez un nombre"),
        ("montant_mensuel=1,234", "`1,234` is not", "pas plus de 2 décimales"),
        ("montant_mensuel=-1", "`-1` is not", "positif ou nul"),
        ("IFSE=99999999999999999999", "is not a value of `IFSE`", "trop de chiffres"),
        ("taux_pas=3,1", "`3,1` is not a value of `taux_pas`", "de 0 à 100 %"),
        ("taux_pas=-0,1", "`-0,1` is not a value of `taux_pas`", "3,1 % ou 0,031"),
        ("taux_indemnite=2,1", "`2,1` is not", "de 0 à 200 %"),
        ("quotite=0.8", "`0.8` is not a value of `quotite`", "écrivez 80 pour 80 %"),
        ("quotite=130", "`130` is not a value of `quotite`", "sans dépasser le plein"),
        ("duree_hebdo=plein", "`plein` is not", "un nombre ou une fraction"),
        ("enfants=21", "`21` is not a value of `enfants`", "de 0 à 20 enfants"),
        ("enfants_alternes=2", "`2` is not", "résidence alternée"),
        ("IFSE.prix=3", "`3` is not a value of `IFSE.prix`", ".montant_paye"),
        ("IFSEE=300", "`IFSEE` is not a rubrique of these rules", "« IFSE »"),
        ("XQZXQZXQZ=300", "is not a rubrique", "la liste des rubriques"),
        ("absence=", "`` is not a value of `absence`", "la nature, le premier"),
        ("absence=greve", "`greve` is not a value of `absence`", "le dernier jour"),
        ("absence=a:b:c:d", "is not a value of `absence`", "maladie_ordinaire:2026"),
        (
            "absence=maladie_ordinair:2026-10-05",
            "`maladie_ordinair` is not a nature of absence",
            "« maladie_ordinaire »",
        ),
        ("absence=zzzzzzzz:2026-10-05", "is not a nature of absence", "« greve »"),
        ("absence=greve:5 octobre", "`5 octobre` is not a day", "AAAA-MM-JJ"),
        ("absence=greve:2026-10-32", "`2026-10-32` is not a day", "n’existe pas"),
        ("absence=greve:2026-10-09:2026-10-05", "from 2026-10-09 to", "du 09/10/2026 au"),
        ("absence=greve:2026-10-09:2036-11-05", "to 2036-11-05", "dix ans"),
        ("absence=greve:2026-11-02", "no day in 2026-10", "aucun jour en octobre 2026"),
    ];
    for (change, english, french) in cases {
        let error = refused(change);
        assert!(error.to_string().contains(english), "{change}: {error}");
        assert!(!error.remede().is_empty(), "{change}");
        let told = error.french();
        let plain = told.replace('\u{a0}', " ");
        assert!(plain.contains(french) && plain.ends_with('.'), "{change}: {told}");
        assert!(!told.contains(" :") && !told.contains(" »"), "{change}: {told}");
        assert!(!told.contains('`'), "{change}: {told}");
    }
}
