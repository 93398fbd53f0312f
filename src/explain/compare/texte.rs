//! A comparison for people: one change a paragraph, its two sides below with their sources.

use super::super::text::wrapped;
use super::super::value::Exact;
use super::{Cause, Comparison, Cote, LigneChangee};
use crate::syntax::Unit;

/// The comparison as text, without a title.
pub fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    for cause in &comparison.causes {
        change(&mut out, cause);
    }
    for ligne in &comparison.lignes {
        shown(&mut out, ligne);
    }
    if out.is_empty() {
        out.push_str("rien\n");
    }
    out
}

fn change(out: &mut String, cause: &Cause) {
    let name = if cause.libelle.is_empty() { &cause.nom } else { &cause.libelle };
    let quand = if cause.quand.is_empty() { String::new() } else { format!(", {}", cause.quand) };
    let title = format!("{} : {name}{quand}", cause.nature.french());
    let texts = (cause.avant.as_ref(), cause.apres.as_ref());
    match texts {
        (Some(avant), Some(apres)) if short(avant) && short(apres) => {
            let arrow = format!("{title} : {} → {}", avant.texte, apres.texte);
            wrapped(out, "- ", "    ", &arrow);
            told(out, "avant", avant, false);
            told(out, "après", apres, false);
        }
        _ => {
            wrapped(out, "- ", "    ", &title);
            let missing = Cote { texte: cause.nature.absent().to_owned(), ..Cote::default() };
            told(out, "avant", texts.0.unwrap_or(&missing), true);
            told(out, "après", texts.1.unwrap_or(&missing), true);
        }
    }
}

fn short(cote: &Cote) -> bool {
    cote.texte.chars().count() <= 30
}

/// A side: its value when the title does not say it, then where it comes from.
fn told(out: &mut String, side: &str, cote: &Cote, valued: bool) {
    let mut parts = Vec::new();
    if valued {
        parts.push(cote.texte.clone());
    }
    if !cote.precision.is_empty() {
        parts.push(cote.precision.clone());
    }
    parts.extend(cote.ligne.as_ref().map(|ligne| ligne.phrase()));
    parts.extend(cote.version.as_ref().map(|version| version.phrase()));
    if parts.is_empty() {
        return;
    }
    wrapped(out, "    ", "      ", &format!("{side} : {}", parts.join(" ; ")));
    let reserve = cote.version.as_ref().map_or_else(String::new, |version| version.reserve());
    if !reserve.is_empty() {
        wrapped(out, "      ", "      ", &reserve);
    }
}

fn shown(out: &mut String, ligne: &LigneChangee) {
    let (word, side) =
        if ligne.apparait { ("apparaît", "avant") } else { ("disparaît", "après") };
    wrapped(out, "- ", "    ", &format!("ligne : {} ({}) {word}", ligne.libelle, ligne.nom));
    wrapped(out, "    ", "      ", &format!("{side} : {}", ligne.raison));
}

/// `883,58 − 807,08 = +76,50 €`.
pub fn arithmetic(avant: i64, apres: i64) -> String {
    let plain = |cents: i64| Exact::cents(cents.into()).french(2);
    let minus = if avant < 0 { format!("({})", plain(avant)) } else { plain(avant) };
    format!("{} − {minus} = {}", plain(apres), signed(apres - avant))
}

/// `+76,50 €`, `-12,00 €`.
pub fn signed(cents: i64) -> String {
    let sign = if cents > 0 { "+" } else { "" };
    format!("{sign}{}", Exact::cents(cents.into()).valeur(Unit::EURO).texte)
}
