//! The new bytes of `elements.csv`: rows appended, replaced or removed, the others as they stand.

use std::collections::BTreeMap;

use super::super::fichier::cellule;
use super::super::jugement::{Effet, LigneJugee};
use super::super::referentiel::{Referentiel, Usage};
use super::super::stock::{Index, LigneStockee, effet};
use super::super::valeurs::{Colonne, Valeurs};
use super::{Demande, ErreurDepot};
use crate::calendar::Day;
use crate::io::{CsvRow, ElementsFile};

/// How many rows each thing was done to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) nouvelles: usize,
    pub(super) corrigees: usize,
    pub(super) retirees: usize,
    pub(super) inchangees: usize,
}

/// What becomes of a row of the file.
enum Edit {
    Replace(Valeurs),
    Remove,
}

/// The file, and what is to be done to it.
pub(super) struct Table<'b> {
    bytes: &'b [u8],
    file: ElementsFile<'b>,
    stored: &'b [LigneStockee],
    index: Index<'b>,
    /// By first line.
    edits: BTreeMap<u32, Edit>,
    appended: Vec<Valeurs>,
    pub(super) counts: Counts,
}

impl<'b> Table<'b> {
    /// The file of these bytes, of which `stored` are the rows of one employer.
    ///
    /// Error: a row has an open quote, which what is appended could close.
    pub(super) fn open(bytes: &'b [u8], stored: &'b [LigneStockee]) -> Result<Self, ErreurDepot> {
        let file = ElementsFile::read(bytes).map_err(|_| ErreurDepot::Illisible { ligne: 1 })?;
        if let Some(open) = file.rows().iter().find(|row| !file.is_closed(row)) {
            return Err(ErreurDepot::Illisible { ligne: open.line });
        }
        let index = Index::new(stored);
        let (edits, appended, counts) = Default::default();
        Ok(Self { bytes, file, stored, index, edits, appended, counts })
    }

    /// Adds a judged row. False: it would not do what the person was told.
    pub(super) fn poser(
        &mut self,
        row: &LigneJugee,
        demande: &Demande<'_>,
    ) -> Result<bool, ErreurDepot> {
        // A page may be confirmed after midnight.
        let today = demande.aujourdhui;
        let valeurs = row.valeurs.clone().with(Colonne::ConnuLe, today.to_string());
        let bloquee = ErreurDepot::Bloquee { numero: row.numero };
        let Some(element) = valeurs.element(row.numero, demande.siret) else {
            return Err(bloquee);
        };
        let agent = valeurs.get(Colonne::Agent).to_owned();
        let Ok((found, _)) = effet(&agent, &element, &self.index, today) else {
            return Ok(false);
        };
        if !announced(&row.effet, &found) {
            return Ok(false);
        }
        match found {
            Effet::Inchangee => self.counts.inchangees += 1,
            Effet::Nouvelle => {
                self.counts.nouvelles += 1;
                self.appended.push(valeurs);
            }
            Effet::Corrige { .. } => {
                self.counts.corrigees += 1;
                self.appended.push(valeurs);
            }
            Effet::Remplace { .. } => {
                let Some((last, _)) = self.index.memes(&agent, &element).last().copied() else {
                    return Ok(false);
                };
                self.counts.corrigees += 1;
                return Ok(self.edits.insert(last.ligne, Edit::Replace(valeurs)).is_none());
            }
            Effet::Refusee => return Err(bloquee),
        }
        Ok(true)
    }

    /// Withdraws a stored row. False: it is not there, or not in force.
    pub(super) fn retirer(
        &mut self,
        key: &str,
        today: Day,
        referentiel: &Referentiel,
    ) -> Result<bool, ErreurDepot> {
        let found = self.stored.iter().find(|row| row.cle == key && !row.corrigee);
        let Some(row) = found else { return Ok(false) };
        let ligne = row.ligne;
        let Some(element) = &row.element else { return Err(ErreurDepot::Illisible { ligne }) };
        // Only what elements feed is brought to nothing by a zero: a forced amount would be zero,
        // and what the rules refuse would be refused again.
        let rubrique = referentiel.rubrique(&element.rubrique);
        let fed = rubrique.is_some_and(|known| matches!(known.usage, Usage::Element { .. }));
        if row.est_retiree() && fed {
            self.counts.inchangees += 1;
            return Ok(true);
        }
        let of_today = element.dated.connu_le == Some(today);
        let alone = self.index.memes(row.valeurs.get(Colonne::Agent), element).len() == 1;
        self.counts.retirees += 1;
        if of_today && alone {
            return Ok(self.edits.insert(ligne, Edit::Remove).is_none());
        }
        if !fed || element.dated.connu_le > Some(today) {
            return Err(ErreurDepot::Irretirable { ligne });
        }
        let Some(zero) = row.retrait(today) else { return Err(ErreurDepot::Illisible { ligne }) };
        if of_today {
            return Ok(self.edits.insert(ligne, Edit::Replace(zero)).is_none());
        }
        self.appended.push(zero);
        Ok(true)
    }

    /// The bytes of the file after all that.
    pub(super) fn write(&self) -> Vec<u8> {
        let header = self.file.header();
        let ending = self.line_end();
        let added = self.added();
        let mut out = self.bytes.get(..header.bytes.end).unwrap_or_default().to_vec();
        for column in &added {
            out.push(self.file.delimiter());
            out.extend_from_slice(column.name().as_bytes());
        }
        out.extend_from_slice(ending);
        let mut from = header.next;
        for row in self.file.rows() {
            // Blank rows stay where they are.
            out.extend_from_slice(self.bytes.get(from..row.bytes.start).unwrap_or_default());
            from = row.next;
            let end = self.bytes.get(row.bytes.end..row.next).unwrap_or_default();
            match self.edits.get(&row.line) {
                Some(Edit::Remove) => continue,
                Some(Edit::Replace(valeurs)) => out.extend(self.row(valeurs, Some(row), &added)),
                None => {
                    out.extend_from_slice(self.file.raw(row));
                    if !added.is_empty() && self.file.cells(row).is_some() {
                        out.extend(added.iter().map(|_| self.file.delimiter()));
                    }
                }
            }
            out.extend_from_slice(end);
        }
        out.extend_from_slice(self.bytes.get(from..).unwrap_or_default());
        for valeurs in &self.appended {
            if out.last() != Some(&b'\n') {
                out.extend_from_slice(ending);
            }
            out.extend(self.row(valeurs, None, &added));
            out.extend_from_slice(ending);
        }
        out
    }

    /// How lines end in the file.
    fn line_end(&self) -> &'b [u8] {
        let header = self.file.header();
        match self.bytes.get(header.bytes.end..header.next) {
            Some(end) if !end.is_empty() => end,
            _ => b"\n",
        }
    }

    /// The columns that the file lacks and that a row now needs.
    fn added(&self) -> Vec<Colonne> {
        let replaced = self.edits.values().filter_map(|edit| match edit {
            Edit::Replace(valeurs) => Some(valeurs),
            Edit::Remove => None,
        });
        let rows: Vec<&Valeurs> = self.appended.iter().chain(replaced).collect();
        let lacks = |column: &Colonne| {
            self.file.position(column.index()).is_none()
                && rows.iter().any(|row| !row.get(*column).is_empty())
        };
        Colonne::ALL.into_iter().filter(lacks).collect()
    }

    /// A row in the columns of the file; what the program does not know is kept from `former`.
    fn row(&self, valeurs: &Valeurs, former: Option<&CsvRow>, added: &[Colonne]) -> Vec<u8> {
        let kept = former.and_then(|row| self.file.cells(row)).unwrap_or_default();
        let mut cells = kept;
        cells.resize(self.file.width(), String::new());
        for column in Colonne::ALL {
            let place = self.file.position(column.index());
            if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
                *cell = valeurs.get(column).to_owned();
            }
        }
        cells.extend(added.iter().map(|column| valeurs.get(*column).to_owned()));
        let mut text = String::new();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                text.push(char::from(self.file.delimiter()));
            }
            cellule(&mut text, cell, self.file.delimiter());
        }
        text.into_bytes()
    }
}

/// Whether a row does what its judgment said. What it corrects must be what was shown; that the
/// day turned meanwhile changes only where it is written.
fn announced(said: &Effet, found: &Effet) -> bool {
    match (said, found) {
        (
            Effet::Corrige { ancienne: shown } | Effet::Remplace { ancienne: shown },
            Effet::Corrige { ancienne } | Effet::Remplace { ancienne },
        ) => shown == ancienne,
        (said, found) => said == found,
    }
}
