//! The table of a month: every contract of an employer, and their sums.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use crate::archive::{Archive, Stored};
use crate::batch::Looked;
use crate::bulletin::{Bulletin, Cents, Remarque};
use crate::domain::{Employeur, Siret};
use crate::io::PoolFinding;
use crate::num::Amount;
use crate::program::Program;

use super::donnees::{ContratDuMois, MoisVu, Tableau, Totaux};
use super::remarques::Libelles;
use super::{Refus, atelier, remarques};

/// The table of contracts that were just computed.
pub fn of(mois: MoisVu, contrats: Vec<ContratDuMois>, remarques: Vec<Remarque>) -> Tableau {
    let mut totaux = Totaux::default();
    for contrat in &contrats {
        totaux.contrats += 1;
        if !contrat.remarques.is_empty() {
            totaux.a_voir += 1;
        }
        if !contrat.payable {
            totaux.bloques += 1;
            continue;
        }
        let add = |sum: &mut Cents, amount: Option<Cents>| {
            sum.0 = sum.0.saturating_add(amount.unwrap_or_default().0);
        };
        add(&mut totaux.brut, contrat.brut);
        add(&mut totaux.net_a_payer, contrat.net_a_payer);
        add(&mut totaux.cout_employeur, contrat.cout_employeur);
    }
    Tableau { mois, contrats, totaux, remarques }
}

/// The contracts that an agent has with an employer in a month; a contract whose rows cannot be
/// read has no payslip, and is there as well.
pub fn rows(
    agent: &str,
    looked: &Looked,
    program: &Program,
    employeur: &Employeur,
) -> Vec<ContratDuMois> {
    let siret = employeur.siret;
    let bulletins = atelier::bulletins(looked, program, employeur);
    let mut rows: Vec<ContratDuMois> = bulletins.iter().map(row).collect();
    let mine = |finding: &&PoolFinding| finding.siret.as_deref() == Some(siret.as_str());
    let refused: Vec<&PoolFinding> =
        looked.findings.iter().filter(mine).filter(|finding| finding.is_error()).collect();
    if rows.is_empty()
        && let Some(first) = refused.first()
    {
        let identity = &looked.facts.agent.identity;
        rows.push(ContratDuMois {
            agent: agent.to_owned(),
            contrat: first.contrat.clone().unwrap_or_default(),
            nom: identity.nom().to_owned(),
            prenom: identity.prenom().to_owned(),
            situation: String::new(),
            payable: false,
            brut: None,
            net_a_payer: None,
            cout_employeur: None,
            remarques: refused.iter().map(|one| remarques::of(one, Some(siret))).collect(),
        });
    }
    rows
}

/// A payslip in one row.
fn row(bulletin: &Bulletin) -> ContratDuMois {
    let last = bulletin.situations.last();
    let parts = last.map(|one| {
        let echelon = match one.echelon.is_empty() {
            true => String::new(),
            false => format!("échelon\u{a0}{}", one.echelon),
        };
        [one.statut.clone(), one.grade.clone(), echelon]
    });
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    ContratDuMois {
        agent: bulletin.agent.id.clone(),
        contrat: bulletin.agent.contrat.clone(),
        nom: bulletin.agent.nom.clone(),
        prenom: bulletin.agent.prenom.clone(),
        situation: parts.collect::<Vec<_>>().join(", "),
        payable: bulletin.payable(),
        brut: bulletin.totaux.brut,
        net_a_payer: bulletin.totaux.net_a_payer,
        cout_employeur: bulletin.totaux.cout_employeur,
        remarques: bulletin.remarques.clone(),
    }
}

/// Names of agents, by identifier.
pub type Noms<'a> = &'a dyn Fn(&str) -> Option<(String, String)>;

/// The table of a closed month, as it was paid.
///
/// Errors: the archive cannot be read.
pub fn closed(
    archive: &Archive,
    siret: Siret,
    mois: MoisVu,
    (noms, libelles): (Noms<'_>, Libelles<'_>),
) -> Result<Tableau, Refus> {
    let panne = |error: crate::archive::ArchiveError| Refus::Panne(error.to_string());
    let entry = archive.calcul(mois.mois, siret.as_str()).ok_or(Refus::Introuvable)?;
    let stored = Stored::open(archive, entry).map_err(panne)?;
    let bulletins = stored.whole("bulletins.csv").map_err(panne)?;
    let anomalies = stored.whole("anomalies.csv").map_err(panne)?;
    let mut found: BTreeMap<(String, String), Vec<Remarque>> = BTreeMap::new();
    each(&anomalies, |row| {
        if cell(row, 2) == siret.as_str() {
            let key = (cell(row, 3).to_owned(), cell(row, 4).to_owned());
            found.entry(key).or_default().push(remarques::archived(row, siret, libelles));
        }
    })?;
    let mut contrats = Vec::new();
    each(&bulletins, |row| {
        if cell(row, 0) == siret.as_str() {
            let (agent, contrat) = (cell(row, 1).to_owned(), cell(row, 2).to_owned());
            let (nom, prenom) = noms(&agent).unwrap_or_default();
            contrats.push(ContratDuMois {
                situation: String::new(),
                payable: cell(row, 4) == "payable",
                brut: cents(cell(row, 5)),
                net_a_payer: cents(cell(row, 10)),
                cout_employeur: cents(cell(row, 11)),
                remarques: found.remove(&(agent.clone(), contrat.clone())).unwrap_or_default(),
                agent,
                contrat,
                nom,
                prenom,
            });
        }
    })?;
    let rest = found.into_values().flatten().collect();
    Ok(of(mois, contrats, rest))
}

fn each(table: &[u8], mut row: impl FnMut(&StringRecord)) -> Result<(), Refus> {
    let mut reader = ReaderBuilder::new().from_reader(table);
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => row(&record),
            Ok(false) => return Ok(()),
            Err(error) => return Err(Refus::Panne(error.to_string())),
        }
    }
}

/// A cell; empty when the row is too short.
pub fn cell(row: &StringRecord, at: usize) -> &str {
    row.get(at).unwrap_or("")
}

fn cents(text: &str) -> Option<Cents> {
    Amount::parse(text).ok().map(|amount| Cents(amount.cents()))
}
