//! What the server offers, and to whom: every route of its sources, accounts of each role with
//! their sessions, a pool where each word tells its employer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test stops at a surprise")]
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod demandes;
pub mod gens;
pub mod marques;
pub mod routes;

use std::process::Command;

use crate::serveur::Lieu;

/// Pays a month of a pool where some things are to be looked at, and closes it.
pub fn clore(lieu: &Lieu, mois: &str) {
    let (pool, archive) = (lieu.chemin("pool"), lieu.chemin("archive"));
    let archive = archive.to_str().unwrap();
    let mut commande = Command::new(env!("CARGO_BIN_EXE_paie"));
    commande.arg("run").arg("--pool").arg(pool).args(["--connu-le", &format!("{mois}-25")]);
    commande.args(["--archive", archive, "--mois", mois, "--par", "Opératrice"]);
    let rendu = commande.output().unwrap();
    let dit = String::from_utf8_lossy(&rendu.stderr);
    assert!(rendu.status.code().is_some_and(|code| code < 2), "{dit}");
    for verbe in ["valider", "clore"] {
        let par = ["--archive", archive, "--mois", mois, "--par", "Mme Chef"];
        lieu.paie(&[&["archive", verbe], &par[..]].concat());
    }
}
