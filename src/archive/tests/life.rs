use super::*;
use crate::archive::Etat;

fn archive() -> (tempfile::TempDir, Writer) {
    let (folder, root) = place();
    (folder, Archive::create(root).unwrap().lock().unwrap())
}

/// The state that made an event refused, and the employers in it.
fn found(refused: Result<Entry, ArchiveError>) -> (Etat, Vec<String>) {
    match refused {
        Err(ArchiveError::State { found, employeurs, .. }) => (found, employeurs),
        other => panic!("not refused for a state: {other:?}"),
    }
}

#[test]
fn a_month_goes_from_prepare_to_clos() {
    let (_folder, mut writer) = archive();
    let october = mois("2026-10");
    let etat = |writer: &Writer, siret: &str| writer.archive().state(october, siret).etat;
    assert_eq!(etat(&writer, ONE), Etat::Absent);
    let early = writer.append(valide("2026-10", &[ONE]), &signature());
    assert_eq!(found(early), (Etat::Absent, vec![ONE.to_owned()]));
    run(&mut writer, "2026-10", 3, &[ONE, TWO]).unwrap();
    assert_eq!(etat(&writer, ONE), Etat::Prepare);
    let early = writer.append(clos("2026-10", &[ONE]), &signature());
    assert_eq!(found(early).0, Etat::Prepare);
    writer.append(valide("2026-10", &[ONE]), &signature()).unwrap();
    assert_eq!(etat(&writer, ONE), Etat::Valide);
    assert_eq!(etat(&writer, TWO), Etat::Prepare);
    let both = writer.append(clos("2026-10", &[ONE, TWO]), &signature());
    assert_eq!(found(both), (Etat::Prepare, vec![TWO.to_owned()]));
    let later = Signature { quand: "2026-11-02T08:00:00Z".to_owned(), qui: "Mme Clôt".to_owned() };
    writer.append(clos("2026-10", &[ONE]), &later).unwrap();
    let state = writer.archive().state(october, ONE);
    assert_eq!((state.etat, state.entry.unwrap().qui.as_str()), (Etat::Clos, "Mme Clôt"));
    assert_eq!(state.entry.unwrap().quand, "2026-11-02T08:00:00Z");
    assert_eq!(etat(&writer, TWO), Etat::Prepare);
}

#[test]
fn computing_again_takes_a_validation_back() {
    let (_folder, mut writer) = archive();
    run(&mut writer, "2026-10", 3, &[ONE, TWO]).unwrap();
    writer.append(valide("2026-10", &[ONE, TWO]), &signature()).unwrap();
    run(&mut writer, "2026-10", 4, &[ONE]).unwrap();
    assert_eq!(writer.archive().state(mois("2026-10"), ONE).etat, Etat::Prepare);
    assert_eq!(writer.archive().state(mois("2026-10"), TWO).etat, Etat::Valide);
}

#[test]
fn a_closed_month_never_changes() {
    let (_folder, mut writer) = archive();
    run(&mut writer, "2026-10", 3, &[ONE, TWO]).unwrap();
    writer.append(valide("2026-10", &[ONE]), &signature()).unwrap();
    writer.append(clos("2026-10", &[ONE]), &signature()).unwrap();
    let before = snapshot(writer.archive().root());
    assert!(writer.archive().allows(mois("2026-10"), &[TWO.to_owned()]).is_ok());
    assert!(writer.archive().allows(mois("2026-10"), &[ONE.to_owned()]).is_err());
    let again = run(&mut writer, "2026-10", 3, &[TWO, ONE]);
    assert_eq!(found(again), (Etat::Clos, vec![ONE.to_owned()]));
    for event in [
        valide("2026-10", &[ONE]),
        clos("2026-10", &[ONE]),
        derogation("2026-10", ONE, "trop tard"),
    ] {
        assert_eq!(found(writer.append(event, &signature())).0, Etat::Clos);
    }
    assert_eq!(snapshot(writer.archive().root()), before);
    run(&mut writer, "2026-10", 3, &[TWO]).unwrap();
}

#[test]
fn a_waiver_has_a_name_and_a_reason() {
    let (_folder, mut writer) = archive();
    let refused = writer.append(derogation("2026-10", ONE, "  "), &signature());
    assert!(matches!(refused, Err(ArchiveError::Field { field: "motif", .. })));
    let nobody = Signature { qui: " ".to_owned(), ..signature() };
    let refused = writer.append(derogation("2026-10", ONE, "vu"), &nobody);
    assert!(matches!(refused, Err(ArchiveError::Field { field: "qui", .. })));
    writer.append(derogation("2026-10", ONE, "vu"), &signature()).unwrap();
    writer.append(derogation("2026-11", ONE, "vu"), &signature()).unwrap();
    let kept: Vec<u64> = writer.archive().derogations(mois("2026-11")).map(|e| e.numero).collect();
    assert_eq!(kept, [2]);
}

#[test]
fn a_proof_is_of_results_that_are_there() {
    let (_folder, mut writer) = archive();
    run(&mut writer, "2026-10", 3, &[ONE]).unwrap();
    let proof = |results: &str| Event::Preuve {
        mois: "2026-10".to_owned(),
        empreinte_resultats: results.to_owned(),
        vers: "disque 2".to_owned(),
    };
    let refused = writer.append(proof("autre"), &signature());
    assert!(matches!(refused, Err(ArchiveError::Field { field: "empreinte_resultats", .. })));
    assert!(writer.archive().preuve().is_none());
    writer.append(proof("resultats de 2026-10"), &signature()).unwrap();
    assert_eq!(writer.archive().preuve().unwrap().numero, 2);
}

#[test]
fn what_is_badly_written_is_refused() {
    let (_folder, mut writer) = archive();
    let none: [&str; 0] = [];
    for (event, field) in [
        (valide("2026-13", &[ONE]), "mois"),
        (valide(" 2026-10", &[ONE]), "mois"),
        (valide("2026-10", &["123"]), "siret"),
        (valide("2026-10", &none), "employeurs"),
    ] {
        let refused = writer.append(event, &signature()).unwrap_err();
        assert!(matches!(refused, ArchiveError::Field { field: f, .. } if f == field), "{refused}");
    }
    let when = Signature { quand: "hier".to_owned(), ..signature() };
    let refused = writer.append(derogation("2026-10", ONE, "vu"), &when);
    assert!(matches!(refused, Err(ArchiveError::Field { field: "quand", .. })));
    assert!(writer.archive().journal().is_empty());
}

#[test]
fn a_run_names_objects_that_are_there() {
    let (_folder, mut writer) = archive();
    let entry = run(&mut writer, "2026-10", 3, &[ONE]).unwrap();
    let mut calcul = entry.calcul().unwrap().clone();
    writer.append(Event::Calcul(Box::new(calcul.clone())), &signature()).unwrap();
    calcul.regles.octets += 1;
    let refused = writer.append(Event::Calcul(Box::new(calcul)), &signature()).unwrap_err();
    assert!(matches!(refused, ArchiveError::Damaged { .. }), "{refused}");
}

#[test]
fn messages_say_what_where_and_what_to_do() {
    let (_folder, mut writer) = archive();
    run(&mut writer, "2026-10", 3, &[ONE, TWO]).unwrap();
    let refused = writer.append(clos("2026-10", &[ONE, TWO]), &signature()).unwrap_err();
    let expected = format!("{ONE}, {TWO}: the month 2026-10 is `prepare`, not `valide`");
    assert_eq!(refused.to_string(), expected);
    assert_eq!(refused.help(), "validate the month first");
}
