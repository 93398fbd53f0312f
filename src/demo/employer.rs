//! Invented employers and their parameters.

use std::io::{self, Write};

use super::elus;
use super::keys;
use super::plan::{BLOCK, Nature, Plan};
use super::prng::{self, Prng};
use super::table::Table;
use super::words;
use crate::calendar::{Day, PayPeriod};

/// An invented employer.
#[derive(Clone, Debug)]
pub(super) struct Employer {
    /// Place in the pool.
    pub(super) index: u32,
    /// Kind.
    pub(super) nature: Nature,
    /// Everybody it pays, without those who stand with another employer.
    pub(super) size: u32,
    /// Agents; the others are elected.
    pub(super) staff: u32,
    /// Number of the département.
    pub(super) departement: u32,
    /// Fourteen digits.
    pub(super) siret: String,
    /// Town where it sits.
    pub(super) ville: String,
    /// Five digits.
    pub(super) code_postal: String,
    /// Inhabitants served.
    pub(super) population: u32,
    nom: String,
    insee: String,
    parameters: Parameters,
}

#[derive(Clone, Copy, Debug)]
struct Parameters {
    /// In steps of 0.0001.
    taux_atmp: u32,
    /// In steps of 0.0001; 0 outside an area.
    taux_versement_mobilite: u32,
    /// In steps of 0.001; 0 when not affiliated.
    taux_cdg: u32,
    /// In steps of 0.0001; 0 when there is none.
    taux_cdg_additionnel: u32,
    zone_ir: &'static str,
    adhesion_chomage: bool,
    /// What some employers decided, beside the common practice.
    choices: [Option<(&'static str, &'static str)>; 3],
}

/// What an employer may decide, and the values other than the usual one.
const CHOICES: &[(&str, &[&str])] = &[
    ("primes_maladie", &["maintenues", "supprimees"]),
    ("primes_clm", &["supprimees"]),
    ("primes_citis", &["supprimees"]),
    ("majoration_apprenti", &["0.10", "0.20"]),
    ("adhesion_chomage_apprentis", &["oui"]),
    ("nbi_dans_ihts", &["non"]),
    ("mois_incomplet", &["complement"]),
    ("arrondi_traitement", &["troncature"]),
];

impl Employer {
    /// The employer at `index`; a pure function of the plan, so that any can be asked for.
    pub(super) fn invent(plan: &Plan, index: u32) -> Self {
        let (nature, size) = plan.kind(index).unwrap_or_default();
        let staff = size - elus::count(nature, size);
        let (departement, round) = plan.departement(index);
        let local = index % BLOCK;
        // Communes are numbered from 600, above the last code of nearly every département, so
        // that an invented commune is seldom a real one. Establishments sit in the town.
        let seat = if nature == Nature::Commune { local } else { 1 };
        let ville = commune_name(departement, seat);
        let mut rng = Prng::of_item(plan.graine, prng::EMPLOYER, index);
        Self {
            index,
            nature,
            size,
            staff,
            departement,
            siret: siret(nature, departement, 9 - round % 10, 600 + local),
            nom: name(nature, departement, local, &ville),
            ville,
            insee: format!("{departement:02}{:03}", 600 + seat),
            code_postal: format!("{departement:02}{:03}", 10 * (1 + seat % 89)),
            population: population(&mut rng, nature, staff),
            parameters: Parameters::draw(&mut rng, nature, staff, departement),
        }
    }

    /// The next employer of the block, when a commune small enough to share an agent follows.
    pub(super) fn neighbour(&self, plan: &Plan) -> Option<Self> {
        let index = self.index + 1;
        let follows = !index.is_multiple_of(BLOCK) && self.is_tiny();
        let (nature, size) = plan.kind(index).filter(|_| follows)?;
        let staff = size - elus::count(nature, size);
        (nature == Nature::Commune && (1..10).contains(&staff)).then(|| Self::invent(plan, index))
    }

    /// A commune of a few agents.
    pub(super) fn is_tiny(&self) -> bool {
        self.nature == Nature::Commune && self.staff < 10
    }

    /// Writes the row of `employeurs.csv`.
    pub(super) fn write<W: Write>(&self, table: &mut Table<W>) -> io::Result<()> {
        table.text(&self.siret).text(&self.nom).text(self.nature.name()).text(&self.insee);
        table.number(self.population).number(self.staff.max(1));
        table.text("1 place de la Mairie").text(&self.code_postal).text(&self.ville);
        let ape = match self.nature {
            Nature::Ccas | Nature::Cias => "8899B",
            Nature::Sdis => "8425Z",
            _ => "8411Z",
        };
        table.text(ape).empty().end()
    }

    /// Writes the rows of `parametres_employeurs.csv`; the accident rate is notified each year.
    pub(super) fn write_parameters<W: Write>(
        &self,
        table: &mut Table<W>,
        mois: PayPeriod,
    ) -> io::Result<()> {
        for setting in self.settings(mois) {
            let depuis = PayPeriod::new(setting.year, 1).unwrap_or(mois).first_day();
            self.write_setting(&setting, depuis, None, table)?;
        }
        Ok(())
    }

    /// Writes one row of `parametres_employeurs.csv`.
    pub(super) fn write_setting<W: Write>(
        &self,
        setting: &Setting,
        depuis: Day,
        connu_le: Option<Day>,
        table: &mut Table<W>,
    ) -> io::Result<()> {
        table.text(&self.siret).text(setting.name).day(depuis).day_or_empty(connu_le);
        match setting.decimals {
            0 => table.text(setting.word),
            decimals => table.fixed(u64::from(setting.steps), decimals),
        };
        table.text(setting.reference).end()
    }

    /// The settings in force in a month, each with its year.
    pub(super) fn settings(&self, mois: PayPeriod) -> Vec<Setting> {
        let year = mois.year();
        let known = &self.parameters;
        let mut all = Vec::with_capacity(12);
        let mut rate = |name, year, steps, decimals, reference| {
            all.push(Setting { name, year, steps, decimals, word: "", reference });
        };
        rate("taux_atmp", year - 1, known.taux_atmp + 4, 4, NOTICE);
        rate("taux_atmp", year, known.taux_atmp, 4, NOTICE);
        let levy = match known.taux_versement_mobilite {
            0 => "hors périmètre",
            _ => "délibération de l'autorité organisatrice (inventée)",
        };
        rate("taux_versement_mobilite", year - 1, known.taux_versement_mobilite, 4, levy);
        let centre = match known.taux_cdg {
            0 => "non affilié",
            _ => "délibération du centre de gestion (inventée)",
        };
        let word = |name, year, word, reference| {
            let (steps, decimals) = (0, 0);
            Setting { name, year, steps, decimals, word, reference }
        };
        match known.taux_cdg {
            0 => all.push(word("taux_cdg", year - 1, "0", centre)),
            steps => rate("taux_cdg", year - 1, steps, 3, centre),
        }
        all.push(word("zone_ir", year - 1, known.zone_ir, ""));
        if known.taux_cdg_additionnel > 0 {
            let (name, steps) = ("taux_cdg_additionnel", known.taux_cdg_additionnel);
            let (year, decimals, reference) = (year - 1, 4, centre);
            all.push(Setting { name, year, steps, decimals, word: "", reference });
        }
        if known.adhesion_chomage {
            let reference = "convention avec l'URSSAF (inventée)";
            all.push(word("adhesion_chomage", year - 1, "oui", reference));
        }
        let minders = matches!(
            self.nature,
            Nature::Commune | Nature::Ccas | Nature::Cias | Nature::Departement
        );
        if minders && self.staff >= 20 {
            let (name, steps) = ("taux_atmp_accueil_domicile", known.taux_atmp - 10);
            let (decimals, reference) = (4, NOTICE);
            all.push(Setting { name, year, steps, decimals, word: "", reference });
        }
        if self.nature == Nature::Epci {
            all.push(word("categorie_epci", year - 1, "communaute_communes", ""));
        }
        for (name, value) in known.choices.into_iter().flatten() {
            all.push(word(name, year - 1, value, "délibération (inventée)"));
        }
        all
    }
}

/// Who says the accident rate.
pub(super) const NOTICE: &str = "notification du taux accidents (inventée)";

/// A setting from the first day of a year on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// Its name.
    pub(super) name: &'static str,
    /// The year.
    pub(super) year: i32,
    /// A rate, in steps of a power of ten.
    pub(super) steps: u32,
    /// That power; 0: a word.
    decimals: u32,
    word: &'static str,
    reference: &'static str,
}

impl Setting {
    /// The same setting at another rate.
    pub(super) fn with(self, steps: u32) -> Self {
        Self { steps, ..self }
    }
}

impl Parameters {
    fn draw(rng: &mut Prng, nature: Nature, size: u32, departement: u32) -> Self {
        let town = size >= 100 && !matches!(nature, Nature::Departement | Nature::Sdis);
        let levied = town || (size >= 11 && rng.chance(250));
        let zone_ir = match departement {
            13 | 77 | 78 | 83 | 91 | 95 => rng.weighted(&[
                (if town { 80 } else { 30 }, "zone_1"),
                (15, "zone_2"),
                (55, "zone_3"),
            ]),
            _ => rng.weighted(&[(if town { 20 } else { 3 }, "zone_2"), (97, "zone_3")]),
        };
        let mut choices = [None; 3];
        let mut free = choices.iter_mut();
        for (name, values) in CHOICES {
            if rng.chance(60)
                && let Some(choice) = free.next()
            {
                *choice = Some((*name, rng.pick(values)));
            }
        }
        let affiliated = size <= 350 && !matches!(nature, Nature::Cdg | Nature::Sdis);
        Self {
            taux_atmp: rng.between(148, 192),
            taux_versement_mobilite: if levied {
                rng.pick(&[55, 60, 80, 100, 120, 150, 180, 200])
            } else {
                0
            },
            // Beyond 350 agents affiliation is a choice; a centre does not pay itself.
            taux_cdg: if affiliated { 8 } else { 0 },
            taux_cdg_additionnel: if affiliated && rng.chance(300) { 65 } else { 0 },
            zone_ir,
            adhesion_chomage: rng.chance(if size < 50 { 300 } else { 60 }),
            choices,
        }
    }
}

/// The first day of the year of `mois`.
pub(super) fn new_year(mois: PayPeriod) -> Day {
    Day::new(mois.year(), 1, 1).unwrap_or_else(|_| mois.first_day())
}

fn siret(nature: Nature, departement: u32, round: u32, local: u32) -> String {
    let prefix = match nature {
        Nature::Commune => 21,
        Nature::Departement => 22,
        Nature::Epci => 24,
        Nature::Syndicat => 25,
        Nature::Ccas | Nature::Cias => 26,
        Nature::Cdg | Nature::Sdis => 28,
    };
    let root = format!("{prefix}{departement:02}{round}{local:03}");
    let siren = format!("{root}{}", keys::luhn(&root));
    let establishment = format!("{siren}0001");
    format!("{establishment}{}", keys::luhn(&establishment))
}

fn population(rng: &mut Prng, nature: Nature, size: u32) -> u32 {
    let per_agent = match nature {
        Nature::Commune if size < 10 => rng.between(70, 130),
        Nature::Commune => rng.between(50, 75),
        Nature::Departement => rng.between(250, 320),
        Nature::Sdis => rng.between(800, 1400),
        _ => rng.between(90, 400),
    };
    size.max(1) * per_agent + rng.below(60)
}

/// The name of the commune numbered `local` in its département; two never share a name there.
fn commune_name(departement: u32, local: u32) -> String {
    let count = |length: usize| u32::try_from(length).unwrap_or(1);
    let beginnings = count(words::DEBUTS.len());
    let endings = count(words::FINS.len());
    let at = |list: &[&'static str], place: u32| {
        usize::try_from(place).ok().and_then(|place| list.get(place).copied()).unwrap_or("")
    };
    // 29 beginnings and 13 endings are coprime: a pair comes back after 377 communes, and the
    // river, which changes every 50 communes among 10, is then another one.
    let shifted = local + departement * 5;
    let beginning = at(words::DEBUTS, shifted % beginnings);
    let ending = at(words::FINS, shifted % endings);
    let river = pays(departement + local.div_euclid(50)).0;
    format!("{beginning}{ending}-sur-{river}")
}

fn pays(number: u32) -> (&'static str, &'static str) {
    let count = u32::try_from(words::PAYS.len()).unwrap_or(1);
    let place = usize::try_from(number % count).unwrap_or(0);
    words::PAYS.get(place).copied().unwrap_or_default()
}

fn name(nature: Nature, departement: u32, local: u32, ville: &str) -> String {
    let place = pays(departement + local).1;
    match nature {
        Nature::Commune => format!("Commune {}", of(ville)),
        Nature::Epci => format!("Communauté de communes {place} n° {local}"),
        Nature::Ccas if local == 3 => format!("CCAS {}", of(ville)),
        Nature::Ccas => format!("CCAS {}", of(&commune_name(departement, local))),
        Nature::Cias => format!("CIAS {place} n° {local}"),
        Nature::Syndicat => {
            let count = u32::try_from(words::SYNDICATS.len()).unwrap_or(1);
            let kind = usize::try_from(local % count).ok().and_then(|k| words::SYNDICATS.get(k));
            format!("{} {place} n° {local}", kind.unwrap_or(&"Syndicat"))
        }
        Nature::Cdg => format!("Centre de gestion inventé du département {departement:02}"),
        Nature::Departement => format!("Département inventé {departement:02}"),
        Nature::Sdis => format!("SDIS inventé du département {departement:02}"),
    }
}

/// The name of a place after « de ».
fn of(place: &str) -> String {
    let article = if place.starts_with(['A', 'E', 'I', 'O', 'U']) { "d'" } else { "de " };
    format!("{article}{place}")
}
