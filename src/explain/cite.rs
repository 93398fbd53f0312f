//! Citations: versions, texts, places in rule files.

use super::{Formule, TexteCite, VersionCitee};
use crate::check::Node;
use crate::rules::{Book, Confiance, Formula, Publication, Version};
use crate::source::{SourceMap, Span};

/// A version with its texts.
pub fn version<T>(book: &Book<Node>, sources: &SourceMap, found: &Version<T>) -> VersionCitee {
    let textes = found.textes.iter().map(|cited| {
        let texte = book.textes.get(&cited.key);
        TexteCite {
            cle: cited.key.clone(),
            titre: texte.map_or_else(|| cited.key.clone(), |texte| texte.titre.clone()),
            article: cited.article.clone(),
            url: texte.map_or_else(String::new, |texte| texte.url.clone()),
        }
    });
    let (ligne, _) = sources.position(found.span);
    let sure = found.confiance == Confiance::Haute;
    VersionCitee {
        depuis: found.depuis.to_string(),
        publie: match found.publie {
            Publication::Inconnue => "inconnue".to_owned(),
            Publication::Le(day) => day.to_string(),
        },
        textes: textes.collect(),
        confiance: found.confiance.name().to_owned(),
        note: if sure { String::new() } else { found.note.clone() },
        fichier: sources.path(found.span.file).to_owned(),
        ligne,
    }
}

/// A formula on one line, with its place.
pub fn formule(sources: &SourceMap, formula: &Formula<Node>) -> Formule {
    let (ligne, _) = sources.position(formula.span);
    let fichier = sources.path(formula.span.file).to_owned();
    Formule { texte: one_line(&formula.text), fichier, ligne }
}

/// The text under a span, on one line.
pub fn excerpt(sources: &SourceMap, span: Span) -> String {
    one_line(sources.excerpt(span))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl TexteCite {
    /// The title cut after its date: `Décret n° 2025-86 du 30 janvier 2025`.
    fn court(&self) -> &str {
        let mut end = self.titre.len();
        let mut at = 0;
        for mot in self.titre.split(' ') {
            at += mot.len();
            let year = mot.trim_end_matches(',');
            if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) {
                end = at;
                break;
            }
            at += 1;
        }
        self.titre.get(..end).unwrap_or(&self.titre).trim_end_matches(',')
    }
}

impl VersionCitee {
    /// `depuis 2025-01-01, publié 2025-01-31, décret …, art. 1`.
    pub fn phrase(&self) -> String {
        let publie = match self.publie.as_str() {
            "inconnue" => "publication inconnue".to_owned(),
            day => format!("publié {day}"),
        };
        format!("depuis {}, {publie}, {}", self.depuis, self.citations())
    }

    /// `Décret n° …, art. 10, 10 bis ; Loi n° …`.
    fn citations(&self) -> String {
        let mut text = String::new();
        let mut before: Option<&TexteCite> = None;
        for cited in &self.textes {
            let same = before.is_some_and(|b| b.cle == cited.cle && !b.article.is_empty());
            if same && !cited.article.is_empty() {
                text.push_str(", ");
                text.push_str(&cited.article);
            } else {
                if !text.is_empty() {
                    text.push_str(" ; ");
                }
                text.push_str(cited.court());
                if !cited.article.is_empty() {
                    text.push_str(", art. ");
                    text.push_str(&cited.article);
                }
            }
            before = Some(cited);
        }
        if text.is_empty() { "source à trouver".to_owned() } else { text }
    }

    /// The reservation of a rule that is not wholly sure; empty when it is.
    pub fn reserve(&self) -> String {
        match (self.confiance.as_str(), self.note.as_str()) {
            ("haute", _) => String::new(),
            (confiance, "") => format!("confiance {confiance}"),
            (confiance, note) => format!("confiance {confiance} : {note}"),
        }
    }
}
