//! Tables for spreadsheets: semicolons, a mark of UTF-8, and no cell that a spreadsheet would run.

use axum::response::Response;

use crate::bulletin::Cents;
use crate::num::Fixed;
use crate::serve::web::telechargement;

/// A table being written.
pub struct Tableur(String);

impl Tableur {
    /// A table with its header.
    pub fn new(entete: &[&str]) -> Self {
        let mut table = Self("\u{feff}".to_owned());
        table.ligne(entete.iter().copied());
        table
    }

    /// Adds a row.
    pub fn ligne<T: AsRef<str>>(&mut self, cellules: impl IntoIterator<Item = T>) {
        for (rang, texte) in cellules.into_iter().enumerate() {
            if rang > 0 {
                self.0.push(';');
            }
            self.0.push_str(&cellule(texte.as_ref()));
        }
        self.0.push_str("\r\n");
    }

    /// The file to keep.
    pub fn fichier(self, nom: &str) -> Response {
        telechargement(nom, "text/csv; charset=utf-8", self.0.into_bytes())
    }
}

/// An amount as a French spreadsheet reads it: `1801,74`.
pub fn nombre(cents: Option<Cents>) -> String {
    cents
        .map_or_else(String::new, |Cents(cents)| Fixed::new(cents, 2).to_string().replace('.', ","))
}

/// A cell. What a spreadsheet would take for a formula begins with an apostrophe.
fn cellule(texte: &str) -> String {
    let formule = texte.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let texte = match formule && Fixed::parse(texte).is_err() {
        true => format!("'{texte}"),
        false => texte.to_owned(),
    };
    match texte.contains([';', '"', '\n', '\r']) {
        true => format!("\"{}\"", texte.replace('"', "\"\"")),
        false => texte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula_and_nothing_leaves_its_cell() {
        assert_eq!(cellule("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cellule("@a"), "'@a");
        assert_eq!(cellule("-12,50"), "-12,50");
        assert_eq!(cellule("-1+cmd"), "'-1+cmd");
        assert_eq!(cellule("a;b\"c"), "\"a;b\"\"c\"");
        assert_eq!(cellule("\r=1"), "\"'\r=1\"");
        assert_eq!(nombre(Some(Cents(-180_174))), "-1801,74");
        assert_eq!(nombre(None), "");
    }
}
