//! What is known of an agent beside its career: children, tax rate, elements, absences.

use maud::{Markup, html};

use crate::bulletin::Taux;
use crate::calendar::Day;
use crate::domain::{Absence, Dated, Element, Famille, TauxPas};
use crate::num::{Amount, Fixed};
use crate::serve::html::{Colonne, jour as jour_de, mois_fr, tableau, taux};
use crate::serve::pages::commun::{compte, majuscule};
use crate::serve::registre::Parcours;

/// A day, for people and for machines.
pub fn jour(jour: Day) -> Markup {
    jour_de(&jour.to_string())
}

fn jour_ou_rien(jour: Option<Day>) -> Markup {
    jour.map_or_else(Markup::default, self::jour)
}

/// `1 801,74 €`; more decimals than cents are kept.
pub fn euros(valeur: Fixed) -> String {
    match valeur.at_scale(2) {
        Ok(cents) => Amount::from_cents(cents).french(),
        Err(_) => format!("{}\u{a0}€", valeur.french()),
    }
}

/// A decimal fraction as a percentage.
pub fn pour_cent(fraction: Fixed) -> String {
    let millioniemes = fraction.at_scale(6);
    millioniemes.map_or_else(|_| fraction.french(), |rate| taux(Taux(rate)))
}

/// Children who count, since when.
pub fn familles(rows: &[Famille]) -> Markup {
    let ligne = |row: &Famille| {
        let enfants = match row.enfants {
            0 => "aucun".to_owned(),
            nombre => nombre.to_string(),
        };
        let alternes = match row.enfants_alternes {
            0 => String::new(),
            nombre => format!("dont {nombre} en résidence alternée"),
        };
        vec![
            jour(row.dated.depuis),
            html! { (enfants) },
            html! { (alternes) },
            jour_ou_rien(row.dated.connu_le),
        ]
    };
    let titres = ["Depuis le", "Enfants", "Précision", "Connu le"];
    section("Enfants à charge", "Aucun enfant déclaré.", &titres, rows.iter().map(ligne))
}

/// Tax rates, since when.
pub fn taux_pas(rows: &[TauxPas]) -> Markup {
    let ligne = |row: &TauxPas| {
        let taux = row.taux.map_or_else(|| "barème par défaut".to_owned(), pour_cent);
        vec![jour(row.dated.depuis), html! { (taux) }, jour_ou_rien(row.dated.connu_le)]
    };
    let rien = "Aucun taux transmis\u{a0}: le barème par défaut s’applique.";
    let titres = ["Depuis le", "Taux", "Connu le"];
    section("Prélèvement à la source", rien, &titres, rows.iter().map(ligne))
}

/// The label of a rubrique, by its code; none: the rules of the open month do not have it.
pub type Libelles<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// Variable elements and premiums.
pub fn elements(parcours: &Parcours, libelles: Libelles<'_>) -> Markup {
    let titres = ["Rubrique", "Valeur", "Période", "Contrat", "Connu le"];
    let ligne = |row: &Element| {
        let nom = html! {
            @let code = html! { (row.rubrique) };
            @match libelles(&row.rubrique) {
                Some(libelle) => { (libelle) span.precision { (code) } }
                None => (code),
            }
            @if let Some(libelle) = &row.libelle { span.precision { "« " (libelle) " »" } }
        };
        vec![
            nom,
            valeur(row),
            periode(&row.dated),
            html! { (row.contrat) },
            jour_ou_rien(row.dated.connu_le),
        ]
    };
    let lignes = parcours.elements.iter().map(ligne);
    section("Primes et éléments variables", "Aucun élément connu.", &titres, lignes)
}

fn valeur(row: &Element) -> Markup {
    let nombre = |texte: &str, valeur: Option<Fixed>| {
        valeur.map(|valeur| format!("{texte}{}", valeur.trimmed().french()))
    };
    let parts = [
        nombre("", row.nombre),
        row.base.map(|base| format!("base {}", euros(base))),
        row.taux.map(|taux| format!("taux {}", pour_cent(taux))),
        row.montant.map(|montant| format!("{} par mois complet", euros(montant))),
        row.montant_paye.map(|montant| format!("{} à payer", euros(montant))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    html! {
        (parts.join(", "))
        @if let Some(mois) = row.mois_origine {
            span.precision { "au titre d’un autre mois\u{a0}: " (mois_fr(&mois.to_string())) }
        }
    }
}

fn periode(dates: &Dated) -> Markup {
    html! {
        @match dates.fin {
            Some(fin) => { "du " (jour(dates.depuis)) " au " (jour(fin)) },
            None => { "depuis le " (jour(dates.depuis)) },
        }
    }
}

/// Absences.
pub fn absences(parcours: &Parcours) -> Markup {
    let titres = ["Absence", "Du", "Au", "Précisions", "Contrat", "Connue le"];
    let ligne = |row: &Absence| {
        vec![
            html! { (nature(&row.nature)) },
            jour(row.debut),
            jour(row.fin),
            html! { (precisions(row).join(", ")) },
            html! { (row.contrat) },
            jour_ou_rien(row.connu_le),
        ]
    };
    let lignes = parcours.absences.iter().map(ligne);
    section("Absences", "Aucune absence connue.", &titres, lignes)
}

fn precisions(row: &Absence) -> Vec<String> {
    let nombre = |nombre: i64| usize::try_from(nombre).unwrap_or_default();
    let parts = [
        row.prolongation.then(|| "prolongation".to_owned()),
        row.heures.map(|heures| format!("{}\u{a0}h", heures.trimmed().french())),
        row.demi_journees.map(|n| compte(nombre(n), "demi-journée", "demi-journées")),
        row.sans_carence.then(|| "sans jour de carence".to_owned()),
        row.taux.map(|taux| format!("part retenue {}", pour_cent(taux))),
        row.accorde_le.map(|jour| format!("accordée le {}", jour.french())),
    ];
    parts.into_iter().flatten().collect()
}

/// A kind of absence as people say it; one that the rules added is spelled as they do.
fn nature(nature: &str) -> String {
    let connue = match nature {
        "maladie_ordinaire" => "Congé de maladie ordinaire",
        "clm" => "Congé de longue maladie",
        "cld" => "Congé de longue durée",
        "cgm" => "Congé de grave maladie",
        "citis" => "Congé pour invalidité imputable au service (CITIS)",
        "maternite" => "Congé de maternité",
        "paternite" => "Congé de paternité et d’accueil de l’enfant",
        "naissance" => "Congé de naissance",
        "adoption" => "Congé d’adoption",
        "greve" => "Grève",
        "service_non_fait" => "Service non fait",
        "disponibilite" => "Disponibilité",
        "conge_parental" => "Congé parental",
        "proche_aidant" => "Congé de proche aidant",
        "detention" => "Détention",
        autre => return majuscule(&autre.replace('_', " ")),
    };
    connue.to_owned()
}

/// A table under its title; words instead when it is empty. A column where nothing is said is left
/// out.
fn section(
    titre: &str,
    rien: &str,
    titres: &[&str],
    lignes: impl Iterator<Item = Vec<Markup>>,
) -> Markup {
    let mut lignes: Vec<Vec<Markup>> = lignes.collect();
    let dite = |rang: usize| {
        lignes.iter().any(|ligne| ligne.get(rang).is_some_and(|cellule| !cellule.0.is_empty()))
    };
    let dites: Vec<bool> = (0..titres.len()).map(dite).collect();
    for ligne in &mut lignes {
        let mut rangs = dites.iter();
        ligne.retain(|_| rangs.next().copied().unwrap_or(false));
    }
    let gardes = titres.iter().zip(&dites).filter(|(_, dite)| **dite);
    let colonnes: Vec<Colonne> = gardes.map(|(titre, _)| Colonne::texte(*titre)).collect();
    html! {
        section {
            h2 { (titre) }
            @if lignes.is_empty() { p { (rien) } }
            @else { (tableau(&compte(lignes.len(), "ligne", "lignes"), &colonnes, &lignes)) }
        }
    }
}
