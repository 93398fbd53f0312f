//! One case a control: facts of an invented agent, and the names of what is found.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::*;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::domain::{
    Ailleurs, Carriere, Categorie, Cumul, Employeur, Identity, Partage, Precedent, Quotite, Regime,
    Statut,
};
use crate::dossier::sample::{self, absence, agent, carriere, dated, element, word};
use crate::dossier::{Memory, Preparer};
use crate::engine::Engine;
use crate::num::Fixed;
use crate::program::{Target, compile};

/// The national rules, read once.
fn national() -> &'static sample::Month {
    static NATIONAL: OnceLock<sample::Month> = OnceLock::new();
    NATIONAL.get_or_init(|| sample::Month::national("2026-10"))
}

const SETTINGS: [(&str, &str); 4] = [
    ("taux_atmp", "0.0164"),
    ("taux_versement_mobilite", "0"),
    ("taux_cdg", "0.008"),
    ("zone_ir", "zone_3"),
];

/// What is found, by the name of the control or else by the code, and whether it blocks.
fn found_with(
    mois: &str,
    employeur: &Employeur,
    facts: &AgentFacts,
    waivers: &[Derogation],
) -> Vec<PoolFinding> {
    let period = PayPeriod::parse(mois).unwrap();
    let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
    let program = compile(&national().book, target).unwrap();
    let preparer = Preparer::new(&national().book, &program).unwrap();
    let employeurs = HashMap::from([(employeur.siret, preparer.employeur(employeur))]);
    let month = Month::new(&program, &preparer, &employeurs, false).with_derogations(waivers);
    let mut all = Vec::new();
    let (mut engine, mut memory) = (Engine::new(&program), Memory::default());
    month.agent(facts, &mut engine, &mut memory, |_, _, findings| all.extend_from_slice(findings));
    all
}

fn names(findings: &[PoolFinding]) -> Vec<String> {
    let name = |finding: &PoolFinding| {
        let name = finding.controle.clone().unwrap_or_else(|| finding.code.name().to_owned());
        if finding.is_error() { format!("{name}!") } else { name }
    };
    findings.iter().map(name).collect()
}

fn found_by(settings: &[(&str, &str)], facts: &AgentFacts) -> Vec<String> {
    let settings: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    names(&found_with("2026-10", &sample::employeur(&settings), facts, &[]))
}

fn fixed(text: &str) -> Option<Fixed> {
    Some(Fixed::parse(text).unwrap())
}

/// An official of category C, index 400, full time, with a tax rate.
fn official() -> AgentFacts {
    agent(vec![carriere("2024-01-01", 400, "100")], 0)
}

fn contractuel() -> AgentFacts {
    let mut facts = official();
    facts.carrieres[0].statut = Statut::Contractuel;
    facts
}

fn with(mut facts: AgentFacts, change: impl FnOnce(&mut AgentFacts)) -> AgentFacts {
    change(&mut facts);
    facts
}

/// An official with an element of the month.
fn adding(rubrique: &str, change: impl FnOnce(&mut crate::domain::Element)) -> AgentFacts {
    with(official(), |facts| {
        let mut row = element(rubrique);
        row.dated = dated("2026-10-01", Some("2026-10-31"));
        change(&mut row);
        facts.elements.push(row);
    })
}

fn hours(rubrique: &str, nombre: &str) -> AgentFacts {
    adding(rubrique, |row| row.nombre = fixed(nombre))
}

fn paid(rubrique: &str, montant: &str) -> AgentFacts {
    adding(rubrique, |row| row.montant_paye = fixed(montant))
}

fn born(facts: AgentFacts, naissance: &str, nir: &str, sexe: &str) -> AgentFacts {
    with(facts, |facts| {
        facts.agent.naissance = Day::parse(naissance).ok();
        facts.agent.identity = Identity::new([nir, "EXEMPLE", "Camille", sexe, "", "", ""]);
    })
}

fn before(net: i64, rubriques: &[(&str, i64)]) -> Precedent {
    let amount = |&(code, cents): &(&str, i64)| (word(code), Amount::from_cents(cents));
    Precedent {
        siret: Siret::NONE,
        contrat: word("1"),
        mois: PayPeriod::parse("2026-09").unwrap(),
        net: Amount::from_cents(net),
        brut: Amount::from_cents(net),
        iban_change: false,
        rubriques: rubriques.iter().map(amount).collect(),
    }
}

/// The net of [`official`]; its lines are in [`LINES`].
const NET: i64 = 151_269;
const LINES: [(&str, i64); 2] = [("TIB", 196_911), ("PAS", 5_019)];

fn elsewhere(siret: Siret, depuis: &str, fin: Option<&str>) -> AgentFacts {
    with(official(), |facts| {
        let other =
            Ailleurs { agent: word("B-2"), siret, contrat: word("1"), dated: dated(depuis, fin) };
        facts.partage = Some(Box::new(Partage { iban: false, nir: vec![other] }));
    })
}

fn other() -> Siret {
    Siret::parse("21000000000001").unwrap()
}

fn career(facts: AgentFacts, change: impl FnOnce(&mut Carriere)) -> AgentFacts {
    with(facts, |facts| change(&mut facts.carrieres[0]))
}

#[test]
fn nothing_is_found_about_somebody_without_surprise() {
    assert_eq!(found_by(&[], &official()), [""; 0]);
    let same = with(official(), |facts| facts.precedents.push(before(NET, &LINES)));
    assert_eq!(found_by(&[], &same), [""; 0]);
    let born = born(official(), "1980-04-17", "280047160090554", "F");
    assert_eq!(found_by(&[], &born), [""; 0]);
}

#[test]
fn who_is_paid() {
    let iban = with(official(), |facts| {
        facts.partage = Some(Box::new(Partage { iban: true, nir: Vec::new() }));
    });
    let changed = with(official(), |facts| {
        facts.precedents.push(Precedent { iban_change: true, ..before(NET, &LINES) });
    });
    let old = |nir: &str, sexe: &str| born(official(), "1980-04-17", nir, sexe);
    let cases = [
        (iban, vec!["iban_partage"]),
        (changed, vec!["iban_change"]),
        (elsewhere(Siret::NONE, "2025-01-01", None), vec!["nir_double!"]),
        (elsewhere(Siret::NONE, "2025-01-01", Some("2026-10-01")), vec!["nir_double!"]),
        (elsewhere(Siret::NONE, "2025-01-01", Some("2026-09-30")), vec![]),
        (elsewhere(Siret::NONE, "2026-11-01", None), vec![]),
        (elsewhere(other(), "2025-01-01", None), vec!["nir_partage"]),
        (old("780047160090554", "M"), vec!["nir_provisoire"]),
        (old("280047160090554", "M"), vec!["nir_sexe_different"]),
        (old("281047160090554", "F"), vec!["nir_naissance_differente"]),
        (old("280057160090554", "F"), vec!["nir_naissance_differente"]),
    ];
    for (facts, expected) in cases {
        assert_eq!(found_by(&[], &facts), expected);
    }
}

#[test]
fn time_worked() {
    let part_time = |nombre| {
        career(hours("IHTS_14", nombre), |row| {
            row.quotite = Quotite::parse("80").unwrap();
        })
    };
    let half_post = |nombre| {
        career(hours("HC", nombre), |row| {
            row.duree_hebdo = crate::domain::parse_duree_hebdo("17:30").ok();
            row.regime = Some(Regime::Ircantec);
        })
    };
    let late = with(hours("IHTS_14", "20"), |facts| {
        let mut row = facts.elements[0].clone();
        row.mois_origine = PayPeriod::parse("2026-09").ok();
        facts.elements.push(row);
    });
    let category_a = career(hours("IHTS_14", "5"), |row| row.categorie = Categorie::from_name("A"));
    let therapeutic = |facts, depuis: &str| {
        career(facts, |row| {
            row.dated = dated(depuis, None);
            row.temps_partiel_therapeutique = Quotite::parse("50").ok();
        })
    };
    let cases = [
        (hours("IHTS_14", "25"), vec![]),
        (hours("IHTS_14", "25.5"), vec!["ihts_au_dessus_du_contingent!"]),
        (late, vec![]),
        (part_time("20"), vec![]),
        (part_time("21"), vec!["ihts_au_dessus_de_la_quotite"]),
        (category_a, vec!["ihts_sans_droit!"]),
        (half_post("60"), vec![]),
        (half_post("81"), vec!["heures_complementaires_au_dela!"]),
        (hours("HC", "1"), vec!["heures_complementaires_au_dela!"]),
        (therapeutic(official(), "2026-01-01"), vec![]),
        (therapeutic(official(), "2025-09-01"), vec!["therapeutique_plus_d_un_an"]),
        (therapeutic(contractuel(), "2026-09-01"), vec!["therapeutique_contractuel"]),
    ];
    for (facts, expected) in cases {
        assert_eq!(found_by(&[], &facts), expected);
    }
}

#[test]
fn leaves() {
    let sick = |rows: &[(&str, &str, Option<&str>)]| {
        with(official(), |facts| {
            facts.precedents.push(before(NET, &LINES));
            for (debut, fin, accorde) in rows {
                let mut row = absence("maladie_ordinaire", debut, fin);
                row.prolongation = !facts.absences.is_empty();
                row.accorde_le = accorde.map(|day| Day::parse(day).unwrap());
                facts.absences.push(row);
            }
        })
    };
    let names = |mois, facts: &AgentFacts| {
        let found = found_with(mois, &sample::employeur(&SETTINGS), facts, &[]);
        let mut names = names(&found);
        names.retain(|name| name.contains("traitement"));
        names
    };
    // Ninety days from 15 July: the last one paid at 90 % is 12 October.
    let long = sick(&[("2026-07-15", "2026-11-30", None)]);
    assert_eq!(names("2026-10", &long), ["passage_a_demi_traitement"]);
    assert_eq!(
        names(
            "2026-11",
            &with(long, |facts| {
                facts.precedents[0].mois = PayPeriod::parse("2026-10").unwrap();
            })
        ),
        [""; 0]
    );
    let old = sick(&[
        ("2025-02-10", "2025-03-31", None),
        ("2025-04-01", "2025-04-30", Some("2025-02-20")),
    ]);
    assert_eq!(names("2025-04", &old), ["maladie_prolongee_a_plein_traitement!"]);
    let new = sick(&[("2025-02-10", "2025-03-31", None), ("2025-04-01", "2025-04-30", None)]);
    assert_eq!(names("2025-04", &new), [""; 0]);
    assert_eq!(found_by(&[], &paid("IJSS_SUBROGEES", "300")), ["ijss_subrogees_sans_deduction"]);
}

#[test]
fn ages_and_ends() {
    let at = |statut, naissance: &str| {
        career(born(official(), naissance, "", ""), |row| row.statut = statut)
    };
    let ends = |fin| career(contractuel(), |row| row.dated = dated("2026-01-01", Some(fin)));
    let settled = with(ends("2026-10-20"), |facts| {
        let mut row = element("LICENCIEMENT");
        row.dated = dated("2026-10-01", Some("2026-10-20"));
        row.montant_paye = fixed("900");
        facts.elements.push(row);
    });
    let apprentice = |naissance| {
        let facts = at(Statut::Apprenti, naissance);
        career(facts, |row| {
            row.dated = dated("2026-09-01", None);
            (row.indice_majore, row.categorie) = (None, None);
        })
    };
    let cases = [
        (at(Statut::Titulaire, "1959-10-02"), vec![]),
        (at(Statut::Titulaire, "1959-09-30"), vec!["age_limite_atteint"]),
        (apprentice("1997-01-15"), vec![]),
        (apprentice("1996-01-15"), vec!["apprenti_trop_age"]),
        (apprentice("2011-01-15"), vec!["moins_de_seize_ans"]),
        (ends("2026-10-20"), vec!["fin_de_contrat_sans_indemnite"]),
        (ends("2026-10-31"), vec!["fin_de_contrat_sans_indemnite"]),
        (ends("2026-11-01"), vec![]),
        (settled, vec![]),
    ];
    for (facts, expected) in cases {
        assert_eq!(found_by(&[], &facts), expected, "{:?}", facts.carrieres[0].dated);
    }
}

#[test]
fn late_elements() {
    let late = |rubrique: &str, mois: &str, montant: &str| {
        adding(rubrique, |row| {
            row.mois_origine = PayPeriod::parse(mois).ok();
            row.montant_paye = fixed(montant);
        })
    };
    let cases = [
        (late("PRIME", "2022-01", "10"), vec![]),
        (late("PRIME", "2021-12", "10"), vec!["rappel_prescrit"]),
        (late("TROP_PERCU", "2024-10", "10"), vec![]),
        (late("TROP_PERCU", "2024-09", "10"), vec!["trop_percu_prescrit"]),
    ];
    for (facts, expected) in cases {
        assert_eq!(found_by(&[], &facts), expected);
    }
}

#[test]
fn tax_rates_expire_where_the_employer_loads_them_each_month() {
    let wanted = [("pas_charge_chaque_mois", "oui")];
    let rate = |depuis: &str, connu_le: &str| {
        with(official(), |facts| {
            facts.taux_pas[0].dated = dated(depuis, None);
            facts.taux_pas[0].dated.connu_le = Day::parse(connu_le).ok();
        })
    };
    let none = with(official(), |facts| facts.taux_pas.clear());
    assert_eq!(found_by(&wanted, &rate("2026-08-01", "")), [""; 0]);
    assert_eq!(found_by(&wanted, &rate("2026-07-01", "")), ["taux_pas_perime"]);
    assert_eq!(found_by(&wanted, &rate("2026-07-01", "2026-08-12")), [""; 0]);
    assert_eq!(found_by(&wanted, &none), ["taux_pas_absent"]);
    assert_eq!(found_by(&[], &none), [""; 0]);
}

fn cumul(rubrique: &str, montant: i64, base: i64) -> Cumul {
    Cumul {
        siret: Siret::NONE,
        contrat: word("1"),
        annee: 2026,
        rubrique: word(rubrique),
        montant: Some(Amount::from_cents(montant)),
        base: Some(Amount::from_cents(base)),
        montant_agent: None,
        montant_employeur: None,
        reference: sample::ROW,
    }
}

#[test]
fn premiums() {
    let grouped = |facts, group| {
        career(facts, |row| {
            row.grade = Some(word("adjoint administratif"));
            row.echelon = Some(word("4"));
            row.indice_majore = None;
            row.groupe_rifseep = Some(group);
        })
    };
    let ifse = |montant: &str| grouped(adding("IFSE", |row| row.montant = fixed(montant)), 2);
    let year = with(ifse("900"), |facts| facts.cumuls.push(cumul("IFSE", 1_000_000, 0)));
    let cia = grouped(adding("CIA", |row| row.montant = fixed("1300")), 2);
    let both = with(paid("ISFE_FIXE", "100"), |facts| {
        let mut row = element("IFSE");
        row.montant = fixed("50");
        facts.elements.push(row);
    });
    let capped = with(paid("PRIME", "10"), |facts| {
        facts.cumuls.push(Cumul { base: None, ..cumul("TIB", 100_000, 0) });
        facts.cumuls.push(Cumul { montant: None, ..cumul("RAFP", 0, 90_000) });
    });
    let cases = [
        (ifse("900"), vec![]),
        (ifse("901"), vec![]),
        (ifse("1000"), vec!["ifse_au_dessus_du_maximum"]),
        (year, vec!["ifse_annee_au_dessus_du_maximum!"]),
        (cia, vec!["cia_au_dessus_du_maximum!"]),
        (both, vec!["ifse_et_isfe"]),
        (paid("TPP", "-40"), vec!["rafp_regularisation", "transfert_primes_points_hors_limites!"]),
        (capped, vec!["rafp_regularisation"]),
    ];
    for (facts, expected) in cases {
        assert_eq!(found_by(&[], &facts), expected, "{:?}", facts.elements);
    }
}

#[test]
fn the_month_before() {
    let was = |net, lines: &[(&str, i64)]| {
        with(official(), |facts| facts.precedents.push(before(net, lines)))
    };
    assert_eq!(found_by(&[], &was(NET - 13_000, &LINES)), [""; 0]);
    assert_eq!(found_by(&[], &was(NET - 14_000, &LINES)), ["ecart_du_net"]);
    assert_eq!(found_by(&[("ecart_net_taux", "0.15")], &was(NET - 14_000, &LINES)), [""; 0]);
    assert_eq!(
        found_by(&[("ecart_net_montant", "50")], &was(NET + 6_000, &LINES)),
        ["ecart_du_net"]
    );
    // A precedent of another month is not the month before.
    let older = with(was(NET - 90_000, &LINES), |facts| {
        facts.precedents[0].mois = PayPeriod::parse("2026-08").unwrap();
    });
    assert_eq!(found_by(&[], &older), [""; 0]);
}

#[test]
fn lines_that_appear_go_or_double() {
    let message = |settings: &[(&str, &str)], facts: &AgentFacts| {
        let settings: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
        let found = found_with("2026-10", &sample::employeur(&settings), facts, &[]);
        let moved = found.into_iter().find(|finding| finding.code == Code::W924);
        moved.map_or_else(String::new, |finding| finding.message)
    };
    let was = |mut facts: AgentFacts, lines: &[(&str, i64)]| {
        facts.precedents.push(before(NET, &[&LINES, lines].concat()));
        facts
    };
    let gone = was(official(), &[("PRIME", 12_000)]);
    assert_eq!(message(&[], &gone), "`PRIME` is gone (it was 120.00)");
    let new = was(paid("PRIME", "80"), &[]);
    assert_eq!(message(&[], &new), "`PRIME` appears (80.00)");
    let double = was(paid("PRIME", "240"), &[("PRIME", 12_000)]);
    assert_eq!(message(&[], &double), "`PRIME` goes from 120.00 to 240.00");
    let more = was(paid("PRIME", "239"), &[("PRIME", 12_000)]);
    assert_eq!(message(&[], &more), "");
    let small = was(paid("PRIME", "40"), &[]);
    assert_eq!(message(&[], &small), "");
    assert_eq!(message(&[("ecart_ligne", "30")], &small), "`PRIME` appears (40.00)");
    assert_eq!(message(&[], &paid("PRIME", "80")), "", "nothing is known of the month before");
}

fn waiver(controle: &str) -> Derogation {
    Derogation {
        siret: Siret::NONE,
        agent: word("A-000142"),
        contrat: word("1"),
        controle: word(controle),
        par: "Jeanne Roche".to_owned(),
        motif: "crue du 12 octobre".to_owned(),
    }
}

#[test]
fn a_waiver_names_who_and_why_and_the_payslip_is_paid() {
    let employeur = sample::employeur(&SETTINGS);
    let facts = hours("IHTS_14", "30");
    let found = |waivers: &[Derogation]| found_with("2026-10", &employeur, &facts, waivers);
    let blocked = found(&[]);
    assert_eq!(blocked[0].code, Code::W921);
    let command = "`paie archive deroger --mois 2026-10 --siret 00000000000000 --agent A-000142 \
                   --contrat 1 --controle ihts_au_dessus_du_contingent --par NOM --motif TEXTE`";
    assert!(blocked[0].remede.ends_with(command), "{}", blocked[0].remede);
    let paid = found(&[waiver("ihts_au_dessus_du_contingent")]);
    assert_eq!((paid.len(), paid[0].code, paid[0].is_error()), (1, Code::W923, false));
    assert!(paid[0].message.contains("Jeanne Roche") && paid[0].message.contains("crue du 12"));
    let others = [
        waiver("W921"),
        waiver("iban_partage"),
        Derogation { contrat: word("2"), ..waiver("ihts_au_dessus_du_contingent") },
        Derogation { siret: other(), ..waiver("ihts_au_dessus_du_contingent") },
        Derogation { agent: word("A-1"), ..waiver("ihts_au_dessus_du_contingent") },
    ];
    assert_eq!(found(&others)[0].code, Code::W921);
}

#[test]
fn the_command_of_a_waiver_can_be_pasted() {
    assert_eq!(argument("A-000142"), "A-000142");
    assert_eq!(argument("contrat n° 2"), "'contrat n° 2'");
    assert_eq!(argument("l'un; rm"), r"'l'\''un; rm'");
}

#[test]
fn a_negative_net_and_a_scheme_are_waived_by_name_or_code_and_an_error_is_not() {
    let employeur = sample::employeur(&SETTINGS);
    let names_of = |facts: &AgentFacts, controle: &str| {
        let found = found_with("2026-10", &employeur, facts, &[waiver(controle)]);
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    let negative = paid("MUTUELLE", "5000");
    assert_eq!(names_of(&negative, "autre"), [Code::W910]);
    assert_eq!(names_of(&negative, "net_negatif"), [Code::W923]);
    assert_eq!(names_of(&negative, "W910"), [Code::W923]);
    let scheme = career(official(), |row| row.regime = Some(Regime::Ircantec));
    assert_eq!(names_of(&scheme, "autre"), [Code::W916]);
    assert_eq!(names_of(&scheme, "regime_et_duree_hebdomadaire"), [Code::W923]);
    let names = waivable(&national().program);
    assert!(names.contains(&"nir_double") && names.contains(&"net_negatif"), "{names:?}");
    assert!(!names.contains(&"iban_partage") && !names.contains(&"E717"), "{names:?}");
    let unknown = paid("PRIM", "10");
    assert_eq!(names_of(&unknown, "E717"), [Code::E717]);
    let found = found_with("2026-10", &employeur, &unknown, &[]);
    assert!(!found[0].remede.contains("deroger"), "{}", found[0].remede);
}

#[test]
fn an_employer_is_counted_and_its_envelope_compared() {
    let target = Target {
        period: PayPeriod::parse("2026-10").unwrap(),
        known_on: KnownOn::Everything,
        au_dela: false,
    };
    let program = compile(&national().book, target).unwrap();
    let preparer = Preparer::new(&national().book, &program).unwrap();
    let employeur = sample::employeur(&[("enveloppe_elus", "5000")]);
    let employeurs = HashMap::from([(Siret::NONE, preparer.employeur(&employeur))]);
    let effectifs = BTreeMap::from([(Siret::NONE, 3)]);
    let month = Month::new(&program, &preparer, &employeurs, false).with_effectifs(effectifs);
    let found = |totals: EmployeurTotals| {
        let found = month.employer_controls(Siret::NONE, &totals);
        found.into_iter().map(|finding| (finding.code, finding.message)).collect::<Vec<_>>()
    };
    let right = EmployeurTotals {
        payables: 2,
        bloques: 1,
        arrivees: 1,
        sorties: 1,
        elus: 500_000,
        ..EmployeurTotals::default()
    };
    assert_eq!(found(right.clone()), []);
    let less = found(EmployeurTotals { payables: 1, ..right.clone() });
    let said = "2 payslips; 3 the month before, plus 1 arrivals, less 1 exits";
    assert_eq!(less, [(Code::W925, said.to_owned())]);
    let more = found(EmployeurTotals { elus: 500_001, ..right });
    assert_eq!(more.iter().map(|one| one.0).collect::<Vec<_>>(), [Code::W926]);
    // Who starts, who ended, and who only goes on.
    let movements = |facts: &AgentFacts| {
        let mut all = Vec::new();
        month.movements(facts, |_, _| false, |_, movement| all.push(movement));
        all
    };
    let known = |facts| {
        with(facts, |facts: &mut AgentFacts| {
            facts.precedents.push(before(NET, &LINES));
        })
    };
    let starts = career(official(), |row| row.dated = dated("2026-10-12", None));
    let ended = career(official(), |row| row.dated = dated("2024-01-01", Some("2026-09-30")));
    assert_eq!(movements(&starts), [Movement::Arrivee]);
    assert_eq!(movements(&known(ended)), [Movement::Sortie]);
    assert_eq!(movements(&known(official())), []);
    assert_eq!(movements(&official()), [], "an old contract that was not paid is not an arrival");
}

#[test]
fn the_month_before_of_the_tests_is_the_one_of_the_rules() {
    let employeur = sample::employeur(&SETTINGS);
    let target = Target {
        period: PayPeriod::parse("2026-10").unwrap(),
        known_on: KnownOn::Everything,
        au_dela: false,
    };
    let program = compile(&national().book, target).unwrap();
    let preparer = Preparer::new(&national().book, &program).unwrap();
    let employeurs = HashMap::from([(Siret::NONE, preparer.employeur(&employeur))]);
    let month = Month::new(&program, &preparer, &employeurs, false);
    let (mut engine, mut memory) = (Engine::new(&program), Memory::default());
    month.agent(&official(), &mut engine, &mut memory, |_, payslip, _| {
        let [.., net, _] = month.totals.amounts(payslip);
        let of = |code: &str| payslip.amount(program.item(code).unwrap());
        assert_eq!((net, [of("TIB"), of("PAS")]), (NET, LINES.map(|(_, cents)| cents)));
    });
}

#[test]
fn what_the_situation_does_not_open_and_what_is_withheld() {
    let elu = career(official(), |row| {
        row.statut = Statut::Elu;
        (row.indice_majore, row.categorie) = (None, None);
        (row.fonction, row.taux_indemnite) = (Some(word("maire")), fixed("0.99"));
    });
    let points = career(contractuel(), |row| row.nbi = 10);
    let cases = [
        (elu, vec!["indemnite_elu_au_dessus_du_maximum"]),
        (points, vec!["nbi_sans_droit"]),
        (paid("SFT", "50"), vec!["sft_sans_enfant"]),
        (
            paid("SAISIE", "1400"),
            vec!["retenues_sous_le_revenu_laisse!", "saisies_au_dessus_de_la_quotite!"],
        ),
        (paid("PSC_PREVOYANCE", "5"), vec!["participation_prevoyance_faible"]),
        (paid("PSC_SANTE", "5"), vec!["participation_sante_faible"]),
        (paid("ISFE_FIXE", "900"), vec!["isfe_fixe_au_dessus_du_maximum"]),
        (paid("ISFE_VARIABLE", "900"), vec!["isfe_variable_au_dessus_du_maximum"]),
        (paid("ISFE_VARIABLE_ANNUELLE", "9000"), vec!["isfe_annuelle_au_dessus_du_maximum"]),
        (paid("PRIME_RESPONSABILITE", "400"), vec!["prime_responsabilite_au_dessus_du_maximum"]),
    ];
    for (facts, expected) in cases {
        assert_eq!(found_by(&[], &facts), expected);
    }
}

#[test]
fn every_control_of_the_rules_is_tried_here() {
    let tests = include_str!("tests.rs");
    let items = national().book.book().items.iter();
    let controls = items.filter(|item| matches!(item.kind, crate::rules::ItemKind::Controle(_)));
    let missing: Vec<_> = controls
        .map(|item| item.nom.as_str())
        .filter(|nom| {
            !tests.contains(&format!("\"{nom}\"")) && !tests.contains(&format!("\"{nom}!\""))
        })
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_waived_payslip_is_payable_and_listed() {
    let target = Target {
        period: PayPeriod::parse("2026-10").unwrap(),
        known_on: KnownOn::Everything,
        au_dela: false,
    };
    let program = compile(&national().book, target).unwrap();
    let preparer = Preparer::new(&national().book, &program).unwrap();
    let employeur = sample::employeur(&SETTINGS);
    let employeurs = HashMap::from([(Siret::NONE, preparer.employeur(&employeur))]);
    let written = |waivers: &[Derogation]| {
        let month = Month::new(&program, &preparer, &employeurs, false).with_derogations(waivers);
        let facts = hours("IHTS_14", "30");
        let out = month.block(vec![crate::io::ParsedAgent { facts, findings: Vec::new() }]);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(out.bulletins), text(out.anomalies), out.findings)
    };
    let (bulletins, anomalies, counts) = written(&[]);
    assert!(bulletins.contains(",bloque,"), "{bulletins}");
    assert!(anomalies.starts_with("bloquant,W921,"), "{anomalies}");
    assert!(anomalies.trim_end().ends_with(",ihts_au_dessus_du_contingent"), "{anomalies}");
    assert_eq!(counts, (1, 0));
    let (bulletins, anomalies, counts) = written(&[waiver("ihts_au_dessus_du_contingent")]);
    assert!(bulletins.contains(",payable,"), "{bulletins}");
    assert!(anomalies.starts_with("alerte,W923,"), "{anomalies}");
    assert_eq!(counts, (0, 1));
}
