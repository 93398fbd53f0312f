//! The first step: rows are read and judged, one by one; the page says what is wrong, what the
//! others would do, and nothing is stored.

mod apercu;
mod lignes;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::serve::base::{Action, Detail};
use crate::serve::html::{Alerte, Champ, Formulaire, alerte, case, formulaire, resume_erreurs};
use crate::serve::saisie::{
    Constat, Effet, Lecture, LigneJugee, LigneStockee, Valeurs, lire, lire_formulaire,
};
use crate::serve::web::{Connecte, Envoi, Erreur, horloge};

use super::formulaire::{Fautes, envoi, saisie};
use super::rangees::{self, JUGEES, NOMBRE, RANGEES, RANGEES_MAX};
use super::sujet::{Acces, Sujet};
use super::{constats, ecran, refus};

/// The rows of a file that are few enough to be mended in a form.
const A_CORRIGER_ICI: usize = 20;

/// Rows that were judged, and rows to withdraw.
#[derive(Default)]
pub struct Examen {
    /// In the order of the file.
    pub lignes: Vec<LigneJugee>,
    /// What is said of the file.
    pub notes: Vec<Constat>,
    /// Stored rows to withdraw.
    pub retirer: Vec<LigneStockee>,
    /// Rows as the form showed them; none: they come from a file.
    pub tapees: Option<Vec<(u32, Valeurs)>>,
}

impl Examen {
    /// The rows that can be stored.
    pub fn justes(&self) -> impl Iterator<Item = &LigneJugee> {
        self.lignes.iter().filter(|row| !row.est_bloquee())
    }

    /// How many cannot.
    pub fn bloquees(&self) -> usize {
        self.lignes.iter().filter(|row| row.est_bloquee()).count()
    }

    /// Whether storing would change anything.
    fn change(&self) -> bool {
        !self.retirer.is_empty() || self.justes().any(|row| row.effet != Effet::Inchangee)
    }
}

/// How a page of judged rows is answered.
pub struct Reponse {
    /// Its status.
    pub code: StatusCode,
    /// What comes first.
    pub avant: Markup,
    /// Why nothing was stored, when the person asked for it.
    pub faute: Option<String>,
}

/// Reads and judges what is sent.
pub async fn verifier(
    Path((siret, mois)): Path<(String, String)>,
    envoi: Envoi,
) -> Result<Response, Erreur> {
    let (qui, champs, fichier) = match envoi {
        Envoi::Recu { qui, champs, fichier } => (qui, champs, fichier),
        Envoi::AutreSession { qui, champs } => {
            return refus::autre_session(&qui, (&siret, &mois), &champs).await;
        }
        Envoi::SansSession { champs } => {
            return Ok(refus::sans_session((&siret, &mois), "verifier", &champs));
        }
    };
    let sujet = match Sujet::ouvrir(&qui, &siret, &mois).await? {
        Acces::Ouvert(sujet) => sujet,
        Acces::Ferme(ferme) => return refus::ferme(&qui, &ferme),
    };
    let tapees = rangees::tapees(&champs);
    if champs.un("geste") == "plus" {
        return plus(&qui, &sujet, tapees);
    }
    let retirer: Vec<LigneStockee> =
        champs.tous("retirer").filter_map(|cle| sujet.stockee(cle).cloned()).collect();
    let jugees = rangees::relire(champs.brut(JUGEES))?;
    let (sujet, lecture) = if let Some((_, octets)) = fichier {
        ailleurs(sujet, move |sujet| lire(&octets, &sujet.contexte())).await?
    } else if !champs.un(NOMBRE).is_empty() {
        let rows = rangees::comprises(&tapees, &sujet);
        ailleurs(sujet, move |sujet| lire_formulaire(rows, &sujet.contexte())).await?
    } else if jugees.is_empty() && champs.un("retirer").is_empty() {
        let faute = "Choisissez un fichier\u{a0}: aucun n’a été envoyé. Rien n’a été enregistré.";
        return fichier_refuse(
            &qui,
            &sujet,
            &[Constat {
                code: None,
                bloquant: true,
                champ: None,
                message: faute.to_owned(),
                remede: String::new(),
            }],
        );
    } else {
        juger(sujet, jugees).await?
    };
    let lecture = match lecture {
        Ok(lecture) => lecture,
        Err(pourquoi) => {
            let lus = Detail::default().mot("motif", "fichier");
            noter(&qui, &sujet, Action::DepotRefuse, lus).await?;
            return match champs.un(NOMBRE).is_empty() {
                true => fichier_refuse(&qui, &sujet, &pourquoi),
                false => formulaire_refuse(&qui, &sujet, &tapees, &pourquoi),
            };
        }
    };
    let du_formulaire = !champs.un(NOMBRE).is_empty();
    let Lecture { lignes, notes } = lecture;
    let tapees = du_formulaire.then_some(tapees);
    conclure(&qui, &sujet, Examen { lignes, notes, retirer, tapees }).await
}

/// The page of what was just judged.
async fn conclure(qui: &Connecte, sujet: &Sujet, examen: Examen) -> Result<Response, Erreur> {
    if examen.lignes.is_empty() && examen.retirer.is_empty() {
        let disparue = "Rien à enregistrer\u{a0}: aucune ligne n’est remplie, ou la ligne à \
                        retirer n’est plus là.";
        let constat = Constat {
            code: None,
            bloquant: true,
            champ: None,
            message: disparue.to_owned(),
            remede: "Revenez à la liste, qui est à jour.".to_owned(),
        };
        return fichier_refuse(qui, sujet, &[constat]);
    }
    let code = match examen.bloquees() {
        0 => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page(qui, sujet, &examen, Reponse { code, avant: Markup::default(), faute: None }).await
}

/// Judges rows that were judged before; none: there is nothing to judge.
pub async fn juger(
    sujet: Box<Sujet>,
    rows: Vec<(u32, Valeurs)>,
) -> Result<(Box<Sujet>, Result<Lecture, Vec<Constat>>), Erreur> {
    if rows.is_empty() {
        return Ok((sujet, Ok(Lecture { lignes: Vec::new(), notes: Vec::new() })));
    }
    ailleurs(sujet, move |sujet| lire_formulaire(rows, &sujet.contexte())).await
}

/// Judges thousands of rows where it holds no other request.
async fn ailleurs(
    sujet: Box<Sujet>,
    travail: impl FnOnce(&Sujet) -> Result<Lecture, Vec<Constat>> + Send + 'static,
) -> Result<(Box<Sujet>, Result<Lecture, Vec<Constat>>), Erreur> {
    let done = tokio::task::spawn_blocking(move || {
        let lecture = travail(&sujet);
        (sujet, lecture)
    });
    done.await.map_err(|error| Erreur::Interne(error.to_string()))
}

/// Writes an entry about the month in the log.
pub async fn noter(
    qui: &Connecte,
    sujet: &Sujet,
    action: Action,
    detail: Detail,
) -> Result<(), Erreur> {
    let entree = qui.entree(action).employeur(sujet.siret()).mois(sujet.mois);
    qui.noter(entree.detail(detail)).await
}

/// The form again with more rows.
fn plus(
    qui: &Connecte,
    sujet: &Sujet,
    mut tapees: Vec<(u32, Valeurs)>,
) -> Result<Response, Erreur> {
    let combien = tapees.len().saturating_add(RANGEES).min(RANGEES_MAX);
    let suite = (1_u32..).take(combien).skip(tapees.len());
    tapees.extend(suite.map(|numero| (numero, Valeurs::default())));
    let corps = saisie(qui, sujet, &tapees, &Vec::new())?;
    Ok(ecran(qui, sujet, ("Ajouter des éléments", false), corps)?.into_response())
}

/// A file that is refused as a whole, and the form to send another.
fn fichier_refuse(qui: &Connecte, sujet: &Sujet, quoi: &[Constat]) -> Result<Response, Erreur> {
    let corps = html! {
        (alerte(Alerte::Erreur, "Rien n’a été enregistré", &constats(quoi)))
        section { h2 { "Envoyer un autre fichier" } (envoi(qui, sujet)?) }
        p { a href=(sujet.adresse("")) { "Revenir aux éléments " (sujet.mois.french_of()) } }
    };
    let page = ecran(qui, sujet, ("Fichier refusé", true), corps)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// A form that is refused as a whole, as it was typed.
fn formulaire_refuse(
    qui: &Connecte,
    sujet: &Sujet,
    tapees: &[(u32, Valeurs)],
    quoi: &[Constat],
) -> Result<Response, Erreur> {
    let corps = html! {
        (alerte(Alerte::Erreur, "Rien n’a été enregistré", &constats(quoi)))
        (saisie(qui, sujet, tapees, &Vec::new())?)
    };
    let page = ecran(qui, sujet, ("Ajouter des éléments", true), corps)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The page of judged rows: those that are wrong first, then what the others would do, then the
/// form that stores them.
pub async fn page(
    qui: &Connecte,
    sujet: &Sujet,
    examen: &Examen,
    reponse: Reponse,
) -> Result<Response, Erreur> {
    let bloquees = examen.bloquees();
    let nombre = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let detail = Detail::default()
        .mot("quoi", "elements")
        .nombre("lignes", nombre(examen.lignes.len()))
        .nombre("bloquees", nombre(bloquees))
        .nombre("a_retirer", nombre(examen.retirer.len()));
    noter(qui, sujet, Action::Simulation, detail).await?;
    let apercu = apercu::apercu(sujet, examen).await?;
    let fautes: Vec<(&str, &str)> =
        reponse.faute.iter().map(|faute| ("", faute.as_str())).collect();
    let corps = html! {
        (resume_erreurs(&fautes))
        (reponse.avant)
        (bilan(examen))
        @if !examen.notes.is_empty() {
            (alerte(Alerte::Information, "À propos du fichier", &constats(&examen.notes)))
        }
        (lignes::bloquees(sujet, examen))
        (lignes::justes(sujet, examen))
        (lignes::retirees(sujet, examen))
        (apercu)
        (confirmation(qui, sujet, examen)?)
        (correction(qui, sujet, examen)?)
        p { a href=(sujet.adresse("")) { "Abandonner et revenir à la liste" } }
    };
    let en_erreur = !reponse.code.is_success();
    let page = ecran(qui, sujet, ("Vérification des éléments", en_erreur), corps)?;
    Ok((reponse.code, page).into_response())
}

fn bilan(examen: &Examen) -> Markup {
    let (justes, bloquees) = (examen.justes().count(), examen.bloquees());
    let (genre, titre) = match (bloquees, examen.change()) {
        (0, true) => (Alerte::Information, "Tout est juste. Rien n’est encore enregistré."),
        (0, false) => (Alerte::Information, "Tout est déjà enregistré\u{a0}: rien à changer."),
        _ => (Alerte::Erreur, "Des lignes sont à corriger. Rien n’est enregistré."),
    };
    let suite = html! {
        p {
            "Lignes lues\u{a0}: " (examen.lignes.len()) ". Justes\u{a0}: " (justes)
            ". À corriger\u{a0}: " (bloquees) "."
            @if !examen.retirer.is_empty() { " À retirer\u{a0}: " (examen.retirer.len()) "." }
        }
    };
    alerte(genre, titre, &suite)
}

/// The form of the second step: it carries what was judged, and at which version.
fn confirmation(qui: &Connecte, sujet: &Sujet, examen: &Examen) -> Result<Markup, Erreur> {
    let (justes, bloquees) = (examen.justes().count(), examen.bloquees());
    let possible = examen.change();
    if !possible && bloquees == 0 {
        return Ok(Markup::default());
    }
    let action = sujet.adresse("/enregistrer");
    let jeton = qui.jeton(&action)?;
    let partiel = format!(
        "Enregistrer les lignes justes ({justes}) et laisser celles à corriger ({bloquees})"
    );
    let corps = html! {
        (portes(sujet, examen))
        @if bloquees > 0 && possible {
            (case(&Champ { nom: "partiel", libelle: &partiel, requis: true, ..Champ::default() },
                false))
        }
        div.boutons {
            @if possible {
                button.bouton type="submit" {
                    @match (justes, examen.retirer.len()) {
                        (0, _) => "Retirer",
                        (1, 0) => "Enregistrer la ligne",
                        (_, 0) => { "Enregistrer les " (justes) " lignes" }
                        _ => "Enregistrer",
                    }
                }
            }
            @if bloquees > 0 {
                button.bouton.second type="submit" name="geste" value="refusees" {
                    "Télécharger les lignes à corriger (CSV)"
                }
            }
        }
    };
    let corps = formulaire(&Formulaire { action: &action, jeton: &jeton, multipart: true }, &corps);
    Ok(html! { section { h2 { "Enregistrer" } (corps) } })
}

/// What a form of the second step carries without showing it.
fn portes(sujet: &Sujet, examen: &Examen) -> Markup {
    html! {
        input type="hidden" name="version" value=(sujet.actuelles.version.as_str());
        input type="hidden" name="vues" value=(refus::vues(sujet));
        input type="hidden" name="vu_le" value=(horloge::maintenant());
        input type="hidden" name=(JUGEES) value=(rangees::ecrire(&examen.lignes));
        @for row in &examen.retirer { input type="hidden" name="retirer" value=(row.cle); }
    }
}

/// The rows in a form, to be mended in the page, when they are few.
fn correction(qui: &Connecte, sujet: &Sujet, examen: &Examen) -> Result<Markup, Erreur> {
    let bloquees = examen.bloquees();
    let ici = examen.tapees.is_some() || examen.lignes.len() <= A_CORRIGER_ICI;
    if examen.lignes.is_empty() || !ici || (examen.tapees.is_none() && bloquees == 0) {
        return Ok(Markup::default());
    }
    let rows: Vec<(u32, Valeurs)> = match &examen.tapees {
        Some(tapees) => tapees.clone(),
        None => {
            let each = examen.lignes.iter();
            each.map(|row| (row.numero, rangees::montree(&row.valeurs, sujet))).collect()
        }
    };
    let fautes = fautes(examen, &rows);
    Ok(html! {
        section {
            h2 { @if bloquees > 0 { "Corriger ici" } @else { "Modifier avant d’enregistrer" } }
            (saisie(qui, sujet, &rows, &fautes)?)
        }
    })
}

/// What is wrong with each field of a form of these rows.
fn fautes(examen: &Examen, rows: &[(u32, Valeurs)]) -> Fautes {
    let mut found = Vec::new();
    for (place, (numero, _)) in (1_u32..).zip(rows) {
        let judged = examen.lignes.iter().find(|row| row.numero == *numero);
        for constat in judged.iter().flat_map(|row| lignes::bloquants(row)) {
            if let Some(column) = constat.champ {
                let said = format!("{} {}", constat.message, constat.remede);
                found.push((rangees::champ(column, place), said));
            }
        }
    }
    found
}
