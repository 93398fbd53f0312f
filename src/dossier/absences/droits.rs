//! What an absence gives day after day: the tables of rights, and the counter of days.

use crate::calendar::{Day, KnownOn, Span30};
use crate::rules::{Row, Table};

/// A length of leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duree {
    /// Calendar days.
    Jours(i64),
    /// Months, from a day to the same day.
    Mois(u32),
}

impl Duree {
    /// Reads `90 jours`, `2 mois`, `1 an`; nothing for an empty text: without end.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_once(' ')?;
        match unit {
            "jour" | "jours" => number.parse().ok().map(Self::Jours),
            "mois" => number.parse().ok().map(Self::Mois),
            "an" | "ans" => {
                let years: Option<u32> = number.parse().ok();
                years.and_then(|years| years.checked_mul(12)).map(Self::Mois)
            }
            _ => None,
        }
    }

    /// Its days, from the first day counted.
    fn days(self, first: Day) -> i64 {
        match self {
            Self::Jours(days) => days,
            Self::Mois(months) => first.days_until(first.plus_months(months)),
        }
    }

    /// The two one after the other.
    fn then(self, next: Self, first: Day) -> i64 {
        match (self, next) {
            (Self::Mois(a), Self::Mois(b)) => Self::Mois(a.saturating_add(b)).days(first),
            _ => self.days(first) + next.days(first),
        }
    }
}

/// Which days of the same nature count with a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fenetre {
    /// Those of the last months.
    Glissante(u32),
    /// All of them.
    Carriere,
    /// Those of the leave and of what it prolongs.
    Conge,
}

/// The rights of one population, on the day of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Droits<'r> {
    /// Which days count.
    pub fenetre: Fenetre,
    premier: (Option<Duree>, &'r str),
    second: Option<(Duree, &'r str)>,
    ensuite: &'r str,
}

/// What a day of absence gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jour<'r> {
    /// The motif.
    pub motif: &'r str,
    /// Year of the leave, when its rights are in months or years.
    pub annee: Option<i64>,
    /// Whether the rights are exhausted.
    pub epuise: bool,
}

/// What a row of the table says when rights are exhausted, and the motif of such a day.
const EPUISE: (&str, &str) = ("epuise", "sans_traitement");

impl<'r> Droits<'r> {
    /// The rights of a nature on a day: those of the greatest seniority reached.
    pub fn find(
        table: &'r Table,
        nature: &str,
        population: &str,
        months: u32,
        day: Day,
        known_on: KnownOn,
    ) -> Option<Self> {
        let of = |population: &str| {
            let start = format!("{nature}|{population}|");
            let rows = table.rows(&start, day, known_on);
            let reached = rows.filter_map(|(rest, row)| Some((rest.parse::<u32>().ok()?, row)));
            let reached = reached.filter(|(seniority, _)| *seniority <= months);
            reached.max_by_key(|(seniority, _)| *seniority).map(|(_, row)| Self::new(row))
        };
        of(population).or_else(|| of("tous"))
    }

    fn new(row: Row<'r>) -> Self {
        let fenetre = match (row.get("fenetre"), Duree::parse(row.get("fenetre"))) {
            (_, Some(Duree::Mois(months))) => Fenetre::Glissante(months),
            ("conge", _) => Fenetre::Conge,
            _ => Fenetre::Carriere,
        };
        let second = Duree::parse(row.get("duree_2")).map(|duree| (duree, row.get("motif_2")));
        Self {
            fenetre,
            premier: (Duree::parse(row.get("duree_1")), row.get("motif_1")),
            second,
            ensuite: row.get("ensuite"),
        }
    }

    /// The motif of an absence that is not counted in days.
    pub fn motif(&self) -> &'r str {
        self.premier.1
    }

    /// What a day gives, knowing every day that counts, as sorted spans without overlap.
    pub fn day(&self, day: Day, counted: &[Span30]) -> Jour<'r> {
        let plain = |motif| Jour { motif, annee: None, epuise: false };
        let (Some(first), motif) = self.premier else { return plain(self.premier.1) };
        let (start, count) = self.count(day, counted);
        let annee = matches!(first, Duree::Mois(_)).then(|| year_of(start, count));
        if count <= first.days(start) {
            return Jour { annee, ..plain(motif) };
        }
        if let Some((second, motif)) = self.second
            && count <= first.then(second, start)
        {
            return Jour { annee, ..plain(motif) };
        }
        let (word, motif) = EPUISE;
        let epuise = self.ensuite == word || self.ensuite.is_empty();
        Jour { motif: if epuise { motif } else { self.ensuite }, annee, epuise }
    }

    /// The first day counted, and how many there are up to `day`, that day included.
    fn count(&self, day: Day, counted: &[Span30]) -> (Day, i64) {
        let from = match self.fenetre {
            Fenetre::Glissante(months) => Some(day.minus_months(months).next()),
            Fenetre::Carriere | Fenetre::Conge => None,
        };
        let inside = counted.iter().filter(|span| span.first <= day).filter_map(|span| {
            let first = from.map_or(span.first, |from| from.max(span.first));
            let last = span.last.min(day);
            (first <= last).then_some(Span30 { first, last })
        });
        let (mut start, mut count) = (None, 0);
        for span in inside {
            start = start.or(Some(span.first));
            count += span.days();
        }
        (start.unwrap_or(day), count)
    }
}

/// The year, from 1, that holds the `count`th day since `first`.
fn year_of(first: Day, count: i64) -> i64 {
    let mut year = 1;
    for months in (12_u32..=1_200).step_by(12) {
        if count <= Duree::Mois(months).days(first) {
            break;
        }
        year += 1;
    }
    year
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn span(first: &str, last: &str) -> Span30 {
        Span30 { first: day(first), last: day(last) }
    }

    fn maladie() -> Droits<'static> {
        Droits {
            fenetre: Fenetre::Glissante(12),
            premier: (Some(Duree::Jours(90)), "maladie_90"),
            second: Some((Duree::Jours(270), "demi_traitement")),
            ensuite: "epuise",
        }
    }

    #[test]
    fn ninety_days_of_the_sliding_year() {
        let rights = maladie();
        let counted = [span("2026-01-01", "2026-12-31")];
        let motif = |text: &str| rights.day(day(text), &counted).motif;
        assert_eq!(motif("2026-03-31"), "maladie_90");
        assert_eq!(motif("2026-04-01"), "demi_traitement");
        assert_eq!(motif("2026-12-26"), "demi_traitement");
        let after = rights.day(day("2026-12-27"), &counted);
        assert_eq!((after.motif, after.epuise), ("sans_traitement", true));
        // What is more than a year old no longer counts.
        let counted = [span("2025-01-01", "2025-03-31"), span("2026-01-05", "2026-01-05")];
        assert_eq!(rights.day(day("2026-01-05"), &counted).motif, "maladie_90");
        let counted = [span("2025-01-06", "2025-04-05"), span("2026-01-05", "2026-01-06")];
        assert_eq!(rights.day(day("2026-01-05"), &counted).motif, "demi_traitement");
        assert_eq!(rights.day(day("2026-01-06"), &counted).motif, "demi_traitement");
        let counted = [span("2025-01-06", "2025-04-04"), span("2026-01-05", "2026-01-06")];
        assert_eq!(rights.day(day("2026-01-05"), &counted).motif, "maladie_90");
    }

    #[test]
    fn years_go_from_a_day_to_the_same_day() {
        let rights = Droits {
            fenetre: Fenetre::Glissante(48),
            premier: (Some(Duree::Mois(12)), "plein_traitement"),
            second: Some((Duree::Mois(24), "demi_traitement")),
            ensuite: "epuise",
        };
        let counted = [span("2024-03-01", "2027-12-31")];
        let given = |text: &str| {
            let given = rights.day(day(text), &counted);
            (given.motif, given.annee, given.epuise)
        };
        assert_eq!(given("2025-02-28"), ("plein_traitement", Some(1), false));
        assert_eq!(given("2025-03-01"), ("demi_traitement", Some(2), false));
        assert_eq!(given("2026-03-01"), ("demi_traitement", Some(3), false));
        assert_eq!(given("2027-02-28"), ("demi_traitement", Some(3), false));
        assert_eq!(given("2027-03-01"), ("sans_traitement", Some(4), true));
    }

    #[test]
    fn lengths_are_read() {
        assert_eq!(Duree::parse("90 jours"), Some(Duree::Jours(90)));
        assert_eq!(Duree::parse("3 ans"), Some(Duree::Mois(36)));
        assert_eq!(Duree::parse(""), None);
    }
}
