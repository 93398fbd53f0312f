//! Closed months under the rules known now, each compiled when it is first needed.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use crate::calendar::{KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::domain::{Employeur, Siret};
use crate::dossier::{EmployeurMonth, Preparer};
use crate::program::{Program, Target, compile};
use crate::rappel::Closed;

use super::history::{History, HistoryError};

/// The programs of the closed months; none for a month that the rules do not cover any more.
pub struct Programs {
    months: Vec<(PayPeriod, OnceLock<Option<Program>>)>,
}

impl Programs {
    /// Every closed month, nothing compiled.
    pub fn new(history: &History) -> Self {
        Self { months: history.months().map(|month| (month, OnceLock::new())).collect() }
    }

    /// The months, with what is needed to prepare them.
    pub fn ready<'a>(
        &'a self,
        book: &'a CheckedRuleBook,
        known_on: KnownOn,
        pool: &'a BTreeMap<Siret, Employeur>,
    ) -> Vec<Ready<'a>> {
        let one = |(period, program): &'a (PayPeriod, OnceLock<Option<Program>>)| Ready {
            period: *period,
            book,
            known_on,
            pool,
            program,
            made: OnceLock::new(),
            employeurs: OnceLock::new(),
        };
        self.months.iter().map(one).collect()
    }
}

/// A closed month under the rules known now.
pub struct Ready<'a> {
    /// The month.
    pub period: PayPeriod,
    book: &'a CheckedRuleBook,
    known_on: KnownOn,
    pool: &'a BTreeMap<Siret, Employeur>,
    program: &'a OnceLock<Option<Program>>,
    made: OnceLock<Option<Made<'a>>>,
    employeurs: OnceLock<HashMap<Siret, EmployeurMonth<'a>>>,
}

/// A month, compiled.
struct Made<'a> {
    program: &'a Program,
    /// Digest of the program.
    code: String,
    /// Digest of all that the rules say of the month.
    rules: String,
    preparer: Preparer<'a>,
}

impl Ready<'_> {
    /// The month, ready to be computed again, its employers prepared when they are first needed;
    /// none when the rules do not cover it any more.
    ///
    /// Errors: the rules ask for what the program does not provide.
    pub fn closed(&self) -> Result<Option<Closed<'_>>, HistoryError> {
        let Some(made) = self.made()? else { return Ok(None) };
        let each = self.pool.iter();
        let employeurs = self.employeurs.get_or_init(|| {
            each.map(|(siret, facts)| (*siret, made.preparer.employeur(facts))).collect()
        });
        let Made { program, code, preparer, .. } = made;
        Ok(Some(Closed { program, code, preparer, employeurs }))
    }

    /// Digest of all that the rules say of the month; none when they do not cover it any more.
    ///
    /// Errors: as [`Self::closed`].
    pub fn rules(&self) -> Result<Option<&str>, HistoryError> {
        Ok(self.made()?.map(|made| made.rules.as_str()))
    }
}

impl<'a> Ready<'a> {
    fn made(&self) -> Result<Option<&Made<'a>>, HistoryError> {
        if let Some(made) = self.made.get() {
            return Ok(made.as_ref());
        }
        let made = self.make()?;
        Ok(self.made.get_or_init(|| made).as_ref())
    }

    fn make(&self) -> Result<Option<Made<'a>>, HistoryError> {
        let target = Target { period: self.period, known_on: self.known_on, au_dela: true };
        let program = self.program.get_or_init(|| compile(self.book, target).ok());
        let Some(program) = program else { return Ok(None) };
        let code = program.digest();
        let rules = rules_digest(self.book, program, &code);
        let preparer = Preparer::new(self.book, program).map_err(HistoryError::Rules)?;
        Ok(Some(Made { program, code, rules, preparer }))
    }
}

/// Digest of all that the rules say of a month: its program, and the tables read beside it.
pub fn rules_digest(book: &CheckedRuleBook, program: &Program, code: &str) -> String {
    let tables = book.tables_digest(program.period, program.known_on);
    let whole = blake3::hash(format!("{code}{tables}").as_bytes());
    whole.to_hex().as_str().chars().take(32).collect()
}
