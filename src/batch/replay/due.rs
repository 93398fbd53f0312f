//! What closed months are due now: every agent, every closed month, against the ledger.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::archive::{Archive, Etat as MonthState};
use crate::calendar::{KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::domain::{Siret, Word};
use crate::engine::PayLine;
use crate::io::{ParsedAgent, PoolReader, RawBlock};
use crate::program::{Program, Target, compile};
use crate::rappel::{Etat, Recomputed};
use crate::rules::Nature;

use super::super::chain::Work;
use super::super::history::{History, HistoryError};
use super::super::piece::Chained;
use super::super::plan::{Before, Plan, block_size};
use super::super::run::RunError;
use super::super::waves;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct DueOptions<'a> {
    /// The pool whose facts count.
    pub pool: &'a Path,
    /// What is known now.
    pub known_on: KnownOn,
    /// Digest of the rules.
    pub rules_digest: &'a str,
    /// The first month that is told.
    pub depuis: Option<PayPeriod>,
    /// The last month that is told.
    pub jusqu: Option<PayPeriod>,
    /// Threads; none: as many as there are cores.
    pub threads: Option<usize>,
}

/// A rubrique that a month of a contract is due more, or less. Amounts are cents.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// The employer.
    pub siret: Siret,
    /// The agent.
    pub agent: Word,
    /// The contract.
    pub contrat: Word,
    /// The closed month.
    pub mois: PayPeriod,
    /// The code of the rubrique; empty for a month that cannot be computed.
    pub rubrique: Word,
    /// `ecart`, `hors_limite` or `impossible`.
    pub etat: &'static str,
    /// Base of a contribution.
    pub base: i64,
    /// Amount, or agent side of a contribution, as the payslip shows it.
    pub montant: i64,
    /// Employer side.
    pub employeur: i64,
    /// What the agent gains.
    pub net: i64,
    /// Whether the next payslip shows it as it is, as a line of that month: what is computed in
    /// the month of payment, with the rappels in its base, is not.
    pub verse: bool,
}

/// Sums of differences, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DueSums {
    /// Rows.
    pub ecarts: u64,
    /// What agents gain.
    pub net: i64,
    /// What employers owe more, beside.
    pub employeur: i64,
}

impl DueSums {
    fn add(&mut self, row: &DueRow) {
        self.ecarts += 1;
        self.net += row.net;
        self.employeur += row.employeur;
    }
}

/// What closed months are due, in sums.
#[derive(Clone, Debug, Default)]
pub struct DueTotals {
    /// The month in which a difference would be paid.
    pub paiement: Option<PayPeriod>,
    /// By month, by employer, by rubrique: what can be paid or taken back.
    pub mois: BTreeMap<PayPeriod, DueSums>,
    /// By employer.
    pub employeurs: BTreeMap<Siret, DueSums>,
    /// By rubrique.
    pub rubriques: BTreeMap<Word, DueSums>,
    /// What is beyond the limits.
    pub hors_limite: DueSums,
    /// Contract-months that cannot be computed.
    pub impossibles: u64,
    /// Agents of the pool.
    pub agents: u64,
    /// Agents whose rows are wrong.
    pub bloques: u64,
    /// Agents of the last closed months who are not in the pool: nothing is said of them.
    pub absents: u64,
}

impl DueTotals {
    fn add(&mut self, row: &DueRow) {
        match row.etat {
            "impossible" => self.impossibles += 1,
            "hors_limite" => self.hors_limite.add(row),
            _ => {
                self.mois.entry(row.mois).or_default().add(row);
                self.employeurs.entry(row.siret).or_default().add(row);
                self.rubriques.entry(row.rubrique.clone()).or_default().add(row);
            }
        }
    }
}

/// The agents of a block.
#[derive(Default)]
struct Part {
    rows: Vec<DueRow>,
    agents: Vec<Word>,
    bloques: u64,
}

/// Computes every closed month of the archive with the facts of a pool and the rules of `book`,
/// whatever has changed, and compares with the ledger. Rows come in the order of the pool.
///
/// Errors: the archive or the pool cannot be read; the rules do not compile; no month is closed.
pub fn as_due(
    archive: &Archive,
    book: &CheckedRuleBook,
    options: &DueOptions<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
    rows: &mut dyn FnMut(&[DueRow]),
) -> Result<DueTotals, RunError> {
    let mut reader = PoolReader::open(options.pool).map_err(RunError::Pool)?;
    let context = reader.context();
    let closed =
        |mois: &PayPeriod| archive.employers(*mois).any(|(_, s)| s.etat == MonthState::Clos);
    let Some(last) = archive.months().rev().find(closed) else {
        return Ok(DueTotals::default());
    };
    let period = last.next();
    // Nothing is paid: the month of payment may well be after what the rules were verified for.
    let target = Target { period, known_on: options.known_on, au_dela: true };
    let program = compile(book, target).map_err(|error| RunError::Compile(Box::new(error)))?;
    let before = Before::closed_months(History::open(archive.clone(), period));
    let plan = Plan {
        book,
        texts: options.rules_digest,
        program: &program,
        au_dela: true,
        context: &context,
        employeurs: context.employeurs(),
        entire: true,
    };
    let mut totals = DueTotals { paiement: Some(period), ..DueTotals::default() };
    let mut seen: HashSet<Word> = HashSet::new();
    plan.with(Some(&before), |_, chained| {
        let Some(chained) = chained else { return Ok(()) };
        let block = |raw: &RawBlock| part(chained, options, &raw.parse(&context));
        let mut take = |part: Part| {
            totals.bloques += part.bloques;
            totals.agents += u64::try_from(part.agents.len()).unwrap_or(0);
            seen.extend(part.agents);
            part.rows.iter().for_each(|row| totals.add(row));
            rows(&part.rows);
            totals.agents
        };
        let size = (options.threads, block_size(true));
        waves::run(&mut reader, size, &block, &mut take, progress)
    })?;
    totals.absents = absents(&before.history, &seen)?;
    Ok(totals)
}

/// Agents of the last closed months who are not in the pool.
fn absents(history: &History, seen: &HashSet<Word>) -> Result<u64, HistoryError> {
    let mut absents: HashSet<&str> = HashSet::new();
    for place in history.last_runs() {
        let stored = history.stored(place)?;
        let agents = (0..stored.blocks()).flat_map(|block| stored.agents(block));
        absents.extend(agents.map(|agent| &**agent).filter(|agent| !seen.contains(*agent)));
    }
    Ok(u64::try_from(absents.len()).unwrap_or(u64::MAX))
}

/// The differences of the agents of a block.
fn part(
    chained: &Chained<'_>,
    options: &DueOptions<'_>,
    agents: &[ParsedAgent],
) -> Result<Part, HistoryError> {
    let program = chained.payment.month.program;
    let mut part = Part::default();
    let mut work = Work::new(chained);
    let told = |mois: PayPeriod| {
        options.depuis.is_none_or(|first| mois >= first)
            && options.jusqu.is_none_or(|last| mois <= last)
    };
    for parsed in agents {
        let agent = Word::clone(&parsed.facts.agent.id);
        part.agents.push(Word::clone(&agent));
        if parsed.is_blocked() {
            part.bloques += 1;
            continue;
        }
        let due = chained.chain.all_due(&chained.payment, &parsed.facts, &mut work)?;
        for one in due.iter().filter(|one| told(one.mois)) {
            rows_of(program, &agent, one, &mut part.rows);
        }
    }
    Ok(part)
}

/// The rows of a contract-month.
fn rows_of(program: &Program, agent: &Word, one: &Recomputed, out: &mut Vec<DueRow>) {
    let (etat, ecarts) = match &one.etat {
        Etat::Inchange | Etat::Ecart => ("ecart", &one.ecarts),
        Etat::HorsLimite(_) => ("hors_limite", &one.laisses),
        Etat::Impossible(_) => ("impossible", &one.ecarts),
    };
    let row = |rubrique: &str| DueRow {
        siret: one.siret,
        agent: Word::clone(agent),
        contrat: Word::clone(&one.contrat),
        mois: one.mois,
        rubrique: Word::from(rubrique),
        etat,
        base: 0,
        montant: 0,
        employeur: 0,
        net: 0,
        verse: false,
    };
    if etat == "impossible" {
        out.push(row(""));
        return;
    }
    for &item in &program.print_order {
        let Some(info) = program.items.get(item) else { continue };
        let ecart = ecarts.get(&info.nom);
        if !info.printed || info.nature == Nature::Total || ecart.is_zero() {
            continue;
        }
        let montant = if info.sides.is_some() { ecart.agent } else { ecart.montant };
        let net = match info.nature {
            Nature::Gain | Nature::NonSoumis => montant,
            Nature::Cotisation | Nature::Retenue => -montant,
            Nature::Total | Nature::Information => 0,
        };
        let shown = |line: &PayLine| line.item == item;
        let verse = one.lignes.iter().any(shown);
        let (base, employeur) = (ecart.base, ecart.employeur);
        out.push(DueRow { base, montant, employeur, net, verse, ..row(&info.code) });
    }
}
