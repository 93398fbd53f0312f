//! The elements that some agents have, each as often as in a real pool.

use super::elements::Element;
use super::grades::{self, Categorie, Metier};
use super::plan::Nature;
use super::post::{FULL_WEEK, Hours, Pay, Statut};
use super::prng::Prng;
use super::situation::Contract;
use crate::calendar::PayPeriod;

/// From the lowest to the highest, by steps.
#[derive(Clone, Copy)]
struct Range(u32, u32, u32);

const NONE: Range = Range(0, 0, 1);

impl Range {
    fn draw(self, rng: &mut Prng) -> u32 {
        let Self(low, high, step) = self;
        if high == 0 { 0 } else { low + step * rng.below((high - low).div_euclid(step) + 1) }
    }
}

/// An element that some agents have.
#[derive(Clone, Copy)]
pub(super) struct Occasion {
    /// Its code.
    pub(super) rubrique: &'static str,
    per_thousand: u32,
    who: fn(&Contract) -> bool,
    /// Paid every month, not for the month alone.
    pub(super) permanent: bool,
    even_absent: bool,
    since: (i32, u32),
    until: (i32, u32),
    months: &'static [u32],
    nombre: Range,
    base: Range,
    taux: Range,
    montant: Range,
    libelle: &'static str,
}

impl Occasion {
    /// Whether it is met with a contract; `absent`: the agent is away in the month.
    pub(super) fn met(
        &self,
        rng: &mut Prng,
        contract: &Contract,
        absent: bool,
        mois: PayPeriod,
    ) -> bool {
        let now = (mois.year(), mois.month());
        let dated = self.since <= now && now <= self.until;
        let dated = dated && (self.months.is_empty() || self.months.contains(&now.1));
        let there = self.even_absent || !absent;
        dated && there && (self.who)(contract) && rng.chance(self.per_thousand)
    }

    /// What the element says.
    pub(super) fn draw(&self, rng: &mut Prng) -> Element {
        Element {
            nombre: self.nombre.draw(rng),
            base: self.base.draw(rng),
            taux: self.taux.draw(rng),
            montant: self.montant.draw(rng),
            libelle: self.libelle,
            ..Element::default()
        }
    }

    const fn nombre(self, low: u32, high: u32, step: u32) -> Self {
        Self { nombre: Range(low, high, step), ..self }
    }

    const fn base(self, low: u32, high: u32, step: u32) -> Self {
        Self { base: Range(low, high, step), ..self }
    }

    const fn taux(self, low: u32, high: u32) -> Self {
        Self { taux: Range(low, high, 1), ..self }
    }

    const fn montant(self, low: u32, high: u32, step: u32) -> Self {
        Self { montant: Range(low, high, step), ..self }
    }

    /// Paid every month, absences included.
    const fn permanent(self) -> Self {
        Self { permanent: true, even_absent: true, ..self }
    }

    const fn since(self, year: i32, month: u32) -> Self {
        Self { since: (year, month), ..self }
    }

    const fn until(self, year: i32, month: u32) -> Self {
        Self { until: (year, month), ..self }
    }

    const fn labelled(self, libelle: &'static str) -> Self {
        Self { libelle, ..self }
    }

    /// In these months of the year only.
    const fn in_months(self, months: &'static [u32]) -> Self {
        Self { months, ..self }
    }
}

const fn some(rubrique: &'static str, per_thousand: u32, who: fn(&Contract) -> bool) -> Occasion {
    Occasion {
        rubrique,
        per_thousand,
        who,
        permanent: false,
        even_absent: false,
        since: (0, 0),
        until: (i32::MAX, 12),
        months: &[],
        nombre: NONE,
        base: NONE,
        taux: NONE,
        montant: NONE,
        libelle: "",
    }
}

/// Under a public-law tie, other than work by the task.
fn agents(contract: &Contract) -> bool {
    matches!(contract.post.statut, Statut::Titulaire | Statut::Stagiaire | Statut::Contractuel)
}

/// Paid enough, and known well enough, for a withholding.
fn settled(contract: &Contract) -> bool {
    contract.post.statut == Statut::Titulaire
        && matches!(contract.post.hours, Hours::Week(FULL_WEEK))
        && contract.post.quotite >= 80
}

fn workshop(contract: &Contract) -> bool {
    let ladder = &contract.post.ladder;
    let technical = [grades::TECHNIQUE_C, grades::MAITRISE_C, grades::TECHNIQUE_B];
    agents(contract) && technical.contains(ladder)
}

fn engineer(contract: &Contract) -> bool {
    agents(contract) && contract.post.ladder == grades::TECHNIQUE_A
}

/// Offices and social work.
fn office(contract: &Contract) -> bool {
    let ladder = &contract.post.ladder;
    let own = [
        grades::ADMINISTRATIF_C,
        grades::ADMINISTRATIF_B,
        grades::ADMINISTRATIF_A,
        grades::SOCIAL_A,
        grades::TECHNIQUE_A,
    ];
    agents(contract) && own.contains(ladder)
}

/// Neither technical nor police: the other table of on-call duty.
fn not_technical(contract: &Contract) -> bool {
    let ladder = &contract.post.ladder;
    let own = [grades::ADMINISTRATIF_B, grades::ADMINISTRATIF_A, grades::ANIMATION_B];
    agents(contract) && (own.contains(ladder) || ladder.metier == Metier::Soin)
}

fn police(contract: &Contract) -> bool {
    agents(contract) && contract.post.ladder.metier == Metier::Police
}

fn firefighter(contract: &Contract) -> bool {
    agents(contract) && contract.post.ladder.metier == Metier::Pompier
}

fn housed(contract: &Contract) -> bool {
    contract.post.loge
}

/// Minds children at home.
fn childminder(contract: &Contract) -> bool {
    contract.post.statut == Statut::AssistantMaternel
}

/// Works on Sundays and at night as a matter of course.
fn care(contract: &Contract) -> bool {
    let ladder = &contract.post.ladder;
    agents(contract) && (ladder.metier == Metier::Soin || *ladder == grades::SOCIAL_C)
}

fn museum(contract: &Contract) -> bool {
    agents(contract) && contract.post.ladder == grades::PATRIMOINE_C
}

fn canteen(contract: &Contract) -> bool {
    let ladder = &contract.post.ladder;
    agents(contract) && [grades::ECOLES_C, grades::ANIMATION_C].contains(ladder)
}

fn cashier(contract: &Contract) -> bool {
    settled(contract) && [Categorie::B, Categorie::C].contains(&contract.post.ladder.categorie)
}

fn manager(contract: &Contract) -> bool {
    settled(contract) && contract.post.ladder == grades::ADMINISTRATIF_A
}

fn director(contract: &Contract) -> bool {
    let big = contract.employer.staff >= 40 && contract.employer.nature != Nature::Departement;
    manager(contract) && big && contract.post.grade.nom == "attaché principal"
}

fn commuter(contract: &Contract) -> bool {
    let paid = !matches!(contract.post.statut, Statut::Elu | Statut::Vacataire);
    paid && contract.employer.staff >= 11
}

fn apprentice(contract: &Contract) -> bool {
    contract.post.statut == Statut::Apprenti
}

fn indexed(contract: &Contract) -> bool {
    contract.post.statut == Statut::Titulaire && contract.post.pay == Pay::Grade
}

/// All of them. Numbers are in tenths, amounts in cents, rates in hundredths.
pub(super) const ALL: &[Occasion] = &[
    some("PRIME_FEU", 1000, firefighter).permanent(),
    some("ISFE_VARIABLE_ANNUELLE", 120, police).montant(30_000, 90_000, 1000).since(2025, 1),
    some("ENTRETIEN_ASSMAT", 1000, childminder).nombre(200, 900, 10).base(350, 480, 5),
    some("ASTREINTE_EXPLOITATION_SEMAINE", 35, workshop).nombre(10, 20, 10),
    some("ASTREINTE_EXPLOITATION_WEEKEND", 12, workshop).nombre(10, 20, 10),
    some("ASTREINTE_EXPLOITATION_NUIT", 8, workshop).nombre(10, 50, 10).taux(50, 50),
    some("ASTREINTE_SECURITE_SEMAINE", 8, workshop).nombre(10, 20, 10),
    some("ASTREINTE_DECISION_SEMAINE", 80, engineer).nombre(10, 10, 10),
    some("INTERVENTION_TECHNIQUE_JOUR", 90, engineer).nombre(10, 40, 5),
    some("INTERVENTION_TECHNIQUE_NUIT", 70, engineer).nombre(10, 30, 5),
    some("ASTREINTE_SEMAINE", 15, not_technical).nombre(10, 10, 10),
    some("ASTREINTE_WEEKEND", 12, not_technical).nombre(10, 20, 10),
    some("INTERVENTION_SAMEDI", 16, not_technical).nombre(10, 30, 5),
    some("PERMANENCE_TECHNIQUE_SAMEDI", 8, workshop).nombre(10, 20, 10),
    some("PERMANENCE_SAMEDI", 12, not_technical).nombre(10, 20, 10),
    some("PERMANENCE_DIMANCHE_DEMI", 12, not_technical).nombre(10, 20, 10),
    some("NUIT", 60, care).nombre(80, 600, 40),
    some("NUIT_INTENSIVE", 40, care).nombre(80, 600, 40),
    some("DIMANCHE", 120, care).nombre(70, 210, 35),
    some("DIMANCHE", 100, museum).nombre(70, 140, 35),
    some("IFCE", 40, manager).nombre(10, 40, 5),
    some("REGIE", 15, cashier).base(40_000, 900_000, 10_000).nombre(10, 10, 10),
    some("PRIME_RESPONSABILITE", 250, director).taux(8, 15).permanent(),
    some("PRIME_ANNUELLE", 300, indexed).montant(40_000, 140_000, 1000).in_months(&[11]),
    some("PRIME_ANNUELLE", 8, indexed)
        .montant(40_000, 140_000, 1000)
        .in_months(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]),
    some("AVANTAGE_REPAS", 110, canteen).nombre(40, 180, 10),
    some("AVANTAGE_REPAS", 60, care).nombre(40, 160, 10).base(150, 250, 10),
    some("AVANTAGE_REPAS", 80, apprentice).nombre(40, 120, 10),
    some("AVANTAGE_LOGEMENT", 1000, housed)
        .nombre(20, 50, 10)
        .base(190_000, 260_000, 100)
        .since(2026, 1),
    some("AVANTAGE_LOGEMENT", 1000, housed).montant(9000, 19_000, 10).until(2025, 12),
    some("TRANSPORT", 60, commuter).base(2200, 8600, 10).permanent(),
    some("FMD", 4, commuter).nombre(300, 1400, 10),
    some("TELETRAVAIL", 350, office).nombre(40, 260, 10).in_months(&[1, 4, 7, 10]),
    some("TELETRAVAIL", 5, office).nombre(40, 120, 10).in_months(&[2, 3, 5, 6, 8, 9, 11, 12]),
    some("CET_INDEMNISE", 4, indexed).nombre(10, 100, 10),
    some("MUTUELLE", 400, agents).montant(1850, 6400, 5).permanent(),
    some("PSC_PREVOYANCE", 460, agents).base(1900, 5200, 10).montant(700, 2500, 50).permanent(),
    some("PSC_SANTE", 320, agents).base(2800, 9000, 10).montant(1500, 3000, 50).permanent(),
    some("ACOMPTE", 5, settled).montant(10_000, 40_000, 5000),
    some("PENSION_ALIMENTAIRE", 4, settled).montant(12_000, 30_000, 500),
    some("SAISIE", 4, settled).nombre(10, 30, 10).montant(40_000, 300_000, 1000),
    some("SAISIE", 2, settled).labelled("Saisie administrative à tiers détenteur"),
    some("TROP_PERCU", 5, settled).montant(1500, 19_000, 50).nombre(10, 40, 10),
];
