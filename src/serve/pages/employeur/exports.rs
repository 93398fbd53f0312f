//! A month of an employer as tables for spreadsheets.

use std::sync::Arc;

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use crate::bulletin::Remarque;
use crate::serve::base::{Action, Detail};
use crate::serve::pages::commun::{Tableur, demande, mois_demande, nombre};
use crate::serve::registre::{ContratDuMois, Tableau};
use crate::serve::web::{Connecte, Erreur};

const BULLETINS: [&str; 12] = [
    "siret",
    "mois",
    "agent",
    "contrat",
    "nom",
    "prénom",
    "situation",
    "état",
    "brut",
    "net à payer",
    "coût employeur",
    "points à voir",
];

const ANOMALIES: [&str; 12] = [
    "siret",
    "mois",
    "agent",
    "contrat",
    "nom",
    "prénom",
    "gravité",
    "code",
    "constat",
    "que faire",
    "fichier",
    "ligne",
];

/// Every contract of a month.
pub async fn bulletins(
    qui: Connecte,
    Path(siret): Path<String>,
    query: RawQuery,
) -> Result<Response, Erreur> {
    let (siret, tableau) = demandee(&qui, &siret, query, "bulletins").await?;
    let mois = tableau.mois.mois.to_string();
    let mut table = Tableur::new(&BULLETINS);
    for un in &tableau.contrats {
        let etat = if un.payable { "payable" } else { "bloqué" };
        let (brut, net) = (nombre(un.brut), nombre(un.net_a_payer));
        let (cout, points) = (nombre(un.cout_employeur), un.remarques.len().to_string());
        let [agent, contrat, nom, prenom] = noms(Some(un));
        let debut = [siret.as_str(), &mois, agent, contrat, nom, prenom];
        table.ligne(debut.into_iter().chain([&*un.situation, etat, &brut, &net, &cout, &points]));
    }
    Ok(table.fichier(&format!("bulletins-{siret}-{mois}.csv")))
}

/// Every finding of a month.
pub async fn anomalies(
    qui: Connecte,
    Path(siret): Path<String>,
    query: RawQuery,
) -> Result<Response, Erreur> {
    let (siret, tableau) = demandee(&qui, &siret, query, "anomalies").await?;
    let mois = tableau.mois.mois.to_string();
    let mut table = Tableur::new(&ANOMALIES);
    let mut ajoute = |une: &Remarque, contrat: Option<&ContratDuMois>| {
        let gravite = if une.bloquant { "bloquant" } else { "à voir" };
        let place = une.ligne.as_ref();
        let fichier = place.map_or("", |(fichier, _)| fichier);
        let ligne = place.map_or_else(String::new, |(_, ligne)| ligne.to_string());
        let [agent, contrat, nom, prenom] = noms(contrat);
        let debut = [siret.as_str(), &mois, agent, contrat, nom, prenom];
        let suite = [gravite, &une.code, &une.message, &une.remede, fichier, &ligne];
        table.ligne(debut.into_iter().chain(suite));
    };
    tableau.remarques.iter().for_each(|une| ajoute(une, None));
    for contrat in &tableau.contrats {
        contrat.remarques.iter().for_each(|une| ajoute(une, Some(contrat)));
    }
    Ok(table.fichier(&format!("anomalies-{siret}-{mois}.csv")))
}

fn noms(contrat: Option<&ContratDuMois>) -> [&str; 4] {
    contrat.map_or([""; 4], |un| [&un.agent, &un.contrat, &un.nom, &un.prenom])
}

/// The table that is asked for, once the log says so.
async fn demandee(
    qui: &Connecte,
    siret: &str,
    query: RawQuery,
    table: &str,
) -> Result<(String, Arc<Tableau>), Erreur> {
    let chez = qui.chez(siret)?;
    let vu = mois_demande(&demande(query), &chez)?;
    let entree = qui.entree(Action::Export).employeur(chez.siret()).mois(vu.mois);
    qui.noter(entree.detail(Detail::default().mot("table", table))).await?;
    Ok((chez.siret().to_string(), chez.tableau(vu.mois).await?))
}
