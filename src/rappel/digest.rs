//! What a payslip was computed from, in sixteen bytes.

use crate::check::Part;
use crate::dossier::Prepared;
use crate::program::{InputSlot, Program};

/// Inputs that only controls read, and that say nothing of what the month itself is due: other
/// agents, earlier months, the account.
const CONTROLS: [&str; 9] = [
    "agent.iban_partage",
    "agent.iban_change",
    "agent.nir_partage",
    "agent.nir_double",
    "agent.anciennete_taux_pas",
    "agent.annees_rappel",
    "precedent.connu",
    "precedent.net",
    "precedent.brut",
];

/// Digest of the code of a month and of all the inputs of a contract: equal digests give equal
/// payslips.
pub type Inputs = [u8; 16];

/// The digest of a prepared contract; `code` is the digest of the program.
///
/// Items and inputs count by their names, so that an item that is added elsewhere in the rules
/// moves nothing.
pub fn inputs(code: &str, program: &Program, prepared: &Prepared) -> Inputs {
    let mut digest = Digest(blake3::Hasher::new());
    let (layout, dossier) = (&program.layout, &prepared.dossier);
    digest.text(code);
    digest.scope(&layout.employeur, &dossier.employeur);
    digest.scope(&layout.mois, &dossier.mois);
    let item = |at: usize| program.items.get(at).map_or("", |info| info.nom.as_str());
    for segment in &dossier.segments {
        digest.number(i128::from(segment.thirtieths));
        let variant = program.variants.get(segment.variant);
        digest.number(variant.map_or(0, |variant| i128::from(variant.from.day())));
        digest.scope(&layout.segment, &segment.values);
    }
    for element in &dossier.elements {
        digest.text(item(element.item));
        digest.number(i128::from(element.active));
        digest.number(element.paid.map_or(i128::MIN, |paid| i128::from(paid.cents())));
        digest.scope(&layout.element, &element.values);
    }
    for absence in &dossier.absences {
        digest.number(i128::try_from(absence.segment).unwrap_or(0));
        digest.number(i128::from(absence.part.0));
        digest.number(i128::from(absence.part.1));
        digest.number(i128::from(absence.nombre));
        digest.scope(&layout.absence, &absence.values);
    }
    let named = dossier.cumuls.iter().filter_map(|(slot, value)| {
        let (id, part, _) = layout.cumuls.iter().find(|(_, _, other)| other == slot)?;
        Some((item(id.index()), part_name(*part), *value))
    });
    let mut cumuls: Vec<(&str, &str, i128)> = named.collect();
    cumuls.sort_unstable();
    for (nom, part, value) in cumuls {
        digest.text(nom);
        digest.text(part);
        digest.number(value);
    }
    for &(at, amount) in &dossier.forced {
        digest.text(item(at));
        digest.number(i128::from(amount.cents()));
    }
    digest.finish()
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Montant => "montant",
        Part::Base => "base",
        Part::Agent => "agent",
        Part::Employeur => "employeur",
    }
}

struct Digest(blake3::Hasher);

impl Digest {
    fn text(&mut self, text: &str) {
        self.0.update(text.as_bytes());
        self.0.update(&[0]);
    }

    fn number(&mut self, value: i128) {
        self.0.update(&value.to_le_bytes());
    }

    /// The inputs of a scope, each after its name.
    fn scope(&mut self, inputs: &[InputSlot], values: &[i128]) {
        let mut values = values.iter();
        for input in inputs {
            let mine = values.by_ref().take(if input.ratio { 2 } else { 1 });
            if CONTROLS.contains(&input.nom.as_str()) {
                mine.for_each(drop);
                continue;
            }
            self.text(&input.nom);
            mine.for_each(|value| self.number(*value));
        }
        self.0.update(&[0xff]);
    }

    fn finish(self) -> Inputs {
        let mut bytes = [0; 16];
        self.0.finalize_xof().fill(&mut bytes);
        bytes
    }
}
