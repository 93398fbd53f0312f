//! Rows between a page and the server: the fields of the form, and the rows that were judged, which
//! travel whole from the first step to the second.

use crate::serve::saisie::{Colonne, LigneJugee, Valeurs};
use crate::serve::web::{Champs, Erreur};

use super::sujet::Sujet;

/// The most rows of a form; a file takes more.
pub const RANGEES_MAX: usize = 60;
/// Rows of an empty form.
pub const RANGEES: usize = 3;
/// The field that holds how many rows a form has.
pub const NOMBRE: &str = "rangees";
/// The field of rows that were judged.
pub const JUGEES: &str = "lignes";

/// The columns of a form, in the order of its fields; the contract comes with the agent.
pub const SAISIES: [Colonne; 11] = [
    Colonne::Agent,
    Colonne::Rubrique,
    Colonne::Nombre,
    Colonne::Montant,
    Colonne::Base,
    Colonne::Taux,
    Colonne::MontantPaye,
    Colonne::Depuis,
    Colonne::Fin,
    Colonne::MoisOrigine,
    Colonne::Libelle,
];

/// The field of a cell.
pub fn champ(column: Colonne, numero: u32) -> String {
    // The contract is chosen with the agent.
    let column = if column == Colonne::Contrat { Colonne::Agent } else { column };
    format!("{}-{numero}", column.name())
}

/// How many rows a form has.
pub fn nombre(champs: &Champs) -> usize {
    champs.un(NOMBRE).parse::<usize>().unwrap_or(0).min(RANGEES_MAX)
}

/// The rows of a form as they were typed: the agent is what the field holds.
pub fn tapees(champs: &Champs) -> Vec<(u32, Valeurs)> {
    let numeros = (1_u32..).take(nombre(champs));
    let each = numeros.map(|numero| {
        let mut valeurs = Valeurs::default();
        for column in SAISIES {
            valeurs.set(column, champs.un(&champ(column, numero)));
        }
        (numero, valeurs)
    });
    each.collect()
}

/// The same rows, agents and rubriques found by what was typed.
pub fn comprises(tapees: &[(u32, Valeurs)], sujet: &Sujet) -> Vec<(u32, Valeurs)> {
    let each = tapees.iter().map(|(numero, typed)| {
        let mut valeurs = typed.clone();
        let (agent, contrat) = sujet.contrat_saisi(typed.get(Colonne::Agent));
        valeurs.set(Colonne::Agent, agent);
        valeurs.set(Colonne::Contrat, contrat);
        valeurs.set(Colonne::Rubrique, sujet.rubrique_saisie(typed.get(Colonne::Rubrique)));
        (*numero, valeurs)
    });
    each.collect()
}

/// A row as a form shows it: the entry of the contract, a comma in numbers.
pub fn montree(valeurs: &Valeurs, sujet: &Sujet) -> Valeurs {
    let mut shown = valeurs.clone();
    let (agent, contrat) = (valeurs.get(Colonne::Agent), valeurs.get(Colonne::Contrat));
    shown.set(Colonne::Agent, sujet.entree_de(agent, contrat));
    for column in Colonne::NOMBRES {
        shown.set(column, valeurs.get(column).replace('.', ","));
    }
    // These two are of the page and of the day.
    shown.set(Colonne::Siret, "");
    shown.set(Colonne::ConnuLe, "");
    shown
}

/// Rows that were judged, for the second step.
pub fn ecrire<'l>(lignes: impl IntoIterator<Item = &'l LigneJugee>) -> String {
    let each = lignes.into_iter().map(|row| {
        let mut valeurs = row.valeurs.clone();
        // It is the day of storing, which may be the next one.
        valeurs.set(Colonne::ConnuLe, "");
        (row.numero, valeurs.cells().to_vec())
    });
    let rows: Vec<(u32, Vec<String>)> = each.collect();
    serde_json::to_string(&rows).unwrap_or_default()
}

/// Reads what [`ecrire`] wrote. Error: it is not that.
pub fn relire(texte: &str) -> Result<Vec<(u32, Valeurs)>, Erreur> {
    if texte.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |_| Erreur::Illisible("Les lignes à enregistrer sont illisibles.".to_owned());
    let rows: Vec<(u32, Vec<String>)> = serde_json::from_str(texte).map_err(wrong)?;
    let each = rows.into_iter().map(|(numero, cells)| {
        let mut valeurs = Valeurs::default();
        for (column, cell) in Colonne::ALL.into_iter().zip(cells) {
            valeurs.set(column, cell);
        }
        (numero, valeurs)
    });
    Ok(each.collect())
}
