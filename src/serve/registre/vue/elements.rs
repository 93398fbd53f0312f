//! What the pages of variable elements ask of an employer: its contracts, and what elements would
//! make of payslips.

use crate::batch::Tried;
use crate::bulletin::Bulletin;
use crate::domain::{AgentFacts, Carriere, Element, Word};
use crate::serve::registre::Refus;
use crate::serve::registre::donnees::{ApercuElements, Retrait};
use crate::serve::saisie::ContratConnu;

use super::Chez;

impl Chez {
    /// Every contract, those of former agents included, in the order of `agents.csv`.
    pub fn contrats(&self) -> Vec<ContratConnu> {
        self.agents().flat_map(|facts| contrats_de(&facts)).collect()
    }

    /// What the payslips of an agent become in the open month, one entry a contract, when rows of
    /// variable elements are stored and others withdrawn: also by what closed months then owe.
    /// Nothing is stored.
    ///
    /// Errors: the agent is not there, or the month cannot be computed.
    pub async fn apercu_elements(
        &self,
        agent: &str,
        poser: &[Element],
        retirer: &[Retrait],
    ) -> Result<Vec<ApercuElements>, Refus> {
        // Before anything else: an agent of others is not there, whatever the rows are.
        self.facts(agent)?;
        let mut facts = self.etat.facts(agent).ok_or(Refus::Introuvable)?;
        for Retrait { row, zero } in retirer {
            let alone = facts.elements.iter().filter(|other| says_anew(other, row)).count() == 1;
            match alone && row.dated.connu_le == zero.dated.connu_le {
                true => facts.elements.retain(|other| !says_anew(other, row)),
                false => poser_un(&mut facts.elements, zero),
            }
        }
        poser.iter().for_each(|row| poser_un(&mut facts.elements, row));
        let avant = self.bulletins_ou_rien(agent, None).await?;
        let apres = self.bulletins_ou_rien(agent, Some(Tried::Lignes(Box::new(facts)))).await?;
        let seul = |contrat: &str| {
            let found = avant.iter().find(|one| one.agent.contrat == contrat);
            (found.and_then(|one| one.totaux.net_a_payer), found.is_some())
        };
        let each = apres.iter().map(|one| {
            let (avant, connu) = seul(&one.agent.contrat);
            let bloquants = one.remarques.iter().filter(|remarque| remarque.bloquant);
            ApercuElements {
                contrat: one.agent.contrat.clone(),
                avant,
                connu,
                apres: one.totaux.net_a_payer,
                bloquants: bloquants.cloned().collect(),
            }
        });
        Ok(each.collect())
    }

    /// The payslips of an agent in the open month; none when nothing is due to it.
    async fn bulletins_ou_rien(
        &self,
        agent: &str,
        tried: Option<Tried>,
    ) -> Result<Vec<Bulletin>, Refus> {
        match self.calcule(agent, self.ouvert(), tried).await {
            Ok(calcule) => Ok(calcule.bulletins(&self.employeur)),
            Err(Refus::Introuvable) => Ok(Vec::new()),
            Err(refus) => Err(refus),
        }
    }
}

/// Adds a row, in the place of the one that is about the same thing and of the same day.
fn poser_un(rows: &mut Vec<Element>, row: &Element) {
    let known = row.dated.connu_le;
    rows.retain(|other| !says_anew(other, row) || other.dated.connu_le != known);
    rows.push(row.clone());
}

/// Whether a row is about the same thing, from the same day.
fn says_anew(other: &Element, row: &Element) -> bool {
    other.identity() == row.identity() && other.dated.depuis == row.dated.depuis
}

/// The contracts of an agent, in the order in which they are met.
fn contrats_de(facts: &AgentFacts) -> Vec<ContratConnu> {
    let mut names: Vec<&Word> = Vec::new();
    for row in &facts.carrieres {
        if !names.contains(&&row.contrat) {
            names.push(&row.contrat);
        }
    }
    let identity = &facts.agent.identity;
    let each = names.into_iter().filter_map(|contrat| {
        let rows = || facts.carrieres.iter().filter(|row| row.contrat == *contrat);
        // The end is what the last row says: those before were open until it.
        let last = rows().max_by_key(|row: &&Carriere| (row.dated.depuis, row.dated.connu_le))?;
        Some(ContratConnu {
            agent: facts.agent.id.to_string(),
            contrat: contrat.to_string(),
            nom: identity.nom().to_owned(),
            prenom: identity.prenom().to_owned(),
            depuis: rows().map(|row| row.dated.depuis).min()?,
            fin: last.dated.fin,
        })
    });
    each.collect()
}
