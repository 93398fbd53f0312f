//! One row read as facts: typed cells, with a finding for each value that cannot be.

use super::finding::{PoolFinding, did_you_mean, quoted};
use super::layout::Layout;
use super::split::Cells;
use crate::calendar::{Day, PayPeriod};
use crate::diag::{Code, Severity};
use crate::domain::{Dated, Quotite, QuotiteError, RowRef, Siret, Word, parse_duree_hebdo};
use crate::num::{Amount, Fixed, FixedError, Ratio};

/// The words already met: a repeated word costs a comparison, not an allocation.
#[derive(Debug)]
pub(super) struct Words {
    slots: Vec<Option<Word>>,
}

impl Words {
    const SLOTS: usize = 1024;

    pub(super) fn new() -> Self {
        Self { slots: vec![None; Self::SLOTS] }
    }

    /// The shared form of `text`.
    #[inline]
    pub(super) fn get(&mut self, text: &str) -> Word {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut mix = |eight: [u8; 8]| {
            hash = (hash ^ u64::from_le_bytes(eight)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 32;
        };
        let (eights, rest) = text.as_bytes().as_chunks::<8>();
        eights.iter().copied().for_each(&mut mix);
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        mix(last);
        let index = usize::try_from(hash & 0x3ff).unwrap_or(0);
        match self.slots.get_mut(index) {
            Some(Some(word)) if &**word == text => word.clone(),
            Some(slot) => slot.insert(text.into()).clone(),
            None => text.into(),
        }
    }
}

/// What the findings of the rows being read go to, and whom they are about.
#[derive(Debug)]
pub(super) struct Notes {
    /// The agent, when the rows are of one agent.
    pub(super) agent: Option<Word>,
    /// What was found so far.
    pub(super) findings: Vec<PoolFinding>,
}

/// One row under its header.
pub(super) struct Row<'a, 'n> {
    text: &'a str,
    cells: &'a Cells,
    layout: &'a Layout,
    line: u32,
    notes: &'n mut Notes,
    /// The columns of the employer and of the contract, for findings.
    who: (usize, usize),
    failed: bool,
}

/// No such column in this file.
pub(super) const NO_COLUMN: usize = usize::MAX;

impl<'a, 'n> Row<'a, 'n> {
    /// A row whose `text` was split into `cells`.
    pub(super) fn new(
        text: &'a str,
        cells: &'a Cells,
        layout: &'a Layout,
        line: u32,
        notes: &'n mut Notes,
    ) -> Self {
        Self { text, cells, layout, line, notes, who: (NO_COLUMN, NO_COLUMN), failed: false }
    }

    /// Names the columns that hold the employer and the contract.
    pub(super) fn with_contract(mut self, siret: usize, contrat: usize) -> Self {
        self.who = (siret, contrat);
        self
    }

    /// Names those columns for a file of agents, by its part number.
    pub(super) fn with_contract_of(self, part: usize) -> Self {
        // INVARIANT: in the files that name a contract, employer and contract are columns 1 and 2.
        match part {
            1 | 4 | 5 | 6 => self.with_contract(1, 2),
            _ => self,
        }
    }

    /// Refuses a row that does not have the cells of its header, or whose quotes are open.
    pub(super) fn check_width(&mut self, width: usize, closed: bool) -> bool {
        if width == self.layout.width && closed {
            return true;
        }
        let (message, remede) = if closed {
            let expected = self.layout.width;
            let message = format!("the row has {width} cells, its header has {expected}");
            (message, "put between quotes a cell that holds the separator")
        } else {
            let message = "a quote is opened and not closed in the row".to_owned();
            (message, "close the quote, or double it when it belongs to the text")
        };
        self.find(Code::E723, message, remede);
        false
    }

    /// The place of the row.
    pub(super) fn reference(&self) -> RowRef {
        RowRef { file: self.layout.shown, line: self.line }
    }

    /// Refuses the row with a finding made elsewhere.
    pub(super) fn refuse(&mut self, mut finding: PoolFinding) {
        finding.agent = self.notes.agent.as_deref().map(str::to_owned);
        self.failed = true;
        self.notes.findings.push(finding);
    }

    /// Whether a value of the row was refused.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Adds a finding about the row; an error refuses the row.
    #[cold]
    pub(super) fn find(&mut self, code: Code, message: String, remede: impl Into<String>) {
        let mut finding = PoolFinding::new(code, self.reference(), message, remede);
        finding.agent = self.notes.agent.as_deref().map(str::to_owned);
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        finding.siret = known(self.text(self.who.0));
        finding.contrat = known(self.text(self.who.1));
        self.failed |= code.severity() == Severity::Error;
        self.notes.findings.push(finding);
    }

    /// A cell without its outer spaces; empty when the file does not have the column.
    #[inline]
    pub(super) fn text(&self, column: usize) -> &'a str {
        let cell = self.cells.get(self.text, self.layout.position(column));
        match cell.as_bytes() {
            [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => cell,
            _ => cell.trim(),
        }
    }

    fn name(&self, column: usize) -> &'static str {
        super::columns::columns(self.layout.file).get(column).map_or("", |column| column.name)
    }

    /// A cell that must say something.
    pub(super) fn needed(&mut self, column: usize) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_empty() {
            let name = self.name(column);
            self.find(
                Code::E707,
                format!("the value of `{name}` is missing"),
                format!("fill `{name}`"),
            );
            return None;
        }
        Some(text)
    }

    /// A cell, or nothing when it is empty.
    #[inline]
    fn optional(&self, column: usize) -> Option<&'a str> {
        let text = self.text(column);
        (!text.is_empty()).then_some(text)
    }

    /// An optional shared word.
    pub(super) fn word(&self, column: usize, words: &mut Words) -> Option<Word> {
        self.optional(column).map(|text| words.get(text))
    }

    /// A needed shared word.
    pub(super) fn needed_word(&mut self, column: usize, words: &mut Words) -> Option<Word> {
        self.needed(column).map(|text| words.get(text))
    }

    /// An optional date.
    pub(super) fn day(&mut self, column: usize) -> Option<Day> {
        let text = self.optional(column)?;
        self.parse_day(column, text)
    }

    /// A needed date.
    pub(super) fn needed_day(&mut self, column: usize) -> Option<Day> {
        let text = self.needed(column)?;
        self.parse_day(column, text)
    }

    fn parse_day(&mut self, column: usize, text: &str) -> Option<Day> {
        match plausible_day(text) {
            Ok(day) => Some(day),
            Err(error) => {
                let message = format!("`{}` is {}: {error}", self.name(column), quoted(text));
                self.find(Code::E704, message, "write the date as 2026-10-31 or 31/10/2026");
                None
            }
        }
    }

    /// A day that must not be shown: only the finding says that it is wrong.
    pub(super) fn private_day(&mut self, column: usize) -> Option<Day> {
        let parsed = plausible_day(self.optional(column)?);
        if let Err(error) = &parsed {
            let message = format!("`{}`: {error}", self.name(column));
            self.find(Code::E704, message, "write the date as 1980-10-31 or 31/10/1980");
        }
        parsed.ok()
    }

    /// An optional month.
    pub(super) fn month(&mut self, column: usize) -> Option<PayPeriod> {
        let text = self.optional(column)?;
        let month = PayPeriod::parse(text).ok();
        if month.is_none() {
            let message = format!("`{}` is {}: not a month", self.name(column), quoted(text));
            self.find(Code::E704, message, "write the month as 2026-10");
        }
        month
    }

    /// The dates of a row: `depuis` needed, `fin` not before it.
    pub(super) fn dated(&mut self, depuis: usize, fin: usize, connu_le: usize) -> Option<Dated> {
        let start = self.needed_day(depuis);
        let end = self.day(fin);
        let connu_le = self.day(connu_le);
        let start = start?;
        self.check_order(fin, start, end);
        Some(Dated { depuis: start, fin: end, connu_le, reference: self.reference() })
    }

    /// Refuses an end before its start.
    pub(super) fn check_order(&mut self, column: usize, start: Day, end: Option<Day>) {
        if let Some(end) = end.filter(|end| *end < start) {
            let name = self.name(column);
            let message = format!("`{name}` is `{end}`, before the first day `{start}`");
            self.find(
                Code::E704,
                message,
                format!("`{name}` is the last day: leave it empty or later"),
            );
        }
    }

    /// An optional decimal with at most `decimals` decimals.
    pub(super) fn fixed(&mut self, column: usize, decimals: u8) -> Option<Fixed> {
        let text = self.optional(column)?;
        let parsed =
            Fixed::parse(text).and_then(|value| match value.trimmed().scale() <= decimals {
                true => Ok(value),
                false => Err(FixedError::TooPrecise(decimals)),
            });
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("`{}` is {}: {error}", self.name(column), quoted(text));
                self.find(Code::E705, message, "write a number such as 1801.74 or 1801,74");
                None
            }
        }
    }

    /// An optional amount of money.
    pub(super) fn amount(&mut self, column: usize) -> Option<Amount> {
        let value = self.fixed(column, 2)?;
        value.at_scale(2).ok().map(Amount::from_cents)
    }

    /// An optional whole number, not negative.
    pub(super) fn count(&mut self, column: usize) -> Option<i64> {
        let text = self.optional(column)?;
        let value = Fixed::parse(text).ok().and_then(|value| value.at_scale(0).ok());
        let value = value.filter(|value| *value >= 0);
        if value.is_none() {
            let name = self.name(column);
            let message = format!("`{name}` is {}: not a whole number from 0", quoted(text));
            self.find(Code::E705, message, "write a whole number such as 378");
        }
        value
    }

    /// An optional rate, a decimal fraction of at most `most`.
    pub(super) fn rate(&mut self, column: usize, most: i64) -> Option<Fixed> {
        let value = self.fixed(column, 6)?;
        if let Some((message, remede)) = rate_above(self.name(column), value, most) {
            self.find(Code::E719, message, remede);
            return None;
        }
        Some(value)
    }

    /// An optional word of a closed list.
    pub(super) fn choice<T>(
        &mut self,
        column: usize,
        from_name: fn(&str) -> Option<T>,
        names: &[&'static str],
    ) -> Option<T> {
        let text = self.optional(column)?;
        let value = from_name(text);
        if value.is_none() {
            let message = format!("`{}` is {}: not in its list", self.name(column), quoted(text));
            self.find(Code::E706, message, did_you_mean(text, names));
        }
        value
    }

    /// A needed word of a closed list.
    pub(super) fn needed_choice<T>(
        &mut self,
        column: usize,
        from_name: fn(&str) -> Option<T>,
        names: &[&'static str],
    ) -> Option<T> {
        self.needed(column)?;
        self.choice(column, from_name, names)
    }

    /// `oui` or `non`; empty is `non`.
    pub(super) fn yes(&mut self, column: usize) -> bool {
        let yes_or_no = |text: &str| match crate::domain::canonical(text).as_str() {
            "oui" | "o" | "1" | "vrai" => Some(true),
            "non" | "n" | "0" | "faux" => Some(false),
            _ => None,
        };
        self.choice(column, yes_or_no, &["oui", "non"]).unwrap_or(false)
    }

    /// An optional quotité.
    pub(super) fn quotite(&mut self, column: usize) -> Option<Quotite> {
        let text = self.optional(column)?;
        self.proportion(
            column,
            text,
            Quotite::parse(text),
            "write a percentage from 1 to 100, or a fraction such as 7/10",
        )
    }

    /// An optional weekly duration.
    pub(super) fn duree_hebdo(&mut self, column: usize) -> Option<Ratio> {
        let text = self.optional(column)?;
        self.proportion(
            column,
            text,
            parse_duree_hebdo(text),
            "write hours up to 35 such as 17:30 or 17.5, or a service such as 12/20",
        )
    }

    fn proportion<T>(
        &mut self,
        column: usize,
        text: &str,
        parsed: Result<T, QuotiteError>,
        expected: &str,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("`{}` is {}: {error}", self.name(column), quoted(text));
                let remede = match (error, percent_meant(text)) {
                    (QuotiteError::UnderOnePercent, Some(percent)) => format!("write `{percent}`"),
                    _ => expected.to_owned(),
                };
                self.find(Code::E710, message, remede);
                None
            }
        }
    }

    /// A needed SIRET of fourteen digits; `code` says what a wrong one is here.
    pub(super) fn siret(&mut self, column: usize, code: Code) -> Option<Siret> {
        let text = self.needed(column)?;
        let siret = Siret::parse(text);
        if siret.is_none() {
            let message = format!("{} is not a SIRET: it has fourteen digits", quoted(text));
            let remede = "write the fourteen digits; a spreadsheet may have cut leading zeros";
            self.find(code, message, remede);
        }
        siret
    }
}

/// A day of a century in which somebody is paid. The far end of an open period may be 9999.
fn plausible_day(text: &str) -> Result<Day, String> {
    let day = Day::parse(text).map_err(|error| error.to_string())?;
    match day.year() {
        1900.. => Ok(day),
        year => Err(format!("the year {year} is before 1900")),
    }
}

/// Why `value` is not a rate, and what was likely meant.
pub(super) fn rate_above(name: &str, value: Fixed, most: i64) -> Option<(String, String)> {
    let limit = 10_i128.pow(u32::from(value.scale())) * i128::from(most);
    if i128::from(value.mantissa()) <= limit {
        return None;
    }
    let message = format!("`{name}` is `{value}`, above {most}: rates are decimal fractions");
    let short = value.trimmed();
    let meant = Fixed::new(short.mantissa(), short.scale() + 2).trimmed();
    Some((message, format!("write {meant}")))
}

/// `0.8` was meant as `80`.
fn percent_meant(text: &str) -> Option<Fixed> {
    let value = Fixed::parse(text).ok()?;
    let mantissa = value.mantissa().checked_mul(100)?;
    Some(Fixed::new(mantissa, value.scale()).trimmed())
}
