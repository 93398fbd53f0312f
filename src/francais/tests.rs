//! What the browser says of findings.

use std::collections::BTreeSet;

use super::*;

fn dit(code: Code, message: &str) -> String {
    // No-break spaces are tested by themselves.
    let dit = traduit(code, message).unwrap_or_else(|| panic!("{code:?}: {message}"));
    dit.replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn every_entry_is_read_and_every_code_has_a_title() {
    assert_eq!(catalogue().fautes, [] as [&str; 0]);
    let mut titles = BTreeSet::new();
    for code in Code::ALL {
        let title = catalogue().titre(*code).unwrap_or_else(|| panic!("{code:?} has no title"));
        assert!(title.chars().count() <= 52 && !title.ends_with('.'), "{title}");
        assert!(title.starts_with(char::is_uppercase) && francais(title).is_some(), "{title}");
        titles.insert(title);
    }
    assert_eq!(titles.len(), Code::ALL.len(), "two codes have one title");
}

#[test]
fn translations_are_french() {
    let lines = include_str!("constats.txt").lines();
    let lines = lines.filter(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("== "));
    let lines: Vec<&str> = lines.collect();
    assert!(lines.len() > 400, "{}", lines.len());
    for pair in lines.chunks(2) {
        let [english, french] = pair else { panic!("{pair:?} is not an entry") };
        assert!(francais(french).is_some(), "not French: {french}");
        assert!(!french.contains('`') && !french.ends_with('.'), "{french}");
        assert!(
            french.starts_with(['«', '{'])
                || !french.starts_with(char::is_uppercase)
                || ["UTF-16", "Windows-1252", "Latin-1 ou Windows-1252"].contains(french),
            "{french}"
        );
        // An English value never comes through: each hole is named, or left out on purpose.
        assert_eq!(english.matches('{').count(), english.matches('}').count(), "{english}");
    }
}

#[test]
fn values_days_months_and_lists_are_carried_over() {
    let said = [
        (
            Code::E704,
            "`fin` is `2026-01-05`, before the first day `2026-02-01`",
            "« fin » est le 05/01/2026, avant le premier jour, le 01/02/2026",
        ),
        (
            Code::E705,
            "`montant` is `12,3,4`: not a decimal number",
            "« montant » vaut « 12,3,4 » : ce n'est pas un nombre décimal",
        ),
        (
            Code::E706,
            "did you mean `oui`? one of `oui`, `non`",
            "vouliez-vous dire « oui » ? Valeurs possibles : « oui », « non »",
        ),
        (
            Code::W914,
            "`IFSE` is for a contract without a day in 2026-10",
            "« IFSE » est pour un contrat sans aucun jour en octobre 2026",
        ),
        // The hole of another template would hold the backticks of this one.
        (
            Code::E704,
            "`depuis` is `2026-02-31`: this day does not exist",
            "« depuis » vaut « 2026-02-31 » : ce jour n'existe pas",
        ),
        (Code::W910, "the net to pay is -1234.50", "le net à payer est de -1 234,50 €"),
        (
            Code::F802,
            "`agent.nbi` is `900`: outside 0 to 1801.5",
            "« nombre de points de nouvelle bonification indiciaire » vaut 900 : hors des bornes, \
             de 0 à 1 801,5",
        ),
        (
            Code::F802,
            "`effectif` is `-1`: outside 0 to 100",
            "« effectif » vaut « -1 » : hors des bornes, de 0 à 100",
        ),
        (
            Code::F801,
            "`PRIME` needs `element.montant`, which has no value",
            "« PRIME » ne se calcule pas ; il manque : montant de l'élément",
        ),
        // An input that a local layer names is shown by that name.
        (
            Code::F801,
            "`PRIME` needs `employeur.cantine`, which has no value",
            "« PRIME » ne se calcule pas ; il manque : « employeur.cantine »",
        ),
        (
            Code::E709,
            "the grade `x` is no more on 2026-10-01: became `y` on 2020-01-01, then `z, b` on \
             2021-01-01",
            "le grade « x » n'existe plus le 01/10/2026 : il est devenu « y » le 01/01/2020, puis \
             « z, b » le 01/01/2021",
        ),
        (
            Code::W924,
            "`IFSE` appears (300.00), `NBI` is gone (it was 24.62), and 2 more",
            "« IFSE » apparaît (300,00 €), « NBI » disparaît (24,62 € auparavant), et 2 de plus",
        ),
    ];
    for (code, english, french) in said {
        assert_eq!(dit(code, english), french);
    }
}

#[test]
fn a_finding_inside_another_is_said_too() {
    let again = dit(
        Code::W952,
        "2026-09 cannot be computed again: `99` is not an échelon of `attaché` on 2026-09-01",
    );
    let french = "septembre 2026 ne peut pas être recalculé : « 99 » n'est pas un échelon de \
                  « attaché » le 01/09/2026";
    assert_eq!(again, french);
    let waived = dit(
        Code::W923,
        "`nir_double` is waived by A. Martin, who says « vu : avec le CDG »: un autre agent a le \
         même NIR",
    );
    let french = "« nir_double » est levé par A. Martin, avec ce motif : « vu : avec le CDG » ; le \
                  constat : un autre agent a le même NIR";
    assert_eq!(waived, french);
    let composed = dit(
        Code::E709,
        "échelon `3` of `x`: the indice brut `9` is not in the barème on 2026-10-01",
    );
    assert!(composed.contains("« 3 » de « x » : l'indice brut « 9 »"), "{composed}");
}

#[test]
fn the_texts_of_controls_pass_and_their_command_is_said_in_words() {
    let remede = "relire le NIR, ou corriger `sexe`; to pay all the same: `paie archive deroger \
                  --mois 2026-10 --siret 21010053300018 --agent A1 --contrat C1 --controle \
                  nir_sexe --par NOM --motif TEXTE`";
    let (message, remede) = constat(Code::W921, "l'agent a moins de seize ans", remede);
    assert_eq!(message, "L'agent a moins de seize ans");
    let french = "Relire le NIR, ou corriger « sexe » ; pour payer malgré tout, demander à \
                  l'opérateur une dérogation au contrôle « nir_sexe »";
    assert_eq!(remede.replace(['\u{a0}', '\u{202f}'], " "), french);
    let dated = dit(Code::W913, "admis jusqu'au 2025-06-30, puis (2025-07-01) non");
    assert_eq!(dated, "admis jusqu'au 30/06/2025, puis (01/07/2025) non");
    assert_eq!(traduit(Code::W913, "the number of hours is above its limit"), None);
}

#[test]
fn english_is_never_given_back() {
    let (message, remede) = constat(Code::E705, "`taux` of `X` went mad", "look at the moon");
    assert_eq!(message, "Nombre incorrect\u{a0}: «\u{a0}taux\u{a0}», «\u{a0}X\u{a0}»");
    assert!(remede.starts_with("Corriger la ligne"), "{remede}");
    let (message, _) = constat(Code::E724, "not UTF-8", "");
    assert_eq!(message, titre(Code::E724));
    // What a person wrote is shown as written, never taken for a template.
    let value = "`is` is not a {rubrique}";
    let said = dit(Code::E712, &format!("the agent `{value}` is not in `agents.csv`"));
    assert_eq!(said, format!("l'agent « {value} » n'est pas dans « agents.csv »"));
}

#[test]
fn french_signs_keep_to_their_words() {
    let set = typographie("« a » : 3 % ou 4 € ; non ? si !");
    assert_eq!(
        set,
        "«\u{a0}a\u{a0}»\u{a0}: 3\u{a0}% ou 4\u{a0}€\u{202f}; non\u{202f}? si\u{202f}!"
    );
    assert_eq!(guillemets("corriger `sexe`, ou `nir`"), "corriger « sexe », ou « nir »");
    assert_eq!(jours("du 2024-02-29, 2024-02-30 non"), "du 29/02/2024, 2024-02-30 non");
    let names = "c1/2024-01-01.csv, 2024-01-01.csv, decret-2024-01-01";
    assert_eq!(jours(names), names);
    assert_eq!(guillemets("une ` seule"), "une ` seule");
}
