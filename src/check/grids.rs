//! No échelon leaves a grid without a word: a reclassement, or a declared gap.

use crate::diag::{Code, Diagnostic};
use crate::rules::{Book, Echelon, Grid, Version};

use super::node::Node;

/// Warns of each version that lacks an échelon of the one before, when nothing says why.
pub fn check(book: &Book<Node>, out: &mut Vec<Diagnostic>) {
    for grid in &book.grids.grids {
        let versions = grid.versions.versions();
        for (before, after) in versions.iter().zip(versions.iter().skip(1)) {
            let lost = lost(grid, before, after);
            if lost.is_empty() || restaged(grid, before, after) {
                continue;
            }
            let message = format!("`{}` loses échelon {}", grid.nom, lost.join(", "));
            out.push(
                Diagnostic::new(Code::W903, message)
                    .at(after.span, format!("the version of {}", after.depuis))
                    .and(before.span, format!("the version of {}", before.depuis))
                    .help("declare `[[grille.reclassement]]`, or the `echelons` of a gap"),
            );
        }
    }
}

/// Whether a reclassement is declared between two versions.
fn restaged<T>(grid: &Grid, before: &Version<T>, after: &Version<T>) -> bool {
    let mut days = grid.reclassements.versions().iter().map(|found| found.depuis);
    days.any(|day| before.depuis < day && day <= after.depuis)
}

/// Échelons of a version that the next one has no more, without a declared gap.
fn lost<'a>(
    grid: &Grid,
    before: &'a Version<Vec<Echelon>>,
    after: &Version<Vec<Echelon>>,
) -> Vec<&'a str> {
    let remains = |name: &str| after.value.iter().any(|step| step.echelon == name);
    let names = before.value.iter().map(|step| step.echelon.as_str());
    names.filter(|name| !remains(name) && grid.missing(name, after.depuis).is_none()).collect()
}
