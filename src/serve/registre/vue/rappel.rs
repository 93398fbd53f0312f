//! What the page of a rappel asks: a month of origin as the last closed run computed it, and as it
//! is due now.

use crate::batch::Job;
use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Siret, Word};
use crate::dossier::Prepared;
use crate::explain::ExplainTarget;
use crate::preview::{self, Du, Mois, Reglement};
use crate::program::Program;
use crate::serve::registre::Refus;
use crate::serve::registre::atelier::{Calcule, Source};
use crate::serve::registre::donnees::RappelExplique;

use super::Chez;

/// The month of origin of an agent, as one run computed it.
struct Cote {
    calcule: Calcule,
    program: Program,
    facts: AgentFacts,
    prepared: Vec<Prepared>,
}

impl Chez {
    /// Why the payslip of a month corrects a line of an earlier one.
    ///
    /// Errors: `Introuvable` when the agent has no such contract or the rules no such line, when
    /// `origine` is no closed month before `mois`, and when it owed nothing, then or now.
    pub async fn rappel(
        &self,
        (agent, contrat): (&str, &str),
        (mois, origine): (PayPeriod, PayPeriod),
        cible: &ExplainTarget,
    ) -> Result<RappelExplique, Refus> {
        let job = Job { origine: Some(origine), ..Job::new(agent) };
        let paye = self.asked(job, &self.mois_vu(mois)?).await?;
        let (siret, nom): (Siret, Word) = (self.siret(), contrat.into());
        let slip = paye.slip(siret, &nom);
        let seen = paye.looked.seen.as_ref().ok_or(Refus::Introuvable)?;
        let known = seen.prepared.iter().any(|one| one.is(siret, &nom));
        let items = preview::items(paye.program(), cible);
        let Some(item) = items.first().and_then(|at| paye.program().items.get(*at)) else {
            return Err(Refus::Introuvable);
        };
        if slip.is_none() && !known {
            return Err(Refus::Introuvable);
        }
        let program = paye.programme(origine).await?;
        let now = Mois { program: &program, ..self.vu_par(&paye, &seen.facts) };
        let now = Du { mois: now, prepared: &seen.prepared };
        let then = self.avant(agent, (siret, &nom), (mois, origine)).await?;
        let then = then.as_ref().map(|cote| cote.du(self));
        let reglement = Reglement {
            mois: self.vu_par(&paye, &paye.looked.facts),
            slip,
            recomputed: &paye.looked.recomputed,
            contrat: (siret, &nom),
            origine,
        };
        let rappel = reglement.rappel(then.as_ref(), &now, cible).ok_or(Refus::Introuvable)?;
        let identity = &paye.looked.facts.agent.identity;
        Ok(RappelExplique {
            agent: format!("{} {}", identity.prenom(), identity.nom()),
            libelle: item.libelle.clone(),
            rappel,
        })
    }

    /// The month of origin as the last closed run before `mois` computed it; none: no run did.
    async fn avant(
        &self,
        agent: &str,
        contrat: (Siret, &Word),
        (mois, origine): (PayPeriod, PayPeriod),
    ) -> Result<Option<Cote>, Refus> {
        let found = self.etat.dernier_calcul(agent, contrat, origine, mois).await?;
        let Some((source, own)) = found else { return Ok(None) };
        match own {
            true => self.paye_alors(source, agent).await.map(Some),
            false => self.revu_alors(source, agent, origine).await,
        }
    }

    /// The month as it was paid. What a month is due is its first pass: no rappel in sight.
    async fn paye_alors(&self, source: Source, agent: &str) -> Result<Cote, Refus> {
        let calcule = self.etat.calcule(source, Job::new(agent)).await?;
        let (program, facts) = (calcule.program().clone(), calcule.looked.facts.clone());
        let each = calcule.looked.slips.iter();
        let first = each.map(|slip| slip.passes.first().unwrap_or(&slip.prepared).clone());
        let prepared = first.collect();
        Ok(Cote { calcule, program, facts, prepared })
    }

    /// The month as a later run computed it again.
    async fn revu_alors(
        &self,
        source: Source,
        agent: &str,
        origine: PayPeriod,
    ) -> Result<Option<Cote>, Refus> {
        let job = Job { origine: Some(origine), ..Job::new(agent) };
        let mut calcule = self.etat.calcule(source, job).await?;
        let program = calcule.programme(origine).await?;
        let seen = calcule.looked.seen.take();
        Ok(seen.map(|seen| Cote { calcule, program, facts: seen.facts, prepared: seen.prepared }))
    }

    /// A month at this employer, for explanations.
    pub(super) fn vu_par<'a>(&'a self, calcule: &'a Calcule, facts: &'a AgentFacts) -> Mois<'a> {
        let (rules, program) = (calcule.rules(), calcule.program());
        Mois { rules, program, facts, employeur: Some(&self.employeur) }
    }
}

impl Cote {
    fn du<'a>(&'a self, chez: &'a Chez) -> Du<'a> {
        let mois = Mois { program: &self.program, ..chez.vu_par(&self.calcule, &self.facts) };
        Du { mois, prepared: &self.prepared }
    }
}
