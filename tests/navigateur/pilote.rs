//! The driver of the browser: found, started once for a test program, ended with it.

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::{TELEPHONE, executeur};

/// A test program has no last line of its own to clean up on, and can be killed: a shell holds the
/// other end of a pipe, and when the pipe closes it ends the driver, its browsers, their profiles.
const GARDE: &str = r#"
{ "$1" --port=0 2>/dev/null; echo "arrêt : code $?"; } &
cat >/dev/null
trap '' TERM
kill 0
wait
for essai in 1 2 3 4 5; do rm -rf "$2" 2>/dev/null && break; sleep 1; done
"#;

const MANQUE: &str = "\
these tests drive a real browser, and it is not on this machine.
Debian:  apt-get install chromium chromium-driver fonts-dejavu-core
Ubuntu:  snap install chromium  (it brings chromium.chromedriver)
Elsewhere, name both programs: PAIE_CHROMIUM=… PAIE_CHROMEDRIVER=… cargo test --release";

const CHROMIUM: &[&str] =
    &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const CHROMEDRIVER: &[&str] = &["chromedriver", "chromium.chromedriver"];

/// Folders of drivers that are on no path.
const AILLEURS: &[&str] = &["/usr/lib/chromium-browser", "/usr/lib/chromium", "/snap/bin"];

/// Nothing leaves the machine: no proxy, and every name but loopback is unknown.
const OPTIONS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
];

struct Pilote {
    adresse: String,
    chromium: PathBuf,
    /// Open as long as the program lives: see [`GARDE`].
    _lien: ChildStdin,
    _garde: Child,
    /// Kept open: a driver that writes into a closed pipe dies.
    _journal: Box<dyn BufRead + Send + Sync>,
}

/// The program that `variable` names, or the first of `noms` on the path.
///
/// # Errors
///
/// What was looked for and what to install.
pub fn trouver(variable: &str, noms: &[&str]) -> Result<PathBuf, String> {
    if let Some(choisi) = env::var_os(variable) {
        let choisi = PathBuf::from(choisi);
        let absent = format!("{variable}={}: no such file", choisi.display());
        return if choisi.is_file() { Ok(choisi) } else { Err(absent) };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let dossiers = env::split_paths(&path).chain(AILLEURS.iter().map(PathBuf::from));
    let mut lieux = dossiers.flat_map(|dossier| noms.iter().map(move |nom| dossier.join(nom)));
    lieux
        .find(|lieu| lieu.is_file())
        .ok_or_else(|| format!("{variable} is not set, and none of {noms:?} is found.\n{MANQUE}"))
}

fn pilote() -> &'static Pilote {
    static PILOTE: OnceLock<Result<Pilote, String>> = OnceLock::new();
    match PILOTE.get_or_init(demarrer) {
        Ok(pilote) => pilote,
        Err(pourquoi) => panic!("no browser: {pourquoi}"),
    }
}

fn demarrer() -> Result<Pilote, String> {
    let chromium = trouver("PAIE_CHROMIUM", CHROMIUM)?;
    let chromedriver = trouver("PAIE_CHROMEDRIVER", CHROMEDRIVER)?;
    let profils = tempfile::Builder::new().prefix("paie-navigateur-").tempdir();
    let profils = profils.map_err(|error| error.to_string())?.keep();
    let mut garde = Command::new("sh")
        .args(["-c", GARDE, "sh"])
        .args([&chromedriver, &profils])
        .env("TMPDIR", &profils)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("sh: {error}"))?;
    let lien = garde.stdin.take().ok_or("no way to end the driver")?;
    let mut journal = BufReader::new(garde.stdout.take().ok_or("a driver without output")?);
    let mut lu = String::new();
    loop {
        let avant = lu.len();
        let octets = journal.read_line(&mut lu).map_err(|error| error.to_string())?;
        let ligne = lu[avant..].trim_end();
        if let Some((_, port)) = ligne.rsplit_once("started successfully on port ") {
            let adresse = format!("http://127.0.0.1:{}/", port.trim_end_matches('.'));
            let _journal = Box::new(journal);
            return Ok(Pilote { adresse, chromium, _lien: lien, _garde: garde, _journal });
        }
        if octets == 0 || ligne.starts_with("arrêt") {
            return Err(format!("{} does not start:\n{lu}", chromedriver.display()));
        }
    }
}

/// A browser with an empty profile.
pub fn nouvelle_session(largeur: u32) -> Client {
    let pilote = pilote();
    let Value::Object(voulu) = capacites(largeur, pilote) else { unreachable!("an object") };
    let mut session = ClientBuilder::new(HttpConnector::new());
    session.capabilities(voulu);
    let ouverte = executeur().block_on(session.connect(&pilote.adresse));
    ouverte.unwrap_or_else(|error| {
        panic!("{} does not start: {error}\n{MANQUE}", pilote.chromium.display())
    })
}

fn capacites(largeur: u32, pilote: &Pilote) -> Value {
    let mut options: Vec<String> = OPTIONS.iter().map(|&option| option.to_owned()).collect();
    options.push(format!("--window-size={largeur},900"));
    let mut chrome = json!({
        "binary": pilote.chromium,
        "args": options,
        "prefs": {"intl.accept_languages": "fr-FR,fr"},
    });
    if largeur == TELEPHONE {
        let mut ecran = json!({"width": TELEPHONE, "height": 844, "pixelRatio": 2});
        ecran["touch"] = json!(true);
        ecran["mobile"] = json!(true);
        chrome["mobileEmulation"] = json!({"deviceMetrics": ecran});
    }
    json!({
        "browserName": "chrome",
        "acceptInsecureCerts": true,
        "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        "goog:perfLoggingPrefs": {"enableNetwork": true, "enablePage": false},
        "goog:chromeOptions": chrome,
    })
}
