//! One small pool, broken in every way that has a code, and read by both roads.

use std::path::Path;

use super::*;
use crate::calendar::KnownOn;
use crate::domain::{ZoneIr, in_force};
use crate::io::{BlockError, ParsedAgent};
use crate::num::{Amount, Ratio};

const SIRET: &str = "73282932000074";

/// A right pool: file names and texts, which tests change before writing it.
struct Pool(BTreeMap<&'static str, Vec<u8>>);

impl Pool {
    fn new() -> Self {
        let mut pool = Self(BTreeMap::new());
        pool.set(
            "employeurs.csv",
            "siret,nom,nature,insee,effectif\n73282932000074,Ville,commune,69123,120\n",
        );
        pool.set(
            "agents.csv",
            "\
        agent,nir,nom,iban,adresse,naissance\n\
        A1,255081416802538,Un,FR1420041010050500013M02606,\"2, rue X, 69003 Lyon\",1980-02-03\n\
        A2,,Deux,,,\n\
        A3,,Trois,,,\n",
        );
        pool.set(
            "carrieres.csv",
            "\
        agent,siret,contrat,depuis,fin,connu_le,statut,indice_majore,quotite,duree_hebdo,\
        zone_ir,taux_indemnite\n\
        A1,73282932000074,1,2020-01-01,,,titulaire,378,80,17:30,1,\n\
        A2,73282932000074,1,01/02/2021,,,Élu,,,,,\"1,45\"\n\
        A3,73282932000074,1,2022-01-01,,,contractuel,390,7/10,,,\n",
        );
        pool.set("familles.csv", "agent;depuis;enfants\nA1;2020-01-01;2\nA3;2020-01-01;0\n");
        pool.set(
            "elements.csv",
            "\
        agent,siret,contrat,rubrique,depuis,connu_le,montant,taux,nombre,mois_origine\n\
        A2,73282932000074,1,IFSE,2024-01-01,,\"250,50\",,,\n\
        A2,73282932000074,1,IHTS_14,2024-01-01,,,,2.5,2023-12\n",
        );
        pool.set(
            "cumuls.csv",
            "agent,siret,contrat,annee,rubrique,montant\nA3,73282932000074,1,2024,TIB,3189.96\n",
        );
        pool
    }

    fn set(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.0.insert(name, text.as_bytes().to_vec());
        self
    }

    fn add(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.0.entry(name).or_default().extend_from_slice(text.as_bytes());
        self
    }

    fn swap(&mut self, name: &'static str, from: &str, to: &str) -> &mut Self {
        let text = String::from_utf8(self.0[name].clone()).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        self.set(name, &text.replace(from, to))
    }

    fn write(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }

    fn open(
        &self,
        in_memory_below: u64,
    ) -> Result<(tempfile::TempDir, PoolReader), Vec<PoolFinding>> {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        let reader = PoolReader::open_with(folder.path(), PoolOptions { in_memory_below });
        reader.map(|reader| (folder, reader))
    }

    /// Reads everything by one road: the agents, the findings of the pool, the restarts.
    fn read_by(&self, in_memory_below: u64) -> (Vec<ParsedAgent>, Vec<PoolFinding>, usize) {
        let (_folder, mut reader) = self.open(in_memory_below).unwrap();
        let context = reader.context();
        let mut restarts = 0;
        loop {
            let blocks: Result<Vec<RawBlock>, BlockError> = reader.blocks(2).unwrap().collect();
            match blocks {
                Ok(blocks) => {
                    let agents = blocks.iter().flat_map(|block| block.parse(&context)).collect();
                    let mut findings = reader.findings().to_vec();
                    findings.sort_by_key(|finding| (finding.fichier, finding.ligne));
                    return (agents, findings, restarts);
                }
                Err(BlockError::OutOfOrder { .. }) => restarts += 1,
                Err(BlockError::Unreadable(finding)) => panic!("{finding:?}"),
            }
        }
    }

    /// Reads everything by both roads, which must agree.
    fn read(&self) -> (Vec<ParsedAgent>, Vec<PoolFinding>) {
        let (agents, findings, _) = self.read_by(0);
        let held = self.read_by(u64::MAX);
        assert_eq!((&agents, &findings, 0), (&held.0, &held.1, held.2));
        (agents, findings)
    }

    /// The only finding of the pool: where it is, and its texts.
    fn one(&self) -> (Code, String, String, String) {
        let (agents, findings) = self.read();
        let all: Vec<_> = findings
            .into_iter()
            .chain(agents.into_iter().flat_map(|agent| agent.findings))
            .collect();
        let [finding] = all.as_slice() else { panic!("not one finding: {all:#?}") };
        let at = format!("{}:{}", finding.fichier, finding.ligne);
        (finding.code, at, finding.message.clone(), finding.remede.clone())
    }

    /// The only finding must have this code, place, and words in its message or remedy.
    fn gives(&self, code: Code, at: &str, words: &str) {
        let found = self.one();
        assert_eq!((found.0, found.1.as_str()), (code, at));
        assert!(format!("{} / {}", found.2, found.3).contains(words), "{found:?}");
    }
}

#[test]
fn a_right_pool_gives_its_facts() {
    let (agents, findings) = Pool::new().read();
    assert_eq!(findings, []);
    assert!(agents.iter().all(|agent| agent.findings.is_empty()), "{agents:#?}");
    let [one, two, three] = agents.as_slice() else { panic!("three agents") };
    let siret = Siret::parse(SIRET).unwrap();
    assert_eq!(&*one.facts.agent.id, "A1");
    assert_eq!(one.facts.agent.departement.as_deref(), Some("69"));
    assert_eq!(one.facts.agent.identity.adresse(), "2, rue X, 69003 Lyon");
    let career = &one.facts.carrieres[0];
    assert_eq!(
        (career.siret, career.indice_majore, career.zone_ir),
        (siret, Some(378), Some(ZoneIr::Zone1))
    );
    assert_eq!(career.quotite.ratio(), Ratio::new(4, 5).unwrap());
    assert_eq!(career.duree_hebdo, Ratio::new(1, 2).ok());
    assert_eq!(one.facts.familles[0].enfants, 2);
    assert_eq!(two.facts.carrieres[0].taux_indemnite, Some(Fixed::new(145, 2)));
    assert_eq!(two.facts.elements.len(), 2);
    assert_eq!(two.facts.elements[0].montant, Some(Fixed::new(25_050, 2)));
    assert_eq!(
        two.facts.elements[1].mois_origine.map(|m| m.to_string()).as_deref(),
        Some("2023-12")
    );
    assert_eq!(three.facts.cumuls[0].montant, Some(Amount::from_cents(318_996)));
    let day = crate::calendar::Day::parse("2024-01-01").unwrap();
    assert_eq!(
        in_force(&three.facts.carrieres, day, KnownOn::Everything).unwrap().dated.reference.line,
        4
    );
}

#[test]
fn files_and_headers() {
    let mut pool = Pool::new();
    pool.0.remove("carrieres.csv");
    let findings = pool.open(0).err().unwrap();
    assert_eq!((findings[0].code, findings[0].fichier), (Code::E701, "carrieres.csv"));
    let findings = Pool::new().swap("agents.csv", "agent,", "agnt,").open(0).err().unwrap();
    let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::E703, Code::E702]);
    Pool::new().swap("elements.csv", "montant,", "montants,").gives(
        Code::E703,
        "elements.csv:1",
        "`montant`",
    );
    let mut pool = Pool::new();
    pool.0.remove("cumuls.csv");
    assert!(pool.read().1.is_empty());
}

#[test]
fn header_variants_give_the_same_facts() {
    let plain = Pool::new().read();
    let mut pool = Pool::new();
    let text = String::from_utf8(pool.0["elements.csv"].clone()).unwrap();
    let text = text.replace("\"250,50\"", "250.50").replace(',', ";").replace('\n', "\r\n");
    pool.set(
        "elements.csv",
        &format!("\u{feff}{}", text.replace("mois_origine", "Mois d'origine")),
    );
    let (_, findings) = pool.read();
    assert_eq!(findings[0].code, Code::E703, "`mois_d_origine` is not the name");
    pool.set("elements.csv", &format!("\u{feff}{}", text.replace("mois_origine", "Mois Origine")));
    assert_eq!(pool.read().0[1].facts.elements.len(), plain.0[1].facts.elements.len());
    pool.set("familles.csv", "Enfants;DEPUIS;Agent\n\n2;2020-01-01;A1\n;;\n");
    let (agents, findings) = pool.read();
    assert_eq!(findings, []);
    assert_eq!(agents[0].facts.familles[0].enfants, 2);
    assert_eq!(agents[0].facts.familles[0].dated.reference.line, 3);
}

#[test]
fn values_that_cannot_be() {
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "2020-01-01", "2020-13-01");
    pool.gives(Code::E704, "carrieres.csv:2", "`2020-13-01`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "2022-01-01,", "2022-01-01,2021-12-31");
    pool.gives(Code::E704, "carrieres.csv:4", "before the first day");
    let mut pool = Pool::new();
    pool.swap("elements.csv", "\"250,50\"", "25O");
    pool.gives(Code::E705, "elements.csv:2", "`25O`");
    let mut pool = Pool::new();
    pool.swap("elements.csv", "\"250,50\"", "250.505");
    pool.gives(Code::E705, "elements.csv:2", "more than 2 decimals");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "378", "37.8");
    pool.gives(Code::E705, "carrieres.csv:2", "whole number");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "titulaire", "titulair");
    pool.gives(Code::E706, "carrieres.csv:2", "did you mean `titulaire`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "titulaire", "");
    pool.gives(Code::E707, "carrieres.csv:2", "`statut`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", ",80,", ",130,");
    pool.gives(Code::E710, "carrieres.csv:2", "`130`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", ",80,", ",0.8,");
    pool.gives(Code::E710, "carrieres.csv:2", "write `80`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "17:30", "39");
    pool.gives(Code::E710, "carrieres.csv:2", "`duree_hebdo` is `39`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "\"1,45\"", "145");
    pool.gives(Code::E719, "carrieres.csv:3", "write 1.45");
    let mut pool = Pool::new();
    pool.set("taux_pas.csv", "agent,depuis,taux\nA2,2024-01-01,1.64\nA1,2024-01-01,\n");
    pool.gives(Code::E719, "taux_pas.csv:2", "write 0.0164");
}

#[test]
fn keys_are_checked_and_never_shown() {
    let mut pool = Pool::new();
    pool.swap("agents.csv", "255081416802538", "255081416802539");
    pool.gives(Code::E715, "agents.csv:2", "key that does not match");
    assert!(!pool.one().2.contains("2550814"));
    let mut pool = Pool::new();
    pool.swap("agents.csv", "M02606", "M02607");
    pool.gives(Code::E716, "agents.csv:2", "key that does not match");
    assert!(!pool.one().2.contains("2004"));
    let mut pool = Pool::new();
    pool.swap("agents.csv", "1980-02-03", "1980-02-31");
    pool.gives(Code::E704, "agents.csv:2", "does not exist");
    let mut pool = Pool::new();
    for name in ["employeurs.csv", "carrieres.csv", "elements.csv", "cumuls.csv"] {
        pool.swap(name, SIRET, "73282932000075");
    }
    pool.gives(Code::E721, "employeurs.csv:2", "`73282932000075`");
}

#[test]
fn rows_of_nobody_and_of_no_employer() {
    let mut pool = Pool::new();
    pool.add("carrieres.csv", "A9,73282932000074,1,2022-01-01,,,contractuel,390,,,,\n");
    pool.gives(Code::E712, "carrieres.csv:5", "`A9`");
    let mut pool = Pool::new();
    pool.add("familles.csv", ";2022-01-01;1\n");
    pool.gives(Code::E707, "familles.csv:4", "`agent`");
    let mut pool = Pool::new();
    pool.add("agents.csv", ",,Sans,,,\n");
    pool.gives(Code::E707, "agents.csv:5", "nobody");
    let mut pool = Pool::new();
    pool.swap("cumuls.csv", SIRET, "12345678901234");
    pool.gives(Code::E711, "cumuls.csv:2", "not in `employeurs.csv`");
    let mut pool = Pool::new();
    pool.swap("cumuls.csv", SIRET, "7328293200007");
    pool.gives(Code::E711, "cumuls.csv:2", "fourteen digits");
}

#[test]
fn doubles() {
    let mut pool = Pool::new();
    pool.add("agents.csv", "A1,,Encore,,,\n");
    pool.gives(Code::E713, "agents.csv:5", "already on line 2");
    let (agents, _) = pool.read();
    assert_eq!((agents.len(), agents[0].is_blocked()), (3, true));
    let mut pool = Pool::new();
    pool.add("elements.csv", "A2,73282932000074,1,IFSE,2024-01-01,,99,,,\n");
    pool.gives(Code::E713, "elements.csv:4", "line 2");
    pool.swap("elements.csv", ",,99,", ",2024-02-01,99,");
    assert!(!pool.read().0[1].is_blocked());
    let mut pool = Pool::new();
    pool.add("familles.csv", "A3;2020-01-01;1\n");
    pool.gives(Code::E713, "familles.csv:4", "line 3");
    let mut pool = Pool::new();
    pool.set(
        "absences.csv",
        "\
    agent,siret,contrat,nature,debut,fin\n\
    A1,73282932000074,1,Grève,2024-01-02,2024-01-02\n\
    A1,73282932000074,1,greve,2024-01-02,2024-01-03\n",
    );
    pool.gives(Code::E713, "absences.csv:3", "line 2");
}

#[test]
fn careers_that_overlap() {
    let row = |depuis: &str, connu_le: &str| {
        format!("A3,73282932000074,1,{depuis},,{connu_le},contractuel,395,,,,\n")
    };
    let mut pool = Pool::new();
    pool.add("carrieres.csv", &row("2022-01-01", ""));
    pool.gives(Code::E714, "carrieres.csv:5", "same day `2022-01-01`");
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "2022-01-01,", "2022-01-01,2023-01-01");
    pool.add("carrieres.csv", &row("2023-01-01", ""));
    pool.gives(Code::E714, "carrieres.csv:5", "ends on `2023-01-01`");
    let mut pool = Pool::new();
    pool.add("carrieres.csv", &row("2022-01-01", "2022-03-01"));
    pool.add("carrieres.csv", &row("2023-01-01", ""));
    assert!(!pool.read().0[2].is_blocked(), "a later row replaces an open one");
}

#[test]
fn rows_that_cannot_be_cut() {
    let mut pool = Pool::new();
    pool.swap("carrieres.csv", "7/10,,,", "7/10,,,,");
    pool.gives(Code::E723, "carrieres.csv:4", "13 cells, its header has 12");
    let mut pool = Pool::new();
    pool.swap("familles.csv", "A1;2020-01-01;2", "A1;2020-01-01;\"2");
    pool.gives(Code::E723, "familles.csv:2", "quote");
    let mut pool = Pool::new();
    let bytes = pool.0.get_mut("agents.csv").unwrap();
    let place = bytes.windows(4).position(|four| four == b"Deux").unwrap();
    bytes[place] = 0xc9;
    pool.gives(Code::E701, "agents.csv:3", "0xC9");
}

#[test]
fn a_wrong_employer_blocks_its_agents() {
    for (from, to) in [("commune", "comune"), ("commune,69123", "commune,"), ("120", "12O")] {
        let mut pool = Pool::new();
        pool.swap("employeurs.csv", from, to);
        let (agents, findings) = pool.read();
        assert_eq!((findings.len(), findings[0].fichier), (1, "employeurs.csv"));
        assert!(agents.iter().all(ParsedAgent::is_blocked));
        assert!(agents[0].findings[0].message.contains("employeurs.csv` line 2"));
    }
    let mut pool = Pool::new();
    pool.add("employeurs.csv", "73282932000074,Ville,commune,69123,120\n");
    let (agents, findings) = pool.read();
    assert_eq!((findings[0].code, findings[0].ligne), (Code::E713, 3));
    assert!(agents[0].is_blocked());
}

#[test]
fn settings_of_employers() {
    let header = "siret,parametre,depuis,connu_le,valeur\n";
    let with = |rows: &str| {
        let mut pool = Pool::new();
        pool.set("parametres_employeurs.csv", &format!("{header}{rows}"));
        pool
    };
    let pool = with("73282932000074,Taux ATMP,2024-01-01,,0.0164\n");
    let (_folder, reader) = pool.open(0).unwrap();
    let employeur = reader.context.employeur(Siret::parse(SIRET).unwrap()).unwrap();
    let day = crate::calendar::Day::parse("2024-01-01").unwrap();
    let found = employeur.parametre("taux_atmp", day, KnownOn::Everything).unwrap();
    assert_eq!(found.valeur, "0.0164");
    for (rows, code, words) in [
        ("73282932000074,taux_atmp,2024-01-01,,1.64\n", Code::E719, "write 0.0164"),
        ("73282932000074,taux_atmp,2024-01-01,,x\n", Code::E705, "`x`"),
        ("73282932000074,taux_atmp,2024-01-01,,\n", Code::E707, "`valeur`"),
        ("73282932000074,a,2024-01-01,,1\n73282932000074,a,2024-01-01,,2\n", Code::E713, "line 2"),
    ] {
        let (agents, findings) = with(rows).read();
        assert_eq!(findings[0].code, code);
        assert!(format!("{findings:?}").contains(words), "{findings:?}");
        assert!(agents[0].is_blocked(), "{rows}");
    }
    let (agents, findings) = with("12345678901234,taux_atmp,2024-01-01,,0.01\n").read();
    assert_eq!((findings[0].code, agents[0].is_blocked()), (Code::E711, false));
}

#[test]
fn any_order_gives_the_same_result() {
    let mut sorted = Pool::new();
    let mut shuffled = Pool::new();
    let (mut agents, mut rows) = (vec![], vec![]);
    for number in 0..50 {
        agents.push(format!("B{number:02},,\"N\n{number}\",,,\n"));
        for month in 1..4 {
            rows.push((
                number,
                format!("B{number:02},73282932000074,1,IFSE,2024-0{month}-01,,{number},,,\n"),
            ));
        }
    }
    sorted.add("agents.csv", &agents.concat());
    shuffled.add("agents.csv", &agents.concat());
    let text = |rows: &[(i32, String)]| rows.iter().map(|row| row.1.as_str()).collect::<String>();
    sorted.add("elements.csv", &text(&rows));
    rows.sort_by_key(|(number, _)| (number * 37) % 50);
    shuffled.add("elements.csv", &text(&rows));
    let (in_order, _, restarts) = sorted.read_by(0);
    assert_eq!(restarts, 0);
    let (mixed, _, restarts) = shuffled.read_by(0);
    assert_eq!(restarts, 1);
    let values = |agents: &[ParsedAgent]| {
        let of = |agent: &ParsedAgent| {
            let rows = agent.facts.elements.iter();
            (
                agent.facts.agent.id.clone(),
                rows.map(|row| (row.dated.depuis, row.montant)).collect::<Vec<_>>(),
            )
        };
        agents.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(values(&in_order), values(&mixed));
    assert_eq!(shuffled.read().0, mixed);
}

#[test]
fn ids_that_do_not_increase_are_still_one_pass() {
    let mut pool = Pool::new();
    pool.add("agents.csv", "A0,,Zero,,,\n");
    pool.add("carrieres.csv", "A0,73282932000074,1,2022-01-01,,,contractuel,390,,,,\n");
    let (agents, findings, restarts) = pool.read_by(0);
    assert_eq!((agents.len(), findings.len(), restarts), (4, 0, 0));
    pool.read();
}

#[test]
fn one_agent_alone_is_the_same_agent() {
    let mut pool = Pool::new();
    pool.add("agents.csv", "A2,,Encore,,,\n");
    let (agents, _) = pool.read();
    let (_folder, reader) = pool.open(0).unwrap();
    for agent in &agents {
        let block = reader.only(&agent.facts.agent.id).unwrap().unwrap();
        assert_eq!(&block.parse(&reader.context()), std::slice::from_ref(agent));
    }
    assert!(reader.only("A7").unwrap().is_none());
    assert!(reader.only("").unwrap().is_none());
}

#[test]
fn a_shared_account_and_a_shared_nir_are_told_to_each_agent() {
    let mut pool = Pool::new();
    // The same account written with spaces and small letters, the same NIR without its key, and an
    // agent listed twice, who shares nothing with herself.
    pool.swap(
        "agents.csv",
        "A2,,Deux,,,\nA3,,Trois,,,\n",
        "A2,2550814168025,Deux,FR76 3000 6000 0112 3456 7890 189,,\n\
         A2,2550814168025,Deux,FR76 3000 6000 0112 3456 7890 189,,\n\
         A3,2 55 08 14 168 025 38,Trois,\"fr14 2004 1010 0505 0001 3M02 606\",,\n",
    );
    let (agents, _) = pool.read();
    let shared: Vec<_> = agents.iter().map(|agent| agent.facts.partage.clone()).collect();
    let told: Vec<_> = shared
        .iter()
        .map(|shared| {
            let shared = shared.as_ref().unwrap();
            let rows = shared.nir.iter();
            let rows = rows.map(|row| format!("{} {}", row.agent, row.dated.depuis));
            (shared.iban, rows.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let expected = [
        (true, "A2 2021-02-01, A3 2022-01-01"),
        (false, "A1 2020-01-01, A3 2022-01-01"),
        (true, "A1 2020-01-01, A2 2021-02-01"),
    ];
    assert_eq!(told, expected.map(|(iban, rows)| (iban, rows.to_owned())));
    let (_folder, reader) = pool.open(0).unwrap();
    for (agent, shared) in agents.iter().zip(&shared) {
        let block = reader.only(&agent.facts.agent.id).unwrap().unwrap();
        assert_eq!(&block.parse(&reader.context())[0].facts.partage, shared);
    }
    let said = format!("{:?}", reader.context().partage("A3"));
    assert!(!said.contains("2550814168025") && !said.contains("20041010"), "{said}");
}

#[test]
fn nobody_shares_what_nobody_has() {
    let (agents, _) = Pool::new().read();
    assert!(agents.iter().all(|agent| agent.facts.partage.is_none()));
    // Two agents without a number, and a file without these columns.
    let mut pool = Pool::new();
    pool.set("agents.csv", "agent,nom\nA1,Un\nA2,Deux\nA3,Trois\n");
    assert!(pool.read().0.iter().all(|agent| agent.facts.partage.is_none()));
}
