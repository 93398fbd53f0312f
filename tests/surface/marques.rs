//! A pool where every word tells whose it is: one look at an answer finds what it should not hold.
//!
//! Names, addresses, reasons and labels are rewritten as `ZQ…`, contracts as `KQ…`. Numbers
//! that the pool had (SIRET, agents, NIR, IBAN) are marks too. Some agents work for two employers:
//! each of the two knows the person, and nothing of the contract with the other.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// Letters of employers, in the order of the pool.
const LETTRES: &str = "abcdefgh";

/// A row of a file, by the names of its columns.
type Rangee = Vec<(String, String)>;

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genre {
    /// A name, an address, a label.
    Mot,
    /// A number: of an employer, an agent, a contract.
    Numero,
    /// A NIR or an IBAN: shown by one page alone.
    Secret,
}

/// A mark, and the employers that may see it.
#[derive(Clone, Debug)]
pub struct Marque {
    /// What it is.
    pub genre: Genre,
    /// Employers, by their place.
    pub chez: BTreeSet<usize>,
}

/// An employer of the pool.
#[derive(Clone, Debug)]
pub struct Patron {
    /// Its SIRET.
    pub siret: String,
    /// Its agents with their contract, those of two employers first.
    pub agents: Vec<(String, String)>,
}

/// Every mark of a pool.
pub struct Marques {
    /// Employers.
    pub patrons: Vec<Patron>,
    /// Agents of two employers: the agent, the contract of each by its place.
    pub doubles: Vec<(String, Vec<(usize, String)>)>,
    /// Codes of elements in the pool.
    pub rubriques: Vec<String>,
    par_texte: HashMap<String, Marque>,
}

fn lire(pool: &Path, fichier: &str) -> Vec<Rangee> {
    let mut table = csv::Reader::from_path(pool.join(fichier)).unwrap();
    let entete: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let rangees = table.records().map(|rangee| {
        let rangee = rangee.unwrap();
        entete.iter().cloned().zip(rangee.iter().map(str::to_owned)).collect()
    });
    rangees.collect()
}

fn ecrire(pool: &Path, fichier: &str, rangees: &[Rangee]) {
    let Some(premiere) = rangees.first() else { return };
    let mut table = csv::Writer::from_path(pool.join(fichier)).unwrap();
    table.write_record(premiere.iter().map(|(nom, _)| nom)).unwrap();
    for rangee in rangees {
        table.write_record(rangee.iter().map(|(_, valeur)| valeur)).unwrap();
    }
    table.flush().unwrap();
}

fn de<'a>(rangee: &'a Rangee, colonne: &str) -> &'a str {
    &rangee.iter().find(|(nom, _)| nom == colonne).unwrap().1
}

fn poser(rangee: &mut Rangee, colonne: &str, valeur: String) {
    rangee.iter_mut().find(|(nom, _)| nom == colonne).unwrap().1 = valeur;
}

/// What is being marked.
struct Pose {
    sirets: Vec<String>,
    /// Agents, with the places of their employers.
    gens: HashMap<String, Vec<usize>>,
    par_texte: HashMap<String, Marque>,
}

impl Pose {
    fn marque(&mut self, texte: &str, genre: Genre, chez: &[usize]) -> String {
        let marque = Marque { genre, chez: chez.iter().copied().collect() };
        self.par_texte.insert(texte.to_lowercase(), marque);
        texte.to_owned()
    }

    fn place(&self, siret: &str) -> usize {
        self.sirets.iter().position(|connu| connu == siret).unwrap()
    }

    fn mot(&mut self, quoi: &str, chez: &[usize]) -> String {
        let lettres = chez.iter().map(|place| LETTRES.chars().nth(*place).unwrap());
        let texte = format!("ZQ{}Q{quoi}", lettres.collect::<String>()).to_uppercase();
        self.marque(&texte, Genre::Mot, chez)
    }

    fn contrat(&mut self, agent: &str, place: usize) -> String {
        let lettre = LETTRES.chars().nth(place).unwrap();
        let texte = format!("KQ{lettre}Q{agent}").to_uppercase();
        self.marque(&texte, Genre::Numero, &[place])
    }
}

/// Marks every file of a pool.
pub fn marquer(pool: &Path) -> Marques {
    let mut carrieres = lire(pool, "carrieres.csv");
    let mut elements = lire(pool, "elements.csv");
    let sirets = lire(pool, "employeurs.csv").iter().map(|r| de(r, "siret").to_owned()).collect();
    let mut pose = Pose { sirets, gens: HashMap::new(), par_texte: HashMap::new() };
    doubler(&pose.sirets, &mut carrieres, &mut elements);
    for rangee in &carrieres {
        let place = pose.place(de(rangee, "siret"));
        let chez = pose.gens.entry(de(rangee, "agent").to_owned()).or_default();
        if !chez.contains(&place) {
            chez.push(place);
        }
    }
    marquer_employeurs(pool, &mut pose);
    marquer_agents(pool, &mut pose);
    let mut absences = lire(pool, "absences.csv");
    for (rangees, textes) in
        [(&mut carrieres, &["motif"][..]), (&mut elements, &["libelle"]), (&mut absences, &[])]
    {
        marquer_contrats(&mut pose, rangees, textes);
    }
    ecrire(pool, "carrieres.csv", &carrieres);
    ecrire(pool, "elements.csv", &elements);
    ecrire(pool, "absences.csv", &absences);
    rassembler(pose, &carrieres, &elements)
}

/// The first agent of each employer also works for the next one, with an element of its own.
fn doubler(sirets: &[String], carrieres: &mut Vec<Rangee>, elements: &mut Vec<Rangee>) {
    let mut ajoutees = Vec::new();
    for (place, siret) in sirets.iter().enumerate().skip(1) {
        let avant = &sirets[place - 1];
        let Some(rangee) = carrieres.iter().find(|r| de(r, "siret") == avant) else { continue };
        let mut rangee = rangee.clone();
        poser(&mut rangee, "siret", siret.clone());
        let mut element = elements[0].clone();
        for (colonne, valeur) in &mut element {
            *valeur = match colonne.as_str() {
                "agent" | "contrat" | "depuis" => de(&rangee, colonne).to_owned(),
                "siret" => siret.clone(),
                "rubrique" => "IFSE".to_owned(),
                "montant" => format!("3{place}1.17"),
                _ => String::new(),
            };
        }
        elements.push(element);
        ajoutees.push(rangee);
    }
    carrieres.append(&mut ajoutees);
}

fn marquer_employeurs(pool: &Path, pose: &mut Pose) {
    let mut employeurs = lire(pool, "employeurs.csv");
    for (place, rangee) in employeurs.iter_mut().enumerate() {
        pose.marque(&pose.sirets[place].clone(), Genre::Numero, &[place]);
        for colonne in ["nom", "adresse", "ville"] {
            let mot = pose.mot(colonne, &[place]);
            poser(rangee, colonne, mot);
        }
    }
    ecrire(pool, "employeurs.csv", &employeurs);
    let mut parametres = lire(pool, "parametres_employeurs.csv");
    for (numero, rangee) in parametres.iter_mut().enumerate() {
        let place = pose.place(de(rangee, "siret"));
        let mot = pose.mot(&format!("R{numero}"), &[place]);
        poser(rangee, "reference", mot);
    }
    ecrire(pool, "parametres_employeurs.csv", &parametres);
}

/// Two agents of two employers are the same person, for who compares numbers.
fn jumeler(pose: &mut Pose, agents: &mut [Rangee]) {
    let dernier = |place: usize| {
        let seul = |r: &Rangee| pose.gens.get(de(r, "agent")).is_some_and(|chez| chez == &[place]);
        agents.iter().rposition(seul)
    };
    let (Some(un), Some(autre)) = (dernier(1), dernier(2)) else { return };
    let modele = agents[un].clone();
    for colonne in ["nir", "iban", "naissance", "sexe"] {
        poser(&mut agents[autre], colonne, de(&modele, colonne).to_owned());
    }
    for colonne in ["nir", "iban"] {
        pose.marque(de(&modele, colonne), Genre::Secret, &[1, 2]);
    }
}

fn marquer_agents(pool: &Path, pose: &mut Pose) {
    let mut agents = lire(pool, "agents.csv");
    jumeler(pose, &mut agents);
    for (numero, rangee) in agents.iter_mut().enumerate() {
        let agent = de(rangee, "agent").to_owned();
        let chez = pose.gens.get(&agent).cloned().unwrap_or_default();
        pose.marque(&agent, Genre::Numero, &chez);
        for colonne in ["nom", "prenom", "adresse"] {
            let mot = pose.mot(&format!("{colonne}{numero}"), &chez);
            poser(rangee, colonne, mot);
        }
        for colonne in ["nir", "iban"] {
            if !pose.par_texte.contains_key(&de(rangee, colonne).to_lowercase()) {
                pose.marque(de(rangee, colonne), Genre::Secret, &chez);
            }
        }
    }
    ecrire(pool, "agents.csv", &agents);
}

fn marquer_contrats(pose: &mut Pose, rangees: &mut [Rangee], textes: &[&str]) {
    for (numero, rangee) in rangees.iter_mut().enumerate() {
        let place = pose.place(de(rangee, "siret"));
        let contrat = pose.contrat(de(rangee, "agent"), place);
        poser(rangee, "contrat", contrat);
        for colonne in textes {
            let mot = pose.mot(&format!("{colonne}{numero}"), &[place]);
            poser(rangee, colonne, mot);
        }
    }
}

fn rassembler(pose: Pose, carrieres: &[Rangee], elements: &[Rangee]) -> Marques {
    let mut patrons: Vec<Patron> =
        pose.sirets.iter().map(|siret| Patron { siret: siret.clone(), agents: vec![] }).collect();
    let mut doubles: Vec<(String, Vec<(usize, String)>)> = Vec::new();
    for rangee in carrieres {
        let place = pose.place(de(rangee, "siret"));
        let (agent, contrat) = (de(rangee, "agent").to_owned(), de(rangee, "contrat").to_owned());
        if pose.gens[&agent].len() > 1 {
            let connu = doubles.iter().position(|(double, _)| *double == agent);
            let connu = connu.unwrap_or_else(|| {
                doubles.push((agent.clone(), vec![]));
                doubles.len() - 1
            });
            let contrats = &mut doubles[connu].1;
            if !contrats.contains(&(place, contrat.clone())) {
                contrats.push((place, contrat.clone()));
            }
        }
        if !patrons[place].agents.contains(&(agent.clone(), contrat.clone())) {
            patrons[place].agents.push((agent, contrat));
        }
    }
    let rubriques: BTreeSet<String> =
        elements.iter().map(|rangee| de(rangee, "rubrique").to_owned()).collect();
    let rubriques = rubriques.into_iter().collect();
    Marques { patrons, doubles, rubriques, par_texte: pose.par_texte }
}

/// Words of letters and digits, in lower case.
fn mots(texte: &str) -> impl Iterator<Item = &str> {
    texte.split(|c: char| !c.is_ascii_alphanumeric()).filter(|mot| mot.len() > 3)
}

/// Long runs of letters and digits, spaces inside left out: numbers written in groups.
fn groupes(texte: &str) -> Vec<String> {
    let dedans = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace();
    let suites = texte.split(|c: char| !dedans(c));
    let denses = suites.map(|suite| suite.split_whitespace().collect::<String>());
    let chiffres = |suite: &String| suite.chars().filter(char::is_ascii_digit).count() >= 13;
    denses.filter(chiffres).collect()
}

impl Marques {
    /// The mark of a text, in lower case.
    pub fn de(&self, texte: &str) -> Option<&Marque> {
        self.par_texte.get(texte)
    }

    /// Marks of a kind that an employer may see.
    pub fn chez(&self, place: usize, genre: Genre) -> BTreeSet<&str> {
        let siennes = self.par_texte.iter();
        let siennes = siennes.filter(|(_, m)| m.genre == genre && m.chez.contains(&place));
        siennes.map(|(texte, _)| texte.as_str()).collect()
    }

    /// Marks in a text, with what they are.
    pub fn trouver(&self, texte: &str) -> Vec<(String, &Marque)> {
        let texte = texte.to_lowercase().replace("&nbsp;", " ").replace("%20", " ");
        let mut trouvees: Vec<(String, &Marque)> = Vec::new();
        for mot in mots(&texte) {
            if let Some((texte, marque)) = self.par_texte.get_key_value(mot) {
                trouvees.push((texte.clone(), marque));
            }
        }
        for groupe in groupes(&texte) {
            let secrets = self.par_texte.iter().filter(|(_, m)| m.genre == Genre::Secret);
            let dedans = secrets.filter(|(secret, _)| groupe.contains(secret.as_str()));
            trouvees.extend(dedans.map(|(secret, marque)| (secret.clone(), marque)));
        }
        trouvees.sort_by(|a, b| a.0.cmp(&b.0));
        trouvees.dedup_by(|a, b| a.0 == b.0);
        trouvees
    }

    /// What an answer says of employers outside of `chez`; what `demande` holds may be said back.
    pub fn fuites(&self, reponse: &str, chez: &[usize], demande: &str) -> Vec<String> {
        let demande = demande.to_lowercase();
        let dehors = |marque: &Marque| marque.chez.iter().all(|place| !chez.contains(place));
        let trouvees = self.trouver(reponse).into_iter();
        let trouvees = trouvees.filter(|(_, marque)| dehors(marque));
        let trouvees = trouvees.filter(|(texte, _)| !demande.contains(texte));
        trouvees.map(|(texte, _)| texte).collect()
    }
}
