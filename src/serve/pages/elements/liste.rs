//! The main page: what the month counts, and the ways to change it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::bulletin::{Cents, Taux};
use crate::calendar::Day;
use crate::domain::Element;
use crate::num::Fixed;
use crate::serve::base::{Action, Filtre, Instant, Ligne};
use crate::serve::html::{
    Alerte, Colonne as Titre, Recherche, alerte, jour, montant, pagination, recherche, tableau,
    taux, vide,
};
use crate::serve::registre::EtatMois;
use crate::serve::saisie::{Colonne, LigneStockee, Valeurs};
use crate::serve::web::{Connecte, Erreur, horloge};

use super::formulaire::{envoi, saisie};
use super::rangees::{RANGEES, montree};
use super::sujet::Sujet;
use super::{Demande, ecran};
use crate::serve::pages::commun::{segment, trouve};

/// Rows of a page.
const PAR_PAGE: usize = 100;
/// Deposits that the page recalls.
const DEPOTS: u32 = 10;

/// The page of a month.
pub fn page(qui: &Connecte, sujet: &Sujet, demande: &Demande) -> Result<Markup, Erreur> {
    let corrigee = sujet.stockee(&demande.corriger);
    let rangees = match corrigee {
        Some(row) => vec![(1, montree(&row.valeurs, sujet))],
        None => (1_u32..).take(RANGEES).map(|numero| (numero, Valeurs::default())).collect(),
    };
    let titre = sujet.titre();
    let corps = html! {
        (avertissements(sujet, demande, corrigee.is_some()))
        p.actions {
            a.bouton href="#ajouter" { "Ajouter" }
            a.bouton.second href="#deposer" { "Déposer un fichier" }
            a.bouton.second href=(sujet.adresse("/modele.csv")) { "Télécharger un modèle" }
            a.bouton.second href=(sujet.adresse("/export.csv")) { "Exporter" }
        }
        @if corrigee.is_some() {
            section {
                h2 #ajouter { "Corriger un élément" }
                (que_corriger(sujet))
                (saisie(qui, sujet, &rangees, &Vec::new())?)
            }
        }
        (en_vigueur(qui, sujet, demande)?)
        @if corrigee.is_none() {
            section { h2 #ajouter { "Ajouter" } (saisie(qui, sujet, &rangees, &Vec::new())?) }
        }
        section { h2 #deposer { "Déposer un fichier" } (envoi(qui, sujet)?) }
        (depots(qui, sujet, None)?)
    };
    ecran(qui, sujet, (&titre, false), corps)
}

/// The same start corrects the row since then; another one leaves the past as it was paid.
fn que_corriger(sujet: &Sujet) -> Markup {
    let debut = sujet.mois.first_day();
    let suite = html! {
        p {
            "Gardez la date «\u{a0}Depuis\u{a0}» pour corriger l’élément depuis cette date, mois \
             passés compris. Mettez le " (debut.french()) " pour le changer à partir de "
            (sujet.mois.french()) " seulement\u{a0}: avant, il reste comme il a été payé."
        }
    };
    alerte(Alerte::Information, "La date de début dit ce qui change", &suite)
}

fn avertissements(sujet: &Sujet, demande: &Demande, corrigee: bool) -> Markup {
    let illisibles = sujet.actuelles.lignes.iter().filter(|row| row.element.is_none()).count();
    let prepare = match sujet.etat {
        EtatMois::Prepare => Some("préparé"),
        EtatMois::Valide => Some("validé"),
        EtatMois::Ouvert | EtatMois::Clos => None,
    };
    html! {
        @if illisibles > 0 {
            (alerte(
                Alerte::Erreur,
                &format!("Lignes illisibles de elements.csv\u{a0}: {illisibles}"),
                &html! { p { "Elles ne comptent pas. Le service de paie doit les corriger." } },
            ))
        }
        @if let Some(mot) = prepare {
            (alerte(
                Alerte::Attention,
                &format!("Ce mois a déjà été {mot}"),
                &html! {
                    p {
                        "Ce que vous enregistrez maintenant demande un nouveau calcul\u{a0}: \
                         prévenez le service de paie."
                    }
                },
            ))
        }
        @if !demande.corriger.is_empty() && !corrigee {
            (alerte(
                Alerte::Attention,
                "La ligne à corriger n’est plus là",
                &html! { p { "Quelqu’un l’a changée ou retirée. La liste est à jour." } },
            ))
        }
    }
}

/// The rows that the month counts.
fn en_vigueur(qui: &Connecte, sujet: &Sujet, demande: &Demande) -> Result<Markup, Erreur> {
    let noms = sujet.noms();
    let nom = |row: &LigneStockee| {
        noms.get(row.valeurs.get(Colonne::Agent)).map_or("", String::as_str).to_owned()
    };
    let dit = |row: &LigneStockee| {
        let (agent, code) = (row.valeurs.get(Colonne::Agent), row.valeurs.get(Colonne::Rubrique));
        let texte = format!("{} {agent} {code} {}", nom(row), sujet.libelle(code));
        trouve(&demande.q, &texte)
    };
    let toutes = comptees(sujet);
    let total = toutes.len();
    let rows: Vec<&LigneStockee> = toutes.into_iter().filter(|row| dit(row)).collect();
    let pages = rows.len().div_ceil(PAR_PAGE).max(1);
    let numero = demande.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let montrees = rows.iter().skip((numero - 1) * PAR_PAGE).take(PAR_PAGE);
    let lignes: Vec<Vec<Markup>> = montrees.map(|row| ligne(sujet, row, &nom(row))).collect();
    let action = sujet.adresse("/verifier");
    let jeton = qui.jeton(&action)?;
    let legende = match (rows.len() == total, rows.len()) {
        (true, _) => format!("Éléments qui comptent en {}\u{a0}: {total}", sujet.mois.french()),
        (false, found) => format!("Éléments trouvés\u{a0}: {found} sur {total}"),
    };
    let table = tableau(&legende, &titres(), &lignes);
    let ici = sujet.adresse("");
    Ok(html! {
        section #elements {
            @if total > PAR_PAGE || !demande.q.is_empty() {
                (recherche(&Recherche {
                    action: &ici,
                    libelle: "Chercher un agent ou une rubrique",
                    nom: "q",
                    valeur: &demande.q,
                    cible: "",
                }))
            }
            @if lignes.is_empty() {
                (vide("Aucun élément.", None))
            } @else {
                (retrait(&action, &jeton, &table))
            }
            (pagination(numero, pages, |page| {
                format!("{ici}?q={}&page={page}#elements", segment(&demande.q))
            }))
        }
    })
}

/// The form around the table: its buttons say which row is to be withdrawn.
fn retrait(action: &str, jeton: &str, table: &Markup) -> Markup {
    html! {
        form method="post" action=(action) {
            (crate::serve::html::jeton(jeton))
            (table)
        }
    }
}

fn titres() -> Vec<Titre> {
    let mut titres = vec![Titre::texte("Agent"), Titre::texte("Rubrique")];
    titres.extend(["Nombre", "Base", "Taux", "Montant"].map(Titre::nombre));
    titres.extend(["Période", "Connu le", "Actions"].map(Titre::texte));
    titres
}

fn ligne(sujet: &Sujet, row: &LigneStockee, nom: &str) -> Vec<Markup> {
    let Some(element) = &row.element else { return Vec::new() };
    let agent = row.valeurs.get(Colonne::Agent);
    let code = &*element.rubrique;
    let vers = sujet.bulletin(agent, &element.contrat);
    let quoi = format!("{code} de {nom}");
    let mut cellules = vec![
        html! {
            a href=(vers) { @if nom.is_empty() { (agent) } @else { (nom) } }
            " " small { (agent) " / " (element.contrat) }
        },
        html! {
            span {
                (element.libelle.as_deref().unwrap_or(sujet.libelle(code))) br; small { (code) }
            }
        },
    ];
    cellules.extend(nombres(element));
    cellules.push(periode(element));
    cellules.push(connu(element.dated.connu_le));
    cellules.push(html! { span {
        a href={ (sujet.adresse("")) "?corriger=" (row.cle) "#ajouter" } {
            "Corriger" span.lu { " " (quoi) }
        }
        " "
        button.bouton.second type="submit" name="retirer" value=(row.cle) {
            "Retirer" span.lu { " " (quoi) }
        }
    } });
    cellules
}

/// Number, base, rate and amount of an element.
pub fn nombres(element: &Element) -> [Markup; 4] {
    let simple =
        |value: Option<Fixed>| html! { @if let Some(v) = value { (v.trimmed().french()) } };
    let euros = |value: Option<Fixed>| match value.map(|value| value.at_scale(2)) {
        Some(Ok(cents)) => montant(Cents(cents)),
        _ => simple(value),
    };
    let part = |value: Fixed| match value.at_scale(6) {
        Ok(millioniemes) => html! { (taux(Taux(millioniemes))) },
        Err(_) => simple(Some(value)),
    };
    let paye = element.montant_paye;
    [
        simple(element.nombre),
        euros(element.base),
        element.taux.map_or_else(Markup::default, part),
        html! {
            (euros(element.montant))
            @if paye.is_some() { span { (euros(paye)) br; small { "payé tel quel" } } }
        },
    ]
}

/// The days of an element, and the month it belongs to.
pub fn periode(element: &Element) -> Markup {
    let dated = &element.dated;
    html! {
        // One box: on a phone, what is beside it goes to the other side.
        span {
            @match dated.fin {
                Some(fin) => {
                    "du " (jour(&dated.depuis.to_string())) " au " (jour(&fin.to_string()))
                }
                None => { "depuis le " (jour(&dated.depuis.to_string())) }
            }
            @if let Some(origine) = element.mois_origine {
                br; small { "au titre " (origine.french_of()) }
            }
        }
    }
}

fn connu(day: Option<Day>) -> Markup {
    html! {
        @match day {
            Some(day) => { (jour(&day.to_string())) }
            None => { "dès l’origine" }
        }
    }
}

/// The rows that the month counts: an open-ended row ends where the next one of the same kind
/// begins, as in the computation.
fn comptees(sujet: &Sujet) -> Vec<&LigneStockee> {
    let about = |row: &LigneStockee| {
        let element = row.element.as_ref().filter(|element| element.dated.fin.is_none())?;
        let (_, contrat, rubrique, libelle, origine) = element.identity();
        let agent = row.valeurs.get(Colonne::Agent).to_owned();
        let named = (contrat.to_owned(), rubrique.to_owned(), libelle.map(str::to_owned), origine);
        Some(((agent, named), element.dated.depuis))
    };
    let rows = || sujet.actuelles.lignes.iter().filter(|row| row.du_mois && !row.corrigee);
    let mut derniere: BTreeMap<_, Day> = BTreeMap::new();
    for (key, depuis) in rows().filter_map(about) {
        if depuis <= sujet.mois.first_day() {
            let last = derniere.entry(key).or_insert(depuis);
            *last = (*last).max(depuis);
        }
    }
    let replaced = |row: &LigneStockee| {
        let found = about(row).and_then(|(key, depuis)| Some((depuis, *derniere.get(&key)?)));
        found.is_some_and(|(depuis, last)| depuis < last)
    };
    let read = |row: &&LigneStockee| row.element.is_some() && row.compte();
    rows().filter(read).filter(|row| !replaced(row)).collect()
}

/// The last deposits of the month, from the log; `depuis`: those after an instant alone.
pub fn depots(qui: &Connecte, sujet: &Sujet, depuis: Option<Instant>) -> Result<Markup, Erreur> {
    let filtre = Filtre {
        siret: Some(sujet.siret()),
        action: Some(Action::DepotElements),
        depuis,
        ..Filtre::default()
    };
    let mois = sujet.mois.to_string();
    // Each deposit has two entries: what was asked, and what was done.
    let entrees = qui.appli().base.journal(&filtre, None, DEPOTS.saturating_mul(2))?;
    let faits = entrees.iter().filter(|entree| entree.mois.as_deref() == Some(&mois));
    let lignes: Vec<Vec<Markup>> = faits.filter_map(depot).collect();
    let titres = ["Quand", "Qui", "Ce qui a été enregistré"].map(Titre::texte);
    Ok(html! {
        @if !lignes.is_empty() {
            section { (tableau("Derniers enregistrements de ce mois", &titres, &lignes)) }
        }
    })
}

fn depot(entree: &Ligne) -> Option<Vec<Markup>> {
    let detail: serde_json::Value = serde_json::from_str(&entree.detail).ok()?;
    if detail.get("etape")?.as_str()? != "fait" {
        return None;
    }
    let said = [("nouvelles", "nouvelles"), ("corrigees", "corrigées"), ("retirees", "retirées")];
    let said = said.into_iter().filter_map(|(cle, mot)| {
        let count = detail.get(cle)?.as_i64()?;
        (count > 0).then(|| format!("{mot}\u{a0}: {count}"))
    });
    let said = said.collect::<Vec<_>>().join(", ");
    Some(vec![
        html! { (horloge::lisible(entree.quand)) },
        html! { (entree.identifiant) },
        html! { (said) },
    ])
}
