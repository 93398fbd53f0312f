//! One replay at a time, what is seen of it, and its place given back when it fails.

use super::*;
use crate::archive::Event;

fn entry(numero: u64) -> Entry {
    Entry {
        numero,
        precedent: "0".repeat(64),
        empreinte: format!("{numero:064}"),
        quand: "2026-10-25T10:00:00Z".to_owned(),
        qui: "essai".to_owned(),
        evenement: Event::Clos { mois: "2026-10".to_owned(), employeurs: Vec::new() },
    }
}

#[test]
fn a_second_replay_waits_for_the_first_and_a_failure_gives_the_place_back() {
    let dossier = tempfile::tempdir().unwrap();
    let archive = Archive::create(dossier.path().join("archive")).unwrap();
    let rejeux = Arc::new(Rejeux::new(&Arc::default()));
    let (un, deux) = (entry(1), entry(2));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        assert_eq!(rejeux.de(&un).cours, Cours::Libre);
        rejeux.lancer(&archive, &un, 0);
        rejeux.lancer(&archive, &deux, 0);
        assert_eq!(rejeux.de(&un).cours, Cours::Ici(0));
        assert_eq!(rejeux.de(&deux).cours, Cours::Ailleurs);
        while rejeux.de(&un).cours != Cours::Libre {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    // The entry is no run: nothing can be computed again.
    assert!(matches!(rejeux.de(&un).dernier, Some(Err(Refus::Panne(_)))));
    assert!(rejeux.de(&deux).dernier.is_none(), "a refused request computes nothing");
    assert_eq!(rejeux.de(&deux).cours, Cours::Libre);
}

#[test]
fn progress_is_a_part_that_never_passes_the_whole() {
    let avance = Avance::default();
    assert_eq!(avance.pourcents(), 0);
    for (faits, tous, attendu) in [(0, 3, 0), (1, 3, 33), (3, 3, 100), (4, 3, 100), (1, 0, 0)] {
        avance.noter(faits, tous);
        assert_eq!(avance.pourcents(), attendu, "{faits} of {tous}");
    }
}
