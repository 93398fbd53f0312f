//! One account: where it stands, change it, and what an administrator can do about its access.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::comptes::{Saisie, champs, etats, inviter, refus};
use super::secrets::{Erreurs, employeurs, perimetre};
use crate::domain::Siret;
use crate::serve::base::{Action, BaseError, Changement, Detail, Fiche};
use crate::serve::droits::{Compte, Droit, Perimetre, Role};
use crate::serve::html::{
    self as composants, Alerte, Colonne, Formulaire, Lien, Page, alerte, boutons, fiche,
    formulaire, page, tableau,
};
use crate::serve::web::horloge::{lisible, maintenant};
use crate::serve::web::{Connecte, Erreur, Partage, Soumis};

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/comptes/{id}", get(voir).post(modifier))
        .route("/comptes/{id}/{geste}", post(agir))
}

/// What an administrator does about the access of someone else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Geste {
    Inviter,
    Sessions,
    SecondFacteur,
    Identites,
    Desactiver,
    Activer,
}

impl Geste {
    const ALL: [Self; 6] = [
        Self::Inviter,
        Self::Sessions,
        Self::SecondFacteur,
        Self::Identites,
        Self::Desactiver,
        Self::Activer,
    ];

    /// The word of the address, the button, what it does, what is said once it is done.
    fn mots(self) -> [&'static str; 4] {
        match self {
            Self::Inviter => [
                "inviter",
                "Donner un nouveau lien",
                "Mot de passe perdu, ou lien expiré\u{a0}: la personne en choisira un nouveau.",
                "",
            ],
            Self::Sessions => [
                "sessions",
                "Fermer ses sessions",
                "Poste perdu ou volé\u{a0}: il faudra se connecter à nouveau.",
                "Ses sessions sont fermées.",
            ],
            Self::SecondFacteur => [
                "second-facteur",
                "Réinitialiser le second facteur",
                "Téléphone perdu, sans code de secours. Assurez-vous que c’est bien la personne \
                 qui le demande. Ses sessions se ferment.",
                "Le second facteur est réinitialisé\u{a0}; ses sessions sont fermées.",
            ],
            Self::Identites => [
                "identites",
                "Délier l’identité",
                "Le fournisseur d’identité n’ouvrira plus ce compte, jusqu’à une prochaine \
                 connexion du même identifiant. Ses sessions se ferment.",
                "L’identité est déliée\u{a0}; ses sessions sont fermées.",
            ],
            Self::Desactiver => [
                "desactiver",
                "Désactiver le compte",
                "La personne ne peut plus se connecter, ses sessions se ferment. Le journal garde \
                 ce qu’elle a fait.",
                "Le compte est désactivé\u{a0}; ses sessions sont fermées.",
            ],
            Self::Activer => [
                "activer",
                "Réactiver le compte",
                "La personne pourra se connecter à nouveau.",
                "Le compte est réactivé.",
            ],
        }
    }

    fn de(mot: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|geste| geste.mots().first() == Some(&mot))
    }

    /// Whether it has a sense for an account.
    fn possible(self, fiche: &Fiche, lie: bool) -> bool {
        let compte = &fiche.compte;
        match self {
            Self::Inviter | Self::Sessions | Self::Desactiver => compte.actif,
            Self::SecondFacteur => compte.second_facteur,
            Self::Identites => lie,
            Self::Activer => !compte.actif,
        }
    }
}

#[derive(Default, Deserialize)]
struct Fait {
    #[serde(default)]
    fait: String,
}

/// The account of an address.
fn trouver(qui: &Connecte, id: &str) -> Result<Fiche, Erreur> {
    qui.exige(Droit::GererComptes)?;
    let id = id.parse::<i64>().map_err(|_| Erreur::Introuvable)?;
    qui.appli().base.fiche(id)?.ok_or(Erreur::Introuvable)
}

async fn voir(
    qui: Connecte,
    id: Result<Path<String>, PathRejection>,
    Query(fait): Query<Fait>,
) -> Result<Response, Erreur> {
    let Path(id) = id.map_err(|_| Erreur::Introuvable)?;
    let fiche = trouver(&qui, &id)?;
    let detail = Detail::default().mot("compte", &fiche.compte.identifiant);
    qui.noter(qui.entree(Action::ConsultationComptes).detail(detail)).await?;
    let message = match fait.fait.as_str() {
        "modifier" => Some("Le compte est modifié."),
        autre => Geste::de(autre).map(|geste| geste.mots()[3]).filter(|mots| !mots.is_empty()),
    };
    let alertes = message.map_or_else(|| html! {}, |mots| alerte(Alerte::Succes, mots, &html! {}));
    let saisie = Saisie::du(&fiche.compte);
    let document = ecran(&qui, &fiche, &saisie, &Erreurs::default(), alertes)?;
    Ok(document.into_response())
}

fn ecran(
    qui: &Connecte,
    lue: &Fiche,
    saisie: &Saisie,
    erreurs: &Erreurs,
    alertes: Markup,
) -> Result<Markup, Erreur> {
    let noms = employeurs(qui);
    let action = format!("/comptes/{}", lue.compte.id);
    let jeton = qui.jeton(&action)?;
    let contenu = html! {
        input type="hidden" name="version" value=(lue.version);
        (champs(saisie, erreurs, &noms))
        (boutons("Enregistrer", Some("/comptes")))
    };
    let corps = html! {
        (erreurs.resume())
        (resume(qui, lue, &noms)?)
        section {
            h2 { "Modifier" }
            p { "Changer le rôle ou les employeurs ferme les sessions de la personne." }
            (formulaire(&Formulaire { action: &action, jeton: &jeton, multipart: false }, &contenu))
        }
        (gestes(qui, lue)?)
        p { a href={ "/journal?compte=" (lue.compte.identifiant) } { "Ce que ce compte a fait" } }
    };
    Ok(page(Page {
        titre: &format!("Compte de {}", lue.compte.nom),
        compte: Some(&qui.entete()?),
        fil: &[Lien::new("Comptes", "/comptes")],
        courant: "/comptes",
        alertes,
        en_erreur: !erreurs.aucune(),
        corps,
        ..Page::default()
    }))
}

fn resume(qui: &Connecte, lue: &Fiche, noms: &BTreeMap<Siret, String>) -> Result<Markup, Erreur> {
    let Fiche { compte, .. } = lue;
    let base = &qui.appli().base;
    let emetteurs = base.emetteurs(compte.id)?.join(", ");
    let sessions = base.sessions(compte.id, maintenant())?.len();
    let connexion = lue.connexion.map_or_else(|| "Jamais".to_owned(), lisible);
    let invitation = lue.invitation.filter(|expire| *expire > maintenant());
    Ok(fiche(&[
        ("Identifiant", html! { (compte.identifiant) }),
        ("État", etats(qui, lue)?),
        ("Rôle", html! { (compte.role.french()) }),
        ("Périmètre", perimetre(&compte.perimetre, noms, usize::MAX)),
        ("Créé le", html! { (lisible(lue.cree)) }),
        ("Dernière connexion", html! { (connexion) }),
        ("Sessions ouvertes", html! { (sessions) }),
        (
            "Lien d’invitation valable jusqu’au",
            html! {
                @if let Some(expire) = invitation { (lisible(expire)) }
            },
        ),
        ("Identité liée", html! { (emetteurs) }),
    ]))
}

fn gestes(qui: &Connecte, lue: &Fiche) -> Result<Markup, Erreur> {
    if lue.compte.id == qui.compte().id {
        return Ok(html! { section { h2 { "Accès" } p { (SIEN) } } });
    }
    let lie = !qui.appli().base.emetteurs(lue.compte.id)?.is_empty();
    let possibles = Geste::ALL.into_iter().filter(|geste| geste.possible(lue, lie));
    let boutons = possibles.map(|geste| bouton(qui, lue, geste)).collect::<Result<Vec<_>, _>>()?;
    Ok(html! { section { h2 { "Accès" } @for bouton in &boutons { (bouton) } } })
}

/// Why nothing is offered on the account that is signed in.
const SIEN: &str = "C’est votre compte\u{a0}: votre mot de passe, vos sessions et votre second \
    facteur se gèrent depuis «\u{a0}Mon compte\u{a0}». Pour le désactiver, demandez-le à un autre \
    administrateur.";

fn bouton(qui: &Connecte, lue: &Fiche, geste: Geste) -> Result<Markup, Erreur> {
    let [mot, texte, explication, _] = geste.mots();
    let action = format!("/comptes/{}/{mot}", lue.compte.id);
    let jeton = qui.jeton(&action)?;
    let contenu = html! {
        input type="hidden" name="version" value=(lue.version);
        p { (explication) }
        div.boutons {
            button.bouton.second[geste != Geste::Desactiver].danger[geste == Geste::Desactiver]
                type="submit" { (texte) }
        }
    };
    Ok(formulaire(&Formulaire { action: &action, jeton: &jeton, multipart: false }, &contenu))
}

async fn modifier(
    id: Result<Path<String>, PathRejection>,
    soumis: Soumis,
) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    let Path(id) = id.map_err(|_| Erreur::Introuvable)?;
    let lue = trouver(qui, &id)?;
    let version = champs.un("version").parse::<i64>().unwrap_or_default();
    let saisie = Saisie::lire(champs);
    let rien = html! {};
    if saisie.filtrer {
        // What the form was read at goes on: only « Enregistrer » compares it.
        let lue = Fiche { version, ..lue };
        return Ok(ecran(qui, &lue, &saisie, &Erreurs::default(), rien)?.into_response());
    }
    let faute = |lue: &Fiche, erreurs: &Erreurs| {
        let document = ecran(qui, lue, &saisie, erreurs, html! {})?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, document).into_response())
    };
    let lue_alors = Fiche { version, ..lue.clone() };
    let voulu = match saisie.changement(&employeurs(qui), Some(&lue.compte)) {
        Ok(voulu) => voulu,
        Err(erreurs) => return faute(&lue_alors, &erreurs),
    };
    let entree = |avant: &Compte, apres: &Compte| {
        qui.entree(Action::CompteModifie).detail(ecarts(avant, apres))
    };
    match qui.appli().base.modifier(lue.compte.id, version, &voulu, entree) {
        Ok(apres) => {
            Ok(Redirect::to(&format!("/comptes/{}?fait=modifier", apres.id)).into_response())
        }
        Err(BaseError::Perime) => perime(qui, &lue.compte, &saisie),
        Err(error) => faute(&lue_alors, &refus(error)?),
    }
}

/// Someone else changed the account meanwhile: both states, and the form ready to be sent again.
fn perime(qui: &Connecte, compte: &Compte, saisie: &Saisie) -> Result<Response, Erreur> {
    let lue = qui.appli().base.fiche(compte.id)?.ok_or(Erreur::Introuvable)?;
    let maintenant = Saisie::du(&lue.compte);
    let noms = employeurs(qui);
    let en_mots = |une: &Saisie| {
        let vus = match une.tous {
            true => Perimetre::tous(),
            false => Perimetre::des(une.sirets.iter().copied()),
        };
        let role = Role::from_name(&une.role).map_or("", Role::french);
        [
            html! { (une.nom) },
            html! { (role) },
            html! { (composants::jour(&une.fin)) },
            perimetre(&vus, &noms, usize::MAX),
        ]
    };
    let libelles = ["Nom", "Rôle", "Dernier jour", "Employeurs"];
    let cotes = en_mots(&maintenant).into_iter().zip(en_mots(saisie));
    let mut lignes: Vec<Vec<Markup>> = libelles
        .iter()
        .zip(cotes)
        .map(|(libelle, (avant, saisi))| vec![html! { (libelle) }, avant, saisi])
        .collect();
    let etat = if lue.compte.actif { "Actif" } else { "Désactivé" };
    lignes.push(vec![html! { "État" }, html! { (etat) }, html! { "(inchangé par ce formulaire)" }]);
    let colonnes = ["", "Maintenant", "Ce que vous avez saisi"].map(Colonne::texte);
    let corps = html! {
        p { (BaseError::Perime.french()) " Rien n’a été enregistré." }
        (tableau("Les deux versions", &colonnes, &lignes))
        p { "Votre saisie est gardée plus bas\u{a0}: «\u{a0}Enregistrer\u{a0}» la confirme." }
    };
    let alertes = alerte(Alerte::Attention, "Ce compte a changé entre-temps", &corps);
    let document = ecran(qui, &lue, saisie, &Erreurs::default(), alertes)?;
    Ok((StatusCode::CONFLICT, document).into_response())
}

/// What changed, for the log: no name.
fn ecarts(avant: &Compte, apres: &Compte) -> Detail {
    let mut detail = Detail::default().mot("compte", &apres.identifiant);
    if avant.nom != apres.nom {
        detail = detail.mot("nom", "modifié");
    }
    if avant.role != apres.role {
        let role = format!("{} → {}", avant.role.name(), apres.role.name());
        detail = detail.mot("role", &role);
    }
    if avant.fin != apres.fin {
        let jour = |compte: &Compte| compte.fin.map_or("sans".to_owned(), |fin| fin.to_string());
        detail = detail.mot("fin", &format!("{} → {}", jour(avant), jour(apres)));
    }
    if avant.actif != apres.actif {
        detail = detail.mot("actif", if apres.actif { "oui" } else { "non" });
    }
    if avant.perimetre == apres.perimetre {
        return detail;
    }
    match (avant.perimetre.liste(), apres.perimetre.liste()) {
        (_, None) => detail.mot("perimetre", "tous"),
        (avant, Some(apres)) => {
            let rien = BTreeSet::new();
            let avant = avant.unwrap_or(&rien);
            let mots = |sirets: Vec<&Siret>| {
                sirets.into_iter().map(Siret::as_str).collect::<Vec<_>>().join(" ")
            };
            detail
                .mot("employeurs_ajoutes", &mots(apres.difference(avant).collect()))
                .mot("employeurs_retires", &mots(avant.difference(apres).collect()))
        }
    }
}

async fn agir(
    entetes: HeaderMap,
    chemin: Result<Path<(String, String)>, PathRejection>,
    soumis: Soumis,
) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    let Path((id, mot)) = chemin.map_err(|_| Erreur::Introuvable)?;
    let lue = trouver(qui, &id)?;
    let geste = Geste::de(&mot).ok_or(Erreur::Introuvable)?;
    let compte = &lue.compte;
    if compte.id == qui.compte().id {
        return Err(Erreur::Indisponible(SIEN.to_owned()));
    }
    let base = &qui.appli().base;
    let entree = |action| {
        let detail = Detail::default().mot("compte", &compte.identifiant);
        qui.entree(action).detail(detail)
    };
    match geste {
        Geste::Inviter => return inviter(qui, &entetes, compte),
        Geste::Sessions => {
            base.fermer_toutes(compte.id, None, entree(Action::SessionFermee))?;
        }
        Geste::SecondFacteur => {
            base.oublier_second_facteur(compte.id, entree(Action::SecondFacteurRetire))?;
        }
        Geste::Identites => {
            base.delier(compte.id, entree(Action::IdentiteDeliee))?;
        }
        Geste::Desactiver | Geste::Activer => {
            let version = champs.un("version").parse::<i64>().unwrap_or_default();
            return activer(qui, &lue, version, geste);
        }
    }
    Ok(Redirect::to(&format!("/comptes/{}?fait={mot}", compte.id)).into_response())
}

/// Disables or enables an account, nothing else of it.
fn activer(qui: &Connecte, lue: &Fiche, version: i64, geste: Geste) -> Result<Response, Erreur> {
    let Compte { id, nom, role, perimetre, fin, .. } = lue.compte.clone();
    let actif = geste == Geste::Activer;
    let voulu = Changement { nom, role, perimetre, fin, actif };
    let action = if actif { Action::CompteModifie } else { Action::CompteDesactive };
    let entree = |avant: &Compte, apres: &Compte| qui.entree(action).detail(ecarts(avant, apres));
    match qui.appli().base.modifier(id, version, &voulu, entree) {
        Ok(_) => {
            let [mot, ..] = geste.mots();
            Ok(Redirect::to(&format!("/comptes/{id}?fait={mot}")).into_response())
        }
        Err(BaseError::Perime) => perime(qui, &lue.compte, &Saisie::du(&lue.compte)),
        Err(error @ BaseError::DernierAdministrateur) => {
            Err(Erreur::Indisponible(error.french().to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
