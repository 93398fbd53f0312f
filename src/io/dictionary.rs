//! The data dictionary and the JSON Schema of a pool, made from the columns that are read.

use std::fmt::Write;

use serde_json::{Value, json};

use super::columns::columns;
use crate::domain::PoolFile;

/// What a column holds and its form; every column has an entry, a test says so.
const WORDS: &[(&str, &str, &str)] = &[
    ("siret", "texte 14", "SIRET de l'employeur"),
    ("nom", "texte", "nom de l'employeur ou de l'agent"),
    ("nature", "liste", "employeur : commune, epci, ccas… ; absence : son motif statutaire"),
    ("insee", "texte 5", "code INSEE de la commune du lieu de travail"),
    ("population", "entier", "population totale"),
    ("effectif", "entier", "effectif moyen annuel"),
    ("adresse", "texte", "adresse"),
    ("code_postal", "texte 5", "code postal"),
    ("ville", "texte", "ville"),
    ("ape", "texte", "code d'activité"),
    ("urssaf", "texte", "compte URSSAF"),
    ("parametre", "liste", "nom du paramètre (voir `paie show entree`)"),
    ("valeur", "texte", "valeur : taux en fraction décimale, oui/non, mot d'une liste"),
    ("reference", "texte", "délibération ou notification"),
    ("agent", "texte", "identifiant opaque de l'agent, jamais un NIR"),
    ("nir", "texte 13 ou 15", "numéro de sécurité sociale, clé vérifiée"),
    ("prenom", "texte", "prénom"),
    ("naissance", "date", "date de naissance"),
    ("sexe", "F ou M", "sexe"),
    ("iban", "texte", "compte, clé vérifiée"),
    ("bic", "texte", "banque"),
    ("contrat", "texte", "identifiant du contrat chez cet employeur"),
    ("depuis", "date", "premier jour d'effet"),
    ("fin", "date", "dernier jour, inclus ; vide (sauf absence) : jusqu'à la ligne suivante"),
    ("connu_le", "date", "jour où le service l'a su ; vide : toujours su"),
    ("statut", "liste", "statut de l'agent"),
    ("regime", "liste", "régime de retraite ; vide : déduit"),
    ("grade", "texte", "grade, tel que dans les grilles"),
    ("echelon", "texte", "échelon"),
    ("indice_brut", "texte", "indice brut, ou groupe et chevron hors échelle (HEA1)"),
    ("indice_majore", "entier", "indice majoré ; l'emporte sur la grille"),
    ("categorie", "A, B ou C", "catégorie ; vide : celle du grade"),
    ("montant_mensuel", "décimal", "rémunération mensuelle non indexée, à temps complet"),
    ("taux_horaire", "décimal", "taux horaire d'un contrat payé à l'heure"),
    ("quotite", "% ou fraction", "temps partiel : 80, 7/10 ; vide : 100"),
    ("duree_hebdo", "durée", "durée du poste : 35, 17:30, 12/20 ; vide : temps complet"),
    ("temps_partiel_therapeutique", "% ou fraction", "quotité du temps partiel thérapeutique"),
    ("nbi", "points", "points de NBI"),
    ("zone_ir", "liste", "zone d'indemnité de résidence ; vide : celle de l'employeur"),
    ("cti", "points", "points de CTI"),
    ("fonction", "texte", "fonction d'un élu"),
    ("taux_indemnite", "décimal", "taux de l'indemnité d'un élu, en fraction"),
    ("motif", "texte", "motif de la ligne"),
    ("conclu_le", "date", "jour où le contrat a été conclu ; vide : son premier jour"),
    ("groupe_rifseep", "entier", "groupe de fonctions du RIFSEEP, 1 le plus haut"),
    ("loge", "oui/non", "logé par nécessité absolue de service"),
    ("surcotisation", "oui/non", "surcotisation CNRACL demandée (temps partiel)"),
    ("enfants", "entier", "enfants à charge ouvrant droit au SFT"),
    ("enfants_alternes", "entier", "dont enfants en résidence alternée"),
    ("taux", "décimal", "taux en fraction décimale ; vide dans taux_pas : grille par défaut"),
    ("rubrique", "code", "code de rubrique (voir `paie show rubrique`)"),
    ("nombre", "décimal", "heures, jours ou unités"),
    ("base", "décimal", "base de la rubrique ou de la cotisation"),
    ("montant", "décimal", "montant d'un mois complet à temps plein, ou cumul"),
    ("montant_paye", "décimal", "payé tel quel ; force une rubrique calculée"),
    ("mois_origine", "AAAA-MM", "mois dû, pour un rappel"),
    ("libelle", "texte", "libellé imprimé à la place de celui de la rubrique"),
    ("debut", "date", "premier jour d'absence"),
    ("accorde_le", "date", "jour de la décision"),
    ("prolongation", "oui/non", "prolonge l'absence précédente"),
    ("heures", "décimal", "heures non faites (grève, service non fait)"),
    ("demi_journees", "entier", "demi-journées non faites (grève, service non fait)"),
    ("sans_carence", "oui/non", "dispensée du jour de carence par un texte"),
    ("annee", "AAAA", "année civile du cumul"),
    ("montant_agent", "décimal", "part de l'agent"),
    ("montant_employeur", "décimal", "part de l'employeur"),
];

/// The form of a column and what it means, in French; `None` when no pool file has it.
pub fn described(name: &str) -> Option<(&'static str, &'static str)> {
    let found = WORDS.iter().find(|(column, _, _)| *column == name);
    found.map(|(_, form, text)| (*form, *text))
}

fn word(name: &str) -> (&'static str, &'static str) {
    described(name).unwrap_or(("texte", ""))
}

/// The data dictionary, in Markdown.
pub fn dictionary() -> String {
    let mut text = String::from(
        "# Dossier d'un pool : fichiers et colonnes\n\nCSV, UTF-8, virgule ou point-virgule, \
         dates AAAA-MM-JJ ou JJ/MM/AAAA, décimales au point ou à la virgule.\n",
    );
    for file in PoolFile::ALL {
        let _ = write!(text, "\n## {}\n\n| colonne | forme | sens |\n|---|---|---|\n", file.name());
        for column in columns(file) {
            let (form, sense) = word(column.name);
            let mark = if column.needed { "**" } else { "" };
            let _ = writeln!(text, "| {mark}{}{mark} | {form} | {sense} |", column.name);
        }
    }
    text
}

/// The JSON Schema of a pool written as one object: a list of rows for each file.
pub fn schema() -> Value {
    let mut files = serde_json::Map::new();
    for file in PoolFile::ALL {
        let mut properties = serde_json::Map::new();
        let mut needed = Vec::new();
        for column in columns(file) {
            let (form, sense) = word(column.name);
            let description = format!("{sense} ({form})");
            let property = json!({ "type": "string", "description": description });
            properties.insert(column.name.to_owned(), property);
            if column.needed {
                needed.push(column.name);
            }
        }
        let row = json!({
            "type": "object",
            "properties": properties,
            "required": needed,
            "additionalProperties": false,
        });
        files.insert(file.name().to_owned(), json!({ "type": "array", "items": row }));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Dossier d'un pool de paie",
        "type": "object",
        "properties": files,
        "required": ["employeurs.csv", "agents.csv", "carrieres.csv"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_described_and_every_word_is_a_column() {
        let mut names: Vec<&str> =
            PoolFile::ALL.into_iter().flat_map(columns).map(|column| column.name).collect();
        for name in &names {
            assert!(!word(name).1.is_empty(), "{name}");
        }
        names.sort_unstable();
        for (name, _, _) in WORDS {
            assert!(names.binary_search(name).is_ok(), "{name} is not a column");
        }
    }
}
