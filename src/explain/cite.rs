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
    /// The title cut after its date, and the article: `Décret n° 2025-86 du 30 janvier 2025, art. 1`.
    pub fn court(&self) -> String {
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
        let titre = self.titre.get(..end).unwrap_or(&self.titre).trim_end_matches(',');
        if self.article.is_empty() {
            titre.to_owned()
        } else {
            format!("{titre}, art. {}", self.article)
        }
    }
}

impl VersionCitee {
    /// `depuis 2025-01-01, publié 2025-01-31, décret …, art. 1`.
    pub fn phrase(&self) -> String {
        let publie = match self.publie.as_str() {
            "inconnue" => "publication inconnue".to_owned(),
            day => format!("publié {day}"),
        };
        let textes: Vec<String> = self.textes.iter().map(TexteCite::court).collect();
        let textes = if textes.is_empty() { "source à trouver".into() } else { textes.join(" ; ") };
        format!("depuis {}, {publie}, {textes}", self.depuis)
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
