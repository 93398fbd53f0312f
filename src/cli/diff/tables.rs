//! Differences as tables for people, in French.

use std::collections::BTreeMap;

use crate::batch::Compared;
use crate::cli::run::shortened;
use crate::compare::{Change, EmployeurDifference, RubriqueDifference, Rubriques, SlipDifference};
use crate::num::Amount;

use super::Title;

/// Employers listed one by one.
const LISTED: usize = 40;

/// An amount with its sign: `+12,00 €`, `=` when nothing moves.
pub fn signed(cents: i64) -> String {
    match cents {
        0 => "=".to_owned(),
        cents if cents > 0 => format!("+{}", Amount::from_cents(cents).french()),
        cents => Amount::from_cents(cents).french(),
    }
}

/// A number and its noun, with the mark of the plural.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count > 1 { many } else { one })
}

/// The whole report.
pub fn text(compared: &Compared, title: &Title, room: usize) -> String {
    let differences = &compared.differences;
    let total = differences.total();
    let mut text = format!("{}\n", title.french);
    for note in &title.notes {
        text.push_str(&format!("  {note}\n"));
    }
    text.push_str(&format!(
        "{} sur {}",
        plural(differences.touched, "agent touché", "agents touchés"),
        plural(differences.agents, "agent comparé", "agents comparés")
    ));
    if differences.unread > 0 {
        let unread = plural(differences.unread, "agent illisible", "agents illisibles");
        text.push_str(&format!(", {unread} des deux côtés"));
    }
    text.push_str(&format!("\n{}\n", counts(&total)));
    if total.counts.differing() == 0 {
        text.push_str("aucun écart\n");
        return text;
    }
    employers(compared, &total, &mut text);
    rubriques(compared, &total, &mut text);
    greatest(compared, &mut text);
    states(compared, &total, room, &mut text);
    text
}

fn counts(total: &EmployeurDifference) -> String {
    let words = |change: Change| match change {
        Change::Identique => ("identique", "identiques"),
        Change::Presentation => ("dont seul le texte change", "dont seul le texte change"),
        Change::Montants => ("dont un montant change", "dont un montant change"),
        Change::Apparait => ("apparaît", "apparaissent"),
        Change::Disparait => ("disparaît", "disparaissent"),
        Change::SeBloque => ("se bloque", "se bloquent"),
        Change::SeDebloque => ("se débloque", "se débloquent"),
        Change::ResteBloque => ("reste bloqué", "restent bloqués"),
    };
    let each = Change::ALL.iter().map(|&change| (total.counts.of(change), words(change)));
    let said: Vec<String> = (each.filter(|(count, _)| *count > 0))
        .map(|(count, (one, many))| plural(count, one, many))
        .collect();
    let all = plural(total.counts.all(), "bulletin", "bulletins");
    if said.is_empty() { all } else { format!("{all} : {}", said.join(", ")) }
}

fn row(title: &str, count: &str, amounts: &[String]) -> String {
    let mut text = format!("{title:<44} {count:>9}");
    for amount in amounts {
        text.push_str(&format!(" {amount:>14}"));
    }
    format!("{}\n", text.trim_end())
}

fn employers(compared: &Compared, total: &EmployeurDifference, text: &mut String) {
    let heads = ["brut", "net à payer", "coût"].map(str::to_owned);
    text.push_str(&format!("\n{}", row("Employeur", "bulletins", &heads)));
    let gaps = |one: &EmployeurDifference| -> Vec<String> {
        one.before.iter().zip(one.after).map(|(old, new)| signed(new - old)).collect()
    };
    let differing = compared.differences.employeurs.iter();
    let differing = differing.filter(|(_, one)| one.counts.differing() > 0);
    for (siret, one) in differing.clone().take(LISTED) {
        let nom = compared.noms.get(siret).map_or("", String::as_str);
        let title = format!("{siret} {}", shortened(nom, 29));
        text.push_str(&row(title.trim_end(), &one.counts.differing().to_string(), &gaps(one)));
    }
    let rest = differing.count().saturating_sub(LISTED);
    if rest > 0 {
        let others =
            plural(u64::try_from(rest).unwrap_or(0), "autre employeur", "autres employeurs");
        text.push_str(&format!("… {others} : `--format csv --par employeur`\n"));
    }
    text.push_str(&row("Total", &total.counts.differing().to_string(), &gaps(total)));
}

/// The places of rubriques that change, in the order of the payslip.
pub fn ordered(
    found: &BTreeMap<usize, RubriqueDifference>,
    rubriques: &Rubriques,
) -> Vec<(usize, RubriqueDifference)> {
    let mut all: Vec<(usize, RubriqueDifference)> =
        found.iter().map(|(&place, &one)| (place, one)).collect();
    all.sort_by_key(|&(place, _)| {
        rubriques.get(place).map(|rubrique| (rubrique.ordre, rubrique.code.clone()))
    });
    all
}

fn rubriques(compared: &Compared, total: &EmployeurDifference, text: &mut String) {
    let all = ordered(&total.rubriques, &compared.rubriques);
    let is_total = |place: usize| {
        compared.rubriques.get(place).is_some_and(|rubrique| rubrique.nature == "total")
    };
    for totals in [false, true] {
        let mut rows = all.iter().filter(|(place, _)| is_total(*place) == totals).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let (title, heads) = if totals {
            ("Total du bulletin", vec!["montant".to_owned()])
        } else {
            ("Rubrique", ["part agent", "part employeur"].map(str::to_owned).to_vec())
        };
        text.push_str(&format!("\n{}", row(title, "bulletins", &heads)));
        for (place, one) in rows {
            let Some(rubrique) = compared.rubriques.get(*place) else { continue };
            let title = format!("{}  {}", rubrique.code, rubrique.libelle);
            let sides = [signed(one.agent), signed(one.employeur)];
            let amounts = if totals { &sides[..1] } else { &sides[..] };
            text.push_str(&row(&shortened(&title, 44), &one.bulletins.to_string(), amounts));
        }
    }
}

fn greatest(compared: &Compared, text: &mut String) {
    let mut all = compared.differences.top.iter().peekable();
    if all.peek().is_none() {
        return;
    }
    text.push_str("\nPlus gros écarts\n");
    for one in all {
        let net = [one.before, one.after].map(|totals| totals.map_or(0, |totals| totals[1]));
        let [old, new] = net.map(|cents| Amount::from_cents(cents).french());
        let [_, net, cout] = one.gaps();
        text.push_str(&format!(
            "  {}  net {old} → {new} ({}), coût {}\n",
            who(one),
            signed(net),
            signed(cout)
        ));
        if let Some(main) = main_line(one, &compared.rubriques) {
            text.push_str(&format!("      {main}\n"));
        }
    }
}

fn who(one: &SlipDifference) -> String {
    format!("{} {} {}", one.siret, one.agent, one.contrat)
}

/// The rubrique that moves most, the totals left out.
fn main_line(one: &SlipDifference, rubriques: &Rubriques) -> Option<String> {
    let counted = one.rubriques.iter().filter_map(|(place, gaps)| {
        let rubrique = rubriques.get(*place)?;
        let total = matches!(rubrique.nature.as_str(), "total" | "information");
        (!total).then_some((rubrique, *gaps))
    });
    let size = |gaps: [i64; 2]| gaps[0].unsigned_abs().max(gaps[1].unsigned_abs());
    let (rubrique, [agent, employeur]) = counted.rev().max_by_key(|(_, gaps)| size(*gaps))?;
    let mut said = Vec::new();
    if agent != 0 {
        said.push(if rubrique.nature == "cotisation" {
            format!("part agent {}", signed(agent))
        } else {
            signed(agent)
        });
    }
    if employeur != 0 {
        said.push(format!("part employeur {}", signed(employeur)));
    }
    Some(format!("{} : {}", rubrique.libelle, said.join(", ")))
}

fn states(compared: &Compared, total: &EmployeurDifference, room: usize, text: &mut String) {
    let all = &compared.differences.states;
    if all.is_empty() {
        return;
    }
    text.push_str("\nBulletins qui apparaissent, disparaissent ou changent d'état\n");
    for one in all {
        let said = match one.change {
            Change::Apparait => "apparaît",
            Change::Disparait => "disparaît",
            Change::SeBloque => "se bloque",
            _ => "se débloque",
        };
        let net = one.after.or(one.before).map_or_else(String::new, |totals| {
            format!(" (net {})", Amount::from_cents(totals[1]).french())
        });
        text.push_str(&format!("  {}  {said}{net}\n", who(one)));
    }
    let kinds = [Change::Apparait, Change::Disparait, Change::SeBloque, Change::SeDebloque];
    let count: u64 = kinds.iter().map(|&change| total.counts.of(change)).sum();
    let shown = u64::try_from(room).unwrap_or(u64::MAX).min(count);
    if count > shown {
        text.push_str(&format!("… {} autres : `--format csv`\n", count - shown));
    }
}
