//! The way to pay data: a view carries a scope, an employer is entered through it, and everything
//! else is asked of that employer.
//!
//! Nothing here takes a SIRET without a scope: [`Vue`] is made from an account, and [`Chez`] only
//! by [`Vue::chez`]. What is outside is answered as what does not exist.

use std::sync::Arc;

use crate::bulletin::{self, Bulletin};
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::{AgentFacts, Employeur, HasDates, Siret};
use crate::explain::ExplainTarget;
use crate::preview::{self, Change, ChangeError, Contrat, Explained};

use super::atelier::{Calcule, Source};
use super::donnees::{
    ContratOuvert, ElementVu, EtatEmployeur, MoisDeContrat, MoisVu, Parcours, RunClos, Secrets,
    Simulation, Tableau,
};
use super::etat::Etat;
use super::masque::masque;
use super::{Refus, mots};
use crate::serve::droits::Perimetre;

/// What an account may see, of one generation of the pool.
#[derive(Clone)]
pub struct Vue {
    etat: Arc<Etat>,
    perimetre: Perimetre,
}

/// An employer within the scope.
#[derive(Clone)]
pub struct Chez {
    etat: Arc<Etat>,
    employeur: Arc<Employeur>,
}

/// Why a change cannot be tried.
#[derive(Debug)]
pub enum RefusSimulation {
    /// As for any question.
    Refus(Refus),
    /// A field of the form, by its place among the changes.
    Champ(usize, ChangeError),
}

impl From<Refus> for RefusSimulation {
    fn from(refus: Refus) -> Self {
        Self::Refus(refus)
    }
}

impl Vue {
    /// What an account may see.
    pub(super) fn new(etat: Arc<Etat>, perimetre: Perimetre) -> Self {
        Self { etat, perimetre }
    }

    /// The month that is open.
    pub fn ouvert(&self) -> PayPeriod {
        self.etat.ouvert()
    }

    /// Enters an employer of the scope.
    pub fn chez(&self, siret: &str) -> Result<Chez, Refus> {
        let siret = Siret::parse(siret).filter(|siret| self.perimetre.contient(*siret));
        let employeur = siret.and_then(|siret| self.etat.employeur(siret));
        let employeur = employeur.ok_or(Refus::Introuvable)?;
        Ok(Chez { etat: Arc::clone(&self.etat), employeur })
    }

    /// The employers of the scope, by name.
    pub fn employeurs(&self) -> Vec<Arc<Employeur>> {
        let mine = self.etat.employeurs().filter(|e| self.perimetre.contient(e.siret));
        let mut mine: Vec<Arc<Employeur>> = mine.cloned().collect();
        mine.sort_by(|a, b| (&a.nom, a.siret).cmp(&(&b.nom, b.siret)));
        mine
    }

    /// How the open month stands for each employer of the scope.
    pub fn etats(&self) -> Vec<EtatEmployeur> {
        let each = |employeur: Arc<Employeur>| EtatEmployeur {
            mois: self.etat.mois_vu(employeur.siret, self.ouvert()),
            totaux: self.etat.totaux_prets(employeur.siret),
            employeur,
        };
        self.employeurs().into_iter().map(each).collect()
    }

    /// Why the sums of the open month will not come; none when they are there or on their way.
    pub fn calcul_refuse(&self) -> Option<Refus> {
        self.etat.calcul_refuse()
    }

    /// Findings about the pool itself, outside any employer: files, headers, rows of nobody. Only
    /// for who sees the whole pool.
    pub fn remarques_du_pool(&self) -> Vec<bulletin::Remarque> {
        match self.perimetre.liste() {
            None => self.etat.remarques_du_pool(),
            Some(_) => Vec::new(),
        }
    }

    /// The runs that closed months rest on, the latest month first, with the employers of the
    /// scope.
    pub fn runs_clos(&self) -> Vec<RunClos> {
        self.etat.runs_clos(|siret| self.perimetre.contient(siret))
    }
}

impl Chez {
    /// The employer.
    pub fn employeur(&self) -> &Arc<Employeur> {
        &self.employeur
    }

    /// Its SIRET.
    pub fn siret(&self) -> Siret {
        self.employeur.siret
    }

    /// The month that is open.
    pub fn ouvert(&self) -> PayPeriod {
        self.etat.ouvert()
    }

    /// Its months, the latest first.
    pub fn mois(&self) -> Vec<MoisVu> {
        self.etat.mois(self.siret())
    }

    /// Whether a month is one of its months.
    pub fn mois_vu(&self, mois: PayPeriod) -> Result<MoisVu, Refus> {
        self.mois().into_iter().find(|vu| vu.mois == mois).ok_or(Refus::Introuvable)
    }

    /// Every contract of a month, and their sums.
    pub async fn tableau(&self, mois: PayPeriod) -> Result<Arc<Tableau>, Refus> {
        let vu = self.mois_vu(mois)?;
        self.etat.tableau(&self.employeur, vu).await
    }

    /// What it knows of an agent.
    pub fn parcours(&self, agent: &str) -> Result<Parcours, Refus> {
        let facts = self.facts(agent)?;
        let identity = &facts.agent.identity;
        let mut parcours = Parcours {
            agent: facts.agent.id.to_string(),
            nom: identity.nom().to_owned(),
            prenom: identity.prenom().to_owned(),
            naissance: facts.agent.naissance,
            nir_masque: masque(identity.nir()),
            iban_masque: masque(identity.iban()),
            mois: self.mois_de(&facts),
            carrieres: facts.carrieres,
            familles: facts.familles,
            taux_pas: facts.taux_pas,
            elements: facts.elements,
            absences: facts.absences,
        };
        latest_first(&mut parcours.carrieres);
        latest_first(&mut parcours.familles);
        latest_first(&mut parcours.taux_pas);
        latest_first(&mut parcours.elements);
        parcours.absences.sort_by_key(|row| std::cmp::Reverse((row.debut, row.connu_le)));
        Ok(parcours)
    }

    /// NIR and IBAN of an agent, in full.
    pub fn secrets(&self, agent: &str) -> Result<Secrets, Refus> {
        let identity = self.facts(agent)?.agent.identity;
        Ok(Secrets { nir: identity.nir().to_owned(), iban: identity.iban().to_owned() })
    }

    /// The payslips of an agent in a month, one a contract.
    pub async fn bulletins(&self, agent: &str, mois: PayPeriod) -> Result<Vec<Bulletin>, Refus> {
        let calcule = self.calcule(agent, mois, None).await?;
        Ok(calcule.bulletins(&self.employeur))
    }

    /// One payslip.
    pub async fn bulletin(
        &self,
        agent: &str,
        contrat: &str,
        mois: PayPeriod,
    ) -> Result<Bulletin, Refus> {
        let all = self.bulletins(agent, mois).await?;
        all.into_iter().find(|one| one.agent.contrat == contrat).ok_or(Refus::Introuvable)
    }

    /// Why a line of a payslip has its amount.
    pub async fn explication(
        &self,
        (agent, contrat): (&str, &str),
        mois: PayPeriod,
        cible: &ExplainTarget,
    ) -> Result<Explained, Refus> {
        let calcule = self.calcule(agent, mois, None).await?;
        let slip = calcule.slip(self.siret(), contrat).ok_or(Refus::Introuvable)?;
        let mois = preview::Mois {
            rules: calcule.rules(),
            program: calcule.program(),
            facts: &calcule.looked.facts,
            employeur: Some(&self.employeur),
        };
        let told = mois.explain(slip, cible).filter(|told| told.explication.connu);
        told.ok_or(Refus::Introuvable)
    }

    /// What changes would make of a payslip of the open month. Nothing is stored.
    pub async fn simulation(
        &self,
        (agent, contrat): (&str, &str),
        changements: &[Change],
    ) -> Result<Simulation, RefusSimulation> {
        let mois = self.ouvert();
        // Before anything else: an agent of others is not there, whatever the change is.
        let calcule = self.calcule(agent, mois, None).await?;
        let avant = calcule.bulletins(&self.employeur).into_iter();
        let mut avant = avant.filter(|one| one.agent.contrat == contrat);
        let avant = avant.next().ok_or(Refus::Introuvable)?;
        let mut facts = self.etat.facts(agent).ok_or(Refus::Introuvable)?;
        let who = Contrat {
            rules: calcule.rules(),
            program: calcule.program(),
            siret: Some(self.employeur.siret.as_str()),
            contrat: Some(contrat),
        };
        for (at, change) in changements.iter().enumerate() {
            let tried = preview::apply(&mut facts, change, &who);
            tried.map_err(|error| RefusSimulation::Champ(at, error))?;
        }
        let calcule = self.calcule(agent, mois, Some(facts)).await?;
        let apres = calcule.bulletins(&self.employeur).into_iter();
        let mut apres = apres.filter(|one| one.agent.contrat == contrat);
        let apres = apres.next().ok_or(Refus::Impossible(mots::RIEN_A_PAYER.to_owned()))?;
        let ecarts = bulletin::diff(&avant, &apres);
        Ok(Simulation { avant, apres, ecarts })
    }

    /// The contracts that may receive elements in a month.
    pub fn contrats(&self, mois: PayPeriod) -> Vec<ContratOuvert> {
        let mut found = Vec::new();
        for facts in self.agents() {
            for contrat in contracts_in(&facts, mois) {
                let identity = &facts.agent.identity;
                found.push(ContratOuvert {
                    agent: facts.agent.id.to_string(),
                    contrat,
                    nom: identity.nom().to_owned(),
                    prenom: identity.prenom().to_owned(),
                });
            }
        }
        found
    }

    /// The rows of variable elements that touch a month.
    pub fn elements(&self, mois: PayPeriod) -> Vec<ElementVu> {
        let touches = |dates: &crate::domain::Dated| {
            dates.depuis <= mois.last_day() && dates.lasts(mois.first_day())
        };
        let mut found = Vec::new();
        for facts in self.agents() {
            for element in facts.elements.iter().filter(|row| touches(row.dates())) {
                found.push(ElementVu {
                    agent: facts.agent.id.to_string(),
                    nom: facts.agent.identity.nom().to_owned(),
                    prenom: facts.agent.identity.prenom().to_owned(),
                    element: element.clone(),
                });
            }
        }
        found
    }

    /// The agents that have a career here, rows of other employers left out.
    fn agents(&self) -> impl Iterator<Item = AgentFacts> + '_ {
        let agents = self.etat.agents_de(self.siret());
        agents.iter().filter_map(|agent| self.facts(agent).ok())
    }

    /// The facts of an agent that this employer may know.
    fn facts(&self, agent: &str) -> Result<AgentFacts, Refus> {
        let mut facts = self.etat.facts(agent).ok_or(Refus::Introuvable)?;
        let siret = self.siret();
        facts.carrieres.retain(|row| row.siret == siret);
        facts.elements.retain(|row| row.siret == siret);
        facts.absences.retain(|row| row.siret == siret);
        facts.cumuls.retain(|row| row.siret == siret);
        match facts.carrieres.is_empty() {
            true => Err(Refus::Introuvable),
            false => Ok(facts),
        }
    }

    fn mois_de(&self, facts: &AgentFacts) -> Vec<MoisDeContrat> {
        let each = |vu: MoisVu| {
            let contrats = contracts_in(facts, vu.mois);
            contrats.into_iter().map(move |contrat| {
                let known =
                    self.etat.montants_prets(self.siret(), vu.mois, (&facts.agent.id, &contrat));
                let (brut, net_a_payer) = known.unzip();
                MoisDeContrat { mois: vu.clone(), contrat, brut, net_a_payer }
            })
        };
        self.mois().into_iter().flat_map(each).collect()
    }

    /// Computes the month of an agent that has a career here.
    async fn calcule(
        &self,
        agent: &str,
        mois: PayPeriod,
        tried: Option<AgentFacts>,
    ) -> Result<Calcule, Refus> {
        let vu = self.mois_vu(mois)?;
        let source = self.etat.source(self.siret(), &vu);
        if matches!(source, Source::Pool(_)) {
            self.facts(agent)?;
        }
        let calcule = self.etat.calcule(source, agent, tried).await?;
        match calcule.looked.slips.iter().any(|slip| slip.prepared.siret == self.siret()) {
            true => Ok(calcule),
            false => Err(Refus::Introuvable),
        }
    }
}

/// The contracts of facts that have a day in a month, in their order.
fn contracts_in(facts: &AgentFacts, mois: PayPeriod) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for row in &facts.carrieres {
        let known = KnownOn::Everything.knows(row.dated.connu_le);
        let here = row.dated.depuis <= mois.last_day() && row.dated.lasts(mois.first_day());
        let name = row.contrat.to_string();
        if known && here && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn latest_first<T: HasDates>(rows: &mut [T]) {
    rows.sort_by_key(|row| {
        let dates = row.dates();
        std::cmp::Reverse((dates.depuis, dates.connu_le))
    });
}
