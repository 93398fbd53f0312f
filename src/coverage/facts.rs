//! Every dated value of a book, and the texts behind it.

use std::collections::BTreeMap;

use crate::calendar::KnownOn;
use crate::check::Node;
use crate::rules::{Book, Confiance, ItemKind, Publication, Timeline, Version};

use super::{Days, Scope};

/// One version of something.
#[derive(Clone, Debug)]
pub struct Fact {
    /// `parametre`, `bareme`, `table`, `grille`, `reclassement`, `grandeur`, `rubrique` or
    /// `cotisation`.
    pub kind: &'static str,
    /// Its name, with `.agent` or `.employeur` for a side.
    pub nom: String,
    /// When it applies.
    pub days: Days,
    /// How sure it is.
    pub confiance: Confiance,
    /// Keys of the texts; empty when the source is declared missing.
    pub textes: Vec<String>,
}

/// A text whose day of publication is not known.
#[derive(Clone, Debug)]
pub struct UndatedText {
    /// Key.
    pub key: String,
    /// Title.
    pub titre: String,
    /// How many dated values cite it.
    pub cited: usize,
}

/// The versions of a timeline that once apply, each with its days.
pub fn periods<T>(timeline: &Timeline<T>, known_on: KnownOn) -> Vec<(Days, &Version<T>)> {
    let known: Vec<&Version<T>> =
        timeline.versions().iter().filter(|version| version.known(known_on)).collect();
    let mut found = Vec::new();
    for (at, version) in known.iter().enumerate() {
        let next = known.get(at + 1).map(|next| next.depuis);
        // A correction of the same day takes the whole place of what it corrects.
        if next == Some(version.depuis) {
            continue;
        }
        let eve = next.map(|next| next.previous());
        let last = eve.into_iter().chain(version.fin).min();
        found.push((Days { first: Some(version.depuis), last }, *version));
    }
    found
}

/// The dated values of a book that apply in the scope.
pub fn facts(book: &Book<Node>, scope: Scope) -> Vec<Fact> {
    let mut out = Collector { scope, facts: Vec::new() };
    for parametre in &book.parametres {
        out.add("parametre", &parametre.nom, &parametre.valeurs);
    }
    for bareme in &book.baremes {
        out.add("bareme", &bareme.nom, &bareme.tranches);
    }
    for table in book.tables.values() {
        out.add("table", &table.nom, &table.versions);
    }
    for grid in &book.grids.grids {
        out.add("grille", &grid.nom, &grid.versions);
        out.add("reclassement", &grid.nom, &grid.reclassements);
    }
    for item in &book.items {
        let kind = match item.kind {
            ItemKind::Grandeur { .. } => "grandeur",
            ItemKind::Rubrique { .. } => "rubrique",
            ItemKind::Cotisation { .. } => "cotisation",
            ItemKind::Controle(_) => "controle",
        };
        out.add(kind, &item.nom, &item.versions);
        out.add(kind, &format!("{}.agent", item.nom), &item.agent);
        out.add(kind, &format!("{}.employeur", item.nom), &item.employeur);
    }
    out.facts
}

struct Collector {
    scope: Scope,
    facts: Vec<Fact>,
}

impl Collector {
    fn add<T>(&mut self, kind: &'static str, nom: &str, timeline: &Timeline<T>) {
        for (days, version) in periods(timeline, self.scope.known_on) {
            if days.meets(self.scope.mois) {
                self.facts.push(Fact {
                    kind,
                    nom: nom.to_owned(),
                    days,
                    confiance: version.confiance,
                    textes: version.textes.iter().map(|texte| texte.key.clone()).collect(),
                });
            }
        }
    }
}

/// The texts of values whose day of publication is not known, by key.
pub fn undated(book: &Book<Node>, facts: &[Fact]) -> Vec<UndatedText> {
    let mut cited: BTreeMap<&str, usize> = BTreeMap::new();
    for key in facts.iter().flat_map(|fact| &fact.textes) {
        *cited.entry(key).or_default() += 1;
    }
    let texts = cited.into_iter().filter_map(|(key, cited)| {
        let texte = book.textes.get(key)?;
        let unknown = texte.publie == Publication::Inconnue;
        unknown.then(|| UndatedText { key: key.to_owned(), titre: texte.titre.clone(), cited })
    });
    texts.collect()
}
