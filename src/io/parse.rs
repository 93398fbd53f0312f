//! Rows into facts, agent by agent: pure, so that blocks are read in parallel.

use super::columns::{absences, agents, carrieres, cumuls, elements, familles, taux_pas};
use super::finding::{PoolFinding, quoted};
use super::keys::{check_iban, check_nir};
use super::layout::not_utf8;
use super::pool::PoolContext;
use super::row::{Notes, Row, Words};
use super::split::{Cells, cell_range};
use super::stream::{AGENT_FILES, PART_AGENTS, RawBlock};
use crate::calendar::Day;
use crate::diag::Code;
use crate::domain::{
    Absence, Agent, AgentFacts, Carriere, Categorie, Cumul, Element, Famille, Identity, PoolFile,
    Quotite, Regime, RowRef, Siret, Statut, TauxPas, Word, ZoneIr, canonical,
};
use crate::limits::YEARLY_CENTS;
use crate::num::Amount;

mod doubles;

pub(super) use doubles::check_rows;

/// Everything about one agent, and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedAgent {
    /// The rows that could be read.
    pub facts: AgentFacts,
    /// In the order of the files, then of the rows.
    pub findings: Vec<PoolFinding>,
}

impl ParsedAgent {
    /// Whether a finding forbids to pay this agent.
    pub fn is_blocked(&self) -> bool {
        self.findings.iter().any(PoolFinding::is_error)
    }
}

impl RawBlock {
    /// Reads the agents of the block, in order. A wrong row is a finding and stops nothing.
    pub fn parse(&self, context: &PoolContext) -> Vec<ParsedAgent> {
        let mut reading = Reading::new(context);
        (0..self.len()).map(|agent| reading.agent(self, agent)).collect()
    }
}

/// What is kept from agent to agent while a block is read.
pub(super) struct Reading<'c> {
    context: &'c PoolContext,
    pub(super) words: Words,
    cells: Cells,
    /// The last employer met that can be used.
    employeur: Option<Siret>,
}

impl<'c> Reading<'c> {
    pub(super) fn new(context: &'c PoolContext) -> Self {
        Self { context, words: Words::new(), cells: Cells::default(), employeur: None }
    }

    /// For rows of one employer, which is known without being in the context.
    pub(super) fn of_employer(context: &'c PoolContext, siret: Siret) -> Self {
        Self { employeur: Some(siret), ..Self::new(context) }
    }

    /// Reads one agent of a block.
    pub(super) fn agent(&mut self, block: &RawBlock, agent: usize) -> ParsedAgent {
        let (row, line) = block.rows(agent, PART_AGENTS).next().unwrap_or_default();
        let layout = self.context.layout(PART_AGENTS);
        let key =
            layout.map(|layout| cell_range(row, layout.delimiter, layout.position(agents::AGENT)));
        let key = key.and_then(|key| row.get(key)).unwrap_or_default();
        let id: Word = String::from_utf8_lossy(key).into();
        let mut notes = Notes { agent: Some(id.clone()), findings: Vec::new() };
        if let Some(&again) = block.repeats(agent).first() {
            let at = RowRef { file: PoolFile::Agents, line: again };
            let message = format!("the agent is already on line {line}");
            let remede = "keep one of the two rows, or give them different ids";
            let mut finding = PoolFinding::new(Code::E713, at, message, remede);
            finding.agent = Some(id.to_string());
            notes.findings.push(finding);
        }
        let person = self.rows(block, agent, PART_AGENTS, &mut notes, |row, reading| {
            Some(read_agent(row, &id, reading))
        });
        let person = person.into_iter().next().unwrap_or_else(|| Agent {
            id: id.clone(),
            naissance: None,
            departement: None,
            identity: Identity::default(),
            reference: RowRef { file: PoolFile::Agents, line },
        });
        let facts = AgentFacts {
            agent: person,
            carrieres: self.rows(block, agent, 1, &mut notes, read_carriere),
            familles: self.rows(block, agent, 2, &mut notes, read_famille),
            taux_pas: self.rows(block, agent, 3, &mut notes, read_taux_pas),
            elements: self.rows(block, agent, 4, &mut notes, read_element),
            absences: self.rows(block, agent, 5, &mut notes, read_absence),
            cumuls: self.rows(block, agent, 6, &mut notes, read_cumul),
            precedents: Vec::new(),
            partage: self.context.partage(&id).map(|shared| Box::new(shared.clone())),
        };
        check_rows(&facts, &mut notes.findings);
        let findings = notes.findings;
        ParsedAgent { facts, findings }
    }

    /// The rows of one agent in one file; those that are refused are left out.
    fn rows<T>(
        &mut self,
        block: &RawBlock,
        agent: usize,
        part: usize,
        notes: &mut Notes,
        read: impl Fn(&mut Row<'_, '_>, &mut Self) -> Option<T>,
    ) -> Vec<T> {
        let rows = block.rows(agent, part);
        let mut facts = Vec::with_capacity(rows.len());
        let Some(layout) = self.context.layout(part) else { return facts };
        for (bytes, line) in rows {
            let Ok(text) = std::str::from_utf8(bytes) else {
                let file = AGENT_FILES.get(part).copied().unwrap_or(PoolFile::Agents);
                let mut finding = not_utf8(RowRef { file, line }, bytes);
                finding.agent = notes.agent.as_deref().map(str::to_owned);
                notes.findings.push(finding);
                continue;
            };
            let mut cells = std::mem::take(&mut self.cells);
            let closed = cells.split(text, layout.delimiter);
            let mut row = Row::new(text, &cells, layout, line, notes).with_contract_of(part);
            let fact = row
                .check_width(cells.len(), closed)
                .then(|| read(&mut row, self))
                .flatten()
                .filter(|_| !row.failed());
            facts.extend(fact);
            self.cells = cells;
        }
        facts
    }

    /// The employer of a row, which must be in the pool and right.
    fn siret(&mut self, row: &mut Row<'_, '_>, column: usize) -> Option<Siret> {
        let siret = row.siret(column, Code::E711)?;
        if self.employeur == Some(siret) {
            return Some(siret);
        }
        if let Some(at) = self.context.refusal(siret) {
            let message = format!(
                "the employer `{siret}` cannot be used: see {} line {}",
                quoted(at.file.name()),
                at.line
            );
            row.find(Code::E711, message, "mend the row of the employer first");
            return None;
        }
        if self.context.employeur(siret).is_none() {
            let message = format!("the employer `{siret}` is not in `employeurs.csv`");
            row.find(Code::E711, message, "add it to `employeurs.csv`, or correct the SIRET");
            return None;
        }
        self.employeur = Some(siret);
        Some(siret)
    }
}

fn read_agent(row: &mut Row<'_, '_>, id: &Word, reading: &mut Reading<'_>) -> Agent {
    use agents as col;
    let identity = [col::NIR, col::NOM, col::PRENOM, col::SEXE, col::ADRESSE, col::IBAN, col::BIC]
        .map(|column| row.text(column));
    let naissance = row.private_day(col::NAISSANCE);
    check_identity(row, identity);
    Agent {
        id: id.clone(),
        naissance,
        departement: departement_of(row.text(col::ADRESSE)).map(|name| reading.words.get(&name)),
        identity: Identity::new(identity),
        reference: row.reference(),
    }
}

fn check_identity(row: &mut Row<'_, '_>, [nir, _, _, _, _, iban, _]: [&str; 7]) {
    if !nir.is_empty()
        && let Err(error) = check_nir(nir)
    {
        let message = format!("the NIR {}", error.fact());
        row.find(Code::E715, message, "copy it again: 13 characters, or 15 with its key");
    }
    if !iban.is_empty()
        && let Err(error) = check_iban(iban)
    {
        let message = format!("the IBAN {}", error.fact());
        row.find(Code::E716, message, "copy it again from the bank details of the agent");
    }
}

/// The department of the last postal code of an address.
pub(super) fn departement_of(address: &str) -> Option<String> {
    let is_code = |word: &&str| word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = address.rsplit(|c: char| !c.is_alphanumeric()).find(is_code)?;
    let department = match code.get(..2)? {
        "97" | "98" => code.get(..3)?,
        "20" if code < "20200" => "2A",
        "20" => "2B",
        two => two,
    };
    Some(department.to_owned())
}

pub(super) fn read_carriere(row: &mut Row<'_, '_>, reading: &mut Reading<'_>) -> Option<Carriere> {
    use carrieres as col;
    let siret = reading.siret(row, col::SIRET);
    let words = &mut reading.words;
    let contrat = row.needed_word(col::CONTRAT, words);
    let dated = row.dated(col::DEPUIS, col::FIN, col::CONNU_LE);
    let statut = row.needed_choice(col::STATUT, Statut::from_name, Statut::NAMES);
    let rest = Carriere {
        siret: siret.unwrap_or(Siret::NONE),
        contrat: contrat.clone().unwrap_or_else(|| words.get("")),
        dated: dated?,
        statut: statut?,
        regime: row.choice(col::REGIME, Regime::from_name, Regime::NAMES),
        grade: row.word(col::GRADE, words),
        echelon: row.word(col::ECHELON, words),
        indice_brut: row.word(col::INDICE_BRUT, words),
        indice_majore: row.count(col::INDICE_MAJORE),
        categorie: row.choice(col::CATEGORIE, Categorie::from_name, Categorie::NAMES),
        montant_mensuel: row.fixed(col::MONTANT_MENSUEL, 2),
        taux_horaire: row.fixed(col::TAUX_HORAIRE, 4),
        quotite: row.quotite(col::QUOTITE).unwrap_or(Quotite::FULL),
        duree_hebdo: row.duree_hebdo(col::DUREE_HEBDO),
        temps_partiel_therapeutique: row.quotite(col::TEMPS_PARTIEL_THERAPEUTIQUE),
        nbi: row.count(col::NBI).unwrap_or(0),
        zone_ir: row.choice(col::ZONE_IR, zone, ZoneIr::NAMES),
        cti: row.count(col::CTI).unwrap_or(0),
        fonction: row.word(col::FONCTION, words),
        taux_indemnite: row.rate(col::TAUX_INDEMNITE, 2),
        motif: row.word(col::MOTIF, words),
        conclu_le: row.day(col::CONCLU_LE),
        groupe_rifseep: row.count(col::GROUPE_RIFSEEP),
        loge: row.yes(col::LOGE),
        surcotisation: row.yes(col::SURCOTISATION),
    };
    siret.and(contrat).map(|_| rest)
}

/// A zone by its name or its bare number.
pub(super) fn zone(text: &str) -> Option<ZoneIr> {
    match text {
        "1" => Some(ZoneIr::Zone1),
        "2" => Some(ZoneIr::Zone2),
        "3" => Some(ZoneIr::Zone3),
        name => ZoneIr::from_name(name),
    }
}

pub(super) fn read_famille(row: &mut Row<'_, '_>, _: &mut Reading<'_>) -> Option<Famille> {
    use familles as col;
    let dated = row.dated(col::DEPUIS, col::FIN, col::CONNU_LE);
    let enfants = row.needed(col::ENFANTS).and_then(|_| row.count(col::ENFANTS));
    let enfants_alternes = row.count(col::ENFANTS_ALTERNES).unwrap_or(0);
    let famille = Famille { dated: dated?, enfants: enfants?, enfants_alternes };
    if famille.enfants_alternes > famille.enfants {
        let message = format!(
            "`enfants_alternes` is {enfants_alternes}, above `enfants` which is {}",
            famille.enfants
        );
        let remede = "`enfants` counts every child, those in alternating residence included";
        row.find(Code::E705, message, remede);
    }
    Some(famille)
}

pub(super) fn read_taux_pas(row: &mut Row<'_, '_>, _: &mut Reading<'_>) -> Option<TauxPas> {
    use taux_pas as col;
    let dated = row.dated(col::DEPUIS, col::FIN, col::CONNU_LE);
    let taux = row.rate(col::TAUX, 1);
    if let Some(taux) = taux.filter(|taux| taux.mantissa() < 0) {
        let message = format!("`taux` is `{taux}`: a tax rate is not negative");
        row.find(Code::E705, message, "write a decimal fraction such as 0.031");
    }
    Some(TauxPas { dated: dated?, taux })
}

pub(super) fn read_element(row: &mut Row<'_, '_>, reading: &mut Reading<'_>) -> Option<Element> {
    use elements as col;
    let siret = reading.siret(row, col::SIRET);
    let words = &mut reading.words;
    let contrat = row.needed_word(col::CONTRAT, words);
    let rubrique = row.needed_word(col::RUBRIQUE, words);
    let dated = row.dated(col::DEPUIS, col::FIN, col::CONNU_LE);
    let nombre = row.fixed(col::NOMBRE, 4);
    let base = row.fixed(col::BASE, 2);
    let taux = row.rate(col::TAUX, 1);
    let montant = row.fixed(col::MONTANT, 2);
    let montant_paye = row.fixed(col::MONTANT_PAYE, 2);
    Some(Element {
        mois_origine: row.month(col::MOIS_ORIGINE),
        libelle: row.word(col::LIBELLE, words),
        siret: siret?,
        contrat: contrat?,
        rubrique: rubrique?,
        dated: dated?,
        nombre,
        base,
        taux,
        montant,
        montant_paye,
    })
}

pub(super) fn read_absence(row: &mut Row<'_, '_>, reading: &mut Reading<'_>) -> Option<Absence> {
    use absences as col;
    let siret = reading.siret(row, col::SIRET);
    let contrat = row.needed_word(col::CONTRAT, &mut reading.words);
    let nature = row.needed(col::NATURE).map(|text| reading.words.get(&canonical(text)));
    let debut = row.needed_day(col::DEBUT);
    let fin = row.needed_day(col::FIN);
    let connu_le: Option<Day> = row.day(col::CONNU_LE);
    let accorde_le = row.day(col::ACCORDE_LE);
    let prolongation = row.yes(col::PROLONGATION);
    let (heures, demi_journees) = (row.fixed(col::HEURES, 2), row.count(col::DEMI_JOURNEES));
    let (sans_carence, taux) = (row.yes(col::SANS_CARENCE), row.rate(col::TAUX, 1));
    if let Some(debut) = debut {
        row.check_order(col::FIN, debut, fin);
    }
    Some(Absence {
        siret: siret?,
        contrat: contrat?,
        nature: nature?,
        debut: debut?,
        fin: fin?,
        connu_le,
        accorde_le,
        prolongation,
        heures,
        demi_journees,
        sans_carence,
        taux,
        reference: row.reference(),
    })
}

/// What one agent may have had in a year: the total of the next month must fit as well.
fn yearly(row: &mut Row<'_, '_>, column: usize) -> Option<Amount> {
    let amount = row.amount(column)?;
    if amount.cents().unsigned_abs() > YEARLY_CENTS {
        let message = format!("{} is not the yearly total of one agent", quoted(row.text(column)));
        row.find(Code::E705, message, "look for a misplaced decimal point");
    }
    Some(amount)
}

pub(super) fn read_cumul(row: &mut Row<'_, '_>, reading: &mut Reading<'_>) -> Option<Cumul> {
    use cumuls as col;
    let siret = reading.siret(row, col::SIRET);
    let contrat = row.needed_word(col::CONTRAT, &mut reading.words);
    let rubrique = row.needed_word(col::RUBRIQUE, &mut reading.words);
    let annee = row.needed(col::ANNEE).and_then(|_| row.count(col::ANNEE));
    let annee = annee.and_then(|year| i32::try_from(year).ok());
    if let Some(year) = annee.filter(|year| !(1900..=2200).contains(year)) {
        let message = format!("`annee` is {year}: not a year of pay");
        row.find(Code::E705, message, "write the year as 2026");
    }
    let [montant, base, montant_agent, montant_employeur] =
        [col::MONTANT, col::BASE, col::MONTANT_AGENT, col::MONTANT_EMPLOYEUR]
            .map(|column| yearly(row, column));
    Some(Cumul {
        siret: siret?,
        contrat: contrat?,
        annee: annee?,
        rubrique: rubrique?,
        montant,
        base,
        montant_agent,
        montant_employeur,
        reference: row.reference(),
    })
}
