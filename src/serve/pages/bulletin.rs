//! A payslip: on the screen, to print, as data; and why a line of it has its amount.

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::commun::au_dessus;
use super::lieu::{BULLETIN, Lieu};
use crate::bulletin::{self, Cents, Remarque};
use crate::calendar::PayPeriod;
use crate::explain::ExplainTarget;
use crate::preview::Carried;
use crate::serve::base::{Action, Detail};
use crate::serve::html::{
    self as composants, Alerte, Colonne, Etat, Lien, Page, Tirage, alerte, etiquette, montant,
    onglets, page, tableau,
};
use crate::serve::registre::{Chez, EtatMois, Feuille, LigneExpliquee, RappelExplique};
use crate::serve::web::horloge::lisible_rfc;
use crate::serve::web::{Connecte, Erreur, Partage, telechargement};

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route(BULLETIN, get(ecran))
        .route(&format!("{BULLETIN}/imprimer"), get(imprimer))
        .route(&format!("{BULLETIN}/bulletin.json"), get(json))
        .route(&format!("{BULLETIN}/ligne/{{rubrique}}"), get(ligne))
        .route(&format!("{BULLETIN}/rappel/{{origine}}/{{rubrique}}"), get(rappel))
}

// --- the payslip ---------------------------------------------------------------------------------

async fn ecran(qui: Connecte, lieu: Lieu) -> Result<Markup, Erreur> {
    let chez = qui.chez(&lieu.siret)?;
    let feuille = chez.feuille(lieu.qui(), lieu.mois).await?;
    noter(&qui, &chez, &lieu, Action::ConsultationBulletin, "écran").await?;
    let agent = nom_de(&feuille);
    let titre = format!("Bulletin de {agent}, {}", lieu.mois.french());
    let corps = match &feuille.bulletin {
        Some(bulletin) => composants::bulletin(bulletin, tirage(&feuille), |ligne| {
            Some(lieu.ligne(&ligne.rubrique))
        }),
        None => sans_bulletin(&feuille.empechements, lieu.mois),
    };
    Ok(page(Page {
        titre: &titre,
        chapeau: chapeau(&feuille),
        actions: actions(&feuille, &lieu, chez.ouvert()),
        compte: Some(&qui.entete()?),
        fil: &lieu.fil(&qui, &chez, &agent),
        courant: au_dessus(&qui).0,
        corps: html! {
            (contrats(&feuille, &lieu))
            (mois_voisins(&feuille, &lieu))
            (corps)
            @if feuille.bulletin.is_some() { (totaux_expliques(&lieu)) }
        },
        ..Page::default()
    }))
}

/// The payslip alone, for paper.
async fn imprimer(qui: Connecte, lieu: Lieu) -> Result<Markup, Erreur> {
    let chez = qui.chez(&lieu.siret)?;
    let feuille = chez.feuille(lieu.qui(), lieu.mois).await?;
    let bulletin = feuille.bulletin.as_ref().ok_or(Erreur::Introuvable)?;
    noter(&qui, &chez, &lieu, Action::ConsultationBulletin, "impression").await?;
    let titre = format!("Bulletin de {}, {}", nom_de(&feuille), lieu.mois.french());
    let retour = Lien::new("Revenir au bulletin", lieu.chemin());
    let corps = composants::bulletin(bulletin, tirage(&feuille), |_| None);
    Ok(composants::feuille(&titre, &retour, &corps))
}

/// Only a closed month is what was paid; the sheet says so, for it may be printed and kept.
fn tirage(feuille: &Feuille) -> Tirage {
    match feuille.mois.etat {
        EtatMois::Clos => Tirage::Definitif,
        _ => Tirage::Apercu,
    }
}

/// The payslip as data.
async fn json(qui: Connecte, lieu: Lieu) -> Result<Response, Erreur> {
    let chez = qui.chez(&lieu.siret)?;
    let feuille = chez.feuille(lieu.qui(), lieu.mois).await?;
    let bulletin = feuille.bulletin.as_ref().ok_or(Erreur::Introuvable)?;
    noter(&qui, &chez, &lieu, Action::Export, "bulletin.json").await?;
    let text = bulletin::json(bulletin).map_err(|error| Erreur::Interne(error.to_string()))?;
    let plain = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let (agent, contrat) = (plain(&lieu.agent), plain(&lieu.contrat));
    let nom = format!("bulletin-{}-{agent}-{contrat}.json", lieu.mois);
    Ok(telechargement(&nom, "application/json", text.into_bytes()))
}

/// Writes in the log who sees which payslip, and in which form.
async fn noter(
    qui: &Connecte,
    chez: &Chez,
    lieu: &Lieu,
    action: Action,
    forme: &str,
) -> Result<(), Erreur> {
    let entree = qui.entree(action).employeur(chez.siret()).agent(&lieu.agent).mois(lieu.mois);
    let detail = Detail::default().mot("contrat", &lieu.contrat).mot("forme", forme);
    qui.noter(entree.detail(detail)).await
}

fn nom_de(feuille: &Feuille) -> String {
    format!("{} {}", feuille.prenom, feuille.nom)
}

fn chapeau(feuille: &Feuille) -> Markup {
    let (etat, texte) = match feuille.mois.etat {
        EtatMois::Ouvert => {
            (Etat::Ouvert, "Aperçu calculé à l’instant\u{a0}: rien n’est encore payé.")
        }
        EtatMois::Prepare => (
            Etat::Prepare,
            "La paie du mois est préparée\u{a0}; cet aperçu est calculé à l’instant.",
        ),
        EtatMois::Valide => {
            (Etat::Valide, "La paie du mois est validée\u{a0}; cet aperçu est calculé à l’instant.")
        }
        EtatMois::Clos => (Etat::Clos, "Le bulletin tel qu’il a été payé."),
    };
    let clos = feuille.mois.par.as_ref().filter(|_| feuille.mois.etat == EtatMois::Clos);
    html! {
        (etiquette(etat)) span { (texte) }
        @if let Some((par, quand)) = clos {
            span { "Clos par " (par) ", le " (lisible_rfc(quand)) "." }
        }
    }
}

fn actions(feuille: &Feuille, lieu: &Lieu, ouvert: PayPeriod) -> Markup {
    let simulable = lieu.mois == ouvert && feuille.mois.etat != EtatMois::Clos;
    html! {
        @if feuille.bulletin.is_some() {
            @if simulable { a.bouton href=(lieu.sous("simuler")) { "Simuler un changement" } }
            a.bouton.second href=(lieu.sous("imprimer")) { "Imprimer" }
            a.bouton.second href=(lieu.sous("bulletin.json")) download { "Télécharger (JSON)" }
        }
    }
}

/// The other contracts of the agent here.
fn contrats(feuille: &Feuille, lieu: &Lieu) -> Markup {
    let lien = |contrat: &String| {
        Lien::new(format!("Contrat {contrat}"), lieu.au_contrat(contrat).chemin())
    };
    let liens: Vec<Lien> = feuille.contrats.iter().map(lien).collect();
    html! {
        @if liens.len() > 1 { (onglets("Contrats de l’agent", &liens, &lieu.chemin())) }
    }
}

fn mois_voisins(feuille: &Feuille, lieu: &Lieu) -> Markup {
    let lien = |mois: PayPeriod, rel: &str, fleche: &str, sens: &str| {
        html! {
            li {
                a rel=(rel) href=(lieu.au_mois(mois).chemin()) {
                    @if rel == "prev" { span aria-hidden="true" { (fleche) } }
                    span.lu { (sens) "\u{a0}: " } (mois.french())
                    @if rel == "next" { span aria-hidden="true" { (fleche) } }
                }
            }
        }
    };
    html! {
        @if feuille.avant.is_some() || feuille.apres.is_some() {
            nav.pagination aria-label="Autres mois de ce contrat" {
                ul {
                    @if let Some(mois) = feuille.avant {
                        (lien(mois, "prev", "←\u{a0}", "Mois précédent"))
                    }
                    @if let Some(mois) = feuille.apres {
                        (lien(mois, "next", "\u{a0}→", "Mois suivant"))
                    }
                }
            }
        }
    }
}

/// What is told in the place of a payslip.
fn sans_bulletin(empechements: &[Remarque], mois: PayPeriod) -> Markup {
    if empechements.is_empty() {
        let titre = format!("Pas de bulletin en {}", mois.french());
        let corps = html! {
            "Ce contrat n’a aucun jour dans ce mois, et rien ne lui est dû pour un mois d’avant. \
             Si l’agent a travaillé, vérifiez les dates de sa carrière."
        };
        return alerte(Alerte::Information, &titre, &corps);
    }
    let corps = html! {
        p { "Tant que ces données ne sont pas corrigées, l’agent n’est pas payé." }
        ul.remarques {
            @for remarque in empechements {
                li {
                    (remarque.message)
                    @if !remarque.remede.is_empty() {
                        p.remede { "À faire\u{a0}: " (remarque.remede) }
                    }
                    p.reference { "Code " (remarque.code) }
                }
            }
        }
    };
    alerte(Alerte::Erreur, "Le bulletin ne peut pas être calculé", &corps)
}

/// Totals have no row that could open below: their explanations are pages.
fn totaux_expliques(lieu: &Lieu) -> Markup {
    const TOTAUX: [(&str, &str); 5] = [
        ("BRUT", "brut"),
        ("NET_SOCIAL", "net social"),
        ("NET_IMPOSABLE", "net imposable"),
        ("NET_A_PAYER", "net à payer"),
        ("COUT_EMPLOYEUR", "coût pour l’employeur"),
    ];
    html! {
        nav.ecran aria-label="Explication des totaux" {
            p {
                "Comprendre un total\u{a0}: "
                @for (rang, (code, texte)) in TOTAUX.iter().enumerate() {
                    @if rang > 0 { ", " }
                    a href=(lieu.ligne(code)) { (texte) }
                }
                "."
            }
        }
    }
}

// --- a line --------------------------------------------------------------------------------------

#[derive(Deserialize)]
struct Rubrique {
    rubrique: String,
}

/// Why a line has its amount: below the line when htmx asks, a page otherwise.
async fn ligne(
    uri: Uri,
    headers: HeaderMap,
    qui: Result<Connecte, Erreur>,
    lieu: Result<Lieu, Erreur>,
    rubrique: Result<Path<Rubrique>, PathRejection>,
) -> Result<Response, Erreur> {
    let dessous = headers.contains_key("hx-request");
    let answer = async {
        let (qui, lieu) = (qui?, lieu?);
        let Path(Rubrique { rubrique }) = rubrique.map_err(|_| Erreur::Introuvable)?;
        expliquer(&qui, &lieu, &rubrique, dessous).await
    };
    match answer.await {
        // What cannot be shown below the line is shown as its page: an error, a sign-in.
        Err(_) if dessous => Ok([("hx-redirect", uri.path().to_owned())].into_response()),
        answer => answer,
    }
}

async fn expliquer(
    qui: &Connecte,
    lieu: &Lieu,
    rubrique: &str,
    dessous: bool,
) -> Result<Response, Erreur> {
    let chez = qui.chez(&lieu.siret)?;
    let cible = ExplainTarget::parse(rubrique).ok_or(Erreur::Introuvable)?;
    let expliquee = chez.explication(lieu.qui(), lieu.mois, &cible).await?;
    let entree = qui.entree(Action::Explication).employeur(chez.siret());
    let detail = Detail::default().mot("contrat", &lieu.contrat).mot("rubrique", rubrique);
    qui.noter(entree.agent(&lieu.agent).mois(lieu.mois).detail(detail)).await?;
    let rappels = rappels(&expliquee.raisons.rappels, &chez, lieu);
    if dessous {
        let pliee = composants::explication_pliee(&expliquee.raisons.explication);
        return Ok(html! { (pliee) (rappels) }.into_response());
    }
    let document = page_de_ligne((qui, &chez, lieu), &expliquee, &cible, &rappels)?;
    Ok(document.into_response())
}

fn page_de_ligne(
    (qui, chez, lieu): (&Connecte, &Chez, &Lieu),
    expliquee: &LigneExpliquee,
    cible: &ExplainTarget,
    rappels: &Markup,
) -> Result<Markup, Erreur> {
    let LigneExpliquee { agent, libelle, cotisation, raisons } = expliquee;
    let parts = [
        ("Toute la ligne", String::new()),
        ("Base", ".base".to_owned()),
        ("Part de l’agent", ".agent".to_owned()),
        ("Part de l’employeur", ".employeur".to_owned()),
    ];
    let lien = |(texte, part): (&str, String)| {
        Lien::new(texte, lieu.ligne(&format!("{}{part}", cible.nom)))
    };
    let ici = cible.part.map_or_else(String::new, |part| format!(".{}", part.name()));
    let part = parts.iter().find(|(_, part)| !part.is_empty() && *part == ici);
    let part = part.map_or_else(String::new, |(nom, _)| format!(", {}", nom.to_lowercase()));
    let mois = lieu.mois.french();
    let titre = format!("Pourquoi ce montant\u{a0}: {libelle}{part} ({agent}, {mois})");
    let liens = parts.map(lien);
    let ici = lieu.ligne(&format!("{}{ici}", cible.nom));
    let corps = html! {
        @if *cotisation { (onglets("Parties de la cotisation", &liens, &ici)) }
        (composants::explication(&raisons.explication))
        (rappels)
    };
    sous_le_bulletin((qui, chez, lieu), agent, &titre, &corps)
}

/// A page that explains something of a payslip, and leads back to it.
fn sous_le_bulletin(
    (qui, chez, lieu): (&Connecte, &Chez, &Lieu),
    agent: &str,
    titre: &str,
    corps: &Markup,
) -> Result<Markup, Erreur> {
    let mut fil = lieu.fil(qui, chez, agent);
    fil.push(Lien::new(format!("Bulletin, {}", lieu.mois.french()), lieu.chemin()));
    let corps = html! {
        (corps)
        p { a href=(lieu.chemin()) { "Revenir au bulletin" } }
    };
    Ok(page(Page {
        titre,
        compte: Some(&qui.entete()?),
        fil: &fil,
        courant: au_dessus(qui).0,
        corps,
        ..Page::default()
    }))
}

/// What the payslip carries for closed months under the same code.
fn rappels(rappels: &[Carried], chez: &Chez, lieu: &Lieu) -> Markup {
    if rappels.is_empty() {
        return Markup::default();
    }
    let vus: Vec<PayPeriod> = chez.mois().iter().map(|vu| vu.mois).collect();
    let texte = |cents: Option<Cents>| cents.map_or_else(Markup::default, montant);
    let rangee = |un: &Carried| {
        let mois = PayPeriod::parse(&un.mois_origine).ok().filter(|mois| vus.contains(mois));
        let nom = match mois {
            Some(mois) => html! {
                a href=(lieu.rappel(mois, &un.rubrique)) {
                    (un.periode) span.lu { "\u{a0}: pourquoi ce rappel" }
                }
            },
            None => html! { (un.periode) },
        };
        vec![nom, texte(un.base), texte(un.montant_agent), texte(un.montant_employeur)]
    };
    let rangees: Vec<Vec<Markup>> = rappels.iter().map(rangee).collect();
    let colonnes = [
        Colonne::texte("Mois corrigé"),
        Colonne::nombre("Écart de base"),
        Colonne::nombre("Écart pour l’agent"),
        Colonne::nombre("Écart pour l’employeur"),
    ];
    html! {
        p {
            "Ce bulletin corrige aussi des mois déjà payés\u{a0}: chaque rappel est la différence \
             entre ce qui est dû aujourd’hui pour ce mois et ce qui avait été payé."
        }
        (tableau("Rappels de cette rubrique", &colonnes, &rangees))
    }
}

// --- a rappel ------------------------------------------------------------------------------------

#[derive(Deserialize)]
struct Corrigee {
    origine: String,
    rubrique: String,
}

/// Why the payslip corrects a line of a closed month: what was due, what is due, what changed.
async fn rappel(
    qui: Connecte,
    lieu: Lieu,
    corrigee: Result<Path<Corrigee>, PathRejection>,
) -> Result<Markup, Erreur> {
    let Path(Corrigee { origine, rubrique }) = corrigee.map_err(|_| Erreur::Introuvable)?;
    let origine = PayPeriod::parse(&origine).map_err(|_| Erreur::Introuvable)?;
    let cible = ExplainTarget::parse(&rubrique).ok_or(Erreur::Introuvable)?;
    let chez = qui.chez(&lieu.siret)?;
    let explique = chez.rappel(lieu.qui(), (lieu.mois, origine), &cible).await?;
    let entree = qui.entree(Action::Explication).employeur(chez.siret());
    let detail = Detail::default()
        .mot("contrat", &lieu.contrat)
        .mot("rubrique", &rubrique)
        .mot("origine", &origine.to_string());
    qui.noter(entree.agent(&lieu.agent).mois(lieu.mois).detail(detail)).await?;
    let RappelExplique { agent, libelle, rappel } = explique;
    let periode = origine.french();
    let titre = format!("Pourquoi ce rappel\u{a0}: {libelle}, {periode} ({agent})");
    let ancien = lieu.au_mois(origine);
    let corps = html! {
        (composants::rappel(&rappel.rappel, rappel.laisse.as_deref()))
        p { a href=(ancien.chemin()) { "Voir le bulletin payé pour " (periode) } }
    };
    sous_le_bulletin((&qui, &chez, &lieu), &agent, &titre, &corps)
}

#[cfg(test)]
mod tests;
