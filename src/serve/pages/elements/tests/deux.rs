//! What comes in between the two steps: somebody else, a second press, the end of a session.

use super::*;

#[test]
fn two_people_on_the_same_month_lose_nothing() {
    let banc = Banc::nouveau();
    let (une, autre) = (banc.gestionnaire(&[COMMUNE]), banc.operateur());
    let de_une = formulaire(&banc, &une, &[rangee(1, AGENT, "IFSE", "71")]).attendu(200);
    let de_autre = formulaire(&banc, &autre, &[rangee(1, AGENT, "IFSE", "82")]).attendu(200);
    enregistrer(&banc, &une, &de_une).attendu(303);
    let apres_une = octets(&banc);

    let perimee = enregistrer(&banc, &autre, &de_autre).attendu(409);
    assert_eq!(octets(&banc), apres_une, "nothing is stored");
    for mots in ["ont changé entre-temps", "71,00", "82,00", "Corrige un élément enregistré"] {
        assert!(perimee.dit(mots), "{mots}: {}", perimee.texte());
    }
    assert!(perimee.dit(&une.compte.identifiant), "who stored it");
    assert_eq!(banc.journal(&autre, Action::DepotRefuse).len(), 1);
    // What was typed is there, ready to be confirmed on top of what changed.
    enregistrer(&banc, &autre, &perimee).attendu(303);
    let rows: Vec<String> = rangees(&banc, "A0000005,21719601300015,C1,IFSE,2026-10");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].contains("82"));
}

#[test]
fn a_button_pressed_twice_stores_once() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let rows = [rangee(1, AGENT, "IFSE", "33"), rangee(2, AGENT, "", "")];
    let page = formulaire(&banc, &qui, &rows[..1]).attendu(200);
    let un = enregistrer(&banc, &qui, &page).attendu(303);
    let stored = octets(&banc);
    let deux = enregistrer(&banc, &qui, &page).attendu(303);
    assert_eq!(octets(&banc), stored);
    assert!(banc.get(&qui, un.vers()).dit("C’est enregistré"));
    assert!(banc.get(&qui, deux.vers()).dit("C’était déjà enregistré"));
    // A row without a rubrique is not passed over.
    assert!(formulaire(&banc, &qui, &rows).attendu(422).dit("rubrique"));
}

#[test]
fn a_session_that_ends_while_typing_gives_the_rows_back() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let before = octets(&banc);
    let page = formulaire(&banc, &qui, &[rangee(1, AGENT, "IFSE", "47,13")]).attendu(200);
    banc.appli.base.fermer_session(&qui.jeton, note()).unwrap();
    let typed = rangee(1, "Zoé", "IFSE", "45,5");
    for perdue in [
        formulaire(&banc, &qui, std::slice::from_ref(&typed)).attendu(401),
        enregistrer(&banc, &qui, &page).attendu(401),
    ] {
        assert!(perdue.dit("Rien n’a été enregistré") && perdue.dit("Reprendre ma saisie"));
        assert!(perdue.dit(&format!("/connexion?retour=%2Fe%2F{COMMUNE}%2Felements%2F{MOIS}")));
    }
    let perdue = formulaire(&banc, &qui, std::slice::from_ref(&typed));
    let gardes = caches(&perdue.texte());

    // Signed in again: the rows come back, in a form of the new session.
    let encore = banc.gestionnaire(&[COMMUNE]);
    let corps = |champs: &[(String, String)]| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(champs).finish()
    };
    let rendue = banc.post_brut(&encore, &url("/verifier"), corps(&gardes)).attendu(403);
    assert!(rendue.dit("value=\"45,5\"") && rendue.dit("value=\"Zoé\""));
    let judged = banc.post_brut(&encore, &url("/enregistrer"), corps(&portes(&page))).attendu(403);
    assert!(judged.dit("Vérifier de nouveau") && judged.dit(AGENT));
    assert_eq!(octets(&banc), before);
    let champs = caches(judged.texte().split("/verifier\"").nth(1).unwrap());
    let page = poster(&banc, &encore, "/verifier", &champs).attendu(200);
    enregistrer(&banc, &encore, &page).attendu(303);
    assert_eq!(rangees(&banc, ",47.13,").len(), 1);
    // A stranger's rows never reach another employer.
    let voisin = banc.gestionnaire(&["28719600000015"]);
    banc.post_brut(&voisin, &url("/verifier"), corps(&gardes)).attendu(404);
}

#[test]
fn a_file_that_cannot_be_written_loses_nothing() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let page = formulaire(&banc, &qui, &[rangee(1, AGENT, "IFSE", "55")]).attendu(200);
    let path = banc.dossier().join("pool/elements.csv");
    let before = fs::read(&path).unwrap();
    // A row of another employer with an open quote: whatever is appended would be inside.
    let broken = [before.as_slice(), b"A0000001,28719600000015,C1,\"IFSE,2026-01-01\n"].concat();
    fs::write(&path, &broken).unwrap();
    let refuse = enregistrer(&banc, &qui, &page);
    assert_ne!(refuse.code.as_u16(), 303, "{}", refuse.texte());
    assert!(refuse.dit("Rien n’a été enregistré"), "{}", refuse.texte());
    assert_eq!(fs::read(&path).unwrap(), broken);
    fs::write(&path, &before).unwrap();
    enregistrer(&banc, &qui, &page).attendu(303);
}
