//! Tables of cases: what the operator did to a row, and from which day it counts.

use std::slice::from_ref;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Agent, EmployeurKind, Identity, PoolFile, Quotite, Siret, Statut, TauxPas, in_force,
};
use crate::num::Fixed;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn maybe(text: &str) -> Option<Day> {
    (!text.is_empty()).then(|| day(text))
}

fn dated(file: PoolFile, line: u32, depuis: &str, fin: &str, connu_le: &str) -> Dated {
    let reference = RowRef { file, line };
    Dated { depuis: day(depuis), fin: maybe(fin), connu_le: maybe(connu_le), reference }
}

fn career(line: u32, depuis: &str, fin: &str, connu_le: &str, index: i64) -> Carriere {
    Carriere {
        siret: Siret::NONE,
        contrat: "C1".into(),
        dated: dated(PoolFile::Carrieres, line, depuis, fin, connu_le),
        statut: Statut::Titulaire,
        regime: None,
        grade: None,
        echelon: None,
        indice_brut: None,
        indice_majore: Some(index),
        categorie: None,
        montant_mensuel: None,
        taux_horaire: None,
        quotite: Quotite::FULL,
        duree_hebdo: None,
        temps_partiel_therapeutique: None,
        nbi: 0,
        zone_ir: None,
        cti: 0,
        fonction: None,
        taux_indemnite: None,
        conclu_le: None,
        groupe_rifseep: None,
        loge: false,
        surcotisation: false,
        motif: None,
    }
}

fn family(line: u32, depuis: &str, enfants: i64) -> Famille {
    let dated = dated(PoolFile::Familles, line, depuis, "", "");
    Famille { dated, enfants, enfants_alternes: 0 }
}

fn element(line: u32, depuis: &str, fin: &str, connu_le: &str, cents: i64) -> Element {
    Element {
        siret: Siret::NONE,
        contrat: "C1".into(),
        rubrique: "IFSE".into(),
        dated: dated(PoolFile::Elements, line, depuis, fin, connu_le),
        nombre: None,
        base: None,
        taux: None,
        montant: Some(Fixed::new(cents, 2)),
        montant_paye: None,
        mois_origine: None,
        libelle: None,
    }
}

fn absence(line: u32, nature: &str, debut: &str, fin: &str, connu_le: &str) -> Absence {
    Absence {
        siret: Siret::NONE,
        contrat: "C1".into(),
        nature: nature.into(),
        debut: day(debut),
        fin: day(fin),
        connu_le: maybe(connu_le),
        accorde_le: None,
        prolongation: false,
        heures: None,
        demi_journees: None,
        sans_carence: false,
        taux: None,
        reference: RowRef { file: PoolFile::Absences, line },
    }
}

fn nobody() -> AgentFacts {
    AgentFacts::new(Agent {
        id: "A1".into(),
        naissance: None,
        departement: None,
        identity: Identity::default(),
        reference: RowRef { file: PoolFile::Agents, line: 2 },
    })
}

fn careers(rows: &[Carriere]) -> AgentFacts {
    AgentFacts { carrieres: rows.to_vec(), ..nobody() }
}

fn elements(rows: &[Element]) -> AgentFacts {
    AgentFacts { elements: rows.to_vec(), ..nobody() }
}

fn absences(rows: &[Absence]) -> AgentFacts {
    AgentFacts { absences: rows.to_vec(), ..nobody() }
}

/// The changes as text: `line kind day`, everything known on both sides.
fn told(before: &AgentFacts, now: &AgentFacts) -> Vec<String> {
    told_on(before, KnownOn::Everything, now, KnownOn::Everything)
}

fn told_on(
    before: &AgentFacts,
    known_before: KnownOn,
    now: &AgentFacts,
    known_now: KnownOn,
) -> Vec<String> {
    let found = changes(before, known_before, now, known_now);
    assert_eq!(found.earliest, found.rows.iter().map(|row| row.depuis).min());
    let rows = found.rows.iter();
    rows.map(|row| format!("{} {} {}", row.at.line, row.kind, row.depuis)).collect()
}

#[test]
fn lines_say_nothing() {
    let before = AgentFacts {
        carrieres: vec![career(2, "2020-01-01", "", "", 400), career(3, "2024-01-01", "", "", 410)],
        familles: vec![family(2, "2020-01-01", 1)],
        elements: vec![element(2, "2024-01-01", "", "", 100)],
        absences: vec![absence(2, "grève", "2026-09-01", "2026-09-01", "")],
        ..nobody()
    };
    let mut now = before.clone();
    now.agent.reference.line = 90;
    now.carrieres.swap(0, 1);
    now.carrieres[0].dated.reference.line = 91;
    now.familles[0].dated.reference.line = 92;
    now.elements[0].dated.reference.line = 93;
    now.absences[0].reference.line = 94;
    assert_eq!(told(&before, &now), [""; 0]);
    assert!(!before.same(&now), "the order of the rows is kept");
    now.carrieres.swap(0, 1);
    assert!(before.same(&now));
    now.elements[0].libelle = Some("autre".into());
    assert!(!before.same(&now));
}

#[test]
fn careers_count_from_their_first_day() {
    let old = career(2, "2020-01-01", "", "", 400);
    let raised = career(7, "2026-03-01", "", "", 410);
    for (before, now, expected) in [
        (vec![], vec![raised.clone()], vec!["7 nouveau 2026-03-01"]),
        (vec![old.clone(), raised.clone()], vec![old.clone()], vec!["7 retire 2026-03-01"]),
        (
            vec![old.clone()],
            vec![career(5, "2020-01-01", "", "", 405)],
            vec!["5 modifie 2020-01-01"],
        ),
        // Only the end: what was paid until then stands.
        (
            vec![career(2, "2020-01-01", "2026-12-31", "", 400)],
            vec![career(2, "2020-01-01", "2026-08-31", "", 400)],
            vec!["2 modifie 2026-09-01"],
        ),
        (
            vec![old.clone()],
            vec![career(2, "2020-01-01", "2026-08-31", "", 400)],
            vec!["2 modifie 2026-09-01"],
        ),
        // The end and something else: from the first day.
        (
            vec![old.clone()],
            vec![career(2, "2020-01-01", "2026-08-31", "", 401)],
            vec!["2 modifie 2020-01-01"],
        ),
        // Another first day is another row.
        (
            vec![raised.clone()],
            vec![career(7, "2026-02-01", "", "", 410)],
            vec!["7 nouveau 2026-02-01", "7 retire 2026-03-01"],
        ),
        // The day on which it was learned is edited: one row, not two.
        (
            vec![raised.clone()],
            vec![career(7, "2026-03-01", "", "2026-08-01", 410)],
            vec!["7 modifie 2026-03-01"],
        ),
        // A correction is added.
        (
            vec![raised.clone()],
            vec![raised, career(8, "2026-03-01", "", "2026-08-01", 415)],
            vec!["8 nouveau 2026-03-01"],
        ),
    ] {
        assert_eq!(told(&careers(&before), &careers(&now)), expected);
    }
}

#[test]
fn what_is_learned_later() {
    let promotion = career(7, "2026-03-01", "", "2026-08-15", 410);
    let [july, august] = ["2026-07-31", "2026-08-31"].map(|text| KnownOn::Day(day(text)));
    let all = KnownOn::Everything;
    let facts = careers(from_ref(&promotion));
    let none = nobody();
    assert_eq!(told_on(&facts, july, &facts, august), ["7 connu 2026-03-01"]);
    assert_eq!(told_on(&facts, july, &facts, july), [""; 0]);
    assert_eq!(told_on(&none, july, &facts, july), [""; 0], "unknown on both sides");
    assert_eq!(told_on(&none, july, &facts, august), ["7 nouveau 2026-03-01"]);
    assert_eq!(told_on(&facts, july, &none, august), [""; 0], "it never counted");
    assert_eq!(told_on(&facts, august, &facts, july), ["7 retire 2026-03-01"]);
    let premium = elements(&[element(4, "2026-02-01", "", "2026-08-15", 100)]);
    assert_eq!(told_on(&premium, july, &premium, august), ["4 connu 2026-02-01"]);
    assert_eq!(told_on(&premium, august, &premium, july), ["4 retire 2026-02-01"]);
    // Handed in before it was known, and not any more: the archive kept it.
    assert_eq!(told_on(&premium, july, &nobody(), august), ["4 connu 2026-02-01"]);
    assert_eq!(told_on(&premium, august, &nobody(), august), [""; 0]);
    assert_eq!(told_on(&premium, august, &nobody(), july), ["4 retire 2026-02-01"]);
    // A row that is not known yet takes the place of none.
    let closed = elements(&[element(5, "2026-02-01", "2026-12-31", "2026-09-20", 90)]);
    let mut now = closed.clone();
    keep_former(&premium, &mut now, august);
    assert_eq!(now.elements.len(), 2);
    assert_eq!(told_on(&premium, august, &closed, august), [""; 0]);
    assert_eq!(told_on(&premium, august, &closed, all), ["5 modifie 2026-02-01"]);
}

#[test]
fn families_and_births() {
    let before = AgentFacts { familles: vec![family(2, "2020-01-01", 1)], ..nobody() };
    let mut now = AgentFacts {
        familles: vec![family(2, "2020-01-01", 1), family(3, "2026-05-09", 2)],
        ..nobody()
    };
    assert_eq!(told(&before, &now), ["3 nouveau 2026-05-09"]);
    assert_eq!(told(&now, &before), ["3 retire 2026-05-09"]);
    now.agent.naissance = maybe("1980-02-03");
    assert_eq!(told(&before, &now), ["2 modifie 1900-01-01", "3 nouveau 2026-05-09"]);
}

#[test]
fn names_tax_rates_and_opening_figures_never_count() {
    let before = nobody();
    let mut now = nobody();
    now.agent.identity = Identity::new(["", "Un", "", "F", "1 rue", "FR76", ""]);
    now.agent.departement = Some("69".into());
    let dated = dated(PoolFile::TauxPas, 2, "2026-01-01", "", "");
    now.taux_pas.push(TauxPas { dated, taux: Some(Fixed::new(35, 3)) });
    assert_eq!(told(&before, &now), [""; 0]);
    assert!(!before.same(&now));
}

#[test]
fn elements_of_the_month_come_and_go() {
    let september = element(2, "2026-09-01", "2026-09-30", "", 100);
    let october = element(2, "2026-10-01", "2026-10-31", "", 120);
    let before = elements(from_ref(&september));
    let now = elements(&[october]);
    assert_eq!(told(&before, &now), ["2 nouveau 2026-10-01"]);
    for (former, current, expected) in [
        (september.clone(), element(9, "2026-09-01", "2026-09-30", "", 90), "9 modifie 2026-09-01"),
        (
            september.clone(),
            element(9, "2026-09-01", "2026-09-15", "", 100),
            "9 modifie 2026-09-16",
        ),
        (september.clone(), element(9, "2026-09-01", "", "", 100), "9 modifie 2026-10-01"),
        (
            september,
            element(9, "2026-09-01", "2026-09-30", "2026-10-03", 90),
            "9 nouveau 2026-09-01",
        ),
        // An open element that starts earlier than the former did: it is due all along.
        (
            element(2, "2026-06-01", "", "", 100),
            element(9, "2026-03-01", "", "", 100),
            "9 modifie 2026-03-01",
        ),
        (
            element(2, "2026-03-01", "", "", 100),
            element(9, "2026-06-01", "", "", 120),
            "9 nouveau 2026-06-01",
        ),
    ] {
        assert_eq!(told(&elements(&[former]), &elements(&[current])), [expected]);
    }
}

/// Closing an open element lets the former one of the same identity go on: not only from its end.
#[test]
fn an_end_that_frees_another_element() {
    let first = element(2, "2026-01-01", "", "", 100);
    let second = element(3, "2026-04-01", "", "", 120);
    let closed = element(3, "2026-04-01", "2026-09-30", "", 120);
    let before = elements(&[first.clone(), second.clone()]);
    let now = elements(&[first, closed.clone()]);
    assert_eq!(told(&before, &now), ["3 modifie 2026-04-01"]);
    assert_eq!(told(&elements(&[second]), &elements(&[closed])), ["3 modifie 2026-10-01"]);
}

#[test]
fn absences_are_prolonged_and_requalified() {
    let leave = absence(2, "maladie_ordinaire", "2026-09-10", "2026-09-18", "");
    for (current, expected) in [
        (absence(3, "maladie_ordinaire", "2026-09-10", "2026-09-25", ""), "3 modifie 2026-09-19"),
        (absence(3, "maladie_ordinaire", "2026-09-10", "2026-09-12", ""), "3 modifie 2026-09-13"),
        (absence(3, "citis", "2026-09-10", "2026-09-18", "2026-10-02"), "3 modifie 2026-09-10"),
        (absence(3, "citis", "2026-09-14", "2026-09-30", ""), "3 modifie 2026-09-10"),
        (absence(3, "citis", "2026-09-19", "2026-09-30", ""), "3 nouveau 2026-09-19"),
    ] {
        assert_eq!(told(&absences(from_ref(&leave)), &absences(&[current])), [expected]);
    }
    assert_eq!(told(&absences(&[leave]), &nobody()), [""; 0]);
    let strike = |line, heures| Absence {
        heures: Some(Fixed::new(heures, 0)),
        ..absence(line, "greve", "2026-09-10", "2026-09-10", "")
    };
    let other = Absence { nature: "service_non_fait".into(), ..strike(4, 2) };
    let expected = ["4 nouveau 2026-09-10"];
    assert_eq!(told(&absences(&[strike(2, 3)]), &absences(&[other])), expected, "hours add up");
}

/// The lines of the elements and absences after the former ones were put back.
fn kept(before: &AgentFacts, now: &AgentFacts) -> (Vec<u32>, Vec<u32>) {
    let mut all = now.clone();
    keep_former(before, &mut all, KnownOn::Everything);
    let lines = |all: &AgentFacts| {
        let elements = all.elements.iter().map(|row| row.dated.reference.line);
        let absences = all.absences.iter().map(|row| row.reference.line);
        (elements.collect(), absences.collect())
    };
    let once = lines(&all);
    keep_former(before, &mut all, KnownOn::Everything);
    assert_eq!(lines(&all), once, "once is enough");
    once
}

#[test]
fn former_rows_are_put_back_before_the_current_ones() {
    let september = element(2, "2026-09-01", "2026-09-30", "", 100);
    let october = element(12, "2026-10-01", "2026-10-31", "", 120);
    let twice = elements(&[september.clone(), september.clone()]);
    assert_eq!(kept(&twice, &elements(from_ref(&october))).0, [2, 12]);
    let again = element(11, "2026-09-01", "2026-09-30", "", 100);
    assert_eq!(kept(&twice, &elements(&[again, october.clone()])).0, [11, 12]);
    let edited = element(11, "2026-09-01", "2026-09-30", "", 90);
    assert_eq!(kept(&elements(from_ref(&september)), &elements(&[edited])).0, [11]);
    let learned = element(11, "2026-09-01", "2026-09-30", "2026-10-03", 90);
    assert_eq!(kept(&elements(&[september]), &elements(&[learned])).0, [2, 11], "a correction");
    let open = element(2, "2026-06-01", "", "", 100);
    let earlier = element(11, "2026-03-01", "", "", 100);
    assert_eq!(kept(&elements(from_ref(&open)), &elements(from_ref(&earlier))).0, [11]);
    assert_eq!(kept(&elements(&[earlier]), &elements(&[open])).0, [11, 2]);
    let leave = absence(2, "maladie_ordinaire", "2026-09-10", "2026-09-18", "");
    let rest = absence(3, "maladie_ordinaire", "2026-09-19", "2026-09-21", "");
    let before = absences(&[leave, rest]);
    let whole = absence(9, "citis", "2026-09-10", "2026-09-21", "2026-10-02");
    assert_eq!(kept(&before, &absences(&[whole])).1, [9], "one day has one absence");
    let longer = absence(9, "maladie_ordinaire", "2026-09-10", "2026-09-21", "");
    assert_eq!(kept(&before, &absences(&[longer])).1, [9]);
    assert_eq!(kept(&before, &nobody()).1, [2, 3]);
    // The pool was refused with two rows of one day, and mended by taking one out.
    let [one, two] =
        [2, 3].map(|line| element(line, "2026-09-01", "2026-09-30", "", i64::from(line)));
    assert_eq!(kept(&elements(&[one, two.clone()]), &elements(&[two])).0, [3]);
    let [one, two] = [("2026-09-10", 2), ("2026-09-12", 3)]
        .map(|(debut, line)| absence(line, "clm", debut, "2026-09-20", ""));
    assert_eq!(kept(&absences(&[one, two.clone()]), &absences(&[two])).1, [3]);
    let mut now = careers(&[]);
    keep_former(&careers(&[career(2, "2020-01-01", "", "", 400)]), &mut now, KnownOn::Everything);
    assert!(now.carrieres.is_empty(), "a career that is gone is gone");
}

#[test]
fn settings_of_employers() {
    let setting = |line, depuis: &str, connu_le: &str, valeur: &str| ParametreEmployeur {
        nom: "taux_atmp".into(),
        valeur: valeur.into(),
        dated: dated(PoolFile::Parametres, line, depuis, "", connu_le),
        reference: None,
    };
    let with = |rows: &[ParametreEmployeur]| Employeur {
        siret: Siret::NONE,
        nom: "Ville".into(),
        nature: EmployeurKind::Commune,
        insee: "69123".into(),
        population: None,
        effectif: Some(40),
        adresse: String::new(),
        code_postal: String::new(),
        ville: String::new(),
        ape: String::new(),
        urssaf: String::new(),
        parametres: rows.to_vec(),
        reference: RowRef { file: PoolFile::Employeurs, line: 2 },
    };
    let everything = KnownOn::Everything;
    let compared = |one: &Employeur, two: &Employeur| {
        employer_changes(one, two, everything, everything).map(|day| day.to_string())
    };
    let old = setting(2, "2025-01-01", "", "0.0164");
    let new = setting(3, "2026-01-01", "2026-02-10", "0.0184");
    let before = with(from_ref(&old));
    let now = with(&[old.clone(), new.clone()]);
    assert_eq!(compared(&before, &before), None);
    assert_eq!(compared(&before, &now).as_deref(), Some("2026-01-01"));
    assert_eq!(compared(&now, &before).as_deref(), Some("2026-01-01"));
    let edited = with(&[setting(2, "2025-01-01", "", "0.0165")]);
    assert_eq!(compared(&before, &edited).as_deref(), Some("2025-01-01"));
    let cited = ParametreEmployeur { reference: Some("notification".into()), ..old };
    assert_eq!(compared(&before, &with(&[cited])), None, "a citation is no amount");
    let [january, march] = [KnownOn::Day(day("2026-01-31")), KnownOn::Day(day("2026-03-31"))];
    assert_eq!(employer_changes(&now, &now, january, march), Some(day("2026-01-01")));
    assert_eq!(employer_changes(&now, &now, january, january), None);
    let grown = Employeur { effectif: Some(60), ..before.clone() };
    assert_eq!(compared(&before, &grown), None, "it has no date");
    assert!(!before.same(&grown));
}

/// Careers, elements and absences over few days, so that they meet; no rows of the same dates, no
/// two absences on a day: a pool refuses them.
fn facts() -> impl Strategy<Value = AgentFacts> {
    any_facts().prop_map(accepted)
}

/// Two runs: the second hands in some rows of the first again, and others.
fn runs() -> impl Strategy<Value = (AgentFacts, AgentFacts)> {
    (facts(), any_facts(), 0_usize..16).prop_map(|(before, mut now, again)| {
        let picked = |at: &usize| again >> (at % 4) & 1 == 1;
        let places = |length: usize| (0..length).filter(picked);
        let careers = places(before.carrieres.len()).map(|at| before.carrieres[at].clone());
        now.carrieres.extend(careers);
        let elements = places(before.elements.len()).map(|at| before.elements[at].clone());
        now.elements.extend(elements);
        let absences = places(before.absences.len()).map(|at| before.absences[at].clone());
        now.absences.extend(absences);
        (before, accepted(now))
    })
}

fn accepted(mut facts: AgentFacts) -> AgentFacts {
    let first = |dates: &mut Vec<String>, row: String| {
        let new = !dates.contains(&row);
        dates.push(row);
        new
    };
    let mut seen = Vec::new();
    let dates = |dated: &Dated| format!("{} {:?}", dated.depuis, dated.connu_le);
    facts.carrieres.retain(|row| first(&mut seen, format!("career {}", dates(&row.dated))));
    facts.elements.retain(|row| first(&mut seen, format!("element {}", dates(&row.dated))));
    let mut leaves: Vec<Absence> = Vec::new();
    facts.absences.retain(|row| {
        let corrects = |other: &Absence| other.same_key(row) && other.connu_le != row.connu_le;
        let mut others = leaves.iter();
        let stands = others.all(|other| corrects(other) || !other.replaces(row, true));
        leaves.extend(stands.then(|| row.clone()));
        stands
    });
    facts
}

fn any_facts() -> impl Strategy<Value = AgentFacts> {
    let date = |at: u8| format!("2026-{:02}-{:02}", 1 + at.div_euclid(3) % 12, 1 + at % 3 * 10);
    let end = move |from: u8, long: u8| match long % 4 {
        0 => String::new(),
        more => date(from + 3 * more),
    };
    let learned = move |at: u8| if at.is_multiple_of(3) { date(at) } else { String::new() };
    let row = || (0_u8..6, 0_u8..4, 0_u8..5, 0_i64..2);
    let rows = move || prop::collection::vec(row(), 0..4);
    (rows(), rows(), rows()).prop_map(move |(careers, elements, absences)| AgentFacts {
        carrieres: (careers.into_iter())
            .map(|(at, long, know, what)| {
                career(2, &date(at), &end(at, long), &learned(know), what)
            })
            .collect(),
        elements: (elements.into_iter())
            .map(|(at, long, know, what)| {
                element(2, &date(at), &end(at, long), &learned(know), 1 + 9 * what)
            })
            .collect(),
        absences: (absences.into_iter())
            .map(|(at, long, know, what)| {
                let nature = if what == 0 { "clm" } else { "citis" };
                absence(2, nature, &date(at), &date(at + long), &learned(know))
            })
            .collect(),
        ..nobody()
    })
}

/// What the elements of a day come to. Open rows last until a later open row; a row of the same
/// start and form learned later corrects the former.
fn paid(facts: &AgentFacts, at: Day, on: KnownOn) -> i64 {
    let rows: Vec<&Element> =
        facts.elements.iter().filter(|row| on.knows(row.dated.connu_le)).collect();
    let counts = |row: &&&Element| {
        let like = rows.iter().filter(|o| o.dated.fin.is_some() == row.dated.fin.is_some());
        let same = |o: &&&Element| o.dated.depuis == row.dated.depuis;
        let corrected = like.clone().filter(same).any(|o| o.dated.connu_le > row.dated.connu_le);
        let followed = row.dated.fin.is_none()
            && like.clone().any(|o| row.dated.depuis < o.dated.depuis && o.dated.depuis <= at);
        row.dated.depuis <= at && row.dated.lasts(at) && !corrected && !followed
    };
    rows.iter().filter(counts).filter_map(|row| row.montant).map(Fixed::mantissa).sum()
}

/// The leaves of a day.
fn away(facts: &AgentFacts, at: Day, on: KnownOn) -> Vec<String> {
    let rows: Vec<&Absence> = facts.absences.iter().filter(|row| on.knows(row.connu_le)).collect();
    let corrected = |row: &Absence| {
        rows.iter().any(|other| other.same_key(row) && other.connu_le > row.connu_le)
    };
    let there = |row: &&&Absence| row.debut <= at && at <= row.fin && !corrected(row);
    let mut found: Vec<String> = rows.iter().filter(there).map(|r| r.nature.to_string()).collect();
    found.sort();
    found
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(facts in facts(), known in 0_u32..4) {
        let known = KnownOn::Day(day("2026-01-15").plus_months(known));
        prop_assert_eq!(changes(&facts, known, &facts, known), Changes::default());
        let mut all = facts.clone();
        keep_former(&facts, &mut all, known);
        prop_assert_eq!(all, facts);
    }

    /// Before the earliest day, the same career is in force in both.
    #[test]
    fn careers_agree_before_the_earliest_day(
        (before, now) in runs(),
        known in 0_u32..4,
    ) {
        let on = KnownOn::Day(day("2026-01-15").plus_months(known));
        let all = KnownOn::Everything;
        let found = changes(&before, on, &now, all);
        let same = |day: Day| {
            let one = in_force(&before.carrieres, day, on);
            let two = in_force(&now.carrieres, day, all);
            one.map(|row| row.indice_majore) == two.map(|row| row.indice_majore)
        };
        let mut today = day("2025-12-31");
        while today < day("2027-01-01") && found.earliest.is_none_or(|to| today < to) {
            prop_assert!(same(today), "{today} {found:?}");
            today = today.next();
        }
    }

    /// Before the earliest day, the same elements are paid and the same leaves taken, whatever is
    /// known on either side, once the former rows are put back.
    #[test]
    fn variables_agree_before_the_earliest_day(
        (before, now) in runs(),
        known in (0_u32..5, 0_u32..5),
    ) {
        let on = |months| match months {
            4 => KnownOn::Everything,
            months => KnownOn::Day(day("2026-01-15").plus_months(months)),
        };
        let (then, today) = (on(known.0), on(known.1));
        let found = changes(&before, then, &now, today);
        let mut all = now;
        keep_former(&before, &mut all, today);
        let mut at = day("2025-12-31");
        while at < day("2027-01-01") && found.earliest.is_none_or(|to| at < to) {
            prop_assert_eq!(paid(&before, at, then), paid(&all, at, today), "{} {:?}", at, found);
            prop_assert_eq!(away(&before, at, then), away(&all, at, today), "{} {:?}", at, found);
            at = at.next();
        }
    }

    /// What is put back is what counts for nothing: the current rows stay, in their order, last.
    #[test]
    fn keeping_leaves_the_current_rows_last((before, now) in runs()) {
        let mut all = now.clone();
        keep_former(&before, &mut all, KnownOn::Everything);
        prop_assert!(all.elements.ends_with(&now.elements));
        prop_assert!(all.absences.ends_with(&now.absences));
        prop_assert_eq!(&all.carrieres, &now.carrieres);
        // What changed is the same. A row that is put back is one of now as well: it is then cited
        // as such, and no longer as a former one.
        let found = |facts: &AgentFacts| {
            let known = KnownOn::Everything;
            let rows = changes(&before, known, facts, known).rows.into_iter();
            rows.map(|row| (row.at, row.depuis, row.kind)).collect::<Vec<_>>()
        };
        prop_assert_eq!(found(&all), found(&now));
        let once = all.clone();
        keep_former(&before, &mut all, KnownOn::Everything);
        prop_assert_eq!(all, once);
    }
}
