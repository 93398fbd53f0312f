use std::collections::BTreeSet;

use super::*;

#[test]
fn ten_codes_that_can_be_read_and_that_differ() {
    let codes = codes().unwrap();
    let forme = |code: &String| {
        code.len() == 19 && code.split('-').count() == 4 && !code.contains(['l', 'i', 'o', '1'])
    };
    assert!(codes.iter().all(forme), "{codes:?}");
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), NOMBRE);
}

#[test]
fn a_code_is_known_as_people_type_it() {
    assert_eq!(empreinte("abcd-efgh-jkmn-pqrs"), empreinte(" ABCD efgh JKMNPQRS "));
    assert_ne!(empreinte("abcd-efgh-jkmn-pqrs"), empreinte("abcd-efgh-jkmn-pqrt"));
}
