//! A client without a screen: cookies, the token of forms, no redirection followed unasked.
//!
//! Blocking, like the browser; `http` is the client under it, for many requests at once.

use reqwest::header::LOCATION;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};

use crate::navigateur::executeur;

/// The hidden field that every form carries.
pub const JETON: &str = "jeton";

/// One person, signed in or not.
pub struct Client {
    /// What sends, with the cookies of this person.
    pub http: reqwest::Client,
    origine: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reponse {
    /// The status.
    pub statut: StatusCode,
    /// The headers.
    pub entetes: reqwest::header::HeaderMap,
    /// The body; bytes that are no UTF-8 are replaced.
    pub corps: String,
}

impl Reponse {
    /// Where it sends, when it sends elsewhere.
    pub fn vers(&self) -> Option<&str> {
        self.entetes.get(LOCATION)?.to_str().ok()
    }

    /// The value of a header; empty when it is absent.
    pub fn entete(&self, nom: &str) -> &str {
        self.entetes.get(nom).map_or("", |valeur| valeur.to_str().unwrap())
    }

    /// The token of its first form.
    pub fn jeton(&self) -> Option<String> {
        champ_cache(&self.corps, JETON)
    }
}

impl Client {
    /// Someone who arrives at a server.
    pub fn new(origine: &str) -> Self {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .no_proxy()
            .danger_accept_invalid_certs(true)
            .build()
            .unwrap();
        Self { http, origine: origine.trim_end_matches('/').to_owned() }
    }

    /// The address of a path.
    pub fn adresse(&self, chemin: &str) -> String {
        format!("{}{chemin}", self.origine)
    }

    /// Sends a request built with [`Client::http`].
    pub fn envoyer(&self, requete: RequestBuilder) -> Reponse {
        executeur().block_on(async { lire(requete.send().await.unwrap()).await })
    }

    /// Asks for a page.
    pub fn lire(&self, chemin: &str) -> Reponse {
        self.envoyer(self.http.get(self.adresse(chemin)))
    }

    /// Asks for a page, and follows where it sends.
    pub fn suivre(&self, chemin: &str) -> Reponse {
        let mut reponse = self.lire(chemin);
        for _ in 0..5 {
            let Some(vers) = reponse.vers() else { return reponse };
            let chemin = vers.strip_prefix(&self.origine).unwrap_or(vers).to_owned();
            assert!(chemin.starts_with('/'), "{chemin} leaves the server");
            reponse = self.lire(&chemin);
        }
        panic!("{chemin} sends from page to page");
    }

    /// Sends fields as they are, without a token that the caller did not give.
    pub fn poster_brut(&self, chemin: &str, champs: &[(&str, &str)]) -> Reponse {
        self.envoyer(self.http.post(self.adresse(chemin)).form(champs))
    }

    /// Opens the page of a form, and sends its token with `champs` to `action`.
    pub fn poster(&self, page: &str, action: &str, champs: &[(&str, &str)]) -> Reponse {
        let jeton = self.jeton(page);
        self.poster_brut(action, &[champs, &[(JETON, jeton.as_str())]].concat())
    }

    /// Opens the page of a form, and sends its token and a file to `action`.
    pub fn deposer(
        &self,
        page: &str,
        action: &str,
        champ: &str,
        fichier: (&str, Vec<u8>),
    ) -> Reponse {
        let partie = Part::bytes(fichier.1).file_name(fichier.0.to_owned());
        let formulaire = Form::new().text(JETON, self.jeton(page)).part(champ.to_owned(), partie);
        self.envoyer(self.http.post(self.adresse(action)).multipart(formulaire))
    }

    /// The token of the first form of a page, which must have one.
    pub fn jeton(&self, page: &str) -> String {
        let reponse = self.suivre(page);
        let jeton = reponse.jeton();
        jeton.unwrap_or_else(|| panic!("{page}, {}: no form with a token", reponse.statut))
    }
}

async fn lire(reponse: Response) -> Reponse {
    let (statut, entetes) = (reponse.status(), reponse.headers().clone());
    let octets = reponse.bytes().await.unwrap();
    Reponse { statut, entetes, corps: String::from_utf8_lossy(&octets).into_owned() }
}

/// The value of the first field of this name, whatever the order of its attributes.
pub fn champ_cache(html: &str, nom: &str) -> Option<String> {
    let balises = html.split("<input").skip(1).filter_map(|suite| suite.split('>').next());
    let attribut = |balise: &str, nom: &str| {
        let (_, suite) = balise.split_once(&format!(" {nom}=\""))?;
        suite.split('"').next().map(str::to_owned)
    };
    let mut nommes = balises.filter(|b| attribut(b, "name").as_deref() == Some(nom));
    let valeur = attribut(nommes.next()?, "value")?;
    Some(valeur.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&"))
}
