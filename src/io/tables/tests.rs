//! Blocks to tables and back: the same rows, the same facts, the same findings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::calendar::PayPeriod;
use crate::demo::{DemoFiles, DemoSpec, generate};
use crate::io::{BlockError, PoolFinding, PoolOptions, PoolReader, StoredPool};
use crate::limits::POOL_ROW_BYTES;

type Files = BTreeMap<String, Vec<u8>>;

const SIRET: &str = "73282932000074";

/// A right pool, which tests change.
fn small() -> Files {
    let files = [
        ("employeurs.csv", "siret,nom,nature,insee\n73282932000074,Ville,commune,69123\n"),
        (
            "parametres_employeurs.csv",
            "siret;parametre;depuis;valeur\r\n73282932000074;taux_atmp;2024-01-01;1,64\r\n",
        ),
        ("agents.csv", "agent,nom,adresse\nA1,Un,\"2, rue X\n69003 Lyon\"\nA2,Deux,\nA3,Trois,\n"),
        (
            "carrieres.csv",
            "agent,siret,contrat,depuis,statut,indice_majore\n\
             A1,73282932000074,1,2020-01-01,titulaire,378\n\
             A2,73282932000074,1,2021-01-01,titulaire,380\n\
             A3,73282932000074,1,2022-01-01,titulaire,390\n",
        ),
        ("familles.csv", "\u{feff}agent;depuis;enfants\r\nA1;2020-01-01;2\r\nA3;2020-01-01;0"),
    ];
    files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into()
}

fn folder(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn blocks(reader: &mut PoolReader, size: usize) -> Vec<RawBlock> {
    loop {
        match reader.blocks(size).unwrap().collect() {
            Ok(blocks) => return blocks,
            Err(BlockError::OutOfOrder { .. }) => {}
            Err(BlockError::Unreadable(finding)) => panic!("{finding:?}"),
        }
    }
}

/// What is stored of a pool: all that the archive keeps.
struct Stored {
    headers: Tables,
    employeurs: Vec<u8>,
    parametres: Option<Vec<u8>>,
    pieces: Vec<(Vec<String>, Tables)>,
}

/// Stores a pool, blocks of `size` agents in pieces of `cut`.
fn store(reader: &mut PoolReader, size: usize, cut: usize) -> Stored {
    let context = reader.context();
    let blocks = blocks(reader, size);
    let pieces = blocks.iter().flat_map(|block| block.pieces(cut));
    let pieces = pieces.map(|piece| (piece.ids(&context), piece.tables(&context))).collect();
    let (employeurs, parametres) = reader.employer_files();
    Stored { headers: context.table_headers(), employeurs, parametres, pieces }
}

fn slices(tables: &Tables) -> [&[u8]; TABLES] {
    tables.each_ref().map(Vec::as_slice)
}

impl Stored {
    fn open(&self) -> (Arc<PoolContext>, Vec<PoolFinding>) {
        let mut headers = AGENT_FILES.map(|file| (file, None));
        for ((_, header), table) in headers.iter_mut().zip(&self.headers) {
            *header = (!table.is_empty()).then(|| header_of_table(table).unwrap().to_vec());
        }
        StoredPool::open(&headers, &self.employeurs, self.parametres.as_deref()).unwrap()
    }

    fn blocks(&self, context: &PoolContext) -> Vec<RawBlock> {
        let pieces = (0_u64..).zip(&self.pieces);
        let block = |(number, (_, tables)): (u64, &(_, Tables))| {
            RawBlock::from_tables(number, &slices(tables), context).unwrap()
        };
        pieces.map(block).collect()
    }
}

/// Reads a pool by one road, stores it, reads it again: everything must be the same.
fn round_trip(folder: &Path, in_memory_below: u64) -> usize {
    let options = PoolOptions { in_memory_below };
    let mut reader = PoolReader::open_with(folder, options).unwrap();
    let context = reader.context();
    let handed_in = blocks(&mut reader, 5);
    let at_once: Vec<ParsedAgent> =
        handed_in.iter().flat_map(|block| block.parse(&context)).collect();
    let stored = store(&mut reader, 5, 2);
    let (again, findings) = stored.open();
    assert!(reader.findings().starts_with(&findings), "{findings:#?}");
    assert_eq!(again.employeurs(), context.employeurs());
    assert_eq!(again.headers(), reader.headers());
    assert_eq!(again.table_headers(), stored.headers);
    let blocks = stored.blocks(&again);
    let parsed: Vec<ParsedAgent> = blocks.iter().flat_map(|block| block.parse(&again)).collect();
    assert_eq!(parsed, at_once);
    let ids: Vec<&String> = stored.pieces.iter().flat_map(|(ids, _)| ids).collect();
    let expected: Vec<&str> = at_once.iter().map(|agent| &*agent.facts.agent.id).collect();
    assert_eq!(ids, expected);
    // One whole block is given back as it was, and so are its tables.
    let whole = store(&mut reader, 5, 5);
    assert_eq!(whole.blocks(&again), handed_in);
    for ((_, tables), block) in stored.pieces.iter().zip(&blocks) {
        let piece = block.pieces(usize::MAX).next().unwrap();
        assert_eq!(&piece.tables(&again), tables);
    }
    one_by_one(&handed_in, &context, &blocks, &again);
    at_once.len()
}

/// One agent alone is the same agent, with the same digest in the block as it was and as stored.
fn one_by_one(was: &[RawBlock], context: &PoolContext, now: &[RawBlock], again: &PoolContext) {
    let digests = |blocks: &[RawBlock], context| -> Vec<[u8; 16]> {
        let agents = |block: &RawBlock| 0..block.len();
        let all = blocks.iter().flat_map(|block| agents(block).map(move |agent| (block, agent)));
        all.map(|(block, agent)| block.agent_digest(context, agent)).collect()
    };
    assert_eq!(digests(was, context), digests(now, again));
    for block in now {
        for (agent, parsed) in block.parse(again).into_iter().enumerate() {
            assert_eq!(block.parse_one(again, agent), parsed);
            assert_eq!(block.id(again, agent), *parsed.facts.agent.id);
            assert!(block.find(again, &parsed.facts.agent.id).is_some_and(|at| at <= agent));
        }
    }
}

fn both_roads(files: &Files) -> usize {
    let folder = folder(files);
    let count = round_trip(folder.path(), 0);
    assert_eq!(round_trip(folder.path(), u64::MAX), count);
    count
}

#[test]
fn the_shipped_pool_comes_back() {
    assert!(round_trip(Path::new("fixtures/pool"), 0) > 5);
    assert!(round_trip(Path::new("fixtures/pool"), u64::MAX) > 5);
}

#[test]
fn an_invented_pool_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let spec = DemoSpec {
        employeurs: 5,
        agents: 300,
        graine: 4,
        mois: PayPeriod::parse("2026-10").unwrap(),
        historique: 1,
    };
    let open = |name: &str| std::fs::File::create(folder.path().join(name));
    let files = DemoFiles::open(|name| open(name).map(std::io::BufWriter::new)).unwrap();
    generate(&spec, files).unwrap();
    assert_eq!(round_trip(folder.path(), 0), 300);
    assert_eq!(round_trip(folder.path(), u64::MAX), 300);
}

#[test]
fn a_table_is_the_file_with_its_lines() {
    let folder = folder(&small());
    let mut reader = PoolReader::open(folder.path()).unwrap();
    let stored = store(&mut reader, 3, 2);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let [agents, careers, families, rates, .., doubles] = &stored.headers;
    assert_eq!(text(agents), "ligne,agent,nom,adresse\n");
    assert_eq!(text(careers), "ligne,agent,siret,contrat,depuis,statut,indice_majore\n");
    assert_eq!(text(families), "ligne;agent;depuis;enfants\n");
    assert_eq!((text(rates), text(doubles)), (String::new(), "agent,ligne\n".to_owned()));
    let [(ids, first), (others, second)] = stored.pieces.as_slice() else { panic!("two pieces") };
    assert_eq!(
        (ids.as_slice(), others.as_slice()),
        (&["A1".into(), "A2".into()][..], &["A3".into()][..])
    );
    assert_eq!(text(&first[0]), "2,A1,Un,\"2, rue X\n69003 Lyon\"\n4,A2,Deux,\n");
    assert_eq!(text(&first[2]), "2;A1;2020-01-01;2\n");
    assert_eq!(text(&second[0]), "5,A3,Trois,\n");
    assert_eq!(text(&second[2]), "3;A3;2020-01-01;0\n");
    let blocks = stored.blocks(&stored.open().0);
    assert_eq!(blocks[0].find(&reader.context(), "A2"), Some(1));
    assert_eq!(blocks[0].find(&reader.context(), "A3"), None);
    assert_eq!(text(&stored.employeurs), text(&small()["employeurs.csv"]));
    assert_eq!(
        stored.parametres.as_deref(),
        small().get("parametres_employeurs.csv").map(Vec::as_slice)
    );
}

#[test]
fn pieces_one_after_the_other_are_one_block() {
    let mut files = small();
    files.get_mut("agents.csv").unwrap().extend_from_slice(b"A3,Encore,\nA1,,\nA3,,\n");
    let folder = folder(&files);
    let mut reader = PoolReader::open(folder.path()).unwrap();
    let stored = store(&mut reader, 3, 1);
    let mut all = Tables::default();
    for (_, tables) in &stored.pieces {
        for (whole, table) in all.iter_mut().zip(tables) {
            whole.extend_from_slice(table);
        }
    }
    assert_eq!(all[7], b"A1,7\nA3,6\nA3,8\n");
    let context = reader.context();
    let block = RawBlock::from_tables(0, &slices(&all), &context).unwrap();
    assert_eq!(blocks(&mut reader, 3), [block]);
    assert_eq!(both_roads(&files), 3);
}

/// Rows that a table cannot hold as they are.
#[test]
fn awkward_rows_come_back() {
    let far = "x".repeat(POOL_ROW_BYTES);
    for (name, rows) in [
        ("carrieres.csv", format!("A1,\"{SIRET}\nA2,\"\"\n")),
        ("carrieres.csv", format!("A1,\"open\nA2,{far}\nA3,\"far\"\n")),
        ("carrieres.csv", "A1,a,\"b\r\n\"\"c\r\"\"\",d\r\r\nA2,\r\r\nA3,\r".to_owned()),
        ("carrieres.csv", "\"A1\",\"1\n2\"3,\",\"\n\" A2 \",\"\"\"\"\n".to_owned()),
        ("familles.csv", "\nA1;\"2;3\nA3;x;\"".to_owned()),
        ("agents.csv", "A4,\"open,\n\"A\"\"5\",five\n\"A\"\"5\",again\n\"A,6\",\nA4,\n".to_owned()),
        ("agents.csv", "\"A\n7\",seven,\n\"A\n7\",twice,\nA8,\"x\n".to_owned()),
    ] {
        let mut files = small();
        files.get_mut(name).unwrap().extend_from_slice(rows.as_bytes());
        assert!(both_roads(&files) >= 3, "{name} {rows:.40}");
    }
    let mut files = small();
    files.get_mut("agents.csv").unwrap().extend_from_slice(b"B\xe9,\xe9t\xe9,\nB\xe8,\xff,\n");
    files.get_mut("carrieres.csv").unwrap().extend_from_slice(b"B\xe9,\xe9t\xe9\nB\xe8,\"\xff\n");
    assert_eq!(both_roads(&files), 5);
    for name in ["familles.csv", "parametres_employeurs.csv"] {
        let mut files = small();
        files.remove(name);
        assert_eq!(both_roads(&files), 3);
    }
}

/// Closed quotes stand as they are; a quote left open makes the row one cell.
#[test]
fn only_rows_that_cannot_stand_are_marked() {
    let written = |row: &str| {
        let mut table = Vec::new();
        put_row(&mut table, row.as_bytes(), 12, b';');
        String::from_utf8(table).unwrap()
    };
    assert_eq!(written("A1;2"), "12;A1;2\n");
    assert_eq!(written("\"A1\";\"x\ny\";\"a\"\"b\""), "12;\"A1\";\"x\ny\";\"a\"\"b\"\n");
    assert_eq!(written("A1;5\" x"), "12;A1;5\" x\n");
    assert_eq!(written("A1;\"x"), "12!;\"A1;\"\"x\"\n");
    assert_eq!(written("A1;x\r"), "12!;\"A1;x\r\"\n");
}

#[test]
fn tables_that_are_not_tables_are_refused() {
    let folder = folder(&small());
    let mut reader = PoolReader::open(folder.path()).unwrap();
    let context = reader.context();
    let right = store(&mut reader, 3, 3).pieces.remove(0).1;
    for (part, bytes, expected) in [
        (0, "2,A1,Un,", "`agents.csv` stops inside a row"),
        (0, "2,A1,\"Un\n", "`agents.csv` stops inside a row"),
        (1, "deux,A1,x\n", "`carrieres.csv` has a row without line"),
        (1, "2\n", "`carrieres.csv` has a row without line"),
        (1, "2!,A1\"\"\n2!,\"A1\"x\n", "`carrieres.csv` has a row of nobody"),
        (2, "2!;\"A1\"x\n", "`familles.csv` has a row without line"),
        (2, "2;A3;2020-01-01;0\n3;A1;2020-01-01;0\n", "row of nobody, of line 3"),
        (2, "2;A9;2020-01-01;0\n", "`familles.csv` has a row of nobody"),
        (3, "2,A1,0\n", "`taux_pas.csv` has rows, and no header"),
        (7, "A9,4\n", "names an agent who is not in `agents.csv`"),
        (7, "A1\n", "`doubles.csv` has a row that cannot be read"),
        (7, "A1,x\n", "`doubles.csv` has a row that cannot be read"),
    ] {
        let mut tables = right.clone();
        tables[part] = bytes.as_bytes().to_vec();
        let error = RawBlock::from_tables(0, &slices(&tables), &context).unwrap_err();
        assert!(error.contains(expected), "{bytes}: {error}");
    }
    assert!(RawBlock::from_tables(0, &slices(&Tables::default()), &context).unwrap().is_empty());
    assert_eq!(header_of_table(b"ligne|agent\n"), None);
    assert_eq!(header_of_table(b"ligne,agent"), None);
}

#[test]
fn a_stored_pool_is_refused_like_the_pool() {
    let folder = folder(&small());
    let reader = PoolReader::open(folder.path()).unwrap();
    let (employeurs, parametres) = reader.employer_files();
    let mut headers = reader.headers();
    headers[1].1 = Some(b"agent,depuis".to_vec());
    let findings = StoredPool::open(&headers, &employeurs, parametres.as_deref()).unwrap_err();
    assert!(findings[0].message.contains("needed columns are missing"), "{findings:?}");
    let mut headers = reader.headers();
    headers.swap(1, 2);
    let findings = StoredPool::open(&headers, &employeurs, None).unwrap_err();
    assert!(findings[0].message.contains("in the place of another"), "{findings:?}");
    let findings = StoredPool::open(&reader.headers(), b"siret\n", None).unwrap_err();
    assert_eq!(findings[0].fichier, "employeurs.csv");
}

/// The digest sees every row that says what is due, and nothing else.
#[test]
fn digests_see_what_is_due() {
    let digests = |files: &Files| -> Vec<[u8; 16]> {
        let folder = folder(files);
        let mut reader = PoolReader::open(folder.path()).unwrap();
        let context = reader.context();
        let block = blocks(&mut reader, 3).remove(0);
        (0..3).map(|agent| block.agent_digest(&context, agent)).collect()
    };
    let plain = digests(&small());
    let changed = |name: &str, from: &str, to: &str| -> Vec<bool> {
        let mut files = small();
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        files.insert(name.to_owned(), text.replace(from, to).into_bytes());
        digests(&files).iter().zip(&plain).map(|(one, two)| one != two).collect()
    };
    assert_eq!(changed("carrieres.csv", "380", "381"), [false, true, false]);
    assert_eq!(changed("familles.csv", "A1;2020-01-01;2", ""), [true, false, false]);
    assert_eq!(changed("agents.csv", "Trois", "Tris"), [false, false, true]);
    assert_eq!(changed("agents.csv", "A1,", "\n\nA1,"), [false; 3], "lines do not count");
    assert_eq!(changed("familles.csv", "enfants", "enfants_alternes;enfants"), [true; 3]);
    let mut files = small();
    files.insert("taux_pas.csv".to_owned(), b"agent,depuis,taux\nA1,2024-01-01,0.1\n".to_vec());
    assert_eq!(digests(&files), plain);
    // Archives keep digests: the same rows give the same digest for ever.
    let hex: String = plain[0].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "59dc3c9c0116c5cdd3d66eb6915cb89a");
}

/// Text of a file of agents: mostly rows of known agents, with every awkward byte.
fn rows(delimiter: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop::sample::select(b"a1\"\"\n\r,; \xe9\xc3".to_vec());
    let junk = prop::collection::vec(byte, 0..9);
    let id = prop::sample::select(vec!["A1", "A2", "A3", "\"A1\"", " A3 ", "B\"4", ""]);
    let row = (id, junk, prop::bool::ANY).prop_map(move |(id, junk, windows)| {
        let end: &[u8] = if windows { b"\r\n" } else { b"\n" };
        [id.as_bytes(), delimiter.as_bytes(), &junk, end].concat()
    });
    prop::collection::vec(row, 0..7).prop_map(|rows| rows.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_come_back(
        agents in rows(","),
        careers in rows(","),
        families in rows(";"),
        cut in 0_usize..3,
    ) {
        let mut files = small();
        for (name, more) in
            [("agents.csv", &agents), ("carrieres.csv", &careers), ("familles.csv", &families)]
        {
            let file = files.get_mut(name).unwrap();
            file.extend_from_slice(more);
            // The last row may be left without its end.
            file.truncate(file.len() - cut);
        }
        both_roads(&files);
    }
}
