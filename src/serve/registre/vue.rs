//! The way to pay data: a view carries a scope, an employer is entered through it, and everything
//! else is asked of that employer.
//!
//! Nothing here takes a SIRET without a scope: [`Vue`] is made from an account, and [`Chez`] only
//! by [`Vue::chez`]. What is outside is answered as what does not exist.

mod elements;
mod rappel;

use std::sync::Arc;

use crate::batch::{Job, Tried};
use crate::bulletin::{self, Bulletin};
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::{AgentFacts, Employeur, HasDates, Siret, in_force};
use crate::explain::ExplainTarget;
use crate::preview::{self, Change, ChangeError, Contrat};

use super::atelier::{Calcule, Source};
use super::donnees::{
    DerogationVue, EtatEmployeur, Feuille, LigneExpliquee, MoisDeContrat, MoisVu, Parcours,
    RunClos, Secrets, Simulation, Tableau,
};
use super::etat::Etat;
use super::listes::Listes;
use super::masque::masque;
use super::rejeu::Rejeu;
use super::{Refus, mots, remarques};
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
    /// Changes that cannot be tried, by their places.
    Champs(Vec<(usize, ChangeError)>),
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

    /// One of them, by its entry in the journal of the archive.
    pub fn run_clos(&self, numero: u64) -> Result<RunClos, Refus> {
        let mut runs = self.runs_clos().into_iter();
        runs.find(|run| run.numero == numero).ok_or(Refus::Introuvable)
    }

    /// The waivers that a run rests on, for the employers of the scope.
    pub fn derogations(&self, numero: u64) -> Result<Vec<DerogationVue>, Refus> {
        let run = self.run_clos(numero)?;
        let of_run = |siret| run.employeurs.iter().any(|(other, ..)| *other == siret);
        Ok(self.etat.derogations(run.mois, of_run))
    }

    /// Starts the replay of a run, unless one is under way; `demande` in seconds since 1970.
    pub fn rejouer(&self, numero: u64, demande: i64) -> Result<(), Refus> {
        self.run_clos(numero)?;
        self.etat.rejouer(numero, demande)
    }

    /// What is known of the replay of a run. Its counts are over all employers of the run: who does
    /// not see them all gets the verdict alone.
    pub fn rejeu(&self, numero: u64) -> Result<Rejeu, Refus> {
        self.run_clos(numero)?;
        let mut rejeu = self.etat.rejeu(numero)?;
        if let (Some(_), Some(Ok(verdict))) = (self.perimetre.liste(), &mut rejeu.dernier) {
            verdict.detail = None;
        }
        Ok(rejeu)
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

    /// Whether an agent has a career here that can be read. One who left the pool is still in
    /// closed months.
    pub fn connait(&self, agent: &str) -> bool {
        self.facts(agent).is_ok()
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

    /// One payslip with what stands around it, by a single computation.
    pub async fn feuille(
        &self,
        (agent, contrat): (&str, &str),
        mois: PayPeriod,
    ) -> Result<Feuille, Refus> {
        let vu = self.mois_vu(mois)?;
        let calcule = self.looked(agent, &vu, None).await?;
        let bulletins = calcule.bulletins(&self.employeur);
        let contrats = bulletins.iter().map(|one| one.agent.contrat.clone()).collect();
        let bulletin = bulletins.into_iter().find(|one| one.agent.contrat == contrat);
        let empechements = match bulletin {
            Some(_) => Vec::new(),
            None => self.empechements(&calcule, contrat)?,
        };
        let (avant, apres) = self.voisins((agent, contrat), mois);
        let identity = &calcule.looked.facts.agent.identity;
        let (nom, prenom) = (identity.nom().to_owned(), identity.prenom().to_owned());
        Ok(Feuille { mois: vu, nom, prenom, bulletin, empechements, contrats, avant, apres })
    }

    /// Why a contract has no payslip; `Introuvable`: it has no row here.
    fn empechements(
        &self,
        calcule: &Calcule,
        contrat: &str,
    ) -> Result<Vec<bulletin::Remarque>, Refus> {
        let (looked, siret) = (&calcule.looked, self.siret());
        let mine = |of: &Option<String>| of.as_deref().is_none_or(|found| found == siret.as_str());
        let errors = looked.findings.iter().filter(|one| one.is_error() && mine(&one.siret));
        let read = looked.facts.carrieres.iter();
        let mut read = read.filter(|row| row.siret == siret).map(|row| &*row.contrat);
        let refused = errors.clone().filter(|one| one.siret.is_some());
        let mut refused = refused.filter_map(|one| one.contrat.as_deref());
        if !read.any(|one| one == contrat) && !refused.any(|one| one == contrat) {
            return Err(Refus::Introuvable);
        }
        Ok(errors.map(|one| remarques::of(one, Some(siret))).collect())
    }

    /// The months before and after one, among those that have a day of a contract.
    fn voisins(
        &self,
        (agent, contrat): (&str, &str),
        mois: PayPeriod,
    ) -> (Option<PayPeriod>, Option<PayPeriod>) {
        // An agent who left the pool is still in closed months, and nothing says in which.
        let Ok(facts) = self.facts(agent) else { return (None, None) };
        let here = |vu: &MoisVu| contracts_in(&facts, vu.mois).iter().any(|one| one == contrat);
        let months: Vec<PayPeriod> =
            self.mois().iter().filter(|vu| here(vu)).map(|vu| vu.mois).collect();
        let before = months.iter().filter(|one| **one < mois).max();
        let after = months.iter().filter(|one| **one > mois).min();
        (before.copied(), after.copied())
    }

    /// Why a line of a payslip has its amount.
    pub async fn explication(
        &self,
        (agent, contrat): (&str, &str),
        mois: PayPeriod,
        cible: &ExplainTarget,
    ) -> Result<LigneExpliquee, Refus> {
        let calcule = self.calcule(agent, mois, None).await?;
        let slip = calcule.slip(self.siret(), contrat).ok_or(Refus::Introuvable)?;
        let (program, facts) = (calcule.program(), &calcule.looked.facts);
        let month = self.vu_par(&calcule, facts);
        let told = month.explain(slip, cible).filter(|told| told.explication.connu);
        let raisons = told.ok_or(Refus::Introuvable)?;
        let items = preview::items(program, cible);
        let item = items.first().and_then(|at| program.items.get(*at));
        let identity = &facts.agent.identity;
        Ok(LigneExpliquee {
            agent: format!("{} {}", identity.prenom(), identity.nom()),
            libelle: item.map_or_else(|| cible.nom.clone(), |item| item.libelle.clone()),
            cotisation: item.is_some_and(|item| item.sides.is_some()),
            raisons,
        })
    }

    /// What changes would make of a payslip of the open month. Nothing is stored.
    pub async fn simulation(
        &self,
        (agent, contrat): (&str, &str),
        changements: &[Change],
    ) -> Result<Simulation, RefusSimulation> {
        let mois = self.ouvert();
        let vu = self.mois_vu(mois)?;
        // Before anything else: an agent of others is not there, whatever the change is.
        let calcule = self.looked(agent, &vu, None).await?;
        let Some(avant) = self.un_bulletin(&calcule, contrat) else {
            self.empechements(&calcule, contrat)?;
            return Err(Refus::Impossible(mots::INCALCULABLE.to_owned()).into());
        };
        let mut facts = self.etat.facts(agent).ok_or(Refus::Introuvable)?;
        let who = Contrat {
            rules: calcule.rules(),
            program: calcule.program(),
            siret: Some(self.employeur.siret.as_str()),
            contrat: Some(contrat),
        };
        let each = changements.iter().enumerate();
        let refused: Vec<(usize, ChangeError)> = each
            .filter_map(|(at, change)| {
                preview::apply(&mut facts, change, &who).err().map(|error| (at, error))
            })
            .collect();
        if !refused.is_empty() {
            return Err(RefusSimulation::Champs(refused));
        }
        let calcule = self.looked(agent, &vu, Some(Tried::Mois(Box::new(facts)))).await?;
        let apres = self.un_bulletin(&calcule, contrat);
        let apres = apres.ok_or(Refus::Impossible(mots::RIEN_A_PAYER.to_owned()))?;
        let ecarts = bulletin::diff(&avant, &apres);
        Ok(Simulation { avant, apres, ecarts })
    }

    fn un_bulletin(&self, calcule: &Calcule, contrat: &str) -> Option<Bulletin> {
        let all = calcule.bulletins(&self.employeur);
        all.into_iter().find(|one| one.agent.contrat == contrat)
    }

    /// What a change of the open month may name.
    pub fn listes(&self) -> Arc<Listes> {
        self.etat.listes()
    }

    /// The children of an agent in the open month, and how many of them in alternating residence.
    pub fn enfants(&self, agent: &str) -> Result<(i64, i64), Refus> {
        let facts = self.facts(agent)?;
        let day = self.ouvert().first_day();
        let row = in_force(&facts.familles, day, self.etat.known_on());
        Ok(row.map_or((0, 0), |row| (row.enfants, row.enfants_alternes)))
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

    /// Computes the month of an agent that has a contract here in it.
    async fn calcule(
        &self,
        agent: &str,
        mois: PayPeriod,
        tried: Option<Tried>,
    ) -> Result<Calcule, Refus> {
        let calcule = self.looked(agent, &self.mois_vu(mois)?, tried).await?;
        match calcule.looked.slips.iter().any(|slip| slip.prepared.siret == self.siret()) {
            true => Ok(calcule),
            false => Err(Refus::Introuvable),
        }
    }

    /// Computes the month of an agent. Those of a closed month are not all of this employer: what
    /// is read of the answer must be.
    async fn looked(
        &self,
        agent: &str,
        vu: &MoisVu,
        tried: Option<Tried>,
    ) -> Result<Calcule, Refus> {
        self.asked(Job { tried, ..Job::new(agent) }, vu).await
    }

    /// The same, whatever is asked of the month.
    async fn asked(&self, job: Job, vu: &MoisVu) -> Result<Calcule, Refus> {
        let agent = &job.agent;
        let source = self.etat.source(self.siret(), vu);
        // Who has no row here is not there, but for rows that cannot be read: a page says why.
        if let (Source::Pool(_), Err(refus)) = (source, self.facts(agent))
            && !self.etat.carriere_illisible(agent, self.siret())
        {
            return Err(refus);
        }
        self.etat.calcule(source, job).await
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
