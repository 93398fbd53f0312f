//! From facts and results to a payslip.

use crate::diag::Severity;
use crate::domain::{Carriere, Regime, Statut, ZoneIr};
use crate::dossier::SegmentFacts;
use crate::engine::{Fault, FaultKind, PayLine};
use crate::num::{Fixed, Ratio};
use crate::rules::Nature;

use super::{
    Bulletin, Cents, Cumuls, EnteteAgent, EnteteEmployeur, Etat, FORMAT, Faits, Ligne, Remarque,
    Situation, Taux, Totaux,
};

/// Builds the payslip.
pub fn bulletin(faits: &Faits<'_>) -> Bulletin {
    let program = faits.program;
    let situations: Vec<Situation> =
        faits.prepared.segments.iter().map(|segment| situation(faits, segment)).collect();
    let remarques = remarques(faits);
    let bloque = remarques.iter().any(|remarque| remarque.bloquant);
    Bulletin {
        version: FORMAT,
        mois: program.period.to_string(),
        periode: program.period.french(),
        connu_le: program.known_on.to_string(),
        etat: if bloque { Etat::Bloque } else { Etat::Payable },
        remarques,
        employeur: employeur(faits),
        agent: agent(faits),
        trentiemes: situations.iter().map(|situation| situation.trentiemes).sum(),
        situations,
        lignes: faits.payslip.lines.iter().filter_map(|line| ligne(faits, line)).collect(),
        totaux: totaux(faits),
        cumuls: cumuls(faits),
    }
}

fn employeur(faits: &Faits<'_>) -> EnteteEmployeur {
    let employeur = faits.employeur;
    let town = format!("{} {}", employeur.code_postal, employeur.ville);
    let parts = [employeur.adresse.trim(), town.trim()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    EnteteEmployeur {
        nom: employeur.nom.clone(),
        siret: employeur.siret.to_string(),
        adresse: parts.join(", "),
        ape: employeur.ape.clone(),
        urssaf: employeur.urssaf.clone(),
    }
}

fn agent(faits: &Faits<'_>) -> EnteteAgent {
    let agent = &faits.agent.agent;
    EnteteAgent {
        id: agent.id.to_string(),
        nom: agent.identity.nom().to_owned(),
        prenom: agent.identity.prenom().to_owned(),
        contrat: faits.prepared.contrat.to_string(),
    }
}

// --- findings ------------------------------------------------------------------------------------

fn remarques(faits: &Faits<'_>) -> Vec<Remarque> {
    let own = own_remarques(faits);
    let mut all = match &faits.remarques {
        None => own,
        Some(given) => {
            let mut all = given.clone();
            // A payslip that cannot be paid says so, whatever the caller passes.
            if !all.iter().any(|remarque| remarque.bloquant) {
                all.extend(own.into_iter().filter(|remarque| remarque.bloquant));
            }
            all
        }
    };
    all.sort_by_key(|remarque| !remarque.bloquant);
    all
}

fn own_remarques(faits: &Faits<'_>) -> Vec<Remarque> {
    let mut remarques: Vec<Remarque> = (faits.prepared.findings.iter())
        .map(|finding| Remarque {
            code: finding.code.to_string(),
            bloquant: finding.code.severity() == Severity::Error,
            message: finding.message.clone(),
            remede: finding.remede.clone(),
            ligne: finding.reference.map(|row| (row.file.name().to_owned(), row.line)),
        })
        .collect();
    let printed = |item: usize| faits.program.items.get(item).is_some_and(|info| info.printed);
    let faults = faits.payslip.blocking(printed).iter();
    remarques.extend(faults.filter_map(|fault| remarque_of(faits, fault)));
    remarques
}

/// A fault in words; none when it only follows from another one.
fn remarque_of(faits: &Faits<'_>, fault: &Fault) -> Option<Remarque> {
    let layout = &faits.program.layout;
    let nom = &faits.program.items.get(fault.item)?.nom;
    let (code, message) = match fault.kind {
        FaultKind::Depends(_) => return None,
        FaultKind::Missing(slot) => {
            let scopes = [&layout.employeur, &layout.mois, &layout.segment, &layout.element];
            let mut inputs = scopes.into_iter().flatten();
            let input = inputs.find(|input| input.slot == slot);
            let input = input.map_or("une entrée", |input| input.nom.as_str());
            ("F801", format!("`{nom}` : il manque `{input}`"))
        }
        FaultKind::DivisionByZero => ("F803", format!("`{nom}` : division par zéro")),
        FaultKind::TooWide => ("F804", format!("`{nom}` : montant trop grand")),
    };
    let code = code.to_owned();
    Some(Remarque { code, bloquant: true, message, remede: String::new(), ligne: None })
}

// --- situation -----------------------------------------------------------------------------------

fn situation(faits: &Faits<'_>, segment: &SegmentFacts) -> Situation {
    let row = faits.agent.carrieres.get(segment.row);
    let text =
        |word: Option<&crate::domain::Word>| word.map_or_else(String::new, |w| w.to_string());
    let index = segment.index.as_ref();
    let ib = index.map(|index| index.ib.clone()).filter(|ib| !ib.is_empty());
    let worked = row.map_or(Ratio::ONE, |row| row.quotite.ratio());
    let paid = segment.temps_partiel;
    Situation {
        depuis: segment.first.to_string(),
        fin: segment.last.to_string(),
        trentiemes: segment.thirtieths,
        statut: row.map_or("", |row| statut(row.statut)).to_owned(),
        regime: regime(segment.regime).to_owned(),
        categorie: segment.categorie.map_or("", |categorie| categorie.name()).to_owned(),
        grade: text(row.and_then(|row| row.grade.as_ref())),
        echelon: text(row.and_then(|row| row.echelon.as_ref())),
        indice_brut: ib.unwrap_or_else(|| text(row.and_then(|row| row.indice_brut.as_ref()))),
        indice_majore: index.map(|index| index.im),
        nbi: row.map_or(0, |row: &Carriere| row.nbi),
        quotite: percent(worked),
        quotite_payee: if paid == worked { String::new() } else { paid.to_string() },
        duree_hebdo: hours(segment.temps_non_complet),
        zone_ir: segment.zone_ir.map_or("", zone).to_owned(),
    }
}

fn statut(statut: Statut) -> &'static str {
    match statut {
        Statut::Titulaire => "titulaire",
        Statut::Stagiaire => "stagiaire",
        Statut::Contractuel => "contractuel",
        Statut::Apprenti => "apprenti",
        Statut::Vacataire => "vacataire",
        Statut::Elu => "élu",
        Statut::AssistantMaternel => "assistant maternel",
        Statut::AssistantFamilial => "assistant familial",
        Statut::ContratAide => "contrat aidé",
        Statut::DetacheEtat => "détaché de l'État",
    }
}

fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::Cnracl => "CNRACL",
        Regime::Ircantec | Regime::General => "IRCANTEC",
        Regime::PensionCivile => "pension civile",
    }
}

fn zone(zone: ZoneIr) -> &'static str {
    match zone {
        ZoneIr::Zone1 => "zone 1",
        ZoneIr::Zone2 => "zone 2",
        ZoneIr::Zone3 => "zone 3",
        ZoneIr::Specifique => "zone à taux propre",
    }
}

/// `80 %`, or the fraction when it is not a short percentage.
fn percent(ratio: Ratio) -> String {
    let hundredths = 10_000 * ratio.num();
    if hundredths % ratio.den() != 0 {
        return ratio.to_string();
    }
    #[expect(clippy::integer_division, reason = "exact: the remainder is zero")]
    let percent = Fixed::new(hundredths / ratio.den(), 2).trimmed();
    format!("{}\u{a0}%", percent.french())
}

/// `17:30`, or the fraction when it is not whole minutes; empty for full time.
fn hours(ratio: Ratio) -> String {
    let minutes = 35 * 60 * ratio.num();
    if ratio == Ratio::ONE {
        return String::new();
    }
    if minutes % ratio.den() != 0 {
        return ratio.to_string();
    }
    #[expect(clippy::integer_division, reason = "exact, then hours and minutes of a whole number")]
    let (hours, minutes) = {
        let minutes = minutes / ratio.den();
        (minutes / 60, minutes % 60)
    };
    format!("{hours}:{minutes:02}")
}

// --- lines and totals ----------------------------------------------------------------------------

fn ligne(faits: &Faits<'_>, line: &PayLine) -> Option<Ligne> {
    let info = faits.program.items.get(line.item)?;
    if info.nature == Nature::Total {
        return None;
    }
    let place = line.element.and_then(|at| faits.prepared.elements.get(at));
    let element = place.and_then(|&at| faits.agent.elements.get(at));
    let libelle = element.and_then(|element| element.libelle.as_deref());
    let origine = line.origine.or(element.and_then(|element| element.mois_origine));
    let nombre = line.nombre.map(|nombre| Fixed::new(nombre, 4).trimmed().to_string());
    let libelle = libelle.unwrap_or(&info.libelle);
    let absence = line.absence.and_then(|at| faits.prepared.absences.get(at));
    Some(Ligne {
        rubrique: info.code.clone(),
        libelle: absence.map_or_else(|| libelle.to_owned(), |piece| piece.label(libelle)),
        nature: info.nature.name().to_owned(),
        motif: absence.map_or_else(|| info.motif.clone(), |piece| piece.motif.to_string()),
        absence: absence.is_some(),
        mois_origine: origine.map_or_else(String::new, |month| month.to_string()),
        organisme: info.organisme.clone(),
        nombre,
        base: line.base.map(Cents),
        taux_agent: line.taux_agent.map(Taux),
        montant_agent: line.montant_agent.map(Cents),
        taux_employeur: line.taux_employeur.map(Taux),
        montant_employeur: line.montant_employeur.map(Cents),
    })
}

fn totaux(faits: &Faits<'_>) -> Totaux {
    let (program, payslip) = (faits.program, faits.payslip);
    // A total is always printed, unless it could not be computed.
    let amount = |nom: &str| {
        let item = program.item(nom)?;
        let printed = payslip.lines.iter().any(|line| line.item == item);
        printed.then(|| Cents(payslip.amount(item)))
    };
    let sides = payslip.lines.iter().filter(|line| {
        let info = program.items.get(line.item);
        info.is_some_and(|info| info.nature == Nature::Cotisation)
    });
    let agent = sides.clone().filter_map(|line| line.montant_agent).sum();
    let employeur = sides.filter_map(|line| line.montant_employeur).sum();
    let pas = program.item("PAS");
    let line = payslip.lines.iter().find(|line| Some(line.item) == pas);
    let faulted = pas.is_some_and(|item| payslip.faults.iter().any(|fault| fault.item == item));
    let imposable = amount("NET_IMPOSABLE");
    // No line means no tax, unless it could not be computed.
    let due = pas.filter(|_| imposable.is_some() && !faulted);
    Totaux {
        brut: amount("BRUT"),
        cotisations_agent: Cents(agent),
        cotisations_employeur: Cents(employeur),
        net_social: amount("NET_SOCIAL"),
        net_avant_impot: amount("NET_AVANT_IMPOT"),
        net_imposable: imposable,
        pas: due.map(|item| Cents(payslip.amount(item))),
        taux_pas: line.and_then(|line| line.taux_agent).map(Taux),
        net_a_payer: amount("NET_A_PAYER"),
        cout_employeur: amount("COUT_EMPLOYEUR"),
    }
}

fn cumuls(faits: &Faits<'_>) -> Cumuls {
    let (program, prepared) = (faits.program, faits.prepared);
    let annee = program.period.year();
    let rows = faits.agent.cumuls.iter().filter(|row| {
        row.annee == annee && row.siret == prepared.siret && row.contrat == prepared.contrat
    });
    let before = |nom: &str| -> i64 {
        let mine = rows.clone().filter(|row| *row.rubrique == *nom);
        mine.filter_map(|row| row.montant).map(crate::num::Amount::cents).sum()
    };
    let month = |nom: &str| program.item(nom).map_or(0, |item| faits.payslip.amount(item));
    let total = |nom: &str| Cents(before(nom) + month(nom));
    let exempt = program.item("heures_exonerees").map(|item| {
        let kept = faits.payslip.kept.iter().filter(|(kept, _)| *kept == item);
        Cents(before("heures_exonerees") + kept.map(|(_, cents)| cents).sum::<i64>())
    });
    Cumuls {
        annee,
        brut: total("BRUT"),
        net_imposable: total("NET_IMPOSABLE"),
        pas: total("PAS"),
        heures_exonerees: exempt,
        anterieurs_connus: rows.clone().next().is_some(),
    }
}
