//! Inputs that every agent of an employer shares.

use std::sync::Arc;

use crate::calendar::{Day, ThirtiethMethod};
use crate::diag::{Code, nearest};
use crate::domain::{Employeur, ParametreEmployeur, ZoneIr};

use super::inputs::{Input, Source, flag, known};
use super::{Finding, Preparer};
use crate::program::MISSING;

/// An employer for one month.
pub struct EmployeurMonth<'a> {
    /// The facts.
    pub facts: &'a Employeur,
    /// Inputs, in the order of the layout.
    pub values: Arc<[i128]>,
    /// Zone of the workplace, when a parameter or a table knows it.
    pub zone_ir: Option<ZoneIr>,
    /// Zone of the default tax grid.
    pub zone_pas: Option<String>,
    /// How incomplete months are counted.
    pub method: ThirtiethMethod,
    /// Parameters that a row of the pool gives.
    pub choix: Arc<[Choix]>,
    /// What is wrong with its parameters; an error blocks its agents.
    pub findings: Vec<Finding>,
}

/// A parameter of an employer that a row of the pool gives: nothing of it is a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choix {
    /// The name of the input.
    pub nom: String,
    /// First day of the row.
    pub depuis: Day,
    /// The deliberation or notification that sets it.
    pub reference: Option<String>,
}

/// The département of an INSEE code: two characters, three overseas.
pub fn departement(insee: &str) -> &str {
    let length = if insee.starts_with("97") || insee.starts_with("98") { 3 } else { 2 };
    insee.get(..length).unwrap_or(insee)
}

/// Reads the parameters of an employer for the month.
pub fn month<'a>(preparer: &Preparer<'a>, employeur: &'a Employeur) -> EmployeurMonth<'a> {
    let mut findings = Vec::new();
    unknown_names(preparer, employeur, &mut findings);
    let book = preparer.book.book();
    let (day, known_on) = (preparer.regle(preparer.period.first_day()), preparer.known_on);
    let table = |name: &str, key: &str| {
        let found = book.tables.get(name)?.lookup(key, day, known_on)?;
        Some(found.0.to_owned())
    };
    let place = departement(&employeur.insee);
    let local = table("departements_alsace_moselle", place).is_some();
    let (mut values, mut choix) = (Vec::new(), Vec::new());
    let (mut zone_ir, mut method) = (None, ThirtiethMethod::JoursReels);
    for input in &preparer.layout.employeur {
        let value = match input.source {
            Source::Nature => known(input.word(employeur.nature.name())),
            Source::Effectif => count(employeur, input, "effectif", &mut findings),
            Source::Population => count(employeur, input, "population", &mut findings),
            Source::AlsaceMoselle => flag(local),
            Source::Parametre => {
                let row = row(preparer, employeur, input);
                choix.extend(row.map(|row| Choix {
                    nom: input.entree.nom.clone(),
                    depuis: row.dated.depuis,
                    reference: row.reference.clone(),
                }));
                parametre(row, input, &mut findings)
            }
            _ => MISSING,
        };
        let word = usize::try_from(value).ok().and_then(|at| input.words().get(at));
        match input.entree.nom.as_str() {
            "employeur.zone_ir" => zone_ir = word.and_then(|word| ZoneIr::from_name(word)),
            "employeur.mois_incomplet" if word.is_some_and(|word| word == "complement") => {
                method = ThirtiethMethod::Complement;
            }
            _ => {}
        }
        values.push(value);
    }
    let listed = table("zones_indemnite_residence", &employeur.insee);
    let zone_ir = zone_ir.or_else(|| listed.and_then(|zone| ZoneIr::from_name(&zone)));
    let zone_pas = table("zones_pas", place);
    let (values, choix) = (values.into(), choix.into());
    EmployeurMonth { facts: employeur, values, zone_ir, zone_pas, method, choix, findings }
}

fn count(employeur: &Employeur, input: &Input, column: &str, findings: &mut Vec<Finding>) -> i128 {
    let known = if column == "effectif" { employeur.effectif } else { employeur.population };
    let Some(count) = known else { return MISSING };
    input.number(crate::num::Fixed::new(count, 0)).unwrap_or_else(|reason| {
        let message = format!("`{column}` is `{count}`: {reason}");
        let reference = Some(employeur.reference);
        let remede = "correct the row of employeurs.csv";
        findings.push(Finding::new(Code::F802, reference, message, remede));
        MISSING
    })
}

fn name(input: &Input) -> &str {
    input.entree.nom.strip_prefix("employeur.").unwrap_or(&input.entree.nom)
}

/// The row in force of a parameter.
fn row<'a>(
    preparer: &Preparer<'_>,
    employeur: &'a Employeur,
    input: &Input,
) -> Option<&'a ParametreEmployeur> {
    employeur.parametre(name(input), preparer.period.first_day(), preparer.known_on)
}

fn parametre(row: Option<&ParametreEmployeur>, input: &Input, findings: &mut Vec<Finding>) -> i128 {
    let nom = name(input);
    let Some(row) = row else {
        return input.entree.defaut.as_ref().map_or(MISSING, |text| known(input.text(text).ok()));
    };
    match input.text(&row.valeur) {
        Ok(value) => value,
        Err(reason) => {
            let rate = nom.starts_with("taux_");
            let code = if rate { Code::E719 } else { Code::E706 };
            let remede = match (rate, crate::num::Fixed::parse(&row.valeur)) {
                (true, Ok(value)) => {
                    let likely = crate::num::Fixed::new(value.mantissa(), value.scale() + 2);
                    format!("rates are decimal fractions: write `{}`", likely.trimmed())
                }
                _ => "correct the row of parametres_employeurs.csv".to_owned(),
            };
            let message = format!("`{}` is not a value of `{nom}`: {reason}", row.valeur);
            findings.push(Finding { code, reference: Some(row.dated.reference), message, remede });
            MISSING
        }
    }
}

fn unknown_names(preparer: &Preparer<'_>, employeur: &Employeur, findings: &mut Vec<Finding>) {
    let book = preparer.book.book();
    let names: Vec<&str> = (book.entrees.iter())
        .filter(|entree| entree.parametre)
        .filter_map(|entree| entree.nom.strip_prefix("employeur."))
        .collect();
    for row in &employeur.parametres {
        if names.contains(&row.nom.as_str()) {
            continue;
        }
        let close = nearest(&row.nom, names.iter().copied(), 3);
        let close = if close.is_empty() { &names } else { &close };
        let remede = format!("write one of `{}`", close.join("`, `"));
        let message = format!("`{}` is not a parameter of employers", row.nom);
        let reference = Some(row.dated.reference);
        findings.push(Finding { code: Code::E718, reference, message, remede });
    }
}
