//! Controls before payment: those of the rules, those that need lines or another month, waivers.
//!
//! What a control decides is in the rules (`[[controle]]`). Only what a condition cannot say is
//! here: the sign of the net, lines that come and go, and what is known of a whole employer.

use crate::diag::Code;
use crate::domain::{AgentFacts, Derogation, HasDates, Siret, Word, in_force};
use crate::dossier::Prepared;
use crate::engine::Payslip;
use crate::io::PoolFinding;
use crate::num::Amount;
use crate::program::Program;
use crate::rules::Nature;

use super::block::Month;
use super::totals::EmployeurTotals;

/// Names under which findings that no control of the rules gives are waived.
const JUDGED: [(Code, &str); 2] =
    [(Code::W910, "net_negatif"), (Code::W916, "regime_et_duree_hebdomadaire")];

/// The names that a waiver may give: the blocking controls of the rules, then those of the program.
pub fn waivable(program: &Program) -> Vec<&str> {
    let controls = program
        .items
        .iter()
        .filter(|info| info.controle.as_ref().is_some_and(|controle| controle.bloquant));
    let named = controls.map(|info| info.nom.as_str());
    named.chain(JUDGED.iter().map(|(_, name)| *name)).collect()
}

/// Lines named one by one in a finding.
const LISTED: usize = 6;

impl Month<'_> {
    /// What is computed and listed: the severity of the code says whether payment waits.
    pub(super) fn controls(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        out: &mut Vec<PoolFinding>,
    ) {
        if self.au_dela {
            let message = format!("{} is beyond the verified horizon", self.program.period);
            let remede = "check the rates of the month before paying";
            out.push(self.raise(facts, contract, Code::W917, message, remede));
        }
        if !payslip.faults.is_empty() && out.iter().any(PoolFinding::is_error) {
            return;
        }
        let [.., net, _] = self.totals.amounts(payslip);
        let days: i64 = contract.segments.iter().map(|segment| segment.thirtieths).sum();
        if net < 0 {
            let message = format!("the net to pay is {}", Amount::from_cents(net));
            let remede = "spread the retenues, or correct the elements";
            out.push(self.raise(facts, contract, Code::W910, message, remede));
        } else if net == 0 && days > 0 {
            let message = format!("the net to pay is zero although {days} days are paid");
            let remede = "check the career and the elements";
            out.push(self.raise(facts, contract, Code::W911, message, remede));
        }
        self.moved(facts, contract, payslip, out);
        for &item in &payslip.controles {
            let info = self.program.items.get(item);
            let Some((info, controle)) = info.and_then(|i| Some((i, i.controle.as_ref()?))) else {
                continue;
            };
            let code = if controle.bloquant { Code::W921 } else { Code::W913 };
            let message = controle.message.clone();
            let mut finding = self.raise(facts, contract, code, message, &controle.remede);
            finding.controle = Some(info.nom.clone());
            out.push(finding);
        }
    }

    /// Lines that appear, disappear or double against the month before, in one finding.
    fn moved(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        payslip: &Payslip,
        out: &mut Vec<PoolFinding>,
    ) {
        let (siret, contrat) = (contract.siret, &contract.contrat);
        let Some(before) = self.preparer.precedent_of(&facts.precedents, siret, contrat) else {
            return;
        };
        let mut now: Vec<(&str, i64)> = Vec::new();
        for line in &payslip.lines {
            let Some(info) = self.program.items.get(line.item) else { continue };
            // A rappel is of another month.
            if line.origine.is_some() {
                continue;
            }
            if matches!(info.nature, Nature::Gain | Nature::Retenue | Nature::NonSoumis) {
                let cents = line.montant_agent.unwrap_or(0);
                match now.iter_mut().find(|(code, _)| *code == info.code) {
                    Some((_, sum)) => *sum += cents,
                    None => now.push((info.code.as_str(), cents)),
                }
            }
        }
        let was = |code: &str| -> i64 {
            let rows = before.rubriques.iter().filter(|(name, _)| **name == *code);
            rows.map(|(_, amount)| amount.cents()).sum()
        };
        let gone = before
            .rubriques
            .iter()
            .filter(|(name, _)| !now.iter().any(|(code, _)| *code == &**name));
        let least = self.preparer.least_move(self.employeurs.get(&siret));
        let all = now.iter().map(|&(code, cents)| (code, was(code), cents));
        let all = all.chain(gone.map(|(name, amount)| (&**name, amount.cents(), 0)));
        let said: Vec<String> =
            all.filter_map(|(code, was, now)| self.sentence(code, was, now, least)).collect();
        if said.is_empty() {
            return;
        }
        let rest = said.len().saturating_sub(LISTED);
        let mut message = said.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
        if rest > 0 {
            message.push_str(&format!(", and {rest} more"));
        }
        let remede = "check what changed since the month before: a decision, hours, an end";
        out.push(self.raise(facts, contract, Code::W924, message, remede));
    }

    /// What a line became, when that is worth a look.
    fn sentence(&self, code: &str, was: i64, now: i64, least: i64) -> Option<String> {
        let shown = Amount::from_cents;
        let small = now.saturating_sub(was).abs() < least;
        match (was, now) {
            _ if small => None,
            (0, _) => Some(format!("`{code}` appears ({})", shown(now))),
            (_, 0) => Some(format!("`{code}` is gone (it was {})", shown(was))),
            _ if self.preparer.multiplied(was, now) => {
                Some(format!("`{code}` goes from {} to {}", shown(was), shown(now)))
            }
            _ => None,
        }
    }

    /// Names the blocking findings that are judgments, and turns those that somebody waived into
    /// listed ones.
    pub(super) fn waive(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        findings: &mut [PoolFinding],
    ) {
        for finding in findings.iter_mut().filter(|finding| finding.is_error()) {
            if let Some((_, name)) = JUDGED.iter().find(|(code, _)| *code == finding.code) {
                finding.controle = Some((*name).to_owned());
            }
            let Some(name) = finding.controle.clone() else { continue };
            let code = finding.code.name();
            let waives = |row: &&Derogation| {
                row.siret == contract.siret
                    && row.agent == facts.agent.id
                    && row.contrat == contract.contrat
                    && (*row.controle == *name
                        || (finding.code != Code::W921 && *row.controle == *code))
            };
            if let Some(waiver) = self.derogations.iter().find(waives) {
                finding.message = format!(
                    "`{name}` is waived by {}, who says « {} »: {}",
                    waiver.par, waiver.motif, finding.message
                );
                "nothing to do: the waiver is kept in the archive".clone_into(&mut finding.remede);
                finding.code = Code::W923;
            } else if !finding.remede.contains("--controle") {
                // Findings of the career pass here twice.
                let siret = contract.siret;
                let [agent, contrat] = [&facts.agent.id, &contract.contrat].map(|w| argument(w));
                finding.remede.push_str(&format!(
                    "; to pay all the same: `paie archive deroger --mois {} --siret {siret} \
                     --agent {agent} --contrat {contrat} --controle {name} --par NOM \
                     --motif TEXTE`",
                    self.program.period
                ));
            }
        }
    }

    /// Contracts of an agent that start in the month, and those paid the month before that ended.
    /// `late`: the contract has ended, and is paid what earlier months are due.
    pub(super) fn movements(
        &self,
        facts: &AgentFacts,
        late: impl Fn(Siret, &str) -> bool,
        mut each: impl FnMut(Siret, Movement),
    ) {
        if self.effectifs.is_empty() {
            return;
        }
        let (first, last) = (self.program.period.first_day(), self.program.period.last_day());
        let known = self.program.known_on;
        let mut seen: Vec<(Siret, &Word)> = Vec::new();
        for row in &facts.carrieres {
            if seen.contains(&(row.siret, &row.contrat)) {
                continue;
            }
            seen.push((row.siret, &row.contrat));
            let same = facts.carrieres.iter().filter(|other| {
                (other.siret, &other.contrat) == (row.siret, &row.contrat)
                    && known.knows(other.dated.connu_le)
            });
            let start = same.clone().map(|row| row.dates().depuis).min();
            let starts = same.clone().map(|row| row.dates().depuis);
            let present = starts.filter(|day| *day <= last).map(|day| day.max(first));
            let present = present.clone().any(|day| in_force(same.clone(), day, known).is_some());
            let rows = &facts.precedents;
            let paid = self.preparer.precedent_of(rows, row.siret, &row.contrat).is_some();
            let late = late(row.siret, &row.contrat);
            match (present || late, paid) {
                (true, false) if late || start.is_some_and(|start| start >= first) => {
                    each(row.siret, Movement::Arrivee);
                }
                (false, true) => each(row.siret, Movement::Sortie),
                _ => {}
            }
        }
    }

    /// What is known of an employer once its last agent is computed.
    pub(super) fn employer_controls(
        &self,
        siret: Siret,
        totals: &EmployeurTotals,
    ) -> Vec<PoolFinding> {
        let Some(employeur) = self.employeurs.get(&siret) else { return Vec::new() };
        let mut out = Vec::new();
        let mut find = |code, message: String, remede: &str| {
            let mut finding = PoolFinding::new(code, employeur.facts.reference, message, remede);
            finding.siret = Some(siret.to_string());
            out.push(finding);
        };
        let made = totals.payables + totals.bloques;
        if let Some(&before) = self.effectifs.get(&siret) {
            let (arrivals, exits) = (totals.arrivees, totals.sorties);
            if made + exits != before + arrivals {
                let message = format!(
                    "{made} payslips; {before} the month before, plus {arrivals} arrivals, less \
                     {exits} exits"
                );
                let remede = "look for agents left out of agents.csv, or careers without dates";
                find(Code::W925, message, remede);
            }
        }
        let ceiling = self.preparer.employer_amount(employeur, "employeur.enveloppe_elus");
        if let Some(ceiling) = ceiling.filter(|ceiling| totals.elus > *ceiling) {
            let [sum, ceiling] = [totals.elus, ceiling].map(Amount::from_cents);
            let message =
                format!("the indemnities of the elected come to {sum}, above {ceiling} a month");
            let remede = "compare the rates with the délibération, or correct `enveloppe_elus`";
            find(Code::W926, message, remede);
        }
        out
    }
}

/// A word as a shell takes it.
fn argument(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// What a contract does between two months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Movement {
    /// It starts in the month.
    Arrivee,
    /// It was paid the month before, and has no day in this one.
    Sortie,
}

#[cfg(test)]
mod tests;
