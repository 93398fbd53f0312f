//! Generations of the pool, when its files change faster than a month is computed.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use super::*;
use crate::serve::essais::Banc;

#[test]
fn generations_that_nobody_shows_are_neither_computed_nor_kept() {
    let banc = Banc::nouveau();
    let registre = &banc.appli.registre;
    let elements = banc.dossier().join("pool/elements.csv");
    banc.attendre(async {
        let under_way = registre.preparation.lock().await;
        let mut former = Vec::new();
        for _ in 0..4 {
            let mut file = OpenOptions::new().append(true).open(&elements).unwrap();
            file.write_all(b"\n").unwrap();
            registre.relire().await;
            former.push(Arc::downgrade(&registre.etat()));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let kept = former.iter().filter(|etat| etat.strong_count() > 0).count();
        assert_eq!(kept, 1, "generations are kept until each has been computed");
        let etats = || registre.vue(&Perimetre::tous()).etats();
        assert!(etats().iter().all(|un| un.totaux.is_none()), "two are computed at a time");
        drop(under_way);
        registre.prepare().await;
        assert!(etats().iter().all(|un| un.totaux.is_some()));
    });
}
