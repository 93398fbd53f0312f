//! The row that states a fact: its file, its line, and when it became known.

use serde::Serialize;

use crate::calendar::Day;
use crate::domain::{AgentFacts, Carriere, Dated, Employeur, Famille, RowRef, in_force};
use crate::dossier::IndexSource;

use super::build::{Context, Frame};

/// The facts behind an observed contract, to name the rows.
#[derive(Clone, Copy)]
pub struct Faits<'a> {
    /// The agent.
    pub agent: &'a AgentFacts,
    /// The employer of the contract; none: its rows are not named.
    pub employeur: Option<&'a Employeur>,
}

/// A row of a pool, cited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LigneCitee {
    /// The file.
    pub fichier: String,
    /// Its line, from 1.
    pub ligne: u32,
    /// First day of effect, empty when the row has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub depuis: String,
    /// The day it became known, empty when it always was.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub connu_le: String,
}

impl LigneCitee {
    fn new(reference: RowRef, depuis: Option<Day>, connu_le: Option<Day>) -> Self {
        let text = |day: Option<Day>| day.map_or_else(String::new, |day| day.to_string());
        Self {
            fichier: reference.file.name().to_owned(),
            ligne: reference.line,
            depuis: text(depuis),
            connu_le: text(connu_le),
        }
    }

    /// The row of a dated fact.
    pub fn dated(dated: &Dated) -> Self {
        Self::new(dated.reference, Some(dated.depuis), dated.connu_le)
    }

    /// `carrieres.csv:3, depuis 2024-01-15, connu le 2024-02-10`.
    pub fn phrase(&self) -> String {
        let mut text = format!("{}:{}", self.fichier, self.ligne);
        for (word, day) in [("depuis", &self.depuis), ("connu le", &self.connu_le)] {
            if !day.is_empty() {
                text.push_str(&format!(", {word} {day}"));
            }
        }
        text
    }
}

impl<'a> Context<'a> {
    /// The career row of a segment.
    pub fn career(&self, segment: Option<usize>) -> Option<&'a Carriere> {
        let segments = &self.prepared.segments;
        let segment = match segment {
            Some(at) => segments.get(at),
            None => segments.last(),
        };
        self.faits?.agent.carrieres.get(segment?.row)
    }

    /// The row that gives an input of a run; none when no single row does.
    pub fn row(&self, nom: &str, frame: &Frame<'a>) -> Option<LigneCitee> {
        let faits = self.faits?;
        let (scope, short) = nom.split_once('.')?;
        match (scope, short) {
            ("employeur", "nature" | "effectif" | "population") => {
                faits.employeur.map(|employeur| LigneCitee::new(employeur.reference, None, None))
            }
            ("employeur", _) => self.employer_row(short),
            ("famille", "enfants" | "enfants_alternes") => {
                self.family(faits.agent).map(|row| LigneCitee::dated(&row.dated))
            }
            ("agent", "taux_pas") => {
                let last = self.program.period.last_day();
                let row = in_force(&faits.agent.taux_pas, last, self.program.known_on)?;
                Some(LigneCitee::dated(&row.dated))
            }
            ("agent", "zone_pas" | "age") => {
                Some(LigneCitee::new(faits.agent.agent.reference, None, None))
            }
            ("agent", "zone_ir") => {
                let career = self.career(frame.place.segment)?;
                career.zone_ir.is_some().then(|| LigneCitee::dated(&career.dated))
            }
            ("agent", _) => {
                self.career(frame.place.segment).map(|row| LigneCitee::dated(&row.dated))
            }
            ("element", _) => self.element_row(frame.place.element?),
            ("absence", _) => self.absence_row(frame.place.absence?),
            _ => None,
        }
    }

    /// The row of a parameter of the employer.
    pub fn employer_row(&self, parametre: &str) -> Option<LigneCitee> {
        let (day, known_on) = (self.program.period.first_day(), self.program.known_on);
        let row = self.faits?.employeur?.parametre(parametre, day, known_on)?;
        Some(LigneCitee::dated(&row.dated))
    }

    /// The row of the smallest family of the month, which is the one that counts.
    fn family(&self, facts: &'a AgentFacts) -> Option<&'a Famille> {
        let (first, last) = (self.program.period.first_day(), self.program.period.last_day());
        let inside = facts.familles.iter().map(|row| row.dated.depuis);
        let inside = inside.filter(|day| first < *day && *day <= last);
        let days = std::iter::once(first).chain(inside);
        let rows = days.map(|day| in_force(&facts.familles, day, self.program.known_on));
        rows.min_by_key(|row: &Option<&Famille>| row.map_or(0, |row| row.enfants)).flatten()
    }

    /// The row of an element of the dossier.
    pub fn element_row(&self, at: usize) -> Option<LigneCitee> {
        let place = *self.prepared.elements.get(at)?;
        let row = self.faits?.agent.elements.get(place)?;
        Some(LigneCitee::dated(&row.dated))
    }

    /// The row of a piece of an absence.
    pub fn absence_row(&self, at: usize) -> Option<LigneCitee> {
        let piece = self.prepared.absences.get(at)?;
        let row = self.faits?.agent.absences.get(piece.row)?;
        Some(LigneCitee::new(row.reference, Some(row.debut), row.connu_le))
    }

    /// Grade, échelon and indice brut behind an indice majoré, as far as they are known.
    pub fn index_text(&self, frame: &Frame<'a>) -> String {
        let segments = &self.prepared.segments;
        let segment = match frame.place.segment {
            Some(at) => segments.get(at),
            None => segments.last(),
        };
        let Some(index) = segment.and_then(|facts| facts.index.as_ref()) else {
            return String::new();
        };
        let mut words = Vec::new();
        if let Some(row) = self.career(frame.place.segment) {
            words.extend(row.grade.as_ref().map(|grade| (**grade).to_owned()));
            words.extend(row.echelon.as_ref().map(|echelon| format!("échelon {echelon}")));
        }
        if index.source != IndexSource::Carriere {
            words.push(format!("indice brut {}", index.ib));
        }
        words.join(", ")
    }
}
