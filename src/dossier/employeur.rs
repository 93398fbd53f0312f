//! Inputs that every agent of an employer shares.

use std::sync::Arc;

use crate::calendar::ThirtiethMethod;
use crate::diag::{Code, nearest};
use crate::domain::{Employeur, ZoneIr};

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
    /// What is wrong with its parameters; an error blocks its agents.
    pub findings: Vec<Finding>,
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
    let (day, known_on) = (preparer.period.first_day(), preparer.known_on);
    let table = |name: &str, key: &str| {
        let found = book.tables.get(name)?.lookup(key, day, known_on)?;
        Some(found.0.to_owned())
    };
    let place = departement(&employeur.insee);
    let local = table("departements_alsace_moselle", place).is_some();
    let mut values = Vec::new();
    let (mut zone_ir, mut method) = (None, ThirtiethMethod::JoursReels);
    for input in &preparer.layout.employeur {
        let value = match input.source {
            Source::Nature => known(input.word(employeur.nature.name())),
            Source::Effectif => count(employeur, input, "effectif", &mut findings),
            Source::Population => count(employeur, input, "population", &mut findings),
            Source::AlsaceMoselle => flag(local),
            Source::Parametre => parametre(preparer, employeur, input, &mut findings),
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
    EmployeurMonth { facts: employeur, values: values.into(), zone_ir, zone_pas, method, findings }
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

fn parametre(
    preparer: &Preparer<'_>,
    employeur: &Employeur,
    input: &Input,
    findings: &mut Vec<Finding>,
) -> i128 {
    let nom = input.entree.nom.strip_prefix("employeur.").unwrap_or(&input.entree.nom);
    let row = employeur.parametre(nom, preparer.period.first_day(), preparer.known_on);
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
