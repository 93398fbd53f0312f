//! Absences of a month: which days, under which motif, and the part of the month each takes.

mod droits;
mod lignes;
mod part;

use std::collections::BTreeSet;

use crate::calendar::{Day, Span30, absent_thirtieths};
use crate::domain::{Absence, Carriere, Regime, Statut, Word};
use crate::engine::AbsenceInput;
use crate::num::Fixed;
use crate::rules::{Row, Table};

use super::carriere::SegmentFacts;
use super::inputs::{Source, known};
use super::month::Contract;
use super::{Finding, Preparer, situation};
use droits::{Droits, Jour};
pub(super) use lignes::orphans;

/// A piece of an absence within one segment and under one motif, for people and for the engine.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Place of the row in the absences of the agent.
    pub row: usize,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Motif, as the file of lines writes it.
    pub motif: Word,
    /// What the payslip adds to the label of the line.
    pub libelle: String,
    /// For the engine.
    pub input: AbsenceInput,
}

impl Piece {
    /// The label of a line that this absence reduces.
    pub fn label(&self, line: &str) -> String {
        format!("{line} : {}", self.libelle)
    }
}

/// What the absences of a month come to.
#[derive(Debug, Default)]
pub struct Absences {
    /// Pieces, in order of time.
    pub pieces: Vec<Piece>,
    /// Calendar days without any pay.
    pub unpaid: i64,
    /// Whether the rights of a leave fall to half pay in the month.
    pub baisse: bool,
    /// First day of a prolonged sick leave that is still paid in full.
    pub prolongation_pleine: Option<Day>,
}

/// Words of the tables of rights that controls look for.
const DEMI_TRAITEMENT: &str = "demi_traitement";
const PLEIN_TRAITEMENT: &str = "plein_traitement";
const MALADIE: &str = "maladie_ordinaire";

/// A day of absence.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Given<'r> {
    row: usize,
    motif: &'r str,
    annee: Option<i64>,
}

/// Consecutive days of one row that give the same.
struct Stay<'r> {
    span: Span30,
    given: Given<'r>,
}

/// What one contract needs to turn its rows into pieces.
struct Reader<'p, 'c> {
    preparer: &'p Preparer<'p>,
    contract: &'c Contract<'c>,
    segments: &'c [SegmentFacts],
    /// Rows of this employer that are known and that no other corrects.
    rows: Vec<usize>,
    labels: Vec<(String, String)>,
    out: Absences,
}

impl Preparer<'_> {
    /// The pieces of the absences of a contract, in order of time.
    pub(super) fn absences(
        &self,
        contract: &Contract<'_>,
        segments: &[SegmentFacts],
        out: &mut Vec<Finding>,
    ) -> Absences {
        if contract.facts.absences.is_empty() {
            return Absences::default();
        }
        let rows = lignes::known(contract, self.known_on);
        let mut reader = Reader {
            preparer: self,
            contract,
            segments,
            rows,
            labels: Vec::new(),
            out: Absences::default(),
        };
        reader.read(out);
        reader.out.pieces.sort_by_key(|piece| (piece.first, piece.row));
        part::control(contract, segments, &reader.out.pieces, out);
        reader.out
    }

    fn table(&self, nom: &str) -> Option<&Table> {
        self.book.book().tables.get(nom)
    }

    /// What the rules say of a nature of absence.
    fn nature(&self, nature: &str) -> Option<Row<'_>> {
        let day = self.regle(self.period.first_day());
        self.table("natures_absence")?.row(nature, day, self.known_on)
    }

    /// Leaves of a contract that give back the pay of full time.
    pub(super) fn full_time_leaves(&self, contract: &Contract<'_>) -> Vec<Span30> {
        if contract.facts.absences.is_empty() {
            return Vec::new();
        }
        let (first, last) = (self.period.first_day(), self.period.last_day());
        let rows = lignes::known(contract, self.known_on).into_iter();
        let rows = rows.filter_map(|at| contract.facts.absences.get(at));
        let rows = rows.filter(|row| {
            row.debut <= last
                && row.fin >= first
                && contract.owns(row.siret, &row.contrat)
                && self.nature(&row.nature).is_some_and(|n| n.get("temps_partiel") == "suspendu")
        });
        rows.map(|row| Span30 { first: row.debut, last: row.fin }).collect()
    }
}

impl<'p> Reader<'p, '_> {
    fn row(&self, at: usize) -> Option<&Absence> {
        self.contract.facts.absences.get(at)
    }

    fn read(&mut self, out: &mut Vec<Finding>) {
        let period = self.preparer.period;
        let (first, last) = (period.first_day(), period.last_day());
        let mut whole = Vec::new();
        for at in self.rows.clone() {
            let Some(row) = self.row(at).cloned() else { continue };
            let mine = self.contract.owns(row.siret, &row.contrat);
            if !mine || row.debut > last || row.fin < first {
                continue;
            }
            if let Some(finding) = lignes::refused(self.preparer, self.contract, &self.rows, at) {
                out.push(finding);
                continue;
            }
            let (from, to) = (row.debut.max(first), row.fin.min(last));
            let touched = |segment: &&SegmentFacts| segment.first <= to && segment.last >= from;
            if !self.segments.iter().any(|segment| touched(&segment)) {
                // Segments refused above explain a row without a day: one finding is enough.
                out.extend((!self.segments.is_empty()).then(|| lignes::without_career(&row)));
                continue;
            }
            if row.heures.is_some() || row.demi_journees.is_some() {
                self.counted(at, &row, out);
            } else {
                whole.push((at, from, to));
                if from == row.debut && self.waiting_days(&row) > 0 {
                    out.extend(lignes::doubled(self.contract, &self.rows, &row));
                }
            }
        }
        whole.sort_by_key(|&(_, from, _)| from);
        let mut told = BTreeSet::new();
        for (place, segment) in self.segments.iter().enumerate() {
            let mut stays: Vec<Stay<'p>> = Vec::new();
            for &(at, from, to) in &whole {
                self.stays(at, from.max(segment.first), to.min(segment.last), segment, &mut stays)
                    .into_iter()
                    .filter(|_| told.insert(at))
                    .for_each(|finding| out.push(finding));
            }
            self.pieces(place, segment, &stays);
        }
    }

    /// Adds what each day of a row gives, between two days of one segment.
    fn stays(
        &mut self,
        at: usize,
        from: Day,
        to: Day,
        segment: &SegmentFacts,
        stays: &mut Vec<Stay<'p>>,
    ) -> Option<Finding> {
        let row = self.row(at).filter(|_| from <= to).cloned()?;
        let row = &row;
        let Some(rights) = self.rights(row, segment) else {
            return Some(lignes::without_right(row, self.population(segment)));
        };
        let counted = lignes::counted(self.contract, &self.rows, at, rights.fenetre);
        let waiting = self.waiting_days(row);
        self.seen(row, &rights, &counted, (from, to));
        let (mut day, mut exhausted) = (from, None);
        while day <= to {
            let mut given = rights.day(day, &counted);
            if row.debut.days_until(day) < waiting && given.motif != "sans_traitement" {
                given = Jour { motif: "carence", ..given };
            }
            if given.epuise && exhausted.is_none() {
                exhausted = Some(lignes::exhausted(row, day));
            }
            let given = Given { row: at, motif: given.motif, annee: given.annee };
            match stays.last_mut() {
                Some(stay) if stay.given == given && stay.span.last.next() == day => {
                    stay.span.last = day;
                }
                _ => stays.push(Stay { span: Span30 { first: day, last: day }, given }),
            }
            day = day.next();
        }
        exhausted
    }

    /// What controls read of the days of a row: the fall to half pay, and a prolonged sick leave
    /// that is still paid in full.
    fn seen(&mut self, row: &Absence, rights: &Droits<'p>, counted: &[Span30], days: (Day, Day)) {
        let motif = |day: Day| rights.day(day, counted).motif;
        let half = |day: Day| motif(day) == DEMI_TRAITEMENT;
        // Rights only fall while a leave lasts: the day before the first and the last are enough.
        self.out.baisse |= half(days.1) && !half(days.0.previous());
        if row.prolongation && &*row.nature == MALADIE && motif(days.1) == PLEIN_TRAITEMENT {
            self.out.prolongation_pleine = self.out.prolongation_pleine.max(Some(row.debut));
        }
    }

    /// Turns the stays of a segment into pieces, whose parts are thirtieths.
    fn pieces(&mut self, place: usize, segment: &SegmentFacts, stays: &[Stay<'p>]) {
        let spans: Vec<Span30> = stays.iter().map(|stay| stay.span).collect();
        let whole = Span30 { first: segment.first, last: segment.last };
        let period = self.preparer.period;
        let parts = absent_thirtieths(period, whole, segment.thirtieths, &spans);
        for (stay, thirtieths) in stays.iter().zip(parts) {
            let unpaid = self.motif(stay.given.motif).get("plafond") == "reduit";
            self.out.unpaid += if unpaid { stay.span.days() } else { 0 };
            if thirtieths > 0 {
                let part = ((thirtieths, 30), thirtieths.saturating_mul(10_000));
                self.piece(place, stay.span, stay.given, part);
            }
        }
    }

    fn motif(&self, motif: &str) -> Labels<'p> {
        let day = self.preparer.regle(self.preparer.period.first_day());
        let table = self.preparer.table("motifs_absence");
        Labels(table.and_then(|table| table.row(motif, day, self.preparer.known_on)))
    }

    /// Adds a piece: its part of the month, and what its lines print as their number.
    fn piece(
        &mut self,
        segment: usize,
        span: Span30,
        given: Given<'p>,
        (part, nombre): ((i64, i64), i64),
    ) {
        let Some(row) = self.row(given.row) else { return };
        let labels = self.motif(given.motif);
        let libelle = match labels.get("libelle") {
            "" => self.preparer.nature(&row.nature).map_or("", |nature| nature.get("libelle")),
            libelle => libelle,
        };
        let libelle = match labels.get("date") {
            "oui" => format!("{libelle} du {}", span.first.french()),
            _ => libelle.to_owned(),
        };
        let mut values = Vec::with_capacity(self.preparer.layout.absence.len());
        for input in &self.preparer.layout.absence {
            let number = |value: Option<Fixed>| known(value.and_then(|v| input.number(v).ok()));
            values.push(match input.source {
                Source::AbsenceNature => known(input.word(&row.nature)),
                Source::AbsenceMotif => known(input.word(given.motif)),
                Source::AbsenceAnnee => number(given.annee.map(|annee| Fixed::new(annee, 0))),
                Source::AbsenceTaux => number(row.taux),
                _ => crate::program::MISSING,
            });
        }
        let key = (given.motif.to_owned(), libelle.clone());
        let motif = self.labels.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.labels.push(key);
            self.labels.len() - 1
        });
        self.out.pieces.push(Piece {
            row: given.row,
            first: span.first,
            last: span.last,
            motif: Word::from(given.motif),
            libelle,
            input: AbsenceInput { segment, part, motif, nombre, values },
        });
    }

    /// An absence in hours or half days: all of it belongs to the day it starts on.
    fn counted(&mut self, at: usize, row: &Absence, out: &mut Vec<Finding>) {
        let holds =
            |segment: &SegmentFacts| segment.first <= row.debut && row.debut <= segment.last;
        let found = self.segments.iter().position(holds);
        let Some((place, segment)) = found.and_then(|at| Some((at, self.segments.get(at)?))) else {
            out.push(lignes::without_career(row));
            return;
        };
        let Some(rights) = self.rights(row, segment) else {
            out.push(lignes::without_right(row, self.population(segment)));
            return;
        };
        let given = Given { row: at, motif: rights.motif(), annee: None };
        let part = part::of_month(self.preparer, row, segment);
        let span = Span30 { first: row.debut, last: row.debut };
        match part {
            Some(part) => self.piece(place, span, given, part),
            None => out.push(part::unusable(row)),
        }
    }

    /// The rights of a row: those in force on the day it was granted.
    fn rights(&self, row: &Absence, segment: &SegmentFacts) -> Option<Droits<'p>> {
        let table = self.preparer.table("droits_absence")?;
        let start = situation::first_day(self.contract).unwrap_or(row.debut);
        let months = start.months_until(row.debut);
        let granted = row.accorde_le.unwrap_or(row.debut);
        let known_on = self.preparer.known_on;
        Droits::find(table, &row.nature, self.population(segment), months, granted, known_on)
    }

    fn population(&self, segment: &SegmentFacts) -> &'static str {
        let row: Option<&Carriere> = self.contract.facts.carrieres.get(segment.row);
        match row.map(|row| row.statut) {
            Some(Statut::Titulaire | Statut::Stagiaire) if segment.regime == Regime::Ircantec => {
                "fonctionnaire_regime_general"
            }
            Some(Statut::Titulaire | Statut::Stagiaire | Statut::DetacheEtat) => "fonctionnaire",
            Some(statut) => statut.name(),
            None => "",
        }
    }

    /// Days without pay at the start of a row.
    fn waiting_days(&self, row: &Absence) -> i64 {
        if row.prolongation || row.sans_carence {
            return 0;
        }
        let table = self.preparer.table("carence_absence");
        let found = table.and_then(|t| t.lookup(&row.nature, row.debut, self.preparer.known_on));
        found.and_then(|(days, _)| days.parse().ok()).unwrap_or(0)
    }
}

/// What the payslip says of a motif.
struct Labels<'r>(Option<Row<'r>>);

impl<'r> Labels<'r> {
    fn get(&self, column: &str) -> &'r str {
        self.0.map_or("", |row| row.get(column))
    }
}

#[cfg(test)]
mod tests;
