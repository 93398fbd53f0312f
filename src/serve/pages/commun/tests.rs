//! Addresses hold any text, searches ignore accents, pages of a list are always there.

use super::*;

#[test]
fn any_text_fits_in_an_address() {
    assert_eq!(segment("A/é b"), "A%2F%C3%A9%20b");
    assert_eq!(adresse("/e", &[("q", ""), ("mois", "")]), "/e");
    assert_eq!(adresse("/e", &[("q", "a b&c"), ("mois", "2026-10")]), "/e?q=a+b%26c&mois=2026-10");
}

#[test]
fn every_word_must_be_there() {
    assert!(trouve("", "Ménard Hélène"));
    assert!(trouve("helene MENARD", "Ménard Hélène A0000010"));
    assert!(!trouve("menard paul", "Ménard Hélène"));
}

#[test]
fn a_page_that_is_not_there_is_the_nearest() {
    let page = |texte: &str| Champs(vec![("page".to_owned(), texte.to_owned())]);
    let tout: Vec<u32> = (0..5).collect();
    assert_eq!(tranche(&tout, &page("2"), 2), (&[2, 3][..], 2, 3));
    assert_eq!(tranche(&tout, &page("9"), 2), (&[4][..], 3, 3));
    assert_eq!(tranche(&tout, &page("-1"), 2), (&[0, 1][..], 1, 3));
    assert_eq!(tranche::<u32>(&[], &page("2"), 2), (&[][..], 1, 1));
}
