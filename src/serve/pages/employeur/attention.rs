//! What needs attention in a month: findings that say the same are told once, what blocks first.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::nom;
use crate::bulletin::Remarque;
use crate::domain::Siret;
use crate::serve::html::{Icone, icone};
use crate::serve::pages::commun::{
    adresse, compte, majuscule, vers_agent, vers_bulletin, vers_employeur,
};
use crate::serve::registre::{ContratDuMois, Tableau};

/// Groups that are shown; the others are in the export.
const GROUPES: usize = 30;

/// Payslips that a group links to; the others are in the list below.
const LIENS: usize = 20;

/// A finding, and the contracts it is about; none: the employer itself.
struct Groupe<'a> {
    remarque: &'a Remarque,
    contrats: Vec<&'a ContratDuMois>,
}

/// The findings of a month by what they say: what blocks first, then what is most frequent.
fn groupes(tableau: &Tableau) -> Vec<Groupe<'_>> {
    let mut tous: BTreeMap<(bool, &str, &str, &str), Groupe<'_>> = BTreeMap::new();
    let own = tableau.remarques.iter().map(|remarque| (remarque, None));
    let theirs = tableau.contrats.iter().flat_map(|contrat| {
        contrat.remarques.iter().map(move |remarque| (remarque, Some(contrat)))
    });
    for (remarque, contrat) in own.chain(theirs) {
        let Remarque { code, message, remede, bloquant, .. } = remarque;
        let cle = (!bloquant, code.as_str(), message.as_str(), remede.as_str());
        let groupe = tous.entry(cle).or_insert(Groupe { remarque, contrats: Vec::new() });
        groupe.contrats.extend(contrat);
    }
    let mut tous: Vec<Groupe<'_>> = tous.into_values().collect();
    tous.sort_by_key(|groupe| (!groupe.remarque.bloquant, usize::MAX - groupe.contrats.len()));
    tous
}

/// The section; it says so when there is nothing.
pub fn a_regler(siret: Siret, tableau: &Tableau) -> Markup {
    let groupes = groupes(tableau);
    let reste = groupes.len().saturating_sub(GROUPES);
    html! {
        section {
            h2 { "À régler et à regarder" }
            @if groupes.is_empty() {
                p.rien { (icone(Icone::Coche)) " Rien à signaler ce mois-ci." }
            } @else {
                ul.groupes {
                    @for groupe in groupes.iter().take(GROUPES) {
                        (un_groupe(siret, tableau, groupe))
                    }
                }
                @if reste > 0 {
                    p {
                        "Et " (compte(reste, "autre constat", "autres constats"))
                        "\u{a0}: exportez les anomalies pour les avoir tous."
                    }
                }
            }
        }
    }
}

fn un_groupe(siret: Siret, tableau: &Tableau, groupe: &Groupe<'_>) -> Markup {
    let Groupe { remarque, contrats } = groupe;
    let (classe, dessin, mot) = match remarque.bloquant {
        true => ("mauvais", Icone::Erreur, "Bloquant"),
        false => ("attente", Icone::Attention, "À voir"),
    };
    html! {
        li {
            p {
                span.etiquette.(classe) { (icone(dessin)) (mot) }
                " " strong { (majuscule(&remarque.message)) }
            }
            @if !remarque.remede.is_empty() {
                p { "Que faire\u{a0}: " (remarque.remede) }
            }
            @match contrats.as_slice() {
                [] => {}
                [seul] => p { (lien(siret, tableau, seul)) },
                tous => (plusieurs(siret, tableau, tous, remarque.bloquant)),
            }
            p.reference { "Constat " (remarque.code) }
        }
    }
}

fn plusieurs(
    siret: Siret,
    tableau: &Tableau,
    contrats: &[&ContratDuMois],
    bloquant: bool,
) -> Markup {
    let mois = tableau.mois.mois.to_string();
    let voir = if bloquant { "bloques" } else { "a-voir" };
    let reste = contrats.len().saturating_sub(LIENS);
    html! {
        details {
            summary { (compte(contrats.len(), "bulletin", "bulletins")) }
            ul.liens {
                @for contrat in contrats.iter().take(LIENS) {
                    li { (lien(siret, tableau, contrat)) }
                }
                @if reste > 0 {
                    li {
                        a href={
                            (adresse(&vers_employeur(siret), &[("mois", &mois), ("voir", voir)]))
                            "#agents"
                        } { "et " (compte(reste, "autre", "autres")) }
                    }
                }
            }
        }
    }
}

/// To the payslip; to the agent when its rows could not even make one.
fn lien(siret: Siret, tableau: &Tableau, contrat: &ContratDuMois) -> Markup {
    let vers = match contrat.contrat.as_str() {
        "" => vers_agent(siret, &contrat.agent),
        nom => vers_bulletin(siret, &contrat.agent, nom, tableau.mois.mois),
    };
    let nom = nom(contrat);
    html! {
        a href=(vers) {
            (nom)
            @if nom != contrat.agent { " (" (contrat.agent) ")" }
        }
    }
}
