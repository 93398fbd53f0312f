//! The second factor of my account: enrol a telephone, recovery codes, remove it.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, PreEscaped, html};

use super::connexion::avec_cookie;
use super::secrets::{Erreurs, champ_preuve, prouver, rouvrir};
use crate::serve::acces::{jeton, totp};
use crate::serve::base::{Action, BaseError, Etat};
use crate::serve::html::{
    Alerte, Champ, EnteteCompte, Formulaire, Genre, Lien, Page, alerte, boutons, champ_texte,
    formulaire, page,
};
use crate::serve::web::horloge::maintenant;
use crate::serve::web::{COOKIE, Connecte, Erreur, Partage, Soumis};

const ICI: &str = "/mon-compte/second-facteur";
const CODES: &str = "/mon-compte/second-facteur/codes";
const RETIRER: &str = "/mon-compte/second-facteur/retirer";

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route(ICI, get(voir).post(confirmer))
        .route(CODES, post(renouveler))
        .route(RETIRER, post(retirer))
}

/// Whether the account must have one.
fn exige(qui: &Connecte) -> bool {
    qui.appli().second_facteur.concerne(qui.compte().role)
}

async fn voir(qui: Connecte) -> Result<Response, Erreur> {
    if qui.compte().second_facteur {
        return Ok(ecran_etat(&qui, &Erreurs::default())?.into_response());
    }
    // A new secret each time: one that was shown and not confirmed may have been seen by others.
    let secret = totp::secret().map_err(|error| Erreur::Interne(error.to_string()))?;
    qui.appli().base.enroler(qui.compte().id, &secret)?;
    Ok(ecran_enrolement(&qui, &secret, &Erreurs::default())?.into_response())
}

/// A page of this screen.
fn ecran(qui: &Connecte, titre: &str, erreurs: &Erreurs, corps: Markup) -> Result<Markup, Erreur> {
    Ok(document(&qui.entete()?, titre, erreurs, corps))
}

fn document(entete: &EnteteCompte, titre: &str, erreurs: &Erreurs, corps: Markup) -> Markup {
    page(Page {
        titre,
        compte: Some(entete),
        fil: &[Lien::new("Mon compte", "/mon-compte")],
        courant: "/mon-compte",
        en_erreur: !erreurs.aucune(),
        corps: html! { (erreurs.resume()) (corps) },
        ..Page::default()
    })
}

fn ecran_enrolement(qui: &Connecte, secret: &[u8], erreurs: &Erreurs) -> Result<Markup, Erreur> {
    let enrolement = totp::enrolement(secret, &qui.compte().identifiant);
    let enrolement = enrolement
        .ok_or_else(|| Erreur::Interne("a second factor without a picture".to_owned()))?;
    let saisie = html! {
        (champ_texte(&Champ {
            nom: "code",
            libelle: "Code affiché par l’application",
            aide: "Six chiffres, qui changent toutes les 30 secondes.",
            erreur: erreurs.de("code"),
            requis: true,
            genre: Genre::Code,
            autocompletion: "one-time-code",
            ..Champ::default()
        }))
        (boutons("Confirmer", None))
    };
    let jeton = qui.jeton(ICI)?;
    let mots = "Tant qu’il n’est pas enregistré, les autres pages restent fermées.";
    let corps = html! {
        @if exige(qui) {
            (alerte(
                Alerte::Information,
                "Votre rôle demande un second facteur",
                &html! { p { (mots) } },
            ))
        }
        p {
            "Un code de votre téléphone sera demandé après le mot de passe\u{a0}: un mot de passe \
             volé ne suffira plus."
        }
        h2 { "1. Ouvrez une application d’authentification" }
        p { "Par exemple FreeOTP, Aegis ou celle de votre téléphone." }
        h2 { "2. Scannez ce code" }
        div role="img" aria-label="Code QR à scanner\u{a0}; la clé à taper est écrite dessous" {
            (PreEscaped(enrolement.image))
        }
        p { "Ou tapez cette clé dans l’application\u{a0}: " code { (enrolement.cle) } }
        h2 { "3. Tapez le code qu’elle affiche" }
        (formulaire(&Formulaire { action: ICI, jeton: &jeton, multipart: false }, &saisie))
    };
    ecran(qui, "Enregistrer un second facteur", erreurs, corps)
}

async fn confirmer(soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    let (base, compte, quand) = (&qui.appli().base, qui.compte(), maintenant());
    let secret = if compte.second_facteur { None } else { base.enrolement(compte.id)? };
    // Confirmed already, or never asked for: the page says where things stand.
    let Some(secret) = secret else { return Ok(Redirect::to(ICI).into_response()) };
    let Some(pas) = totp::verifier(&secret, champs.un("code"), quand, 0) else {
        let message = "Ce code n’est pas le bon. Vérifiez l’heure du téléphone, puis tapez le \
                       code affiché maintenant.";
        let page = ecran_enrolement(qui, &secret, &Erreurs::une("code", message))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let (ici, entree) = (qui.session().id, qui.entree(Action::SecondFacteurEnrole));
    let codes = match base.confirmer_enrolement(compte.id, pas, Some(ici), entree) {
        Ok(codes) => codes,
        Err(BaseError::SansEnrolement) => return Ok(Redirect::to(ICI).into_response()),
        Err(error) => return Err(error.into()),
    };
    let ouverte = base.renouveler(qui.jeton_de_session(), Etat::Complete, quand, None)?;
    let ouverte = ouverte.ok_or_else(|| Erreur::Deconnecte("/mon-compte".to_owned()))?;
    // The forms of this page belong to the session that replaces the one of the request.
    let jeton = jeton::emettre(&ouverte.session.secret, "/deconnexion");
    let jeton = jeton.map_err(|error| Erreur::Interne(error.to_string()))?;
    let entete = EnteteCompte { nom: compte.nom.clone(), role: compte.role, jeton };
    let response = ecran_codes(&entete, &codes).into_response();
    Ok(avec_cookie(response, COOKIE, &ouverte.jeton, None))
}

/// Recovery codes, shown once.
fn ecran_codes(entete: &EnteteCompte, codes: &[String]) -> Markup {
    let mots = "Imprimez cette page ou recopiez-les, et gardez-les loin du téléphone\u{a0}: ils ne \
                seront plus montrés.";
    let corps = html! {
        (alerte(Alerte::Succes, "Vos codes de secours sont prêts", &html! { p { (mots) } }))
        p {
            "Chacun remplace une fois le code du téléphone, s’il est perdu ou en panne. Ceux \
             d’avant ne valent plus."
        }
        ol { @for code in codes { li { code { (code) } } } }
        p { a.bouton href="/mon-compte" { "Je les ai gardés" } }
    };
    document(entete, "Codes de secours", &Erreurs::default(), corps)
}

fn ecran_etat(qui: &Connecte, erreurs: &Erreurs) -> Result<Markup, Erreur> {
    let base = &qui.appli().base;
    let restants = base.codes_restants(qui.compte().id)?;
    let connu = base.mot_de_passe(qui.compte().id)?.is_some();
    let (jeton_codes, jeton_retirer) = (qui.jeton(CODES)?, qui.jeton(RETIRER)?);
    let codes = html! {
        (champ_preuve("preuve_codes", connu, erreurs))
        (boutons("Donner de nouveaux codes", None))
    };
    let retirer = html! {
        (champ_preuve("preuve_retrait", connu, erreurs))
        (boutons("Retirer le second facteur", None))
    };
    let corps = html! {
        p { "Un code de votre téléphone est demandé à chaque connexion." }
        h2 { "Codes de secours" }
        p {
            @match restants {
                0 => { "Il n’en reste aucun\u{a0}: demandez-en de nouveaux." }
                1 => { "Il en reste un\u{a0}: demandez-en de nouveaux." }
                _ => { "Il en reste " (restants) "." }
            }
        }
        (formulaire(&Formulaire { action: CODES, jeton: &jeton_codes, multipart: false }, &codes))
        h2 { "Changer de téléphone" }
        @if exige(qui) {
            p { (OBLIGATOIRE) }
        } @else {
            p { "Retirez le second facteur, puis enregistrez le nouveau téléphone." }
            (formulaire(
                &Formulaire { action: RETIRER, jeton: &jeton_retirer, multipart: false },
                &retirer,
            ))
        }
    };
    ecran(qui, "Second facteur", erreurs, corps)
}

/// Why it cannot be removed.
const OBLIGATOIRE: &str = "Votre rôle demande un second facteur\u{a0}: vous ne pouvez pas le \
    retirer. Pour changer de téléphone, demandez à un autre administrateur de le réinitialiser.";

async fn renouveler(soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    if !qui.compte().second_facteur {
        return Ok(Redirect::to(ICI).into_response());
    }
    if let Some(message) = prouver(qui, champs.brut("preuve_codes")).await? {
        let page = ecran_etat(qui, &Erreurs::une("preuve_codes", message))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let entree = qui.entree(Action::CodesSecoursRenouveles);
    let codes = qui.appli().base.renouveler_codes(qui.compte().id, entree)?;
    Ok(ecran_codes(&qui.entete()?, &codes).into_response())
}

async fn retirer(entetes: HeaderMap, soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    if exige(qui) {
        return Err(Erreur::Indisponible(OBLIGATOIRE.to_owned()));
    }
    if !qui.compte().second_facteur {
        return Ok(Redirect::to(ICI).into_response());
    }
    if let Some(message) = prouver(qui, champs.brut("preuve_retrait")).await? {
        let page = ecran_etat(qui, &Erreurs::une("preuve_retrait", message))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let entree = qui.entree(Action::SecondFacteurRetire);
    qui.appli().base.oublier_second_facteur(qui.compte().id, entree)?;
    rouvrir(qui, &entetes, Redirect::to("/mon-compte?fait=second-facteur").into_response())
}

#[cfg(test)]
mod tests;
