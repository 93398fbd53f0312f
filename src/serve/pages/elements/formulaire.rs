//! The form that adds or corrects rows, and the one that sends a file.

use maud::{Markup, html};

use crate::serve::html::{
    Champ, Formulaire, Genre, Icone, boutons, champ_nombre, champ_texte, fichier, formulaire, icone,
};
use crate::serve::saisie::{Colonne, RubriqueConnue, Usage, Valeurs};
use crate::serve::web::{Connecte, Erreur};

use super::rangees::{NOMBRE, RANGEES_MAX, champ};
use super::sujet::{Sujet, entree};

/// What is wrong with a field: its name and the words.
pub type Fautes = Vec<(String, String)>;

/// The form of rows; `fautes` are those of its fields.
pub fn saisie(
    qui: &Connecte,
    sujet: &Sujet,
    rangees: &[(u32, Valeurs)],
    fautes: &Fautes,
) -> Result<Markup, Erreur> {
    let action = sujet.adresse("/verifier");
    let jeton = qui.jeton(&action)?;
    let corps = html! {
        input type="hidden" name=(NOMBRE) value=(rangees.len());
        (listes(sujet))
        @for (place, (_, valeurs)) in (1_u32..).zip(rangees) {
            (rangee(sujet, place, valeurs, fautes))
        }
        div.boutons {
            button.bouton type="submit" { "Vérifier" }
            @if rangees.len() < RANGEES_MAX {
                button.bouton.second type="submit" name="geste" value="plus" {
                    "Ajouter des lignes"
                }
            }
        }
        p.aide { "Rien n’est enregistré à cette étape." }
    };
    Ok(formulaire(&Formulaire { action: &action, jeton: &jeton, multipart: false }, &corps))
}

/// The entries of the fields to search in: contracts of the month, rubriques to enter.
fn listes(sujet: &Sujet) -> Markup {
    html! {
        datalist id="contrats" {
            @for known in sujet.presents() { option value=(entree(known)) {} }
        }
        datalist id="rubriques" {
            @for known in sujet.referentiel.saisissables() {
                option value={ (known.code) " — " (known.libelle) } {}
            }
        }
    }
}

fn rangee(sujet: &Sujet, place: u32, valeurs: &Valeurs, fautes: &Fautes) -> Markup {
    let cherche = |column, aide, liste| {
        cherche(&Texte { column, place, aide, valeurs, fautes }, liste, &sujet.adresse("/colonnes"))
    };
    let nombre =
        |column, unite, aide| nombre(&Texte { column, place, aide, valeurs, fautes }, unite);
    let autres = [Colonne::Base, Colonne::Taux, Colonne::MontantPaye, Colonne::Depuis]
        .into_iter()
        .chain([Colonne::Fin, Colonne::MoisOrigine, Colonne::Libelle]);
    let faute = |column: &Colonne| fautes.iter().any(|(nom, _)| *nom == champ(*column, place));
    let ouvert = autres.into_iter().any(|c| !valeurs.get(c).is_empty() || faute(&c));
    let code = sujet.rubrique_saisie(valeurs.get(Colonne::Rubrique));
    html! {
        fieldset {
            legend { "Élément " (place) }
            div.champs {
                (cherche(Colonne::Agent, "Nom ou numéro, à choisir dans la liste.", "contrats"))
                (cherche(Colonne::Rubrique, "Code ou libellé.", "rubriques"))
            }
            div id={ "colonnes-" (place) } aria-live="polite" { (a_remplir(sujet, &code)) }
            div.champs {
                (nombre(Colonne::Nombre, "", "Heures, jours ou unités\u{a0}: 7,5."))
                (nombre(Colonne::Montant, "€", "Pour un mois complet à temps plein\u{a0}: 150,00."))
            }
            details open[ouvert] {
                summary { "Autres colonnes\u{a0}: base, taux, dates, mois d’origine, libellé" }
                div.champs {
                    (nombre(Colonne::Base, "€", "Si la rubrique en demande une."))
                    (nombre(Colonne::Taux, "", "En fraction\u{a0}: 0,5 pour 50\u{a0}%."))
                    (nombre(Colonne::MontantPaye, "€", "Payé tel quel, sans calcul."))
                    (dates(sujet, place, valeurs, fautes))
                }
            }
        }
    }
}

fn dates(sujet: &Sujet, place: u32, valeurs: &Valeurs, fautes: &Fautes) -> Markup {
    let ce_mois = format!("Vide\u{a0}: {} seulement.", sujet.mois.french());
    let texte = |column, aide, genre| {
        let texte = Texte { column, place, aide, valeurs, fautes };
        let (nom, erreur) = (texte.nom(), texte.erreur());
        champ_texte(&Champ { genre, ..texte.champ(&nom, erreur.as_deref()) })
    };
    html! {
        (texte(Colonne::Depuis, ce_mois.as_str(), Genre::Jour))
        (texte(Colonne::Fin, "Dernier jour, compris.", Genre::Jour))
        (texte(Colonne::MoisOrigine, "Pour un mois passé, comme 2026-05.", Genre::Texte))
        (texte(Colonne::Libelle, "À la place du libellé habituel du bulletin.", Genre::Texte))
    }
}

/// A field of a row.
struct Texte<'t> {
    column: Colonne,
    place: u32,
    aide: &'t str,
    valeurs: &'t Valeurs,
    fautes: &'t Fautes,
}

impl Texte<'_> {
    fn nom(&self) -> String {
        champ(self.column, self.place)
    }

    fn erreur(&self) -> Option<String> {
        let nom = self.nom();
        let mine = self.fautes.iter().filter(|(field, _)| *field == nom);
        let words: Vec<&str> = mine.map(|(_, message)| message.as_str()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn champ<'c>(&'c self, nom: &'c str, erreur: Option<&'c str>) -> Champ<'c> {
        let requis = matches!(self.column, Colonne::Agent | Colonne::Rubrique);
        Champ {
            nom,
            libelle: self.column.french(),
            aide: self.aide,
            valeur: self.valeurs.get(self.column),
            erreur,
            requis,
            autocompletion: "off",
            ..Champ::default()
        }
    }
}

fn nombre(texte: &Texte<'_>, unite: &str) -> Markup {
    let (nom, erreur) = (texte.nom(), texte.erreur());
    champ_nombre(&texte.champ(&nom, erreur.as_deref()), unite)
}

/// A text with a list to search in; a rubrique tells what it needs as soon as it is chosen.
fn cherche(texte: &Texte<'_>, liste: &str, colonnes: &str) -> Markup {
    let (nom, erreur) = (texte.nom(), texte.erreur());
    let (aide, faute) = (format!("{nom}-aide"), format!("{nom}-erreur"));
    let decrit = match erreur {
        Some(_) => format!("{faute} {aide}"),
        None => aide.clone(),
    };
    let rubrique = texte.column == Colonne::Rubrique;
    let demande = rubrique.then_some(colonnes);
    let cible = rubrique.then(|| format!("#colonnes-{}", texte.place));
    // Of the form, this field alone: names of agents stay out of addresses.
    let seul = rubrique.then_some(nom.as_str());
    let invalide = erreur.as_ref().map(|_| "true");
    html! {
        div.champ.en-erreur[erreur.is_some()] {
            label for=(nom) { (texte.column.french()) }
            p.aide id=(aide) { (texte.aide) }
            @if let Some(erreur) = &erreur {
                p.erreur id=(faute) {
                    (icone(Icone::Erreur)) span.lu { "Erreur\u{a0}: " } (erreur)
                }
            }
            input id=(nom) name=(nom) type="text" list=(liste) autocomplete="off"
                value=(texte.valeurs.get(texte.column)) aria-invalid=[invalide]
                aria-describedby=(decrit) hx-get=[demande] hx-target=[cible] hx-trigger="change"
                hx-params=[seul];
        }
    }
}

/// What a rubrique asks to fill in; nothing for one that is not known.
pub fn a_remplir(sujet: &Sujet, texte: &str) -> Markup {
    let code = sujet.rubrique_saisie(texte);
    let known = sujet.referentiel.rubrique(&code);
    html! { @if let Some(known) = known { p.aide { (besoin(known)) } } }
}

fn besoin(known: &RubriqueConnue) -> String {
    let noms = |columns: &mut dyn Iterator<Item = &Colonne>| {
        columns.map(|column| column.french().to_lowercase()).collect::<Vec<_>>().join(", ")
    };
    let (code, libelle) = (&known.code, &known.libelle);
    let quoi = if code == libelle { code.clone() } else { format!("{code}, {libelle}") };
    match &known.usage {
        Usage::Element { lues, requises } => {
            let facultatives = noms(&mut lues.difference(requises));
            let requises = noms(&mut requises.iter());
            match (requises.is_empty(), facultatives.is_empty()) {
                (false, true) => format!("{quoi}\u{a0}: remplissez {requises}."),
                (false, false) => {
                    format!("{quoi}\u{a0}: remplissez {requises}, au besoin {facultatives}.")
                }
                (true, false) => {
                    format!("{quoi}\u{a0}: remplissez au besoin {facultatives}.")
                }
                (true, true) => format!("{quoi}\u{a0}: rien d’autre à remplir."),
            }
        }
        Usage::Forcable => format!(
            "{quoi}\u{a0}: calculée par les règles. Seul «\u{a0}montant payé\u{a0}» est \
             accepté, et prend sa place."
        ),
        Usage::Calculee => {
            format!("{quoi}\u{a0}: calculée par les règles, ne se saisit pas.")
        }
    }
}

/// The form of a file.
pub fn envoi(qui: &Connecte, sujet: &Sujet) -> Result<Markup, Erreur> {
    let action = sujet.adresse("/verifier");
    let jeton = qui.jeton(&action)?;
    let corps = html! {
        (fichier(&Champ {
            nom: "fichier",
            libelle: "Fichier CSV",
            aide: "CSV UTF-8, 2\u{a0}Mo et 5\u{202f}000 lignes au plus. Le modèle a les bons \
                   titres et vos agents.",
            requis: true,
            ..Champ::default()
        }, ".csv,text/csv"))
        (boutons("Vérifier le fichier", None))
        p.aide { "Rien n’est enregistré à cette étape." }
    };
    Ok(formulaire(&Formulaire { action: &action, jeton: &jeton, multipart: true }, &corps))
}
