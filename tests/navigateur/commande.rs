//! Commands of the driver that `fantoccini` has no name for.

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::Url;
use serde_json::{Value, json};

/// A command of the session: a `GET` without a body, a `POST` with one.
#[derive(Debug)]
pub struct Commande {
    chemin: String,
    corps: Option<Value>,
}

impl Commande {
    /// A command of the protocol that developer tools speak.
    pub fn outil(nom: &str, parametres: &Value) -> Self {
        let corps = json!({"cmd": nom, "params": parametres});
        Self { chemin: "goog/cdp/execute".to_owned(), corps: Some(corps) }
    }

    /// What a journal gained since it was last read: `performance` or `browser`.
    pub fn journal(nom: &str) -> Self {
        Self { chemin: "se/log".to_owned(), corps: Some(json!({"type": nom})) }
    }

    /// What assistive technology is told of an element: `computedrole` or `computedlabel`.
    pub fn expose(element: &str, quoi: &str) -> Self {
        Self { chemin: format!("element/{element}/{quoi}"), corps: None }
    }
}

impl WebDriverCompatibleCommand for Commande {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.chemin))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.corps {
            Some(corps) => (Method::POST, Some(corps.to_string())),
            None => (Method::GET, None),
        }
    }
}
