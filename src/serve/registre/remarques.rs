//! Findings as pages show them: in French, and without a word about other employers.

use csv::StringRecord;

use crate::bulletin::Remarque;
use crate::diag::Code;
use crate::domain::Siret;
use crate::francais;
use crate::io::PoolFinding;
use crate::preview;

use super::tableau::cell;

/// Digits of a SIRET.
const SIRET_DIGITS: usize = 14;

/// What stands for an employer that is none of ours.
const AUTRE: &str = "un autre employeur";

/// A finding, for an employer.
pub fn of(finding: &PoolFinding, siret: Option<Siret>) -> Remarque {
    french(preview::remarque(finding), siret)
}

/// The findings of a payslip, for an employer: those about others are left out. `shown` are those
/// that the payslip shows, among them some that no finding says (a fault of a line).
pub fn of_slip(findings: &[PoolFinding], shown: &[Remarque], siret: Siret) -> Vec<Remarque> {
    let other =
        |finding: &PoolFinding| finding.siret.as_deref().is_some_and(|s| s != siret.as_str());
    let hidden: Vec<&PoolFinding> = findings.iter().filter(|finding| other(finding)).collect();
    let seen = |remarque: &&Remarque| {
        !hidden
            .iter()
            .any(|one| one.message == remarque.message && one.code.name() == remarque.code)
    };
    let mut kept: Vec<Remarque> =
        shown.iter().filter(seen).map(|one| french(one.clone(), Some(siret))).collect();
    // What blocks is somewhere else: it is said that it does, and not what it is.
    let blocks = |remarques: &[Remarque]| remarques.iter().any(|one| one.bloquant);
    if blocks(shown)
        && !blocks(&kept)
        && let Some(hidden) = hidden.iter().find(|finding| finding.is_error())
    {
        kept.insert(0, ailleurs(hidden.code));
    }
    kept
}

fn ailleurs(code: Code) -> Remarque {
    Remarque {
        code: code.name().to_owned(),
        bloquant: true,
        message: "une anomalie d’un autre contrat de cet agent empêche le calcul".to_owned(),
        remede: "prévenez le service de paie, qui voit tous les contrats".to_owned(),
        ligne: None,
    }
}

/// A row of `anomalies.csv`.
pub fn archived(row: &StringRecord, siret: Siret) -> Remarque {
    let ligne = cell(row, 6).parse().ok().map(|line| (cell(row, 5).to_owned(), line));
    let remarque = Remarque {
        code: cell(row, 1).to_owned(),
        bloquant: cell(row, 0) == "bloquant",
        message: cell(row, 7).to_owned(),
        remede: cell(row, 8).to_owned(),
        ligne,
    };
    french(remarque, Some(siret))
}

/// The same in French; `siret`: the only employer that may be named, none for all.
pub fn french(mut remarque: Remarque, siret: Option<Siret>) -> Remarque {
    if let Some(code) = Code::from_name(&remarque.code) {
        let (message, remede) = francais::constat(code, &remarque.message, &remarque.remede);
        (remarque.message, remarque.remede) = (message, remede);
    }
    if let Some(siret) = siret {
        remarque.message = without_others(&remarque.message, siret);
        remarque.remede = without_others(&remarque.remede, siret);
    }
    remarque
}

/// Every SIRET but one replaced by words.
fn without_others(text: &str, own: Siret) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    let flush = |digits: &mut String, out: &mut String| {
        let other = digits.len() == SIRET_DIGITS && digits.as_str() != own.as_str();
        out.push_str(if other { AUTRE } else { digits });
        digits.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        flush(&mut digits, &mut out);
        out.push(letter);
    }
    flush(&mut digits, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_employers_are_not_named() {
        let own = Siret::parse("21690123400011").unwrap();
        let text = "deux contrats : 21690123400011 et 20001234500019.";
        let told = "deux contrats : 21690123400011 et un autre employeur.";
        assert_eq!(without_others(text, own), told);
        assert_eq!(without_others("20001234500019", own), AUTRE);
        assert_eq!(without_others("285056912345642", own), "285056912345642");
    }
}
