//! What goes wrong with a request, as a page in French.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::serve::base::BaseError;
use crate::serve::html::{self as composants, Page};
use crate::serve::registre::Refus;

/// Why a request has no page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erreur {
    /// Nobody is signed in, or no longer; the page to come back to.
    Deconnecte(String),
    /// A second factor is awaited first.
    SecondFacteur,
    /// The account must enrol a second factor first.
    Enrolement,
    /// Nothing is there, or it is outside the scope: the two are never told apart.
    Introuvable,
    /// The role does not allow it.
    Interdit,
    /// The form does not come from a page of this session, or too late.
    Jeton,
    /// What was sent is larger than what is taken, in bytes.
    TropGros(usize),
    /// What was sent is not what the page sends.
    Illisible(String),
    /// It cannot be done now; why.
    Indisponible(String),
    /// Something broke here; the words are for the log of the server, not for the page.
    Interne(String),
}

impl From<Refus> for Erreur {
    fn from(refus: Refus) -> Self {
        match refus {
            Refus::Introuvable => Self::Introuvable,
            Refus::Interdit => Self::Interdit,
            Refus::Impossible(pourquoi) => Self::Indisponible(pourquoi),
            Refus::Panne(quoi) => Self::Interne(quoi),
        }
    }
}

impl From<BaseError> for Erreur {
    fn from(error: BaseError) -> Self {
        Self::Interne(error.to_string())
    }
}

/// The words of an error page.
struct Mots {
    code: StatusCode,
    titre: &'static str,
    texte: String,
    remede: &'static str,
}

impl Erreur {
    fn mots(&self) -> Mots {
        let mots = |code, titre, texte: &str, remede| Mots {
            code,
            titre,
            texte: texte.to_owned(),
            remede,
        };
        match self {
            Self::Deconnecte(_) | Self::SecondFacteur | Self::Enrolement => mots(
                StatusCode::UNAUTHORIZED,
                "Vous n’êtes pas connecté",
                "Votre session a pris fin, ou n’a pas commencé.",
                "Connectez-vous : vous reviendrez à la page demandée.",
            ),
            Self::Introuvable => mots(
                StatusCode::NOT_FOUND,
                "Page introuvable",
                "Cette page n’existe pas, ou ne fait pas partie de ce que votre compte peut voir.",
                "Vérifiez l’adresse, ou repartez de l’accueil.",
            ),
            Self::Interdit => mots(
                StatusCode::FORBIDDEN,
                "Action non autorisée",
                "Votre compte n’a pas le droit de faire cela.",
                "Si vous en avez besoin, demandez-le à l’administrateur des comptes.",
            ),
            Self::Jeton => mots(
                StatusCode::FORBIDDEN,
                "Formulaire périmé",
                "Ce formulaire n’a pas été ouvert dans votre session, ou l’a été il y a trop \
                 longtemps. Rien n’a été enregistré.",
                "Revenez à la page précédente, rechargez-la et recommencez.",
            ),
            Self::TropGros(octets) => Mots {
                code: StatusCode::PAYLOAD_TOO_LARGE,
                titre: "Fichier trop volumineux",
                texte: format!(
                    "Ce qui a été envoyé dépasse {}\u{a0}Ko. Rien n’a été enregistré.",
                    octets.div_ceil(1000)
                ),
                remede: "Envoyez le fichier en plusieurs parties.",
            },
            Self::Illisible(pourquoi) => mots(
                StatusCode::BAD_REQUEST,
                "Demande illisible",
                &format!("{pourquoi} Rien n’a été enregistré."),
                "Revenez à la page précédente et recommencez.",
            ),
            Self::Indisponible(pourquoi) => mots(
                StatusCode::CONFLICT,
                "Impossible pour le moment",
                pourquoi,
                "Si cela dure, prévenez le service de paie.",
            ),
            Self::Interne(_) => mots(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Erreur du serveur",
                "Quelque chose n’a pas fonctionné de notre côté. Rien n’a été enregistré.",
                "Recommencez ; si cela se répète, prévenez le service de paie.",
            ),
        }
    }
}

impl IntoResponse for Erreur {
    fn into_response(self) -> Response {
        match &self {
            Self::Deconnecte(retour) => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                let query = query.append_pair("retour", retour).finish();
                return Redirect::to(&format!("/connexion?{query}")).into_response();
            }
            Self::SecondFacteur => {
                return Redirect::to("/connexion/second-facteur").into_response();
            }
            Self::Enrolement => {
                return Redirect::to("/mon-compte/second-facteur").into_response();
            }
            // The words never reach the page: they may quote what is outside the scope.
            Self::Interne(quoi) => eprintln!("paie serve: {quoi}"),
            _ => {}
        }
        let Mots { code, titre, texte, remede } = self.mots();
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        (code, headers, page(titre, &texte, remede)).into_response()
    }
}

/// An error page; who is signed in is not known there.
fn page(titre: &str, texte: &str, remede: &str) -> Markup {
    let corps = html! {
        p { (texte) }
        p { (remede) }
        p { a.bouton href="/" { "Revenir à l’accueil" } }
    };
    composants::page(Page { titre, corps, ..Page::default() })
}
