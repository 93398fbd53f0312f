//! A payslip looked at: as the run would pay it, with changes that are tried, line by line with
//! its reasons. Nothing is stored.
//!
//! May import: `batch`, `bulletin`, `explain`, `rulebook` and below. Must not know: files, how a
//! page or a terminal shows what it gives.

mod change;
mod raisons;
mod rappel;

use crate::batch::Slip;
use crate::bulletin::{Bulletin, Faits, Remarque};
use crate::domain::{AgentFacts, Employeur};
use crate::io::PoolFinding;
use crate::program::Program;

pub use change::{Change, ChangeError, Colonne, Contrat, FIELDS, apply};
pub use raisons::{Carried, Explained, Mois, items};
pub use rappel::{Du, Rappel, Reglement};

/// The payslip of a contract, with what was found about it.
pub fn bulletin_of(
    slip: &Slip,
    facts: &AgentFacts,
    program: &Program,
    employeur: &Employeur,
) -> Bulletin {
    let remarques = slip.findings.iter().map(remarque);
    Bulletin::new(&Faits {
        employeur,
        agent: facts,
        prepared: &slip.prepared,
        program,
        payslip: &slip.payslip,
        remarques: Some(remarques.collect()),
    })
}

/// A finding, as a payslip shows it.
pub fn remarque(finding: &PoolFinding) -> Remarque {
    Remarque {
        code: finding.code.name().to_owned(),
        bloquant: finding.is_error(),
        message: finding.message.clone(),
        remede: finding.remede.clone(),
        ligne: (finding.ligne > 0).then(|| (finding.fichier.to_owned(), finding.ligne)),
    }
}
