//! stub
pub fn fold(text: &str) -> String { text.to_lowercase() }
pub fn similar(_a: &str, _b: &str) -> usize { 0 }
pub fn nearest<'a>(_w: &str, _c: impl IntoIterator<Item = &'a str>, _n: usize) -> Vec<&'a str> { Vec::new() }
