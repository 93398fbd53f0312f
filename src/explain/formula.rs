//! Walking a typed formula beside the places of its values: the same text with values in the
//! place of names, and the operands that were read.

use crate::check::{Function, Node, NodeKind, Part, Type, members};
use crate::program::Val;
use crate::rules::{BaremeId, EntreeId, EntreeType, FamilleId, Formula, ItemId, ParametreId};
use crate::syntax::{BinaryOp, CompareOp, Unit};

use super::build::{Explainer, Frame};
use super::value::{Exact, input, is_default, named, symbol, word, yes};
use super::{ArrondiApplique, Genre, Step, Valeur, cite};

/// How tightly a text holds together, for parentheses.
mod level {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const ADD: u8 = 5;
    pub const MUL: u8 = 6;
    pub const ATOM: u8 = 9;
}

/// A formula with its values.
pub struct Walked {
    /// The formula with values in the place of names.
    pub calcul: String,
    /// What was read.
    pub operandes: Vec<Step>,
    /// The value of the whole.
    pub value: Option<Exact>,
    /// Whether the calculation says more than the value.
    pub leaf: bool,
}

/// The place in the walk of one formula.
struct Trace<'t> {
    vals: &'t [Option<Val>],
    at: usize,
}

impl Trace<'_> {
    fn next(&mut self) -> Option<Val> {
        let found = self.vals.get(self.at).copied().flatten();
        self.at += 1;
        found
    }

    /// Passes over a part that did not run.
    fn skip(&mut self, node: &Node) {
        node.walk(&mut |_| self.at += 1);
    }
}

/// A piece of calculation.
struct Piece {
    text: String,
    level: u8,
    /// The name of a value that was read, for conditions.
    nom: String,
}

impl Piece {
    fn new(text: String, level: u8) -> Self {
        Self { text, level, nom: String::new() }
    }

    fn atom(text: impl Into<String>) -> Self {
        Self::new(text.into(), level::ATOM)
    }

    fn named(nom: &str, text: impl Into<String>) -> Self {
        Self { nom: nom.to_owned(), ..Self::atom(text) }
    }

    /// As a side of a comparison: `agent.regime (cnracl)`.
    fn compared(self) -> String {
        if self.nom.is_empty() {
            self.within(level::ADD)
        } else {
            format!("{} ({})", self.nom, self.text)
        }
    }

    /// As a condition by itself: `agent.indexe (oui)`.
    fn condition(self, ty: Type) -> Self {
        if ty != Type::Booleen || self.nom.is_empty() {
            return self;
        }
        Self::new(format!("{} ({})", self.nom, self.text), level::COMPARE)
    }

    fn within(self, level: u8) -> String {
        if self.level < level { format!("({})", self.text) } else { self.text }
    }
}

/// A walk through one formula of one run.
struct Walk<'w, 'a> {
    explainer: &'w mut Explainer<'a>,
    frame: &'w Frame<'a>,
    trace: Trace<'a>,
    depth: usize,
    operandes: Vec<Step>,
}

/// Walks a formula of a run.
pub fn walk<'a>(
    explainer: &mut Explainer<'a>,
    frame: &Frame<'a>,
    formula: &'a Formula<Node>,
    vals: &'a [Option<Val>],
    depth: usize,
) -> Walked {
    let trace = Trace { vals, at: 0 };
    let value = vals.first().copied().flatten();
    let value = value.and_then(|val| Exact::read(&val, frame.slots));
    let mut walk = Walk { explainer, frame, trace, depth, operandes: Vec::new() };
    let piece = walk.node(&formula.tree);
    let leaf = formula.tree.children().is_empty();
    Walked { calcul: piece.text, operandes: walk.operandes, value, leaf }
}

impl<'a> Walk<'_, 'a> {
    fn read(&self, val: Option<Val>) -> Option<Exact> {
        val.and_then(|val| Exact::read(&val, self.frame.slots))
    }

    fn holds(&self, val: Option<Val>) -> bool {
        self.read(val).is_some_and(|value| value.num != 0)
    }

    fn push(&mut self, step: Step) {
        let same = |other: &Step| other.genre == step.genre && other.nom == step.nom;
        if !self.operandes.iter().any(same) {
            self.operandes.push(step);
        }
    }

    fn node(&mut self, node: &'a Node) -> Piece {
        self.piece(node).condition(node.ty)
    }

    fn piece(&mut self, node: &'a Node) -> Piece {
        let val = self.trace.next();
        match &node.kind {
            NodeKind::Number(number) => Piece::atom(number.french()),
            NodeKind::Bool(value) => Piece::atom(if *value { "vrai" } else { "faux" }),
            NodeKind::Symbol(at) => Piece::atom(self.symbol(node.ty, i128::from(*at)).texte),
            NodeKind::Parametre(id) => self.parametre(*id, val),
            NodeKind::Entree(id) => self.entree(*id, val),
            NodeKind::Present(id) => self.present(*id, val),
            NodeKind::Etape(at) => self.etape(*at, node.ty, val),
            NodeKind::Item(id, part) => self.item(*id, *part, node.ty, val),
            NodeKind::Cumul(id, part) => self.cumul(*id, *part, val),
            NodeKind::Somme(famille, part) => self.somme(*famille, *part, val),
            NodeKind::CumulSomme(famille) => self.cumul_somme(*famille, val),
            NodeKind::Negate(x) => {
                Piece::new(format!("−{}", self.node(x).within(level::MUL)), level::MUL)
            }
            NodeKind::Not(x) => Piece::new(format!("non ({})", self.node(x).text), level::NOT),
            NodeKind::Binary(op, a, b) => self.binary(*op, a, b),
            NodeKind::Compare(op, a, b) => self.compare(*op, a, b),
            NodeKind::In(x, list) => self.membership(x, list),
            NodeKind::If(c, a, b) => self.branches(c, a, b),
            NodeKind::Extreme(greatest, list) => {
                let parts: Vec<String> = list.iter().map(|part| self.node(part).text).collect();
                let name = if *greatest { "max" } else { "min" };
                Piece::atom(format!("{name}({})", parts.join(" ; ")))
            }
            NodeKind::Call(Function::Mensuel, x) => {
                let text = format!("{} ÷ 12", self.node(x).within(level::MUL));
                Piece::new(text, level::MUL)
            }
            NodeKind::Call(Function::Arrondi, x) => self.rounding(node, x, val),
            NodeKind::Bareme(whole, id, x) => self.bareme(*whole, *id, x, val),
            NodeKind::Hole => Piece::atom("?"),
        }
    }

    fn symbol(&self, ty: Type, at: i128) -> Valeur {
        let Type::Enumeration(id) = ty else { return word("?") };
        let entree = self.explainer.context.book.entrees.get(id.index());
        match entree.map(|entree| &entree.kind) {
            Some(EntreeType::Enumeration(words)) => symbol(words, at),
            _ => word("?"),
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &'a Node, b: &'a Node) -> Piece {
        let (sign, level) = match op {
            BinaryOp::And => return self.logic(a, b, "et", level::AND, true),
            BinaryOp::Or => return self.logic(a, b, "ou", level::OR, false),
            BinaryOp::Add => ("+", level::ADD),
            BinaryOp::Sub => ("−", level::ADD),
            BinaryOp::Mul => ("×", level::MUL),
            BinaryOp::Div => ("÷", level::MUL),
        };
        let strict = matches!(op, BinaryOp::Sub | BinaryOp::Div);
        let left = self.node(a).within(level);
        let right = self.node(b).within(level + u8::from(strict));
        Piece::new(format!("{left} {sign} {right}"), level)
    }

    /// `et` and `ou`: the right side only when it was read.
    fn logic(&mut self, a: &'a Node, b: &'a Node, word: &str, level: u8, goes_on: bool) -> Piece {
        let place = self.trace.vals.get(self.trace.at).copied().flatten();
        let left = self.node(a);
        if self.holds(place) != goes_on {
            self.trace.skip(b);
            return left;
        }
        let left = left.within(level);
        let right = self.node(b).within(level);
        Piece::new(format!("{left} {word} {right}"), level)
    }

    fn compare(&mut self, op: CompareOp, a: &'a Node, b: &'a Node) -> Piece {
        let sign = match op {
            CompareOp::Eq => "=",
            CompareOp::Ne => "≠",
            CompareOp::Lt => "<",
            CompareOp::Le => "≤",
            CompareOp::Gt => ">",
            CompareOp::Ge => "≥",
        };
        let left = self.piece(a).compared();
        let right = self.piece(b).compared();
        Piece::new(format!("{left} {sign} {right}"), level::COMPARE)
    }

    fn membership(&mut self, x: &'a Node, list: &[u16]) -> Piece {
        let ty = x.ty;
        let left = self.piece(x).compared();
        let words: Vec<String> =
            list.iter().map(|&at| self.symbol(ty, i128::from(at)).texte).collect();
        Piece::new(format!("{left} dans ({})", words.join(", ")), level::COMPARE)
    }

    /// The branch taken takes the place of the whole; the condition becomes a step.
    fn branches(&mut self, c: &'a Node, a: &'a Node, b: &'a Node) -> Piece {
        let place = self.trace.vals.get(self.trace.at).copied().flatten();
        let truth = self.holds(place);
        let before = std::mem::take(&mut self.operandes);
        let condition = self.node(c).text;
        let inside = std::mem::replace(&mut self.operandes, before);
        let sources = self.explainer.context.sources;
        let mut step = Step::new(Genre::Condition, cite::excerpt(sources, c.span), "");
        step.valeur = Some(yes(truth));
        step.calcul = condition;
        // Only the branch that was left is told: the other one is what follows.
        let other = if truth { b } else { a };
        let text = cite::excerpt(sources, other.span);
        step.notes.push(if truth {
            format!("condition vraie, branche écartée : {}", short(&format!("sinon {text}")))
        } else {
            format!("condition fausse, branche écartée : {}", short(&format!("alors {text}")))
        });
        step.etapes = inside;
        self.push(step);
        if truth {
            let taken = self.node(a);
            self.trace.skip(b);
            taken
        } else {
            self.trace.skip(a);
            self.node(b)
        }
    }

    fn parametre(&mut self, id: ParametreId, val: Option<Val>) -> Piece {
        let context = self.explainer.context;
        let Some(parametre) = context.book.parametres.get(id.index()) else {
            return Piece::atom("?");
        };
        let valeur = self
            .read(val)
            .map_or_else(|| word("?"), |exact| named(&parametre.nom, parametre.unite, exact));
        let mut step = Step::new(Genre::Parametre, &parametre.nom, &parametre.libelle);
        let known_on = context.program.known_on;
        let found = parametre.valeurs.in_force(self.frame.day, known_on);
        step.version = found.map(|found| cite::version(context.book, context.sources, found));
        let text = valeur.texte.clone();
        step.valeur = Some(valeur);
        self.push(step);
        Piece::named(&parametre.nom, text)
    }

    fn entree(&mut self, id: EntreeId, val: Option<Val>) -> Piece {
        let Some(entree) = self.explainer.context.book.entrees.get(id.index()) else {
            return Piece::atom("?");
        };
        let valeur = val.map_or_else(|| word("?"), |val| input(entree, &val, self.frame.slots));
        let mut step = Step::new(Genre::Entree, &entree.nom, &entree.libelle);
        let origin = self.explainer.origin(&entree.nom, self.frame);
        if origin.is_none() && is_default(entree, &valeur) {
            step.notes.push("valeur par défaut déclarée dans les règles".to_owned());
        }
        step.notes.extend(origin);
        let text = valeur.texte.clone();
        step.valeur = Some(valeur);
        self.push(step);
        Piece::named(&entree.nom, text)
    }

    fn present(&mut self, id: EntreeId, val: Option<Val>) -> Piece {
        let Some(entree) = self.explainer.context.book.entrees.get(id.index()) else {
            return Piece::atom("?");
        };
        let known = self.holds(val);
        let mut step = Step::new(Genre::Entree, &entree.nom, &entree.libelle);
        step.valeur = Some(word(if known { "renseigné" } else { "non renseigné" }));
        if !known {
            self.push(step);
        }
        let not = if known { "" } else { "non " };
        Piece::atom(format!("{} {not}renseigné", entree.nom))
    }

    fn etape(&mut self, at: usize, ty: Type, val: Option<Val>) -> Piece {
        let frame = self.frame;
        let Some((nom, formula)) = frame.definition.etapes.get(at) else {
            return Piece::atom("?");
        };
        let valeur = self.valued(nom, ty, val);
        let text = valeur.texte.clone();
        let known = |step: &Step| step.genre == Genre::Etape && step.nom == *nom;
        if self.operandes.iter().any(known) {
            return Piece::named(nom, text);
        }
        let mut step = Step::new(Genre::Etape, nom, "");
        step.valeur = Some(valeur);
        if self.explainer.enter_etape(frame, at) {
            let vals = frame.trace(1 + at);
            let walked = walk(self.explainer, frame, formula, vals, self.depth);
            step.formule = Some(cite::formule(self.explainer.context.sources, formula));
            if !walked.leaf {
                step.calcul = walked.calcul;
            }
            step.etapes = walked.operandes;
        }
        self.push(step);
        Piece::named(nom, text)
    }

    fn valued(&self, nom: &str, ty: Type, val: Option<Val>) -> Valeur {
        let Some(exact) = self.read(val) else { return word("?") };
        match ty {
            Type::Booleen => yes(exact.num != 0),
            Type::Enumeration(_) => self.symbol(ty, exact.num),
            Type::Nombre(unite) => named(nom, unite, exact),
            Type::Zero | Type::Inconnu => exact.valeur(Unit::NONE),
        }
    }

    fn item(&mut self, id: ItemId, part: Part, ty: Type, val: Option<Val>) -> Piece {
        let nom = self.explainer.context.book.get(id).map_or("", |item| item.nom.as_str());
        let valeur = self.valued(nom, ty, val);
        let text = valeur.texte.clone();
        let zero = self.read(val).is_some_and(|value| value.num == 0);
        let mut step = if zero {
            self.explainer.nothing(id, part, self.frame)
        } else {
            self.explainer.operand(id, part, self.frame, self.depth)
        };
        step.valeur = Some(valeur);
        let nom = step.nom.clone();
        self.push(step);
        Piece::named(&nom, text)
    }

    fn cumul(&mut self, id: ItemId, part: Part, val: Option<Val>) -> Piece {
        let context = self.explainer.context;
        let Some(item) = context.book.get(id) else { return Piece::atom("?") };
        let unite = if item.printed() { Unit::EURO } else { context.unit_of(item) };
        let valeur = self.read(val).map_or_else(|| word("?"), |exact| exact.valeur(unite));
        let dot = if part == Part::Montant { "" } else { "." };
        let nom = format!("cumul({}{dot}{})", item.nom, part.name());
        let mut step = Step::new(Genre::Cumul, nom, &item.libelle);
        let year = context.program.period.year();
        step.notes.push(format!("mois antérieurs de {year}, même employeur et même contrat"));
        let text = valeur.texte.clone();
        step.valeur = Some(valeur);
        let nom = step.nom.clone();
        self.push(step);
        Piece::named(&nom, text)
    }

    /// A sum over a family: its members that are not zero, each with its sign.
    fn somme(&mut self, id: FamilleId, part: Part, val: Option<Val>) -> Piece {
        let suffix = if part == Part::Montant { "" } else { "_" };
        let name = format!("somme{suffix}{}", part.name());
        self.family(&name, id, part, val, |walk, member| {
            walk.explainer.context.amount(member, part, walk.frame)
        })
    }

    /// What earlier months gave to a family.
    fn cumul_somme(&mut self, id: FamilleId, val: Option<Val>) -> Piece {
        self.family("cumul_somme", id, Part::Montant, val, |walk, member| {
            let cumuls = &walk.explainer.context.program.layout.cumuls;
            let place = cumuls.iter().find(|(of, part, _)| (*of, *part) == (member, Part::Montant));
            let num = *walk.frame.slots.get(usize::from(place?.2))?;
            Some(Exact { num, den: 100 })
        })
    }

    fn family(
        &mut self,
        name: &str,
        id: FamilleId,
        part: Part,
        val: Option<Val>,
        amount: impl Fn(&mut Self, ItemId) -> Option<Exact>,
    ) -> Piece {
        let context = self.explainer.context;
        let Some(famille) = context.book.familles.get(id.index()) else { return Piece::atom("?") };
        let valeur = self.read(val).map_or_else(|| word("?"), |exact| exact.valeur(Unit::EURO));
        let mut step =
            Step::new(Genre::Somme, format!("{name}({})", famille.nom), &famille.libelle);
        if name == "cumul_somme" {
            let year = context.program.period.year();
            step.genre = Genre::Cumul;
            step.notes.push(format!("mois antérieurs de {year}, même employeur et même contrat"));
        }
        let mut terms = Vec::new();
        let mut family = members(context.book, id, part);
        family.sort_by_key(|member| context.book.get(*member).map(|item| item.ordre));
        for member in family {
            let Some(exact) = amount(self, member) else { continue };
            if exact.num == 0 {
                continue;
            }
            let Some(item) = context.book.get(member) else { continue };
            let withheld = item.nature() == crate::rules::Nature::Retenue && part == Part::Montant;
            let mut line = Step::new(Genre::Ligne, &item.nom, &item.libelle);
            line.valeur = Some(exact.valeur(Unit::EURO));
            if withheld {
                line.notes.push("se retranche".to_owned());
            }
            let minus = withheld != (exact.num < 0);
            let size = Exact { num: exact.num.checked_abs().unwrap_or(exact.num), ..exact };
            terms.push((minus, size.valeur(Unit::EURO).texte));
            step.etapes.push(line);
        }
        step.calcul = sum_text(&terms);
        let text = valeur.texte.clone();
        step.valeur = Some(valeur);
        let nom = step.nom.clone();
        self.push(step);
        Piece::named(&nom, text)
    }

    fn rounding(&mut self, node: &'a Node, x: &'a Node, val: Option<Val>) -> Piece {
        let place = self.trace.vals.get(self.trace.at).copied().flatten();
        let inner = self.node(x);
        let unite = match x.ty {
            Type::Nombre(unite) => unite,
            _ => Unit::EURO,
        };
        if let (Some(avant), Some(apres)) = (self.read(place), self.read(val)) {
            let applied = self.explainer.rounding(self.frame, avant, apres, unite);
            if let Some(ArrondiApplique { avant, apres, .. }) = &applied
                && avant.nombre != apres.nombre
            {
                let nom = cite::excerpt(self.explainer.context.sources, node.span);
                let mut step = Step::new(Genre::Arrondi, nom, "");
                step.valeur = Some(apres.clone());
                step.arrondi = applied;
                self.push(step);
            }
        }
        Piece::atom(format!("arrondi({})", inner.text))
    }

    fn bareme(&mut self, whole: bool, id: BaremeId, x: &'a Node, val: Option<Val>) -> Piece {
        let context = self.explainer.context;
        let place = self.trace.vals.get(self.trace.at).copied().flatten();
        let inner = self.node(x);
        let Some(bareme) = context.book.baremes.get(id.index()) else { return Piece::atom("?") };
        let mut step = Step::new(Genre::Bareme, &bareme.nom, &bareme.libelle);
        if let Some(found) = bareme.tranches.in_force(self.frame.day, context.program.known_on) {
            step.version = Some(cite::version(context.book, context.sources, found));
            let base = self.read(place);
            step.notes.extend(base.and_then(|base| bracket(&found.value, base, bareme.unite)));
        }
        let exact = self.read(val);
        step.valeur =
            exact.map(|value| if whole { value.valeur(bareme.unite) } else { value.taux() });
        self.push(step);
        let name = if whole { "tranches" } else { "taux_tranche" };
        Piece::atom(format!("{name}({} ; {})", bareme.nom, inner.text))
    }
}

/// The bracket that holds a value.
fn bracket(brackets: &[crate::rules::Tranche], base: Exact, unite: Unit) -> Option<String> {
    let hundredths = base.num.checked_mul(100)?;
    let below = |tranche: &&crate::rules::Tranche| {
        i128::from(tranche.borne).checked_mul(base.den).is_some_and(|low| low <= hundredths)
    };
    let at = brackets.iter().take_while(below).count().saturating_sub(1);
    let bound = |tranche: &crate::rules::Tranche| {
        Exact::cents(i128::from(tranche.borne)).valeur(unite).texte
    };
    let low = brackets.get(at)?;
    let den = i128::from(crate::rules::Tranche::UNITE);
    let rate = Exact { num: i128::from(low.taux), den }.taux().texte;
    Some(match brackets.get(at + 1) {
        Some(high) => format!("tranche de {} à moins de {} : {rate}", bound(low), bound(high)),
        None => format!("tranche à partir de {} : {rate}", bound(low)),
    })
}

/// `a + b − c`.
fn sum_text(terms: &[(bool, String)]) -> String {
    let mut text = String::new();
    for (at, (minus, term)) in terms.iter().enumerate() {
        text.push_str(match (at, minus) {
            (0, false) => "",
            (0, true) => "−",
            (_, false) => " + ",
            (_, true) => " − ",
        });
        text.push_str(term);
    }
    text
}

/// At most sixty characters of a text.
fn short(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() { format!("`{}…`", cut.trim_end()) } else { format!("`{text}`") }
}
