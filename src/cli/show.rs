//! `paie show`: what the rules say on a date, with their texts; the page of a code.

use std::fmt::Write;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::Node;
use crate::diag::{Code, nearest};
use crate::rules::{
    Book, Confiance, EntreeType, Item, ItemKind, Parametre, Publication, Texte, Trou, Version,
};
use crate::syntax::Unit;

use super::args::{Common, ShowOptions};
use super::coverage::{self, Wanted};
use super::output::{Outcome, Output};
use super::rulebook;

/// What can be shown, with the singular that names it.
const KINDS: [&str; 12] = [
    "rubrique",
    "parametre",
    "bareme",
    "table",
    "grille",
    "texte",
    "entree",
    "famille",
    "code",
    "couverture",
    "dictionnaire",
    "schema",
];

/// Shows something.
pub fn run(common: &Common, options: &ShowOptions, output: &Output) -> Outcome {
    if let Some(code) = Code::from_name(&options.quoi) {
        output.text(&page(code));
        return Outcome::Good;
    }
    let rules = match rulebook::checked(common, output) {
        Ok(rules) => rules,
        Err(outcome) => return outcome,
    };
    let Some(checked) = &rules.book else { return Outcome::Failed };
    let book = checked.book();
    let day = options.mois.map(PayPeriod::first_day);
    let known_on = common.connu_le.map_or(KnownOn::Everything, KnownOn::Day);
    let view = View { book, day, known_on };
    let text = match (options.quoi.as_str(), options.nom.as_deref()) {
        ("couverture", nom) => {
            let wanted = Wanted { mois: options.mois, known_on, nom, format: output.format };
            coverage::show(checked, &wanted)
        }
        ("dictionnaire", Some("resultats")) => Ok(crate::export::dictionary()),
        ("dictionnaire", _) => Ok(crate::io::dictionary()),
        ("schema", _) => Ok(format!("{:#}\n", crate::io::schema())),
        ("rubrique", nom) => view.rubriques(nom),
        ("parametre", nom) => view.parametres(nom),
        ("bareme", nom) => view.baremes(nom),
        ("table", nom) => view.tables(nom),
        ("grille", nom) => view.grilles(nom),
        ("texte", nom) => view.textes(nom),
        ("entree", nom) => view.entrees(nom),
        ("famille", nom) => view.familles(nom),
        ("code", nom) => codes(nom),
        (other, _) => {
            let close = nearest(other, KINDS, 1);
            let help = close.first().map_or_else(
                || format!("write one of `{}`, or a code such as D203", KINDS.join("`, `")),
                |close| format!("write `{close}`"),
            );
            return output.failed(&format!("`{other}` cannot be shown"), &help);
        }
    };
    match text {
        Ok(text) => {
            output.text(&text);
            Outcome::Good
        }
        Err((message, help)) => output.failed(&message, &help),
    }
}

type Shown = Result<String, (String, String)>;

fn page(code: Code) -> String {
    let lines = code.page().lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let body: Vec<&str> = lines.collect();
    format!("{code}: {}\n", body.join("\n").trim_end())
}

fn codes(nom: Option<&str>) -> Shown {
    let wanted = nom.unwrap_or("").to_ascii_uppercase();
    let list = Code::ALL.iter().filter(|code| code.name().starts_with(&wanted));
    Ok(list.map(|code| format!("{code}  {}\n", code.title())).collect())
}

fn missing<'a>(what: &str, nom: &str, names: impl Iterator<Item = &'a str>) -> (String, String) {
    let close = nearest(nom, names, 3);
    let help = if close.is_empty() {
        format!("list them with `paie show {what}`")
    } else {
        format!("the nearest are `{}`", close.join("`, `"))
    };
    (format!("no {what} is called `{nom}`"), help)
}

struct View<'a> {
    book: &'a Book<Node>,
    day: Option<Day>,
    known_on: KnownOn,
}

impl View<'_> {
    /// The versions to show: the one in force on the day asked, or all of them, last first.
    fn versions<'v, T>(&self, timeline: &'v crate::rules::Timeline<T>) -> Vec<&'v Version<T>> {
        match self.day {
            Some(day) => timeline.in_force(day, self.known_on).into_iter().collect(),
            None => timeline.versions().iter().rev().collect(),
        }
    }

    fn dates<T>(&self, version: &Version<T>) -> String {
        let mut text = format!("depuis {}", version.depuis.french());
        if let Some(fin) = version.fin {
            let _ = write!(text, " jusqu'au {}", fin.french());
        }
        match version.publie {
            Publication::Le(day) => {
                let _ = write!(text, ", publié le {}", day.french());
            }
            Publication::Inconnue => text.push_str(", publication non établie"),
        }
        for reference in &version.textes {
            let titre = self.book.textes.get(&reference.key).map_or("", |t| t.titre.as_str());
            let article = if reference.article.is_empty() {
                String::new()
            } else {
                format!(", art. {}", reference.article)
            };
            let _ = write!(text, "\n      {titre}{article}");
        }
        if version.textes.is_empty() {
            text.push_str("\n      source manquante");
        }
        if version.confiance != Confiance::Haute {
            let _ = write!(text, "\n      confiance {}", version.confiance.name());
        }
        for (label, value) in [("relevé", &version.source), ("note", &version.note)] {
            if !value.is_empty() {
                let _ = write!(text, "\n      {label} : {value}");
            }
        }
        text
    }

    fn parametres(&self, nom: Option<&str>) -> Shown {
        let Some(nom) = nom else {
            let list = self.book.parametres.iter();
            return Ok(list
                .map(|p| {
                    let last = self.versions(&p.valeurs).first().map(|v| Parametre::text(v.value));
                    let value = last.unwrap_or_else(|| "-".to_owned());
                    format!("{:<36} {:>14} {:<10} {}\n", p.nom, value, unit(p.unite), p.libelle)
                })
                .collect());
        };
        let found = self.book.parametre(nom).ok_or_else(|| {
            missing("parametre", nom, self.book.parametres.iter().map(|p| p.nom.as_str()))
        })?;
        let mut text = format!("{}  {}\n", found.nom, found.libelle);
        for version in self.versions(&found.valeurs) {
            let value = Parametre::text(version.value);
            let _ = writeln!(text, "  {value} {}  {}", unit(found.unite), self.dates(version));
        }
        Ok(text)
    }

    fn baremes(&self, nom: Option<&str>) -> Shown {
        let list = &self.book.baremes;
        let Some(nom) = nom else {
            return Ok(list.iter().map(|b| format!("{:<36} {}\n", b.nom, b.libelle)).collect());
        };
        let found = list
            .iter()
            .find(|bareme| bareme.nom == nom)
            .ok_or_else(|| missing("bareme", nom, list.iter().map(|b| b.nom.as_str())))?;
        let mut text = format!("{}  {}\n", found.nom, found.libelle);
        for version in self.versions(&found.tranches) {
            let _ = writeln!(text, "  {}", self.dates(version));
            for tranche in &version.value {
                let borne = crate::num::Fixed::new(tranche.borne, 2).french();
                let _ = writeln!(text, "    à partir de {borne:>12}  {:>6}", tranche.text());
            }
        }
        Ok(text)
    }

    fn tables(&self, nom: Option<&str>) -> Shown {
        let list = &self.book.tables;
        let Some(nom) = nom else {
            return Ok(list.values().map(|t| format!("{:<36} {}\n", t.nom, t.libelle)).collect());
        };
        let found =
            list.get(nom).ok_or_else(|| missing("table", nom, list.keys().map(String::as_str)))?;
        let mut text = format!("{}  {}\n", found.nom, found.libelle);
        for version in self.versions(&found.versions) {
            let _ = writeln!(text, "  {}", self.dates(version));
            let _ = writeln!(text, "    {} : {}", found.cles.join("|"), found.valeurs.join(", "));
            for (key, cells) in version.value.entries() {
                let cells = cells.iter().zip(&found.valeurs);
                let cells = cells.filter(|(cell, _)| !cell.is_empty());
                let cells: Vec<&str> = cells.map(|(cell, _)| cell.as_str()).collect();
                let _ = writeln!(text, "    {key:<44} {}", cells.join(", "));
            }
        }
        Ok(text)
    }

    fn grilles(&self, nom: Option<&str>) -> Shown {
        let grids = &self.book.grids;
        let Some(nom) = nom else {
            let list = grids.grades.values();
            return Ok(list.map(|g| format!("{:<70} {}\n", g.nom, g.categorie)).collect());
        };
        let grade = grids.grade(nom);
        let place = grade.map(|grade| grade.grid);
        let by_name = grids.grids.iter().position(|grid| grid.nom == nom);
        let grid = place
            .or(by_name)
            .and_then(|at| grids.grids.get(at))
            .ok_or_else(|| missing("grille", nom, grids.grades.values().map(|g| g.nom.as_str())))?;
        let mut text = format!("{}  {}\n", grid.nom, grid.libelle);
        if let Some(grade) = grade {
            let _ =
                writeln!(text, "  {}, catégorie {}, {}", grade.nom, grade.categorie, grade.cadre);
        }
        let versions = match self.day {
            Some(day) => grid.in_force(day, self.known_on).into_iter().collect(),
            None => self.versions(&grid.versions),
        };
        for version in versions {
            let _ = writeln!(text, "  {}", self.dates(version));
            let _ = writeln!(text, "    échelon     IB     IM  durée (mois)");
            for step in &version.value {
                let im = step.im.map_or_else(|| "-".to_owned(), |im| im.to_string());
                let _ = writeln!(
                    text,
                    "    {:<7} {:>6} {im:>6}  {}",
                    step.echelon, step.ib, step.duree_mois
                );
            }
        }
        for trou in &grid.trous {
            let _ = writeln!(text, "  {}", lacune(trou));
        }
        for found in self.versions(&grid.reclassements) {
            let what = match &found.value.vers {
                Some(grade) => format!("devient {grade}"),
                None => "reclassement".to_owned(),
            };
            let grades = &found.value.grades;
            let who =
                if grades.is_empty() { String::new() } else { format!(" ({})", grades.join(", ")) };
            let _ = writeln!(text, "  {what}{who} {}", self.dates(found));
        }
        Ok(text)
    }

    fn textes(&self, nom: Option<&str>) -> Shown {
        let textes = &self.book.textes;
        let line = |texte: &Texte| {
            let day = match texte.publie {
                Publication::Le(day) => day.to_string(),
                Publication::Inconnue => "inconnue".to_owned(),
            };
            format!("{:<40} {day:<10}  {}\n", texte.key, texte.titre)
        };
        let Some(nom) = nom else { return Ok(textes.values().map(line).collect()) };
        let found = textes
            .get(nom)
            .ok_or_else(|| missing("texte", nom, textes.keys().map(String::as_str)))?;
        let mut text = line(found);
        if !found.url.is_empty() {
            let _ = writeln!(text, "  {}", found.url);
        }
        let _ = writeln!(text, "  cité par :");
        for parametre in &self.book.parametres {
            if parametre.valeurs.versions().iter().any(|v| cites(v, nom)) {
                let _ = writeln!(text, "    parametre {}", parametre.nom);
            }
        }
        for item in &self.book.items {
            let cited = item.versions.versions().iter().any(|v| cites(v, nom))
                || item.agent.versions().iter().any(|v| cites(v, nom))
                || item.employeur.versions().iter().any(|v| cites(v, nom));
            if cited {
                let _ = writeln!(text, "    {}  {}", item.nom, item.libelle);
            }
        }
        Ok(text)
    }

    fn rubriques(&self, nom: Option<&str>) -> Shown {
        let Some(nom) = nom else {
            let mut list: Vec<&Item<Node>> =
                self.book.items.iter().filter(|item| item.printed()).collect();
            list.sort_by_key(|item| item.ordre);
            return Ok(list
                .iter()
                .map(|i| format!("{:<24} {:<12} {}\n", i.nom, i.nature().name(), i.libelle))
                .collect());
        };
        let (_, item) = self.book.item(nom).ok_or_else(|| {
            missing("rubrique", nom, self.book.items.iter().map(|i| i.nom.as_str()))
        })?;
        let nature = match &item.kind {
            ItemKind::Controle(controle) if controle.bloquant => "contrôle bloquant",
            ItemKind::Controle(_) => "contrôle",
            _ => item.nature().name(),
        };
        let mut text = format!("{}  {}  ({nature})\n", item.nom, item.libelle);
        match &item.kind {
            ItemKind::Cotisation { organisme } => {
                let _ = writeln!(text, "  organisme : {organisme}");
            }
            ItemKind::Controle(controle) => {
                let _ = writeln!(text, "  {}\n  remède : {}", controle.message, controle.remede);
            }
            _ => {}
        }
        let familles: Vec<&str> = (item.familles.iter())
            .filter_map(|id| Some(self.book.familles.get(id.index())?.nom.as_str()))
            .collect();
        if !familles.is_empty() {
            let _ = writeln!(text, "  familles : {}", familles.join(", "));
        }
        if !item.rappel_paiement.is_empty() {
            let statuts = item.rappel_paiement.join(", ");
            let _ = writeln!(text, "  rappel paiement pour : {statuts}");
        }
        for version in self.versions(&item.versions) {
            let _ = writeln!(text, "  {}", self.dates(version));
            let definition = &version.value;
            if let Some(mode) = definition.rappel {
                let _ = writeln!(text, "    rappel : {}", mode.name());
            }
            if let Some(condition) = &definition.applicable {
                let _ = writeln!(text, "    si {}", condition.text.trim());
            }
            for (etape, formule) in &definition.etapes {
                let _ = writeln!(text, "    {etape} = {}", formule.text.trim());
            }
            let _ = writeln!(text, "    = {}", definition.formule.text.trim());
        }
        for (side, rates) in [("agent", &item.agent), ("employeur", &item.employeur)] {
            for version in self.versions(rates) {
                let taux = version.value.taux.text.trim();
                let _ = writeln!(text, "  part {side} : {taux}  {}", self.dates(version));
            }
        }
        Ok(text)
    }

    fn entrees(&self, nom: Option<&str>) -> Shown {
        let list = self.book.entrees.iter().filter(|e| nom.is_none_or(|nom| e.nom == nom));
        let mut text = String::new();
        for entree in list {
            let kind = match &entree.kind {
                EntreeType::Nombre { .. } => format!("nombre {}", unit(entree.unite)),
                EntreeType::Ratio => "fraction".to_owned(),
                EntreeType::Booleen => "oui/non".to_owned(),
                EntreeType::Enumeration(values) => values.join(" | "),
            };
            let defaut =
                entree.defaut.as_ref().map_or_else(String::new, |d| format!(" (défaut {d})"));
            let _ = writeln!(text, "{:<44} {}{defaut}\n    {kind}", entree.nom, entree.libelle);
        }
        match (text.is_empty(), nom) {
            (true, Some(nom)) => {
                Err(missing("entree", nom, self.book.entrees.iter().map(|e| e.nom.as_str())))
            }
            _ => Ok(text),
        }
    }

    fn familles(&self, nom: Option<&str>) -> Shown {
        let mut text = String::new();
        for famille in self.book.familles.iter().filter(|f| nom.is_none_or(|nom| f.nom == nom)) {
            let members: Vec<&str> = (famille.membres.iter())
                .filter_map(|id| Some(self.book.get(*id)?.nom.as_str()))
                .collect();
            let _ = writeln!(
                text,
                "{:<16} {}\n    {}",
                famille.nom,
                famille.libelle,
                members.join(", ")
            );
        }
        match (text.is_empty(), nom) {
            (true, Some(nom)) => {
                Err(missing("famille", nom, self.book.familles.iter().map(|f| f.nom.as_str())))
            }
            _ => Ok(text),
        }
    }
}

/// A declared gap: its days, the échelons it is about, and why.
fn lacune(trou: &Trou) -> String {
    let since = trou.depuis.map_or_else(String::new, |day| format!(" du {}", day.french()));
    let until = trou.fin.map_or_else(String::new, |day| format!(" au {}", day.french()));
    let which = if trou.echelons.is_empty() {
        String::new()
    } else {
        format!(", échelons {}", trou.echelons.join(", "))
    };
    format!("lacune{since}{until}{which} : {}", trou.motif)
}

fn cites<T>(version: &Version<T>, key: &str) -> bool {
    version.textes.iter().any(|reference| reference.key == key)
}

fn unit(unit: Unit) -> String {
    if unit == Unit::NONE { String::new() } else { unit.to_string() }
}
