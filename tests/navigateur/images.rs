//! What a page looks like: pictures of the whole page, and what a printer would get.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Navigateur;

/// A printed page.
pub struct Pdf {
    /// The file.
    pub octets: Vec<u8>,
    /// How many sheets it has.
    pub pages: usize,
}

/// The folder of pictures, `captures` beside what is built.
pub fn captures() -> PathBuf {
    let dossier = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("captures");
    fs::create_dir_all(&dossier).unwrap();
    dossier
}

impl Navigateur {
    /// A picture of the whole page, `captures/NOM-1280.png`.
    pub fn capture(&self, nom: &str) -> PathBuf {
        let vu = self.outil("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        let fichier = captures().join(format!("{nom}-{}.png", self.largeur));
        fs::write(&fichier, base64(vu["data"].as_str().unwrap())).unwrap();
        fichier
    }

    /// What Ctrl+P prints on A4 paper with the margins of the page, `captures/NOM.pdf`.
    pub fn imprimer(&self, nom: &str) -> Pdf {
        // A4, in inches.
        let papier = json!({"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true});
        let imprime = self.outil("Page.printToPDF", &papier);
        let octets = base64(imprime["data"].as_str().unwrap());
        fs::write(captures().join(format!("{nom}.pdf")), &octets).unwrap();
        let pages = pages(&octets);
        Pdf { octets, pages }
    }
}

/// Sheets of a PDF, which Chromium writes with its dictionaries in clear.
pub fn pages(pdf: &[u8]) -> usize {
    assert!(pdf.starts_with(b"%PDF-"), "no PDF");
    let texte = String::from_utf8_lossy(pdf);
    let feuilles = texte.split("/Type /Page").skip(1).filter(|suite| !suite.starts_with('s'));
    let feuilles = feuilles.count();
    let dits = texte.split("/Count ").skip(1).filter_map(|suite| {
        suite.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<usize>().ok()
    });
    let dit = dits.max().expect("a PDF says how many pages it has");
    assert_eq!(feuilles, dit, "the pages of the PDF are not all found");
    feuilles
}

/// The bytes of a text in base 64.
pub fn base64(texte: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(texte.len());
    let (mut reserve, mut bits) = (0_u32, 0_u32);
    for lettre in texte.bytes().take_while(|&lettre| lettre != b'=') {
        let six = match lettre {
            b'A'..=b'Z' => lettre - b'A',
            b'a'..=b'z' => lettre - b'a' + 26,
            b'0'..=b'9' => lettre - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            autre => panic!("`{}` is no base 64", char::from(autre)),
        };
        reserve = (reserve << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            octets.push((reserve >> bits).to_le_bytes()[0]);
        }
    }
    octets
}
