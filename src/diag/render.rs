//! stub
use super::Diagnostic; use crate::source::SourceMap;
pub enum Format { Full, Short, Json }
pub fn render(d: &[Diagnostic], s: &SourceMap, _f: Format, _c: bool) -> String {
    d.iter().map(|d| { let (l, c) = d.primary.as_ref().map_or((0,0), |p| s.position(p.span)); let path = d.primary.as_ref().map_or("", |p| s.path(p.span.file));
      format!("{path}:{l}:{c} {} {} [{}] help: {}\n", d.code, d.message, d.primary.as_ref().map_or("", |p| &p.text), d.helps.join("; ")) }).collect()
}
