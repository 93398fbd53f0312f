//! The row of titles: its separator, which column is where, what is missing or not known.

use super::vouliez_vous;
use super::{COLONNES, Code, Colonne, Constat, canonical, cite, csv_cells, liste, nearest};

/// What the titles say.
pub(super) struct Entete {
    pub(super) delimiter: u8,
    /// Cells of every row.
    pub(super) largeur: usize,
    /// The column of each cell; none: a title that is not known.
    pub(super) colonnes: Vec<Option<Colonne>>,
    /// What stops nothing.
    pub(super) notes: Vec<Constat>,
}

/// Where rows start.
pub(super) struct Depart {
    /// The first byte after the titles.
    pub(super) octet: usize,
    /// The lines before.
    pub(super) lignes: u32,
}

/// The columns without which a row says nothing; the page gives the employer and the month.
const BESOIN: [Colonne; 3] = [Colonne::Agent, Colonne::Contrat, Colonne::Rubrique];

/// The column of the model that only people read: names of agents.
pub(in crate::serve::saisie) const POUR_MEMOIRE: &str = "pour_memoire";

/// Reads the titles. Errors: everything that is wrong with them.
pub(super) fn lire(text: &str) -> Result<(Depart, Entete), Vec<Constat>> {
    let mut depart = Depart { octet: 0, lignes: 0 };
    let mut imposed = None;
    let titles = loop {
        let rest = text.get(depart.octet..).unwrap_or_default();
        let (line, next) = match rest.find('\n') {
            Some(end) => (rest.get(..end).unwrap_or_default(), end + 1),
            None => (rest, rest.len()),
        };
        depart.octet += next;
        depart.lignes += 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        // Excel writes and reads the separator that way.
        match line.strip_prefix("sep=").map(str::as_bytes) {
            Some([delimiter @ (b',' | b';' | b'\t')]) if imposed.is_none() => {
                imposed = Some(*delimiter);
            }
            _ if line.trim().is_empty() && next > 0 => {}
            _ => break line,
        }
    };
    if titles.contains('\r') {
        return Err(vec![Constat::bloquant(
            None,
            "Les fins de ligne sont celles d’un ancien Mac\u{202f}: tout est sur une seule ligne.",
            "Enregistrez-le en «\u{a0}CSV UTF-8\u{a0}», sans le choix «\u{a0}Macintosh\u{a0}».",
        )
        .code(Code::E702)]);
    }
    let delimiter = imposed.unwrap_or_else(|| separateur(titles));
    let (cells, closed) = csv_cells(titles, delimiter);
    let names: Vec<String> = cells.iter().map(|cell| canonical(cell)).collect();
    let mut entete =
        Entete { delimiter, largeur: names.len(), colonnes: Vec::new(), notes: Vec::new() };
    let mut refused = Vec::new();
    if !closed {
        let message = "Un guillemet est ouvert et n’est pas refermé dans la ligne de titres.";
        refused.push(Constat::bloquant(None, message, "Fermez-le.").code(Code::E723));
    }
    for name in &names {
        entete.place(name, &mut refused);
    }
    refused.extend(manquantes(&entete.colonnes, &names));
    if refused.is_empty() { Ok((depart, entete)) } else { Err(refused) }
}

/// The separator that titles use most; a comma when they use none.
fn separateur(titles: &str) -> u8 {
    let count = |wanted: u8| titles.bytes().filter(|byte| *byte == wanted).count();
    let most = [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter));
    most.unwrap_or(b',')
}

impl Entete {
    fn place(&mut self, name: &str, refused: &mut Vec<Constat>) {
        let column = Colonne::from_name(name);
        if column.is_none() && !name.is_empty() && name != POUR_MEMOIRE {
            let names: [&str; COLONNES] = Colonne::ALL.map(Colonne::name);
            let close = nearest(name, names, 1);
            let message = format!("La colonne {} n’est pas connue.", cite(name));
            // A title that is nearly a column is a slip, and its values would be lost.
            if close.is_empty() {
                let remede = "Rien à faire si elle ne sert qu’à vous\u{202f}: elle n’est pas lue.";
                self.notes.push(Constat::note(None, message, remede).code(Code::E703));
            } else {
                let remede = vouliez_vous(&close, "");
                refused.push(Constat::bloquant(None, message, remede).code(Code::E703));
            }
        }
        if let Some(twice) = column.filter(|_| self.colonnes.contains(&column)) {
            let message = format!("La colonne {} est deux fois dans les titres.", cite(name));
            let remede = "Gardez une seule des deux colonnes.";
            refused.push(Constat::bloquant(Some(twice), message, remede).code(Code::E702));
        }
        self.colonnes.push(column);
    }
}

fn manquantes(found: &[Option<Colonne>], names: &[String]) -> Option<Constat> {
    let missing = BESOIN.into_iter().filter(|column| !found.contains(&Some(*column)));
    let missing: Vec<&str> = missing.map(Colonne::name).collect();
    if missing.is_empty() {
        return None;
    }
    let none = found.iter().all(Option::is_none);
    let message = if none {
        "La première ligne ne contient aucun titre de colonne connu.".to_owned()
    } else {
        let shown = names.iter().map(String::as_str).filter(|name| !name.is_empty());
        format!(
            "Colonnes manquantes\u{202f}: {}. Trouvées\u{202f}: {}.",
            liste(missing.clone()),
            liste(shown)
        )
    };
    let remede = format!(
        "Ajoutez à la ligne de titres {}\u{202f}; le modèle à télécharger les a toutes.",
        liste(missing)
    );
    Some(Constat::bloquant(None, message, remede).code(Code::E702))
}
