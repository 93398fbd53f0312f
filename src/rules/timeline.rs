//! Dated versions of one thing, and the choice of the one in force.

use crate::calendar::{Day, KnownOn};
use crate::source::Span;

use super::book::Confiance;

/// When a version became public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Publication {
    /// Not established: counted as known from its effect.
    Inconnue,
    /// Public on that day.
    Le(Day),
}

/// A citation: a text of the register and, when known, the article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TexteRef {
    /// Key in the register.
    pub key: String,
    /// Article, empty when the whole text is cited.
    pub article: String,
    /// Where the citation is written.
    pub span: Span,
}

/// One version: what, since when, known since when, by which texts, how sure.
#[derive(Clone, Debug)]
pub struct Version<T> {
    /// First day it applies.
    pub depuis: Day,
    /// Last day, only for a repeal without successor.
    pub fin: Option<Day>,
    /// Day it became public.
    pub publie: Publication,
    /// Where that day is written.
    pub publie_span: Span,
    /// The texts, most direct first; empty when the source is declared missing.
    pub textes: Vec<TexteRef>,
    /// How sure the transcription is.
    pub confiance: Confiance,
    /// Where the figure was read.
    pub source: String,
    /// A reservation for the reader.
    pub note: String,
    /// The block that holds it.
    pub span: Span,
    /// The content.
    pub value: T,
}

impl<T> Version<T> {
    /// Whether somebody could know this version on that day.
    pub fn known(&self, known_on: KnownOn) -> bool {
        known_on.knows(Some(match self.publie {
            Publication::Inconnue => self.depuis,
            Publication::Le(day) => day,
        }))
    }

    /// The same version of something else.
    pub fn with<U>(&self, value: U) -> Version<U> {
        Version {
            depuis: self.depuis,
            fin: self.fin,
            publie: self.publie,
            publie_span: self.publie_span,
            textes: self.textes.clone(),
            confiance: self.confiance,
            source: self.source.clone(),
            note: self.note.clone(),
            span: self.span,
            value,
        }
    }
}

/// The versions of one thing, sorted by `depuis` then `publie`.
#[derive(Clone, Debug)]
pub struct Timeline<T> {
    versions: Vec<Version<T>>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { versions: Vec::new() }
    }
}

impl<T> Timeline<T> {
    /// A timeline from versions in any order.
    pub fn new(mut versions: Vec<Version<T>>) -> Self {
        versions.sort_by_key(|version| (version.depuis, version.publie));
        Self { versions }
    }

    /// Every version, sorted.
    pub fn versions(&self) -> &[Version<T>] {
        &self.versions
    }

    /// Whether there is no version at all.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The version in force on `day` for somebody who knows what was public on `known_on`.
    ///
    /// Among known versions, the greatest `depuis` not after `day`, then the greatest `publie`.
    pub fn in_force(&self, day: Day, known_on: KnownOn) -> Option<&Version<T>> {
        let started = self.versions.iter().rev().filter(|version| version.depuis <= day);
        let mut known = started.filter(|version| version.known(known_on));
        known.next().filter(|version| version.fin.is_none_or(|fin| day <= fin))
    }

    /// The known versions nearest to a day: the last that started by then, the first that starts
    /// after.
    pub fn around(
        &self,
        day: Day,
        known_on: KnownOn,
    ) -> (Option<&Version<T>>, Option<&Version<T>>) {
        let known = || self.versions.iter().filter(|version| version.known(known_on));
        let before = known().rev().find(|version| version.depuis <= day);
        (before, known().find(|version| day < version.depuis))
    }

    /// Days strictly inside `first..=last` on which another version starts or one ends.
    pub fn changes(&self, first: Day, last: Day, known_on: KnownOn) -> Vec<Day> {
        let mut days: Vec<Day> = self
            .versions
            .iter()
            .filter(|version| version.known(known_on))
            .flat_map(|version| [Some(version.depuis), version.fin.map(Day::next)])
            .flatten()
            .filter(|&day| first < day && day <= last)
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}
