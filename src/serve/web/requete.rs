//! Who asks: the session of a request, its account, its scope, and what it submits.
//!
//! A handler gets pay data only through [`Connecte::vue`], and reads a form only through
//! [`Soumis`], which has checked that the form was opened in the same session.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{
    ConnectInfo, DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};

use super::Erreur;
use super::horloge::maintenant;
use crate::limits::{FORM_BYTES, UPLOAD_BYTES};
use crate::serve::acces::jeton;
use crate::serve::appli::Appli;
use crate::serve::base::{self, Action, Auteur, Entree, Session};
use crate::serve::droits::{Compte, Droit};
use crate::serve::html::{CHAMP_JETON, EnteteCompte};
use crate::serve::registre::{Chez, Vue};

/// The cookie of a session. `__Host-`: over TLS (or loopback) only, this host only, every path.
pub const COOKIE: &str = "__Host-paie";

/// The application, shared by requests.
pub type Partage = Arc<Appli>;

/// A session, whatever it may do yet.
pub struct Ouvert {
    /// The application.
    pub appli: Partage,
    /// The session.
    pub session: Session,
    /// The account.
    pub compte: Compte,
    /// The token of the cookie.
    pub jeton: String,
    /// The address of the client.
    pub adresse: String,
}

/// A session that may see pages.
pub struct Connecte {
    ouvert: Ouvert,
    vue: Vue,
    /// Where the request goes.
    pub chemin: String,
}

/// A form sent by a page of the same session.
pub struct Soumis {
    /// Who sends it.
    pub qui: Connecte,
    /// Its fields.
    pub champs: Champs,
}

/// A form, with a file or not, whose text must not be lost: what was typed is given back when the
/// session of its page is over. Only [`Envoi::Recu`] may change anything.
pub enum Envoi {
    /// Sent by a page of the same session.
    Recu {
        /// Who sends it.
        qui: Connecte,
        /// Its fields, the file left out.
        champs: Champs,
        /// Name and bytes of the file; none: no file was chosen.
        fichier: Option<(String, Bytes)>,
    },
    /// Sent by someone who is signed in, from a page of another session, or of none of ours.
    AutreSession {
        /// Who sends it.
        qui: Connecte,
        /// Its fields.
        champs: Champs,
    },
    /// Sent by nobody who is signed in.
    SansSession {
        /// Its fields.
        champs: Champs,
    },
}

/// Fields of a form, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Champs(pub Vec<(String, String)>);

impl Champs {
    /// Reads a form or a query.
    pub fn lire(bytes: &[u8]) -> Self {
        let each = form_urlencoded::parse(bytes);
        Self(each.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The first field of a name, without spaces around; empty when there is none.
    pub fn un(&self, nom: &str) -> &str {
        self.brut(nom).trim()
    }

    /// The first field of a name as it was typed, spaces included: a password.
    pub fn brut(&self, nom: &str) -> &str {
        self.0.iter().find(|(name, _)| name == nom).map_or("", |(_, value)| value)
    }

    /// Every field of a name.
    pub fn tous<'a>(&'a self, nom: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name == nom).map(|(_, value)| value.trim())
    }
}

impl FromRequestParts<Partage> for Ouvert {
    type Rejection = Erreur;

    async fn from_request_parts(parts: &mut Parts, appli: &Partage) -> Result<Self, Erreur> {
        // Only a page that was asked for can be come back to.
        let retour = if parts.method == Method::GET { page(parts) } else { "/".to_owned() };
        let absent = || Erreur::Deconnecte(retour.clone());
        let jeton = cookie(&parts.headers, COOKIE).ok_or_else(absent)?;
        let found = appli.base.session(&jeton, maintenant())?;
        let (session, compte) = found.ok_or_else(absent)?;
        let adresse = adresse(parts, appli.derriere_proxy);
        Ok(Self { appli: Arc::clone(appli), session, compte, jeton, adresse })
    }
}

impl Ouvert {
    /// The proof that a form sent to `action` carries.
    pub fn jeton_pour(&self, action: &str) -> Result<String, Erreur> {
        jeton::emettre(&self.session.secret, action)
            .map_err(|error| Erreur::Interne(error.to_string()))
    }

    /// Refuses a form that was not opened in this session, for this action.
    pub fn prouver(&self, action: &str, champs: &Champs) -> Result<(), Erreur> {
        match jeton::verifier(&self.session.secret, action, champs.un(CHAMP_JETON)) {
            true => Ok(()),
            false => Err(Erreur::Jeton),
        }
    }
}

impl FromRequestParts<Partage> for Connecte {
    type Rejection = Erreur;

    async fn from_request_parts(parts: &mut Parts, appli: &Partage) -> Result<Self, Erreur> {
        let ouvert = Ouvert::from_request_parts(parts, appli).await?;
        if ouvert.session.etat != base::Etat::Complete {
            return Err(Erreur::SecondFacteur);
        }
        let Ouvert { compte, .. } = &ouvert;
        if appli.second_facteur.concerne(compte.role) && !compte.second_facteur {
            let ici = parts.uri.path();
            if ici != "/mon-compte/second-facteur" && ici != "/deconnexion" {
                return Err(Erreur::Enrolement);
            }
        }
        let vue = appli.registre.vue(&compte.perimetre);
        Ok(Self { vue, ouvert, chemin: parts.uri.path().to_owned() })
    }
}

impl Connecte {
    /// What the account may see, for a role that sees pay.
    pub fn vue(&self) -> Result<&Vue, Erreur> {
        self.exige(Droit::VoirPaie)?;
        Ok(&self.vue)
    }

    /// An employer of the scope, for a role that sees pay.
    pub fn chez(&self, siret: &str) -> Result<Chez, Erreur> {
        Ok(self.vue()?.chez(siret)?)
    }

    /// Refuses who does not have a right.
    pub fn exige(&self, droit: Droit) -> Result<(), Erreur> {
        match self.compte().role.peut(droit) {
            true => Ok(()),
            false => Err(Erreur::Interdit),
        }
    }

    /// The application.
    pub fn appli(&self) -> &Partage {
        &self.ouvert.appli
    }

    /// The account.
    pub fn compte(&self) -> &Compte {
        &self.ouvert.compte
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.ouvert.session
    }

    /// The token of the session.
    pub fn jeton_de_session(&self) -> &str {
        &self.ouvert.jeton
    }

    /// The address of the client.
    pub fn adresse(&self) -> &str {
        &self.ouvert.adresse
    }

    /// What the head of a page says of the account.
    pub fn entete(&self) -> Result<EnteteCompte, Erreur> {
        let Compte { nom, role, .. } = self.compte();
        let jeton = self.jeton("/deconnexion")?;
        Ok(EnteteCompte { nom: nom.clone(), role: *role, jeton })
    }

    /// The proof that a form of this page carries; `action` is where it is sent.
    pub fn jeton(&self, action: &str) -> Result<String, Erreur> {
        self.ouvert.jeton_pour(action)
    }

    /// An entry of the log about what this account does now.
    pub fn entree(&self, action: Action) -> Entree {
        Entree::new(maintenant(), Auteur::de(self.compte(), self.adresse()), action)
    }

    /// Writes an entry in the log, and returns once it is on the disk: nothing is shown that the
    /// log does not hold. What changes an account takes its entry along instead.
    pub async fn noter(&self, entree: Entree) -> Result<(), Erreur> {
        self.appli().base.noter(entree).await?;
        Ok(())
    }
}

/// A form that carries no proof yet: sign-in has no session, and refuses other origins instead.
impl FromRequest<Partage> for Champs {
    type Rejection = Erreur;

    async fn from_request(mut request: Request, appli: &Partage) -> Result<Self, Erreur> {
        DefaultBodyLimit::max(FORM_BYTES).apply(&mut request);
        let read = Bytes::from_request(request, appli).await;
        let bytes = read.map_err(|error| coupe(error.status(), FORM_BYTES))?;
        Ok(Self::lire(&bytes))
    }
}

impl FromRequest<Partage> for Soumis {
    type Rejection = Erreur;

    async fn from_request(request: Request, appli: &Partage) -> Result<Self, Erreur> {
        let (mut parts, body) = request.into_parts();
        let qui = Connecte::from_request_parts(&mut parts, appli).await?;
        let request = Request::from_parts(parts, body);
        let champs = Champs::from_request(request, appli).await?;
        qui.ouvert.prouver(&qui.chemin, &champs)?;
        Ok(Self { qui, champs })
    }
}

impl FromRequest<Partage> for Envoi {
    type Rejection = Erreur;

    async fn from_request(request: Request, appli: &Partage) -> Result<Self, Erreur> {
        let (mut parts, body) = request.into_parts();
        let qui = Connecte::from_request_parts(&mut parts, appli).await;
        let request = Request::from_parts(parts, body);
        match qui {
            Ok(qui) => {
                let (champs, fichier) = contenu(request, appli).await?;
                Ok(match qui.ouvert.prouver(&qui.chemin, &champs) {
                    Ok(()) => Self::Recu { qui, champs, fichier },
                    Err(_) => Self::AutreSession { qui, champs },
                })
            }
            Err(Erreur::Deconnecte(_)) => {
                Ok(Self::SansSession { champs: contenu(request, appli).await?.0 })
            }
            Err(erreur) => Err(erreur),
        }
    }
}

/// What a form sends: its fields, and its file if any.
async fn contenu(
    request: Request,
    appli: &Partage,
) -> Result<(Champs, Option<(String, Bytes)>), Erreur> {
    let genre = request.headers().get(header::CONTENT_TYPE);
    let genre = genre.and_then(|value| value.to_str().ok()).unwrap_or("");
    if !genre.starts_with("multipart/form-data") {
        return Ok((Champs::from_request(request, appli).await?, None));
    }
    let mut envoi = Multipart::from_request(request, appli).await.map_err(|_| {
        Erreur::Illisible("Le fichier n’a pas été envoyé par cette page.".to_owned())
    })?;
    let coupe = |error: MultipartError| coupe(error.status(), UPLOAD_BYTES);
    let (mut champs, mut fichier) = (Champs::default(), None);
    let mut taille = 0_usize;
    while let Some(mut part) = envoi.next_field().await.map_err(coupe)? {
        let nom = part.name().unwrap_or("").to_owned();
        let origine = part.file_name().map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(coupe)? {
            taille = taille.saturating_add(chunk.len());
            // Read on to the end: a browser that cannot send all shows no answer.
            if taille <= UPLOAD_BYTES {
                bytes.extend_from_slice(&chunk);
            }
        }
        match origine {
            Some(origine) if !origine.is_empty() => fichier = Some((origine, Bytes::from(bytes))),
            Some(_) => {}
            None => champs.0.push((nom, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    if taille > UPLOAD_BYTES {
        return Err(Erreur::TropGros(UPLOAD_BYTES));
    }
    Ok((champs, fichier))
}

/// Why what a form sends ends early: it goes beyond so many bytes, or the line was cut.
fn coupe(code: StatusCode, octets: usize) -> Erreur {
    match code {
        StatusCode::PAYLOAD_TOO_LARGE => Erreur::TropGros(octets),
        _ => Erreur::Illisible("L’envoi a été interrompu.".to_owned()),
    }
}

/// The page of a request, with its query.
fn page(parts: &Parts) -> String {
    parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// A cookie of a request.
pub fn cookie(headers: &HeaderMap, nom: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim() == nom).map(|(_, value)| value.trim().to_owned())
}

/// The address of the client: of the connection, or what the reverse proxy in front saw, which is
/// the last one of the list: those before are what the client claims.
pub fn adresse(parts: &Parts, derriere_proxy: bool) -> String {
    let direct = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let direct = direct.map_or_else(String::new, |ConnectInfo(from)| from.ip().to_string());
    if !derriere_proxy {
        return direct;
    }
    let given = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let last = given.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    let parsed = last.and_then(|text| text.trim().parse::<std::net::IpAddr>().ok());
    parsed.map_or(direct, |ip| ip.to_string())
}
