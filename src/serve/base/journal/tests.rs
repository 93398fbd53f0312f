use super::*;

#[test]
fn every_action_has_its_own_words() {
    for action in Action::ALL {
        assert_eq!(Action::from_name(action.name()), Some(action));
        assert!(action.french().starts_with(char::is_uppercase));
        assert!(action.name().chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    }
    assert_eq!(Action::from_name("autre"), None);
}

#[test]
fn what_must_not_be_logged_is_masked() {
    for secret in [
        "185057800608436",
        "1 85 05 78 006 084 36",
        "2 85 05 2A 006 084",
        "FR76 3000 6000 0112 3456 7890 189",
        "fr7630006000011234567890189",
    ] {
        assert_eq!(masquer(secret), "[masqué]", "{secret}");
        assert_eq!(masquer(&format!("é: {secret}; fin")), "é: [masqué]; fin", "{secret}");
    }
    let digest = "ab12".repeat(16);
    for clair in ["", "21690001800017", "2026-11", "12 lignes, 3 refusées", &digest, "A-00012"] {
        assert_eq!(masquer(clair), clair);
    }
    let detail = Detail::default().mot("cle", &"x".repeat(500)).nombre("lignes", 3);
    assert_eq!(detail.texte(), format!("{{\"cle\":\"{}\",\"lignes\":3}}", "x".repeat(200)));
}
