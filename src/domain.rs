//! The facts of payroll as data: employers, agents, careers, elements, absences, all dated.
//!
//! May import: `num`, `calendar`. Must not know: rules, files, how a fact is read or used.

mod absence;
mod agent;
mod carriere;
mod changes;
mod content;
mod controle;
mod element;
mod employeur;
mod fact;
mod word;

pub use absence::Absence;
pub use agent::{Agent, AgentFacts, Famille, Identity, TauxPas};
pub use carriere::parse_duree_hebdo;
pub use carriere::{Carriere, Categorie, Quotite, QuotiteError, Regime, Statut, ZoneIr};
pub use changes::{ChangeKind, Changed, Changes, changes, employer_changes, keep_former};
pub use content::Content;
pub use controle::{Ailleurs, Derogation, Partage, Precedent};
pub use element::{Cumul, Element};
pub use employeur::{Employeur, EmployeurKind, ParametreEmployeur, Siret};
pub use fact::{Dated, HasDates, PoolFile, RowRef, in_force};
pub use word::{Word, canonical};
