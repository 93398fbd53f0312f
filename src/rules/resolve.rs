//! From files to a rule book: blocks read, names unique, versions sorted, citations matched.

use std::collections::BTreeMap;

use crate::calendar::{Day, PayPeriod};
use crate::diag::{Code, Diagnostic, fold, nearest};
use crate::num::{Fixed, RoundingMode};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{CsvTable, Expr, RuleFile, Unit, parse_formula, parse_rule_file};

use super::book::{
    Arrondi, ArrondiMode, Bareme, Book, Controle, Coverage, Definition, Entree, EntreeId,
    EntreeType, Famille, FamilleId, Formula, Item, ItemId, ItemKind, Nature, Parametre, Portee,
    RappelMode, RuleBook, Segments, SideRate, Texte, Tranche,
};
use super::grid::{Echelon, Grade, Grid, Grids, Reclassement, Trou};
use super::read::{Keys, one_of, publication, version};
use super::table::{Table, TableVersion};
use super::timeline::{Publication, TexteRef, Timeline, Version};

/// Builds the book from the files of every layer, national rules first.
///
/// Always reports every finding. `None` only when the coverage itself cannot be read.
pub fn resolve(
    sources: &SourceMap,
    files: &[FileId],
    out: &mut Vec<Diagnostic>,
) -> Option<RuleBook> {
    let mut builder = Builder {
        sources,
        out,
        csv: BTreeMap::new(),
        used: Vec::new(),
        draft: Draft::default(),
        citations: Vec::new(),
        successors: Vec::new(),
    };
    let mut trees = Vec::new();
    for &file in files {
        let Some(source) = sources.get(file) else { continue };
        if source.path.ends_with(".csv") {
            builder.csv.insert(source.path.clone(), file);
        } else {
            trees.push(parse_rule_file(file, &source.text, builder.out));
        }
    }
    // Names of inputs and families come first: items refer to them.
    for pass in [Pass::Declarations, Pass::Items] {
        for tree in &trees {
            builder.file(tree, pass);
        }
    }
    builder.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Declarations,
    Items,
}

#[derive(Default)]
struct Draft {
    coverage: Option<Coverage>,
    textes: BTreeMap<String, Texte>,
    parametres: Vec<Parametre>,
    baremes: Vec<Bareme>,
    tables: BTreeMap<String, Table>,
    grids: Grids,
    entrees: Vec<Entree>,
    familles: Vec<Famille>,
    items: Vec<Item<Expr>>,
    names: BTreeMap<String, Span>,
    /// Days of verification of parametres, with their places.
    verified: Vec<(String, Day, Span)>,
    /// For each item that absences reduce: its place, the name it gives, and where.
    absences: Vec<(usize, String, Span)>,
}

/// The texts that one version cites, and the day it says it became public.
struct Citation {
    publie: Publication,
    publie_span: Span,
    textes: Vec<TexteRef>,
}

struct Builder<'a> {
    sources: &'a SourceMap,
    out: &'a mut Vec<Diagnostic>,
    csv: BTreeMap<String, FileId>,
    used: Vec<FileId>,
    draft: Draft,
    citations: Vec<Citation>,
    /// Grades that replace others, to be found once every grid is read.
    successors: Vec<(String, Span)>,
}

const DECLARATIONS: [&str; 7] =
    ["regles", "parametre", "bareme", "table", "grille", "entree", "famille"];
const ITEMS: [&str; 4] = ["grandeur", "rubrique", "cotisation", "controle"];

const RAPPELS: [(&str, RappelMode); 3] = [
    ("origine", RappelMode::Origine),
    ("paiement", RappelMode::Paiement),
    ("annee", RappelMode::Annee),
];

impl Builder<'_> {
    fn file(&mut self, tree: &RuleFile, pass: Pass) {
        let path = self.sources.path(tree.file).to_owned();
        let span = Span::new(tree.file, 0..0);
        if path.contains("textes/") {
            if pass == Pass::Declarations {
                self.textes(tree);
            }
            return;
        }
        let mut keys = Keys::new(tree.file, span, &tree.entries);
        match pass {
            Pass::Declarations => self.declarations(&mut keys, &path),
            Pass::Items => self.items(&mut keys),
        }
        if pass == Pass::Items {
            for key in DECLARATIONS {
                keys.value(key);
            }
            keys.finish(self.out);
        }
    }

    fn textes(&mut self, tree: &RuleFile) {
        for entry in &tree.entries {
            let crate::syntax::Block::Table(entries) = &entry.value.block else {
                self.out.push(
                    Diagnostic::new(Code::L004, format!("`{}` is not a text", entry.key))
                        .at(entry.key_span, "not a table")
                        .help("a register of texts holds tables only: `[decret-2023-519]`"),
                );
                continue;
            };
            let mut keys = Keys::new(tree.file, entry.key_span, entries);
            let titre = keys.needed("titre", self.out).map_or_else(String::new, |(text, _)| text);
            let publie = publication(&mut keys, self.out).unwrap_or(Publication::Inconnue);
            let url = keys.text("url", self.out).map_or_else(String::new, |(text, _)| text);
            keys.value("note");
            keys.finish(self.out);
            let texte = Texte { key: entry.key.clone(), titre, publie, url, span: entry.key_span };
            if let Some(first) = self.draft.textes.insert(entry.key.clone(), texte) {
                self.twice(&entry.key, entry.key_span, first.span);
            }
        }
    }

    fn twice(&mut self, name: &str, second: Span, first: Span) {
        let other_layer = self.layer(second) != self.layer(first);
        let finding = if other_layer {
            Diagnostic::new(Code::N105, format!("`{name}` belongs to a layer below"))
                .at(second, "defined again here")
                .and(first, "owned by this layer")
                .help("give it a name of its own; an employer's values go in the pool")
        } else {
            Diagnostic::new(Code::N102, format!("`{name}` is defined twice"))
                .at(second, "defined again here")
                .and(first, "first defined here")
                .help("rename one of them, or make them versions of one block")
        };
        self.out.push(finding);
    }

    fn layer(&self, span: Span) -> String {
        self.sources.path(span.file).split('/').next().unwrap_or("").to_owned()
    }

    fn name(&mut self, name: &str, span: Span, upper: bool) -> bool {
        let form = |c: char| {
            c == '_'
                || c.is_ascii_digit()
                || if upper { c.is_ascii_uppercase() } else { c.is_ascii_lowercase() }
        };
        let start = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        if !start || !name.chars().all(form) {
            let shape = if upper { "UPPER_SNAKE" } else { "lower_snake" };
            let plain = fold(name).replace(' ', "_");
            let proposed = if upper { plain.to_uppercase() } else { plain };
            self.out.push(
                Diagnostic::new(Code::N106, format!("`{name}` is not a name of this kind"))
                    .at(span, format!("names here are {shape}, ASCII, from a letter on"))
                    .help(format!("write `{proposed}`")),
            );
            return false;
        }
        if let Some(&first) = self.draft.names.get(name) {
            self.twice(name, span, first);
            return false;
        }
        self.draft.names.insert(name.to_owned(), span);
        true
    }

    fn declarations(&mut self, keys: &mut Keys<'_>, path: &str) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        if let Some(mut table) = keys.table("regles", self.out) {
            self.coverage(&mut table);
            table.finish(self.out);
        }
        for mut block in keys.tables("parametre", self.out) {
            self.parametre(&mut block);
            block.finish(self.out);
        }
        for mut block in keys.tables("bareme", self.out) {
            self.bareme(&mut block, &folder);
            block.finish(self.out);
        }
        for mut block in keys.tables("table", self.out) {
            self.table(&mut block, &folder);
            block.finish(self.out);
        }
        for mut block in keys.tables("grille", self.out) {
            self.grille(&mut block, &folder);
            block.finish(self.out);
        }
        for mut block in keys.tables("entree", self.out) {
            self.entree(&mut block);
            block.finish(self.out);
        }
        for mut block in keys.tables("famille", self.out) {
            self.famille(&mut block);
            block.finish(self.out);
        }
    }

    fn items(&mut self, keys: &mut Keys<'_>) {
        for kind in ITEMS {
            for mut block in keys.tables(kind, self.out) {
                self.item(&mut block, kind);
                block.finish(self.out);
            }
        }
    }

    fn coverage(&mut self, keys: &mut Keys<'_>) {
        let edition = keys.integer("edition", self.out).unwrap_or(1);
        let mut month = |key, out: &mut Vec<Diagnostic>| {
            let (text, span) = keys.needed(key, out)?;
            let month = PayPeriod::parse(&text).ok();
            if month.is_none() {
                out.push(
                    Diagnostic::new(Code::L004, format!("`{text}` is not a month"))
                        .at(span, "")
                        .help("write \"AAAA-MM\""),
                );
            }
            month.map(|month| (month, span))
        };
        let premier = month("premier_mois", self.out);
        let dernier = month("dernier_mois", self.out);
        let verifie = keys.day("verifie", self.out).map(|(day, _)| day);
        let span = keys.span;
        if let (Some((premier, first)), Some((dernier, last))) = (premier, dernier) {
            if dernier < premier {
                self.out.push(
                    Diagnostic::new(Code::D205, "the last covered month is before the first")
                        .at(last, format!("ends with {dernier}"))
                        .and(first, format!("starts with {premier}"))
                        .help("write the first and the last month that the rules hold entirely"),
                );
            }
            let verifie = verifie.unwrap_or_else(|| dernier.last_day());
            if let Some(first) = self.draft.coverage {
                self.twice("regles", span, first.span);
            } else {
                self.draft.coverage = Some(Coverage { edition, premier, dernier, verifie, span });
            }
        }
    }

    fn parametre(&mut self, keys: &mut Keys<'_>) {
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        let unite = keys.unit("unite", self.out);
        let verifie = keys.day("verifie", self.out);
        self.draft.verified.extend(verifie.map(|(day, place)| (nom.clone(), day, place)));
        let verifie = verifie.map(|(day, _)| day);
        let mut versions = Vec::new();
        for mut block in self.dated(keys, &nom, "parametre") {
            let dates = version(&mut block, &nom, self.out);
            let value =
                block.needed("valeur", self.out).and_then(|(text, span)| self.value(&text, span));
            block.finish(self.out);
            if let (Some(dates), Some(value)) = (dates, value) {
                versions.push(dates.with(value));
            }
        }
        let valeurs = self.timeline(versions, &nom);
        if self.name(&nom, span, false) {
            self.draft.parametres.push(Parametre { nom, libelle, unite, verifie, span, valeurs });
        }
    }

    fn value(&mut self, text: &str, span: Span) -> Option<(i64, i64)> {
        let fraction =
            text.split_once('/').map(|(num, den)| (Fixed::parse(num), Fixed::parse(den)));
        let read = match fraction {
            Some((Ok(num), Ok(den))) => reduce(num, den),
            Some(_) => None,
            None => Fixed::parse(text).ok().and_then(|value| reduce(value, Fixed::new(1, 0))),
        };
        if read.is_none() {
            self.out.push(
                Diagnostic::new(Code::L004, format!("`{text}` is not a number"))
                    .at(span, "not a number")
                    .help("write a decimal (\"59.0734\") or a fraction (\"2/3\")"),
            );
        }
        read
    }

    /// The blocks of the versions of `nom`; none at all is a finding.
    fn dated<'k>(&mut self, keys: &mut Keys<'k>, nom: &str, block: &str) -> Vec<Keys<'k>> {
        let versions = keys.tables("version", self.out);
        if versions.is_empty() && keys.value("version").is_none() {
            self.without_version(keys.span, nom, block);
        }
        versions
    }

    fn without_version(&mut self, span: Span, nom: &str, block: &str) {
        self.out.push(
            Diagnostic::new(Code::L003, format!("`{nom}` has no version"))
                .at(span, "means nothing on any day")
                .help(format!("add a `[[{block}.version]]` block with its dates")),
        );
    }

    /// Sorts versions; two with the same dates are a finding.
    fn timeline<T>(&mut self, versions: Vec<Version<T>>, nom: &str) -> Timeline<T> {
        for version in &versions {
            self.cite(version);
        }
        let timeline = Timeline::new(versions);
        for (first, second) in timeline.versions().iter().zip(timeline.versions().iter().skip(1)) {
            if (first.depuis, first.publie) == (second.depuis, second.publie) {
                let depuis = second.depuis;
                let message = format!("two versions of `{nom}` have the same dates");
                self.out.push(
                    Diagnostic::new(Code::D201, message)
                        .at(second.publie_span, format!("depuis {depuis}, published that day"))
                        .and(first.publie_span, format!("depuis {depuis}, published the same day"))
                        .help("a correction has a later `publie`; otherwise keep one of them"),
                );
            }
        }
        timeline
    }

    fn cite<T>(&mut self, version: &Version<T>) {
        self.citations.push(Citation {
            publie: version.publie,
            publie_span: version.publie_span,
            textes: version.textes.clone(),
        });
    }

    fn bareme(&mut self, keys: &mut Keys<'_>, folder: &str) {
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        let unite = keys.unit("unite", self.out);
        let mut versions = Vec::new();
        for mut block in self.dated(keys, &nom, "bareme") {
            let dates = version(&mut block, &nom, self.out);
            let table = self.csv(&mut block, folder, &["borne", "taux"]);
            block.finish(self.out);
            if let (Some(dates), Some((table, _))) = (dates, table) {
                versions.push(dates.with(self.tranches(&table)));
            }
        }
        let tranches = self.timeline(versions, &nom);
        if self.name(&nom, span, false) {
            self.draft.baremes.push(Bareme { nom, libelle, unite, span, tranches });
        }
    }

    fn tranches(&mut self, table: &CsvTable) -> Vec<Tranche> {
        let (borne, taux) = (table.column("borne"), table.column("taux"));
        let mut list: Vec<Tranche> = Vec::new();
        for row in &table.rows {
            let bound = Fixed::parse(row.cell(borne)).and_then(|v| v.at_scale(2)).ok();
            let previous = list.last().map(|tranche| tranche.borne);
            match (bound, rate(row.cell(taux))) {
                (Some(at), Some(taux)) if previous.map_or(at == 0, |last| last < at) => {
                    list.push(Tranche { borne: at, taux });
                }
                (Some(_), Some(_)) => {
                    let place = row.cell_span(borne);
                    self.row(place, "bounds start at 0 and increase", "not above the one before");
                }
                (None, _) => {
                    let place = row.cell_span(borne);
                    self.row(place, "a bound is a number with at most 2 decimals", "not a bound");
                }
                (_, None) => {
                    let place = row.cell_span(taux);
                    self.row(
                        place,
                        "a rate has at most 6 decimals, or is a fraction",
                        "not a rate",
                    );
                }
            }
        }
        list
    }

    fn row(&mut self, span: Span, message: &str, label: &str) {
        let help = "compare with the official annex, and correct the row";
        self.out.push(Diagnostic::new(Code::L008, message).at(span, label).help(help));
    }

    /// Reads the CSV named by `fichier`; its name must be the `depuis` of the version.
    fn csv(
        &mut self,
        keys: &mut Keys<'_>,
        folder: &str,
        needed: &[&str],
    ) -> Option<(CsvTable, Span)> {
        let (name, span) = keys.needed("fichier", self.out)?;
        let path = format!("{folder}/{name}");
        let Some(&file) = self.csv.get(&path) else {
            // A file that is there and cannot be read was reported when it was loaded.
            if self.sources.iter().any(|(_, source)| source.path == path) {
                return None;
            }
            let known = self.csv.keys().map(String::as_str);
            let close = nearest(&path, known, 1).first().map(|path| (*path).to_owned());
            self.out.push(
                Diagnostic::new(Code::L009, format!("`{path}` was not found"))
                    .at(span, "named here")
                    .help(close.map_or_else(
                        || "add the file beside this one".to_owned(),
                        |close| format!("the nearest file is `{close}`"),
                    )),
            );
            return None;
        };
        self.used.push(file);
        let stem = name.trim_end_matches(".csv");
        if let Some((depuis, place)) = keys.day("depuis", self.out)
            && !stem.ends_with(&depuis.to_string())
        {
            self.out.push(
                Diagnostic::new(Code::D204, format!("`{name}` is not named by its `depuis`"))
                    .at(span, "name of the file")
                    .and(place, format!("depuis {depuis}"))
                    .help(format!("name the file `{depuis}.csv`, or correct `depuis`")),
            );
        }
        let text = self.sources.get(file).map_or("", |source| source.text.as_str());
        Some((CsvTable::parse(file, text, needed, self.out), span))
    }

    fn table(&mut self, keys: &mut Keys<'_>, folder: &str) {
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        let names = |list: Vec<(String, Span)>| list.into_iter().map(|(text, _)| text).collect();
        let cles: Vec<String> = names(keys.texts("cles", self.out));
        let valeurs: Vec<String> = names(keys.texts("valeurs", self.out));
        let needed: Vec<&str> = cles.iter().chain(&valeurs).map(String::as_str).collect();
        let mut versions = Vec::new();
        for mut block in self.dated(keys, &nom, "table") {
            let dates = version(&mut block, &nom, self.out);
            let table = self.csv(&mut block, folder, &needed);
            block.finish(self.out);
            if let (Some(dates), Some((table, _))) = (dates, table) {
                versions.push(dates.with(self.lookups(&table, &cles, &valeurs)));
            }
        }
        let versions = self.timeline(versions, &nom);
        if self.name(&nom, span, false) {
            let table = Table { nom: nom.clone(), libelle, cles, valeurs, span, versions };
            self.draft.tables.insert(nom, table);
        }
    }

    fn lookups(&mut self, table: &CsvTable, cles: &[String], valeurs: &[String]) -> TableVersion {
        let mut version = TableVersion::default();
        for row in &table.rows {
            let cells = |names: &[String]| -> Vec<String> {
                names.iter().map(|name| row.cell(table.column(name)).to_owned()).collect()
            };
            let key = cells(cles).join("|");
            if !version.insert(&key, cells(valeurs)) {
                self.row(row.span, &format!("two rows have the key `{key}`"), "the second one");
            }
        }
        version
    }

    fn grille(&mut self, keys: &mut Keys<'_>, folder: &str) {
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        let place = self.draft.grids.grids.len();
        for mut grade in keys.tables("grades", self.out) {
            self.grade(&mut grade, place);
            grade.finish(self.out);
        }
        let mut versions = Vec::new();
        for mut block in keys.tables("version", self.out) {
            let dates = version(&mut block, &nom, self.out);
            let table = self.csv(&mut block, folder, &["echelon", "ib", "im", "duree_mois"]);
            block.finish(self.out);
            if let (Some(dates), Some((table, _))) = (dates, table) {
                versions.push(dates.with(self.echelons(&table)));
            }
        }
        let trous = self.trous(keys);
        let reclassements = self.reclassements(keys, &nom, place);
        // A grade without any version is a declared gap, refused by name.
        if keys.value("version").is_none() && trous.is_empty() {
            self.without_version(keys.span, &nom, "grille");
        }
        let versions = self.timeline(versions, &nom);
        if self.name(&format!("grille_{nom}"), span, false) {
            let grid = Grid { nom, libelle, span, versions, trous, reclassements };
            self.draft.grids.grids.push(grid);
        }
    }

    fn trous(&mut self, keys: &mut Keys<'_>) -> Vec<Trou> {
        let mut trous = Vec::new();
        for mut block in keys.tables("trou", self.out) {
            let depuis = block.day("depuis", self.out).map(|(day, _)| day);
            let fin = block.day("fin", self.out).map(|(day, _)| day);
            let motif = block.needed("motif", self.out).map_or_else(String::new, |(text, _)| text);
            let echelons = block.texts("echelons", self.out);
            let echelons = echelons.into_iter().map(|(text, _)| text).collect();
            block.value("type");
            block.finish(self.out);
            trous.push(Trou { depuis, fin, echelons, motif });
        }
        trous
    }

    /// Days on which the échelons of a grid, or its grades, changed; `place` is the grid's.
    fn reclassements(
        &mut self,
        keys: &mut Keys<'_>,
        nom: &str,
        place: usize,
    ) -> Timeline<Reclassement> {
        let mut versions = Vec::new();
        for mut block in keys.tables("reclassement", self.out) {
            let dates = version(&mut block, nom, self.out);
            let grades = block.texts("grades", self.out);
            let vers = block.text("vers", self.out);
            block.finish(self.out);
            let mine = self.draft.grids.grades.values().filter(|grade| grade.grid == place);
            let mine: Vec<String> = mine.map(|grade| grade.nom.clone()).collect();
            for (grade, span) in &grades {
                if !mine.contains(grade) {
                    self.out.push(unknown_grade(grade, *span, mine.iter().map(String::as_str)));
                }
            }
            let grades = grades.into_iter().map(|(grade, _)| grade).collect();
            let vers = vers.map(|(grade, span)| {
                self.successors.push((grade.clone(), span));
                grade
            });
            versions.extend(dates.map(|dates| dates.with(Reclassement { grades, vers })));
        }
        self.timeline(versions, nom)
    }

    fn grade(&mut self, keys: &mut Keys<'_>, grid: usize) {
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let mut text = |key| keys.text(key, self.out).map_or_else(String::new, |(text, _)| text);
        let (categorie, filiere, cadre) = (text("categorie"), text("filiere"), text("cadre"));
        let folded = fold(&nom);
        let grade = Grade { nom: nom.clone(), categorie, filiere, cadre, grid };
        if self.draft.grids.grades.insert(folded.clone(), grade).is_some() {
            let first = self.draft.names.get(&folded).copied().unwrap_or(span);
            self.twice(&nom, span, first);
        }
        self.draft.names.insert(folded, span);
    }

    fn echelons(&mut self, table: &CsvTable) -> Vec<Echelon> {
        let column = |name| table.column(name);
        let (echelon, ib, im, duree) =
            (column("echelon"), column("ib"), column("im"), column("duree_mois"));
        let mut list = Vec::new();
        for row in &table.rows {
            let text = row.cell(im);
            let points = text.parse::<i64>().ok();
            if points.is_none() && !text.is_empty() {
                let place = row.cell_span(im);
                self.row(place, "an indice majoré is a whole number of points", "not a number");
            }
            list.push(Echelon {
                echelon: row.cell(echelon).to_owned(),
                ib: row.cell(ib).to_owned(),
                im: points,
                duree_mois: row.cell(duree).to_owned(),
            });
        }
        list
    }

    fn entree(&mut self, keys: &mut Keys<'_>) {
        const PORTEES: [(&str, Portee); 5] = [
            ("employeur", Portee::Employeur),
            ("mois", Portee::Mois),
            ("segment", Portee::Segment),
            ("element", Portee::Element),
            ("absence", Portee::Absence),
        ];
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        let portee = keys.word("portee", &PORTEES, self.out);
        let decimales = keys.integer("decimales", self.out).unwrap_or(0);
        let decimales = u8::try_from(decimales).unwrap_or(0).min(Fixed::MAX_SCALE);
        let unite = keys.unit("unite", self.out);
        let valeurs = keys.texts("valeurs", self.out).into_iter().map(|(text, _)| text).collect();
        let kind = match keys.needed("type", self.out) {
            Some((text, place)) => match text.as_str() {
                "nombre" => EntreeType::Nombre { decimales },
                "ratio" => EntreeType::Ratio,
                "booleen" => EntreeType::Booleen,
                "enumeration" => EntreeType::Enumeration(valeurs),
                _ => {
                    self.out.push(
                        Diagnostic::new(Code::L005, format!("`{text}` is not a type of input"))
                            .at(place, "not in the list")
                            .help(one_of(&text, &["nombre", "ratio", "booleen", "enumeration"])),
                    );
                    return;
                }
            },
            None => return,
        };
        let scale = if kind == EntreeType::Ratio { 0 } else { decimales };
        let mut bound = |key, out: &mut Vec<Diagnostic>| {
            keys.decimal(key, out).and_then(|(value, _)| value.at_scale(scale).ok())
        };
        let (min, max) = (bound("min", self.out), bound("max", self.out));
        let numeric = matches!(kind, EntreeType::Nombre { .. } | EntreeType::Ratio);
        if numeric && max.is_none() {
            keys.missing("max", self.out);
        }
        let entree = Entree {
            libelle,
            portee: portee.unwrap_or(Portee::Mois),
            kind,
            unite,
            min: min.unwrap_or(0),
            max: max.unwrap_or(0),
            obligatoire: keys.flag("obligatoire", self.out),
            parametre: keys.flag("parametre", self.out),
            defaut: keys.text("defaut", self.out).map(|(text, _)| text),
            span,
            nom,
        };
        self.add_entree(entree);
    }

    fn add_entree(&mut self, entree: Entree) {
        const PREFIXES: [&str; 7] =
            ["agent.", "famille.", "periode.", "element.", "employeur.", "absence.", "precedent."];
        if !PREFIXES.iter().any(|prefix| entree.nom.starts_with(prefix)) {
            self.out.push(
                Diagnostic::new(
                    Code::N106,
                    format!("`{}` is not the name of an input", entree.nom),
                )
                .at(entree.span, "")
                .help(format!("start it with one of `{}`", PREFIXES.join("`, `"))),
            );
            return;
        }
        if let Some(&first) = self.draft.names.get(&entree.nom) {
            self.twice(&entree.nom, entree.span, first);
            return;
        }
        self.draft.names.insert(entree.nom.clone(), entree.span);
        self.draft.entrees.push(entree);
    }

    fn famille(&mut self, keys: &mut Keys<'_>) {
        let Some((nom, span)) = keys.needed("nom", self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        if self.name(&nom, span, false) {
            self.draft.familles.push(Famille { nom, libelle, span, membres: Vec::new() });
        }
    }

    /// Finds the quantity of absences that each reduced item names.
    fn link_absences(&mut self) {
        for (place, name, span) in std::mem::take(&mut self.draft.absences) {
            let found = self.draft.items.iter().position(|item| item.nom == name);
            let rate = found.and_then(|at| self.draft.items.get(at));
            let rate = rate.is_some_and(|item| {
                item.portee == Portee::Absence
                    && matches!(item.kind, ItemKind::Grandeur { unite, .. } if unite == Unit::NONE)
            });
            let Some(item) = self.draft.items.get_mut(place) else { continue };
            let shared = item.segments == Segments::Prorata
                && matches!(item.portee, Portee::Segment | Portee::Element);
            if rate && shared {
                item.absences = found.map(ItemId::at);
                continue;
            }
            let label = match (found, shared) {
                (None, _) => "no such quantity",
                (_, false) => "only what is shared out by presence is reduced by an absence",
                _ => "not a quantity without unit of `calcul = \"absence\"`",
            };
            let message = format!("absences cannot reduce `{}` by `{name}`", item.nom);
            self.out.push(
                Diagnostic::new(Code::C503, message)
                    .at(span, label)
                    .help("name a `[[grandeur]]` with `calcul = \"absence\"` and `unite = \"\"`"),
            );
        }
    }

    fn finish(mut self) -> Option<RuleBook> {
        self.link_absences();
        self.check_citations();
        self.check_successors();
        self.undated();
        self.stale();
        self.unnamed();
        let Some(coverage) = self.draft.coverage else {
            self.out.push(
                Diagnostic::new(Code::L003, "no file declares the covered months")
                    .help("add a `[regles]` table with `premier_mois` and `dernier_mois`"),
            );
            return None;
        };
        let mut draft = self.draft;
        for (at, item) in draft.items.iter().enumerate() {
            for famille in &item.familles {
                if let Some(famille) = draft.familles.get_mut(famille.index()) {
                    famille.membres.push(ItemId::at(at));
                }
            }
        }
        Some(Book {
            coverage,
            textes: draft.textes,
            parametres: draft.parametres,
            baremes: draft.baremes,
            tables: draft.tables,
            grids: draft.grids,
            entrees: draft.entrees,
            familles: draft.familles,
            items: draft.items,
        })
    }

    /// Warns of CSV files that no version names.
    fn unnamed(&mut self) {
        for (path, file) in &self.csv {
            if !self.used.contains(file) {
                self.out.push(
                    Diagnostic::new(Code::L010, format!("no rule names `{path}`"))
                        .at(Span::new(*file, 0..0), "not read")
                        .help("name it with `fichier` in a version, or remove it"),
                );
            }
        }
    }

    /// Warns of parametres verified more than a year before the book was.
    fn stale(&mut self) {
        let Some(coverage) = self.draft.coverage else { return };
        let limit = coverage.verifie;
        for (nom, day, span) in &self.draft.verified {
            let next = (day.year() + 1, day.month(), day.day());
            if next < (limit.year(), limit.month(), limit.day()) {
                self.out.push(
                    Diagnostic::new(Code::W902, format!("`{nom}` was last verified on {day}"))
                        .at(*span, format!("more than a year before {limit}"))
                        .and(coverage.span, format!("the rules were verified on {limit}"))
                        .help("read the text in force, then write the day of that reading"),
                );
            }
        }
    }

    /// Warns of the texts behind versions whose day of publication is not known.
    fn undated(&mut self) {
        let mut cited: BTreeMap<&str, usize> = BTreeMap::new();
        let undated = self.citations.iter().filter(|c| c.publie == Publication::Inconnue);
        for texte in undated.flat_map(|citation| &citation.textes) {
            *cited.entry(&texte.key).or_default() += 1;
        }
        for (key, count) in cited {
            let Some(texte) = self.draft.textes.get(key) else { continue };
            if texte.publie == Publication::Inconnue {
                let plural = if count == 1 { "" } else { "s" };
                // A code has no day of its own: each of its articles has the day of a text.
                let help = if key.starts_with("code-") {
                    "cite the text that wrote these values into the code, with its day"
                } else {
                    "find the day in the journal officiel and write it as `publie`"
                };
                self.out.push(
                    Diagnostic::new(Code::T604, format!("the publication of `{key}` is not known"))
                        .at(texte.span, format!("{count} version{plural} known from `depuis` only"))
                        .help(help),
                );
            }
        }
    }

    fn check_citations(&mut self) {
        for citation in &self.citations {
            let mut known = Vec::new();
            for texte in &citation.textes {
                match self.draft.textes.get(&texte.key) {
                    Some(found) => known.push((texte, found.publie)),
                    None => self.out.push(unregistered(texte, &self.draft.textes)),
                }
            }
            let whole = known.len() == citation.textes.len() && !known.is_empty();
            let dated = known.iter().any(|(_, day)| *day == citation.publie);
            // An unknown publication is honest even when one cited text (a code) is dated.
            if whole && !dated && citation.publie != Publication::Inconnue {
                self.out.push(unmatched(citation, &known));
            }
        }
    }

    fn check_successors(&mut self) {
        let grids = &self.draft.grids;
        let unknown = self.successors.iter().filter(|(grade, _)| grids.grade(grade).is_none());
        self.out.extend(unknown.map(|(grade, span)| {
            unknown_grade(grade, *span, grids.grades.values().map(|grade| grade.nom.as_str()))
        }));
    }

    fn formula(&mut self, text: &str, span: Span) -> Formula<Expr> {
        // The text starts after its quotes; an escaped text keeps the place of the whole value.
        let source = self.sources.excerpt(span);
        let inside = source.find(text).unwrap_or(0);
        let start = span.range().start + inside;
        let tree = parse_formula(text, span.file, start, self.out);
        Formula {
            text: text.to_owned(),
            span: Span::new(span.file, start..start + text.len()),
            tree,
        }
    }

    fn formula_of(&mut self, keys: &mut Keys<'_>, key: &'static str) -> Option<Formula<Expr>> {
        let (text, span) = keys.text(key, self.out)?;
        Some(self.formula(&text, span))
    }

    fn item(&mut self, keys: &mut Keys<'_>, block: &str) {
        let coded = matches!(block, "rubrique" | "cotisation");
        let key = if coded { "code" } else { "nom" };
        let Some((nom, span)) = keys.needed(key, self.out) else { return };
        let libelle = keys.needed("libelle", self.out).map_or_else(String::new, |(text, _)| text);
        let kind = self.kind(keys, block);
        let (portee, segments) = self.crossing(keys, block);
        let absences = keys.text("absences", self.out);
        let ordre = keys.integer("ordre", self.out).unwrap_or(0);
        let motif = keys.text("motif", self.out).map_or_else(String::new, |(text, _)| text);
        let code = keys.text("rubrique", self.out).map_or_else(|| nom.clone(), |(text, _)| text);
        let familles = self.memberships(keys);
        let (rappel, rappel_paiement) = self.rappel(keys, kind.as_ref());
        let versions = self.definitions(keys, &nom, block, rappel);
        let (agent, employeur) = if block == "cotisation" {
            (self.side(keys, "agent", &nom), self.side(keys, "employeur", &nom))
        } else {
            (Timeline::default(), Timeline::default())
        };
        let Some(kind) = kind else { return };
        if self.name(&nom, span, coded) {
            let place = self.draft.items.len();
            self.draft.absences.extend(absences.map(|(name, place_of)| (place, name, place_of)));
            self.draft.items.push(Item {
                nom,
                code,
                libelle,
                kind,
                ordre,
                motif,
                familles,
                portee,
                segments,
                absences: None,
                rappel_paiement,
                span,
                versions,
                agent,
                employeur,
            });
        }
    }

    fn kind(&mut self, keys: &mut Keys<'_>, block: &str) -> Option<ItemKind> {
        const NATURES: [(&str, Nature); 5] = [
            ("gain", Nature::Gain),
            ("retenue", Nature::Retenue),
            ("non_soumis", Nature::NonSoumis),
            ("information", Nature::Information),
            ("total", Nature::Total),
        ];
        const GRAVITES: [(&str, bool); 2] = [("alerte", false), ("bloquant", true)];
        match block {
            "grandeur" => {
                let unite = keys.unit("unite", self.out);
                let cumulee = keys.flag("cumulee", self.out);
                let zero_sans_regle = keys.flag("zero_sans_regle", self.out);
                Some(ItemKind::Grandeur { unite, cumulee, zero_sans_regle })
            }
            "rubrique" => {
                if keys.value("nature").is_none() {
                    keys.missing("nature", self.out);
                }
                let nature = keys.word("nature", &NATURES, self.out)?;
                Some(ItemKind::Rubrique { nature })
            }
            "controle" => {
                if keys.value("gravite").is_none() {
                    keys.missing("gravite", self.out);
                }
                let bloquant = keys.word("gravite", &GRAVITES, self.out);
                let message = keys.needed("message", self.out);
                let remede = keys.needed("remede", self.out);
                let (message, remede) = (message?.0, remede?.0);
                Some(ItemKind::Controle(Controle { bloquant: bloquant?, message, remede }))
            }
            _ => {
                let organisme = keys.needed("organisme", self.out)?;
                Some(ItemKind::Cotisation { organisme: organisme.0 })
            }
        }
    }

    fn crossing(&mut self, keys: &mut Keys<'_>, block: &str) -> (Portee, Segments) {
        const CALCULS: [(&str, Portee); 5] = [
            ("segment", Portee::Segment),
            ("element", Portee::Element),
            ("mois", Portee::Mois),
            ("absence", Portee::Absence),
            ("element_mois", Portee::ElementMois),
        ];
        const SEGMENTS: [(&str, Segments); 2] =
            [("prorata", Segments::Prorata), ("dernier", Segments::Dernier)];
        if matches!(block, "cotisation" | "controle") {
            return (Portee::Mois, Segments::Dernier);
        }
        let portee = keys.word("calcul", &CALCULS, self.out).unwrap_or(Portee::Mois);
        let segments = keys.word("segments", &SEGMENTS, self.out);
        if portee.in_the_month() {
            return (portee, Segments::Dernier);
        }
        if segments.is_none() && block == "rubrique" {
            keys.missing("segments", self.out);
        }
        let unite_mensuelle = block == "grandeur" && portee == Portee::Segment;
        let default = if unite_mensuelle { Segments::Prorata } else { Segments::Dernier };
        (portee, segments.unwrap_or(default))
    }

    /// What rappels do with the lines of a block, unless a version says otherwise, and the statuts
    /// for which they are always computed in the month of payment.
    fn rappel(
        &mut self,
        keys: &mut Keys<'_>,
        kind: Option<&ItemKind>,
    ) -> (Option<RappelMode>, Vec<String>) {
        let usual = match kind {
            Some(ItemKind::Rubrique { nature: Nature::Gain | Nature::NonSoumis }) => {
                Some(RappelMode::Origine)
            }
            Some(ItemKind::Rubrique { .. }) => Some(RappelMode::Paiement),
            Some(ItemKind::Cotisation { .. }) => None,
            _ => return (None, Vec::new()),
        };
        let mode = keys.word("rappel", &RAPPELS, self.out);
        let words = keys.texts("rappel_statuts_paiement", self.out);
        let statut = self.draft.entrees.iter().find(|entree| entree.nom == "agent.statut");
        let known = match statut.map(|entree| &entree.kind) {
            Some(EntreeType::Enumeration(values)) => values.as_slice(),
            _ => &[],
        };
        for (word, span) in &words {
            if !known.contains(word) {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("`{word}` is not a value of `agent.statut`");
                self.out.push(
                    Diagnostic::new(Code::N104, message)
                        .at(*span, "not in its list")
                        .help(one_of(word, &names)),
                );
            }
        }
        (mode.or(usual), words.into_iter().map(|(word, _)| word).collect())
    }

    fn memberships(&mut self, keys: &mut Keys<'_>) -> Vec<FamilleId> {
        let mut ids = Vec::new();
        for (text, span) in keys.texts("familles", self.out) {
            match self.draft.familles.iter().position(|famille| famille.nom == text) {
                Some(at) => ids.push(FamilleId::at(at)),
                None => {
                    let names = self.draft.familles.iter().map(|famille| famille.nom.as_str());
                    let close = nearest(&text, names, 1).first().map(|name| (*name).to_owned());
                    self.out.push(
                        Diagnostic::new(Code::N101, format!("the family `{text}` is not declared"))
                            .at(span, "no such family")
                            .help(close.map_or_else(
                                || "declare it with `[[famille]]`".to_owned(),
                                |close| format!("the nearest one is `{close}`"),
                            )),
                    );
                }
            }
        }
        ids
    }

    fn definitions(
        &mut self,
        keys: &mut Keys<'_>,
        nom: &str,
        kind: &str,
        rappel: Option<RappelMode>,
    ) -> Timeline<Definition<Expr>> {
        let mut versions = Vec::new();
        for mut block in self.dated(keys, nom, kind) {
            let dates = version(&mut block, nom, self.out);
            let key = match kind {
                "cotisation" => "assiette",
                "controle" => "condition",
                _ => "formule",
            };
            if block.value(key).is_none() {
                block.missing(key, self.out);
            }
            let coded = matches!(kind, "rubrique" | "cotisation");
            let own = if coded { block.word("rappel", &RAPPELS, self.out) } else { None };
            let rappel = own.or(rappel);
            let applicable = self.formula_of(&mut block, "applicable");
            let mut etapes = Vec::new();
            for mut etape in block.tables("etapes", self.out) {
                let name = etape.needed("nom", self.out);
                let formula = self.formula_of(&mut etape, "formule");
                etape.finish(self.out);
                if let (Some((name, _)), Some(formula)) = (name, formula) {
                    etapes.push((name, formula));
                }
            }
            let formule = self.formula_of(&mut block, key);
            let arrondi = block.table("arrondi", self.out).and_then(|table| self.arrondi(table));
            let [nombre, base, taux] =
                ["nombre", "base", "taux"].map(|key| self.formula_of(&mut block, key));
            block.finish(self.out);
            if let (Some(dates), Some(formule)) = (dates, formule) {
                versions.push(dates.with(Definition {
                    rappel,
                    applicable,
                    etapes,
                    formule,
                    arrondi,
                    nombre,
                    base,
                    taux,
                }));
            }
        }
        self.timeline(versions, nom)
    }

    fn arrondi(&mut self, mut keys: Keys<'_>) -> Option<Arrondi> {
        let span = keys.span;
        let au = keys.decimal("au", self.out);
        let mode = keys.needed("mode", self.out);
        keys.finish(self.out);
        let (au, au_span) = au?;
        let (mode, mode_span) = mode?;
        let pas = au.at_scale(2).ok().filter(|&pas| pas >= 1);
        if pas.is_none() {
            self.out.push(
                Diagnostic::new(Code::S403, format!("`{au}` is not a rounding step"))
                    .at(au_span, if au.mantissa() > 0 { "not in cents" } else { "not positive" })
                    .help("write a positive number of cents: \"0.01\", \"1\""),
            );
        }
        let politique = self.draft.entrees.iter().position(|entree| entree.nom == mode);
        let mode = match (RoundingMode::from_name(&mode), politique) {
            (Some(mode), _) => Some(ArrondiMode::Fixe(mode)),
            (None, Some(at)) => Some(ArrondiMode::Politique(EntreeId::at(at))),
            (None, None) => {
                self.out.push(
                    Diagnostic::new(Code::S403, format!("`{mode}` is not a rounding mode"))
                        .at(mode_span, "neither a mode nor an input")
                        .help("write `demi_superieur`, `troncature`, `exces` or a policy input"),
                );
                None
            }
        };
        Some(Arrondi { pas: pas?, mode: mode?, span })
    }

    fn side(
        &mut self,
        keys: &mut Keys<'_>,
        key: &'static str,
        nom: &str,
    ) -> Timeline<SideRate<Expr>> {
        let mut versions = Vec::new();
        for mut block in keys.tables(key, self.out) {
            let dates = version(&mut block, nom, self.out);
            if block.value("taux").is_none() {
                block.missing("taux", self.out);
            }
            let taux = self.formula_of(&mut block, "taux");
            block.finish(self.out);
            if let (Some(dates), Some(taux)) = (dates, taux) {
                versions.push(dates.with(SideRate { taux }));
            }
        }
        self.timeline(versions, nom)
    }
}

/// A reclassement about a grade that no grid has.
fn unknown_grade<'a>(grade: &str, span: Span, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    let close = nearest(grade, names, 1).first().map(|name| (*name).to_owned());
    Diagnostic::new(Code::N101, format!("the grade `{grade}` is not declared"))
        .at(span, "no such grade here")
        .help(close.map_or_else(
            || "write a grade as in the `grades` of a grid".to_owned(),
            |close| format!("the nearest one is `{close}`"),
        ))
}

/// A citation that leads nowhere.
fn unregistered(texte: &TexteRef, register: &BTreeMap<String, Texte>) -> Diagnostic {
    let close = nearest(&texte.key, register.keys().map(String::as_str), 1);
    let help = match close.first() {
        Some(close) => format!("write `{close}`, or register this text in rules/textes"),
        None => "register it in rules/textes".to_owned(),
    };
    Diagnostic::new(Code::T601, format!("no text is registered as `{}`", texte.key))
        .at(texte.span, "cited here")
        .help(help)
}

/// A day of publication that is none of the days of the cited texts.
fn unmatched(citation: &Citation, known: &[(&TexteRef, Publication)]) -> Diagnostic {
    let mut finding = Diagnostic::new(Code::T603, "`publie` does not match any cited text")
        .at(citation.publie_span, "no cited text was published that day");
    let mut help = String::from("write `publie = \"inconnue\"`, or the day in the register");
    for (texte, day) in known {
        if let Publication::Le(day) = day {
            finding = finding.and(texte.span, format!("published {day}"));
            help = format!("write `publie = {day}`, or cite the text published that day");
        } else {
            finding = finding.and(texte.span, "publication date unknown");
        }
    }
    finding.help(help)
}

/// `num / den` in lowest terms, as integers.
#[expect(clippy::integer_division, reason = "exact: both are multiples of their gcd")]
fn reduce(num: Fixed, den: Fixed) -> Option<(i64, i64)> {
    let scale = num.scale().max(den.scale());
    let (num, den) = (i128::from(num.at_scale(scale).ok()?), i128::from(den.at_scale(scale).ok()?));
    if den <= 0 {
        return None;
    }
    let divisor = crate::num::gcd(num.abs(), den);
    Some((i64::try_from(num / divisor).ok()?, i64::try_from(den / divisor).ok()?))
}

/// A rate of a bracket: a decimal, or a fraction that stays exact.
#[expect(clippy::integer_division, reason = "exact: the remainder is tested")]
fn rate(text: &str) -> Option<i64> {
    let Some((num, den)) = text.split_once('/') else {
        let millionths = Fixed::parse(text).and_then(|value| value.at_scale(6)).ok()?;
        return millionths.checked_mul(Tranche::UNITE / 1_000_000);
    };
    let whole = |text: &str| Fixed::parse(text).and_then(|value| value.at_scale(0)).ok();
    let (num, den) = (whole(num)?.checked_mul(Tranche::UNITE)?, whole(den)?);
    (den > 0 && num % den == 0).then(|| num / den)
}
