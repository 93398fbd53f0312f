//! The words of a formula.

use std::ops::Range;

use crate::num::Fixed;

/// A word of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A decimal literal.
    Number(Fixed),
    /// A name or a keyword.
    Word(String),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// What is not of the language.
    Unknown(char),
    /// The end of the text.
    End,
}

const SYMBOLS: [&str; 13] = ["<>", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", ","];

/// Cuts a formula into words with their ranges of bytes; the last one is [`Token::End`].
pub fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = next(rest, first);
        list.push((token, at..at + length));
        at += length;
    }
    list.push((Token::End, text.len()..text.len()));
    list
}

fn next(rest: &str, first: char) -> (Token, usize) {
    if first.is_ascii_digit() {
        let length = run(rest, |c| c.is_ascii_digit() || c == '.' || c == '_');
        let digits: String = rest.chars().take(length).filter(|&c| c != '_').collect();
        let token = Fixed::parse(&digits).map_or(Token::Unknown(first), Token::Number);
        return (token, length);
    }
    if first.is_alphabetic() || first == '_' {
        let length = run(rest, |c| c.is_alphanumeric() || c == '_' || c == '.');
        return (Token::Word(rest.get(..length).unwrap_or("").to_owned()), length);
    }
    match SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
        Some(symbol) => (Token::Symbol(symbol), symbol.len()),
        None => (Token::Unknown(first), first.len_utf8()),
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.char_indices().find(|&(_, c)| !belongs(c)).map_or(text.len(), |(at, _)| at)
}
