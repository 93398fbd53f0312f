//! What needs attention in a month: findings with the same remedy are told once, what blocks first.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::nom;
use crate::bulletin::Remarque;
use crate::diag::Code;
use crate::francais;
use crate::serve::html::{Icone, icone};
use crate::serve::pages::commun::{
    adresse, compte, majuscule, vers_agent, vers_bulletin, vers_employeur,
};
use crate::serve::registre::{Chez, ContratDuMois, Tableau};

/// Groups that are shown; the others are in the export.
const GROUPES: usize = 30;

/// Payslips that a group links to; the others are in the list below.
const LIENS: usize = 20;

/// Findings with one remedy, and the contracts each is about; none: the employer itself.
struct Groupe<'a> {
    remarque: &'a Remarque,
    lignes: Vec<(&'a str, Option<&'a ContratDuMois>)>,
}

impl Groupe<'_> {
    /// What the group is about: what all its findings say, else what their code means.
    fn titre(&self) -> String {
        let Remarque { code, message, .. } = self.remarque;
        match Code::from_name(code).filter(|_| !self.unanime()) {
            Some(code) => francais::titre(code).to_owned(),
            None => majuscule(message),
        }
    }

    fn unanime(&self) -> bool {
        self.lignes.iter().all(|(message, _)| *message == self.remarque.message)
    }
}

/// The findings of a month by what is to be done: what blocks first, then what is most frequent.
/// Amounts and names differ from one agent to the next: each is told beside its agent.
fn groupes(tableau: &Tableau) -> Vec<Groupe<'_>> {
    let mut tous: BTreeMap<(bool, &str, &str), Groupe<'_>> = BTreeMap::new();
    let own = tableau.remarques.iter().map(|remarque| (remarque, None));
    let theirs = tableau.contrats.iter().flat_map(|contrat| {
        contrat.remarques.iter().map(move |remarque| (remarque, Some(contrat)))
    });
    for (remarque, contrat) in own.chain(theirs) {
        let Remarque { code, message, remede, bloquant, .. } = remarque;
        let cle = (!bloquant, code.as_str(), remede.as_str());
        let groupe = tous.entry(cle).or_insert(Groupe { remarque, lignes: Vec::new() });
        groupe.lignes.push((message, contrat));
    }
    let mut tous: Vec<Groupe<'_>> = tous.into_values().collect();
    tous.sort_by_key(|groupe| (!groupe.remarque.bloquant, usize::MAX - groupe.lignes.len()));
    tous
}

/// The section; it says so when there is nothing.
pub fn a_regler(chez: &Chez, tableau: &Tableau) -> Markup {
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
                        (un_groupe(chez, tableau, groupe))
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

fn un_groupe(chez: &Chez, tableau: &Tableau, groupe: &Groupe<'_>) -> Markup {
    let Remarque { code, remede, bloquant, .. } = groupe.remarque;
    let (classe, dessin, mot) = match bloquant {
        true => ("mauvais", Icone::Erreur, "Bloquant"),
        false => ("attente", Icone::Attention, "À voir"),
    };
    html! {
        li {
            p {
                span.etiquette.(classe) { (icone(dessin)) (mot) }
                " " strong { (groupe.titre()) }
            }
            @if !remede.is_empty() {
                p { "Que faire\u{a0}: " (remede) }
            }
            @match groupe.lignes.as_slice() {
                [(_, None)] => {}
                [(_, Some(seul))] => p { (lien(chez, tableau, seul)) },
                _ => (plusieurs(chez, tableau, groupe)),
            }
            p.reference { "Constat " (code) }
        }
    }
}

fn plusieurs(chez: &Chez, tableau: &Tableau, groupe: &Groupe<'_>) -> Markup {
    let mois = tableau.mois.mois.to_string();
    let Groupe { remarque: Remarque { bloquant, .. }, lignes } = groupe;
    let ici = vers_employeur(chez.siret());
    let voir = if *bloquant { "bloques" } else { "a-voir" };
    let reste = lignes.len().saturating_sub(LIENS);
    let unanime = groupe.unanime();
    let (un, plusieurs) = match unanime {
        true => ("bulletin", "bulletins"),
        false => ("constat", "constats"),
    };
    html! {
        // What blocks is read at once, where each says something of its own.
        details open[*bloquant && !unanime] {
            summary { (compte(lignes.len(), un, plusieurs)) }
            ul.(if unanime { "liens" } else { "constats" }) {
                @for (message, contrat) in lignes.iter().take(LIENS) {
                    @if contrat.is_some() || !unanime {
                        li {
                            @if let Some(contrat) = contrat { (lien(chez, tableau, contrat)) }
                            @if !unanime { span.precision { (majuscule(message)) } }
                        }
                    }
                }
                @if reste > 0 {
                    li {
                        a href={ (adresse(&ici, &[("mois", &mois), ("voir", voir)])) "#agents" } {
                            "et " (compte(reste, "autre", "autres"))
                        }
                    }
                }
            }
        }
    }
}

/// To the payslip; to the agent when its rows could not even make one.
fn lien(chez: &Chez, tableau: &Tableau, contrat: &ContratDuMois) -> Markup {
    let siret = chez.siret();
    let vers = match contrat.contrat.as_str() {
        "" => chez.connait(&contrat.agent).then(|| vers_agent(siret, &contrat.agent)),
        nom => Some(vers_bulletin(siret, &contrat.agent, nom, tableau.mois.mois)),
    };
    let nom = nom(contrat);
    let texte = html! {
        (nom)
        @if nom != contrat.agent { " (" (contrat.agent) ")" }
    };
    html! {
        @match vers {
            Some(vers) => a href=(vers) { (texte) },
            None => (texte),
        }
    }
}
