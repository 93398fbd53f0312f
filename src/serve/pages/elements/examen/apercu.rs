//! What rows would make of payslips: the net of each agent, before and after.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::bulletin::Cents;
use crate::domain::Element;
use crate::serve::html::{
    Alerte, Colonne as Titre, alerte, ecart, montant, montant_ou_bloque, tableau,
};
use crate::serve::pages::elements::sujet::Sujet;
use crate::serve::registre::{ApercuElements, Refus, Retrait};
use crate::serve::saisie::{Colonne, Effet};
use crate::serve::web::Erreur;

use super::Examen;

/// Agents whose payslips are computed for one page.
const AGENTS: usize = 30;

/// Changes of one agent beyond which its payslip is not computed for the page: each row is compared
/// with every other one.
const CHANGEMENTS: usize = 50;

/// Rows to store and rows to withdraw, of an agent.
type Changes = (Vec<Element>, Vec<Retrait>);

/// The table of nets.
pub async fn apercu(sujet: &Sujet, examen: &Examen) -> Result<Markup, Erreur> {
    let changes = changes(sujet, examen);
    let debut = sujet.mois.first_day();
    let ancien = changes.values().any(|(poser, retirer)| {
        let mut rows = poser.iter().chain(retirer.iter().map(|retrait| &retrait.row));
        rows.any(|row| row.dated.depuis < debut)
    });
    let mut lignes = Vec::new();
    let mut impossible = None;
    let few = |(_, (poser, retirer)): &(&String, &Changes)| {
        poser.len().saturating_add(retirer.len()) <= CHANGEMENTS
    };
    let montres: Vec<_> = changes.iter().filter(few).take(AGENTS).collect();
    for (agent, (poser, retirer)) in &montres {
        match sujet.chez.apercu_elements(agent, poser, retirer).await {
            Ok(found) => lignes.extend(found.iter().map(|one| ligne(sujet, agent, one))),
            // The rows are right; that the month cannot be computed is another matter.
            Err(Refus::Impossible(pourquoi)) => impossible = Some(pourquoi),
            Err(Refus::Introuvable) => {}
            Err(refus) => return Err(refus.into()),
        }
    }
    let titres = [
        Titre::texte("Agent"),
        Titre::nombre("Net à payer aujourd’hui"),
        Titre::nombre("Net avec ces éléments"),
        Titre::nombre("Écart"),
        Titre::texte("À savoir"),
    ];
    Ok(html! {
        @if let Some(pourquoi) = impossible {
            (alerte(Alerte::Attention, "L’effet sur les bulletins ne peut pas être calculé",
                &html! { p { (pourquoi) } }))
        }
        @if !lignes.is_empty() {
            section {
                (tableau("Effet sur le net à payer", &titres, &lignes))
                @if changes.len() > montres.len() {
                    p {
                        "L’effet est montré pour " (montres.len()) " agents, sur " (changes.len())
                        "."
                    }
                }
                @if ancien {
                    p {
                        "Un élément commence avant " (sujet.mois.french()) "\u{a0}: les rappels \
                         des mois clos sont compris dans cet effet."
                    }
                }
            }
        }
    })
}

fn changes(sujet: &Sujet, examen: &Examen) -> BTreeMap<String, Changes> {
    let mut found: BTreeMap<String, Changes> = BTreeMap::new();
    for row in examen.justes().filter(|row| row.effet != Effet::Inchangee) {
        if let Some(element) = row.element(sujet.siret()) {
            let agent = row.valeurs.get(Colonne::Agent).to_owned();
            found.entry(agent).or_default().0.push(element);
        }
    }
    for row in &examen.retirer {
        let zero = row.retrait(sujet.aujourdhui);
        let zero = zero.and_then(|zero| zero.element(row.ligne, sujet.siret()));
        if let (Some(element), Some(zero)) = (&row.element, zero) {
            let agent = row.valeurs.get(Colonne::Agent).trim().to_owned();
            found.entry(agent).or_default().1.push(Retrait { row: element.clone(), zero });
        }
    }
    found
}

fn ligne(sujet: &Sujet, agent: &str, one: &ApercuElements) -> Vec<Markup> {
    let gap = match (one.avant, one.apres) {
        (Some(Cents(avant)), Some(Cents(apres))) => ecart(Cents(apres.saturating_sub(avant))),
        _ => Markup::default(),
    };
    vec![
        html! { (sujet.nom(agent)) br; small { (agent) " / " (one.contrat) } },
        html! {
            @if one.connu { (montant_ou_bloque(one.avant)) } @else { (montant(Cents(0))) }
        },
        montant_ou_bloque(one.apres),
        gap,
        html! {
            @for remarque in &one.bloquants { (remarque.message) " " (remarque.remede) br; }
        },
    ]
}
