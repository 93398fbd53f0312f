//! The month of one contract: segments, inputs of the month, yearly totals.

use crate::calendar::{Day, PayPeriod, Span30, thirtieths};
use crate::check::Part;
use crate::diag::{Code, nearest};
use crate::domain::{AgentFacts, Carriere, Cumul, Famille, Siret, Statut, Word, in_force};
use crate::engine::{Dossier, Given, SegmentInput};
use crate::num::{Fixed, Ratio, RoundingMode, round_div};
use crate::program::Slot;

use super::carriere::SegmentFacts;
use super::controle::Vu;
use super::elements;
use super::employeur::EmployeurMonth;
use super::inputs::{Input, Source, flag, known, ratio};
use super::{Finding, Memory, Prepared, Preparer, absences, mandats, situation};

/// One contract of an agent.
pub struct Contract<'a> {
    /// Everything known of the agent.
    pub facts: &'a AgentFacts,
    /// The employer's month.
    pub employeur: &'a EmployeurMonth<'a>,
    /// The months of every employer of the agent.
    pub pool: &'a [(Siret, &'a EmployeurMonth<'a>)],
    /// The employer.
    pub siret: Siret,
    /// The contract.
    pub contrat: &'a Word,
}

impl Contract<'_> {
    /// Whether a row belongs to this contract.
    pub fn owns(&self, siret: Siret, contrat: &str) -> bool {
        self.siret == siret && **self.contrat == *contrat
    }

    /// Rows of the career of this contract.
    pub fn careers(&self) -> impl Iterator<Item = &Carriere> + Clone {
        self.facts.carrieres.iter().filter(|row| self.owns(row.siret, &row.contrat))
    }

    fn cumuls(&self, year: i32) -> impl Iterator<Item = &Cumul> + Clone {
        let rows = self.facts.cumuls.iter();
        rows.filter(move |row| row.annee == year && self.owns(row.siret, &row.contrat))
    }
}

/// A stretch of days with one career row.
struct Stretch {
    span: Span30,
    row: usize,
    variant: usize,
    /// Whether a leave gives back the pay of full time.
    full_time: bool,
}

/// The day on which a row is read: one that has ended is read on its last day.
fn on(row: &Carriere, day: Day) -> Day {
    row.dated.fin.map_or(day, |fin| fin.min(day))
}

impl Preparer<'_> {
    /// Prepares a contract; `None` when it has no day in the month.
    pub(super) fn contract(
        &self,
        contract: &Contract<'_>,
        first_indexed: &mut bool,
        memory: &mut Memory,
    ) -> Option<Prepared> {
        let chosen = elements::choose(self, contract);
        let mut cuts = chosen.cuts.clone();
        cuts.extend(situation::anniversary(contract, self.period));
        cuts.extend(mandats::changes(contract));
        let stretches = self.stretches(contract, &cuts);
        if stretches.is_empty() {
            let orphans = self.orphans(contract, &chosen);
            if orphans.is_empty() {
                return None;
            }
            let mut findings = contract.employeur.findings.clone();
            findings.extend(orphans);
            return Some(self.empty(contract, findings));
        }
        Some(self.present(contract, &chosen, &stretches, first_indexed, memory))
    }

    /// A contract without a day in the month, for what is still due to it: the last career known,
    /// for no day.
    pub(super) fn last_career(
        &self,
        contract: &Contract<'_>,
        memory: &mut Memory,
    ) -> Option<Prepared> {
        let chosen = elements::choose(self, contract);
        let rows = contract.facts.carrieres.iter().enumerate();
        let mine = rows.filter(|(_, row)| contract.owns(row.siret, &row.contrat));
        let started = mine.filter(|(_, r)| r.dated.started(self.period.last_day(), self.known_on));
        let (row, _) = started.max_by_key(|(_, row)| (row.dated.depuis, row.dated.connu_le))?;
        let first = self.period.first_day();
        let span = Span30 { first, last: first.previous() };
        let stretch = Stretch { span, row, variant: 0, full_time: false };
        Some(self.present(contract, &chosen, &[stretch], &mut false, memory))
    }

    fn present(
        &self,
        contract: &Contract<'_>,
        chosen: &elements::Chosen,
        stretches: &[Stretch],
        first_indexed: &mut bool,
        memory: &mut Memory,
    ) -> Prepared {
        let mut findings = contract.employeur.findings.clone();
        let spans: Vec<Span30> = stretches.iter().map(|stretch| stretch.span).collect();
        let present: Vec<Span30> = spans.iter().copied().filter(|span| span.days() > 0).collect();
        let shares = thirtieths(self.period, &present, contract.employeur.method);
        let shares = shares.into_iter().chain(std::iter::repeat(0));
        let mut segments = Vec::with_capacity(stretches.len());
        let mut inputs = Vec::with_capacity(stretches.len());
        for (stretch, share) in stretches.iter().zip(shares) {
            match self.segment(contract, stretch, share, memory, &mut findings) {
                Ok((facts, input)) => {
                    self.control(contract, &facts, &mut findings);
                    segments.push(facts);
                    inputs.push(input);
                }
                Err(finding) => findings.push(finding),
            }
        }
        let absences = self.absences(contract, &segments, &mut findings);
        let indexed = segments.iter().any(|segment| segment.index.is_some());
        let ici = indexed && *first_indexed;
        *first_indexed &= !indexed;
        let days: i64 = spans.iter().map(|span| span.days()).sum();
        let vu = Vu { chosen, absences: &absences };
        let mois = self.mois(contract, days, ici, &vu, &mut findings);
        self.unknown_cumuls(contract, &mut findings);
        let cumuls = self.cumuls(contract);
        let (elements, forced, places) = chosen.inputs(self, contract, &segments, &mut findings);
        let dossier = Dossier {
            employeur: std::sync::Arc::clone(&contract.employeur.values),
            mois,
            segments: inputs,
            elements,
            absences: absences.pieces.iter().map(|piece| piece.input.clone()).collect(),
            cumuls,
            forced,
            given: Given::default(),
        };
        Prepared {
            siret: contract.siret,
            contrat: std::sync::Arc::clone(contract.contrat),
            dossier,
            segments,
            elements: places,
            absences: absences.pieces,
            choix: std::sync::Arc::clone(&contract.employeur.choix),
            findings,
        }
    }

    /// What remains for a contract without a day in the month.
    fn orphans(&self, contract: &Contract<'_>, chosen: &elements::Chosen) -> Vec<Finding> {
        let elements = chosen.rows.iter().filter_map(|o| contract.facts.elements.get(o.row));
        let elements = elements.map(|row| {
            Finding::new(
                Code::W914,
                Some(row.dated.reference),
                format!("`{}` is for a contract without a day in {}", row.rubrique, self.period),
                "date it in the last month of the contract, or correct the career",
            )
        });
        elements.chain(absences::orphans(self, contract)).collect()
    }

    fn empty(&self, contract: &Contract<'_>, findings: Vec<Finding>) -> Prepared {
        Prepared {
            siret: contract.siret,
            contrat: std::sync::Arc::clone(contract.contrat),
            dossier: Dossier::default(),
            segments: Vec::new(),
            elements: Vec::new(),
            absences: Vec::new(),
            choix: std::sync::Arc::clone(&contract.employeur.choix),
            findings,
        }
    }

    /// Cuts the days of the month where the career, an element or a rule changes.
    fn stretches(&self, contract: &Contract<'_>, cuts: &[Day]) -> Vec<Stretch> {
        let (first, last) = (self.period.first_day(), self.period.last_day());
        let mut starts: Vec<Day> = vec![first];
        for row in contract.careers().filter(|row| self.known_on.knows(row.dated.connu_le)) {
            starts.push(row.dated.depuis);
            starts.extend(row.dated.fin.map(Day::next));
        }
        starts.extend(&self.variants);
        starts.extend(cuts);
        let leaves = self.full_time_leaves(contract);
        starts.extend(leaves.iter().flat_map(|leave| [leave.first, leave.last.next()]));
        starts.retain(|&day| first <= day && day <= last);
        starts.sort_unstable();
        starts.dedup();
        let mut stretches: Vec<Stretch> = Vec::new();
        for (at, &start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).map_or(last, |next| next.previous());
            let Some(row) = in_force(contract.careers(), start, self.known_on) else { continue };
            let places = contract.facts.carrieres.iter();
            let row = places.clone().position(|other| std::ptr::eq(other, row)).unwrap_or(0);
            let variant = self.variant(start);
            let full_time = leaves.iter().any(|l| l.first <= start && start <= l.last);
            let span = Span30 { first: start, last: end };
            match stretches.last_mut() {
                Some(before)
                    if before.row == row
                        && (before.variant, before.full_time) == (variant, full_time)
                        && before.span.last.next() == start
                        && !cuts.contains(&start) =>
                {
                    before.span.last = end;
                }
                _ => stretches.push(Stretch { span, row, variant, full_time }),
            }
        }
        stretches
    }

    fn segment(
        &self,
        contract: &Contract<'_>,
        stretch: &Stretch,
        share: i64,
        memory: &mut Memory,
        findings: &mut Vec<Finding>,
    ) -> Result<(SegmentFacts, SegmentInput), Finding> {
        let Some(row) = contract.facts.carrieres.get(stretch.row) else {
            return Err(Finding::new(Code::E707, None, "no career".to_owned(), "report this"));
        };
        let day = on(row, stretch.span.first);
        for input in self.layout.segment.iter().filter(|input| input.source == Source::Statut) {
            self.word(row, input, row.statut.name())?;
        }
        self.covered(row, day)?;
        let (index, categorie) = self.index(row, day, memory, findings)?;
        let flat = row.montant_mensuel.is_some() || row.taux_horaire.is_some();
        if index.is_none() && !flat && situation::paid_by_career(row.statut) {
            return Err(Finding::new(
                Code::E707,
                Some(row.dated.reference),
                "nothing sets the pay of this career".to_owned(),
                "give a grade and an échelon, an index, `montant_mensuel` or `taux_horaire`",
            ));
        }
        // Where a rule or what was done in the month sets the pay, an index would pay it twice.
        let index = index.filter(|_| !flat && situation::paid_by_career(row.statut));
        let [temps_non_complet, temps_partiel, duree_travail, quotite] =
            self.fractions(row, day, stretch.full_time)?;
        let facts = SegmentFacts {
            first: stretch.span.first,
            last: stretch.span.last,
            thirtieths: share,
            row: stretch.row,
            categorie,
            regime: self.regime(contract.facts, row, day),
            temps_non_complet,
            temps_partiel,
            duree_travail,
            quotite,
            conge_temps_plein: stretch.full_time,
            zone_ir: row.zone_ir.or(contract.employeur.zone_ir),
            index,
        };
        let values = self.segment_values(contract, row, &facts, memory)?;
        let input = SegmentInput { thirtieths: share, variant: stretch.variant, values };
        Ok((facts, input))
    }

    fn segment_values(
        &self,
        contract: &Contract<'_>,
        row: &Carriere,
        facts: &SegmentFacts,
        memory: &mut Memory,
    ) -> Result<Vec<i128>, Finding> {
        let mut values = Vec::with_capacity(self.layout.segment.len() + 4);
        for input in &self.layout.segment {
            let number = |value: Option<Fixed>| -> Result<i128, Finding> {
                let Some(value) = value else { return Ok(crate::program::MISSING) };
                input.number(value).map_err(|reason| self.range(row, input, value, &reason))
            };
            let whole = |value: i64| Some(Fixed::new(value, 0));
            let value = match input.source {
                Source::Statut => self.word(row, input, row.statut.name())?,
                Source::Regime => self.word(row, input, facts.regime.name())?,
                Source::Categorie => known(facts.categorie.and_then(|c| input.word(c.name()))),
                Source::Indexe => flag(facts.index.is_some()),
                Source::IndiceMajore => number(facts.index.as_ref().and_then(|i| whole(i.im)))?,
                Source::Nbi => number(whole(row.nbi))?,
                Source::Cti => number(whole(row.cti))?,
                Source::MontantMensuel => number(row.montant_mensuel)?,
                Source::TauxHoraire => number(row.taux_horaire)?,
                Source::ZoneIr => known(facts.zone_ir.and_then(|zone| input.word(zone.name()))),
                Source::Quotite => push(&mut values, facts.quotite),
                Source::TempsNonComplet => push(&mut values, facts.temps_non_complet),
                Source::TempsPartiel => push(&mut values, facts.temps_partiel),
                Source::DureeTravail => push(&mut values, facts.duree_travail),
                Source::QuotitePrimes => push(&mut values, self.quotite_primes(row, facts)?),
                Source::TauxIndemnite => number(row.taux_indemnite)?,
                Source::PartMandats
                | Source::TauxMandats
                | Source::NombreMandats
                | Source::PopulationMandats => {
                    self.mandats(contract, row, input, facts, &mut values)?
                }
                _ => self.situation(contract, row, facts, input, memory),
            };
            values.push(value);
        }
        Ok(values)
    }

    fn word(&self, row: &Carriere, input: &Input, word: &str) -> Result<i128, Finding> {
        input.word(word).ok_or_else(|| {
            let words = input.words().join("`, `");
            Finding::new(
                Code::E722,
                Some(row.dated.reference),
                format!("`{word}` is not covered by these rules in {}", self.period),
                &format!("they cover `{words}`; pay this agent elsewhere for now"),
            )
        })
    }

    fn range(&self, row: &Carriere, input: &Input, value: Fixed, reason: &str) -> Finding {
        Finding::new(
            Code::F802,
            Some(row.dated.reference),
            format!("`{}` is `{value}`: {reason}", input.entree.nom),
            "correct the row of carrieres.csv",
        )
    }

    /// What the law says about a career, beyond what a formula computes.
    fn control(&self, contract: &Contract<'_>, facts: &SegmentFacts, out: &mut Vec<Finding>) {
        let Some(row) = contract.facts.carrieres.get(facts.row) else { return };
        let reference = Some(row.dated.reference);
        let official = matches!(row.statut, Statut::Titulaire | Statut::Stagiaire);
        if official && row.regime.is_some() {
            let reaches = self.reaches_cnracl(contract.facts, on(row, facts.first));
            let cnracl = facts.regime == crate::domain::Regime::Cnracl;
            if reaches != cnracl {
                let hours = self.seuil_cnracl;
                out.push(Finding::new(
                    Code::W916,
                    reference,
                    format!("`{}` does not match the weekly hours ({hours} h)", facts.regime),
                    "leave `regime` empty to deduce it, or correct `duree_hebdo`",
                ));
            }
        }
        let minimum = self.book.book().parametre("im_minimum_traitement");
        let minimum = minimum.and_then(|p| p.valeurs.in_force(facts.first, self.known_on));
        if let (Some(minimum), Some(index)) = (minimum, &facts.index)
            && index.im < minimum.value.0
        {
            out.push(Finding::new(
                Code::W912,
                reference,
                format!("indice majoré {} is below the minimum {}", index.im, minimum.value.0),
                "nothing to do: the minimum is paid; check the career if it surprises",
            ));
        }
        if facts.index.is_some() && facts.zone_ir.is_none() {
            let employeur = contract.employeur.facts;
            out.push(Finding::new(
                Code::E720,
                Some(employeur.reference),
                format!(
                    "no table knows the residence zone of commune `{}` (employer {})",
                    employeur.insee, employeur.siret
                ),
                "add the parameter `zone_ir` of this employer (zone_1, zone_2 or zone_3)",
            ));
        }
    }

    fn mois(
        &self,
        contract: &Contract<'_>,
        days: i64,
        ici: bool,
        vu: &Vu<'_>,
        findings: &mut Vec<Finding>,
    ) -> Vec<i128> {
        let (enfants, alternes) = self.children(contract.facts);
        let mut values = Vec::with_capacity(self.layout.mois.len() + 1);
        for input in &self.layout.mois {
            let value = match input.source {
                Source::Enfants => family_count(contract, input, enfants, findings),
                Source::EnfantsAlternes => family_count(contract, input, alternes, findings),
                Source::SftUnEnfantIci => flag(ici),
                Source::TauxPas => self.taux_pas(contract, input, findings),
                Source::ZonePas => known(self.zone_pas(contract).and_then(|z| input.word(&z))),
                Source::PartPlafond => {
                    let part = Ratio::new(days - vu.absences.unpaid, self.period.days())
                        .unwrap_or(Ratio::ONE);
                    push(&mut values, part)
                }
                Source::PlafondAnterieur => self.plafond_anterieur(contract),
                _ => self.controle(contract, vu, input),
            };
            values.push(value);
        }
        values
    }

    /// Children that count: the right starts the month after an event, and stops with the month
    /// in which the condition ends, so the smallest number of the month (décret 85-1148 art. 10).
    fn children(&self, facts: &AgentFacts) -> (i64, i64) {
        let (first, last) = (self.period.first_day(), self.period.last_day());
        let mut days = vec![first];
        let rows = facts.familles.iter().filter(|row| self.known_on.knows(row.dated.connu_le));
        days.extend(rows.map(|row| row.dated.depuis).filter(|&day| first < day && day <= last));
        let on = |day: Day| {
            let row: Option<&Famille> = in_force(&facts.familles, day, self.known_on);
            row.map_or((0, 0), |row| (row.enfants, row.enfants_alternes))
        };
        days.into_iter().map(on).min_by_key(|(enfants, _)| *enfants).unwrap_or((0, 0))
    }

    fn taux_pas(&self, contract: &Contract<'_>, input: &Input, out: &mut Vec<Finding>) -> i128 {
        let row = in_force(&contract.facts.taux_pas, self.period.last_day(), self.known_on);
        let Some((row, taux)) = row.and_then(|row| Some((row, row.taux?))) else {
            return crate::program::MISSING;
        };
        input.number(taux).unwrap_or_else(|reason| {
            out.push(Finding::new(
                Code::E719,
                Some(row.dated.reference),
                format!("the rate `{taux}` cannot be used: {reason}"),
                "rates are decimal fractions: write `0.031` for 3.1 %",
            ));
            crate::program::MISSING
        })
    }

    fn zone_pas(&self, contract: &Contract<'_>) -> Option<String> {
        let Some(departement) = contract.facts.agent.departement.as_deref() else {
            return contract.employeur.zone_pas.clone();
        };
        let table = self.book.book().tables.get("zones_pas")?;
        let day = self.regle(self.period.first_day());
        let found = table.lookup(departement, day, self.known_on)?;
        Some(found.0.to_owned())
    }

    /// Ceilings of the earlier months of the year, in cents: kept in `cumuls`, else counted from
    /// the days of the contract; zero when no total of the year is known (the month is alone).
    fn plafond_anterieur(&self, contract: &Contract<'_>) -> i128 {
        let year = self.period.year();
        let rows = contract.cumuls(year);
        if rows.clone().next().is_none() {
            return 0;
        }
        let kept = rows.clone().filter(|row| &*row.rubrique == "plafond_ss");
        let kept: Vec<_> = kept.filter_map(|row| row.montant.or(row.base)).collect();
        if !kept.is_empty() {
            return kept.iter().map(|amount| i128::from(amount.cents())).sum();
        }
        let mut total = 0_i128;
        let mut month = PayPeriod::new(year, 1).unwrap_or(self.period);
        while month < self.period {
            total += self.plafond_of(contract, month);
            month = month.next();
        }
        total
    }

    fn plafond_of(&self, contract: &Contract<'_>, month: PayPeriod) -> i128 {
        let parametre = self.book.book().parametre("plafond_mensuel_ss");
        let monthly = parametre.and_then(|p| p.valeurs.in_force(month.first_day(), self.known_on));
        let Some(monthly) = monthly else { return 0 };
        let mut day = month.first_day();
        let mut present = 0_i128;
        while month.contains(day) {
            present += flag(in_force(contract.careers(), day, self.known_on).is_some());
            day = day.next();
        }
        let (num, den) = monthly.value;
        let days = i128::from(month.days()) * i128::from(den);
        let cents = i128::from(num) * 100 * present;
        round_div(cents, days, RoundingMode::DemiSuperieur).unwrap_or(0)
    }

    /// A total under a name that no rule has would be lost in silence.
    fn unknown_cumuls(&self, contract: &Contract<'_>, out: &mut Vec<Finding>) {
        let book = self.book.book();
        for row in contract.cumuls(self.period.year()) {
            if book.item(&row.rubrique).is_some() {
                continue;
            }
            let names = book.items.iter().map(|item| item.nom.as_str());
            let close = nearest(&row.rubrique, names, 1);
            let remede = close.first().map_or_else(
                || "see the codes with `paie show rubrique`".to_owned(),
                |close| format!("write `{close}`"),
            );
            let message = format!("`{}` is not a rubrique of these rules", row.rubrique);
            out.push(Finding::new(Code::E717, Some(row.reference), message, &remede));
        }
    }

    /// Yearly totals the program reads, from the rows of the contract.
    fn cumuls(&self, contract: &Contract<'_>) -> Vec<(Slot, i128)> {
        let rows = contract.cumuls(self.period.year());
        if rows.clone().next().is_none() {
            return Vec::new();
        }
        let mut totals = Vec::new();
        for (nom, part, slot) in &self.kept.slots {
            let of = |row: &Cumul| match part {
                Part::Montant => row.montant,
                Part::Base => row.base,
                Part::Agent => row.montant_agent,
                Part::Employeur => row.montant_employeur,
            };
            let mine = rows.clone().filter(|row| *row.rubrique == **nom);
            let total: i128 = mine.filter_map(of).map(|amount| i128::from(amount.cents())).sum();
            if total != 0 {
                totals.push((*slot, total));
            }
        }
        totals
    }
}

/// A number of children within the bounds of its declaration.
fn family_count(
    contract: &Contract<'_>,
    input: &Input,
    value: i64,
    findings: &mut Vec<Finding>,
) -> i128 {
    input.number(Fixed::new(value, 0)).unwrap_or_else(|reason| {
        let mut rows = contract.facts.familles.iter();
        let row = rows.find(|row| value == row.enfants || value == row.enfants_alternes);
        let reference = row.map(|row| row.dated.reference);
        let message = format!("`{}` is `{value}`: {reason}", input.entree.nom);
        let remede = "correct the row of familles.csv";
        findings.push(Finding::new(Code::F802, reference, message, remede));
        crate::program::MISSING
    })
}

/// Pushes the numerator of a ratio and gives its denominator, to be pushed next.
pub fn push(values: &mut Vec<i128>, value: Ratio) -> i128 {
    ratio(values, value);
    values.pop().unwrap_or(1)
}
