//! What one thread keeps between contracts: engines, one of them for each usual profile.

use std::sync::{Mutex, OnceLock};

use crate::dossier::{Memory, Preparer, Profile, Profiles};
use crate::engine::{Dossier, Engine, Payslip};
use crate::program::Program;

/// A program is made for a profile once a thread has met it this often: a preview never waits.
const SOON: u32 = 8;

/// Programs made for profiles, shared by every thread.
pub struct Programs<'a> {
    preparer: &'a Preparer<'a>,
    whole: &'a Program,
    profiles: Profiles,
    made: Vec<OnceLock<Option<Program>>>,
}

impl<'a> Programs<'a> {
    /// None made yet.
    pub fn new(preparer: &'a Preparer<'a>, whole: &'a Program) -> Self {
        let profiles = preparer.profiles();
        let made = (0..profiles.count()).map(|_| OnceLock::new()).collect();
        Self { preparer, whole, profiles, made }
    }

    fn of(&self, profile: Profile) -> Option<&Program> {
        let made = self.made.get(profile.0)?;
        let constants = || self.profiles.constants(profile);
        made.get_or_init(|| self.preparer.specialise(constants())).as_ref()
    }
}

/// The engines and the memory of one thread.
pub struct Worker<'a> {
    programs: &'a Programs<'a>,
    whole: Engine<'a>,
    own: Vec<(u32, Option<Engine<'a>>)>,
    /// What facts to inputs remembers.
    pub memory: Memory,
}

impl<'a> Worker<'a> {
    /// A worker that has met nobody.
    pub fn new(programs: &'a Programs<'a>) -> Self {
        let own = programs.made.iter().map(|_| (0, None)).collect();
        let whole = Engine::new(programs.whole);
        Self { programs, whole, own, memory: Memory::default() }
    }

    /// Computes a payslip. A program made for a profile leaves out what never applies to it: the
    /// amounts are the same, but a line that cannot be computed is told in full by the whole one.
    pub fn run(&mut self, dossier: &Dossier, out: &mut Payslip) {
        let items = &self.programs.whole.items;
        let printed = |item: usize| items.get(item).is_some_and(|info| info.printed);
        if let Some(engine) = self.made_for(dossier) {
            engine.run(dossier, out);
            // A quantity without value that no line reads is told to nobody.
            if out.blocking(printed).is_empty() {
                return;
            }
        }
        self.whole.run(dossier, out);
    }

    fn made_for(&mut self, dossier: &Dossier) -> Option<&mut Engine<'a>> {
        let profile = self.programs.profiles.of(dossier)?;
        let (met, engine) = self.own.get_mut(profile.0)?;
        *met = met.saturating_add(1);
        if engine.is_none() {
            if *met != SOON {
                return None;
            }
            *engine = self.programs.of(profile).map(Engine::new);
        }
        engine.as_mut()
    }
}

/// Workers between two blocks, so that their engines live as long as the run.
pub struct Crew<'a> {
    programs: &'a Programs<'a>,
    idle: Mutex<Vec<Worker<'a>>>,
}

impl<'a> Crew<'a> {
    /// Nobody yet.
    pub fn new(programs: &'a Programs<'a>) -> Self {
        Self { programs, idle: Mutex::new(Vec::new()) }
    }

    /// Does a piece of work with a worker of its own.
    pub fn with<T>(&self, work: impl FnOnce(&mut Worker<'a>) -> T) -> T {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut worker = idle.unwrap_or_else(|| Worker::new(self.programs));
        let done = work(&mut worker);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(worker);
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dossier::sample::{self, Month};

    /// The program made for a profile gives the amounts of the whole one, for every kind of agent.
    #[test]
    fn a_profile_changes_no_amount() {
        let employeur = sample::employeur(&[
            ("taux_atmp", "0.0164"),
            ("taux_versement_mobilite", "0.02"),
            ("taux_cdg", "0.008"),
            ("zone_ir", "zone_1"),
        ]);
        let mut made = 0;
        for mois in ["2021-03", "2022-07", "2024-02", "2025-12", "2026-06"] {
            let month = Month::national(mois);
            let preparer = Preparer::new(&month.book, &month.program).unwrap();
            let programs = Programs::new(&preparer, &month.program);
            let mut whole = Engine::new(&month.program);
            for facts in sample::agents(mois) {
                let prepared = month.prepared(&employeur, &facts);
                let (mut expected, mut out) = (Payslip::default(), Payslip::default());
                whole.run(&prepared.dossier, &mut expected);
                let Some(profile) = programs.profiles.of(&prepared.dossier) else { continue };
                let program = programs.of(profile).unwrap();
                Engine::new(program).run(&prepared.dossier, &mut out);
                assert_eq!(out.faults.is_empty(), expected.faults.is_empty());
                if out.faults.is_empty() {
                    assert_eq!(out, expected, "{mois}");
                    made += 1;
                }
            }
        }
        assert!(made > 150, "{made}");
    }
}
