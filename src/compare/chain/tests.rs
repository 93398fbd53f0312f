//! One thing changes at a time, and its cause is the only one; then everything changes.

use super::*;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::domain::{Carriere, Dated, Employeur, Statut, TauxPas};
use crate::dossier::sample::{
    self, Month, absence, agent, agents, carriere, dated, element, employeur,
};
use crate::dossier::{Memory, Preparer};
use crate::load::MemoryFiles;
use crate::num::Fixed;
use crate::program::{Target, compile};

/// Two months of the same rules.
struct Pair {
    month: Month,
    before: Program,
}

impl Pair {
    fn of(month: Month) -> Self {
        let period = month.program.period.previous();
        let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
        let before = compile(&month.book, target).unwrap();
        Self { month, before }
    }

    fn national(mois: &str) -> Self {
        Self::of(Month::national(mois))
    }

    /// The variation of the first contract. That the causes add up is asserted for each.
    fn variation(&self, here: &Employeur, facts: &AgentFacts) -> Variation {
        self.with(here, facts, |sides, chain| chain.variation(sides))
    }

    /// Same, with another way to follow the chain.
    fn with(
        &self,
        here: &Employeur,
        facts: &AgentFacts,
        follow: impl Fn(&mut Sides<'_>, &mut Chain<'_>) -> Option<Variation>,
    ) -> Variation {
        let book = &self.month.book;
        let after = &self.month.program;
        let period = self.before.period;
        let preparers = [
            Preparer::new(book, &self.before).unwrap(),
            Preparer::of_month(book, after, period).unwrap(),
            Preparer::new(book, after).unwrap(),
        ];
        let [old, lent, new] = preparers.each_ref().map(|preparer| {
            let month = preparer.employeur(here);
            let found = preparer.agent(facts, |_| Some(&month), &mut Memory::default());
            found.into_iter().next()
        });
        let paid = |program: &Program, prepared: &Option<Prepared>| {
            let mut payslip = Payslip::default();
            if let Some(prepared) = prepared.as_ref().filter(|one| !one.segments.is_empty()) {
                Engine::new(program).run(&prepared.dossier, &mut payslip);
            }
            payslip
        };
        let slips = [paid(&self.before, &old), paid(after, &new)];
        let findings = [&old, &lent, &new].map(|one| one.as_ref().map(|one| &one.findings));
        let wrong = |finding: &&crate::dossier::Finding| finding.code.name().starts_with('E');
        let mut all = findings.into_iter().flatten().flatten();
        assert_eq!(all.find(wrong), None);
        let [old_slip, new_slip] = &slips;
        assert!(net_known(old_slip, &self.before) && net_known(new_slip, after), "{slips:?}");
        let blocked = false;
        let mut sides = Sides {
            facts,
            before: old.as_ref().map(|prepared| Side { prepared, payslip: old_slip, blocked }),
            lent: lent.as_ref(),
            after: new.as_ref().map(|prepared| Side { prepared, payslip: new_slip, blocked }),
        };
        let found = follow(&mut sides, &mut Chain::new(&self.before, after)).unwrap();
        let nets = [(&self.before, &slips[0]), (after, &slips[1])]
            .map(|(program, slip)| slip.amount(program.item("NET_A_PAYER").unwrap()));
        assert_eq!(found.gap(), Some(nets[1] - nets[0]));
        let sum: i64 = found.parts.iter().map(|part| part.cents).sum();
        assert_eq!(found.gap(), Some(sum), "{found:#?}");
        found
    }

    fn causes(&self, facts: &AgentFacts) -> Vec<(Cause, bool)> {
        let found = self.variation(&here(), facts);
        found.parts.iter().map(|part| (part.cause, part.cents > 0)).collect()
    }
}

/// An employer with every rate that the national rules ask for.
fn here() -> Employeur {
    employeur(&[
        ("taux_atmp", "0.0164"),
        ("taux_versement_mobilite", "0.02"),
        ("taux_cdg", "0.008"),
    ])
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn row(im: i64) -> Carriere {
    carriere("2020-01-01", im, "100")
}

fn steady() -> AgentFacts {
    agent(vec![row(420)], 0)
}

fn ifse(montant: &str, depuis: &str, fin: Option<&str>) -> crate::domain::Element {
    let mut row = element("IFSE");
    row.dated = dated(depuis, fin);
    row.montant = Fixed::parse(montant).ok();
    row
}

#[test]
fn nothing_moves_without_a_cause() {
    assert_eq!(Pair::national("2026-10").causes(&steady()), []);
}

#[test]
fn a_change_of_the_career_is_told_with_its_index() {
    let pair = Pair::national("2026-10");
    let mut facts = steady();
    facts.carrieres.push(carriere("2026-10-01", 440, "100"));
    let found = pair.variation(&here(), &facts);
    let [part] = &found.parts[..] else { panic!("{found:#?}") };
    assert!(part.cause == Cause::Carriere && part.cents > 0);
    assert_eq!(part.detail, "IM 420 → 440");
    // In the middle of the month before: half of it was there already.
    facts.carrieres[1].dated.depuis = day("2026-09-16");
    assert_eq!(pair.causes(&facts), [(Cause::Carriere, true)]);
    facts.carrieres[1].dated.depuis = day("2026-10-16");
    facts.carrieres[1].quotite = crate::domain::Quotite::parse("50").unwrap();
    let found = pair.variation(&here(), &facts);
    assert_eq!(found.parts[0].detail, "IM 420 → 440, quotité 100\u{a0}% → 50\u{a0}%");
    assert!(found.parts.len() == 1 && found.parts[0].cents < 0);
}

/// The point of July 2023 (+1.5 %), and the five points that every grid gained in January 2024:
/// the career says the same, the rules do not.
#[test]
fn rules_are_a_cause_even_through_the_grids() {
    let pair = Pair::national("2023-07");
    let found = pair.variation(&here(), &steady());
    let [part] = &found.parts[..] else { panic!("{found:#?}") };
    assert!(part.cause == Cause::Regle && part.cents > 0, "{part:?}");
    assert!(part.detail.starts_with("Traitement indiciaire brut +"), "{part:?}");

    let mut career = row(0);
    (career.indice_majore, career.categorie) = (None, None);
    career.grade = Some("adjoint administratif".into());
    career.echelon = Some("11".into());
    let facts = agent(vec![career], 0);
    let pair = Pair::national("2024-01");
    let found = pair.variation(&here(), &facts);
    let [part] = &found.parts[..] else { panic!("{found:#?}") };
    assert_eq!(part.cause, Cause::Regle);
    // Five points at 59.0734 € a year are 24.61 € of gross pay; the net gains less than that.
    assert!((1500..2462).contains(&part.cents), "{part:?}");
}

/// Facts that could not be prepared for the rules of the month are taken as they were: the grids
/// are then in the career. Months that share no layout have one cause for all.
#[test]
fn without_the_facts_lent_the_chain_still_adds_up() {
    let pair = Pair::national("2024-01");
    let mut career = row(0);
    (career.indice_majore, career.categorie) = (None, None);
    career.grade = Some("adjoint administratif".into());
    career.echelon = Some("11".into());
    let mut facts = agent(vec![career], 0);
    facts.elements = vec![ifse("100", "2024-01-01", None)];
    let found = pair.with(&here(), &facts, |sides, chain| {
        sides.lent = None;
        chain.variation(sides)
    });
    let causes: Vec<_> = found.parts.iter().map(|part| part.cause).collect();
    assert_eq!(causes, [Cause::Element, Cause::Carriere]);
    let found = pair.with(&here(), &facts, |sides, chain| {
        (sides.lent, chain.alike) = (None, false);
        chain.variation(sides)
    });
    let [part] = &found.parts[..] else { panic!("{found:#?}") };
    assert_eq!((part.cause, part.merged.len()), (Cause::Regle, Cause::ALL.len() - 1));
    // A month that waits for a human has no variation.
    let blocked = pair.with(&here(), &facts, |sides, chain| {
        let mut before = sides.before.take().unwrap();
        before.blocked = true;
        sides.before = Some(before);
        assert_eq!(chain.variation(sides).unwrap().gap(), None);
        sides.before.as_mut().unwrap().blocked = false;
        chain.variation(sides)
    });
    assert_eq!(blocked.parts.len(), 2);
}

#[test]
fn elements_come_change_and_end() {
    let pair = Pair::national("2026-10");
    let mut facts = steady();
    facts.elements = vec![ifse("300", "2026-10-01", None)];
    assert_eq!(pair.causes(&facts), [(Cause::Element, true)]);
    facts.elements.insert(0, ifse("200", "2024-01-01", None));
    let changed = pair.variation(&here(), &facts);
    let [part] = &changed.parts[..] else { panic!("{changed:#?}") };
    assert_eq!(part.cause, Cause::Element);
    assert!(part.detail.contains("+100,00"), "{part:?}");
    facts.elements = vec![ifse("300", "2024-01-01", Some("2026-09-30"))];
    assert_eq!(pair.causes(&facts), [(Cause::FinElement, false)]);
    // It ends in the month: what is left of it is less for the same cause.
    facts.elements = vec![ifse("300", "2024-01-01", Some("2026-10-15"))];
    assert_eq!(pair.causes(&facts), [(Cause::FinElement, false)]);
    facts.elements.push(ifse("400", "2026-10-16", Some("2026-12-31")));
    assert_eq!(pair.causes(&facts), [(Cause::Element, true)]);
    facts.elements = vec![ifse("300", "2026-10-16", None)];
    assert_eq!(pair.causes(&facts), [(Cause::Element, true)]);
    // An amount that stands for the computed pay is an element too.
    let mut forced = element("TIB");
    forced.dated = dated("2026-10-01", None);
    forced.montant_paye = Fixed::parse("2500").ok();
    facts.elements = vec![forced];
    assert_eq!(pair.causes(&facts), [(Cause::Element, true)]);
}

#[test]
fn a_rappel_comes_and_goes() {
    let mut facts = steady();
    let mut late = ifse("120", "2026-09-01", Some("2026-09-30"));
    late.mois_origine = Some(PayPeriod::parse("2026-07").unwrap());
    facts.elements = vec![late];
    assert_eq!(Pair::national("2026-09").causes(&facts), [(Cause::Rappel, true)]);
    assert_eq!(Pair::national("2026-10").causes(&facts), [(Cause::Rappel, false)]);
}

#[test]
fn absences_begin_and_end() {
    let mut facts = steady();
    facts.absences = vec![absence("greve", "2026-09-10", "2026-09-12")];
    assert_eq!(Pair::national("2026-09").causes(&facts), [(Cause::Absence, false)]);
    let found = Pair::national("2026-10").variation(&here(), &facts);
    let [part] = &found.parts[..] else { panic!("{found:#?}") };
    assert!(part.cause == Cause::FinAbsence && part.cents > 0);
    // A payslip does not name a strike.
    assert_eq!(part.detail, "absence");
    // The same leave, from one month to the next.
    facts.absences = vec![absence("maladie_ordinaire", "2026-09-20", "2026-10-31")];
    assert_eq!(Pair::national("2026-10").causes(&facts), [(Cause::Absence, false)]);
    facts.absences = vec![absence("maladie_ordinaire", "2026-09-02", "2026-10-05")];
    assert_eq!(Pair::national("2026-10").causes(&facts), [(Cause::FinAbsence, true)]);
    facts.absences = vec![absence("maladie_ordinaire", "2026-09-29", "2026-10-20")];
    assert_eq!(Pair::national("2026-10").causes(&facts), [(Cause::Absence, false)]);
}

#[test]
fn children_tax_and_employer() {
    let pair = Pair::national("2026-10");
    let mut facts = steady();
    let mut more = facts.familles[0].clone();
    (more.dated, more.enfants) = (dated("2026-10-01", None), 2);
    facts.familles.push(more);
    assert_eq!(pair.causes(&facts), [(Cause::Famille, true)]);
    let mut facts = steady();
    let taux = Fixed::parse("0.045").ok();
    facts.taux_pas.push(TauxPas { dated: dated("2026-10-01", None), taux });
    assert_eq!(pair.causes(&facts), [(Cause::Impot, false)]);

    // 412 × 59.0734 / 12 = 2 028.186…: a cent less when it is truncated.
    let mut here = here();
    let mut rounding = here.parametres[0].clone();
    (rounding.nom, rounding.valeur) = ("arrondi_traitement".to_owned(), "troncature".to_owned());
    rounding.dated.depuis = day("2026-10-01");
    here.parametres.push(rounding);
    let facts = agent(vec![row(412)], 0);
    let found = pair.variation(&here, &facts);
    let causes: Vec<_> = found.parts.iter().map(|part| (part.cause, part.cents)).collect();
    assert_eq!(causes, [(Cause::Employeur, -1)]);
}

#[test]
fn somebody_comes_and_somebody_leaves() {
    let from = |depuis: &str, fin: Option<&str>| {
        let mut career = row(420);
        career.dated = dated(depuis, fin);
        agent(vec![career], 0)
    };
    let pair = Pair::national("2026-10");
    assert_eq!(pair.causes(&from("2026-09-20", None)), [(Cause::Arrivee, true)]);
    assert_eq!(pair.causes(&from("2026-10-05", None)), [(Cause::Arrivee, true)]);
    assert_eq!(pair.causes(&from("2020-01-01", Some("2026-10-12"))), [(Cause::Depart, false)]);
    assert_eq!(pair.causes(&from("2020-01-01", Some("2026-09-30"))), [(Cause::Depart, false)]);
}

/// Several things at once, cut on days of their own: each has its part, and the last inputs are
/// those of the month.
#[test]
fn everything_at_once_adds_up() {
    let pair = Pair::national("2026-10");
    let mut facts = agent(vec![row(420)], 1);
    facts.carrieres.push(Carriere { dated: dated("2026-09-11", None), ..row(430) });
    facts.carrieres.push(Carriere { dated: dated("2026-10-21", None), ..row(470) });
    facts.elements = vec![
        ifse("200", "2024-01-01", None),
        ifse("350", "2026-10-06", None),
        late("2026-10-01", "2026-10-31", "2026-05"),
    ];
    facts.absences = vec![
        absence("greve", "2026-09-15", "2026-09-15"),
        absence("maladie_ordinaire", "2026-10-19", "2026-10-28"),
    ];
    let taux = Fixed::parse("0.02").ok();
    facts.taux_pas.push(TauxPas { dated: dated("2026-10-01", None), taux });
    let mut causes = pair.causes(&facts);
    causes.sort_unstable();
    let expected = [
        (Cause::Rappel, true),
        (Cause::FinAbsence, true),
        (Cause::Element, true),
        (Cause::Absence, false),
        (Cause::Carriere, true),
        (Cause::Impot, true),
    ];
    assert_eq!(causes, expected);
}

fn late(depuis: &str, fin: &str, origin: &str) -> crate::domain::Element {
    let mut row = ifse("90", depuis, Some(fin));
    row.libelle = Some("Rappel d'IFSE".into());
    row.mois_origine = PayPeriod::parse(origin).ok();
    row
}

/// Agents of every kind, over a change of year, a short month, a change of rules in the month.
#[test]
fn causes_add_up_for_agents_of_every_kind() {
    let mut seen: Vec<Cause> = Vec::new();
    for mois in ["2024-01", "2024-03", "2025-03", "2025-06", "2025-07", "2026-01"] {
        let pair = Pair::national(mois);
        for facts in &agents(mois) {
            let found = pair.variation(&here(), facts);
            assert!(found.parts.iter().all(|part| part.cents != 0));
            seen.extend(found.parts.iter().map(|part| part.cause));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    let expected = [Cause::Regle, Cause::Absence, Cause::Carriere, Cause::Cumul, Cause::Arrivee];
    assert!(expected.iter().all(|cause| seen.contains(cause)), "{seen:?}");
}

/// The steps end at the inputs of the month, to the last value.
#[test]
fn the_last_step_leaves_the_inputs_of_the_month() {
    let pair = Pair::national("2026-03");
    let here = here();
    for facts in &agents("2026-03") {
        let (book, after) = (&pair.month.book, &pair.month.program);
        let lent = Preparer::of_month(book, after, pair.before.period).unwrap();
        let new = Preparer::new(book, after).unwrap();
        let prepared = [lent, new].map(|preparer| {
            let month = preparer.employeur(&here);
            preparer.agent(facts, |_| Some(&month), &mut Memory::default()).into_iter().next()
        });
        let [Some(old), Some(new)] = &prepared else { continue };
        let frame = Frame::new(facts, after, (old, &old.dossier, pair.before.period), new);
        let mut choices = Choices::default();
        STEPS.iter().for_each(|step| (step.change)(&mut choices));
        assert_eq!(frame.dossier(&choices), new.dossier);
    }
}

const SMALL: &str = r#"
[regles]
edition = 1
premier_mois = "2025-01"
dernier_mois = "2025-12"
verifie = 2025-12-31

[[entree]]
nom = "agent.statut"
libelle = "Statut"
portee = "segment"
type = "enumeration"
valeurs = ["titulaire", "contractuel"]
obligatoire = true

[[entree]]
nom = "agent.montant_mensuel"
libelle = "Montant"
portee = "segment"
type = "nombre"
unite = "€"
decimales = 2
min = "0"
max = "100000"

[[entree]]
nom = "employeur.prime"
libelle = "Prime"
portee = "employeur"
type = "nombre"
unite = "€"
decimales = 2
min = "0"
max = "1000"
parametre = true

[[rubrique]]
code = "NET_A_PAYER"
libelle = "Net"
nature = "gain"
ordre = 10
calcul = "segment"
segments = "dernier"
[[rubrique.version]]
depuis = 2025-01-01
publie = 2025-01-01
textes = ["texte"]
formule = "agent.montant_mensuel"
arrondi = { au = "0.01", mode = "demi_superieur" }
[[rubrique.version]]
depuis = 2025-06-01
publie = 2025-01-01
textes = ["texte"]
formule = "agent.montant_mensuel + employeur.prime"
arrondi = { au = "0.01", mode = "demi_superieur" }
"#;

/// From June the rules need a parameter that the employer gives from June: with the facts of May
/// nothing can be computed, so the rules cannot be told from the parameter.
#[test]
fn a_step_that_cannot_be_computed_goes_with_the_next() {
    let texte = "[texte]\ntitre = \"Texte\"\npublie = 2025-01-01\n";
    let files = MemoryFiles::from([("small.toml", SMALL), ("textes/t.toml", texte)]);
    let pair = Pair::of(sample::month(&files, "2025-06", KnownOn::Everything));
    let mut career = row(0);
    (career.indice_majore, career.statut) = (None, Statut::Contractuel);
    career.montant_mensuel = Fixed::parse("1500").ok();
    let raised = Carriere {
        montant_mensuel: Fixed::parse("1600").ok(),
        dated: Dated { depuis: day("2025-06-01"), ..career.dated },
        ..career.clone()
    };
    let facts = agent(vec![career, raised], 0);
    let mut here = employeur(&[("prime", "50")]);
    here.parametres[0].dated.depuis = day("2025-06-01");
    let found = pair.variation(&here, &facts);
    let parts: Vec<_> =
        found.parts.iter().map(|part| (part.cause, part.cents, part.merged.clone())).collect();
    assert_eq!(
        parts,
        [(Cause::Employeur, 5_000, vec![Cause::Regle]), (Cause::Carriere, 10_000, Vec::new())]
    );
}

/// A month whose inputs are laid out otherwise is read through the other layout.
#[test]
fn inputs_are_laid_out_for_the_other_month() {
    let pair = Pair::national("2026-01");
    let facts = &agents("2026-01")[0];
    let preparer = Preparer::new(&pair.month.book, &pair.before).unwrap();
    let here = here();
    let month = preparer.employeur(&here);
    let mut prepared = preparer.agent(facts, |_| Some(&month), &mut Memory::default()).remove(0);
    let (id, part, slot) = pair.before.layout.cumuls[0];
    prepared.dossier.cumuls = vec![(slot, 12_345)];
    let moved = transposed(&prepared.dossier, &pair.before, &pair.month.program);
    let place = pair.month.program.layout.cumuls.iter().find(|one| (one.0, one.1) == (id, part));
    assert_eq!(moved.cumuls, place.map(|one| (one.2, 12_345)).into_iter().collect::<Vec<_>>());
    let mut other = pair.month.program.clone();
    other.layout.mois.pop();
    assert!(alike(&pair.before, &pair.month.program) && !alike(&pair.before, &other));
}
