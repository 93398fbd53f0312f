//! My account: what it may see, its sessions, its password.

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::secrets::{
    Erreurs, champ_preuve, compte_a_retenir, employeurs, juger_nouveau, nouveau_mot_de_passe,
    perimetre, prouver, rouvrir,
};
use crate::serve::base::{Action, Detail, Session};
use crate::serve::html::{
    self as composants, Alerte, Colonne, Formulaire, Page, alerte, boutons, fiche, formulaire,
    page, tableau,
};
use crate::serve::web::horloge::{lisible, maintenant};
use crate::serve::web::{Connecte, Erreur, Partage, Soumis};

const MOT_DE_PASSE: &str = "/mon-compte/mot-de-passe";
const SESSIONS: &str = "/mon-compte/sessions";

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/mon-compte", get(voir))
        .route(MOT_DE_PASSE, post(changer))
        .route(SESSIONS, post(fermer))
}

/// What was just done, said once by the page that follows.
#[derive(Default, Deserialize)]
struct Fait {
    #[serde(default)]
    fait: String,
}

impl Fait {
    fn message(&self) -> Markup {
        let message = match self.fait.as_str() {
            "mot-de-passe" => "Votre mot de passe est changé. Vos autres sessions sont fermées.",
            "session" => "La session est fermée.",
            "sessions" => "Vos autres sessions sont fermées.",
            "second-facteur" => "Le second facteur est retiré. Vos autres sessions sont fermées.",
            _ => return html! {},
        };
        alerte(Alerte::Succes, message, &html! {})
    }
}

async fn voir(qui: Connecte, Query(fait): Query<Fait>) -> Result<Response, Erreur> {
    Ok(ecran(&qui, fait.message(), &Erreurs::default())?.into_response())
}

fn ecran(qui: &Connecte, alertes: Markup, erreurs: &Erreurs) -> Result<Markup, Erreur> {
    let corps = html! {
        (erreurs.resume())
        (droits(qui))
        (second_facteur(qui))
        (mot_de_passe(qui, erreurs)?)
        (sessions(qui)?)
    };
    Ok(page(Page {
        titre: "Mon compte",
        compte: Some(&qui.entete()?),
        courant: "/mon-compte",
        alertes,
        en_erreur: !erreurs.aucune(),
        corps,
        ..Page::default()
    }))
}

/// What the account may see, and until when.
fn droits(qui: &Connecte) -> Markup {
    let compte = qui.compte();
    let fin = compte.fin.map_or_else(
        || html! { "Sans date de fin" },
        |fin| html! { (composants::jour(&fin.to_string())) " inclus" },
    );
    fiche(&[
        ("Nom", html! { (compte.nom) }),
        ("Identifiant", html! { (compte.identifiant) }),
        ("Rôle", html! { (compte.role.french()) }),
        ("Ce que vous voyez", perimetre(&compte.perimetre, &employeurs(qui), usize::MAX)),
        ("Dernier jour d’accès", fin),
    ])
}

fn second_facteur(qui: &Connecte) -> Markup {
    let (etat, lien) = match qui.compte().second_facteur {
        true => (
            "Enregistré\u{a0}: un code de votre téléphone est demandé à chaque connexion.",
            "Gérer le second facteur",
        ),
        false => (
            "Pas encore enregistré. Avec un second facteur, un mot de passe volé ne suffit plus.",
            "Enregistrer un second facteur",
        ),
    };
    html! {
        section {
            h2 { "Second facteur" }
            p { (etat) }
            p { a.bouton.second href="/mon-compte/second-facteur" { (lien) } }
        }
    }
}

fn mot_de_passe(qui: &Connecte, erreurs: &Erreurs) -> Result<Markup, Erreur> {
    let connu = qui.appli().base.mot_de_passe(qui.compte().id)?.is_some();
    let saisie = html! {
        (compte_a_retenir(qui.compte()))
        (champ_preuve("actuel", true, erreurs))
        (nouveau_mot_de_passe(erreurs))
        (boutons("Changer le mot de passe", None))
    };
    let jeton = qui.jeton(MOT_DE_PASSE)?;
    Ok(html! {
        section {
            h2 { "Mot de passe" }
            @if connu {
                p { "Le changer ferme toutes vos autres sessions." }
                (formulaire(
                    &Formulaire { action: MOT_DE_PASSE, jeton: &jeton, multipart: false },
                    &saisie,
                ))
            } @else {
                p {
                    "Vous vous connectez par votre fournisseur d’identité\u{a0}: ce compte n’a pas \
                     de mot de passe ici."
                }
            }
        }
    })
}

fn sessions(qui: &Connecte) -> Result<Markup, Erreur> {
    let ouvertes = qui.appli().base.sessions(qui.compte().id, maintenant())?;
    let colonnes = ["Ouverte le", "Dernier usage", "Adresse", "Navigateur", "Action"];
    let colonnes = colonnes.map(Colonne::texte);
    let jeton = qui.jeton(SESSIONS)?;
    let lignes: Vec<Vec<Markup>> =
        ouvertes.iter().map(|session| ligne(session, qui.session().id, &jeton)).collect();
    Ok(html! {
        section {
            h2 { "Sessions ouvertes" }
            p {
                "Une session que vous ne reconnaissez pas\u{a0}? Fermez-la et changez de mot de \
                 passe."
            }
            (tableau("Vos sessions", &colonnes, &lignes))
            @if ouvertes.len() > 1 {
                form method="post" action=(SESSIONS) {
                    (composants::jeton(&jeton))
                    button.bouton.second type="submit" name="session" value="autres" {
                        "Fermer toutes les autres sessions"
                    }
                }
            }
        }
    })
}

fn ligne(session: &Session, ici: i64, jeton: &str) -> Vec<Markup> {
    let geste = html! {
        @if session.id == ici {
            "Celle-ci"
        } @else {
            form method="post" action=(SESSIONS) {
                (composants::jeton(jeton))
                button.bouton.second type="submit" name="session" value=(session.id) {
                    "Fermer" span.lu { " la session ouverte le " (lisible(session.cree)) }
                }
            }
        }
    };
    vec![
        html! { (lisible(session.cree)) },
        html! { (lisible(session.vue)) },
        html! { (session.adresse) },
        html! { (session.navigateur) },
        geste,
    ]
}

async fn changer(entetes: HeaderMap, soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    let refus = |erreurs: &Erreurs| {
        let page = ecran(qui, html! {}, erreurs)?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let (appli, compte) = (qui.appli(), qui.compte());
    if appli.base.mot_de_passe(compte.id)?.is_none() {
        return Err(Erreur::Interdit);
    }
    let choisi = match juger_nouveau(champs, &compte.identifiant) {
        Ok(choisi) => choisi,
        Err(erreurs) => return refus(&erreurs),
    };
    if let Some(message) = prouver(qui, champs.brut("actuel")).await? {
        return refus(&Erreurs::une("actuel", message));
    }
    let hache = appli.hacheur.hacher(choisi).await;
    let hache = hache.map_err(|error| Erreur::Interne(error.to_string()))?;
    appli.base.changer_mot_de_passe(compte.id, &hache, qui.entree(Action::MotDePasseChange))?;
    rouvrir(qui, &entetes, Redirect::to("/mon-compte?fait=mot-de-passe").into_response())
}

/// Ends one of the other sessions, or all of them.
async fn fermer(soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    let (base, compte, ici) = (&qui.appli().base, qui.compte().id, qui.session().id);
    let laquelle = champs.un("session");
    let vers = if laquelle == "autres" {
        base.fermer_toutes(compte, Some(ici), qui.entree(Action::SessionFermee))?;
        "/mon-compte?fait=sessions"
    } else {
        let numero = laquelle.parse::<i64>().ok().filter(|numero| *numero != ici);
        let numero = numero.ok_or(Erreur::Introuvable)?;
        let detail = Detail::default().nombre("session", numero);
        let entree = qui.entree(Action::SessionFermee).detail(detail);
        if !base.fermer_numero(compte, numero, entree)? {
            return Err(Erreur::Introuvable);
        }
        "/mon-compte?fait=session"
    };
    Ok(Redirect::to(vers).into_response())
}

#[cfg(test)]
mod tests;
