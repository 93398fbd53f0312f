//! An identity provider on this machine: it consents for the person that the test chose, follows
//! the protocol, and departs from it in one way when it is told to.
//!
//! Its keys and certificates are of this folder and protect nothing.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, HashMap};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Form, Query, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use axum::{Router, serve};
use axum_server::tls_rustls::{RustlsConfig, from_tcp_rustls};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use openidconnect::core::{
    CoreHmacKey, CoreJsonCurveType, CoreJsonWebKey, CoreJwsSigningAlgorithm,
    CoreRsaPrivateSigningKey,
};
use openidconnect::{
    AccessToken, AccessTokenHash, JsonWebKeyId, PkceCodeChallenge, PkceCodeVerifier,
    PrivateSigningKey,
};
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Signer;
use serde_json::{Map, Value, json};

/// The client that the provider knows, and its secret.
pub const CLIENT: &str = "paie-de-test";
/// As a provider makes them: with letters that forms and headers must escape.
pub const SECRET: &str = "s3cret/+&=: de test, assez long pour HS256";

/// The certificate that signed the one of [`Fournisseur::avec_tls`].
pub const RACINE: &str = include_str!("racine.pem");

/// One departure from the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ecart {
    /// The ID token: one claim that is not right.
    Nonce,
    SansNonce,
    Audience,
    AudienceEnPlus,
    AutorisePour,
    Emetteur,
    Expire,
    Futur,
    Empreinte,
    SansNiveau,
    /// The ID token: its signature.
    AlgNone,
    Hs256,
    CleInventee,
    MauvaiseCle,
    ChargeChangee,
    /// No ID token at all.
    SansJeton,
    /// Userinfo.
    AutreSujet,
    InfosAudience,
    InfosEmetteur,
    InfosExpirees,
    InfosAlgNone,
    InfosHs256,
    InfosMauvaiseCle,
    InfosSorte,
    /// What the provider publishes.
    EmetteurPublie,
    SansJetons,
    SansFin,
    Methodes,
    /// Answers that are no answers.
    TropGros,
    Redirige,
    /// What the browser brings back.
    Annule,
    AutreFournisseur,
    AutreEtat,
    SansCode,
}

/// A key that the provider signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cle {
    Ancienne,
    Nouvelle,
    Elliptique,
}

/// How userinfo is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forme {
    Json,
    Jwt,
}

/// What a test decides.
pub struct Reglages {
    /// Who is signed in: `sub` and the other claims of userinfo.
    pub personne: Map<String, Value>,
    pub forme: Forme,
    pub ecart: Option<Ecart>,
    /// Whether everything is answered by 503.
    pub panne: bool,
    pub cle: Cle,
    pub publiees: Vec<Cle>,
    /// How the secret of the client is taken: `client_secret_basic` or `client_secret_post`.
    pub methode: &'static str,
    /// The level of authentication that is reached.
    pub acr: &'static str,
}

/// A code that waits to be exchanged.
struct Code {
    retour: String,
    nonce: Option<String>,
    defi: String,
}

struct Etat {
    adresse: String,
    reglages: Mutex<Reglages>,
    codes: Mutex<HashMap<String, Code>>,
    compte: Mutex<BTreeMap<String, usize>>,
}

/// The provider; it stops with the runtime of the test.
#[derive(Clone)]
pub struct Fournisseur(Arc<Etat>);

impl Fournisseur {
    /// A provider on a free port, over plain HTTP.
    pub async fn demarrer() -> Self {
        Self::sur(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// A provider on a port that the test holds.
    pub fn sur(port: TcpListener) -> Self {
        let (moi, routes) = Self::nouveau(format!("http://{}", port.local_addr().unwrap()));
        port.set_nonblocking(true).unwrap();
        let port = tokio::net::TcpListener::from_std(port).unwrap();
        tokio::spawn(async move { serve(port, routes).await });
        moi
    }

    /// A provider over TLS, with a certificate that only [`RACINE`] vouches for.
    pub async fn avec_tls() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let adresse = format!("https://localhost:{}", port.local_addr().unwrap().port());
        let (moi, routes) = Self::nouveau(adresse);
        let (cert, cle) = (include_bytes!("serveur.pem"), include_bytes!("serveur.cle.pem"));
        let tls = RustlsConfig::from_pem(cert.to_vec(), cle.to_vec()).await.unwrap();
        let serveur = from_tcp_rustls(port, tls).unwrap();
        tokio::spawn(async move { serveur.serve(routes.into_make_service()).await });
        moi
    }

    fn nouveau(adresse: String) -> (Self, Router) {
        let personne = json!({
            "sub": "f3a9-0001",
            "given_name": "Camille",
            "usual_name": "Exemple",
            "email": "Camille.Exemple@mairie.example",
            "siret": "21719601300015",
            "uid": "C.Exemple",
        });
        let reglages = Reglages {
            personne: personne.as_object().unwrap().clone(),
            forme: Forme::Json,
            ecart: None,
            panne: false,
            cle: Cle::Ancienne,
            publiees: vec![Cle::Ancienne],
            methode: "client_secret_basic",
            acr: "eidas1",
        };
        let moi = Self(Arc::new(Etat {
            adresse,
            reglages: Mutex::new(reglages),
            codes: Mutex::default(),
            compte: Mutex::default(),
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(publie))
            .route("/cles", get(cles))
            .route("/autoriser", get(autoriser))
            .route("/jetons", post(jetons))
            .route("/infos", get(infos))
            .route("/fin", get(fin))
            .layer(middleware::from_fn_with_state(moi.clone(), veiller))
            .with_state(moi.clone());
        (moi, routes)
    }

    /// The issuer.
    pub fn adresse(&self) -> &str {
        &self.0.adresse
    }

    /// Changes what the provider does from now on.
    pub fn regler(&self, regle: impl FnOnce(&mut Reglages)) {
        regle(&mut self.0.reglages.lock().unwrap());
    }

    /// How often a path was asked for.
    pub fn demandes(&self, chemin: &str) -> usize {
        self.0.compte.lock().unwrap().get(chemin).copied().unwrap_or(0)
    }

    fn lire<T>(&self, lit: impl FnOnce(&Reglages) -> T) -> T {
        lit(&self.0.reglages.lock().unwrap())
    }

    fn ecart(&self, ecart: Ecart) -> bool {
        self.lire(|reglages| reglages.ecart == Some(ecart))
    }

    /// The claims of the ID token for a code.
    fn claims(&self, code: &Code, acces: &str) -> Value {
        let (personne, acr, cle) = self.lire(|r| (r.personne.clone(), r.acr, r.cle));
        let maintenant = Utc::now().timestamp();
        let mut claims = json!({
            "iss": self.adresse(),
            "sub": personne["sub"],
            "aud": CLIENT,
            "exp": maintenant + 60,
            "iat": maintenant,
            "nonce": code.nonce,
            "acr": acr,
            "at_hash": empreinte(acces, cle),
        });
        let mut mettre = |ecart, claim: &str, valeur: Value| {
            if self.ecart(ecart) {
                claims[claim] = valeur;
            }
        };
        mettre(Ecart::Nonce, "nonce", json!("un-autre-nonce"));
        mettre(Ecart::SansNonce, "nonce", Value::Null);
        mettre(Ecart::Audience, "aud", json!("une-autre-application"));
        mettre(Ecart::AudienceEnPlus, "aud", json!([CLIENT, "une-autre-application"]));
        mettre(Ecart::AutorisePour, "azp", json!("une-autre-application"));
        mettre(Ecart::Emetteur, "iss", json!("https://ailleurs.example"));
        mettre(Ecart::Expire, "exp", json!(maintenant - 3600));
        mettre(Ecart::Futur, "iat", json!(maintenant + 3600));
        mettre(Ecart::Empreinte, "at_hash", json!(empreinte("un-autre-acces", cle)));
        mettre(Ecart::SansNiveau, "acr", Value::Null);
        claims
    }

    /// A token over the claims, by the key of the moment, or as a departure wants it.
    fn jeton(&self, claims: &Value, none: Ecart, hs256: Ecart, autre: Ecart) -> String {
        let cle = self.lire(|reglages| reglages.cle);
        if self.ecart(none) {
            return format!("{}.", segments(&json!({"alg": "none"}), claims));
        }
        if self.ecart(hs256) {
            let signe = segments(&json!({"alg": "HS256"}), claims);
            let alg = CoreJwsSigningAlgorithm::HmacSha256;
            return scelle(signe, |m| CoreHmacKey::new(SECRET).sign(&alg, m).unwrap());
        }
        let kid = if self.ecart(Ecart::CleInventee) { "inventee" } else { cle.nom() };
        let signe = segments(&json!({"alg": cle.alg(), "kid": kid, "typ": "JWT"}), claims);
        let cle = if self.ecart(autre) { Cle::Nouvelle } else { cle };
        scelle(signe, |message| cle.signer(message))
    }
}

impl Cle {
    fn nom(self) -> &'static str {
        match self {
            Self::Ancienne => "ancienne",
            Self::Nouvelle => "nouvelle",
            Self::Elliptique => "elliptique",
        }
    }

    fn alg(self) -> &'static str {
        if self == Self::Elliptique { "ES256" } else { "RS256" }
    }

    fn rsa(self) -> CoreRsaPrivateSigningKey {
        let pem = match self {
            Self::Ancienne => include_str!("ancienne.pem"),
            _ => include_str!("nouvelle.pem"),
        };
        CoreRsaPrivateSigningKey::from_pem(pem, Some(JsonWebKeyId::new(self.nom().to_owned())))
            .unwrap()
    }

    fn elliptique() -> p256::ecdsa::SigningKey {
        p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()
    }

    fn signer(self, message: &[u8]) -> Vec<u8> {
        if self == Self::Elliptique {
            let signature: Signature = Self::elliptique().sign(message);
            return signature.to_bytes().to_vec();
        }
        self.rsa().sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message).unwrap()
    }

    fn publique(self) -> CoreJsonWebKey {
        if self != Self::Elliptique {
            return self.rsa().as_verification_key();
        }
        let point = Self::elliptique().verifying_key().to_sec1_point(false);
        let (x, y) = (point.as_bytes()[1..33].to_vec(), point.as_bytes()[33..].to_vec());
        let kid = JsonWebKeyId::new(self.nom().to_owned());
        CoreJsonWebKey::new_ec(x, y, CoreJsonCurveType::P256, Some(kid))
    }
}

/// `at_hash` of an access token.
fn empreinte(acces: &str, cle: Cle) -> String {
    let alg = match cle {
        Cle::Elliptique => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        _ => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    };
    let acces = AccessToken::new(acces.to_owned());
    AccessTokenHash::from_token(&acces, &alg, &cle.publique()).unwrap().to_string()
}

/// The two first parts of a token.
fn segments(entete: &Value, claims: &Value) -> String {
    let [entete, claims] = [entete, claims].map(|v| BASE64_URL_SAFE_NO_PAD.encode(v.to_string()));
    format!("{entete}.{claims}")
}

fn scelle(signe: String, signer: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signer(signe.as_bytes()));
    format!("{signe}.{signature}")
}

fn reponse(statut: StatusCode, sorte: &str, corps: String) -> Response<Body> {
    Response::builder()
        .status(statut)
        .header(header::CONTENT_TYPE, sorte)
        .body(Body::from(corps))
        .unwrap()
}

fn en_json(valeur: &Value) -> Response<Body> {
    reponse(StatusCode::OK, "application/json", valeur.to_string())
}

fn refus(statut: StatusCode, error: &str) -> Response<Body> {
    // Real providers add words, which may name people: they must not travel further.
    let corps = json!({"error": error, "error_description": "refus pour Camille Exemple"});
    reponse(statut, "application/json", corps.to_string())
}

fn ailleurs(url: &str) -> Response<Body> {
    let vers = Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, url);
    vers.body(Body::empty()).unwrap()
}

/// Counts requests, and answers nothing when the provider is down.
async fn veiller(State(moi): State<Fournisseur>, demande: Request, suite: Next) -> Response<Body> {
    let chemin = demande.uri().path().to_owned();
    *moi.0.compte.lock().unwrap().entry(chemin).or_insert(0) += 1;
    if moi.lire(|reglages| reglages.panne) {
        return reponse(StatusCode::SERVICE_UNAVAILABLE, "text/html", "<p>panne</p>".to_owned());
    }
    suite.run(demande).await
}

async fn publie(State(moi): State<Fournisseur>) -> Response<Body> {
    let ici = moi.adresse();
    let mut publie = json!({
        "issuer": ici,
        "authorization_endpoint": format!("{ici}/autoriser"),
        "token_endpoint": format!("{ici}/jetons"),
        "userinfo_endpoint": format!("{ici}/infos"),
        "end_session_endpoint": format!("{ici}/fin"),
        "jwks_uri": format!("{ici}/cles"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "token_endpoint_auth_methods_supported": [moi.lire(|reglages| reglages.methode)],
    });
    if moi.ecart(Ecart::EmetteurPublie) {
        publie["issuer"] = json!("https://ailleurs.example");
    }
    if moi.ecart(Ecart::SansJetons) {
        publie["token_endpoint"] = Value::Null;
    }
    if moi.ecart(Ecart::SansFin) {
        publie.as_object_mut().unwrap().remove("end_session_endpoint");
    }
    if moi.ecart(Ecart::Methodes) {
        publie["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
    }
    en_json(&publie)
}

async fn cles(State(moi): State<Fournisseur>) -> Response<Body> {
    let publiees = moi.lire(|reglages| reglages.publiees.clone());
    let publiques: Vec<CoreJsonWebKey> = publiees.into_iter().map(Cle::publique).collect();
    en_json(&json!({ "keys": publiques }))
}

/// The page where a person consents; here it consents at once.
async fn autoriser(
    State(moi): State<Fournisseur>,
    Query(demande): Query<HashMap<String, String>>,
) -> Response<Body> {
    let lu = |nom: &str| demande.get(nom).cloned().unwrap_or_default();
    let portees = lu("scope");
    let bonne = lu("response_type") == "code"
        && lu("client_id") == CLIENT
        && lu("code_challenge_method") == "S256"
        && portees.split(' ').filter(|portee| *portee == "openid").count() == 1;
    if !bonne {
        return refus(StatusCode::BAD_REQUEST, "invalid_request");
    }
    let code = format!("code-{}", moi.demandes("/autoriser"));
    let attend = Code {
        retour: lu("redirect_uri"),
        nonce: demande.get("nonce").cloned(),
        defi: lu("code_challenge"),
    };
    let mut url = reqwest::Url::parse(&attend.retour).unwrap();
    moi.0.codes.lock().unwrap().insert(code.clone(), attend);
    let etat = if moi.ecart(Ecart::AutreEtat) { "un-autre".to_owned() } else { lu("state") };
    let autre = moi.ecart(Ecart::AutreFournisseur);
    let iss = if autre { "https://ailleurs.example" } else { moi.adresse() };
    url.query_pairs_mut().append_pair("state", &etat).append_pair("iss", iss);
    if moi.ecart(Ecart::Annule) {
        url.query_pairs_mut().append_pair("error", "access_denied");
    } else if !moi.ecart(Ecart::SansCode) {
        url.query_pairs_mut().append_pair("code", &code);
    }
    ailleurs(url.as_str())
}

/// Whether the client is the one that is known, by the way that is taken.
fn reconnu(moi: &Fournisseur, entetes: &HeaderMap, champs: &HashMap<String, String>) -> bool {
    if moi.lire(|reglages| reglages.methode) == "client_secret_post" {
        let lu = |nom: &str| champs.get(nom).map(String::as_str);
        return lu("client_id") == Some(CLIENT) && lu("client_secret") == Some(SECRET);
    }
    let recu = entetes.get(header::AUTHORIZATION).and_then(|valeur| valeur.to_str().ok());
    let Some(recu) = recu.and_then(|recu| recu.strip_prefix("Basic ")) else { return false };
    let recu = String::from_utf8(BASE64_STANDARD.decode(recu).unwrap()).unwrap();
    let (client, secret) = recu.split_once(':').unwrap();
    // Both are escaped as in a form (RFC 6749, 2.3.1).
    let paire = format!("http://x/?c={client}&s={secret}");
    let paire = reqwest::Url::parse(&paire).unwrap();
    let lus: Vec<String> = paire.query_pairs().map(|(_, valeur)| valeur.into_owned()).collect();
    lus == [CLIENT, SECRET]
}

async fn jetons(
    State(moi): State<Fournisseur>,
    entetes: HeaderMap,
    Form(champs): Form<HashMap<String, String>>,
) -> Response<Body> {
    if !reconnu(&moi, &entetes, &champs) {
        return refus(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let lu = |nom: &str| champs.get(nom).cloned().unwrap_or_default();
    let Some(code) = moi.0.codes.lock().unwrap().remove(&lu("code")) else {
        return refus(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let preuve = PkceCodeVerifier::new(lu("code_verifier"));
    let defi = PkceCodeChallenge::from_code_verifier_sha256(&preuve);
    let juste = defi.as_str() == code.defi
        && lu("redirect_uri") == code.retour
        && lu("grant_type") == "authorization_code";
    if !juste {
        return refus(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    if moi.ecart(Ecart::Redirige) {
        return ailleurs(&format!("{}/infos", moi.adresse()));
    }
    let acces = format!("acces-{}", lu("code"));
    let claims = moi.claims(&code, &acces);
    let mut jeton = moi.jeton(&claims, Ecart::AlgNone, Ecart::Hs256, Ecart::MauvaiseCle);
    if moi.ecart(Ecart::ChargeChangee) {
        let mut autres = claims.clone();
        autres["sub"] = json!("f3a9-9999");
        let parts: Vec<&str> = jeton.split('.').collect();
        let charge = BASE64_URL_SAFE_NO_PAD.encode(autres.to_string());
        jeton = format!("{}.{charge}.{}", parts[0], parts[2]);
    }
    let mut corps = json!({"access_token": acces, "token_type": "Bearer", "expires_in": 60});
    if !moi.ecart(Ecart::SansJeton) {
        corps["id_token"] = json!(jeton);
    }
    en_json(&corps)
}

async fn infos(State(moi): State<Fournisseur>, entetes: HeaderMap) -> Response<Body> {
    let acces = entetes.get(header::AUTHORIZATION).and_then(|valeur| valeur.to_str().ok());
    if !acces.is_some_and(|acces| acces.starts_with("Bearer acces-code-")) {
        return refus(StatusCode::UNAUTHORIZED, "invalid_token");
    }
    let (personne, forme) = moi.lire(|reglages| (reglages.personne.clone(), reglages.forme));
    let mut infos = Value::Object(personne);
    if moi.ecart(Ecart::AutreSujet) {
        infos["sub"] = json!("f3a9-9999");
    }
    if moi.ecart(Ecart::TropGros) {
        infos["photo"] = json!("x".repeat(2 << 20));
    }
    if moi.ecart(Ecart::InfosSorte) {
        return reponse(StatusCode::OK, "text/html", "<p>bonjour</p>".to_owned());
    }
    if forme == Forme::Json {
        return en_json(&infos);
    }
    let maintenant = Utc::now().timestamp();
    infos["iss"] = json!(moi.adresse());
    infos["aud"] = json!(CLIENT);
    infos["exp"] = json!(maintenant + 60);
    if moi.ecart(Ecart::InfosEmetteur) {
        infos["iss"] = json!("https://ailleurs.example");
    }
    if moi.ecart(Ecart::InfosAudience) {
        infos["aud"] = json!(["une-autre-application"]);
    }
    if moi.ecart(Ecart::InfosExpirees) {
        infos["exp"] = json!(maintenant - 3600);
    }
    let (none, hs256) = (Ecart::InfosAlgNone, Ecart::InfosHs256);
    let jeton = moi.jeton(&infos, none, hs256, Ecart::InfosMauvaiseCle);
    reponse(StatusCode::OK, "application/jwt; charset=utf-8", jeton)
}

/// The page that signs out, and sends the browser back.
async fn fin(Query(demande): Query<HashMap<String, String>>) -> Response<Body> {
    let lu = |nom: &str| demande.get(nom).cloned().unwrap_or_default();
    if lu("id_token_hint").split('.').count() != 3 || lu("state").is_empty() {
        return refus(StatusCode::BAD_REQUEST, "invalid_request");
    }
    let mut url = reqwest::Url::parse(&lu("post_logout_redirect_uri")).unwrap();
    url.query_pairs_mut().append_pair("state", &lu("state"));
    ailleurs(url.as_str())
}
