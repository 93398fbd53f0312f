//! Requests made by hand: any path, header and body, with the cookie and the token of a session.

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, Version};

use super::gens::Seance;
use crate::serveur::client::JETON;

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Corps {
    /// Nothing.
    Rien,
    /// Fields of a form, beside its token.
    Champs(Vec<(String, String)>),
    /// Fields of a form and a file, by its name and its content.
    Fichier(Vec<(String, String)>, String, String),
}

/// A request.
#[derive(Clone, Debug)]
pub struct Demande {
    /// How.
    pub methode: Method,
    /// A path and its query, as they are sent.
    pub chemin: String,
    /// Headers beside those of the session.
    pub entetes: Vec<(&'static str, String)>,
    /// What it carries.
    pub corps: Corps,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Recu {
    /// Its status.
    pub statut: u16,
    /// Its headers.
    pub entetes: HeaderMap,
    /// Its body; bytes that are no UTF-8 are replaced.
    pub corps: String,
}

impl Demande {
    /// Reads a page.
    pub fn lire(chemin: &str) -> Self {
        let (methode, chemin) = (Method::GET, chemin.to_owned());
        Self { methode, chemin, entetes: vec![], corps: Corps::Rien }
    }

    /// Sends a form.
    pub fn poster(chemin: &str, champs: &[(&str, &str)]) -> Self {
        let champs = champs.iter().map(|(nom, valeur)| ((*nom).to_owned(), (*valeur).to_owned()));
        let corps = Corps::Champs(champs.collect());
        Self { methode: Method::POST, corps, ..Self::lire(chemin) }
    }

    /// The same with a header.
    #[must_use]
    pub fn avec(mut self, nom: &'static str, valeur: &str) -> Self {
        self.entetes.push((nom, valeur.to_owned()));
        self
    }

    /// All that it says, in one text.
    pub fn texte(&self) -> String {
        let clair = |texte: &str| {
            let paires = form_urlencoded::parse(texte.as_bytes());
            paires.map(|(a, b)| format!("{a} {b} ")).collect::<String>()
        };
        let mut texte = format!("{} {}", self.chemin, clair(&self.chemin));
        for (_, valeur) in &self.entetes {
            texte.push_str(valeur);
        }
        match &self.corps {
            Corps::Rien => {}
            Corps::Champs(champs) => texte.extend(champs.iter().map(|(a, b)| format!(" {a} {b}"))),
            Corps::Fichier(champs, nom, contenu) => {
                texte.extend(champs.iter().map(|(a, b)| format!(" {a} {b}")));
                texte.push_str(&format!(" {nom} {contenu}"));
            }
        }
        texte
    }

    /// The same request about something else.
    #[must_use]
    pub fn remplacer(&self, paires: &[(String, String)]) -> Self {
        let dans = |texte: &str| {
            let debut = texte.to_owned();
            paires.iter().fold(debut, |texte, (avant, apres)| texte.replace(avant, apres))
        };
        let champs = |champs: &[(String, String)]| {
            champs.iter().map(|(nom, valeur)| (nom.clone(), dans(valeur))).collect()
        };
        let entetes = self.entetes.iter().map(|(nom, valeur)| (*nom, dans(valeur))).collect();
        let corps = match &self.corps {
            Corps::Rien => Corps::Rien,
            Corps::Champs(tous) => Corps::Champs(champs(tous)),
            Corps::Fichier(tous, nom, contenu) => {
                Corps::Fichier(champs(tous), dans(nom), dans(contenu))
            }
        };
        Self { methode: self.methode.clone(), chemin: dans(&self.chemin), entetes, corps }
    }

    /// The path alone: what the token of a form is for.
    fn action(&self) -> &str {
        self.chemin.split('?').next().unwrap()
    }
}

impl Recu {
    /// Where it sends; empty when nowhere.
    pub fn vers(&self) -> &str {
        self.entete("location")
    }

    /// The value of a header; empty when it is absent.
    pub fn entete(&self, nom: &str) -> &str {
        self.entetes.get(nom).map_or("", |valeur| valeur.to_str().unwrap())
    }

    /// Headers and body.
    pub fn tout(&self) -> String {
        let entetes = self.entetes.iter().map(|(nom, valeur)| {
            format!("{nom}: {}\n", String::from_utf8_lossy(valeur.as_bytes()))
        });
        format!("{}\n{}", entetes.collect::<String>(), self.corps)
    }

    /// What can be compared with another answer: no date, no token of a form.
    pub fn comparable(&self) -> String {
        let mut entetes = self.entetes.clone();
        entetes.remove("date");
        // Near names hang on what was typed, and so does the length of a page that gives some.
        entetes.remove("content-length");
        let mut lignes: Vec<String> = entetes
            .iter()
            .map(|(nom, valeur)| format!("{nom}: {}", String::from_utf8_lossy(valeur.as_bytes())))
            .collect();
        lignes.sort();
        format!(
            "{}\n{}\n{}",
            self.statut,
            lignes.join("\n"),
            sans_proches(&sans_jetons(&self.corps))
        )
    }
}

/// A text without its tokens, which are long runs of hexadecimal digits, nor its instants.
fn sans_jetons(texte: &str) -> String {
    let mut sortie = String::with_capacity(texte.len());
    let mut suite = String::new();
    for lettre in texte.chars().chain(['\n']) {
        if lettre.is_ascii_hexdigit() {
            suite.push(lettre);
            continue;
        }
        let instant = suite.len() == 10 && suite.starts_with(['1', '2']);
        let tait = suite.len() >= 64 || (instant && suite.parse::<u64>().is_ok());
        sortie.push_str(if tait { "[change]" } else { &suite });
        suite.clear();
        sortie.push(lettre);
    }
    sortie
}

/// A text without the near names that it proposes for a wrong one: those of the own employer, and
/// which of them hangs on the letters that were typed.
fn sans_proches(texte: &str) -> String {
    // What is said when no name is near.
    let sinon = "Copiez l’identifiant depuis la liste des agents ou le modèle à télécharger.";
    let texte = texte.replace(sinon, "");
    let mut sortie = String::with_capacity(texte.len());
    for (rang, morceau) in texte.split("Vouliez-vous").enumerate() {
        let fin = if rang == 0 { 0 } else { morceau.find('?').map_or(0, |fin| fin + 1) };
        sortie.push_str(morceau.get(fin..).unwrap_or(morceau));
    }
    sortie
}

/// The way to a server.
#[derive(Clone)]
pub struct Voie {
    http: reqwest::Client,
    origine: String,
}

impl Voie {
    /// To the server of an origin.
    pub fn vers(origine: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .danger_accept_invalid_certs(true)
            .build();
        Self { http: http.unwrap(), origine: origine.to_owned() }
    }

    /// Sends a request: with the token that a page of the session would have given.
    pub async fn envoyer(&self, demande: &Demande, seance: Option<&Seance>) -> Recu {
        let jeton = match (seance, &demande.corps) {
            (None, _) | (_, Corps::Rien) => None,
            (Some(seance), _) => Some(seance.jeton(demande.action())),
        };
        self.envoyer_avec(demande, seance.map(|seance| seance.cookie.as_str()), jeton).await
    }

    /// Sends a request with any cookie and any token.
    pub async fn envoyer_avec(
        &self,
        demande: &Demande,
        cookie: Option<&str>,
        jeton: Option<String>,
    ) -> Recu {
        let adresse = format!("{}{}", self.origine, demande.chemin);
        let mut requete = self.http.request(demande.methode.clone(), adresse);
        requete = requete.version(Version::HTTP_11);
        if let Some(cookie) = cookie {
            requete = requete.header(COOKIE, cookie);
        }
        let jeton = jeton.map(|jeton| (JETON.to_owned(), jeton));
        requete = match &demande.corps {
            Corps::Rien => requete,
            Corps::Champs(champs) => {
                let tous: Vec<_> = champs.iter().chain(jeton.iter()).collect();
                let mut texte = form_urlencoded::Serializer::new(String::new());
                for (nom, valeur) in tous {
                    texte.append_pair(nom, valeur);
                }
                let genre = "application/x-www-form-urlencoded";
                requete.header(CONTENT_TYPE, genre).body(texte.finish())
            }
            Corps::Fichier(champs, nom, contenu) => {
                let tous: Vec<_> = champs.iter().chain(jeton.iter()).collect();
                let genre = format!("multipart/form-data; boundary={BORD}");
                requete.header(CONTENT_TYPE, genre).body(parties(&tous, nom, contenu))
            }
        };
        for (nom, valeur) in &demande.entetes {
            requete = requete.header(*nom, valeur);
        }
        let reponse = envoyer(requete).await;
        let reponse = reponse.unwrap_or_else(|erreur| panic!("{demande:?}: {erreur:?}"));
        let (statut, entetes) = (reponse.status().as_u16(), reponse.headers().clone());
        let octets = reponse.bytes().await.unwrap();
        Recu { statut, entetes, corps: String::from_utf8_lossy(&octets).into_owned() }
    }
}

/// What stands between the parts of a form with a file.
const BORD: &str = "bord-de-partie-5f1c";

fn parties(champs: &[&(String, String)], nom: &str, contenu: &str) -> String {
    let partie = |entete: &str, contenu: &str| {
        format!("--{BORD}\r\nContent-Disposition: form-data; {entete}\r\n\r\n{contenu}\r\n")
    };
    let mut corps: String =
        champs.iter().map(|(nom, valeur)| partie(&format!("name=\"{nom}\""), valeur)).collect();
    let genre = "\r\nContent-Type: text/csv";
    let entete = format!("name=\"fichier\"; filename=\"{nom}\"{genre}");
    corps.push_str(&partie(&entete, contenu));
    corps.push_str(&format!("--{BORD}--\r\n"));
    corps
}

/// Sends a request; again when the server had answered and hung up before the body was sent whole.
async fn envoyer(requete: RequestBuilder) -> Result<Response, reqwest::Error> {
    let mut dernier = requete.try_clone().unwrap().send().await;
    for _ in 0..5 {
        if dernier.is_ok() {
            break;
        }
        dernier = requete.try_clone().unwrap().send().await;
    }
    dernier
}

/// A form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formulaire {
    /// Where it is sent.
    pub action: String,
    /// Whether it is sent, and not asked.
    pub post: bool,
    /// Whether it holds a file.
    pub fichier: bool,
    /// Its fields, with their values.
    pub champs: Vec<(String, String)>,
}

fn attribut(balise: &str, nom: &str) -> Option<String> {
    let (_, suite) = balise.split_once(&format!(" {nom}=\""))?;
    let valeur = suite.split('"').next()?;
    Some(valeur.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&"))
}

fn balises<'a>(html: &'a str, nom: &'a str) -> impl Iterator<Item = &'a str> {
    let debut = html.split('<').filter(move |suite| {
        suite.strip_prefix(nom).is_some_and(|reste| reste.starts_with([' ', '>', '\n']))
    });
    debut.filter_map(|suite| suite.split('>').next())
}

/// Forms of a page.
pub fn formulaires(html: &str) -> Vec<Formulaire> {
    let mut trouves = Vec::new();
    for suite in html.split("<form").skip(1) {
        let corps = suite.split("</form").next().unwrap();
        let balise = format!("form{}", corps.split('>').next().unwrap());
        let mut champs = Vec::new();
        for genre in ["input", "select", "textarea", "button"] {
            for balise in balises(corps, genre) {
                let Some(nom) = attribut(balise, "name") else { continue };
                if nom != JETON {
                    champs.push((nom, attribut(balise, "value").unwrap_or_default()));
                }
            }
        }
        trouves.push(Formulaire {
            action: attribut(&balise, "action").unwrap_or_default(),
            post: attribut(&balise, "method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
            fichier: balise.contains("multipart"),
            champs,
        });
    }
    trouves
}

/// Links of a page to this server.
pub fn liens(html: &str) -> Vec<String> {
    let mut trouves: Vec<String> = balises(html, "a").filter_map(|b| attribut(b, "href")).collect();
    trouves.retain(|lien| lien.starts_with('/') && !lien.starts_with("//"));
    trouves
}
