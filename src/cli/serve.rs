//! `paie serve`: payslips in the browser.

use std::sync::Arc;

use crate::calendar::{KnownOn, PayPeriod};
use crate::serve::base::Conservation;
use crate::serve::ecoute::Ecoute;
use crate::serve::registre::{self, RegistreError};
use crate::serve::{self, Exigence, Reglages, ServeError, horloge};

use super::args::{Common, SecondFacteur, ServeOptions};
use super::output::{Outcome, Output};
use super::rulebook;
use super::run::finding_line;

/// Serves until it is asked to stop.
pub fn run(common: &Common, options: &ServeOptions, output: &Output) -> Outcome {
    match start(common, options, output) {
        Ok(()) => Outcome::Good,
        Err(outcome) => outcome,
    }
}

fn start(common: &Common, options: &ServeOptions, output: &Output) -> Result<(), Outcome> {
    let rules = Arc::new(rulebook::checked(common, output)?);
    let registre = registre::Reglages {
        pool: options.pool.clone(),
        archive: options.archive.clone(),
        rules,
        known_on: common.connu_le.map_or(KnownOn::Everything, KnownOn::Day),
        au_dela: common.au_dela,
        mois: options.mois,
        aujourd_hui: PayPeriod::of(horloge::aujourd_hui()),
        threads: common.threads,
    };
    let reglages = Reglages {
        registre,
        base: options.base.clone(),
        ecoute: Ecoute {
            adresse: options.ecoute,
            certificats: options.certificat.clone().zip(options.cle.clone()),
            derriere_proxy: options.derriere_proxy,
        },
        oidc: options.oidc.clone(),
        second_facteur: match options.second_facteur {
            SecondFacteur::Tous => Exigence::Tous,
            SecondFacteur::Gestion => Exigence::Gestion,
            SecondFacteur::Aucun => Exigence::Personne,
        },
        conservation: Conservation::new(options.journal).unwrap_or_default(),
    };
    let pret = |adresse: &str| output.text(&format!("écoute : {adresse}\n"));
    serve::servir(reglages, pret).map_err(|error| failed(&error, output))
}

fn failed(error: &ServeError, output: &Output) -> Outcome {
    if let ServeError::Registre(RegistreError::Pool(findings)) = error {
        output.warn(&findings.iter().map(finding_line).collect::<String>());
    }
    output.failed(&error.to_string(), error.help())
}
