//! The populations whose pay neither a grade nor an index sets: apprentices, childminders,
//! subsidised contracts, work by the task.

use super::employer::Employer;
use super::grades;
use super::plan::Nature;
use super::post::{FULL_WEEK, Hours, Pay, Post, Statut};
use super::prng::Prng;
use crate::calendar::PayPeriod;

/// The post of an agent of one of these populations; nothing for most agents.
pub(super) fn draw(
    rng: &mut Prng,
    employer: &Employer,
    position: u32,
    mois: PayPeriod,
) -> Option<Post> {
    // The first three hold the office, the workshop and the school.
    if position < 3 {
        return None;
    }
    let nursery = matches!(employer.nature, Nature::Ccas | Nature::Cias | Nature::Commune);
    let nursery = nursery && employer.staff >= 20;
    let common = |statut, age: u32, femme| {
        let base = Post { statut, age, femme, seniority: 1, quotite: 100, ..Post::default() };
        Some(base)
    };
    match rng.below(1000) {
        0..14 => {
            let femme = rng.chance(520);
            // Twenty-nine at most when the contract starts.
            let age = if rng.chance(80) { 26 + rng.below(8).min(3) } else { 16 + rng.below(10) };
            let post = common(Statut::Apprenti, age, femme)?;
            Some(Post { hours: Hours::Week(FULL_WEEK), ..post })
        }
        14..38 => {
            let femme = rng.chance(560);
            let post = common(Statut::Vacataire, 19 + rng.below(50), femme)?;
            // The rate stands in the contract or with each act.
            let pay = match rng.chance(300) {
                true => Pay::Hourly(50 * rng.between(25, 90)),
                false => Pay::Statut,
            };
            Some(Post { pay, ..post })
        }
        38..48 => {
            let femme = rng.chance(600);
            let post = common(Statut::ContratAide, 19 + rng.below(40), femme)?;
            let hours = Hours::Week(rng.pick(&[1200, 1200, 1320, 1560, 1560, 1800, FULL_WEEK]));
            // The minimum wage, sometimes a little more.
            let more = if rng.chance(200) { 500 * rng.between(1, 12) } else { 0 };
            Some(Post { pay: Pay::Flat(smic(mois) + more), hours, ..post })
        }
        48..66 if nursery => common(Statut::AssistantMaternel, 28 + rng.below(34), true),
        48..98 if employer.nature == Nature::Departement => {
            let femme = rng.chance(900);
            common(Statut::AssistantFamilial, 30 + rng.below(34), femme)
        }
        98..102 if employer.staff >= 40 => {
            let femme = rng.chance(480);
            let post = common(Statut::DetacheEtat, 32 + rng.below(30), femme)?;
            let ladder = rng.pick(&[grades::ADMINISTRATIF_A, grades::ADMINISTRATIF_B]);
            let hours = Hours::Week(FULL_WEEK);
            Some(Post { ladder, pay: Pay::Indice(rng.between(420, 720)), hours, ..post })
        }
        _ => None,
    }
}

/// The minimum wage of a full month, in cents.
pub(super) fn smic(mois: PayPeriod) -> u32 {
    match (mois.year(), mois.month()) {
        (..2024, _) | (2024, ..11) => 176_692,
        (2024..2026, _) => 180_180,
        (2026, ..6) => 182_303,
        _ => 186_702,
    }
}
