//! The rows of `absences.csv`: what keeps an agent away in the month, and what happened before,
//! since rights are counted over a year.

use std::io::{self, Write};

use super::post::{Hours, Statut};
use super::prng::Prng;
use super::situation::{Case, Contract, day_of, months_after, months_before};
use super::table::Table;
use crate::calendar::{Day, PayPeriod};

/// Whether an agent is away in the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    No,
    Sick,
    /// For months, without pay.
    Gone,
    Otherwise,
}

/// What keeps an agent away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// A few days of sickness.
    #[default]
    Short,
    /// Months of sickness, one certificate after the other.
    Long,
    Accident,
    LongLeave,
    VeryLongLeave,
    Birth,
    Fatherhood,
    Adoption,
    /// The further month or two that the law of 2026 gives after a birth.
    MoreBirth,
    Strike,
    StrikeHours,
    NotDone,
    Carer,
    Allowed,
    Suspended,
    Excluded,
    Leave,
    Parental,
}

/// How often each is met among the agents away in a month.
const KINDS: &[(u32, Kind)] = &[
    (300, Kind::Short),
    (100, Kind::Long),
    (45, Kind::Accident),
    (50, Kind::LongLeave),
    (30, Kind::VeryLongLeave),
    (90, Kind::Birth),
    (50, Kind::Fatherhood),
    (24, Kind::Adoption),
    (36, Kind::MoreBirth),
    (60, Kind::Strike),
    (35, Kind::StrikeHours),
    (45, Kind::NotDone),
    (26, Kind::Carer),
    (40, Kind::Allowed),
    (24, Kind::Suspended),
    (24, Kind::Excluded),
    (28, Kind::Leave),
    (40, Kind::Parental),
];

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// What it is.
    pub(super) nature: &'static str,
    /// First day.
    pub(super) debut: Day,
    /// Last day.
    pub(super) fin: Day,
    /// Day on which the pool learns it; none: always known.
    pub(super) connu_le: Option<Day>,
    accorde_le: Option<Day>,
    prolongation: bool,
    /// In tenths.
    heures: u32,
    demi_journees: u32,
    sans_carence: bool,
    /// In steps of 0.01.
    taux: u32,
}

impl Row {
    fn new(nature: &'static str, debut: Day, fin: Day) -> Self {
        Self {
            nature,
            debut,
            fin,
            connu_le: None,
            accorde_le: None,
            prolongation: false,
            heures: 0,
            demi_journees: 0,
            sans_carence: false,
            taux: 0,
        }
    }
}

/// Writes the rows of one contract.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    contract: &Contract,
    table: &mut Table<W>,
) -> io::Result<Away> {
    if !is_public(contract) {
        return Ok(Away::No);
    }
    let (away, before) = (rng.chance(65), rng.chance(110));
    if !away && !before {
        return Ok(Away::No);
    }
    let kind = if away { rng.weighted(KINDS) } else { Kind::Short };
    let mut absences = Absences { case, contract, rows: Vec::new() };
    if before && matches!(kind, Kind::Short | Kind::Strike | Kind::NotDone) {
        absences.earlier(rng);
    }
    if away {
        absences.now(rng, kind);
    }
    let rows = absences.rows;
    for row in &rows {
        write_row(case, contract, row, table)?;
    }
    Ok(away_in(&rows, case.mois))
}

/// What keeps an agent away in a month: the last row that has a day in it.
pub(super) fn away_in(rows: &[Row], mois: PayPeriod) -> Away {
    let (first, last) = (mois.first_day(), mois.last_day());
    let there = rows.iter().rfind(|row| row.debut <= last && row.fin >= first);
    match there.map(|row| row.nature) {
        None => Away::No,
        Some("maladie_ordinaire") => Away::Sick,
        Some("disponibilite" | "conge_parental") => Away::Gone,
        Some(_) => Away::Otherwise,
    }
}

struct Absences<'a> {
    case: &'a Case<'a>,
    contract: &'a Contract<'a>,
    rows: Vec<Row>,
}

impl Absences<'_> {
    /// A certificate or two in the eleven months before.
    fn earlier(&mut self, rng: &mut Prng) {
        let far = rng.between(6, 11);
        for ago in [far, far.div_euclid(2)] {
            if ago == far || rng.chance(400) {
                let mois = months_before(self.case.mois, ago);
                let (first, days) = (rng.between(1, 8), rng.between(2, 19));
                let row = certificate(rng, mois, first, first + days);
                self.row(row);
            }
        }
    }

    fn now(&mut self, rng: &mut Prng, kind: Kind) {
        let (mois, post) = (self.case.mois, &self.contract.post);
        let first = working_day(day_of(mois, rng.between(2, 24)));
        let few = |nature, days: u32| Row::new(nature, first, plus(first, days - 1));
        let young_woman = post.femme && (20..45).contains(&post.age);
        let young_man = !post.femme && (21..52).contains(&post.age);
        match kind {
            Kind::Short => self.short(rng),
            Kind::Long if self.is_ircantec() => self.long_leave(rng, kind),
            Kind::Long => self.long(rng),
            Kind::Accident => {
                let ago = rng.below(if post.is_fonctionnaire() { 7 } else { 2 });
                self.monthly(rng, "citis", ago)
            }
            Kind::LongLeave | Kind::VeryLongLeave => self.long_leave(rng, kind),
            Kind::Birth if young_woman => self.birth(rng),
            Kind::Fatherhood if young_man => self.fatherhood(rng),
            Kind::Adoption if (28..50).contains(&post.age) => {
                let debut = day_of(months_before(mois, rng.below(3)), rng.between(1, 28));
                self.row(Row::new("adoption", debut, plus(debut, 111)))
            }
            Kind::MoreBirth if (mois.year(), mois.month()) >= (2026, 8) && post.age < 45 => {
                let debut = day_of(mois, rng.between(1, 20));
                let more = mois.next().last_day();
                let fin = if rng.chance(500) { plus(debut, 27) } else { more };
                self.row(Row::new("naissance_supplementaire", debut, fin))
            }
            Kind::Strike => {
                let demi_journees = rng.weighted(&[(60, 0), (40, 1)]);
                self.row(Row { demi_journees, ..few("greve", 1) })
            }
            Kind::StrikeHours => self.row(Row { heures: 5 * rng.between(1, 7), ..few("greve", 1) }),
            Kind::NotDone => match rng.below(3) {
                0 => self.row(Row { heures: 5 * rng.between(2, 6), ..few("service_non_fait", 1) }),
                1 => self.row(Row { demi_journees: 1, ..few("service_non_fait", 1) }),
                _ => self.row(few("service_non_fait", rng.between(1, 3))),
            },
            Kind::Carer => self.row(few("proche_aidant", rng.between(2, 5))),
            Kind::Suspended if post.is_fonctionnaire() => {
                let debut = day_of(months_before(mois, rng.below(6)), rng.between(2, 25));
                let taux = if debut < months_before(mois, 3).first_day() { 50 } else { 0 };
                let fin = months_after(mois, 1).last_day();
                self.row(Row { taux, ..Row::new("suspension", debut, fin) })
            }
            Kind::Excluded => self.row(few("exclusion", 3)),
            Kind::Leave if post.statut == Statut::Titulaire => {
                let fin = months_after(mois, 11).last_day();
                self.row(Row::new("disponibilite", day_of(mois, rng.between(12, 22)), fin))
            }
            Kind::Parental if post.is_fonctionnaire() && post.age < 45 => {
                let fin = months_after(mois, 5).last_day();
                self.row(Row::new("conge_parental", day_of(mois, rng.between(12, 22)), fin))
            }
            _ => self.row(few("autorisation", rng.between(1, 3))),
        }
    }

    /// A few days, sometimes begun the month before, sometimes prolonged.
    fn short(&mut self, rng: &mut Prng) {
        let mois = self.case.mois;
        if rng.chance(120) {
            let debut = day_of(mois.previous(), rng.between(20, 28));
            let fin = day_of(mois, rng.between(1, 9));
            let row = Row { accorde_le: Some(debut), ..Row::new("maladie_ordinaire", debut, fin) };
            return self.row(row);
        }
        let first = rng.between(1, 16);
        let last = first + rng.between(0, 7);
        let row = certificate(rng, mois, first, last);
        self.row(row);
        if rng.chance(200) {
            let further = last + rng.between(2, 5);
            let next = certificate(rng, mois, last + 1, further);
            self.row(Row { prolongation: true, sans_carence: false, ..next });
        }
    }

    /// Long enough for half pay when rights allow; a contract has fewer rights.
    fn long(&mut self, rng: &mut Prng) {
        let ago = match self.contract.post.statut {
            // Nothing is paid before four months of service.
            Statut::Contractuel if !self.holds(months_before(self.case.mois, 6)) => {
                return self.short(rng);
            }
            Statut::Contractuel => rng.below(2),
            Statut::Stagiaire => rng.below(3),
            _ => rng.between(1, 8),
        };
        self.monthly(rng, "maladie_ordinaire", ago)
    }

    /// One row a month since `ago` months.
    fn monthly(&mut self, rng: &mut Prng, nature: &'static str, ago: u32) {
        let mois = self.case.mois;
        let ago = (0..=ago).rev().find(|ago| self.holds(months_before(mois, *ago)));
        for left in (0..=ago.unwrap_or(0)).rev() {
            let (here, first) = (months_before(mois, left), Some(left) == ago);
            let debut = if first { day_of(here, rng.between(2, 25)) } else { here.first_day() };
            let fin = match left {
                0 if rng.chance(400) => day_of(here, rng.between(25, 28)),
                _ => here.last_day(),
            };
            let granted = if first { debut } else { here.previous().last_day() };
            let accorde_le = Some(granted);
            self.row(Row { accorde_le, prolongation: !first, ..Row::new(nature, debut, fin) });
        }
    }

    /// Granted by six months.
    fn long_leave(&mut self, rng: &mut Prng, kind: Kind) {
        let mois = self.case.mois;
        let farthest = if kind == Kind::LongLeave { 28 } else { 44 };
        let wanted = rng.between(2, farthest);
        let ago = (1..=wanted).rev().find(|ago| self.holds(months_before(mois, *ago)));
        let official = self.contract.post.statut == Statut::Titulaire;
        let Some(ago) = ago.filter(|_| official) else { return self.short(rng) };
        let nature = match kind {
            _ if self.is_ircantec() => "cgm",
            Kind::LongLeave => "clm",
            _ => "cld",
        };
        let mut debut = day_of(months_before(mois, ago), 1);
        let mut first = true;
        while debut <= mois.last_day() {
            let last = months_after(PayPeriod::of(debut), 5).last_day();
            let accorde_le = Some(debut.previous());
            self.row(Row { accorde_le, prolongation: !first, ..Row::new(nature, debut, last) });
            (debut, first) = (last.next(), false);
        }
    }

    fn birth(&mut self, rng: &mut Prng) {
        let debut = day_of(months_before(self.case.mois, rng.below(4)), rng.between(1, 28));
        let before = day_of(PayPeriod::of(debut).previous(), rng.between(10, 28));
        let row = Row::new("maternite", debut, plus(debut, 111));
        self.row(Row { connu_le: Some(before), accorde_le: Some(before), ..row })
    }

    fn fatherhood(&mut self, rng: &mut Prng) {
        let born = day_of(self.case.mois, rng.between(1, 12));
        let rest = plus(born, 2).next();
        self.row(Row::new("naissance", born, plus(born, 2)));
        self.row(Row::new("paternite", rest, plus(rest, 24)))
    }

    /// Whether the contract covers a whole month.
    fn holds(&self, mois: PayPeriod) -> bool {
        self.contract.start <= mois.first_day()
    }

    fn is_ircantec(&self) -> bool {
        let hours = self.contract.post.hours;
        let short = matches!(hours, Hours::Week(minutes) if minutes < 28 * 60);
        short || self.contract.regime == "ircantec"
    }

    /// A row inside the contract; what is not is left out.
    fn row(&mut self, row: Row) {
        let inside =
            self.contract.start <= row.debut && self.contract.end.is_none_or(|end| row.fin <= end);
        if inside {
            self.rows.push(row);
        }
    }
}

/// What keeps an agent away around a month, at random, and whether it is for months.
pub(super) fn episode(rng: &mut Prng, case: &Case, contract: &Contract) -> (Vec<Row>, bool) {
    let mut absences = Absences { case, contract, rows: Vec::new() };
    if !is_public(contract) {
        return (absences.rows, false);
    }
    let drawn = rng.weighted(KINDS);
    let lasting = matches!(
        drawn,
        Kind::Long
            | Kind::Accident
            | Kind::LongLeave
            | Kind::VeryLongLeave
            | Kind::Suspended
            | Kind::Leave
            | Kind::Parental
    );
    // Months are drawn one by one: what lasts for many of them starts less often.
    let kind = match drawn {
        Kind::Birth | Kind::Fatherhood => Kind::Short,
        _ if lasting && !rng.chance(300) => Kind::Short,
        kind => kind,
    };
    absences.now(rng, kind);
    let mut rows = absences.rows;
    for row in rows.iter_mut().filter(|row| row.prolongation) {
        // Granted on its first day: the rights of a month are those of that month.
        row.accorde_le = row.accorde_le.max(Some(row.debut));
    }
    (rows, lasting && kind == drawn)
}

/// The leave of a parent whose child is born on a day.
pub(super) fn around_birth(case: &Case, contract: &Contract, born: Day) -> Vec<Row> {
    let mut absences = Absences { case, contract, rows: Vec::new() };
    if !is_public(contract) {
        return absences.rows;
    }
    if contract.post.femme {
        let debut = (0..42).fold(born, |day, _| day.previous());
        let row = Row::new("maternite", debut, plus(debut, 111));
        absences.row(Row { accorde_le: Some(debut), ..row });
    } else {
        let rest = plus(born, 3);
        absences.row(Row::new("naissance", born, plus(born, 2)));
        absences.row(Row::new("paternite", rest, plus(rest, 24)));
    }
    absences.rows
}

fn is_public(contract: &Contract) -> bool {
    contract.post.is_fonctionnaire() || contract.post.statut == Statut::Contractuel
}

/// Writes one row.
pub(super) fn write_row<W: Write>(
    case: &Case,
    contract: &Contract,
    row: &Row,
    table: &mut Table<W>,
) -> io::Result<()> {
    let table = case.agent.id(table);
    table.text(&contract.employer.siret).text(contract.name).text(row.nature);
    table.day(row.debut).day(row.fin).day_or_empty(row.connu_le).day_or_empty(row.accorde_le);
    table.text(if row.prolongation { "oui" } else { "" });
    match row.heures {
        0 => table.empty(),
        tenths => table.fixed(u64::from(tenths), 1),
    };
    table.number_or_empty(row.demi_journees);
    table.text(if row.sans_carence { "oui" } else { "" });
    match row.taux {
        0 => table.empty(),
        hundredths => table.fixed(u64::from(hundredths), 2),
    };
    table.end()
}

/// A certificate for some days of a month, from 1 to 28, handed in sooner or later.
fn certificate(rng: &mut Prng, mois: PayPeriod, first: u32, last: u32) -> Row {
    let last = last.min(28);
    let row = Row::new("maladie_ordinaire", day_of(mois, first.min(last)), day_of(mois, last));
    Row {
        accorde_le: rng.chance(700).then_some(row.debut),
        connu_le: rng.chance(250).then(|| day_of(mois, (first + rng.between(1, 3)).min(28))),
        sans_carence: rng.chance(60),
        ..row
    }
}

/// So many days later.
pub(super) fn plus(day: Day, days: u32) -> Day {
    (0..days).fold(day, |day, _| day.next())
}

/// The same day, or the Monday after.
fn working_day(day: Day) -> Day {
    // A Monday.
    let Ok(monday) = Day::new(2024, 1, 1) else { return day };
    match monday.days_until(day).rem_euclid(7) {
        5 => plus(day, 2),
        6 => plus(day, 1),
        _ => day,
    }
}
