//! The second step: what was judged comes back, is judged again, and is stored whole or not at all.

use std::sync::Arc;

use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::calendar::PayPeriod;
use crate::serve::acces::jeton;
use crate::serve::base::{Action, Detail};
use crate::serve::html::{Alerte, Lien, alerte, vide};
use crate::serve::saisie::{
    self, Colonne, Demande, Depot, Effet, ErreurDepot, Issue, Lecture, LigneJugee, Version,
};
use crate::serve::web::{Champs, Connecte, Envoi, Erreur, telechargement};

use super::examen::{self, Examen, Reponse};
use super::rangees::{self, JUGEES};
use super::sujet::{Acces, Sujet, au_disque};
use super::{ecran, refus};

/// Agents that the page of a deposit names.
const NOMMES: usize = 40;

/// What is to be stored.
struct Ordre {
    version: Version,
    poser: Vec<LigneJugee>,
    retirer: Vec<String>,
    laissees: usize,
}

/// How a deposit ended.
enum Fin {
    Depose(Box<Depot>),
    Perimee,
    Refus(ErreurDepot),
}

/// Stores what was judged.
pub async fn enregistrer(
    Path((siret, mois)): Path<(String, String)>,
    envoi: Envoi,
) -> Result<Response, Erreur> {
    let (qui, champs) = match envoi {
        Envoi::Recu { qui, champs, .. } => (qui, champs),
        Envoi::AutreSession { qui, champs } => {
            return refus::autre_session(&qui, (&siret, &mois), &champs).await;
        }
        Envoi::SansSession { champs } => {
            return Ok(refus::sans_session((&siret, &mois), "enregistrer", &champs));
        }
    };
    let sujet = match Sujet::ouvrir(&qui, &siret, &mois).await? {
        Acces::Ouvert(sujet) => sujet,
        Acces::Ferme(ferme) => return refus::ferme(&qui, &ferme),
    };
    let version = Version::parse(champs.un("version"));
    let version = version.ok_or_else(|| Erreur::Illisible("La page est incomplète.".to_owned()))?;
    let (sujet, examen) = relu(sujet, &champs).await?;
    if champs.un("geste") == "refusees" {
        return refusees(&qui, &sujet, &examen).await;
    }
    if version != sujet.actuelles.version {
        return perimee(&qui, &sujet, &examen, &champs).await;
    }
    let bloquees = examen.bloquees();
    if let Some(faute) = faute(&examen, champs.un("partiel") == "oui") {
        let detail = Detail::default().mot("motif", "lignes").nombre("bloquees", nombre(bloquees));
        examen::noter(&qui, &sujet, Action::DepotRefuse, detail).await?;
        let code = StatusCode::UNPROCESSABLE_ENTITY;
        let reponse = Reponse { code, avant: Markup::default(), faute: Some(faute.to_owned()) };
        return examen::page(&qui, &sujet, &examen, reponse).await;
    }
    let poser: Vec<LigneJugee> = examen.justes().cloned().collect();
    let retirer = examen.retirer.iter().map(|row| row.cle.clone()).collect();
    let ordre = Ordre { version, poser, retirer, laissees: bloquees };
    let agents = agents(&examen);
    // What is stored is logged and shown, whether or not the browser still waits.
    let task = tokio::spawn(async move {
        let (qui, sujet, fin) = deposer(qui, sujet, ordre).await?;
        let siret = sujet.siret().to_string();
        match fin {
            Fin::Depose(depot) => fait(&qui, &sujet, (&depot, bloquees), &agents),
            Fin::Perimee => {
                // Somebody was faster between the judgement and the file.
                let Acces::Ouvert(sujet) = Sujet::ouvrir(&qui, &siret, &mois).await? else {
                    return Err(Erreur::Introuvable);
                };
                let (sujet, examen) = relu(sujet, &champs).await?;
                perimee(&qui, &sujet, &examen, &champs).await
            }
            Fin::Refus(error) => panne(&qui, &sujet, &examen, &error).await,
        }
    });
    task.await.map_err(|error| Erreur::Interne(error.to_string()))?
}

/// What a form of the second step carries, judged again with what is stored now.
async fn relu(sujet: Box<Sujet>, champs: &Champs) -> Result<(Box<Sujet>, Examen), Erreur> {
    let rows = rangees::relire(champs.brut(JUGEES))?;
    let mauvais = || Erreur::Illisible("La page est incomplète.".to_owned());
    let (sujet, lecture) = examen::juger(sujet, rows).await?;
    let Lecture { lignes, notes } = lecture.map_err(|_| mauvais())?;
    let retirer = champs.tous("retirer").filter_map(|cle| sujet.stockee(cle).cloned()).collect();
    Ok((sujet, Examen { lignes, notes, retirer, tapees: None }))
}

/// Why nothing can be stored as it is asked.
fn faute(examen: &Examen, partiel: bool) -> Option<&'static str> {
    let justes = examen.justes().count();
    match examen.bloquees() {
        _ if justes == 0 && examen.retirer.is_empty() => {
            Some("Rien n’a été enregistré\u{a0}: aucune ligne n’est juste.")
        }
        0 => None,
        _ if partiel => None,
        _ => Some(
            "Rien n’a été enregistré\u{a0}: des lignes sont à corriger. Corrigez-les, ou cochez la \
             case pour enregistrer seulement les lignes justes.",
        ),
    }
}

/// Writes in the log what is asked, stores it, writes what was done.
async fn deposer(
    qui: Connecte,
    sujet: Box<Sujet>,
    ordre: Ordre,
) -> Result<(Connecte, Box<Sujet>, Fin), Erreur> {
    let laissees = ordre.laissees;
    // A server that is killed while it stores leaves this trace.
    let demande = Detail::default()
        .mot("etape", "demande")
        .nombre("lignes", nombre(ordre.poser.len()))
        .nombre("a_retirer", nombre(ordre.retirer.len()));
    examen::noter(&qui, &sujet, Action::DepotElements, demande).await?;
    let appli = Arc::clone(qui.appli());
    let stored = au_disque(&appli, move |deposeur| {
        let issue = deposeur.deposer(&Demande {
            siret: sujet.siret(),
            mois: sujet.mois,
            aujourdhui: sujet.aujourdhui,
            referentiel: &sujet.referentiel,
            version: &ordre.version,
            poser: &ordre.poser,
            retirer: &ordre.retirer,
        });
        (sujet, issue)
    });
    let (sujet, issue) = stored.await?;
    let fin = match issue {
        Ok(Issue::Depose(depot)) => {
            let noted =
                examen::noter(&qui, &sujet, Action::DepotElements, fait_de(&depot, laissees));
            let noted = noted.await;
            qui.appli().registre.relire().await;
            noted.map_err(|erreur| sans_trace(&erreur))?;
            Fin::Depose(depot)
        }
        Ok(Issue::Perimee { .. }) => Fin::Perimee,
        Err(error) => Fin::Refus(error),
    };
    Ok((qui, sujet, fin))
}

/// The rows are stored, and the log could not say so: nobody is told that nothing was stored.
fn sans_trace(erreur: &Erreur) -> Erreur {
    eprintln!("paie serve: elements.csv was stored and the log could not be written: {erreur:?}");
    Erreur::Indisponible(
        "Les lignes sont enregistrées, mais le journal n’a pas pu être écrit. Ne recommencez \
         pas\u{a0}: prévenez le service de paie."
            .to_owned(),
    )
}

fn fait_de(depot: &Depot, laissees: usize) -> Detail {
    Detail::default()
        .mot("etape", "fait")
        .nombre("nouvelles", nombre(depot.nouvelles))
        .nombre("corrigees", nombre(depot.corrigees))
        .nombre("retirees", nombre(depot.retirees))
        .nombre("inchangees", nombre(depot.inchangees))
        .nombre("laissees", nombre(laissees))
        .mot("avant", &depot.empreinte_avant)
        .mot("apres", &depot.empreinte_apres)
}

fn nombre(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The agents of a deposit, each once.
fn agents(examen: &Examen) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let changed = examen.justes().filter(|row| row.effet != Effet::Inchangee);
    let changed = changed.map(|row| &row.valeurs);
    for valeurs in changed.chain(examen.retirer.iter().map(|row| &row.valeurs)) {
        let agent = valeurs.get(Colonne::Agent).trim();
        if !found.iter().any(|known| known == agent) {
            found.push(agent.to_owned());
        }
    }
    found
}

/// Somebody stored rows meanwhile. When they are these very ones, they are stored: a button was
/// pressed twice.
async fn perimee(
    qui: &Connecte,
    sujet: &Sujet,
    examen: &Examen,
    champs: &Champs,
) -> Result<Response, Erreur> {
    let demandees = examen.lignes.len() + champs.tous("retirer").count();
    let partiel = champs.un("partiel") == "oui";
    let stored = examen.justes().all(|row| row.effet == Effet::Inchangee);
    let stored = stored && examen.retirer.is_empty() && (partiel || examen.bloquees() == 0);
    if stored && demandees > examen.bloquees() {
        let depot = bilan_nul(sujet, examen.justes().count());
        return fait(qui, sujet, (&depot, examen.bloquees()), &[]);
    }
    let detail = Detail::default().mot("motif", "perimee");
    examen::noter(qui, sujet, Action::DepotRefuse, detail).await?;
    let avant = refus::entre_temps(qui, sujet, champs)?;
    let reponse = Reponse { code: StatusCode::CONFLICT, avant, faute: None };
    examen::page(qui, sujet, examen, reponse).await
}

/// A deposit that had nothing left to do.
fn bilan_nul(sujet: &Sujet, inchangees: usize) -> Depot {
    Depot {
        empreinte_avant: String::new(),
        empreinte_apres: String::new(),
        nouvelles: 0,
        corrigees: 0,
        retirees: 0,
        inchangees,
        version: sujet.actuelles.version.clone(),
    }
}

/// The file could not be written; the page has everything to try again.
async fn panne(
    qui: &Connecte,
    sujet: &Sujet,
    examen: &Examen,
    error: &ErreurDepot,
) -> Result<Response, Erreur> {
    eprintln!("paie serve: {error}");
    let detail = Detail::default().mot("motif", "fichier des éléments");
    examen::noter(qui, sujet, Action::DepotRefuse, detail).await?;
    let code = match error {
        ErreurDepot::Bloquee { .. } | ErreurDepot::Irretirable { .. } => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let reponse = Reponse { code, avant: Markup::default(), faute: Some(error.francais()) };
    examen::page(qui, sujet, examen, reponse).await
}

/// The rows that were not right, to be mended elsewhere.
async fn refusees(qui: &Connecte, sujet: &Sujet, examen: &Examen) -> Result<Response, Erreur> {
    examen::noter(qui, sujet, Action::Export, super::sujet::detail("a_corriger")).await?;
    let nom = format!("a-corriger-{}-{}.csv", sujet.siret(), sujet.mois);
    Ok(telechargement(&nom, "text/csv; charset=utf-8", saisie::refusees(&examen.lignes)))
}

/// Sends the browser to the page of what was done. Its address is sealed: no link made elsewhere
/// can tell that something was stored.
fn fait(
    qui: &Connecte,
    sujet: &Sujet,
    (depot, laissees): (&Depot, usize),
    agents: &[String],
) -> Result<Response, Erreur> {
    let Depot { nouvelles, corrigees, retirees, inchangees, .. } = depot;
    let bilan = format!("{nouvelles}.{corrigees}.{retirees}.{inchangees}.{laissees}");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("bilan", &bilan).append_pair("total", &agents.len().to_string());
    query.extend_pairs(agents.iter().take(NOMMES).map(|agent| ("agent", agent)));
    let texte = query.finish();
    let sceau = jeton::emettre(&qui.session().secret, &scelle(sujet.mois, sujet, &texte))
        .map_err(|error| Erreur::Interne(error.to_string()))?;
    let vers = sujet.adresse(&format!("/enregistre?{texte}&preuve={sceau}"));
    Ok(Redirect::to(&vers).into_response())
}

fn scelle(mois: PayPeriod, sujet: &Sujet, texte: &str) -> String {
    format!("elements {} {mois} {texte}", sujet.siret())
}

/// What was stored.
pub async fn enregistre(
    Path((siret, mois)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    qui: Connecte,
) -> Result<Response, Erreur> {
    let sujet = match Sujet::ouvrir(&qui, &siret, &mois).await? {
        Acces::Ouvert(sujet) => sujet,
        Acces::Ferme(ferme) => return Ok(ferme.page(&qui)?.into_response()),
    };
    let query = query.unwrap_or_default();
    let (texte, sceau) = query.split_once("&preuve=").unwrap_or((&query, ""));
    let attendu = scelle(sujet.mois, &sujet, texte);
    if !jeton::verifier(&qui.session().secret, &attendu, sceau) {
        return Ok(Redirect::to(&sujet.adresse("")).into_response());
    }
    let champs = Champs::lire(texte.as_bytes());
    let corps = html! {
        (bilan(champs.un("bilan")))
        (bulletins(&sujet, &champs))
        @if let Some(pourquoi) = qui.appli().registre.illisible() {
            (alerte(Alerte::Attention, "Les bulletins ne sont pas encore à jour",
                &html! { p { (pourquoi) } }))
        }
        p.actions {
            a.bouton href=(sujet.adresse("")) { "Revenir aux éléments " (sujet.mois.french_of()) }
        }
    };
    Ok(ecran(&qui, &sujet, ("Éléments enregistrés", false), corps)?.into_response())
}

fn bilan(texte: &str) -> Markup {
    let mut counts = texte.split('.').map(|count| count.parse::<usize>().unwrap_or(0));
    let mut next = || counts.next().unwrap_or(0);
    let said = [
        ("Nouvelles", next()),
        ("Corrigées", next()),
        ("Retirées", next()),
        ("Déjà enregistrées, inchangées", next()),
        ("Laissées de côté, à corriger", next()),
    ];
    let done = said.iter().take(3).any(|(_, count)| *count > 0);
    let titre = match done {
        true => "C’est enregistré. Les bulletins en tiennent compte dès maintenant.",
        false => "C’était déjà enregistré\u{a0}: rien n’a changé, rien n’est compté deux fois.",
    };
    let suite = html! {
        ul {
            @for (mot, count) in said.iter().filter(|(_, count)| *count > 0) {
                li { (mot) "\u{a0}: " (count) }
            }
        }
    };
    alerte(Alerte::Succes, titre, &suite)
}

/// Links to the payslips that changed.
fn bulletins(sujet: &Sujet, champs: &Champs) -> Markup {
    let nommes: Vec<&str> = champs.tous("agent").collect();
    let total = champs.un("total").parse::<usize>().unwrap_or(0);
    let autres = total.saturating_sub(nommes.len());
    let contrats = sujet.presents().filter(|known| nommes.contains(&known.agent.as_str()));
    let liens: Vec<Lien> = contrats
        .map(|known| {
            let texte = format!("{} {} ({})", known.nom, known.prenom, known.contrat);
            Lien::new(texte, sujet.bulletin(&known.agent, &known.contrat))
        })
        .collect();
    html! {
        @if !liens.is_empty() {
            section {
                h2 { "Bulletins à voir" }
                ul { @for lien in &liens { li { a href=(lien.href) { (lien.texte) } } } }
                @if autres > 0 { p { "Et les bulletins d’autres agents\u{a0}: " (autres) "." } }
            }
        } @else if total > 0 {
            (vide("Ces agents n’ont pas de jour de présence ce mois-ci.", None))
        }
    }
}
