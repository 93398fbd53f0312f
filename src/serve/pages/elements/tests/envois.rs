//! Bad files and bad rows: each is told what is wrong, and nothing is stored.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http_body::{Body as HttpBody, Frame};

use super::*;

#[test]
fn a_bad_file_is_named_and_nothing_is_stored() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let before = octets(banc);
    let row = format!("{AGENT};C1;IFSE;;10;\n");
    let utf16: Vec<u8> =
        format!("\u{feff}{TITRES}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "Le fichier est vide"),
        ([TITRES.as_bytes(), b"A0000005;C1;IFSE;;10;Prime d'\xe9t\xe9\n"].concat(), "Windows-1252"),
        (utf16, "UTF-16"),
        (b"PK\x03\x04....xl/workbook.xml".to_vec(), "classeur Excel (.xlsx)"),
        (vec![0, 1, 2, 3, 255, 254, 0], "fichier binaire"),
        (b"%PDF-1.7 etc".to_vec(), "un PDF"),
        (b"nom;prenom\nDupont;Zoe\n".to_vec(), "aucun titre de colonne connu"),
        (b"agent;rubrique;montant\nA0000005;IFSE;10\n".to_vec(), "Colonnes manquantes"),
        (b"agent;contrat;rubriqe;montant\nA;C1;IFSE;10\n".to_vec(), "Vouliez-vous écrire"),
        (TITRES.as_bytes().to_vec(), "aucun élément"),
        (format!("{TITRES}{}", row.repeat(10_000)).into_bytes(), "10000 lignes"),
    ];
    for (contenu, attendu) in cases {
        let page = fichier(banc, &qui, &contenu).attendu(422);
        assert!(page.dit(attendu), "{attendu}: {}", page.texte());
        assert!(
            page.dit("Rien n’a été enregistré") && page.dit("Vérifier le fichier"),
            "{attendu}"
        );
    }
    let gros = vec![b'a'; UPLOAD_BYTES + 1];
    let page = fichier(banc, &qui, &gros).attendu(413);
    assert!(page.dit("Fichier trop volumineux") && page.dit("Rien n’a été enregistré"));
    let rien = banc.post(&qui, &url("/verifier"), &[]).attendu(422);
    assert!(rien.dit("Choisissez un fichier"));
    assert_eq!(octets(banc), before);
    assert_eq!(banc.journal(&qui, Action::DepotRefuse).len(), 11);
}

#[test]
fn bad_rows_are_told_one_by_one() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let before = octets(banc);
    let titres = "agent;siret;contrat;rubrique;montant;libelle\n";
    let cases = [
        ("A0000005;;C1;IFSE;=1+1;", "serait pris pour une formule"),
        ("A0000005;;C1;IFSE;10;@SUM(A1)", "serait pris pour une formule"),
        ("A0000005;;C1;IFSE;douze;", "n’est pas un nombre"),
        ("A0000005;;C1;IFZE;10;", "n’existe pas ce mois-ci"),
        ("A0000005;;C9;IFSE;10;", "n’existe pas pour l’agent"),
        ("A0000005;28719600000015;C1;IFSE;10;", "n’est pas celui de cette page"),
        ("A0000005;;C1;TIB;10;", "est calculée par les règles"),
        ("A0000005;;C1;IFSE;10;<script>alert(1)</script>", ""),
    ];
    for (row, attendu) in cases {
        let page = fichier(banc, &qui, format!("{titres}{row}\n").as_bytes());
        assert!(page.dit(attendu), "{row}: {}", page.texte());
        assert!(!page.dit("<script>alert"), "{row}");
        assert_eq!(page.code.as_u16(), if attendu.is_empty() { 200 } else { 422 }, "{row}");
    }
    assert_eq!(octets(banc), before);
}

#[test]
fn an_agent_of_others_is_told_as_one_who_does_not_exist() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let dit = |agent: &str| {
        let body = format!("{TITRES}{agent};C1;IFSE;;10;\n");
        let page = fichier(banc, &qui, body.as_bytes()).attendu(422).texte();
        let cell = page.split("data-l=\"Ce qui ne va pas, et que faire\"").nth(1).unwrap();
        cell.split("</td>").next().unwrap().replace(agent, "X")
    };
    // What is proposed depends on the letters typed, and is of this employer alone.
    let faute = |page: &str| page.split("</strong>").next().unwrap().to_owned();
    assert_eq!(faute(&dit(AILLEURS)), faute(&dit("A9990001")));
    assert!(dit(AILLEURS).contains("n’existe pas chez cet employeur"));
    for voisin in ["A0000002", "A0000003", "A0000004"] {
        assert!(!dit(AILLEURS).contains(voisin), "{voisin}");
    }
}

#[test]
fn five_thousand_rows_are_judged_and_counted() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let rows: String = (0..SAISIE_ROWS).map(|n| format!("{AGENT};C1;IFSE;;1{n};a{n}\n")).collect();
    let body = format!("{TITRES}{rows}Z;C1;IFSE;;1;\n");
    assert!(fichier(banc, &qui, body.as_bytes()).attendu(422).dit("5001 lignes"));
    let body = format!("{TITRES}{}Z;C1;IFSE;;1;\n", &rows[rows.find('\n').unwrap() + 1..]);
    let page = fichier(banc, &qui, body.as_bytes()).attendu(422);
    assert!(page.dit("Justes\u{a0}: 4999") && page.dit("Les 200 premières sont montrées"));
    // All of them come back at the second step.
    let lignes = portes(&page).into_iter().find(|(nom, _)| nom == "lignes").unwrap().1;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&lignes).unwrap();
    assert_eq!(rows.len(), SAISIE_ROWS);
}

#[test]
fn the_second_step_trusts_nothing_that_comes_back() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let before = octets(&banc);
    let page = formulaire(&banc, &qui, &[rangee(1, AGENT, "IFSE", "10")]).attendu(200);
    let change = |nom: &str, valeur: &str| {
        let mut champs = portes(&page);
        for champ in champs.iter_mut().filter(|(found, _)| found == nom) {
            champ.1 = valeur.to_owned();
        }
        poster(&banc, &qui, "/enregistrer", &champs)
    };
    change("version", "rien").attendu(400);
    change("lignes", "{").attendu(400);
    change("lignes", "[[1,[\"A\"]], 2]").attendu(400);
    let row = |agent: &str, siret: &str, montant: &str| {
        let empty = "\"\",\"\",\"\",\"\",\"\",\"\"";
        let cells = format!("\"{agent}\",\"{siret}\",\"C1\",\"IFSE\",{empty},\"{montant}\"");
        format!("[[1,[{cells}]]]")
    };
    change("lignes", &row(AILLEURS, "", "10")).attendu(422);
    change("lignes", &row(AGENT, "28719600000015", "10")).attendu(422);
    change("lignes", &row(AGENT, "", "=10")).attendu(422);
    change("lignes", "[]").attendu(422);
    assert!(
        change("version", &"0".repeat(64)).attendu(409).dit("rien de votre saisie n’est perdu")
    );
    // The proof of the first step does not open the second.
    let mut champs = portes(&page);
    let preuve = jeton::emettre(&qui.session.secret, &url("/verifier")).unwrap();
    champs.push((CHAMP_JETON.to_owned(), preuve));
    let corps = form_urlencoded::Serializer::new(String::new()).extend_pairs(champs).finish();
    banc.post_brut(&qui, &url("/enregistrer"), corps).attendu(403);
    assert_eq!(octets(&banc), before);
    change("lignes", &row(AGENT, "", "10")).attendu(303);
    assert_ne!(octets(&banc), before);
}

/// A body whose line is cut after its first bytes.
struct Coupee(Option<&'static [u8]>);

impl HttpBody for Coupee {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = match self.0.take() {
            Some(bytes) => Ok(Frame::data(Bytes::from_static(bytes))),
            None => Err(io::ErrorKind::TimedOut.into()),
        };
        Poll::Ready(Some(next))
    }
}

#[test]
fn a_line_that_is_cut_is_not_said_to_be_a_file_too_large() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    for (genre, debut) in [
        ("application/x-www-form-urlencoded", &b"rangees=1&agent-1="[..]),
        ("multipart/form-data; boundary=LIMITE", b"--LIMITE\r\nContent-Disposition: form-data"),
    ] {
        let request = requete(&qui, "POST", &url("/verifier")).header(header::CONTENT_TYPE, genre);
        let page = banc.envoyer(request.body(Body::new(Coupee(Some(debut)))).unwrap()).attendu(400);
        assert!(page.dit("interrompu") && page.dit("Rien n’a été enregistré"), "{}", page.texte());
    }
}
