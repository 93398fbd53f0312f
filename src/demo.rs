//! Invented pools: believable employers and agents, written as the CSV files of a pool folder.
//!
//! A pool is a pure function of its [`DemoSpec`]: the same specification gives the same bytes for
//! ever. Nobody in it exists: names are drawn at random, communes are made up, the bank is `99999`
//! and the order numbers of the NIR are out of the usual range; but every key is right, every
//! grade and échelon is in the grids, and every row is meant to be accepted without an anomaly.
//!
//! Rows come out in one order in every file: employers one after the other, the agents of each in
//! the order of `agents.csv`; a reader merges the files in one pass. An agent who also works for a
//! second employer stands once, with the first, and all its contracts follow each other.
//!
//! A pool may be that of one month, or of months in a row ([`DemoSpec::historique`]): then each row
//! says when the pool learns it, and a part is late or corrected.
//!
//! May import: `num`, `calendar`. Must not know: rules, the engine, the disk (the caller opens the
//! files), the clock.

mod absence;
mod agent;
mod career;
mod elements;
mod elus;
mod employer;
mod family;
mod grades;
mod history;
mod keys;
mod occasions;
mod plan;
mod post;
mod prng;
mod situation;
mod special;
mod table;
mod words;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::calendar::PayPeriod;
use agent::Agent;
use employer::Employer;
use plan::Plan;
use post::Post;
use prng::Prng;
use table::Table;

/// What to invent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSpec {
    /// How many employers.
    pub employeurs: u32,
    /// How many agents, over all employers; an employer may be left with none when there are
    /// fewer agents than employers.
    pub agents: u32,
    /// The seed.
    pub graine: u64,
    /// The month whose variable elements, entries and exits are invented; from 2024-04, the last
    /// date at which a grid used here changed.
    pub mois: PayPeriod,
    /// How many months, the last of which is `mois`, the facts cover; 0 or 1: that month alone.
    /// With more, each row says when the pool learns it, and some are learned late.
    pub historique: u32,
}

impl DemoSpec {
    /// The first month that the facts cover.
    pub fn first_month(&self) -> PayPeriod {
        history::Span::ending(self.mois, self.historique).first
    }

    /// Whether the grids used here have known échelons over all the months asked for.
    pub fn is_covered(&self) -> bool {
        let first = self.first_month();
        self.historique <= 1 || (first.year(), first.month()) >= history::EARLIEST
    }

    fn span(&self) -> Option<history::Span> {
        (self.historique > 1).then(|| history::Span::ending(self.mois, self.historique))
    }
}

/// What was invented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DemoSummary {
    /// Employers written.
    pub employeurs: u64,
    /// Agents written.
    pub agents: u64,
    /// Contracts; more than agents, since some have two.
    pub contrats: u64,
    /// Data rows, over all files.
    pub lignes: u64,
    /// Bytes, over all files, headers included.
    pub octets: u64,
}

/// The files of a pool, each with the writer it goes to. Writers need no buffer of their own.
pub struct DemoFiles<W: Write> {
    employeurs: Table<W>,
    parametres: Table<W>,
    agents: Table<W>,
    carrieres: Table<W>,
    familles: Table<W>,
    taux_pas: Table<W>,
    elements: Table<W>,
    absences: Table<W>,
    cumuls: Table<W>,
}

impl<W: Write> DemoFiles<W> {
    /// Opens every file of a pool; `open` is called once for each file name.
    pub fn open(mut open: impl FnMut(&str) -> io::Result<W>) -> io::Result<Self> {
        let mut table =
            |name: &str, header: &str| Ok::<_, io::Error>(Table::new(open(name)?, header));
        Ok(Self {
            employeurs: table(
                "employeurs.csv",
                "siret,nom,nature,insee,population,effectif,adresse,code_postal,ville,ape,urssaf",
            )?,
            parametres: table(
                "parametres_employeurs.csv",
                "siret,parametre,depuis,connu_le,valeur,reference",
            )?,
            agents: table("agents.csv", "agent,nir,nom,prenom,naissance,sexe,adresse,iban,bic")?,
            carrieres: table(
                "carrieres.csv",
                "agent,siret,contrat,depuis,fin,connu_le,statut,regime,grade,echelon,\
                 indice_majore,categorie,montant_mensuel,taux_horaire,quotite,\
                 duree_hebdo,temps_partiel_therapeutique,nbi,cti,fonction,taux_indemnite,motif,conclu_le,\
                 groupe_rifseep,loge,surcotisation",
            )?,
            familles: table("familles.csv", "agent,depuis,connu_le,enfants,enfants_alternes")?,
            taux_pas: table("taux_pas.csv", "agent,depuis,connu_le,taux")?,
            elements: table(
                "elements.csv",
                "agent,siret,contrat,rubrique,depuis,fin,connu_le,nombre,base,taux,montant,\
                 montant_paye,mois_origine,libelle",
            )?,
            absences: table(
                "absences.csv",
                "agent,siret,contrat,nature,debut,fin,connu_le,accorde_le,prolongation,heures,\
                 demi_journees,sans_carence,taux",
            )?,
            cumuls: table(
                "cumuls.csv",
                "agent,siret,contrat,annee,rubrique,montant,base,montant_agent,montant_employeur",
            )?,
        })
    }

    fn tables(&mut self) -> [&mut Table<W>; 9] {
        [
            &mut self.employeurs,
            &mut self.parametres,
            &mut self.agents,
            &mut self.carrieres,
            &mut self.familles,
            &mut self.taux_pas,
            &mut self.elements,
            &mut self.absences,
            &mut self.cumuls,
        ]
    }
}

/// The place of one agent in a pool.
struct Place<'a> {
    spec: &'a DemoSpec,
    employer: &'a Employer,
    neighbour: Option<&'a Employer>,
    epci: Option<&'a Employer>,
    number: u32,
    position: u32,
    rank: u32,
}

impl Place<'_> {
    /// Writes everything about the agent; returns the number of contracts.
    fn write<W: Write>(&self, files: &mut DemoFiles<W>) -> io::Result<u64> {
        let (spec, employer) = (self.spec, self.employer);
        let mut rng = Prng::of_item(spec.graine, prng::AGENT, self.number);
        let draw = |rng: &mut Prng, mois| Post::draw(rng, employer, self.position, mois);
        let first = spec.span().map_or(spec.mois, |span| span.first);
        let fresh = rng.clone();
        let post = draw(&mut rng, first);
        let mois = match spec.span() {
            Some(span) => history::reference(&mut rng, &post, span),
            None => spec.mois,
        };
        let agent = Agent { number: self.number, rank: self.rank, post: &post };
        agent.write(&mut rng, employer, mois, &mut files.agents)?;
        let (neighbour, epci) = (self.neighbour, self.epci);
        let case = situation::Case { agent: &agent, employer, neighbour, epci, mois };
        match spec.span() {
            Some(span) => {
                let again = |mois| draw(&mut fresh.clone(), mois);
                let mandates = history::Mandates::of(spec.mois, first, again);
                history::write(&mut rng, &case, span, &mandates, files)
            }
            None => situation::write(&mut rng, &case, files),
        }
    }
}

/// Writes an invented pool, one employer after the other, and says how much it holds.
///
/// Memory: one number per employer and one buffer per file, whatever the number of agents.
pub fn generate<W: Write>(spec: &DemoSpec, mut files: DemoFiles<W>) -> io::Result<DemoSummary> {
    let plan = Plan::new(spec);
    let mut summary = DemoSummary::default();
    let mut number = 0_u32;
    let mut epci = None;
    for index in 0..spec.employeurs {
        let employer = Employer::invent(&plan, index);
        employer.write(&mut files.employeurs)?;
        match spec.span() {
            Some(span) => {
                let table = &mut files.parametres;
                history::write_parameters(spec.graine, &employer, span, table)?;
            }
            None => employer.write_parameters(&mut files.parametres, spec.mois)?,
        }
        let neighbour = employer.neighbour(&plan);
        if index % plan::BLOCK == 0 {
            // The communauté of the block, where some of its mayors have a second mandate.
            epci = (index + 2 < spec.employeurs).then(|| Employer::invent(&plan, index + 2));
        }
        for position in 0..employer.size {
            let place = Place {
                spec,
                employer: &employer,
                neighbour: neighbour.as_ref(),
                epci: epci.as_ref(),
                number,
                position,
                rank: plan.rank(index, position),
            };
            summary.contrats += place.write(&mut files)?;
            number += 1;
        }
    }
    summary.employeurs = u64::from(spec.employeurs);
    summary.agents = u64::from(number);
    for table in files.tables() {
        table.finish()?;
        summary.lignes += table.rows();
        summary.octets += table.bytes();
    }
    Ok(summary)
}
