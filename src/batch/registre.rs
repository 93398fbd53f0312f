//! The ledger of a month as text: what was due, and what the next months must not forget.
//!
//! `registre.csv` says what each contract was due for each month of origin, item by item;
//! `suites.csv` holds the few figures that the next month reads of everybody.

use crate::calendar::PayPeriod;
use crate::domain::{Siret, Word};
use crate::io::records;
use crate::rappel::{Due, Inputs, Past, Sums, Totals};

use super::text;

/// Header of `registre.csv`.
pub const REGISTRE: &str =
    "siret,agent,contrat,mois_origine,genre,nom,montant,base,montant_agent,montant_employeur\n";
/// Header of `suites.csv`.
pub const SUITES: &str =
    "siret,agent,contrat,genre,nom,montant,base,montant_agent,montant_employeur\n";

/// What a row of the ledger is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genre {
    /// What the month of origin is due more under an item.
    Du,
    /// Digest of what the month of origin was last computed from; empty when from nothing.
    Entrees,
    /// A figure that opened the books of the year.
    Ouverture,
    /// Digest of the rows of the agent.
    Faits,
    /// A total of what was paid in the year for months of the year.
    CumulAnnee,
    /// A total of what is due for the months of the year.
    CumulDu,
    /// Trop-perçu still to be taken back.
    TropPercu,
    /// A month that could not be paid and waits.
    Attente,
}

impl Genre {
    const ALL: [Self; 8] = [
        Self::Du,
        Self::Entrees,
        Self::Ouverture,
        Self::Faits,
        Self::CumulAnnee,
        Self::CumulDu,
        Self::TropPercu,
        Self::Attente,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Du => "du",
            Self::Entrees => "entrees",
            Self::Ouverture => "ouverture",
            Self::Faits => "faits",
            Self::CumulAnnee => "cumul_annee",
            Self::CumulDu => "cumul_du",
            Self::TropPercu => "trop_percu",
            Self::Attente => "attente",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|genre| genre.name() == name)
    }
}

/// Who a row is about.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    /// The employer; empty for a row about the agent alone.
    pub siret: &'a str,
    /// The agent.
    pub agent: &'a str,
    /// The contract.
    pub contrat: &'a str,
}

/// A row read back.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The employer; none for a row about the agent alone.
    pub siret: Option<Siret>,
    /// The contract.
    pub contrat: &'a str,
    /// The month of origin, in `registre.csv`.
    pub mois: Option<PayPeriod>,
    /// What it is about.
    pub genre: Genre,
    /// Item, digest or month.
    pub nom: &'a str,
    /// Cents.
    pub sums: Sums,
}

/// A row of `registre.csv` when a month is given, of `suites.csv` otherwise.
pub fn row(
    out: &mut Vec<u8>,
    who: Who<'_>,
    mois: Option<PayPeriod>,
    (genre, nom): (Genre, &str),
    sums: Sums,
) {
    text::cell(out, who.siret);
    for cell in [who.agent, who.contrat] {
        out.push(b',');
        text::cell(out, cell);
    }
    if let Some(mois) = mois {
        out.push(b',');
        out.extend_from_slice(mois.to_string().as_bytes());
    }
    out.push(b',');
    out.extend_from_slice(genre.name().as_bytes());
    out.push(b',');
    text::cell(out, nom);
    for cents in [sums.montant, sums.base, sums.agent, sums.employeur] {
        out.push(b',');
        if cents != 0 {
            text::cents(out, cents);
        }
    }
    out.push(b'\n');
}

/// One row for each item.
pub fn items(
    out: &mut Vec<u8>,
    who: Who<'_>,
    mois: Option<PayPeriod>,
    genre: Genre,
    totals: &Totals,
) {
    for (nom, sums) in totals.iter() {
        row(out, who, mois, (genre, nom), sums);
    }
}

/// What a month of origin is due, and what that was computed from.
pub fn due(
    out: &mut Vec<u8>,
    who: Who<'_>,
    mois: PayPeriod,
    totals: &Totals,
    from: Option<Inputs>,
) {
    items(out, who, Some(mois), Genre::Du, totals);
    // Without a digest, the one that an earlier run wrote does not count any more.
    let from = from.map_or_else(String::new, |from| hexadecimal(&from));
    row(out, who, Some(mois), (Genre::Entrees, &from), Sums::default());
}

/// Digest as text.
pub fn hexadecimal(digest: &Inputs) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digest from text.
pub fn digest(text: &str) -> Option<Inputs> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Reads the rows of an agent; `with_month` for `registre.csv`. The answer is false when a row is
/// not one.
pub fn read(table: &[u8], agent: &str, with_month: bool, mut each: impl FnMut(Row<'_>)) -> bool {
    let shift = usize::from(with_month);
    records(table, |record| {
        if record.get(1) != agent {
            return true;
        }
        let cents = |at: usize| match record.get(5 + shift + at) {
            "" => Some(0),
            text => crate::num::Amount::parse(text).ok().map(crate::num::Amount::cents),
        };
        let sums = (|| {
            let (montant, base) = (cents(0)?, cents(1)?);
            Some(Sums { montant, base, agent: cents(2)?, employeur: cents(3)? })
        })();
        let mois = if with_month { PayPeriod::parse(record.get(3)).ok() } else { None };
        let (Some(genre), Some(sums)) = (Genre::of(record.get(3 + shift)), sums) else {
            return false;
        };
        if mois.is_some() != with_month {
            return false;
        }
        let siret = Siret::parse(record.get(0));
        let (contrat, nom) = (record.get(2), record.get(4 + shift));
        each(Row { siret, contrat, mois, genre, nom, sums });
        true
    })
}

/// Adds a row of `registre.csv` to the past of its contract.
pub fn remember(past: &mut Vec<Past>, row: Row<'_>) {
    let (Some(siret), Some(mois)) = (row.siret, row.mois) else { return };
    let one = Past::of(past, siret, row.contrat);
    match row.genre {
        Genre::Du => {
            let due: &mut Due = one.due.entry(mois).or_default();
            due.totals.add(&Word::from(row.nom), row.sums);
        }
        Genre::Entrees => one.due.entry(mois).or_default().inputs = digest(row.nom),
        Genre::Ouverture => {
            one.openings.entry(mois.year()).or_default().add(&Word::from(row.nom), row.sums);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(agent: &str) -> Who<'_> {
        Who { siret: "21690123100011", agent, contrat: "1" }
    }

    #[test]
    fn rows_are_read_back_and_each_agent_alone() {
        let mois = PayPeriod::parse("2024-01").unwrap();
        let mut totals = Totals::default();
        let sums = Sums { montant: 0, base: 255_000, agent: 28_305, employeur: -1 };
        totals.add(&"CNRACL".into(), sums);
        let mut table = Vec::new();
        for agent in ["A-1", "A,2", "A-3", "1"] {
            due(&mut table, who(agent), mois, &totals, Some([7; 16]));
        }
        let spans = crate::io::spans(&table, 1).unwrap();
        for agent in ["A-1", "A,2", "A-3", "1"] {
            let (_, span) = spans.iter().find(|(cell, _)| cell == agent).unwrap();
            let mine = &table[span.clone()];
            assert_eq!(mine.iter().filter(|byte| **byte == b'\n').count(), 2, "{agent}");
            let mut past = Vec::new();
            assert!(read(mine, agent, true, |row| remember(&mut past, row)));
            assert_eq!(past.len(), 1);
            assert_eq!(past[0].due[&mois], Due { totals: totals.clone(), inputs: Some([7; 16]) });
        }
        assert!(spans.iter().all(|(cell, _)| cell != "A-4"));
        assert!(!read(b"x,A-1,1,2024-01,nothing,,,,,\n", "A-1", true, |_| {}));
    }

    #[test]
    fn digests_are_read_back() {
        let bytes: Inputs = std::array::from_fn(|at| u8::try_from(at * 16).unwrap());
        assert_eq!(digest(&hexadecimal(&bytes)), Some(bytes));
        assert_eq!(digest("00"), None);
    }
}
