//! A rappel explained: what was due as known then, what is due as known now, what changed.

use serde::Serialize;

use crate::calendar::{Day, PayPeriod};

use super::compare::{Comparison, Ecart, arithmetic, compare, comparison_text, signed};
use super::text::{trees, wrapped};
use super::{Explanation, FORMAT};

/// How a line takes the changes of a closed month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeRappel {
    /// A line of the month of origin, at the rates of that month.
    Origine,
    /// Like `Paiement` for a month of the year paid, like `Origine` for a former year.
    Annee,
    /// Inside the base of the month paid, at the rates of that month.
    Paiement,
}

/// Both computations of a line of a closed month, and what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rappel {
    /// Version of this form.
    pub version: u32,
    /// The month of origin.
    pub mois: String,
    /// The month whose payslip settles it, when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paye_en: Option<String>,
    /// How the line takes it, when the rules say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ModeRappel>,
    /// What was due.
    pub avant: Explanation,
    /// What is due.
    pub apres: Explanation,
    /// What changed.
    pub changements: Comparison,
}

/// Puts two explanations of the same line side by side.
///
/// `before` is what was due as last computed, `after` what is due now, both of the month of
/// origin. `paid` is the month whose payslip carries the rappel.
pub fn rappel(
    before: Explanation,
    after: Explanation,
    mode: Option<ModeRappel>,
    paid: Option<PayPeriod>,
) -> Rappel {
    let changements = compare(&before, &after);
    Rappel {
        version: FORMAT,
        mois: after.mois.clone(),
        paye_en: paid.map(|month| month.to_string()),
        mode,
        avant: before,
        apres: after,
        changements,
    }
}

/// The rappel as text.
pub fn rappel_text(rappel: &Rappel) -> String {
    let mut out = String::new();
    wrapped(&mut out, "", "  ", &rappel.titre());
    if let Some(landing) = rappel.landing() {
        wrapped(&mut out, "", "  ", &landing);
    }
    let [avant, apres] = rappel.titres();
    head(&mut out, &avant);
    out.push_str(&trees(&rappel.avant));
    head(&mut out, &apres);
    out.push_str(&trees(&rappel.apres));
    head(&mut out, "Ce qui change");
    out.push_str(&comparison_text(&rappel.changements));
    head(&mut out, "Différence");
    let ecarts = &rappel.changements.montants;
    for ecart in ecarts {
        let name = if ecarts.len() > 1 { format!("{} : ", ecart.nom) } else { String::new() };
        out.push_str(&format!("{name}{}\n", arithmetic(ecart.avant, ecart.apres)));
    }
    if ecarts.is_empty() {
        out.push_str("aucun montant de bulletin, ni avant ni après\n");
    }
    out
}

impl Rappel {
    /// `Rappel de CNRACL, part employeur, sur janvier 2024 : +76,50 €`.
    pub fn titre(&self) -> String {
        let demande = self.apres.demande.as_str();
        let what = match demande.split_once('.') {
            Some((code, "base")) => format!("{code}, base,"),
            Some((code, part)) => format!("{code}, part {part},"),
            None => demande.to_owned(),
        };
        let named = |ecart: &Ecart| match ecart.nom.split_once('.') {
            Some((_, part)) => format!("part {part} {}", signed(ecart.ecart)),
            None => format!("{} {}", ecart.nom, signed(ecart.ecart)),
        };
        let amounts = match self.changements.montants.as_slice() {
            [] => "aucun montant".to_owned(),
            [only] => signed(only.ecart),
            several => several.iter().map(named).collect::<Vec<_>>().join(", "),
        };
        format!("Rappel de {what} sur {} : {amounts}", month(&self.mois))
    }

    /// `Ce qui était dû d'après ce qu'on savait le 25 janvier 2024`, and what is due.
    pub fn titres(&self) -> [String; 2] {
        let (then, now) = (&self.avant.connu_le, &self.apres.connu_le);
        [
            format!("Ce qui était dû d'après {}", knowledge(then, "savait")),
            format!("Ce qui est dû d'après {}", knowledge(now, "sait")),
        ]
    }

    /// How the amount lands on the payslip.
    pub fn landing(&self) -> Option<String> {
        let origin = month(&self.mois);
        let year = |text: &str| PayPeriod::parse(text).ok().map(PayPeriod::year);
        let paid = self.paye_en.as_deref();
        let same_year = paid.map(|paid| year(paid) == year(&self.mois));
        let slip = paid.map_or_else(
            || "Sur le bulletin du mois payé".to_owned(),
            |paid| format!("Sur le bulletin {}", month_of(paid)),
        );
        let apart = format!("une ligne du mois d'origine ({origin}), aux taux de {origin}");
        let inside = "dans la base du mois payé, aux taux de ce mois : pas de ligne à part";
        Some(match (self.mode?, same_year) {
            (ModeRappel::Origine, _) => format!("{slip} : {apart}"),
            (ModeRappel::Paiement, _) => format!("{slip} : {inside}"),
            (ModeRappel::Annee, Some(true)) => format!("{slip} : {inside} (même année)"),
            (ModeRappel::Annee, Some(false)) => format!("{slip} : {apart} (année antérieure)"),
            (ModeRappel::Annee, None) => {
                format!("{slip} : {inside}, s'il est de la même année ; sinon {apart}")
            }
        })
    }
}

fn head(out: &mut String, title: &str) {
    out.push_str(&format!("\n{title}\n{}\n", "─".repeat(title.chars().count())));
}

/// `ce qu'on savait le 25 janvier 2024`, `tout ce qu'on sait`.
fn knowledge(connu_le: &str, verb: &str) -> String {
    match Day::parse(connu_le) {
        Ok(day) => {
            let number = if day.day() == 1 { "1er".to_owned() } else { day.day().to_string() };
            format!("ce qu'on {verb} le {number} {}", PayPeriod::of(day).french())
        }
        Err(_) => format!("tout ce qu'on {verb}"),
    }
}

/// `janvier 2024`; the text itself when it is no month.
/// `d’octobre 2026`.
fn month_of(text: &str) -> String {
    PayPeriod::parse(text).map_or_else(|_| format!("de {text}"), PayPeriod::french_of)
}

fn month(text: &str) -> String {
    PayPeriod::parse(text).map_or_else(|_| text.to_owned(), PayPeriod::french)
}
