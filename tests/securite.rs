//! What protects `paie serve`, asked of the real server: headers, sessions, sign-in, forms, roles,
//! TLS, and the log.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test stops at a surprise")]

#[allow(dead_code, reason = "only what runs asynchronous code is used here")]
mod navigateur;
#[allow(dead_code, reason = "clients of this file send what they want")]
mod serveur;
mod surface;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use navigateur::executeur;
use paie::serve::acces::{mot_de_passe, totp};
use paie::serve::base::{Etat, Filtre, Ligne};
use paie::serve::droits::{Compte, Role};
use reqwest::Method;
use rusqlite::Connection;
use serveur::{Lieu, Processus};
use surface::clore;
use surface::demandes::{Corps, Demande, Recu, Voie, liens};
use surface::gens::{COOKIE, Gens, Seance, note};
use surface::marques::{Genre, Marques, marquer};
use surface::routes::{Route, routes};

const OUVERT: &str = "2026-11";
const CLOS: &str = "2026-10";
const ROLES: [(char, Role); 4] = [
    ('A', Role::Administrateur),
    ('O', Role::Operateur),
    ('G', Role::Gestionnaire),
    ('U', Role::Auditeur),
];

/// A server, and one account of each role; those that are limited see the first employer alone.
struct Site {
    lieu: Lieu,
    marques: Marques,
    serveur: Processus,
    gens: Gens,
    voie: Voie,
    comptes: Vec<(char, Compte)>,
}

impl Site {
    fn ouvrir(plus: &[&str]) -> Self {
        let lieu = Lieu::demo(3, 18, OUVERT);
        let marques = marquer(&lieu.chemin("pool"));
        clore(&lieu, CLOS);
        let serveur = lieu.servir(plus);
        let gens = Gens::de(&lieu);
        let sirets = [marques.patrons[1].siret.as_str()];
        let comptes = ROLES.map(|(lettre, role)| {
            let chez = (role != Role::Operateur).then_some(&sirets[..]);
            (lettre, gens.compte(&format!("essai.{}", role.name()), role, chez))
        });
        let hache = mot_de_passe::hacher(MOT_DE_PASSE).unwrap();
        for (_, compte) in &comptes {
            gens.base.changer_mot_de_passe(compte.id, &hache, note()).unwrap();
        }
        let voie = Voie::vers(&serveur.origine);
        Self { lieu, marques, serveur, gens, voie, comptes: comptes.to_vec() }
    }

    fn compte(&self, lettre: char) -> &Compte {
        &self.comptes.iter().find(|(connue, _)| *connue == lettre).unwrap().1
    }

    fn seance(&self, lettre: char) -> Seance {
        self.gens.seance(self.compte(lettre))
    }

    fn envoyer(&self, demande: &Demande, seance: Option<&Seance>) -> Recu {
        executeur().block_on(self.voie.envoyer(demande, seance))
    }

    fn lire(&self, chemin: &str, seance: Option<&Seance>) -> Recu {
        self.envoyer(&Demande::lire(chemin), seance)
    }

    /// A path of a route, within the first employer.
    fn chemin(&self, route: &Route) -> String {
        let patron = &self.marques.patrons[1];
        let (agent, contrat) = patron.agents.last().unwrap();
        route.remplir(|nom| {
            let valeur = match nom {
                "siret" => &patron.siret,
                "agent" => agent,
                "contrat" => contrat,
                "mois" => OUVERT,
                "origine" => CLOS,
                "rubrique" => "NET_A_PAYER",
                "numero" => "1",
                "id" => return self.compte('U').id.to_string(),
                "geste" => "inviter",
                "nom" => "paie.css",
                "jeton" => "x",
                _ => panic!("the route parameter `{nom}` is new: say here how it is filled"),
            };
            valeur.to_owned()
        })
    }

    fn journal(&self) -> Vec<Ligne> {
        self.gens.base.journal(&Filtre::default(), None, 1_000_000).unwrap()
    }

    /// A second connection to the base, for what only time would do.
    fn sqlite(&self) -> Connection {
        let base = Connection::open(self.lieu.chemin("base.sqlite")).unwrap();
        base.busy_timeout(Duration::from_secs(10)).unwrap();
        base
    }

    fn erreurs(&self) -> String {
        fs::read_to_string(self.lieu.chemin("erreurs.txt")).unwrap()
    }
}

/// Who opens a route, by the letters of [`ROLES`]; `-`: anybody, signed in or not.
fn admis(route: &Route) -> &'static str {
    let modele = route.modele.as_str();
    let sous = |debut: &str| modele == debut || modele.starts_with(&format!("{debut}/"));
    let publiques =
        ["/connexion", "/aide", "/accessibilite", "/mentions", "/statique", "/invitation"];
    if publiques.into_iter().any(sous) {
        return "-";
    }
    // Auditors enter nothing; elements are on the pages of agents too.
    if sous("/e/{siret}/elements") {
        return "OG";
    }
    match modele {
        "/" | "/deconnexion" => "AOGU",
        "/e/{siret}/agents/{agent}/demasquer" => "OG",
        // How far the amounts of its own employers are.
        "/employeurs/calcul" => "OGU",
        "/employeurs" => "O",
        _ if sous("/mon-compte") => "AOGU",
        _ if sous("/comptes") || sous("/journal") => "A",
        _ if sous("/clos") => "OU",
        _ if sous("/e/{siret}") => "OGU",
        _ => panic!("{modele} is new: say here who opens it"),
    }
}

fn est_page(recu: &Recu) -> bool {
    recu.entete("content-type").starts_with("text/html")
}

/// What every answer says to browsers.
fn verifier_entetes(quoi: &str, recu: &Recu) {
    for (nom, valeur) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(recu.entete(nom), valeur, "{quoi}: {nom}");
    }
    let csp: Vec<&str> = recu.entete("content-security-policy").split(';').map(str::trim).collect();
    for regle in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(csp.contains(&regle), "{quoi}: {csp:?}");
    }
    let tout = recu.entete("content-security-policy");
    assert!(!tout.contains("unsafe") && !tout.contains("http"), "{quoi}: {tout}");
    let garde = recu.entete("cache-control");
    let fige = quoi.contains("/statique/") && recu.statut == 200;
    assert!(garde == "no-store" || fige, "{quoi}: cache-control: {garde}");
    assert_eq!(recu.entete("server"), "", "{quoi}");
    assert_eq!(recu.entete("x-powered-by"), "", "{quoi}");
}

/// No code and no style inside a page, nothing from elsewhere.
fn verifier_page(quoi: &str, recu: &Recu) {
    if !est_page(recu) {
        return;
    }
    let html = recu.corps.to_lowercase();
    for balise in html.split('<').skip(1).filter_map(|suite| suite.split('>').next()) {
        let seule = |nom: &str| balise.split([' ', '\n']).next() == Some(nom);
        assert!(!seule("style"), "{quoi}: <{balise}>");
        assert!(!seule("script") || balise.contains(" src=\"/statique/"), "{quoi}: <{balise}>");
        assert!(!balise.contains(" style="), "{quoi}: <{balise}>");
        let attributs = balise.split([' ', '\n']).filter_map(|mot| mot.split_once('='));
        for (nom, valeur) in attributs {
            let geste = nom.len() > 3 && nom.starts_with("on") && !balise.starts_with('!');
            assert!(!geste && !nom.starts_with("hx-on"), "{quoi}: <{balise}>");
            assert!(!valeur.contains("javascript:"), "{quoi}: <{balise}>");
            let charge = ["src", "action", "hx-get", "hx-post", "srcset"].contains(&nom);
            assert!(!charge || valeur.starts_with("\"/"), "{quoi}: <{balise}>");
        }
    }
}

/// NIR and IBAN in full, in a text.
fn secrets(marques: &Marques, texte: &str) -> Vec<String> {
    let trouves = marques.trouver(texte).into_iter();
    trouves.filter(|(_, m)| m.genre == Genre::Secret).map(|(texte, _)| texte).collect()
}

#[test]
fn each_role_opens_what_it_may_and_every_answer_is_guarded() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    for route in routes() {
        for post in [false, true] {
            if (post && !route.post) || (!post && !route.get) {
                continue;
            }
            let chemin = site.chemin(&route);
            let demande = if post { Demande::poster(&chemin, &[]) } else { Demande::lire(&chemin) };
            let admis = admis(&route);
            for (lettre, _) in ROLES {
                // One session each: some of these end it.
                let recu = site.envoyer(&demande, Some(&site.seance(lettre)));
                let quoi = format!("{lettre} {} {}", demande.methode, route.modele);
                verifier_entetes(&quoi, &recu);
                verifier_page(&quoi, &recu);
                assert!(recu.statut < 500, "{quoi}: {} {}", recu.statut, recu.corps);
                let fuites = secrets(&site.marques, &recu.tout());
                let permis = admis == "-" || admis.contains(lettre);
                let demasque = permis && route.modele.ends_with("/demasquer");
                assert_eq!(fuites.is_empty(), !demasque, "{quoi}: {fuites:?}");
                assert_eq!(recu.statut == 403, !permis, "{quoi}: {}", recu.statut);
            }
            let recu = site.envoyer(&demande, None);
            let quoi = format!("nobody {} {}", demande.methode, route.modele);
            verifier_entetes(&quoi, &recu);
            verifier_page(&quoi, &recu);
            let chasse = recu.statut == 303 && recu.vers().starts_with("/connexion");
            // A form that was typed is given back to who lost its session.
            let rendu = post && recu.statut == 401;
            assert!(chasse || rendu || admis == "-", "{quoi}: {}", recu.statut);
            assert!(site.marques.fuites(&recu.tout(), &[], &chemin).is_empty(), "{quoi}");
        }
    }
    for (lettre, _) in ROLES {
        suivre_les_liens(&site, lettre);
    }
    assert!(secrets(&site.marques, &site.erreurs()).is_empty());
}

/// Pages that links lead to are guarded too, and show no NIR and no IBAN.
fn suivre_les_liens(site: &Site, lettre: char) {
    let seance = site.seance(lettre);
    let mut restent = vec!["/".to_owned(), format!("/e/{}", site.marques.patrons[1].siret)];
    let mut vus = BTreeSet::new();
    while let Some(chemin) = restent.pop() {
        if vus.len() >= 80 || !vus.insert(chemin.clone()) {
            continue;
        }
        let recu = site.lire(&chemin, Some(&seance));
        let quoi = format!("{lettre} {chemin}");
        verifier_entetes(&quoi, &recu);
        verifier_page(&quoi, &recu);
        assert!(secrets(&site.marques, &recu.tout()).is_empty(), "{quoi}");
        restent.splice(0..0, liens(&recu.corps));
    }
}

#[test]
fn other_answers_have_their_headers_too() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let seance = site.seance('G');
    let accueil = site.lire("/connexion", None);
    let (_, suite) = accueil.corps.split_once("\"/statique/").unwrap();
    let statique = format!("/statique/{}", suite.split('"').next().unwrap());
    let recu = site.lire(&statique, None);
    assert_eq!(recu.statut, 200);
    assert!(recu.entete("cache-control").contains("immutable"));
    verifier_entetes(&statique, &recu);
    assert_eq!(recu.entete("strict-transport-security"), "", "in clear");
    let siret = &site.marques.patrons[1].siret;
    for (chemin, statut) in [
        ("/rien".to_owned(), 404),
        ("/statique/rien.css".to_owned(), 404),
        (format!("/e/{siret}/agents/rien"), 404),
        ("/e/%ff/elements/2026-11".to_owned(), 404),
        ("/comptes".to_owned(), 403),
        ("/clos?page=1&page=2".to_owned(), 403),
        ("/connexion?retour=a&retour=b".to_owned(), 400),
    ] {
        let recu = site.lire(&chemin, Some(&seance));
        verifier_entetes(&chemin, &recu);
        assert!([statut, 400].contains(&recu.statut), "{chemin}: {}", recu.statut);
        assert!(est_page(&recu), "{chemin}: {} is no page: {}", recu.statut, recu.corps);
        assert!(recu.corps.contains("lang=\"fr\""), "{chemin}");
    }
    for methode in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        let mut demande = Demande::lire("/connexion");
        demande.methode = Method::from_bytes(methode.as_bytes()).unwrap();
        let recu = site.envoyer(&demande, Some(&seance));
        verifier_entetes(methode, &recu);
        assert!([403, 404, 405].contains(&recu.statut), "{methode}: {}", recu.statut);
        assert_eq!(recu.entete("access-control-allow-origin"), "");
    }
}

#[test]
fn a_form_of_elsewhere_is_refused() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let avant = site.gens.base.fiches().unwrap();
    let pool = fs::read(site.lieu.chemin("pool").join("elements.csv")).unwrap();
    for route in routes().into_iter().filter(|route| route.post) {
        let admis = admis(&route);
        if admis == "-" {
            continue;
        }
        let lettre = admis.chars().next().unwrap();
        let (seance, autre) = (site.seance(lettre), site.seance(lettre));
        let chemin = site.chemin(&route);
        let demande = Demande::poster(&chemin, &[]);
        let refuse = |quoi: &str, demande: &Demande, jeton: Option<String>| {
            let envoi = site.voie.envoyer_avec(demande, Some(&seance.cookie), jeton);
            let recu = executeur().block_on(envoi);
            assert_eq!(recu.statut, 403, "{}: {quoi}: {}", route.modele, recu.corps);
            assert!(recu.corps.contains("Formulaire périmé"), "{}: {quoi}", route.modele);
        };
        let bon = || Some(seance.jeton(&chemin));
        refuse("no token", &demande, None);
        refuse("an empty token", &demande, Some(String::new()));
        refuse("a made-up token", &demande, Some("0".repeat(128)));
        refuse("another session", &demande, Some(autre.jeton(&chemin)));
        refuse("another form", &demande, Some(seance.jeton("/ailleurs")));
        let ailleurs = demande.clone().avec("origin", "https://ailleurs.example");
        refuse("another origin", &ailleurs, bon());
        refuse("an origin that is hidden", &demande.clone().avec("origin", "null"), bon());
        refuse("another site", &demande.clone().avec("sec-fetch-site", "cross-site"), bon());
        refuse("a site beside", &demande.clone().avec("sec-fetch-site", "same-site"), bon());
        let mut query = demande.clone();
        query.chemin = format!("{chemin}?jeton={}", seance.jeton(&chemin));
        refuse("a token in the address", &query, None);
    }
    let connexion = Demande::poster("/connexion", &[("identifiant", "x"), ("mot_de_passe", "y")]);
    let recu = site.envoyer(&connexion.avec("origin", "https://ailleurs.example"), None);
    assert_eq!(recu.statut, 403);
    assert_eq!(site.gens.base.fiches().unwrap(), avant);
    assert_eq!(fs::read(site.lieu.chemin("pool").join("elements.csv")).unwrap(), pool);
}

const MOT_DE_PASSE: &str = "les vaches broutent au nord";

/// The cookie that an answer sets, as a browser sends it back; with its attributes.
fn cookie_de(recu: &Recu) -> (String, String) {
    let pose = recu.entete("set-cookie");
    let (valeur, attributs) = pose.split_once(';').unwrap_or_else(|| panic!("{}", recu.tout()));
    (valeur.to_owned(), attributs.to_lowercase())
}

fn essayer(site: &Site, identifiant: &str, mot_de_passe: &str, adresse: &str) -> Recu {
    let champs =
        [("identifiant", identifiant), ("mot_de_passe", mot_de_passe), ("retour", "/aide")];
    let demande = Demande::poster("/connexion", &champs).avec("x-forwarded-for", adresse);
    site.envoyer(&demande, None)
}

#[test]
fn sign_in_tells_nothing_and_locks_out() {
    let site = Site::ouvrir(&["--second-facteur", "aucun", "--derriere-proxy"]);
    let compte = site.compte('G');
    let connu = essayer(&site, &compte.identifiant, "faux mot de passe", "192.0.2.1");
    let absent = "essai.inconnu12345";
    assert_eq!(compte.identifiant.len(), absent.len());
    let inconnu = essayer(&site, absent, "faux mot de passe", "192.0.2.2");
    assert_eq!(connu.comparable().replace(&compte.identifiant, absent), inconnu.comparable());
    assert!(connu.corps.contains("L’identifiant ou le mot de passe n’est pas le bon."));
    for nom in [compte.identifiant.as_str(), absent] {
        for tour in 0..5 {
            essayer(&site, nom, "encore faux", &format!("192.0.2.1{tour}"));
        }
        let recu = essayer(&site, nom, MOT_DE_PASSE, "192.0.2.20");
        assert!(recu.corps.contains("Trop d’essais"), "{nom}: {}", recu.corps);
        assert_eq!(recu.entete("set-cookie"), "", "{nom}");
    }
    // One address that tries many names.
    let derniere = (0..40).map(|n| essayer(&site, &format!("nom{n}"), "x", "192.0.2.99")).last();
    assert!(derniere.unwrap().corps.contains("Trop d’essais"));
    let refus = |action: &str| site.journal().iter().filter(|l| l.action == action).count();
    assert!(refus("Échec de connexion") >= 10);
    let tout = format!("{:?}{}", site.journal(), site.erreurs());
    assert!(!tout.contains("faux") && !tout.contains(MOT_DE_PASSE), "a password is in the log");
    // What the client claims before the proxy is not believed.
    let champs = [("identifiant", "un.autre"), ("mot_de_passe", "x")];
    let demande =
        Demande::poster("/connexion", &champs).avec("x-forwarded-for", "1.1.1.1, 192.0.2.7");
    site.envoyer(&demande, None);
    assert_eq!(site.journal()[0].adresse, "192.0.2.7");
}

#[test]
fn a_session_changes_its_token_and_ends() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let compte = site.compte('G').clone();
    let base = &site.gens.base;
    // A cookie that someone planted is not the one of the session.
    let champs = [("identifiant", "essai.gestionnaire"), ("mot_de_passe", MOT_DE_PASSE)];
    let plante = Some("__Host-paie=plante");
    let demande = Demande::poster("/connexion", &champs).avec("x-forwarded-for", "203.0.113.9");
    let recu = executeur().block_on(site.voie.envoyer_avec(&demande, plante, None));
    let (premier, attributs) = cookie_de(&recu);
    assert!(!premier.contains("plante") && premier.starts_with(&format!("{COOKIE}=")));
    for voulu in ["path=/", "secure", "httponly", "samesite=lax"] {
        assert!(attributs.split(';').any(|mot| mot.trim() == voulu), "{attributs}");
    }
    assert!(!attributs.contains("domain"), "{attributs}");
    assert_eq!(site.journal()[0].adresse, "127.0.0.1", "nobody stands in front");

    // The second factor changes the token.
    let secret = totp::secret().unwrap();
    base.enroler(compte.id, &secret).unwrap();
    let codes = base.confirmer_enrolement(compte.id, 0, None, note()).unwrap();
    let compte = base.compte(compte.id).unwrap().unwrap();
    let attente = site.gens.seance_qui(&compte, Etat::AttendSecondFacteur);
    let page = format!("/e/{}/elements/{OUVERT}", site.marques.patrons[1].siret);
    let recu = site.lire(&page, Some(&attente));
    assert_eq!((recu.statut, recu.vers()), (303, "/connexion/second-facteur"));
    let demande = Demande::poster("/connexion/second-facteur", &[("code", &codes[0])]);
    let recu = site.envoyer(&demande, Some(&attente));
    let (apres, _) = cookie_de(&recu);
    assert_ne!(apres, attente.cookie);
    let avec = |cookie: &str| {
        let demande = Demande::lire(&page);
        executeur().block_on(site.voie.envoyer_avec(&demande, Some(cookie), None)).statut
    };
    assert_eq!(avec(&attente.cookie), 303, "the token of before the second factor opens pages");
    assert_eq!(avec(&apres), 200);
    let rejoue = site.gens.seance_qui(&compte, Etat::AttendSecondFacteur);
    let recu = site.envoyer(&demande, Some(&rejoue));
    assert_eq!(recu.entete("set-cookie"), "", "a recovery code that was used");

    // Signing out, idleness, an end by the clock.
    let seance = site.gens.seance(&compte);
    assert_eq!(avec(&seance.cookie), 200);
    let recu = site.envoyer(&Demande::poster("/deconnexion", &[]), Some(&seance));
    assert_eq!(recu.statut, 303);
    assert_eq!(avec(&seance.cookie), 303, "signed out");
    for colonne in ["vue", "cree"] {
        let seance = site.gens.seance(&compte);
        let recul = if colonne == "vue" { 30 * 60 } else { 10 * 3600 };
        let sql = format!("UPDATE sessions SET {colonne} = {colonne} - {recul}");
        site.sqlite().execute(&sql, []).unwrap();
        assert_eq!(avec(&seance.cookie), 303, "{colonne}");
    }
}

#[test]
fn what_an_account_may_do_changes_at_once() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let page = |place: usize| format!("/e/{}/elements/{OUVERT}", site.marques.patrons[place].siret);
    let statut = |place: usize, seance: &Seance| site.lire(&page(place), Some(seance)).statut;
    let base = site.sqlite();
    let compte = site.compte('G');
    let seance = site.gens.seance(compte);
    assert_eq!((statut(1, &seance), statut(2, &seance)), (200, 404));
    base.execute(
        "UPDATE perimetres SET siret = ?1 WHERE compte = ?2",
        (site.marques.patrons[2].siret.as_str(), compte.id),
    )
    .unwrap();
    assert_eq!((statut(1, &seance), statut(2, &seance)), (404, 200), "another scope");
    base.execute("UPDATE comptes SET actif = 0 WHERE id = ?1", [compte.id]).unwrap();
    assert_eq!(statut(2, &seance), 303, "disabled");
    base.execute("UPDATE comptes SET actif = 1 WHERE id = ?1", [compte.id]).unwrap();
    assert_eq!(statut(2, &seance), 303, "a session that ended does not come back");

    let auditeur = site.compte('U');
    let seance = site.gens.seance(auditeur);
    assert_eq!(site.lire("/clos", Some(&seance)).statut, 200);
    base.execute("UPDATE comptes SET fin = '2026-01-31' WHERE id = ?1", [auditeur.id]).unwrap();
    assert_eq!(site.lire("/clos", Some(&seance)).statut, 303, "past its end");
}

#[test]
fn nobody_is_sent_to_another_site() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let seance = site.seance('O');
    for retour in [
        "https://ailleurs.example/",
        "//ailleurs.example/",
        "/\\ailleurs.example",
        "/\t/ailleurs.example",
        "javascript:alert(1)",
        "ailleurs.example",
        " //ailleurs.example",
        "/\r\nset-cookie: a=b",
    ] {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("retour", retour);
        let query = query.finish();
        let recu = site.lire(&format!("/connexion?{query}"), Some(&seance));
        assert_eq!((recu.statut, recu.vers()), (303, "/"), "{retour}");
        let recu = site.lire(&format!("/connexion?{query}"), None);
        assert!(!recu.corps.contains("ailleurs.example"), "{retour}");
    }
    let champs = [
        ("identifiant", "essai.gestionnaire"),
        ("mot_de_passe", MOT_DE_PASSE),
        ("retour", "//ailleurs.example/"),
    ];
    let recu = site.envoyer(&Demande::poster("/connexion", &champs), None);
    assert_eq!((recu.statut, recu.vers()), (303, "/"));
    let page = format!("/e/{}/elements/{OUVERT}", site.marques.patrons[1].siret);
    let recu = site.lire(&page, None);
    assert_eq!(recu.vers(), format!("/connexion?retour={}", page.replace('/', "%2F")));
}

/// What a server answers to bytes; empty when it hangs up.
fn brut(origine: &str, octets: &[u8]) -> String {
    let mut ligne = TcpStream::connect(origine.strip_prefix("http://").unwrap()).unwrap();
    ligne.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // It may hang up before the end.
    let _ = ligne.write_all(octets);
    let _ = ligne.shutdown(std::net::Shutdown::Write);
    let mut lu = Vec::new();
    let _ = ligne.read_to_end(&mut lu);
    String::from_utf8_lossy(&lu).into_owned()
}

#[test]
fn large_slow_and_broken_requests_do_not_stop_it() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let origine = &site.serveur.origine;
    let seance = site.seance('G');
    let page = format!("/e/{}/elements/{OUVERT}", site.marques.patrons[1].siret);
    let gros = "a;b\n".repeat(700_000);
    for action in ["/verifier", "/enregistrer"] {
        let mut demande = Demande::lire(&format!("{page}{action}"));
        demande.methode = Method::POST;
        demande.corps = Corps::Fichier(vec![], "gros.csv".to_owned(), gros.clone());
        let recu = site.envoyer(&demande, Some(&seance));
        assert_eq!(recu.statut, 413, "{}", recu.corps);
        assert!(recu.corps.contains("Rien n’a été enregistré"), "{}", recu.corps);
        verifier_entetes(action, &recu);
    }
    let large = "x".repeat(400_000);
    let recu = site.envoyer(&Demande::poster("/connexion", &[("identifiant", &large)]), None);
    assert_eq!(recu.statut, 413);
    // Many that never end, and one that works meanwhile.
    let adresse = origine.strip_prefix("http://").unwrap();
    let mut lents = Vec::new();
    for _ in 0..200 {
        let mut lent = TcpStream::connect(adresse).unwrap();
        lent.write_all(b"POST /connexion HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nid")
            .unwrap();
        lents.push(lent);
    }
    assert_eq!(site.lire("/aide", None).statut, 200);
    for octets in [
        &b"\0\0\0\0"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /e/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://ailleurs.example/comptes HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /connexion HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nid",
        b"POST /connexion HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /connexion HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\
          Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /connexion HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n",
    ] {
        let recu = brut(origine, octets);
        assert!(!recu.contains("root:") && !recu.starts_with("HTTP/1.1 5"), "{octets:?}: {recu}");
    }
    let longue = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000));
    assert!(brut(origine, longue.as_bytes()).starts_with("HTTP/1.1 4"));
    let entete = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(600_000));
    assert!(!brut(origine, entete.as_bytes()).starts_with("HTTP/1.1 2"));
    drop(lents);
    assert_eq!(site.lire(&page, Some(&seance)).statut, 200);
    assert!(!site.erreurs().contains("panic"), "{}", site.erreurs());
}

#[test]
fn over_tls_browsers_are_told_to_stay_there() {
    let pem = |nom: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fournisseur").join(nom);
    let (chaine, cle) = (pem("serveur.pem"), pem("serveur.cle.pem"));
    let flags = ["--certificat", chaine.to_str().unwrap(), "--cle", cle.to_str().unwrap()];
    let site = Site::ouvrir(&flags);
    assert!(site.serveur.origine.starts_with("https://"));
    let recu = site.lire("/connexion", None);
    assert_eq!(recu.statut, 200);
    verifier_entetes("/connexion", &recu);
    assert!(recu.entete("strict-transport-security").starts_with("max-age=31536000"));
    let clair = brut(&site.serveur.origine.replace("https", "http"), b"GET / HTTP/1.1\r\n\r\n");
    assert!(!clair.contains("HTTP/1.1 2"), "in clear: {clair}");
    // The roles of the operator have a second factor to enrol first.
    let recu = site.lire("/clos", Some(&site.seance('O')));
    assert_eq!((recu.statut, recu.vers()), (303, "/mon-compte/second-facteur"));
    let demande = Demande::lire("/connexion").avec("origin", "https://ailleurs.example");
    assert_eq!(site.envoyer(&demande, None).entete("access-control-allow-origin"), "");
}

#[test]
fn in_clear_it_listens_to_nobody_else() {
    let lieu = Lieu::demo(1, 2, OUVERT);
    let lancer = |plus: &[&str]| {
        let mut commande = Command::new(env!("CARGO_BIN_EXE_paie"));
        commande.arg("serve").arg("--pool").arg(lieu.chemin("pool"));
        commande.arg("--base").arg(lieu.chemin("base.sqlite")).args(plus).output().unwrap()
    };
    for adresse in ["0.0.0.0:0", "[::]:0"] {
        let rendu = lancer(&["--ecoute", adresse, "--mois", OUVERT]);
        let dit = String::from_utf8_lossy(&rendu.stderr);
        assert_eq!(rendu.status.code(), Some(2), "{dit}");
        assert!(dit.contains("--certificat") && dit.contains("--derriere-proxy"), "{dit}");
        assert!(rendu.stdout.is_empty(), "it said that it listens");
    }
    let rendu = lancer(&["--certificat", "absent.pem"]);
    assert_eq!(rendu.status.code(), Some(2), "a certificate without its key");
}

#[test]
fn what_is_seen_is_in_the_log_before_it_is_shown() {
    let site = Site::ouvrir(&["--second-facteur", "aucun"]);
    let patron = site.marques.patrons[1].clone();
    let nom = site.marques.chez(1, Genre::Mot);
    let mut vues = 0;
    for lettre in ['O', 'G', 'U'] {
        let seance = site.seance(lettre);
        for route in routes() {
            if !route.get || !route.modele.contains("{siret}") {
                continue;
            }
            let chemin = site.chemin(&route);
            let avant = site.journal().first().map_or(0, |ligne| ligne.numero);
            let recu = site.lire(&chemin, Some(&seance));
            let montre = site.marques.trouver(&recu.corps);
            let personnes =
                montre.iter().any(|(mot, _)| nom.contains(mot.as_str()) && mot.contains("qprenom"));
            if recu.statut != 200 || !personnes {
                continue;
            }
            vues += 1;
            let nouvelles: Vec<Ligne> =
                site.journal().into_iter().filter(|ligne| ligne.numero > avant).collect();
            let la_sienne = nouvelles.iter().find(|ligne| {
                ligne.compte == Some(site.compte(lettre).id)
                    && ligne.siret.as_deref() == Some(patron.siret.as_str())
                    && (!route.modele.contains("{agent}") || ligne.agent.is_some())
                    && (!route.modele.contains("{mois}") || ligne.mois.as_deref() == Some(OUVERT))
                    && surface::gens::maintenant() - ligne.quand < 60
                    && ligne.adresse == "127.0.0.1"
            });
            assert!(la_sienne.is_some(), "{lettre} {}: {nouvelles:?}", route.modele);
        }
    }
    assert!(vues >= 12, "{vues} pages");
    // When the log cannot be written, nothing is shown.
    let (seance, base) = (site.seance('G'), site.sqlite());
    base.execute_batch("BEGIN IMMEDIATE").unwrap();
    let route = routes().into_iter().find(|r| r.modele.ends_with("/{contrat}/{mois}"));
    let chemin = site.chemin(&route.expect("the page of a payslip"));
    let recu = site.lire(&chemin, Some(&seance));
    base.execute_batch("ROLLBACK").unwrap();
    assert!(recu.statut >= 500, "{} {}", recu.statut, recu.corps);
    let mots = site.marques.trouver(&recu.corps);
    assert!(mots.iter().all(|(_, marque)| marque.genre != Genre::Mot), "{mots:?}");
    site.gens.base.verifier(None).unwrap();
    let journal = format!("{:?}", site.journal());
    assert!(secrets(&site.marques, &journal).is_empty());
    let mots = site.marques.trouver(&journal);
    assert!(mots.iter().all(|(_, marque)| marque.genre == Genre::Numero), "{mots:?}");
    assert!(secrets(&site.marques, &site.erreurs()).is_empty());
}
