//! A block of agents after closed months: payslips, rappels, and what the archive keeps of it.

use std::collections::HashSet;

use crate::calendar::PayPeriod;
use crate::diag::Code;
use crate::domain::{AgentFacts, Siret};
use crate::engine::Engine;
use crate::io::{ParsedAgent, PoolContext, PoolFinding, RawBlock, Tables};
use crate::num::Amount;
use crate::rappel::{
    Bench, Etat, Inputs, Limite, Paid, Past, Payment, Recomputed, Sums, Totals, Views, present,
};

use super::block::{BlockOut, Month};
use super::chain::{Account, Asked, Chain, Work, contracts};
use super::history::{Desk, HistoryError};
use super::registre::{self, Genre, Who};
use super::text;

/// The month being paid, after closed ones.
pub struct Chained<'a> {
    /// The closed months.
    pub chain: &'a Chain<'a>,
    /// The month.
    pub payment: Payment<'a>,
    /// Employers whose month is already closed: they are not paid again.
    pub closed: &'a HashSet<Siret>,
    /// The employers of the pool.
    pub pool: &'a PoolContext,
}

/// A block, with what the archive keeps of it.
#[derive(Default)]
pub struct PieceOut {
    /// The rows of the result files.
    pub out: BlockOut,
    /// Rows of `registre.csv`.
    pub registre: Vec<u8>,
    /// Rows of `suites.csv`.
    pub suites: Vec<u8>,
    /// The facts, as they were handed in.
    pub faits: Tables,
    /// The agents.
    pub agents: Vec<Box<str>>,
}

impl PieceOut {
    /// The results that are cut in blocks, by name, in the order of the archive.
    pub fn results(&self) -> [(&'static str, &[u8]); 7] {
        [
            ("bulletins.csv", &self.out.bulletins),
            ("lignes.csv", &self.out.lignes),
            ("anomalies.csv", &self.out.anomalies),
            ("cumuls.csv", &self.out.cumuls),
            ("rappels.csv", &self.out.rappels),
            ("registre.csv", &self.registre),
            ("suites.csv", &self.suites),
        ]
    }
}

/// The payslips of an agent after closed months.
pub struct Slips {
    /// Its account, the contracts of employers whose month is closed left out.
    pub account: Account,
    /// What is found about facts that reach back before the archive.
    pub arrival: Vec<PoolFinding>,
    /// What is found about each contract that is paid, in their order.
    pub contracts: Vec<Vec<PoolFinding>>,
    /// What is found about contracts that the month does not pay.
    pub unpaid: Vec<PoolFinding>,
}

impl Account {
    /// The contracts that closed months know and that the month does not pay.
    fn unpaid<'s>(&'s self, chained: &'s Chained<'_>) -> impl Iterator<Item = &'s Past> {
        let here = |past: &Past| {
            let mut paid = self.paid.iter().map(|paid| &paid.prepared);
            paid.any(|one| past.is(one.siret, &one.contrat))
        };
        let past = self.former.state.past.iter();
        past.filter(move |past| !here(past) && !chained.closed.contains(&past.siret))
    }
}

impl<'a> Work<'a> {
    /// Nothing read yet.
    pub fn new(chained: &'a Chained<'_>) -> Self {
        Self {
            desk: Desk::new(chained.chain.history),
            engine: Engine::new(chained.payment.month.program),
            bench: Bench::default(),
            memo: None,
        }
    }
}

impl Month<'_> {
    /// Computes a block; `work` is kept from block to block.
    pub fn piece<'w>(
        &self,
        chained: &'w Chained<'_>,
        raw: &RawBlock,
        work: &mut Work<'w>,
    ) -> Result<PieceOut, HistoryError> {
        let pool = chained.pool;
        let mut piece = PieceOut::default();
        for part in raw.pieces(raw.len().max(1)) {
            piece.faits = part.tables(pool);
            piece.agents = part.ids(pool).into_iter().map(String::into_boxed_str).collect();
        }
        for (at, parsed) in raw.parse(pool).iter().enumerate() {
            let out = &mut piece.out;
            out.agents += 1;
            for finding in &parsed.findings {
                out.finding(finding);
            }
            if parsed.is_blocked() {
                self.stopped(&parsed.facts, &parsed.findings, out);
                self.wait(chained, parsed, &mut piece, work)?;
                continue;
            }
            let digest = raw.agent_digest(pool, at);
            let (facts, rows) = (&parsed.facts, Some(digest));
            let asked = Asked { facts, digest: rows, tried: None, origine: None };
            let slips = self.slips(chained, &asked, work)?;
            let account = &slips.account;
            let ended = account.paid.iter().filter(|paid| paid.inputs.is_none());
            let late = |siret: Siret, contrat: &str| {
                let mut ended = ended.clone().map(|paid| &paid.prepared);
                ended.any(|one| one.is(siret, contrat))
            };
            self.count_movements(&account.facts, late, &mut piece.out);
            self.write(chained, &slips, &digest, &mut piece);
        }
        Ok(piece)
    }

    /// An agent whose rows are wrong: its month waits, and nothing it had is forgotten.
    fn wait(
        &self,
        chained: &Chained<'_>,
        parsed: &ParsedAgent,
        piece: &mut PieceOut,
        work: &mut Work<'_>,
    ) -> Result<(), HistoryError> {
        let facts = &parsed.facts;
        let contracts = contracts(facts);
        let state = work.desk.state(&facts.agent.id, self.program.period.year(), &contracts)?;
        // A contract whose rows cannot be read is not among them: the agent itself waits as well.
        let who = Who { siret: "", agent: &facts.agent.id, contrat: "" };
        let month = state.attente.into_iter().chain([self.program.period]).min();
        attente(&mut piece.suites, who, month);
        for (siret, contrat) in &contracts {
            if chained.closed.contains(siret) {
                continue;
            }
            let past = state.past.iter().find(|past| past.is(*siret, contrat));
            let waits = past.and_then(|past| past.attente);
            let who = Who { siret: siret.as_str(), agent: &facts.agent.id, contrat };
            attente(&mut piece.suites, who, waits);
            solde(&mut piece.suites, who, past.map_or(0, |past| past.solde));
        }
        Ok(())
    }

    /// The payslips of an agent after closed months, with all that is found about them.
    pub fn slips<'w>(
        &self,
        chained: &'w Chained<'_>,
        asked: &Asked<'_>,
        work: &mut Work<'w>,
    ) -> Result<Slips, HistoryError> {
        let mut account = chained.chain.account(&chained.payment, asked, work)?;
        account.paid.retain(|paid| !chained.closed.contains(&paid.prepared.siret));
        let each = account.paid.iter().map(|paid| {
            let mut findings = self.readings(&account.facts, &paid.prepared);
            if Self::computable(&paid.prepared, &findings) {
                self.judge(&account.facts, &paid.prepared, &paid.payslip, &mut findings);
            }
            let who = (paid.prepared.siret, &*paid.prepared.contrat);
            Self::rappel_findings(&account, who, paid.solde, &mut findings);
            findings
        });
        let contracts = each.collect();
        let (arrival, unpaid) = (self.arrival(&account), self.unpaid_findings(chained, &account));
        Ok(Slips { account, arrival, contracts, unpaid })
    }

    /// Writes the payslips of an agent and its ledger.
    fn write(&self, chained: &Chained<'_>, slips: &Slips, rows: &Inputs, piece: &mut PieceOut) {
        let account = &slips.account;
        let facts = &account.facts;
        let agent = &*facts.agent.id;
        let who = Who { siret: "", agent, contrat: "" };
        let digest = registre::hexadecimal(rows);
        registre::row(&mut piece.suites, who, None, (Genre::Faits, &digest), Sums::default());
        slips.arrival.iter().for_each(|finding| piece.out.finding(finding));
        for (paid, findings) in account.paid.iter().zip(&slips.contracts) {
            let (prepared, payslip) = (&paid.prepared, &paid.payslip);
            let payable = self.contract(facts, prepared, payslip, findings, &mut piece.out);
            self.record(account, paid, payable, piece);
        }
        for past in account.unpaid(chained) {
            let (siret, contrat) = (past.siret, &past.contrat);
            let who = Who { siret: siret.as_str(), agent, contrat };
            solde(&mut piece.suites, who, past.solde);
            let mine = || account.former.recomputed.iter().filter(|one| is(one, siret, contrat));
            let impossible = mine().filter(|one| matches!(one.etat, Etat::Impossible(_)));
            attente(&mut piece.suites, who, impossible.map(|one| one.mois).min());
            for one in mine() {
                self.rappel_row(who, one, account, &mut piece.out);
            }
        }
        slips.unpaid.iter().for_each(|finding| piece.out.finding(finding));
    }

    /// The ledger of a contract: what the month is due, what earlier ones are due more.
    fn record(&self, account: &Account, paid: &Paid, payable: bool, piece: &mut PieceOut) {
        let (siret, contrat) = (paid.prepared.siret, &paid.prepared.contrat);
        let period = self.program.period;
        let who = Who { siret: siret.as_str(), agent: &account.facts.agent.id, contrat };
        let past = account.former.state.past.iter().find(|past| past.is(siret, contrat));
        let mine = || account.former.recomputed.iter().filter(|one| is(one, siret, contrat));
        let waiting = past.and_then(|past| past.attente);
        let present = present(&paid.prepared);
        if !payable {
            let moved = mine().filter(|one| one.etat != Etat::Inchange).map(|one| one.mois);
            let month = moved.chain(waiting).chain(present.then_some(period)).min();
            attente(&mut piece.suites, who, month);
            solde(&mut piece.suites, who, past.map_or(0, |past| past.solde));
            return;
        }
        if past.is_none_or(|past| past.views.is_none()) {
            let year = period.year();
            let opening = Totals::handed_in(&account.facts, siret, contrat, year);
            registre::items(&mut piece.registre, who, Some(period), Genre::Ouverture, &opening);
        }
        registre::due(&mut piece.registre, who, period, &paid.due, paid.inputs);
        for one in mine() {
            self.rappel_row(who, one, account, &mut piece.out);
            if matches!(one.etat, Etat::Inchange | Etat::Ecart) {
                registre::due(&mut piece.registre, who, one.mois, &one.ecarts, one.inputs);
            }
        }
        let impossible = mine().filter(|one| matches!(one.etat, Etat::Impossible(_)));
        attente(&mut piece.suites, who, impossible.map(|one| one.mois).min());
        solde(&mut piece.suites, who, paid.solde);
        if let Some(views) = paid.views.as_ref().filter(|v| v.paye != v.annee || v.paye != v.du) {
            self.views(&mut piece.suites, who, views);
        }
    }

    /// The totals of the year that differ from `cumuls.csv`; a row without name marks each list.
    fn views(&self, out: &mut Vec<u8>, who: Who<'_>, views: &Views) {
        for (genre, totals) in [(Genre::CumulAnnee, &views.annee), (Genre::CumulDu, &views.du)] {
            registre::row(out, who, None, (genre, ""), Sums::default());
            for (_, nom) in &self.kept {
                let sums = totals.get(nom);
                if !sums.is_zero() {
                    registre::row(out, who, None, (genre, nom), sums);
                }
            }
        }
    }

    /// What is due to, or by, contracts that this month does not pay.
    fn unpaid_findings(&self, chained: &Chained<'_>, account: &Account) -> Vec<PoolFinding> {
        let facts = &account.facts;
        let mut findings = Vec::new();
        for past in account.unpaid(chained) {
            let (siret, contrat) = (past.siret, &past.contrat);
            Self::rappel_findings(account, (siret, contrat), past.solde, &mut findings);
            let mine = account.former.recomputed.iter().filter(|one| is(one, siret, contrat));
            for one in mine.filter(|one| one.etat == Etat::Ecart) {
                let net = Amount::from_cents(one.net(self.program));
                let message = format!(
                    "{} differs by {net} net, and the contract is not in the pool any more",
                    one.mois
                );
                let remede = "put the career back, or settle it outside the payroll";
                findings.push(told(facts, (siret, contrat), Code::W953, message, remede));
            }
        }
        findings
    }

    /// Facts that reach back before the archive, and contracts that only arrive.
    fn arrival(&self, account: &Account) -> Vec<PoolFinding> {
        let (facts, mut out) = (&account.facts, Vec::new());
        let mut seen: Vec<(Siret, &str)> = Vec::new();
        for one in &account.former.recomputed {
            let key = (one.siret, &*one.contrat);
            if one.etat == Etat::HorsLimite(Limite::Reprise) && !seen.contains(&key) {
                seen.push(key);
                let message = "the contract started before the first closed month, and no closed \
                               month paid it: it arrives, and earlier months are not paid"
                    .to_owned();
                let remede = "nothing to do if it was paid elsewhere; otherwise pay the arrears \
                              with elements that have a `mois_origine`";
                let who = (one.siret, key.1);
                out.push(told(facts, who, Code::W951, message, remede));
            }
        }
        if let (Some(row), true) = (account.former.before_archive, seen.is_empty()) {
            let message = format!(
                "the row counts from {}, before the first closed month: earlier months are not \
                 touched",
                row.depuis
            );
            let remede = "pay what is due for them with elements that have a `mois_origine`";
            let reference = if row.former { facts.agent.reference } else { row.at };
            let mut finding = PoolFinding::new(Code::W951, reference, message, remede);
            finding.agent = Some(facts.agent.id.to_string());
            out.push(finding);
        }
        out
    }

    /// Months that differ and are left alone, and what remains to be taken back.
    fn rappel_findings(
        account: &Account,
        who: (Siret, &str),
        solde: i64,
        out: &mut Vec<PoolFinding>,
    ) {
        let facts = &account.facts;
        for one in account.former.recomputed.iter().filter(|one| is(one, who.0, who.1)) {
            let (code, message, remede) = match &one.etat {
                Etat::HorsLimite(Limite::Rappel(years)) => (
                    Code::W950,
                    format!("{} is due more, beyond the limit of {years} years", one.mois),
                    "nothing is paid: the claim is prescribed unless it was interrupted",
                ),
                Etat::HorsLimite(Limite::TropPercu(months)) => (
                    Code::W950,
                    format!("{} was overpaid, beyond the limit of {months} months", one.mois),
                    "nothing is taken back: the limit differs when the agent did not declare all",
                ),
                Etat::Impossible(findings) => (
                    Code::W952,
                    match findings.first() {
                        Some(first) => {
                            format!("{} cannot be computed again: {}", one.mois, first.message)
                        }
                        None => format!("{} cannot be computed again: a line misses", one.mois),
                    },
                    "mend the row, or waive the control that blocks; the month is tried again with \
                     each run",
                ),
                _ => continue,
            };
            out.push(told(facts, who, code, message, remede));
        }
        out.extend(owed(facts, who, solde));
    }

    /// A row of `rappels.csv`.
    fn rappel_row(&self, who: Who<'_>, one: &Recomputed, account: &Account, out: &mut BlockOut) {
        let etat = match &one.etat {
            Etat::Inchange => "sans_ecart",
            Etat::Ecart => "paye",
            Etat::HorsLimite(_) => "hors_limite",
            Etat::Impossible(_) => "impossible",
        };
        out.again.0 += 1;
        out.again.1 += u64::from(one.etat == Etat::Ecart);
        let rows = &mut out.rappels;
        text::cell(rows, who.siret);
        for cell in [who.agent, who.contrat] {
            rows.push(b',');
            text::cell(rows, cell);
        }
        for cell in [self.program.period.to_string(), one.mois.to_string(), etat.to_owned()] {
            rows.push(b',');
            rows.extend_from_slice(cell.as_bytes());
        }
        let employeur = one.lignes.iter().filter_map(|line| line.montant_employeur).sum();
        for cents in [one.net(self.program), employeur] {
            rows.push(b',');
            text::cents(rows, cents);
        }
        rows.push(b',');
        text::cell(rows, &account.former.cause);
        rows.push(b'\n');
    }
}

fn is(one: &Recomputed, siret: Siret, contrat: &str) -> bool {
    one.siret == siret && *one.contrat == *contrat
}

fn attente(out: &mut Vec<u8>, who: Who<'_>, month: Option<PayPeriod>) {
    if let Some(month) = month {
        let month = month.to_string();
        registre::row(out, who, None, (Genre::Attente, &month), Sums::default());
    }
}

fn solde(out: &mut Vec<u8>, who: Who<'_>, cents: i64) {
    if cents != 0 {
        let sums = Sums { montant: cents, ..Sums::default() };
        registre::row(out, who, None, (Genre::TropPercu, ""), sums);
    }
}

/// What a contract still owes, in cents.
fn owed(facts: &AgentFacts, who: (Siret, &str), cents: i64) -> Option<PoolFinding> {
    let message = format!("{} of trop-perçu are still to be taken back", Amount::from_cents(cents));
    let remede = "the next months take back what may be seized; without a next month, issue a \
                  titre de recettes";
    (cents > 0).then(|| told(facts, who, Code::W953, message, remede))
}

/// A finding about a contract, at the row of its agent.
fn told(
    facts: &AgentFacts,
    (siret, contrat): (Siret, &str),
    code: Code,
    message: String,
    remede: &str,
) -> PoolFinding {
    let mut finding = PoolFinding::new(code, facts.agent.reference, message, remede);
    finding.siret = Some(siret.to_string());
    finding.agent = Some(facts.agent.id.to_string());
    finding.contrat = Some(contrat.to_owned());
    finding
}
