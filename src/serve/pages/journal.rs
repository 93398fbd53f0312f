//! The log: who did what, when, about whom; its proof; its table for spreadsheets.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::secrets::{Erreurs, employeurs};
use crate::calendar::Day;
use crate::domain::Siret;
use crate::serve::base::{Action, BaseError, Chaine, Detail, Entree, Filtre, Ligne};
use crate::serve::droits::Droit;
use crate::serve::html::{
    self as composants, Alerte, Champ, Choix, Colonne, Formulaire, Genre, Lien, Page, alerte,
    boutons, champ_texte, choix, formulaire, groupe, page, tableau, vide,
};
use crate::serve::web::horloge::{debut, lisible};
use crate::serve::web::{Champs, Connecte, Erreur, Partage, Soumis, telechargement};

const VERIFIER: &str = "/journal/verifier";
const EXPORT: &str = "/journal/export.csv";

/// Entries on a page.
const PAR_PAGE: u32 = 100;

/// Letters of a detail from which it is a digest, which may be cut anywhere.
const EMPREINTE: usize = 40;

/// The fewest digits of a noted digest.
const CHIFFRES: usize = 16;

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/journal", get(voir))
        .route(EXPORT, get(exporter))
        .route(VERIFIER, post(verifier))
}

/// What is looked for, as it was typed.
struct Demande {
    champs: Champs,
    filtre: Filtre,
    erreurs: Erreurs,
}

impl Demande {
    fn lire(qui: &Connecte, query: Option<String>) -> Result<Self, Erreur> {
        let champs = Champs::lire(query.unwrap_or_default().as_bytes());
        let (mut filtre, mut erreurs) = (Filtre::default(), Erreurs::default());
        let compte = champs.un("compte");
        if !compte.is_empty() {
            match qui.appli().base.compte_de(compte)? {
                Some(compte) => filtre.compte = Some(compte.id),
                None => erreurs.ajouter("compte", "Aucun compte n’a cet identifiant."),
            }
        }
        let siret = champs.un("siret");
        if !siret.is_empty() {
            filtre.siret = Siret::parse(siret);
            if filtre.siret.is_none() {
                erreurs.ajouter("siret", "Un SIRET a 14 chiffres.");
            }
        }
        let action = champs.un("action");
        if !action.is_empty() {
            filtre.action = Action::from_name(action);
            if filtre.action.is_none() {
                erreurs.ajouter("action", "Choisissez une action de la liste.");
            }
        }
        filtre.agent = Some(champs.un("agent").to_owned()).filter(|agent| !agent.is_empty());
        let mut jour = |champ| {
            let texte = champs.un(champ);
            let jour = Day::parse(texte).ok();
            if jour.is_none() && !texte.is_empty() {
                erreurs.ajouter(champ, "Écrivez le jour ainsi\u{a0}: 2026-11-30.");
            }
            jour
        };
        filtre.depuis = jour("du").map(debut);
        // The last day is included.
        filtre.jusqu = jour("au").map(|jour| debut(jour.next()));
        Ok(Self { champs, filtre, erreurs })
    }

    /// The query of another page of the same search.
    fn query(&self, avant: Option<i64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for nom in ["compte", "siret", "agent", "action", "du", "au"] {
            let valeur = self.champs.un(nom);
            if !valeur.is_empty() {
                query.append_pair(nom, valeur);
            }
        }
        if let Some(avant) = avant {
            query.append_pair("avant", &avant.to_string());
        }
        query.finish()
    }

    /// An entry that says what was looked for: who reads the log is in it.
    fn entree(&self, qui: &Connecte, action: Action) -> Entree {
        let mut detail = Detail::default();
        for nom in ["compte", "action", "du", "au"] {
            let valeur = self.champs.un(nom);
            if !valeur.is_empty() {
                detail = detail.mot(nom, valeur);
            }
        }
        let mut entree = qui.entree(action).detail(detail);
        if let Some(siret) = self.filtre.siret {
            entree = entree.employeur(siret);
        }
        match &self.filtre.agent {
            Some(agent) => entree.agent(agent),
            None => entree,
        }
    }
}

async fn voir(qui: Connecte, RawQuery(query): RawQuery) -> Result<Response, Erreur> {
    qui.exige(Droit::LireJournal)?;
    let demande = Demande::lire(&qui, query)?;
    let avant = demande.champs.un("avant").parse::<i64>().ok();
    let lignes = match demande.erreurs.aucune() {
        true => {
            qui.noter(demande.entree(&qui, Action::ConsultationJournal)).await?;
            qui.appli().base.journal(&demande.filtre, avant, PAR_PAGE)?
        }
        false => Vec::new(),
    };
    let corps = html! {
        (demande.erreurs.resume())
        p {
            "Chaque consultation d’une paie et chaque changement y est écrit, et n’y change plus. \
             Les entrées sont gardées " (qui.appli().conservation.mois()) " mois."
        }
        (filtres(&demande))
        (resultats(&qui, &demande, avant, &lignes))
        (verification(&qui, &Erreurs::default(), "")?)
    };
    let document = ecran(&qui, !demande.erreurs.aucune(), html! {}, corps)?;
    let code = match demande.erreurs.aucune() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((code, document).into_response())
}

fn ecran(
    qui: &Connecte,
    en_erreur: bool,
    alertes: Markup,
    corps: Markup,
) -> Result<Markup, Erreur> {
    Ok(page(Page {
        titre: "Journal",
        compte: Some(&qui.entete()?),
        courant: "/journal",
        alertes,
        en_erreur,
        corps,
        ..Page::default()
    }))
}

fn filtres(demande: &Demande) -> Markup {
    let champ = |nom: &'static str, libelle: &'static str, genre: Genre| {
        champ_texte(&Champ {
            nom,
            libelle,
            valeur: demande.champs.un(nom),
            erreur: demande.erreurs.de(nom),
            genre,
            autocompletion: "off",
            ..Champ::default()
        })
    };
    let actions = Action::ALL.map(|action| Choix::new(action.name(), action.french()));
    let contenu = html! {
        (champ("compte", "Identifiant du compte", Genre::Texte))
        (champ("siret", "SIRET de l’employeur", Genre::Texte))
        (champ("agent", "Numéro de l’agent", Genre::Texte))
        (choix(&Champ {
            nom: "action",
            libelle: "Action",
            valeur: demande.champs.un("action"),
            erreur: demande.erreurs.de("action"),
            ..Champ::default()
        }, &actions))
        (champ("du", "Du", Genre::Jour))
        (champ("au", "Au, inclus", Genre::Jour))
    };
    html! {
        form.formulaire role="search" method="get" action="/journal" novalidate {
            (groupe("Chercher dans le journal", &contenu))
            (boutons("Chercher", Some("/journal")))
        }
    }
}

fn resultats(qui: &Connecte, demande: &Demande, avant: Option<i64>, lignes: &[Ligne]) -> Markup {
    let noms = employeurs(qui);
    let colonnes =
        ["Entrée", "Quand", "Compte", "Action", "Sur", "Précisions", "Adresse"].map(Colonne::texte);
    let rangees: Vec<Vec<Markup>> = lignes.iter().map(|ligne| rangee(ligne, &noms)).collect();
    let pleine = u32::try_from(lignes.len()).is_ok_and(|nombre| nombre >= PAR_PAGE);
    let suite = lignes.last().filter(|_| pleine).map(|ligne| ligne.numero);
    let tout = Lien::new("Voir tout le journal", "/journal");
    html! {
        @if rangees.is_empty() && demande.erreurs.aucune() {
            (vide("Aucune entrée ne correspond.", Some(&tout)))
        }
        @if !rangees.is_empty() {
            (tableau("Entrées, la plus récente d’abord", &colonnes, &rangees))
            nav.pagination aria-label="Pages du journal" {
                ul {
                    @if avant.is_some() {
                        li { a href={ "/journal?" (demande.query(None)) } { "Les plus récentes" } }
                    }
                    @if suite.is_some() {
                        li {
                            a rel="next" href={ "/journal?" (demande.query(suite)) } {
                                "Plus anciennes"
                            }
                        }
                    }
                }
            }
            p {
                a.bouton.second href={ (EXPORT) "?" (demande.query(None)) } {
                    "Exporter ces entrées (CSV)"
                }
            }
        }
    }
}

fn rangee(ligne: &Ligne, noms: &BTreeMap<Siret, String>) -> Vec<Markup> {
    let siret = ligne.siret.as_deref().unwrap_or_default();
    let nom = Siret::parse(siret).and_then(|siret| noms.get(&siret)).map_or(siret, String::as_str);
    vec![
        html! { (ligne.numero) },
        html! { (lisible(ligne.quand)) },
        html! {
            @if ligne.identifiant.is_empty() { "Inconnu" } @else { (ligne.identifiant) }
            " " span.precision { (ligne.role) }
        },
        html! { (ligne.action) },
        html! {
            (nom)
            @if let Some(agent) = &ligne.agent { " " span.precision { "Agent " (agent) } }
            @if let Some(mois) = &ligne.mois {
                " " span.precision { (composants::mois_fr(mois)) }
            }
        },
        details(&ligne.detail),
        html! { (ligne.adresse) },
    ]
}

/// `{"compte":"rh"}` as `compte : rh`; what is no such text is shown as it is.
fn details(json: &str) -> Markup {
    let Ok(serde_json::Value::Object(champs)) = serde_json::from_str(json) else {
        return html! { (json) };
    };
    let valeur = |valeur: &serde_json::Value| match valeur {
        serde_json::Value::String(texte) => texte.clone(),
        autre => autre.to_string(),
    };
    html! {
        @for (rang, (cle, lue)) in champs.iter().enumerate() {
            @if rang > 0 { ", " }
            @let texte = valeur(lue);
            (cle.replace('_', " ")) "\u{a0}: "
            @if texte.len() < EMPREINTE { (texte) } @else { code { (texte) } }
        }
    }
}

fn verification(qui: &Connecte, erreurs: &Erreurs, note: &str) -> Result<Markup, Erreur> {
    let jeton = qui.jeton(VERIFIER)?;
    let contenu = html! {
        (champ_texte(&Champ {
            nom: "note",
            libelle: "Empreinte notée lors d’une vérification précédente",
            aide: "Elle doit toujours figurer dans le journal\u{a0}: c’est ce qui montre qu’il n’a \
                   pas été réécrit en entier.",
            valeur: note,
            erreur: erreurs.de("note"),
            autocompletion: "off",
            ..Champ::default()
        }))
        (boutons("Vérifier la chaîne", None))
    };
    Ok(html! {
        section {
            h2 { "Vérifier le journal" }
            p {
                "Chaque entrée porte l’empreinte de la précédente\u{a0}: une entrée modifiée ou \
                 retirée se voit."
            }
            (formulaire(
                &Formulaire { action: VERIFIER, jeton: &jeton, multipart: false },
                &contenu,
            ))
        }
    })
}

/// A digest as it was noted, its number before or not: none when it is no digest.
fn empreinte(note: &str) -> Option<String> {
    let chiffres = note.rsplit('-').next().unwrap_or_default();
    let hexa = chiffres.bytes().all(|octet| octet.is_ascii_hexdigit());
    let longueur = (CHIFFRES..=64).contains(&chiffres.len());
    (hexa && longueur).then(|| chiffres.to_ascii_lowercase())
}

async fn verifier(soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    qui.exige(Droit::LireJournal)?;
    let note = champs.un("note");
    let voulue = empreinte(note);
    if voulue.is_none() && !note.is_empty() {
        let message = "Tapez les 64 chiffres de l’empreinte, ou au moins les 16 premiers.";
        let erreurs = Erreurs::une("note", message);
        let corps = html! { (erreurs.resume()) (verification(qui, &erreurs, note)?) };
        let document = ecran(qui, true, html! {}, corps)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, document).into_response());
    }
    // Written first: the digest that is shown covers this very check.
    qui.noter(qui.entree(Action::VerificationJournal)).await?;
    let appli = Arc::clone(qui.appli());
    let verdict = a_part(move || appli.base.verifier(voulue.as_deref())).await?;
    let corps = html! {
        (verification(qui, &Erreurs::default(), note)?)
        p { a href="/journal" { "Revenir au journal" } }
    };
    Ok(ecran(qui, false, dire(&verdict), corps)?.into_response())
}

fn dire(verdict: &Chaine) -> Markup {
    match verdict {
        Chaine::Entiere { premiere, derniere, empreinte } => {
            let corps = html! {
                p {
                    "Les entrées " (premiere) " à " (derniere)
                    " sont telles qu’elles ont été écrites."
                }
                p { "Empreinte à noter ailleurs, pour la prochaine vérification\u{a0}:" }
                p { code { (derniere) "-" (empreinte) } }
            };
            alerte(Alerte::Succes, "Le journal est intact", &corps)
        }
        Chaine::Rompue { numero, pourquoi } => {
            let corps = html! {
                p { "À l’entrée " (numero) "\u{a0}: " (pourquoi.french()) "." }
                p {
                    "Mettez ce fichier de côté, cherchez qui a pu l’écrire, et reprenez la \
                     dernière copie qui se vérifie."
                }
            };
            alerte(Alerte::Erreur, "Le journal a été modifié", &corps)
        }
    }
}

/// Does what takes long away from the threads of pages.
async fn a_part<T: Send + 'static>(
    travail: impl FnOnce() -> Result<T, BaseError> + Send + 'static,
) -> Result<T, Erreur> {
    let fait = tokio::task::spawn_blocking(travail).await;
    Ok(fait.map_err(|error| Erreur::Interne(error.to_string()))??)
}

async fn exporter(qui: Connecte, RawQuery(query): RawQuery) -> Result<Response, Erreur> {
    qui.exige(Droit::LireJournal)?;
    let demande = Demande::lire(&qui, query)?;
    if !demande.erreurs.aucune() {
        return Err(Erreur::Illisible("La recherche n’est pas valable.".to_owned()));
    }
    qui.noter(demande.entree(&qui, Action::ExportJournal)).await?;
    let (appli, filtre) = (Arc::clone(qui.appli()), demande.filtre);
    let table = a_part(move || {
        let mut table = Vec::new();
        appli.base.exporter_journal(&filtre, &mut table)?;
        Ok(table)
    });
    Ok(telechargement("journal.csv", "text/csv; charset=utf-8", table.await?))
}

#[cfg(test)]
mod tests;
