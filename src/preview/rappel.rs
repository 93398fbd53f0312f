//! A line of a closed month that a payslip corrects: what was due as last computed, what is due
//! now, what changed, and how the payslip takes it.

use crate::batch::Slip;
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::{Siret, Word};
use crate::dossier::Prepared;
use crate::explain::{self, ExplainTarget, Explanation, ModeRappel};
use crate::rappel::{Etat, Limite, Recomputed, mode};
use crate::rules::RappelMode;

use super::{Mois, items};

/// The month of origin of an agent, as one run computed it.
#[derive(Clone, Copy)]
pub struct Du<'a> {
    /// The month, with the rules and the facts of that run.
    pub mois: Mois<'a>,
    /// The contracts of the agent.
    pub prepared: &'a [Prepared],
}

/// The payslip that settles the difference.
#[derive(Clone, Copy)]
pub struct Reglement<'a> {
    /// Its month.
    pub mois: Mois<'a>,
    /// The payslip; none: the contract is not paid in that month.
    pub slip: Option<&'a Slip>,
    /// Closed months of the agent that were computed again for it.
    pub recomputed: &'a [Recomputed],
    /// The contract.
    pub contrat: (Siret, &'a Word),
    /// The closed month.
    pub origine: PayPeriod,
}

/// Both computations, and what becomes of the difference.
#[derive(Clone, Debug)]
pub struct Rappel {
    /// Both computations, and what changed.
    pub rappel: explain::Rappel,
    /// Why the difference is not on the payslip, when it is not: `rien n'est payé : …`.
    pub laisse: Option<String>,
}

impl Du<'_> {
    /// The line of a contract; none when it has no day in the month.
    fn line(
        &self,
        (siret, contrat): (Siret, &Word),
        target: &ExplainTarget,
    ) -> Option<Explanation> {
        let prepared = self.prepared.iter().find(|one| one.is(siret, contrat));
        let prepared = prepared.filter(|one| !one.segments.is_empty())?;
        self.mois.explain_pass(prepared, target)
    }

    fn known_on(&self) -> KnownOn {
        self.mois.program.known_on
    }
}

impl Reglement<'_> {
    /// Puts a line as it was due (`avant`; none: no run paid the contract for that month) beside
    /// the line as it is due (`apres`). `None`: the contract was due nothing, then or now.
    pub fn rappel(
        &self,
        avant: Option<&Du<'_>>,
        apres: &Du<'_>,
        target: &ExplainTarget,
    ) -> Option<Rappel> {
        let then = avant.and_then(|avant| avant.line(self.contrat, target));
        let now = apres.line(self.contrat, target);
        let (then, now) = match (then, now) {
            (None, None) => return None,
            (Some(then), Some(now)) => (then, now),
            (Some(then), None) => {
                let now = then.without_contract(apres.known_on());
                (then, now)
            }
            (None, Some(now)) => {
                let day = avant.map_or(KnownOn::Everything, Du::known_on);
                (now.without_contract(day), now)
            }
        };
        let paid = self.mois.program.period;
        let rappel = explain::rappel(then, now, self.landing(target), Some(paid));
        Some(Rappel { rappel, laisse: self.left_alone() })
    }

    /// How the line takes the rappel: what the rules say, unless the payslip shows a line apart.
    fn landing(&self, target: &ExplainTarget) -> Option<ModeRappel> {
        let (program, slip) = (self.mois.program, self.slip?);
        let places = items(program, target);
        let mut lines = slip.payslip.lines.iter();
        if lines.any(|line| places.contains(&line.item) && line.origine == Some(self.origine)) {
            return Some(ModeRappel::Origine);
        }
        let segment = slip.prepared.segments.first();
        let row = segment.and_then(|segment| self.mois.facts.carrieres.get(segment.row));
        let statut = row.map_or("", |row| row.statut.name());
        let info = program.items.get(*places.first()?)?;
        Some(match mode(info, statut) {
            RappelMode::Origine => ModeRappel::Origine,
            RappelMode::Annee => ModeRappel::Annee,
            RappelMode::Paiement => ModeRappel::Paiement,
        })
    }

    fn left_alone(&self) -> Option<String> {
        let (siret, contrat) = self.contrat;
        let mut mine = self.recomputed.iter();
        let month = mine.find(|one| {
            one.siret == siret && one.contrat == *contrat && one.mois == self.origine
        })?;
        match &month.etat {
            Etat::HorsLimite(Limite::Rappel(years)) => {
                Some(format!("rien n'est payé : prescription de {years} ans"))
            }
            Etat::HorsLimite(Limite::TropPercu(months)) => {
                Some(format!("rien n'est repris : prescription de {months} mois"))
            }
            Etat::HorsLimite(Limite::Reprise) => {
                Some("rien n'est payé : le contrat a été payé ailleurs jusque-là".to_owned())
            }
            Etat::Impossible(_) => {
                Some("rien n'est payé : le mois ne peut pas être calculé de nouveau".to_owned())
            }
            _ => None,
        }
    }
}
