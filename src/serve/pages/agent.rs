//! An agent as its employer knows it: identity, payslips month by month, career, what varies.

mod carriere;
mod faits;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::commun::{
    au_dessus, badge, majuscule, montant_connu, vers_agent, vers_bulletin, vers_employeur,
};
use crate::serve::base::Action;
use crate::serve::droits::Droit;
use crate::serve::html::{Colonne, Lien, Page, fiche, jeton, page, tableau, vide};
use crate::serve::registre::{Chez, EtatMois, MoisDeContrat, Parcours, Secrets};
use crate::serve::web::{Connecte, Erreur, Partage, Soumis};

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/e/{siret}/agents/{agent}", get(agent))
        .route("/e/{siret}/agents/{agent}/demasquer", post(demasquer))
}

async fn agent(
    qui: Connecte,
    Path((siret, agent)): Path<(String, String)>,
) -> Result<Markup, Erreur> {
    let chez = qui.chez(&siret)?;
    let parcours = chez.parcours(&agent)?;
    let entree = qui.entree(Action::ConsultationAgent).employeur(chez.siret());
    qui.noter(entree.agent(&parcours.agent)).await?;
    ecran(&qui, &chez, &parcours, None)
}

/// Shows NIR and IBAN in full, in this answer only.
async fn demasquer(
    Path((siret, agent)): Path<(String, String)>,
    soumis: Soumis,
) -> Result<Markup, Erreur> {
    let qui = soumis.qui;
    let chez = qui.chez(&siret)?;
    qui.exige(Droit::Demasquer)?;
    let parcours = chez.parcours(&agent)?;
    let secrets = chez.secrets(&agent)?;
    let entree = qui.entree(Action::Demasquage).employeur(chez.siret());
    qui.noter(entree.agent(&parcours.agent)).await?;
    ecran(&qui, &chez, &parcours, Some(&secrets))
}

fn ecran(
    qui: &Connecte,
    chez: &Chez,
    parcours: &Parcours,
    secrets: Option<&Secrets>,
) -> Result<Markup, Erreur> {
    let entete = qui.entete()?;
    let (courant, dessus) = au_dessus(qui);
    let commune = Lien::new(chez.employeur().nom.clone(), vers_employeur(chez.siret()));
    let referentiel = qui.appli().registre.referentiel(chez.ouvert())?;
    let fil: Vec<Lien> = dessus.into_iter().chain([commune]).collect();
    let corps = html! {
        (identite(qui, chez, parcours, secrets)?)
        (bulletins(chez, parcours))
        (carriere::section(parcours))
        (faits::familles(&parcours.familles))
        (faits::taux_pas(&parcours.taux_pas))
        (faits::elements(parcours, &|code| referentiel.rubrique(code).map(|r| &*r.libelle)))
        (faits::absences(parcours))
    };
    let nom = format!("{} {}", parcours.nom, parcours.prenom);
    let titre = if nom.trim().is_empty() { &parcours.agent } else { nom.trim() };
    Ok(page(Page {
        titre,
        chapeau: html! { "Matricule " (parcours.agent) },
        compte: Some(&entete),
        fil: &fil,
        courant,
        corps,
        ..Page::default()
    }))
}

fn identite(
    qui: &Connecte,
    chez: &Chez,
    parcours: &Parcours,
    secrets: Option<&Secrets>,
) -> Result<Markup, Erreur> {
    let nir = secrets.map_or(&parcours.nir_masque, |secrets| &secrets.nir);
    let iban = secrets.map_or(&parcours.iban_masque, |secrets| &secrets.iban);
    let caches = !parcours.nir_masque.is_empty() || !parcours.iban_masque.is_empty();
    let action = format!("{}/demasquer", vers_agent(chez.siret(), &parcours.agent));
    let offre = secrets.is_none() && caches && qui.compte().role.peut(Droit::Demasquer);
    let preuve = qui.jeton(&action)?;
    let naissance = parcours.naissance.map_or_else(Markup::default, faits::jour);
    Ok(html! {
        section {
            h2 { "Identité" }
            (fiche(&[
                ("Nom", html! { (parcours.nom) }),
                ("Prénom", html! { (parcours.prenom) }),
                ("Date de naissance", naissance),
                ("Numéro de sécurité sociale (NIR)", numero(nir)),
                ("Compte bancaire (IBAN)", numero(iban)),
            ]))
            @if offre {
                form method="post" action=(action) {
                    (jeton(&preuve))
                    button.bouton.second type="submit" { "Afficher le NIR et l’IBAN en entier" }
                    p.reference { "Cet affichage est inscrit au journal." }
                }
            }
            @if secrets.is_some() {
                p role="status" {
                    "Numéros affichés en entier pour cette page seulement. "
                    a href=(vers_agent(chez.siret(), &parcours.agent)) { "Les masquer" }
                }
            }
        }
    })
}

/// A number, masked or not; dots are told in words to who hears the page.
fn numero(texte: &str) -> Markup {
    html! {
        @if texte.contains('•') {
            span aria-hidden="true" { (texte) }
            span.lu { "masqué" }
        } @else if texte.is_empty() {
            "inconnu"
        } @else {
            (texte)
        }
    }
}

fn bulletins(chez: &Chez, parcours: &Parcours) -> Markup {
    let siret = chez.siret();
    let plusieurs = parcours
        .mois
        .iter()
        .any(|un| parcours.mois.iter().any(|autre| autre.contrat != un.contrat));
    let mut colonnes = vec![Colonne::texte("Mois")];
    if plusieurs {
        colonnes.push(Colonne::texte("Contrat"));
    }
    colonnes.push(Colonne::texte("État"));
    colonnes.extend(["Brut", "Net à payer"].map(Colonne::nombre));
    let ligne = |un: &MoisDeContrat| {
        let mois = un.mois.mois;
        let mut ligne = vec![html! {
            a href=(vers_bulletin(siret, &parcours.agent, &un.contrat, mois)) {
                span.lu { "Bulletin de " } (majuscule(&mois.french()))
            }
        }];
        if plusieurs {
            ligne.push(html! { (un.contrat) });
        }
        ligne.push(match un.mois.etat {
            EtatMois::Ouvert if mois != chez.ouvert() => html! { "Recalculé" },
            etat => badge(etat),
        });
        ligne.extend([un.brut, un.net_a_payer].map(montant_connu));
        ligne
    };
    let lignes: Vec<Vec<Markup>> = parcours.mois.iter().map(ligne).collect();
    html! {
        section {
            h2 { "Bulletins" }
            @if lignes.is_empty() {
                (vide("Aucun contrat dans les mois qui peuvent être montrés.", None))
            } @else {
                (tableau("Bulletins, mois par mois", &colonnes, &lignes))
                p.reference {
                    "Un montant absent n’est pas encore lu, ou le bulletin est bloqué\u{a0}: \
                     ouvrez-le pour le voir."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
