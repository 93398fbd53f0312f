//! Commands: arguments in, calls to the library, words and exit codes out.
//!
//! May import: everything. The only module that knows arguments, the clock and the terminal.

mod acces;
mod archive;
mod args;
mod check;
mod coverage;
mod demo;
mod diff;
mod explain;
mod export;
mod facts;
mod output;
mod preview;
mod replay;
mod rulebook;
mod run;
mod serve;
mod show;
mod test;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command};
use output::Outcome;

/// Runs the command line; exit codes: 0 all good, 1 something to look at, 2 could not be done.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = output::Output::new(&arguments.common);
    let outcome = match &arguments.command {
        Command::Check(_) => check::run(&arguments.common, &output),
        Command::Run(options) => run::run(&arguments.common, options, &output),
        Command::Preview(options) => preview::run(&arguments.common, options, &output),
        Command::Explain(options) => explain::run(&arguments.common, options, &output),
        Command::Test(options) => test::run(&arguments.common, options, &output),
        Command::Show(options) => show::run(&arguments.common, options, &output),
        Command::Archive(options) => archive::run(&arguments.common, options, &output),
        Command::Verify(options) => verify::run(&arguments.common, options, &output),
        Command::Replay(options) => replay::run(&arguments.common, options, &output),
        Command::Diff(options) => diff::run(&arguments.common, options, &output),
        Command::Export(options) => export::run(options, &output),
        Command::Demo(options) => demo::run(options, &output),
        Command::Serve(options) => serve::run(&arguments.common, options, &output),
        Command::Acces(options) => acces::run(options, &output),
        Command::Completions { shell } => completions(*shell, &output),
        Command::Man { dossier } => manual(dossier, &output),
    };
    match outcome {
        Outcome::Good => ExitCode::SUCCESS,
        Outcome::Look => ExitCode::from(1),
        Outcome::Failed => ExitCode::from(2),
    }
}

fn completions(shell: clap_complete::Shell, output: &output::Output) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "paie", &mut text);
    output.text(&String::from_utf8_lossy(&text));
    Outcome::Good
}

fn manual(dossier: &std::path::Path, output: &output::Output) -> Outcome {
    let written = std::fs::create_dir_all(dossier)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), dossier));
    match written {
        Ok(()) => {
            output.say(&format!("man pages written in {}", dossier.display()));
            Outcome::Good
        }
        Err(cause) => output.failed(
            &format!("cannot write man pages in `{}`: {cause}", dossier.display()),
            "choose a folder that can be written",
        ),
    }
}
