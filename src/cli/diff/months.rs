//! `paie diff mois`: why each net moves from the month before.

use std::path::Path;

use serde_json::{Value, json};

use crate::batch::{self, CompareOptions, Held, Rules as Side, Varied};
use crate::cli::archive::open;
use crate::cli::args::{Common, Format, PoolMonth};
use crate::cli::output::{Outcome, Output};
use crate::cli::rulebook;
use crate::cli::run::{failed, finding_line, progress_bar, shortened};
use crate::compare::{Cause, CauseTotal, EmployeurVariation, Part, Variation};
use crate::num::Amount;

use super::export::{List, csv_rows, plain};
use super::tables::{plural, signed};

/// Employers listed one by one.
const LISTED: usize = 40;

/// Computes two months and prints the causes.
pub fn run(
    common: &Common,
    quoi: &PoolMonth,
    (archive, room): (Option<&Path>, usize),
    output: &Output,
) -> Result<Outcome, Outcome> {
    let rules = rulebook::checked(common, output)?;
    let Some(book) = &rules.book else { return Err(Outcome::Failed) };
    let months = [quoi.mois.previous(), quoi.mois];
    let program = |mois| rulebook::month(&rules, common, mois, common.connu_le, output);
    let [before, after] = [program(months[0])?, program(months[1])?];
    let side = |program, mois| Side { book, program, au_dela: rules.beyond(mois) };
    let options = CompareOptions {
        pool: &quoi.pool,
        threads: common.threads,
        top: room,
        detail: output.format != Format::Texte,
    };
    let archive = archive.map(|path| open(path, output)).transpose()?;
    let bar = progress_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let head = json!({"version": 1, "comparaison": "mois", "mois": quoi.mois.to_string(),
        "mois_precedent": months[0].to_string()});
    let mut list = List::new(output, &head, "contrats");
    let mut started = false;
    let mut csv = |found: &[Variation]| {
        if !started {
            output.text(&csv_rows([HEAD.map(str::to_owned)]));
            started = true;
        }
        output.text(&csv_rows(found.iter().flat_map(cells)));
    };
    let mut rows = |found: Vec<Variation>| match output.format {
        Format::Json => list.rows(found.iter().map(value)),
        _ => csv(&found),
    };
    let sides = (side(&before, months[0]), side(&after, months[1]));
    let held = archive.as_ref().map(|archive| Held { archive, texts: &rules.digest });
    let result = batch::variation(sides, held, &options, &progress, &mut rows);
    bar.finish_and_clear();
    let varied = result.map_err(|error| failed(error, &rules, &quoi.pool, output))?;
    output.warn(&varied.findings.iter().map(finding_line).collect::<String>());
    match output.format {
        Format::Json => list.finish(&totals(&varied)),
        Format::Csv => csv(&[]),
        Format::Texte if output.quiet => {}
        Format::Texte => output.text(&text(&varied, quoi)),
    }
    let total = varied.variations.total();
    let moves = total.moved + total.blocked + varied.variations.unread > 0;
    Ok(if moves { Outcome::Look } else { Outcome::Good })
}

const HEAD: [&str; 13] = [
    "siret",
    "agent",
    "contrat",
    "etat_avant",
    "etat_apres",
    "net_avant",
    "net_apres",
    "ecart",
    "cause",
    "precision",
    "montant",
    "confondu_avec",
    "detail",
];

/// One row a cause; one row without a cause for a contract that is blocked.
fn cells(one: &Variation) -> Vec<Vec<String>> {
    let amount = |cents: Option<i64>| cents.map_or_else(String::new, plain);
    let start = [
        one.siret.to_string(),
        one.agent.to_string(),
        one.contrat.to_string(),
        one.before.name().to_owned(),
        one.after.name().to_owned(),
        amount(one.before.net()),
        amount(one.after.net()),
        amount(one.gap()),
    ];
    let row = |end: [String; 5]| start.iter().cloned().chain(end).collect::<Vec<_>>();
    if one.parts.is_empty() {
        return vec![row([const { String::new() }; 5])];
    }
    let part = |part: &Part| {
        let (cause, precision) = part.cause.names();
        row([
            cause.to_owned(),
            precision.to_owned(),
            plain(part.cents),
            merged(part).join(" + "),
            part.detail.clone(),
        ])
    };
    one.parts.iter().map(part).collect()
}

/// The causes that could not be told from a part: `fait/carriere`, `regle`.
fn merged(part: &Part) -> Vec<String> {
    let name = |cause: &Cause| match cause.names() {
        (cause, "") => cause.to_owned(),
        (cause, precision) => format!("{cause}/{precision}"),
    };
    part.merged.iter().map(name).collect()
}

fn value(one: &Variation) -> Value {
    let parts = one.parts.iter().map(|part| {
        let (cause, precision) = part.cause.names();
        json!({
            "cause": cause,
            "precision": precision,
            "montant": plain(part.cents),
            "confondu_avec": merged(part),
            "detail": part.detail,
        })
    });
    json!({
        "siret": one.siret.to_string(),
        "agent": &*one.agent,
        "contrat": &*one.contrat,
        "avant": {"etat": one.before.name(), "net": one.before.net().map(plain)},
        "apres": {"etat": one.after.name(), "net": one.after.net().map(plain)},
        "ecart": one.gap().map(plain),
        "causes": parts.collect::<Vec<_>>(),
    })
}

fn causes(one: &EmployeurVariation) -> Vec<(Cause, CauseTotal)> {
    let each = Cause::ALL.iter();
    each.filter_map(|cause| Some((*cause, *one.causes.get(cause)?))).collect()
}

fn summary(one: &EmployeurVariation) -> Value {
    let each = causes(one).into_iter().map(|(cause, total)| {
        let (cause, precision) = cause.names();
        json!({
            "cause": cause,
            "precision": precision,
            "bulletins": total.bulletins,
            "montant": plain(total.cents),
        })
    });
    json!({
        "contrats": one.contrats,
        "changes": one.moved,
        "bloques": one.blocked,
        "confondus": one.merged,
        "net_avant": plain(one.before),
        "net_apres": plain(one.after),
        "ecart": plain(one.after - one.before),
        "causes": each.collect::<Vec<_>>(),
    })
}

fn totals(varied: &Varied) -> Value {
    let all = &varied.variations;
    let employeurs = all.employeurs.iter().map(|(siret, one)| {
        json!({
            "siret": siret.to_string(),
            "nom": varied.noms.get(siret),
            "variation": summary(one),
        })
    });
    json!({
        "agents": {"calcules": all.agents, "illisibles": all.unread},
        "total": summary(&all.total()),
        "employeurs": employeurs.collect::<Vec<_>>(),
        "plus_fortes": all.top.iter().map(value).collect::<Vec<_>>(),
    })
}

fn text(varied: &Varied, quoi: &PoolMonth) -> String {
    let all = &varied.variations;
    let total = all.total();
    let before = quoi.mois.previous();
    let mut text = format!("{} après {}\n", quoi.mois.french(), before.french());
    text.push_str(&format!(
        "{} : {}",
        plural(total.contrats, "contrat", "contrats"),
        plural(total.moved, "net qui bouge", "nets qui bougent"),
    ));
    if total.blocked > 0 {
        let blocked = plural(total.blocked, "variation inconnue", "variations inconnues");
        text.push_str(&format!(", {blocked} (bulletin bloqué)"));
    }
    if all.unread > 0 {
        text.push_str(&format!("; {}", plural(all.unread, "agent illisible", "agents illisibles")));
    }
    text.push_str(&format!("\n\n{:<44} {:>9} {:>16}\n", "Cause", "bulletins", "net à payer"));
    for (cause, sums) in causes(&total) {
        let (title, count) = (cause.french(), sums.bulletins);
        text.push_str(&format!("{title:<44} {count:>9} {:>16}\n", signed(sums.cents)));
    }
    let gap = signed(total.after - total.before);
    text.push_str(&format!("{:<44} {:>9} {gap:>16}\n", "Total", total.moved));
    if total.merged > 0 {
        text.push_str(&format!(
            "{} où une étape seule n'a pas pu être calculée : sa part est dans la suivante\n",
            plural(total.merged, "contrat", "contrats")
        ));
    }
    employers(varied, &mut text);
    greatest(varied, &mut text);
    text
}

fn employers(varied: &Varied, text: &mut String) {
    let all = varied.variations.employeurs.iter().filter(|(_, one)| one.moved > 0);
    if all.clone().count() > 1 {
        text.push_str(&format!("\n{:<44} {:>9} {:>16}\n", "Employeur", "bulletins", "écart"));
        for (siret, one) in all.clone().take(LISTED) {
            let nom = varied.noms.get(siret).map_or("", String::as_str);
            let title = format!("{siret} {}", shortened(nom, 29));
            let gap = signed(one.after - one.before);
            text.push_str(&format!("{title:<44} {:>9} {gap:>16}\n", one.moved));
        }
        let rest = all.count().saturating_sub(LISTED);
        if rest > 0 {
            text.push_str(&format!("… {rest} autres employeurs : `--format json`\n"));
        }
    }
}

fn greatest(varied: &Varied, text: &mut String) {
    let mut all = varied.variations.top.iter().peekable();
    if all.peek().is_none() {
        return;
    }
    text.push_str("\nPlus fortes variations\n");
    for one in all {
        let net = |cents: Option<i64>| {
            cents.map_or_else(|| "—".to_owned(), |cents| Amount::from_cents(cents).french())
        };
        text.push_str(&format!(
            "  {} {} {}  {} → {} ({})\n",
            one.siret,
            one.agent,
            one.contrat,
            net(one.before.net()),
            net(one.after.net()),
            signed(one.gap().unwrap_or(0))
        ));
        let Some(main) = one.main() else { continue };
        let detail = |part: &Part| match part.detail.as_str() {
            "" => String::new(),
            detail => format!(" ({detail})"),
        };
        let title = main.cause.french();
        text.push_str(&format!("      {title} {}{}\n", signed(main.cents), detail(main)));
        for other in one.parts.iter().filter(|part| !std::ptr::eq(*part, main)) {
            let title = other.cause.french();
            // Rappels of both months stand side by side: only their months tell them apart.
            let which = if other.cause == Cause::Rappel { detail(other) } else { String::new() };
            text.push_str(&format!("      {title} {}{which}\n", signed(other.cents)));
        }
    }
}
