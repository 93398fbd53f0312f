//! The rows of `carrieres.csv`: advancements, part time, posts that change, and what was decided
//! late or wrongly.

use std::io::{self, Write};

use super::life::Life;
use super::timeline::{Change, Line, Op, State};
use super::{Span, minus};
use crate::calendar::{Day, PayPeriod};
use crate::demo::absence::plus;
use crate::demo::career::{self, Row};
use crate::demo::grades::{Grade, Ladder, Metier};
use crate::demo::post::{FULL_WEEK, Hours, Pay, Statut};
use crate::demo::prng::Prng;
use crate::demo::situation::{Case, Contract, day_of, months_after};
use crate::demo::table::Table;

/// Writes the rows of one contract; gives the career as known in the end.
pub(super) fn write<W: Write>(
    case: &Case,
    contract: &Contract,
    life: &Life,
    table: &mut Table<W>,
) -> io::Result<Line> {
    let post = contract.post;
    let mandat = post.mandat.unwrap_or_default();
    let motif = match post.statut {
        Statut::Elu => mandat.fonction.motif(),
        Statut::Apprenti => "contrat d'apprentissage",
        Statut::ContratAide => "parcours emploi compétences",
        _ if life.hired.is_some() => "arrivée",
        _ => "",
    };
    let opening = State { post: first(post), taux: mandat.taux, fin: life.foreseen, motif };
    let contract = &Row2023 { contract, grid: life.grid };
    row(case, contract, (contract.contract.start, &opening), life.hired, table)?;
    let mut line = Line::new(contract.contract.start, opening);
    for change in &life.changes {
        for (depuis, state) in line.learn(change) {
            row(case, contract, (depuis, &state), Some(change.connu_le), table)?;
        }
    }
    Ok(line)
}

/// The post on the first day, before its therapeutic part time.
fn first(post: crate::demo::post::Post) -> crate::demo::post::Post {
    crate::demo::post::Post { therapeutique: 0, ..post }
}

/// A contract whose rows say their index before the day on which the grid is known.
struct Row2023<'a> {
    contract: &'a Contract<'a>,
    grid: Option<Day>,
}

fn row<W: Write>(
    case: &Case,
    Row2023 { contract, grid }: &Row2023,
    (depuis, state): (Day, &State),
    connu_le: Option<Day>,
    table: &mut Table<W>,
) -> io::Result<()> {
    let State { post, taux, fin, motif } = *state;
    let (grade, echelon, therapeutique) = (post.grade, post.echelon, post.therapeutique);
    let indice = match grid {
        Some(known) if depuis < *known => grade.indice_2023(echelon),
        _ => 0,
    };
    let row = Row { depuis, fin, connu_le, grade, echelon, therapeutique, taux, indice, motif };
    career::write_row(case, &Contract { post, ..**contract }, &row, table)
}

/// A career being planned.
struct Plan<'r> {
    rng: &'r mut Prng,
    span: Span,
    changes: Vec<Change>,
}

/// Plans the changes of a career; those of an agent with two contracts touch both.
pub(super) fn plan(rng: &mut Prng, contracts: &[Contract], span: Span) -> Vec<Change> {
    let mut plan = Plan { rng, span, changes: Vec::new() };
    let Some(contract) = contracts.first() else { return Vec::new() };
    let start = contract.start.max(span.first.first_day());
    let end = contract.end.unwrap_or_else(|| span.last.last_day()).min(span.last.last_day());
    let first = PayPeriod::of(start).next();
    // Nothing moves in the last two months of a career.
    let months: Vec<PayPeriod> = (span.months())
        .filter(|mois| *mois >= first && months_after(*mois, 2).first_day() <= end)
        .collect();
    let until = |day: &Day| contract.end.is_none_or(|end| *day <= end);
    if let Some(depuis) = grid(contract, span).filter(until) {
        let connu_le = minus(depuis, plan.rng.between(8, 20));
        plan.push(depuis, connu_le, Op::Grid, "cinq points d'indice de plus");
    }
    if contract.post.is_fonctionnaire() && contract.post.pay == Pay::Grade {
        plan.official(contract, &months, contracts.len() == 1);
    }
    plan.changes
}

/// The day from which the grids of a career are known, when the months and it start before.
pub(super) fn grid(contract: &Contract, span: Span) -> Option<Day> {
    let known = Day::new(2024, 1, 1).ok()?;
    let grades = contract.post.ladder.grades.iter();
    let unknown =
        contract.post.pay == Pay::Grade && grades.into_iter().any(|grade| grade.indice_2023(1) > 0);
    (unknown && span.first.first_day() < known && contract.start < known).then_some(known)
}

impl Plan<'_> {
    /// One event a month at most.
    fn official(&mut self, contract: &Contract, months: &[PayPeriod], alone: bool) {
        let post = contract.post;
        let (mut grade, mut above, mut echelon) = (post.grade, post.above, post.echelon);
        let mut wait = self.rng.between(0, 22);
        let probation = post.statut == Statut::Stagiaire;
        let mut confirm = if probation { self.rng.between(4, 12) } else { u32::MAX };
        let mut part_time = Vec::new();
        if alone && !probation {
            part_time = self.quieter(contract, months);
        }
        for &mois in months {
            (wait, confirm) = (wait.saturating_sub(1), confirm.saturating_sub(1));
            let first = mois.first_day();
            if confirm == 0 {
                confirm = u32::MAX;
                let connu_le = self.learned(first, 400);
                self.push(first, connu_le, Op::Confirm, "titularisation");
            } else if let Some(&(_, op, motif)) = part_time.iter().find(|(at, ..)| *at == mois) {
                let connu_le = self.learned(first, 160);
                self.push(first, connu_le, op, motif);
            } else if let Some(next) = above.filter(|_| self.promoted(mois)) {
                let connu_le = self.learned(first, 600);
                above = next_grade(&post.ladder, next);
                self.push(first, connu_le, Op::Promote(next, above), "avancement de grade");
                (grade, echelon) = (next, echelon.min(next.echelons));
                wait = self.rng.between(12, 24);
            } else if wait == 0 && echelon < grade.echelons {
                let day = if self.rng.chance(700) { 1 } else { self.rng.between(2, 28) };
                echelon += u32::from(self.step(day_of(mois, day)));
                wait = self.rng.between(18, 30);
            }
        }
    }

    /// Grades are given on the first of January or July, sometimes of another month.
    fn promoted(&mut self, mois: PayPeriod) -> bool {
        let often = if matches!(mois.month(), 1 | 7 | 9 | 11) { 10 } else { 1 };
        self.rng.chance(often)
    }

    /// An échelon, often decided late; now and then withdrawn, given back, given later. Whether
    /// it is given in the end.
    fn step(&mut self, depuis: Day) -> bool {
        let first = self.learned(depuis, 380);
        self.push(depuis, first, Op::Step, "avancement d'échelon");
        if !self.rng.chance(90) {
            return true;
        }
        let Some(second) = self.after(first) else { return true };
        self.push(depuis, second, Op::Unstep, "avancement d'échelon retiré");
        if !self.rng.chance(550) {
            return false;
        }
        let Some(third) = self.after(second) else { return false };
        self.push(depuis, third, Op::Step, "avancement d'échelon rétabli");
        if !self.rng.chance(500) {
            return true;
        }
        let Some(fourth) = self.after(third) else { return true };
        let later = months_after(PayPeriod::of(depuis), 1).first_day();
        self.push(depuis, fourth, Op::Unstep, "date d'effet de l'échelon corrigée");
        self.push(later, fourth.next(), Op::Step, "avancement d'échelon");
        true
    }

    /// What else happens to a post, at most one thing and its end.
    fn quieter(
        &mut self,
        contract: &Contract,
        months: &[PayPeriod],
    ) -> Vec<(PayPeriod, Op, &'static str)> {
        let post = contract.post;
        let Some(last) = months.last() else { return Vec::new() };
        let room = u32::try_from(months.len()).unwrap_or(1);
        let chosen = usize::try_from(self.rng.below(room)).unwrap_or(0);
        let Some(&from) = months.get(chosen) else { return Vec::new() };
        let to = months_after(from, self.rng.between(5, 17));
        let full = post.hours == Hours::Week(FULL_WEEK);
        let plain = !matches!(post.ladder.metier, Metier::Enseignement | Metier::Pompier);
        let back = |op, motif| Some((to, op, motif)).filter(|_| to <= *last);
        let (op, motif, back) = match post.hours {
            _ if post.therapeutique > 0 => (
                Op::Therapeutic(post.therapeutique),
                "temps partiel thérapeutique",
                back(Op::Therapeutic(0), "fin du temps partiel thérapeutique"),
            ),
            _ if full && plain && post.quotite < 100 && self.rng.chance(250) => {
                (Op::Quotite(100), "reprise à temps plein", None)
            }
            _ if full && plain && self.rng.chance(if post.femme { 120 } else { 30 }) => (
                Op::Quotite(self.rng.weighted(&[(60, 80), (25, 90), (15, 50)])),
                "temps partiel",
                back(Op::Quotite(post.quotite), "fin du temps partiel"),
            ),
            Hours::Week(minutes) if minutes < FULL_WEEK && self.rng.chance(180) => {
                let more = (minutes + 60 * self.rng.between(1, 6)).min(FULL_WEEK);
                (Op::Hours(Hours::Week(more)), "modification de la durée du poste", None)
            }
            _ if self.rng.chance(50) => {
                let points = if post.nbi > 0 { 0 } else { self.rng.pick(&[10, 15, 20, 25]) };
                (Op::Nbi(points), "nouvelle bonification indiciaire", None)
            }
            _ => return Vec::new(),
        };
        let mut all = vec![(from, op, motif)];
        all.extend(back);
        all
    }

    /// When a decision is learned: some time before its effect, or late.
    fn learned(&mut self, depuis: Day, late_per_thousand: u32) -> Day {
        match self.rng.chance(late_per_thousand) {
            true => self.span.late(self.rng, depuis),
            false => minus(depuis, self.rng.between(2, 35)),
        }
    }

    /// A later month in which a decision is corrected, when the months have one.
    fn after(&mut self, learned: Day) -> Option<Day> {
        let mois = months_after(PayPeriod::of(plus(learned, 6)), self.rng.between(1, 2));
        let day = day_of(mois, self.rng.between(2, 20));
        Some(day).filter(|day| *day <= day_of(self.span.last, 20))
    }

    fn push(&mut self, depuis: Day, connu_le: Day, op: Op, motif: &'static str) {
        self.changes.push(Change { depuis, connu_le, op, motif });
    }
}

fn next_grade(ladder: &Ladder, grade: Grade) -> Option<Grade> {
    let place = ladder.grades.iter().position(|known| *known == grade)?;
    ladder.grades.get(place + 1).copied()
}
