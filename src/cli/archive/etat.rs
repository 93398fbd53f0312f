//! `paie archive etat`: where each month is, and how old the last proof of a backup is.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::DateTime;
use indicatif::DecimalBytes;
use serde_json::{Value, json};

use crate::archive::{Archive, Entry, Etat, Event};
use crate::batch::KeptMonth;
use crate::calendar::PayPeriod;

use super::super::args::Format;
use super::super::output::{Outcome, Output};
use super::{csv_text, failed, now, open, unreadable};

/// Shows the months, or the employers of one.
pub fn run(path: &Path, only: Option<PayPeriod>, output: &Output) -> Result<Outcome, Outcome> {
    let archive = open(path, output)?;
    let text = match only {
        None => months(&archive, output.format),
        Some(mois) => employers(&archive, mois, output)?,
    };
    output.text(&text);
    Ok(Outcome::Good)
}

/// Employers of a month: how many, then at each state.
fn counts(archive: &Archive, mois: PayPeriod) -> [usize; 4] {
    let mut counts = [0; 4];
    for (_, state) in archive.employers(mois) {
        let [all, prepare, valide, clos] = &mut counts;
        *all += 1;
        match state.etat {
            Etat::Absent => {}
            Etat::Prepare => *prepare += 1,
            Etat::Valide => *valide += 1,
            Etat::Clos => *clos += 1,
        }
    }
    counts
}

fn months(archive: &Archive, format: Format) -> String {
    let rows = archive.months().map(|mois| (mois, counts(archive, mois)));
    match format {
        Format::Csv => {
            let cells = |(mois, [all, prepare, valide, clos]): (PayPeriod, [usize; 4])| {
                let [a, p, v, c] = [all, prepare, valide, clos].map(|count| count.to_string());
                [mois.to_string(), a, p, v, c]
            };
            let header = ["mois", "employeurs", "prepare", "valide", "clos"];
            csv_text(header, &rows.map(cells).collect::<Vec<_>>())
        }
        Format::Json => {
            let rows = rows.map(|(mois, [all, prepare, valide, clos])| {
                json!({ "mois": mois.to_string(), "employeurs": all, "prepare": prepare,
                        "valide": valide, "clos": clos })
            });
            format!("{:#}\n", whole(archive, rows.collect()))
        }
        Format::Texte => {
            let mut text = String::from("mois     employeurs    prepare     valide       clos\n");
            for (mois, [all, prepare, valide, clos]) in rows {
                let mois = mois.to_string();
                let row = format!("{mois:<8} {all:>10} {prepare:>10} {valide:>10} {clos:>10}\n");
                text.push_str(&row);
            }
            text.push_str(&closing(archive));
            text
        }
    }
}

/// Bytes of the objects, as stored and once decompressed, and how many there are.
fn sizes(archive: &Archive) -> (usize, u64, u64) {
    let objects = archive.objects();
    let octets = objects.values().map(|object| object.octets).sum();
    let contenu = objects.values().map(|object| object.contenu).sum();
    (objects.len(), octets, contenu)
}

/// A proof as it is told: its month, where the copy is, its age in days, entries since.
fn proof(archive: &Archive) -> Option<(&Entry, &str, &str, i64, u64)> {
    let entry = archive.preuve()?;
    let Event::Preuve { mois, vers, .. } = &entry.evenement else { return None };
    let then = DateTime::parse_from_rfc3339(&entry.quand).ok()?;
    let days = now().signed_duration_since(then).num_days();
    let last = archive.journal().last().map_or(0, |last| last.numero);
    Some((entry, mois, vers, days, last.saturating_sub(entry.numero)))
}

fn whole(archive: &Archive, mois: Vec<Value>) -> Value {
    let (objets, octets, contenu) = sizes(archive);
    let preuve = proof(archive).map(|(entry, mois, vers, days, since)| {
        json!({ "mois": mois, "vers": vers, "quand": entry.quand, "qui": entry.qui,
                "jours": days, "entrees_depuis": since })
    });
    let tete = archive.journal().last().map(|last| &last.empreinte);
    json!({ "mois": mois, "entrees": archive.journal().len(), "tete": tete, "objets": objets,
            "octets": octets, "contenu": contenu, "preuve": preuve })
}

/// The last lines: the journal, the size, the last proof.
fn closing(archive: &Archive) -> String {
    let (objets, octets, contenu) = sizes(archive);
    let entries = archive.journal().len();
    let tete = archive.journal().last().map_or("none", |last| &last.empreinte);
    let (octets, contenu) = (DecimalBytes(octets), DecimalBytes(contenu));
    let proof = match proof(archive) {
        None => "no backup was proven: `paie archive sauvegarde`".to_owned(),
        Some((entry, mois, vers, days, since)) => format!(
            "last proof: {days} days ago, {since} entries since: {mois} computed again from `{vers}` \
             ({}, {})",
            entry.quand, entry.qui
        ),
    };
    format!(
        "{objets} objects, {octets} ({contenu} decompressed)\n{entries} entries, head {tete}\n\
         {proof}\n"
    )
}

/// Payslips of each employer: that can be paid, and blocked.
fn payslips(
    archive: &Archive,
    mois: PayPeriod,
    output: &Output,
) -> Result<BTreeMap<String, [u64; 2]>, Outcome> {
    let month = KeptMonth::open(archive, mois).map_err(|error| failed(&error, output))?;
    let mut found: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let read = month.rows("bulletins.csv", ["siret", "etat"], |[siret, etat]| {
        let [paid, blocked] = found.entry(siret.to_owned()).or_default();
        *(if etat == "bloque" { blocked } else { paid }) += 1;
    });
    read.map_err(|error| unreadable(&error, output))?;
    Ok(found)
}

fn employers(archive: &Archive, mois: PayPeriod, output: &Output) -> Result<String, Outcome> {
    if archive.employers(mois).next().is_none() {
        let message = format!("the archive has no run of {mois}");
        return Err(output.failed(&message, "`paie archive etat` lists the months"));
    }
    let payslips = payslips(archive, mois, output)?;
    let rows: Vec<[String; 6]> = archive
        .employers(mois)
        .map(|(siret, state)| {
            let (quand, qui) = state.entry.map_or(("", ""), |e| (&*e.quand, &*e.qui));
            let [paid, blocked] = payslips.get(siret).copied().unwrap_or_default();
            let etat = state.etat.to_string();
            [siret, &etat, &paid.to_string(), &blocked.to_string(), quand, qui].map(str::to_owned)
        })
        .collect();
    let header = ["siret", "etat", "payables", "bloques", "quand", "qui"];
    Ok(match output.format {
        Format::Csv => csv_text(header, &rows),
        Format::Json => {
            let rows = archive.employers(mois).map(|(siret, state)| {
                let [paid, blocked] = payslips.get(siret).copied().unwrap_or_default();
                let calcul = archive.calcul(mois, siret).map(|entry| entry.numero);
                json!({ "siret": siret, "etat": state.etat.to_string(), "payables": paid,
                        "bloques": blocked, "quand": state.entry.map(|entry| &entry.quand),
                        "qui": state.entry.map(|entry| &entry.qui), "calcul": calcul })
            });
            let rows: Vec<Value> = rows.collect();
            format!("{:#}\n", json!({ "mois": mois.to_string(), "employeurs": rows }))
        }
        Format::Texte => {
            let mut text = format!("{}\n", mois.french());
            let header = header.map(str::to_owned);
            for [siret, etat, paid, blocked, quand, qui] in std::iter::once(&header).chain(&rows) {
                let row = format!("{siret:<14}  {etat:<8} {paid:>8} {blocked:>8}  {quand:<20}  ");
                text.push_str(&format!("{row}{qui}\n"));
            }
            text
        }
    })
}
