//! Files to download: a table to fill in, and what is stored already.

use super::Contexte;
use super::jugement::{Constat, LigneJugee};
use super::lecture::{POUR_MEMOIRE, is_formula};
use super::stock::LigneStockee;
use super::valeurs::Colonne;

/// The columns of a downloaded table: those that people fill in, after who it is about.
const COLONNES: [Colonne; 12] = [
    Colonne::Agent,
    Colonne::Contrat,
    Colonne::Rubrique,
    Colonne::Nombre,
    Colonne::Base,
    Colonne::Taux,
    Colonne::Montant,
    Colonne::MontantPaye,
    Colonne::Depuis,
    Colonne::Fin,
    Colonne::MoisOrigine,
    Colonne::Libelle,
];

/// Titles that only people read, after a row that is to be mended.
const A_CORRIGER: [&str; 2] = ["a_corriger", "que_faire"];

/// A table to fill in: the contracts of the month, with the name of the agent to find one's way.
/// CSV for a French spreadsheet: UTF-8 with its mark, semicolons.
pub fn modele(contexte: &Contexte<'_>) -> Vec<u8> {
    let mut table = titres(true);
    let known = contexte.contrats.iter().filter(|contrat| contrat.couvre(contexte.mois));
    for contrat in known {
        let mut cells = vec![String::new(); COLONNES.len()];
        for (cell, column) in cells.iter_mut().zip(COLONNES) {
            *cell = match column {
                Colonne::Agent => contrat.agent.clone(),
                Colonne::Contrat => contrat.contrat.clone(),
                _ => String::new(),
            };
        }
        cells.push(format!("{} {}", contrat.nom, contrat.prenom).trim().to_owned());
        rangee(&mut table, &cells);
    }
    table.into_bytes()
}

/// The stored rows that count in the month, in the form of [`modele`], without names.
pub fn export(stored: &[LigneStockee]) -> Vec<u8> {
    let mut table = titres(false);
    for row in stored.iter().filter(|row| row.compte()) {
        let cells = COLONNES.map(|column| {
            let cell = row.valeurs.get(column);
            if column.is_number() { cell.replace('.', ",") } else { cell.to_owned() }
        });
        rangee(&mut table, &cells);
    }
    table.into_bytes()
}

/// The rows that cannot be stored, as they were typed, each with what is wrong and what to do.
pub fn refusees(rows: &[LigneJugee]) -> Vec<u8> {
    let mut table = String::from("\u{feff}");
    let names = COLONNES.iter().map(|column| column.name());
    let names = names.chain(A_CORRIGER).map(str::to_owned);
    rangee(&mut table, &names.collect::<Vec<_>>());
    for row in rows.iter().filter(|row| row.est_bloquee()) {
        let mut cells: Vec<String> =
            COLONNES.iter().map(|column| row.valeurs.get(*column).to_owned()).collect();
        let wrong: Vec<_> = row.constats.iter().filter(|constat| constat.bloquant).collect();
        let join = |text: fn(&Constat) -> &str| {
            wrong.iter().map(|constat| text(constat)).collect::<Vec<_>>().join(" ")
        };
        cells.push(join(|constat| &constat.message));
        cells.push(join(|constat| &constat.remede));
        rangee(&mut table, &cells);
    }
    table.into_bytes()
}

fn titres(with_names: bool) -> String {
    let mut table = String::from("\u{feff}");
    let mut names: Vec<String> = COLONNES.iter().map(|column| column.name().to_owned()).collect();
    // Not a column of the pool: it is read by people alone.
    names.extend(with_names.then(|| POUR_MEMOIRE.to_owned()));
    rangee(&mut table, &names);
    table
}

fn rangee(table: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            table.push(';');
        }
        // What a spreadsheet would compute is shown as a text; names come from elsewhere.
        let shown = if is_formula(cell) { format!("'{cell}") } else { cell.clone() };
        super::fichier::cellule(table, &shown, b';');
    }
    table.push_str("\r\n");
}
