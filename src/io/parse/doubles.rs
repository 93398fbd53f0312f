//! Rows of one agent that contradict each other: doubles and overlaps.

use crate::calendar::Day;
use crate::diag::Code;
use crate::domain::{AgentFacts, Carriere, Dated, PoolFile, RowRef, Siret};
use crate::io::finding::{PoolFinding, quoted};

/// Checks the rows of an agent against each other.
pub(in crate::io) fn check_rows(facts: &AgentFacts, findings: &mut Vec<PoolFinding>) {
    let mut rows = Rows { agent: &facts.agent.id, findings };
    rows.contracts(facts);
    rows.careers(&facts.carrieres);
    rows.doubles(&facts.familles, |row| (dates(&row.dated), place(None, "", row.dated.reference)));
    rows.doubles(&facts.taux_pas, |row| (dates(&row.dated), place(None, "", row.dated.reference)));
    rows.doubles(&facts.elements, |row| {
        let place = place(Some(row.siret), &row.contrat, row.dated.reference);
        ((row.identity(), dates(&row.dated)), place)
    });
    rows.doubles(&facts.absences, |row| {
        let place = place(Some(row.siret), &row.contrat, row.reference);
        ((row.siret, &row.contrat, &row.nature, row.debut, row.connu_le), place)
    });
    rows.doubles(&facts.cumuls, |row| {
        let place = place(Some(row.siret), &row.contrat, row.reference);
        ((row.siret, &row.contrat, row.annee, &row.rubrique), place)
    });
}

fn dates(dated: &Dated) -> (Day, Option<Day>) {
    (dated.depuis, dated.connu_le)
}

/// What a finding about a row shows.
#[derive(Clone, Copy)]
struct Place<'a> {
    siret: Option<Siret>,
    contrat: &'a str,
    at: RowRef,
}

fn place(siret: Option<Siret>, contrat: &str, at: RowRef) -> Place<'_> {
    Place { siret, contrat, at }
}

struct Rows<'a> {
    agent: &'a str,
    findings: &'a mut Vec<PoolFinding>,
}

impl Rows<'_> {
    /// A finding for each row that has the key of an earlier one.
    fn doubles<'r, T, K: Ord>(&mut self, rows: &'r [T], key: impl Fn(&'r T) -> (K, Place<'r>)) {
        if rows.len() < 2 {
            return;
        }
        let mut keys: Vec<(K, Place<'r>)> = rows.iter().map(key).collect();
        keys.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut found: Vec<(Place<'r>, u32)> = Vec::new();
        for pair in keys.windows(2) {
            if let [(a, first), (b, second)] = pair
                && a == b
            {
                found.push((*second, first.at.line));
            }
        }
        found.sort_by_key(|(place, _)| place.at);
        for (place, first) in found {
            let message = format!("the row says the same thing as line {first}");
            let remede = "keep one of the two rows, or give the later one its `connu_le`";
            self.find(Code::E713, place, message, remede);
        }
    }

    /// Rows of a contract that no career opens, and an agent without any career.
    fn contracts(&mut self, facts: &AgentFacts) {
        let careers = PoolFile::Carrieres.name();
        let refused = |finding: &PoolFinding| finding.is_error() && finding.fichier == careers;
        // A career that could not be read may be the missing one.
        if self.findings.iter().any(refused) {
            return;
        }
        let nowhere = |siret: Siret, contrat: &str| {
            !facts.carrieres.iter().any(|row| row.siret == siret && *row.contrat == *contrat)
        };
        let elements = facts.elements.iter();
        let elements =
            elements.map(|row| place(Some(row.siret), &row.contrat, row.dated.reference));
        let absences = facts.absences.iter();
        let absences = absences.map(|row| place(Some(row.siret), &row.contrat, row.reference));
        for place in elements.chain(absences) {
            if place.siret.is_some_and(|siret| nowhere(siret, place.contrat)) {
                let message = format!("no career opens the contract {}", quoted(place.contrat));
                let remede = "correct `contrat` or `siret`, or add the career";
                self.find(Code::E725, place, message, remede);
            }
        }
        if facts.carrieres.is_empty() {
            let message = "the agent has no row in `carrieres.csv`: nothing is paid".to_owned();
            let remede = "add the career, or remove the agent";
            self.find(Code::W918, place(None, "", facts.agent.reference), message, remede);
        }
    }

    /// Careers of one contract that start together, or where an end runs over the next start.
    fn careers(&mut self, rows: &[Carriere]) {
        if rows.len() < 2 {
            return;
        }
        let mut sorted: Vec<&Carriere> = rows.iter().collect();
        sorted.sort_by(|a, b| {
            let group = |row: &Carriere| (row.siret, row.dated.connu_le, row.dated.depuis);
            a.contrat.cmp(&b.contrat).then_with(|| group(a).cmp(&group(b)))
        });
        let mut found: Vec<(Place<'_>, String)> = Vec::new();
        for pair in sorted.windows(2) {
            let [first, second] = pair else { continue };
            let group = |row: &Carriere| (row.siret, row.dated.connu_le);
            if first.contrat != second.contrat || group(first) != group(second) {
                continue;
            }
            let line = first.dated.reference.line;
            let start = second.dated.depuis;
            let message = if first.dated.depuis == start {
                format!("the career of line {line} starts on the same day `{start}`")
            } else {
                match first.dated.fin.filter(|fin| *fin >= start) {
                    Some(fin) => format!("starts on `{start}`, but line {line} ends on `{fin}`"),
                    None => continue,
                }
            };
            let place = place(Some(second.siret), &second.contrat, second.dated.reference);
            found.push((place, message));
        }
        found.sort_by_key(|(place, _)| place.at);
        for (place, message) in found {
            let remede = "`fin` is the last day: end the earlier row the day before, leave it \
                          empty, or give the later row its `connu_le`";
            self.find(Code::E714, place, message, remede);
        }
    }

    fn find(&mut self, code: Code, place: Place<'_>, message: String, remede: &str) {
        let mut finding = PoolFinding::new(code, place.at, message, remede);
        finding.agent = Some(self.agent.to_owned());
        finding.siret = place.siret.map(|siret| siret.to_string());
        finding.contrat = place.siret.map(|_| place.contrat.to_owned());
        self.findings.push(finding);
    }
}
