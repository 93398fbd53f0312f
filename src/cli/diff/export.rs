//! Differences for programs and spreadsheets, row by row as they come.

use serde_json::{Value, json};

use crate::batch::Compared;
use crate::cli::args::{Format, Par};
use crate::cli::output::Output;
use crate::compare::{Change, Counts, EmployeurDifference, Rubriques, SlipDifference, TOTALS};
use crate::num::Amount;

use super::Title;
use super::tables::ordered;

/// Cents as files write them.
pub fn plain(cents: i64) -> String {
    Amount::from_cents(cents).to_string()
}

/// Rows of CSV.
pub fn csv_rows<R: AsRef<[String]>>(rows: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail.
        let _ = writer.write_record(row.as_ref());
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The rows of a JSON list that is printed as it comes.
pub struct List<'o> {
    output: &'o Output,
    head: String,
    started: bool,
    empty: bool,
}

impl<'o> List<'o> {
    /// A document whose `head` holds what comes before the list `nom`.
    pub fn new(output: &'o Output, head: &Value, nom: &str) -> Self {
        let mut text = head.to_string();
        text.truncate(text.len().saturating_sub(1));
        let comma = if text == "{" { "" } else { "," };
        let head = format!("{text}{comma}\n\"{nom}\":[");
        Self { output, head, started: false, empty: true }
    }

    fn start(&mut self) {
        if !self.started {
            self.output.text(&self.head);
            self.started = true;
        }
    }

    /// Adds rows.
    pub fn rows(&mut self, rows: impl Iterator<Item = Value>) {
        self.start();
        let mut text = String::new();
        for row in rows {
            text.push_str(if self.empty { "\n" } else { ",\n" });
            text.push_str(&row.to_string());
            self.empty = false;
        }
        self.output.text(&text);
    }

    /// Ends the document with what comes after the list.
    pub fn finish(mut self, tail: &Value) {
        self.start();
        let tail = tail.to_string();
        let rest = tail.strip_prefix('{').unwrap_or(&tail);
        self.output.text(&format!("\n],\n{rest}\n"));
    }
}

/// Where differences go.
pub struct Export<'o> {
    output: &'o Output,
    par: Par,
    list: List<'o>,
    started: bool,
}

const HEAD: [&str; 13] = [
    "siret",
    "agent",
    "contrat",
    "changement",
    "brut_avant",
    "brut_apres",
    "net_avant",
    "net_apres",
    "cout_avant",
    "cout_apres",
    "ecart_brut",
    "ecart_net",
    "ecart_cout",
];

fn strings<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl<'o> Export<'o> {
    /// Nothing is printed before the first row.
    pub fn new(output: &'o Output, par: Par, title: &Title) -> Self {
        let head = json!({
            "version": 1,
            "comparaison": title.kind,
            "mois": title.mois,
            "avant": title.sides[0],
            "apres": title.sides[1],
            "notes": title.notes,
        });
        Self { output, par, list: List::new(output, &head, "bulletins"), started: false }
    }

    /// Payslips that differ.
    pub fn rows(&mut self, rubriques: &Rubriques, found: &[SlipDifference]) {
        match self.output.format {
            Format::Json => self.list.rows(found.iter().map(|one| slip(one, rubriques))),
            Format::Csv => {
                self.head();
                self.output.text(&csv_rows(found.iter().map(cells)));
            }
            Format::Texte => {}
        }
    }

    fn head(&mut self) {
        if !self.started {
            self.output.text(&csv_rows([strings(HEAD)]));
            self.started = true;
        }
    }

    /// What is left once everything was compared.
    pub fn finish(mut self, compared: &Compared) {
        if self.output.format == Format::Json {
            self.list.finish(&totals(compared));
            return;
        }
        match self.par {
            Par::Bulletin => self.head(),
            Par::Employeur => self.output.text(&csv_rows(employers(compared))),
            Par::Rubrique => self.output.text(&csv_rows(rubriques(compared))),
            Par::Detail => self.output.text(&csv_rows(details(compared))),
        }
    }
}

fn cells(one: &SlipDifference) -> Vec<String> {
    let mut row = vec![
        one.siret.to_string(),
        one.agent.to_string(),
        one.contrat.to_string(),
        one.change.name().to_owned(),
    ];
    let cell = |side: Option<[i64; 3]>, at: usize| {
        side.and_then(|totals| totals.get(at).copied()).map_or_else(String::new, plain)
    };
    for at in 0..TOTALS.len() {
        row.extend([cell(one.before, at), cell(one.after, at)]);
    }
    row.extend(one.gaps().map(plain));
    row
}

fn slip(one: &SlipDifference, rubriques: &Rubriques) -> Value {
    let each = one.rubriques.iter().filter_map(|(place, [agent, employeur])| {
        let rubrique = rubriques.get(*place)?;
        Some(json!({
            "rubrique": rubrique.code,
            "ecart_agent": plain(*agent),
            "ecart_employeur": plain(*employeur),
        }))
    });
    json!({
        "siret": one.siret.to_string(),
        "agent": &*one.agent,
        "contrat": &*one.contrat,
        "changement": one.change.name(),
        "totaux": gaps(one.before, one.after),
        "rubriques": each.collect::<Vec<_>>(),
    })
}

/// Totals before and after, by name; null where nothing is paid.
fn gaps(before: Option<[i64; 3]>, after: Option<[i64; 3]>) -> Value {
    let side =
        |totals: Option<[i64; 3]>, at: usize| totals.and_then(|totals| totals.get(at).copied());
    let one = |(at, nom): (usize, &&str)| {
        let (old, new) = (side(before, at), side(after, at));
        let gap = plain(new.unwrap_or(0) - old.unwrap_or(0));
        let value = json!({"avant": old.map(plain), "apres": new.map(plain), "ecart": gap});
        ((*nom).to_owned(), value)
    };
    Value::Object(TOTALS.iter().enumerate().map(one).collect())
}

fn counts(counts: &Counts) -> Value {
    let each = Change::ALL.iter();
    Value::Object(
        each.map(|&change| (change.name().to_owned(), json!(counts.of(change)))).collect(),
    )
}

fn of_rubriques(one: &EmployeurDifference, rubriques: &Rubriques) -> Vec<Value> {
    let each = ordered(&one.rubriques, rubriques).into_iter();
    each.filter_map(|(place, gap)| {
        let rubrique = rubriques.get(place)?;
        Some(json!({
            "rubrique": rubrique.code,
            "libelle": rubrique.libelle,
            "nature": rubrique.nature,
            "bulletins": gap.bulletins,
            "ecart_agent": plain(gap.agent),
            "ecart_employeur": plain(gap.employeur),
        }))
    })
    .collect()
}

fn totals(compared: &Compared) -> Value {
    let differences = &compared.differences;
    let total = differences.total();
    let differing = differences.employeurs.iter().filter(|(_, one)| one.counts.differing() > 0);
    let employeurs = differing.map(|(siret, one)| {
        json!({
            "siret": siret.to_string(),
            "nom": compared.noms.get(siret),
            "bulletins": counts(&one.counts),
            "totaux": gaps(Some(one.before), Some(one.after)),
            "rubriques": of_rubriques(one, &compared.rubriques),
        })
    });
    let top = differences.top.iter().map(|one| slip(one, &compared.rubriques));
    json!({
        "agents": {
            "compares": differences.agents,
            "touches": differences.touched,
            "illisibles": differences.unread,
        },
        "changements": counts(&total.counts),
        "totaux": gaps(Some(total.before), Some(total.after)),
        "employeurs": employeurs.collect::<Vec<_>>(),
        "rubriques": of_rubriques(&total, &compared.rubriques),
        "plus_gros_ecarts": top.collect::<Vec<_>>(),
    })
}

fn employers(compared: &Compared) -> Vec<Vec<String>> {
    let head = [
        "siret",
        "nom",
        "bulletins",
        "differents",
        "brut_avant",
        "brut_apres",
        "net_avant",
        "net_apres",
        "cout_avant",
        "cout_apres",
        "ecart_brut",
        "ecart_net",
        "ecart_cout",
    ];
    let mut rows = vec![strings(head)];
    for (siret, one) in &compared.differences.employeurs {
        let mut row = vec![
            siret.to_string(),
            compared.noms.get(siret).cloned().unwrap_or_default(),
            one.counts.all().to_string(),
            one.counts.differing().to_string(),
        ];
        let pairs = || one.before.iter().zip(one.after);
        row.extend(pairs().flat_map(|(old, new)| [plain(*old), plain(new)]));
        row.extend(pairs().map(|(old, new)| plain(new - old)));
        rows.push(row);
    }
    rows
}

fn rubriques(compared: &Compared) -> Vec<Vec<String>> {
    let head = ["rubrique", "libelle", "nature", "bulletins", "ecart_agent", "ecart_employeur"];
    let mut rows = vec![strings(head)];
    let total = compared.differences.total();
    for (place, gap) in ordered(&total.rubriques, &compared.rubriques) {
        let Some(rubrique) = compared.rubriques.get(place) else { continue };
        rows.push(vec![
            rubrique.code.clone(),
            rubrique.libelle.clone(),
            rubrique.nature.clone(),
            gap.bulletins.to_string(),
            plain(gap.agent),
            plain(gap.employeur),
        ]);
    }
    rows
}

fn details(compared: &Compared) -> Vec<Vec<String>> {
    let head = ["siret", "rubrique", "bulletins", "ecart_agent", "ecart_employeur"];
    let mut rows = vec![strings(head)];
    for (siret, one) in &compared.differences.employeurs {
        for (place, gap) in ordered(&one.rubriques, &compared.rubriques) {
            let Some(rubrique) = compared.rubriques.get(place) else { continue };
            rows.push(vec![
                siret.to_string(),
                rubrique.code.clone(),
                gap.bulletins.to_string(),
                plain(gap.agent),
                plain(gap.employeur),
            ]);
        }
    }
    rows
}
