//! What people do, in a real browser, on the real server: staff of a commune, an operator, an
//! auditor, an administrator, and who should not be there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at a surprise")]

mod fournisseur;
mod monde;
#[allow(dead_code, reason = "pages need a part of it")]
mod navigateur;
#[allow(dead_code, reason = "pages need a part of it")]
mod serveur;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use monde::ecran::{lu, montant_apres, regarder, sans_surprise, statut};
use monde::{
    CCAS, CENTRE, CLOS, COMMUNE, MARC, MOIS, MOT_DE_PASSE, Monde, Personne, RAPPELE, REGIS,
    VOISINE, bulletin, code,
};
use navigateur::{BUREAU, Key, Navigateur, TELEPHONE};
use paie::serve::droits::Role;

/// The most bytes of a first page, styles and scripts included.
const PREMIERE: u64 = 150_000;

/// What Marc is paid in the open month, by hand from the command line.
const NET_DE_MARC: &str = "1 958,93";

fn monde() -> &'static Monde {
    Monde::commun()
}

fn elements(siret: &str) -> String {
    format!("/e/{siret}/elements/{MOIS}")
}

/// A file to hand in.
fn fichier(nom: &str, contenu: &[u8]) -> PathBuf {
    let chemin = monde().lieu.chemin(nom);
    fs::write(&chemin, contenu).unwrap();
    chemin
}

/// Someone of the commune, at a page.
fn gestionnaire(largeur: u32, sirets: &[&str], chemin: &str) -> (Personne, Navigateur) {
    let qui = monde().gestionnaire(sirets);
    let page = monde().entrer(largeur, &qui);
    page.aller(&monde().adresse(chemin));
    (qui, page)
}

// --- signing in and out --------------------------------------------------------------------------

#[test]
fn a_wrong_password_is_told_then_the_right_one_leads_to_the_page_that_was_asked_for() {
    let qui = monde().gestionnaire(&[COMMUNE]);
    let page = Navigateur::ouvrir(BUREAU);
    let voulue = monde().adresse(&bulletin(COMMUNE, MARC));
    let trafic = page.mesurer(|page| page.aller(&voulue));
    assert!(trafic.octets() < PREMIERE, "{} bytes: {trafic:#?}", trafic.octets());
    assert!(page.adresse().contains("/connexion?retour="), "{}", page.adresse());
    regarder(&page, "connexion");
    page.remplir("Identifiant", &qui.identifiant);
    page.remplir("Mot de passe", "quatre chevaux rouges");
    page.suivre("Se connecter");
    page.attendre_texte("L’identifiant ou le mot de passe n’est pas le bon.");
    assert_eq!(page.valeur("Identifiant"), qui.identifiant);
    assert_eq!(page.valeur("Mot de passe"), "");
    regarder(&page, "connexion-refusee");
    page.remplir("Mot de passe", MOT_DE_PASSE);
    page.suivre("Se connecter");
    assert_eq!(page.adresse(), voulue);
    page.attendre_texte("Marc Millet");
}

#[test]
fn after_signing_out_the_button_back_shows_nothing() {
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], &bulletin(COMMUNE, MARC));
    page.attendre_texte(NET_DE_MARC);
    page.suivre("Se déconnecter");
    page.attendre_texte("Vous êtes déconnecté.");
    page.reculer();
    page.attendre_adresse("/connexion");
    assert!(!page.voit("Millet") && !page.voit(NET_DE_MARC), "{}", page.texte());
    page.aller(&monde().adresse(&bulletin(COMMUNE, MARC)));
    assert!(page.adresse().contains("/connexion?retour="), "{}", page.adresse());
}

#[test]
fn an_identity_provider_signs_in_who_has_an_account() {
    let monde = monde();
    monde.nommee("camille.exemple@mairie.example", Role::Gestionnaire, &[COMMUNE]);
    let page = Navigateur::ouvrir(BUREAU);
    page.aller(&monde.adresse(&format!("/e/{COMMUNE}")));
    page.suivre("Se connecter avec ProConnect");
    assert_eq!(page.adresse(), monde.adresse(&format!("/e/{COMMUNE}")));
    page.attendre_texte("Dominique Gestionnaire RH");
    sans_surprise(&page);
    // Out here, then at the provider, which sends the browser back.
    page.suivre("Se déconnecter");
    page.attendre_texte("Vous êtes déconnecté.");
    assert_eq!(page.adresse(), monde.adresse("/connexion?fin=1"));
    assert_eq!(monde.tiers.demandes("/fin"), 1);
    sans_surprise(&page);
    let inconnu = serde_json::json!({"sub": "autre", "email": "inconnu@mairie.example"});
    monde.tiers.regler(|tiers| tiers.personne = inconnu.as_object().unwrap().clone());
    page.suivre("Se connecter avec ProConnect");
    page.attendre_texte("aucun compte ne lui correspond ici");
}

// --- a commune, its agents, their payslips -------------------------------------------------------

#[test]
fn an_amount_is_explained_down_to_the_article_of_law() {
    for largeur in [BUREAU, TELEPHONE] {
        let (_, page) = gestionnaire(largeur, &[COMMUNE], "/");
        page.attendre_adresse(&format!("/e/{COMMUNE}"));
        regarder(&page, "commune");
        page.remplir("Chercher un agent", "millet marc");
        page.attendre("one row", |page| match page.compte("#agents tbody tr") {
            1 => Ok(()),
            autre => Err(format!("{autre} rows")),
        });
        regarder(&page, "commune-recherche");
        page.suivre("Bulletin de Millet Marc");
        page.attendre_texte(NET_DE_MARC);
        regarder(&page, "bulletin");
        page.cliquer("Traitement indiciaire brut");
        page.attendre_texte("En vigueur depuis le");
        assert!(page.adresse().ends_with(&bulletin(COMMUNE, MARC)), "the payslip stays");
        assert!(page.compte("tr.suite a[href*='legifrance.gouv.fr']") > 0, "no text of law");
        regarder(&page, "bulletin-explique");
        page.reculer();
        page.attendre_adresse("q=millet");
        assert_eq!(page.valeur("Chercher un agent"), "millet marc");
    }
}

#[test]
fn without_javascript_an_amount_is_explained_on_a_page_of_its_own() {
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], "/");
    page.sans_javascript();
    page.recharger();
    page.remplir("Chercher un agent", "Millet Marc");
    page.suivre("Afficher");
    assert_eq!(page.compte("#agents tbody tr"), 1);
    page.suivre("Bulletin de Millet Marc");
    page.suivre("Traitement indiciaire brut");
    assert!(page.voit("Pourquoi ce montant : Traitement indiciaire brut"), "{}", page.texte());
    assert!(page.voit("En vigueur depuis le"), "{}", page.texte());
    assert!(page.compte("a[href*='legifrance.gouv.fr']") > 0, "no text of law");
    page.suivre("Revenir au bulletin");
    assert!(page.voit(NET_DE_MARC), "{}", page.texte());
}

#[test]
fn a_step_a_child_and_a_premium_are_tried_side_by_side_and_nothing_is_stored() {
    let avant = de_marc();
    for largeur in [BUREAU, TELEPHONE] {
        let (_, page) = gestionnaire(largeur, &[COMMUNE], &bulletin(COMMUNE, MARC));
        page.suivre("Simuler un changement");
        regarder(&page, "simuler");
        page.remplir("Échelon", "quinze");
        page.suivre("Simuler");
        assert_eq!(page.valeur("Échelon"), "quinze", "what was typed is kept");
        regarder(&page, "simuler-erreur");
        page.remplir("Échelon", "6");
        page.remplir("Enfants à charge", "4");
        page.choisir("Rubrique 1", "Complément indemnitaire annuel");
        page.remplir("Montant 1", "300");
        page.suivre("Simuler");
        let net = page.texte_de(".ecart-cle");
        assert!(net.starts_with("Net à payer") && net.contains(NET_DE_MARC), "{net}");
        assert!(net.contains("Aujourd’hui") && net.contains("Simulé"), "{net}");
        assert!(page.voit("Coût pour l’employeur"), "{}", page.texte());
        assert!(page.voit("Supplément familial de traitement"), "{}", page.texte());
        assert!(page.voit("Complément indemnitaire annuel"), "{}", page.texte());
        regarder(&page, "simulation");
    }
    assert_eq!(de_marc(), avant);
}

/// What is stored about Marc.
fn de_marc() -> Vec<String> {
    let mut lignes = monde().elements(COMMUNE);
    lignes.retain(|ligne| ligne.starts_with(MARC));
    lignes
}

#[test]
fn a_payslip_prints_on_one_sheet() {
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], &bulletin(COMMUNE, MARC));
    assert_eq!(page.imprimer("bulletin").pages, 1);
    page.suivre("Imprimer");
    assert_eq!(page.imprimer("bulletin-imprime").pages, 1);
    regarder(&page, "imprimer");
    page.suivre("Revenir au bulletin");
    assert_eq!(page.adresse(), monde().adresse(&bulletin(COMMUNE, MARC)));
}

#[test]
fn the_keyboard_alone_goes_from_sign_in_to_an_explanation() {
    let qui = monde().gestionnaire(&[COMMUNE]);
    let page = Navigateur::ouvrir(BUREAU);
    page.aller(&monde().adresse("/"));
    page.tabuler_jusqua("Identifiant");
    page.taper(&qui.identifiant);
    page.tabuler_jusqua("Mot de passe");
    page.taper(MOT_DE_PASSE);
    page.changer_de_page("Enter", || page.appuyer(Key::Enter));
    page.attendre_adresse(&format!("/e/{COMMUNE}"));
    page.tabuler_jusqua("Aller au contenu");
    page.appuyer(Key::Enter);
    page.tabuler_jusqua("Chercher un agent : nom, matricule ou grade");
    page.taper("millet");
    page.changer_de_page("Enter", || page.appuyer(Key::Enter));
    page.tabuler_jusqua("Bulletin de Millet Marc C1");
    page.changer_de_page("Enter", || page.appuyer(Key::Enter));
    page.tabuler_jusqua("Traitement indiciaire brut : pourquoi ce montant");
    page.appuyer(Key::Enter);
    page.attendre_texte("En vigueur depuis le");
    page.attendre("the keyboard in the explanation", |page| match page.focus() {
        Some(focus) if focus.visible && focus.nom == "Pourquoi ce montant" => Ok(()),
        autre => Err(format!("{autre:?}")),
    });
    page.appuyer(Key::Enter);
    page.attendre("the explanation folded", |page| match page.compte("details.pliee[open]") {
        0 => Ok(()),
        ouvertes => Err(format!("{ouvertes} open")),
    });
}

#[test]
fn a_slow_line_brings_a_payslip_in_seconds() {
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], "/aide");
    page.ligne_lente();
    let debut = Instant::now();
    page.aller(&monde().adresse(&bulletin(COMMUNE, MARC)));
    assert!(page.voit(NET_DE_MARC));
    assert!(debut.elapsed() < Duration::from_secs(4), "{:?}", debut.elapsed());
    page.cliquer("Traitement indiciaire brut");
    page.attendre_texte("En vigueur depuis le");
    sans_surprise(&page);
}

// --- variable elements ---------------------------------------------------------------------------

const FAUX: &str = "\
agent;contrat;rubrique;nombre;montant
A0000004;C1;CIA;;150,00
A0000004;C1;CIAA;;80,00
A0009999;C1;CIA;;80,00
A0000028;C1;CIA;;80,00
A0000005;C1;IHTS_14;sept;
A0000005;C1;CIA;;=1+1
";

const JUSTE: &str = "\
agent;contrat;rubrique;nombre;montant
A0000004;C1;CIA;;150,00
A0000005;C1;CIA;;80,00
";

#[test]
fn a_file_with_errors_is_told_row_by_row_and_its_correction_changes_payslips() {
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], &bulletin(COMMUNE, "A0000004"));
    let net = montant_apres(&page, "Net à payer");
    let avant = monde().elements(COMMUNE);
    page.aller(&monde().adresse(&format!("/e/{COMMUNE}")));
    page.suivre("Éléments variables de juin 2026");
    regarder(&page, "elements");
    page.deposer("Fichier CSV", &fichier("faux.csv", FAUX.as_bytes()));
    page.suivre("Vérifier le fichier");
    assert_eq!(statut(&page), 422);
    for dit in ["Lignes à corriger : 5", "CIAA", "A0009999", "sept", "=1+1", "Lignes justes : 1"] {
        assert!(page.voit(dit), "no « {dit} » in:\n{}", page.texte());
    }
    // An agent of another employer is as unknown as nobody.
    assert!(!page.voit("Rey"), "{}", page.texte());
    regarder(&page, "elements-erreurs");
    assert!(monde().elements(COMMUNE) == avant, "something was stored");

    page.suivre("Abandonner et revenir à la liste");
    page.deposer("Fichier CSV", &fichier("juste.csv", JUSTE.as_bytes()));
    page.suivre("Vérifier le fichier");
    assert!(page.voit("Tout est juste. Rien n’est encore enregistré."), "{}", page.texte());
    assert!(page.voit("Effet sur le net à payer"), "{}", page.texte());
    regarder(&page, "elements-justes");
    assert!(monde().elements(COMMUNE) == avant, "something was stored");
    page.suivre("Enregistrer les 2 lignes");
    assert!(page.voit("C’est enregistré."), "{}", page.texte());
    regarder(&page, "elements-enregistres");
    page.suivre("Mercier Laura (C1)");
    assert!(page.voit("Complément indemnitaire annuel"), "{}", page.texte());
    assert_ne!(montant_apres(&page, "Net à payer"), net);
    let apres = monde().elements(COMMUNE);
    assert!(apres.starts_with(&avant), "rows were lost");
}

#[test]
fn a_row_is_entered_on_a_telephone() {
    let (_, page) = gestionnaire(TELEPHONE, &[VOISINE], &elements(VOISINE));
    regarder(&page, "elements-voisine");
    page.remplir_css("#agent-1", "Rey Laura");
    page.remplir_css("#rubrique-1", "CIA");
    page.suivre("Vérifier");
    assert!(page.voit("Des lignes sont à corriger. Rien n’est enregistré."), "{}", page.texte());
    regarder(&page, "elements-ligne-fausse");
    page.remplir_css("#montant-1", "120");
    page.suivre("Vérifier");
    assert!(page.voit("Tout est juste."), "{}", page.texte());
    regarder(&page, "elements-ligne-juste");
    page.suivre("Enregistrer la ligne");
    assert!(page.voit("C’est enregistré."), "{}", page.texte());
    page.suivre("Revenir aux éléments de juin 2026");
    assert!(page.voit("Complément indemnitaire annuel"), "{}", page.texte());
    regarder(&page, "elements-voisine-apres");
}

/// Fills the first row and has it judged.
fn saisir(page: &Navigateur, siret: &str, agent: &str, montant: &str) {
    page.aller(&monde().adresse(&elements(siret)));
    page.remplir_css("#agent-1", agent);
    page.remplir_css("#rubrique-1", "CIA");
    page.remplir_css("#montant-1", montant);
    page.suivre("Vérifier");
    assert!(page.voit("Tout est juste."), "{}", page.texte());
}

#[test]
fn of_two_people_on_the_same_form_the_second_sees_what_the_first_stored() {
    let (_, premiere) = gestionnaire(BUREAU, &[CCAS], "/");
    let (_, seconde) = gestionnaire(BUREAU, &[CCAS], "/");
    saisir(&premiere, CCAS, "Picard Claire", "100");
    saisir(&seconde, CCAS, "Rivière Mathieu", "70");
    premiere.suivre("Enregistrer la ligne");
    assert!(premiere.voit("C’est enregistré."), "{}", premiere.texte());
    let avant = monde().elements(CCAS);
    seconde.suivre("Enregistrer la ligne");
    assert_eq!(statut(&seconde), 409);
    for dit in ["Des éléments de ce mois ont changé entre-temps", "Picard Claire", "Rivière"] {
        assert!(seconde.voit(dit), "no « {dit} » in:\n{}", seconde.texte());
    }
    assert!(monde().elements(CCAS) == avant, "something was stored");
    regarder(&seconde, "elements-perimes");
    seconde.suivre("Enregistrer la ligne");
    assert!(seconde.voit("C’est enregistré."), "{}", seconde.texte());
}

#[test]
fn a_session_that_ends_while_typing_loses_nothing_and_stores_nothing() {
    let (qui, page) = gestionnaire(BUREAU, &[CENTRE], &elements(CENTRE));
    let avant = monde().elements(CENTRE);
    page.remplir_css("#agent-1", "A0000001");
    page.remplir_css("#rubrique-1", "CIA");
    page.remplir_css("#montant-1", "90");
    monde().finir_les_sessions(&qui);
    page.suivre("Vérifier");
    assert_eq!(statut(&page), 401);
    assert!(page.voit("Rien n’a été enregistré"), "{}", page.texte());
    assert!(page.voit("Votre session a pris fin avant cet envoi."), "{}", page.texte());
    regarder(&page, "session-finie");
    let onglet = page.ouvrir_onglet("Connectez-vous dans un nouvel onglet");
    page.remplir("Identifiant", &qui.identifiant);
    page.remplir("Mot de passe", MOT_DE_PASSE);
    page.suivre("Se connecter");
    page.revenir_a(onglet);
    page.suivre("Reprendre ma saisie");
    assert!(page.voit("Votre saisie est ci-dessous"), "{}", page.texte());
    assert_eq!(lu(&page, "return document.querySelector('#montant-1').value;"), "90");
    regarder(&page, "saisie-reprise");
    page.suivre("Vérifier");
    assert!(page.voit("Tout est juste."), "{}", page.texte());
    assert!(monde().elements(CENTRE) == avant, "something was stored");
}

#[test]
fn files_that_are_no_tables_are_refused_in_words() {
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], &elements(COMMUNE));
    let gros = [FAUX.as_bytes(), &vec![b'x'; 3 << 20]].concat();
    let binaire: Vec<u8> = b"PK\x03\x04".iter().copied().chain(0..=255).collect();
    let latin =
        b"agent;contrat;rubrique;montant;libelle\nA0000004;C1;CIA;1,00;\xe9t\xe9\n".to_vec();
    for (nom, contenu, dit) in [
        ("gros.csv", gros, "Fichier trop volumineux"),
        ("classeur.csv", binaire, "Fichier refusé"),
        ("latin.csv", latin, "UTF-8"),
    ] {
        page.aller(&monde().adresse(&elements(COMMUNE)));
        page.deposer("Fichier CSV", &fichier(nom, &contenu));
        page.suivre("Vérifier le fichier");
        assert!(page.voit(dit), "{nom}: no « {dit} » in:\n{}", page.texte());
        assert!(page.voit("Rien n’a été enregistré"), "{nom}:\n{}", page.texte());
        assert!(statut(&page) >= 400, "{nom}");
        regarder(&page, &format!("refus-{}", nom.trim_end_matches(".csv")));
    }
}

// --- operator, auditor, administrator ------------------------------------------------------------

#[test]
fn the_operator_sees_where_a_payslip_is_blocked() {
    let qui = monde().personne(Role::Operateur, &[]);
    let page = monde().entrer(BUREAU, &qui);
    page.attendre_adresse("/employeurs");
    page.attendre("all amounts", |page| match page.voit("Calcul en cours") {
        false => Ok(()),
        true => Err(page.texte()),
    });
    regarder(&page, "employeurs");
    let premier = page.texte_de("#liste tbody tr");
    assert!(premier.starts_with("Commune de Fauquevigny"), "the blocked ones first: {premier}");
    page.suivre("Commune de Fauquevigny");
    assert!(page.voit("Bloquant"), "{}", page.texte());
    page.suivre("Jean Régis (A0000012)");
    assert!(page.voit("Bulletin bloqué"), "{}", page.texte());
    regarder(&page, "bulletin-bloque");
}

#[test]
fn the_auditor_replays_a_closed_month_to_the_byte() {
    let qui = monde().personne(Role::Auditeur, &[]);
    let page = monde().entrer(BUREAU, &qui);
    page.suivre("Mois clos");
    regarder(&page, "clos");
    page.suivre("Mai 2026");
    assert!(page.voit("Empreinte des résultats"), "{}", page.texte());
    let empreinte = page.texte_de("main dl code");
    assert!(empreinte.len() >= 64, "{empreinte}");
    regarder(&page, "clos-mois");
    page.suivre("Rejouer ce mois");
    page.attendre_texte("Identique, octet pour octet");
    regarder(&page, "clos-rejoue");
    page.aller(&monde().adresse(&format!("/e/{COMMUNE}?mois={CLOS}")));
    assert!(page.voit("Montants tels que payés."), "{}", page.texte());
    assert!(!page.voit("Éléments variables"), "an auditor changes nothing");
}

/// The secret of the page of enrolment.
fn cle(page: &Navigateur) -> Vec<u8> {
    let dense: String = page.texte_de("main p code").split_whitespace().collect();
    totp_rs::Secret::try_from_base32(&dense).unwrap().as_bytes().to_vec()
}

#[test]
fn an_administrator_invites_someone_who_chooses_a_password_and_a_second_factor() {
    let administrateur = monde().personne(Role::Administrateur, &[]);
    let page = monde().entrer(BUREAU, &administrateur);
    page.attendre_adresse("/comptes");
    regarder(&page, "comptes");
    page.suivre("Créer un compte");
    regarder(&page, "comptes-nouveau");
    page.remplir("Identifiant", "nouvelle@mairie.example");
    page.remplir("Nom", "Nadia Nouvelle");
    page.choisir("Rôle", "Gestionnaire RH");
    page.suivre("Créer le compte");
    assert_eq!(statut(&page), 422, "no employer was ticked");
    regarder(&page, "comptes-nouveau-erreur");
    page.cocher("Commune de Fauquevigny");
    page.suivre("Créer le compte");
    regarder(&page, "comptes-lien");
    let lien = page.valeur("Lien à remettre à Nadia Nouvelle");
    page.suivre("Voir le compte");
    assert!(page.voit("Invité"), "{}", page.texte());
    regarder(&page, "compte");
    page.suivre("Journal");
    regarder(&page, "journal");

    let page = Navigateur::ouvrir(BUREAU);
    page.aller(&lien);
    regarder(&page, "invitation");
    page.remplir("Nouveau mot de passe", "court");
    page.remplir("Le même mot de passe", "court");
    page.suivre("Enregistrer mon mot de passe");
    assert!(page.voit("Choisissez au moins 12 caractères"), "{}", page.texte());
    page.remplir("Nouveau mot de passe", MOT_DE_PASSE);
    page.remplir("Le même mot de passe", MOT_DE_PASSE);
    page.suivre("Enregistrer mon mot de passe");
    page.remplir("Identifiant", "nouvelle@mairie.example");
    page.remplir("Mot de passe", MOT_DE_PASSE);
    page.suivre("Se connecter");
    page.attendre_adresse(&format!("/e/{COMMUNE}"));
    page.suivre("Mon compte");
    regarder(&page, "mon-compte");
    page.suivre("Enregistrer un second facteur");
    regarder(&page, "second-facteur");
    let secret = cle(&page);
    page.remplir("Code affiché par l’application", &code(&secret, 0));
    page.suivre("Confirmer");
    assert!(page.voit("Vos codes de secours sont prêts"), "{}", page.texte());
    regarder(&page, "codes-de-secours");
    page.suivre("Se déconnecter");
    page.connecter(monde().origine(), "nouvelle@mairie.example", MOT_DE_PASSE);
    page.remplir("Code", "000000");
    page.suivre("Continuer");
    assert!(page.voit("Ce code n’est pas le bon"), "{}", page.texte());
    regarder(&page, "second-facteur-refuse");
    // The code of enrolment has served: the one of the next half minute is accepted already.
    page.remplir("Code", &code(&secret, 30));
    page.suivre("Continuer");
    page.attendre_adresse(&format!("/e/{COMMUNE}"));
    page.aller(&lien);
    assert!(page.voit("Lien d’invitation non valable"), "{}", page.texte());
}

// --- what is refused -----------------------------------------------------------------------------

#[test]
fn what_is_outside_the_scope_does_not_exist_and_what_is_not_allowed_is_refused() {
    let refus = |page: &Navigateur, chemin: &str, code: u64, dit: &str| {
        page.aller(&monde().adresse(chemin));
        assert_eq!(statut(page), code, "{chemin}");
        assert!(page.voit(dit), "{chemin}:\n{}", page.texte());
        regarder(page, &format!("refus-{code}"));
    };
    let (_, page) = gestionnaire(BUREAU, &[COMMUNE], "/");
    refus(&page, &format!("/e/{VOISINE}"), 404, "Page introuvable");
    refus(&page, &bulletin(VOISINE, "A0000028"), 404, "Page introuvable");
    refus(&page, &bulletin(COMMUNE, "A0000028"), 404, "Page introuvable");
    refus(&page, "/e/00000000000000", 404, "Page introuvable");
    refus(&page, "/rien", 404, "Page introuvable");
    for chemin in ["/employeurs", "/clos", "/comptes", "/journal"] {
        refus(&page, chemin, 403, "Action non autorisée");
    }
    drop(page);
    let page = monde().entrer(BUREAU, &monde().personne(Role::Operateur, &[]));
    for chemin in ["/comptes", "/comptes/nouveau", "/journal"] {
        refus(&page, chemin, 403, "Action non autorisée");
    }
    drop(page);
    let page = monde().entrer(BUREAU, &monde().personne(Role::Administrateur, &[]));
    for chemin in ["/employeurs", &bulletin(COMMUNE, MARC), &elements(COMMUNE), "/clos"] {
        refus(&page, chemin, 403, "Action non autorisée");
    }
    drop(page);
    let page = monde().entrer(BUREAU, &monde().personne(Role::Auditeur, &[COMMUNE]));
    refus(&page, &format!("/e/{VOISINE}"), 404, "Page introuvable");
    refus(&page, &elements(COMMUNE), 403, "Action non autorisée");
}

// --- every screen --------------------------------------------------------------------------------

/// Addresses, and the names of their pictures.
type Screens = Vec<(String, &'static str)>;

/// Screens that no scenario stops at, or that a telephone shows otherwise.
fn screens() -> Vec<(Option<Role>, Screens)> {
    let marc = bulletin(COMMUNE, MARC);
    let agent = |agent: &str| format!("/e/{COMMUNE}/agents/{agent}");
    vec![
        (
            None,
            vec![
                ("/connexion".to_owned(), "connexion"),
                ("/aide".to_owned(), "aide"),
                ("/accessibilite".to_owned(), "accessibilite"),
                ("/mentions".to_owned(), "mentions"),
                ("/invitation/perdue".to_owned(), "invitation-perdue"),
            ],
        ),
        (
            Some(Role::Gestionnaire),
            vec![
                ("/".to_owned(), "mes-employeurs"),
                (format!("/e/{COMMUNE}?mois={CLOS}"), "commune-close"),
                (format!("/e/{COMMUNE}?voir=bloques"), "commune-bloques"),
                (agent(MARC), "agent"),
                (agent(RAPPELE), "agent-absent"),
                (marc.clone(), "bulletin"),
                (format!("{marc}/ligne/TIB"), "explication"),
                (format!("{marc}/ligne/CNRACL.employeur"), "explication-cotisation"),
                (format!("{marc}/ligne/NET_A_PAYER"), "explication-net"),
                (marc.replace(MOIS, CLOS), "bulletin-clos"),
                (bulletin(COMMUNE, RAPPELE), "bulletin-rappel"),
                (format!("{}/ligne/TIB", bulletin(COMMUNE, RAPPELE)), "explication-rappel"),
                (format!("{}/rappel/2026-04/TIB", bulletin(COMMUNE, RAPPELE)), "rappel"),
                (bulletin(COMMUNE, REGIS), "bulletin-bloque"),
                (elements(COMMUNE), "elements"),
                (elements(COMMUNE).replace(MOIS, CLOS), "elements-clos"),
                ("/mon-compte".to_owned(), "mon-compte"),
                ("/mon-compte/second-facteur".to_owned(), "second-facteur"),
            ],
        ),
        (Some(Role::Operateur), vec![("/employeurs".to_owned(), "employeurs")]),
        (
            Some(Role::Auditeur),
            vec![("/clos".to_owned(), "clos"), ("/clos/4".to_owned(), "clos-4")],
        ),
        (
            Some(Role::Administrateur),
            vec![
                ("/comptes".to_owned(), "comptes"),
                ("/comptes/nouveau".to_owned(), "comptes-nouveau"),
                ("/comptes/1".to_owned(), "compte-1"),
                ("/journal".to_owned(), "journal"),
            ],
        ),
    ]
}

fn walk(largeur: u32) {
    let mut titres: Vec<(String, String)> = Vec::new();
    for (role, chemins) in screens() {
        let page = match role {
            None => Navigateur::ouvrir(largeur),
            Some(role) => {
                let sirets: &[&str] = match role {
                    Role::Gestionnaire => &[COMMUNE, VOISINE],
                    _ => &[],
                };
                monde().entrer(largeur, &monde().personne(role, sirets))
            }
        };
        for (chemin, nom) in chemins {
            page.aller(&monde().adresse(&chemin));
            regarder(&page, nom);
            let titre = page.titre();
            let meme = titres.iter().find(|(connu, _)| *connu == titre);
            assert!(meme.is_none(), "« {titre} » is the title of {chemin} and of {meme:?}");
            titres.push((titre, chemin));
        }
    }
}

#[test]
fn every_screen_is_right_at_a_desk() {
    walk(BUREAU);
}

#[test]
fn every_screen_is_right_on_a_telephone() {
    walk(TELEPHONE);
}
