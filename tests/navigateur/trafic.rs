//! What the browser asked for, what it received, what it complained about.

use serde_json::Value;

use super::commande::Commande;
use super::{Navigateur, executeur};

/// One request.
#[derive(Debug, Clone, Default)]
pub struct Requete {
    id: String,
    /// The address.
    pub adresse: String,
    /// The method.
    pub methode: String,
    /// The kind of resource: `Document`, `Stylesheet`, `XHR`…
    pub genre: String,
    /// The status of the answer; none when there was no answer.
    pub statut: Option<u64>,
    /// Bytes that came over the line, headers included.
    pub octets: u64,
    finie: bool,
}

/// Requests, in the order they left.
#[derive(Debug, Clone, Default)]
pub struct Trafic {
    /// The requests.
    pub requetes: Vec<Requete>,
}

impl Trafic {
    /// Bytes received, headers included.
    pub fn octets(&self) -> u64 {
        self.requetes.iter().map(|requete| requete.octets).sum()
    }

    /// A new page takes the place of the former one: what that one was still asking for has ended,
    /// and the browser does not always say so.
    fn quitter(&mut self, document: &str) {
        let avant = self.requetes.iter().rposition(|requete| requete.id == document);
        self.requetes.iter_mut().take(avant.unwrap_or(0)).for_each(|requete| requete.finie = true);
    }

    fn noter(&mut self, evenement: &Value) {
        let (methode, quoi) = (evenement["method"].as_str().unwrap_or(""), &evenement["params"]);
        let id = quoi["requestId"].as_str().unwrap_or("");
        let connue = self.requetes.iter_mut().rev().find(|requete| requete.id == id);
        match (methode, connue) {
            ("Network.requestWillBeSent", connue) => {
                if let Some(requete) = connue {
                    // The same request leaves again, for the place it was sent to.
                    let redirigee = &quoi["redirectResponse"];
                    requete.statut = redirigee["status"].as_u64();
                    requete.octets = entier(&redirigee["encodedDataLength"]);
                    requete.finie = true;
                }
                let texte = |valeur: &Value| valeur.as_str().unwrap_or("").to_owned();
                self.requetes.push(Requete {
                    id: id.to_owned(),
                    adresse: texte(&quoi["request"]["url"]),
                    methode: texte(&quoi["request"]["method"]),
                    genre: texte(&quoi["type"]),
                    ..Requete::default()
                });
            }
            ("Network.responseReceived", Some(requete)) => {
                requete.statut = quoi["response"]["status"].as_u64();
                if requete.genre == "Document" {
                    self.quitter(id);
                }
            }
            ("Network.loadingFinished", Some(requete)) => {
                requete.octets = entier(&quoi["encodedDataLength"]);
                requete.finie = true;
            }
            ("Network.loadingFailed", Some(requete)) => requete.finie = true,
            _ => {}
        }
    }
}

/// A count that the driver may write with a decimal point.
fn entier(valeur: &Value) -> u64 {
    let ecrit = valeur.to_string();
    ecrit.split('.').next().and_then(|unites| unites.parse().ok()).unwrap_or(0)
}

impl Navigateur {
    /// Everything requested since the browser was opened, once nothing is under way.
    pub fn trafic(&self) -> Trafic {
        self.attendre("the end of requests", |page| {
            for entree in page.journal("performance") {
                let message = entree["message"].as_str().unwrap_or("null");
                let message: Value = serde_json::from_str(message).unwrap();
                page.trafic.borrow_mut().noter(&message["message"]);
            }
            let trafic = page.trafic.borrow();
            let reste = trafic.requetes.iter().find(|requete| !requete.finie);
            reste.map_or(Ok(()), |requete| Err(format!("{} goes on", requete.adresse)))
        });
        self.trafic.borrow().clone()
    }

    /// What one gesture requests.
    pub fn mesurer(&self, geste: impl FnOnce(&Self)) -> Trafic {
        let avant = self.trafic().requetes.len();
        geste(self);
        Trafic { requetes: self.trafic().requetes.split_off(avant) }
    }

    /// Nothing was ever requested outside `origine` (`http://127.0.0.1:8080`), even in vain, and
    /// something was requested there.
    pub fn sans_tiers(&self, origine: &str) {
        let origine = format!("{}/", origine.trim_end_matches('/'));
        let requetes = self.trafic().requetes;
        let local = |requete: &Requete| {
            let adresse = &requete.adresse;
            adresse.starts_with(&origine)
                || ["data:", "about:", "blob:"].iter().any(|debut| adresse.starts_with(debut))
        };
        let tiers: Vec<&str> =
            requetes.iter().filter(|r| !local(r)).map(|r| r.adresse.as_str()).collect();
        assert!(tiers.is_empty(), "requests to third parties: {tiers:#?}");
        let vu = requetes.iter().any(|requete| requete.adresse.starts_with(&origine));
        assert!(vu, "nothing was requested from {origine}");
    }

    /// Errors and warnings of the console since the browser was opened, refusals of the CSP
    /// included.
    pub fn console(&self) -> Vec<String> {
        for entree in self.journal("browser") {
            let niveau = entree["level"].as_str().unwrap_or("");
            if ["SEVERE", "WARNING"].contains(&niveau) {
                let message = entree["message"].as_str().unwrap_or("");
                self.console.borrow_mut().push(format!("{niveau} {message}"));
            }
        }
        self.console.borrow().clone()
    }

    /// The console is empty, but for messages that contain one of `attendus` (« 403 », when a page
    /// was refused on purpose).
    pub fn sans_erreur(&self, attendus: &[&str]) {
        let mut vus = self.console();
        vus.retain(|vu| !attendus.iter().any(|attendu| vu.contains(attendu)));
        assert!(vus.is_empty(), "the console says:\n{}", vus.join("\n"));
    }

    fn journal(&self, nom: &str) -> Vec<Value> {
        let lu = executeur().block_on(self.client.issue_cmd(Commande::journal(nom)));
        match lu {
            Ok(Value::Array(entrees)) => entrees,
            autre => panic!("the browser has no journal `{nom}`: {autre:?}"),
        }
    }
}
