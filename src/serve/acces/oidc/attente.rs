//! Sign-ins that wait for the browser to come back from the provider.
//!
//! In memory: a server that restarts forgets them, and people press the button again. Each one is
//! found by a token that only the browser that started it holds, in a cookie.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use openidconnect::CsrfToken;

use super::Flux;
use crate::limits::OIDC_FLOWS;

/// What waits, by token.
#[derive(Default)]
pub struct Attentes(Mutex<BTreeMap<String, Flux>>);

impl Attentes {
    /// Nothing waits.
    pub fn nouvelles() -> Self {
        Self::default()
    }

    /// Keeps what is needed when the browser comes back, and gives the token for its cookie
    /// (43 letters of base64url). The oldest ones go when there are too many.
    pub fn garder(&self, flux: Flux) -> String {
        let jeton = CsrfToken::new_random_len(32).secret().clone();
        let mut attentes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attentes.retain(|_, flux| !flux.expire());
        while attentes.len() >= OIDC_FLOWS {
            let ancien = attentes.iter().min_by_key(|(_, flux)| flux.fin);
            let Some(ancien) = ancien.map(|(jeton, _)| jeton.clone()) else { break };
            attentes.remove(&ancien);
        }
        attentes.insert(jeton.clone(), flux);
        jeton
    }

    /// Takes back what a token stands for. A second time there is nothing.
    pub fn reprendre(&self, jeton: &str) -> Option<Flux> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(jeton)
    }
}
