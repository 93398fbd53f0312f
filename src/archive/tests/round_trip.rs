use std::process::Command;

use super::*;
use crate::archive::{Etat, Stored, unpack, verify};

#[test]
fn what_goes_in_comes_out() {
    let (_folder, root) = place();
    two_months(&root);
    let archive = Archive::open(&root).unwrap();
    assert_eq!(archive.months().map(|m| m.to_string()).collect::<Vec<_>>(), ["2026-09", "2026-10"]);
    let entry = archive.calcul(mois("2026-09"), TWO).unwrap();
    assert_eq!((entry.numero, entry.qui.as_str()), (1, "M. Paie"));
    let stored = Stored::open(&archive, entry).unwrap();
    assert_eq!(stored.blocks(), 3);
    assert_eq!(stored.tables().collect::<Vec<_>>(), TABLES);
    for table in TABLES {
        let number = stored.table(table).unwrap();
        let mut all = stored.header(number).unwrap();
        assert_eq!(all, b"agent,mois,table,n,montant\n");
        for agent in ["A4", "A0", "A3", "A1", "A2"] {
            let block = stored.block_of(agent).unwrap();
            let agents = stored.agents(block);
            assert!(agents.iter().any(|found| &**found == agent));
            let expected: String = agents.iter().map(|a| rows(table, "2026-09", a)).collect();
            assert_eq!(String::from_utf8_lossy(&stored.read(number, block).unwrap()), expected);
        }
        for block in 0..3 {
            all.extend(stored.read(number, block).unwrap());
        }
        assert_eq!(stored.whole(table).unwrap(), all);
    }
    assert_eq!(stored.whole("employeurs.csv").unwrap(), b"siret,nom\n1,Commune\n");
    assert_eq!(stored.manifeste().unwrap(), b"{\"mois\":\"2026-09\"}");
    assert_eq!(unpack(&stored.regles().unwrap()).unwrap()["national/tib.toml"].len(), 20);
    assert_eq!(stored.block_of("A9"), None);
    assert!(stored.agents(3).is_empty());
    assert!(matches!(stored.read(0, 3), Err(ArchiveError::NoSuch { what: "block", .. })));
    assert!(matches!(stored.whole("x.csv"), Err(ArchiveError::NoSuch { what: "table", .. })));
}

#[test]
fn an_agent_that_has_no_row_in_a_table_costs_no_frame() {
    let (_folder, root) = place();
    let mut writer = Archive::create(&root).unwrap().lock().unwrap();
    let mut deposit = writer.deposit().unwrap();
    let table = deposit.table("anomalies.csv", b"code\n").unwrap();
    for agent in ["x", "y, \"z\"", "été\nsuite"] {
        deposit.block(StoredBlock { agents: vec![agent.into()], frames: vec![] }).unwrap();
    }
    let last =
        StoredBlock { agents: vec!["w".into()], frames: vec![(table, frame(b"D1\n").unwrap())] };
    deposit.block(last).unwrap();
    let manifeste = deposit.object(b"{}").unwrap();
    let regles = manifeste.clone();
    let entry = writer
        .commit(deposit, &signature(), |index, tables| Calcul {
            mois: "2026-10".to_owned(),
            connu_le: "tout".to_owned(),
            programme: String::new(),
            au_dela: true,
            employeurs: vec![ONE.to_owned()],
            empreinte_regles: String::new(),
            empreinte_resultats: String::new(),
            manifeste,
            regles,
            index,
            tables,
        })
        .unwrap();
    let stored = Stored::open(writer.archive(), &entry).unwrap();
    assert_eq!(stored.block_of("y, \"z\""), Some(1));
    assert_eq!(stored.block_of("été\nsuite"), Some(2));
    assert_eq!(stored.read(table, 1).unwrap(), b"");
    assert_eq!(stored.read(table, 3).unwrap(), b"D1\n");
    assert_eq!(stored.whole("anomalies.csv").unwrap(), b"code\nD1\n");
}

#[test]
fn the_same_run_twice_is_stored_once() {
    let (_folder, root) = place();
    let mut writer = Archive::create(&root).unwrap().lock().unwrap();
    run(&mut writer, "2026-10", 40, &[ONE]).unwrap();
    let objects = snapshot(&root.join("objets"));
    run(&mut writer, "2026-10", 40, &[ONE]).unwrap();
    assert_eq!(snapshot(&root.join("objets")), objects);
    assert_eq!(writer.archive().calcul(mois("2026-10"), ONE).unwrap().numero, 2);
}

#[test]
fn a_run_of_some_employers_leaves_the_others_theirs() {
    let (_folder, root) = place();
    let mut writer = Archive::create(&root).unwrap().lock().unwrap();
    run(&mut writer, "2026-10", 4, &[ONE, TWO]).unwrap();
    run(&mut writer, "2026-10", 2, &[TWO]).unwrap();
    let archive = Archive::open(&root).unwrap();
    assert_eq!(archive.calcul(mois("2026-10"), ONE).unwrap().numero, 1);
    assert_eq!(archive.calcul(mois("2026-10"), TWO).unwrap().numero, 2);
    assert!(archive.calcul(mois("2026-11"), TWO).is_none());
    let employers: Vec<_> = archive.employers(mois("2026-10")).collect();
    assert_eq!(employers.len(), 2);
    assert!(employers.iter().all(|(_, state)| state.etat == Etat::Prepare));
}

#[test]
fn an_agent_in_two_blocks_is_refused_and_nothing_stays() {
    let (_folder, root) = place();
    let mut writer = Archive::create(&root).unwrap().lock().unwrap();
    let before = snapshot(&root);
    let mut deposit = writer.deposit().unwrap();
    for _ in 0..2 {
        deposit.block(StoredBlock { agents: vec!["A1".into()], frames: vec![] }).unwrap();
    }
    let calcul = |_, _| unreachable!("no run is made of it");
    let refused = writer.commit(deposit, &signature(), calcul);
    assert!(matches!(refused, Err(ArchiveError::AgentTwice)));
    assert_eq!(snapshot(&root), before);
}

#[test]
fn names_of_tables_are_checked() {
    let (_folder, root) = place();
    let writer = Archive::create(&root).unwrap().lock().unwrap();
    let mut deposit = writer.deposit().unwrap();
    deposit.table("a.csv", b"").unwrap();
    for name in ["a.csv", "../b.csv", "/b.csv", "B.csv", "b,c.csv", "", "a//b", ".b"] {
        let refused = deposit.table(name, b"");
        assert!(matches!(refused, Err(ArchiveError::Field { field: "table", .. })), "{name}");
    }
}

#[test]
fn ordinary_tools_read_it_as_its_format_says() {
    let (_folder, root) = place();
    two_months(&root);
    let archive = Archive::open(&root).unwrap();
    let stored = Stored::open(&archive, &archive.journal()[0]).unwrap();
    let lines = &stored.calcul().tables["lignes.csv"].empreinte;
    let index = &stored.calcul().index.empreinte;
    let rules = &stored.calcul().regles.empreinte;
    let object = |digest: &str| format!("objets/{}/{digest}", &digest[..2]);
    let shell = |script: &str| {
        let ran = Command::new("sh").args(["-ec", script]).current_dir(&root).output().unwrap();
        assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
        ran.stdout
    };
    if Command::new("zstd").arg("--version").output().is_err() {
        // A machine without the tool proves nothing about it.
        return;
    }
    let whole = shell(&format!("zstd -d -c {}", object(lines)));
    assert_eq!(whole, stored.whole("lignes.csv").unwrap());
    shell("zstd -t objets/*/*");
    let text = String::from_utf8(shell(&format!("zstd -d -c {}", object(index)))).unwrap();
    assert!(text.contains("agent,1,A3,,,,\n"));
    let row = text.lines().find(|row| row.starts_with("trame,1,lignes.csv,")).unwrap();
    let row: Vec<&str> = row.split(',').collect();
    let start: u64 = row[3].parse().unwrap();
    let cut = format!("tail -c +{} {} | head -c {}", start + 1, object(lines), row[4]);
    assert_eq!(shell(&format!("{cut} | zstd -d -c")), stored.read(0, 1).unwrap());
    let listed = shell(&format!("zstd -d -c {} | tar -t -f -", object(rules)));
    assert_eq!(String::from_utf8(listed).unwrap(), "local/prime.toml\nnational/tib.toml\n");
}

#[test]
fn packages_keep_names_and_bytes() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(90));
    let texts = BTreeMap::from([
        ("a.toml".to_owned(), b"x".repeat(512)),
        (long.clone(), Vec::new()),
        ("règles/é.toml".to_owned(), b"accent".to_vec()),
    ]);
    let packed = pack(&texts).unwrap();
    assert_eq!(unpack(&packed).unwrap(), texts);
    assert_eq!(pack(&texts).unwrap(), packed);
    for at in 0..packed.len() {
        let mut flipped = packed.clone();
        flipped[at] ^= 1;
        assert_ne!(unpack(&flipped), Some(texts.clone()), "byte {at}");
    }
    for name in ["", "/a", "a//b", "../a", "a/./b", &"x".repeat(101), &"d/".repeat(130)] {
        assert!(pack(&BTreeMap::from([(name.to_owned(), Vec::new())])).is_err(), "{name}");
    }
}

#[test]
fn overhead_of_an_index_is_small() {
    let (_folder, root) = place();
    let mut writer = Archive::create(&root).unwrap().lock().unwrap();
    let mut deposit = writer.deposit().unwrap();
    for table in 0..14 {
        deposit.table(&format!("t{table}.csv"), b"x\n").unwrap();
    }
    for block in 0..40_u64 {
        let agents = (0..64).map(|n| format!("AG{:07}", block * 64 + n).into()).collect();
        let frames = (0..14).map(|table| {
            let text = format!("{block}{table}").repeat(20);
            (table, frame(text.as_bytes()).unwrap())
        });
        deposit.block(StoredBlock { agents, frames: frames.collect() }).unwrap();
    }
    let manifeste = deposit.object(b"").unwrap();
    let entry = writer
        .commit(deposit, &signature(), |index, tables| Calcul {
            mois: "2026-10".to_owned(),
            connu_le: String::new(),
            programme: String::new(),
            au_dela: false,
            employeurs: vec![ONE.to_owned()],
            empreinte_regles: String::new(),
            empreinte_resultats: String::new(),
            regles: manifeste.clone(),
            manifeste,
            index,
            tables,
        })
        .unwrap();
    let octets = entry.calcul().unwrap().index.octets;
    assert!(octets < 15 * 64 * 40, "{octets} bytes for {} payslips", 64 * 40);
    assert!(verify(&root, |_| {}).unwrap().damages.is_empty());
}
