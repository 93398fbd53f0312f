//! `paie preview`: one payslip, nothing stored; `--avec` tries a change.

use crate::batch::Slip;
use crate::bulletin::{self, Bulletin, Faits, Remarque};
use crate::diag::nearest;
use crate::domain::{
    AgentFacts, Carriere, Categorie, Dated, Element, Famille, Quotite, Regime, Statut, TauxPas,
    ZoneIr, parse_duree_hebdo,
};
use crate::num::Fixed;

use super::args::{AgentOptions, Common, Format, PreviewOptions};
use super::facts::{Computed, Loaded, load};
use super::output::{Outcome, Output};

/// Shows the payslip, beside the simulated one when a change is tried.
pub fn run(common: &Common, options: &PreviewOptions, output: &Output) -> Outcome {
    match preview(common, options, output) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn preview(common: &Common, options: &PreviewOptions, output: &Output) -> Result<Outcome, Outcome> {
    let who = &options.who;
    let loaded = load(common, who, output)?;
    let today = loaded.compute(None, who, output)?;
    let before = bulletins(&loaded, &today);
    if let Some(clos) = loaded.clos.as_ref().filter(|_| output.format != Format::Json) {
        output
            .say(&format!("{} est clos : bulletin archivé, calculé le {clos}", who.mois.french()));
    }
    if options.avec.is_empty() {
        for bulletin in &before {
            show(output, bulletin)?;
        }
        let blocked = before.iter().any(|bulletin| !bulletin.payable());
        return Ok(if blocked { Outcome::Look } else { Outcome::Good });
    }
    let mut facts = loaded.facts.clone();
    for change in &options.avec {
        apply(&mut facts, change, who).map_err(|(message, help)| output.failed(&message, &help))?;
    }
    let tried = loaded.compute(Some(&facts), who, output)?;
    let after = bulletins(&loaded, &tried);
    for (old, new) in before.iter().zip(&after) {
        if output.format == Format::Json {
            let both = serde_json::json!({
                "aujourd_hui": old,
                "simule": new,
                "ecarts": bulletin::diff(old, new),
            });
            output.text(&format!("{both:#}\n"));
        } else {
            output.text(&bulletin::text(new));
            output.text(&bulletin::compare(old, new));
        }
    }
    let blocked = after.iter().any(|bulletin| !bulletin.payable());
    Ok(if blocked { Outcome::Look } else { Outcome::Good })
}

fn bulletins(loaded: &Loaded, computed: &Computed) -> Vec<Bulletin> {
    let each = |one: &Slip| {
        let remarques = one
            .findings
            .iter()
            .map(|finding| Remarque {
                code: finding.code.name().to_owned(),
                bloquant: finding.is_error(),
                message: finding.message.clone(),
                remede: finding.remede.clone(),
                ligne: (finding.ligne > 0).then(|| (finding.fichier.to_owned(), finding.ligne)),
            })
            .collect();
        Some(Bulletin::new(&Faits {
            employeur: loaded.employeur(one.prepared.siret)?,
            agent: &computed.facts,
            prepared: &one.prepared,
            program: &loaded.program,
            payslip: &one.payslip,
            remarques: Some(remarques),
        }))
    };
    computed.slips.iter().filter_map(each).collect()
}

fn show(output: &Output, bulletin: &Bulletin) -> Result<(), Outcome> {
    if output.format == Format::Json {
        match bulletin::json(bulletin) {
            Ok(text) => output.text(&format!("{text}\n")),
            Err(cause) => return Err(output.failed(&cause.to_string(), "report this")),
        }
    } else {
        output.text(&bulletin::text(bulletin));
    }
    Ok(())
}

type Wrong = (String, String);

const FIELDS: [&str; 20] = [
    "statut",
    "regime",
    "grade",
    "echelon",
    "indice_brut",
    "indice_majore",
    "categorie",
    "montant_mensuel",
    "taux_horaire",
    "quotite",
    "duree_hebdo",
    "nbi",
    "zone_ir",
    "cti",
    "taux_indemnite",
    "groupe_rifseep",
    "enfants",
    "enfants_alternes",
    "taux_pas",
    "RUBRIQUE[.montant|.nombre|.base|.taux|.montant_paye]",
];

/// Changes the facts of the month as `champ=valeur` says.
fn apply(facts: &mut AgentFacts, change: &str, who: &AgentOptions) -> Result<(), Wrong> {
    let Some((field, value)) = change.split_once('=') else {
        return Err((
            format!("`{change}` is not a change"),
            "write `--avec champ=valeur`, for example `--avec echelon=6`".to_owned(),
        ));
    };
    let (field, value) = (field.trim(), value.trim());
    let upper = field.starts_with(|c: char| c.is_ascii_uppercase());
    match field {
        "enfants" | "enfants_alternes" => famille(facts, field, whole(field, value)?, who),
        "taux_pas" => {
            let taux = Some(decimal(field, value)?);
            facts.taux_pas = vec![TauxPas { dated: dates(facts, who), taux }];
            Ok(())
        }
        _ if upper => element(facts, field, value, who),
        _ => {
            let known = FIELDS.contains(&field);
            if !known {
                let close = nearest(field, FIELDS, 2);
                let help = if close.is_empty() {
                    format!("write one of `{}`", FIELDS.join("`, `"))
                } else {
                    format!("the nearest are `{}`", close.join("`, `"))
                };
                return Err((format!("`{field}` cannot be changed"), help));
            }
            let mine = |row: &&mut Carriere| {
                who.contrat.as_deref().is_none_or(|contrat| *row.contrat == *contrat)
                    && who.siret.as_deref().is_none_or(|siret| row.siret.as_str() == siret)
            };
            facts.carrieres.iter_mut().filter(mine).try_for_each(|row| career(row, field, value))
        }
    }
}

fn wrong(field: &str, value: &str, help: &str) -> Wrong {
    (format!("`{value}` is not a value of `{field}`"), help.to_owned())
}

fn whole(field: &str, value: &str) -> Result<i64, Wrong> {
    value.parse().map_err(|_| wrong(field, value, "write a whole number"))
}

fn decimal(field: &str, value: &str) -> Result<Fixed, Wrong> {
    Fixed::parse(value).map_err(|error| wrong(field, value, &error.to_string()))
}

fn listed<T>(field: &str, value: &str, found: Option<T>, names: &[&str]) -> Result<T, Wrong> {
    found.ok_or_else(|| wrong(field, value, &format!("write one of `{}`", names.join("`, `"))))
}

fn career(row: &mut Carriere, field: &str, value: &str) -> Result<(), Wrong> {
    let some = |text: &str| (!text.is_empty()).then(|| text.into());
    match field {
        "statut" => row.statut = listed(field, value, Statut::from_name(value), Statut::NAMES)?,
        "regime" => {
            row.regime = Some(listed(field, value, Regime::from_name(value), Regime::NAMES)?);
        }
        "categorie" => {
            let found = Categorie::from_name(value);
            row.categorie = Some(listed(field, value, found, Categorie::NAMES)?);
        }
        "zone_ir" => {
            row.zone_ir = Some(listed(field, value, ZoneIr::from_name(value), ZoneIr::NAMES)?);
        }
        // An index written in the career would hide the change of grade or échelon.
        "grade" => (row.grade, row.indice_majore, row.categorie) = (some(value), None, None),
        "echelon" => (row.echelon, row.indice_majore) = (some(value), None),
        "indice_brut" => (row.indice_brut, row.indice_majore) = (some(value), None),
        "indice_majore" => row.indice_majore = Some(whole(field, value)?),
        "montant_mensuel" => row.montant_mensuel = Some(decimal(field, value)?),
        "taux_horaire" => row.taux_horaire = Some(decimal(field, value)?),
        "nbi" => row.nbi = whole(field, value)?,
        "cti" => row.cti = whole(field, value)?,
        "taux_indemnite" => row.taux_indemnite = Some(decimal(field, value)?),
        "groupe_rifseep" => row.groupe_rifseep = Some(whole(field, value)?),
        "quotite" => {
            row.quotite =
                Quotite::parse(value).map_err(|error| wrong(field, value, &error.to_string()))?;
        }
        _ => {
            row.duree_hebdo = Some(
                parse_duree_hebdo(value)
                    .map_err(|error| wrong(field, value, &error.to_string()))?,
            );
        }
    }
    Ok(())
}

/// Dates that hold for the whole month and before.
fn dates(facts: &AgentFacts, who: &AgentOptions) -> Dated {
    let reference = facts.agent.reference;
    Dated { depuis: who.mois.first_day(), fin: None, connu_le: None, reference }
}

fn famille(
    facts: &mut AgentFacts,
    field: &str,
    value: i64,
    who: &AgentOptions,
) -> Result<(), Wrong> {
    let dated = dates(facts, who);
    let now = crate::domain::in_force(
        &facts.familles,
        who.mois.first_day(),
        crate::calendar::KnownOn::Everything,
    );
    let (mut enfants, mut enfants_alternes) =
        now.map_or((0, 0), |row| (row.enfants, row.enfants_alternes));
    if field == "enfants" {
        enfants = value;
    } else {
        enfants_alternes = value;
    }
    if !(0..=20).contains(&value) || enfants_alternes > enfants {
        return Err(wrong(field, &value.to_string(), "0 to 20, shared ones among all"));
    }
    facts.familles = vec![Famille { dated, enfants, enfants_alternes }];
    Ok(())
}

/// Gives a rubrique an amount, replacing its rows of the month.
fn element(
    facts: &mut AgentFacts,
    field: &str,
    value: &str,
    who: &AgentOptions,
) -> Result<(), Wrong> {
    let (code, column) = field.split_once('.').unwrap_or((field, "montant"));
    let amount = Some(decimal(field, value)?);
    let Some(career) = facts.carrieres.iter().find(|row| {
        who.contrat.as_deref().is_none_or(|contrat| *row.contrat == *contrat)
            && who.siret.as_deref().is_none_or(|siret| row.siret.as_str() == siret)
    }) else {
        return Err(wrong(field, value, "this agent has no career"));
    };
    let mut row = Element {
        siret: career.siret,
        contrat: career.contrat.clone(),
        rubrique: code.into(),
        dated: dates(facts, who),
        nombre: None,
        base: None,
        taux: None,
        montant: None,
        montant_paye: None,
        mois_origine: None,
        libelle: None,
    };
    match column {
        "montant" => row.montant = amount,
        "nombre" => row.nombre = amount,
        "base" => row.base = amount,
        "taux" => row.taux = amount,
        "montant_paye" => row.montant_paye = amount,
        _ => {
            let help = "use `.montant`, `.nombre`, `.base`, `.taux` or `.montant_paye`";
            return Err(wrong(field, value, help));
        }
    }
    let (siret, contrat) = (row.siret, row.contrat.clone());
    facts.elements.retain(|other| {
        *other.rubrique != *code || other.siret != siret || other.contrat != contrat
    });
    facts.elements.push(row);
    Ok(())
}
