//! One block of agents: parsed, prepared, computed, written to memory. Pure, run in parallel.

use std::collections::{BTreeMap, HashMap};

use crate::diag::Code;
use crate::domain::{AgentFacts, Cumul, Derogation, PoolFile, Siret};
use crate::dossier::{EmployeurMonth, Finding, Memory, Prepared, Preparer};
use crate::engine::{Engine, FaultKind, Payslip};
use crate::io::{ParsedAgent, PoolFinding};
use crate::program::Program;
use crate::rappel;

use super::controls::Movement;
use super::text::{self, Frame, TotalPlaces};
use super::totals::EmployeurTotals;

/// What a block gives, ready to be appended to the result files.
#[derive(Default)]
pub struct BlockOut {
    /// Rows of `bulletins.csv`.
    pub bulletins: Vec<u8>,
    /// Rows of `lignes.csv`.
    pub lignes: Vec<u8>,
    /// Rows of `anomalies.csv`.
    pub anomalies: Vec<u8>,
    /// Rows of `cumuls.csv`.
    pub cumuls: Vec<u8>,
    /// Rows of `rappels.csv`.
    pub rappels: Vec<u8>,
    /// Months computed again, and those that put lines on a payslip.
    pub again: (u64, u64),
    /// Totals by employer.
    pub totals: BTreeMap<Siret, EmployeurTotals>,
    /// Agents read.
    pub agents: u64,
    /// Findings: blocking, then others.
    pub findings: (u64, u64),
    /// The first blocking findings, for the closing summary.
    pub samples: Vec<PoolFinding>,
    /// Lines written.
    pub lines: u64,
}

/// One month being computed: shared by every worker.
pub struct Month<'a> {
    /// The compiled month.
    pub program: &'a Program,
    /// Facts to inputs.
    pub preparer: &'a Preparer<'a>,
    /// Employers of the pool.
    pub employeurs: &'a HashMap<Siret, EmployeurMonth<'a>>,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
    /// Decisions to pay although a control blocks.
    pub(super) derogations: &'a [Derogation],
    /// Payslips of the month before, by employer; empty when nothing is known.
    pub(super) effectifs: BTreeMap<Siret, u64>,
    frames: Vec<Frame>,
    pub(super) totals: TotalPlaces,
    pub(super) kept: Vec<(usize, String)>,
    /// Whether each item is an indemnity of elected representatives.
    elus: Vec<bool>,
    period: Vec<u8>,
}

impl<'a> Month<'a> {
    /// Prepares what every worker shares.
    pub fn new(
        program: &'a Program,
        preparer: &'a Preparer<'a>,
        employeurs: &'a HashMap<Siret, EmployeurMonth<'a>>,
        au_dela: bool,
    ) -> Self {
        Self {
            program,
            preparer,
            employeurs,
            au_dela,
            derogations: &[],
            effectifs: BTreeMap::new(),
            frames: text::frames(program),
            totals: TotalPlaces::new(program),
            kept: kept(program),
            elus: program.items.iter().map(|info| info.code == "INDEM_ELU").collect(),
            period: program.period.to_string().into_bytes(),
        }
    }

    /// The same month, with the waivers of its controls.
    pub fn with_derogations(mut self, derogations: &'a [Derogation]) -> Self {
        self.derogations = derogations;
        self
    }

    /// The same month, with the number of payslips of the month before, by employer.
    pub fn with_effectifs(mut self, effectifs: BTreeMap<Siret, u64>) -> Self {
        self.effectifs = effectifs;
        self
    }

    /// Computes the contracts of an agent; gives each with its payslip and all its findings.
    pub fn agent(
        &self,
        facts: &AgentFacts,
        engine: &mut Engine<'_>,
        memory: &mut Memory,
        mut each: impl FnMut(&Prepared, &Payslip, &[PoolFinding]),
    ) {
        let employeur = |siret| self.employeurs.get(&siret);
        let prepared = self.preparer.agent(facts, employeur, memory);
        let mut payslip = Payslip::default();
        for contract in prepared {
            payslip.clear();
            let mut findings = self.readings(facts, &contract);
            if Self::computable(&contract, &findings) {
                engine.run(&contract.dossier, &mut payslip);
                self.judge(facts, &contract, &payslip, &mut findings);
            }
            each(&contract, &payslip, &findings);
        }
    }

    /// What the preparation of a contract found.
    pub(super) fn readings(&self, facts: &AgentFacts, contract: &Prepared) -> Vec<PoolFinding> {
        let found = contract.findings.iter();
        let mut findings: Vec<PoolFinding> =
            found.map(|finding| self.anomaly(facts, contract, finding)).collect();
        self.waive(facts, contract, &mut findings);
        findings
    }

    /// Whether a contract has days, and nothing that forbids to compute it.
    pub(super) fn computable(contract: &Prepared, findings: &[PoolFinding]) -> bool {
        !contract.dossier.segments.is_empty() && !findings.iter().any(PoolFinding::is_error)
    }

    /// Adds what its payslip gives to see: faults, controls, waivers.
    pub(super) fn judge(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        findings: &mut Vec<PoolFinding>,
    ) {
        self.faults(facts, contract, payslip, findings);
        self.controls(facts, contract, payslip, findings);
        self.waive(facts, contract, findings);
    }

    fn anomaly(&self, facts: &AgentFacts, contract: &Prepared, finding: &Finding) -> PoolFinding {
        let reference = finding.reference.unwrap_or(facts.agent.reference);
        let mut anomaly = PoolFinding::new(
            finding.code,
            reference,
            finding.message.as_str(),
            finding.remede.as_str(),
        );
        anomaly.siret = Some(contract.siret.to_string());
        anomaly.agent = Some(facts.agent.id.to_string());
        anomaly.contrat = Some(contract.contrat.to_string());
        anomaly
    }

    pub(super) fn raise(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        code: Code,
        message: String,
        remede: &str,
    ) -> PoolFinding {
        let row = contract.segments.first().and_then(|s| facts.carrieres.get(s.row));
        let reference = row.map(|row| row.dated.reference);
        let remede = remede.to_owned();
        self.anomaly(facts, contract, &Finding { code, reference, message, remede })
    }

    fn faults(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        out: &mut Vec<PoolFinding>,
    ) {
        let printed = |item: usize| self.program.items.get(item).is_some_and(|i| i.printed);
        for fault in payslip.blocking(printed) {
            let code = self.program.items.get(fault.item).map_or("", |info| info.code.as_str());
            let (kind, message, remede) = match fault.kind {
                FaultKind::Missing(slot) => {
                    let nom = self.input_name(slot);
                    let remede = remedy_of(&nom);
                    (Code::F801, format!("`{code}` needs `{nom}`, which has no value"), remede)
                }
                FaultKind::DivisionByZero => (
                    Code::F803,
                    format!("`{code}` divides by zero"),
                    "look at its inputs with `paie explain`".to_owned(),
                ),
                FaultKind::TooWide => (
                    Code::F804,
                    format!("`{code}` exceeds what a line may hold"),
                    "look for a wrong amount among its inputs".to_owned(),
                ),
                FaultKind::Depends(_) => continue,
            };
            let mut finding = self.raise(facts, contract, kind, message, &remede);
            let place = fault.element.and_then(|at| contract.elements.get(at));
            if let Some(element) = place.and_then(|&at| facts.elements.get(at)) {
                finding = finding.at(element.dated.reference);
            }
            // Two blocks of one code that miss the same input are one thing to mend.
            if !out.contains(&finding) {
                out.push(finding);
            }
        }
    }

    fn input_name(&self, slot: u16) -> String {
        let layout = &self.program.layout;
        let scopes = [&layout.employeur, &layout.mois, &layout.segment, &layout.element];
        let mut inputs = scopes.into_iter().flatten();
        inputs.find(|input| input.slot == slot).map_or_else(String::new, |i| i.nom.clone())
    }

    /// Computes a block.
    pub fn block(&self, agents: Vec<ParsedAgent>) -> BlockOut {
        let mut out = BlockOut::default();
        let mut engine = Engine::new(self.program);
        let mut memory = Memory::default();
        out.lignes.reserve(agents.len() * 4096);
        for parsed in agents {
            out.agents += 1;
            let stopped = parsed.findings.iter().any(PoolFinding::is_error);
            for finding in &parsed.findings {
                out.finding(finding);
            }
            let facts = &parsed.facts;
            if stopped {
                self.stopped(facts, &parsed.findings, &mut out);
                continue;
            }
            self.count_movements(facts, |_, _| false, &mut out);
            self.agent(facts, &mut engine, &mut memory, |contract, payslip, findings| {
                let _ = self.contract(facts, contract, payslip, findings, &mut out);
            });
        }
        out
    }

    pub(super) fn count_movements(
        &self,
        facts: &AgentFacts,
        late: impl Fn(Siret, &str) -> bool,
        out: &mut BlockOut,
    ) {
        self.movements(facts, late, |siret, movement| {
            let totals = out.totals.entry(siret).or_default();
            match movement {
                Movement::Arrivee => totals.arrivees += 1,
                Movement::Sortie => totals.sorties += 1,
            }
        });
    }

    /// An agent whose rows are wrong: each of its contracts of the month is listed as blocked,
    /// and so is a contract whose career could not be read.
    pub(super) fn stopped(&self, facts: &AgentFacts, findings: &[PoolFinding], out: &mut BlockOut) {
        let (first, last) = (self.program.period.first_day(), self.program.period.last_day());
        let mut seen: Vec<(&str, &str)> = Vec::new();
        let mut list = |siret: &'_ str, contrat: &'_ str| {
            let prefix = self.prefix(facts, siret, contrat);
            out.blocked(Siret::parse(siret).unwrap_or(Siret::NONE), &prefix);
        };
        let present = facts
            .carrieres
            .iter()
            .filter(|row| row.dated.depuis <= last && row.dated.fin.is_none_or(|fin| fin >= first));
        let read = present.map(|row| (row.siret.as_str(), &*row.contrat));
        let refused = findings
            .iter()
            .filter(|finding| finding.is_error() && finding.fichier == PoolFile::Carrieres.name())
            .map(|finding| {
                (finding.siret.as_deref().unwrap_or(""), finding.contrat.as_deref().unwrap_or(""))
            });
        for (siret, contrat) in read.chain(refused) {
            if !seen.contains(&(siret, contrat)) {
                seen.push((siret, contrat));
                list(siret, contrat);
            }
        }
    }

    fn prefix(&self, facts: &AgentFacts, siret: &str, contrat: &str) -> Vec<u8> {
        let mut prefix = Vec::with_capacity(48);
        text::cell(&mut prefix, siret);
        for text in [&*facts.agent.id, contrat] {
            prefix.push(b',');
            text::cell(&mut prefix, text);
        }
        prefix.push(b',');
        prefix.extend_from_slice(&self.period);
        prefix.push(b',');
        prefix
    }

    /// Writes a contract; false when it is not paid.
    pub(super) fn contract(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        findings: &[PoolFinding],
        out: &mut BlockOut,
    ) -> bool {
        for finding in findings {
            out.finding(finding);
        }
        let alertes = findings.iter().filter(|finding| !finding.is_error()).count();
        let prefix = self.prefix(facts, contract.siret.as_str(), &contract.contrat);
        let totals = out.totals.entry(contract.siret).or_default();
        totals.alertes += u64::try_from(alertes).unwrap_or(0);
        if findings.iter().any(PoolFinding::is_error) {
            out.blocked(contract.siret, &prefix);
            return false;
        }
        if contract.segments.is_empty() {
            return false;
        }
        let amounts = self.totals.amounts(payslip);
        totals.add(self.program, payslip, &amounts);
        let elus = payslip.lines.iter().filter(|l| self.elus.get(l.item) == Some(&true));
        totals.elus += elus.filter_map(|line| line.montant_agent).sum::<i64>();
        out.bulletins.extend_from_slice(&prefix);
        out.bulletins.extend_from_slice(b"payable");
        for amount in amounts {
            out.bulletins.push(b',');
            text::cents(&mut out.bulletins, amount);
        }
        out.bulletins.push(b'\n');
        self.lines(facts, contract, payslip, &prefix, out);
        self.cumuls(facts, contract, payslip, out);
        true
    }

    fn lines(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        prefix: &[u8],
        out: &mut BlockOut,
    ) {
        for line in &payslip.lines {
            let Some(frame) = self.frames.get(line.item) else { continue };
            let place = line.element.and_then(|at| contract.elements.get(at));
            let element = place.and_then(|&at| facts.elements.get(at));
            let entered = element.and_then(|element| element.mois_origine);
            let origin = line.origine.or(entered);
            let said = text::Said {
                label: element.and_then(|element| element.libelle.as_deref()),
                absence: line.absence.and_then(|at| contract.absences.get(at)),
            };
            match origin {
                None => text::line(&mut out.lignes, prefix, &self.period, frame, said, line),
                Some(month) => {
                    let month = month.to_string();
                    text::line(&mut out.lignes, prefix, month.as_bytes(), frame, said, line);
                }
            }
        }
        out.lines += u64::try_from(payslip.lines.len()).unwrap_or(0);
    }

    /// What the next month of the year needs: the totals so far with this month added.
    fn cumuls(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        out: &mut BlockOut,
    ) {
        let year = self.program.period.year();
        let before: Vec<&Cumul> = (facts.cumuls.iter())
            .filter(|row| {
                row.annee == year && row.siret == contract.siret && row.contrat == contract.contrat
            })
            .collect();
        let month = rappel::sums(self.program, payslip, |_| true);
        for (item, nom) in &self.kept {
            let month = month.get(*item).copied().unwrap_or_default();
            let mut sums = [month.montant, month.base, month.agent, month.employeur];
            for row in before.iter().filter(|row| *row.rubrique == **nom) {
                let parts = [row.montant, row.base, row.montant_agent, row.montant_employeur];
                for (sum, part) in sums.iter_mut().zip(parts) {
                    *sum += part.map_or(0, crate::num::Amount::cents);
                }
            }
            if sums == [0; 4] {
                continue;
            }
            out.cumuls.extend_from_slice(contract.siret.as_str().as_bytes());
            for text in [&*facts.agent.id, &*contract.contrat] {
                out.cumuls.push(b',');
                text::cell(&mut out.cumuls, text);
            }
            out.cumuls.push(b',');
            text::integer(&mut out.cumuls, u64::try_from(year).unwrap_or(0));
            out.cumuls.push(b',');
            out.cumuls.extend_from_slice(nom.as_bytes());
            for sum in sums {
                out.cumuls.push(b',');
                if sum != 0 {
                    text::cents(&mut out.cumuls, sum);
                }
            }
            out.cumuls.push(b'\n');
        }
    }
}

/// Items whose yearly total some later month reads, or that payslips print since January.
fn kept(program: &Program) -> Vec<(usize, String)> {
    const PRINTED: [&str; 4] = ["BRUT", "NET_SOCIAL", "NET_IMPOSABLE", "PAS"];
    let read = |at: usize| program.layout.cumuls.iter().any(|(id, _, _)| id.index() == at);
    (program.items.iter().enumerate())
        .filter(|(at, info)| read(*at) || info.cumulee || PRINTED.contains(&info.nom.as_str()))
        .map(|(at, info)| (at, info.nom.clone()))
        .collect()
}

fn remedy_of(nom: &str) -> String {
    match nom.split_once('.') {
        Some(("employeur", "effectif")) => "fill `effectif` in employeurs.csv".to_owned(),
        Some(("employeur", "population")) => "fill `population` in employeurs.csv".to_owned(),
        Some(("employeur", parametre)) => {
            format!("add `{parametre}` to parametres_employeurs.csv (0 when it is not due)")
        }
        Some(("agent", "age")) => "fill `naissance` in agents.csv".to_owned(),
        Some(("element", column)) => format!("fill `{column}` in the row of elements.csv"),
        Some((_, column)) => format!("fill `{column}` in carrieres.csv"),
        None => "give it a value".to_owned(),
    }
}

impl BlockOut {
    pub(super) fn finding(&mut self, finding: &PoolFinding) {
        const SAMPLES: usize = 20;
        text::anomaly_row(&mut self.anomalies, finding);
        if finding.is_error() {
            self.findings.0 += 1;
            if self.samples.len() < SAMPLES {
                self.samples.push(finding.clone());
            }
        } else {
            self.findings.1 += 1;
        }
    }

    fn blocked(&mut self, siret: Siret, prefix: &[u8]) {
        self.totals.entry(siret).or_default().bloques += 1;
        self.bulletins.extend_from_slice(prefix);
        self.bulletins.extend_from_slice(b"bloque,,,,,,,\n");
    }
}
