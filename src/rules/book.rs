//! What a rule book holds.

use std::collections::BTreeMap;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::num::{Fixed, Ratio, RoundingMode};
use crate::source::Span;
use crate::syntax::{Expr, Unit};

use super::grid::Grids;
use super::table::Table;
use super::timeline::{Publication, Timeline};

/// How sure the transcription of a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confiance {
    /// To be confirmed before it is relied upon.
    Basse,
    /// One credible source.
    Moyenne,
    /// Official text or concordant sources.
    #[default]
    Haute,
}

impl Confiance {
    /// The word of rule files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basse => "basse",
            Self::Moyenne => "moyenne",
            Self::Haute => "haute",
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in its list.
            pub fn index(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }

            /// The identifier of a place in its list.
            pub fn at(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
        }
    )+};
}

ids! {
    /// A parametre of a book.
    ParametreId;
    /// A bareme of a book.
    BaremeId;
    /// An entree of a book.
    EntreeId;
    /// A famille of a book.
    FamilleId;
    /// A grandeur, rubrique or cotisation of a book.
    ItemId;
}

/// A text of the register.
#[derive(Clone, Debug)]
pub struct Texte {
    /// Key used by citations.
    pub key: String,
    /// Full title.
    pub titre: String,
    /// Publication date.
    pub publie: Publication,
    /// Address, empty when unknown.
    pub url: String,
    /// Where it is registered.
    pub span: Span,
}

/// The months a book covers.
#[derive(Clone, Copy, Debug)]
pub struct Coverage {
    /// Edition of the formula language.
    pub edition: i64,
    /// First month.
    pub premier: PayPeriod,
    /// Last month verified.
    pub dernier: PayPeriod,
    /// Day of the last verification.
    pub verifie: Day,
    /// Where it is declared.
    pub span: Span,
}

/// A dated scalar.
#[derive(Clone, Debug)]
pub struct Parametre {
    /// Name in formulas.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Unit.
    pub unite: Unit,
    /// Last day a person checked that the last version still holds.
    pub verifie: Option<Day>,
    /// Where it is defined.
    pub span: Span,
    /// Values: a numerator and a denominator in lowest terms.
    pub valeurs: Timeline<(i64, i64)>,
}

/// One bracket: from `borne` (included) the rate is `taux`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tranche {
    /// Lower bound, in hundredths of the unit.
    pub borne: i64,
    /// Rate, in [`Tranche::UNITE`]s.
    pub taux: i64,
}

impl Tranche {
    /// How many units of `taux` make 1: six decimals and the thirds of the law are all exact.
    pub const UNITE: i64 = 3_000_000;

    /// The rate as people write it: a percentage, or a fraction that has no last decimal.
    pub fn text(self) -> String {
        let percent = Ratio::new(self.taux * 100, Self::UNITE)
            .map_or_else(|_| "0".to_owned(), |rate| Parametre::text((rate.num(), rate.den())));
        if percent.contains('/') {
            return Ratio::new(self.taux, Self::UNITE).map_or(percent, |rate| rate.to_string());
        }
        format!("{} %", percent.replace('.', ","))
    }
}

/// Dated brackets.
#[derive(Clone, Debug)]
pub struct Bareme {
    /// Name in formulas.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Unit of the bounds.
    pub unite: Unit,
    /// Where it is defined.
    pub span: Span,
    /// Brackets, first bound 0, increasing.
    pub tranches: Timeline<Vec<Tranche>>,
}

/// Where an input changes: for the whole run, a month, a segment or an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Portee {
    /// Same for every agent of the employer in the month.
    Employeur,
    /// Once for the agent's month.
    Mois,
    /// For each segment of the month.
    Segment,
    /// For each row of `elements.csv`.
    Element,
    /// For each row of `elements.csv`, once the month is whole.
    ElementMois,
    /// For each piece of an absence in a segment.
    Absence,
}

impl Portee {
    /// Whether the lines of the month are known there.
    pub fn in_the_month(self) -> bool {
        matches!(self, Self::Mois | Self::ElementMois)
    }

    /// Whether it is computed for a row of `elements.csv`.
    pub fn by_element(self) -> bool {
        matches!(self, Self::Element | Self::ElementMois)
    }
}

/// The type of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntreeType {
    /// A number with a unit, kept at `decimales` decimals.
    Nombre {
        /// How many decimals it may have.
        decimales: u8,
    },
    /// A fraction.
    Ratio,
    /// Yes or no.
    Booleen,
    /// One of a closed list.
    Enumeration(Vec<String>),
}

/// A declared input.
#[derive(Clone, Debug)]
pub struct Entree {
    /// Name in formulas, with its prefix.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Where it changes.
    pub portee: Portee,
    /// Type.
    pub kind: EntreeType,
    /// Unit.
    pub unite: Unit,
    /// Smallest value, at its decimals.
    pub min: i64,
    /// Largest value, at its decimals (a ratio: in whole units).
    pub max: i64,
    /// Whether the reader of inputs must give it.
    pub obligatoire: bool,
    /// Whether it is a row of `parametres_employeurs.csv`.
    pub parametre: bool,
    /// Value when nothing is said, as a text of a pool file.
    pub defaut: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A family of rubriques.
#[derive(Clone, Debug)]
pub struct Famille {
    /// Name in formulas.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Where it is declared.
    pub span: Span,
    /// Members, in the order of the book.
    pub membres: Vec<ItemId>,
}

/// What a line is for the net.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nature {
    /// Pay.
    Gain,
    /// Withheld from the net.
    Retenue,
    /// A contribution or a tax with sides.
    Cotisation,
    /// Reimbursement.
    NonSoumis,
    /// Printed, counts for nothing.
    Information,
    /// A total of printed lines.
    Total,
}

impl Nature {
    /// The word of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gain => "gain",
            Self::Retenue => "retenue",
            Self::Cotisation => "cotisation",
            Self::NonSoumis => "non_soumis",
            Self::Information => "information",
            Self::Total => "total",
        }
    }
}

/// With which month a line of a closed month is computed anew. In the order in which the lines of
/// the month of payment are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RappelMode {
    /// In the month it was due, with its rules: the difference is a line of its own.
    Origine,
    /// As `Paiement` for rappels of the year of payment, as `Origine` for former years.
    Annee,
    /// In the month of payment, with the rappels inside its base.
    Paiement,
}

impl RappelMode {
    /// The word of rule files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Origine => "origine",
            Self::Paiement => "paiement",
            Self::Annee => "annee",
        }
    }
}

/// How a block crosses the segments of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segments {
    /// Full amount of each segment × its thirtieths.
    Prorata,
    /// The last segment present.
    Dernier,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A named quantity.
    Grandeur {
        /// Declared unit.
        unite: Unit,
        /// Whether its yearly total is kept.
        cumulee: bool,
        /// Whether it is zero on a day without a rule; otherwise nobody may read it then.
        zero_sans_regle: bool,
    },
    /// A pay line.
    Rubrique {
        /// What it is for the net.
        nature: Nature,
    },
    /// A contribution.
    Cotisation {
        /// Who receives it.
        organisme: String,
    },
    /// A condition that is worth a look when it holds.
    Controle(Controle),
}

/// What a control says when its condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controle {
    /// Whether the payslip waits.
    pub bloquant: bool,
    /// What was found, without a value of the agent.
    pub message: String,
    /// What to do.
    pub remede: String,
}

/// A formula with its text.
#[derive(Clone, Debug)]
pub struct Formula<F> {
    /// The text as written.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Its tree.
    pub tree: F,
}

/// Which mode a rounding uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrondiMode {
    /// Fixed by the rule.
    Fixe(RoundingMode),
    /// A policy of the employer: an enumeration `plus_proche`, `troncature`.
    Politique(EntreeId),
}

/// A declared rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrondi {
    /// Step in cents, at least 1.
    pub pas: i64,
    /// Mode.
    pub mode: ArrondiMode,
    /// Where it is declared.
    pub span: Span,
}

/// One version of a grandeur, of a rubrique, or of the definition of a cotisation.
#[derive(Clone, Debug)]
pub struct Definition<F> {
    /// What a rappel does with the line. A quantity or a control has none; neither has a cotisation
    /// that does not say it, which the check refuses.
    pub rappel: Option<RappelMode>,
    /// When the line exists.
    pub applicable: Option<Formula<F>>,
    /// Named steps, in order; each sees the ones before.
    pub etapes: Vec<(String, Formula<F>)>,
    /// The amount, or the assiette of a cotisation.
    pub formule: Formula<F>,
    /// Rounding.
    pub arrondi: Option<Arrondi>,
    /// Printed column.
    pub nombre: Option<Formula<F>>,
    /// Printed column.
    pub base: Option<Formula<F>>,
    /// Printed column.
    pub taux: Option<Formula<F>>,
}

/// The dated rate of one side of a cotisation.
#[derive(Clone, Debug)]
pub struct SideRate<F> {
    /// The rate.
    pub taux: Formula<F>,
}

/// A grandeur, a rubrique or a cotisation.
#[derive(Clone, Debug)]
pub struct Item<F> {
    /// Name in formulas: `TIB`, `traitement_annuel`; unique.
    pub nom: String,
    /// Code printed on the line; differs from `nom` when one code has several blocks.
    pub code: String,
    /// French label.
    pub libelle: String,
    /// What it is.
    pub kind: ItemKind,
    /// Place on the payslip.
    pub ordre: i64,
    /// Printed motif, empty when none.
    pub motif: String,
    /// Families.
    pub familles: Vec<FamilleId>,
    /// Where it is computed.
    pub portee: Portee,
    /// How it crosses segments.
    pub segments: Segments,
    /// The quantity that says which part an absence takes away; none: absences do not touch it.
    pub absences: Option<ItemId>,
    /// Statuts, by their words, for which a rappel is always computed in the month of payment.
    pub rappel_paiement: Vec<String>,
    /// Where it is defined.
    pub span: Span,
    /// Definitions.
    pub versions: Timeline<Definition<F>>,
    /// Rates of the agent side.
    pub agent: Timeline<SideRate<F>>,
    /// Rates of the employer side.
    pub employeur: Timeline<SideRate<F>>,
}

impl<F> Item<F> {
    /// What it is for the net; a grandeur is never printed.
    pub fn nature(&self) -> Nature {
        match &self.kind {
            ItemKind::Grandeur { .. } | ItemKind::Controle(_) => Nature::Information,
            ItemKind::Rubrique { nature } => *nature,
            ItemKind::Cotisation { .. } => Nature::Cotisation,
        }
    }

    /// What a rappel paid on `day` does with the line: the version in force that day says it; when
    /// none is, the last one before, or else the first. `None` for a quantity or a control.
    pub fn rappel(&self, day: Day, known_on: KnownOn) -> Option<RappelMode> {
        let (before, after) = self.versions.around(day, known_on);
        self.versions.in_force(day, known_on).or(before).or(after)?.value.rappel
    }

    /// Whether the item is a line of the payslip.
    pub fn printed(&self) -> bool {
        !matches!(self.kind, ItemKind::Grandeur { .. } | ItemKind::Controle(_))
    }
}

/// A book whose formulas have the form `F`: as written, or checked.
#[derive(Clone, Debug)]
pub struct Book<F> {
    /// Covered months.
    pub coverage: Coverage,
    /// Register of texts, by key.
    pub textes: BTreeMap<String, Texte>,
    /// Dated scalars.
    pub parametres: Vec<Parametre>,
    /// Dated brackets.
    pub baremes: Vec<Bareme>,
    /// Text lookups, by name.
    pub tables: BTreeMap<String, Table>,
    /// Index grids.
    pub grids: Grids,
    /// Declared inputs.
    pub entrees: Vec<Entree>,
    /// Families.
    pub familles: Vec<Famille>,
    /// Grandeurs, rubriques and cotisations.
    pub items: Vec<Item<F>>,
}

/// A resolved book, not yet checked.
pub type RuleBook = Book<Expr>;

impl<F> Book<F> {
    /// The parametre of that name.
    pub fn parametre(&self, nom: &str) -> Option<&Parametre> {
        self.parametres.iter().find(|parametre| parametre.nom == nom)
    }

    /// The entree of that name.
    pub fn entree(&self, nom: &str) -> Option<&Entree> {
        self.entrees.iter().find(|entree| entree.nom == nom)
    }

    /// The item of that name.
    pub fn item(&self, nom: &str) -> Option<(ItemId, &Item<F>)> {
        let at = self.items.iter().position(|item| item.nom == nom)?;
        Some((ItemId::at(at), self.items.get(at)?))
    }

    /// The item behind an identifier of this book.
    pub fn get(&self, id: ItemId) -> Option<&Item<F>> {
        self.items.get(id.index())
    }
}

impl Parametre {
    /// A value as people write it.
    pub fn text((num, den): (i64, i64)) -> String {
        let mut power = 1_i64;
        for scale in 0..=Fixed::MAX_SCALE {
            if power % den == 0 {
                #[expect(clippy::integer_division, reason = "exact: den divides the power")]
                return Fixed::new(num * (power / den), scale).trimmed().to_string();
            }
            power = power.saturating_mul(10);
        }
        Ratio::new(num, den).map_or_else(|_| format!("{num}/{den}"), |ratio| ratio.to_string())
    }
}
