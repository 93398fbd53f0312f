//! The bench signs in, sends forms that are accepted, and reads the log.

use super::*;

#[test]
fn an_account_is_signed_in_and_its_forms_are_accepted() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let page = banc.get(&qui, "/connexion?retour=/aide").attendu(303);
    assert_eq!(page.vers(), "/aide");
    let refuse = banc.post_brut(&qui, "/deconnexion", "jeton=faux".to_owned());
    assert!(refuse.attendu(403).dit("Formulaire périmé"));
    assert!(banc.journal(&qui, Action::Deconnexion).is_empty());
    banc.post(&qui, "/deconnexion", &[]).attendu(303);
    assert_eq!(banc.journal(&qui, Action::Deconnexion).len(), 1);
}

#[test]
fn each_role_has_its_scope() {
    let banc = Banc::commun();
    let vue = |qui: &Seance| banc.appli.registre.vue(&qui.compte.perimetre).employeurs().len();
    assert_eq!(vue(&banc.operateur()), vue(&banc.entrer(Role::Auditeur, &[])));
    assert_eq!(vue(&banc.entrer(Role::Auditeur, &[COMMUNE])), 1);
    assert_eq!(vue(&banc.gestionnaire(&[COMMUNE, AUTRE])), 2);
    assert_eq!(vue(&banc.entrer(Role::Administrateur, &[])), 0);
    assert!(banc.dossier().join("pool/agents.csv").exists());
}
