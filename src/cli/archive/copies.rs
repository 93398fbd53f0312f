//! `paie archive sauvegarde` and `restaure`: copies that are archives, and that prove themselves.

use std::path::Path;

use indicatif::DecimalBytes;
use serde_json::json;

use crate::archive::{Archive, Copied, Entry, Event, restaure, sauvegarde};
use crate::batch::replay::Replayed;
use crate::batch::{Saved, save as copy_and_prove};

use super::super::args::{BackupOptions, Common, Format};
use super::super::output::{Outcome, Output};
use super::super::replay::{Books, one};
use super::super::verify::{bytes_bar, stopped, verified};
use super::{failed, locked, open, signature};

/// Brings a copy up to date and proves it; the archive keeps the proof, and the copy with it.
pub fn save(common: &Common, options: &BackupOptions, output: &Output) -> Result<Outcome, Outcome> {
    let archive = open(&options.archive, output)?;
    let bar = bytes_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let replay = |archive: &Archive, entry: &Entry| {
        bar.finish_and_clear();
        let mut books = Books::default();
        let rules = books.of(archive, entry, output)?;
        one(archive, entry, rules, common.threads, output)
    };
    let done = copy_and_prove(&archive, &options.vers, common.threads, &progress, replay);
    bar.finish_and_clear();
    let (saved, replayed) = done.map_err(|error| stopped(error, output))?;
    if let Some(damage) = saved.report.damages.first() {
        let message = format!("the copy `{}` is damaged: {damage}", options.vers.display());
        let help = "it proves nothing: make another copy in another folder, and check the disk";
        return Err(output.failed(&message, help));
    }
    let Some(replayed) = replayed.transpose()? else {
        output.say(&copied(&saved.copied));
        output.say("the archive has no run: nothing to compute again, no proof is kept");
        return Ok(Outcome::Good);
    };
    if !replayed.same() {
        let Replayed { mois, entry, programme, .. } = &replayed;
        let message = format!(
            "every byte of the copy is right, but {mois} computed again is not what was paid              (entry {entry}, edition {programme} of the program): no proof is kept"
        );
        let help = "`paie replay` shows what differs; prove it with the edition of that run";
        return Err(output.failed(&message, help));
    }
    keep_proof(options, &replayed, output)?;
    report(options, &saved, &replayed, output);
    Ok(Outcome::Good)
}

/// Writes the proof in the archive, then in its copy.
fn keep_proof(
    options: &BackupOptions,
    replayed: &Replayed,
    output: &Output,
) -> Result<(), Outcome> {
    let mut writer = locked(&options.archive, output)?;
    let event = Event::Preuve {
        mois: replayed.mois.to_string(),
        empreinte_resultats: replayed.found.clone(),
        vers: options.vers.display().to_string(),
    };
    let kept = writer
        .append(event, &signature(options.par.as_deref()))
        .and_then(|_| sauvegarde(writer.archive(), &options.vers));
    kept.map_err(|error| failed(&error, output))?;
    Ok(())
}

fn report(options: &BackupOptions, saved: &Saved, replayed: &Replayed, output: &Output) {
    let vers = options.vers.display().to_string();
    let Saved { copied: done, report } = saved;
    if output.format == Format::Json {
        let told = json!({
            "vers": vers,
            "objets_copies": done.objects,
            "octets_copies": done.octets,
            "objets_presents": done.present,
            "entrees_copiees": done.entries,
            "octets_relus": report.octets,
            "mois_recalcule": replayed.mois.to_string(),
            "empreinte_resultats": replayed.found,
        });
        output.text(&format!("{told:#}\n"));
        return;
    }
    output.say(&copied(done));
    output.say(&format!(
        "proven: restored beside, {} read, {} computed again ({} agents) to the same digest; the \
         proof is in the archive and in `{vers}`",
        DecimalBytes(report.octets),
        replayed.mois,
        replayed.agents
    ));
}

fn copied(copied: &Copied) -> String {
    let Copied { objects, octets, entries, present } = copied;
    let octets = DecimalBytes(*octets);
    format!("{objects} objects copied ({octets}), {present} there already; {entries} entries")
}

/// Makes an archive from a copy, and reads it whole.
pub fn restore(
    common: &Common,
    depuis: &Path,
    vers: &Path,
    output: &Output,
) -> Result<Outcome, Outcome> {
    let done = restaure(depuis, vers).map_err(|error| failed(&error, output))?;
    output.say(&copied(&done));
    let report = verified(vers, common, output)?;
    if let Some(damage) = report.damages.first() {
        let message = format!("what was restored is damaged: {damage}");
        return Err(output.failed(&message, "restore another copy, or change the disk"));
    }
    output.say(&format!("every byte of `{}` is what was written", vers.display()));
    Ok(Outcome::Good)
}
