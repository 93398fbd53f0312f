//! An uploaded file, or the rows of a form, into rows to judge: what is not a table of texts, or
//! could harm who opens it later, stops here.

use super::Contexte;
use super::jugement::{Brute, Constat, LigneJugee, juger};
use super::messages::{cite, is_hidden, liste, vouliez_vous};
use super::valeurs::{COLONNES, Colonne, Valeurs};
use crate::diag::{Code, nearest};
use crate::domain::canonical;
use crate::io::{CsvRow, csv_cells, csv_rows};
use crate::limits::{SAISIE_CELL_CHARS, SAISIE_ROWS};
use crate::num::Fixed;

mod entete;
mod nature;

pub(super) use entete::POUR_MEMOIRE;

/// What was read: rows to show, none stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lecture {
    /// In the order of the file.
    pub lignes: Vec<LigneJugee>,
    /// What is said of the file, and stops nothing.
    pub notes: Vec<Constat>,
}

impl Lecture {
    /// Whether nothing stands against storing: there are rows, and none is blocked.
    pub fn est_acceptable(&self) -> bool {
        !self.lignes.is_empty() && !self.lignes.iter().any(LigneJugee::est_bloquee)
    }
}

/// Reads an uploaded CSV: comma, semicolon or tab, UTF-8 with or without its mark.
///
/// Errors: why the file as a whole is refused; nothing is judged then. A text in Windows-1252 is
/// refused and not converted: nothing tells it from the other encodings of one byte, and a letter
/// taken for another would be printed on payslips.
pub fn lire(bytes: &[u8], contexte: &Contexte<'_>) -> Result<Lecture, Vec<Constat>> {
    let text = nature::texte(bytes).map_err(|constat| vec![*constat])?;
    let (start, entete) = entete::lire(text)?;
    let body = text.get(start.octet..).unwrap_or_default();
    let rows = csv_rows(body.as_bytes(), entete.delimiter);
    if rows.is_empty() {
        return Err(vec![Constat::bloquant(
            None,
            "Le fichier n’a qu’une ligne de titres\u{202f}: aucun élément.",
            "Ajoutez une ligne par élément sous les titres, puis envoyez-le de nouveau.",
        )]);
    }
    if rows.len() > SAISIE_ROWS {
        return Err(vec![trop_de_lignes(rows.len())]);
    }
    let brutes: Vec<Brute> =
        rows.iter().map(|row| ligne(body, row, start.lignes, &entete)).collect();
    let mut notes = entete.notes;
    let (brutes, vides): (Vec<_>, Vec<_>) = brutes.into_iter().partition(dit_quelque_chose);
    if !vides.is_empty() {
        let message = match vides.len() {
            1 => "Une ligne sans rien de saisi a été laissée de côté.".to_owned(),
            count => format!("{count} lignes sans rien de saisi ont été laissées de côté."),
        };
        notes.push(Constat::note(None, message, "Rien à faire."));
    }
    Ok(Lecture { lignes: juger(brutes, contexte), notes })
}

/// Whether a row says more than whom it is about: the model has one for each contract.
fn dit_quelque_chose(brute: &Brute) -> bool {
    let whom = |column: &Colonne| {
        matches!(column, Colonne::Agent | Colonne::Siret | Colonne::Contrat)
            || matches!(column, Colonne::Depuis | Colonne::Fin | Colonne::ConnuLe)
    };
    let mut said = Colonne::ALL.into_iter().filter(|column| !whom(column));
    let says = said.any(|column| !brute.valeurs.get(column).trim().is_empty());
    says || !brute.constats.is_empty()
}

/// Reads the rows of a form, with their numbers; those that are empty are left out. The rows of a
/// file that was judged come back that way, under the numbers of its lines.
///
/// Errors: too many rows, or none.
pub fn lire_formulaire(
    rows: impl IntoIterator<Item = (u32, Valeurs)>,
    contexte: &Contexte<'_>,
) -> Result<Lecture, Vec<Constat>> {
    let brutes: Vec<Brute> = rows
        .into_iter()
        .map(|(numero, valeurs)| {
            let constats = suspects(&valeurs);
            Brute { numero, valeurs, constats }
        })
        .filter(|brute| !brute.valeurs.is_empty())
        .collect();
    if brutes.is_empty() {
        return Err(vec![Constat::bloquant(
            None,
            "Le formulaire est vide.",
            "Remplissez au moins une ligne.",
        )]);
    }
    if brutes.len() > SAISIE_ROWS {
        return Err(vec![trop_de_lignes(brutes.len())]);
    }
    Ok(Lecture { lignes: juger(brutes, contexte), notes: Vec::new() })
}

fn trop_de_lignes(count: usize) -> Constat {
    Constat::bloquant(
        None,
        format!("Le fichier a {count} lignes, plus que les {SAISIE_ROWS} d’un envoi."),
        "Coupez-le en plusieurs fichiers, par exemple par service.",
    )
}

/// One row of the body, its cells under their columns.
fn ligne(body: &str, row: &CsvRow, before: u32, entete: &entete::Entete) -> Brute {
    let text = body.get(row.bytes.clone()).unwrap_or_default();
    let (mut cells, closed) = csv_cells(text, entete.delimiter);
    let numero = row.line.saturating_add(before);
    // Empty cells past the last title say nothing: spreadsheets leave them.
    while cells.len() > entete.largeur && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let mut valeurs = Valeurs::default();
    for (cell, column) in cells.iter().zip(&entete.colonnes) {
        if let Some(column) = column {
            valeurs.set(*column, cell.as_str());
        }
    }
    let constats = if !closed {
        let message = "Un guillemet est ouvert et n’est pas refermé dans cette ligne.";
        let remede = "Fermez-le, ou doublez-le s’il fait partie du texte.";
        vec![Constat::bloquant(None, message, remede).code(Code::E723)]
    } else if cells.len() != entete.largeur {
        let message = format!(
            "La ligne a {} cellules, la ligne de titres en a {}.",
            cells.len(),
            entete.largeur
        );
        let remede = "Mettez entre guillemets une cellule qui contient le séparateur (une virgule \
                      décimale, par exemple).";
        vec![Constat::bloquant(None, message, remede).code(Code::E723)]
    } else {
        suspects(&valeurs)
    };
    Brute { numero, valeurs, constats }
}

/// Cells that could harm: formulas of spreadsheets, characters that cannot be seen, long texts.
fn suspects(valeurs: &Valeurs) -> Vec<Constat> {
    let cells = Colonne::ALL.into_iter().map(|column| (column, valeurs.get(column)));
    cells.filter_map(|(column, cell)| suspect(column, cell)).collect()
}

fn suspect(column: Colonne, cell: &str) -> Option<Constat> {
    let nom = column.french();
    if is_formula(cell) {
        let message =
            format!("{nom}\u{202f}: {} serait pris pour une formule par un tableur.", cite(cell));
        let remede = "Écrivez la valeur elle-même, sans =, +, -, @ ni tabulation au début.";
        return Some(Constat::bloquant(Some(column), message, remede));
    }
    if let Some(letter) = cell.chars().find(|letter| letter.is_control() || is_hidden(*letter)) {
        let message = format!(
            "{nom}\u{202f}: {} contient un caractère invisible (U+{:04X}).",
            cite(cell),
            u32::from(letter)
        );
        let remede = "Tapez la cellule au clavier, sans la coller, et sur une seule ligne.";
        return Some(Constat::bloquant(Some(column), message, remede));
    }
    let letters = cell.chars().count();
    (letters > SAISIE_CELL_CHARS).then(|| {
        let message = format!(
            "{nom}\u{202f}: {} a {letters} caractères, plus que les {SAISIE_CELL_CHARS} admis.",
            cite(cell)
        );
        Constat::bloquant(Some(column), message, "Raccourcissez cette cellule.")
    })
}

/// Whether a spreadsheet would compute the cell.
pub(super) fn is_formula(cell: &str) -> bool {
    let starts = |text: &str| match text.chars().next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => Fixed::parse(text.get(1..).unwrap_or_default()).is_err(),
        _ => false,
    };
    starts(cell) || starts(cell.trim_start())
}
