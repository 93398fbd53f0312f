//! The observer that keeps the slots of every block.

use crate::engine::{Dossier, Engine, Observer, Payslip, Place};
use crate::program::{Block, Program};

/// One block that ran.
pub struct Shot {
    /// Where.
    pub place: Place,
    /// The slots when it ended.
    pub slots: Vec<i128>,
    /// Whether it applied; none: it ended with a fault.
    pub applied: Option<bool>,
}

/// Everything that ran, in order, and what came out.
#[derive(Default)]
pub struct Record {
    /// Blocks.
    pub shots: Vec<Shot>,
    /// The payslip.
    pub payslip: Payslip,
}

struct Recorder(Vec<Shot>);

impl Observer for Recorder {
    fn block(&mut self, place: Place, _: &Block, slots: &[i128], applied: Option<bool>) {
        self.0.push(Shot { place, slots: slots.to_vec(), applied });
    }
}

/// Runs a program on a dossier and keeps every step.
pub fn record(program: &Program, dossier: &Dossier) -> Record {
    let mut recorder = Recorder(Vec::new());
    let mut payslip = Payslip::default();
    Engine::new(program).observe(dossier, &mut payslip, &mut recorder);
    Record { shots: recorder.0, payslip }
}

impl Record {
    /// The runs of an item, in order.
    pub fn of(&self, item: usize) -> impl Iterator<Item = &Shot> {
        self.shots.iter().filter(move |shot| shot.place.item == item)
    }

    /// The run of an item in a segment (none: of the month), and for a piece of an absence.
    pub fn at(&self, item: usize, segment: Option<usize>, absence: Option<usize>) -> Option<&Shot> {
        let wanted = (segment, None, absence);
        let place = |shot: &&Shot| (shot.place.segment, shot.place.element, shot.place.absence);
        self.of(item).find(|shot| place(shot) == wanted)
    }
}
