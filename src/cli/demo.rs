//! `paie demo`: an invented pool.

use std::fs::{self, File};
use std::io::BufWriter;

use crate::demo::{DemoFiles, DemoSpec, generate};

use super::args::DemoOptions;
use super::output::{Outcome, Output};

/// Writes the pool.
pub fn run(options: &DemoOptions, output: &Output) -> Outcome {
    let folder = &options.dossier;
    if folder.join("agents.csv").exists() {
        return output.failed(
            &format!("`{}` already holds a pool", folder.display()),
            "choose another folder, or remove this one",
        );
    }
    let spec = DemoSpec {
        employeurs: options.employeurs,
        agents: options.agents,
        graine: options.graine,
        mois: options.mois,
        historique: options.historique.unwrap_or(1),
    };
    if !spec.is_covered() {
        return output.failed(
            &format!("{} months would start in {}", spec.historique, spec.first_month()),
            "the grades invented here are known from 2023-01: ask for fewer months, or a later one",
        );
    }
    let written = fs::create_dir_all(folder)
        .and_then(|()| DemoFiles::open(|name| File::create(folder.join(name)).map(BufWriter::new)))
        .and_then(|files| generate(&spec, files));
    match written {
        Ok(summary) => {
            output.say(&format!(
                "{} employers, {} agents, {} contracts in {}",
                summary.employeurs,
                summary.agents,
                summary.contrats,
                folder.display()
            ));
            Outcome::Good
        }
        Err(cause) => output.failed(
            &format!("cannot write the pool in `{}`: {cause}", folder.display()),
            "check the month (from 2024-04), the room left, and that the folder can be written",
        ),
    }
}
