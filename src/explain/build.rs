//! From what ran to trees of steps: lines, shares, sides, absences.

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::check::{Node, Part};
use crate::dossier::{IndexSource, Prepared};
use crate::engine::{Fault, FaultKind, Place};
use crate::num::{Amount, Fixed, RoundingMode};
use crate::program::{Block, BlockResult, ItemInfo, Mode, PRINTED, Program, Rounding, Val};
use crate::rules::{
    ArrondiMode, Book, Definition, Entree, Item, ItemId, ItemKind, Nature, Portee, Segments,
    SideRate, Timeline,
};
use crate::source::SourceMap;
use crate::syntax::Unit;

use super::absence::Entry;
use super::formula::walk;
use super::origine::Faits;
use super::record::{Record, Shot};
use super::value::{Exact, is_default, symbol, yes};
use super::{ArrondiApplique, Etat, ExplainTarget, Formule, Genre, Step, Valeur, cite};

/// Everything an explanation reads.
pub struct Context<'a> {
    /// The rules.
    pub book: &'a Book<Node>,
    /// Their texts.
    pub sources: &'a SourceMap,
    /// The month.
    pub program: &'a Program,
    /// The contract.
    pub prepared: &'a Prepared,
    /// What ran.
    pub record: &'a Record,
    /// The facts behind it, to name their rows.
    pub faits: Option<Faits<'a>>,
}

/// One run of a block, ready to be read.
pub struct Frame<'a> {
    /// The code.
    pub block: &'a Block,
    /// Where it ran.
    pub place: Place,
    /// The definition in force.
    pub definition: &'a Definition<Node>,
    /// The slots when it ended.
    pub slots: &'a [i128],
    /// The day that chose the versions.
    pub day: Day,
}

impl<'a> Frame<'a> {
    /// The places of the values of a formula: applicable, etapes, formule, columns, sides.
    pub fn trace(&self, at: usize) -> &'a [Option<Val>] {
        self.block.trace.get(at).map_or(&[], Vec::as_slice)
    }

    fn slot(&self, slot: u16) -> Option<i128> {
        self.slots.get(usize::from(slot)).copied()
    }
}

/// Some segments of a line, or one element.
pub struct Group<'a> {
    /// The runs.
    pub shots: Vec<&'a Shot>,
    /// The full amount.
    pub value: Exact,
    /// Thirtieths.
    pub share: i128,
    /// How it is rounded.
    pub rounding: Option<Rounding>,
}

impl<'a> Context<'a> {
    /// The unit of an item's value.
    pub fn unit_of(&self, item: &Item<Node>) -> Unit {
        match item.kind {
            ItemKind::Grandeur { unite, .. } => unite,
            ItemKind::Controle(_) => Unit::NONE,
            _ => Unit::EURO,
        }
    }

    fn info(&self, id: ItemId) -> Option<&'a ItemInfo> {
        self.program.items.get(id.index())
    }

    fn variant(&self, segment: usize) -> Option<&'a crate::program::Variant> {
        let input = self.prepared.dossier.segments.get(segment)?;
        self.program.variants.get(input.variant)
    }

    /// The code that ran somewhere.
    pub fn block(&self, place: Place) -> Option<&'a Block> {
        if let (Some(segment), Some(_)) = (place.segment, place.absence) {
            return self.variant(segment)?.absence.iter().find(|block| block.item == place.item);
        }
        match (place.segment, place.element) {
            (Some(segment), Some(_)) => self.variant(segment)?.element.get(place.item)?.as_ref(),
            (Some(segment), None) => {
                self.variant(segment)?.segment.iter().find(|block| block.item == place.item)
            }
            (None, _) => self.program.month.iter().find(|block| block.item == place.item),
        }
    }

    /// A run, ready to be read.
    pub fn frame(&self, shot: &'a Shot) -> Option<Frame<'a>> {
        let block = self.block(shot.place)?;
        let item = self.book.items.get(shot.place.item)?;
        let definition = &item.versions.versions().get(block.versions.0)?.value;
        let day = match shot.place.segment {
            Some(segment) => self.variant(segment)?.from,
            None => self.program.period.first_day(),
        };
        Some(Frame { block, place: shot.place, definition, slots: &shot.slots, day })
    }

    /// A parameter of the employer with its value and where it comes from.
    fn chosen(&self, entree: &Entree, valeur: &Valeur) -> String {
        let from = match self.row_of(&entree.nom) {
            Some(row) => format!(", {row}"),
            None if is_default(entree, valeur) => ", valeur par défaut".to_owned(),
            None => String::new(),
        };
        format!("{} = {}{from}", entree.nom, valeur.texte)
    }

    /// The row that gives a parameter of the employer: `depuis le 2026-07-01, délibération 12`.
    pub fn row_of(&self, nom: &str) -> Option<String> {
        let row = self.prepared.choix.iter().find(|row| row.nom == nom)?;
        let reference = row.reference.iter().map(|text| format!(", {text}"));
        Some(format!("depuis le {}{}", row.depuis, reference.collect::<String>()))
    }

    /// How incomplete months are counted, when the rules leave it to the employer.
    fn counting(&self) -> Option<String> {
        let (entree, valeur) = self.counting_choice()?;
        Some(format!("décompte des jours : {}", self.chosen(entree, &valeur)))
    }

    /// The choice of the employer on incomplete months.
    pub fn counting_choice(&self) -> Option<(&'a Entree, Valeur)> {
        let inputs = &self.program.layout.employeur;
        let input = inputs.iter().find(|input| input.nom == "employeur.mois_incomplet")?;
        let entree = self.book.entrees.get(input.entree.index())?;
        let crate::rules::EntreeType::Enumeration(words) = &entree.kind else { return None };
        let place = usize::from(input.slot.checked_sub(inputs.first()?.slot)?);
        let valeur = symbol(words, *self.prepared.dossier.employeur.get(place)?);
        Some((entree, valeur))
    }

    /// The amount of an item's part in the slots of a run.
    pub fn amount(&self, id: ItemId, part: Part, frame: &Frame<'_>) -> Option<Exact> {
        let info = self.info(id)?;
        let slot = match (part, info.sides) {
            (Part::Agent, Some((agent, _))) => agent,
            (Part::Employeur, Some((_, employeur))) => employeur,
            (Part::Agent | Part::Employeur, None) => return None,
            (Part::Montant | Part::Base, _) => info.amount,
        };
        frame.slot(slot).map(Exact::cents)
    }

    /// Whether a version is in force on a day of the contract or on the first of the month.
    pub fn ruled(&self, item: &Item<Node>) -> bool {
        let days = self.prepared.segments.iter().map(|segment| segment.first);
        let mut days = days.chain([self.program.period.first_day()]);
        days.any(|day| item.versions.in_force(day, self.program.known_on).is_some())
    }

    /// Why no version is in force.
    pub fn no_rule(&self, item: &Item<Node>) -> String {
        let program = self.program;
        let month = program.period;
        let versions = item.versions.versions();
        let dated = versions.iter().filter(|version| version.depuis <= month.last_day());
        let unknown = dated.clone().any(|version| !version.known(program.known_on));
        let first = versions.first().map(|version| version.depuis);
        match (unknown, first) {
            (true, _) => format!(
                "aucune règle en vigueur en {} : elle n'était pas encore publiée le {}",
                month.french(),
                program.known_on
            ),
            (false, Some(first)) if first > month.last_day() => format!(
                "aucune règle en vigueur en {} : la première commence le {first}",
                month.french()
            ),
            _ => format!("aucune règle en vigueur en {}", month.french()),
        }
    }

    /// The input that a run missed.
    pub fn missing(&self, slot: u16) -> String {
        let layout = &self.program.layout;
        let scopes = [Portee::Employeur, Portee::Mois, Portee::Segment, Portee::Element];
        let scopes = scopes.into_iter().chain([Portee::Absence]);
        let mut inputs = scopes.flat_map(|portee| layout.scope(portee));
        let input = inputs.find(|input| input.slot == slot);
        let entree = input.and_then(|input| self.book.entrees.get(input.entree.index()));
        entree.map_or_else(
            || "il manque une entrée".to_owned(),
            |entree| format!("il manque `{}` ({})", entree.nom, entree.libelle),
        )
    }

    fn thirtieths(&self, segment: Option<usize>) -> i64 {
        let input = segment.and_then(|at| self.prepared.dossier.segments.get(at));
        input.map_or(30, |input| input.thirtieths)
    }

    /// `du 2026-10-01 au 2026-10-14 : 14/30`.
    fn segment_text(&self, segment: usize) -> String {
        let share = self.thirtieths(Some(segment));
        match self.prepared.segments.get(segment) {
            Some(facts) => format!("du {} au {} : {share}/30", facts.first, facts.last),
            None => format!("segment {} : {share}/30", segment + 1),
        }
    }

    /// The amount that a row imposes on an item.
    pub fn forced(&self, id: ItemId) -> Option<Amount> {
        let mut forced = self.prepared.dossier.forced.iter();
        forced.find(|(item, _)| *item == id.index()).map(|(_, amount)| *amount)
    }

    /// Why an item has no amount.
    pub fn faults(&self, id: ItemId) -> Vec<&'a Fault> {
        let faults = self.record.payslip.faults.iter();
        faults.filter(|fault| fault.item == id.index()).collect()
    }

    /// The shares of a line, as the engine makes them: segments with the same full amount are one.
    pub fn groups(&self, id: ItemId) -> Vec<Group<'a>> {
        let prorata = self.info(id).is_some_and(|info| info.segments == Segments::Prorata);
        let mut groups: Vec<Group<'a>> = Vec::new();
        for shot in self.record.of(id.index()).filter(|shot| shot.applied == Some(true)) {
            let Some(block) = self.block(shot.place) else { continue };
            let BlockResult::Exact { value, rounding } = block.result else { continue };
            let Some(value) = Exact::read(&value, &shot.slots) else { continue };
            let element = shot.place.element;
            let of = |group: &Group<'_>| group.shots.first().and_then(|s| s.place.element);
            let share = i128::from(self.thirtieths(shot.place.segment));
            if prorata {
                let same = groups.iter_mut().find(|g| of(g) == element && g.value.same(value));
                if let Some(group) = same {
                    group.share += share;
                    group.shots.push(shot);
                    continue;
                }
            } else if element.is_none() {
                groups.clear();
            }
            let share = if prorata { share } else { 30 };
            groups.push(Group { shots: vec![shot], value, share, rounding });
        }
        groups
    }
}

/// Builds the steps; remembers what was told, so that nothing is told twice.
pub struct Explainer<'a> {
    /// What it reads.
    pub context: &'a Context<'a>,
    seen: BTreeSet<(usize, Part, Option<usize>, Option<usize>)>,
    etapes: BTreeSet<(Place, usize)>,
}

/// The steps of every item that prints a code or bears a name.
pub fn lines<'a>(context: &'a Context<'a>, target: &ExplainTarget) -> Vec<Step> {
    let mut steps = Vec::new();
    let asked = |item: &Item<Node>| item.code == target.nom || item.nom == target.nom;
    for (at, item) in context.book.items.iter().enumerate().filter(|(_, item)| asked(item)) {
        let mut explainer = Explainer::new(context);
        let id = ItemId::at(at);
        steps.extend(explainer.top(id, item, target));
    }
    // A code shared by several items: those that are paid, or all when none is.
    if steps.iter().any(|step| step.etat == Some(Etat::Payee)) {
        steps.retain(|step| step.etat != Some(Etat::Absente));
    }
    steps
}

impl<'a> Explainer<'a> {
    /// Nothing told yet.
    pub fn new(context: &'a Context<'a>) -> Self {
        Self { context, seen: BTreeSet::new(), etapes: BTreeSet::new() }
    }

    fn top(&mut self, id: ItemId, item: &'a Item<Node>, target: &ExplainTarget) -> Vec<Step> {
        let depth = target.profondeur;
        self.seen.insert((id.index(), target.part.unwrap_or(Part::Montant), None, None));
        match &item.kind {
            ItemKind::Cotisation { .. } => vec![self.cotisation(id, item, target.part, depth)],
            ItemKind::Rubrique { .. } => self.rubrique(id, item, depth),
            ItemKind::Grandeur { .. } | ItemKind::Controle(_) => {
                vec![self.grandeur(id, item, (None, None), depth)]
            }
        }
    }

    /// Whether a named step of a run was not told yet.
    pub fn enter_etape(&mut self, frame: &Frame<'_>, at: usize) -> bool {
        self.etapes.insert((frame.place, at))
    }

    /// What is known of the origin of an input, beyond its value.
    pub fn origin(&self, nom: &str, frame: &Frame<'_>) -> Option<String> {
        if let Some(row) = self.context.row_of(nom) {
            return Some(format!("paramètre de l'employeur, {row}"));
        }
        if nom != "agent.indice_majore" {
            return None;
        }
        let segments = &self.context.prepared.segments;
        let facts = match frame.place.segment {
            Some(at) => segments.get(at),
            None => segments.last(),
        };
        let index = facts?.index.as_ref()?;
        Some(match index.source {
            IndexSource::Carriere => "écrit dans la carrière".to_owned(),
            IndexSource::Grille => format!("grille du grade, indice brut {}", index.ib),
            IndexSource::Bareme => format!("barème, indice brut {}", index.ib),
        })
    }

    // --- operands --------------------------------------------------------------------------------

    /// An item read by a formula, opened as far as `depth` allows.
    pub fn operand(&mut self, id: ItemId, part: Part, frame: &Frame<'a>, depth: usize) -> Step {
        let Some(item) = self.context.book.get(id) else {
            return Step::new(Genre::Ligne, "?", "");
        };
        let grandeur = matches!(item.kind, ItemKind::Grandeur { .. });
        let dot = if matches!(part, Part::Montant) { "" } else { "." };
        let nom = format!("{}{dot}{}", item.nom, part.name());
        let genre = if grandeur { Genre::Grandeur } else { Genre::Ligne };
        let mut step = Step::new(genre, &nom, &item.libelle);
        if depth == 0 {
            return step;
        }
        let segment = if grandeur { frame.place.segment } else { None };
        let absence = frame.place.absence.filter(|_| item.portee == Portee::Absence);
        if !self.seen.insert((id.index(), part, segment, absence)) {
            step.notes.push("détaillé plus haut".to_owned());
            return step;
        }
        let below = match &item.kind {
            ItemKind::Grandeur { .. } | ItemKind::Controle(_) => {
                vec![self.grandeur(id, item, (segment, absence), depth - 1)]
            }
            ItemKind::Rubrique { .. } => self.rubrique(id, item, depth - 1),
            ItemKind::Cotisation { .. } => vec![self.cotisation(id, item, Some(part), depth - 1)],
        };
        adopt(&mut step, below);
        strip(&mut step);
        step
    }

    /// An item that gives nothing: its condition in a word, nothing below.
    pub fn nothing(&mut self, id: ItemId, part: Part, frame: &Frame<'a>) -> Step {
        let mut step = self.operand(id, part, frame, 0);
        let month = frame.place.segment.is_none();
        let mut shots = self.context.record.of(id.index());
        let shot = shots.find(|shot| month || shot.place.segment == frame.place.segment);
        match shot.map(|shot| self.false_condition(shot, 0)) {
            Some(Some(condition)) => {
                step.notes.push(format!("ne s'applique pas : {} est faux", condition.calcul));
            }
            Some(None) => {}
            None => {
                if let Some(item) = self.context.book.get(id).filter(|item| item.printed()) {
                    step.notes.push(self.why_nothing_ran(id, item));
                }
            }
        }
        step
    }

    // --- quantities ------------------------------------------------------------------------------

    fn grandeur(
        &mut self,
        id: ItemId,
        item: &'a Item<Node>,
        (segment, absence): (Option<usize>, Option<usize>),
        depth: usize,
    ) -> Step {
        let mut step = Step::new(Genre::Grandeur, &item.nom, &item.libelle);
        let context = self.context;
        let unite = context.unit_of(item);
        let month = segment.is_none();
        let every = month && item.portee != Portee::Mois;
        let runs: Vec<&'a Shot> = if every {
            context.record.of(id.index()).collect()
        } else {
            context.record.at(id.index(), segment, absence).into_iter().collect()
        };
        let single = runs.len() == 1;
        let mut total: Option<Exact> = None;
        for shot in &runs {
            let mut part = Step::new(Genre::Part, &item.nom, "");
            let value = self.run_or_condition(&mut part, shot, depth);
            part.valeur = value.map(|value| super::value::named(&item.nom, unite, value));
            let share = context.thirtieths(shot.place.segment);
            let prorata =
                month && item.portee == Portee::Segment && item.segments == Segments::Prorata;
            let value = value.map(|v| if prorata { v.times(share.into(), 30) } else { v });
            total = match (total, value) {
                (Some(sum), Some(value)) if prorata => Some(sum_of(sum, value)),
                (before, value) => value.or(before),
            };
            if let Some(at) = shot.place.absence.filter(|_| month) {
                part.notes.insert(0, context.piece_text(at));
            } else if let Some(at) =
                shot.place.segment.filter(|_| month && (share != 30 || !single))
            {
                part.notes.insert(0, context.segment_text(at));
            }
            if single {
                adopt(&mut step, vec![part]);
                step.genre = Genre::Grandeur;
            } else {
                step.etapes.push(part);
            }
        }
        if let Some(mut total) = total {
            if month && item.portee == Portee::Segment {
                total = self.reduced_quantity(id, &mut step, total);
            }
            step.valeur = Some(super::value::named(&item.nom, unite, total));
        } else if runs.is_empty() {
            step.notes.push(context.no_rule(item));
        }
        step
    }

    /// A run that applied, or the condition that was false, or the fault.
    pub fn run_or_condition(
        &mut self,
        step: &mut Step,
        shot: &'a Shot,
        depth: usize,
    ) -> Option<Exact> {
        match shot.applied {
            Some(true) => self.run(step, shot, depth),
            Some(false) => {
                step.etapes.extend(self.false_condition(shot, depth));
                Some(Exact { num: 0, den: 1 })
            }
            None => {
                step.etat = Some(Etat::Bloquee);
                let faults = self.context.faults(ItemId::at(shot.place.item));
                for fault in faults {
                    self.fault(step, fault.kind, depth);
                }
                None
            }
        }
    }

    // --- rubriques -------------------------------------------------------------------------------

    fn rubrique(&mut self, id: ItemId, item: &'a Item<Node>, depth: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(amount) = self.context.forced(id) {
            let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
            step.notes.push(
                "montant imposé par `montant_paye` : la règle n'est pas appliquée".to_owned(),
            );
            paid(&mut step, amount.cents(), amount.cents() != 0);
            steps.push(step);
        } else if item.portee == Portee::Mois {
            steps.extend(self.month_line(id, item, depth));
        }
        let groups = self.context.groups(id);
        let several = groups.len() > 1;
        if item.portee != Portee::Mois {
            let (taken, entries) = self.context.taken(id, &groups);
            for entry in entries {
                steps.extend(match entry {
                    Entry::Full(at) => {
                        groups.get(at).map(|group| self.share(item, group, several, depth))
                    }
                    Entry::Taken(at) => self.reduction(id, (&groups, &taken), at, depth),
                });
            }
            steps.extend(self.paid_elements(id, item));
        }
        for fault in self.context.faults(id) {
            let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
            step.etat = Some(Etat::Bloquee);
            self.fault(&mut step, fault.kind, depth);
            steps.push(step);
        }
        if steps.is_empty() {
            steps.push(self.absent(id, item, depth));
        }
        steps
    }

    fn month_line(&mut self, id: ItemId, item: &'a Item<Node>, depth: usize) -> Option<Step> {
        let context = self.context;
        let shot = context.record.at(id.index(), None, None)?;
        if shot.applied != Some(true) {
            return None;
        }
        let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
        let exact = self.run(&mut step, shot, depth)?;
        let frame = context.frame(shot)?;
        let cents = frame.slot(context.info(id)?.amount)?;
        let apres = Exact::cents(cents);
        step.arrondi = self.rounding(&frame, exact, apres, Unit::EURO);
        let printed = cents != 0 || item.nature() == Nature::Total;
        paid(&mut step, i64::try_from(cents).ok()?, printed);
        Some(step)
    }

    /// A line made of some segments, or of an element.
    fn share(
        &mut self,
        item: &'a Item<Node>,
        group: &Group<'a>,
        several: bool,
        depth: usize,
    ) -> Step {
        let context = self.context;
        let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
        let Some(shot) = group.shots.last() else { return step };
        self.run(&mut step, shot, depth);
        let prorata = item.segments == Segments::Prorata;
        if prorata && (several || group.share != 30 || group.shots.len() > 1) {
            let segments = group.shots.iter().filter_map(|shot| shot.place.segment);
            let texts: Vec<String> = segments.map(|at| context.segment_text(at)).collect();
            let full = group.value.valeur(Unit::EURO_PER_MONTH).texte;
            step.notes.push(texts.join(" ; "));
            step.notes.push(format!("{full} × {}/30", group.share));
            step.notes.extend(context.counting());
        } else if !prorata && context.prepared.segments.len() > 1 {
            step.notes.push("dernier segment du mois".to_owned());
        }
        let element = shot.place.element;
        if let Some(at) = element {
            step.notes.push(self.element_text(at));
        }
        let Some(frame) = context.frame(shot) else { return step };
        let avant =
            if prorata { group.value.times(group.share, 30) } else { group.value.reduced() };
        let Some(cents) = self.cents(&frame, avant, group.rounding) else { return step };
        step.arrondi = self.rounding(&frame, avant, Exact::cents(cents), Unit::EURO);
        let cents = i64::try_from(cents).unwrap_or(i64::MAX);
        paid(&mut step, cents, cents != 0 || element.is_some());
        step
    }

    fn element_text(&self, at: usize) -> String {
        let prepared = self.context.prepared;
        let place = prepared.elements.get(at).copied().unwrap_or(at);
        format!("élément n° {} de l'agent", place + 1)
    }

    fn paid_elements(&self, id: ItemId, item: &Item<Node>) -> Vec<Step> {
        let elements = self.context.prepared.dossier.elements.iter().enumerate();
        let mine = elements.filter(|(_, element)| element.item == id.index());
        mine.filter_map(|(at, element)| {
            let amount = element.paid?;
            let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
            step.notes.push(format!(
                "montant imposé par `montant_paye` ({}) : la règle n'est pas appliquée",
                self.element_text(at)
            ));
            paid(&mut step, amount.cents(), true);
            Some(step)
        })
        .collect()
    }

    /// The cents of an exact value, rounded as the rule says.
    pub fn cents(
        &self,
        frame: &Frame<'_>,
        avant: Exact,
        rounding: Option<Rounding>,
    ) -> Option<i128> {
        let (pas, mode) = match rounding {
            None => (1, PRINTED),
            Some(Rounding { pas, mode: Mode::Fixe(mode) }) => (i128::from(pas), mode),
            Some(Rounding { pas, mode: Mode::Politique(slot) }) => {
                (i128::from(pas), policy(frame.slot(slot)?))
            }
        };
        let den = avant.den.checked_mul(pas)?;
        let steps = crate::num::round_div(avant.num.checked_mul(100)?, den, mode)?;
        steps.checked_mul(pas)
    }

    // --- cotisations -----------------------------------------------------------------------------

    fn cotisation(
        &mut self,
        id: ItemId,
        item: &'a Item<Node>,
        part: Option<Part>,
        depth: usize,
    ) -> Step {
        let context = self.context;
        if let Some(fault) = context.faults(id).first() {
            let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
            step.etat = Some(Etat::Bloquee);
            self.fault(&mut step, fault.kind, depth);
            return step;
        }
        let shot = context.record.at(id.index(), None, None);
        let Some(shot) = shot.filter(|shot| shot.applied == Some(true)) else {
            return self.absent(id, item, depth);
        };
        let frame = context.frame(shot);
        let (Some(frame), Some(info)) = (frame, context.info(id)) else {
            return self.absent(id, item, depth);
        };
        let base = frame.slot(info.amount).unwrap_or(0);
        let mut assiette = Step::new(Genre::Assiette, "assiette", "");
        self.run(&mut assiette, shot, depth);
        assiette.valeur = Some(Exact::cents(base).valeur(Unit::EURO));
        if part == Some(Part::Base) {
            assiette.genre = Genre::Ligne;
            (assiette.nom, assiette.libelle) = (format!("{}.base", item.nom), label(item, "base"));
            paid(&mut assiette, i64::try_from(base).unwrap_or(i64::MAX), true);
            return assiette;
        }
        let condition = take_condition(&mut assiette);
        let sides: Vec<Step> = [Part::Agent, Part::Employeur]
            .into_iter()
            .filter(|side| part.is_none_or(|asked| asked == *side))
            .map(|side| self.side(id, item, &frame, side, depth))
            .collect();
        assemble(item, part, condition, assiette, sides, self.printed(&frame, info))
    }

    /// Whether a cotisation is printed: one side at least is not zero.
    fn printed(&self, frame: &Frame<'_>, info: &ItemInfo) -> bool {
        let sides = info.sides.map(|(a, e)| [frame.slot(a), frame.slot(e)]);
        sides.is_some_and(|sides| sides.iter().any(|side| side.unwrap_or(0) != 0))
    }

    /// One side: its rate, the product, the rounding.
    fn side(
        &mut self,
        id: ItemId,
        item: &'a Item<Node>,
        frame: &Frame<'a>,
        side: Part,
        depth: usize,
    ) -> Step {
        let agent = side == Part::Agent;
        let nom = format!("{}.{}", item.nom, side.name());
        let mut step = Step::new(Genre::Ligne, nom, label(item, side.name()));
        let (place, rates) = match agent {
            true => (frame.block.versions.1, &item.agent),
            false => (frame.block.versions.2, &item.employeur),
        };
        let after = 1 + frame.definition.etapes.len() + 4;
        let trace = frame.trace(after + usize::from(!agent));
        let Some((taux, rate)) = self.rate(frame, rates, place, trace, depth) else {
            step.etat = Some(Etat::Absente);
            let why = if rates.is_empty() { "n'a pas de part" } else { "n'a plus de part" };
            step.notes.push(format!("la cotisation {why} {} ce mois-ci", side.name()));
            return step;
        };
        let base = self.context.amount(id, Part::Base, frame).unwrap_or(Exact::cents(0));
        let amount = self.context.amount(id, side, frame).unwrap_or(Exact::cents(0));
        let product = base.times(rate.num, rate.den);
        step.calcul = format!("{} × {}", base.valeur(Unit::EURO).texte, rate.taux().texte);
        step.arrondi = self.rounding(frame, product, amount, Unit::EURO);
        step.etapes.push(taux);
        paid(&mut step, i64::try_from(amount.num).unwrap_or(i64::MAX), true);
        step
    }

    fn rate(
        &mut self,
        frame: &Frame<'a>,
        rates: &'a Timeline<SideRate<Node>>,
        place: Option<usize>,
        trace: &'a [Option<Val>],
        depth: usize,
    ) -> Option<(Step, Exact)> {
        let context = self.context;
        let version = rates.versions().get(place?)?;
        let walked = walk(self, frame, &version.value.taux, trace, depth);
        let rate = walked.value?;
        let mut step = Step::new(Genre::Taux, "taux", "");
        step.valeur = Some(rate.taux());
        if !matches!(version.value.taux.tree.kind, crate::check::NodeKind::Number(_)) {
            step.formule = Some(cite::formule(context.sources, &version.value.taux));
            if !walked.leaf {
                step.calcul = walked.calcul;
            }
        }
        step.version = Some(cite::version(context.book, context.sources, version));
        step.etapes = walked.operandes;
        Some((step, rate))
    }

    // --- one run ---------------------------------------------------------------------------------

    /// Fills a step with a run that applied: version, condition, formula, operands.
    fn run(&mut self, step: &mut Step, shot: &'a Shot, depth: usize) -> Option<Exact> {
        let context = self.context;
        let frame = context.frame(shot)?;
        let item = context.book.items.get(shot.place.item)?;
        let version = item.versions.versions().get(frame.block.versions.0)?;
        step.version = Some(cite::version(context.book, context.sources, version));
        if let Some(condition) = &frame.definition.applicable {
            let walked = walk(self, &frame, condition, frame.trace(0), 0);
            let mut told = Step::new(Genre::Condition, "applicable", "");
            told.valeur = Some(yes(true));
            told.calcul = walked.calcul;
            step.etapes.push(told);
        }
        let formule = &frame.definition.formule;
        let trace = frame.trace(1 + frame.definition.etapes.len());
        let walked = walk(self, &frame, formule, trace, depth);
        step.formule = Some(cite::formule(context.sources, formule));
        if !walked.leaf {
            step.calcul = walked.calcul;
        }
        step.etapes.extend(walked.operandes);
        walked.value
    }

    /// The rounding declared for a run, applied to a value.
    pub fn rounding(
        &self,
        frame: &Frame<'_>,
        avant: Exact,
        apres: Exact,
        unite: Unit,
    ) -> Option<ArrondiApplique> {
        let arrondi = frame.definition.arrondi?;
        let (mode, politique) = match arrondi.mode {
            ArrondiMode::Fixe(mode) => (mode, String::new()),
            ArrondiMode::Politique(id) => {
                let entree = self.context.book.entrees.get(id.index())?;
                let slots = &self.context.program.layout.employeur;
                let slot = slots.iter().find(|input| input.entree == id)?.slot;
                let choice = frame.slot(slot)?;
                let crate::rules::EntreeType::Enumeration(words) = &entree.kind else {
                    return None;
                };
                let valeur = symbol(words, choice);
                (policy(choice), self.context.chosen(entree, &valeur))
            }
        };
        Some(ArrondiApplique {
            avant: avant.valeur(unite),
            apres: apres.valeur(unite),
            pas: Fixed::new(arrondi.pas, 2).to_string(),
            mode: mode.name().to_owned(),
            politique,
        })
    }

    // --- absences and faults ---------------------------------------------------------------------

    fn absent(&mut self, id: ItemId, item: &'a Item<Node>, depth: usize) -> Step {
        let context = self.context;
        let mut step = Step::new(Genre::Ligne, &item.nom, &item.libelle);
        step.etat = Some(Etat::Absente);
        let shots: Vec<&'a Shot> = context.record.of(id.index()).collect();
        for shot in &shots {
            let told = self.false_condition(shot, depth);
            let new =
                told.filter(|told| !step.etapes.iter().any(|other| other.calcul == told.calcul));
            step.etapes.extend(new);
        }
        if shots.is_empty() {
            step.notes.push(self.why_nothing_ran(id, item));
        } else if let Some(shot) = shots.first() {
            step.notes.push("la condition de la règle est fausse".to_owned());
            let block = context.block(shot.place);
            let version = block.and_then(|b| item.versions.versions().get(b.versions.0));
            step.version = version.map(|v| cite::version(context.book, context.sources, v));
        }
        step
    }

    fn why_nothing_ran(&self, id: ItemId, item: &Item<Node>) -> String {
        let context = self.context;
        if !context.ruled(item) {
            return context.no_rule(item);
        }
        let given = context.prepared.dossier.elements.iter().any(|e| e.item == id.index());
        match item.portee {
            Portee::Element | Portee::ElementMois if !given => {
                format!("aucun élément `{}` pour ce contrat ce mois-ci", item.code)
            }
            _ => "aucun jour de ce contrat dans le mois".to_owned(),
        }
    }

    /// The condition of a run that did not apply, with its operands.
    fn false_condition(&mut self, shot: &'a Shot, depth: usize) -> Option<Step> {
        if shot.applied != Some(false) {
            return None;
        }
        let frame = self.context.frame(shot)?;
        let condition = frame.definition.applicable.as_ref()?;
        let walked = walk(self, &frame, condition, frame.trace(0), depth);
        let mut step = Step::new(Genre::Condition, "applicable", "");
        step.formule = Some(cite::formule(self.context.sources, condition));
        step.valeur = Some(yes(false));
        step.calcul = walked.calcul;
        step.etapes = walked.operandes;
        let several = self.context.prepared.segments.len() > 1;
        if let Some(at) = shot.place.segment.filter(|_| several) {
            step.notes.push(self.context.segment_text(at));
        }
        Some(step)
    }

    fn fault(&mut self, step: &mut Step, kind: FaultKind, depth: usize) {
        let context = self.context;
        match kind {
            FaultKind::Missing(slot) => step.notes.push(context.missing(slot)),
            FaultKind::DivisionByZero => step.notes.push("division par zéro".to_owned()),
            FaultKind::TooWide => {
                step.notes.push("le montant dépasse ce qu'une ligne peut porter".to_owned());
            }
            FaultKind::Depends(other) => self.depends(step, other, depth),
        }
    }

    /// What a line reads has no amount: the cause comes below.
    fn depends(&mut self, step: &mut Step, other: usize, depth: usize) {
        let context = self.context;
        let Some(item) = context.book.items.get(other) else { return };
        step.notes.push(format!("elle lit `{}`, qui est bloquée", item.nom));
        let id = ItemId::at(other);
        if !self.seen.insert((other, Part::Montant, None, None)) {
            return;
        }
        let mut below = Step::new(Genre::Ligne, &item.nom, &item.libelle);
        below.etat = Some(Etat::Bloquee);
        // The chain of causes is short and always told whole: it says what to mend.
        for fault in context.faults(id).iter().take(1) {
            self.fault(&mut below, fault.kind, depth);
        }
        step.etapes.push(below);
    }
}

/// The mode a policy chose.
fn policy(choice: i128) -> RoundingMode {
    if choice == 1 { RoundingMode::Troncature } else { RoundingMode::DemiSuperieur }
}

/// Makes a step a printed amount.
pub fn paid(step: &mut Step, cents: i64, printed: bool) {
    step.valeur = Some(Exact::cents(i128::from(cents)).valeur(Unit::EURO));
    step.cents = Some(cents);
    step.etat = Some(if printed { Etat::Payee } else { Etat::Absente });
    if !printed {
        step.notes.push("montant nul : la ligne n'est pas imprimée".to_owned());
    }
}

/// The sum of two fractions; the first when it would not fit.
pub fn sum_of(a: Exact, b: Exact) -> Exact {
    let num = a.num.checked_mul(b.den).zip(b.num.checked_mul(a.den));
    match (num.and_then(|(x, y)| x.checked_add(y)), a.den.checked_mul(b.den)) {
        (Some(num), Some(den)) => Exact { num, den }.reduced(),
        _ => a,
    }
}

fn label(item: &Item<Node>, part: &str) -> String {
    format!("{}, {}{part}", item.libelle, if part == "base" { "" } else { "part " })
}

/// Gives a step the content of the steps below when there is one, else makes them its children.
fn adopt(step: &mut Step, below: Vec<Step>) {
    match <[Step; 1]>::try_from(below) {
        Ok([only]) => {
            step.etat = only.etat;
            step.formule = only.formule;
            step.calcul = only.calcul;
            step.version = only.version;
            step.notes.extend(only.notes);
            step.etapes.extend(only.etapes);
            step.arrondi = only.arrondi;
            step.cents = only.cents;
            step.valeur = only.valeur.or(step.valeur.take());
        }
        Err(several) => step.etapes.extend(several),
    }
}

/// An operand was printed elsewhere: it tells how, not whether it is paid.
fn strip(step: &mut Step) {
    step.cents = None;
    if step.etat == Some(Etat::Payee) {
        step.etat = None;
    }
    step.etapes.iter_mut().for_each(strip);
}

fn take_condition(step: &mut Step) -> Option<Step> {
    let first = step.etapes.first()?;
    let condition = first.genre == Genre::Condition && first.nom == "applicable";
    condition.then(|| step.etapes.remove(0))
}

/// A cotisation: the sides over their common base.
fn assemble(
    item: &Item<Node>,
    part: Option<Part>,
    condition: Option<Step>,
    assiette: Step,
    mut sides: Vec<Step>,
    printed: bool,
) -> Step {
    for side in &mut sides {
        if !printed && side.etat == Some(Etat::Payee) {
            side.etat = Some(Etat::Absente);
        }
    }
    let place = assiette.formule.clone();
    let mut step = match (part, sides.len()) {
        (Some(_), 1) => sides.pop().unwrap_or_else(|| Step::new(Genre::Ligne, &item.nom, "")),
        _ => {
            let mut whole = Step::new(Genre::Ligne, &item.nom, &item.libelle);
            whole.etat = Some(if printed { Etat::Payee } else { Etat::Absente });
            whole.etapes = sides;
            whole
        }
    };
    if !printed {
        step.notes.push("montant nul : la ligne n'est pas imprimée".to_owned());
    }
    step.formule =
        place.map(|place| Formule { texte: "arrondi(assiette × taux)".to_owned(), ..place });
    let rest = std::mem::take(&mut step.etapes);
    step.etapes = condition.into_iter().chain([assiette]).chain(rest).collect();
    step
}
