//! `paie archive sauvegarde` and `restaure`: copies that are archives, and that prove themselves.

use std::path::Path;

use indicatif::DecimalBytes;

use crate::archive::{Copied, restaure};

use super::super::args::{BackupOptions, Common};
use super::super::output::{Outcome, Output};
use super::super::verify::verified;
use super::{failed, open};

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
