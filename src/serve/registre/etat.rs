//! A generation of the pool and of the archive, and the registre that replaces one by the next.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{OnceCell, oneshot};

use crate::archive::{Archive, ArchiveError, Entry, Etat as EtatArchive, Event};
use crate::batch::{self, AtelierError, Job, Looked, RuleShelf};
use crate::bulletin::{Cents, Remarque};
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::{AgentFacts, Employeur, PoolFile, Siret, Word};
use crate::io::{PoolFinding, PoolImage, PoolStamp};
use crate::rulebook::Rules;

use super::atelier::{self, Ateliers, Calcule, Source};
use super::donnees::{ContratDuMois, DerogationVue, EtatMois, MoisVu, RunClos, Tableau, Totaux};
use super::listes::Listes;
use super::rejeu::{Rejeu, Rejeux};
use super::vue::Vue;
use super::{Refus, a_part, remarques, tableau};
use crate::serve::droits::Perimetre;
use crate::serve::saisie::Referentiel;

/// How often the files of the pool and the head of the archive are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Months of an agent that can be seen without an archive, the open one included.
const WITHOUT_ARCHIVE: usize = 12;

/// What the registre reads.
#[derive(Clone)]
pub struct Reglages {
    /// The pool folder.
    pub pool: PathBuf,
    /// The archive; it may not exist yet.
    pub archive: Option<PathBuf>,
    /// The checked rules.
    pub rules: Arc<Rules>,
    /// What is known.
    pub known_on: KnownOn,
    /// Whether months beyond the verified horizon are computed.
    pub au_dela: bool,
    /// The open month; none: after the last closed one, else `aujourd_hui`.
    pub mois: Option<PayPeriod>,
    /// The month of today.
    pub aujourd_hui: PayPeriod,
    /// Threads that compute a month; none: as many as there are cores.
    pub threads: Option<usize>,
}

/// Why the registre cannot start.
#[derive(Debug, thiserror::Error)]
pub enum RegistreError {
    /// The pool cannot be read.
    #[error("the pool cannot be read")]
    Pool(Vec<PoolFinding>),
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// The pool as pages see it, from generation to generation.
pub struct Registre {
    reglages: Arc<Reglages>,
    /// Rules and compiled months, which last longer than a generation.
    shelf: Arc<RuleShelf>,
    /// What was computed again, which lasts as well.
    rejeux: Arc<Rejeux>,
    courant: RwLock<Arc<Etat>>,
    /// Who reads a new generation; one at a time.
    lecture: tokio::sync::Mutex<()>,
    /// Who computes the tables of the open month; one at a time.
    preparation: tokio::sync::Mutex<()>,
    /// Why the files that are there now cannot be read, while the former generation stands.
    illisible: Mutex<Option<String>>,
    /// What variable elements may name, by month; it depends on the rules alone.
    referentiels: Mutex<BTreeMap<PayPeriod, Arc<Referentiel>>>,
}

impl Registre {
    /// Reads the pool and the archive.
    ///
    /// Errors: one of them cannot be read.
    pub fn open(reglages: Reglages) -> Result<Self, RegistreError> {
        let reglages = Arc::new(reglages);
        let shelf = Arc::new(RuleShelf::default());
        let rejeux = Arc::new(Rejeux::new(&shelf));
        let etat = Etat::read(&reglages, &shelf, &rejeux)?;
        Ok(Self {
            reglages,
            shelf,
            rejeux,
            courant: RwLock::new(Arc::new(etat)),
            lecture: tokio::sync::Mutex::new(()),
            preparation: tokio::sync::Mutex::new(()),
            illisible: Mutex::new(None),
            referentiels: Mutex::default(),
        })
    }

    /// What an account may see, of the current generation.
    pub fn vue(&self, perimetre: &Perimetre) -> Vue {
        Vue::new(self.etat(), perimetre.clone())
    }

    /// The employers of the pool by SIRET, for who gives scopes; no pay data.
    pub fn noms_des_employeurs(&self) -> Vec<(Siret, String)> {
        self.etat().employeurs().map(|one| (one.siret, one.nom.clone())).collect()
    }

    /// Why the files of now cannot be read, while pages show those of before.
    pub fn illisible(&self) -> Option<String> {
        self.illisible.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What variable elements may name in a month.
    ///
    /// Errors: the rules do not check.
    pub fn referentiel(&self, mois: PayPeriod) -> Result<Arc<Referentiel>, Refus> {
        let Some(book) = &self.reglages.rules.book else {
            return Err(Refus::Impossible(super::mots::REGLES.to_owned()));
        };
        let mut known = self.referentiels.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || Arc::new(Referentiel::du_mois(book, mois, self.reglages.known_on));
        Ok(Arc::clone(known.entry(mois).or_insert_with(read)))
    }

    fn etat(&self) -> Arc<Etat> {
        Arc::clone(&self.courant.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the files for as long as the server runs, and reads what has changed.
    pub async fn suivre(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.relire().await;
        }
    }

    /// Reads the pool and the archive again if they have changed; they are current when it returns.
    pub async fn relire(self: &Arc<Self>) {
        let _one = self.lecture.lock().await;
        let registre = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let former = registre.etat();
            let Registre { reglages, shelf, rejeux, .. } = &*registre;
            former.is_stale(reglages).then(|| Etat::read(reglages, shelf, rejeux))
        });
        let outcome = match read.await {
            Ok(None) => return,
            Ok(Some(Ok(etat))) => {
                *self.courant.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(etat);
                let registre = Arc::clone(self);
                tokio::spawn(async move { registre.prepare().await });
                None
            }
            Ok(Some(Err(_))) | Err(_) => Some(super::mots::POOL_ILLISIBLE.to_owned()),
        };
        *self.illisible.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }

    /// Computes the tables of the open month ahead of the pages that show them.
    ///
    /// One generation at a time, the one that is current when its turn comes: when rows are stored
    /// every second, those in between are neither computed nor kept.
    pub async fn prepare(&self) {
        let _one = self.preparation.lock().await;
        self.etat().prepare().await;
    }
}

/// Rows of the open month, by employer and agent.
type Rows = BTreeMap<(Siret, Word), Vec<ContratDuMois>>;

type Tables = HashMap<(Siret, PayPeriod), Arc<OnceCell<Arc<Tableau>>>>;

/// One generation.
pub struct Etat {
    image: Arc<PoolImage>,
    archive: Option<Archive>,
    rejeux: Arc<Rejeux>,
    ouvert: PayPeriod,
    employeurs: BTreeMap<Siret, Arc<Employeur>>,
    ateliers: Ateliers,
    tableaux: Mutex<Tables>,
    /// What a change of the open month may name; the rules give it, once.
    listes: OnceLock<Arc<Listes>>,
    reglages: Arc<Reglages>,
    /// Whether the tables of the open month were computed, or are being so.
    preparee: OnceLock<()>,
    /// Why the open month cannot be computed, once it was tried.
    refus: OnceLock<Refus>,
}

impl Etat {
    fn read(
        reglages: &Arc<Reglages>,
        shelf: &Arc<RuleShelf>,
        rejeux: &Arc<Rejeux>,
    ) -> Result<Self, RegistreError> {
        let image = Arc::new(PoolImage::open(&reglages.pool).map_err(RegistreError::Pool)?);
        let path = reglages.archive.as_ref().filter(|path| path.exists());
        let archive = path.map(Archive::open).transpose()?;
        let each = image.context().employeurs().clone().into_iter();
        let employeurs = each.map(|(siret, one)| (siret, Arc::new(one))).collect();
        let closed = |archive: &Archive| {
            let all_closed = |mois: &PayPeriod| {
                archive.employers(*mois).all(|(_, state)| state.etat == EtatArchive::Clos)
            };
            archive.months().rev().find(all_closed).map(PayPeriod::next)
        };
        let after = archive.as_ref().and_then(closed);
        let ouvert = reglages.mois.or(after).unwrap_or(reglages.aujourd_hui);
        let ateliers = Ateliers::new((reglages, shelf), &image, archive.clone());
        let (rejeux, reglages) = (Arc::clone(rejeux), Arc::clone(reglages));
        Ok(Self {
            image,
            archive,
            rejeux,
            ouvert,
            employeurs,
            ateliers,
            tableaux: Mutex::default(),
            listes: OnceLock::new(),
            preparee: OnceLock::new(),
            refus: OnceLock::new(),
            reglages,
        })
    }

    /// Whether files or the archive are no longer what was read.
    fn is_stale(&self, reglages: &Reglages) -> bool {
        let archive = match (&self.archive, &reglages.archive) {
            (Some(archive), _) => !archive.is_current(),
            (None, Some(path)) => path.exists(),
            (None, None) => false,
        };
        archive || PoolStamp::of(&reglages.pool) != *self.image.stamp()
    }

    /// The open month.
    pub fn ouvert(&self) -> PayPeriod {
        self.ouvert
    }

    /// What is known of the pool.
    pub fn known_on(&self) -> KnownOn {
        self.reglages.known_on
    }

    /// What a change of the open month may name.
    pub fn listes(&self) -> Arc<Listes> {
        let Reglages { rules, known_on, .. } = &*self.reglages;
        let fresh = || Arc::new(Listes::du_mois(rules, self.ouvert, *known_on));
        Arc::clone(self.listes.get_or_init(fresh))
    }

    /// An employer of the pool.
    pub fn employeur(&self, siret: Siret) -> Option<Arc<Employeur>> {
        self.employeurs.get(&siret).cloned()
    }

    /// Every employer of the pool.
    pub fn employeurs(&self) -> impl Iterator<Item = &Arc<Employeur>> {
        self.employeurs.values()
    }

    /// The agents with a career at an employer, in the order of `agents.csv`.
    pub fn agents_de(&self, siret: Siret) -> &[Word] {
        self.image.agents_of(siret)
    }

    /// What the rows of an agent say.
    pub fn facts(&self, agent: &str) -> Option<AgentFacts> {
        self.image.facts(agent).map(|parsed| parsed.facts)
    }

    /// Whether a row of career of an agent with an employer cannot be read.
    pub fn carriere_illisible(&self, agent: &str, siret: Siret) -> bool {
        let of_career = |one: &PoolFinding| {
            one.fichier == PoolFile::Carrieres.name()
                && one.is_error()
                && one.siret.as_deref() == Some(siret.as_str())
        };
        self.image.facts(agent).is_some_and(|parsed| parsed.findings.iter().any(of_career))
    }

    /// Findings about files, headers, employers, and rows of nobody.
    pub fn remarques_du_pool(&self) -> Vec<Remarque> {
        self.image.findings().iter().map(|finding| remarques::of(finding, None)).collect()
    }

    /// How a month stands for an employer.
    pub fn mois_vu(&self, siret: Siret, mois: PayPeriod) -> MoisVu {
        let state = self.archive.as_ref().map(|archive| archive.state(mois, siret.as_str()));
        let etat = state.as_ref().map_or(EtatMois::Ouvert, |state| etat_of(state.etat));
        let entry = state.and_then(|state| state.entry);
        let par = entry.map(|entry| (entry.qui.clone(), entry.quand.clone()));
        MoisVu { mois, etat, par }
    }

    /// The months of an employer, the latest first: the open one, then the closed ones; without
    /// an archive, those of the year before.
    pub fn mois(&self, siret: Siret) -> Vec<MoisVu> {
        let mut found = vec![self.mois_vu(siret, self.ouvert)];
        match &self.archive {
            Some(archive) => {
                let months = archive.months().rev().filter(|mois| *mois != self.ouvert);
                let months = months.map(|mois| self.mois_vu(siret, mois));
                found.extend(months.filter(|vu| vu.etat == EtatMois::Clos));
                found.sort_by_key(|vu| std::cmp::Reverse(vu.mois));
            }
            None => {
                let months = std::iter::successors(Some(self.ouvert), |mois| Some(mois.previous()));
                let months = months.take(WITHOUT_ARCHIVE).skip(1);
                found.extend(months.map(|mois| self.mois_vu(siret, mois)));
            }
        }
        found
    }

    /// Where a month of an employer is computed from.
    pub fn source(&self, siret: Siret, vu: &MoisVu) -> Source {
        let archive = self.archive.as_ref().filter(|_| vu.etat == EtatMois::Clos);
        let entry = archive.and_then(|archive| archive.calcul(vu.mois, siret.as_str()));
        entry.map_or(Source::Pool(vu.mois), |entry| Source::Run(entry.numero))
    }

    /// The month of an agent.
    pub async fn calcule(&self, source: Source, job: Job) -> Result<Calcule, Refus> {
        atelier::calcule(&self.ateliers.get(source).await?, job).await
    }

    /// The closed run before `until` that last computed a month of a contract, and whether it is
    /// the run of that very month; none when none did.
    pub async fn dernier_calcul(
        &self,
        agent: &str,
        (siret, contrat): (Siret, &Word),
        origine: PayPeriod,
        until: PayPeriod,
    ) -> Result<Option<(Source, bool)>, Refus> {
        let Some(archive) = self.archive.clone() else { return Ok(None) };
        let (agent, contrat) = (agent.to_owned(), Word::clone(contrat));
        let look = move || {
            let contract = (agent.as_str(), siret, &contrat);
            let entry = batch::last_run_of(&archive, contract, origine, until);
            let entry = entry.map_err(|error| atelier::refus_of(error.into()))?;
            let own = |mois: &str| mois == origine.to_string();
            Ok(entry.map(|one| (Source::Run(one.numero), own(one.evenement.mois()))))
        };
        a_part(look).await
    }

    /// The table of a month of an employer.
    pub async fn tableau(
        self: &Arc<Self>,
        employeur: &Arc<Employeur>,
        vu: MoisVu,
    ) -> Result<Arc<Tableau>, Refus> {
        let cell = self.cell(employeur.siret, vu.mois);
        let table = || async { self.fresh(employeur, vu).await.map(Arc::new) };
        cell.get_or_try_init(table).await.cloned()
    }

    fn cell(&self, siret: Siret, mois: PayPeriod) -> Arc<OnceCell<Arc<Tableau>>> {
        let mut all = self.tableaux.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((siret, mois)).or_default())
    }

    async fn fresh(
        self: &Arc<Self>,
        employeur: &Arc<Employeur>,
        vu: MoisVu,
    ) -> Result<Tableau, Refus> {
        let siret = employeur.siret;
        if vu.etat == EtatMois::Clos && self.archive.is_some() {
            // A table of the archive is read whole: other pages go on meanwhile.
            let etat = Arc::clone(self);
            return a_part(move || etat.closed(siret, vu)).await;
        }
        let atelier = self.ateliers.get(Source::Pool(vu.mois)).await?;
        let mut contrats: Vec<ContratDuMois> = Vec::new();
        for agent in self.agents_de(siret) {
            let found = atelier::calcule(&atelier, Job::new(agent)).await?;
            contrats.extend(tableau::rows(agent, &found.looked, found.program(), employeur));
        }
        Ok(self.table(siret, vu, contrats))
    }

    /// The table of a closed month, as it was paid.
    fn closed(&self, siret: Siret, vu: MoisVu) -> Result<Tableau, Refus> {
        let archive = self.archive.as_ref().ok_or(Refus::Introuvable)?;
        let book = self.reglages.rules.book.as_ref();
        let libelle = |code: &str| {
            let items = book?.book().items.iter().filter(|item| item.code == code);
            remarques::libelle_commun(items.map(|item| item.libelle.as_str()))
        };
        tableau::closed(archive, siret, vu, (&|agent| self.nom(agent), &libelle))
    }

    /// A table, with what is found about the employer itself.
    fn table(&self, siret: Siret, vu: MoisVu, contrats: Vec<ContratDuMois>) -> Tableau {
        let about = |finding: &&PoolFinding| {
            finding.agent.is_none() && finding.siret.as_deref() == Some(siret.as_str())
        };
        let own = self.image.findings().iter().filter(about);
        let own = own.map(|finding| remarques::of(finding, Some(siret))).collect();
        tableau::of(vu, contrats, own)
    }

    fn nom(&self, agent: &str) -> Option<(String, String)> {
        let identity = self.facts(agent)?.agent.identity;
        Some((identity.nom().to_owned(), identity.prenom().to_owned()))
    }

    fn ready(&self, siret: Siret, mois: PayPeriod) -> Option<Arc<Tableau>> {
        let all = self.tableaux.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&(siret, mois))?.get().cloned()
    }

    /// The sums of the open month of an employer, when they are at hand.
    pub fn totaux_prets(&self, siret: Siret) -> Option<Totaux> {
        self.ready(siret, self.ouvert).map(|table| table.totaux)
    }

    /// Why the open month cannot be computed, for some employer at least; none when it can, or was
    /// not tried yet.
    pub fn calcul_refuse(&self) -> Option<Refus> {
        self.refus.get().cloned()
    }

    /// Gross and net of a contract, when they are at hand.
    pub fn montants_prets(
        &self,
        siret: Siret,
        mois: PayPeriod,
        (agent, contrat): (&str, &str),
    ) -> Option<(Cents, Cents)> {
        let table = self.ready(siret, mois)?;
        let mut rows = table.contrats.iter();
        let row = rows.find(|row| row.agent == agent && row.contrat == contrat)?;
        row.brut.zip(row.net_a_payer)
    }

    /// Computes the tables of the open month, when nobody waits for another page.
    async fn prepare(self: Arc<Self>) {
        if self.preparee.set(()).is_err() {
            return;
        }
        let atelier = match self.ateliers.get(Source::Pool(self.ouvert)).await {
            Ok(atelier) => atelier,
            Err(refus) => {
                // Said once: a generation is prepared once.
                drop(self.refus.set(refus));
                return;
            }
        };
        let found: Arc<Mutex<Rows>> = Arc::default();
        let missed: Arc<Mutex<BTreeSet<Word>>> = Arc::default();
        let (etat, rows, lost) = (Arc::clone(&self), Arc::clone(&found), Arc::clone(&missed));
        let program = Arc::clone(atelier.program());
        let each = move |agent: &str, looked: Result<&Looked, &AtelierError>| {
            let Ok(looked) = looked else {
                lost.lock().unwrap_or_else(PoisonError::into_inner).insert(agent.into());
                return;
            };
            for employeur in etat.employers_of(looked) {
                let mine = tableau::rows(agent, looked, &program, &employeur);
                let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                rows.entry((employeur.siret, agent.into())).or_default().extend(mine);
            }
        };
        let (finished, done) = oneshot::channel();
        atelier.survey(each, move |whole| {
            // Nobody listens when the generation was replaced meanwhile.
            let _ = finished.send(whole);
        });
        if done.await != Ok(true) {
            return;
        }
        let missed = std::mem::take(&mut *missed.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(agent) = missed.first()
            && let Err(refus) = atelier::calcule(&atelier, Job::new(agent)).await
        {
            drop(self.refus.set(refus));
        }
        let mut rows = found.lock().unwrap_or_else(PoisonError::into_inner);
        for siret in self.employeurs.keys() {
            // A table that lacks an agent would pass for whole: the page of the employer says why.
            if self.agents_de(*siret).iter().any(|agent| missed.contains(agent)) {
                continue;
            }
            let vu = self.mois_vu(*siret, self.ouvert);
            if vu.etat == EtatMois::Clos {
                continue;
            }
            let agents = self.agents_de(*siret).iter();
            let mine = agents.filter_map(|agent| rows.remove(&(*siret, agent.clone())));
            let table = self.table(*siret, vu, mine.flatten().collect());
            // A page that was faster has the same table.
            drop(self.cell(*siret, self.ouvert).set(Arc::new(table)));
        }
    }

    /// The employers of the pool that an agent was computed or refused for.
    fn employers_of(&self, looked: &Looked) -> Vec<Arc<Employeur>> {
        let paid = looked.slips.iter().map(|slip| slip.prepared.siret);
        let refused = looked.findings.iter().filter(|finding| finding.is_error());
        let refused = refused.filter_map(|finding| Siret::parse(finding.siret.as_deref()?));
        let sirets: BTreeSet<Siret> = paid.chain(refused).collect();
        sirets.into_iter().filter_map(|siret| self.employeur(siret)).collect()
    }

    /// The runs of closed months, the latest month first, with the employers that `seen` accepts.
    pub fn runs_clos(&self, seen: impl Fn(Siret) -> bool) -> Vec<RunClos> {
        let Some(archive) = &self.archive else { return Vec::new() };
        let runs = crate::batch::replay::entries(archive, |_| true, true);
        let each = |entry: &&Entry| {
            let calcul = entry.calcul()?;
            let mois = PayPeriod::parse(&calcul.mois).ok()?;
            let mine = archive.employers(mois).filter_map(|(text, state)| {
                let siret = Siret::parse(text).filter(|siret| seen(*siret))?;
                let run = archive.calcul(mois, text)?;
                let nom = self.employeur(siret).map_or(String::new(), |one| one.nom.clone());
                (run.numero == entry.numero).then(|| (siret, nom, etat_of(state.etat)))
            });
            let employeurs: Vec<_> = mine.collect();
            (!employeurs.is_empty()).then(|| RunClos {
                numero: entry.numero,
                mois,
                quand: entry.quand.clone(),
                qui: entry.qui.clone(),
                connu_le: calcul.connu_le.clone(),
                programme: calcul.programme.clone(),
                empreinte_resultats: calcul.empreinte_resultats.clone(),
                empreinte_regles: calcul.empreinte_regles.clone(),
                empreinte_entree: entry.empreinte.clone(),
                employeurs,
            })
        };
        runs.iter().rev().filter_map(each).collect()
    }

    /// The waivers of a month for the employers that `seen` accepts, in the order they were given.
    pub fn derogations(&self, mois: PayPeriod, seen: impl Fn(Siret) -> bool) -> Vec<DerogationVue> {
        let each = |entry: &Entry| {
            let Event::Derogation { siret, agent, contrat, controle, motif, .. } = &entry.evenement
            else {
                return None;
            };
            let siret = Siret::parse(siret).filter(|siret| seen(*siret))?;
            Some(DerogationVue {
                quand: entry.quand.clone(),
                qui: entry.qui.clone(),
                siret,
                employeur: self.employeur(siret).map_or(String::new(), |one| one.nom.clone()),
                agent: agent.clone(),
                contrat: contrat.clone(),
                controle: controle.clone(),
                motif: motif.clone(),
            })
        };
        let archive = self.archive.iter();
        archive.flat_map(|archive| archive.derogations(mois)).filter_map(each).collect()
    }

    /// What is known of the replay of a run.
    pub fn rejeu(&self, numero: u64) -> Result<Rejeu, Refus> {
        let archive = self.archive.as_ref().ok_or(Refus::Introuvable)?;
        Ok(self.rejeux.de(archive.entry(numero).ok_or(Refus::Introuvable)?))
    }

    /// Starts the replay of a run, unless one is under way.
    pub fn rejouer(&self, numero: u64, demande: i64) -> Result<(), Refus> {
        let archive = self.archive.as_ref().ok_or(Refus::Introuvable)?;
        let entry = archive.entry(numero).ok_or(Refus::Introuvable)?;
        self.rejeux.lancer(archive, entry, demande);
        Ok(())
    }
}

fn etat_of(etat: EtatArchive) -> EtatMois {
    match etat {
        EtatArchive::Absent => EtatMois::Ouvert,
        EtatArchive::Prepare => EtatMois::Prepare,
        EtatArchive::Valide => EtatMois::Valide,
        EtatArchive::Clos => EtatMois::Clos,
    }
}

#[cfg(test)]
mod tests;
