//! The columns of result tables: their types, and what they mean in French.

use std::fmt::{self, Write};

use crate::io::described;

/// The type of a column. A cell without text is NULL in every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// UTF-8 text.
    Text,
    /// An exact decimal: digits in all, digits after the point.
    Decimal(u8, u8),
    /// A whole number that fits in 64 bits.
    Integer,
    /// The month of the folder: checked in each row, and left to the name of the folder.
    Month,
}

/// The name of the type in SQL.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text | Self::Month => out.write_str("VARCHAR"),
            Self::Decimal(precision, scale) => write!(out, "DECIMAL({precision},{scale})"),
            Self::Integer => out.write_str("BIGINT"),
        }
    }
}

/// An amount of money.
const AMOUNT: Type = Type::Decimal(18, 2);
/// A rate, as a fraction.
const RATE: Type = Type::Decimal(10, 6);
/// Hours, days or units.
const NUMBER: Type = Type::Decimal(18, 4);

use Type::{Integer, Month, Text};

/// Columns of a table: name, type, meaning; an empty meaning is the one of the data dictionary.
type Known = (&'static str, &'static [(&'static str, Type, &'static str)]);

const TABLES: [Known; 6] = [
    (
        "bulletins",
        &[
            ("siret", Text, ""),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("mois", Month, "mois de paie, AAAA-MM"),
            ("etat", Text, "payable, ou bloque : attend une correction, montants vides"),
            ("brut", AMOUNT, "total brut"),
            ("net_social", AMOUNT, "montant net social"),
            ("net_imposable", AMOUNT, "net imposable du mois"),
            ("net_avant_impot", AMOUNT, "net à payer avant impôt sur le revenu"),
            ("pas", AMOUNT, "impôt sur le revenu prélevé à la source"),
            ("net_a_payer", AMOUNT, "net à payer"),
            ("cout_employeur", AMOUNT, "coût total pour l'employeur"),
        ],
    ),
    (
        "lignes",
        &[
            ("siret", Text, ""),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("mois", Month, "mois de paie, AAAA-MM"),
            ("mois_origine", Text, ""),
            ("ordre", Integer, "rang sur le bulletin"),
            ("rubrique", Text, ""),
            ("libelle", Text, "libellé imprimé"),
            ("nature", Text, "gain, retenue, cotisation, non_soumis, information ou total"),
            ("motif", Text, "pourquoi la ligne existe : motif d'absence, exonération"),
            ("nombre", NUMBER, ""),
            ("base", AMOUNT, ""),
            ("taux_agent", RATE, "taux de la part de l'agent, en fraction"),
            ("montant_agent", AMOUNT, "montant pour l'agent : gain, retenue, part salariale"),
            ("taux_employeur", RATE, "taux de la part de l'employeur, en fraction"),
            ("montant_employeur", AMOUNT, ""),
        ],
    ),
    (
        "charges",
        &[
            ("siret", Text, ""),
            ("organisme", Text, "à qui la cotisation est due"),
            ("rubrique", Text, ""),
            ("effectif", Integer, "nombre de bulletins qui la portent"),
            ("base", AMOUNT, "somme des bases"),
            ("montant_agent", AMOUNT, "somme des parts des agents"),
            ("montant_employeur", AMOUNT, "somme des parts de l'employeur"),
        ],
    ),
    (
        "anomalies",
        &[
            ("gravite", Text, "bloquant ou alerte"),
            ("code", Text, "code de l'anomalie (voir `paie show CODE`)"),
            ("siret", Text, ""),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("fichier", Text, "fichier du dossier remis"),
            ("ligne", Integer, "ligne de ce fichier"),
            ("message", Text, "ce qui ne va pas"),
            ("remede", Text, "quoi faire"),
            ("controle", Text, "nom du contrôle, qu'une dérogation cite"),
        ],
    ),
    (
        "cumuls",
        &[
            ("siret", Text, ""),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("annee", Integer, ""),
            ("rubrique", Text, ""),
            ("montant", AMOUNT, "cumul de l'année"),
            ("base", AMOUNT, "cumul des bases"),
            ("montant_agent", AMOUNT, "cumul des parts de l'agent"),
            ("montant_employeur", AMOUNT, "cumul des parts de l'employeur"),
        ],
    ),
    (
        "rappels",
        &[
            ("siret", Text, ""),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("mois", Month, "mois de paie, AAAA-MM"),
            ("mois_origine", Text, "mois clos qui a été recalculé"),
            ("etat", Text, "paye, sans_ecart ou attente : repris par un mois suivant"),
            ("net", AMOUNT, "ce que le net à payer du mois d'origine gagne ou perd"),
            ("montant_employeur", AMOUNT, "ce que les parts de l'employeur gagnent ou perdent"),
            ("cause", Text, "ce qui a changé : règles, fichiers du dossier remis"),
        ],
    ),
];

/// Tables that an archive keeps of a run beside its results.
const KEPT: [Known; 2] = [
    (
        "registre",
        &[
            ("siret", Text, ""),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("mois_origine", Text, "mois au titre duquel le contrat est dû"),
            ("genre", Text, "du, entrees (empreinte de ce dont le dû est calculé) ou ouverture"),
            ("nom", Text, "rubrique, base ou empreinte"),
            ("montant", AMOUNT, "montant dû au titre du mois d'origine"),
            ("base", AMOUNT, "base due au titre du mois d'origine"),
            ("montant_agent", AMOUNT, "part de l'agent due au titre du mois d'origine"),
            ("montant_employeur", AMOUNT, "part de l'employeur due au titre du mois d'origine"),
        ],
    ),
    (
        "suites",
        &[
            ("siret", Text, "vide : la ligne concerne l'agent"),
            ("agent", Text, ""),
            ("contrat", Text, ""),
            ("genre", Text, "faits, cumul_annee, cumul_du, trop_percu ou attente"),
            ("nom", Text, "rubrique, mois en attente ou empreinte des faits"),
            ("montant", AMOUNT, "cumul, ou trop-perçu à reprendre"),
            ("base", AMOUNT, "cumul des bases"),
            ("montant_agent", AMOUNT, "cumul des parts de l'agent"),
            ("montant_employeur", AMOUNT, "cumul des parts de l'employeur"),
        ],
    ),
];

/// A column of a table to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// What it means, in French; empty when nothing is known of it.
    pub sense: &'static str,
}

/// The tables that an archive keeps beside the results, and whose columns are known.
pub fn kept_tables() -> impl Iterator<Item = &'static str> {
    KEPT.iter().map(|(nom, _)| *nom)
}

/// The result tables, whose columns are known.
pub fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(nom, _)| *nom)
}

/// The columns of a known table, in their order; none for another table.
pub fn columns(table: &str) -> impl Iterator<Item = Column> {
    let known = TABLES.iter().chain(&KEPT).find(|(nom, _)| *nom == table);
    let known = known.map_or(&[] as &[_], |(_, columns)| *columns);
    known.iter().map(|(name, kind, sense)| {
        let sense = if sense.is_empty() { described(name).map_or("", |(_, s)| s) } else { *sense };
        Column { name: (*name).to_owned(), kind: *kind, sense }
    })
}

/// A column by its name. What is not known, of any table, is text.
pub fn column(table: &str, name: &str) -> Column {
    columns(table).find(|column| column.name == name).unwrap_or_else(|| Column {
        name: name.to_owned(),
        kind: Text,
        sense: described(name).map_or("", |(_, sense)| sense),
    })
}

/// The data dictionary of result tables, in Markdown.
pub fn dictionary() -> String {
    let mut text = String::from(
        "# Résultats d'un mois : tables et colonnes\n\n`paie run` les écrit en CSV, `paie export` \
         en Parquet, avec les types ci-dessous. Une cellule vide est NULL. En Parquet, `mois` est \
         le nom du dossier (`lignes/mois=2026-10`). `registre` et `suites` sont des tables de \
         l'archive.\n",
    );
    for table in tables().chain(kept_tables()) {
        let _ = write!(text, "\n## {table}\n\n| colonne | type | sens |\n|---|---|---|\n");
        for column in columns(table) {
            let _ = writeln!(text, "| {} | {} | {} |", column.name, column.kind, column.sense);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_means() {
        for table in tables().chain(kept_tables()) {
            for column in columns(table) {
                assert!(!column.sense.is_empty(), "{table}.{}", column.name);
            }
        }
    }

    #[test]
    fn a_column_that_is_not_known_is_text() {
        assert_eq!(column("lignes", "montant_agent").kind, Type::Decimal(18, 2));
        // The dictionary of the pool knows what it means, and its cells are as they were handed in.
        let taux = column("taux_pas", "taux");
        assert!(taux.kind == Text && !taux.sense.is_empty());
        assert_eq!(
            column("lignes", "nouveau"),
            Column { name: "nouveau".to_owned(), kind: Text, sense: "" }
        );
    }
}
