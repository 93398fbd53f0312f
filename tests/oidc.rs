//! Sign-in by an identity provider, against one on this machine that departs from the protocol in
//! every way that was thought of.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]
#![allow(clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod fournisseur;
#[allow(dead_code, reason = "only what runs asynchronous code is used here")]
mod navigateur;
#[allow(dead_code, reason = "clients of this file send what they want")]
mod serveur;
mod surface;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use fournisseur::{CLIENT, Cle, Ecart, Forme, RACINE, SECRET};
use openidconnect::url::Url;
use paie::serve::acces::oidc::{
    Attentes, Config, Flux, Fournisseur, Identite, OidcError, RETOUR, Retour,
};
use paie::serve::base::Filtre;
use paie::serve::droits::{Compte, Role};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use serveur::client::champ_cache;
use serveur::{Lieu, Processus};
use surface::demandes::{Demande, Recu, Voie};
use surface::gens::Gens;
use tempfile::TempDir;

const ICI: &str = "https://paie.mairie.example";

/// A folder with a configuration; `reste` is added to the file.
fn dossier(emetteur: &str, reste: &str) -> (TempDir, PathBuf) {
    let dossier = TempDir::new().unwrap();
    let secret = dossier.path().join("secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    fermer(&secret, 0o600);
    fs::write(dossier.path().join("racine.pem"), RACINE).unwrap();
    let file = dossier.path().join("oidc.toml");
    let texte = format!(
        "nom = \"ProConnect\"\nemetteur = \"{emetteur}\"\nclient_id = \"{CLIENT}\"\n\
         fichier_secret = \"secret\"\nretour = \"{ICI}\"\n{reste}\n"
    );
    fs::write(&file, texte).unwrap();
    (dossier, file)
}

#[cfg(unix)]
fn fermer(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The relying party under test.
fn client(emetteur: &str, reste: &str) -> Fournisseur {
    let (_dossier, file) = dossier(emetteur, reste);
    Fournisseur::nouveau(Config::lire(&file).unwrap()).unwrap()
}

/// What the browser does: it opens the page of the provider and is sent back with a query.
async fn consentir(url: &Url) -> Retour {
    let racine = reqwest::Certificate::from_pem(RACINE.as_bytes()).unwrap();
    let navigateur = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .add_root_certificate(racine)
        .build()
        .unwrap();
    let reponse = navigateur.get(url.as_str()).send().await.unwrap();
    assert_eq!(reponse.status(), 303, "{}", reponse.text().await.unwrap());
    let retour = Url::parse(reponse.headers()["location"].to_str().unwrap()).unwrap();
    assert!(retour.as_str().starts_with(&format!("{ICI}{RETOUR}?")), "{retour}");
    let lu = |nom| retour.query_pairs().find(|(cle, _)| cle == nom).map(|(_, v)| v.into_owned());
    Retour { code: lu("code"), state: lu("state"), error: lu("error"), iss: lu("iss") }
}

/// A whole sign-in.
async fn entrer(client: &Fournisseur) -> Result<Identite, OidcError> {
    let (url, flux) = client.depart("/employeurs").await?;
    let retour = consentir(&url).await;
    client.retour(flux, retour).await
}

/// The same state twice, as no caller could have it.
fn copier(flux: &Flux) -> Flux {
    serde_json::from_value(serde_json::to_value(flux).unwrap()).unwrap()
}

/// A state with one part changed.
fn changer(flux: &Flux, part: &str, valeur: Value) -> Flux {
    let mut texte = serde_json::to_value(flux).unwrap();
    assert!(texte.get(part).is_some(), "{part}");
    texte[part] = valeur;
    serde_json::from_value(texte).unwrap()
}

fn signature(error: &OidcError) -> bool {
    matches!(error, OidcError::Signature(_))
}

#[tokio::test]
async fn a_person_is_named_by_json_and_by_signed_userinfo() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "acr = [\"eidas1\"]");
    for forme in [Forme::Json, Forme::Jwt] {
        tiers.regler(|reglages| reglages.forme = forme);
        let qui = entrer(&client).await.unwrap();
        assert_eq!(qui.sub, "f3a9-0001");
        assert_eq!(qui.emetteur, tiers.adresse());
        assert_eq!(qui.identifiant, "camille.exemple@mairie.example");
        assert_eq!(qui.email.as_deref(), Some("camille.exemple@mairie.example"));
        assert_eq!(qui.vers, "/employeurs");
        assert_eq!(qui.id_token.split('.').count(), 3);
        let debug = format!("{qui:?}");
        assert!(!debug.contains("camille") && !debug.contains(&qui.id_token), "{debug}");
    }
    assert_eq!(tiers.demandes("/cles"), 1, "what is published is read once");
}

#[tokio::test]
async fn elliptic_keys_sign_both_tokens() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    tiers.regler(|reglages| {
        reglages.cle = Cle::Elliptique;
        reglages.publiees = vec![Cle::Ancienne, Cle::Elliptique];
        reglages.forme = Forme::Jwt;
    });
    assert_eq!(entrer(&client(tiers.adresse(), "")).await.unwrap().sub, "f3a9-0001");
}

#[tokio::test]
async fn the_secret_goes_the_way_the_provider_wants() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    for methode in ["client_secret_basic", "client_secret_post"] {
        tiers.regler(|reglages| reglages.methode = methode);
        entrer(&client(tiers.adresse(), "")).await.unwrap();
    }
    let (_dossier, file) = dossier(tiers.adresse(), "");
    fs::write(file.with_file_name("secret"), "un autre").unwrap();
    let client = Fournisseur::nouveau(Config::lire(&file).unwrap()).unwrap();
    let error = entrer(&client).await.unwrap_err();
    assert_eq!(error, OidcError::CodeRefuse("invalid_client".to_owned()));
    assert!(error.message("ProConnect").contains("administrateur"));
}

#[tokio::test]
async fn the_claim_of_the_file_names_the_account() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    for (claim, attendu) in [("sub", "f3a9-0001"), ("uid", "c.exemple")] {
        let client = client(tiers.adresse(), &format!("identifiant = \"{claim}\""));
        assert_eq!(entrer(&client).await.unwrap().identifiant, attendu);
    }
    let client = client(tiers.adresse(), "identifiant = \"matricule\"");
    let error = entrer(&client).await.unwrap_err();
    assert_eq!(error, OidcError::SansIdentifiant("matricule".to_owned()));
}

#[tokio::test]
async fn an_address_that_is_not_verified_names_nobody() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let par_email = client(tiers.adresse(), "");
    let par_uid = client(tiers.adresse(), "identifiant = \"uid\"");
    for faux in [json!(false), json!("false")] {
        tiers.regler(|reglages| {
            reglages.personne.insert("email_verified".to_owned(), faux);
        });
        assert_eq!(entrer(&par_email).await.unwrap_err(), OidcError::EmailNonVerifie);
        assert_eq!(entrer(&par_uid).await.unwrap().email, None);
    }
    tiers.regler(|reglages| {
        reglages.personne.insert("email_verified".to_owned(), json!(true));
    });
    entrer(&par_email).await.unwrap();
}

#[tokio::test]
async fn each_departure_of_the_id_token_is_refused() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let attendus = [
        (Ecart::Nonce, OidcError::Nonce),
        (Ecart::SansNonce, OidcError::Nonce),
        (Ecart::Audience, OidcError::Audience),
        (Ecart::AudienceEnPlus, OidcError::Audience),
        (Ecart::AutorisePour, OidcError::Audience),
        (Ecart::Emetteur, OidcError::Emetteur),
        (Ecart::Expire, OidcError::Expire),
        (Ecart::Futur, OidcError::Expire),
        (Ecart::Empreinte, OidcError::Empreinte),
        (Ecart::SansNiveau, OidcError::Niveau),
        (Ecart::CleInventee, OidcError::CleInconnue),
    ];
    let client = client(tiers.adresse(), "acr = [\"eidas1\"]");
    for (ecart, attendu) in attendus {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        assert_eq!(entrer(&client).await.unwrap_err(), attendu, "{ecart:?}");
    }
    for ecart in [Ecart::AlgNone, Ecart::Hs256, Ecart::MauvaiseCle, Ecart::ChargeChangee] {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        let error = entrer(&client).await.unwrap_err();
        assert!(signature(&error), "{ecart:?}: {error}");
    }
    tiers.regler(|reglages| reglages.ecart = Some(Ecart::SansJeton));
    assert!(matches!(entrer(&client).await.unwrap_err(), OidcError::Reponse(_)));
    tiers.regler(|reglages| reglages.ecart = None);
    entrer(&client).await.unwrap();
}

#[tokio::test]
async fn a_weaker_level_than_the_required_one_is_refused() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let exigeant = client(tiers.adresse(), "acr = [\"eidas2\", \"eidas3\"]");
    let (url, _) = exigeant.depart("/").await.unwrap();
    let acr = url.query_pairs().find(|(cle, _)| cle == "acr_values").unwrap().1;
    assert_eq!(acr, "eidas2 eidas3");
    assert_eq!(entrer(&exigeant).await.unwrap_err(), OidcError::Niveau);
    tiers.regler(|reglages| reglages.acr = "eidas3");
    entrer(&exigeant).await.unwrap();
}

#[tokio::test]
async fn each_departure_of_userinfo_is_refused() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    for forme in [Forme::Json, Forme::Jwt] {
        tiers.regler(|reglages| {
            reglages.forme = forme;
            reglages.ecart = Some(Ecart::AutreSujet);
        });
        assert_eq!(entrer(&client).await.unwrap_err(), OidcError::Sujet, "{forme:?}");
    }
    let attendus = [
        (Ecart::InfosEmetteur, OidcError::Emetteur),
        (Ecart::InfosAudience, OidcError::Audience),
        (Ecart::InfosExpirees, OidcError::Expire),
    ];
    for (ecart, attendu) in attendus {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        assert_eq!(entrer(&client).await.unwrap_err(), attendu, "{ecart:?}");
    }
    for ecart in [Ecart::InfosAlgNone, Ecart::InfosHs256, Ecart::InfosMauvaiseCle] {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        let error = entrer(&client).await.unwrap_err();
        assert!(signature(&error), "{ecart:?}: {error}");
    }
    for ecart in [Ecart::InfosSorte, Ecart::TropGros] {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        let error = entrer(&client).await.unwrap_err();
        assert!(matches!(error, OidcError::Reponse(_)), "{ecart:?}: {error}");
    }
}

#[tokio::test]
async fn what_is_published_is_checked_and_redirections_are_not_followed() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    for ecart in [Ecart::EmetteurPublie, Ecart::SansJetons, Ecart::Methodes] {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        let error = entrer(&client(tiers.adresse(), "")).await.unwrap_err();
        assert!(matches!(error, OidcError::Fournisseur(_)), "{ecart:?}: {error}");
    }
    tiers.regler(|reglages| reglages.ecart = Some(Ecart::Redirige));
    let error = entrer(&client(tiers.adresse(), "")).await.unwrap_err();
    assert!(matches!(error, OidcError::Reponse(_)), "{error}");
    assert_eq!(tiers.demandes("/infos"), 0);
}

#[tokio::test]
async fn what_the_browser_brings_back_must_answer_what_was_asked() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    let attendus = [
        (Ecart::AutreEtat, OidcError::Etat),
        (Ecart::AutreFournisseur, OidcError::AutreFournisseur),
        (Ecart::Annule, OidcError::Refus("access_denied".to_owned())),
        (Ecart::SansCode, OidcError::CodeManquant),
    ];
    for (ecart, attendu) in attendus {
        tiers.regler(|reglages| reglages.ecart = Some(ecart));
        assert_eq!(entrer(&client).await.unwrap_err(), attendu, "{ecart:?}");
    }
    let (_, flux) = client.depart("/").await.unwrap();
    let rien = Retour::default();
    assert_eq!(client.retour(flux, rien).await.unwrap_err(), OidcError::Etat);
    assert_eq!(tiers.demandes("/jetons"), 0, "no code was tried");
}

#[tokio::test]
async fn an_answer_serves_once_and_for_its_own_request() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    let (url, flux) = client.depart("/").await.unwrap();
    let (rejeu, autre_preuve) = (copier(&flux), "p".repeat(43));
    let retour = consentir(&url).await;
    client.retour(flux, retour.clone()).await.unwrap();

    let deja_servi = OidcError::CodeRefuse("invalid_grant".to_owned());
    assert_eq!(client.retour(rejeu, retour.clone()).await.unwrap_err(), deja_servi);
    let (_, autre) = client.depart("/").await.unwrap();
    assert_eq!(client.retour(autre, retour).await.unwrap_err(), OidcError::Etat);

    let (url, flux) = client.depart("/").await.unwrap();
    let flux = changer(&flux, "preuve", json!(autre_preuve));
    let retour = consentir(&url).await;
    assert_eq!(client.retour(flux, retour).await.unwrap_err(), deja_servi, "PKCE");

    let (url, flux) = client.depart("/").await.unwrap();
    let tard = changer(&flux, "fin", json!(chrono::Utc::now().timestamp()));
    let retour = consentir(&url).await;
    assert_eq!(client.retour(tard, retour).await.unwrap_err(), OidcError::FluxExpire);
}

#[tokio::test]
async fn what_waits_is_taken_once_by_the_browser_that_started_it() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    let attentes = Attentes::nouvelles();
    let (url, flux) = client.depart("/").await.unwrap();
    let jeton = attentes.garder(flux);
    assert!(attentes.reprendre("un autre navigateur").is_none());
    let retour = consentir(&url).await;
    client.retour(attentes.reprendre(&jeton).unwrap(), retour).await.unwrap();
    assert!(attentes.reprendre(&jeton).is_none());

    // However many start, memory is bounded, and the last ones are kept.
    let (_, flux) = client.depart("/").await.unwrap();
    let premier = attentes.garder(changer(&flux, "fin", json!(i64::MAX - 1)));
    for _ in 0..paie::limits::OIDC_FLOWS {
        attentes.garder(changer(&flux, "fin", json!(i64::MAX)));
    }
    assert!(attentes.reprendre(&premier).is_none());
}

#[tokio::test]
async fn new_keys_are_read_when_a_token_names_one_at_most_once_a_minute() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    entrer(&client).await.unwrap();
    tiers.regler(|reglages| {
        reglages.cle = Cle::Nouvelle;
        reglages.publiees = vec![Cle::Nouvelle];
    });
    entrer(&client).await.unwrap();
    assert_eq!(tiers.demandes("/cles"), 2);
    tiers.regler(|reglages| reglages.ecart = Some(Ecart::CleInventee));
    for _ in 0..3 {
        assert_eq!(entrer(&client).await.unwrap_err(), OidcError::CleInconnue);
    }
    assert_eq!(tiers.demandes("/cles"), 2, "invented names make no traffic");
    tiers.regler(|reglages| reglages.ecart = None);
    entrer(&client).await.unwrap();
}

#[tokio::test]
async fn signed_userinfo_by_a_new_key_reads_the_keys_again() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    entrer(&client).await.unwrap();
    // The ID token is checked with the former keys; then userinfo comes signed by a new one.
    let (url, flux) = client.depart("/").await.unwrap();
    let retour = consentir(&url).await;
    tiers.regler(|reglages| {
        reglages.forme = Forme::Jwt;
        reglages.cle = Cle::Nouvelle;
        reglages.publiees = vec![Cle::Ancienne, Cle::Nouvelle];
    });
    client.retour(flux, retour).await.unwrap();
    assert_eq!(tiers.demandes("/cles"), 2);
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_again() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let adresse = port.local_addr().unwrap();
    drop(port);
    let client = client(&format!("http://{adresse}"), "");
    let error = client.depart("/").await.unwrap_err();
    assert!(matches!(error, OidcError::Injoignable(_)), "{error}");
    assert!(error.message("ProConnect").starts_with("ProConnect ne répond pas."));

    let tiers = fournisseur::Fournisseur::sur(TcpListener::bind(adresse).unwrap());
    tiers.regler(|reglages| reglages.panne = true);
    let error = client.depart("/").await.unwrap_err();
    assert!(matches!(error, OidcError::Injoignable(_)), "{error}");
    tiers.regler(|reglages| reglages.panne = false);
    entrer(&client).await.unwrap();

    let (url, flux) = client.depart("/").await.unwrap();
    let retour = consentir(&url).await;
    tiers.regler(|reglages| reglages.panne = true);
    let error = client.retour(flux, retour).await.unwrap_err();
    assert!(matches!(error, OidcError::Injoignable(_)), "{error}");
}

#[tokio::test]
async fn a_certificate_of_the_file_is_trusted_and_no_other() {
    let tiers = fournisseur::Fournisseur::avec_tls().await;
    let error = entrer(&client(tiers.adresse(), "")).await.unwrap_err();
    assert!(matches!(error, OidcError::Injoignable(_)), "{error}");
    let client = client(tiers.adresse(), "certificat = \"racine.pem\"");
    entrer(&client).await.unwrap();
}

#[tokio::test]
async fn signing_out_goes_through_the_provider_and_comes_back() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    let qui = entrer(&client).await.unwrap();
    let url = client.deconnexion(&qui.id_token, "/deconnexion").await.unwrap();
    let lu = |nom| url.query_pairs().find(|(cle, _)| cle == nom).unwrap().1.into_owned();
    assert_eq!(lu("id_token_hint"), qui.id_token);
    assert_eq!(lu("post_logout_redirect_uri"), format!("{ICI}/deconnexion"));
    assert!(lu("state").len() >= 20);
    let navigateur = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    let reponse = navigateur.build().unwrap().get(url.as_str()).send().await.unwrap();
    let retour = reponse.headers()["location"].to_str().unwrap();
    assert!(retour.starts_with(&format!("{ICI}/deconnexion?state=")), "{retour}");
}

/// The real server beside the provider, and an account for the person that the provider knows.
struct Service {
    _dossier: TempDir,
    oidc: String,
    lieu: Lieu,
    serveur: Processus,
    gens: Gens,
    compte: Compte,
}

impl Service {
    fn ouvrir(emetteur: &str) -> Self {
        let (_dossier, file) = dossier(emetteur, "");
        let oidc = file.to_str().unwrap().to_owned();
        let lieu = Lieu::demo(1, 4, "2026-11");
        let serveur = lieu.servir(&["--oidc", &oidc]);
        let gens = Gens::de(&lieu);
        let (nom, chez) = ("camille.exemple@mairie.example", ["21719601300015"]);
        let compte = gens.compte(nom, Role::Gestionnaire, Some(&chez));
        Self { _dossier, oidc, lieu, serveur, gens, compte }
    }

    /// What is kept in memory is lost, sessions are not.
    fn relancer(&mut self) {
        self.serveur = self.lieu.servir(&["--oidc", &self.oidc]);
    }

    async fn envoyer(
        &self,
        demande: &Demande,
        cookie: Option<&str>,
        jeton: Option<String>,
    ) -> Recu {
        Voie::vers(&self.serveur.origine).envoyer_avec(demande, cookie, jeton).await
    }

    async fn lire(&self, chemin: &str, cookie: Option<&str>) -> Recu {
        self.envoyer(&Demande::lire(chemin), cookie, None).await
    }

    /// A session that the provider opened: its cookie.
    async fn entrer(&self) -> String {
        let depart = self.lire("/connexion/oidc?retour=/aide", None).await;
        let flux = pose(&depart, "__Host-paie-flux");
        let retour = consentir(&Url::parse(depart.vers()).unwrap()).await;
        let mut query = form_urlencoded::Serializer::new(String::new());
        let parts = [("code", retour.code), ("state", retour.state), ("iss", retour.iss)];
        for (nom, valeur) in parts {
            query.append_pair(nom, &valeur.unwrap());
        }
        let recu = self.lire(&format!("{RETOUR}?{}", query.finish()), Some(&flux)).await;
        assert_eq!((recu.statut, recu.vers()), (303, "/aide"), "{}", recu.corps);
        pose(&recu, "__Host-paie")
    }

    /// Presses « Se déconnecter »; the session is over whatever is answered.
    async fn sortir(&self, cookie: &str) -> Recu {
        let page = self.lire("/mon-compte", Some(cookie)).await;
        let jeton = champ_cache(&page.corps, "jeton").unwrap();
        let recu =
            self.envoyer(&Demande::poster("/deconnexion", &[]), Some(cookie), Some(jeton)).await;
        assert_eq!(pose(&recu, "__Host-paie"), "__Host-paie=", "the cookie goes");
        assert_eq!(self.lire("/mon-compte", Some(cookie)).await.statut, 303);
        recu
    }

    /// Signing out says no more than that.
    async fn sortir_d_ici(&self, cookie: &str) {
        let recu = self.sortir(cookie).await;
        assert_eq!((recu.statut, recu.vers()), (303, "/connexion?fin=1"), "{}", recu.corps);
        assert_eq!(recu.entete("refresh"), "");
    }

    /// How often this person signed out, as the log says.
    fn sorties(&self) -> usize {
        let filtre = Filtre { compte: Some(self.compte.id), ..Filtre::default() };
        let journal = self.gens.base.journal(&filtre, None, 100).unwrap();
        journal.iter().filter(|ligne| ligne.action == "Déconnexion").count()
    }
}

/// A cookie that an answer sets, as a browser sends it back.
fn pose(recu: &Recu, nom: &str) -> String {
    let poses = recu.entetes.get_all("set-cookie").iter().map(|valeur| valeur.to_str().unwrap());
    let mut poses = poses.filter_map(|pose| pose.split(';').next());
    let pose = poses.find(|pose| pose.split('=').next() == Some(nom));
    pose.unwrap_or_else(|| panic!("{nom}: {}", recu.tout())).to_owned()
}

#[tokio::test]
async fn who_signs_out_of_paie_is_led_to_sign_out_of_the_provider() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let service = Service::ouvrir(tiers.adresse());
    let recu = service.sortir(&service.entrer().await).await;
    assert_eq!(recu.statut, 200);
    assert!(recu.corps.contains("<h1>Vous êtes déconnecté de paie</h1>"), "{}", recu.corps);
    assert!(recu.corps.contains("Se déconnecter de ProConnect</a>"), "{}", recu.corps);
    let url = recu.entete("refresh").strip_prefix("0; url=").unwrap();
    assert!(recu.corps.contains(&format!("href=\"{}\"", url.replace('&', "&amp;"))));
    assert!(url.starts_with(&format!("{}/fin?", tiers.adresse())), "{url}");
    let url = Url::parse(url).unwrap();
    let lu = |nom| url.query_pairs().find(|(cle, _)| cle == nom).unwrap().1.into_owned();
    let jeton = lu("id_token_hint");
    assert_eq!(jeton.split('.').count(), 3);
    assert_eq!(lu("post_logout_redirect_uri"), format!("{ICI}/deconnexion"));
    assert_eq!(lu("client_id"), CLIENT);
    assert_eq!(service.sorties(), 1);

    // The browser comes back, with what the provider adds. A link alone signs nobody out.
    let autre = service.entrer().await;
    for cookie in [None, Some(autre.as_str())] {
        let recu = service.lire(&format!("/deconnexion?state={}", lu("state")), cookie).await;
        assert_eq!((recu.statut, recu.vers()), (303, "/connexion?fin=1"));
    }
    assert_eq!(service.lire("/mon-compte", Some(&autre)).await.statut, 200);

    // A session that a password opened has nothing to end elsewhere.
    service.sortir_d_ici(&service.gens.seance(&service.compte).cookie).await;
    assert_eq!(tiers.demandes("/fin"), 0, "the browser goes there, not the server");

    let lignes = service.gens.base.journal(&Filtre::default(), None, 100).unwrap();
    let erreurs = fs::read_to_string(service.lieu.chemin("erreurs.txt")).unwrap();
    assert!(!format!("{lignes:?}{erreurs}").contains(&jeton), "a token is logged");
    let page = service.lire("/mon-compte", Some(&autre)).await;
    assert!(!page.corps.contains(jeton.split('.').next().unwrap()), "a token is shown");
}

#[tokio::test]
async fn the_session_here_ends_when_the_provider_cannot_end_its_own() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    tiers.regler(|reglages| reglages.ecart = Some(Ecart::SansFin));
    let mut service = Service::ouvrir(tiers.adresse());
    let (une, autre) = (service.entrer().await, service.entrer().await);
    service.sortir_d_ici(&une).await;
    service.relancer();
    tiers.regler(|reglages| reglages.panne = true);
    let demandes = tiers.demandes("/.well-known/openid-configuration");
    service.sortir_d_ici(&autre).await;
    assert!(tiers.demandes("/.well-known/openid-configuration") > demandes, "it was asked");
    assert_eq!(service.sorties(), 2);
}

#[tokio::test]
async fn the_page_to_open_afterwards_is_of_this_server() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let client = client(tiers.adresse(), "");
    let ailleurs =
        ["//ailleurs.example", "/\\ailleurs.example", "https://ailleurs.example", "", "x", "/a\n"];
    for vers in ailleurs {
        let (_, flux) = client.depart(vers).await.unwrap();
        assert_eq!(serde_json::to_value(&flux).unwrap()["vers"], "/", "{vers:?}");
    }
}

#[tokio::test]
async fn nothing_secret_is_told() {
    let tiers = fournisseur::Fournisseur::demarrer().await;
    let (_dossier, file) = dossier(tiers.adresse(), "");
    let config = Config::lire(&file).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
    let client = Fournisseur::nouveau(config).unwrap();
    assert!(!format!("{client:?}").contains("s3cret"));
    let (_, flux) = client.depart("/").await.unwrap();
    let parts = serde_json::to_value(&flux).unwrap();
    let debug = format!("{flux:?}");
    for part in ["etat", "nonce", "preuve"] {
        assert!(!debug.contains(parts[part].as_str().unwrap()), "{part}");
    }
    // The words that a provider adds to a refusal name people.
    let (url, flux) = client.depart("/").await.unwrap();
    let mut retour = consentir(&url).await;
    retour.code = Some("invente".to_owned());
    let error = client.retour(flux, retour).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Camille"), "{error}");
    let (url, flux) = client.depart("/").await.unwrap();
    let mut retour = consentir(&url).await;
    retour.error = Some("Camille Exemple".to_owned());
    let error = client.retour(flux, retour).await.unwrap_err();
    assert_eq!(error, OidcError::Refus("an unknown error".to_owned()));
}

/// What is said of a file whose text has `avant` replaced by `apres`.
fn dit(avant: &str, apres: &str) -> String {
    let (_dossier, file) = dossier("https://fournisseur.example/api", "");
    let texte = fs::read_to_string(&file).unwrap();
    assert!(texte.contains(avant), "{avant}");
    fs::write(&file, texte.replace(avant, apres)).unwrap();
    Config::lire(&file).unwrap_err().to_string()
}

#[test]
fn a_configuration_is_refused_with_what_to_write() {
    let cas = [
        ("nom =", "nomm = 1\nnom =", "the key `nomm` is unknown; the nearest one is `nom`"),
        ("nom =", "secret = \"x\"\nnom =", "the nearest one is `fichier_secret`"),
        ("nom =", "zzzzzzzzz = 1\nnom =", "the keys are `nom`, `emetteur`"),
        ("nom = \"ProConnect\"", "", "missing field `nom`"),
        ("\"ProConnect\"", "\" \"", "`nom`: it is empty"),
        ("\"ProConnect\"", "3", "invalid type"),
        ("https://fournisseur", "http://fournisseur", "`emetteur`: `https://` is required"),
        ("fournisseur.example/api", "f.example/?a=b", "neither `?` nor `#`"),
        ("https://paie", "http://paie", "`retour`: `https://` is required"),
        ("paie.mairie.example", "paie.mairie.example/paie", "without a path"),
        ("\"secret\"", "\"absent\"", "cannot read"),
        ("nom =", "portees = [\"openid email\"]\nnom =", "`openid email` is not a scope"),
        ("nom =", "certificat = \"secret\"\nnom =", "no certificate in PEM"),
    ];
    for (avant, apres, attendu) in cas {
        let dit = dit(avant, apres);
        assert!(dit.contains(attendu), "{apres}: {dit}");
        assert!(dit.contains("oidc.toml") || dit.contains("absent"), "{dit}");
        assert!(!dit.contains("s3cret"), "{dit}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_everyone_can_read_is_refused() {
    let (_dossier, file) = dossier("https://fournisseur.example", "");
    let secret = file.with_file_name("secret");
    for (mode, passe) in [(0o600, true), (0o640, true), (0o604, false), (0o644, false)] {
        fermer(&secret, mode);
        let lu = Config::lire(&file);
        assert_eq!(lu.is_ok(), passe, "{mode:o}");
        if let Err(error) = lu {
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }
    fermer(&secret, 0o600);
    fs::write(&secret, "\n").unwrap();
    assert!(Config::lire(&file).unwrap_err().to_string().contains("it is empty"));
}

#[test]
fn every_page_message_is_french_and_says_what_to_do() {
    let texte = String::from("detail technique");
    let tous = [
        OidcError::Injoignable(texte.clone()),
        OidcError::Fournisseur(texte.clone()),
        OidcError::FluxExpire,
        OidcError::Etat,
        OidcError::AutreFournisseur,
        OidcError::Refus("access_denied".to_owned()),
        OidcError::Refus(texte.clone()),
        OidcError::CodeManquant,
        OidcError::CodeRefuse("invalid_grant".to_owned()),
        OidcError::CodeRefuse(texte.clone()),
        OidcError::Reponse(texte.clone()),
        OidcError::Emetteur,
        OidcError::Audience,
        OidcError::Signature(texte.clone()),
        OidcError::CleInconnue,
        OidcError::Expire,
        OidcError::Nonce,
        OidcError::Niveau,
        OidcError::Empreinte,
        OidcError::Sujet,
        OidcError::EmailNonVerifie,
        OidcError::SansIdentifiant(texte),
    ];
    for error in tous {
        let dit = error.message("ProConnect");
        assert!(!dit.contains("detail") && !dit.contains("  "), "{dit}");
        assert!(!dit.contains(" :") && !dit.contains(" ;") && !dit.contains('\''), "{dit}");
        let quoi = ["ecommence", "Réessayez", "Prévenez", "prévenez"];
        assert!(quoi.iter().any(|mot| dit.contains(mot)), "nothing to do: {dit}");
    }
}
