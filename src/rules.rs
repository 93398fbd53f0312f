//! The rule book: names resolved, versions on their timelines, nothing computed yet.
//!
//! May import: `syntax`, `load`, `diag` and below. Must not know `domain`: a rule reads declared
//! inputs, and whoever computes provides them.

mod book;
mod grid;
mod read;
mod resolve;
mod table;
mod timeline;

pub use book::{
    Arrondi, ArrondiMode, Bareme, BaremeId, Book, Confiance, Controle, Coverage, Definition,
    Entree, EntreeId, EntreeType, Famille, FamilleId, Formula, Item, ItemId, ItemKind, Nature,
    Parametre, ParametreId, Portee, RappelMode, RuleBook, Segments, SideRate, Texte, Tranche,
};
pub use grid::{Echelon, Grade, Grid, GridError, Grids, Reclassement, Trou};
pub use resolve::resolve;
pub use table::{Row, Table, TableVersion};
pub use timeline::{Publication, TexteRef, Timeline, Version};
