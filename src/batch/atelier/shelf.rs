//! Rules and compiled months that several months at hand share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::program::{Program, Target};
use crate::rulebook::{Rules, from_texts};

use crate::batch::run::RunError;
use crate::batch::stored::StoredRun;

/// Rules by digest of their texts, and their months. Nothing leaves it: sets of rules are few, a
/// month of one takes about as much memory as its texts.
#[derive(Default)]
pub struct RuleShelf {
    rules: Mutex<HashMap<String, Arc<Rules>>>,
    programs: Mutex<HashMap<String, Arc<Program>>>,
}

impl RuleShelf {
    /// Keeps rules that were read elsewhere; gives those that are kept already, if they are.
    pub fn keep(&self, rules: Rules) -> Arc<Rules> {
        let mut known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(rules.digest.clone()).or_insert_with(|| Arc::new(rules)))
    }

    /// The rules of a closed run.
    ///
    /// Errors: the archive cannot be read.
    pub fn of_run(&self, run: &StoredRun) -> Result<Arc<Rules>, RunError> {
        let digest = run.empreinte_regles();
        let known = self.rules.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned();
        match known {
            Some(rules) => Ok(rules),
            None => Ok(self.keep(from_texts(run.regles()?))),
        }
    }

    /// A month of rules, compiled once.
    ///
    /// Errors: the month cannot be compiled; the rules do not check.
    pub fn month(&self, rules: &Rules, target: Target) -> Result<Arc<Program>, RunError> {
        let Target { period, known_on, au_dela } = target;
        let key = format!("{} {period} {known_on} {au_dela}", rules.digest);
        let known = |programs: &HashMap<String, Arc<Program>>| programs.get(&key).cloned();
        let programs = || self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = known(&programs()) {
            return Ok(program);
        }
        // Compiling takes long enough to let others in; two who compile the same month share one.
        let program = rules.month(target).map_err(|error| RunError::Compile(Box::new(error)))?;
        Ok(Arc::clone(programs().entry(key).or_insert_with(|| Arc::new(program))))
    }
}
