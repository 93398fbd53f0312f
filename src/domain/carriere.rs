//! Careers: what an agent is, on which post, for how much of the time.

use super::employeur::Siret;
use super::fact::{Dated, HasDates};
use super::word::{Word, closed_list};
use crate::calendar::Day;
use crate::num::{Fixed, Ratio};

closed_list! {
    /// The legal tie between an agent and the employer.
    Statut {
        /// Tenured official.
        Titulaire = "titulaire",
        /// Official on probation.
        Stagiaire = "stagiaire",
        /// Agent under a public-law contract.
        Contractuel = "contractuel",
        /// Apprentice.
        Apprenti = "apprenti",
        /// Paid by the task.
        Vacataire = "vacataire",
        /// Local elected representative.
        Elu = "elu",
        /// Childminder.
        AssistantMaternel = "assistant_maternel",
        /// Foster carer.
        AssistantFamilial = "assistant_familial",
        /// Subsidised private-law contract.
        ContratAide = "contrat_aide",
        /// State official on secondment.
        DetacheEtat = "detache_etat",
    }
}

closed_list! {
    /// The pension scheme.
    Regime {
        /// Local and hospital officials.
        Cnracl = "cnracl",
        /// Non-tenured agents and short weekly durations.
        Ircantec = "ircantec",
        /// State officials.
        PensionCivile = "pension_civile",
        /// Non-tenured agents, in the general scheme whatever they earn (elected representatives).
        General = "general",
    }
}

closed_list! {
    /// The hierarchical category.
    Categorie {
        /// A.
        A = "A",
        /// B.
        B = "B",
        /// C.
        C = "C",
    }
}

closed_list! {
    /// The zone of the residence allowance.
    ZoneIr {
        /// Zone 1.
        Zone1 = "zone_1",
        /// Zone 2.
        Zone2 = "zone_2",
        /// Zone 3.
        Zone3 = "zone_3",
        /// A rate of its own.
        Specifique = "specifique",
    }
}

/// The part of the time worked, `0 < q ≤ 1`; written in percent or as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quotite(Ratio);

/// Why a text is not a quotité or a weekly duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotiteError {
    /// Neither a number nor a fraction.
    #[error("not a number or a fraction")]
    Syntax,
    /// Zero or negative, or above the whole.
    #[error("outside its bounds")]
    OutOfBounds,
    /// Between 0 and 1 without a fraction bar: a fraction written as a decimal.
    #[error("under 1 %")]
    UnderOnePercent,
}

impl Quotite {
    /// Full time.
    pub const FULL: Self = Self(Ratio::ONE);

    /// Reads `80`, `80 %`, `57,5` or `7/10`.
    pub fn parse(text: &str) -> Result<Self, QuotiteError> {
        let text = text.trim().trim_end_matches('%');
        let ratio = if text.contains('/') {
            Ratio::parse(text).map_err(|_| QuotiteError::Syntax)?
        } else {
            let percent = Fixed::parse(text).map_err(|_| QuotiteError::Syntax)?;
            let ratio = Ratio::quotient(percent, Fixed::new(100, 0))
                .map_err(|_| QuotiteError::OutOfBounds)?;
            if ratio > Ratio::ZERO && ratio.num() * 100 < ratio.den() {
                return Err(QuotiteError::UnderOnePercent);
            }
            ratio
        };
        Self::from_ratio(ratio)
    }

    /// A quotité from its fraction of full time.
    pub fn from_ratio(ratio: Ratio) -> Result<Self, QuotiteError> {
        if ratio > Ratio::ZERO && ratio <= Ratio::ONE {
            Ok(Self(ratio))
        } else {
            Err(QuotiteError::OutOfBounds)
        }
    }

    /// The fraction of full time.
    pub const fn ratio(self) -> Ratio {
        self.0
    }
}

/// Reads the weekly duration of a post, as a fraction of full time: `35`, `17,5`, `17:30` and
/// `17h30` are hours out of 35; `12/20` is what it says (a teacher's service).
pub fn parse_duree_hebdo(text: &str) -> Result<Ratio, QuotiteError> {
    let text = text.trim();
    let syntax = |_| QuotiteError::Syntax;
    let ratio = if text.contains('/') {
        Ratio::parse(text).map_err(syntax)?
    } else if let Some((hours, minutes)) = text.split_once([':', 'h', 'H']) {
        let hours: i64 = hours.trim().parse().map_err(|_| QuotiteError::Syntax)?;
        let minutes: i64 = match minutes.trim() {
            "" => 0,
            digits => digits.parse().map_err(|_| QuotiteError::Syntax)?,
        };
        if !(0..=168).contains(&hours) || !(0..60).contains(&minutes) {
            return Err(QuotiteError::OutOfBounds);
        }
        Ratio::new(hours * 60 + minutes, 35 * 60).map_err(syntax)?
    } else {
        let hours = Fixed::parse(text).map_err(|_| QuotiteError::Syntax)?;
        Ratio::quotient(hours, Fixed::new(35, 0)).map_err(|_| QuotiteError::OutOfBounds)?
    };
    Quotite::from_ratio(ratio).map(Quotite::ratio)
}

/// A dated row of the career of an agent under one contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Carriere {
    /// The employer.
    pub siret: Siret,
    /// The contract with that employer.
    pub contrat: Word,
    /// When it holds.
    pub dated: Dated,
    /// The legal tie.
    pub statut: Statut,
    /// The pension scheme; none: deduced.
    pub regime: Option<Regime>,
    /// The grade as written.
    pub grade: Option<Word>,
    /// The step as written.
    pub echelon: Option<Word>,
    /// Gross index as written (`567`, `HEA1`).
    pub indice_brut: Option<Word>,
    /// Index of the pay; overrides the grid.
    pub indice_majore: Option<i64>,
    /// The category; none: that of the grade.
    pub categorie: Option<Categorie>,
    /// Fixed monthly pay at full time, not indexed; at most 2 decimals.
    pub montant_mensuel: Option<Fixed>,
    /// Hourly pay, not indexed; at most 4 decimals.
    pub taux_horaire: Option<Fixed>,
    /// Part-time working.
    pub quotite: Quotite,
    /// Weekly duration of the post over full time; none: full time.
    pub duree_hebdo: Option<Ratio>,
    /// Part worked under therapeutic part time.
    pub temps_partiel_therapeutique: Option<Quotite>,
    /// Points of the new index bonus.
    pub nbi: i64,
    /// Zone of the residence allowance, when it is not the employer's.
    pub zone_ir: Option<ZoneIr>,
    /// Points of the index supplement.
    pub cti: i64,
    /// Office of an elected representative, as written.
    pub fonction: Option<Word>,
    /// Rate of the office allowance, a decimal fraction up to 2; at most 6 decimals.
    pub taux_indemnite: Option<Fixed>,
    /// Day on which the contract was concluded; none: its first day.
    pub conclu_le: Option<Day>,
    /// Group of functions of the RIFSEEP, 1 the highest.
    pub groupe_rifseep: Option<i64>,
    /// Housed for absolute necessity of service.
    pub loge: bool,
    /// Pays the increased pension contribution of part time (surcotisation).
    pub surcotisation: bool,
    /// Why the row was added.
    pub motif: Option<Word>,
}

impl HasDates for Carriere {
    fn dates(&self) -> &Dated {
        &self.dated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotites_in_percent_and_in_fractions() {
        let ratio = |text| Quotite::parse(text).map(Quotite::ratio);
        assert_eq!(ratio("80"), Ok(Ratio::new(4, 5).unwrap()));
        assert_eq!(ratio("57,5 %"), Ok(Ratio::new(23, 40).unwrap()));
        assert_eq!(ratio("7/10"), Ok(Ratio::new(7, 10).unwrap()));
        assert_eq!(ratio("100"), Ok(Ratio::ONE));
        assert_eq!(ratio("130"), Err(QuotiteError::OutOfBounds));
        assert_eq!(ratio("0"), Err(QuotiteError::OutOfBounds));
        assert_eq!(ratio("-5"), Err(QuotiteError::OutOfBounds));
        assert_eq!(ratio("0.8"), Err(QuotiteError::UnderOnePercent));
        assert_eq!(ratio("8/7"), Err(QuotiteError::OutOfBounds));
        assert_eq!(ratio("plein"), Err(QuotiteError::Syntax));
    }

    #[test]
    fn weekly_durations_in_four_forms() {
        let half = Ratio::new(1, 2).unwrap();
        for text in ["17:30", "17h30", "17.5", "17,5", "10/20"] {
            assert_eq!(parse_duree_hebdo(text), Ok(half), "{text}");
        }
        assert_eq!(parse_duree_hebdo("35"), Ok(Ratio::ONE));
        assert_eq!(parse_duree_hebdo("28h"), Ok(Ratio::new(4, 5).unwrap()));
        assert_eq!(parse_duree_hebdo("39"), Err(QuotiteError::OutOfBounds));
        assert_eq!(parse_duree_hebdo("17:75"), Err(QuotiteError::OutOfBounds));
        assert_eq!(parse_duree_hebdo("mi-temps"), Err(QuotiteError::Syntax));
    }

    #[test]
    fn closed_lists_ignore_accents_and_case() {
        assert_eq!(Statut::from_name("Élu"), Some(Statut::Elu));
        assert_eq!(Statut::from_name("Détaché État"), Some(Statut::DetacheEtat));
        assert_eq!(Categorie::from_name("c"), Some(Categorie::C));
        assert_eq!(ZoneIr::from_name("Zone 1"), Some(ZoneIr::Zone1));
        assert_eq!(Regime::from_name("pension civile"), Some(Regime::PensionCivile));
    }
}
