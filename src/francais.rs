//! Findings in French: what the browser shows of what the program says in English.
//!
//! May import: `diag`, `calendar`, `num`. Must not know: who made a finding, nor where it is shown.
//!
//! A text is recognised by its template (`francais/constats.txt`) and said again in French, with
//! its values. A text without a template is never shown: the title of its code takes its place.

use crate::diag::Code;

mod catalogue;
mod gabarit;

use catalogue::{catalogue, jour};

/// What to do about a finding whose remedy has no French.
const REMEDE: &str = "corriger la ligne indiquée, ou signaler ce constat à l'opérateur";

/// The short French title of a code, as a heading: `Net à payer négatif`.
pub fn titre(code: Code) -> &'static str {
    catalogue().titre(code).unwrap_or("Constat")
}

/// The message and the remedy of a finding in French, each starting with a capital, without a
/// final full stop.
///
/// A text that is not known gives the title of the code and the values it held; English is never
/// given back.
pub fn constat(code: Code, message: &str, remede: &str) -> (String, String) {
    let message = traduit(code, message).unwrap_or_else(|| inconnu(code, message));
    let remede = traduit(code, remede);
    (capitale(&message), capitale(&remede.unwrap_or_else(|| typographie(REMEDE))))
}

/// A message or a remedy of a finding in French; `None` when no template is its own.
pub fn traduit(code: Code, texte: &str) -> Option<String> {
    catalogue().traduit(code, texte)
}

/// The title of the code, and the values between backticks.
fn inconnu(code: Code, message: &str) -> String {
    let valeurs: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if valeurs.is_empty() {
        return titre(code).to_owned();
    }
    typographie(&format!("{} : « {} »", titre(code), valeurs.join(" », « ")))
}

/// A text that is French already, set in type; `None` when it reads like English.
fn francais(texte: &str) -> Option<String> {
    const ANGLAIS: [&str; 14] = [
        "the", "is", "are", "of", "not", "with", "and", "from", "to", "its", "was", "has", "write",
        "row",
    ];
    // What stands between backticks or guillemets is a value, in the words of its writer.
    let hors: String = texte.split(['`', '«', '»']).step_by(2).collect::<Vec<_>>().join(" ");
    let mots = || hors.split(|c: char| !c.is_alphanumeric());
    (!mots().any(|mot| ANGLAIS.contains(&mot))).then(|| compose(texte))
}

/// A French text of the program or of the rules as people read it: days as `31/10/2026`, values
/// between guillemets where backticks were, no-break spaces.
pub fn compose(texte: &str) -> String {
    typographie(&guillemets(&jours(texte)))
}

/// Days as people write them; those of a file name or of an address stay.
fn jours(texte: &str) -> String {
    let name = |letter: char| letter.is_alphanumeric() || "-/_".contains(letter);
    let mut shown = String::with_capacity(texte.len());
    let mut rest = texte;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let mut next = after.chars();
        let inside = next.next() == Some('.') && next.next().is_some_and(name);
        let alone = !shown.ends_with(name) && !after.starts_with(name) && !inside;
        match jour(word).filter(|_| alone) {
            Some(day) => shown.push_str(&day),
            None => shown.push_str(word),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// Values between backticks, between guillemets.
fn guillemets(texte: &str) -> String {
    let mut shown = String::with_capacity(texte.len() + 8);
    let pairs = texte.matches('`').count().is_multiple_of(2);
    for (rank, part) in texte.split('`').enumerate() {
        match rank {
            0 => {}
            _ if !pairs => shown.push('`'),
            _ if rank.is_multiple_of(2) => shown.push_str(" »"),
            _ => shown.push_str("« "),
        }
        shown.push_str(part);
    }
    shown
}

/// French spaces: none of the signs that follow one may start a line.
fn typographie(texte: &str) -> String {
    let mut set = String::with_capacity(texte.len() + 8);
    let mut letters = texte.chars().peekable();
    while let Some(letter) = letters.next() {
        set.push(match (letter, letters.peek()) {
            (' ', Some(':' | '»' | '%' | '€')) => '\u{a0}',
            (' ', Some(';' | '?' | '!')) => '\u{202f}',
            (' ', _) if set.ends_with('«') => '\u{a0}',
            _ => letter,
        });
    }
    set
}

/// The same text, its first letter a capital.
fn capitale(texte: &str) -> String {
    let mut letters = texte.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
