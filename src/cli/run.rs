//! `paie run`: the monthly batch.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::batch::{self, HistoryError, RunError, RunOutcome};
use crate::io::PoolFinding;
use crate::num::Amount;
use crate::rulebook::Rules;

use super::archive::archiving;
use super::args::{Common, Format, RunOptions};
use super::output::{Outcome, Output};
use super::rulebook;

/// Employers listed one by one in the closing summary.
const LISTED: usize = 40;

/// Runs the month.
pub fn run(common: &Common, options: &RunOptions, output: &Output) -> Outcome {
    let start = Instant::now();
    let (rules, program) = match rulebook::compiled(common, options.mois, output) {
        Ok(ready) => ready,
        Err(outcome) => return outcome,
    };
    let Some(book) = &rules.book else { return Outcome::Failed };
    let run_options = batch::RunOptions {
        pool: options.pool.clone(),
        target: options.sortie.as_ref().map(|sortie| sortie.join(options.mois.to_string())),
        replace: options.remplacer,
        threads: common.threads,
        au_dela: rules.beyond(options.mois),
        rules_digest: rules.digest.clone(),
    };
    let par = options.par.as_deref();
    let archiving = options.archive.as_ref().map(|path| archiving(path, par, &rules, output));
    let archiving = match archiving.transpose() {
        Ok(archiving) => archiving,
        Err(outcome) => return outcome,
    };
    let bar = progress_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let elapsed = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let result = batch::run(book, &program, &run_options, archiving, &progress, &elapsed);
    bar.finish_and_clear();
    match result {
        Ok(outcome) => {
            report(&outcome, options, output, start.elapsed());
            let clean = outcome.counts.bloquants + outcome.counts.alertes == 0;
            if clean && outcome.counts.bloques == 0 { Outcome::Good } else { Outcome::Look }
        }
        Err(error) => failed(error, &rules, &options.pool, output),
    }
}

/// The bar of a computation; hidden when nobody looks.
pub fn progress_bar(output: &Output) -> ProgressBar {
    if output.quiet || !output.terminal {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let template = "{bar:40} {human_pos}/{human_len} agents  {per_sec}  {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// What stopped a computation, and what to do.
pub fn failed(error: RunError, rules: &Rules, pool: &std::path::Path, output: &Output) -> Outcome {
    match error {
        RunError::Rules(findings) | RunError::History(HistoryError::Rules(findings)) => {
            output.findings(&findings, &rules.sources);
            output.failed("the rules ask for what the program does not provide", "see above")
        }
        RunError::Pool(findings) => {
            output.warn(&findings.iter().map(finding_line).collect::<String>());
            output.failed(
                &format!("the pool `{}` cannot be read: nothing is computed", pool.display()),
                "mend the files above",
            )
        }
        RunError::Compile(error) => rulebook::not_compiled(*error, rules, output),
        RunError::Write(error) => {
            let help = if matches!(error, batch::WriteError::Exists(_)) {
                "choose another `--sortie`, or add `--remplacer`"
            } else {
                "free some room or choose another `--sortie`; the previous result is untouched"
            };
            output.failed(&error.to_string(), help)
        }
        RunError::Threads(error) => output.failed(&error, "try `--threads 1`"),
        RunError::AllClosed => output.failed(
            "every employer of the pool has closed this month: nothing is computed",
            "a closed month never changes: what is due comes as a rappel with the next one",
        ),
        RunError::History(error) => output.failed(&error.to_string(), history_help(&error)),
    }
}

/// What to do about closed months that cannot be used.
pub fn history_help(error: &HistoryError) -> &'static str {
    match error {
        HistoryError::Archive(error) => error.help(),
        HistoryError::Open { .. } => {
            "close it first (`paie archive valider`, then `paie archive clore`): its totals count"
        }
        HistoryError::Rules(_) => "look at the findings of `paie check`",
        HistoryError::Table { .. } => "run `paie verify`, then restore from a proven backup",
    }
}

/// A finding of the pool as one line.
pub fn finding_line(finding: &PoolFinding) -> String {
    let place = if finding.ligne > 0 {
        format!("{}:{}", finding.fichier, finding.ligne)
    } else {
        finding.fichier.to_owned()
    };
    let who = finding.agent.as_ref().map_or_else(String::new, |agent| format!(" agent {agent}"));
    let word = if finding.is_error() { "error" } else { "warning" };
    format!(
        "{word}[{}]: {}\n  --> {place}{who}\n  = help: {}\n",
        finding.code, finding.message, finding.remede
    )
}

fn report(outcome: &RunOutcome, options: &RunOptions, output: &Output, elapsed: Duration) {
    match output.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&outcome.manifest).unwrap_or_default();
            output.text(&format!("{text}\n"));
        }
        Format::Csv => output.text(&csv(outcome)),
        Format::Texte => {
            if !output.quiet {
                output.text(&table(outcome, options, elapsed));
            }
        }
    }
    if output.format != Format::Json && !outcome.samples.is_empty() {
        let shown: String = outcome.samples.iter().take(20).map(finding_line).collect();
        output.warn(&shown);
    }
}

fn csv(outcome: &RunOutcome) -> String {
    let mut text = String::from("siret,nom,payables,bloques,brut,net_a_payer,cout_employeur\n");
    for (siret, nom, totals) in &outcome.employeurs {
        let [brut, net, cout] = [totals.brut, totals.net, totals.cout].map(Amount::from_cents);
        let nom = nom.replace('"', "\"\"");
        text.push_str(&format!(
            "{siret},\"{nom}\",{},{},{brut},{net},{cout}\n",
            totals.payables, totals.bloques
        ));
    }
    text
}

fn table(outcome: &RunOutcome, options: &RunOptions, elapsed: Duration) -> String {
    let mut text = format!(
        "{:<38} {:>8} {:>8} {:>18} {:>18} {:>18}\n",
        options.mois.french(),
        "payables",
        "bloqués",
        "brut",
        "net à payer",
        "coût employeur"
    );
    let mut whole = [0_i64; 3];
    let mut listed = 0;
    let many = outcome.employeurs.len() > LISTED;
    for (siret, nom, totals) in &outcome.employeurs {
        for (sum, value) in whole.iter_mut().zip([totals.brut, totals.net, totals.cout]) {
            *sum += value;
        }
        if listed == LISTED || (many && totals.bloques == 0) {
            continue;
        }
        listed += 1;
        let name = shortened(nom, 23);
        let sums = [totals.brut, totals.net, totals.cout];
        text.push_str(&row(&format!("{siret} {name}"), totals.payables, totals.bloques, sums));
    }
    let rest = outcome.employeurs.len() - listed;
    if rest > 0 {
        text.push_str(&format!("… {rest} other employers, in {}\n", "bulletins.csv"));
    }
    let counts = &outcome.counts;
    let title = format!("{} employeurs", counts.employeurs);
    text.push_str(&row(&title, counts.payables, counts.bloques, whole));
    text.push_str(&format!(
        "{} lines, {} blocking findings, {} warnings; {} agents in {:.2?}\n",
        counts.lignes, counts.bloquants, counts.alertes, counts.agents, elapsed,
    ));
    if counts.recalcules > 0 {
        text.push_str(&format!(
            "{} agent-months of closed months computed again, {} with a rappel: see rappels.csv\n",
            counts.recalcules, counts.rappels
        ));
    }
    if let Some(sortie) = &options.sortie {
        let folder = sortie.join(options.mois.to_string());
        text.push_str(&format!("results in {}\n", folder.display()));
    }
    if let Some(archive) = &options.archive {
        text.push_str(&format!("kept in {}\n", archive.display()));
    }
    text
}

/// A name cut to `width` characters, with a mark when something is cut.
pub fn shortened(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let start: String = name.chars().take(width.saturating_sub(1)).collect();
    format!("{start}…")
}

fn row(title: &str, payables: u64, bloques: u64, sums: [i64; 3]) -> String {
    let [brut, net, cout] = sums.map(|cents| Amount::from_cents(cents).french());
    format!("{title:<38} {payables:>8} {bloques:>8} {brut:>18} {net:>18} {cout:>18}\n")
}
