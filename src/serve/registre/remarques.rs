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

/// The label of a rubrique, by its code; none: it is not known.
pub type Libelles<'l> = &'l dyn Fn(&str) -> Option<&'l str>;

/// What the labels of the lines of one code have in common: `Astreinte : nuit` and `Astreinte de
/// sécurité : samedi` are both `Astreinte`. None: nothing that says enough.
pub fn libelle_commun<'l>(libelles: impl Iterator<Item = &'l str> + Clone) -> Option<&'l str> {
    let stems = libelles.clone().flat_map(|label| {
        let before = |mark: &str| label.split_once(mark).map(|(stem, _)| stem);
        [Some(label), before(" : "), before(", ")].into_iter().flatten()
    });
    let common = stems.filter(|stem| libelles.clone().all(|label| label.starts_with(stem)));
    common.max_by_key(|stem| stem.len())
}

/// A finding, for an employer.
pub fn of(finding: &PoolFinding, siret: Option<Siret>) -> Remarque {
    french(preview::remarque(finding), siret)
}

/// The findings of a payslip, for an employer: those about others are left out. `shown` are those
/// that the payslip shows, among them some that no finding says (a fault of a line).
pub fn of_slip(
    (findings, shown): (&[PoolFinding], &[Remarque]),
    siret: Siret,
    libelles: Libelles<'_>,
) -> Vec<Remarque> {
    let other =
        |finding: &PoolFinding| finding.siret.as_deref().is_some_and(|s| s != siret.as_str());
    let hidden: Vec<&PoolFinding> = findings.iter().filter(|finding| other(finding)).collect();
    let seen = |remarque: &&Remarque| {
        !hidden
            .iter()
            .any(|one| one.message == remarque.message && one.code.name() == remarque.code)
    };
    let told = |one: &Remarque| nommees(french(one.clone(), Some(siret)), libelles);
    let mut kept: Vec<Remarque> = shown.iter().filter(seen).map(told).collect();
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
pub fn archived(row: &StringRecord, siret: Siret, libelles: Libelles<'_>) -> Remarque {
    let ligne = cell(row, 6).parse().ok().map(|line| (cell(row, 5).to_owned(), line));
    let remarque = Remarque {
        code: cell(row, 1).to_owned(),
        bloquant: cell(row, 0) == "bloquant",
        message: cell(row, 7).to_owned(),
        remede: cell(row, 8).to_owned(),
        ligne,
    };
    nommees(french(remarque, Some(siret)), libelles)
}

/// The same with the labels of the lines that it is about, as a payslip shows them. What is said
/// of a row of a file keeps the code that stands there.
fn nommees(mut remarque: Remarque, libelles: Libelles<'_>) -> Remarque {
    const DE_LIGNES: [Code; 4] = [Code::F801, Code::F803, Code::F804, Code::W924];
    if Code::from_name(&remarque.code).is_some_and(|code| DE_LIGNES.contains(&code)) {
        let (open, close) = ("«\u{a0}", "\u{a0}»");
        let mut message = String::with_capacity(remarque.message.len());
        for (rank, part) in remarque.message.split(open).enumerate() {
            let quoted = part.split_once(close).filter(|_| rank > 0);
            let named = quoted.and_then(|(code, rest)| Some((libelles(code)?, rest)));
            message.push_str(if rank > 0 { open } else { "" });
            match named {
                Some((libelle, rest)) => message.extend([libelle, close, rest]),
                None => message.push_str(part),
            }
        }
        remarque.message = message;
    }
    remarque
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
    fn lines_of_one_code_have_what_their_labels_share() {
        let common = |labels: &[&'static str]| libelle_commun(labels.iter().copied());
        assert_eq!(
            common(&["Astreinte de sécurité : nuit", "Astreinte : nuit"]),
            Some("Astreinte")
        );
        assert_eq!(common(&["CNFPT, contrats aidés", "CNFPT"]), Some("CNFPT"));
        assert_eq!(common(&["IFSE"]), Some("IFSE"));
        assert_eq!(common(&["Travail intensif de nuit", "Travail normal de nuit"]), None);
        assert_eq!(common(&[]), None);
    }

    #[test]
    fn lines_have_their_labels() {
        let label = |code: &str| (code == "IHTS_14").then_some("Heures supplémentaires");
        let said = |code: &str, message: &str| {
            let (code, message) = (code.to_owned(), message.to_owned());
            let (remede, ligne) = (String::new(), None);
            let one = Remarque { code, bloquant: false, message, remede, ligne };
            nommees(french(one, None), &label).message.replace('\u{a0}', " ")
        };
        assert_eq!(
            said("W924", "`IHTS_14` appears (300.00), `AUTRE` is gone (it was 24.62)"),
            "« Heures supplémentaires » apparaît (300,00 €), « AUTRE » disparaît (24,62 € \
             auparavant)"
        );
        let row = said("E726", "no rule covers `IHTS_14` in 2026-10");
        assert!(row.contains("IHTS_14"), "{row}");
    }

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
