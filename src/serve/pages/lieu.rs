//! The payslip that an address names, and the addresses around it.
//!
//! Identifiers of agents and of contracts are any text: each is one segment of the path, encoded.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;

use super::commun::{au_dessus, segment, vers_agent, vers_bulletin, vers_employeur};
use crate::calendar::PayPeriod;
use crate::serve::html::Lien;
use crate::serve::registre::Chez;
use crate::serve::web::{Connecte, Erreur};

/// Where payslips are.
pub(super) const BULLETIN: &str = "/e/{siret}/agents/{agent}/{contrat}/{mois}";

/// A payslip that an address names; whether it exists is for its employer to say.
#[derive(Clone, Debug)]
pub(super) struct Lieu {
    pub siret: String,
    pub agent: String,
    pub contrat: String,
    pub mois: PayPeriod,
}

#[derive(Deserialize)]
struct Segments {
    siret: String,
    agent: String,
    contrat: String,
    mois: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Lieu {
    type Rejection = Erreur;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Erreur> {
        let read: Result<Path<Segments>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let Path(Segments { siret, agent, contrat, mois }) =
            read.map_err(|_| Erreur::Introuvable)?;
        let mois = PayPeriod::parse(&mois).map_err(|_| Erreur::Introuvable)?;
        Ok(Self { siret, agent, contrat, mois })
    }
}

impl Lieu {
    /// Agent and contract.
    pub fn qui(&self) -> (&str, &str) {
        (&self.agent, &self.contrat)
    }

    /// Its address.
    pub fn chemin(&self) -> String {
        vers_bulletin(&self.siret, &self.agent, &self.contrat, self.mois)
    }

    /// Something below its address: `imprimer`, `simuler`.
    pub fn sous(&self, suite: &str) -> String {
        format!("{}/{suite}", self.chemin())
    }

    /// The explanation of a line, or of a part of it.
    pub fn ligne(&self, rubrique: &str) -> String {
        self.sous(&format!("ligne/{}", segment(rubrique)))
    }

    /// Why it corrects a line of a closed month.
    pub fn rappel(&self, origine: PayPeriod, rubrique: &str) -> String {
        self.sous(&format!("rappel/{origine}/{}", segment(rubrique)))
    }

    /// The payslip of the same contract in another month.
    pub fn au_mois(&self, mois: PayPeriod) -> Self {
        Self { mois, ..self.clone() }
    }

    /// The payslip of another contract in the same month.
    pub fn au_contrat(&self, contrat: &str) -> Self {
        Self { contrat: contrat.to_owned(), ..self.clone() }
    }

    /// The screens above: the employers, if there are several, the employer, the agent when it has
    /// one.
    pub fn fil(&self, qui: &Connecte, chez: &Chez, agent: &str) -> Vec<Lien> {
        let employeur = vers_employeur(chez.siret());
        let mut fil: Vec<Lien> = au_dessus(qui).1.into_iter().collect();
        fil.push(Lien::new(chez.employeur().nom.as_str(), employeur));
        if chez.connait(&self.agent) {
            fil.push(Lien::new(agent, vers_agent(chez.siret(), &self.agent)));
        }
        fil
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_identifier_is_one_segment() {
        let mois = PayPeriod::parse("2026-10").unwrap();
        let url = vers_bulletin("21719601300015", "A/1", "C 1é+%?#", mois);
        let expected = "/e/21719601300015/agents/A%2F1/C%201%C3%A9%2B%25%3F%23/2026-10";
        assert_eq!(url, expected);
    }
}
