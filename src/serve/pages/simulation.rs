//! *Simuler*: what a payslip of the open month would be after a change. Nothing is stored.
//!
//! The form is sent by POST: what is tried must not stay in addresses, logs of proxies, histories.

mod champs;
mod lecture;
mod mots;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::commun::au_dessus;
use super::lieu::{BULLETIN, Lieu};
use crate::bulletin::Bulletin;
use crate::preview::Change;
use crate::serve::base::{Action, Detail};
use crate::serve::html::{
    Alerte, Formulaire, Lien, Page, alerte, boutons, comparaison, formulaire, page, resume_erreurs,
};
use crate::serve::registre::{Chez, EtatMois, RefusSimulation, Simulation};
use crate::serve::web::{Champs, Connecte, Erreur, Partage, Soumis};

use champs::{DuJour, Saisie, saisie};
use lecture::{Demande, lire};

pub(super) fn routes() -> Router<Partage> {
    Router::new().route(&format!("{BULLETIN}/simuler"), get(demande).post(essai))
}

/// The empty form.
async fn demande(qui: Connecte, lieu: Lieu) -> Result<Response, Erreur> {
    let chez = qui.chez(&lieu.siret)?;
    let ecran = Ecran { qui: &qui, chez: &chez, lieu: &lieu };
    if let Some(refus) = ecran.ferme()? {
        return Ok(refus);
    }
    let forme = ecran.formulaire_seul(&Champs::default(), &[]).await?;
    let detail = Detail::default().mot("forme", "formulaire de simulation");
    ecran.noter(detail, Action::ConsultationBulletin).await?;
    Ok(forme)
}

/// The form with what it gives, or with what is wrong in it.
async fn essai(lieu: Result<Lieu, Erreur>, soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = soumis;
    let lieu = lieu?;
    let chez = qui.chez(&lieu.siret)?;
    let ecran = Ecran { qui: &qui, chez: &chez, lieu: &lieu };
    if let Some(refus) = ecran.ferme()? {
        return Ok(refus);
    }
    let Demande { essais, erreurs } = lire(&champs, &chez.listes());
    if !erreurs.is_empty() {
        return ecran.formulaire_seul(&champs, &erreurs).await;
    }
    let (noms, changes): (Vec<String>, Vec<Change>) = essais.into_iter().unzip();
    let simulation = match chez.simulation(lieu.qui(), &changes).await {
        Ok(simulation) => simulation,
        Err(RefusSimulation::Refus(refus)) => return Err(refus.into()),
        Err(RefusSimulation::Champs(refuses)) => {
            let named = |at: usize| noms.get(at).cloned().unwrap_or_default();
            let each = refuses.iter().map(|(at, error)| lecture::refuse(&named(*at), error));
            return ecran.formulaire_seul(&champs, &each.collect::<Vec<_>>()).await;
        }
    };
    let mut essayes = noms;
    essayes.dedup();
    let detail = Detail::default().mot("champs", &essayes.join(", "));
    ecran.noter(detail, Action::Simulation).await?;
    ecran.resultat(&champs, &simulation)
}

/// The screen of one payslip, for one person.
struct Ecran<'e> {
    qui: &'e Connecte,
    chez: &'e Chez,
    lieu: &'e Lieu,
}

impl Ecran<'_> {
    /// What is answered for a month that is not open.
    fn ferme(&self) -> Result<Option<Response>, Erreur> {
        let (mois, ouvert) = (self.lieu.mois, self.chez.ouvert());
        let clos = self.chez.mois_vu(mois)?.etat == EtatMois::Clos;
        if mois == ouvert && !clos {
            return Ok(None);
        }
        let texte = match clos {
            true => format!("{} est clos\u{a0}: ce qui a été payé ne change plus.", mois.french()),
            false => format!("La simulation porte sur le mois ouvert, {}.", ouvert.french()),
        };
        let corps = html! {
            (alerte(Alerte::Information, "Ce mois ne peut pas être simulé", &html! { (texte) }))
            @if mois != ouvert {
                p {
                    a.bouton href=(self.lieu.au_mois(ouvert).sous("simuler")) {
                        "Simuler " (ouvert.french())
                    }
                }
            }
            p { a href=(self.lieu.chemin()) { "Revenir au bulletin" } }
        };
        let document = page(Page {
            titre: "Simulation impossible",
            compte: Some(&self.qui.entete()?),
            courant: au_dessus(self.qui).0,
            corps,
            ..Page::default()
        });
        Ok(Some((StatusCode::CONFLICT, document).into_response()))
    }

    async fn noter(&self, detail: Detail, action: Action) -> Result<(), Erreur> {
        let Lieu { agent, contrat, mois, .. } = self.lieu;
        let entree = self.qui.entree(action).employeur(self.chez.siret()).agent(agent);
        self.qui.noter(entree.mois(*mois).detail(detail.mot("contrat", contrat))).await
    }

    /// The form; with errors, status 422 and what was typed.
    async fn formulaire_seul(
        &self,
        champs: &Champs,
        erreurs: &[(String, String)],
    ) -> Result<Response, Erreur> {
        let feuille = self.chez.feuille(self.lieu.qui(), self.lieu.mois).await?;
        let Some(bulletin) = &feuille.bulletin else {
            return Err(Erreur::Indisponible(mots::SANS_BULLETIN.to_owned()));
        };
        let document = self.page(bulletin, champs, erreurs, &Markup::default())?;
        let code = match erreurs {
            [] => StatusCode::OK,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Ok((code, document).into_response())
    }

    /// What was tried beside today, then the form for another try.
    fn resultat(&self, champs: &Champs, simulation: &Simulation) -> Result<Response, Erreur> {
        let Simulation { avant, apres, ecarts } = simulation;
        let montre = html! {
            (comparaison(avant, apres, ecarts))
            h2 { "Essayer autre chose" }
        };
        Ok(self.page(avant, champs, &[], &montre)?.into_response())
    }

    fn page(
        &self,
        bulletin: &Bulletin,
        champs: &Champs,
        erreurs: &[(String, String)],
        resultat: &Markup,
    ) -> Result<Markup, Erreur> {
        let agent = format!("{} {}", bulletin.agent.prenom, bulletin.agent.nom);
        let titre = format!("Simuler un changement\u{a0}: {agent}, {}", self.lieu.mois.french());
        let mut fil = self.lieu.fil(self.qui, self.chez, &agent);
        let lien = format!("Bulletin, {}", self.lieu.mois.french());
        fil.push(Lien::new(lien, self.lieu.chemin()));
        let action = self.lieu.sous("simuler");
        let (jeton, listes) = (self.qui.jeton(&action)?, self.chez.listes());
        let enfants = self.chez.enfants(&self.lieu.agent)?;
        let du_jour = DuJour::new(bulletin, enfants);
        let vue = Saisie { champs, erreurs, listes: &listes, du_jour: &du_jour };
        let corps = html! {
            (saisie(&vue, self.lieu.mois))
            (boutons("Simuler", Some(&self.lieu.chemin())))
        };
        let forme = Formulaire { action: &action, jeton: &jeton, multipart: false };
        let dits: Vec<(&str, &str)> = erreurs.iter().map(|(a, b)| (&**a, &**b)).collect();
        Ok(page(Page {
            titre: &titre,
            chapeau: html! { span { "Rien n’est enregistré\u{a0}: essayez librement." } },
            compte: Some(&self.qui.entete()?),
            fil: &fil,
            courant: au_dessus(self.qui).0,
            en_erreur: !erreurs.is_empty(),
            corps: html! { (resume_erreurs(&dits)) (resultat) (formulaire(&forme, &corps)) },
            ..Page::default()
        }))
    }
}

#[cfg(test)]
mod tests;
