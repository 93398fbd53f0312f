//! `paie replay`: archived months computed again, as they were paid or as they are due now.

mod due;

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::archive::{Archive, Entry, Stored, unpack};
use crate::batch::RunError;
use crate::batch::replay::{Replayed, as_paid, entries};
use crate::num::Amount;
use crate::rulebook::{Rules, from_texts};

use super::archive::{failed as archive_failed, open};
use super::args::{Common, Format, ReplayOptions};
use super::output::{Outcome, Output};
use super::run::{failed, progress_bar};

/// Rubriques listed for a month that differs.
const LISTED: usize = 15;

/// Computes months again.
pub fn run(common: &Common, options: &ReplayOptions, output: &Output) -> Outcome {
    let done = match &options.pool {
        Some(pool) => due::run(common, options, pool, output),
        None => replay(common, options, output),
    };
    done.unwrap_or_else(|outcome| outcome)
}

fn replay(common: &Common, options: &ReplayOptions, output: &Output) -> Result<Outcome, Outcome> {
    if common.connu_le.is_some() || !common.regles.is_empty() || common.au_dela {
        let message = "a month is computed again with its own rules and its own day of knowledge";
        return Err(output.failed(message, "leave --regles, --connu-le and --au-dela out"));
    }
    let archive = open(&options.archive, output)?;
    let wanted = |mois| match options.mois {
        Some(only) => mois == only,
        None => {
            options.depuis.is_none_or(|first| mois >= first)
                && options.jusqu.is_none_or(|last| mois <= last)
        }
    };
    let runs = entries(&archive, wanted, options.mois.is_none());
    if runs.is_empty() {
        let help = "look at the months with `paie archive etat`";
        return Err(output.failed("the archive has no such month to compute again", help));
    }
    let mut books = Books::default();
    let mut all = Vec::new();
    for entry in runs {
        let start = Instant::now();
        let rules = books.of(&archive, entry, output)?;
        let replayed = one(&archive, entry, rules, common.threads, output)?;
        if !output.quiet {
            let word = if replayed.same() { "same" } else { "DIFFERS" };
            let elapsed = start.elapsed();
            let (mois, agents) = (replayed.mois, replayed.agents);
            output.warn(&format!("{mois}: {word}, {agents} agents, {elapsed:.2?}\n"));
        }
        all.push(replayed);
    }
    report(&all, output);
    let same = all.iter().all(Replayed::same);
    Ok(if same { Outcome::Good } else { Outcome::Look })
}

/// Computes one run of an archive again.
pub fn one(
    archive: &Archive,
    entry: &Entry,
    rules: &Rules,
    threads: Option<usize>,
    output: &Output,
) -> Result<Replayed, Outcome> {
    let Some(book) = &rules.book else { return Err(Outcome::Failed) };
    let bar = progress_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let replayed = as_paid(archive, entry, book, threads, &progress);
    bar.finish_and_clear();
    replayed.map_err(|error| match error {
        RunError::Pool(_) => output.failed("the facts of the archive cannot be read", "verify it"),
        error => failed(error, rules, archive.root(), output),
    })
}

/// The rules of archived runs, each set of texts checked once.
#[derive(Default)]
pub struct Books(HashMap<String, Rules>);

impl Books {
    /// The rules of a run.
    pub fn of(
        &mut self,
        archive: &Archive,
        entry: &Entry,
        output: &Output,
    ) -> Result<&Rules, Outcome> {
        let digest = entry.calcul().map_or_else(String::new, |run| run.empreinte_regles.clone());
        match self.0.entry(digest) {
            Slot::Occupied(slot) => Ok(slot.into_mut()),
            Slot::Vacant(slot) => {
                let rules = read(archive, entry, output)?;
                Ok(slot.insert(rules))
            }
        }
    }
}

/// Reads and checks the rule texts of a run.
fn read(archive: &Archive, entry: &Entry, output: &Output) -> Result<Rules, Outcome> {
    let stored = Stored::open(archive, entry).map_err(|error| archive_failed(&error, output))?;
    let bytes = stored.regles().map_err(|error| archive_failed(&error, output))?;
    let mois = &stored.calcul().mois;
    let Some(texts) = unpack(&bytes) else {
        let message = format!("the rule texts of {mois} in the archive cannot be read");
        return Err(output.failed(&message, "restore the archive from a proven backup"));
    };
    let rules = from_texts(texts);
    if rules.digest != stored.calcul().empreinte_regles {
        let message = format!("the rule texts of {mois} are not those that its run names");
        return Err(output.failed(&message, "restore the archive from a proven backup"));
    }
    if rules.book.is_none() {
        output.findings(&rules.findings, &rules.sources);
        let message = format!("this edition of the program refuses the rules of {mois}");
        let help = format!("compute it again with edition {}", stored.calcul().programme);
        return Err(output.failed(&message, &help));
    }
    Ok(rules)
}

fn report(all: &[Replayed], output: &Output) {
    match output.format {
        Format::Json => {
            let rows: Vec<Value> = all.iter().map(json_row).collect();
            let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
            output.text(&format!("{text}\n"));
        }
        Format::Csv => output.text(&csv(all)),
        Format::Texte => output.text(&text(all, output)),
    }
}

fn csv(all: &[Replayed]) -> String {
    let mut text = String::from(
        "mois,entree,programme,agents,identique,empreinte_archivee,empreinte_calculee,\
         lignes_archivees,lignes_calculees\n",
    );
    for one in all {
        let (archived, computed) = gaps(one);
        let same = if one.same() { "oui" } else { "non" };
        let (mois, entry, edition, agents) = (one.mois, one.entry, &one.programme, one.agents);
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{mois},{entry},{edition},{agents},{same},{},{},{archived},{computed}",
            one.expected, one.found
        );
    }
    text
}

/// Rows that differ, archived and computed.
fn gaps(one: &Replayed) -> (u64, u64) {
    let tables = one.differences.tables();
    tables.fold((0, 0), |sums, (_, gap)| (sums.0 + gap.archived, sums.1 + gap.computed))
}

fn json_row(one: &Replayed) -> Value {
    let tables = one.differences.tables().map(|(table, gap)| {
        let first =
            gap.first().map(|[archive, calcul]| json!({"archive": archive, "calcul": calcul}));
        json!({
            "table": table,
            "archivees": gap.archived,
            "calculees": gap.computed,
            "premieres": first.collect::<Vec<_>>(),
        })
    });
    let rubriques = one.differences.rubriques().map(|(code, gap)| {
        json!({
            "rubrique": code,
            "lignes": gap.lignes,
            "montant_agent": Amount::from_cents(gap.agent).to_string(),
            "montant_employeur": Amount::from_cents(gap.employeur).to_string(),
        })
    });
    json!({
        "mois": one.mois.to_string(),
        "entree": one.entry,
        "programme": one.programme,
        "agents": one.agents,
        "identique": one.same(),
        "empreinte_archivee": one.expected,
        "empreinte_calculee": one.found,
        "tables": tables.collect::<Vec<_>>(),
        "rubriques": rubriques.collect::<Vec<_>>(),
    })
}

fn text(all: &[Replayed], output: &Output) -> String {
    let mut text = String::new();
    if !output.quiet {
        let _ = writeln!(
            text,
            "{:<8} {:>6} {:<10} {:>9}  résultat",
            "mois", "entrée", "programme", "agents"
        );
        for one in all {
            let word = if one.same() { "identique" } else { "différent" };
            let (mois, entry, edition, agents) = (one.mois, one.entry, &one.programme, one.agents);
            let _ = writeln!(text, "{mois:<8} {entry:>6} {edition:<10} {agents:>9}  {word}");
        }
    }
    let different: Vec<&Replayed> = all.iter().filter(|one| !one.same()).collect();
    different.iter().for_each(|one| differences(&mut text, one));
    if !output.quiet {
        let _ = match different.len() {
            0 => writeln!(text, "{} runs computed again: all the same", all.len()),
            count => writeln!(text, "{} runs computed again: {count} differ", all.len()),
        };
    }
    text
}

/// What differs in a month, and why it may.
fn differences(text: &mut String, one: &Replayed) {
    let _ = writeln!(text, "\n{} (entry {}) differs", one.mois, one.entry);
    let here = env!("CARGO_PKG_VERSION");
    let _ = if one.programme == here {
        writeln!(
            text,
            "  facts, rules and edition {here} are the same: the program has changed, or the archive"
        )
    } else {
        writeln!(text, "  computed by edition {}, computed again by edition {here}", one.programme)
    };
    if one.differences.is_empty() {
        let _ = writeln!(text, "  only findings about the pool or its employers differ");
    }
    for (table, gap) in one.differences.tables() {
        let (archived, computed) = (gap.archived, gap.computed);
        let _ =
            writeln!(text, "  {table}: {archived} archived rows not found again, {computed} new");
        for [archive, calcul] in gap.first() {
            for (sign, row) in [('-', archive), ('+', calcul)] {
                if let Some(row) = row {
                    let _ = writeln!(text, "    {sign} {row}");
                }
            }
        }
    }
    let mut rubriques: Vec<_> = one.differences.rubriques().collect();
    rubriques.sort_by_key(|(_, gap)| std::cmp::Reverse(gap.lignes));
    for (code, gap) in rubriques.iter().take(LISTED) {
        let [agent, employeur] = [gap.agent, gap.employeur].map(Amount::from_cents);
        let lines = gap.lignes;
        let _ = writeln!(text, "  {code}: {lines} lines, agent {agent}, employer {employeur}");
    }
}
