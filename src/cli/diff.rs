//! `paie diff`: two computations side by side, nothing stored.

mod export;
mod months;
mod tables;

use std::path::Path;

use crate::batch::{self, CompareOptions, Compared, Folder, Rules as Side};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::compare::{Rubriques, SlipDifference};
use crate::rulebook::Rules;

use super::args::{Common, DiffCommand, DiffOptions, DiffView, Format, Par, PoolMonth};
use super::output::{Outcome, Output};
use super::rulebook;
use super::run::{failed, finding_line, progress_bar};
use export::Export;

/// Compares.
pub fn run(common: &Common, options: &DiffOptions, output: &Output) -> Outcome {
    let done = match &options.quoi {
        DiffCommand::Resultats { avant, apres, vue } => {
            resultats([avant.as_path(), apres.as_path()], vue, output)
        }
        DiffCommand::Connu { quoi, avant, apres, vue } => {
            connu(common, quoi, [*avant, *apres], vue, output)
        }
        DiffCommand::Regles { quoi, avant, apres, vue } => {
            regles(common, quoi, [avant.as_path(), apres.as_path()], vue, output)
        }
        DiffCommand::Mois { quoi, archive, nombre } => {
            months::run(common, quoi, (archive.as_deref(), *nombre), output)
        }
    };
    match done {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

/// What is compared, for people and for files.
pub struct Title {
    /// The kind, as files say it.
    pub kind: &'static str,
    /// The months.
    pub mois: [String; 2],
    /// Each side.
    pub sides: [String; 2],
    /// The title of the report.
    pub french: String,
    /// What to know of the two sides, one a line.
    pub notes: Vec<String>,
}

fn resultats(paths: [&Path; 2], view: &DiffView, output: &Output) -> Result<Outcome, Outcome> {
    let folders = paths.map(Folder::open);
    let title = results_title(&folders);
    let [before, after] = &folders;
    let mut export = Export::new(output, view.par, &title);
    let wanted = (view.nombre, wants_rows(view, output));
    let compared = batch::compare_results([before, after], wanted, &mut |rubriques, found| {
        export.rows(rubriques, &found);
    });
    let compared = compared.map_err(|error| {
        let help = "give the folder of a month, as `paie run` writes it: `sortie/2026-10`";
        output.failed(&error.to_string(), help)
    })?;
    Ok(finish(&compared, &title, export, view, output))
}

fn results_title(folders: &[Folder; 2]) -> Title {
    let month = |folder: &Folder| folder.manifest.as_ref().map(|manifest| manifest.mois.clone());
    let months = folders.each_ref().map(|folder| month(folder).unwrap_or_default());
    let mut notes = Vec::new();
    if let [Some(before), Some(after)] = folders.each_ref().map(|folder| folder.manifest.as_ref()) {
        let pairs = [
            ("mois", &before.mois, &after.mois),
            ("connu le", &before.connu_le, &after.connu_le),
            ("programme", &before.programme, &after.programme),
        ];
        for (nom, old, new) in pairs.into_iter().filter(|(_, old, new)| old != new) {
            notes.push(format!("{nom} : {old} → {new}"));
        }
        let digests = [
            ("les règles", &before.empreinte_regles, &after.empreinte_regles),
            ("les faits", &before.empreinte_pool, &after.empreinte_pool),
        ];
        for (nom, _, _) in digests.into_iter().filter(|(_, old, new)| old != new) {
            notes.push(format!("{nom} ne sont pas les mêmes"));
        }
    } else {
        notes.push("un des dossiers n'a pas de manifest.json : son mois n'est pas dit".to_owned());
    }
    let sides = folders.each_ref().map(|folder| folder.path.display().to_string());
    let french = format!("Résultats : {} → {}", sides[0], sides[1]);
    Title { kind: "resultats", mois: months, sides, french, notes }
}

fn connu(
    common: &Common,
    quoi: &PoolMonth,
    days: [KnownOn; 2],
    view: &DiffView,
    output: &Output,
) -> Result<Outcome, Outcome> {
    if common.connu_le.is_some() {
        let message = "`--connu-le` has no meaning between two days of knowledge";
        return Err(output.failed(message, "give them with `--avant` and `--apres`"));
    }
    let rules = rulebook::checked(common, output)?;
    let day = |known: KnownOn| -> Option<Day> {
        match known {
            KnownOn::Everything => None,
            KnownOn::Day(day) => Some(day),
        }
    };
    let program = |known| rulebook::month(&rules, common, quoi.mois, day(known), output);
    let [before, after] = days;
    let programs = [program(before)?, program(after)?];
    let said = days.map(|known| match known {
        KnownOn::Everything => "tout ce qui est connu".to_owned(),
        KnownOn::Day(day) => format!("connu le {}", day.french()),
    });
    let title = Title {
        kind: "connu",
        mois: [quoi.mois.to_string(), quoi.mois.to_string()],
        sides: days.map(|known| known.to_string()),
        french: format!("{} : {} → {}", quoi.mois.french(), said[0], said[1]),
        notes: Vec::new(),
    };
    let [first, second] = &programs;
    let sides = [(&rules, first), (&rules, second)];
    pool(common, quoi, sides, (view, &title), output)
}

fn regles(
    common: &Common,
    quoi: &PoolMonth,
    paths: [&Path; 2],
    view: &DiffView,
    output: &Output,
) -> Result<Outcome, Outcome> {
    let draft = |path: &'_ Path| (path != Path::new("national")).then(|| path.to_owned());
    let side = |path: &Path| -> Result<Rules, Outcome> {
        rulebook::checked_over(common, draft(path).as_deref(), output)
    };
    let [before, after] = paths;
    let (before_rules, after_rules) = (side(before)?, side(after)?);
    let month = |rules: &Rules, mois: PayPeriod| {
        rulebook::month(rules, common, mois, common.connu_le, output)
    };
    let programs = [month(&before_rules, quoi.mois)?, month(&after_rules, quoi.mois)?];
    let said = paths.map(|path| match draft(path) {
        None => "règles nationales".to_owned(),
        Some(path) => format!("projet {}", path.display()),
    });
    let title = Title {
        kind: "regles",
        mois: [quoi.mois.to_string(), quoi.mois.to_string()],
        sides: paths.map(|path| path.display().to_string()),
        french: format!("{} : {} → {}", quoi.mois.french(), said[0], said[1]),
        notes: Vec::new(),
    };
    let [first, second] = &programs;
    let sides = [(&before_rules, first), (&after_rules, second)];
    pool(common, quoi, sides, (view, &title), output)
}

/// Computes a pool on both sides.
fn pool(
    common: &Common,
    quoi: &PoolMonth,
    sides: [(&Rules, &crate::program::Program); 2],
    (view, title): (&DiffView, &Title),
    output: &Output,
) -> Result<Outcome, Outcome> {
    let [(old_rules, old), (new_rules, new)] = sides;
    let (Some(old_book), Some(new_book)) = (&old_rules.book, &new_rules.book) else {
        return Err(Outcome::Failed);
    };
    let beyond = |rules: &Rules| rules.beyond(quoi.mois);
    let rules = [
        Side { book: old_book, program: old, au_dela: beyond(old_rules) },
        Side { book: new_book, program: new, au_dela: beyond(new_rules) },
    ];
    let options = CompareOptions {
        pool: &quoi.pool,
        threads: common.threads,
        top: view.nombre,
        detail: wants_rows(view, output),
    };
    let bar = progress_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let mut export = Export::new(output, view.par, title);
    let mut rows = |rubriques: &Rubriques, found: Vec<SlipDifference>| {
        export.rows(rubriques, &found);
    };
    let result = batch::compare(rules, &options, &progress, &mut rows);
    bar.finish_and_clear();
    let compared = result.map_err(|error| failed(error, new_rules, &quoi.pool, output))?;
    Ok(finish(&compared, title, export, view, output))
}

/// Whether each payslip that differs is printed as it comes.
fn wants_rows(view: &DiffView, output: &Output) -> bool {
    match output.format {
        Format::Json => true,
        Format::Csv => view.par == Par::Bulletin,
        Format::Texte => false,
    }
}

fn finish(
    compared: &Compared,
    title: &Title,
    export: Export<'_>,
    view: &DiffView,
    output: &Output,
) -> Outcome {
    output.warn(&compared.findings.iter().map(finding_line).collect::<String>());
    let differs = compared.differences.total().counts.differing() > 0;
    match output.format {
        Format::Texte if output.quiet => {}
        Format::Texte => output.text(&tables::text(compared, title, view.nombre)),
        _ => export.finish(compared),
    }
    if differs { Outcome::Look } else { Outcome::Good }
}
