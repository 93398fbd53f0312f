//! Signing in and out: password, second factor, identity provider.
//!
//! Whether an account exists is never told: the same words, the same work, the same brakes for any
//! identifiant.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::serve::acces::frein;
use crate::serve::acces::oidc::{Identite, Retour};
use crate::serve::acces::totp;
use crate::serve::base::{Action, Auteur, BaseError, Entree, Essai, Etat, Ouverte, Venue};
use crate::serve::droits::Compte;
use crate::serve::html::{
    Champ, Formulaire, Genre, Page, boutons, champ_texte, formulaire, page, resume_erreurs,
};
use crate::serve::web::horloge::maintenant;
use crate::serve::web::{
    COOKIE, Champs, Connecte, Erreur, Ouvert, Partage, Soumis, adresse, cookie,
};

/// The cookie of a sign-in that is at the identity provider.
const COOKIE_FLUX: &str = "__Host-paie-flux";

/// Where the identity provider sends the browser once it has signed out there; written in README.
const DECONNEXION: &str = "/deconnexion";

/// The page of sign-in, where one is told to be signed out.
const SORTI: &str = "/connexion?fin=1";

/// The same words whatever was wrong.
const REFUS: &str = "L’identifiant ou le mot de passe n’est pas le bon.";

/// The same for a code.
const REFUS_CODE: &str = "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant.";

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/connexion", get(demande).post(essai))
        .route("/connexion/second-facteur", get(demande_code).post(essai_code))
        .route("/connexion/oidc", get(depart))
        .route("/connexion/oidc/retour", get(retour))
        .route(DECONNEXION, get(sorti).post(deconnexion))
}

/// Where to come back.
#[derive(Default, Deserialize)]
struct Vers {
    #[serde(default)]
    retour: String,
    #[serde(default)]
    fin: String,
}

/// A path of this server, never another site.
fn sur(retour: &str) -> &str {
    let own = retour.starts_with('/') && !retour.starts_with("//") && !retour.contains('\\');
    let plain = !retour.chars().any(char::is_control);
    if own && plain { retour } else { "/" }
}

async fn demande(
    State(appli): State<Partage>,
    Query(vers): Query<Vers>,
    ouvert: Result<Ouvert, Erreur>,
) -> Response {
    if ouvert.is_ok_and(|ouvert| ouvert.session.etat == Etat::Complete) {
        return Redirect::to(sur(&vers.retour)).into_response();
    }
    let message = match vers.fin.as_str() {
        "" => None,
        "mot-de-passe" => Some("Votre mot de passe est enregistré. Connectez-vous."),
        _ => Some("Vous êtes déconnecté."),
    };
    ecran(&appli, &vers.retour, "", &[], message).into_response()
}

/// The screen of sign-in.
fn ecran(
    appli: &Partage,
    retour: &str,
    identifiant: &str,
    erreurs: &[(&str, &str)],
    message: Option<&str>,
) -> Markup {
    let saisie = html! {
        input type="hidden" name="retour" value=(sur(retour));
        (champ_texte(&Champ {
            nom: "identifiant",
            libelle: "Identifiant",
            valeur: identifiant,
            requis: true,
            autocompletion: "username",
            ..Champ::default()
        }))
        (champ_texte(&Champ {
            nom: "mot_de_passe",
            libelle: "Mot de passe",
            requis: true,
            genre: Genre::MotDePasse,
            autocompletion: "current-password",
            ..Champ::default()
        }))
        (boutons("Se connecter", None))
    };
    let corps = html! {
        @if let Some(message) = message { p role="status" { (message) } }
        (resume_erreurs(erreurs))
        (formulaire(&Formulaire { action: "/connexion", ..Formulaire::default() }, &saisie))
        @if let Some(fournisseur) = &appli.oidc {
            // A link: the security policy keeps forms from leaving this server.
            p { a.bouton.second href=(vers_fournisseur(retour)) {
                "Se connecter avec " (fournisseur.nom())
            } }
        }
        p {
            "Mot de passe oublié\u{a0}? L’administrateur des comptes peut vous donner un nouveau \
             lien."
        }
    };
    page(Page { titre: "Connexion", en_erreur: !erreurs.is_empty(), corps, ..Page::default() })
}

fn vers_fournisseur(retour: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("/connexion/oidc?{}", query.append_pair("retour", sur(retour)).finish())
}

async fn essai(
    State(appli): State<Partage>,
    parts: Parts,
    champs: Champs,
) -> Result<Response, Erreur> {
    let (saisi, retour) = (champs.un("identifiant"), champs.un("retour"));
    let adresse = adresse(&parts, appli.derriere_proxy);
    let attend = |secondes: i64| {
        let message = frein::message(secondes);
        ecran(&appli, retour, saisi, &[("", &message)], None).into_response()
    };
    if let Err(secondes) = appli.frein.essayer(&adresse, saisi) {
        return Ok(attend(secondes));
    }
    if let Essai::Verrouille(secondes) = appli.base.essayer(saisi, maintenant())? {
        noter(&appli, Auteur::inconnu(&adresse), Action::Verrouillage).await?;
        return Ok(attend(secondes));
    }
    let compte = appli.base.compte_de(saisi)?;
    let hache = match &compte {
        Some(compte) => appli.base.mot_de_passe(compte.id)?,
        None => None,
    };
    let mot_de_passe = champs.brut("mot_de_passe").to_owned();
    let juste = appli.hacheur.verifier(hache, mot_de_passe).await;
    let juste = juste.map_err(|error| Erreur::Interne(error.to_string()))?;
    let Some(compte) = compte.filter(|_| juste) else {
        noter(&appli, Auteur::inconnu(&adresse), Action::EchecConnexion).await?;
        return Ok(ecran(&appli, retour, saisi, &[("identifiant", REFUS)], None).into_response());
    };
    match ouvrir(&appli, &compte, &parts, None).await? {
        Some(ouverte) => Ok(entrer(&ouverte, &compte, retour)),
        None => Ok(ecran(&appli, retour, saisi, &[("identifiant", REFUS)], None).into_response()),
    }
}

/// Opens a session, complete unless a second factor is awaited; none: the account is closed.
async fn ouvrir(
    appli: &Partage,
    compte: &Compte,
    parts: &Parts,
    id_token: Option<&str>,
) -> Result<Option<Ouverte>, Erreur> {
    let adresse = adresse(parts, appli.derriere_proxy);
    let navigateur = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let etat = match compte.second_facteur {
        true => Etat::AttendSecondFacteur,
        false => Etat::Complete,
    };
    let quand = maintenant();
    let navigateur = navigateur.unwrap_or_default();
    let venue = Venue { adresse: &adresse, navigateur, id_token };
    let entree = |action| Entree::new(quand, Auteur::de(compte, &adresse), action);
    let entre = (etat == Etat::Complete).then(|| entree(Action::Connexion));
    let ouverte = match appli.base.ouvrir_session(compte.id, etat, venue, quand, entre) {
        Ok(ouverte) => ouverte,
        Err(BaseError::CompteFerme) => {
            appli.base.noter(entree(Action::EchecConnexion)).await?;
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    if etat == Etat::Complete {
        appli.base.reussite(compte, quand)?;
    }
    Ok(Some(ouverte))
}

/// Sends the browser in, with its cookie.
fn entrer(ouverte: &Ouverte, compte: &Compte, retour: &str) -> Response {
    let vers = match compte.second_facteur {
        true => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            format!(
                "/connexion/second-facteur?{}",
                query.append_pair("retour", sur(retour)).finish()
            )
        }
        false => sur(retour).to_owned(),
    };
    avec_cookie(Redirect::to(&vers).into_response(), COOKIE, &ouverte.jeton, None)
}

/// Sets a cookie; `duree` in seconds, none: until the browser closes.
pub(super) fn avec_cookie(
    mut response: Response,
    nom: &str,
    valeur: &str,
    duree: Option<i64>,
) -> Response {
    let age = duree.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let text = format!("{nom}={valeur}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Writes an entry about someone who has no session, or not yet.
async fn noter(appli: &Partage, auteur: Auteur, action: Action) -> Result<(), Erreur> {
    appli.base.noter(Entree::new(maintenant(), auteur, action)).await?;
    Ok(())
}

async fn demande_code(Query(vers): Query<Vers>, ouvert: Ouvert) -> Result<Response, Erreur> {
    if ouvert.session.etat == Etat::Complete {
        return Ok(Redirect::to(sur(&vers.retour)).into_response());
    }
    Ok(ecran_code(&ouvert, &vers.retour, &[])?.into_response())
}

fn ecran_code(ouvert: &Ouvert, retour: &str, erreurs: &[(&str, &str)]) -> Result<Markup, Erreur> {
    const ACTION: &str = "/connexion/second-facteur";
    let jeton = ouvert.jeton_pour(ACTION)?;
    let saisie = html! {
        input type="hidden" name="retour" value=(sur(retour));
        (champ_texte(&Champ {
            nom: "code",
            libelle: "Code",
            aide: "Les 6 chiffres de votre application, ou l’un de vos codes de secours.",
            requis: true,
            genre: Genre::Texte,
            autocompletion: "one-time-code",
            ..Champ::default()
        }))
        (boutons("Continuer", None))
    };
    let corps = html! {
        (resume_erreurs(erreurs))
        (formulaire(&Formulaire { action: ACTION, jeton: &jeton, multipart: false }, &saisie))
    };
    let en_erreur = !erreurs.is_empty();
    Ok(page(Page { titre: "Second facteur", en_erreur, corps, ..Page::default() }))
}

async fn essai_code(ouvert: Ouvert, champs: Champs) -> Result<Response, Erreur> {
    ouvert.prouver("/connexion/second-facteur", &champs)?;
    let (appli, compte) = (&ouvert.appli, &ouvert.compte);
    let retour = champs.un("retour");
    let refus =
        |message: &str| Ok(ecran_code(&ouvert, retour, &[("code", message)])?.into_response());
    if let Err(secondes) = appli.frein.essayer(&ouvert.adresse, &compte.identifiant) {
        return refus(&frein::message(secondes));
    }
    let quand = maintenant();
    if let Essai::Verrouille(secondes) = appli.base.essayer(&compte.identifiant, quand)? {
        return refus(&frein::message(secondes));
    }
    let saisi = champs.un("code");
    let auteur = Auteur::de(compte, &ouvert.adresse);
    if !code_juste(appli, compte, &ouvert.adresse, saisi, quand)? {
        noter(appli, auteur, Action::SecondFacteurRefuse).await?;
        return refus(REFUS_CODE);
    }
    let entre = Entree::new(quand, auteur, Action::Connexion);
    let ouverte = appli.base.renouveler(&ouvert.jeton, Etat::Complete, quand, Some(entre))?;
    let ouverte = ouverte.ok_or_else(|| Erreur::Deconnecte(sur(retour).to_owned()))?;
    appli.base.reussite(compte, quand)?;
    let response = Redirect::to(sur(retour)).into_response();
    Ok(avec_cookie(response, COOKIE, &ouverte.jeton, None))
}

/// Whether a code of the application, or a recovery code, holds; it never holds again.
pub(super) fn code_juste(
    appli: &Partage,
    compte: &Compte,
    adresse: &str,
    saisi: &str,
    quand: i64,
) -> Result<bool, Erreur> {
    let base = &appli.base;
    if let Some((secret, dernier)) = base.totp(compte.id)?
        && let Some(pas) = totp::verifier(&secret, saisi, quand, dernier)
        && base.accepter_pas(compte.id, pas)?
    {
        return Ok(true);
    }
    let entree = Entree::new(quand, Auteur::de(compte, adresse), Action::CodeSecoursUtilise);
    Ok(base.utiliser_code(compte.id, saisi, entree)?)
}

/// Ends the session here, whatever the identity provider answers; then there, if it opened it.
async fn deconnexion(soumis: Soumis) -> Result<Response, Erreur> {
    let qui = &soumis.qui;
    let entree = qui.entree(Action::Deconnexion);
    qui.appli().base.fermer_session(qui.jeton_de_session(), entree)?;
    let response = match ailleurs(qui).await {
        Some(response) => response,
        None => Redirect::to(SORTI).into_response(),
    };
    Ok(avec_cookie(response, COOKIE, "", Some(0)))
}

/// The page that leads to the sign-out of the identity provider; none: it did not open the session,
/// has no such page, or does not answer.
async fn ailleurs(qui: &Connecte) -> Option<Response> {
    let fournisseur = qui.appli().oidc.as_ref()?;
    let id_token = qui.session().id_token.as_deref()?;
    let url = fournisseur.deconnexion(id_token, DECONNEXION).await?;
    let corps = html! {
        p {
            "Votre session est fermée ici. Vous restez connecté à " (fournisseur.nom())
            "\u{a0}: votre navigateur s’y rend maintenant pour vous en déconnecter."
        }
        p { a.bouton href=(url.as_str()) { "Se déconnecter de " (fournisseur.nom()) } }
    };
    let titre = "Vous êtes déconnecté de paie";
    let mut response = page(Page { titre, corps, ..Page::default() }).into_response();
    // Not a redirection: the security policy (`form-action 'self'`) holds for what the answer to a
    // form redirects to as well, and Chromium would stay here. A page that moves on is no form.
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={url}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    Some(response)
}

/// The identity provider sends the browser back, and may add to the address. Nothing is ended by
/// a link: who is signed in stays so.
async fn sorti() -> Redirect {
    Redirect::to(SORTI)
}

/// Sends the browser to the identity provider.
async fn depart(
    State(appli): State<Partage>,
    Query(vers): Query<Vers>,
) -> Result<Response, Erreur> {
    let fournisseur = appli.oidc.as_ref().ok_or(Erreur::Introuvable)?;
    match fournisseur.depart(sur(&vers.retour)).await {
        Ok((url, flux)) => {
            let cle = appli.attentes.garder(flux);
            let response = Redirect::to(url.as_str()).into_response();
            Ok(avec_cookie(response, COOKIE_FLUX, &cle, Some(600)))
        }
        Err(error) => {
            eprintln!("paie serve: {error}");
            let message = error.message(fournisseur.nom());
            Ok(ecran(&appli, &vers.retour, "", &[("", &message)], None).into_response())
        }
    }
}

/// The browser comes back from the identity provider.
async fn retour(
    State(appli): State<Partage>,
    Query(params): Query<Retour>,
    parts: Parts,
) -> Result<Response, Erreur> {
    let fournisseur = appli.oidc.as_ref().ok_or(Erreur::Introuvable)?;
    let adresse = adresse(&parts, appli.derriere_proxy);
    let cle = cookie(&parts.headers, COOKIE_FLUX).unwrap_or_default();
    let refus = |message: &str| {
        let response = ecran(&appli, "", "", &[("", message)], None).into_response();
        avec_cookie(response, COOKIE_FLUX, "", Some(0))
    };
    let Some(flux) = appli.attentes.reprendre(&cle) else {
        return Ok(refus("La connexion a pris trop de temps. Recommencez."));
    };
    let identite = match fournisseur.retour(flux, params).await {
        Ok(identite) => identite,
        Err(error) => {
            eprintln!("paie serve: {error}");
            noter(&appli, Auteur::inconnu(&adresse), Action::EchecConnexion).await?;
            return Ok(refus(&error.message(fournisseur.nom())));
        }
    };
    let Some(compte) = compte_de(&appli, &identite, &adresse)? else {
        noter(&appli, Auteur::inconnu(&adresse), Action::EchecConnexion).await?;
        let message = format!(
            "Votre identité {} est reconnue, mais aucun compte ne lui correspond ici. Demandez à \
             l’administrateur des comptes d’en créer un.",
            fournisseur.nom()
        );
        return Ok(refus(&message));
    };
    match ouvrir(&appli, &compte, &parts, Some(&identite.id_token)).await? {
        Some(ouverte) => {
            let response = entrer(&ouverte, &compte, &identite.vers);
            Ok(avec_cookie(response, COOKIE_FLUX, "", Some(0)))
        }
        None => Ok(refus("Ce compte est fermé. Voyez l’administrateur des comptes.")),
    }
}

/// The account of an identity: the one it is tied to, else the one of its name, tied from now on.
fn compte_de(
    appli: &Partage,
    identite: &Identite,
    adresse: &str,
) -> Result<Option<Compte>, Erreur> {
    let (emetteur, sub) = (&identite.emetteur, &identite.sub);
    if let Some(compte) = appli.base.compte_lie(emetteur, sub)? {
        return Ok(Some(compte));
    }
    let Some(compte) = appli.base.compte_de(&identite.identifiant)? else { return Ok(None) };
    let entree = Entree::new(maintenant(), Auteur::de(&compte, adresse), Action::IdentiteLiee);
    match appli.base.lier(compte.id, emetteur, sub, entree) {
        Ok(()) => Ok(Some(compte)),
        Err(BaseError::IdentitePrise | BaseError::CompteInconnu) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
