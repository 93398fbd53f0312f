//! A process that stores is killed: the file is as before a deposit, or as after it.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::depots::{deposer, lus, octets, pool, restes};
use super::*;

/// Names the pool to the process that stores.
const POOL: &str = "PAIE_TEST_SAISIE_POOL";
const KILLS: u32 = 50;

/// Stores three rows at a time, for ever: the three always say the same number.
fn store_for_ever(folder: &std::path::Path) {
    let deposeur = Deposeur::new(folder).unwrap();
    for number in 1.. {
        let rows = ["A1", "A2"].map(|agent| format!("{agent};1;PRIME;{number};\n")).concat();
        let body = format!("agent;contrat;rubrique;montant;libelle\n{rows}A1;1;PRIME;{number};x\n");
        deposer(&deposeur, &body, "2026-10-15");
    }
}

#[test]
fn a_killed_deposit_is_absent_or_whole() {
    if let Some(folder) = std::env::var_os(POOL) {
        store_for_ever(folder.as_ref());
    }
    let other = format!(
        "agent,siret,contrat,rubrique,depuis,fin,connu_le,montant,libelle\n{}",
        "B1,21718995000017,1,PRIME,2020-01-01,2020-01-31,,1.00,y\n"
    );
    let folder = pool(Some(&other));
    let mut seen = std::collections::BTreeSet::new();
    for kill in 0..KILLS {
        let before = octets(folder.path());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serve::saisie::tests::kills::a_killed_deposit_is_absent_or_whole"])
            .env(POOL, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Deposits are under way once the file has moved; then each kill falls elsewhere in one.
        let patience = Instant::now();
        while octets(folder.path()) == before {
            assert!(patience.elapsed() < Duration::from_secs(60), "nothing is stored");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(u64::from(kill) * 1_117 % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(octets(folder.path()).starts_with(&other));
        let found = lus(folder.path());
        let amounts: Vec<i64> = [&found["A1"], &found["A2"]]
            .into_iter()
            .flatten()
            .map(|row| row.montant.unwrap().at_scale(0).unwrap())
            .collect();
        assert_eq!(amounts, [amounts[0]; 3]);
        seen.insert(amounts[0]);
    }
    assert!(seen.len() > 3, "kills fell at few places: {seen:?}");
    Deposeur::new(folder.path()).unwrap();
    assert_eq!(restes(folder.path()), 0);
    assert!(fs::read_dir(folder.path()).unwrap().count() < 7);
}
