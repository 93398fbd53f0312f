//! A change, put in the facts of an agent for one month.

use crate::calendar::PayPeriod;
use crate::diag::nearest;
use crate::domain::{
    Absence, AgentFacts, Carriere, Dated, Element, Famille, TauxPas, Word, in_force,
};
use crate::num::Fixed;
use crate::program::Program;
use crate::rulebook::Rules;

use super::{Change, ChangeError, Colonne};

/// Whom a change is for: the contracts of a month, under the rules that name what it may use.
#[derive(Clone, Copy)]
pub struct Contrat<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The compiled month.
    pub program: &'a Program,
    /// The employer, when the agent has several.
    pub siret: Option<&'a str>,
    /// The contract, when the agent has several.
    pub contrat: Option<&'a str>,
}

impl Contrat<'_> {
    fn mois(&self) -> PayPeriod {
        self.program.period
    }

    fn holds(&self, row: &Carriere) -> bool {
        self.contrat.is_none_or(|contrat| *row.contrat == *contrat)
            && self.siret.is_none_or(|siret| row.siret.as_str() == siret)
    }

    /// The first row with a day in the month; else the first row, whose contract has ended.
    fn career<'f>(&self, facts: &'f AgentFacts) -> Option<&'f Carriere> {
        let (first, last) = (self.mois().first_day(), self.mois().last_day());
        let here = |row: &&Carriere| {
            let dated = &row.dated;
            self.holds(row) && dated.depuis <= last && dated.fin.is_none_or(|fin| first <= fin)
        };
        let mut rows = facts.carrieres.iter();
        rows.clone().find(here).or_else(|| rows.find(|row| self.holds(row)))
    }

    /// Dates that hold for the whole month and from then on.
    fn dates(&self, facts: &AgentFacts) -> Dated {
        let reference = facts.agent.reference;
        Dated { depuis: self.mois().first_day(), fin: None, connu_le: None, reference }
    }
}

/// Changes the facts of the month.
///
/// Errors: a name that the rules do not have, days outside the month, more shared children than
/// children, no contract to change. The facts are then as they were.
pub fn apply(
    facts: &mut AgentFacts,
    change: &Change,
    who: &Contrat<'_>,
) -> Result<(), ChangeError> {
    match change {
        Change::Enfants(_) | Change::EnfantsAlternes(_) => famille(facts, change, who),
        Change::TauxPas(taux) => {
            facts.taux_pas = vec![TauxPas { dated: who.dates(facts), taux: Some(*taux) }];
            Ok(())
        }
        Change::Element { rubrique, colonne, valeur } => {
            element(facts, rubrique, (*colonne, *valeur), who)
        }
        Change::Absence { nature, .. } => {
            known_nature(nature, who)?;
            absence(facts, change, who)
        }
        _ => {
            if !facts.carrieres.iter().any(|row| who.holds(row)) {
                return Err(ChangeError::SansCarriere);
            }
            let mine = facts.carrieres.iter_mut().filter(|row| who.holds(row));
            mine.for_each(|row| career(row, change));
            Ok(())
        }
    }
}

fn career(row: &mut Carriere, change: &Change) {
    match change {
        Change::Statut(statut) => row.statut = *statut,
        Change::Regime(regime) => row.regime = Some(*regime),
        Change::Categorie(categorie) => row.categorie = Some(*categorie),
        Change::ZoneIr(zone) => row.zone_ir = Some(*zone),
        // An index written in the career would hide the change of grade or échelon.
        Change::Grade(grade) => {
            (row.grade, row.indice_majore, row.categorie) = (grade.clone(), None, None);
        }
        Change::Echelon(echelon) => (row.echelon, row.indice_majore) = (echelon.clone(), None),
        Change::IndiceBrut(indice) => {
            (row.indice_brut, row.indice_majore) = (indice.clone(), None);
        }
        Change::IndiceMajore(indice) => row.indice_majore = Some(*indice),
        Change::MontantMensuel(montant) => row.montant_mensuel = Some(*montant),
        Change::TauxHoraire(taux) => row.taux_horaire = Some(*taux),
        Change::Nbi(points) => row.nbi = *points,
        Change::Cti(points) => row.cti = *points,
        Change::TauxIndemnite(taux) => row.taux_indemnite = Some(*taux),
        Change::GroupeRifseep(groupe) => row.groupe_rifseep = Some(*groupe),
        Change::Quotite(quotite) => row.quotite = *quotite,
        Change::DureeHebdo(duree) => row.duree_hebdo = Some(*duree),
        // Not of the career.
        Change::Enfants(_)
        | Change::EnfantsAlternes(_)
        | Change::TauxPas(_)
        | Change::Element { .. }
        | Change::Absence { .. } => {}
    }
}

fn famille(facts: &mut AgentFacts, change: &Change, who: &Contrat<'_>) -> Result<(), ChangeError> {
    let dated = who.dates(facts);
    let now = in_force(&facts.familles, who.mois().first_day(), who.program.known_on);
    let (mut enfants, mut enfants_alternes) =
        now.map_or((0, 0), |row| (row.enfants, row.enfants_alternes));
    let (champ, valeur) = match change {
        Change::Enfants(number) => {
            enfants = *number;
            ("enfants", number)
        }
        Change::EnfantsAlternes(number) => {
            enfants_alternes = *number;
            ("enfants_alternes", number)
        }
        _ => return Ok(()),
    };
    if enfants_alternes > enfants {
        let (champ, valeur) = (champ.to_owned(), valeur.to_string());
        return Err(ChangeError::Enfants { champ, valeur });
    }
    facts.familles = vec![Famille { dated, enfants, enfants_alternes }];
    Ok(())
}

/// Gives a rubrique a value, in the place of its rows; columns given one by one make one row.
fn element(
    facts: &mut AgentFacts,
    rubrique: &Word,
    (colonne, valeur): (Colonne, Fixed),
    who: &Contrat<'_>,
) -> Result<(), ChangeError> {
    known_rubrique(rubrique, who)?;
    let dated = who.dates(facts);
    let career = who.career(facts).ok_or(ChangeError::SansCarriere)?;
    let (siret, contrat) = (career.siret, career.contrat.clone());
    let same =
        |row: &Element| row.rubrique == *rubrique && row.siret == siret && row.contrat == contrat;
    let tried = facts.elements.iter().find(|row| same(row) && row.dated == dated).cloned();
    let mut row = tried.unwrap_or_else(|| Element {
        siret,
        contrat: contrat.clone(),
        rubrique: rubrique.clone(),
        dated,
        nombre: None,
        base: None,
        taux: None,
        montant: None,
        montant_paye: None,
        mois_origine: None,
        libelle: None,
    });
    let cell = match colonne {
        Colonne::Montant => &mut row.montant,
        Colonne::Nombre => &mut row.nombre,
        Colonne::Base => &mut row.base,
        Colonne::Taux => &mut row.taux,
        Colonne::MontantPaye => &mut row.montant_paye,
    };
    *cell = Some(valeur);
    facts.elements.retain(|other| !same(other));
    facts.elements.push(row);
    Ok(())
}

/// A code that no rule has would be found by the engine too, but under a row that nobody wrote.
fn known_rubrique(rubrique: &Word, who: &Contrat<'_>) -> Result<(), ChangeError> {
    let printed = who.program.items.iter().filter(|item| item.printed);
    let mut codes: Vec<&str> = printed.map(|item| item.nom.as_str()).collect();
    if codes.contains(&&**rubrique) {
        return Ok(());
    }
    codes.sort_unstable();
    let proches = nearest(rubrique, codes, 3).into_iter().map(str::to_owned).collect();
    Err(ChangeError::Rubrique { code: rubrique.to_string(), proches })
}

fn known_nature(nature: &Word, who: &Contrat<'_>) -> Result<(), ChangeError> {
    let table = who.rules.book.as_ref().and_then(|b| b.book().tables.get("natures_absence"));
    let (day, known_on) = (who.mois().first_day(), who.program.known_on);
    let names = table.into_iter().flat_map(|table| table.rows("", day, known_on));
    let names: Vec<&str> = names.map(|(name, _)| name).collect();
    if names.contains(&&**nature) {
        return Ok(());
    }
    let close = nearest(nature, names.iter().copied(), 3);
    let shown = if close.is_empty() { names } else { close };
    let noms = shown.into_iter().map(str::to_owned).collect();
    Err(ChangeError::Nature { nature: nature.to_string(), noms })
}

/// Adds an absence, in the place of the one of the same nature and first day.
fn absence(facts: &mut AgentFacts, change: &Change, who: &Contrat<'_>) -> Result<(), ChangeError> {
    let Change::Absence { nature, debut, fin } = change else { return Ok(()) };
    let (debut, fin, mois) = (*debut, *fin, who.mois());
    if fin < mois.first_day() || debut > mois.last_day() {
        return Err(ChangeError::HorsMois { debut, fin, mois });
    }
    let reference = facts.agent.reference;
    let career = who.career(facts).ok_or(ChangeError::SansCarriere)?;
    let (siret, contrat) = (career.siret, career.contrat.clone());
    facts.absences.retain(|row| {
        (row.siret, &row.contrat, &row.nature, row.debut) != (siret, &contrat, nature, debut)
    });
    facts.absences.push(Absence {
        siret,
        contrat,
        nature: nature.clone(),
        debut,
        fin,
        connu_le: None,
        accorde_le: None,
        prolongation: false,
        heures: None,
        demi_journees: None,
        sans_carence: false,
        taux: None,
        reference,
    });
    Ok(())
}
