//! A rappel: what was due for a closed month, what is due for it now, what changed in between.

use maud::{Markup, html};

use super::elements::{Alerte, alerte};
use super::explication::{explication, texte};
use super::tableau::{Colonne, tableau};
use super::texte::{ecart, jour, majuscule, montant};
use crate::bulletin::Cents;
use crate::explain::{Cause, Cote, Explanation, LigneChangee, LigneCitee, Rappel};
use crate::francais::compose;

/// Both computations of a line of a closed month. `laisse`: why the difference is not on the
/// payslip, when it is not.
pub fn rappel(rappel: &Rappel, laisse: Option<&str>) -> Markup {
    let [avant, apres] = rappel.titres();
    let corrige = rappel.changements.montants.iter().any(|un| un.ecart != 0);
    html! {
        @if let Some(why) = laisse {
            (alerte(Alerte::Attention, "Cette différence n’est pas sur le bulletin",
                &html! { p { (majuscule(&compose(why))) "." } }))
        } @else if let Some(landing) = rappel.landing().filter(|_| corrige) {
            p { (compose(&landing)) "." }
        }
        (montants(rappel))
        (changements(rappel))
        section {
            h2 { "Les deux calculs" }
            (calcul(&avant, &rappel.avant))
            (calcul(&apres, &rappel.apres))
        }
    }
}

fn montants(rappel: &Rappel) -> Markup {
    let ecarts = &rappel.changements.montants;
    let colonnes = [
        Colonne::texte("Montant"),
        Colonne::nombre("Dû auparavant"),
        Colonne::nombre("Dû aujourd’hui"),
        Colonne::nombre("Écart"),
    ];
    let rangees: Vec<Vec<Markup>> = ecarts
        .iter()
        .map(|un| {
            let part = un.nom.split_once('.').map(|(_, part)| part);
            let nom = html! {
                (un.libelle) @if let Some(part) = part { ", part " (part) }
            };
            vec![nom, montant(Cents(un.avant)), montant(Cents(un.apres)), ecart(Cents(un.ecart))]
        })
        .collect();
    html! {
        @if ecarts.is_empty() {
            p { "Aucun montant de bulletin, ni avant ni après." }
        } @else {
            (tableau("Ce qui était dû et ce qui est dû", &colonnes, &rangees))
        }
    }
}

fn changements(rappel: &Rappel) -> Markup {
    let compare = &rappel.changements;
    let colonnes = [Colonne::texte("Quoi"), Colonne::texte("Avant"), Colonne::texte("Aujourd’hui")];
    let causes = compare.causes.iter().map(cause);
    let rangees: Vec<Vec<Markup>> = causes.chain(compare.lignes.iter().map(ligne)).collect();
    html! {
        @if rangees.is_empty() {
            p { "Rien de ce qui entre dans ce calcul n’a changé." }
        } @else {
            (tableau("Ce qui a changé", &colonnes, &rangees))
        }
    }
}

fn cause(cause: &Cause) -> Vec<Markup> {
    let nom = if cause.libelle.is_empty() { &cause.nom } else { &cause.libelle };
    let nature = Some(cause.nature.french()).filter(|nature| *nature != nom.to_lowercase());
    let dessous: Vec<&str> =
        nature.into_iter().chain(Some(&*cause.quand).filter(|quand| !quand.is_empty())).collect();
    let quoi = html! {
        (majuscule(&compose(nom)))
        @if !dessous.is_empty() { br; small { (compose(&dessous.join(", "))) } }
    };
    let cote = |cote: &Option<Cote>| match cote {
        Some(cote) => self::cote(cote),
        None => html! { (cause.nature.absent()) },
    };
    vec![quoi, cote(&cause.avant), cote(&cause.apres)]
}

fn cote(cote: &Cote) -> Markup {
    html! {
        strong { (compose(&cote.texte)) }
        @if !cote.precision.is_empty() { br; small { (compose(&cote.precision)) } }
        @if let Some(ligne) = &cote.ligne { br; small { (saisie(ligne)) } }
        @if let Some(version) = &cote.version { (texte(version)) }
    }
}

/// The row that says so, for who has the files of the pool.
fn saisie(ligne: &LigneCitee) -> Markup {
    html! {
        (ligne.fichier) ", ligne " (ligne.ligne)
        @if !ligne.depuis.is_empty() { ", depuis le " (jour(&ligne.depuis)) }
        @if !ligne.connu_le.is_empty() { ", connu le " (jour(&ligne.connu_le)) }
    }
}

/// A line that only one side has.
fn ligne(ligne: &LigneChangee) -> Vec<Markup> {
    let raison = html! { (compose(&ligne.raison)) };
    let mot = if ligne.apparait { "apparaît" } else { "disparaît" };
    let quoi = html! { "Ligne «\u{a0}" (ligne.libelle) "\u{a0}»" br; small { (mot) } };
    match ligne.apparait {
        true => vec![quoi, raison, Markup::default()],
        false => vec![quoi, Markup::default(), raison],
    }
}

fn calcul(titre: &str, calcul: &Explanation) -> Markup {
    html! {
        details.pliee {
            summary { (compose(titre)) }
            (explication(calcul))
        }
    }
}
