//! The pages and the run: the same amounts to the cent, rappels included, for every contract of
//! every employer; closed months as they were paid; and nothing stored by looking or by trying.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]
#![allow(clippy::panic, clippy::integer_division, reason = "a test that cannot go on stops")]

mod banc;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use banc::{Chaine, Mois, Pool, Row};
use paie::bulletin::{Bulletin, Cents, Ligne};
use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::demo::{DemoFiles, DemoSpec, generate};
use paie::explain::ExplainTarget;
use paie::preview::Change;
use paie::rulebook::{self, Rules};
use paie::serve::droits::Perimetre;
use paie::serve::registre::{
    Chez, EtatMois, Refus, RefusSimulation, Registre, Reglages, Retrait, Simulation, Vue,
};
use paie::serve::saisie::{Colonne, Valeurs};
use tokio::runtime::Runtime;

/// The last month of the pool, which stays open until it is run.
const DERNIER: &str = "2024-04";

/// Looks and tries that must leave no trace.
const FOIS: usize = 500;

/// A contract: employer, agent, name.
type Cle = [String; 3];

/// A line, as `lignes.csv` and the payslip both say it: month of origin, code, label, nature, base,
/// agent side, employer side.
type Dite = (String, String, String, String, [Option<i64>; 3]);

/// A payslip: whether it is paid, its totals when it is, its lines when it is.
#[derive(Debug, PartialEq, Eq)]
struct Dit {
    payable: bool,
    totaux: Vec<Option<i64>>,
    lignes: Vec<Dite>,
}

/// Cents of a cell; an empty one is none.
fn cellule(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| banc::cents(text))
}

/// What a run wrote.
fn paye(run: &Mois) -> BTreeMap<Cle, Dit> {
    let cle = |row: &Row| ["siret", "agent", "contrat"].map(|name| row[name].clone());
    let mut all = BTreeMap::new();
    for row in &run.bulletins {
        let payable = row["etat"] == "payable";
        let names = ["brut", "net_social", "net_imposable", "net_avant_impot", "pas"];
        let names = names.into_iter().chain(["net_a_payer", "cout_employeur"]);
        let totaux = names.filter(|_| payable).map(|name| cellule(&row[name])).collect();
        all.insert(cle(row), Dit { payable, totaux, lignes: Vec::new() });
    }
    for row in run.lignes.iter().filter(|row| row["nature"] != "total") {
        let origine = match row["mois_origine"] == row["mois"] {
            true => String::new(),
            false => row["mois_origine"].clone(),
        };
        let cents = ["base", "montant_agent", "montant_employeur"].map(|nom| cellule(&row[nom]));
        let [code, libelle, nature] = ["rubrique", "libelle", "nature"].map(|nom| row[nom].clone());
        let dite = (origine, code, libelle, nature, cents);
        all.get_mut(&cle(row)).unwrap().lignes.push(dite);
    }
    all
}

/// What a payslip of the pages says.
fn montre(bulletin: &Bulletin) -> Dit {
    let payable = bulletin.payable();
    let t = &bulletin.totaux;
    let totaux = [t.brut, t.net_social, t.net_imposable, t.net_avant_impot, t.pas];
    let totaux = totaux.into_iter().chain([t.net_a_payer, t.cout_employeur]);
    let cents = |cents: Option<Cents>| cents.map(|Cents(cents)| cents);
    let ligne = |l: &Ligne| {
        let montants = [l.base, l.montant_agent, l.montant_employeur].map(cents);
        let (origine, code) = (l.mois_origine.clone(), l.rubrique.clone());
        (origine, code, l.libelle.clone(), l.nature.clone(), montants)
    };
    Dit {
        payable,
        totaux: totaux.filter(|_| payable).map(cents).collect(),
        lignes: bulletin.lignes.iter().filter(|_| payable).map(ligne).collect(),
    }
}

/// The pages' way to the pool, and what waits for it.
struct Pages {
    vue: Vue,
    execution: Runtime,
}

impl Pages {
    fn ouvrir(chain: &Chaine, rules: &Arc<Rules>, mois: &str) -> Self {
        let day = Day::parse(&format!("{mois}-25")).unwrap();
        let mois = PayPeriod::parse(mois).unwrap();
        let reglages = Reglages {
            pool: chain.folder().join("pool"),
            archive: Some(chain.archive()),
            rules: Arc::clone(rules),
            known_on: KnownOn::Day(day),
            au_dela: false,
            mois: Some(mois),
            aujourd_hui: mois,
            threads: Some(2),
        };
        let registre = Registre::open(reglages).unwrap();
        Self { vue: registre.vue(&Perimetre::tous()), execution: Runtime::new().unwrap() }
    }

    fn bulletin(&self, chez: &Chez, cle: &Cle, mois: PayPeriod) -> Option<Bulletin> {
        let [_, agent, contrat] = cle;
        let feuille = self.execution.block_on(chez.feuille((agent, contrat), mois));
        feuille.unwrap_or_else(|refus| panic!("{cle:?} {mois}: {refus:?}")).bulletin
    }

    fn essaie(&self, cle: &Cle, change: Change) -> Result<Simulation, RefusSimulation> {
        let [siret, agent, contrat] = cle;
        let chez = self.vue.chez(siret).unwrap();
        self.execution.block_on(chez.simulation((agent, contrat), &[change]))
    }

    /// What the page of a rappel says that a closed month owes more, or less, is what the run pays
    /// for it, for every line of a closed month.
    fn rappels(&self, run: &Mois) {
        let mois = PayPeriod::parse(&run.mois).unwrap();
        let mut ways = BTreeSet::new();
        for row in run.lignes.iter().filter(|row| row["mois_origine"] != row["mois"]) {
            let chez = self.vue.chez(&row["siret"]).unwrap();
            let origine = PayPeriod::parse(&row["mois_origine"]).unwrap();
            let cible = ExplainTarget::parse(&row["rubrique"]).unwrap();
            let qui = (row["agent"].as_str(), row["contrat"].as_str());
            let found = self.execution.block_on(chez.rappel(qui, (mois, origine), &cible)).unwrap();
            let of = |part: &str| -> i64 {
                let all = found.rappel.rappel.changements.montants.iter();
                all.filter(|one| one.nom.ends_with(part)).map(|one| one.ecart).sum()
            };
            let sided = row["nature"] == "cotisation";
            let told = if sided { [of(".agent"), of(".employeur")] } else { [of(""), 0] };
            let paid = ["montant_agent", "montant_employeur"];
            let paid = paid.map(|name| cellule(&row[name]).unwrap_or(0));
            assert_eq!(told, paid, "{row:?}");
            assert!(found.rappel.laisse.is_none(), "{row:?}");
            ways.insert(origine);
        }
        assert!(ways.len() > 1, "{ways:?}: months paid once and months corrected before");
    }

    /// Every contract of a month is what a run paid, and no other has a payslip.
    fn memes(&self, run: &Mois, etat: EtatMois) {
        let mois = PayPeriod::parse(&run.mois).unwrap();
        let paid = paye(run);
        let mut listed = BTreeSet::new();
        for employeur in self.vue.employeurs() {
            let siret = employeur.siret.to_string();
            let chez = self.vue.chez(&siret).unwrap();
            let sien = paid.iter().filter(|([of, ..], _)| *of == siret);
            if chez.mois_vu(mois).is_err() {
                assert_eq!(sien.count(), 0, "{siret} has no {mois}");
                continue;
            }
            assert_eq!(chez.mois_vu(mois).unwrap().etat, etat, "{siret} {mois}");
            for (cle, dit) in sien {
                let bulletin = self.bulletin(&chez, cle, mois);
                assert_eq!(bulletin.as_ref().map(montre).as_ref(), Some(dit), "{cle:?} {mois}");
            }
            let table = self.execution.block_on(chez.tableau(mois)).unwrap();
            for row in &table.contrats {
                let cle = [siret.clone(), row.agent.clone(), row.contrat.clone()];
                let totaux = [row.brut, row.net_a_payer, row.cout_employeur];
                let totaux = totaux.map(|cents| cents.map(|Cents(cents)| cents));
                let dit = paid.get(&cle).unwrap_or_else(|| panic!("{cle:?} {mois} is not paid"));
                assert_eq!(row.payable, dit.payable, "{cle:?} {mois}");
                if dit.payable {
                    assert_eq!(totaux, [0, 5, 6].map(|at| dit.totaux[at]), "{cle:?} {mois}");
                }
                listed.insert(cle);
            }
        }
        assert_eq!(listed, paid.into_keys().collect(), "{mois}");
    }
}

/// The digest of every file of a folder.
fn empreintes(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let digest = blake3::hash(&fs::read(&path).unwrap()).to_string();
                    found.insert(path.display().to_string(), digest);
                }
            }
        }
    }
    found
}

fn demo(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let mois = PayPeriod::parse(DERNIER).unwrap();
    let spec = DemoSpec { employeurs: 4, agents: 60, graine: 4, mois, historique: 4 };
    let open = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
    generate(&spec, DemoFiles::open(open).unwrap()).unwrap();
}

/// Changes that are tried in turn; some cannot be, for some agents.
const CHANGEMENTS: [(&str, &str); 8] = [
    ("echelon", "6"),
    ("quotite", "80"),
    ("nbi", "20"),
    ("enfants", "3"),
    ("taux_pas", "5%"),
    ("IFSE", "300"),
    ("absence", "maladie_ordinaire:2024-04-08:2024-04-12"),
    ("grade", "rédacteur"),
];

/// Looks at payslips and tries changes a thousand times; how many nets a change moved.
fn regarder(pages: &Pages, cles: &[Cle]) -> usize {
    let mois = PayPeriod::parse(DERNIER).unwrap();
    let mut moved = 0;
    for (tour, cle) in cles.iter().cycle().take(FOIS).enumerate() {
        let before = pages.bulletin(&pages.vue.chez(&cle[0]).unwrap(), cle, mois);
        let (field, value) = CHANGEMENTS[tour % CHANGEMENTS.len()];
        match pages.essaie(cle, Change::new(field, value).unwrap()) {
            Ok(Simulation { avant, apres, .. }) => {
                assert_eq!(Some(&avant), before.as_ref(), "{cle:?}");
                moved += usize::from(avant.totaux.net_a_payer != apres.totaux.net_a_payer);
            }
            Err(RefusSimulation::Champs(_) | RefusSimulation::Refus(Refus::Impossible(_))) => {}
            Err(other) => panic!("{cle:?} {field}={value}: {other:?}"),
        }
    }
    moved
}

/// The pool with its months closed but the last, and what they paid.
fn mois_clos() -> (Chaine, Arc<Rules>, Vec<Mois>) {
    let mut chain = Chaine::new(Pool::default());
    let pool = chain.folder().join("pool");
    demo(&pool);
    let rules = Arc::new(rulebook::read(&[], false));
    chain.textes = rules.texts();
    let mut closed = Vec::new();
    for mois in banc::suite("2024-01", "2024-03") {
        closed.push(chain.run_folder(&pool, &mois, &format!("{mois}-25")).unwrap());
        chain.close_all(&mois);
    }
    (chain, rules, closed)
}

#[test]
fn pages_say_what_runs_pay_and_store_nothing() {
    let (chain, rules, closed) = mois_clos();
    let pool = chain.folder().join("pool");
    let pages = Pages::ouvrir(&chain, &rules, DERNIER);
    for run in &closed {
        pages.memes(run, EtatMois::Clos);
    }

    // Looked at and tried before the run: what it pays then is known from what pages said before.
    let before = empreintes(chain.folder());
    assert!(before.len() > 20, "the pool and the archive are there");
    let cles: Vec<Cle> = paye(&closed[2]).into_keys().collect();
    let moved = regarder(&pages, &cles);
    assert!(moved > FOIS / 4, "{moved} changes that move a net");
    assert_eq!(empreintes(chain.folder()), before, "looking or trying has stored something");

    // The run of another folder of results: the archive that pages read stays as it is.
    let said = pages;
    let run = chain.run_folder(&pool, DERNIER, &format!("{DERNIER}-25")).unwrap();
    said.memes(&run, EtatMois::Ouvert);
    said.rappels(&run);
    let rappels = run.lignes.iter().filter(|row| row["mois_origine"] != row["mois"]).count();
    assert!(rappels > 10, "{rappels} lines of rappel: choose another seed");
    let prepared = Pages::ouvrir(&chain, &rules, DERNIER);
    prepared.memes(&run, EtatMois::Prepare);
    chain.close_all(DERNIER);
    Pages::ouvrir(&chain, &rules, DERNIER).memes(&run, EtatMois::Clos);
}

/// The day on which elements are handed in.
const DEPOT: &str = "2024-04-20";

/// A row of `elements.csv` of a contract, handed in on the day.
fn rangee([siret, agent, contrat]: &Cle, cells: &[(Colonne, &str)]) -> Valeurs {
    let row = Valeurs::default()
        .with(Colonne::Agent, agent)
        .with(Colonne::Siret, siret)
        .with(Colonne::Contrat, contrat)
        .with(Colonne::ConnuLe, DEPOT);
    cells.iter().fold(row, |row, (column, text)| row.with(*column, *text))
}

/// The first stored row of a contract, from before the month.
fn stockee(pool: &Path, [siret, agent, contrat]: &Cle) -> Option<Valeurs> {
    let mut file = csv::Reader::from_path(pool.join("elements.csv")).unwrap();
    let rows = file.records().map(|row| {
        let row = row.unwrap();
        let cells = Colonne::ALL.into_iter().zip(row.iter());
        cells.fold(Valeurs::default(), |row, (column, text)| row.with(column, text))
    });
    let mien = |row: &Valeurs| {
        row.get(Colonne::Agent) == agent
            && row.get(Colonne::Siret) == siret
            && row.get(Colonne::Contrat) == contrat
            && row.get(Colonne::Depuis) < "2024-04"
            && row.get(Colonne::ConnuLe) < DEPOT
    };
    rows.into_iter().find(mien)
}

/// A stored row, paid no more.
fn a_zero(row: &Valeurs) -> Valeurs {
    let mut zero = row.clone().with(Colonne::ConnuLe, DEPOT);
    for column in Colonne::NOMBRES.into_iter().filter(|column| !row.get(*column).is_empty()) {
        zero.set(column, "0");
    }
    zero.with(Colonne::MontantPaye, "0")
}

/// The rows that are handed in for a contract, in turn: of the month, of a closed month, of all
/// months, and a withdrawal (a stored row, then the row that stands for it).
fn deposees(pool: &Path, tour: usize, cle: &Cle) -> (Vec<Valeurs>, Option<[Valeurs; 2]>) {
    let montant = (100 + tour).to_string();
    let de = |rubrique, montant, depuis, fin| {
        let libelle = [(Colonne::Libelle, "Prime du dépôt")];
        let cells = [(Colonne::Rubrique, rubrique), (Colonne::Montant, montant)];
        let dates = [(Colonne::Depuis, depuis), (Colonne::Fin, fin)];
        let with_label = libelle.into_iter().filter(|_| rubrique == "PRIME");
        let all: Vec<_> = cells.into_iter().chain(dates).chain(with_label).collect();
        vec![rangee(cle, &all)]
    };
    let stored = stockee(pool, cle).filter(|_| tour % 4 == 3);
    match (tour % 4, stored) {
        (3, Some(row)) => (Vec::new(), Some([row.clone(), a_zero(&row)])),
        (0, _) => (de("PRIME", &montant, "2024-04-01", "2024-04-30"), None),
        (1, _) => (de("PRIME", &montant, "2024-02-01", "2024-02-29"), None),
        _ => (de("IFSE", &montant, "2024-02-01", ""), None),
    }
}

/// The effect on the net that is shown before elements are stored is the one that the run then
/// pays, what closed months owe included.
#[test]
fn what_elements_are_said_to_change_is_what_the_run_pays() {
    let (chain, rules, closed) = mois_clos();
    let pool = chain.folder().join("pool");
    let pages = Pages::ouvrir(&chain, &rules, DERNIER);
    let mut appended = String::new();
    let (mut said, mut moved) = (BTreeMap::new(), BTreeMap::<usize, usize>::new());
    let mut agents = BTreeSet::new();
    let cles = paye(&closed[2]).into_keys().filter(|[_, agent, _]| agents.insert(agent.clone()));
    for (tour, cle) in cles.enumerate() {
        let chez = pages.vue.chez(&cle[0]).unwrap();
        let lue = |row: &Valeurs| row.element(1, chez.siret()).unwrap();
        let (poser, retirer) = deposees(&pool, tour, &cle);
        let retraits = retirer.iter().map(|[row, zero]| Retrait { row: lue(row), zero: lue(zero) });
        let (retraits, poses) =
            (retraits.collect::<Vec<_>>(), poser.iter().map(lue).collect::<Vec<_>>());
        let found = chez.apercu_elements(&cle[1], &poses, &retraits);
        for one in pages.execution.block_on(found).unwrap() {
            *moved.entry(tour % 4).or_default() += usize::from(one.avant != one.apres);
            let net = one.apres.map(|Cents(net)| net);
            said.insert([cle[0].clone(), cle[1].clone(), one.contrat], net);
        }
        let rows = poser.iter().chain(retirer.iter().map(|[_, zero]| zero));
        rows.for_each(|row| appended.push_str(&(row.cells().join(",") + "\n")));
    }
    for kind in 0..4 {
        assert!(moved[&kind] > 3, "changes of kind {kind} move few nets: {moved:?}");
    }

    let path = pool.join("elements.csv");
    let stored = fs::read_to_string(&path).unwrap();
    fs::write(&path, stored + &appended).unwrap();
    let run = chain.run_folder(&pool, DERNIER, &format!("{DERNIER}-25")).unwrap();
    for (cle, net) in said {
        let paid = paye(&run).remove(&cle).and_then(|dit| dit.totaux.get(5).copied().flatten());
        assert_eq!(net, paid, "{cle:?}");
    }
}
