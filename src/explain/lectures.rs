//! What every block of a month read, as data that outlives the run: two months are compared by it.
//!
//! Only what ran is there: the branch that was taken, the side of `et` and `ou` that was needed.
//! Named steps and items are opened once, by name, so that nothing depends on the order of telling.

use std::collections::BTreeMap;

use crate::calendar::{Day, PayPeriod};
use crate::check::{Function, Node, NodeKind, Part, members};
use crate::diag::Severity;
use crate::dossier::IndexSource;
use crate::engine::FaultKind;
use crate::num::Fixed;
use crate::program::{BlockResult, Val};
use crate::rules::{
    Arrondi, ArrondiMode, BaremeId, Definition, EntreeId, EntreeType, FamilleId, Formula, ItemId,
    ItemKind, ParametreId, Portee, Segments, SideRate, Timeline, Version,
};
use crate::syntax::{BinaryOp, Unit};

use super::build::{Context, Explainer, Frame};
use super::formula::walk;
use super::origine::LigneCitee;
use super::record::Shot;
use super::value::{Exact, input, named, symbol};
use super::{VersionCitee, cite};

/// A month: its days, its rows, and the runs of every item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lectures {
    /// The month.
    pub mois: PayPeriod,
    /// Segments, in order.
    pub segments: Vec<Segment>,
    /// Codes of the findings that block the payslip.
    pub bloque: Vec<&'static str>,
    /// How incomplete months are counted, when the rules leave it to the employer.
    pub comptage: Option<Lecture>,
    /// Rows of `elements.csv` that count.
    pub elements: Vec<Element>,
    /// Pieces of absences, in order.
    pub absences: Vec<Absence>,
    /// Items, by name.
    pub items: BTreeMap<String, Item>,
}

/// A segment of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First day.
    pub premier: Day,
    /// Last day.
    pub dernier: Day,
    /// Thirtieths.
    pub trentiemes: i64,
    /// The row of the career.
    pub ligne: Option<LigneCitee>,
}

/// A row of `elements.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The item it names.
    pub item: String,
    /// What tells it from the other rows of the same rubrique: label and month of origin.
    pub cle: String,
    /// What it says: `nombre 8, montant 120`.
    pub texte: String,
    /// The amount that it imposes, in cents.
    pub impose: Option<i64>,
    /// Segments it covers.
    pub segments: Vec<usize>,
    /// The row.
    pub ligne: Option<LigneCitee>,
}

/// A piece of an absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// First day.
    pub premier: Day,
    /// Last day.
    pub dernier: Day,
    /// The part of the month it takes.
    pub part: (i64, i64),
    /// What the payslip says of it.
    pub libelle: String,
    /// The row.
    pub ligne: Option<LigneCitee>,
}

/// An item of the rules, and what it did in the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The code it prints.
    pub code: String,
    /// French label.
    pub libelle: String,
    /// Whether it is a line, not a quantity.
    pub ligne: bool,
    /// Whether it has sides.
    pub cotisation: bool,
    /// Where it is computed.
    pub portee: Portee,
    /// How it crosses segments.
    pub segments: Segments,
    /// The quantity that says what an absence takes away.
    pub absences: Option<String>,
    /// Whether a line of the payslip shows it.
    pub imprimee: bool,
    /// The amount that a row imposes, in cents, and that row.
    pub impose: Option<(i64, Option<LigneCitee>)>,
    /// Why no rule was in force.
    pub sans_regle: Option<String>,
    /// Why it could not be computed.
    pub bloquee: Option<String>,
    /// Every time it ran.
    pub runs: Vec<Run>,
}

/// One run of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The segment.
    pub segment: Option<usize>,
    /// The element.
    pub element: Option<usize>,
    /// The piece of an absence.
    pub absence: Option<usize>,
    /// Whether its condition held; none: a fault ended it.
    pub applied: Option<bool>,
    /// Its value, or the assiette of a cotisation.
    pub valeur: Option<Exact>,
    /// What its formula gave, before any rounding that ends it.
    pub exact: Option<Exact>,
    /// The definition in force.
    pub regle: Regle,
    /// The condition with its values, empty when there is none.
    pub condition: String,
    /// What the condition read.
    pub si: Vec<Lecture>,
    /// The policy of the employer that rounds it, and the step in cents.
    pub politique: Option<(Lecture, i64)>,
    /// What the formula read.
    pub lectures: Vec<Lecture>,
    /// What each named step read.
    pub etapes: Vec<(String, Vec<Lecture>)>,
    /// Agent side and employer side of a cotisation.
    pub cotes: [Option<Taux>; 2],
}

/// The rate of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taux {
    /// The rate.
    pub valeur: Exact,
    /// The version that gives it.
    pub regle: Regle,
    /// What its formula read, empty for a number.
    pub lectures: Vec<Lecture>,
}

/// A version of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regle {
    /// The citation.
    pub version: VersionCitee,
    /// What it says: two versions with the same content change nothing.
    pub contenu: String,
}

/// What kind of thing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lu {
    /// An input.
    Entree,
    /// Whether an input has a value.
    Presence,
    /// A dated scalar.
    Parametre,
    /// Dated brackets.
    Bareme,
    /// A named step of the same definition.
    Etape,
    /// Another item.
    Item,
    /// What earlier months gave.
    Cumul,
    /// A sum over a family: its members below.
    Somme,
    /// A condition, a bound, a rounding: what is below matters only when it moved.
    Groupe,
}

/// Something a formula read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lecture {
    /// What it is.
    pub genre: Lu,
    /// Its name in formulas, or the text of a group.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// The part of an item.
    pub part: Part,
    /// Its number; none for a word or nothing.
    pub valeur: Option<Exact>,
    /// In French.
    pub texte: String,
    /// More about where it comes from.
    pub precision: String,
    /// The rule that gives it, and what that rule is called.
    pub regle: Option<(String, Regle)>,
    /// The row that gives it.
    pub ligne: Option<LigneCitee>,
    /// What it is made of.
    pub dessous: Vec<Self>,
}

impl Lecture {
    fn new(genre: Lu, nom: &str, libelle: &str, valeur: Option<Exact>) -> Self {
        Self {
            genre,
            nom: nom.to_owned(),
            libelle: libelle.to_owned(),
            part: Part::Montant,
            valeur: valeur.map(Exact::reduced),
            texte: String::new(),
            precision: String::new(),
            regle: None,
            ligne: None,
            dessous: Vec::new(),
        }
    }

    /// Whether two readings gave the same.
    pub fn same(&self, other: &Self) -> bool {
        match (self.valeur, other.valeur) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.texte == other.texte,
            _ => false,
        }
    }
}

impl Lectures {
    /// Everything that an observed month read.
    pub fn new(context: &Context<'_>) -> Self {
        let book = context.book;
        let known = book.items.iter().enumerate();
        let mut items: BTreeMap<String, Item> =
            known.map(|(at, item)| (item.nom.clone(), context.item_read(ItemId::at(at)))).collect();
        for shot in &context.record.shots {
            let Some(item) = book.items.get(shot.place.item) else { continue };
            if let (Some(read), Some(run)) = (items.get_mut(&item.nom), context.run_read(shot)) {
                read.runs.push(run);
            }
        }
        Self {
            mois: context.program.period,
            segments: context.segments_read(),
            bloque: context.blocking(),
            comptage: context.counting_read(),
            elements: context.elements_read(),
            absences: context.absences_read(),
            items,
        }
    }
}

impl<'a> Context<'a> {
    fn segments_read(&self) -> Vec<Segment> {
        let each = self.prepared.segments.iter().enumerate();
        let read = |(at, facts): (usize, &crate::dossier::SegmentFacts)| Segment {
            premier: facts.first,
            dernier: facts.last,
            trentiemes: facts.thirtieths,
            ligne: self.career(Some(at)).map(|row| LigneCitee::dated(&row.dated)),
        };
        each.map(read).collect()
    }

    fn blocking(&self) -> Vec<&'static str> {
        let codes = self.prepared.findings.iter().map(|finding| finding.code);
        let errors = codes.filter(|code| code.severity() == Severity::Error);
        errors.map(|code| code.name()).collect()
    }

    fn counting_read(&self) -> Option<Lecture> {
        let (entree, valeur) = self.counting_choice()?;
        let mut read = Lecture::new(Lu::Entree, &entree.nom, &entree.libelle, None);
        read.texte = valeur.texte;
        read.ligne = self.employer_row("mois_incomplet");
        Some(read)
    }

    fn elements_read(&self) -> Vec<Element> {
        let each = self.prepared.dossier.elements.iter().enumerate();
        let read = |(at, given): (usize, &crate::engine::ElementInput)| {
            let place = self.prepared.elements.get(at).copied();
            let row = self.faits.zip(place).and_then(|(f, place)| f.agent.elements.get(place));
            let item = self.book.items.get(given.item).map_or("", |item| item.nom.as_str());
            let active = |segment: &usize| given.active >> (*segment).min(63) & 1 == 1;
            Element {
                item: item.to_owned(),
                cle: row.map_or_else(String::new, |row| {
                    format!("{:?} {:?}", row.libelle, row.mois_origine)
                }),
                texte: row.map_or_else(String::new, element_text),
                impose: given.paid.map(crate::num::Amount::cents),
                segments: (0..self.prepared.segments.len()).filter(active).collect(),
                ligne: self.element_row(at),
            }
        };
        each.map(read).collect()
    }

    fn absences_read(&self) -> Vec<Absence> {
        let each = self.prepared.absences.iter().enumerate();
        let read = |(at, piece): (usize, &crate::dossier::Piece)| Absence {
            premier: piece.first,
            dernier: piece.last,
            part: piece.input.part,
            libelle: piece.libelle.clone(),
            ligne: self.absence_row(at),
        };
        each.map(read).collect()
    }

    fn item_read(&self, id: ItemId) -> Item {
        let place = id.index();
        let item = self.book.get(id);
        let info = self.program.items.get(place);
        let rate = info.and_then(|info| info.absences);
        let rate = rate.and_then(|rate| self.book.items.get(rate));
        let lines = &self.record.payslip.lines;
        let forced = self.forced(id).map(|amount| {
            let nom = item.map_or("", |item| item.nom.as_str());
            let elements = self.faits.map(|faits| faits.agent.elements.iter());
            let row = elements.and_then(|mut rows| {
                rows.rfind(|row| *row.rubrique == *nom && row.montant_paye.is_some())
            });
            (amount.cents(), row.map(|row| LigneCitee::dated(&row.dated)))
        });
        let ruled = item.is_none_or(|item| self.ruled(item));
        Item {
            code: item.map_or_else(String::new, |item| item.code.clone()),
            libelle: item.map_or_else(String::new, |item| item.libelle.clone()),
            ligne: item.is_some_and(crate::rules::Item::printed),
            cotisation: item.is_some_and(|i| matches!(i.kind, ItemKind::Cotisation { .. })),
            portee: item.map_or(Portee::Mois, |item| item.portee),
            segments: item.map_or(Segments::Prorata, |item| item.segments),
            absences: rate.map(|rate| rate.nom.clone()),
            imprimee: lines.iter().any(|line| line.item == place),
            impose: forced,
            sans_regle: item.filter(|_| !ruled).map(|item| self.no_rule(item)),
            bloquee: self.faults(id).first().map(|fault| self.fault_text(fault.kind)),
            runs: Vec::new(),
        }
    }

    fn fault_text(&self, kind: FaultKind) -> String {
        match kind {
            FaultKind::Missing(slot) => self.missing(slot),
            FaultKind::DivisionByZero => "division par zéro".to_owned(),
            FaultKind::TooWide => "montant hors de toute mesure".to_owned(),
            FaultKind::Depends(other) => {
                let nom = self.book.items.get(other).map_or("", |item| item.nom.as_str());
                format!("elle lit `{nom}`, qui est bloquée")
            }
        }
    }

    fn run_read(&self, shot: &'a Shot) -> Option<Run> {
        let frame = self.frame(shot)?;
        let item = self.book.items.get(shot.place.item)?;
        let definition = frame.definition;
        let version = item.versions.versions().get(frame.block.versions.0)?;
        let place = shot.place;
        let mut run = Run {
            segment: place.segment,
            element: place.element,
            absence: place.absence,
            applied: shot.applied,
            valeur: self.value_read(&frame, shot),
            exact: None,
            regle: Regle {
                version: cite::version(self.book, self.sources, version),
                contenu: self.content(definition),
            },
            condition: String::new(),
            si: Vec::new(),
            politique: None,
            lectures: Vec::new(),
            etapes: Vec::new(),
            cotes: [None, None],
        };
        // A fault leaves slots that mean nothing.
        if shot.applied.is_none() {
            return Some(run);
        }
        if let Some(condition) = &definition.applicable {
            run.si = self.formula_read(&frame, condition, 0);
            let mut explainer = Explainer::new(self);
            let walked = walk(&mut explainer, &frame, condition, frame.trace(0), 0);
            run.condition = walked.calcul;
        }
        for (at, (nom, formula)) in definition.etapes.iter().enumerate() {
            run.etapes.push((nom.clone(), self.formula_read(&frame, formula, 1 + at)));
        }
        if shot.applied == Some(true) {
            let after = 1 + definition.etapes.len();
            run.lectures = self.formula_read(&frame, &definition.formule, after);
            let exact = frame.trace(after).first().copied().flatten();
            run.exact = exact.and_then(|val| Exact::read(&val, frame.slots));
            run.politique = self.rounding_read(&frame, definition.arrondi);
            let agent = self.rate_read(&frame, &item.agent, frame.block.versions.1, after + 4);
            let place = frame.block.versions.2;
            let employeur = self.rate_read(&frame, &item.employeur, place, after + 5);
            run.cotes = [agent, employeur];
        }
        Some(run)
    }

    fn value_read(&self, frame: &Frame<'a>, shot: &Shot) -> Option<Exact> {
        let value = match (shot.applied?, &frame.block.result) {
            (false, _) => Exact { num: 0, den: 1 },
            (true, BlockResult::Exact { value, .. }) => Exact::read(value, &shot.slots)?,
            (true, BlockResult::Amount | BlockResult::Cotisation { .. }) => {
                let slot = self.program.items.get(shot.place.item)?.amount;
                Exact::cents(*shot.slots.get(usize::from(slot))?)
            }
            (true, BlockResult::Condition(slot)) => {
                Exact { num: *shot.slots.get(usize::from(*slot))?, den: 1 }
            }
        };
        Some(value.reduced())
    }

    /// Everything that a definition says, on one line.
    fn content(&self, definition: &Definition<Node>) -> String {
        let one_line = |f: &Formula<Node>| f.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut words = Vec::new();
        words.extend(definition.applicable.as_ref().map(|f| format!("si {}", one_line(f))));
        let etapes = definition.etapes.iter();
        words.extend(etapes.map(|(nom, formula)| format!("{nom} : {}", one_line(formula))));
        words.push(one_line(&definition.formule));
        if let Some(arrondi) = definition.arrondi {
            let mode = match arrondi.mode {
                ArrondiMode::Fixe(mode) => mode.name(),
                ArrondiMode::Politique(id) => {
                    self.book.entrees.get(id.index()).map_or("", |entree| entree.nom.as_str())
                }
            };
            words.push(format!("arrondi {} {mode}", arrondi.pas));
        }
        words.join(" ; ")
    }

    fn rounding_read(&self, frame: &Frame<'a>, arrondi: Option<Arrondi>) -> Option<(Lecture, i64)> {
        let ArrondiMode::Politique(id) = arrondi?.mode else { return None };
        let entree = self.book.entrees.get(id.index())?;
        let EntreeType::Enumeration(words) = &entree.kind else { return None };
        let inputs = &self.program.layout.employeur;
        let slot = inputs.iter().find(|input| input.entree == id)?.slot;
        let choice = *frame.slots.get(usize::from(slot))?;
        let mut read = Lecture::new(Lu::Entree, &entree.nom, &entree.libelle, None);
        read.texte = symbol(words, choice).texte;
        read.ligne = self.row(&entree.nom, frame);
        Some((read, arrondi?.pas))
    }

    fn rate_read(
        &self,
        frame: &Frame<'a>,
        rates: &'a Timeline<SideRate<Node>>,
        place: Option<usize>,
        trace: usize,
    ) -> Option<Taux> {
        let version = rates.versions().get(place?)?;
        let formula = &version.value.taux;
        let val = frame.trace(trace).first().copied().flatten()?;
        Some(Taux {
            valeur: Exact::read(&val, frame.slots)?.reduced(),
            regle: Regle {
                version: cite::version(self.book, self.sources, version),
                contenu: formula.text.split_whitespace().collect::<Vec<_>>().join(" "),
            },
            lectures: self.formula_read(frame, formula, trace),
        })
    }

    fn formula_read(
        &self,
        frame: &Frame<'a>,
        formula: &'a Formula<Node>,
        trace: usize,
    ) -> Vec<Lecture> {
        let mut reader = Reader { context: self, frame, vals: frame.trace(trace), at: 0 };
        let mut out = Vec::new();
        reader.node(&formula.tree, &mut out);
        out
    }
}

/// A walk through one formula of one run.
struct Reader<'r, 'a> {
    context: &'r Context<'a>,
    frame: &'r Frame<'a>,
    vals: &'a [Option<Val>],
    at: usize,
}

impl<'a> Reader<'_, 'a> {
    fn read(&self, val: Option<Val>) -> Option<Exact> {
        val.and_then(|val| Exact::read(&val, self.frame.slots))
    }

    /// Whether the node that comes next holds.
    fn holds(&self) -> bool {
        let val = self.vals.get(self.at).copied().flatten();
        self.read(val).is_some_and(|value| value.num != 0)
    }

    fn skip(&mut self, node: &Node) {
        node.walk(&mut |_| self.at += 1);
    }

    fn all(&mut self, nodes: &[&'a Node], out: &mut Vec<Lecture>) {
        for node in nodes {
            self.node(node, out);
        }
    }

    fn node(&mut self, node: &'a Node, out: &mut Vec<Lecture>) {
        let val = self.vals.get(self.at).copied().flatten();
        self.at += 1;
        match &node.kind {
            NodeKind::Parametre(id) => out.extend(self.parametre(*id, val)),
            NodeKind::Entree(id) => out.extend(self.entree(*id, val)),
            NodeKind::Present(id) => out.extend(self.present(*id, val)),
            NodeKind::Etape(at) => {
                let etape = self.frame.definition.etapes.get(*at);
                let value = self.read(val);
                out.extend(etape.map(|(nom, _)| Lecture::new(Lu::Etape, nom, "", value)));
            }
            NodeKind::Item(id, part) => {
                out.extend(self.item(*id, *part, self.read(val)));
            }
            NodeKind::Cumul(id, part) => out.extend(self.cumul(*id, *part, self.read(val))),
            NodeKind::Somme(famille, part) => out.extend(self.somme(*famille, *part, val)),
            NodeKind::CumulSomme(famille) => out.extend(self.cumul_somme(*famille, val)),
            NodeKind::Binary(BinaryOp::And, a, b) => self.logic(a, b, true, out),
            NodeKind::Binary(BinaryOp::Or, a, b) => self.logic(a, b, false, out),
            NodeKind::If(c, a, b) => {
                let truth = self.holds();
                let (taken, left) = if truth { (a, b) } else { (b, a) };
                let below = self.below(&[c]);
                out.push(self.group(c, Some(Exact { num: i128::from(truth), den: 1 }), below));
                // Places follow the order of the text: `alors` first.
                if truth {
                    self.node(taken, out);
                    self.skip(left);
                } else {
                    self.skip(left);
                    self.node(taken, out);
                }
            }
            NodeKind::Bareme(_, id, x) => {
                let below = self.below(&[x]);
                out.extend(self.bareme(*id, self.read(val), below));
            }
            NodeKind::Compare(..)
            | NodeKind::In(..)
            | NodeKind::Extreme(..)
            | NodeKind::Call(Function::Arrondi, _) => {
                let below = self.below(&node.children());
                out.push(self.group(node, self.read(val), below));
            }
            NodeKind::Number(_) | NodeKind::Bool(_) | NodeKind::Symbol(_) | NodeKind::Hole => {}
            NodeKind::Negate(_)
            | NodeKind::Not(_)
            | NodeKind::Binary(..)
            | NodeKind::Call(Function::Mensuel, _) => self.all(&node.children(), out),
        }
    }

    fn below(&mut self, nodes: &[&'a Node]) -> Vec<Lecture> {
        let mut below = Vec::new();
        self.all(nodes, &mut below);
        below
    }

    fn group(&self, node: &Node, value: Option<Exact>, below: Vec<Lecture>) -> Lecture {
        let nom = cite::excerpt(self.context.sources, node.span);
        let mut group = Lecture::new(Lu::Groupe, &nom, "", value);
        group.dessous = below;
        group
    }

    fn logic(&mut self, a: &'a Node, b: &'a Node, goes_on: bool, out: &mut Vec<Lecture>) {
        let left = self.holds();
        self.node(a, out);
        if left == goes_on {
            self.node(b, out);
        } else {
            self.skip(b);
        }
    }

    fn parametre(&self, id: ParametreId, val: Option<Val>) -> Option<Lecture> {
        let context = self.context;
        let parametre = context.book.parametres.get(id.index())?;
        let value = self.read(val);
        let mut read = Lecture::new(Lu::Parametre, &parametre.nom, &parametre.libelle, value);
        let text = value.map(|value| named(&parametre.nom, parametre.unite, value).texte);
        read.texte = text.unwrap_or_default();
        let found = parametre.valeurs.in_force(self.frame.day, context.program.known_on);
        read.regle = found
            .map(|found| (parametre.nom.clone(), self.regle(found, format!("{:?}", found.value))));
        Some(read)
    }

    fn regle<T>(&self, found: &Version<T>, contenu: String) -> Regle {
        Regle { version: cite::version(self.context.book, self.context.sources, found), contenu }
    }

    fn entree(&self, id: EntreeId, val: Option<Val>) -> Option<Lecture> {
        let context = self.context;
        let entree = context.book.entrees.get(id.index())?;
        let word = matches!(entree.kind, EntreeType::Enumeration(_));
        let value = self.read(val).filter(|_| !word);
        let mut read = Lecture::new(Lu::Entree, &entree.nom, &entree.libelle, value);
        read.texte =
            val.map_or_else(String::new, |val| input(entree, &val, self.frame.slots).texte);
        read.ligne = context.row(&entree.nom, self.frame);
        if entree.nom == "agent.indice_majore" {
            read.precision = context.index_text(self.frame);
            read.regle = self.grid();
        }
        Some(read)
    }

    /// The grid or the barème that gave the index of a segment.
    fn grid(&self) -> Option<(String, Regle)> {
        let context = self.context;
        let segments = &context.prepared.segments;
        let at = self.frame.place.segment.or_else(|| segments.len().checked_sub(1))?;
        let segment = segments.get(at)?;
        let (day, known_on) = (segment.first, context.program.known_on);
        let index = segment.index.as_ref()?;
        match index.source {
            IndexSource::Carriere => None,
            IndexSource::Bareme => {
                let letters = index.ib.starts_with(|c: char| c.is_ascii_alphabetic());
                let nom = if letters { "hors_echelle" } else { "bareme_ib_im" };
                let table = context.book.tables.get(nom)?;
                let (text, version) = table.lookup(&index.ib, day, known_on)?;
                let nom = format!("{}, indice brut {}", table.libelle, index.ib);
                Some((nom, self.regle(version, text.to_owned())))
            }
            IndexSource::Grille => {
                let row = context.career(Some(at))?;
                let (grade, echelon) = (row.grade.as_ref()?, row.echelon.as_ref()?);
                let found = context.book.grids.echelon(grade, echelon, day, known_on);
                let (step, version) = found.ok()?;
                let nom = format!("grille {grade}, échelon {}", step.echelon);
                Some((nom, self.regle(version, format!("{} {:?}", step.ib, step.im))))
            }
        }
    }

    fn present(&self, id: EntreeId, val: Option<Val>) -> Option<Lecture> {
        let entree = self.context.book.entrees.get(id.index())?;
        let value = self.read(val);
        let mut read = Lecture::new(Lu::Presence, &entree.nom, &entree.libelle, value);
        let known = value.is_some_and(|value| value.num != 0);
        read.texte = if known { "renseigné" } else { "non renseigné" }.to_owned();
        read.ligne = self.context.row(&entree.nom, self.frame);
        Some(read)
    }

    fn item(&self, id: ItemId, part: Part, value: Option<Exact>) -> Option<Lecture> {
        let item = self.context.book.get(id)?;
        let mut read = Lecture::new(Lu::Item, &item.nom, &item.libelle, value);
        read.part = part;
        Some(read)
    }

    fn cumul(&self, id: ItemId, part: Part, value: Option<Exact>) -> Option<Lecture> {
        let item = self.context.book.get(id)?;
        let unite = if item.printed() { Unit::EURO } else { self.context.unit_of(item) };
        let mut read = Lecture::new(Lu::Cumul, &item.nom, &item.libelle, value);
        read.part = part;
        read.texte = value.map_or_else(String::new, |value| value.valeur(unite).texte);
        Some(read)
    }

    fn somme(&self, id: FamilleId, part: Part, val: Option<Val>) -> Option<Lecture> {
        let book = self.context.book;
        let famille = book.familles.get(id.index())?;
        let mut read = Lecture::new(Lu::Somme, &famille.nom, &famille.libelle, self.read(val));
        read.part = part;
        let amount = |member: ItemId| {
            let value = self.context.amount(member, part, self.frame);
            self.item(member, part, value)
        };
        read.dessous = members(book, id, part).into_iter().filter_map(amount).collect();
        Some(read)
    }

    fn cumul_somme(&self, id: FamilleId, val: Option<Val>) -> Option<Lecture> {
        let context = self.context;
        let famille = context.book.familles.get(id.index())?;
        let mut read = Lecture::new(Lu::Somme, &famille.nom, &famille.libelle, self.read(val));
        let cumuls = &context.program.layout.cumuls;
        for member in members(context.book, id, Part::Montant) {
            let place = cumuls.iter().find(|(of, part, _)| (*of, *part) == (member, Part::Montant));
            let slot = place.and_then(|place| self.frame.slots.get(usize::from(place.2)));
            let value = slot.map(|&num| Exact { num, den: 100 });
            read.dessous.extend(self.cumul(member, Part::Montant, value));
        }
        Some(read)
    }

    fn bareme(&self, id: BaremeId, value: Option<Exact>, below: Vec<Lecture>) -> Option<Lecture> {
        let context = self.context;
        let bareme = context.book.baremes.get(id.index())?;
        let mut read = Lecture::new(Lu::Bareme, &bareme.nom, &bareme.libelle, value);
        let found = bareme.tranches.in_force(self.frame.day, context.program.known_on);
        read.regle = found
            .map(|found| (bareme.nom.clone(), self.regle(found, format!("{:?}", found.value))));
        read.dessous = below;
        Some(read)
    }
}

/// What a row of `elements.csv` says, the columns that are filled.
fn element_text(row: &crate::domain::Element) -> String {
    let columns = [
        ("nombre", row.nombre),
        ("base", row.base),
        ("taux", row.taux),
        ("montant", row.montant),
        ("montant payé", row.montant_paye),
    ];
    let french = |value: Fixed| value.trimmed().french();
    let filled = columns.iter().filter_map(|(nom, value)| Some((nom, (*value)?)));
    let mut words: Vec<String> =
        filled.map(|(nom, value)| format!("{nom} {}", french(value))).collect();
    words.extend(row.mois_origine.map(|mois| format!("pour {}", mois.french())));
    words.extend(row.libelle.as_ref().map(|libelle| format!("« {libelle} »")));
    words.join(", ")
}
