//! `paie explain`: why an amount.

use crate::explain::{self, ExplainTarget};

use super::args::{Common, ExplainOptions, Format};
use super::facts::load;
use super::output::{Outcome, Output};

/// Explains one line of one agent.
pub fn run(common: &Common, options: &ExplainOptions, output: &Output) -> Outcome {
    match told(common, options, output) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn told(common: &Common, options: &ExplainOptions, output: &Output) -> Result<Outcome, Outcome> {
    let Some(mut target) = ExplainTarget::parse(&options.rubrique) else {
        return Err(output.failed(
            &format!("`{}` is not a line", options.rubrique),
            "write a code, with `.base`, `.agent` or `.employeur` for a contribution",
        ));
    };
    target.profondeur = options.profondeur;
    let loaded = load(common, &options.who, output)?;
    let computed = loaded.compute(&loaded.facts, &options.who, output)?;
    let Some(book) = &loaded.rules.book else { return Err(Outcome::Failed) };
    let mut outcome = Outcome::Good;
    for one in &computed {
        let told =
            explain::explain(book, &loaded.rules.sources, &loaded.program, &one.prepared, &target);
        if !told.connu {
            let names: Vec<&str> = book.book().items.iter().map(|item| item.nom.as_str()).collect();
            let close = crate::diag::nearest(&target.nom, names, 3);
            let message = format!("`{}` is not a rubrique of these rules", options.rubrique);
            let help = if close.is_empty() {
                "list them with `paie show rubrique`".to_owned()
            } else {
                format!("the nearest are `{}`", close.join("`, `"))
            };
            return Err(output.failed(&message, &help));
        }
        if output.format == Format::Json {
            match serde_json::to_string_pretty(&told) {
                Ok(text) => output.text(&format!("{text}\n")),
                Err(cause) => return Err(output.failed(&cause.to_string(), "report this")),
            }
        } else {
            if computed.len() > 1 {
                let prepared = &one.prepared;
                output.say(&format!("contrat {} chez {}\n", prepared.contrat, prepared.siret));
            }
            output.text(&explain::text(&told));
        }
        if one.findings.iter().any(crate::io::PoolFinding::is_error) {
            outcome = Outcome::Look;
        }
    }
    Ok(outcome)
}
