//! The inputs this program provides, and the place of each in a compiled month.

use crate::check::Part;
use crate::diag::{Code, Diagnostic, nearest};
use crate::num::{Fixed, Ratio};
use crate::program::{InputSlot, Layout, MISSING, Program, Slot};
use crate::rules::{Book, Entree, EntreeType, Portee};

/// Every input that comes from the facts of an agent or of an employer. Inputs declared with
/// `parametre = true` come from `parametres_employeurs.csv` and need no entry here.
pub const PROVIDED: &[(&str, Source)] = &[
    ("agent.statut", Source::Statut),
    ("agent.regime", Source::Regime),
    ("agent.categorie", Source::Categorie),
    ("agent.indexe", Source::Indexe),
    ("agent.indice_majore", Source::IndiceMajore),
    ("agent.quotite", Source::Quotite),
    ("agent.quotite_temps_non_complet", Source::TempsNonComplet),
    ("agent.quotite_temps_partiel", Source::TempsPartiel),
    ("agent.duree_travail", Source::DureeTravail),
    ("agent.nbi", Source::Nbi),
    ("agent.cti", Source::Cti),
    ("agent.montant_mensuel", Source::MontantMensuel),
    ("agent.taux_horaire", Source::TauxHoraire),
    ("agent.zone_ir", Source::ZoneIr),
    ("agent.fonction", Source::Fonction),
    ("agent.taux_indemnite", Source::TauxIndemnite),
    ("agent.taux_mandats", Source::TauxMandats),
    ("agent.part_mandats", Source::PartMandats),
    ("agent.nombre_mandats", Source::NombreMandats),
    ("agent.population_mandats", Source::PopulationMandats),
    ("agent.assujetti", Source::Assujetti),
    ("agent.age", Source::Age),
    ("agent.annee_contrat", Source::AnneeContrat),
    ("agent.date_contrat", Source::DateContrat),
    ("agent.filiere", Source::Filiere),
    ("agent.loge", Source::Loge),
    ("agent.surcotisation", Source::Surcotisation),
    ("agent.therapeutique", Source::Therapeutique),
    ("agent.quotite_primes", Source::QuotitePrimes),
    ("agent.plafond_ifse", Source::PlafondIfse),
    ("agent.plafond_cia", Source::PlafondCia),
    ("agent.taux_pas", Source::TauxPas),
    ("agent.zone_pas", Source::ZonePas),
    ("agent.iban_partage", Source::IbanPartage),
    ("agent.iban_change", Source::IbanChange),
    ("agent.nir_partage", Source::NirPartage),
    ("agent.nir_double", Source::NirDouble),
    ("agent.nir_provisoire", Source::NirProvisoire),
    ("agent.nir_sexe_different", Source::NirSexe),
    ("agent.nir_naissance_differente", Source::NirNaissance),
    ("agent.age_debut_contrat", Source::AgeDebut),
    ("agent.heures_supplementaires", Source::HeuresSupplementaires),
    ("agent.heures_complementaires", Source::HeuresComplementaires),
    ("agent.contrat_termine", Source::ContratTermine),
    ("agent.anciennete_taux_pas", Source::AncienneteTauxPas),
    ("agent.passage_demi_traitement", Source::PassageDemiTraitement),
    ("agent.prolongation_plein_traitement", Source::ProlongationPlein),
    ("agent.annees_rappel", Source::AnneesRappel),
    ("agent.mois_trop_percu", Source::MoisTropPercu),
    ("agent.mois_therapeutique", Source::MoisTherapeutique),
    ("precedent.connu", Source::PrecedentConnu),
    ("precedent.net", Source::PrecedentNet),
    ("precedent.brut", Source::PrecedentBrut),
    ("famille.enfants", Source::Enfants),
    ("famille.enfants_alternes", Source::EnfantsAlternes),
    ("famille.sft_un_enfant_ici", Source::SftUnEnfantIci),
    ("periode.part_plafond", Source::PartPlafond),
    ("periode.plafond_anterieur", Source::PlafondAnterieur),
    ("element.nombre", Source::Nombre),
    ("element.base", Source::Base),
    ("element.taux", Source::Taux),
    ("element.montant", Source::Montant),
    ("employeur.nature", Source::Nature),
    ("employeur.effectif", Source::Effectif),
    ("employeur.population", Source::Population),
    ("employeur.alsace_moselle", Source::AlsaceMoselle),
    ("absence.nature", Source::AbsenceNature),
    ("absence.motif", Source::AbsenceMotif),
    ("absence.annee", Source::AbsenceAnnee),
    ("absence.taux", Source::AbsenceTaux),
];

/// Where an input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Statut,
    Regime,
    Categorie,
    Indexe,
    IndiceMajore,
    Quotite,
    TempsNonComplet,
    TempsPartiel,
    DureeTravail,
    Nbi,
    Cti,
    MontantMensuel,
    TauxHoraire,
    ZoneIr,
    TauxPas,
    ZonePas,
    Enfants,
    EnfantsAlternes,
    SftUnEnfantIci,
    PartPlafond,
    PlafondAnterieur,
    Nombre,
    Base,
    Taux,
    Montant,
    Nature,
    Effectif,
    AlsaceMoselle,
    Population,
    Fonction,
    TauxIndemnite,
    TauxMandats,
    PartMandats,
    NombreMandats,
    PopulationMandats,
    Assujetti,
    Age,
    AnneeContrat,
    DateContrat,
    Filiere,
    Loge,
    Surcotisation,
    Therapeutique,
    QuotitePrimes,
    PlafondIfse,
    PlafondCia,
    AbsenceNature,
    AbsenceMotif,
    AbsenceAnnee,
    AbsenceTaux,
    IbanPartage,
    IbanChange,
    NirPartage,
    NirDouble,
    NirProvisoire,
    NirSexe,
    NirNaissance,
    AgeDebut,
    HeuresSupplementaires,
    HeuresComplementaires,
    ContratTermine,
    AncienneteTauxPas,
    PassageDemiTraitement,
    ProlongationPlein,
    AnneesRappel,
    MoisTropPercu,
    MoisTherapeutique,
    PrecedentConnu,
    PrecedentNet,
    PrecedentBrut,
    Parametre,
}

/// One input of a scope, ready to be filled.
#[derive(Clone, Debug)]
pub struct Input {
    /// The declaration.
    pub entree: Entree,
    /// Where it comes from.
    pub source: Source,
}

/// The inputs of each scope, in the order of the layout.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Inputs of an employer.
    pub employeur: Vec<Input>,
    /// Inputs of a month.
    pub mois: Vec<Input>,
    /// Inputs of a segment.
    pub segment: Vec<Input>,
    /// Inputs of an element.
    pub element: Vec<Input>,
    /// Inputs of a piece of an absence.
    pub absence: Vec<Input>,
}

impl Sources {
    /// Matches declared inputs with what this program provides.
    pub fn new<F>(book: &Book<F>, layout: &Layout) -> Result<Self, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let mut scope = |portee: Portee| -> Vec<Input> {
            let slots: &[InputSlot] = layout.scope(portee);
            slots.iter().filter_map(|slot| input(book, slot, &mut findings)).collect()
        };
        let sources = Self {
            employeur: scope(Portee::Employeur),
            mois: scope(Portee::Mois),
            segment: scope(Portee::Segment),
            element: scope(Portee::Element),
            absence: scope(Portee::Absence),
        };
        if findings.is_empty() { Ok(sources) } else { Err(findings) }
    }
}

fn input<F>(book: &Book<F>, slot: &InputSlot, findings: &mut Vec<Diagnostic>) -> Option<Input> {
    let entree = book.entrees.get(slot.entree.index())?.clone();
    if entree.parametre {
        return Some(Input { entree, source: Source::Parametre });
    }
    let found = PROVIDED.iter().find(|(nom, _)| *nom == entree.nom);
    if let Some(&(_, source)) = found {
        return Some(Input { entree, source });
    }
    let close = nearest(&entree.nom, PROVIDED.iter().map(|(nom, _)| *nom), 3);
    findings.push(
        Diagnostic::new(Code::N101, format!("the program does not provide `{}`", entree.nom))
            .at(entree.span, "declared here")
            .help(format!("it provides, among others, `{}`", close.join("`, `"))),
    );
    None
}

impl Input {
    /// A number at the decimals of the declaration, or why it cannot be one.
    pub fn number(&self, value: Fixed) -> Result<i128, String> {
        let EntreeType::Nombre { decimales } = self.entree.kind else {
            return Err("not a number".to_owned());
        };
        let scaled = value.at_scale(decimales).map_err(|error| error.to_string())?;
        if scaled < self.entree.min || scaled > self.entree.max {
            let bound = |limit| Fixed::new(limit, decimales).trimmed();
            let (min, max) = (bound(self.entree.min), bound(self.entree.max));
            return Err(format!("outside {min} to {max}"));
        }
        Ok(i128::from(scaled))
    }

    /// The place of a word in the closed list of the declaration.
    pub fn word(&self, word: &str) -> Option<i128> {
        let EntreeType::Enumeration(values) = &self.entree.kind else { return None };
        let at = values.iter().position(|value| value == word)?;
        i128::try_from(at).ok()
    }

    /// The closed list of the declaration.
    pub fn words(&self) -> &[String] {
        match &self.entree.kind {
            EntreeType::Enumeration(values) => values,
            _ => &[],
        }
    }

    /// A value written in a pool file, by the type of the declaration.
    pub fn text(&self, text: &str) -> Result<i128, String> {
        match &self.entree.kind {
            EntreeType::Nombre { .. } => {
                let value = Fixed::parse(text).map_err(|error| error.to_string())?;
                self.number(value)
            }
            EntreeType::Booleen => match crate::domain::canonical(text).as_str() {
                "oui" | "vrai" | "true" | "1" => Ok(1),
                "non" | "faux" | "false" | "0" => Ok(0),
                _ => Err("write `oui` or `non`".to_owned()),
            },
            EntreeType::Enumeration(values) => self
                .word(&crate::domain::canonical(text))
                .ok_or_else(|| format!("write one of `{}`", values.join("`, `"))),
            EntreeType::Ratio => Err("not a parameter".to_owned()),
        }
    }
}

/// The two places of a ratio.
pub fn ratio(values: &mut Vec<i128>, ratio: Ratio) {
    values.push(i128::from(ratio.num()));
    values.push(i128::from(ratio.den()));
}

/// A condition.
pub fn flag(value: bool) -> i128 {
    i128::from(value)
}

/// The value, or nothing known.
pub fn known(value: Option<i128>) -> i128 {
    value.unwrap_or(MISSING)
}

/// The yearly totals a program reads: for each, the names a row may give it, and its slot.
pub struct KeptTotals {
    /// Name of the item, part and slot.
    pub slots: Vec<(String, Part, Slot)>,
}

impl KeptTotals {
    /// The totals of a program.
    pub fn new(program: &Program) -> Self {
        let name = |at: usize| program.items.get(at).map_or_else(String::new, |i| i.nom.clone());
        let totals = program.layout.cumuls.iter();
        Self { slots: totals.map(|(id, part, slot)| (name(id.index()), *part, *slot)).collect() }
    }
}
