//! What changed from a row to the next is said in words.

use super::*;

#[test]
fn changes_are_told_with_what_was_before() {
    let avant = [("Échelon", "6".to_owned()), ("Catégorie", "C".to_owned())];
    let apres = [("Échelon", "7".to_owned()), ("Fonction", "maire".to_owned())];
    let dites = [
        "Échelon\u{a0}: 7, au lieu de 6",
        "Fonction\u{a0}: maire (rien avant)",
        "Catégorie\u{a0}: plus rien, au lieu de C",
    ];
    assert_eq!(phrases(&avant, &apres), dites);
    assert!(phrases(&avant, &avant).is_empty());
}

#[test]
fn parts_of_time_are_read_as_people_say_them() {
    let ratio = |num, den| Ratio::new(num, den).unwrap();
    assert_eq!(part(ratio(4, 5)), "80\u{a0}%");
    assert_eq!(part(ratio(6, 7)), "85,71\u{a0}%");
    assert_eq!(heures(ratio(1, 2)), "17\u{a0}h\u{a0}30 sur 35\u{a0}h");
    assert_eq!(heures(ratio(4, 5)), "28\u{a0}h sur 35\u{a0}h");
    assert_eq!(heures(Ratio::ONE), "temps complet");
}
