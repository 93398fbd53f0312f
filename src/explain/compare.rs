//! What changed between two explanations of the same line: the leaves that explain the difference,
//! each once, and never the amounts in between.
//!
//! Both months are read from the line down. What gave the same value is not opened: an input that
//! changed below it explains nothing. Segments are compared day by day, rows of elements by what
//! they name, absences by their days.

mod feuilles;
mod texte;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::calendar::Day;
use crate::check::Part;
use crate::rules::{Portee, Segments};

use super::lectures::{Item, Lecture, Lectures, Lu, Run, Taux};
use super::origine::LigneCitee;
use super::{Explanation, Memoire, VersionCitee};

pub use texte::text as comparison_text;
pub use texte::{arithmetic, signed};

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// What differs between two computations of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Version of this form.
    pub version: u32,
    /// The month.
    pub mois: String,
    /// What was asked, as written.
    pub demande: String,
    /// The amounts of the line, one per part that it prints.
    pub montants: Vec<Ecart>,
    /// What explains the difference.
    pub causes: Vec<Cause>,
    /// Lines that only one side has.
    pub lignes: Vec<LigneChangee>,
}

/// An amount on both sides, in cents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ecart {
    /// Its name: `TIB`, `CNRACL.employeur`.
    pub nom: String,
    /// Its French label.
    pub libelle: String,
    /// What was due.
    pub avant: i64,
    /// What is due.
    pub apres: i64,
    /// The second less the first.
    pub ecart: i64,
}

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// A version of a rule: parameter, rate, grid, brackets, formula.
    Regle,
    /// An input of the agent, of the family, of the employer or of an element.
    Entree,
    /// The days of the contract in the month.
    Presence,
    /// A row of `elements.csv`.
    Element,
    /// An amount that a row imposes.
    MontantImpose,
    /// An absence.
    Absence,
    /// What earlier months gave.
    Cumul,
    /// A line that could not be computed.
    Blocage,
}

impl Nature {
    /// In French, for the text.
    pub fn french(self) -> &'static str {
        match self {
            Self::Regle => "règle",
            Self::Entree => "donnée",
            Self::Presence => "présence",
            Self::Element => "élément",
            Self::MontantImpose => "montant imposé",
            Self::Absence => "absence",
            Self::Cumul => "cumul des mois antérieurs",
            Self::Blocage => "calcul bloqué",
        }
    }

    /// What a side that has no such thing says.
    pub fn absent(self) -> &'static str {
        match self {
            Self::Absence => "aucune absence ces jours-là",
            Self::Element => "aucun élément",
            _ => "rien",
        }
    }
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What kind of thing.
    pub nature: Nature,
    /// Its name in formulas, or what it is about.
    pub nom: String,
    /// Its French label.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub libelle: String,
    /// The days concerned, empty for all the days of the month.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub quand: String,
    /// Before; none: it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avant: Option<Cote>,
    /// After; none: it is no more there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apres: Option<Cote>,
}

/// One side of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cote {
    /// The value, in French.
    pub texte: String,
    /// More about where it comes from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub precision: String,
    /// The row that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ligne: Option<LigneCitee>,
    /// The version of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionCitee>,
}

/// A line that only one side has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LigneChangee {
    /// Its name in formulas.
    pub nom: String,
    /// Its French label.
    pub libelle: String,
    /// Whether it is the new side that has it.
    pub apparait: bool,
    /// Why the other side has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub raison: String,
}

/// What changed from one explanation of a line to another of the same line.
///
/// Both have to come from the same agent, contract and month, and from
/// [`Observed::comparable`](super::Observed::comparable): otherwise only amounts are compared.
pub fn compare(before: &Explanation, after: &Explanation) -> Comparison {
    let (causes, lignes) = match (&before.lectures, &after.lectures) {
        (Memoire::Mois(avant), Memoire::Mois(apres)) => {
            let mut walk = Walk::new(avant, apres);
            walk.line(&after.demande);
            walk.end()
        }
        (Memoire::SansContrat, Memoire::Mois(apres)) => {
            (vec![contract(None, Some(apres))], Vec::new())
        }
        (Memoire::Mois(avant), Memoire::SansContrat) => {
            (vec![contract(Some(avant), None)], Vec::new())
        }
        _ => (Vec::new(), Vec::new()),
    };
    Comparison {
        version: FORMAT,
        mois: after.mois.clone(),
        demande: after.demande.clone(),
        montants: ecarts(before, after),
        causes,
        lignes,
    }
}

/// A contract that only one side knows.
fn contract(avant: Option<&Lectures>, apres: Option<&Lectures>) -> Cause {
    let side = |lectures: Option<&Lectures>| {
        Some(lectures.map_or_else(
            || feuilles::plain("aucun jour"),
            |lectures| feuilles::days_of(lectures, &feuilles::days(lectures), &[]),
        ))
    };
    Cause {
        nature: Nature::Presence,
        nom: "presence".to_owned(),
        libelle: feuilles::PRESENCE.to_owned(),
        quand: String::new(),
        avant: side(avant),
        apres: side(apres),
    }
}

/// The amounts of both sides, by name.
fn ecarts(before: &Explanation, after: &Explanation) -> Vec<Ecart> {
    let mut ecarts: Vec<Ecart> = Vec::new();
    let avant = before.parts().into_iter().map(|part| (part, true));
    let apres = after.parts().into_iter().map(|part| (part, false));
    for ((nom, libelle, cents), old) in avant.chain(apres) {
        let at = ecarts.iter().position(|ecart| ecart.nom == nom).unwrap_or_else(|| {
            ecarts.push(Ecart { nom, libelle, avant: 0, apres: 0, ecart: 0 });
            ecarts.len() - 1
        });
        let Some(ecart) = ecarts.get_mut(at) else { continue };
        let side = if old { &mut ecart.avant } else { &mut ecart.apres };
        *side += cents;
        ecart.ecart = ecart.apres - ecart.avant;
    }
    ecarts
}

/// Days that lie in one segment of each side.
#[derive(Clone, Copy)]
struct Plage {
    avant: usize,
    apres: usize,
    premier: Day,
    dernier: Day,
}

/// Where both sides are: the same days, the same row, the same absence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Lieu {
    segments: Option<(usize, usize)>,
    elements: Option<(usize, usize)>,
    absences: Option<(usize, usize)>,
}

/// A cause and the days on which it was found.
struct Trouvee {
    cause: Cause,
    jours: Vec<(Day, Day)>,
    /// Whether it only says that an input has a value.
    presence: bool,
}

struct Walk<'x> {
    avant: &'x Lectures,
    apres: &'x Lectures,
    plages: Vec<Plage>,
    seen: BTreeSet<(String, Part, Lieu)>,
    causes: Vec<Trouvee>,
    lignes: Vec<LigneChangee>,
}

/// The two sides of something.
type Both<'x, T> = (&'x T, &'x T);

impl<'x> Walk<'x> {
    fn new(avant: &'x Lectures, apres: &'x Lectures) -> Self {
        let mut plages = Vec::new();
        for (b, old) in avant.segments.iter().enumerate() {
            for (a, new) in apres.segments.iter().enumerate() {
                let premier = old.premier.max(new.premier);
                let dernier = old.dernier.min(new.dernier);
                if premier <= dernier {
                    plages.push(Plage { avant: b, apres: a, premier, dernier });
                }
            }
        }
        Self { avant, apres, plages, seen: BTreeSet::new(), causes: Vec::new(), lignes: Vec::new() }
    }

    /// Every item behind `CODE` or `CODE.part`.
    fn line(&mut self, demande: &str) {
        let (code, part) = match demande.split_once('.') {
            Some((code, "base")) => (code, Part::Base),
            Some((code, "agent")) => (code, Part::Agent),
            Some((code, "employeur")) => (code, Part::Employeur),
            _ => (demande, Part::Montant),
        };
        let (avant, apres) = (self.avant, self.apres);
        let mut names: Vec<&str> = Vec::new();
        for (nom, item) in apres.items.iter().chain(&avant.items) {
            if (item.code == code || nom == code) && !names.contains(&nom.as_str()) {
                names.push(nom);
            }
        }
        for nom in names {
            self.item(nom, part, Lieu::default());
        }
    }

    /// An item whose value changed.
    fn item(&mut self, nom: &str, part: Part, lieu: Lieu) {
        if !self.seen.insert((nom.to_owned(), part, lieu)) {
            return;
        }
        let (avant, apres) = (self.avant.items.get(nom), self.apres.items.get(nom));
        let (Some(avant), Some(apres)) = (avant, apres) else {
            self.only_in_one_book(nom, avant.or(apres), avant.is_some());
            return;
        };
        let both = (avant, apres);
        if lieu == Lieu::default() {
            self.shown(nom, both);
        }
        if avant.impose.is_some() || apres.impose.is_some() {
            self.imposed(nom, both);
            return;
        }
        if avant.bloquee != apres.bloquee {
            self.blocked(nom, both);
            return;
        }
        if avant.sans_regle.is_some() != apres.sans_regle.is_some() {
            self.unruled(nom, both);
            return;
        }
        match apres.portee {
            Portee::Employeur | Portee::Mois => self.run(nom, part, Lieu::default(), both),
            Portee::Segment if lieu.segments.is_some() => self.run(nom, part, lieu, both),
            Portee::Segment => self.across(nom, part, both),
            Portee::Element | Portee::ElementMois => self.elements(nom, both),
            Portee::Absence if lieu.absences.is_some() => self.run(nom, part, lieu, both),
            Portee::Absence => self.pieces(nom, both),
        }
        if let (None, Some(rate)) = (lieu.segments, &apres.absences) {
            self.absences(rate);
        }
        if lieu == Lieu::default() {
            self.policy(part, both);
        }
    }

    /// The segments of a line or of a quantity that the month reads.
    fn across(&mut self, nom: &str, part: Part, (avant, apres): Both<'x, Item>) {
        self.presence();
        if apres.segments == Segments::Dernier {
            let last = |lectures: &Lectures| lectures.segments.len().checked_sub(1);
            let segments = last(self.avant).zip(last(self.apres));
            if segments.is_some() {
                let lieu = Lieu { segments, ..Lieu::default() };
                self.run(nom, part, lieu, (avant, apres));
            }
            return;
        }
        for plage in self.plages.clone() {
            let segments = Some((plage.avant, plage.apres));
            self.run(nom, part, Lieu { segments, ..Lieu::default() }, (avant, apres));
        }
    }

    /// The rows of a rubrique.
    fn elements(&mut self, nom: &str, (avant, apres): Both<'x, Item>) {
        for (old, new) in self.rows(nom) {
            let (Some(old), Some(new)) = (old, new) else {
                self.one_sided_row(&apres.libelle, (old, new));
                continue;
            };
            let rows = (self.avant.elements.get(old), self.apres.elements.get(new));
            let (Some(before), Some(after)) = rows else { continue };
            if before.impose.is_some() || after.impose.is_some() {
                self.imposed_row(&apres.libelle, (before, after));
                continue;
            }
            if self.covered(&before.segments, true) != self.covered(&after.segments, false) {
                self.moved_row(&apres.libelle, (before, after));
            }
            let elements = Some((old, new));
            let places: Vec<Option<(usize, usize)>> = if apres.portee == Portee::ElementMois {
                vec![None]
            } else if apres.segments == Segments::Dernier {
                vec![before.segments.last().copied().zip(after.segments.last().copied())]
            } else {
                let inside = |p: &&Plage| {
                    before.segments.contains(&p.avant) && after.segments.contains(&p.apres)
                };
                self.plages.iter().filter(inside).map(|p| Some((p.avant, p.apres))).collect()
            };
            for segments in places {
                let lieu = Lieu { segments, elements, absences: None };
                self.run(nom, Part::Montant, lieu, (avant, apres));
            }
        }
    }

    /// A quantity of absences that the month reads: every piece both sides have.
    fn pieces(&mut self, nom: &str, both: Both<'x, Item>) {
        self.absent_days(nom);
        for absences in self.common_pieces() {
            let lieu = Lieu { absences: Some(absences), ..Lieu::default() };
            self.run(nom, Part::Montant, lieu, both);
        }
    }

    /// What absences take away: their days, then the rate of those that both sides have.
    fn absences(&mut self, rate: &str) {
        self.absent_days(rate);
        for absences in self.common_pieces() {
            self.item(rate, Part::Montant, Lieu { absences: Some(absences), ..Lieu::default() });
        }
    }

    /// One run of both sides.
    fn run(&mut self, nom: &str, part: Part, lieu: Lieu, (avant, apres): Both<'x, Item>) {
        let runs = (find(avant, lieu, true), find(apres, lieu, false));
        let (Some(old), Some(new)) = runs else {
            if runs.0.is_some() || runs.1.is_some() {
                self.one_sided_run(nom, apres, runs, lieu);
            }
            return;
        };
        let same = (old.applied, old.valeur) == (new.applied, new.valeur);
        if !same || part == Part::Base {
            self.definition(nom, apres, (old, new), lieu);
        }
        let (agent, employeur) = (part != Part::Employeur, part != Part::Agent);
        if apres.cotisation && part != Part::Base && (old.applied, new.applied) == BOTH {
            let sides = [(agent, "agent"), (employeur, "employeur")];
            for (at, (_, side)) in sides.iter().enumerate().filter(|(_, (asked, _))| *asked) {
                let rates = (old.cotes.get(at), new.cotes.get(at));
                let (Some(before), Some(after)) = rates else { continue };
                let what = (format!("{nom}.{side}"), format!("{}, part {side}", apres.libelle));
                self.rate(&what, (before.as_ref(), after.as_ref()), (old, new), lieu);
            }
        }
    }

    fn definition(&mut self, nom: &str, item: &Item, (old, new): Both<'x, Run>, lieu: Lieu) {
        let other = old.regle.contenu != new.regle.contenu;
        if other {
            let libelle = format!("règle de {}", item.libelle);
            let texts = (old.regle.contenu.clone(), new.regle.contenu.clone());
            self.rule((nom, &libelle), (&old.regle, &new.regle), texts, lieu);
        }
        let mut sides = (old.si.clone(), new.si.clone());
        if (old.applied, new.applied) == BOTH {
            // A condition that holds on both sides explains nothing, unless it is another one.
            sides = (old.lectures.clone(), new.lectures.clone());
        }
        if other {
            flatten(&mut sides.0, &old.etapes);
            flatten(&mut sides.1, &new.etapes);
        }
        self.readings((&sides.0, &sides.1), (&old.etapes, &new.etapes), lieu);
    }

    fn rate(
        &mut self,
        (nom, libelle): &(String, String),
        (old, new): (Option<&Taux>, Option<&Taux>),
        (before, after): Both<'x, Run>,
        lieu: Lieu,
    ) {
        let libelle = format!("taux de {libelle}");
        let text = |rate: Option<&Taux>| {
            rate.map_or_else(|| "aucun taux".to_owned(), |rate| rate.valeur.taux().texte)
        };
        let texts = (text(old), text(new));
        let (Some(old), Some(new)) = (old, new) else {
            if old.is_some() || new.is_some() {
                let cote = |rate: Option<&Taux>, texte: String| Cote {
                    texte,
                    version: rate.map(|rate| rate.regle.version.clone()),
                    ..Cote::default()
                };
                let sides = (Some(cote(old, texts.0)), Some(cote(new, texts.1)));
                self.push(Nature::Regle, (nom, &libelle), sides, lieu);
            }
            return;
        };
        if old.valeur == new.valeur {
            return;
        }
        if old.regle.contenu != new.regle.contenu {
            self.rule((nom, &libelle), (&old.regle, &new.regle), texts, lieu);
        }
        let sides = (old.lectures.as_slice(), new.lectures.as_slice());
        self.readings(sides, (&before.etapes, &after.etapes), lieu);
    }

    /// What two runs of a formula read under the same name, when it is not the same.
    fn readings(
        &mut self,
        (old, new): (&[Lecture], &[Lecture]),
        etapes: Both<'_, Vec<(String, Vec<Lecture>)>>,
        lieu: Lieu,
    ) {
        for after in new {
            let alike = |other: &&Lecture| {
                (other.genre, other.part, &other.nom) == (after.genre, after.part, &after.nom)
            };
            let Some(before) = old.iter().find(alike) else { continue };
            if before.same(after) {
                continue;
            }
            match after.genre {
                Lu::Entree | Lu::Presence => self.input((before, after), lieu),
                Lu::Parametre | Lu::Bareme => self.dated((before, after), etapes, lieu),
                Lu::Etape => {
                    let opened = |list: &Vec<(String, Vec<Lecture>)>| {
                        let found = list.iter().find(|(nom, _)| *nom == after.nom);
                        found.map(|(_, read)| read.clone()).unwrap_or_default()
                    };
                    let sides = (opened(etapes.0), opened(etapes.1));
                    self.readings((&sides.0, &sides.1), etapes, lieu);
                }
                Lu::Item => self.item(&after.nom, after.part, self.below(&after.nom, lieu)),
                Lu::Cumul => self.total((before, after), lieu),
                Lu::Somme => self.sum((before, after), lieu),
                Lu::Groupe => {
                    self.readings((&before.dessous, &after.dessous), etapes, lieu);
                }
            }
        }
    }

    /// Where an item is read from a run: a quantity of segments in the same days.
    fn below(&self, nom: &str, lieu: Lieu) -> Lieu {
        let item = self.apres.items.get(nom).filter(|item| !item.ligne);
        let Some(item) = item else { return Lieu::default() };
        let absences = lieu.absences.filter(|_| item.portee == Portee::Absence);
        let segments = lieu.segments.filter(|_| item.portee == Portee::Segment);
        Lieu { segments, elements: None, absences }
    }

    /// A family: the members that moved.
    fn sum(&mut self, (old, new): Both<'_, Lecture>, lieu: Lieu) {
        for after in &new.dessous {
            let before = old.dessous.iter().find(|other| other.nom == after.nom);
            match before {
                Some(before) if before.same(after) => {}
                Some(before) if after.genre == Lu::Cumul => self.total((before, after), lieu),
                Some(_) => self.item(&after.nom, after.part, Lieu::default()),
                None => self.joined(new, after, false),
            }
        }
        for before in &old.dessous {
            if !new.dessous.iter().any(|other| other.nom == before.nom) {
                self.joined(old, before, true);
            }
        }
    }
}

/// A condition that held on both sides.
const BOTH: (Option<bool>, Option<bool>) = (Some(true), Some(true));

/// The run of one side at a place.
fn find(item: &Item, lieu: Lieu, avant: bool) -> Option<&Run> {
    let pick = |pair: Option<(usize, usize)>| pair.map(|(b, a)| if avant { b } else { a });
    let element = pick(lieu.elements);
    let absence = pick(lieu.absences);
    let segment = pick(lieu.segments);
    item.runs.iter().find(|run| {
        run.element == element
            && run.absence == absence
            && (absence.is_some() || run.segment == segment)
    })
}

/// Opens groups and named steps: two formulas that differ share only what they read.
fn flatten(list: &mut Vec<Lecture>, etapes: &[(String, Vec<Lecture>)]) {
    let mut left: Vec<Lecture> = std::mem::take(list);
    let mut opened: BTreeSet<String> = BTreeSet::new();
    left.reverse();
    while let Some(mut read) = left.pop() {
        match read.genre {
            Lu::Groupe => left.extend(std::mem::take(&mut read.dessous).into_iter().rev()),
            Lu::Etape if opened.insert(read.nom.clone()) => {
                let found = etapes.iter().find(|(nom, _)| *nom == read.nom);
                left.extend(found.into_iter().flat_map(|(_, below)| below.iter().rev().cloned()));
            }
            Lu::Etape => {}
            _ => list.push(read),
        }
    }
}
