//! `paie test`: reference payslips, line-by-line differences.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::batch::Month;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::dossier::{Memory, Preparer};
use crate::engine::{Engine, Payslip};
use crate::io::{PoolFinding, Reference, read_reference};
use crate::num::Amount;
use crate::program::Program;
use crate::rulebook::Rules;
use crate::rules::Nature;

use super::args::{Common, Format, TestOptions};
use super::output::{Outcome, Output};
use super::rulebook;
use super::run::finding_line;

/// Runs every reference payslip.
pub fn run(common: &Common, options: &TestOptions, output: &Output) -> Outcome {
    let rules = match rulebook::checked(common, output) {
        Ok(rules) => rules,
        Err(outcome) => return outcome,
    };
    let mut files = Vec::new();
    for path in &options.cas {
        if let Err(message) = collect(path, &mut files) {
            return output.failed(&message, "give a .toml file or a folder that holds some");
        }
    }
    files.sort();
    let mut bench = Bench { common, output, rules: &rules, programs: HashMap::new() };
    let (mut passed, mut failed) = (0, 0);
    let mut cases = Vec::new();
    for path in &files {
        let verdict = bench.case(path);
        passed += usize::from(verdict.is_empty());
        failed += usize::from(!verdict.is_empty());
        if output.format == Format::Texte && (!verdict.is_empty() || !output.quiet) {
            let mark = if verdict.is_empty() { "ok  " } else { "FAIL" };
            output.text(&format!("{mark} {}\n{}", path.display(), text(&verdict)));
        }
        cases.push((path, verdict));
    }
    match output.format {
        Format::Texte => output.text(&format!("{passed} passed, {failed} failed\n")),
        Format::Json => output.text(&json(&cases)),
        Format::Csv => output.text(&csv(&cases)),
    }
    if files.is_empty() {
        return output.failed("no reference payslip was found", "give a folder of .toml files");
    }
    match failed {
        0 => Outcome::Good,
        _ if cases.iter().any(|(_, verdict)| verdict.iter().any(Difference::is_unreadable)) => {
            output.failed("a reference payslip cannot be read: it proves nothing", "see above")
        }
        _ => Outcome::Look,
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let cannot = |cause: std::io::Error| format!("cannot read `{}`: {cause}", path.display());
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(cannot)? {
            let inside = entry.map_err(cannot)?.path();
            if inside.is_dir() || inside.extension().is_some_and(|ending| ending == "toml") {
                collect(&inside, files)?;
            }
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    } else {
        return Err(format!("`{}` does not exist", path.display()));
    }
    Ok(())
}

/// One thing that differs; an empty list is a success.
enum Difference {
    /// A finding: the case cannot be computed, or not wholly.
    Finding(PoolFinding),
    /// A cell of a line.
    Cell { rubrique: String, part: &'static str, attendu: Option<Amount>, obtenu: Option<Amount> },
}

impl Difference {
    fn is_unreadable(&self) -> bool {
        matches!(self, Self::Finding(finding) if finding.code == crate::diag::Code::E724)
    }
}

struct Bench<'a> {
    common: &'a Common,
    output: &'a Output,
    rules: &'a Rules,
    programs: HashMap<(PayPeriod, Option<Day>), Option<Program>>,
}

impl Bench<'_> {
    fn case(&mut self, path: &Path) -> Vec<Difference> {
        let reference = match read_reference(path) {
            Ok(reference) => reference,
            Err(findings) => return findings.into_iter().map(Difference::Finding).collect(),
        };
        let mut blocking =
            reference.findings.iter().filter(|finding| finding.is_error()).peekable();
        if blocking.peek().is_some() {
            return blocking.cloned().map(Difference::Finding).collect();
        }
        let known = match reference.connu_le {
            KnownOn::Day(day) => Some(day),
            KnownOn::Everything => self.common.connu_le,
        };
        let key = (reference.mois, known);
        if !self.programs.contains_key(&key) {
            let program =
                rulebook::month(self.rules, self.common, reference.mois, known, self.output);
            self.programs.insert(key, program.ok());
        }
        let Some(Some(program)) = self.programs.get(&key) else {
            let at = reference.facts.agent.reference;
            let message = format!("{} cannot be compiled", reference.mois);
            let finding = PoolFinding::new(crate::diag::Code::E722, at, message, "see above");
            return vec![Difference::Finding(finding)];
        };
        self.compare(&reference, program)
    }

    fn compare(&self, reference: &Reference, program: &Program) -> Vec<Difference> {
        let Some(book) = &self.rules.book else { return Vec::new() };
        let Ok(preparer) = Preparer::new(book, program) else { return Vec::new() };
        let employeur = preparer.employeur(&reference.employeur);
        let employeurs = HashMap::from([(reference.employeur.siret, employeur)]);
        let month = Month::new(program, &preparer, &employeurs, false);
        let mut engine = Engine::new(program);
        let mut memory = Memory::default();
        let mut differences = Vec::new();
        let mut found = None;
        month.agent(&reference.facts, &mut engine, &mut memory, |_, payslip, findings| {
            let errors = findings.iter().filter(|finding| finding.is_error()).cloned();
            differences.extend(errors.map(Difference::Finding));
            found = Some(payslip.clone());
        });
        let payslip = found.unwrap_or_default();
        // A fault elsewhere does not hide what was computed: the listed lines are compared.
        let faults = std::mem::take(&mut differences);
        let cells = cells(reference, program, &payslip);
        if cells.is_empty() && payslip.lines.is_empty() || !cells.is_empty() {
            differences.extend(faults);
        }
        differences.extend(cells);
        differences
    }
}

/// The sums of a code's lines: amount, base, agent, employer.
fn sums(program: &Program, payslip: &Payslip, code: &str) -> Option<[Amount; 4]> {
    let mut sums = [Amount::ZERO; 4];
    let mut seen = false;
    for line in &payslip.lines {
        let Some(info) = program.items.get(line.item).filter(|info| info.code == code) else {
            continue;
        };
        seen = true;
        let montant = match info.nature {
            Nature::Cotisation => None,
            _ => line.montant_agent,
        };
        let cells = [montant, line.base, line.montant_agent, line.montant_employeur];
        for (sum, cell) in sums.iter_mut().zip(cells) {
            *sum += Amount::from_cents(cell.unwrap_or(0));
        }
    }
    seen.then_some(sums)
}

fn cells(reference: &Reference, program: &Program, payslip: &Payslip) -> Vec<Difference> {
    let mut differences = Vec::new();
    for attendu in &reference.attendu {
        let found = sums(program, payslip, &attendu.rubrique);
        let wanted = [attendu.montant, attendu.base, attendu.agent, attendu.employeur];
        let parts = ["montant", "base", "agent", "employeur"];
        for (place, (part, wanted)) in parts.into_iter().zip(wanted).enumerate() {
            let Some(wanted) = wanted else { continue };
            let got = found.and_then(|sums| sums.get(place).copied());
            // A line of zero is not printed: expecting zero is expecting no line.
            if got.unwrap_or(Amount::ZERO) != wanted {
                let rubrique = attendu.rubrique.clone();
                differences.push(Difference::Cell {
                    rubrique,
                    part,
                    attendu: Some(wanted),
                    obtenu: got,
                });
            }
        }
    }
    if reference.exhaustif {
        let mut unlisted: Vec<&str> = Vec::new();
        for line in &payslip.lines {
            let code = program.items.get(line.item).map_or("", |info| info.code.as_str());
            let listed = reference.attendu.iter().any(|attendu| attendu.rubrique == code);
            if !listed && !unlisted.contains(&code) {
                unlisted.push(code);
                let obtenu = sums(program, payslip, code).map(|sums| sums[0] + sums[1]);
                let rubrique = code.to_owned();
                differences.push(Difference::Cell {
                    rubrique,
                    part: "ligne",
                    attendu: None,
                    obtenu,
                });
            }
        }
    }
    differences
}

fn text(differences: &[Difference]) -> String {
    let mut text = String::new();
    let show = |amount: &Option<Amount>| amount.map_or("-".to_owned(), |a| a.to_string());
    for difference in differences {
        match difference {
            Difference::Finding(finding) => text.push_str(&finding_line(finding)),
            Difference::Cell { rubrique, part, attendu, obtenu } => {
                let gap = obtenu.unwrap_or(Amount::ZERO) - attendu.unwrap_or(Amount::ZERO);
                let _ = writeln!(
                    text,
                    "     {rubrique:<22} {part:<10} attendu {:>12}  obtenu {:>12}  écart {gap:>10}",
                    show(attendu),
                    show(obtenu),
                );
            }
        }
    }
    text
}

fn json(cases: &[(&PathBuf, Vec<Difference>)]) -> String {
    let list: Vec<serde_json::Value> = cases
        .iter()
        .map(|(path, differences)| {
            let list: Vec<serde_json::Value> = differences
                .iter()
                .map(|difference| match difference {
                    Difference::Finding(finding) => serde_json::json!({
                        "code": finding.code.name(),
                        "message": finding.message,
                        "ligne": finding.ligne,
                        "remede": finding.remede,
                    }),
                    Difference::Cell { rubrique, part, attendu, obtenu } => serde_json::json!({
                        "rubrique": rubrique,
                        "partie": part,
                        "attendu": attendu.map(|amount| amount.to_string()),
                        "obtenu": obtenu.map(|amount| amount.to_string()),
                    }),
                })
                .collect();
            let path = path.display().to_string();
            serde_json::json!({ "cas": path, "conforme": list.is_empty(), "ecarts": list })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(list))
}

fn csv(cases: &[(&PathBuf, Vec<Difference>)]) -> String {
    let mut text = String::from("cas,rubrique,partie,attendu,obtenu\n");
    let show = |amount: &Option<Amount>| amount.map_or(String::new(), |a| a.to_string());
    for (path, differences) in cases {
        for difference in differences {
            let _ = match difference {
                Difference::Finding(finding) => {
                    writeln!(text, "\"{}\",{},erreur,,", path.display(), finding.code)
                }
                Difference::Cell { rubrique, part, attendu, obtenu } => writeln!(
                    text,
                    "\"{}\",{rubrique},{part},{},{}",
                    path.display(),
                    show(attendu),
                    show(obtenu)
                ),
            };
        }
    }
    text
}
