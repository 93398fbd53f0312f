//! What people read about a cell: one place for the words, the same codes as the pool.

use super::jugement::Constat;
use super::valeurs::Colonne;
use crate::diag::Code;
use crate::num::{Fixed, FixedError};

/// A text between guillemets, cut to what a message can hold; what cannot be seen is written out.
pub(super) fn cite(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown = String::from("«\u{a0}");
    for letter in text.chars().take(LONGEST) {
        if is_hidden(letter) || letter.is_control() {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown.push_str("\u{a0}»");
    shown
}

/// A character without width, or one that turns the direction of writing.
pub(super) fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Texts between guillemets, separated by commas.
pub(super) fn liste<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(cite).collect::<Vec<_>>().join(", ")
}

/// « Vouliez-vous écrire … », or `otherwise` when nothing is close.
pub(super) fn vouliez_vous(close: &[&str], otherwise: &str) -> String {
    match close {
        [] => otherwise.to_owned(),
        close => format!("Vouliez-vous écrire {}\u{202f}?", liste(close.iter().copied())),
    }
}

/// A cell that the pool would refuse, by the code of its finding.
pub(super) fn cellule(code: Code, column: Colonne, text: &str) -> Constat {
    let (nom, cited) = (column.french(), cite(text));
    let (message, remede) = match code {
        Code::E707 => (
            format!("La colonne «\u{a0}{}\u{a0}» est vide.", column.name()),
            "Remplissez cette cellule\u{202f}: sans elle, on ne sait pas à quoi rattacher la ligne."
                .to_owned(),
        ),
        Code::E704 if column == Colonne::MoisOrigine => (
            format!("{nom}\u{202f}: {cited} n’est pas un mois."),
            "Écrivez le mois comme 2026-10.".to_owned(),
        ),
        Code::E704 => (
            format!("{nom}\u{202f}: {cited} n’est pas une date qui existe."),
            "Écrivez la date comme 31/10/2026 ou 2026-10-31.".to_owned(),
        ),
        Code::E719 => {
            let short = Fixed::parse(text).map(Fixed::trimmed).unwrap_or(Fixed::new(0, 0));
            let meant = Fixed::new(short.mantissa(), short.scale().saturating_add(2)).trimmed();
            let message = format!(
                "{nom}\u{202f}: {cited} dépasse 1\u{202f}: un taux s’écrit en fraction décimale."
            );
            (message, format!("Pour {text}\u{a0}%, écrivez {}.", meant.french()))
        }
        _ if column.is_number() => nombre(column, text),
        _ => (
            format!("{nom}\u{202f}: {cited} n’est pas accepté."),
            "Corrigez cette cellule.".to_owned(),
        ),
    };
    Constat { code: Some(code), bloquant: true, champ: Some(column), message, remede }
}

/// Why a text is not a number of its column.
fn nombre(column: Colonne, text: &str) -> (String, String) {
    let (nom, cited) = (column.french(), cite(text));
    let most = decimales(column);
    let example = match column {
        Colonne::Nombre => "7,5",
        Colonne::Taux => "0,5",
        _ => "1\u{202f}234,56",
    };
    match Fixed::parse(text) {
        Err(FixedError::Syntax) => (
            format!("{nom}\u{202f}: {cited} n’est pas un nombre."),
            format!("Écrivez un nombre seul, sans unité ni symbole\u{202f}: {example}."),
        ),
        Err(FixedError::TooLong) => (
            format!("{nom}\u{202f}: {cited} a trop de chiffres."),
            "Vérifiez la place de la virgule.".to_owned(),
        ),
        Ok(_) | Err(FixedError::TooPrecise(_)) => (
            format!("{nom}\u{202f}: {cited} a plus de {most} décimales."),
            format!("Arrondissez à {most} décimales au plus\u{202f}: {example}."),
        ),
    }
}

/// The most decimals of a number column.
pub(super) fn decimales(column: Colonne) -> u8 {
    match column {
        Colonne::Nombre => 4,
        Colonne::Taux => 6,
        _ => 2,
    }
}
