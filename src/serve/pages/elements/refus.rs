//! What must not be lost when nothing can be stored: the session is over, the form is of another
//! session, somebody else stored rows meanwhile, the month is closed.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::serve::html::{
    Alerte, CHAMP_JETON, Colonne as Titre, Formulaire, Page, alerte, boutons, formulaire, page,
    tableau,
};
use crate::serve::saisie::{Colonne, LigneStockee};
use crate::serve::web::{Champs, Connecte, Erreur, horloge};

use super::ecran;
use super::formulaire::saisie;
use super::liste::{depots, nombres, periode};
use super::rangees::{self, JUGEES, NOMBRE};
use super::sujet::{Acces, Ferme, Sujet};
use crate::serve::pages::commun::segment;

/// Letters of a key that a form carries: enough to tell the rows of a month apart.
const PREFIXE: usize = 12;

/// A month that is closed, when rows are sent to it.
pub fn ferme(qui: &Connecte, ferme: &Ferme) -> Result<Response, Erreur> {
    let (_, page) = ferme.page(qui)?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Nobody is signed in any more. The page gives back what was typed, and how to go on.
pub fn sans_session((siret, mois): (&str, &str), etape: &str, champs: &Champs) -> Response {
    let mois_page = format!("/e/{}/elements/{}", segment(siret), segment(mois));
    let action = format!("{mois_page}/{etape}");
    let connexion = format!("/connexion?retour={}", segment(&mois_page));
    let portes = champs.0.iter().filter(|(nom, _)| nom != CHAMP_JETON && nom != "geste");
    let garde = champs.0.iter().any(|(nom, _)| matches!(nom.as_str(), NOMBRE | JUGEES | "retirer"));
    let champs = html! {
        @for (nom, valeur) in portes { input type="hidden" name=(nom) value=(valeur); }
        (boutons("Reprendre ma saisie", None))
    };
    let reprise = formulaire(&Formulaire { action: &action, jeton: "", multipart: true }, &champs);
    let corps = html! {
        (alerte(Alerte::Attention, "Rien n’a été enregistré", &html! {
            p {
                "Votre session a pris fin avant cet envoi. "
                @if garde { "Votre saisie est gardée dans cette page\u{a0}: ne la fermez pas." }
                @else { "Le fichier n’a pas été gardé\u{a0}: vous le choisirez de nouveau." }
            }
        }))
        @if garde {
            ol {
                li {
                    a href=(connexion) target="_blank" rel="noopener" {
                        "Connectez-vous dans un nouvel onglet"
                    }
                    "."
                }
                li { "Revenez ici, et choisissez «\u{a0}Reprendre ma saisie\u{a0}»." }
            }
            (reprise)
        } @else {
            p { a.bouton href=(connexion) { "Se connecter" } }
        }
    };
    let page = page(Page { titre: "Votre session a pris fin", corps, ..Page::default() });
    (StatusCode::UNAUTHORIZED, page).into_response()
}

/// The form was opened in another session: what was typed comes back in a form of this one.
/// Nothing is judged, nothing is stored.
pub async fn autre_session(
    qui: &Connecte,
    (siret, mois): (&str, &str),
    champs: &Champs,
) -> Result<Response, Erreur> {
    let garde = champs.0.iter().any(|(nom, _)| matches!(nom.as_str(), NOMBRE | JUGEES | "retirer"));
    if !garde {
        return Err(Erreur::Jeton);
    }
    let sujet = match Sujet::ouvrir(qui, siret, mois).await? {
        Acces::Ouvert(sujet) => sujet,
        Acces::Ferme(fermee) => return ferme(qui, &fermee),
    };
    let corps = html! {
        (alerte(Alerte::Attention, "Rien n’a été enregistré", &html! {
            p {
                "Ce formulaire avait été ouvert dans une autre session. Votre saisie est \
                 ci-dessous\u{a0}: vérifiez-la de nouveau."
            }
        }))
        @if champs.un(NOMBRE).is_empty() {
            (reprise(qui, &sujet, champs)?)
        } @else {
            (saisie(qui, &sujet, &rangees::tapees(champs), &Vec::new())?)
        }
    };
    let page = ecran(qui, &sujet, ("Reprendre la saisie", true), corps)?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}

/// Rows that were judged, on their way back to the first step.
fn reprise(qui: &Connecte, sujet: &Sujet, champs: &Champs) -> Result<Markup, Erreur> {
    let action = sujet.adresse("/verifier");
    let jeton = qui.jeton(&action)?;
    let lignes = rangees::relire(champs.brut(JUGEES))?.len();
    let retirer: Vec<&str> = champs.tous("retirer").collect();
    let corps = html! {
        input type="hidden" name=(JUGEES) value=(champs.brut(JUGEES));
        @for cle in &retirer { input type="hidden" name="retirer" value=(cle); }
        p {
            "Lignes à vérifier\u{a0}: " (lignes) ". Éléments à retirer\u{a0}: " (retirer.len()) "."
        }
        (boutons("Vérifier de nouveau", Some(&sujet.adresse(""))))
    };
    Ok(formulaire(&Formulaire { action: &action, jeton: &jeton, multipart: true }, &corps))
}

/// The rows that the server stored lately, as a page carries them: those it adds, replaces or
/// removes are all learned today, or were yesterday for a page opened before midnight.
pub fn vues(sujet: &Sujet) -> String {
    recentes(sujet).filter_map(|row| row.cle.get(..PREFIXE)).collect()
}

fn recentes(sujet: &Sujet) -> impl Iterator<Item = &LigneStockee> {
    let depuis = sujet.aujourdhui.previous();
    sujet.actuelles.lignes.iter().filter(move |row| {
        let known = row.element.as_ref().and_then(|element| element.dated.connu_le);
        row.du_mois && known.is_some_and(|known| known >= depuis)
    })
}

/// What was stored since a page was judged: by whom, and which rows.
pub fn entre_temps(qui: &Connecte, sujet: &Sujet, champs: &Champs) -> Result<Markup, Erreur> {
    let vues = champs.un("vues");
    let vue = |row: &LigneStockee| {
        let mine = row.cle.get(..PREFIXE).unwrap_or_default().as_bytes();
        vues.as_bytes().chunks(PREFIXE).any(|seen| seen == mine)
    };
    let nouvelles = recentes(sujet).filter(|row| !vue(row));
    let lignes: Vec<Vec<Markup>> =
        nouvelles.take(100).filter_map(|row| ligne(sujet, row)).collect();
    let mut titres = ["Agent", "Rubrique"].map(Titre::texte).to_vec();
    titres.extend(["Nombre", "Base", "Taux", "Montant"].map(Titre::nombre));
    titres.push(Titre::texte("Période"));
    let vu_le = champs.un("vu_le").parse().unwrap_or_else(|_| horloge::maintenant());
    Ok(html! {
        (alerte(Alerte::Attention, "Des éléments de ce mois ont changé entre-temps", &html! {
            p {
                "Rien n’a été enregistré, et rien de votre saisie n’est perdu. Voici ce qui a \
                 changé, puis votre saisie, vérifiée de nouveau\u{a0}: vous pouvez la confirmer."
            }
        }))
        (depots(qui, sujet, Some(vu_le))?)
        @if lignes.is_empty() {
            p { "Des éléments ont été retirés, ou changés par un autre programme." }
        } @else {
            section { (tableau("Éléments enregistrés entre-temps", &titres, &lignes)) }
        }
    })
}

fn ligne(sujet: &Sujet, row: &LigneStockee) -> Option<Vec<Markup>> {
    let element = row.element.as_ref()?;
    let agent = row.valeurs.get(Colonne::Agent);
    let mut cellules = vec![
        html! { (sujet.nom(agent)) br; small { (agent) } },
        html! { (sujet.libelle(&element.rubrique)) br; small { (element.rubrique) } },
    ];
    cellules.extend(nombres(element));
    cellules.push(html! {
        (periode(element))
        @if row.est_retiree() { br; "retiré" }
    });
    Some(cellules)
}
