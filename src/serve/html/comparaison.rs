//! Two payslips side by side: the difference in net and in employer cost first, then the lines
//! that change, then all of them.

use maud::{Markup, html};

use super::bulletin::{Tirage, bulletin};
use super::elements::{Alerte, alerte};
use super::tableau::{Colonne, tableau};
use super::texte::{ecart, majuscule, montant, montant_ou_bloque, taux};
use crate::bulletin::{Bulletin, Cents, Changement, Difference, Ligne, LigneChangee};

/// A comparison of today (`avant`) and of what is tried (`apres`), from [`crate::bulletin::diff`].
pub fn comparaison(avant: &Bulletin, apres: &Bulletin, ecarts: &Difference) -> Markup {
    html! {
        section.comparaison {
            (bloques(avant, "Aujourd’hui"))
            (bloques(apres, "Simulé"))
            (resume(avant, apres))
            (situation(ecarts))
            (totaux(ecarts))
            (lignes(ecarts))
            details.complet {
                summary { "Bulletin simulé complet" }
                (bulletin(apres, Tirage::Apercu, |_| None))
            }
            details.complet {
                summary { "Bulletin d’aujourd’hui complet" }
                (bulletin(avant, Tirage::Apercu, |_| None))
            }
        }
    }
}

fn bloques(bulletin: &Bulletin, nom: &str) -> Markup {
    let raisons = bulletin.remarques.iter().filter(|remarque| remarque.bloquant);
    html! {
        @if !bulletin.payable() {
            (alerte(
                Alerte::Erreur,
                &format!("{nom}\u{a0}: bulletin bloqué"),
                &html! { ul { @for raison in raisons { li { (majuscule(&raison.message)) } } } },
            ))
        }
    }
}

/// The two figures that decide.
fn resume(avant: &Bulletin, apres: &Bulletin) -> Markup {
    let (ancien, nouveau) = (&avant.totaux, &apres.totaux);
    let chiffres = [
        ("Net à payer", ancien.net_a_payer, nouveau.net_a_payer),
        ("Coût pour l’employeur", ancien.cout_employeur, nouveau.cout_employeur),
    ];
    html! {
        div.ecarts {
            @for (nom, ancien, nouveau) in chiffres {
                section.ecart-cle {
                    h2 { (nom) }
                    p.difference { (difference(ancien, nouveau)) }
                    dl {
                        div { dt { "Aujourd’hui" } dd { (montant_ou_bloque(ancien)) } }
                        div { dt { "Simulé" } dd { (montant_ou_bloque(nouveau)) } }
                    }
                }
            }
        }
    }
}

fn difference(avant: Option<Cents>, apres: Option<Cents>) -> Markup {
    match avant.zip(apres) {
        Some((avant, apres)) => ecart(Cents(apres.0.saturating_sub(avant.0))),
        None => html! { "Écart inconnu\u{a0}: un bulletin est bloqué" },
    }
}

fn colonnes(premiere: &str) -> [Colonne; 4] {
    [
        Colonne::texte(premiere),
        Colonne::nombre("Aujourd’hui"),
        Colonne::nombre("Simulé"),
        Colonne::nombre("Écart"),
    ]
}

fn situation(ecarts: &Difference) -> Markup {
    let texte = |valeur: &str| match valeur {
        "" => html! { "—" },
        valeur => html! { (valeur) },
    };
    let rangee = |(nom, avant, apres): &(String, String, String)| {
        vec![html! { (majuscule(nom)) }, texte(avant), texte(apres)]
    };
    let rangees: Vec<Vec<Markup>> = ecarts.situation.iter().map(rangee).collect();
    let colonnes = ["Situation", "Aujourd’hui", "Simulé"].map(Colonne::texte);
    html! {
        @if !rangees.is_empty() {
            (tableau("Ce qui change dans la situation", &colonnes, &rangees))
        }
    }
}

fn totaux(ecarts: &Difference) -> Markup {
    let rangee = |total: &crate::bulletin::Ecart| {
        vec![
            html! { (majuscule(&total.nom.to_lowercase())) },
            montant_ou_bloque(total.avant),
            montant_ou_bloque(total.apres),
            total.ecart.map_or_else(Markup::default, ecart),
        ]
    };
    let rangees: Vec<Vec<Markup>> = ecarts.totaux.iter().map(rangee).collect();
    html! {
        @if !rangees.is_empty() {
            (tableau("Totaux qui changent", &colonnes("Total"), &rangees))
        }
    }
}

fn lignes(ecarts: &Difference) -> Markup {
    let rangees: Vec<Vec<Markup>> = ecarts.lignes.iter().flat_map(rangees).collect();
    let pluriel = if ecarts.inchangees > 1 { "s" } else { "" };
    html! {
        @if rangees.is_empty() {
            p { "Aucune ligne ne change." }
        } @else {
            (tableau("Lignes qui changent", &colonnes("Ligne"), &rangees))
        }
        p.inchangees { (ecarts.inchangees) " ligne" (pluriel) " sans changement." }
    }
}

/// A changed line: one row for the amount or the agent side, one for the employer side.
fn rangees(changee: &LigneChangee) -> Vec<Vec<Markup>> {
    let Some(une) = changee.apres.as_ref().or(changee.avant.as_ref()) else { return Vec::new() };
    let mot = match changee.changement {
        Changement::Apparait => "apparaît",
        Changement::Disparait => "disparaît",
        Changement::Change => "",
    };
    let mut rangees = Vec::new();
    for (employeur, part) in [(false, "part de l’agent"), (true, "part de l’employeur")] {
        let cote = |ligne: Option<&Ligne>| {
            ligne.and_then(|l| if employeur { l.montant_employeur } else { l.montant_agent })
        };
        let (avant, apres) = (cote(changee.avant.as_ref()), cote(changee.apres.as_ref()));
        if avant.is_none() && apres.is_none() || avant == apres && employeur {
            continue;
        }
        let precisions = precisions(changee, employeur);
        let titre = html! {
            (une.libelle)
            @if une.nature == "cotisation" { ", " (part) }
            @if !mot.is_empty() { " " span.mot-changement { (mot) } }
            @for precision in precisions { span.precision { (precision) } }
        };
        let montre = |cents: Option<Cents>| cents.map_or_else(Markup::default, montant);
        let zero = |cents: Option<Cents>| Some(cents.unwrap_or_default());
        let gap = difference(zero(avant), zero(apres));
        rangees.push(vec![titre, montre(avant), montre(apres), gap]);
    }
    rangees
}

/// What else changed on the line: base and rate.
fn precisions(changee: &LigneChangee, employeur: bool) -> Vec<Markup> {
    let (Some(avant), Some(apres)) = (&changee.avant, &changee.apres) else { return Vec::new() };
    let mut textes = Vec::new();
    if let (Some(ancienne), Some(nouvelle)) = (avant.base, apres.base)
        && ancienne != nouvelle
        && !employeur
    {
        textes.push(html! { "base " (montant(ancienne)) " → " (montant(nouvelle)) });
    }
    let part = |l: &Ligne| if employeur { l.taux_employeur } else { l.taux_agent };
    if let (Some(ancien), Some(nouveau)) = (part(avant), part(apres))
        && ancien != nouveau
    {
        textes.push(html! { "taux " (taux(ancien)) " → " (taux(nouveau)) });
    }
    textes
}
