//! Amounts, rates, days and months as French people read them.

use maud::{Markup, html};

use crate::bulletin::{Cents, Taux};
use crate::calendar::{Day, PayPeriod};
use crate::num::{Amount, Fixed};

/// `1 801,74 €`, on one line whatever the room. A negative amount has the sign `−`.
pub fn montant(Cents(cents): Cents) -> Markup {
    html! { span.montant { (moins(Amount::from_cents(cents).french())) } }
}

/// The amount, or « bloqué » in words when the rules could not give it.
pub fn montant_ou_bloque(cents: Option<Cents>) -> Markup {
    match cents {
        Some(cents) => montant(cents),
        None => html! { strong.bloque { "bloqué" } },
    }
}

/// A difference with its sign, and in words for who does not see it: `+12,00 €`.
pub fn ecart(Cents(cents): Cents) -> Markup {
    let valeur = Amount::from_cents(cents.saturating_abs()).french();
    match cents {
        0 => html! { span.ecart { span aria-hidden="true" { "=" } span.lu { "sans changement" } } },
        1.. => html! {
            span.ecart.plus { span.lu { "en plus : " } span aria-hidden="true" { "+" } (valeur) }
        },
        _ => html! {
            span.ecart.moins { span.lu { "en moins : " } span aria-hidden="true" { "−" } (valeur) }
        },
    }
}

/// `1 801,74`, without the unit, for columns of amounts; empty when there is none.
pub(super) fn chiffres_de(cents: Option<Cents>) -> String {
    cents.map_or_else(String::new, |Cents(cents)| moins(Fixed::new(cents, 2).french()))
}

/// `34,65 %`, at least two decimals.
pub fn taux(taux: Taux) -> String {
    format!("{}\u{a0}%", pourcent(taux))
}

/// `34,65`.
pub(super) fn pourcent(Taux(millioniemes): Taux) -> String {
    let court = Fixed::new(millioniemes, 4).trimmed();
    let centiemes = court.at_scale(2).map_or(court, |centiemes| Fixed::new(centiemes, 2));
    moins(centiemes.french())
}

/// `2026-10-31` as `31/10/2026`, for people and for machines; another text as it is.
pub fn jour(texte: &str) -> Markup {
    match Day::parse(texte) {
        Ok(jour) => html! { time datetime=(jour) { (jour.french()) } },
        Err(_) => html! { (texte) },
    }
}

/// `2026-10` as `octobre 2026`; another text as it is.
pub fn mois_fr(texte: &str) -> String {
    PayPeriod::parse(texte).map_or_else(|_| texte.to_owned(), PayPeriod::french)
}

/// `2026-10` after « de »: `d’octobre 2026`; another text as it is.
pub fn du_mois(texte: &str) -> String {
    PayPeriod::parse(texte).map_or_else(|_| format!("de {texte}"), PayPeriod::french_of)
}

/// A first letter in upper case.
pub fn majuscule(texte: &str) -> String {
    let mut lettres = texte.chars();
    let premiere = lettres.next();
    premiere.map_or_else(String::new, |lettre| lettre.to_uppercase().chain(lettres).collect())
}

/// The sign that readers say « moins », and that no line break leaves alone.
fn moins(texte: String) -> String {
    match texte.strip_prefix('-') {
        Some(reste) => format!("−{reste}"),
        None => texte,
    }
}
