//! What the pages of accounts share: errors of a form, a new password, the proof that comes before
//! what counts, the session that replaces one that ended, scopes in words.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use axum::response::Response;
use maud::{Markup, html};

use super::connexion::{avec_cookie, code_juste};
use crate::domain::Siret;
use crate::serve::acces::{frein, mot_de_passe};
use crate::serve::base::{Action, BaseError, Essai, Etat, Venue};
use crate::serve::droits::{Compte, Perimetre};
use crate::serve::html::{Champ, Genre, champ_texte, resume_erreurs};
use crate::serve::web::horloge::maintenant;
use crate::serve::web::{COOKIE, Champs, Connecte, Erreur};

/// What is wrong with a form: the name of a field, or none, and a sentence.
#[derive(Debug, Default)]
pub(super) struct Erreurs(Vec<(&'static str, String)>);

impl Erreurs {
    pub(super) fn une(champ: &'static str, message: impl Into<String>) -> Self {
        Self(vec![(champ, message.into())])
    }

    pub(super) fn ajouter(&mut self, champ: &'static str, message: impl Into<String>) {
        self.0.push((champ, message.into()));
    }

    pub(super) fn aucune(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub(super) fn de(&self, champ: &str) -> Option<&str> {
        self.0.iter().find(|(nom, _)| *nom == champ).map(|(_, message)| message.as_str())
    }

    /// All of it, before the form.
    pub(super) fn resume(&self) -> Markup {
        let paires: Vec<(&str, &str)> =
            self.0.iter().map(|(champ, message)| (*champ, message.as_str())).collect();
        resume_erreurs(&paires)
    }
}

/// Whose password it is, for the browsers that keep it: not shown, not sent.
pub(super) fn compte_a_retenir(compte: &Compte) -> Markup {
    html! { input type="text" value=(compte.identifiant) autocomplete="username" hidden; }
}

/// The fields of a new password.
pub(super) fn nouveau_mot_de_passe(erreurs: &Erreurs) -> Markup {
    html! {
        (champ_texte(&Champ {
            nom: "mot_de_passe",
            libelle: "Nouveau mot de passe",
            aide: "Au moins 12 caractères, par exemple quatre mots sans rapport entre eux.",
            erreur: erreurs.de("mot_de_passe"),
            requis: true,
            genre: Genre::MotDePasse,
            autocompletion: "new-password",
            ..Champ::default()
        }))
        (champ_texte(&Champ {
            nom: "confirmation",
            libelle: "Le même mot de passe, une seconde fois",
            erreur: erreurs.de("confirmation"),
            requis: true,
            genre: Genre::MotDePasse,
            autocompletion: "new-password",
            ..Champ::default()
        }))
    }
}

/// What is wrong with a new password; on success the password itself.
pub(super) fn juger_nouveau(champs: &Champs, identifiant: &str) -> Result<String, Erreurs> {
    let (choisi, confirme) = (champs.brut("mot_de_passe"), champs.brut("confirmation"));
    if let Err(refus) = mot_de_passe::juger(choisi, identifiant) {
        return Err(Erreurs::une("mot_de_passe", refus.french()));
    }
    if choisi != confirme {
        let message = "Les deux mots de passe ne sont pas les mêmes\u{a0}: retapez-les.";
        return Err(Erreurs::une("confirmation", message));
    }
    Ok(choisi.to_owned())
}

/// The field that [`prouver`] reads, by its name in the page.
pub(super) fn champ_preuve(
    nom: &'static str,
    avec_mot_de_passe: bool,
    erreurs: &Erreurs,
) -> Markup {
    let (libelle, genre, autocompletion) = match avec_mot_de_passe {
        true => ("Votre mot de passe actuel", Genre::MotDePasse, "current-password"),
        false => ("Un code de votre application", Genre::Code, "one-time-code"),
    };
    champ_texte(&Champ {
        nom,
        libelle,
        erreur: erreurs.de(nom),
        requis: true,
        genre,
        autocompletion,
        ..Champ::default()
    })
}

/// Asks again for the password before what counts, or for a code when there is no password. Tries
/// count as those of sign-in do; what is wrong, if anything.
pub(super) async fn prouver(qui: &Connecte, saisi: &str) -> Result<Option<String>, Erreur> {
    let (appli, compte) = (qui.appli(), qui.compte());
    if let Err(secondes) = appli.frein.essayer(qui.adresse(), &compte.identifiant) {
        return Ok(Some(frein::message(secondes)));
    }
    let quand = maintenant();
    if let Essai::Verrouille(secondes) = appli.base.essayer(&compte.identifiant, quand)? {
        qui.noter(qui.entree(Action::Verrouillage)).await?;
        return Ok(Some(frein::message(secondes)));
    }
    let hache = appli.base.mot_de_passe(compte.id)?;
    let (juste, refus, action) = match hache {
        Some(hache) => {
            let juste = appli.hacheur.verifier(Some(hache), saisi.to_owned()).await;
            let juste = juste.map_err(|error| Erreur::Interne(error.to_string()))?;
            (juste, "Ce n’est pas votre mot de passe actuel.", Action::EchecConnexion)
        }
        None => {
            let juste = code_juste(appli, compte, qui.adresse(), saisi, quand)?;
            let refus = "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant.";
            (juste, refus, Action::SecondFacteurRefuse)
        }
    };
    if !juste {
        qui.noter(qui.entree(action)).await?;
        return Ok(Some(refus.to_owned()));
    }
    appli.base.reussite(compte, quand)?;
    Ok(None)
}

/// Opens a session in the place of one that ended with what was just changed.
pub(super) fn rouvrir(
    qui: &Connecte,
    entetes: &HeaderMap,
    response: Response,
) -> Result<Response, Erreur> {
    let navigateur = entetes.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let venue = Venue {
        adresse: qui.adresse(),
        navigateur: navigateur.unwrap_or_default(),
        id_token: qui.session().id_token.as_deref(),
    };
    let base = &qui.appli().base;
    match base.ouvrir_session(qui.compte().id, Etat::Complete, venue, maintenant(), None) {
        Ok(ouverte) => Ok(avec_cookie(response, COOKIE, &ouverte.jeton, None)),
        Err(BaseError::CompteFerme) => Err(Erreur::Deconnecte("/mon-compte".to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// The employers of the pool by SIRET.
pub(super) fn employeurs(qui: &Connecte) -> BTreeMap<Siret, String> {
    qui.appli().registre.noms_des_employeurs().into_iter().collect()
}

/// What an account sees, in words; after `montres` employers the others are counted.
pub(super) fn perimetre(
    perimetre: &Perimetre,
    noms: &BTreeMap<Siret, String>,
    montres: usize,
) -> Markup {
    let Some(sirets) = perimetre.liste() else { return html! { "Tous les employeurs" } };
    let autres = sirets.len().saturating_sub(montres);
    html! {
        @if sirets.is_empty() { "Aucun employeur" }
        @for (rang, siret) in sirets.iter().take(montres).enumerate() {
            @if rang > 0 { ", " }
            @match noms.get(siret) {
                Some(nom) => { (nom) }
                None => { (siret.as_str()) " (n’est plus dans le fichier)" }
            }
        }
        @if autres > 0 {
            " et " (autres) @if autres == 1 { " autre" } @else { " autres" }
        }
    }
}
