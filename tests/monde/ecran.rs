//! What holds of every screen, whoever sees it: no fault of accessibility, no error of the console,
//! nothing from elsewhere, nothing wider than the screen, French, one title, light.

use serde_json::{Value, json};

use crate::monde::Monde;
use crate::navigateur::Navigateur;
use crate::navigateur::accessibilite::REGLES;

/// The most bytes of a page over the line, without styles and scripts that came before.
const PAGE: u64 = 100_000;

/// Checks the screen that a browser is at, and keeps a picture of it under a name.
pub fn regarder(page: &Navigateur, nom: &str) {
    page.capture(nom);
    let lu = page.execute(
        "return [document.documentElement.lang, net(document.title), \
         net(document.querySelector('h1')?.innerText), document.querySelectorAll('h1').length, document.querySelectorAll('main')\
         .length, performance.getEntriesByType('navigation')[0].transferSize];",
        vec![],
    );
    let texte = |rang: usize| lu[rang].as_str().unwrap_or("").to_owned();
    let (titre, h1) = (texte(1), texte(2));
    assert_eq!(texte(0), "fr", "{nom}: the language of the page");
    assert!(!h1.is_empty() && titre.contains(&h1), "{nom}: « {titre} » does not say « {h1} »");
    assert_eq!((&lu[3], &lu[4]), (&json!(1), &json!(1)), "{nom}: one title, one content");
    let poids = lu[5].as_u64().unwrap_or(0);
    assert!(poids < PAGE, "{nom}: {poids} bytes");
    page.sans_debordement();
    page.sans_faute(REGLES);
    sans_surprise(page);
    page.sans_tiers(Monde::commun().origine());
}

/// The console tells nothing but pages that were refused: scenarios read those themselves.
pub fn sans_surprise(page: &Navigateur) {
    let mut vus = page.console();
    vus.retain(|vu| {
        vu.contains("/statique/") || !vu.contains("the server responded with a status")
    });
    assert!(vus.is_empty(), "the console says:\n{}", vus.join("\n"));
}

/// The status of the page that a browser is at.
pub fn statut(page: &Navigateur) -> u64 {
    let script = "return performance.getEntriesByType('navigation')[0].responseStatus;";
    page.execute(script, vec![]).as_u64().unwrap()
}

/// The amount that follows a text on the page: `1 958,93`.
pub fn montant_apres(page: &Navigateur, texte: &str) -> String {
    let tout = page.texte();
    let Some((_, suite)) = tout.rsplit_once(texte) else {
        panic!("no « {texte} » in:\n{tout}");
    };
    let amount = |letter: &char| letter.is_ascii_digit() || ", -−".contains(*letter);
    suite.trim_start().chars().take_while(amount).collect::<String>().trim().to_owned()
}

/// What a script of the page gives, as text.
pub fn lu(page: &Navigateur, script: &str) -> String {
    match page.execute(script, vec![]) {
        Value::String(texte) => texte,
        autre => autre.to_string(),
    }
}
