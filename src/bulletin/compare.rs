//! Two payslips side by side: what appears, disappears, changes.

use serde::Serialize;

use super::text::{Page, cents, padded, right, taux, wrap};
use super::{Bulletin, Cents, FORMAT, Ligne, Situation};

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changement {
    /// Only the second payslip has it.
    Apparait,
    /// Only the first payslip has it.
    Disparait,
    /// Both have it, with other figures.
    Change,
}

/// The differences between two payslips.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Version of this form.
    pub version: u32,
    /// Whether each can be paid.
    pub payable: (bool, bool),
    /// What differs in the situation: name, before, after.
    pub situation: Vec<(String, String, String)>,
    /// Lines that differ, in the order of the payslip.
    pub lignes: Vec<LigneChangee>,
    /// How many lines are the same.
    pub inchangees: usize,
    /// Totals that differ.
    pub totaux: Vec<Ecart>,
}

/// A line that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LigneChangee {
    /// How.
    pub changement: Changement,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avant: Option<Ligne>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apres: Option<Ligne>,
}

/// A total before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ecart {
    /// Its name.
    pub nom: String,
    /// Before; none when blocked.
    pub avant: Option<Cents>,
    /// After; none when blocked.
    pub apres: Option<Cents>,
    /// After minus before.
    pub ecart: Option<Cents>,
}

/// Compares two payslips of the same contract.
pub fn diff(before: &Bulletin, after: &Bulletin) -> Difference {
    let (lignes, inchangees) = lines(&before.lignes, &after.lignes);
    Difference {
        version: FORMAT,
        payable: (before.payable(), after.payable()),
        situation: situation(before, after),
        lignes,
        inchangees,
        totaux: totals(before, after).into_iter().filter(|e| e.avant != e.apres).collect(),
    }
}

/// What makes two lines the same one.
fn key(line: &Ligne) -> (&str, &str, &str, &str) {
    (&line.rubrique, &line.libelle, &line.motif, &line.mois_origine)
}

/// Matches lines in order; several lines of one key are matched one to one.
fn lines(before: &[Ligne], after: &[Ligne]) -> (Vec<LigneChangee>, usize) {
    let mut left: Vec<Option<&Ligne>> = before.iter().map(Some).collect();
    let mut changes = Vec::new();
    let mut same = 0;
    let mut reached = 0;
    for line in after {
        let found = left.iter().position(|old| old.is_some_and(|old| key(old) == key(line)));
        let Some(at) = found else {
            let apres = Some(line.clone());
            changes.push(LigneChangee { changement: Changement::Apparait, avant: None, apres });
            continue;
        };
        // Lines that disappeared keep their place before the next one that both have.
        gone(&mut left, reached..at, after, &mut changes);
        reached = reached.max(at + 1);
        let Some(old) = left.get_mut(at).and_then(Option::take) else { continue };
        if old == line {
            same += 1;
        } else {
            let (avant, apres) = (Some(old.clone()), Some(line.clone()));
            changes.push(LigneChangee { changement: Changement::Change, avant, apres });
        }
    }
    let end = left.len();
    gone(&mut left, 0..end, &[], &mut changes);
    (changes, same)
}

fn gone(
    left: &mut [Option<&Ligne>],
    range: std::ops::Range<usize>,
    after: &[Ligne],
    changes: &mut Vec<LigneChangee>,
) {
    for place in left.get_mut(range).into_iter().flatten() {
        let later = place.is_some_and(|old| after.iter().any(|line| key(line) == key(old)));
        if later {
            continue;
        }
        if let Some(old) = place.take() {
            let avant = Some(old.clone());
            changes.push(LigneChangee { changement: Changement::Disparait, avant, apres: None });
        }
    }
}

fn situation(before: &Bulletin, after: &Bulletin) -> Vec<(String, String, String)> {
    let (Some(a), Some(b)) = (before.situations.last(), after.situations.last()) else {
        return Vec::new();
    };
    let number = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
    let list = |s: &Situation| {
        [
            ("statut", s.statut.clone()),
            ("régime", s.regime.clone()),
            ("catégorie", s.categorie.clone()),
            ("grade", s.grade.clone()),
            ("échelon", s.echelon.clone()),
            ("indice brut", s.indice_brut.clone()),
            ("indice majoré", number(s.indice_majore)),
            ("NBI", s.nbi.to_string()),
            ("quotité", s.quotite.clone()),
            ("durée hebdomadaire", s.duree_hebdo.clone()),
            ("zone de résidence", s.zone_ir.clone()),
        ]
    };
    let mut changes: Vec<(String, String, String)> = (list(a).into_iter().zip(list(b)))
        .filter(|((_, old), (_, new))| old != new)
        .map(|((nom, old), (_, new))| (nom.to_owned(), old, new))
        .collect();
    if before.trentiemes != after.trentiemes {
        let share = |bulletin: &Bulletin| format!("{}/30", bulletin.trentiemes);
        changes.push(("présence".to_owned(), share(before), share(after)));
    }
    changes
}

fn totals(before: &Bulletin, after: &Bulletin) -> Vec<Ecart> {
    let list = |bulletin: &Bulletin| {
        let t = &bulletin.totaux;
        [
            ("Total brut", t.brut),
            ("Cotisations de l'agent", Some(t.cotisations_agent)),
            ("Cotisations de l'employeur", Some(t.cotisations_employeur)),
            ("Montant net social", t.net_social),
            ("Net imposable", t.net_imposable),
            ("Net à payer avant impôt", t.net_avant_impot),
            ("Impôt prélevé à la source", t.pas),
            ("NET À PAYER", t.net_a_payer),
            ("Coût pour l'employeur", t.cout_employeur),
        ]
    };
    let pairs = list(before).into_iter().zip(list(after));
    pairs.map(|((nom, avant), (_, apres))| ecart(nom, avant, apres)).collect()
}

fn ecart(nom: &str, avant: Option<Cents>, apres: Option<Cents>) -> Ecart {
    let gap = avant.zip(apres).map(|(a, b)| Cents(b.0 - a.0));
    Ecart { nom: nom.to_owned(), avant, apres, ecart: gap }
}

// --- text ----------------------------------------------------------------------------------------

/// The differences as text: today, simulated, gap.
pub fn compare(before: &Bulletin, after: &Bulletin) -> String {
    let found = diff(before, after);
    let mut page = Page::default();
    page.rule('═');
    page.both(&format!("SIMULATION — {}", after.periode), &after.agent.id);
    page.rule('═');
    for (bulletin, what) in [(before, "Aujourd'hui"), (after, "Simulé")] {
        if !bulletin.payable() {
            page.line(&format!("{what} : BLOQUÉ"));
            for remarque in bulletin.remarques.iter().filter(|remarque| remarque.bloquant) {
                page.wrapped("  ✗ ", &format!("{} {}", remarque.code, remarque.message));
            }
        }
    }
    for (nom, avant, apres) in &found.situation {
        let shown = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
        page.wrapped("  ", &format!("{nom} : {} → {}", shown(avant), shown(apres)));
    }
    row(&mut page, "", ["Aujourd'hui", "Simulé", "Écart"].map(str::to_owned));
    page.rule('─');
    for line in &found.lignes {
        changed(&mut page, line);
    }
    if found.lignes.is_empty() {
        page.line("  aucune ligne ne change");
    }
    page.line(&format!("  {} sans changement", plural(found.inchangees, "ligne")));
    page.rule('─');
    for total in totals(before, after) {
        figures(&mut page, &format!("  {}", total.nom), &total);
    }
    page.rule('═');
    page.out
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count > 1 { "s" } else { "" })
}

const LABEL: usize = 58;

fn row(page: &mut Page, label: &str, cells: [String; 3]) {
    for (at, part) in wrap(label, LABEL).iter().enumerate() {
        let mut text = padded(part, LABEL);
        for cell in cells.iter().filter(|_| at == 0) {
            text.push(' ');
            text.push_str(&right(cell, 13));
        }
        page.line(&text);
    }
}

fn figures(page: &mut Page, label: &str, total: &Ecart) {
    let blocked = |amount: Option<Cents>| match amount {
        None => "BLOQUÉ".to_owned(),
        amount => cents(amount),
    };
    row(page, label, [blocked(total.avant), blocked(total.apres), signed(total.ecart)]);
}

fn signed(gap: Option<Cents>) -> String {
    match gap {
        None => String::new(),
        Some(Cents(0)) => "=".to_owned(),
        Some(gap) if gap.0 > 0 => format!("+{}", cents(Some(gap))),
        gap => cents(gap),
    }
}

/// A changed line: one row for the amount or the agent side, one for the employer side.
fn changed(page: &mut Page, line: &LigneChangee) {
    let Some(any) = line.apres.as_ref().or(line.avant.as_ref()) else { return };
    let mark = match line.changement {
        Changement::Apparait => "+ ",
        Changement::Disparait => "− ",
        Changement::Change => "~ ",
    };
    let side = |line: Option<&Ligne>, employer: bool| {
        line.and_then(|l| if employer { l.montant_employeur } else { l.montant_agent })
    };
    let cotisation = any.nature == "cotisation";
    for (employer, suffix) in [(false, ", agent"), (true, ", employeur")] {
        let (avant, apres) =
            (side(line.avant.as_ref(), employer), side(line.apres.as_ref(), employer));
        if avant.is_none() && apres.is_none() || avant == apres && employer {
            continue;
        }
        let suffix = if cotisation { suffix } else { "" };
        let zero = |amount: Option<Cents>| Some(amount.unwrap_or_default());
        let gap = ecart("", zero(avant), zero(apres)).ecart;
        let cells = [cents(avant), cents(apres), signed(gap)];
        row(page, &format!("{mark}{}{suffix}{}", any.libelle, detail(line, employer)), cells);
    }
}

/// What else changed on the line: base and rate.
fn detail(line: &LigneChangee, employer: bool) -> String {
    let (Some(a), Some(b)) = (&line.avant, &line.apres) else { return String::new() };
    let mut parts = Vec::new();
    if let (Some(old), Some(new)) = (a.base, b.base)
        && old != new
        && !employer
    {
        parts.push(format!("base {} → {}", cents(Some(old)), cents(Some(new))));
    }
    let rate = |l: &Ligne| if employer { l.taux_employeur } else { l.taux_agent };
    if let (Some(old), Some(new)) = (rate(a), rate(b))
        && old != new
    {
        parts.push(format!("taux {} % → {} %", taux(Some(old)), taux(Some(new))));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
