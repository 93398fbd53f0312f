//! The server harness of the tests, tested: it waits, tells why not, signs forms, keeps cookies.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at a surprise")]

#[allow(dead_code, reason = "only what runs clients is used here")]
mod navigateur;
#[allow(dead_code, reason = "pages need more than this file")]
mod serveur;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::extract::{Multipart, RawForm};
use axum::http::{HeaderMap, header};
use axum::response::{Html, Redirect};
use axum::routing::get;
use navigateur::executeur;
use serveur::client::{Client, champ_cache};
use serveur::{Lieu, Processus};

fn shell(script: &str) -> Command {
    let mut commande = Command::new("sh");
    commande.args(["-c", script]);
    commande
}

#[test]
fn a_server_is_waited_for_and_ends_with_its_test() {
    let dossier = tempfile::tempdir().unwrap();
    let erreurs = dossier.path().join("erreurs.txt");
    let script = "echo Lecture; echo 'écoute : http://127.0.0.1:4321/'; exec sleep 600";
    let processus = Processus::lancer(shell(script), &erreurs);
    assert_eq!(processus.origine, "http://127.0.0.1:4321");
    let trace = format!("/proc/{}", processus.numero());
    let vivant = || Path::new(&trace).exists();
    assert!(vivant() || !Path::new("/proc").exists());
    drop(processus);
    assert!(!vivant(), "the server outlives its test");
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let echec = catch_unwind(|| {
        let dossier = tempfile::tempdir().unwrap();
        Processus::lancer(shell("echo 'no pool' >&2; exit 7"), &dossier.path().join("e.txt"));
    });
    let echec = echec.err().unwrap();
    let message = echec.downcast_ref::<String>().unwrap();
    assert!(message.contains("no pool") && message.contains("exit status: 7"), "{message}");
}

const FORMULAIRE: &str = "
<form><input name=\"autre\" value=\"a\">
<input type=\"hidden\" value=\"x&amp;y\" name=\"jeton\">";

async fn recu(cookies: HeaderMap, RawForm(corps): RawForm) -> String {
    let cookie = cookies.get(header::COOKIE).map_or("", |cookie| cookie.to_str().unwrap());
    format!("{cookie} {}", String::from_utf8_lossy(&corps))
}

async fn fichier(mut envoi: Multipart) -> String {
    let mut vus = Vec::new();
    while let Some(champ) = envoi.next_field().await.unwrap() {
        let (nom, fichier) = (champ.name().unwrap().to_owned(), champ.file_name().is_some());
        vus.push(format!("{nom} {fichier} {}", champ.bytes().await.unwrap().len()));
    }
    vus.join(", ")
}

#[test]
fn a_client_keeps_cookies_and_sends_the_token_of_the_page() {
    let pages = Router::new()
        .route("/", get(|| async { ([(header::SET_COOKIE, "session=s")], Redirect::to("/page")) }))
        .route("/page", get(|| async { Html(FORMULAIRE) }).post(recu))
        .route("/fichier", get(|| async { Html(FORMULAIRE) }).post(fichier));
    let ecoute = executeur().block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let client = Client::new(&format!("http://{}/", ecoute.local_addr().unwrap()));
    executeur().spawn(async { axum::serve(ecoute, pages).await });

    assert_eq!(client.lire("/").vers(), Some("/page"));
    assert_eq!(client.lire("/page").entete("content-type"), "text/html; charset=utf-8");
    let corps = client.poster("/", "/page", &[("nom", "Zoé")]).corps;
    assert_eq!(corps, "session=s nom=Zo%C3%A9&jeton=x%26y");
    assert_eq!(client.poster_brut("/page", &[("nom", "a")]).corps, "session=s nom=a");
    let depot = client.deposer("/fichier", "/fichier", "depot", ("a.csv", vec![255; 10]));
    assert_eq!(depot.corps, "jeton false 3, depot true 10");
    assert_eq!(champ_cache(FORMULAIRE, "absent"), None);
}

#[test]
fn a_place_has_a_pool_and_closed_months() {
    let lieu = Lieu::demo(2, 6, "2024-05");
    lieu.clore("2024-04");
    let archive = lieu.chemin("archive");
    let etat = lieu.paie(&["archive", "etat", "--archive", archive.to_str().unwrap()]);
    assert!(etat.contains("2024-04"), "{etat}");
    assert!(fs::read_dir(lieu.chemin("pool")).unwrap().count() > 3);
    assert_eq!(lieu.mois(), "2024-05");
}
