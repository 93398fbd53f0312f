//! `paie show couverture`: what the rules cover and how surely, for people and for programs.

use std::fmt::Write;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::coverage::{
    self, Days, Fact, GridCoverage, GridState, LineCoverage, LinePeriod, Report, Scope,
};
use crate::diag::nearest;
use crate::rules::{Confiance, Coverage};

use super::args::Format;

/// What is asked.
pub struct Wanted<'a> {
    /// Only what is in force in this month.
    pub mois: Option<PayPeriod>,
    /// Only what was public on that day.
    pub known_on: KnownOn,
    /// Only this line, grade or grid.
    pub nom: Option<&'a str>,
    /// Form of the output.
    pub format: Format,
}

/// The report as a text, or what is wrong and what to do.
pub fn show(book: &CheckedRuleBook, wanted: &Wanted<'_>) -> Result<String, (String, String)> {
    let scope = Scope { mois: wanted.mois, known_on: wanted.known_on };
    let mut report = coverage::report(book, scope);
    if let Some(nom) = wanted.nom {
        let lines = book.book().items.iter().filter(|item| item.printed());
        let grades = book.book().grids.grades.values().map(|grade| grade.nom.as_str());
        let names = lines.map(|item| item.nom.as_str()).chain(grades);
        let close = nearest(nom, names, 3).join("`, `");
        if !report.keep(nom) {
            let help = if close.is_empty() {
                "see `paie show rubrique` and `paie show grille`".to_owned()
            } else {
                format!("the nearest are `{close}`")
            };
            return Err((format!("no line and no grade is called `{nom}`"), help));
        }
    }
    Ok(match wanted.format {
        Format::Texte => text(&report, wanted),
        Format::Json => format!("{:#}\n", json(&report, wanted)),
        Format::Csv => csv(&report),
    })
}

fn text(report: &Report, wanted: &Wanted<'_>) -> String {
    let mut text = String::new();
    if wanted.nom.is_none() {
        head(report, wanted, &mut text);
    }
    if !report.lines.is_empty() {
        lines(&report.lines, &mut text);
    }
    if !report.grids.is_empty() {
        let _ = writeln!(text, "\nGRADES");
        report.grids.iter().for_each(|grid| grades(grid, &mut text));
    }
    if wanted.nom.is_none() {
        sources(report, &mut text);
    }
    text.trim_start().to_owned()
}

fn head(report: &Report, wanted: &Wanted<'_>, text: &mut String) {
    let Coverage { premier, dernier, verifie, .. } = report.coverage;
    let _ = writeln!(
        text,
        "Mois couverts : de {} à {}, règles vérifiées le {}",
        premier.french(),
        dernier.french(),
        verifie.french()
    );
    if let Some((day, nom)) = &report.oldest {
        let day = day.french();
        let _ = writeln!(text, "Vérification la plus ancienne d'un paramètre : {nom}, le {day}");
    }
    if let Some(mois) = wanted.mois {
        let beyond = mois < premier || dernier < mois;
        let covered = if beyond { ", qui n'est pas couvert" } else { "" };
        let _ = writeln!(text, "Ce qui suit est en vigueur en {}{covered}", mois.french());
    }
    let [haute, moyenne, basse] = coverage::counts(&report.facts);
    let _ = writeln!(
        text,
        "{} valeurs datées : confiance haute {haute}, moyenne {moyenne}, basse {basse} ; \
         sans source confirmée {} ; {} textes cités sans date de publication connue",
        report.facts.len(),
        report.unsourced().count(),
        report.undated.len()
    );
}

fn lines(lines: &[LineCoverage], text: &mut String) {
    let _ = writeln!(text, "\nLIGNES DE PAIE");
    let _ = writeln!(
        text,
        "{:<28} {:<10}  {:<10}  {:<10} {:<8} {:<9} valeurs lues",
        "", "depuis", "jusqu'au", "définition", "agent", "employeur"
    );
    for line in lines {
        let mut nom = line.nom.as_str();
        if line.periods.is_empty() {
            let _ = writeln!(text, "{nom:<28} aucune version");
        }
        for period in &line.periods {
            let LinePeriod { days, definition, agent, employeur, valeurs } = period;
            let _ = writeln!(
                text,
                "{nom:<28} {:<10}  {:<10}  {:<10} {:<8} {:<9} {}",
                first(*days),
                last(*days),
                definition.name(),
                sure(*agent, "-"),
                sure(*employeur, "-"),
                sure(*valeurs, "-")
            );
            nom = "";
        }
    }
}

fn grades(grid: &GridCoverage, text: &mut String) {
    let _ = writeln!(text, "{}  {}", grid.nom, grid.grades.join(", "));
    for period in &grid.periods {
        let (state, detail) = state(&period.state);
        let (first, last) = (first(period.days), last(period.days));
        let _ = writeln!(text, "    {first:<10}  {last:<10}  {state:<8} {detail}");
    }
    for found in &grid.restagings {
        let only = match found.grades.as_slice() {
            [] => String::new(),
            some => format!(" ({})", some.join(", ")),
        };
        let day = found.depuis.french();
        let _ = writeln!(text, "    {day:<10}  reclassement{only} : {}", found.note);
    }
}

/// The word of a state, and what there is to say of it.
fn state(state: &GridState) -> (&'static str, String) {
    match state {
        GridState::Known { confiance, echelons, partial } => {
            let partial = partial.as_ref().map_or_else(String::new, |motif| format!(" ; {motif}"));
            (confiance.name(), format!("{echelons} échelons{partial}"))
        }
        GridState::Gap(motif) => {
            ("lacune", motif.clone().unwrap_or_else(|| "aucune version relevée".to_owned()))
        }
        GridState::Ended(grade) => ("fin", format!("devient {grade}")),
    }
}

fn sources(report: &Report, text: &mut String) {
    let _ = writeln!(text, "\nVALEURS SANS SOURCE CONFIRMÉE");
    for fact in report.unsourced() {
        let _ = writeln!(text, "{}", fact_line(fact));
    }
    let _ = writeln!(text, "\nVALEURS DE CONFIANCE BASSE");
    for fact in report.facts.iter().filter(|fact| fact.confiance == Confiance::Basse) {
        let _ = writeln!(text, "{}", fact_line(fact));
    }
    let _ = writeln!(text, "\nTEXTES SANS DATE DE PUBLICATION CONNUE ({})", report.undated.len());
    for texte in &report.undated {
        let _ = writeln!(text, "{:<36} cité {:>3} fois  {}", texte.key, texte.cited, texte.titre);
    }
}

fn fact_line(fact: &Fact) -> String {
    let (first, last) = (first(fact.days), last(fact.days));
    format!("{:<10} {:<44} {first:<10}  {last}", fact.kind, fact.nom)
}

fn first(days: Days) -> String {
    days.first.map_or_else(|| "…".to_owned(), Day::french)
}

fn last(days: Days) -> String {
    days.last.map_or_else(|| "…".to_owned(), Day::french)
}

fn sure(confiance: Option<Confiance>, none: &'static str) -> &'static str {
    confiance.map_or(none, Confiance::name)
}

fn json(report: &Report, wanted: &Wanted<'_>) -> serde_json::Value {
    use serde_json::json;
    let covered = report.coverage;
    let [haute, moyenne, basse] = coverage::counts(&report.facts);
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let name = |confiance: Option<Confiance>| confiance.map(Confiance::name);
    let lines = report.lines.iter().map(|line| {
        let periods = line.periods.iter().map(|period| {
            json!({
                "depuis": day(period.days.first),
                "fin": day(period.days.last),
                "definition": period.definition.name(),
                "agent": name(period.agent),
                "employeur": name(period.employeur),
                "valeurs": name(period.valeurs),
            })
        });
        json!({
            "nom": line.nom,
            "rubrique": line.code,
            "libelle": line.libelle,
            "nature": line.nature,
            "periodes": periods.collect::<Vec<_>>(),
        })
    });
    let undated = report
        .undated
        .iter()
        .map(|texte| json!({ "texte": texte.key, "titre": texte.titre, "cite": texte.cited }));
    json!({
        "premier_mois": covered.premier.to_string(),
        "dernier_mois": covered.dernier.to_string(),
        "verifie": covered.verifie.to_string(),
        "plus_ancienne_verification": report.oldest.as_ref().map(|(day, nom)| {
            json!({ "parametre": nom, "verifie": day.to_string() })
        }),
        "mois": wanted.mois.map(|mois| mois.to_string()),
        "valeurs": { "haute": haute, "moyenne": moyenne, "basse": basse },
        "lignes": lines.collect::<Vec<_>>(),
        "grilles": report.grids.iter().map(json_grid).collect::<Vec<_>>(),
        "sans_source": report.unsourced().map(json_fact).collect::<Vec<_>>(),
        "confiance_basse": report.facts.iter()
            .filter(|fact| fact.confiance == Confiance::Basse)
            .map(json_fact).collect::<Vec<_>>(),
        "textes_sans_date": undated.collect::<Vec<_>>(),
    })
}

fn json_grid(grid: &GridCoverage) -> serde_json::Value {
    use serde_json::json;
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let periods = grid.periods.iter().map(|period| {
        let (state, detail) = state(&period.state);
        json!({
            "depuis": day(period.days.first),
            "fin": day(period.days.last),
            "etat": state,
            "detail": detail,
        })
    });
    let restagings = grid.restagings.iter().map(|found| {
        json!({
            "depuis": found.depuis.to_string(),
            "grades": found.grades,
            "confiance": found.confiance.name(),
            "note": found.note,
        })
    });
    json!({
        "grille": grid.nom,
        "libelle": grid.libelle,
        "grades": grid.grades,
        "periodes": periods.collect::<Vec<_>>(),
        "reclassements": restagings.collect::<Vec<_>>(),
    })
}

fn json_fact(fact: &Fact) -> serde_json::Value {
    serde_json::json!({
        "objet": fact.kind,
        "nom": fact.nom,
        "depuis": fact.days.first.map(|day| day.to_string()),
        "fin": fact.days.last.map(|day| day.to_string()),
        "confiance": fact.confiance.name(),
    })
}

/// One flat table; `etat` is a confidence, `lacune`, `fin` or `reclassement`.
fn csv(report: &Report) -> String {
    let mut rows = Rows(String::from("objet,nom,depuis,fin,etat,agent,employeur,valeurs,detail\n"));
    let coverage = report.coverage;
    let whole =
        Days { first: Some(coverage.premier.first_day()), last: Some(coverage.dernier.last_day()) };
    let verified = format!("vérifiée le {}", coverage.verifie);
    rows.add("couverture", "", whole, ["", "", "", "", &verified]);
    for line in &report.lines {
        for period in &line.periods {
            let sides = [period.agent, period.employeur, period.valeurs].map(|c| sure(c, ""));
            let [agent, employeur, valeurs] = sides;
            let cells = [period.definition.name(), agent, employeur, valeurs, &line.libelle];
            rows.add("ligne", &line.nom, period.days, cells);
        }
    }
    for grid in &report.grids {
        for grade in &grid.grades {
            for period in &grid.periods {
                let (state, detail) = state(&period.state);
                rows.add("grade", grade, period.days, [state, "", "", "", &detail]);
            }
            let mine = |grades: &[String]| grades.is_empty() || grades.contains(grade);
            for found in grid.restagings.iter().filter(|found| mine(&found.grades)) {
                let days = Days { first: Some(found.depuis), last: Some(found.depuis) };
                rows.add("grade", grade, days, ["reclassement", "", "", "", &found.note]);
            }
        }
    }
    for fact in report.unsourced() {
        let nom = format!("{} {}", fact.kind, fact.nom);
        rows.add("sans_source", &nom, fact.days, [fact.confiance.name(), "", "", "", ""]);
    }
    for texte in &report.undated {
        let days = Days { first: None, last: None };
        rows.add("texte_sans_date", &texte.key, days, ["", "", "", "", &texte.titre]);
    }
    rows.0
}

struct Rows(String);

impl Rows {
    fn add(&mut self, kind: &str, nom: &str, days: Days, cells: [&str; 5]) {
        let [first, last] =
            [days.first, days.last].map(|day| day.map_or_else(String::new, |day| day.to_string()));
        let all = [kind, nom, &first, &last].into_iter().chain(cells).map(quoted);
        let _ = writeln!(self.0, "{}", all.collect::<Vec<_>>().join(","));
    }
}

/// A cell, between quotes when it needs them.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
