//! A real browser in tests: Chromium without a window, driven by what a person reads on the page.
//!
//! Tests stay plain functions: every gesture blocks, waits until its target is there, and fails
//! with what the page offers instead. A browser that a test leaves is emptied and lent to the next
//! test of the program; the one of a failed test is photographed and closed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test stops at a surprise")]

pub mod accessibilite;
mod commande;
pub mod gestes;
pub mod images;
pub mod pilote;
pub mod trafic;

use std::cell::{Cell, RefCell};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::Client;
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use commande::Commande;
pub use fantoccini::key::Key;
use images::captures;
use trafic::Trafic;

/// The width of a desk, in CSS pixels.
pub const BUREAU: u32 = 1280;
/// The width of a phone, in CSS pixels.
pub const TELEPHONE: u32 = 390;

/// The longest that a page may take to be as expected; nobody waits when it is.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a page is asked again.
const PAUSE: Duration = Duration::from_millis(20);

const OUTILS: &str = include_str!("outils.js");
const REFERENCE: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What runs asynchronous code for tests that are not: browsers, servers of tests, clients.
pub fn executeur() -> &'static Runtime {
    static EXECUTEUR: OnceLock<Runtime> = OnceLock::new();
    EXECUTEUR.get_or_init(|| Builder::new_multi_thread().enable_all().build().unwrap())
}

/// Browsers that no test uses now.
static LIBRES: Mutex<Vec<(u32, Client)>> = Mutex::new(Vec::new());

/// A browser of its own, for as long as it is held.
pub struct Navigateur {
    client: Client,
    largeur: u32,
    patience: Cell<Duration>,
    trafic: RefCell<Trafic>,
    console: RefCell<Vec<String>>,
}

impl Navigateur {
    /// A browser that has seen nothing, [`BUREAU`] or [`TELEPHONE`] wide.
    pub fn ouvrir(largeur: u32) -> Self {
        assert!([BUREAU, TELEPHONE].contains(&largeur), "a desk or a phone, not {largeur} px");
        let libre = {
            let mut libres = LIBRES.lock().unwrap_or_else(PoisonError::into_inner);
            let place = libres.iter().position(|(large, _)| *large == largeur);
            place.map(|place| libres.swap_remove(place).1)
        };
        let client = libre.unwrap_or_else(|| pilote::nouvelle_session(largeur));
        let (trafic, console) = (RefCell::default(), RefCell::default());
        Self { client, largeur, patience: Cell::new(PATIENCE), trafic, console }
    }

    /// The width it was opened with.
    pub fn largeur(&self) -> u32 {
        self.largeur
    }

    /// Opens an address, and comes back when the page is loaded.
    pub fn aller(&self, adresse: &str) {
        self.fait(&format!("open {adresse}"), self.client.goto(adresse));
    }

    /// The page before, as by the button of the browser.
    pub fn reculer(&self) {
        self.fait("go back", self.client.back());
    }

    /// The page again.
    pub fn recharger(&self) {
        self.fait("load again", self.client.refresh());
    }

    /// The address of the page.
    pub fn adresse(&self) -> String {
        self.fait("read the address", self.client.current_url()).to_string()
    }

    /// The title of the page.
    pub fn titre(&self) -> String {
        self.fait("read the title", self.client.title())
    }

    /// What is visible on the page, with plain spaces between words: a text that a test types is
    /// found whether the page has its insécables there or not.
    pub fn texte(&self) -> String {
        self.texte_de("body")
    }

    /// What is visible in the first element of a selector.
    pub fn texte_de(&self, css: &str) -> String {
        let element = self.element(css);
        let lu = self.execute("return net(arguments[0].innerText);", vec![json!(element)]);
        lu.as_str().unwrap().to_owned()
    }

    /// Whether a text is visible now.
    pub fn voit(&self, texte: &str) -> bool {
        self.texte().contains(&net(texte))
    }

    /// Waits no longer than this for what does not come, from now on.
    pub fn patienter(&self, patience: Duration) {
        self.patience.set(patience);
    }

    /// Waits until a text is visible.
    pub fn attendre_texte(&self, texte: &str) {
        self.attendre(&format!("the text « {texte} »"), |page| {
            let vu = page.texte();
            if vu.contains(&net(texte)) { Ok(()) } else { Err(vu) }
        });
    }

    /// Waits until the address contains a text.
    pub fn attendre_adresse(&self, morceau: &str) {
        self.attendre(&format!("an address with `{morceau}`"), |page| {
            let adresse = page.adresse();
            if adresse.contains(morceau) { Ok(()) } else { Err(adresse) }
        });
    }

    /// Waits until `essai` succeeds; fails with what it last said.
    pub fn attendre<T>(&self, quoi: &str, essai: impl Fn(&Self) -> Result<T, String>) -> T {
        let debut = Instant::now();
        loop {
            let pourquoi = match essai(self) {
                Ok(trouve) => return trouve,
                Err(pourquoi) => pourquoi,
            };
            assert!(
                debut.elapsed() < self.patience.get(),
                "waited in vain for {quoi}:\n{pourquoi}"
            );
            thread::sleep(PAUSE);
        }
    }

    /// How many elements a selector has.
    pub fn compte(&self, css: &str) -> usize {
        let script = "return document.querySelectorAll(arguments[0]).length;";
        let compte = self.execute(script, vec![json!(css)]).as_u64().unwrap();
        usize::try_from(compte).unwrap()
    }

    /// The first element of a selector.
    pub fn element(&self, css: &str) -> Element {
        self.chercher(css, "return premier(arguments[0]);", &[json!(css)])
    }

    /// Runs a script of the page; the functions of `outils.js` are at hand.
    pub fn execute(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.essayer(script, arguments).unwrap_or_else(|error| panic!("`{script}`: {error}"))
    }

    /// A command of the developer tools.
    pub fn outil(&self, nom: &str, parametres: &Value) -> Value {
        self.fait(nom, self.client.issue_cmd(Commande::outil(nom, parametres)))
    }

    /// From the next page on, no script runs.
    pub fn sans_javascript(&self) {
        self.outil("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    }

    /// From now on, the line of a small commune: 400 ms away, 400 kbit/s down, 200 up.
    pub fn ligne_lente(&self) {
        self.ligne(400, 50_000, 25_000);
    }

    fn ligne(&self, attente: i64, recu: i64, envoye: i64) {
        let parametres = json!({
            "offline": false,
            "latency": attente,
            "downloadThroughput": recu,
            "uploadThroughput": envoye,
        });
        self.outil("Network.emulateNetworkConditions", &parametres);
    }

    /// On a phone as on a desk, nothing is wider than the screen.
    pub fn sans_debordement(&self) {
        let vu = self.execute("return debordement(arguments[0]);", vec![json!(self.largeur)]);
        let lignes: Vec<&str> = vu.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(lignes.is_empty(), "{}: {}", self.adresse(), lignes.join("\n"));
    }

    /// The element that a script finds, once it is there.
    fn chercher(&self, quoi: &str, script: &str, arguments: &[Value]) -> Element {
        self.attendre(quoi, |page| {
            let trouve = page.essayer(script, arguments.to_vec()).map_err(|e| e.to_string())?;
            match trouve.get(REFERENCE).and_then(Value::as_str) {
                Some(_) => Ok(page.reference(&trouve)),
                None => Err(trouve.as_str().unwrap_or("nothing").to_owned()),
            }
        })
    }

    fn reference(&self, element: &Value) -> Element {
        let id = element[REFERENCE].as_str().unwrap().to_owned();
        Element::from_element_id(self.client.clone(), ElementRef::from(id))
    }

    fn essayer(&self, script: &str, arguments: Vec<Value>) -> Result<Value, CmdError> {
        let script = format!("{OUTILS}\n{script}");
        executeur().block_on(self.client.execute(&script, arguments))
    }

    fn fait<T>(&self, quoi: &str, action: impl Future<Output = Result<T, CmdError>>) -> T {
        match executeur().block_on(action) {
            Ok(rendu) => rendu,
            Err(error) => panic!("the browser could not {quoi}: {error}"),
        }
    }

    /// Forgets what a test left: pages, cookies, stores, cache, emulations, journals.
    fn vider(&self) -> Result<(), CmdError> {
        let outil = |nom: &str, parametres: Value| {
            executeur().block_on(self.client.issue_cmd(Commande::outil(nom, &parametres)))
        };
        let fenetres = executeur().block_on(self.client.windows())?;
        for fenetre in fenetres.iter().skip(1) {
            executeur().block_on(self.client.switch_to_window(fenetre.clone()))?;
            executeur().block_on(self.client.close_window())?;
        }
        executeur().block_on(self.client.switch_to_window(fenetres[0].clone()))?;
        let origine = executeur().block_on(self.client.current_url())?.origin();
        let tout = json!({"origin": origine.ascii_serialization(), "storageTypes": "all"});
        executeur().block_on(self.client.goto("about:blank"))?;
        outil("Storage.clearDataForOrigin", tout)?;
        outil("Network.clearBrowserCookies", json!({}))?;
        outil("Network.clearBrowserCache", json!({}))?;
        outil("Emulation.setScriptExecutionDisabled", json!({"value": false}))?;
        outil("Emulation.setEmulatedMedia", json!({"media": ""}))?;
        let libre = json!({
            "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        outil("Network.emulateNetworkConditions", libre)?;
        for journal in ["performance", "browser"] {
            executeur().block_on(self.client.issue_cmd(Commande::journal(journal)))?;
        }
        Ok(())
    }

    /// What a failed test leaves to look at.
    fn temoigner(&self) {
        let nom = thread::current().name().unwrap_or("test").replace("::", "-");
        let adresse = executeur().block_on(self.client.current_url());
        let image = executeur().block_on(self.client.screenshot());
        if let (Ok(adresse), Ok(image)) = (adresse, image) {
            let fichier = captures().join(format!("echec-{nom}-{}.png", self.largeur));
            if std::fs::write(&fichier, image).is_ok() {
                eprintln!("the browser was at {adresse}; see {}", fichier.display());
            }
            if let Ok(texte) = self.essayer("return document.body.innerText;", vec![]) {
                let texte = texte.as_str().unwrap_or_default();
                let _ = std::fs::write(fichier.with_extension("txt"), texte);
            }
        }
    }
}

impl Drop for Navigateur {
    fn drop(&mut self) {
        if thread::panicking() {
            self.temoigner();
        } else if self.vider().is_ok() {
            let mut libres = LIBRES.lock().unwrap_or_else(PoisonError::into_inner);
            libres.push((self.largeur, self.client.clone()));
            return;
        }
        // A browser that does not answer any more ends with the driver.
        let _ = executeur().block_on(self.client.clone().close());
    }
}

/// A text with plain, single spaces, as [`Navigateur::texte`] reads pages.
pub fn net(texte: &str) -> String {
    texte.split_whitespace().collect::<Vec<_>>().join(" ")
}
