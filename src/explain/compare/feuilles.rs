//! The leaves of a comparison: each kind of change, in words, with its rows and its versions.

use crate::calendar::Day;
use crate::check::Part;
use crate::num::{RoundingMode, round_div};
use crate::rules::Segments;
use crate::syntax::Unit;

use super::super::build::sum_of;
use super::super::lectures::{Absence, Element, Item, Lecture, Lectures, Lu, Regle, Run, Segment};
use super::super::value::Exact;
use super::{Both, Cause, Cote, Lieu, LigneChangee, Nature, Trouvee, Walk};

/// One cause as it is found: its two sides.
type Sides = (Option<Cote>, Option<Cote>);

/// Consecutive pieces of one absence.
struct Stay {
    /// The first of them.
    first: usize,
    /// The last of them.
    last: usize,
    premier: Day,
    dernier: Day,
    part: Exact,
    libelle: String,
    piece: Absence,
}

impl Walk<'_> {
    /// Adds a cause, or the days of one that is known.
    pub(super) fn push(
        &mut self,
        nature: Nature,
        (nom, libelle): (&str, &str),
        (avant, apres): Sides,
        lieu: Lieu,
    ) {
        let (nom, libelle) = (nom.to_owned(), libelle.to_owned());
        let cause = Cause { nature, nom, libelle, quand: String::new(), avant, apres };
        let pair = lieu.segments;
        let days = self.plages.iter().filter(|p| Some((p.avant, p.apres)) == pair);
        let mut jours: Vec<(Day, Day)> = days.map(|p| (p.premier, p.dernier)).collect();
        if let Some(known) = self.causes.iter_mut().find(|known| known.cause == cause) {
            // No day at all stands for the whole month.
            if known.jours.is_empty() || jours.is_empty() {
                known.jours.clear();
            } else {
                known.jours.append(&mut jours);
            }
            return;
        }
        self.causes.push(Trouvee { cause, jours, presence: false });
    }

    /// What was found, each once, with its days.
    pub(super) fn end(self) -> (Vec<Cause>, Vec<LigneChangee>) {
        let all = merged(self.plages.iter().map(|p| (p.premier, p.dernier)).collect());
        let valued: Vec<String> = (self.causes.iter())
            .filter(|found| !found.presence)
            .map(|found| found.cause.nom.clone())
            .collect();
        let kept = self.causes.into_iter();
        let kept = kept.filter(|found| !(found.presence && valued.contains(&found.cause.nom)));
        let causes = kept.map(|found| {
            let days = merged(found.jours);
            let whole = days.is_empty() || days == all;
            Cause { quand: if whole { String::new() } else { days_text(&days) }, ..found.cause }
        });
        (causes.collect(), self.lignes)
    }

    // --- rules -----------------------------------------------------------------------------------

    /// Two versions of a rule.
    pub(super) fn rule(
        &mut self,
        name: (&str, &str),
        (old, new): Both<'_, Regle>,
        (before, after): (String, String),
        lieu: Lieu,
    ) {
        let cote = |texte: String, regle: &Regle| Cote {
            texte,
            version: Some(regle.version.clone()),
            ..Cote::default()
        };
        let sides = (Some(cote(before, old)), Some(cote(after, new)));
        self.push(Nature::Regle, name, sides, lieu);
    }

    /// A parameter, or brackets and what they were read with.
    pub(super) fn dated(
        &mut self,
        (old, new): Both<'_, Lecture>,
        etapes: Both<'_, Vec<(String, Vec<Lecture>)>>,
        lieu: Lieu,
    ) {
        if let (Some((_, before)), Some((nom, after))) = (&old.regle, &new.regle)
            && before.contenu != after.contenu
        {
            let texts = match new.genre {
                Lu::Bareme => {
                    let text = |regle: &Regle| format!("tranches du {}", regle.version.depuis);
                    (text(before), text(after))
                }
                _ => (old.texte.clone(), new.texte.clone()),
            };
            self.rule((nom, &new.libelle), (before, after), texts, lieu);
        }
        self.readings((&old.dessous, &new.dessous), etapes, lieu);
    }

    /// An item that only one of two rule books has.
    pub(super) fn only_in_one_book(&mut self, nom: &str, item: Option<&Item>, old: bool) {
        let Some(item) = item else { return };
        let version = item.runs.first().map(|run| run.regle.version.clone());
        let there = Some(Cote { texte: "dans les règles".to_owned(), version, ..Cote::default() });
        let absent = Some(plain("absente des règles"));
        let sides = if old { (there, absent) } else { (absent, there) };
        let libelle = format!("règle de {}", item.libelle);
        self.push(Nature::Regle, (nom, &libelle), sides, Lieu::default());
    }

    /// An item that has a rule on one side only.
    pub(super) fn unruled(&mut self, nom: &str, (old, new): Both<'_, Item>) {
        let side = |item: &Item| match &item.sans_regle {
            Some(why) => plain(why),
            None => Cote {
                texte: "une règle en vigueur".to_owned(),
                version: item.runs.first().map(|run| run.regle.version.clone()),
                ..Cote::default()
            },
        };
        let libelle = format!("règle de {}", new.libelle);
        self.push(
            Nature::Regle,
            (nom, &libelle),
            (Some(side(old)), Some(side(new))),
            Lieu::default(),
        );
    }

    /// Days on which one side only has a rule.
    pub(super) fn one_sided_run(
        &mut self,
        nom: &str,
        item: &Item,
        (old, new): (Option<&Run>, Option<&Run>),
        lieu: Lieu,
    ) {
        let side = |run: Option<&Run>| {
            Some(run.map_or_else(
                || plain("aucune règle en vigueur"),
                |run| Cote {
                    texte: "une règle en vigueur".to_owned(),
                    version: Some(run.regle.version.clone()),
                    ..Cote::default()
                },
            ))
        };
        let libelle = format!("règle de {}", item.libelle);
        self.push(Nature::Regle, (nom, &libelle), (side(old), side(new)), lieu);
    }

    /// A member that only one of two rule books puts in a family.
    pub(super) fn joined(&mut self, famille: &Lecture, member: &Lecture, old: bool) {
        if member.valeur.is_none_or(|value| value.num == 0) {
            return;
        }
        let (there, absent) = (Some(plain("en fait partie")), Some(plain("n'en fait pas partie")));
        let sides = if old { (there, absent) } else { (absent, there) };
        let libelle = format!("{} dans : {}", member.libelle, famille.libelle);
        self.push(Nature::Regle, (&member.nom, &libelle), sides, Lieu::default());
    }

    // --- inputs and totals -----------------------------------------------------------------------

    /// An input: of the rules when the same row means something else, of the facts otherwise.
    pub(super) fn input(&mut self, (old, new): Both<'_, Lecture>, lieu: Lieu) {
        if let (Some((before, first)), Some((after, second))) = (&old.regle, &new.regle)
            && before == after
        {
            let texts = (old.texte.clone(), new.texte.clone());
            self.rule((&new.nom, after), (first, second), texts, lieu);
            return;
        }
        // A row says one thing for all the days it covers.
        let lieu =
            if new.nom.starts_with("element.") { Lieu { segments: None, ..lieu } } else { lieu };
        let libelle = match lieu.elements.and_then(|(_, at)| self.apres.elements.get(at)) {
            Some(element) if new.nom.starts_with("element.") => {
                let item = self.apres.items.get(&element.item);
                let item = item.map_or("", |item| item.libelle.as_str());
                format!("{}, {item}", new.libelle)
            }
            _ => new.libelle.clone(),
        };
        let side = |read: &Lecture| {
            Some(Cote {
                texte: read.texte.clone(),
                precision: read.precision.clone(),
                ligne: read.ligne.clone(),
                version: None,
            })
        };
        self.push(Nature::Entree, (&new.nom, &libelle), (side(old), side(new)), lieu);
        if new.genre == Lu::Presence
            && let Some(last) = self.causes.last_mut()
        {
            last.presence = true;
        }
    }

    /// What earlier months gave.
    pub(super) fn total(&mut self, (old, new): Both<'_, Lecture>, lieu: Lieu) {
        let dot = if new.part.name().is_empty() { "" } else { "." };
        let nom = format!("cumul({}{dot}{})", new.nom, new.part.name());
        let libelle = match new.part {
            Part::Montant => new.libelle.clone(),
            Part::Base => format!("{}, base", new.libelle),
            side => format!("{}, part {}", new.libelle, side.name()),
        };
        let sides = (Some(plain(&old.texte)), Some(plain(&new.texte)));
        self.push(Nature::Cumul, (&nom, &libelle), sides, lieu);
    }

    /// How the employer rounds a line, when the choice moves a cent.
    pub(super) fn policy(&mut self, part: Part, (old, new): Both<'_, Item>) {
        let choice = |item: &Item| {
            let mut runs = item.runs.iter();
            runs.find_map(|run| run.politique.as_ref().map(|(read, _)| read.clone()))
        };
        let (Some(before), Some(after)) = (choice(old), choice(new)) else { return };
        if before.same(&after) {
            return;
        }
        let (avant, apres) = (self.avant, self.apres);
        if matters(old, part, avant) || matters(new, part, apres) {
            self.input((&before, &after), Lieu::default());
        }
    }

    // --- lines -----------------------------------------------------------------------------------

    /// A line that only one side prints.
    pub(super) fn shown(&mut self, nom: &str, (old, new): Both<'_, Item>) {
        if old.imprimee == new.imprimee {
            return;
        }
        let absent = if new.imprimee { old } else { new };
        let falsehood = absent.runs.iter().find(|run| run.applied == Some(false));
        let side = if new.imprimee { self.avant } else { self.apres };
        let raison = match (&absent.sans_regle, falsehood) {
            // What blocks it is a cause already.
            _ if absent.bloquee.is_some() || !side.bloque.is_empty() => return,
            (Some(why), _) => why.clone(),
            (None, Some(run)) if !run.condition.is_empty() => {
                format!("condition fausse : {}", run.condition)
            }
            _ if absent.portee.by_element() && absent.runs.is_empty() => {
                "aucun élément pour ce contrat ce mois-ci".to_owned()
            }
            _ if absent.runs.is_empty() => "aucun jour de ce contrat dans le mois".to_owned(),
            _ => "montant nul".to_owned(),
        };
        self.lignes.push(LigneChangee {
            nom: nom.to_owned(),
            libelle: new.libelle.clone(),
            apparait: new.imprimee,
            raison,
        });
    }

    /// A line that one side at least takes from `montant_paye`.
    pub(super) fn imposed(&mut self, nom: &str, (old, new): Both<'_, Item>) {
        let amount = |item: &Item| item.impose.as_ref().map(|(cents, _)| *cents);
        if amount(old) == amount(new) {
            return;
        }
        let side = |item: &Item| {
            Some(item.impose.as_ref().map_or_else(
                || plain("selon la règle"),
                |(cents, ligne)| Cote {
                    texte: euros(*cents),
                    ligne: ligne.clone(),
                    ..Cote::default()
                },
            ))
        };
        let sides = (side(old), side(new));
        self.push(Nature::MontantImpose, (nom, &new.libelle), sides, Lieu::default());
    }

    /// A line that one side could not compute.
    pub(super) fn blocked(&mut self, nom: &str, (old, new): Both<'_, Item>) {
        let side = |item: &Item| Some(plain(item.bloquee.as_deref().unwrap_or("calculée")));
        let sides = (side(old), side(new));
        self.push(Nature::Blocage, (nom, &new.libelle), sides, Lieu::default());
    }

    // --- elements --------------------------------------------------------------------------------

    /// The rows of an item on both sides: those that say the same together, then those that name
    /// the same thing.
    pub(super) fn rows(&self, nom: &str) -> Vec<(Option<usize>, Option<usize>)> {
        let of = |side: &Lectures| -> Vec<usize> {
            let rows = side.elements.iter().enumerate();
            rows.filter(|(_, row)| row.item == nom).map(|(at, _)| at).collect()
        };
        let (mut old, mut new) = (of(self.avant), of(self.apres));
        let mut pairs = Vec::new();
        for exact in [true, false] {
            new.retain(|&after| {
                let row = self.apres.elements.get(after);
                let alike = |before: &usize| {
                    let other = self.avant.elements.get(*before);
                    row.zip(other).is_some_and(|(row, other)| {
                        row.cle == other.cle && (!exact || row.texte == other.texte)
                    })
                };
                let Some(at) = old.iter().position(alike) else { return true };
                pairs.push((Some(old.remove(at)), Some(after)));
                false
            });
        }
        pairs.extend(old.into_iter().map(|before| (Some(before), None)));
        pairs.extend(new.into_iter().map(|after| (None, Some(after))));
        pairs
    }

    /// A row that only one side has.
    pub(super) fn one_sided_row(
        &mut self,
        libelle: &str,
        (old, new): (Option<usize>, Option<usize>),
    ) {
        let row = |side: &Lectures, at: Option<usize>| side.elements.get(at?).cloned();
        let rows = (row(self.avant, old), row(self.apres, new));
        let nom = rows.1.as_ref().or(rows.0.as_ref()).map_or("", |row| row.item.as_str());
        let nom = nom.to_owned();
        let side = |row: Option<&Element>| {
            row.map(|row| Cote {
                texte: if row.texte.is_empty() { "présent".to_owned() } else { row.texte.clone() },
                ligne: row.ligne.clone(),
                ..Cote::default()
            })
        };
        let sides = (side(rows.0.as_ref()), side(rows.1.as_ref()));
        self.push(Nature::Element, (&nom, libelle), sides, Lieu::default());
    }

    /// A row that imposes an amount on one side at least.
    pub(super) fn imposed_row(&mut self, libelle: &str, (old, new): Both<'_, Element>) {
        if old.impose == new.impose {
            return;
        }
        let side = |row: &Element| {
            let texte = row.impose.map_or_else(|| "selon la règle".to_owned(), euros);
            Some(Cote { texte, ligne: row.ligne.clone(), ..Cote::default() })
        };
        let sides = (side(old), side(new));
        self.push(Nature::MontantImpose, (&new.item, libelle), sides, Lieu::default());
    }

    /// The days of some segments that the other side has too.
    pub(super) fn covered(&self, segments: &[usize], avant: bool) -> Vec<(Day, Day)> {
        let inside = self
            .plages
            .iter()
            .filter(|plage| segments.contains(if avant { &plage.avant } else { &plage.apres }));
        merged(inside.map(|plage| (plage.premier, plage.dernier)).collect())
    }

    /// A row that does not cover the same days.
    pub(super) fn moved_row(&mut self, libelle: &str, (old, new): Both<'_, Element>) {
        let side = |days: Vec<(Day, Day)>, row: &Element| {
            let texte = if days.is_empty() { "aucun jour".to_owned() } else { days_text(&days) };
            Some(Cote { texte, ligne: row.ligne.clone(), ..Cote::default() })
        };
        let before = side(self.covered(&old.segments, true), old);
        let after = side(self.covered(&new.segments, false), new);
        self.push(Nature::Element, (&new.item, libelle), (before, after), Lieu::default());
    }

    // --- days ------------------------------------------------------------------------------------

    /// The days of the contract, and how they are counted.
    pub(super) fn presence(&mut self) {
        let (avant, apres) = (self.avant, self.apres);
        let (before, after) = (days(avant), days(apres));
        let refused = |side: &Lectures| side.segments.is_empty() && !side.bloque.is_empty();
        if refused(avant) || refused(apres) {
            self.refused();
            return;
        }
        if (&before, count(avant)) == (&after, count(apres)) {
            return;
        }
        if let (Some(old), Some(new), true) = (&avant.comptage, &apres.comptage, before == after)
            && !old.same(new)
        {
            self.input((old, new), Lieu::default());
            return;
        }
        let sides = (Some(days_of(avant, &before, &after)), Some(days_of(apres, &after, &before)));
        self.push(Nature::Presence, ("presence", PRESENCE), sides, Lieu::default());
    }

    /// A payslip that its facts block on one side: no day could be prepared.
    fn refused(&mut self) {
        let (avant, apres) = (self.avant, self.apres);
        if avant.bloque == apres.bloque {
            return;
        }
        let side = |side: &Lectures| {
            Some(if side.bloque.is_empty() {
                plain("possible")
            } else {
                plain(&format!("bloquée par {}", side.bloque.join(", ")))
            })
        };
        let name = ("bulletin", "Préparation du bulletin");
        self.push(Nature::Blocage, name, (side(avant), side(apres)), Lieu::default());
    }

    /// The absences that both sides have, by their first piece.
    pub(super) fn common_pieces(&self) -> Vec<(usize, usize)> {
        let old = stays(self.avant);
        let pairs = stays(self.apres).into_iter().filter_map(|after| {
            let same = old.iter().find(|before| before.same(&after))?;
            Some((same.first, after.first))
        });
        pairs.collect()
    }

    /// The absences that one side only has, or on other days.
    ///
    /// An absence of which the rate withholds nothing explains nothing.
    pub(super) fn absent_days(&mut self, rate: &str) {
        let (mut old, mut new) = (stays(self.avant), stays(self.apres));
        new.retain(|after| {
            let same = old.iter().position(|before| before.same(after));
            same.map(|at| old.remove(at)).is_none()
        });
        old.retain(|stay| stay.withheld(self.avant, rate));
        new.retain(|stay| stay.withheld(self.apres, rate));
        let mut pairs: Vec<(Option<Stay>, Option<Stay>)> = Vec::new();
        for after in new {
            let near = old.iter().position(|before| before.touches(&after));
            pairs.push((near.map(|at| old.remove(at)), Some(after)));
        }
        pairs.extend(old.into_iter().map(|before| (Some(before), None)));
        for (before, after) in pairs {
            let libelle = after.as_ref().or(before.as_ref()).map(|stay| stay.libelle.clone());
            let same =
                before.as_ref().zip(after.as_ref()).is_none_or(|(b, a)| b.libelle == a.libelle);
            let cote = |stay: Option<&Stay>| stay.map(|stay| stay.cote(!same));
            let sides = (cote(before.as_ref()), cote(after.as_ref()));
            let name = ("absence", libelle.as_deref().unwrap_or_default());
            self.push(Nature::Absence, name, sides, Lieu::default());
        }
    }
}

impl Stay {
    fn same(&self, other: &Self) -> bool {
        (self.premier, self.dernier, &self.libelle)
            == (other.premier, other.dernier, &other.libelle)
            && self.part.same(other.part)
    }

    /// Whether a rate takes something away on its days.
    fn withheld(&self, side: &Lectures, rate: &str) -> bool {
        let runs = side.items.get(rate).map_or(&[][..], |item| item.runs.as_slice());
        let mine = runs
            .iter()
            .filter(|run| run.absence.is_some_and(|at| self.first <= at && at <= self.last));
        mine.filter_map(|run| run.valeur).any(|value| value.num != 0)
    }

    fn touches(&self, other: &Self) -> bool {
        self.premier <= other.dernier && other.premier <= self.dernier
    }

    fn cote(&self, named: bool) -> Cote {
        let name = if named { format!("{}, ", self.libelle) } else { String::new() };
        let days = days_text(&[(self.premier, self.dernier)]);
        let thirtieths = self.part.times(30, 1).reduced();
        let part = match thirtieths.den {
            1 => format!("{}/30", thirtieths.num),
            _ => self.part.fraction().texte,
        };
        let texte = format!("{name}{days} : {part} du mois");
        Cote { texte, ligne: self.piece.ligne.clone(), ..Cote::default() }
    }
}

/// The absences of a side: a piece cut by a segment is whole again.
fn stays(side: &Lectures) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    for (at, piece) in side.absences.iter().enumerate() {
        let part = Exact { num: piece.part.0.into(), den: piece.part.1.into() };
        if let Some(last) = stays.last_mut()
            && last.libelle == piece.libelle
            && last.piece.ligne == piece.ligne
            && last.dernier.next() == piece.premier
        {
            last.last = at;
            last.dernier = piece.dernier;
            last.part = sum_of(last.part, part);
            continue;
        }
        stays.push(Stay {
            first: at,
            last: at,
            premier: piece.premier,
            dernier: piece.dernier,
            part,
            libelle: piece.libelle.clone(),
            piece: piece.clone(),
        });
    }
    stays
}

/// Whether truncation and the nearest cent give two amounts to a line.
fn matters(item: &Item, part: Part, side: &Lectures) -> bool {
    item.runs.iter().filter(|run| run.applied == Some(true)).any(|run| {
        let pas = run.politique.as_ref().map_or(1, |(_, pas)| *pas);
        let share = run.segment.and_then(|at| side.segments.get(at));
        let share = share.filter(|_| item.segments == Segments::Prorata);
        let exact = run.exact.map(|exact| match share {
            Some(segment) => exact.times(segment.trentiemes.into(), 30),
            None => exact,
        });
        let asked = [part != Part::Employeur, part != Part::Agent];
        let rates = run.cotes.iter().zip(asked).filter(|(_, asked)| *asked && part != Part::Base);
        let products = rates.filter_map(|(rate, _)| {
            let rate = rate.as_ref()?.valeur;
            Some(run.valeur?.times(rate.num, rate.den))
        });
        exact.into_iter().chain(products).any(|exact| moves(exact, pas.into()))
    })
}

/// Whether the mode of a rounding changes its result.
fn moves(exact: Exact, pas: i128) -> bool {
    let cents = exact.num.checked_mul(100).zip(exact.den.checked_mul(pas));
    let Some((num, den)) = cents else { return true };
    let rounded = |mode| round_div(num, den, mode);
    rounded(RoundingMode::DemiSuperieur) != rounded(RoundingMode::Troncature)
}

/// What the days of the contract are called.
pub(super) const PRESENCE: &str = "Jours du contrat dans le mois";

pub(super) fn days(side: &Lectures) -> Vec<(Day, Day)> {
    merged(side.segments.iter().map(|segment| (segment.premier, segment.dernier)).collect())
}

fn count(side: &Lectures) -> i64 {
    side.segments.iter().map(|segment| segment.trentiemes).sum()
}

/// The days of the contract on a side, with the row of the career that gives those the other side
/// does not have, else the last row.
pub(super) fn days_of(side: &Lectures, days: &[(Day, Day)], other: &[(Day, Day)]) -> Cote {
    let inside = |segment: &&Segment| {
        other.iter().any(|(first, last)| *first <= segment.premier && segment.dernier <= *last)
    };
    let alone = side.segments.iter().find(|segment| !inside(segment));
    let segment = alone.or_else(|| side.segments.last());
    let texte = if days.is_empty() { "aucun jour".to_owned() } else { days_text(days) };
    Cote {
        texte: format!("{texte} : {}/30", count(side)),
        ligne: segment.and_then(|segment| segment.ligne.clone()),
        ..Cote::default()
    }
}

/// A side that is only words.
pub(super) fn plain(texte: &str) -> Cote {
    Cote { texte: texte.to_owned(), ..Cote::default() }
}

fn euros(cents: i64) -> String {
    Exact::cents(cents.into()).valeur(Unit::EURO).texte
}

/// Days in order, those that follow one another together.
fn merged(mut days: Vec<(Day, Day)>) -> Vec<(Day, Day)> {
    days.sort_unstable();
    let mut merged: Vec<(Day, Day)> = Vec::new();
    for (first, last) in days {
        match merged.last_mut() {
            Some(open) if first <= open.1.next() => open.1 = open.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// `du 2024-01-15 au 2024-01-31`, `le 2024-01-15`.
fn days_text(days: &[(Day, Day)]) -> String {
    let each = days.iter().map(|(first, last)| {
        if first == last { format!("le {first}") } else { format!("du {first} au {last}") }
    });
    each.collect::<Vec<_>>().join(", ")
}
