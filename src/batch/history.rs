//! Closed months of an archive, as the month that follows them reads them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::archive::{Archive, ArchiveError, Etat, Event, Stored};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::diag::Diagnostic;
use crate::domain::{AgentFacts, PoolFile, Precedent, Siret, Word};
use crate::io::{
    Headers, PoolContext, RawBlock, Record, StoredPool, TABLE_NAMES, header_of_table, records,
    spans,
};
use crate::num::Amount;
use crate::rappel::{Inputs, Past, Sums, Totals, Views};

use super::registre::{self, Genre};

/// Name of the table of digests of a run: what the rules said of each month.
pub const PROGRAMMES: &str = "programmes.csv";

/// Folder of the tables that hold the facts of a run.
pub const FAITS: &str = "faits";

/// A closed run: one month, some employers.
pub struct Run {
    /// The month.
    pub mois: PayPeriod,
    /// What was known.
    pub known_on: KnownOn,
    entry: u64,
    stored: OnceLock<Stored>,
    context: OnceLock<Arc<PoolContext>>,
}

/// The closed months before a month, employer by employer.
pub struct History {
    archive: Archive,
    runs: Vec<Run>,
    /// For each employer, its closed months and the run of each.
    employers: HashMap<Siret, BTreeMap<PayPeriod, usize>>,
    /// Every closed month.
    months: BTreeSet<PayPeriod>,
    /// Months that are computed and not closed, with the employers that wait.
    waiting: Vec<(PayPeriod, Vec<Siret>)>,
}

/// Why the closed months cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A month before is not closed: its totals may still change.
    #[error("{mois} is not closed for {}", .employeurs.join(", "))]
    Open {
        /// The month.
        mois: PayPeriod,
        /// The employers, by SIRET.
        employeurs: Vec<String>,
    },
    /// A table is not what the format says.
    #[error("the table `{table}` of {mois} in the archive cannot be read: {what}")]
    Table {
        /// The month.
        mois: PayPeriod,
        /// The table.
        table: String,
        /// What is wrong.
        what: String,
    },
    /// The rules of a closed month ask for what the program does not provide.
    #[error("the rules ask for what the program does not provide")]
    Rules(Vec<Diagnostic>),
}

/// What the last closed months say of an agent.
#[derive(Clone, Debug, Default)]
pub struct AgentState {
    /// Digest of its rows, with the day of knowledge, and the run; none: it is new.
    pub faits: Option<(Inputs, usize)>,
    /// Its contracts: totals of the year, what is to be taken back, months that wait.
    pub past: Vec<Past>,
    /// The first month in which the agent was blocked, and its contracts were not all known.
    pub attente: Option<PayPeriod>,
}

impl History {
    /// The closed months of the archive before `month`. Who is paid after them is checked first:
    /// [`Self::check`].
    pub fn open(archive: Archive, month: PayPeriod) -> Self {
        let mut history = Self {
            archive,
            runs: Vec::new(),
            employers: HashMap::new(),
            months: BTreeSet::new(),
            waiting: Vec::new(),
        };
        let mut places: HashMap<u64, usize> = HashMap::new();
        let months: Vec<PayPeriod> = history.archive.months().filter(|m| *m < month).collect();
        for mois in months {
            let (mut waiting, mut found) = (Vec::new(), Vec::new());
            for (siret, state) in history.archive.employers(mois) {
                let Some(key) = Siret::parse(siret) else { continue };
                match history.archive.calcul(mois, siret) {
                    Some(entry) if state.etat == Etat::Clos => found.push((key, entry.numero)),
                    _ => waiting.push(key),
                }
            }
            if !waiting.is_empty() {
                history.waiting.push((mois, waiting));
            }
            for (siret, numero) in found {
                let place = match places.get(&numero) {
                    Some(place) => *place,
                    None => history.add(mois, numero, &mut places),
                };
                history.employers.entry(siret).or_default().insert(mois, place);
                history.months.insert(mois);
            }
        }
        history
    }

    /// Whether employers may be paid.
    ///
    /// Errors: a month before is computed and not closed, for one of the employers of `pool`.
    pub fn check(&self, pool: impl Fn(Siret) -> bool) -> Result<(), HistoryError> {
        for (mois, waiting) in &self.waiting {
            let mine = waiting.iter().filter(|siret| pool(**siret));
            let employeurs: Vec<String> = mine.map(Siret::to_string).collect();
            if !employeurs.is_empty() {
                return Err(HistoryError::Open { mois: *mois, employeurs });
            }
        }
        Ok(())
    }

    fn add(&mut self, mois: PayPeriod, entry: u64, places: &mut HashMap<u64, usize>) -> usize {
        let calcul = self.archive.entry(entry).and_then(|entry| entry.calcul());
        let day = calcul.and_then(|calcul| Day::parse(&calcul.connu_le).ok());
        let known_on = day.map_or(KnownOn::Everything, KnownOn::Day);
        let (stored, context) = (OnceLock::new(), OnceLock::new());
        self.runs.push(Run { mois, known_on, entry, stored, context });
        places.insert(entry, self.runs.len() - 1);
        self.runs.len() - 1
    }

    /// Every closed month, in order.
    pub fn months(&self) -> impl Iterator<Item = PayPeriod> {
        self.months.iter().copied()
    }

    /// Whether the month of an employer is closed.
    pub fn closed(&self, siret: Siret, mois: PayPeriod) -> bool {
        self.employers.get(&siret).is_some_and(|months| months.contains_key(&mois))
    }

    /// The closed run of a month of an employer, by its place.
    pub fn place(&self, siret: Siret, mois: PayPeriod) -> Option<usize> {
        self.employers.get(&siret)?.get(&mois).copied()
    }

    /// Whether a control was waived for a contract in one of two months: the one that it is about,
    /// and the one that pays.
    pub fn waived(
        &self,
        months: [PayPeriod; 2],
        (employer, id, contract): (Siret, &str, &str),
        control: &str,
    ) -> bool {
        let mut entries = months.iter().flat_map(|month| self.archive.derogations(*month));
        entries.any(|entry| match &entry.evenement {
            Event::Derogation { siret, agent, contrat, controle, .. } => {
                siret == employer.as_str()
                    && [agent, contrat, controle].map(String::as_str) == [id, contract, control]
            }
            _ => false,
        })
    }

    /// The first closed month of an employer.
    pub fn first(&self, siret: Siret) -> Option<PayPeriod> {
        self.employers.get(&siret)?.first_key_value().map(|(mois, _)| *mois)
    }

    /// The last closed run of an employer, by its place.
    pub fn last(&self, siret: Siret) -> Option<usize> {
        self.employers.get(&siret)?.last_key_value().map(|(_, place)| *place)
    }

    /// The last closed run of an employer that has an agent, by its place.
    pub fn last_with(&self, siret: Siret, agent: &str) -> Result<Option<usize>, HistoryError> {
        let months = self.employers.get(&siret).into_iter().flatten().rev();
        for (_, &place) in months {
            if self.stored(place)?.block_of(agent).is_some() {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The runs that are the last of some employer, by their places.
    pub fn last_runs(&self) -> BTreeSet<usize> {
        let last = self.employers.values().filter_map(|months| months.last_key_value());
        last.map(|(_, place)| *place).collect()
    }

    /// A run.
    pub fn run(&self, place: usize) -> Option<&Run> {
        self.runs.get(place)
    }

    /// The tables of a run.
    pub fn stored(&self, place: usize) -> Result<&Stored, HistoryError> {
        let Some(run) = self.runs.get(place) else { return Err(self.lost(place)) };
        if let Some(stored) = run.stored.get() {
            return Ok(stored);
        }
        let entry = self.archive.entry(run.entry).ok_or_else(|| self.lost(place))?;
        let stored = Stored::open(&self.archive, entry)?;
        Ok(run.stored.get_or_init(|| stored))
    }

    /// The pool of a run: its headers and employers.
    pub fn context(&self, place: usize) -> Result<&Arc<PoolContext>, HistoryError> {
        let Some(run) = self.runs.get(place) else { return Err(self.lost(place)) };
        if let Some(context) = run.context.get() {
            return Ok(context);
        }
        let context = pool_context(self.stored(place)?, run.mois, false)?;
        Ok(run.context.get_or_init(|| context))
    }

    fn lost(&self, place: usize) -> HistoryError {
        let mois = self.runs.get(place).map_or_else(
            || self.months.iter().next().copied().unwrap_or_else(|| PayPeriod::of(Day::EARLIEST)),
            |run| run.mois,
        );
        HistoryError::Table { mois, table: "journal".to_owned(), what: "no such run".to_owned() }
    }

    /// Payslips that the last closed month of each employer paid.
    pub fn effectifs(&self) -> Result<BTreeMap<Siret, u64>, HistoryError> {
        let mut counts: BTreeMap<Siret, u64> = BTreeMap::new();
        for place in self.last_runs() {
            let text = self.stored(place)?.whole("bulletins.csv")?;
            let ours = |siret: &Siret| self.last(*siret) == Some(place);
            let _ = records(&text, |row| {
                let siret = Siret::parse(row.get(0)).filter(|_| row.get(4) == "payable");
                if let Some(siret) = siret.filter(ours) {
                    *counts.entry(siret).or_default() += 1;
                }
                true
            });
        }
        Ok(counts)
    }

    /// Whether a run was made by this edition of the program with the same rule texts.
    pub fn same_rules(&self, place: usize, texts: &str) -> Result<bool, HistoryError> {
        let calcul = self.stored(place)?.calcul();
        Ok(calcul.empreinte_regles == texts && calcul.programme == env!("CARGO_PKG_VERSION"))
    }

    /// What the rules said of each month in a run.
    pub fn programmes(&self, place: usize) -> Result<BTreeMap<PayPeriod, String>, HistoryError> {
        let text = self.stored(place)?.whole(PROGRAMMES)?;
        let text = String::from_utf8_lossy(&text);
        let row = |line: &str| {
            let (mois, digest) = line.split_once(',')?;
            Some((PayPeriod::parse(mois).ok()?, digest.to_owned()))
        };
        Ok(text.lines().skip(1).filter_map(row).collect())
    }
}

/// The pool that a run stored: its headers and its employers. `whole`: with who shares a number
/// with whom, for which every row of `agents.csv` is read.
pub fn pool_context(
    stored: &Stored,
    mois: PayPeriod,
    whole: bool,
) -> Result<Arc<PoolContext>, HistoryError> {
    let wrong = |table: &str, what: &str| HistoryError::Table {
        mois,
        table: table.to_owned(),
        what: what.to_owned(),
    };
    let mut headers: Headers = agent_headers();
    for (file, header) in &mut headers {
        let nom = format!("{FAITS}/{}", file.name());
        let Some(table) = stored.table(&nom) else { continue };
        let bytes = stored.header(table)?;
        *header = header_of_table(&bytes).map(<[u8]>::to_vec);
    }
    let employeurs = stored.whole(PoolFile::Employeurs.name())?;
    let parametres = match stored.calcul().tables.contains_key(PoolFile::Parametres.name()) {
        true => Some(stored.whole(PoolFile::Parametres.name())?),
        false => None,
    };
    let parametres = parametres.as_deref();
    // The reader of tables only says words: the error itself waits here.
    let lost: Cell<Option<ArchiveError>> = Cell::new(None);
    let opened = match whole {
        true => StoredPool::open_whole(&headers, &employeurs, parametres, &|file, each| {
            each_table(stored, file, each, &lost)
        }),
        false => StoredPool::open(&headers, &employeurs, parametres),
    };
    match (opened, lost.take()) {
        (_, Some(error)) => Err(error.into()),
        (Ok((context, _)), None) => Ok(context),
        (Err(findings), None) => {
            let what = findings.first().map_or("", |finding| finding.message.as_str());
            Err(wrong("employeurs.csv", what))
        }
    }
}

/// Gives the rows of a file of agents, block after block.
fn each_table(
    stored: &Stored,
    file: PoolFile,
    each: &mut dyn FnMut(&[u8]) -> Result<(), String>,
    lost: &Cell<Option<ArchiveError>>,
) -> Result<(), String> {
    let Some(table) = stored.table(&format!("{FAITS}/{}", file.name())) else { return Ok(()) };
    for block in 0..stored.blocks() {
        let rows = stored.read(table, block).map_err(|error| {
            let words = error.to_string();
            lost.set(Some(error));
            words
        })?;
        each(&rows)?;
    }
    Ok(())
}

/// The seven files of agents, without their headers.
fn agent_headers() -> Headers {
    [
        (PoolFile::Agents, None),
        (PoolFile::Carrieres, None),
        (PoolFile::Familles, None),
        (PoolFile::TauxPas, None),
        (PoolFile::Elements, None),
        (PoolFile::Absences, None),
        (PoolFile::Cumuls, None),
    ]
}

/// A block of a run, as it was handed in.
pub fn raw_block(
    stored: &Stored,
    context: &PoolContext,
    block: usize,
    mut read: impl FnMut(usize) -> Result<Vec<u8>, ArchiveError>,
) -> Result<RawBlock, HistoryError> {
    let mut tables: [Vec<u8>; 8] = Default::default();
    for (table, nom) in tables.iter_mut().zip(TABLE_NAMES) {
        if let Some(number) = stored.table(&format!("{FAITS}/{nom}")) {
            *table = read(number)?;
        }
    }
    let number = u64::try_from(block).unwrap_or(0);
    let tables = tables.each_ref().map(Vec::as_slice);
    RawBlock::from_tables(number, &tables, context).map_err(|what| HistoryError::Table {
        mois: PayPeriod::parse(&stored.calcul().mois)
            .unwrap_or_else(|_| PayPeriod::of(Day::EARLIEST)),
        table: FAITS.to_owned(),
        what,
    })
}

/// What one thread has at hand of the closed months: the last block it read of each run.
pub struct Desk<'h> {
    history: &'h History,
    tables: HashMap<(usize, &'static str), Opened>,
    blocks: HashMap<usize, (usize, RawBlock)>,
}

/// The rows of a block in a table, and where those of each agent are.
struct Opened {
    block: usize,
    rows: Vec<u8>,
    agents: HashMap<String, Range<usize>>,
}

impl<'h> Desk<'h> {
    /// Nothing read yet.
    pub fn new(history: &'h History) -> Self {
        Self { history, tables: HashMap::new(), blocks: HashMap::new() }
    }

    /// The rows that a run has of an agent in a table whose second column is the agent; empty when
    /// it does not have the agent.
    fn rows(
        &mut self,
        place: usize,
        table: &'static str,
        agent: &str,
    ) -> Result<&[u8], HistoryError> {
        let stored = self.history.stored(place)?;
        let (Some(block), Some(number)) = (stored.block_of(agent), stored.table(table)) else {
            return Ok(&[]);
        };
        let key = (place, table);
        if self.tables.get(&key).is_none_or(|opened| opened.block != block) {
            let rows = stored.read(number, block)?;
            let spans = spans(&rows, 1).ok_or_else(|| self.history.wrong(place, table))?;
            let agents = spans.into_iter().collect();
            self.tables.insert(key, Opened { block, rows, agents });
        }
        let opened = self.tables.get(&key);
        Ok(opened
            .and_then(|opened| opened.rows.get(opened.agents.get(agent)?.clone()))
            .unwrap_or_default())
    }

    /// The facts of an agent in a run; none when the run does not have it.
    pub fn facts(&mut self, place: usize, agent: &str) -> Result<Option<AgentFacts>, HistoryError> {
        let stored = self.history.stored(place)?;
        let Some(block) = stored.block_of(agent) else { return Ok(None) };
        let context = self.history.context(place)?;
        if self.blocks.get(&place).is_none_or(|(read, _)| *read != block) {
            let read = |table| stored.read(table, block);
            self.blocks.insert(place, (block, raw_block(stored, context, block, read)?));
        }
        let raw = self.blocks.get(&place).map(|(_, raw)| raw);
        Ok(raw.and_then(|raw| {
            let at = raw.find(context, agent)?;
            Some(raw.parse_one(context, at).facts)
        }))
    }

    /// What the closed months say of an agent, for a month of `year`; `sirets` are its employers.
    pub fn state(
        &mut self,
        agent: &str,
        year: i32,
        contracts: &[(Siret, Word)],
    ) -> Result<AgentState, HistoryError> {
        let mut state = AgentState::default();
        let mut last: BTreeMap<Siret, usize> = BTreeMap::new();
        for (siret, _) in contracts {
            last.extend(self.history.last_with(*siret, agent)?.map(|place| (*siret, place)));
        }
        let mut places: BTreeSet<usize> = last.values().copied().collect();
        if contracts.is_empty() {
            // No row of career can be read: it may be any employer's.
            places = self.history.last_runs();
        }
        for place in places {
            let rows = self.rows(place, "suites.csv", agent)?.to_vec();
            let ours = |siret: Siret| last.get(&siret) == Some(&place);
            // Rows of an older month say nothing of what changed since: an agent who was left out
            // of a month is compared as a new one, and only what it owes or waits for is kept.
            let recent = contracts.iter().any(|(s, _)| self.history.last(*s) == Some(place));
            let right = registre::read(&rows, agent, false, |row| match (row.genre, row.siret) {
                (Genre::Faits, _) if recent => {
                    state.faits = registre::digest(row.nom).map(|digest| (digest, place));
                }
                (Genre::TropPercu, Some(siret)) if ours(siret) => {
                    Past::of(&mut state.past, siret, row.contrat).solde = row.sums.montant;
                }
                (Genre::Attente, siret) => {
                    let Ok(mois) = PayPeriod::parse(row.nom) else { return };
                    if siret.is_none() {
                        state.attente = Some(state.attente.map_or(mois, |m| m.min(mois)));
                    }
                    // A row about the agent alone: every contract that it has with the employers.
                    let waits = |one: &&(Siret, Word)| match siret {
                        Some(siret) => one.0 == siret && *one.1 == *row.contrat,
                        None => true,
                    };
                    for (siret, contrat) in contracts.iter().filter(waits) {
                        if ours(*siret) {
                            Past::of(&mut state.past, *siret, contrat).wait(mois);
                        }
                    }
                }
                _ => {}
            });
            self.check(place, "suites.csv", right)?;
        }
        for (siret, contrat) in contracts {
            if let Some(views) = self.views(agent, year, (*siret, contrat), None)? {
                Past::of(&mut state.past, *siret, contrat).views = Some(views);
            }
        }
        Ok(state)
    }

    /// The totals of a contract in the last closed month of `year` that has them, before `until`
    /// when it is given.
    pub fn views(
        &mut self,
        agent: &str,
        year: i32,
        (siret, contrat): (Siret, &str),
        until: Option<PayPeriod>,
    ) -> Result<Option<Views>, HistoryError> {
        let Some(months) = self.history.employers.get(&siret) else { return Ok(None) };
        let history = self.history;
        let earlier = months.iter().rev().filter(|(mois, _)| until.is_none_or(|m| **mois < m));
        for (mois, &place) in earlier.take_while(|(mois, _)| mois.year() == year) {
            let paye = cumuls(self.rows(place, "cumuls.csv", agent)?, (agent, siret, contrat));
            let Some(paye) = paye else {
                return Err(history.table(*mois, "cumuls.csv"));
            };
            let rows = self.rows(place, "suites.csv", agent)?;
            let (mut annee, mut du, mut apart) = (Totals::default(), Totals::default(), false);
            let right = registre::read(rows, agent, false, |row| {
                let view = match row.genre {
                    Genre::CumulAnnee => &mut annee,
                    Genre::CumulDu => &mut du,
                    _ => return,
                };
                if row.siret == Some(siret) && row.contrat == contrat {
                    apart = true;
                    if !row.nom.is_empty() {
                        view.add(&Word::from(row.nom), row.sums);
                    }
                }
            });
            self.check(place, "suites.csv", right)?;
            if apart {
                return Ok(Some(Views { paye, annee, du }));
            }
            if !paye.is_empty() {
                return Ok(Some(Views::alike(paye)));
            }
        }
        Ok(None)
    }

    /// Adds to `past` what the months from January of the year of `from` on were due.
    pub fn ledger(
        &mut self,
        agent: &str,
        from: PayPeriod,
        past: &mut Vec<Past>,
    ) -> Result<(), HistoryError> {
        let history = self.history;
        for (place, run) in history.runs.iter().enumerate() {
            if run.mois.year() < from.year() {
                continue;
            }
            let rows = self.rows(place, "registre.csv", agent)?;
            let ours = |siret: Siret| {
                let months = history.employers.get(&siret);
                months.and_then(|months| months.get(&run.mois)) == Some(&place)
            };
            let right = registre::read(rows, agent, true, |row| {
                if row.siret.is_some_and(ours) {
                    registre::remember(past, row);
                }
            });
            self.check(place, "registre.csv", right)?;
        }
        Ok(())
    }

    /// Whether closed months of the years before that of `from` know a contract.
    pub fn knows(
        &mut self,
        agent: &str,
        (siret, contrat): (Siret, &str),
        from: PayPeriod,
    ) -> Result<bool, HistoryError> {
        let Some(months) = self.history.employers.get(&siret) else { return Ok(false) };
        let former = months.iter().rev().filter(|(mois, _)| mois.year() < from.year());
        for (_, &place) in former {
            let rows = self.rows(place, "registre.csv", agent)?;
            let mut found = false;
            let right = registre::read(rows, agent, true, |row| {
                found |= row.siret == Some(siret) && row.contrat == contrat;
            });
            self.check(place, "registre.csv", right)?;
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the run paid to a contract; none when it was blocked or absent. `same`: the rows of the
    /// agent are those of the run.
    pub fn precedent(
        &mut self,
        place: usize,
        facts: &AgentFacts,
        (siret, contrat): (Siret, &Word),
        same: bool,
    ) -> Result<Option<Precedent>, HistoryError> {
        let agent = &facts.agent.id;
        let Some(mois) = self.history.run(place).map(|run| run.mois) else { return Ok(None) };
        let who = (&**agent, siret, &**contrat);
        let paid = payslip(self.rows(place, "bulletins.csv", agent)?, who);
        let Some((brut, net)) = paid else { return Ok(None) };
        let rubriques = rubriques(self.rows(place, "lignes.csv", agent)?, who);
        let Some(rubriques) = rubriques else { return Err(self.history.table(mois, "lignes.csv")) };
        let before = if same { None } else { self.facts(place, agent)? };
        let iban_change = before.is_some_and(|before| {
            let (old, new) = (before.agent.identity.iban(), facts.agent.identity.iban());
            !old.is_empty() && old != new
        });
        let contrat = Word::clone(contrat);
        Ok(Some(Precedent { siret, contrat, mois, net, brut, iban_change, rubriques }))
    }

    /// What a run did with a contract: its net in cents, none when the payslip was blocked; nothing
    /// when it has no payslip. With the closed months whose rappels it paid.
    pub fn paid(
        &mut self,
        place: usize,
        (agent, siret, contrat): (&str, Siret, &str),
    ) -> Result<(Option<Option<i64>>, Vec<PayPeriod>), HistoryError> {
        let who = (agent, siret, contrat);
        let mut net = None;
        let right = each_row(self.rows(place, "bulletins.csv", agent)?, who, |row| {
            let amount = Amount::parse(row.get(10)).ok();
            net = Some(amount.filter(|_| row.get(4) == "payable").map(Amount::cents));
            Some(())
        });
        self.check(place, "bulletins.csv", right.is_some())?;
        let mut months = Vec::new();
        let right = each_row(self.rows(place, "rappels.csv", agent)?, who, |row| {
            let mois = PayPeriod::parse(row.get(4)).ok()?;
            months.extend((row.get(5) == "paye").then_some(mois));
            Some(())
        });
        self.check(place, "rappels.csv", right.is_some())?;
        Ok((net, months))
    }

    /// The runs of the months from `from` on, from the last to the first, by their places.
    pub fn runs_from(&self, from: PayPeriod) -> Vec<usize> {
        let runs = self.history.runs.iter().enumerate().rev();
        runs.filter(|(_, run)| run.mois >= from).map(|(place, _)| place).collect()
    }

    fn check(&self, place: usize, table: &str, right: bool) -> Result<(), HistoryError> {
        let mois = self.history.run(place).map(|run| run.mois);
        match mois.filter(|_| !right) {
            Some(mois) => Err(self.history.table(mois, table)),
            None => Ok(()),
        }
    }
}

impl History {
    fn wrong(&self, place: usize, table: &str) -> HistoryError {
        match self.run(place) {
            Some(run) => self.table(run.mois, table),
            None => self.lost(place),
        }
    }

    fn table(&self, mois: PayPeriod, table: &str) -> HistoryError {
        let what = "a row is not one of this table".to_owned();
        HistoryError::Table { mois, table: table.to_owned(), what }
    }
}

/// The yearly totals of a contract in rows of `cumuls.csv`; none when a row is not one.
fn cumuls(rows: &[u8], who: (&str, Siret, &str)) -> Option<Totals> {
    let mut totals = Totals::default();
    each_row(rows, who, |row| {
        let cents = |at: usize| match row.get(at) {
            "" => Some(0),
            text => Amount::parse(text).ok().map(Amount::cents),
        };
        let sums =
            Sums { montant: cents(5)?, base: cents(6)?, agent: cents(7)?, employeur: cents(8)? };
        totals.add(&Word::from(row.get(4)), sums);
        Some(())
    })?;
    Some(totals)
}

/// Each row of a contract in a table that starts with employer, agent, contract.
fn each_row(
    rows: &[u8],
    (agent, siret, contrat): (&str, Siret, &str),
    mut each: impl FnMut(&Record<'_>) -> Option<()>,
) -> Option<()> {
    let right = records(rows, |row| {
        let mine = row.get(0) == siret.as_str() && row.get(1) == agent && row.get(2) == contrat;
        !mine || each(row).is_some()
    });
    right.then_some(())
}

/// Gross and net of a payable payslip, in rows of `bulletins.csv`.
fn payslip(rows: &[u8], who: (&str, Siret, &str)) -> Option<(Amount, Amount)> {
    let mut found = None;
    each_row(rows, who, |row| {
        let amount = |at: usize| Amount::parse(row.get(at)).ok();
        if row.get(4) == "payable" {
            found = Some((amount(5)?, amount(10)?));
        }
        Some(())
    })?;
    found
}

/// Amounts of the rubriques of the month itself, contributions and totals left out, in rows of
/// `lignes.csv`; none when a row is not one.
fn rubriques(rows: &[u8], who: (&str, Siret, &str)) -> Option<Vec<(Word, Amount)>> {
    let mut found: Vec<(Word, Amount)> = Vec::new();
    each_row(rows, who, |row| {
        let cell = |at: usize| row.get(at);
        let counted = matches!(cell(8), "gain" | "retenue" | "non_soumis");
        if !counted || cell(3) != cell(4) {
            return Some(());
        }
        let amount = Amount::parse(cell(13)).ok()?;
        match found.iter_mut().find(|(code, _)| **code == *cell(6)) {
            Some((_, sum)) => *sum = Amount::from_cents(sum.cents() + amount.cents()),
            None => found.push((Word::from(cell(6)), amount)),
        }
        Some(())
    })?;
    Some(found)
}
