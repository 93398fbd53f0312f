//! The catalogue of findings, read once from the text that stands beside it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::gabarit::{Entree, Genre};
use super::{francais, typographie};
use crate::calendar::{Day, PayPeriod};
use crate::diag::Code;
use crate::num::{Amount, Fixed};

/// Titles and templates, one entry a template.
const TEXTE: &str = include_str!("constats.txt");

/// The titles and the templates of every code.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    titres: BTreeMap<Code, &'static str>,
    par_code: BTreeMap<Code, Vec<Entree>>,
    communs: Vec<Entree>,
    motifs: Vec<Entree>,
    /// What rules read, by the names of the rules: each is a template without a hole.
    donnees: Vec<Entree>,
    /// Entries that cannot be read; a test holds that there is none.
    pub(super) fautes: Vec<&'static str>,
}

/// Where the entries of a section go.
#[derive(Clone, Copy)]
enum Section {
    Communs,
    Motifs,
    Donnees,
    Code(Code),
}

/// The catalogue of this program.
pub(super) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::lu(TEXTE))
}

impl Catalogue {
    fn lu(texte: &'static str) -> Self {
        let mut catalogue = Self::default();
        let mut section = Section::Communs;
        let mut lines = texte.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        while let Some(line) = lines.next() {
            if let Some(heading) = line.strip_prefix("== ") {
                match catalogue.section(heading) {
                    Some(found) => section = found,
                    None => catalogue.fautes.push(line),
                }
                continue;
            }
            match lines.next().and_then(|french| Entree::lue(line, french)) {
                Some(entree) => catalogue.entrees(section).push(entree),
                None => catalogue.fautes.push(line),
            }
        }
        catalogue
    }

    fn section(&mut self, heading: &'static str) -> Option<Section> {
        let (name, title) = heading.split_once(' ')?;
        match name {
            "*" => Some(Section::Communs),
            "motif" => Some(Section::Motifs),
            "entree" => Some(Section::Donnees),
            name => {
                let code = Code::from_name(name)?;
                self.titres.insert(code, title).is_none().then_some(Section::Code(code))
            }
        }
    }

    fn entrees(&mut self, section: Section) -> &mut Vec<Entree> {
        match section {
            Section::Communs => &mut self.communs,
            Section::Motifs => &mut self.motifs,
            Section::Donnees => &mut self.donnees,
            Section::Code(code) => self.par_code.entry(code).or_default(),
        }
    }

    /// The title of a code.
    pub(super) fn titre(&self, code: Code) -> Option<&'static str> {
        self.titres.get(&code).copied()
    }

    /// A text in French, by the first template that is its own: those of the code come first.
    ///
    /// The texts of controls are French already, but for what the program adds to their remedies.
    pub(super) fn traduit(&self, code: Code, texte: &str) -> Option<String> {
        let own = self.par_code.get(&code).into_iter().flatten();
        let all = own.chain(&self.communs);
        let des_regles = matches!(code, Code::W913 | Code::W921);
        let lecture = |accents| Lecture { catalogue: self, accents };
        let found = lecture(false).premier(all.clone(), texte);
        let found = found.or_else(|| lecture(true).premier(all, texte));
        found.or_else(|| des_regles.then(|| francais(texte)).flatten())
    }
}

/// A way to read a text.
#[derive(Clone, Copy)]
struct Lecture<'c> {
    catalogue: &'c Catalogue,
    /// Whether a value may hold a backtick. It is the mark of values: one that holds it is looked
    /// for last, so that no hole takes two values and the words between them.
    accents: bool,
}

impl Lecture<'_> {
    fn premier<'e>(
        self,
        mut entrees: impl Iterator<Item = &'e Entree>,
        texte: &str,
    ) -> Option<String> {
        let valeur = |genre, value: &str| self.valeur(genre, value);
        entrees.find_map(|entree| entree.traduit(texte, &valeur))
    }

    /// What a hole shows of the text it holds; `None` when the text is not of its kind.
    fn valeur(self, genre: Genre, texte: &str) -> Option<String> {
        match genre {
            Genre::Texte => (self.accents || !texte.contains('`')).then(|| texte.to_owned()),
            Genre::Jour => jour(texte),
            Genre::Mois => PayPeriod::parse(texte).ok().map(PayPeriod::french),
            Genre::Montant => Amount::parse(texte).ok().map(Amount::french),
            Genre::Nombre => Fixed::parse(texte).ok().map(Fixed::french),
            Genre::Liste => liste(texte),
            Genre::Motif => self.motif(texte),
            Genre::Donnee => self.premier(self.catalogue.donnees.iter(), texte),
            Genre::Suite => self.suite(texte),
            Genre::Constat => self.constat(texte),
            Genre::Systeme => Some(systeme(texte)),
        }
    }

    fn motif(self, texte: &str) -> Option<String> {
        self.premier(self.catalogue.motifs.iter(), texte)
    }

    /// Pieces that commas separate, the shortest first: a piece may hold a comma itself.
    fn suite(self, texte: &str) -> Option<String> {
        let several = texte.match_indices(", ").find_map(|(at, comma)| {
            let (before, after) = (texte.get(..at)?, texte.get(at + comma.len()..)?);
            let first = self.motif(before)?;
            let then = after.strip_prefix("then ");
            let rest = self.suite(then.unwrap_or(after))?;
            Some(format!("{first}, {}{rest}", if then.is_some() { "puis " } else { "" }))
        });
        several.or_else(|| self.motif(texte))
    }

    /// The text of another finding, whatever its code, or a French text of the rules.
    fn constat(self, texte: &str) -> Option<String> {
        let all = self.catalogue.par_code.values().flatten().chain(&self.catalogue.communs);
        self.premier(all, texte).or_else(|| francais(texte))
    }
}

/// `2026-10-31` as people write it: `31/10/2026`.
pub(super) fn jour(texte: &str) -> Option<String> {
    let day = Day::parse(texte).ok()?;
    Some(format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year()))
}

/// Names between backticks, separated by commas, between guillemets.
fn liste(texte: &str) -> Option<String> {
    let inside = texte.strip_prefix('`')?.strip_suffix('`')?;
    Some(typographie(&format!("« {} »", inside.replace("`, `", " », « "))))
}

/// What the operating system answers is in its own language: its number says enough.
fn systeme(texte: &str) -> String {
    let number = texte.rsplit_once("(os error ").and_then(|(_, rest)| rest.strip_suffix(')'));
    match number {
        Some("2") => "il n'existe pas".to_owned(),
        Some("13") => "l'accès est refusé".to_owned(),
        Some("21") => "c'est un dossier".to_owned(),
        Some(other) => format!("erreur {other} du système"),
        None => "erreur du système".to_owned(),
    }
}
