//! What rows may name: contracts, and the rubriques of a month with the columns they read.

use std::collections::{BTreeMap, BTreeSet};

use super::valeurs::Colonne;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::{CheckedRuleBook, Node, NodeKind};
use crate::num::Fixed;
use crate::rules::{Book, Definition, EntreeType, Formula, Item, ItemId, Nature};

/// A contract of the employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContratConnu {
    /// Opaque id of the agent.
    pub agent: String,
    /// The contract.
    pub contrat: String,
    /// Name of the agent, for the model.
    pub nom: String,
    /// First name of the agent, for the model.
    pub prenom: String,
    /// First day of the contract.
    pub depuis: Day,
    /// Last day, included; none: still open.
    pub fin: Option<Day>,
}

impl ContratConnu {
    /// Whether the contract has a day in the month.
    pub fn couvre(&self, mois: PayPeriod) -> bool {
        self.depuis <= mois.last_day() && self.fin.is_none_or(|fin| fin >= mois.first_day())
    }
}

/// How `elements.csv` may name a rubrique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Fed by elements: the columns it reads, and those without which it cannot be computed.
    Element {
        /// Columns read.
        lues: BTreeSet<Colonne>,
        /// Columns needed.
        requises: BTreeSet<Colonne>,
    },
    /// Computed by the rules: only `montant_paye` is accepted, which takes its place.
    Forcable,
    /// Computed by the rules, and never forced: a contribution, a total.
    Calculee,
}

/// A rubrique of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RubriqueConnue {
    /// What `elements.csv` names.
    pub code: String,
    /// Its label.
    pub libelle: String,
    /// How it may be named.
    pub usage: Usage,
}

/// What a number column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Borne {
    /// Smallest value.
    pub min: Fixed,
    /// Largest value.
    pub max: Fixed,
}

/// The rubriques of a month, and the bounds of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referentiel {
    /// By code.
    pub rubriques: Vec<RubriqueConnue>,
    /// Bounds of number columns; none: any number.
    pub bornes: BTreeMap<Colonne, Borne>,
}

/// The inputs that stand for columns.
const ENTREES: [(&str, Colonne); 4] = [
    ("element.nombre", Colonne::Nombre),
    ("element.base", Colonne::Base),
    ("element.taux", Colonne::Taux),
    ("element.montant", Colonne::Montant),
];

impl Referentiel {
    /// What the rules accept in a month, for what is known of them.
    pub fn du_mois(rules: &CheckedRuleBook, mois: PayPeriod, known: KnownOn) -> Self {
        let book = rules.book();
        let printed = book.items.iter().filter(|item| item.printed());
        let mut rubriques: Vec<RubriqueConnue> = printed
            .filter_map(|item| {
                let usage = usage(book, item, mois, known)?;
                let (code, libelle) = (item.nom.clone(), item.libelle.clone());
                Some(RubriqueConnue { code, libelle, usage })
            })
            .collect();
        rubriques.sort_by(|a, b| a.code.cmp(&b.code));
        let mut bornes: BTreeMap<Colonne, Borne> =
            ENTREES.iter().filter_map(|(nom, column)| Some((*column, borne(book, nom)?))).collect();
        // An amount paid as it stands has no input of its own: it is bound like the others.
        if let Some(montant) = bornes.get(&Colonne::Montant).copied() {
            bornes.insert(Colonne::MontantPaye, montant);
        }
        Self { rubriques, bornes }
    }

    /// The rubrique of a code.
    pub fn rubrique(&self, code: &str) -> Option<&RubriqueConnue> {
        self.rubriques.iter().find(|rubrique| rubrique.code == code)
    }

    /// The rubriques that elements feed, in the order of their codes.
    pub fn saisissables(&self) -> impl Iterator<Item = &RubriqueConnue> {
        let fed = |rubrique: &&RubriqueConnue| matches!(rubrique.usage, Usage::Element { .. });
        self.rubriques.iter().filter(fed)
    }
}

fn borne(book: &Book<Node>, nom: &str) -> Option<Borne> {
    let entree = book.entree(nom)?;
    let EntreeType::Nombre { decimales } = entree.kind else { return None };
    let at = |value| Fixed::new(value, decimales);
    Some(Borne { min: at(entree.min), max: at(entree.max) })
}

/// How a month accepts an item; none: no rule covers it then.
fn usage(book: &Book<Node>, item: &Item<Node>, mois: PayPeriod, known: KnownOn) -> Option<Usage> {
    let forces = !matches!(item.nature(), Nature::Cotisation | Nature::Total);
    if !item.portee.by_element() {
        return Some(if forces { Usage::Forcable } else { Usage::Calculee });
    }
    let mut days = vec![mois.first_day()];
    days.extend(item.versions.changes(mois.first_day(), mois.last_day(), known));
    let mut columns = Lues::default();
    let mut covered = false;
    for day in days {
        if let Some(version) = item.versions.in_force(day, known) {
            covered = true;
            columns.definition(book, &version.value);
        }
    }
    let Lues { lues, testees, .. } = columns;
    let requises = lues.difference(&testees).copied().collect();
    covered.then_some(Usage::Element { lues, requises })
}

/// The columns that formulas read, and those whose presence they test.
#[derive(Default)]
struct Lues {
    lues: BTreeSet<Colonne>,
    testees: BTreeSet<Colonne>,
    seen: BTreeSet<ItemId>,
}

impl Lues {
    fn definition(&mut self, book: &Book<Node>, definition: &Definition<Node>) {
        let etapes = definition.etapes.iter().map(|(_, formula)| formula);
        let optional =
            [&definition.applicable, &definition.nombre, &definition.base, &definition.taux];
        let all = etapes.chain(optional.into_iter().flatten()).chain([&definition.formule]);
        all.for_each(|formula| self.formula(book, formula));
    }

    fn formula(&mut self, book: &Book<Node>, formula: &Formula<Node>) {
        let mut below = Vec::new();
        let column = |id: crate::rules::EntreeId| {
            let nom = &book.entrees.get(id.index())?.nom;
            ENTREES.iter().find(|(input, _)| input == nom).map(|(_, column)| *column)
        };
        formula.tree.walk(&mut |node| match &node.kind {
            NodeKind::Entree(id) => self.lues.extend(column(*id)),
            NodeKind::Present(id) => self.testees.extend(column(*id)),
            NodeKind::Item(id, _) => below.push(*id),
            _ => {}
        });
        for id in below {
            let fed = book.get(id).filter(|item| item.portee.by_element());
            if let Some(item) = fed.filter(|_| self.seen.insert(id)) {
                for version in item.versions.versions() {
                    self.definition(book, &version.value);
                }
            }
        }
    }
}
