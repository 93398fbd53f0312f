//! The browser of the tests, tested: each helper finds what was planted on a page, and only that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]

#[allow(dead_code, reason = "pages need more than this file")]
mod navigateur;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Multipart, RawForm};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use navigateur::accessibilite::REGLES;
use navigateur::pilote::trouver;
use navigateur::{BUREAU, Key, Navigateur, TELEPHONE, executeur};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                   connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "
body { font: 16px/1.5 'DejaVu Sans', sans-serif; color: #111; background: #fff; margin: 1rem }
.defile { overflow-x: auto }
.large { width: 700px }
.feuille { break-after: page }
a:focus, button:focus, input:focus, select:focus { outline: 3px solid #00f }
.sans-contour:focus { outline: none }
@page { size: A4; margin: 15mm }
";

/// A page without fault, in the layout of the real ones.
fn page(corps: &str) -> impl IntoResponse + use<> {
    let texte = format!(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Essai</title>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <link rel=icon href=\"data:,\"><link rel=stylesheet href=\"/style.css\">\
         <script src=\"/script.js\" defer></script></head>\
         <body><main><h1>Essai</h1>{corps}</main></body></html>"
    );
    ([(header::CONTENT_SECURITY_POLICY, CSP)], Html(texte))
}

const FORMULAIRE: &str = "
<p id=trace>Sans script</p>
<form method=post action=/recu>
  <p><label for=nom>Nom d’usage\u{a0}: <small>obligatoire</small></label> <input id=nom name=nom></p>
  <p><label>Mois <input type=month name=mois></label></p>
  <p><label for=statut>Statut</label> <select id=statut name=statut>
    <option value=T>Titulaire</option><option value=C>Contractuel\u{a0}: CDD</option></select></p>
  <p><label><input type=checkbox name=certifie value=oui> Je certifie</label></p>
  <p><label for=a>Nombre</label> <input id=a> <label for=b>Nombre</label> <input id=b></p>
  <p><button>Enregistrer</button></p>
</form>
<form method=post action=/fichier enctype=multipart/form-data>
  <p><label for=depot>Fichier CSV</label> <input id=depot type=file name=depot></p>
  <p><button>Déposer</button></p>
</form>
<p><a href=/autre>Aide</a> <a href=/ailleurs aria-label=\"Aide sur les congés\">?</a></p>";

const FEUILLE: &str = "<p class=feuille>Une feuille</p>";

const TABLEAU: &str = "
<div class=defile tabindex=0 role=region aria-label=Totaux><div class=large>x</div></div>";

const PIEGES: &str = "
<img src=/rien.png><p style=\"color:red\">Un style</p>
<img alt=\"\" src=\"http://tiers.example/pixel.gif\">
<div class=large>Trop large</div><a href=/ class=sans-contour>Invisible</a>";

async fn recu(RawForm(corps): RawForm) -> impl IntoResponse {
    page(&format!("<p>Reçu\u{202f}: {}</p>", String::from_utf8_lossy(&corps)))
}

async fn fichier(mut envoi: Multipart) -> impl IntoResponse {
    let champ = envoi.next_field().await.unwrap().unwrap();
    let nom = champ.file_name().unwrap().to_owned();
    page(&format!("<p>{nom} : {} octets</p>", champ.bytes().await.unwrap().len()))
}

/// The server of this program, started once.
fn origine() -> &'static str {
    static ORIGINE: OnceLock<String> = OnceLock::new();
    ORIGINE.get_or_init(|| {
        let pages = Router::new()
            .route("/", get(|| async { page(FORMULAIRE) }))
            .route("/recu", post(recu))
            .route("/fichier", post(fichier))
            .route("/autre", get(|| async { page("<p>L’aide</p>") }))
            .route("/pieges", get(|| async { page(PIEGES) }))
            .route("/renvoi", get(|| async { Redirect::to("/autre") }))
            .route("/refus", get(|| async { (StatusCode::FORBIDDEN, page("<p>Refusé</p>")) }))
            .route("/tableau", get(|| async { page(TABLEAU) }))
            .route("/feuilles", get(|| async { page(&FEUILLE.repeat(3)) }))
            .route("/lourd", get(|| async { page(&"lourd ".repeat(10_000)) }))
            .route("/style.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], STYLE) }))
            .route(
                "/script.js",
                get(|| async {
                    let script = "const t = document.getElementById('trace');\
                              if (t) setTimeout(() => { t.textContent = 'Avec script'; }, 200);";
                    ([(header::CONTENT_TYPE, "text/javascript")], script)
                }),
            );
        let ecoute = executeur().block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let adresse = format!("http://{}", ecoute.local_addr().unwrap());
        executeur().spawn(async { axum::serve(ecoute, pages).await });
        adresse
    })
}

fn ouvrir(largeur: u32, chemin: &str) -> Navigateur {
    let navigateur = Navigateur::ouvrir(largeur);
    navigateur.aller(&format!("{}{chemin}", origine()));
    navigateur
}

/// What a helper says when it refuses.
fn refus(essai: impl FnOnce()) -> String {
    let echec = catch_unwind(AssertUnwindSafe(essai)).expect_err("nothing was refused");
    echec.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_form_is_filled_by_its_labels() {
    let page = ouvrir(BUREAU, "/");
    page.remplir("Nom d’usage :", "Élodie L’Hôte");
    page.remplir("Mois", "2026-11");
    page.choisir("Statut", "Contractuel : CDD");
    page.cocher("Je certifie");
    assert_eq!(page.valeur("Nom d’usage"), "Élodie L’Hôte");
    page.suivre("Enregistrer");
    let attendu = "Reçu : nom=%C3%89lodie+L%E2%80%99H%C3%B4te&mois=2026-11&statut=C&certifie=oui";
    assert!(page.voit(attendu), "{}", page.texte());
    page.reculer();
    page.attendre_texte("Avec script");
}

#[test]
fn a_file_is_given_to_its_label() {
    let page = ouvrir(BUREAU, "/");
    let dossier = tempfile::tempdir().unwrap();
    let csv = dossier.path().join("éléments.csv");
    fs::write(&csv, "agent;montant\n").unwrap();
    page.deposer("Fichier CSV", &csv);
    page.suivre("Déposer");
    assert!(page.voit("éléments.csv : 14 octets"), "{}", page.texte());
}

#[test]
fn what_is_not_one_thing_is_refused_with_what_there_is() {
    let page = ouvrir(BUREAU, "/");
    page.patienter(Duration::from_millis(200));
    let message = refus(|| page.cocher("Je certifie rien"));
    assert!(message.contains("0 field « Je certifie rien »"), "{message}");
    assert!(message.contains("Nom d’usage"), "{message}");
    let message = refus(|| page.remplir("Nombre", "1"));
    assert!(message.contains("2 field « Nombre »"), "{message}");
    let message = refus(|| page.choisir("Statut", "Vacataire"));
    assert!(message.contains("Titulaire | Contractuel : CDD"), "{message}");
}

#[test]
fn a_link_is_found_by_its_name_and_by_its_role() {
    let page = ouvrir(BUREAU, "/");
    page.suivre("Aide");
    assert_eq!(page.adresse(), format!("{}/autre", origine()));
    assert_eq!(page.titre(), "Essai");
    page.reculer();
    page.changer_de_page("Aide sur les congés", || {
        page.cliquer_role("link", "Aide sur les congés")
    });
    assert_eq!(page.adresse(), format!("{}/ailleurs", origine()));
}

#[test]
fn the_keyboard_alone_goes_through_a_form() {
    let page = ouvrir(BUREAU, "/");
    assert_eq!(page.focus(), None);
    page.tabuler_jusqua("Nom d’usage : obligatoire");
    page.taper("Zoé");
    let focus = page.focus().unwrap();
    assert_eq!((focus.role.as_str(), focus.visible), ("textbox", true));
    page.tabuler_jusqua("Je certifie");
    page.appuyer(Key::Space);
    page.tabuler_jusqua("Enregistrer");
    page.appuyer_avec_maj(Key::Tab);
    assert_eq!(page.focus().unwrap().nom, "Nombre");
    page.appuyer(Key::Tab);
    page.changer_de_page("Enter", || page.appuyer(Key::Enter));
    assert!(page.voit("nom=Zo%C3%A9"), "{}", page.texte());
    assert!(page.voit("certifie=oui"), "{}", page.texte());
    page.aller(&format!("{}/pieges", origine()));
    let message = refus(|| {
        page.tabuler_jusqua("Ailleurs");
    });
    assert!(message.contains("the keyboard does not show"), "{message}");
}

#[test]
fn pages_wait_without_sleeping_and_live_without_scripts() {
    let page = ouvrir(BUREAU, "/");
    page.attendre_texte("Avec script");
    page.sans_javascript();
    page.recharger();
    assert_eq!(page.compte("form"), 2);
    page.remplir("Nom d’usage", "Sans");
    page.choisir("Statut", "Contractuel");
    page.suivre("Enregistrer");
    assert!(page.voit("nom=Sans&mois=&statut=C"), "{}", page.texte());
    page.aller(origine());
    let debut = Instant::now();
    while debut.elapsed() < Duration::from_millis(400) {
        assert!(page.voit("Sans script"), "{}", page.texte());
    }
    drop(page);
    // The next test has scripts again.
    ouvrir(BUREAU, "/").attendre_texte("Avec script");
}

#[test]
fn planted_faults_of_accessibility_are_found_and_named() {
    let page = ouvrir(BUREAU, "/");
    page.sans_faute(REGLES);
    page.aller(&format!("{}/pieges", origine()));
    let message = refus(|| page.sans_faute(REGLES));
    assert!(message.contains("image-alt (critical): Images must have alternative"), "{message}");
    assert!(message.contains("<img src=\"/rien.png\">"), "{message}");
    assert_eq!(page.fautes(REGLES).len(), 1, "{message}");
}

#[test]
fn the_console_tells_refusals_and_missing_files() {
    let page = ouvrir(BUREAU, "/");
    page.sans_faute(REGLES);
    page.sans_erreur(&[]);
    page.aller(&format!("{}/refus", origine()));
    page.sans_erreur(&["403"]);
    page.aller(&format!("{}/pieges", origine()));
    let message = refus(|| page.sans_erreur(&["403"]));
    assert!(message.contains("style-src"), "{message}");
    assert!(message.contains("/rien.png") && message.contains("404"), "{message}");
    assert!(message.contains("tiers.example"), "{message}");
}

#[test]
fn requests_are_listed_weighed_and_kept_at_home() {
    let page = ouvrir(BUREAU, "/");
    page.sans_tiers(origine());
    let trafic = page.mesurer(|page| page.aller(&format!("{}/renvoi", origine())));
    let documents = trafic.requetes.iter().filter(|requete| requete.genre == "Document");
    let statuts: Vec<_> = documents.map(|requete| requete.statut.unwrap()).collect();
    assert_eq!(statuts, [303, 200], "{trafic:#?}");
    let lourd = page.mesurer(|page| page.aller(&format!("{}/lourd", origine())));
    assert!((60_000..62_000).contains(&lourd.octets()), "{} bytes: {lourd:#?}", lourd.octets());
    page.aller(&format!("{}/pieges", origine()));
    let message = refus(|| page.sans_tiers(origine()));
    assert!(message.contains("tiers.example/pixel.gif"), "{message}");
    assert!(!message.contains("rien.png"), "{message}");
}

#[test]
fn a_slow_line_is_slow() {
    let page = ouvrir(BUREAU, "/");
    page.ligne_lente();
    let debut = Instant::now();
    page.aller(&format!("{}/lourd", origine()));
    // 60 kB at 50 kB/s, after 400 ms.
    assert!(debut.elapsed() > Duration::from_millis(1_400), "{:?}", debut.elapsed());
}

#[test]
fn what_is_wider_than_a_phone_is_found() {
    let page = ouvrir(TELEPHONE, "/");
    page.sans_debordement();
    page.aller(&format!("{}/tableau", origine()));
    page.sans_debordement();
    page.aller(&format!("{}/pieges", origine()));
    let message = refus(|| page.sans_debordement());
    assert!(message.contains("<div class=\"large\">"), "{message}");
    let width = page.execute("return screen.width;", vec![]);
    assert_eq!(width, 390);
}

#[test]
fn sheets_are_counted_and_pictures_are_whole() {
    let page = ouvrir(BUREAU, "/feuilles");
    assert_eq!(page.imprimer("banc").pages, 3);
    let image = fs::read(page.capture("banc")).unwrap();
    assert!(image.starts_with(b"\x89PNG"));
    page.aller(&format!("{}/autre", origine()));
    assert_eq!(page.imprimer("banc").pages, 1);
}

#[test]
fn a_browser_lent_again_has_forgotten() {
    let page = ouvrir(BUREAU, "/pieges");
    page.execute("document.cookie = 'session=x'; localStorage.setItem('a', 'b');", vec![]);
    assert!(!page.console().is_empty());
    drop(page);
    let pages: Vec<Navigateur> = (0..2).map(|_| ouvrir(BUREAU, "/autre")).collect();
    for page in pages {
        let reste = page.execute("return document.cookie + localStorage.length;", vec![]);
        assert_eq!(reste, "0");
        page.sans_erreur(&[]);
    }
}

#[test]
fn a_missing_browser_is_named_with_what_to_install() {
    let message = trouver("PAIE_ABSENT", &["no-such-program"]).unwrap_err();
    assert!(message.contains("apt-get install chromium chromium-driver"), "{message}");
    assert!(message.contains("PAIE_CHROMEDRIVER"), "{message}");
}
