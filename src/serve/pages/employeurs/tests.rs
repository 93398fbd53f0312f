//! The board: every employer, filters, and what each role finds first.

use axum::body::Body;

use crate::serve::base::Action;
use crate::serve::droits::Role;
use crate::serve::essais::{AUTRE, Banc, COMMUNE, Reponse, Seance, remplacer, requete};

fn suivi(banc: &Banc, qui: &Seance) -> Reponse {
    let request = requete(qui, "GET", "/employeurs/calcul").header("hx-request", "true");
    banc.envoyer(request.body(Body::empty()).unwrap()).attendu(200)
}

#[test]
fn each_role_is_sent_to_its_own_screen() {
    let banc = Banc::commun();
    let vers = |role, sirets: &[&str]| {
        let page = banc.get(&banc.entrer(role, sirets), "/");
        (page.code.as_u16(), page.vers().to_owned())
    };
    assert_eq!(vers(Role::Administrateur, &[]), (303, "/comptes".to_owned()));
    assert_eq!(vers(Role::Operateur, &[]), (303, "/employeurs".to_owned()));
    assert_eq!(vers(Role::Gestionnaire, &[COMMUNE]), (303, format!("/e/{COMMUNE}")));
    assert_eq!(vers(Role::Auditeur, &[AUTRE]), (303, format!("/e/{AUTRE}")));
    let page = banc.get(&banc.gestionnaire(&[COMMUNE, AUTRE]), "/").attendu(200);
    assert!(page.dit(&format!("href=\"/e/{COMMUNE}\"")));
    assert!(page.dit(&format!("href=\"/e/{AUTRE}\"")));
    assert!(!page.dit("/e/28719600000015"), "an employer outside the scope");
    banc.get(&banc.gestionnaire(&["00000000000000"]), "/").attendu(200);
}

#[test]
fn the_board_waits_for_amounts_then_sorts_by_what_blocks() {
    let banc = Banc::avec(|pool| {
        remplacer(&pool.join("carrieres.csv"), "S076,", ("ingénieur principal", "inventé"));
    });
    let qui = banc.operateur();
    let page = banc.get(&qui, "/employeurs").attendu(200);
    assert!(page.dit("Calcul en cours") && page.dit("hx-get=\"/employeurs/calcul\""));
    assert!(suivi(&banc, &qui).dit("Calcul en cours"));
    banc.attendre(banc.appli.registre.prepare());
    let fin = suivi(&banc, &qui);
    assert_eq!(fin.entetes["hx-refresh"], "true");
    let page = banc.get(&qui, "/employeurs").attendu(200).texte();
    assert!(!page.contains("Calcul en cours"), "{page}");
    let bloques = |texte: &str| -> Vec<usize> {
        let etats = banc.appli.registre.vue(&qui.compte.perimetre).etats();
        let of = |lien: &str| {
            let un = etats.iter().find(|un| lien.starts_with(un.employeur.siret.as_str()));
            un.and_then(|un| un.totaux).map(|totaux| totaux.bloques)
        };
        texte.split("href=\"/e/").skip(1).filter_map(of).collect()
    };
    let ordre = bloques(&page);
    assert_eq!(ordre.len(), 16);
    assert!(ordre.is_sorted_by(|a, b| a >= b) && ordre[0] > 0, "{ordre:?}");
    let page = banc.get(&qui, "/employeurs?etat=bloques").attendu(200).texte();
    assert_eq!(bloques(&page), ordre.into_iter().filter(|n| *n > 0).collect::<Vec<_>>());
    let page = banc.get(&qui, "/employeurs?q=obermunzel").attendu(200).texte();
    assert_eq!(bloques(&page).len(), 1);
    let page = banc.get(&qui, "/employeurs?etat=clos").attendu(200);
    assert!(page.dit("Aucun employeur ne correspond"));
    assert_eq!(banc.journal(&qui, Action::ConsultationTableau).len(), 5);
}

#[test]
fn the_board_is_for_operators() {
    let banc = Banc::commun();
    for (role, sirets) in [
        (Role::Gestionnaire, &[COMMUNE, AUTRE][..]),
        (Role::Auditeur, &[]),
        (Role::Administrateur, &[]),
    ] {
        let qui = banc.entrer(role, sirets);
        banc.get(&qui, "/employeurs").attendu(403);
        assert!(banc.journal(&qui, Action::ConsultationTableau).is_empty());
    }
    banc.get(&banc.operateur(), "/employeurs/calcul").attendu(303);
}
