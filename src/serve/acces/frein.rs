//! Brakes on sign-in: so many tries a minute for an address and for an account, and a lock-out that
//! doubles.
//!
//! Nothing here knows whether an account exists: what was typed is a key like any other.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::hasard;

/// Failures that cost nothing.
const SANS_FRAIS: u32 = 4;

/// The longest lock-out, in seconds.
const PLAFOND: i64 = 3600;

/// Tries a minute. An address may be that of a whole town hall.
const PAR_ADRESSE: u32 = 30;
const PAR_COMPTE: u32 = 10;

/// How many keys are kept before those at rest are forgotten.
const CLES: usize = 10_000;

/// How many seconds someone is locked out after so many failures in a row: a minute from the fifth
/// on, then twice as long each time.
pub fn attente(echecs: u32) -> i64 {
    match echecs.saturating_sub(SANS_FRAIS) {
        0 => 0,
        rang => (60_i64 << rang.saturating_sub(1).min(6)).min(PLAFOND),
    }
}

/// The message of a lock-out or of a brake; it does not say whether the account exists.
pub fn message(attente: i64) -> String {
    let (nombre, unite) = match attente {
        ..=1 => (1, "seconde"),
        2..60 => (attente, "seconde"),
        60..3600 => (attente.saturating_add(59).div_euclid(60), "minute"),
        3600.. => (attente.saturating_add(3599).div_euclid(3600), "heure"),
    };
    let pluriel = if nombre > 1 { "s" } else { "" };
    format!("Trop d’essais\u{a0}: réessayez dans {nombre}\u{a0}{unite}{pluriel}.")
}

type Limite<C> =
    RateLimiter<[u8; 32], DashMapStateStore<[u8; 32]>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The tries of the last minute, by address and by account.
pub struct Frein<C: Clock = DefaultClock> {
    horloge: C,
    adresses: Limite<C>,
    comptes: Limite<C>,
}

impl Default for Frein {
    fn default() -> Self {
        Self::new(DefaultClock::default())
    }
}

impl<C: Clock + Clone> Frein<C> {
    /// Brakes that follow a clock.
    pub fn new(horloge: C) -> Self {
        let limite = |nombre| {
            let nombre = NonZeroU32::new(nombre).unwrap_or(NonZeroU32::MIN);
            RateLimiter::dashmap_with_clock(Quota::per_minute(nombre), horloge.clone())
        };
        let (adresses, comptes) = (limite(PAR_ADRESSE), limite(PAR_COMPTE));
        Self { horloge, adresses, comptes }
    }

    /// Counts a try.
    ///
    /// # Errors
    ///
    /// How many seconds to wait, at least one, when there were too many.
    pub fn essayer(&self, adresse: &str, saisi: &str) -> Result<(), i64> {
        self.un(&self.adresses, adresse)?;
        self.un(&self.comptes, &saisi.trim().to_lowercase())
    }

    fn un(&self, limite: &Limite<C>, cle: &str) -> Result<(), i64> {
        if limite.len() > CLES {
            limite.retain_recent();
        }
        limite.check_key(&hasard::empreinte(cle)).map_err(|refus| {
            let attente = refus.wait_time_from(self.horloge.now());
            i64::try_from(attente.as_secs()).unwrap_or(PLAFOND).saturating_add(1)
        })
    }
}

#[cfg(test)]
mod tests;
