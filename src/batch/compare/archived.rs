//! The variation of a net after closed months: from what was paid to what is paid, with rappels.

use crate::calendar::PayPeriod;
use crate::compare::{Cause, Part, Pay, Variation};
use crate::domain::{AgentFacts, Siret, Word};
use crate::io::{PoolContext, PoolFinding, RawBlock};
use crate::rappel::{Etat, Past};

use super::{Months, Worker};
use crate::batch::chain::{Account, Asked, Work, contracts};
use crate::batch::history::HistoryError;
use crate::batch::piece::Chained;

/// One end of a variation: what is paid, and why it is not what the facts give.
struct End {
    pay: Pay,
    detail: String,
}

impl Months<'_, '_> {
    /// The variations of an agent whose earlier months are closed.
    pub(super) fn after_closed<'w>(
        &self,
        chained: &'w Chained<'_>,
        raw: (&RawBlock, usize, &PoolContext),
        facts: &AgentFacts,
        (worker, work): (&mut Worker<'_>, &mut Work<'w>),
    ) -> Result<Vec<Variation>, HistoryError> {
        let (block, at, pool) = raw;
        let digest = Some(block.agent_digest(pool, at));
        let asked = Asked { facts, digest, tried: None, origine: None };
        let slips = self.after.slips(chained, &asked, work)?;
        let account = &slips.account;
        let period = self.before.program.period;
        let old = self.month_before(facts, work)?;
        let mut computed = self.agent([&old, &account.facts], worker);
        let mut keys = Vec::new();
        let own = |one: &Variation| (one.siret, Word::clone(&one.contrat));
        let paid = account.paid.iter().map(|p| (p.prepared.siret, p.prepared.contrat.clone()));
        let all = computed.iter().map(own).chain(paid).chain(contracts(facts));
        for key in all {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let mut found = Vec::new();
        for (siret, contrat) in keys {
            let place = computed.iter().position(|one| own(one) == (siret, contrat.clone()));
            let variation = place.map(|at| computed.remove(at));
            let who = (&*facts.agent.id, siret, &*contrat);
            let before = match chained.chain.history.place(siret, period) {
                Some(place) => {
                    let (net, rappels) = work.desk.paid(place, who)?;
                    archived(net, period, &rappels)
                }
                // Nothing of the month before in the archive: it is what the facts give.
                None => {
                    let pay = variation.as_ref().map_or(Pay::Absent, |one| one.before);
                    End { pay, detail: String::new() }
                }
            };
            let after = self.paid(account, &slips.contracts, (siret, &contrat));
            let variation = variation.unwrap_or_else(|| Variation {
                siret,
                agent: Word::clone(&facts.agent.id),
                contrat: Word::clone(&contrat),
                before: Pay::Absent,
                after: Pay::Absent,
                parts: Vec::new(),
            });
            found.extend(between(variation, &before, &after));
        }
        Ok(found)
    }

    /// The facts of the month before: the totals of its year are those of the months before it.
    fn month_before(
        &self,
        facts: &AgentFacts,
        work: &mut Work<'_>,
    ) -> Result<AgentFacts, HistoryError> {
        let (period, mut facts) = (self.before.program.period, facts.clone());
        let year = period.year();
        for (siret, contrat) in contracts(&facts) {
            let (agent, until) = (Word::clone(&facts.agent.id), Some(period));
            let views = work.desk.views(&agent, year, (siret, &contrat), until)?;
            if let Some(views) = views {
                let past = Past::new(siret, contrat);
                facts.cumuls.retain(|row| !past.is(row.siret, &row.contrat) || row.annee != year);
                facts.cumuls.extend(views.paye.cumuls(&past, year, facts.agent.reference));
            }
        }
        Ok(facts)
    }

    /// What the month pays to a contract.
    fn paid(
        &self,
        account: &Account,
        findings: &[Vec<PoolFinding>],
        (siret, contrat): (Siret, &Word),
    ) -> End {
        let mine = |one: &crate::rappel::Recomputed| one.siret == siret && one.contrat == *contrat;
        let moved = account.former.recomputed.iter();
        let moved = moved.filter(|one| mine(one) && one.etat == Etat::Ecart);
        let months: Vec<PayPeriod> = moved.map(|one| one.mois).collect();
        let mut detail = rappels(&months);
        let paid = account.paid.iter().zip(findings);
        let paid = paid.into_iter().find(|(paid, _)| paid.prepared.is(siret, contrat));
        let Some((paid, findings)) = paid else { return End { pay: Pay::Absent, detail } };
        if paid.solde > 0 {
            detail = [detail, "trop-perçu à reprendre".to_owned()].join(" ; ");
        }
        let program = self.after.program;
        let net = || program.item("NET_A_PAYER").map_or(0, |item| paid.payslip.amount(item));
        let pay = if findings.iter().any(PoolFinding::is_error) {
            Pay::Bloque
        } else if paid.prepared.segments.is_empty() {
            Pay::Absent
        } else {
            Pay::Net(net())
        };
        End { pay, detail }
    }
}

/// What a closed run paid.
fn archived(net: Option<Option<i64>>, period: PayPeriod, months: &[PayPeriod]) -> End {
    let month = period.french();
    match net {
        None => End { pay: Pay::Absent, detail: format!("rien de payé en {month}") },
        Some(None) => End { pay: Pay::Bloque, detail: String::new() },
        Some(Some(net)) => {
            let what =
                if months.is_empty() { "corrigé depuis".to_owned() } else { rappels(months) };
            End { pay: Pay::Net(net), detail: format!("{what}, payé en {month}") }
        }
    }
}

/// `rappel de novembre 2024 et de 2 autres mois`.
fn rappels(months: &[PayPeriod]) -> String {
    let Some(last) = months.last() else { return String::new() };
    let month = format!("rappel de {}", last.french());
    match months.len() - 1 {
        0 => month,
        1 => format!("{month} et d'un autre mois"),
        others => format!("{month} et de {others} autres mois"),
    }
}

/// A variation between what was paid and what is paid; the parts add up to it. None: nothing is
/// paid in either month.
fn between(mut one: Variation, before: &End, after: &End) -> Option<Variation> {
    let cents = |pay: Pay| pay.net().unwrap_or(0);
    match (before.pay, after.pay) {
        (Pay::Absent, Pay::Absent) => return None,
        (Pay::Bloque, _) | (_, Pay::Bloque) => one.parts.clear(),
        (old, new) if one.gap().is_none() => {
            // The facts of now cannot say why one of the months is what it is.
            let detail = [&*before.detail, &*after.detail].join(" ; ");
            let gap = cents(new) - cents(old);
            one.parts = vec![Part { cause: Cause::Rappel, cents: gap, merged: Vec::new(), detail }];
            one.parts.retain(|part| part.cents != 0);
        }
        (old, new) => {
            (one.before, one.after) = (Pay::Net(cents(one.before)), Pay::Net(cents(one.after)));
            one.starting_from(cents(old), Cause::Rappel, &before.detail);
            one.ending_at(cents(new), Cause::Rappel, &after.detail);
        }
    }
    (one.before, one.after) = (before.pay, after.pay);
    Some(one)
}
