//! Names and units: from the tree as written to the typed tree.

use crate::diag::{Code, Diagnostic, nearest};
use crate::rules::{
    BaremeId, Book, Definition, Entree, EntreeId, EntreeType, FamilleId, Formula, Item, ItemId,
    ItemKind, ParametreId, Portee, RuleBook, Segments, SideRate, Timeline,
};
use crate::source::Span;
use crate::syntax::{BinaryOp, CompareOp, Expr, ExprKind, Unit};

use super::item_unit;
use super::node::{Function, Node, NodeKind, Part, Type};

/// Types every formula of a book.
pub fn type_book(book: RuleBook, out: &mut Vec<Diagnostic>) -> Book<Node> {
    let items = book.items.iter().map(|item| type_item(&book, item, out)).collect();
    Book {
        coverage: book.coverage,
        textes: book.textes,
        parametres: book.parametres,
        baremes: book.baremes,
        tables: book.tables,
        grids: book.grids,
        entrees: book.entrees,
        familles: book.familles,
        items,
    }
}

fn type_item(book: &RuleBook, item: &Item<Expr>, out: &mut Vec<Diagnostic>) -> Item<Node> {
    let definitions = item.versions.versions().iter();
    let versions = definitions.map(|v| v.with(definition(book, item, &v.value, out))).collect();
    if matches!(item.kind, ItemKind::Grandeur { cumulee: true, .. }) && item.portee != Portee::Mois
    {
        out.push(
            Diagnostic::new(Code::C502, format!("`{}` cannot be kept over the year", item.nom))
                .at(item.span, "a quantity of segments")
                .help("use `calcul = \"mois\"`, or read it from a quantity of the month"),
        );
    }
    let mut side = |timeline: &Timeline<SideRate<Expr>>| {
        let rates = timeline.versions().iter().map(|version| {
            let mut typer =
                Typer { book, item, etapes: &[], types: Vec::new(), arrondi: true, out };
            let taux = typer.formula(&version.value.taux, Some(Type::Nombre(Unit::NONE)));
            typer.rate(&taux);
            version.with(SideRate { taux })
        });
        Timeline::new(rates.collect())
    };
    let (agent, employeur) = (side(&item.agent), side(&item.employeur));
    Item {
        nom: item.nom.clone(),
        code: item.code.clone(),
        libelle: item.libelle.clone(),
        kind: item.kind.clone(),
        ordre: item.ordre,
        motif: item.motif.clone(),
        familles: item.familles.clone(),
        portee: item.portee,
        segments: item.segments,
        absences: item.absences,
        rappel_paiement: item.rappel_paiement.clone(),
        span: item.span,
        versions: Timeline::new(versions),
        agent,
        employeur,
    }
}

fn definition(
    book: &RuleBook,
    item: &Item<Expr>,
    source: &Definition<Expr>,
    out: &mut Vec<Diagnostic>,
) -> Definition<Node> {
    let arrondi = source.arrondi.is_some();
    let mut typer = Typer { book, item, etapes: &source.etapes, types: Vec::new(), arrondi, out };
    let mut etapes = Vec::new();
    for (name, formula) in &source.etapes {
        let typed = typer.formula(formula, None);
        typer.types.push(typed.tree.ty);
        etapes.push((name.clone(), typed));
    }
    let wanted = Type::Nombre(match &item.kind {
        ItemKind::Grandeur { unite, .. } => *unite,
        _ if item.segments == Segments::Prorata && !item.portee.in_the_month() => {
            Unit::EURO_PER_MONTH
        }
        _ => Unit::EURO,
    });
    let control = matches!(item.kind, ItemKind::Controle(_));
    let wanted = if control { Type::Booleen } else { wanted };
    let optional = |typer: &mut Typer<'_>, formula: &Option<Formula<Expr>>, wanted| {
        formula.as_ref().map(|formula| typer.formula(formula, wanted))
    };
    Definition {
        rappel: source.rappel,
        applicable: optional(&mut typer, &source.applicable, Some(Type::Booleen)),
        formule: typer.formula(&source.formule, Some(wanted)),
        nombre: optional(&mut typer, &source.nombre, None),
        base: optional(&mut typer, &source.base, None),
        taux: optional(&mut typer, &source.taux, None),
        etapes,
        arrondi: source.arrondi,
    }
}

struct Typer<'a> {
    book: &'a RuleBook,
    item: &'a Item<Expr>,
    etapes: &'a [(String, Formula<Expr>)],
    types: Vec<Type>,
    arrondi: bool,
    out: &'a mut Vec<Diagnostic>,
}

impl Typer<'_> {
    fn formula(&mut self, source: &Formula<Expr>, wanted: Option<Type>) -> Formula<Node> {
        let tree = self.node(&source.tree);
        if let Some(wanted) = wanted {
            self.expect(&tree, wanted);
        }
        Formula { text: source.text.clone(), span: source.span, tree }
    }

    fn expect(&mut self, node: &Node, wanted: Type) {
        if fits(node.ty, wanted) {
            return;
        }
        let code = match (node.ty, wanted) {
            (Type::Nombre(_), Type::Nombre(_)) => Code::U303,
            _ => Code::U304,
        };
        let found = self.type_name(node.ty);
        let expected = self.type_name(wanted);
        self.out.push(
            Diagnostic::new(code, format!("`{}` must give {expected}", self.item.nom))
                .at(node.span, self.with_value(node, &format!("gives {found}")))
                .help(conversion(node.ty, wanted)),
        );
    }

    /// A constant rate above 1 is a percentage by mistake.
    fn rate(&mut self, taux: &Formula<Node>) {
        let NodeKind::Number(value) = &taux.tree.kind else { return };
        if value.at_scale(9).is_ok_and(|billionths| billionths > 1_000_000_000) {
            let likely = crate::num::Fixed::new(value.mantissa(), value.scale() + 2);
            self.out.push(
                Diagnostic::new(Code::S404, format!("the rate `{value}` is above 1"))
                    .at(taux.tree.span, "rates are decimal fractions")
                    .help(format!("write `{}`", likely.trimmed())),
            );
        }
    }

    fn type_name(&self, ty: Type) -> String {
        match ty {
            Type::Nombre(unit) if unit == Unit::NONE => "a number without unit".to_owned(),
            Type::Nombre(unit) => format!("`{unit}`"),
            Type::Zero => "a zero".to_owned(),
            Type::Booleen => "a condition".to_owned(),
            Type::Enumeration(id) => {
                let nom = self.book.entrees.get(id.index()).map_or("", |e| e.nom.as_str());
                format!("a value of `{nom}`")
            }
            Type::Inconnu => "something unknown".to_owned(),
        }
    }

    fn hole(span: Span) -> Node {
        Node { kind: NodeKind::Hole, span, ty: Type::Inconnu }
    }

    fn node(&mut self, expr: &Expr) -> Node {
        let span = expr.span;
        let (kind, ty) = match &expr.kind {
            ExprKind::Hole => return Self::hole(span),
            ExprKind::Number(value) => {
                let ty = if value.mantissa() == 0 { Type::Zero } else { Type::Nombre(Unit::NONE) };
                (NodeKind::Number(*value), ty)
            }
            ExprKind::Bool(value) => (NodeKind::Bool(*value), Type::Booleen),
            ExprKind::Name(name) => return self.name(name, span),
            ExprKind::Negate(x) => {
                let x = self.number(x);
                let ty = x.ty;
                (NodeKind::Negate(Box::new(x)), ty)
            }
            ExprKind::Not(x) => (NodeKind::Not(Box::new(self.condition(x))), Type::Booleen),
            ExprKind::Binary(op, a, b) => return self.binary(*op, a, b, span),
            ExprKind::Compare(op, a, b) => return self.compare(*op, a, b, span),
            ExprKind::In(x, list) => return self.membership(x, list, span),
            ExprKind::If(c, a, b) => return self.branches(c, a, b, span),
            ExprKind::Call(name, arguments) => return self.call(name, arguments, span),
        };
        Node { kind, span, ty }
    }

    fn condition(&mut self, expr: &Expr) -> Node {
        let node = self.node(expr);
        if !matches!(node.ty, Type::Booleen | Type::Inconnu) {
            let found = self.type_name(node.ty);
            self.out.push(
                Diagnostic::new(Code::U304, "a condition is expected")
                    .at(node.span, format!("gives {found}"))
                    .help("compare it: `x > 0`, `x = value`"),
            );
        }
        node
    }

    fn number(&mut self, expr: &Expr) -> Node {
        let node = self.node(expr);
        if matches!(node.ty, Type::Booleen | Type::Enumeration(_)) {
            let found = self.type_name(node.ty);
            self.out.push(
                Diagnostic::new(Code::U304, "a number is expected")
                    .at(node.span, format!("gives {found}"))
                    .help("use `si … alors … sinon …` to turn a condition into a number"),
            );
            return Self::hole(node.span);
        }
        node
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, span: Span) -> Node {
        let (a, b, ty) = match op {
            BinaryOp::And | BinaryOp::Or => (self.condition(a), self.condition(b), Type::Booleen),
            BinaryOp::Add | BinaryOp::Sub => {
                let (a, b) = (self.number(a), self.number(b));
                let ty = self.same(&a, &b, Code::U301, op.text());
                (a, b, ty)
            }
            BinaryOp::Mul | BinaryOp::Div => {
                let (a, b) = (self.number(a), self.number(b));
                let ty = match (a.ty, b.ty) {
                    (Type::Inconnu, _) | (_, Type::Inconnu) => Type::Inconnu,
                    (Type::Zero, _) => Type::Zero,
                    (_, Type::Zero) if op == BinaryOp::Mul => Type::Zero,
                    (a, b) if op == BinaryOp::Mul => Type::Nombre(unit(a).times(unit(b))),
                    (a, b) => Type::Nombre(unit(a).per(unit(b))),
                };
                (a, b, ty)
            }
        };
        Node { kind: NodeKind::Binary(op, Box::new(a), Box::new(b)), span, ty }
    }

    /// The common type of two numbers, or a finding.
    fn same(&mut self, a: &Node, b: &Node, code: Code, what: &str) -> Type {
        match (a.ty, b.ty) {
            (Type::Inconnu, _) | (_, Type::Inconnu) => Type::Inconnu,
            (Type::Zero, other) | (other, Type::Zero) => other,
            (x, y) if x == y => x,
            (x, y) => {
                let (x, y) = (self.type_name(x), self.type_name(y));
                let (left, right) = (self.with_value(a, &x), self.with_value(b, &y));
                self.out.push(
                    Diagnostic::new(code, format!("`{what}` brings together {x} and {y}"))
                        .at(a.span, left)
                        .and(b.span, right)
                        .help(conversion(a.ty, b.ty)),
                );
                Type::Inconnu
            }
        }
    }

    /// A label that carries the value of a parametre, when the node is one.
    fn with_value(&self, node: &Node, ty: &str) -> String {
        let NodeKind::Parametre(id) = &node.kind else { return ty.to_owned() };
        let Some(parametre) = self.book.parametres.get(id.index()) else { return ty.to_owned() };
        let last = parametre.valeurs.versions().last();
        last.map_or(ty.to_owned(), |version| {
            let value = crate::rules::Parametre::text(version.value);
            format!("{ty}: `{}` is {value} (depuis {})", parametre.nom, version.depuis)
        })
    }

    fn compare(&mut self, op: CompareOp, a: &Expr, b: &Expr, span: Span) -> Node {
        let left = self.node(a);
        let right = match left.ty {
            Type::Enumeration(id) => self.symbol(b, id).map_or_else(
                || Self::hole(b.span),
                |symbol| Node { kind: NodeKind::Symbol(symbol), span: b.span, ty: left.ty },
            ),
            _ => self.node(b),
        };
        match (left.ty, right.ty) {
            (Type::Enumeration(_), _) | (Type::Booleen, Type::Booleen)
                if !matches!(op, CompareOp::Eq | CompareOp::Ne) =>
            {
                self.out.push(
                    Diagnostic::new(Code::U304, "these values have no order")
                        .at(span, format!("`{}` needs numbers", op.text()))
                        .help("use `=`, `<>` or `dans`"),
                );
            }
            (Type::Enumeration(_), _) | (Type::Booleen, Type::Booleen) => {}
            _ => {
                self.same(&left, &right, Code::U302, op.text());
            }
        }
        let kind = NodeKind::Compare(op, Box::new(left), Box::new(right));
        Node { kind, span, ty: Type::Booleen }
    }

    fn membership(&mut self, x: &Expr, list: &[Expr], span: Span) -> Node {
        let node = self.node(x);
        let Type::Enumeration(id) = node.ty else {
            if node.ty != Type::Inconnu {
                let found = self.type_name(node.ty);
                self.out.push(
                    Diagnostic::new(Code::U304, "`dans` needs an input with a closed list")
                        .at(node.span, format!("gives {found}"))
                        .help("compare numbers with `=`, `<`, `>`"),
                );
            }
            return Self::hole(span);
        };
        let symbols = list.iter().filter_map(|symbol| self.symbol(symbol, id)).collect();
        Node { kind: NodeKind::In(Box::new(node), symbols), span, ty: Type::Booleen }
    }

    fn symbol(&mut self, expr: &Expr, id: EntreeId) -> Option<u16> {
        let entree = self.book.entrees.get(id.index())?;
        let EntreeType::Enumeration(values) = &entree.kind else { return None };
        let found = match &expr.kind {
            ExprKind::Name(name) => values.iter().position(|value| value == name),
            _ => None,
        };
        if found.is_none() {
            let word = crate::syntax::print(expr);
            let close = nearest(&word, values.iter().map(String::as_str), 1);
            let help = match close.first() {
                Some(close) => format!("write `{close}`"),
                None => format!("write one of `{}`", values.join("`, `")),
            };
            self.out.push(
                Diagnostic::new(Code::N104, format!("`{word}` is not a value of `{}`", entree.nom))
                    .at(expr.span, "not in its list")
                    .and(entree.span, format!("takes `{}`", values.join("`, `")))
                    .help(help),
            );
        }
        u16::try_from(found?).ok()
    }

    fn branches(&mut self, c: &Expr, a: &Expr, b: &Expr, span: Span) -> Node {
        let condition = self.condition(c);
        let (a, b) = (self.node(a), self.node(b));
        let ty = if a.ty == Type::Booleen && b.ty == Type::Booleen {
            Type::Booleen
        } else {
            self.same(&a, &b, Code::U302, "si")
        };
        let kind = NodeKind::If(Box::new(condition), Box::new(a), Box::new(b));
        Node { kind, span, ty }
    }

    fn call(&mut self, name: &str, arguments: &[Expr], span: Span) -> Node {
        match (name, arguments) {
            ("min" | "max", [_, _, ..]) => self.extreme(name, arguments, span),
            ("plafonne", [_, _]) => self.extreme("min", arguments, span),
            ("mensuel", [x]) => {
                let x = self.number(x);
                let ty = match x.ty {
                    Type::Nombre(u) => {
                        Type::Nombre(u.per(Unit::EURO_PER_YEAR).times(Unit::EURO_PER_MONTH))
                    }
                    other => other,
                };
                Node { kind: NodeKind::Call(Function::Mensuel, Box::new(x)), span, ty }
            }
            ("arrondi", [x]) => self.rounding(x, span),
            ("tranches" | "taux_tranche", [table, x]) => self.bareme(name, table, x, span),
            ("somme" | "somme_base" | "somme_agent" | "somme_employeur", [famille]) => {
                self.family(name, famille, span)
            }
            ("cumul", [x]) => self.cumul(x, span),
            ("cumul_somme", [famille]) => self.family(name, famille, span),
            ("present", [x]) => self.present(x, span),
            _ => {
                self.out.push(no_such_call(name, arguments.len(), span));
                Self::hole(span)
            }
        }
    }

    fn extreme(&mut self, name: &str, arguments: &[Expr], span: Span) -> Node {
        let list: Vec<Node> = arguments.iter().map(|argument| self.number(argument)).collect();
        let mut ty = Type::Zero;
        let mut first: Option<&Node> = None;
        for node in &list {
            ty = match first {
                Some(first) if ty != Type::Zero => {
                    let common = self.same(first, node, Code::U302, name);
                    if common == Type::Inconnu { common } else { ty }
                }
                _ => node.ty,
            };
            if first.is_none() || first.is_some_and(|node| node.ty == Type::Zero) {
                first = Some(node);
            }
        }
        Node { kind: NodeKind::Extreme(name == "max", list), span, ty }
    }

    fn rounding(&mut self, x: &Expr, span: Span) -> Node {
        let x = self.number(x);
        if !fits(x.ty, Type::Nombre(Unit::EURO)) && !fits(x.ty, Type::Nombre(Unit::EURO_PER_MONTH))
        {
            let found = self.type_name(x.ty);
            self.out.push(
                Diagnostic::new(Code::U303, "`arrondi` rounds an amount")
                    .at(x.span, format!("gives {found}"))
                    .help("round euros: amounts are paid in cents, other quantities stay exact"),
            );
        }
        if !self.arrondi {
            self.out.push(
                Diagnostic::new(Code::S403, "`arrondi` needs a declared rounding")
                    .at(span, "no `arrondi` in this version")
                    .help("add `arrondi = { au = \"0.01\", mode = \"demi_superieur\" }`"),
            );
        }
        let ty = x.ty;
        Node { kind: NodeKind::Call(Function::Arrondi, Box::new(x)), span, ty }
    }

    fn bareme(&mut self, name: &str, table: &Expr, x: &Expr, span: Span) -> Node {
        let x = self.number(x);
        let ExprKind::Name(nom) = &table.kind else {
            self.unknown("a bareme name", table.span, &[]);
            return Self::hole(span);
        };
        let Some(at) = self.book.baremes.iter().position(|bareme| bareme.nom == *nom) else {
            let names: Vec<&str> = self.book.baremes.iter().map(|b| b.nom.as_str()).collect();
            self.unknown(nom, table.span, &names);
            return Self::hole(span);
        };
        let Some(bareme) = self.book.baremes.get(at) else { return Self::hole(span) };
        let (unite, bounds) = (bareme.unite, bareme.span);
        if !fits(x.ty, Type::Nombre(unite)) {
            let found = self.type_name(x.ty);
            self.out.push(
                Diagnostic::new(Code::U302, format!("the bounds of `{nom}` are in `{unite}`"))
                    .at(x.span, self.with_value(&x, &format!("gives {found}")))
                    .and(bounds, "its bounds")
                    .help(conversion(x.ty, Type::Nombre(unite))),
            );
        }
        let whole = name == "tranches";
        let ty = if whole { x.ty } else { Type::Nombre(Unit::NONE) };
        let kind = NodeKind::Bareme(whole, BaremeId::at(at), Box::new(x));
        Node { kind, span, ty }
    }

    fn family(&mut self, name: &str, famille: &Expr, span: Span) -> Node {
        let found = match &famille.kind {
            ExprKind::Name(nom) => self.book.familles.iter().position(|f| f.nom == *nom),
            _ => None,
        };
        let Some(at) = found else {
            let names: Vec<&str> = self.book.familles.iter().map(|f| f.nom.as_str()).collect();
            let nom = if let ExprKind::Name(nom) = &famille.kind { nom.as_str() } else { "?" };
            self.unknown(nom, famille.span, &names);
            return Self::hole(span);
        };
        let id = FamilleId::at(at);
        let (what, kind) = match name {
            "somme_base" => ("a sum of lines", NodeKind::Somme(id, Part::Base)),
            "somme_agent" => ("a sum of lines", NodeKind::Somme(id, Part::Agent)),
            "somme_employeur" => ("a sum of lines", NodeKind::Somme(id, Part::Employeur)),
            "cumul_somme" => ("a yearly total", NodeKind::CumulSomme(id)),
            _ => ("a sum of lines", NodeKind::Somme(id, Part::Montant)),
        };
        self.only_in_the_month(span, what);
        Node { kind, span, ty: Type::Nombre(Unit::EURO) }
    }

    fn cumul(&mut self, x: &Expr, span: Span) -> Node {
        let node = self.reference(x);
        let Some(Node { kind: NodeKind::Item(id, part), ty, .. }) = node else {
            let nom = if let ExprKind::Name(nom) = &x.kind { nom.as_str() } else { "?" };
            let names: Vec<&str> = self.book.items.iter().map(|item| item.nom.as_str()).collect();
            self.unknown(nom, x.span, &names);
            return Self::hole(span);
        };
        let Some(item) = self.book.get(id) else { return Self::hole(span) };
        let kept = !matches!(item.kind, ItemKind::Grandeur { cumulee: false, .. });
        let defined = item.span;
        if !kept {
            self.out.push(
                Diagnostic::new(Code::C502, "the yearly total of this quantity is not kept")
                    .at(x.span, "summed over the year here")
                    .and(defined, "without `cumulee = true`")
                    .help("add `cumulee = true` to the quantity"),
            );
        }
        self.only_in_the_month(span, "a yearly total");
        Node { kind: NodeKind::Cumul(id, part), span, ty }
    }

    /// The item a name stands for, without the checks of scope.
    fn reference(&mut self, expr: &Expr) -> Option<Node> {
        let ExprKind::Name(name) = &expr.kind else { return None };
        let (base, part) = split(name);
        let (id, item) = self.book.item(base)?;
        if matches!(item.kind, ItemKind::Controle(_)) {
            return None;
        }
        let ty = match part {
            None => Type::Nombre(item_unit(item).unwrap_or(Unit::EURO)),
            Some(_) => Type::Nombre(Unit::EURO),
        };
        let kind = NodeKind::Item(id, part.unwrap_or(Part::Montant));
        Some(Node { kind, span: expr.span, ty })
    }

    fn present(&mut self, x: &Expr, span: Span) -> Node {
        let node = self.node(x);
        match node.kind {
            NodeKind::Entree(id) => Node { kind: NodeKind::Present(id), span, ty: Type::Booleen },
            NodeKind::Hole => Self::hole(span),
            _ => {
                self.out.push(
                    Diagnostic::new(Code::N103, "`present` takes an input")
                        .at(node.span, "not an input")
                        .help("write the name of an `[[entree]]`"),
                );
                Self::hole(span)
            }
        }
    }

    fn only_in_the_month(&mut self, span: Span, what: &str) {
        if !self.item.portee.in_the_month() {
            let one = match self.item.portee {
                Portee::Element => "an element",
                Portee::Absence => "an absence",
                _ => "a segment",
            };
            self.out.push(
                Diagnostic::new(
                    Code::C502,
                    format!("{what} is only known once the month is whole"),
                )
                .at(span, format!("`{}` is computed for {one}", self.item.nom))
                .help("use `calcul = \"mois\"`, or read quantities of the segment"),
            );
        }
    }

    fn unknown(&mut self, name: &str, span: Span, names: &[&str]) {
        let close = nearest(name, names.iter().copied(), 3);
        let help = match close.as_slice() {
            [] => "define it, or see rules/README.md".to_owned(),
            [only] => format!("write `{only}`"),
            several => format!("the nearest names are `{}`", several.join("`, `")),
        };
        self.out.push(
            Diagnostic::new(Code::N101, format!("`{name}` is not defined"))
                .at(span, "no such name")
                .help(help),
        );
    }

    fn name(&mut self, name: &str, span: Span) -> Node {
        if let Some(at) = self.etapes.iter().position(|(etape, _)| etape == name)
            && let Some(&ty) = self.types.get(at)
        {
            return Node { kind: NodeKind::Etape(at), span, ty };
        }
        if let Some(at) = self.book.parametres.iter().position(|p| p.nom == name) {
            let unite = self.book.parametres.get(at).map_or(Unit::NONE, |p| p.unite);
            let kind = NodeKind::Parametre(ParametreId::at(at));
            return Node { kind, span, ty: Type::Nombre(unite) };
        }
        if let Some(at) = self.book.entrees.iter().position(|e| e.nom == name) {
            return self.entree(EntreeId::at(at), span);
        }
        let (base, part) = split(name);
        if let Some((id, item)) = self.book.item(base) {
            return self.item_value(id, item, part, span);
        }
        let names: Vec<&str> = (self.book.parametres.iter().map(|p| p.nom.as_str()))
            .chain(self.book.entrees.iter().map(|e| e.nom.as_str()))
            .chain(self.book.items.iter().map(|i| i.nom.as_str()))
            .chain(self.etapes.iter().map(|(nom, _)| nom.as_str()))
            .collect();
        self.unknown(name, span, &names);
        Self::hole(span)
    }

    fn entree(&mut self, id: EntreeId, span: Span) -> Node {
        let Some(entree) = self.book.entrees.get(id.index()) else { return Self::hole(span) };
        let own = match entree.portee {
            Portee::Element => Some("element"),
            Portee::Absence => Some("absence"),
            _ => None,
        };
        let mine = match entree.portee {
            Portee::Element => self.item.portee.by_element(),
            portee => self.item.portee == portee,
        };
        if let Some(one) = own
            && !mine
        {
            self.out.push(
                Diagnostic::new(Code::C502, format!("`{}` belongs to one {one}", entree.nom))
                    .at(span, format!("`{}` is not computed by {one}", self.item.nom))
                    .help(format!("use `calcul = \"{one}\"`")),
            );
        }
        let ty = entree_type(id, entree);
        Node { kind: NodeKind::Entree(id), span, ty }
    }

    fn item_value(
        &mut self,
        id: ItemId,
        item: &Item<Expr>,
        part: Option<Part>,
        span: Span,
    ) -> Node {
        if matches!(item.kind, ItemKind::Controle(_)) {
            let message = format!("`{}` is a control and has no value", item.nom);
            self.out.push(
                Diagnostic::new(Code::N101, message)
                    .at(span, "nothing reads a control")
                    .help("read what its condition reads"),
            );
            return Self::hole(span);
        }
        let cotisation = matches!(item.kind, ItemKind::Cotisation { .. });
        if cotisation != part.is_some() {
            let message = match part {
                Some(part) => format!("`{}` has no part `{}`", item.nom, part.name()),
                None => format!("`{}` is not one amount", item.nom),
            };
            let (label, help) = if cotisation {
                (
                    "a cotisation has parts",
                    format!("write `{0}.base`, `{0}.agent` or `{0}.employeur`", item.nom),
                )
            } else {
                ("not a cotisation", format!("write `{}`", item.nom))
            };
            self.out.push(Diagnostic::new(Code::N101, message).at(span, label).help(help));
            return Self::hole(span);
        }
        let from_segment = item.portee == Portee::Segment && !item.printed();
        let between_absences = item.portee == Portee::Absence;
        if between_absences && self.item.portee != Portee::Absence {
            self.out.push(
                Diagnostic::new(Code::C502, format!("`{}` belongs to one absence", item.nom))
                    .at(span, format!("`{}` is not computed by absence", self.item.nom))
                    .help(format!("write `absences = \"{}\"` in the rubrique", item.nom)),
            );
        } else if !self.item.portee.in_the_month() && !from_segment && !between_absences {
            self.only_in_the_month(span, &format!("`{}`", item.nom));
        }
        let mut unite = item_unit(item).unwrap_or(Unit::EURO);
        // A quantity of segments read from the month is its sum in proportion of thirtieths.
        if self.item.portee.in_the_month() && from_segment && unite == Unit::EURO_PER_MONTH {
            unite = Unit::EURO;
        }
        let kind = NodeKind::Item(id, part.unwrap_or(Part::Montant));
        Node { kind, span, ty: Type::Nombre(unite) }
    }
}

/// How to bring a value of one type to another.
fn conversion(found: Type, wanted: Type) -> &'static str {
    let (Type::Nombre(found), Type::Nombre(wanted)) = (found, wanted) else {
        return match wanted {
            Type::Booleen => "write a condition: `x > 0`, `x = value`, `present(x)`",
            _ => "use `si … alors … sinon …` to turn a condition into a number",
        };
    };
    let pair = [found, wanted];
    let point = |unit: Unit| unit.has("pt");
    if point(found) != point(wanted) {
        "multiply points by a value in €/pt or €/pt/an, for instance `point_indice`"
    } else if pair.contains(&Unit::EURO_PER_YEAR) && pair.contains(&Unit::EURO_PER_MONTH) {
        "`mensuel(x)` turns €/an into €/mois"
    } else if pair.contains(&Unit::EURO) && (found.has("an") || wanted.has("an")) {
        "divide what is due for a year: `mensuel(x)`, in a `[[grandeur]]` of segments"
    } else if pair.contains(&Unit::EURO) && (found.has("mois") || wanted.has("mois")) {
        "€/mois is due for a full month: read it through a `[[grandeur]]` of segments"
    } else {
        "multiply or divide by a value that carries the missing unit"
    }
}

/// Functions and how they are called.
const FUNCTIONS: [(&str, &str); 14] = [
    ("min", "min(a, b, …)"),
    ("max", "max(a, b, …)"),
    ("plafonne", "plafonne(x, plafond)"),
    ("mensuel", "mensuel(x)"),
    ("arrondi", "arrondi(x)"),
    ("tranches", "tranches(bareme, x)"),
    ("taux_tranche", "taux_tranche(bareme, x)"),
    ("somme", "somme(famille)"),
    ("somme_base", "somme_base(famille)"),
    ("somme_agent", "somme_agent(famille)"),
    ("somme_employeur", "somme_employeur(famille)"),
    ("cumul", "cumul(x)"),
    ("cumul_somme", "cumul_somme(famille)"),
    ("present", "present(entree)"),
];

/// A call of a function that is not known, or not so.
fn no_such_call(name: &str, found: usize, span: Span) -> Diagnostic {
    let plural = if found == 1 { "" } else { "s" };
    if let Some((_, form)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
        return Diagnostic::new(
            Code::N103,
            format!("`{name}` does not take {found} argument{plural}"),
        )
        .at(span, format!("{found} argument{plural} here"))
        .help(format!("write `{form}`"));
    }
    let place = Span { end: span.start + u32::try_from(name.len()).unwrap_or(0), ..span };
    let close = nearest(name, FUNCTIONS.iter().map(|(known, _)| *known), 1);
    let near = |known: &str| close.first() == Some(&known) || name.starts_with(known);
    let form = FUNCTIONS.iter().find(|(known, _)| near(known));
    Diagnostic::new(Code::N103, format!("the function `{name}` does not exist"))
        .at(place, "not a function")
        .help(form.map_or_else(
            || "see the functions in rules/README.md".to_owned(),
            |(_, form)| format!("the nearest one is `{form}`"),
        ))
}

fn split(name: &str) -> (&str, Option<Part>) {
    for part in [Part::Base, Part::Agent, Part::Employeur] {
        let stem = name.strip_suffix(part.name()).and_then(|stem| stem.strip_suffix('.'));
        if let Some(stem) = stem {
            return (stem, Some(part));
        }
    }
    (name, None)
}

fn unit(ty: Type) -> Unit {
    match ty {
        Type::Nombre(unit) => unit,
        _ => Unit::NONE,
    }
}

fn fits(found: Type, wanted: Type) -> bool {
    match (found, wanted) {
        (Type::Inconnu, _) => true,
        (Type::Zero, Type::Nombre(_)) => true,
        (found, wanted) => found == wanted,
    }
}

/// The type of an input.
pub fn entree_type(id: EntreeId, entree: &Entree) -> Type {
    match &entree.kind {
        EntreeType::Nombre { .. } | EntreeType::Ratio => Type::Nombre(entree.unite),
        EntreeType::Booleen => Type::Booleen,
        EntreeType::Enumeration(_) => Type::Enumeration(id),
    }
}
