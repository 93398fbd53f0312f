//! One row against what is known: agent, rubrique, numbers, dates, what is stored already.

use std::collections::BTreeMap;

use super::Contexte;
use super::messages::{cellule, cite, liste, vouliez_vous};
use super::referentiel::{RubriqueConnue, Usage};
use super::stock::{Identite, Index, effet};
use super::valeurs::{Colonne, Valeurs};
use crate::calendar::Day;
use crate::diag::{Code, nearest};
use crate::domain::{Element, Siret};
use crate::io::{ElementReader, PoolContext};
use crate::limits::SAISIE_SUGGESTIONS;
use crate::num::Fixed;

/// What is said of a row, or of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constat {
    /// The code that the pool gives to the same fault; none: it only exists in a form.
    pub code: Option<Code>,
    /// Whether nothing can be stored before it is mended.
    pub bloquant: bool,
    /// The cell.
    pub champ: Option<Colonne>,
    /// What was found, in French.
    pub message: String,
    /// What to do, in French.
    pub remede: String,
}

impl Constat {
    /// A finding that forbids to store.
    pub(super) fn bloquant(
        champ: Option<Colonne>,
        message: impl Into<String>,
        remede: impl Into<String>,
    ) -> Self {
        let (message, remede) = (message.into(), remede.into());
        Self { code: None, bloquant: true, champ, message, remede }
    }

    /// A finding that only informs.
    pub(super) fn note(
        champ: Option<Colonne>,
        message: impl Into<String>,
        remede: impl Into<String>,
    ) -> Self {
        Self { bloquant: false, ..Self::bloquant(champ, message, remede) }
    }

    /// The same with its code.
    pub(super) fn code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }
}

/// What storing a row would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effet {
    /// A row that did not exist.
    Nouvelle,
    /// Corrects a row that was stored another day; both stay in the file.
    Corrige {
        /// What is stored.
        ancienne: Valeurs,
    },
    /// Takes the place of a row that was stored the same day.
    Remplace {
        /// What is stored.
        ancienne: Valeurs,
    },
    /// Says what is stored already: nothing to do.
    Inchangee,
    /// Cannot be stored.
    Refusee,
}

/// A row with what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LigneJugee {
    /// Line of the file, or row of the form, from 1.
    pub numero: u32,
    /// The cells: as stored when the row is accepted, else as they were typed.
    pub valeurs: Valeurs,
    /// In the order of the checks.
    pub constats: Vec<Constat>,
    /// What storing it would do.
    pub effet: Effet,
}

impl LigneJugee {
    /// Whether the row cannot be stored.
    pub fn est_bloquee(&self) -> bool {
        self.effet == Effet::Refusee
    }

    /// What the pool will read there, for a row that is accepted.
    pub fn element(&self, siret: Siret) -> Option<Element> {
        self.valeurs.element(self.numero, siret)
    }
}

/// A row as it was typed, with what its text alone already says.
#[derive(Clone, Debug)]
pub(super) struct Brute {
    pub(super) numero: u32,
    pub(super) valeurs: Valeurs,
    pub(super) constats: Vec<Constat>,
}

/// Judges rows together: a row also depends on those before it.
pub(super) fn juger(brutes: Vec<Brute>, contexte: &Contexte<'_>) -> Vec<LigneJugee> {
    let nowhere = PoolContext::default();
    let mut juge = Juge {
        contexte,
        reader: ElementReader::new(&nowhere, contexte.siret),
        seen: BTreeMap::new(),
        stored: Index::new(contexte.stockees),
        recherches: SAISIE_SUGGESTIONS,
    };
    brutes.into_iter().map(|brute| juge.ligne(brute)).collect()
}

struct Juge<'j, 'c> {
    contexte: &'j Contexte<'c>,
    reader: ElementReader<'j>,
    /// The rows met, by what makes two rows say the same thing.
    seen: BTreeMap<(Identite, Day), u32>,
    stored: Index<'j>,
    /// Rows for which near names are still looked for: each look goes over every name.
    recherches: usize,
}

impl Juge<'_, '_> {
    fn ligne(&mut self, brute: Brute) -> LigneJugee {
        let Brute { numero, valeurs, mut constats } = brute;
        let typed = valeurs.clone();
        let refused =
            |constats| LigneJugee { numero, valeurs: typed, constats, effet: Effet::Refusee };
        // A cell that could harm is not looked at any further.
        if constats.iter().any(|constat| constat.bloquant) {
            return refused(constats);
        }
        let Some(completed) = self.completed(valeurs, &mut constats) else {
            return refused(constats);
        };
        let Some(element) = self.element(numero, &completed, &mut constats) else {
            self.agent(&completed, None, &mut constats);
            return refused(constats);
        };
        self.agent(&completed, Some(&element), &mut constats);
        self.rubrique(&completed, &element, &mut constats);
        self.bornes(&element, &mut constats);
        self.dates(&element, &mut constats);
        let agent = completed.get(Colonne::Agent);
        self.doublon(numero, agent, &element, &mut constats);
        let stored = effet(agent, &element, &self.stored, self.contexte.aujourdhui);
        if constats.iter().any(|constat| constat.bloquant) {
            return refused(constats);
        }
        match stored {
            Ok((effet, notes)) => {
                constats.extend(notes);
                let valeurs = stockables(agent, &element);
                LigneJugee { numero, valeurs, constats, effet }
            }
            Err(constat) => {
                constats.push(*constat);
                refused(constats)
            }
        }
    }

    /// The row with the employer and the month of the page; none: it is of another employer.
    fn completed(&self, mut valeurs: Valeurs, constats: &mut Vec<Constat>) -> Option<Valeurs> {
        let siret = valeurs.get(Colonne::Siret).trim().to_owned();
        if !siret.is_empty() && Siret::parse(&siret) != Some(self.contexte.siret) {
            let message = format!("Le SIRET {} n’est pas celui de cette page.", cite(&siret));
            let remede = format!(
                "Écrivez {} ou laissez la cellule vide\u{202f}; un tableur peut avoir coupé le \
                 numéro ou l’avoir arrondi.",
                self.contexte.siret
            );
            constats
                .push(Constat::bloquant(Some(Colonne::Siret), message, remede).code(Code::E711));
            return None;
        }
        valeurs.set(Colonne::Siret, self.contexte.siret.as_str());
        let today = self.contexte.aujourdhui.to_string();
        let known = valeurs.get(Colonne::ConnuLe).trim();
        if !known.is_empty() && known != today {
            constats.push(Constat::note(
                Some(Colonne::ConnuLe),
                "La colonne «\u{a0}connu_le\u{a0}» n’est pas lue\u{202f}: c’est le jour du dépôt.",
                "Rien à faire\u{202f}; vous pouvez vider cette cellule.",
            ));
        }
        valeurs.set(Colonne::ConnuLe, today);
        let mois = self.contexte.mois;
        if valeurs.get(Colonne::Depuis).trim().is_empty() {
            valeurs.set(Colonne::Depuis, mois.first_day().to_string());
            if valeurs.get(Colonne::Fin).trim().is_empty() {
                valeurs.set(Colonne::Fin, mois.last_day().to_string());
            }
        }
        Some(valeurs)
    }

    /// The row as the pool reads it; else one finding for each cell that it refuses.
    fn element(
        &mut self,
        numero: u32,
        valeurs: &Valeurs,
        constats: &mut Vec<Constat>,
    ) -> Option<Element> {
        let (element, findings) = self.reader.read(numero, valeurs.cells());
        if element.is_some() {
            return element;
        }
        let before = constats.len();
        for column in Colonne::ALL {
            // The cell alone, among cells that are right.
            let alone = Valeurs::default()
                .with(Colonne::Siret, self.contexte.siret.as_str())
                .with(Colonne::Contrat, "C")
                .with(Colonne::Rubrique, "R")
                .with(Colonne::Depuis, self.contexte.mois.first_day().to_string())
                .with(column, valeurs.get(column));
            let fin = column == Colonne::Fin;
            let alone = if fin { alone.with(Colonne::Depuis, "1900-01-01") } else { alone };
            let (_, found) = self.reader.read(numero, alone.cells());
            let found = found.iter().filter(|finding| finding.is_error());
            constats.extend(found.map(|f| cellule(f.code, column, valeurs.get(column).trim())));
        }
        if constats.len() == before {
            // Every cell is right by itself: what is left is their order.
            let code = findings.first().map_or(Code::E704, |finding| finding.code);
            let message = format!(
                "La date de fin {} est avant la date de début {}.",
                cite(valeurs.get(Colonne::Fin).trim()),
                cite(valeurs.get(Colonne::Depuis).trim())
            );
            let remede =
                "Corrigez l’une des deux\u{202f}: «\u{a0}fin\u{a0}» est le dernier jour, compris.";
            constats.push(Constat::bloquant(Some(Colonne::Fin), message, remede).code(code));
        }
        None
    }

    fn agent(&mut self, valeurs: &Valeurs, element: Option<&Element>, constats: &mut Vec<Constat>) {
        let agent = valeurs.get(Colonne::Agent).trim();
        let contrat = valeurs.get(Colonne::Contrat).trim();
        let contracts = self.contexte.contrats;
        let mine: Vec<_> = contracts.iter().filter(|known| known.agent == agent).collect();
        if agent.is_empty() {
            constats.push(cellule(Code::E707, Colonne::Agent, agent));
            return;
        }
        if mine.is_empty() {
            let message = format!("L’agent {} n’existe pas chez cet employeur.", cite(agent));
            let names = contracts.iter().map(|known| known.agent.as_str());
            let close = if self.cherche() { nearest(agent, names, 3) } else { Vec::new() };
            let remede = vouliez_vous(
                &close,
                "Copiez l’identifiant depuis la liste des agents ou le modèle à télécharger.",
            );
            let constat = Constat::bloquant(Some(Colonne::Agent), message, remede);
            constats.push(constat.code(Code::E725));
            return;
        }
        let same: Vec<_> = mine.iter().filter(|known| known.contrat == contrat).collect();
        if contrat.is_empty() {
            return;
        }
        if same.is_empty() {
            let message =
                format!("Le contrat {} n’existe pas pour l’agent {}.", cite(contrat), cite(agent));
            let names = liste(mine.iter().map(|known| known.contrat.as_str()));
            let remede = format!("Contrats de cet agent\u{202f}: {names}.");
            let constat = Constat::bloquant(Some(Colonne::Contrat), message, remede);
            constats.push(constat.code(Code::E725));
        } else if !same.iter().any(|known| known.couvre(self.contexte.mois)) {
            let paid = element.is_some_and(|element| element.montant_paye.is_some());
            let message = format!(
                "Le contrat {} n’a aucun jour en {}.",
                cite(contrat),
                self.contexte.mois.french()
            );
            let remede = "Pour un agent parti, remplissez «\u{a0}montant_paye\u{a0}»\u{202f}: \
                          rien n’est calculé sans un jour de présence.";
            let constat = Constat::bloquant(Some(Colonne::Contrat), message, remede);
            constats.push(Constat { bloquant: !paid, ..constat.code(Code::W914) });
        }
    }

    fn rubrique(&mut self, valeurs: &Valeurs, element: &Element, constats: &mut Vec<Constat>) {
        let code = &*element.rubrique;
        let referentiel = self.contexte.referentiel;
        let Some(rubrique) = referentiel.rubrique(code) else {
            let message = format!("La rubrique {} n’existe pas ce mois-ci.", cite(code));
            let close = if self.cherche() { self.proches(code) } else { Vec::new() };
            let remede = vouliez_vous(&close, "Choisissez un code dans la liste.");
            let constat = Constat::bloquant(Some(Colonne::Rubrique), message, remede);
            constats.push(constat.code(Code::E717));
            return;
        };
        let paid = element.montant_paye.is_some();
        match &rubrique.usage {
            Usage::Element { .. } if paid => {}
            Usage::Element { lues, requises } => {
                for column in requises {
                    if valeurs.get(*column).trim().is_empty() {
                        constats.push(manque(rubrique, *column));
                    }
                }
                let filled = Colonne::NOMBRES.into_iter();
                let filled = filled.filter(|column| !valeurs.get(*column).trim().is_empty());
                let unread: Vec<_> = filled.filter(|column| !lues.contains(column)).collect();
                constats.extend(unread.into_iter().map(|column| non_lue(rubrique, lues, column)));
                constats.extend(vide(valeurs, rubrique, lues, requises));
            }
            Usage::Forcable if paid => {
                constats.push(Constat::note(
                    Some(Colonne::MontantPaye),
                    format!("{} est calculée\u{202f}: ce montant prendra sa place.", cite(code)),
                    "Vérifiez que c’est voulu\u{202f}; le bulletin le dira.",
                ));
            }
            Usage::Forcable | Usage::Calculee => {
                let message = format!(
                    "La rubrique {} est calculée par les règles et ne se saisit pas.",
                    cite(code)
                );
                let remede = match rubrique.usage {
                    Usage::Forcable => {
                        "Retirez la ligne, ou imposez le montant dans «\u{a0}montant_paye\u{a0}»."
                    }
                    _ => "Retirez la ligne\u{202f}: une cotisation ou un total ne s’impose pas.",
                };
                let constat = Constat::bloquant(Some(Colonne::Rubrique), message, remede);
                constats.push(constat.code(Code::E717));
            }
        }
    }

    /// Whether near names may still be looked for.
    fn cherche(&mut self) -> bool {
        let may = self.recherches > 0;
        self.recherches = self.recherches.saturating_sub(1);
        may
    }

    /// The three rubriques that a code or a label most likely stands for, by code.
    fn proches(&self, wanted: &str) -> Vec<&str> {
        let known = || self.contexte.referentiel.saisissables();
        let mut close = nearest(wanted, known().map(|rubrique| rubrique.code.as_str()), 3);
        for libelle in nearest(wanted, known().map(|rubrique| rubrique.libelle.as_str()), 3) {
            let found = known().find(|rubrique| rubrique.libelle == libelle);
            let code = found.map(|rubrique| rubrique.code.as_str());
            close.extend(code.filter(|code| !close.contains(code)));
        }
        close.truncate(3);
        close
    }

    fn bornes(&self, element: &Element, constats: &mut Vec<Constat>) {
        for (column, value) in nombres(element) {
            let Some(borne) = self.contexte.referentiel.bornes.get(&column) else { continue };
            let Some(value) = value else { continue };
            if scaled(value) < scaled(borne.min) || scaled(value) > scaled(borne.max) {
                let message = format!(
                    "{}\u{202f}: {} n’est pas entre {} et {}.",
                    column.french(),
                    cite(&value.french()),
                    borne.min.trimmed().french(),
                    borne.max.trimmed().french()
                );
                let remede = "Vérifiez la place de la virgule.";
                let constat = Constat::bloquant(Some(column), message, remede);
                constats.push(constat.code(Code::E705));
            }
        }
    }

    fn dates(&self, element: &Element, constats: &mut Vec<Constat>) {
        let mois = self.contexte.mois;
        let dated = &element.dated;
        let french = mois.french();
        if dated.depuis > mois.last_day() || !dated.lasts(mois.first_day()) {
            let column =
                if dated.depuis > mois.last_day() { Colonne::Depuis } else { Colonne::Fin };
            let message = format!("Les dates de la ligne ne touchent pas {french}.");
            let remede = "Laissez «\u{a0}depuis\u{a0}» et «\u{a0}fin\u{a0}» vides pour ce \
                          mois\u{202f}; \
                          un rappel porte son mois dans «\u{a0}mois_origine\u{a0}».";
            constats.push(Constat::bloquant(Some(column), message, remede).code(Code::E704));
        } else if dated.fin.is_none() {
            constats.push(Constat::note(
                Some(Colonne::Fin),
                "Ligne sans date de fin\u{202f}: elle comptera aussi les mois suivants.",
                format!("Pour {french} seulement, écrivez {}.", mois.last_day().french()),
            ));
        }
        if let Some(origine) = element.mois_origine.filter(|origine| *origine > mois) {
            let message =
                format!("Le mois d’origine {} est après {french}.", cite(&origine.french()));
            let remede = "Un rappel porte sur un mois passé\u{202f}: corrigez, ou laissez vide.";
            let constat = Constat::bloquant(Some(Colonne::MoisOrigine), message, remede);
            constats.push(constat.code(Code::E704));
        }
    }

    fn doublon(
        &mut self,
        numero: u32,
        agent: &str,
        element: &Element,
        constats: &mut Vec<Constat>,
    ) {
        let key = (Identite::of(agent, element), element.dated.depuis);
        if let Some(first) = self.seen.get(&key) {
            let message = format!("Même agent, contrat, rubrique et début qu’à la ligne {first}.");
            let remede = "Gardez une seule des deux lignes, ou distinguez-les par leur libellé.";
            constats.push(Constat::bloquant(None, message, remede).code(Code::E713));
            return;
        }
        self.seen.insert(key, numero);
    }
}

/// The number cells of an element.
pub(super) fn nombres(element: &Element) -> [(Colonne, Option<Fixed>); 5] {
    [
        (Colonne::Nombre, element.nombre),
        (Colonne::Base, element.base),
        (Colonne::Taux, element.taux),
        (Colonne::Montant, element.montant),
        (Colonne::MontantPaye, element.montant_paye),
    ]
}

/// A number at the most decimals there are.
fn scaled(value: Fixed) -> i128 {
    let missing = u32::from(Fixed::MAX_SCALE.saturating_sub(value.scale()));
    i128::from(value.mantissa()) * 10_i128.pow(missing)
}

/// The cells that are stored: plain dates and numbers, which every reader takes.
pub(super) fn stockables(agent: &str, element: &Element) -> Valeurs {
    let day = |day: Option<Day>| day.map_or(String::new(), |day| day.to_string());
    let mut valeurs = Valeurs::default()
        .with(Colonne::Agent, agent.trim())
        .with(Colonne::Siret, element.siret.as_str())
        .with(Colonne::Contrat, &*element.contrat)
        .with(Colonne::Rubrique, &*element.rubrique)
        .with(Colonne::Depuis, element.dated.depuis.to_string())
        .with(Colonne::Fin, day(element.dated.fin))
        .with(Colonne::ConnuLe, day(element.dated.connu_le))
        .with(Colonne::Libelle, element.libelle.as_deref().unwrap_or_default());
    for (column, value) in nombres(element) {
        valeurs.set(column, value.map_or(String::new(), |value| value.to_string()));
    }
    if let Some(mois) = element.mois_origine {
        valeurs.set(Colonne::MoisOrigine, mois.to_string());
    }
    valeurs
}

fn manque(rubrique: &RubriqueConnue, column: Colonne) -> Constat {
    let message = format!(
        "La rubrique {} ({}) a besoin de «\u{a0}{}\u{a0}».",
        cite(&rubrique.code),
        rubrique.libelle,
        column.name()
    );
    let remede = format!(
        "Remplissez la colonne «\u{a0}{}\u{a0}»\u{202f}; vide n’est pas zéro.",
        column.name()
    );
    Constat::bloquant(Some(column), message, remede).code(Code::E707)
}

fn non_lue(
    rubrique: &RubriqueConnue,
    lues: &std::collections::BTreeSet<Colonne>,
    column: Colonne,
) -> Constat {
    let message = format!(
        "La rubrique {} ne lit pas «\u{a0}{}\u{a0}»\u{202f}: cette valeur ne changera rien.",
        cite(&rubrique.code),
        column.name()
    );
    let remede = format!("Elle lit\u{202f}: {}.", liste(lues.iter().map(|column| column.name())));
    Constat::note(Some(column), message, remede)
}

/// A row without any number, where the rubrique may do with several.
fn vide(
    valeurs: &Valeurs,
    rubrique: &RubriqueConnue,
    lues: &std::collections::BTreeSet<Colonne>,
    requises: &std::collections::BTreeSet<Colonne>,
) -> Option<Constat> {
    let said = lues.iter().any(|column| !valeurs.get(*column).trim().is_empty());
    if said || lues.is_empty() || !requises.is_empty() {
        return None;
    }
    let message = format!("La ligne ne dit aucun nombre pour {}.", cite(&rubrique.code));
    let names = liste(lues.iter().map(|column| column.name()));
    Some(Constat::note(None, message, format!("Remplissez au besoin\u{202f}: {names}.")))
}

/// Whether two rows say the same numbers until the same day.
pub(super) fn dit_la_meme_chose(former: &Element, element: &Element) -> bool {
    let trimmed = |element: &Element| nombres(element).map(|(_, value)| value.map(Fixed::trimmed));
    former.dated.fin == element.dated.fin && trimmed(former) == trimmed(element)
}
