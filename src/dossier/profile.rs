//! Profiles: agents who share a statut, a scheme and the like run a program made for them.

use crate::engine::Dossier;
use crate::program::{InputSlot, Slot};
use crate::rules::{EntreeId, EntreeType};

use super::Preparer;
use super::inputs::{Input, known};

/// More profiles than this would be remembered for nothing.
const MOST: usize = 1 << 12;

/// Which inputs decide a profile, and what the others are taken to be.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// Inputs of a segment that always have a value of a short list: place among the values, input,
    /// number of values.
    chosen: Vec<(usize, EntreeId, usize)>,
    /// Inputs of the employer, with their default: place among the values, input, value.
    usual: Vec<(usize, EntreeId, i128)>,
}

/// A profile of [`Profiles`], below [`Profiles::count`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile(pub usize);

impl Preparer<'_> {
    /// The profiles of this month.
    pub fn profiles(&self) -> Profiles {
        let mut profiles = Profiles::default();
        let place = |slots: &[InputSlot], slot: Slot| {
            let first = slots.first().map_or(slot, |input| input.slot);
            usize::from(slot.saturating_sub(first))
        };
        let segment = &self.program.layout.segment;
        for (slot, input) in segment.iter().zip(&self.layout.segment) {
            let values = match &input.entree.kind {
                EntreeType::Enumeration(words) => words.len(),
                EntreeType::Booleen => 2,
                _ => continue,
            };
            let room = profiles.count().saturating_mul(values) <= MOST;
            if input.entree.obligatoire && room {
                profiles.chosen.push((place(segment, slot.slot), slot.entree, values));
            }
        }
        let employeur = &self.program.layout.employeur;
        for (slot, input) in employeur.iter().zip(&self.layout.employeur) {
            if let Some(value) = usual(input) {
                profiles.usual.push((place(employeur, slot.slot), slot.entree, value));
            }
        }
        profiles
    }
}

/// The default of an employer's input.
fn usual(input: &Input) -> Option<i128> {
    let text = input.entree.defaut.as_ref()?;
    Some(known(input.text(text).ok())).filter(|value| *value != crate::program::MISSING)
}

impl Profiles {
    /// How many profiles there may be.
    pub fn count(&self) -> usize {
        self.chosen.iter().map(|(_, _, values)| *values).product()
    }

    /// The profile of a dossier; none when its segments differ, or when its employer has set
    /// something that most leave at its default.
    pub fn of(&self, dossier: &Dossier) -> Option<Profile> {
        let usual = |(place, _, value): &(usize, EntreeId, i128)| {
            dossier.employeur.get(*place) == Some(value)
        };
        if !self.usual.iter().all(usual) {
            return None;
        }
        let mut found = None;
        for segment in &dossier.segments {
            let mut key = 0_usize;
            for (place, _, values) in &self.chosen {
                let value = usize::try_from(*segment.values.get(*place)?).ok()?;
                key = key * values + value;
            }
            if found.is_some_and(|before| before != key) {
                return None;
            }
            found = Some(key);
        }
        found.map(Profile)
    }

    /// The inputs that a profile decides, with their values.
    pub fn constants(&self, profile: Profile) -> Vec<(EntreeId, i128)> {
        let mut key = profile.0;
        let mut constants: Vec<(EntreeId, i128)> =
            self.usual.iter().map(|(_, id, value)| (*id, *value)).collect();
        for (_, id, values) in self.chosen.iter().rev() {
            let value = key.checked_rem(*values).unwrap_or(0);
            key = key.checked_div(*values).unwrap_or(0);
            constants.push((*id, i128::try_from(value).unwrap_or(0)));
        }
        constants
    }
}
