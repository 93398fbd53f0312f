//! Seeded generators: rule books as text, and dossiers.

use std::fmt::Write as _;

use paie::check::CheckedRuleBook;
use paie::engine::{AbsenceInput, Dossier, ElementInput, Given, SegmentInput};
use paie::num::Amount;
use paie::program::{MISSING, Program};
use paie::rules::{Entree, EntreeType, Nature, Portee};

/// A small generator of numbers (SplitMix64): the same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("small")
    }

    /// A number of a closed range.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low).wrapping_add(1).max(1);
        low.wrapping_add_unsigned(self.next() % width)
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

// --- dossiers -----------------------------------------------------------------------------------

const RATIOS: [(i128, i128); 12] = [
    (1, 1),
    (1, 1),
    (6, 7),
    (32, 35),
    (1, 2),
    (4, 5),
    (7, 10),
    (3, 5),
    (17, 35),
    (10, 31),
    (123, 457),
    (0, 1),
];

/// A dossier for a program: every input of its declared range, some without value.
pub fn dossier(random: &mut Random, book: &CheckedRuleBook, program: &Program) -> Dossier {
    let scope = |random: &mut Random, portee: Portee| -> Vec<i128> {
        let inputs = program.layout.scope(portee).iter();
        let entrees = inputs.map(|input| &book.book().entrees[input.entree.index()]);
        entrees.flat_map(|entree| value(random, entree)).collect()
    };
    let employeur = scope(random, Portee::Employeur).into();
    let mois = scope(random, Portee::Mois);
    let mut segments: Vec<SegmentInput> = Vec::new();
    let count = *random.pick(&[1, 1, 2, 2, 3, 4]);
    let mut left = if random.chance(60) { 30 } else { random.range(0, 30) };
    let mut variant = 0;
    for at in 0..count {
        let last = at + 1 == count;
        let thirtieths = if last { left } else { random.range(0, left) };
        left -= thirtieths;
        variant = if random.chance(50) { variant } else { program.variants.len() - 1 };
        let values = match segments.last() {
            Some(before) if random.chance(40) => before.values.clone(),
            _ => scope(random, Portee::Segment),
        };
        segments.push(SegmentInput { thirtieths, variant, values });
    }
    let takers: Vec<usize> = program
        .items
        .iter()
        .enumerate()
        .filter(|(_, info)| info.portee.by_element())
        .map(|(at, _)| at)
        .collect();
    let mut elements = Vec::new();
    let rows = if takers.is_empty() { 0 } else { random.below(5) };
    for _ in 0..rows {
        let values = scope(random, Portee::Element);
        let all = (1_u64 << segments.len()) - 1;
        let active = match random.next() & all {
            0 => all,
            some => some,
        };
        let paid = random.chance(10).then(|| Amount::from_cents(random.range(-50_000, 50_000)));
        elements.push(ElementInput { item: *random.pick(&takers), active, values, paid });
    }
    let absences = absences(random, &segments, |random| scope(random, Portee::Absence));
    let mut cumuls = Vec::new();
    for &(_, _, slot) in &program.layout.cumuls {
        if random.chance(60) {
            cumuls.push((slot, i128::from(random.range(-100_000, 4_000_000))));
        }
    }
    let forced = forced(random, program);
    let given = Given::default();
    Dossier { employeur, mois, segments, elements, absences, cumuls, forced, given }
}

/// Pieces of absences: days, half days and hours, sometimes more than the segment has.
fn absences(
    random: &mut Random,
    segments: &[SegmentInput],
    values: impl Fn(&mut Random) -> Vec<i128>,
) -> Vec<AbsenceInput> {
    let mut pieces = Vec::new();
    for _ in 0..*random.pick(&[0, 0, 1, 2, 3, 5]) {
        let segment = random.below(segments.len());
        let thirtieths = segments[segment].thirtieths;
        let part = match random.below(6) {
            0 => (random.range(1, 3), 60),
            1 => (random.range(1, 2_000), 15_167),
            2 => (random.range(0, 30), 30),
            3 => (thirtieths, 30),
            _ => (random.range(0, thirtieths), 30),
        };
        let (motif, nombre) = (random.below(3), random.range(0, 310_000));
        pieces.push(AbsenceInput { segment, part, motif, nombre, values: values(random) });
    }
    pieces
}

fn forced(random: &mut Random, program: &Program) -> Vec<(usize, Amount)> {
    let mut forced = Vec::new();
    for (at, info) in program.items.iter().enumerate() {
        let may = info.printed
            && !info.portee.by_element()
            && !matches!(info.nature, Nature::Cotisation | Nature::Total);
        if may && random.chance(3) {
            forced.push((at, Amount::from_cents(random.range(-20_000, 200_000))));
        }
    }
    forced
}

/// A value of an input, or two for a ratio.
pub fn value(random: &mut Random, entree: &Entree) -> Vec<i128> {
    let optional = !entree.obligatoire && entree.defaut.is_none();
    let missing = optional && random.chance(12);
    match &entree.kind {
        EntreeType::Ratio if missing => vec![MISSING, 1],
        EntreeType::Ratio => {
            let (num, den) = *random.pick(&RATIOS);
            vec![num, den]
        }
        _ if missing => vec![MISSING],
        EntreeType::Booleen => vec![i128::from(random.chance(50))],
        EntreeType::Enumeration(words) => vec![random.below(words.len()) as i128],
        EntreeType::Nombre { .. } => vec![i128::from(number(random, entree.min, entree.max))],
    }
}

/// A number of a range: often an end of it or a small number.
fn number(random: &mut Random, min: i64, max: i64) -> i64 {
    match random.below(10) {
        0 => min,
        1 => max,
        2 => 0_i64.clamp(min, max),
        3 | 4 => random.range(-9, 99).clamp(min, max),
        5..=7 => random.range(min, max.min(min.saturating_add(400_000))),
        _ => random.range(min, max),
    }
}

// --- rule books ---------------------------------------------------------------------------------

/// The units that generated formulas use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No unit.
    Pure,
    /// `€`.
    Euro,
    /// `€/mois`.
    Monthly,
    /// `€/an`.
    Yearly,
    /// `pt`.
    Point,
    /// `mois`.
    Month,
    /// `€/pt/an`.
    PointValue,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::Pure => "",
            Self::Euro => "€",
            Self::Monthly => "€/mois",
            Self::Yearly => "€/an",
            Self::Point => "pt",
            Self::Month => "mois",
            Self::PointValue => "€/pt/an",
        }
    }
}

const PARAMETRES: [(&str, Kind, &[&str]); 9] = [
    ("p_taux", Kind::Pure, &["0.2", "2/3", "0.0175"]),
    ("p_coefficient", Kind::Pure, &["1.25", "7/6", "-1"]),
    ("p_plafond", Kind::Euro, &["3864", "3925.00", "123.45"]),
    ("p_minimum", Kind::Euro, &["0", "10.5", "-3.33"]),
    ("p_forfait", Kind::Monthly, &["73.04", "100", "2.29"]),
    ("p_annuel", Kind::Yearly, &["1234.56", "389", "1/3"]),
    ("p_points", Kind::Point, &["366", "313", "15"]),
    ("un_mois", Kind::Month, &["1"]),
    ("valeur_point", Kind::PointValue, &["59.0734", "58.2004", "56.2323"]),
];

const ENTREES: &str = r#"
[[entree]]
nom = "agent.n"
libelle = "n"
portee = "segment"
type = "nombre"
decimales = 3
min = "-50"
max = "2000"
[[entree]]
nom = "agent.q"
libelle = "q"
portee = "segment"
type = "ratio"
max = "1"
obligatoire = true
[[entree]]
nom = "agent.r"
libelle = "r"
portee = "segment"
type = "ratio"
max = "1"
[[entree]]
nom = "agent.points"
libelle = "points"
portee = "segment"
type = "nombre"
unite = "pt"
min = "0"
max = "1800"
obligatoire = true
[[entree]]
nom = "agent.forfait"
libelle = "forfait"
portee = "segment"
type = "nombre"
unite = "€/mois"
decimales = 2
min = "0"
max = "9000"
[[entree]]
nom = "agent.oui"
libelle = "oui"
portee = "segment"
type = "booleen"
[[entree]]
nom = "agent.statut"
libelle = "statut"
portee = "segment"
type = "enumeration"
valeurs = ["a", "b", "c"]
obligatoire = true
[[entree]]
nom = "famille.k"
libelle = "k"
portee = "mois"
type = "nombre"
min = "0"
max = "9"
obligatoire = true
[[entree]]
nom = "famille.x"
libelle = "x"
portee = "mois"
type = "nombre"
unite = "€"
decimales = 2
min = "-1000"
max = "100000"
[[entree]]
nom = "periode.part"
libelle = "part"
portee = "mois"
type = "ratio"
max = "1"
obligatoire = true
[[entree]]
nom = "element.n"
libelle = "n"
portee = "element"
type = "nombre"
decimales = 2
min = "-100"
max = "1000"
[[entree]]
nom = "element.x"
libelle = "x"
portee = "element"
type = "nombre"
unite = "€"
decimales = 2
min = "-10000"
max = "100000"
[[entree]]
nom = "absence.a"
libelle = "a"
portee = "absence"
type = "nombre"
decimales = 6
min = "0"
max = "1"
[[entree]]
nom = "absence.motif"
libelle = "motif"
portee = "absence"
type = "enumeration"
valeurs = ["entier", "demi", "rien"]
obligatoire = true
[[entree]]
nom = "employeur.taux"
libelle = "taux"
portee = "employeur"
type = "nombre"
decimales = 6
min = "0"
max = "1"
obligatoire = true
[[entree]]
nom = "employeur.oui"
libelle = "oui"
portee = "employeur"
type = "booleen"
defaut = "non"
[[entree]]
nom = "employeur.arrondi"
libelle = "arrondi"
portee = "employeur"
type = "enumeration"
valeurs = ["plus_proche", "troncature"]
defaut = "plus_proche"
"#;

/// An input: name, unit, scope.
const INPUTS: [(&str, Kind, Portee); 10] = [
    ("agent.n", Kind::Pure, Portee::Segment),
    ("agent.q", Kind::Pure, Portee::Segment),
    ("agent.r", Kind::Pure, Portee::Segment),
    ("agent.points", Kind::Point, Portee::Segment),
    ("agent.forfait", Kind::Monthly, Portee::Segment),
    ("famille.k", Kind::Pure, Portee::Mois),
    ("famille.x", Kind::Euro, Portee::Mois),
    ("periode.part", Kind::Pure, Portee::Mois),
    ("element.n", Kind::Pure, Portee::Element),
    ("element.x", Kind::Euro, Portee::Element),
];

/// What a formula may read beside parametres and inputs, by unit.
#[derive(Clone, Default)]
struct Scope {
    element: bool,
    month: bool,
    arrondi: bool,
    names: Vec<(String, Kind)>,
    /// Sums and yearly totals, in euros.
    sums: Vec<String>,
    etapes: Vec<(String, Kind)>,
    conditions: Vec<String>,
}

impl Scope {
    fn leaf(&self, random: &mut Random, kind: Kind) -> String {
        let mut list: Vec<String> = Vec::new();
        list.extend(PARAMETRES.iter().filter(|p| p.1 == kind).map(|p| p.0.to_owned()));
        for (nom, unit, portee) in INPUTS {
            if unit == kind && (portee != Portee::Element || self.element) {
                list.extend([nom.to_owned(), nom.to_owned()]);
            }
        }
        let known = self.names.iter().chain(&self.etapes);
        for (nom, _) in known.filter(|(_, unit)| *unit == kind) {
            list.extend([nom.clone(), nom.clone(), nom.clone()]);
        }
        if kind == Kind::Euro {
            list.extend(self.sums.iter().cloned());
        }
        if kind == Kind::Pure {
            list.extend(["2", "0.5", "1", "12.25", "employeur.taux"].map(str::to_owned));
        }
        if random.chance(5) { "0".to_owned() } else { random.pick(&list).clone() }
    }

    fn formula(&self, random: &mut Random, kind: Kind, depth: usize) -> String {
        if depth == 0 || random.chance(15) {
            return self.leaf(random, kind);
        }
        let d = depth - 1;
        let same = |random: &mut Random| self.formula(random, kind, d);
        match random.below(16) {
            0 | 1 => format!("({} + {})", same(random), same(random)),
            2 => format!("({} - {})", same(random), same(random)),
            3 => format!("min({}, {})", same(random), same(random)),
            4 => format!("max({}, {}, {})", same(random), same(random), same(random)),
            5 => format!("plafonne({}, {})", same(random), same(random)),
            6 => format!("-({})", same(random)),
            7 | 8 => {
                let condition = self.condition(random, d);
                format!("(si {condition} alors {} sinon {})", same(random), same(random))
            }
            9 => format!("{} / {}", same(random), self.divisor(random)),
            10 | 11 => self.special(random, kind, d),
            _ => format!("{} * {}", same(random), self.formula(random, Kind::Pure, d.min(1))),
        }
    }

    /// Seldom zero, sometimes.
    fn divisor(&self, random: &mut Random) -> String {
        let list = ["agent.n", "agent.q", "famille.k", "3", "0.7", "p_taux", "(agent.n - 5)"];
        (*random.pick(&list)).to_owned()
    }

    fn special(&self, random: &mut Random, kind: Kind, depth: usize) -> String {
        let mut of = |kind| self.formula(random, kind, depth);
        match kind {
            Kind::Pure => match depth % 3 {
                // Not any formula: a bare zero below would leave the unit of what is divided.
                0 => format!("{} / (famille.x + p_plafond)", of(Kind::Euro)),
                1 => format!("taux_tranche(grille, {})", of(Kind::Euro)),
                _ => format!("{} / p_points", of(Kind::Point)),
            },
            Kind::Euro if self.arrondi && depth.is_multiple_of(2) => {
                format!("arrondi({})", of(Kind::Euro))
            }
            Kind::Euro if depth == 1 => format!("tranches(grille, {})", of(Kind::Euro)),
            Kind::Euro => format!("{} * un_mois", of(Kind::Monthly)),
            Kind::Monthly if self.arrondi && depth == 1 => format!("arrondi({})", of(kind)),
            Kind::Monthly => format!("mensuel({})", of(Kind::Yearly)),
            Kind::Yearly => format!("{} * valeur_point", of(Kind::Point)),
            _ => of(kind),
        }
    }

    fn condition(&self, random: &mut Random, depth: usize) -> String {
        if depth > 0 && random.chance(35) {
            let (a, b) = (self.condition(random, depth - 1), self.condition(random, depth - 1));
            return match random.below(5) {
                0 | 1 => format!("({a} et {b})"),
                2 | 3 => format!("({a} ou {b})"),
                _ => format!("(si {a} alors {b} sinon employeur.oui)"),
            };
        }
        let kind = *random.pick(&[Kind::Pure, Kind::Euro, Kind::Monthly, Kind::Point]);
        match random.below(14) {
            0 => "agent.oui".to_owned(),
            1 => "employeur.oui".to_owned(),
            2 => "agent.statut = b".to_owned(),
            3 => "agent.statut <> a".to_owned(),
            4 => "agent.statut dans (a, c)".to_owned(),
            5 => "present(agent.forfait) et agent.forfait > p_forfait".to_owned(),
            6 => "(present(agent.r) ou agent.n > 3)".to_owned(),
            7 => "non present(famille.x)".to_owned(),
            8 => "employeur.oui = faux".to_owned(),
            9 if !self.conditions.is_empty() => random.pick(&self.conditions).clone(),
            _ => {
                let sign = *random.pick(&["=", "<>", "<", "<=", ">", ">="]);
                let depth = depth.min(1);
                let left = self.formula(random, kind, depth);
                format!("{left} {sign} {}", self.formula(random, kind, depth))
            }
        }
    }
}

const DATES: &str = "publie = \"inconnue\"\ntextes = [\"manquant\"]\n";

fn dates(random: &mut Random, depuis: &str) -> String {
    let publie = match random.below(4) {
        0 => "2025-02-20",
        1 => "2024-06-01",
        _ => return format!("depuis = {depuis}\n{DATES}"),
    };
    format!("depuis = {depuis}\npublie = {publie}\ntextes = [\"manquant\"]\n")
}

/// Days on which a later version may start.
const LATER: [&str; 6] =
    ["2025-02-01", "2025-02-11", "2025-03-01", "2025-03-16", "2024-07-01", "2025-04-01"];

/// A book being written.
pub struct BookText {
    /// The text.
    pub text: String,
    random: Random,
    /// How late the last line of the month moves: 0 `origine`, 1 `annee`, 2 `paiement`.
    later: usize,
}

/// A rule book as text: `size` says how many blocks and how deep.
pub fn book(seed: u64, size: usize) -> String {
    let mut writer = BookText { text: String::new(), random: Random(seed), later: 0 };
    writer.declarations();
    let mut scope = Scope::default();
    let rates = writer.rates(size);
    writer.segments(&mut scope, size, &rates);
    writer.months(scope, size);
    writer.text
}

impl BookText {
    fn declarations(&mut self) {
        self.text.push_str("[regles]\nedition = 1\npremier_mois = \"2025-01\"\n");
        self.text.push_str("dernier_mois = \"2025-04\"\nverifie = 2025-04-30\n");
        for famille in ["lignes", "debut", "parts"] {
            let _ =
                write!(self.text, "[[famille]]\nnom = \"{famille}\"\nlibelle = \"{famille}\"\n");
        }
        self.text.push_str(ENTREES);
        for (nom, kind, values) in PARAMETRES {
            let unite = kind.text();
            let _ = write!(
                self.text,
                "[[parametre]]\nnom = \"{nom}\"\nlibelle = \"{nom}\"\nunite = \"{unite}\"\n"
            );
            let mut depuis = "2020-01-01";
            for (at, value) in values.iter().enumerate() {
                let starts = if at == 0 {
                    format!("depuis = {depuis}\n{DATES}")
                } else {
                    dates(&mut self.random, depuis)
                };
                let _ = write!(self.text, "[[parametre.version]]\n{starts}valeur = \"{value}\"\n");
                let next = *self.random.pick(&LATER);
                if next <= depuis || self.random.chance(40) {
                    break;
                }
                depuis = next;
            }
        }
        self.text.push_str("[[bareme]]\nnom = \"grille\"\nlibelle = \"grille\"\nunite = \"€\"\n");
        for depuis in ["2020-01-01", "2025-02-01", "2025-03-12"] {
            let _ = write!(
                self.text,
                "[[bareme.version]]\ndepuis = {depuis}\n{DATES}fichier = \"{depuis}.csv\"\n"
            );
            if self.random.chance(30) {
                break;
            }
        }
    }

    fn mode(&mut self) -> &'static str {
        let modes = ["demi_superieur", "troncature", "exces", "employeur.arrondi"];
        modes[self.random.below(modes.len())]
    }

    fn rounding(&mut self) -> String {
        let au = *self.random.pick(&["0.01", "0.01", "0.01", "0.05", "1"]);
        format!("arrondi = {{ au = \"{au}\", mode = \"{}\" }}\n", self.mode())
    }

    /// The versions of a block. The first covers every month, later ones may change anything but
    /// the rounding.
    fn versions(&mut self, block: &str, key: &str, kind: Kind, scope: &Scope, arrondi: &str) {
        let mut depuis = "2020-01-01";
        for at in 0..3 {
            let starts = dates(&mut self.random, depuis);
            let _ = write!(self.text, "[[{block}.version]]\n{starts}");
            if at > 0 && depuis < "2025-03-20" && self.random.chance(15) {
                self.text.push_str("fin = 2025-03-20\n");
            }
            self.version(key, kind, scope, arrondi);
            let next = *self.random.pick(&LATER);
            if next <= depuis || self.random.chance(60) {
                break;
            }
            depuis = next;
        }
    }

    fn version(&mut self, key: &str, kind: Kind, scope: &Scope, arrondi: &str) {
        let mut scope = Scope { arrondi: !arrondi.is_empty(), ..scope.clone() };
        let random = &mut self.random;
        if random.chance(30) {
            let condition = scope.condition(random, 2);
            let _ = writeln!(self.text, "applicable = \"{condition}\"");
        }
        let mut etapes = String::new();
        for at in 0..random.below(3) {
            let unit = *random.pick(&[Kind::Pure, Kind::Euro, kind]);
            let formula = scope.formula(random, unit, 2);
            let zero = formula == "0";
            let _ = write!(etapes, "{{ nom = \"etape_{at}\", formule = \"{formula}\" }}, ");
            // A bare zero has no unit of its own.
            if !zero {
                scope.etapes.push((format!("etape_{at}"), unit));
            }
        }
        if !etapes.is_empty() {
            let _ = writeln!(self.text, "etapes = [ {etapes} ]");
        }
        let formula = scope.formula(random, kind, 3);
        let _ = write!(self.text, "{key} = \"{formula}\"\n{arrondi}");
    }

    /// Rates of absences. They stay narrow: a product of two wide values is a fault of width, which
    /// the oracle does not know.
    fn rates(&mut self, size: usize) -> Vec<String> {
        let mut rates: Vec<String> = Vec::new();
        for at in 0..self.random.below(size + 1) {
            let nom = format!("retenue_{at}");
            let _ = write!(
                self.text,
                "[[grandeur]]\nnom = \"{nom}\"\nlibelle = \"r\"\nunite = \"\"\n\
                 calcul = \"absence\"\nzero_sans_regle = true\n"
            );
            for depuis in ["2020-01-01", "2025-02-01", "2025-03-16"] {
                let first = if self.random.chance(10) { "2025-02-11" } else { depuis };
                let starts = dates(&mut self.random, first);
                let _ = write!(self.text, "[[grandeur.version]]\n{starts}");
                if self.random.chance(20) {
                    self.text.push_str("applicable = \"absence.motif <> rien\"\n");
                }
                let formula = self.rate(&rates, 2);
                let _ = writeln!(self.text, "formule = \"{formula}\"");
                if first != depuis || self.random.chance(60) {
                    break;
                }
            }
            rates.push(nom);
        }
        rates
    }

    fn rate(&mut self, rates: &[String], depth: usize) -> String {
        let leaves = ["0", "1", "1", "0.5", "0.1", "absence.a", "agent.q", "employeur.taux"];
        if depth == 0 || self.random.chance(30) {
            let more = self.random.below(leaves.len() + rates.len());
            let named = more.checked_sub(leaves.len()).and_then(|at| rates.get(at));
            return named.map_or_else(|| leaves[more].to_owned(), Clone::clone);
        }
        let (a, b) = (self.rate(rates, depth - 1), self.rate(rates, depth - 1));
        match self.random.below(5) {
            0 => format!("1 - {a}"),
            1 => format!("min({a}, {b})"),
            2 => format!("(si present(absence.a) alors {a} sinon {b})"),
            3 => format!("(si absence.motif dans (demi, rien) alors {a} sinon {b})"),
            _ => format!("(si absence.motif = entier alors 1 sinon {a})"),
        }
    }

    /// The key of a block that absences reduce, sometimes.
    fn reduced(&mut self, rates: &[String]) -> String {
        if rates.is_empty() || self.random.chance(30) {
            return String::new();
        }
        format!("absences = \"{}\"\n", self.random.pick(rates))
    }

    fn segments(&mut self, scope: &mut Scope, size: usize, rates: &[String]) {
        for at in 0..self.random.below(size + 1) {
            let kinds = [Kind::Pure, Kind::Euro, Kind::Monthly, Kind::Yearly, Kind::Point];
            let kind = *self.random.pick(&kinds);
            let nom = format!("quantite_{at}");
            let unite = kind.text();
            let key = self.reduced(rates);
            let _ = write!(
                self.text,
                "[[grandeur]]\nnom = \"{nom}\"\nlibelle = \"q\"\nunite = \"{unite}\"\n\
                 calcul = \"segment\"\nzero_sans_regle = true\n{key}"
            );
            let arrondi = if self.random.chance(30) { self.rounding() } else { String::new() };
            self.versions("grandeur", "formule", kind, scope, &arrondi);
            scope.names.push((nom, kind));
        }
        let mut lines = Vec::new();
        for at in 0..self.random.below(size + 2) {
            let element = self.random.chance(50);
            let calcul = if element { "element" } else { "segment" };
            let prorata = self.random.chance(60);
            let (segments, kind) =
                if prorata { ("prorata", Kind::Monthly) } else { ("dernier", Kind::Euro) };
            let nature = *self.random.pick(&["gain", "gain", "retenue", "non_soumis"]);
            let familles = if self.random.chance(80) { "\"lignes\"" } else { "" };
            let _ = write!(
                self.text,
                "[[rubrique]]\ncode = \"LIGNE_{at}\"\nlibelle = \"l\"\nnature = \"{nature}\"\n\
                 ordre = {at}\nfamilles = [{familles}]\ncalcul = \"{calcul}\"\n\
                 segments = \"{segments}\"\nrappel = \"origine\"\n"
            );
            if prorata {
                let key = self.reduced(rates);
                self.text.push_str(&key);
            }
            let arrondi = self.rounding();
            let inside = Scope { element, ..scope.clone() };
            self.versions("rubrique", "formule", kind, &inside, &arrondi);
            lines.push(format!("LIGNE_{at}"));
        }
        // Lines are only known once the month is whole.
        scope.sums.append(&mut lines);
    }

    fn months(&mut self, mut scope: Scope, size: usize) {
        scope.month = true;
        // A monthly quantity of segments is read in euros by the month.
        for (_, kind) in &mut scope.names {
            if *kind == Kind::Monthly {
                *kind = Kind::Euro;
            }
        }
        scope.sums.extend(["somme(lignes)", "cumul_somme(lignes)"].map(str::to_owned));
        let count = self.random.below(size * 2 + 1);
        let middle = count.div_euclid(2);
        for at in 0..count {
            if at == middle {
                let sums = ["somme(debut)", "somme_agent(parts)", "somme_employeur(parts)"];
                scope.sums.extend(sums.map(str::to_owned));
            }
            self.month_block(&mut scope, at, at < middle);
        }
    }

    fn month_block(&mut self, scope: &mut Scope, at: usize, early: bool) {
        match self.random.below(5) {
            0 => {
                let kinds = [Kind::Pure, Kind::Euro, Kind::Euro];
                let kind = *self.random.pick(&kinds);
                let unite = kind.text();
                let cumulee = kind == Kind::Euro && self.random.chance(50);
                let _ = write!(
                    self.text,
                    "[[grandeur]]\nnom = \"mois_{at}\"\nlibelle = \"m\"\nunite = \"{unite}\"\n\
                     calcul = \"mois\"\ncumulee = {cumulee}\nzero_sans_regle = true\n"
                );
                let arrondi = if self.random.chance(50) { self.rounding() } else { String::new() };
                self.versions("grandeur", "formule", kind, scope, &arrondi);
                scope.names.push((format!("mois_{at}"), kind));
                if cumulee {
                    scope.sums.push(format!("cumul(mois_{at})"));
                }
            }
            1 => {
                let nature = *self.random.pick(&["gain", "retenue", "non_soumis", "total"]);
                let familles = if early && nature != "total" { "\"debut\"" } else { "" };
                let rappel = self.rappel();
                let _ = write!(
                    self.text,
                    "[[rubrique]]\ncode = \"MOIS_{at}\"\nlibelle = \"m\"\nnature = \"{nature}\"\n\
                     familles = [{familles}]\ncalcul = \"mois\"\nrappel = \"{rappel}\"\n"
                );
                let arrondi = self.rounding();
                self.versions("rubrique", "formule", Kind::Euro, scope, &arrondi);
                scope.sums.extend([format!("MOIS_{at}"), format!("cumul(MOIS_{at})")]);
            }
            2 => self.month_element(scope, at, early),
            3 => self.control(scope, at),
            _ => self.cotisation(scope, at, early),
        }
    }

    fn control(&mut self, scope: &Scope, at: usize) {
        let condition = scope.condition(&mut self.random, 2);
        let starts = dates(&mut self.random, "2020-01-01");
        let _ = write!(
            self.text,
            "[[controle]]\nnom = \"controle_{at}\"\nlibelle = \"c\"\ngravite = \"alerte\"\n\
             message = \"m\"\nremede = \"r\"\n[[controle.version]]\n{starts}\
             condition = \"{condition}\"\n"
        );
    }

    /// Rows that wait for the month and may read what the earlier rows gave.
    fn month_element(&mut self, scope: &mut Scope, at: usize, early: bool) {
        let nature = *self.random.pick(&["gain", "retenue", "non_soumis"]);
        let familles = if early { "\"debut\"" } else { "" };
        let rappel = self.rappel();
        let _ = write!(
            self.text,
            "[[rubrique]]\ncode = \"TARD_{at}\"\nlibelle = \"t\"\nnature = \"{nature}\"\n\
             familles = [{familles}]\ncalcul = \"element_mois\"\nrappel = \"{rappel}\"\n"
        );
        let arrondi = self.rounding();
        let mut inside = Scope { element: true, ..scope.clone() };
        inside.sums.push(format!("TARD_{at}"));
        self.versions("rubrique", "formule", Kind::Euro, &inside, &arrondi);
        scope.sums.push(format!("TARD_{at}"));
    }

    /// What rappels do with the next line: never sooner than with those before, which it may read.
    fn rappel(&mut self) -> &'static str {
        self.later = (self.later + usize::from(self.random.chance(25))).min(2);
        ["origine", "annee", "paiement"][self.later]
    }

    fn cotisation(&mut self, scope: &mut Scope, at: usize, early: bool) {
        let familles = if early { "\"parts\"" } else { "" };
        let rappel = self.rappel();
        let _ = write!(
            self.text,
            "[[cotisation]]\ncode = \"PART_{at}\"\nlibelle = \"p\"\norganisme = \"o\"\n\
             familles = [{familles}]\nrappel = \"{rappel}\"\n"
        );
        let arrondi = self.rounding();
        let assiette = Scope { arrondi: true, ..scope.clone() };
        let starts = dates(&mut self.random, "2020-01-01");
        let _ = write!(self.text, "[[cotisation.version]]\n{starts}");
        if self.random.chance(40) {
            let condition = assiette.condition(&mut self.random, 2);
            let _ = writeln!(self.text, "applicable = \"{condition}\"");
        }
        let formula = assiette.formula(&mut self.random, Kind::Euro, 2);
        let _ = write!(self.text, "assiette = \"arrondi({formula})\"\n{arrondi}");
        for side in ["agent", "employeur"] {
            if self.random.chance(25) {
                continue;
            }
            for depuis in ["2020-01-01", "2025-02-01", "2025-03-10"] {
                let starts = dates(&mut self.random, depuis);
                let rates = ["0.1110", "0.0525", "employeur.taux", "-p_taux", "p_taux * agent.q"];
                let rate = *self.random.pick(&rates);
                let _ = write!(self.text, "[[cotisation.{side}]]\n{starts}taux = \"{rate}\"\n");
                if self.random.chance(60) {
                    break;
                }
            }
            scope.sums.push(format!("PART_{at}.{side}"));
        }
        scope.sums.extend([format!("PART_{at}.base"), format!("cumul(PART_{at}.base)")]);
    }
}

/// The brackets of generated books.
pub const BAREMES: [(&str, &str); 3] = [
    ("2020-01-01.csv", "borne,taux\n0,0\n1000.50,0.11\n2500,0.30\n8000,0.41\n"),
    ("2025-02-01.csv", "borne,taux\n0,0.015\n1200,0.125\n3000.01,0.35\n"),
    ("2025-03-12.csv", "borne,taux\n0,0.02\n900,1.5\n"),
];

// --- national rules -----------------------------------------------------------------------------

/// A dossier for the national rules: plausible values more often than extreme ones.
pub fn national(random: &mut Random, book: &CheckedRuleBook, program: &Program) -> Dossier {
    let mut dossier = dossier(random, book, program);
    let plausible = random.chance(80);
    let entree = |input: &paie::program::InputSlot| &book.book().entrees[input.entree.index()];
    let fill = |random: &mut Random, portee: Portee, values: &mut [i128]| {
        let mut at = 0;
        for input in program.layout.scope(portee) {
            if plausible && !input.ratio {
                values[at] = plausible_value(random, entree(input), values[at]);
            }
            at += if input.ratio { 2 } else { 1 };
        }
    };
    let mut employeur = dossier.employeur.to_vec();
    fill(random, Portee::Employeur, &mut employeur);
    dossier.employeur = employeur.into();
    fill(random, Portee::Mois, &mut dossier.mois);
    let mut again = false;
    for at in 0..dossier.segments.len() {
        let (before, here) = dossier.segments.split_at_mut(at);
        if let (Some(last), true) = (before.last(), again) {
            here[0].values.clone_from(&last.values);
        } else {
            fill(random, Portee::Segment, &mut here[0].values);
        }
        again = random.chance(30);
    }
    for absence in &mut dossier.absences {
        fill(random, Portee::Absence, &mut absence.values);
    }
    for element in &mut dossier.elements {
        fill(random, Portee::Element, &mut element.values);
    }
    dossier
}

fn plausible_value(random: &mut Random, entree: &Entree, drawn: i128) -> i128 {
    let range = |random: &mut Random, low, high| i128::from(random.range(low, high));
    match entree.nom.as_str() {
        "agent.indexe" => i128::from(random.chance(80)),
        "agent.indice_majore" => range(random, 340, 900),
        "agent.nbi" | "agent.cti" => [0, 0, 10, 15, 49, 20][random.below(6)],
        "agent.montant_mensuel" => range(random, 100_000, 450_000),
        "agent.taux_horaire" => range(random, 118_800, 300_000),
        "agent.zone_ir" if drawn == MISSING => 2,
        "agent.categorie" | "agent.zone_pas" if drawn == MISSING => 0,
        "famille.enfants" => range(random, 0, 5),
        "famille.enfants_alternes" => 0,
        "periode.plafond_anterieur" => range(random, 0, 4_500_000),
        "element.nombre" => range(random, 0, 400_000),
        "element.montant" | "element.base" => range(random, 0, 150_000),
        "element.taux" => 100_000,
        nom if nom.starts_with("employeur.taux") => range(random, 0, 30_000),
        "employeur.effectif" => range(random, 1, 400),
        _ => drawn,
    }
}
