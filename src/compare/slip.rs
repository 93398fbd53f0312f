//! A payslip reduced to what is compared: its state, its totals, the amounts of each rubrique, and
//! a print of everything else that its lines say.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Siret, Word};
use crate::dossier::Prepared;
use crate::engine::{PayLine, Payslip};
use crate::program::Program;

/// A rubrique met on one side or the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rubrique {
    /// Code printed.
    pub code: String,
    /// Label printed.
    pub libelle: String,
    /// What it is for the net, as files say it (`gain`, `cotisation`, `total`…).
    pub nature: String,
    /// Place on the payslip.
    pub ordre: i64,
}

/// The rubriques of both sides; each code has one place, whichever rules it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rubriques {
    all: Vec<Rubrique>,
    by_code: BTreeMap<String, usize>,
}

impl Rubriques {
    /// The place of a code; what it is called is what the first side calls it.
    pub fn place(&mut self, code: &str, make: impl FnOnce() -> Rubrique) -> usize {
        if let Some(&place) = self.by_code.get(code) {
            return place;
        }
        let place = self.all.len();
        self.all.push(make());
        self.by_code.insert(code.to_owned(), place);
        place
    }

    /// The places of the items of a program, in the order of the items.
    pub fn places(&mut self, program: &Program) -> Vec<usize> {
        let place = |info: &crate::program::ItemInfo| {
            self.place(&info.code, || Rubrique {
                code: info.code.clone(),
                libelle: info.libelle.clone(),
                nature: info.nature.name().to_owned(),
                ordre: info.ordre,
            })
        };
        program.items.iter().map(place).collect()
    }

    /// What is at a place.
    pub fn get(&self, place: usize) -> Option<&Rubrique> {
        self.all.get(place)
    }
}

/// Whether a payslip can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It can be paid.
    Payable,
    /// It waits for a human.
    Bloque,
}

/// One payslip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The employer.
    pub siret: Siret,
    /// The contract.
    pub contrat: Word,
    /// Whether it can be paid.
    pub state: State,
    /// Gross pay, net to pay, cost of the employer, in cents; zero when blocked.
    pub totals: [i64; 3],
    /// By place of the rubrique, sorted: agent side (or amount) and employer side, in cents.
    pub amounts: Vec<(usize, [i64; 2])>,
    /// A print of the lines as they read: labels, numbers, bases, rates, months of origin.
    pub printed: u64,
}

impl Slip {
    /// A payslip that waits for a human.
    pub fn blocked(siret: Siret, contrat: Word) -> Self {
        let (totals, amounts, printed) = ([0; 3], Vec::new(), 0);
        Self { siret, contrat, state: State::Bloque, totals, amounts, printed }
    }

    /// Adds the amounts of a line.
    pub fn add(&mut self, place: usize, agent: i64, employeur: i64) {
        match self.amounts.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => {
                if let Some((_, sides)) = self.amounts.get_mut(at) {
                    *sides = [sides[0] + agent, sides[1] + employeur];
                }
            }
            Err(at) => self.amounts.insert(at, (place, [agent, employeur])),
        }
    }
}

/// The payslips of an agent on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSlips {
    /// The agent.
    pub agent: Word,
    /// One a contract.
    pub slips: Vec<Slip>,
}

/// Reduces the payslips of one program.
pub struct Slips<'p> {
    program: &'p Program,
    places: Vec<usize>,
    totals: [Option<usize>; 3],
}

impl<'p> Slips<'p> {
    /// For a program, with the places of its items.
    pub fn new(program: &'p Program, rubriques: &mut Rubriques) -> Self {
        let totals = ["BRUT", "NET_A_PAYER", "COUT_EMPLOYEUR"].map(|nom| program.item(nom));
        Self { program, places: rubriques.places(program), totals }
    }

    /// A payslip that can be paid.
    pub fn slip(&self, facts: &AgentFacts, contract: &Prepared, payslip: &Payslip) -> Slip {
        let total = |item: Option<usize>| item.map_or(0, |item| payslip.amount(item));
        let mut slip = Slip {
            siret: contract.siret,
            contrat: Word::clone(&contract.contrat),
            state: State::Payable,
            totals: self.totals.map(total),
            amounts: Vec::with_capacity(payslip.lines.len()),
            printed: 0,
        };
        let mut print = DefaultHasher::new();
        for line in &payslip.lines {
            let Some(&place) = self.places.get(line.item) else { continue };
            let (agent, employeur) = (line.montant_agent, line.montant_employeur);
            slip.add(place, agent.unwrap_or(0), employeur.unwrap_or(0));
            self.print(facts, contract, line, &mut print);
        }
        slip.printed = print.finish();
        slip
    }

    fn print(
        &self,
        facts: &AgentFacts,
        contract: &Prepared,
        line: &PayLine,
        print: &mut DefaultHasher,
    ) {
        let info = self.program.items.get(line.item);
        let place = line.element.and_then(|at| contract.elements.get(at));
        let element = place.and_then(|&at| facts.elements.get(at));
        let origin = element.and_then(|element| element.mois_origine);
        let origin: Option<PayPeriod> = origin.filter(|month| *month != self.program.period);
        let absence = line.absence.and_then(|at| contract.absences.get(at));
        info.map(|info| (&info.code, &info.libelle, &info.motif)).hash(print);
        element.and_then(|element| element.libelle.as_deref()).hash(print);
        origin.map(|month| month.to_string()).hash(print);
        absence.map(|piece| (&*piece.motif, &piece.libelle)).hash(print);
        (line.nombre, line.base, line.taux_agent, line.taux_employeur).hash(print);
        (line.montant_agent, line.montant_employeur).hash(print);
    }
}
