//! The clock of the server.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, Local, NaiveDate};

use crate::calendar::Day;

/// Seconds since 1970, UTC.
pub fn maintenant() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The civil day, where the server is.
pub fn aujourd_hui() -> Day {
    let now: DateTime<Local> = SystemTime::now().into();
    Day::new(now.year(), now.month(), now.day()).unwrap_or(Day::EARLIEST)
}

/// The first instant of a civil day, where the server is.
pub fn debut(jour: Day) -> i64 {
    let date = NaiveDate::from_ymd_opt(jour.year(), jour.month(), jour.day());
    let minuit = date.and_then(|date| date.and_hms_opt(0, 0, 0));
    let local = minuit.and_then(|minuit| minuit.and_local_timezone(Local).earliest());
    local.map_or(0, |local| local.timestamp())
}

/// An instant as people read it: `26/11/2026 à 08:12`, where the server is.
pub fn lisible(quand: i64) -> String {
    let utc = DateTime::from_timestamp(quand, 0);
    utc.map_or_else(String::new, |utc| {
        utc.with_timezone(&Local).format("%d/%m/%Y à %H:%M").to_string()
    })
}

/// The same from RFC 3339; what is not that is shown as it is.
pub fn lisible_rfc(quand: &str) -> String {
    let parsed = DateTime::parse_from_rfc3339(quand);
    parsed.map_or_else(|_| quand.to_owned(), |date| lisible(date.timestamp()))
}
