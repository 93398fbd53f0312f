//! Reading a formula: recursive descent, one function a level, errors at the word that surprises.

use std::ops::Range;

use super::expr::{BinaryOp, CompareOp, Expr, ExprKind};
use super::lexer::{Token, tokens};
use crate::diag::{Code, Diagnostic};
use crate::limits::FORMULA_DEPTH;
use crate::source::{FileId, Span};

const KEYWORDS: [&str; 9] = ["si", "alors", "sinon", "et", "ou", "non", "dans", "vrai", "faux"];

/// Reads the formula `text` that starts at byte `offset` of `file`.
///
/// Always gives a tree; what could not be read is a hole, with one finding.
pub fn parse_formula(
    text: &str,
    file: FileId,
    offset: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Expr {
    let mut parser = Parser { tokens: tokens(text), at: 0, file, offset, depth: 0 };
    let whole = Span::new(file, offset..offset + text.len());
    let parsed = parser.condition_or_sum().and_then(|expr| match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.surprise("the end of the formula")),
    });
    parsed.unwrap_or_else(|diagnostic| {
        diagnostics.push(*diagnostic);
        Expr { kind: ExprKind::Hole, span: whole }
    })
}

type Parsed = Result<Expr, Box<Diagnostic>>;

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    file: FileId,
    offset: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn range(&self) -> Range<usize> {
        let range = self.tokens.get(self.at).or(self.tokens.last());
        range.map_or(0..0, |(_, range)| range.clone())
    }

    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.file, self.offset + from..self.offset + to)
    }

    fn start(&self) -> usize {
        self.range().start
    }

    fn previous_end(&self) -> usize {
        self.tokens.get(self.at.saturating_sub(1)).map_or(0, |(_, range)| range.end)
    }

    fn word(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word == keyword)
    }

    fn symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn eat_word(&mut self, keyword: &str) -> bool {
        let found = self.word(keyword);
        self.at += usize::from(found);
        found
    }

    fn eat_symbol(&mut self, symbol: &str) -> bool {
        let found = self.symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn surprise(&self, expected: &str) -> Box<Diagnostic> {
        let found = match self.peek() {
            Token::End => "the end of the formula".to_owned(),
            Token::Number(value) => format!("`{value}`"),
            Token::Word(word) => format!("`{word}`"),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::Unknown(character) => format!("`{character}`"),
        };
        let range = self.range();
        Box::new(
            Diagnostic::new(Code::L006, format!("found {found} where {expected} was expected"))
                .at(self.span(range.start, range.end), format!("expected {expected}"))
                .help("see the formula language in rules/README.md"),
        )
    }

    fn node(&self, kind: ExprKind, start: usize) -> Expr {
        Expr { kind, span: self.span(start, self.previous_end()) }
    }

    fn condition_or_sum(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > FORMULA_DEPTH {
            let range = self.range();
            return Err(Box::new(
                Diagnostic::new(Code::L006, "this formula is nested too deeply")
                    .at(self.span(range.start, range.end), format!("level {FORMULA_DEPTH}"))
                    .help("name parts of it with `etapes`"),
            ));
        }
        let start = self.start();
        let parsed = if self.eat_word("si") { self.branches(start) } else { self.or(start) };
        self.depth -= 1;
        parsed
    }

    fn branches(&mut self, start: usize) -> Parsed {
        let condition = self.condition_or_sum()?;
        if !self.eat_word("alors") {
            return Err(self.surprise("`alors`"));
        }
        let then = self.condition_or_sum()?;
        if !self.eat_word("sinon") {
            return Err(self.surprise("`sinon`"));
        }
        let otherwise = self.condition_or_sum()?;
        let kind = ExprKind::If(Box::new(condition), Box::new(then), Box::new(otherwise));
        Ok(self.node(kind, start))
    }

    fn or(&mut self, start: usize) -> Parsed {
        let mut left = self.and(start)?;
        while self.eat_word("ou") {
            let from = self.start();
            let right = self.and(from)?;
            left = self.binary(BinaryOp::Or, left, right, start);
        }
        Ok(left)
    }

    fn and(&mut self, start: usize) -> Parsed {
        let mut left = self.not(start)?;
        while self.eat_word("et") {
            let from = self.start();
            let right = self.not(from)?;
            left = self.binary(BinaryOp::And, left, right, start);
        }
        Ok(left)
    }

    fn not(&mut self, start: usize) -> Parsed {
        if self.eat_word("non") {
            let from = self.start();
            let inner = self.not(from)?;
            return Ok(self.node(ExprKind::Not(Box::new(inner)), start));
        }
        self.comparison(start)
    }

    fn comparison(&mut self, start: usize) -> Parsed {
        const OPERATORS: [(&str, CompareOp); 6] = [
            ("=", CompareOp::Eq),
            ("<>", CompareOp::Ne),
            ("<=", CompareOp::Le),
            ("<", CompareOp::Lt),
            (">=", CompareOp::Ge),
            (">", CompareOp::Gt),
        ];
        let left = self.sum(start)?;
        if self.eat_word("dans") {
            let list = self.list()?;
            return Ok(self.node(ExprKind::In(Box::new(left), list), start));
        }
        for (symbol, operator) in OPERATORS {
            if self.eat_symbol(symbol) {
                let from = self.start();
                let right = self.sum(from)?;
                let kind = ExprKind::Compare(operator, Box::new(left), Box::new(right));
                return Ok(self.node(kind, start));
            }
        }
        Ok(left)
    }

    fn sum(&mut self, start: usize) -> Parsed {
        let mut left = self.product(start)?;
        loop {
            let operator = match self.peek() {
                Token::Symbol("+") => BinaryOp::Add,
                Token::Symbol("-") => BinaryOp::Sub,
                _ => return Ok(left),
            };
            self.at += 1;
            let from = self.start();
            let right = self.product(from)?;
            left = self.binary(operator, left, right, start);
        }
    }

    fn product(&mut self, start: usize) -> Parsed {
        let mut left = self.unary(start)?;
        loop {
            let operator = match self.peek() {
                Token::Symbol("*") => BinaryOp::Mul,
                Token::Symbol("/") => BinaryOp::Div,
                _ => return Ok(left),
            };
            self.at += 1;
            let from = self.start();
            let right = self.unary(from)?;
            left = self.binary(operator, left, right, start);
        }
    }

    fn unary(&mut self, start: usize) -> Parsed {
        if self.eat_symbol("-") {
            self.depth += 1;
            if self.depth > FORMULA_DEPTH {
                return Err(self.surprise("fewer signs"));
            }
            let from = self.start();
            let inner = self.unary(from)?;
            self.depth -= 1;
            return Ok(self.node(ExprKind::Negate(Box::new(inner)), start));
        }
        self.atom(start)
    }

    fn atom(&mut self, start: usize) -> Parsed {
        match self.peek().clone() {
            Token::Number(value) => {
                self.at += 1;
                Ok(self.node(ExprKind::Number(value), start))
            }
            Token::Symbol("(") => {
                self.at += 1;
                let inner = self.condition_or_sum()?;
                if !self.eat_symbol(")") {
                    return Err(self.surprise("`)`"));
                }
                Ok(inner)
            }
            Token::Word(word) if word == "vrai" || word == "faux" => {
                self.at += 1;
                Ok(self.node(ExprKind::Bool(word == "vrai"), start))
            }
            Token::Word(word) if !KEYWORDS.contains(&word.as_str()) => {
                self.at += 1;
                if self.symbol("(") {
                    let list = self.list()?;
                    return Ok(self.node(ExprKind::Call(word, list), start));
                }
                Ok(self.node(ExprKind::Name(word), start))
            }
            _ => Err(self.surprise("a value")),
        }
    }

    fn list(&mut self) -> Result<Vec<Expr>, Box<Diagnostic>> {
        if !self.eat_symbol("(") {
            return Err(self.surprise("`(`"));
        }
        let mut items = vec![self.condition_or_sum()?];
        while self.eat_symbol(",") {
            items.push(self.condition_or_sum()?);
        }
        if !self.eat_symbol(")") {
            return Err(self.surprise("`,` or `)`"));
        }
        Ok(items)
    }

    fn binary(&self, operator: BinaryOp, left: Expr, right: Expr, start: usize) -> Expr {
        self.node(ExprKind::Binary(operator, Box::new(left), Box::new(right)), start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::syntax::print;

    fn read(text: &str) -> (String, Vec<Diagnostic>) {
        let mut sources = SourceMap::default();
        let file = sources.add("f", text);
        let mut diagnostics = Vec::new();
        let expr = parse_formula(text, file, 0, &mut diagnostics);
        (print(&expr), diagnostics)
    }

    #[test]
    fn precedence_is_the_usual_one() {
        for text in [
            "a + b * c",
            "(a + b) * c",
            "a - (b - c)",
            "si a = b et non c > 0 alors 1 sinon si d alors 2 sinon 3",
            "x dans (titulaire, stagiaire) ou present(y)",
            "max(agent.indice_majore, im_minimum) * point_indice / 12",
            "-(a + b)",
            "(si a alors b sinon c) * d",
        ] {
            assert_eq!(read(text), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn one_finding_where_the_reading_stops() {
        for (text, column) in
            [("a + ", 4), ("a b", 2), ("si a alors b", 12), ("f(a", 3), ("a $ b", 2)]
        {
            let (_, diagnostics) = read(text);
            let starts: Vec<_> =
                diagnostics.iter().filter_map(|d| Some(d.primary.as_ref()?.span.start)).collect();
            assert_eq!(starts, [column], "{text}");
        }
    }
}
