//! Pages without an account: they say what the server does, and show who is signed in.

use axum::body::Body;
use axum::http::Request;

use crate::serve::base::Action;
use crate::serve::essais::{Banc, COMMUNE};

const PAGES: [&str; 3] = ["/aide", "/accessibilite", "/mentions"];

#[test]
fn they_are_for_everybody_and_keep_the_account_of_who_has_one() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    for url in PAGES {
        let request = Request::get(url).body(Body::empty()).unwrap();
        let seul = banc.envoyer(request).attendu(200);
        assert!(!seul.dit("Se déconnecter"), "{url}");
        assert!(seul.dit("<title>") && seul.texte().matches("<h1").count() == 1, "{url}");
        assert!(banc.get(&qui, url).attendu(200).dit("Se déconnecter"), "{url}");
    }
    let request = Request::get("/aide").header("cookie", "__Host-paie=faux");
    banc.envoyer(request.body(Body::empty()).unwrap()).attendu(200);
}

#[test]
fn every_title_that_is_linked_to_is_there() {
    let banc = Banc::commun();
    for url in PAGES {
        let texte = banc.get(&banc.operateur(), url).texte();
        let cibles =
            texte.split("href=\"#").skip(1).chain(texte.split("aria-labelledby=\"").skip(1));
        let cibles: Vec<&str> = cibles.filter_map(|reste| reste.split('"').next()).collect();
        assert!(cibles.len() > 3, "{url}");
        for cible in cibles {
            assert_eq!(texte.matches(&format!("id=\"{cible}\"")).count(), 1, "{url} #{cible}");
        }
    }
}

#[test]
fn what_is_logged_and_for_how_long_is_what_the_server_does() {
    let banc = Banc::commun();
    let page = banc.get(&banc.operateur(), "/mentions");
    assert!(page.dit(&format!("{}\u{a0}mois", banc.appli.conservation.mois())));
    for action in Action::ALL {
        assert!(page.dit(action.french()), "{action:?}");
    }
    // Those of the server, and no other.
    assert_eq!(page.texte().matches("__Host-").count(), 2);
    assert!(page.dit(crate::serve::web::COOKIE));
}
