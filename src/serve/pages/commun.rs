//! What several screens do the same way: addresses, months, lists cut in pages, spreadsheets.

mod tableur;

use std::fmt::Display;

use axum::extract::RawQuery;
use maud::{Markup, html};

use crate::bulletin::Cents;
use crate::calendar::PayPeriod;
use crate::domain::canonical;
use crate::serve::droits::Droit;
use crate::serve::html::{self as composants, Choix, Etat, Lien, etiquette};
use crate::serve::registre::{Chez, EtatMois, MoisVu};
use crate::serve::web::horloge::lisible_rfc;
use crate::serve::web::{Champs, Connecte, Erreur};

pub use tableur::{Tableur, nombre};

/// The fields of an address; none can be refused, since what is not known is not read.
pub fn demande(RawQuery(query): RawQuery) -> Champs {
    Champs::lire(query.unwrap_or_default().as_bytes())
}

/// A text as one segment of a path.
pub fn segment(texte: &str) -> String {
    form_urlencoded::byte_serialize(texte.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A path with its fields; those that are empty are left out.
pub fn adresse(chemin: &str, champs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(champs.iter().filter(|(_, valeur)| !valeur.is_empty()));
    match query.finish() {
        query if query.is_empty() => chemin.to_owned(),
        query => format!("{chemin}?{query}"),
    }
}

/// The page of an employer.
pub fn vers_employeur(siret: impl Display) -> String {
    format!("/e/{}", segment(&siret.to_string()))
}

/// The page of an agent.
pub fn vers_agent(siret: impl Display, agent: &str) -> String {
    format!("{}/agents/{}", vers_employeur(siret), segment(agent))
}

/// A payslip.
pub fn vers_bulletin(siret: impl Display, agent: &str, contrat: &str, mois: PayPeriod) -> String {
    format!("{}/{}/{mois}", vers_agent(siret, agent), segment(contrat))
}

/// The entry of the navigation that leads to employers, and the list above one of them, if any.
pub fn au_dessus(qui: &Connecte) -> (&'static str, Option<Lien>) {
    let compte = qui.compte();
    if compte.role.peut(Droit::VoirPool) {
        return ("/employeurs", Some(Lien::new("Employeurs", "/employeurs")));
    }
    let plusieurs = compte.perimetre.liste().is_none_or(|sirets| sirets.len() > 1);
    ("/", plusieurs.then(|| Lien::new("Employeurs", "/")))
}

/// The month that an address asks for, among those of an employer; the open one when it asks none.
pub fn mois_demande(champs: &Champs, chez: &Chez) -> Result<MoisVu, Erreur> {
    let mois = match champs.un("mois") {
        "" => chez.ouvert(),
        texte => PayPeriod::parse(texte).map_err(|_| Erreur::Introuvable)?,
    };
    Ok(chez.mois_vu(mois)?)
}

/// The badge of a month.
pub fn badge(etat: EtatMois) -> Markup {
    etiquette(match etat {
        EtatMois::Ouvert => Etat::Ouvert,
        EtatMois::Prepare => Etat::Prepare,
        EtatMois::Valide => Etat::Valide,
        EtatMois::Clos => Etat::Clos,
    })
}

/// How a month stands, in words: who brought it there and when, and what that means for amounts.
pub fn etat_du_mois(vu: &MoisVu) -> Markup {
    let (fait, suite) = match vu.etat {
        EtatMois::Ouvert => ("", "Mois en préparation\u{a0}: les montants suivent les données."),
        EtatMois::Prepare => ("Préparé", "Les montants suivent encore les données."),
        EtatMois::Valide => ("Validé", "Ce qui est montré suit encore les données."),
        EtatMois::Clos => ("Clos", "Montants tels que payés."),
    };
    html! {
        (badge(vu.etat))
        span {
            @if let (Some((par, quand)), false) = (&vu.par, fait.is_empty()) {
                (fait) " par " (par) " le " (lisible_rfc(quand)) ". "
            }
            (suite)
        }
    }
}

/// An amount, or nothing at all.
pub fn montant_connu(cents: Option<Cents>) -> Markup {
    cents.map_or_else(Markup::default, composants::montant)
}

/// Whether every word that was typed is found in a text, accents and case ignored.
pub fn trouve(saisi: &str, texte: &str) -> bool {
    let texte = canonical(texte);
    canonical(saisi).split('_').all(|mot| texte.contains(mot))
}

/// A page of a list, its number from 1, and how many there are.
pub fn tranche<'a, T>(tout: &'a [T], champs: &Champs, par_page: usize) -> (&'a [T], usize, usize) {
    let pages = tout.len().div_ceil(par_page.max(1)).max(1);
    let page = champs.un("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let part = tout.chunks(par_page.max(1)).nth(page - 1).unwrap_or_default();
    (part, page, pages)
}

/// A first letter in upper case.
pub fn majuscule(texte: &str) -> String {
    let mut lettres = texte.chars();
    let premiere = lettres.next();
    premiere.map_or_else(String::new, |lettre| lettre.to_uppercase().chain(lettres).collect())
}

/// `1 agent`, `3 agents`.
pub fn compte(nombre: usize, un: &str, plusieurs: &str) -> String {
    format!("{nombre}\u{a0}{}", if nombre > 1 { plusieurs } else { un })
}

/// A form that narrows a list: what is typed, and choices beside it.
pub struct Filtres<'a> {
    /// Where it is sent, by GET.
    pub action: &'a str,
    /// What is searched.
    pub libelle: &'a str,
    /// What was typed.
    pub saisi: &'a str,
    /// Lists: name, label, what is chosen, entries.
    pub listes: &'a [(&'a str, &'a str, &'a str, Vec<Choix>)],
    /// Fields that are kept as they are.
    pub garde: &'a [(&'a str, &'a str)],
    /// Selector of what follows while typing.
    pub cible: &'a str,
}

/// The form; it follows what is typed, and works without it.
pub fn filtres(filtres: &Filtres<'_>) -> Markup {
    html! {
        form.filtres role="search" method="get" action=(filtres.action) {
            @for (nom, valeur) in filtres.garde.iter().filter(|(_, valeur)| !valeur.is_empty()) {
                input type="hidden" name=(nom) value=(valeur);
            }
            div {
                label for="q" { (filtres.libelle) }
                input id="q" name="q" type="search" value=(filtres.saisi) autocomplete="off"
                    spellcheck="false" hx-get=(filtres.action) hx-include="closest form"
                    hx-target=(filtres.cible) hx-select=(filtres.cible) hx-swap="outerHTML"
                    hx-trigger="input changed delay:400ms" hx-replace-url="true";
            }
            @for (nom, libelle, choisi, entrees) in filtres.listes {
                div {
                    label for=(nom) { (libelle) }
                    select id=(nom) name=(nom) {
                        @for entree in entrees {
                            option value=(entree.valeur) selected[entree.valeur == *choisi] {
                                (entree.libelle)
                            }
                        }
                    }
                }
            }
            button.bouton.second type="submit" { "Afficher" }
        }
    }
}

#[cfg(test)]
mod tests;
