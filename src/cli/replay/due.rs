//! `paie replay --du`: what closed months are due now, nothing stored.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::batch::replay::{DueOptions, DueRow, DueSums, DueTotals, as_due};
use crate::calendar::KnownOn;
use crate::num::Amount;

use super::super::archive::open;
use super::super::args::{Common, Format, ReplayOptions};
use super::super::output::{Outcome, Output};
use super::super::rulebook;
use super::super::run::{failed, progress_bar};

/// Employers and rubriques listed one by one.
const LISTED: usize = 20;

/// Computes what the closed months are due.
pub fn run(
    common: &Common,
    options: &ReplayOptions,
    pool: &Path,
    output: &Output,
) -> Result<Outcome, Outcome> {
    let archive = open(&options.archive, output)?;
    let rules = rulebook::checked(common, output)?;
    let Some(book) = &rules.book else { return Err(Outcome::Failed) };
    let asked = DueOptions {
        pool,
        known_on: common.connu_le.map_or(KnownOn::Everything, KnownOn::Day),
        rules_digest: &rules.digest,
        depuis: options.mois.or(options.depuis),
        jusqu: options.mois.or(options.jusqu),
        threads: common.threads,
    };
    let bar = progress_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let mut rows = Rows { output, started: false, first: true };
    let totals = as_due(&archive, book, &asked, &progress, &mut |found| rows.add(found));
    bar.finish_and_clear();
    let totals = totals.map_err(|error| failed(error, &rules, pool, output))?;
    if totals.paiement.is_none() {
        let help = "close a month first: `paie archive clore`";
        return Err(output.failed("the archive has no closed month", help));
    }
    rows.end(&totals);
    let nothing = totals.mois.is_empty() && totals.impossibles == 0 && totals.bloques == 0;
    let nothing = nothing && totals.hors_limite == DueSums::default();
    Ok(if nothing { Outcome::Good } else { Outcome::Look })
}

/// The rows, written as they come.
struct Rows<'a> {
    output: &'a Output,
    /// Nothing is written before something is known: what cannot be done leaves no output.
    started: bool,
    first: bool,
}

impl Rows<'_> {
    fn start(&mut self) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        match self.output.format {
            Format::Csv => self.output.text(
                "siret,agent,contrat,mois,rubrique,etat,base,montant,montant_employeur,net,verse\n",
            ),
            Format::Json => self.output.text("{\"ecarts\":["),
            Format::Texte => {}
        }
    }

    fn add(&mut self, rows: &[DueRow]) {
        self.start();
        let mut text = String::new();
        for row in rows {
            match self.output.format {
                Format::Csv => csv_row(&mut text, row),
                Format::Json => {
                    let comma = if self.first { "" } else { "," };
                    // Writing to a text cannot fail.
                    let _ = write!(text, "{comma}\n{}", json_row(row));
                }
                Format::Texte => {}
            }
            self.first = false;
        }
        if !text.is_empty() {
            self.output.text(&text);
        }
    }

    fn end(&mut self, totals: &DueTotals) {
        self.start();
        match self.output.format {
            Format::Csv => {}
            Format::Json => self.output.text(&format!("],\"totaux\":{}}}\n", json_totals(totals))),
            Format::Texte => self.output.text(&text(totals)),
        }
    }
}

fn amounts(row: &DueRow) -> [String; 4] {
    [row.base, row.montant, row.employeur, row.net]
        .map(|cents| Amount::from_cents(cents).to_string())
}

fn csv_row(text: &mut String, row: &DueRow) {
    let cell = |text: &str| match text.contains(['"', ',', ';', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let (agent, contrat) = (cell(&row.agent), cell(&row.contrat));
    let [base, montant, employeur, net] = amounts(row);
    let verse = if row.verse { "oui" } else { "non" };
    let (siret, mois, rubrique, etat) = (row.siret, row.mois, &row.rubrique, row.etat);
    let _ = writeln!(
        text,
        "{siret},{agent},{contrat},{mois},{rubrique},{etat},{base},{montant},{employeur},{net},{verse}"
    );
}

fn json_row(row: &DueRow) -> Value {
    let [base, montant, employeur, net] = amounts(row);
    json!({
        "siret": row.siret.to_string(),
        "agent": &*row.agent,
        "contrat": &*row.contrat,
        "mois": row.mois.to_string(),
        "rubrique": &*row.rubrique,
        "etat": row.etat,
        "base": base,
        "montant": montant,
        "montant_employeur": employeur,
        "net": net,
        "verse": row.verse,
    })
}

fn json_totals(totals: &DueTotals) -> Value {
    let sums = |name: String, sums: &DueSums| {
        json!({
            "nom": name,
            "ecarts": sums.ecarts,
            "net": Amount::from_cents(sums.net).to_string(),
            "montant_employeur": Amount::from_cents(sums.employeur).to_string(),
        })
    };
    let mois = totals.mois.iter().map(|(mois, one)| sums(mois.to_string(), one));
    let employeurs = totals.employeurs.iter().map(|(siret, one)| sums(siret.to_string(), one));
    let rubriques = totals.rubriques.iter().map(|(code, one)| sums(code.to_string(), one));
    json!({
        "paiement": totals.paiement.map(|mois| mois.to_string()),
        "mois": mois.collect::<Vec<_>>(),
        "employeurs": employeurs.collect::<Vec<_>>(),
        "rubriques": rubriques.collect::<Vec<_>>(),
        "hors_limite": sums(String::new(), &totals.hors_limite),
        "impossibles": totals.impossibles,
        "agents": totals.agents,
        "bloques": totals.bloques,
        "absents": totals.absents,
    })
}

fn text(totals: &DueTotals) -> String {
    let mut text = String::new();
    if !totals.mois.is_empty() {
        table(&mut text, "mois", totals.mois.iter().map(|(mois, one)| (mois.french(), *one)));
        let employeurs = totals.employeurs.iter().map(|(siret, one)| (siret.to_string(), *one));
        table(&mut text, "employeur", employeurs);
        let rubriques = totals.rubriques.iter().map(|(code, one)| (code.to_string(), *one));
        table(&mut text, "rubrique", rubriques);
    }
    let out = &mut text;
    let beyond = totals.hors_limite;
    if beyond.ecarts > 0 {
        let net = Amount::from_cents(beyond.net).french();
        let _ = writeln!(
            out,
            "beyond the limits, left alone: {} differences, net {net}",
            beyond.ecarts
        );
    }
    if totals.impossibles > 0 {
        let _ =
            writeln!(out, "{} months of contracts cannot be computed again", totals.impossibles);
    }
    if totals.bloques > 0 {
        let _ = writeln!(out, "{} agents have rows that are wrong: left out", totals.bloques);
    }
    if totals.absents > 0 {
        let count = totals.absents;
        let _ = writeln!(out, "{count} agents of the closed months are not in the pool: left out");
    }
    let _ = match totals.paiement.filter(|_| !totals.mois.is_empty()) {
        Some(mois) => {
            writeln!(out, "{} agents; to be paid or taken back with {mois}", totals.agents)
        }
        None => writeln!(out, "{} agents: what was due is what is due", totals.agents),
    };
    text
}

/// A table of sums, its greatest rows, and the whole.
fn table(out: &mut String, title: &str, rows: impl Iterator<Item = (String, DueSums)>) {
    let mut rows: Vec<(String, DueSums)> = rows.collect();
    let all = rows.len();
    let mut whole = DueSums::default();
    for (_, one) in &rows {
        whole.ecarts += one.ecarts;
        whole.net += one.net;
        whole.employeur += one.employeur;
    }
    if all > LISTED {
        rows.sort_by_key(|(_, one)| std::cmp::Reverse(one.net.abs() + one.employeur.abs()));
        rows.truncate(LISTED);
    }
    let _ = writeln!(out, "{title:<30} {:>9} {:>18} {:>18}", "écarts", "net", "employeur");
    let mut line = |name: &str, one: DueSums| {
        let [net, employeur] = [one.net, one.employeur].map(|c| Amount::from_cents(c).french());
        let _ = writeln!(out, "{name:<30} {:>9} {net:>18} {employeur:>18}", one.ecarts);
    };
    rows.iter().for_each(|(name, one)| line(name, *one));
    if all > rows.len() {
        line(&format!("… {all} en tout"), whole);
    } else {
        line("total", whole);
    }
    out.push('\n');
}
