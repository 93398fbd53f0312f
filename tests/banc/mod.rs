//! Months in a row of a pool that a test writes: run, validated, closed, one after the other.

#![allow(dead_code, clippy::panic, reason = "a test; each one uses a part of the bench")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use paie::archive::{Archive, Event, Signature, Writer};
use paie::batch::{self, Archiving, Counts, RunError, RunOptions};
use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::check::CheckedRuleBook;
use paie::load::{DiskFiles, EmbeddedFiles, load};
use paie::program::{Program, Target, compile};
use paie::source::SourceMap;

/// The employer of most tests.
pub const VILLE: &str = "21719601300015";
/// Another one.
pub const AUTRE: &str = "21719604700013";

const HEADERS: [(&str, &str); 9] = [
    ("employeurs.csv", "siret,nom,nature,insee,population,effectif"),
    ("parametres_employeurs.csv", "siret,parametre,depuis,connu_le,valeur"),
    ("agents.csv", "agent,nom,prenom,naissance"),
    (
        "carrieres.csv",
        "agent,siret,contrat,depuis,fin,connu_le,statut,grade,echelon,indice_majore,fonction,\
         taux_indemnite,montant_mensuel,quotite,duree_hebdo,categorie",
    ),
    ("familles.csv", "agent,depuis,connu_le,enfants,enfants_alternes"),
    ("taux_pas.csv", "agent,depuis,taux"),
    (
        "elements.csv",
        "agent,siret,contrat,rubrique,depuis,fin,connu_le,nombre,montant,montant_paye",
    ),
    ("absences.csv", "agent,siret,contrat,nature,debut,fin,connu_le,accorde_le"),
    (
        "cumuls.csv",
        "agent,siret,contrat,annee,rubrique,montant,base,montant_agent,montant_employeur",
    ),
];

/// A pool as rows of text.
#[derive(Clone, Default)]
pub struct Pool(BTreeMap<&'static str, Vec<String>>);

impl Pool {
    /// One employer with its settings, nobody in it.
    pub fn ville() -> Self {
        let mut pool = Self::default();
        pool.employeur(VILLE, 3556);
        pool
    }

    pub fn employeur(&mut self, siret: &str, population: u32) {
        self.add("employeurs", &format!("{siret},Commune,commune,71601,{population},58"));
        for (nom, valeur) in [
            ("taux_atmp", "0.0164"),
            ("taux_versement_mobilite", "0"),
            ("taux_cdg", "0.008"),
            ("zone_ir", "zone_3"),
        ] {
            self.add("parametres_employeurs", &format!("{siret},{nom},2015-01-01,,{valeur}"));
        }
    }

    /// Adds a row to a file, named without `.csv`.
    pub fn add(&mut self, file: &str, row: &str) -> &mut Self {
        let nom = HEADERS.iter().find(|(nom, _)| nom.strip_suffix(".csv") == Some(file));
        self.0.entry(nom.unwrap().0).or_default().push(row.to_owned());
        self
    }

    /// Removes the rows of a file that hold a text; there must be one.
    pub fn remove(&mut self, file: &str, text: &str) -> &mut Self {
        let rows = self.0.get_mut(format!("{file}.csv").as_str()).unwrap();
        let before = rows.len();
        rows.retain(|row| !row.contains(text));
        assert_ne!(before, rows.len(), "no row with `{text}` in {file}");
        self
    }

    /// Replaces a text in the rows of a file; it must be there.
    pub fn replace(&mut self, file: &str, text: &str, by: &str) -> &mut Self {
        let rows = self.0.get_mut(format!("{file}.csv").as_str()).unwrap();
        assert!(rows.iter().any(|row| row.contains(text)), "no `{text}` in {file}");
        rows.iter_mut().for_each(|row| *row = row.replace(text, by));
        self
    }

    /// Empties a file.
    pub fn clear(&mut self, file: &str) -> &mut Self {
        self.0.remove(format!("{file}.csv").as_str());
        self
    }

    /// An agent with its tax rate, and no contract.
    pub fn agent(&mut self, id: &str) -> &mut Self {
        self.add("agents", &format!("{id},Kleinbard,Martinelle,1980-04-17"));
        self.add("taux_pas", &format!("{id},2015-01-01,0.030"))
    }

    /// A fonctionnaire CNRACL at an indice, full time, since 2015.
    pub fn titulaire(&mut self, id: &str, indice: u32) -> &mut Self {
        self.agent(id).indice(id, "2015-01-01", "", indice)
    }

    /// A row of career of a fonctionnaire.
    pub fn indice(&mut self, id: &str, depuis: &str, connu_le: &str, indice: u32) -> &mut Self {
        let row = format!("{id},{VILLE},C1,{depuis},,{connu_le},titulaire,,,{indice},,,,100,35,C");
        self.add("carrieres", &row)
    }

    /// A contractuel at an indice, full time.
    pub fn contractuel(&mut self, id: &str, depuis: &str, fin: &str, indice: u32) -> &mut Self {
        let row = format!("{id},{VILLE},C1,{depuis},{fin},,contractuel,,,{indice},,,,100,35,C");
        self.agent(id).add("carrieres", &row)
    }

    /// An element: `reste` is `depuis,fin,connu_le,nombre,montant`.
    pub fn element(&mut self, id: &str, rubrique: &str, reste: &str) -> &mut Self {
        self.add("elements", &format!("{id},{VILLE},C1,{rubrique},{reste},"))
    }

    /// An absence: `reste` is `debut,fin,connu_le`.
    pub fn absence(&mut self, id: &str, nature: &str, reste: &str) -> &mut Self {
        let debut = reste.split(',').next().unwrap();
        self.add("absences", &format!("{id},{VILLE},C1,{nature},{reste},{debut}"))
    }

    /// Writes the files.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (nom, header) in HEADERS {
            let path = folder.join(nom);
            let Some(rows) = self.0.get(nom) else {
                let _ = fs::remove_file(path);
                continue;
            };
            let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
            fs::write(path, format!("{header}\n{text}")).unwrap();
        }
    }
}

/// A checked book, and its programs already compiled.
pub struct Regles {
    book: CheckedRuleBook,
    digest: String,
    programs: Mutex<HashMap<(PayPeriod, String), Arc<Program>>>,
}

impl Regles {
    /// The national rules.
    pub fn nationales() -> &'static Self {
        static BOOK: OnceLock<Regles> = OnceLock::new();
        BOOK.get_or_init(|| Self::with(None))
    }

    /// The national rules with a layer on top.
    pub fn with(layer: Option<&Path>) -> Self {
        let (mut sources, mut found) = (SourceMap::default(), Vec::new());
        let (mut files, refused) = load(&EmbeddedFiles, "rules/", &mut sources);
        found.extend(refused);
        if let Some(layer) = layer {
            let (more, refused) = load(&DiskFiles::new(layer), "local/", &mut sources);
            files.extend(more);
            found.extend(refused);
        }
        let book = paie::rules::resolve(&sources, &files, &mut found);
        let book = book.and_then(|book| paie::check::check(book, &mut found));
        let Some(book) = book else { panic!("{found:#?}") };
        Self {
            book,
            digest: layer.map_or("nationales", |_| "locales").to_owned(),
            programs: Mutex::default(),
        }
    }

    pub fn program(&self, period: PayPeriod, known_on: KnownOn) -> Arc<Program> {
        let mut programs = self.programs.lock().unwrap();
        let key = (period, known_on.to_string());
        let target = Target { period, known_on, au_dela: false };
        let program =
            programs.entry(key).or_insert_with(|| Arc::new(compile(&self.book, target).unwrap()));
        Arc::clone(program)
    }
}

/// An archive with the pool of the coming month.
pub struct Chaine {
    folder: tempfile::TempDir,
    pub pool: Pool,
    pub threads: Option<usize>,
    pub regles: &'static Regles,
    /// The texts of the rules that the archive keeps: none, for who never reads them back.
    pub textes: BTreeMap<String, Vec<u8>>,
}

impl Chaine {
    pub fn new(pool: Pool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (regles, textes) = (Regles::nationales(), BTreeMap::new());
        Self { folder, pool, threads: Some(1), regles, textes }
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the archive is, or will be.
    pub fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn writer(&self) -> Writer {
        let path = self.archive();
        let there = path.join("FORMAT").exists();
        let archive = if there { Archive::open(path) } else { Archive::create(path) };
        archive.unwrap().lock().unwrap()
    }

    /// Runs a month with what is known on a day (`tout`: everything).
    pub fn try_run(&self, mois: &str, connu_le: &str) -> Result<Mois, RunError> {
        let folder = self.folder.path().join("pool");
        self.pool.write(&folder);
        self.run_folder(&folder, mois, connu_le)
    }

    /// Runs a month of a pool on the disk.
    pub fn run_folder(&self, pool: &Path, mois: &str, connu_le: &str) -> Result<Mois, RunError> {
        let known_on = match connu_le {
            "tout" => KnownOn::Everything,
            day => KnownOn::Day(Day::parse(day).unwrap()),
        };
        let program = self.regles.program(PayPeriod::parse(mois).unwrap(), known_on);
        let target = self.folder.path().join("sortie").join(mois);
        let options = RunOptions {
            pool: pool.to_owned(),
            target: Some(target.clone()),
            replace: true,
            threads: self.threads,
            au_dela: false,
            rules_digest: self.regles.digest.clone(),
        };
        let archiving =
            Archiving { writer: self.writer(), signature: signature(), rules: self.textes.clone() };
        let (book, progress) = (&self.regles.book, |_, _| {});
        let done = batch::run(book, &program, &options, Some(archiving), &progress, &|| 0)?;
        Ok(Mois::read(mois, &target, done.counts, done.manifest.empreinte_resultats))
    }

    pub fn run(&self, mois: &str, connu_le: &str) -> Mois {
        self.try_run(mois, connu_le).unwrap_or_else(|error| panic!("{mois}: {error:?}"))
    }

    /// Closes the month of employers.
    pub fn close(&self, mois: &str, sirets: &[&str]) {
        let employeurs = || sirets.iter().map(|&siret| siret.to_owned()).collect();
        let mut writer = self.writer();
        let valide = Event::Valide { mois: mois.to_owned(), employeurs: employeurs() };
        writer.append(valide, &signature()).unwrap();
        let clos = Event::Clos { mois: mois.to_owned(), employeurs: employeurs() };
        writer.append(clos, &signature()).unwrap();
    }

    /// Waives a control for the contract `C1` of an agent.
    pub fn deroger(&self, mois: &str, agent: &str, controle: &str) {
        let event = Event::Derogation {
            mois: mois.to_owned(),
            siret: VILLE.to_owned(),
            agent: agent.to_owned(),
            contrat: "C1".to_owned(),
            controle: controle.to_owned(),
            motif: "accord".to_owned(),
        };
        self.writer().append(event, &signature()).unwrap();
    }

    /// Closes the month of every employer that ran it.
    pub fn close_all(&self, mois: &str) {
        let archive = Archive::open(self.archive()).unwrap();
        let month = PayPeriod::parse(mois).unwrap();
        let sirets: Vec<String> =
            archive.employers(month).map(|(siret, _)| siret.to_owned()).collect();
        self.close(mois, &sirets.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Runs a month with what is known on its 25th, and closes it.
    pub fn month(&self, mois: &str) -> Mois {
        self.month_known(mois, &format!("{mois}-25"))
    }

    /// Runs a month with what is known on a day, and closes it.
    pub fn month_known(&self, mois: &str, connu_le: &str) -> Mois {
        let done = self.run(mois, connu_le);
        self.close_all(mois);
        done
    }

    /// Months in a row, ends included.
    pub fn months(&self, first: &str, last: &str) -> Vec<Mois> {
        suite(first, last).iter().map(|mois| self.month(mois)).collect()
    }
}

/// The months from one to another, ends included.
pub fn suite(first: &str, last: &str) -> Vec<String> {
    let last = PayPeriod::parse(last).unwrap();
    std::iter::successors(Some(PayPeriod::parse(first).unwrap()), |mois| Some(mois.next()))
        .take_while(|mois| *mois <= last)
        .map(|mois| mois.to_string())
        .collect()
}

fn signature() -> Signature {
    Signature { quand: "2026-01-01T00:00:00Z".to_owned(), qui: "essai".to_owned() }
}

/// A row of a result, by column.
pub type Row = HashMap<String, String>;

/// The results of a month.
pub struct Mois {
    pub mois: String,
    pub counts: Counts,
    pub digest: String,
    pub bulletins: Vec<Row>,
    pub lignes: Vec<Row>,
    pub anomalies: Vec<Row>,
    pub cumuls: Vec<Row>,
    pub charges: Vec<Row>,
    pub rappels: Vec<Row>,
}

/// A line: month of origin (empty: the month itself), base, agent side, employer side, in cents.
pub type Line = (String, i64, i64, i64);

/// Cents of an amount as written; an empty cell is nothing.
pub fn cents(text: &str) -> i64 {
    if text.is_empty() { 0 } else { paie::num::Amount::parse(text).unwrap().cents() }
}

impl Mois {
    fn read(mois: &str, folder: &Path, counts: Counts, digest: String) -> Self {
        let table = |nom: &str| -> Vec<Row> {
            let mut reader = csv::Reader::from_path(folder.join(nom)).unwrap();
            reader.deserialize().map(Result::unwrap).collect()
        };
        Self {
            mois: mois.to_owned(),
            counts,
            digest,
            bulletins: table("bulletins.csv"),
            lignes: table("lignes.csv"),
            anomalies: table("anomalies.csv"),
            cumuls: table("cumuls.csv"),
            charges: table("charges.csv"),
            rappels: table("rappels.csv"),
        }
    }

    /// The lines of a rubrique of an agent, in their order.
    pub fn lines(&self, agent: &str, rubrique: &str) -> Vec<Line> {
        let mine = self.lignes.iter().filter(|l| l["agent"] == agent && l["rubrique"] == rubrique);
        let line = |row: &Row| {
            let own = row["mois_origine"] == row["mois"];
            let origin = if own { String::new() } else { row["mois_origine"].clone() };
            let sides = (cents(&row["montant_agent"]), cents(&row["montant_employeur"]));
            (origin, cents(&row["base"]), sides.0, sides.1)
        };
        mine.map(line).collect()
    }

    /// Base, agent side, employer side of a rubrique, every month of origin.
    pub fn sum(&self, agent: &str, rubrique: &str) -> (i64, i64, i64) {
        let lines = self.lines(agent, rubrique);
        lines.iter().fold((0, 0, 0), |sum, l| (sum.0 + l.1, sum.1 + l.2, sum.2 + l.3))
    }

    /// Whether an agent has a line of an earlier month.
    pub fn has_rappel(&self, agent: &str) -> bool {
        let mut mine = self.lignes.iter().filter(|line| line["agent"] == agent);
        mine.any(|line| line["mois_origine"] != line["mois"])
    }

    /// Rubriques with lines of an earlier month of an agent.
    pub fn rappels_of(&self, agent: &str) -> Vec<(String, String)> {
        let mine = self.lignes.iter().filter(|line| line["agent"] == agent);
        let late = mine.filter(|line| line["mois_origine"] != line["mois"]);
        late.map(|line| (line["rubrique"].clone(), line["mois_origine"].clone())).collect()
    }

    /// Months computed again, and what became of each.
    pub fn etats(&self, agent: &str) -> Vec<(String, String)> {
        let mine = self.rappels.iter().filter(|row| row["agent"] == agent);
        mine.map(|row| (row["mois_origine"].clone(), row["etat"].clone())).collect()
    }

    /// The codes of the findings of an agent, each once.
    pub fn codes(&self, agent: &str) -> Vec<String> {
        let mine = self.anomalies.iter().filter(|row| row["agent"] == agent);
        let mut codes: Vec<String> = mine.map(|row| row["code"].clone()).collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// The payslip of an agent.
    pub fn bulletin(&self, agent: &str) -> &Row {
        let found = self.bulletins.iter().find(|row| row["agent"] == agent);
        found.unwrap_or_else(|| panic!("{}: no payslip of {agent}", self.mois))
    }

    pub fn net(&self, agent: &str) -> i64 {
        cents(&self.bulletin(agent)["net_a_payer"])
    }

    pub fn etat(&self, agent: &str) -> &str {
        &self.bulletin(agent)["etat"]
    }
}

/// A line of the month itself or of an earlier one.
pub fn line(origin: &str, base: i64, agent: i64, employeur: i64) -> Line {
    (origin.to_owned(), base, agent, employeur)
}
