//! What an invented agent does: grade, échelon, status, hours.

use super::elus::{self, Mandat};
use super::employer::Employer;
use super::grades::{self, Categorie, Grade, Ladder, Metier};
use super::plan::Nature;
use super::prng::Prng;
use super::special;
use crate::calendar::PayPeriod;

/// A full week, in minutes.
pub(super) const FULL_WEEK: u32 = 35 * 60;

/// Status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Statut {
    #[default]
    Titulaire,
    Stagiaire,
    Contractuel,
    Apprenti,
    Vacataire,
    ContratAide,
    AssistantMaternel,
    AssistantFamilial,
    DetacheEtat,
    Elu,
}

impl Statut {
    /// The name written in files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Titulaire => "titulaire",
            Self::Stagiaire => "stagiaire",
            Self::Contractuel => "contractuel",
            Self::Apprenti => "apprenti",
            Self::Vacataire => "vacataire",
            Self::ContratAide => "contrat_aide",
            Self::AssistantMaternel => "assistant_maternel",
            Self::AssistantFamilial => "assistant_familial",
            Self::DetacheEtat => "detache_etat",
            Self::Elu => "elu",
        }
    }
}

/// Weekly hours of the post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hours {
    /// In minutes, out of 35 hours.
    Week(u32),
    /// Hours out of twenty, for those who teach.
    Twentieths(u32),
    /// None: a mandate, work by the task.
    #[default]
    Free,
}

/// How the pay is fixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pay {
    /// By the statute itself, or by what was done in the month.
    #[default]
    Statut,
    /// By a grade and an échelon.
    Grade,
    /// By an index written in the contract.
    Indice(u32),
    /// By an amount, in cents a month.
    Flat(u32),
    /// By an amount, in cents an hour.
    Hourly(u32),
}

/// A post and who holds it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Post {
    /// The ladder climbed.
    pub(super) ladder: Ladder,
    /// The grade held.
    pub(super) grade: Grade,
    /// The grade above, if any.
    pub(super) above: Option<Grade>,
    /// From 1.
    pub(super) echelon: u32,
    /// Status.
    pub(super) statut: Statut,
    /// How the pay is fixed.
    pub(super) pay: Pay,
    /// Weekly hours.
    pub(super) hours: Hours,
    /// Part time, in percent.
    pub(super) quotite: u32,
    /// Points.
    pub(super) nbi: u32,
    /// Points.
    pub(super) cti: u32,
    /// In years.
    pub(super) age: u32,
    /// Years in the public service.
    pub(super) seniority: u32,
    /// Whether a woman.
    pub(super) femme: bool,
    /// Time worked under therapeutic part time, in percent; 0: none.
    pub(super) therapeutique: u32,
    /// Group of functions of the RIFSEEP; 0: none.
    pub(super) groupe: u32,
    /// Housed because the service requires it.
    pub(super) loge: bool,
    /// Pays more for the part of the time that is not worked.
    pub(super) surcotisation: bool,
    /// The mandate of an elected representative.
    pub(super) mandat: Option<Mandat>,
}

impl Post {
    /// Draws the post of the agent at `position` with an employer: the staff, then the elected.
    pub(super) fn draw(
        rng: &mut Prng,
        employer: &Employer,
        position: u32,
        mois: PayPeriod,
    ) -> Self {
        if let Some(rank) = position.checked_sub(employer.staff) {
            let mandat = Some(elus::mandat(rng, employer, rank, mois));
            let (age, femme) = (29 + rng.below(25) + rng.below(25), rng.chance(430));
            return Self {
                statut: Statut::Elu,
                quotite: 100,
                age,
                femme,
                mandat,
                ..Self::default()
            };
        }
        match special::draw(rng, employer, position, mois) {
            Some(post) => post,
            None => Self::ordinary(rng, employer, position),
        }
    }

    /// An official or an agent under a public-law contract.
    fn ordinary(rng: &mut Prng, employer: &Employer, position: u32) -> Self {
        let (ladder, hours) = match employer.is_tiny() {
            true => tiny_role(rng, position),
            false => role(rng, employer),
        };
        let femme = rng.below(100) < ladder.femmes;
        let statut = rng.weighted(&[
            (68, Statut::Titulaire),
            (4, Statut::Stagiaire),
            (28, Statut::Contractuel),
        ]);
        let age = match statut {
            Statut::Titulaire => 24 + rng.below(22) + rng.below(22),
            Statut::Stagiaire => 19 + rng.below(22),
            _ => 19 + rng.below(24) + rng.below(25),
        };
        let since = match statut {
            Statut::Titulaire => age - 19,
            Statut::Stagiaire => 2,
            _ => (age - 19).min(8),
        };
        let seniority = rng.between(since.div_euclid(4), since);
        let (rank, echelon) = climb(rng, &ladder, seniority);
        let at = |rank: usize| ladder.grades.get(rank).copied();
        let mut post = Self {
            ladder,
            grade: at(rank).unwrap_or_default(),
            above: at(rank + 1),
            echelon,
            statut,
            pay: pay(rng, ladder, statut),
            hours,
            quotite: 100,
            age,
            seniority,
            femme,
            ..Self::default()
        };
        post.quotite = post.part_time(rng);
        post.nbi = post.bonus_points(rng, employer, position);
        post.cti = post.care_points(rng, employer);
        if statut == Statut::Titulaire && post.quotite == 100 && rng.chance(6) {
            post.therapeutique = rng.pick(&[50, 50, 60, 70, 80]);
        }
        post.surcotisation = statut == Statut::Titulaire && post.quotite < 100 && rng.chance(30);
        post.loge = statut == Statut::Titulaire && ladder == grades::TECHNIQUE_C && rng.chance(15);
        if ladder.groupes > 0 && post.pay == Pay::Grade {
            post.groupe = rng.between(1, ladder.groupes);
        }
        post
    }

    /// Less than the full week of the post's kind.
    pub(super) fn is_incomplete(&self) -> bool {
        match self.hours {
            Hours::Week(minutes) => minutes < FULL_WEEK,
            Hours::Twentieths(hours) => hours < 20,
            Hours::Free => false,
        }
    }

    /// Whether the agent is a civil servant, confirmed or on probation.
    pub(super) fn is_fonctionnaire(&self) -> bool {
        matches!(self.statut, Statut::Titulaire | Statut::Stagiaire)
    }

    fn part_time(&self, rng: &mut Prng) -> u32 {
        let often = match (self.femme, self.statut) {
            (true, Statut::Titulaire) => 260,
            (false, Statut::Titulaire) => 70,
            (true, Statut::Contractuel) => 120,
            (false, Statut::Contractuel) => 30,
            _ => 0,
        };
        let metier = self.ladder.metier;
        let possible =
            !self.is_incomplete() && !matches!(metier, Metier::Enseignement | Metier::Pompier);
        match possible && rng.chance(often) {
            true => rng.weighted(&[(55, 80), (20, 90), (12, 50), (5, 60), (8, 70)]),
            false => 100,
        }
    }

    fn bonus_points(&self, rng: &mut Prng, employer: &Employer, position: u32) -> u32 {
        if !self.is_fonctionnaire() {
            return 0;
        }
        let secretary = employer.is_tiny() && position == 0;
        if secretary && rng.chance(300) {
            30
        } else if rng.chance(if secretary { 0 } else { 70 }) {
            rng.pick(&[10, 10, 10, 15, 15, 20, 25, 30])
        } else {
            0
        }
    }

    fn care_points(&self, rng: &mut Prng, employer: &Employer) -> u32 {
        let social = matches!(employer.nature, Nature::Ccas | Nature::Cias);
        let care = self.ladder.metier == Metier::Soin || self.ladder == grades::SOCIAL_A;
        let indexed = !matches!(self.pay, Pay::Flat(_));
        if social && care && indexed && rng.chance(600) { 49 } else { 0 }
    }
}

/// The three posts of a tiny commune, then hours of cleaning and canteen.
fn tiny_role(rng: &mut Prng, position: u32) -> (Ladder, Hours) {
    let (ladder, hours) = match position {
        0 => (
            rng.weighted(&[
                (60, grades::ADMINISTRATIF_C),
                (28, grades::ADMINISTRATIF_B),
                (12, grades::ADMINISTRATIF_A),
            ]),
            rng.weighted(&[(15, 840), (30, 1050), (25, 1200), (15, 1680), (15, FULL_WEEK)]),
        ),
        1 => (
            grades::TECHNIQUE_C,
            rng.weighted(&[(20, 1050), (15, 1200), (15, 1680), (50, FULL_WEEK)]),
        ),
        2 => (
            rng.weighted(&[
                (50, grades::ECOLES_C),
                (30, grades::TECHNIQUE_C),
                (20, grades::ANIMATION_C),
            ]),
            rng.weighted(&[(30, 1200), (35, 1680), (25, 1800), (10, FULL_WEEK)]),
        ),
        _ => (
            rng.weighted(&[
                (60, grades::TECHNIQUE_C),
                (25, grades::ANIMATION_C),
                (15, grades::PATRIMOINE_C),
            ]),
            rng.weighted(&[(15, 480), (20, 630), (25, 1050), (20, 1200), (20, FULL_WEEK)]),
        ),
    };
    (ladder, Hours::Week(hours))
}

fn role(rng: &mut Prng, employer: &Employer) -> (Ladder, Hours) {
    let ladder = rng.weighted(match employer.nature {
        Nature::Commune | Nature::Epci => grades::GENERAL,
        Nature::Ccas | Nature::Cias => grades::SOCIAL,
        Nature::Syndicat => grades::WORKS,
        Nature::Cdg => grades::OFFICE,
        Nature::Departement => grades::DEPARTEMENT,
        Nature::Sdis => grades::SECOURS,
    });
    if ladder.metier == Metier::Enseignement {
        let hours = [(45, 20), (15, 16), (20, 12), (10, 10), (10, 8)];
        return (ladder, Hours::Twentieths(rng.weighted(&hours)));
    }
    let incomplete = match (employer.staff, ladder.categorie) {
        _ if ladder.metier == Metier::Pompier => 0,
        (_, Categorie::A) => 10,
        (0..=40, Categorie::C) => 330,
        (41..=150, Categorie::C) => 150,
        (_, Categorie::C) => 60,
        _ => 40,
    };
    let minutes = match rng.chance(incomplete) {
        true => rng.pick(&[1050, 1200, 1470, 1680, 1680, 1800, 1890]),
        false => FULL_WEEK,
    };
    (ladder, Hours::Week(minutes))
}

/// The grade and the échelon that so many years lead to, more or less.
fn climb(rng: &mut Prng, ladder: &Ladder, seniority: u32) -> (usize, u32) {
    let pace = rng.between(9, 15);
    let top = ladder.grades.len().saturating_sub(1);
    let rank = usize::try_from(seniority.div_euclid(pace)).unwrap_or(0).min(top);
    let years = seniority - u32::try_from(rank).unwrap_or(0) * pace;
    // A promotion keeps the index: it enters the next grade some échelons above the first.
    let entry = if rank == 0 { 1 } else { 3 };
    let echelon = entry + years.div_euclid(2) + rng.below(2);
    let highest = ladder.grades.get(rank).map_or(1, |grade| grade.echelons);
    (rank, echelon.clamp(1, highest))
}

fn pay(rng: &mut Prng, ladder: Ladder, statut: Statut) -> Pay {
    if statut != Statut::Contractuel {
        return Pay::Grade;
    }
    match (rng.below(100), ladder.categorie) {
        (0..76, _) => Pay::Grade,
        (76..92, Categorie::C) => Pay::Indice(rng.between(366, 400)),
        (76..92, Categorie::B) => Pay::Indice(rng.between(373, 450)),
        (76..92, Categorie::A) => Pay::Indice(rng.between(395, 650)),
        (_, Categorie::C) => Pay::Flat(1000 * rng.between(188, 215)),
        (_, Categorie::B) => Pay::Flat(1000 * rng.between(200, 265)),
        (_, Categorie::A) => Pay::Flat(1000 * rng.between(240, 390)),
    }
}
