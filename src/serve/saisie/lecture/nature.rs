//! What an upload is: a text in UTF-8, or something else that has a name and a remedy.

use crate::diag::Code;
use crate::limits::SAISIE_BYTES;

use super::Constat;

const ENREGISTRER: &str = "Dans Excel\u{202f}: Fichier, Enregistrer sous, type «\u{a0}CSV UTF-8 \
    (délimité par des virgules)\u{a0}». Dans LibreOffice\u{202f}: Enregistrer sous, \
    «\u{a0}Texte CSV\u{a0}», \
    jeu de caractères «\u{a0}Unicode (UTF-8)\u{a0}».";

/// The text of an upload, without its byte order mark. Error: what it is instead.
pub(super) fn texte(bytes: &[u8]) -> Result<&str, Box<Constat>> {
    let refuse = |message: String, remede: &str| {
        Box::new(Constat::bloquant(None, message, remede).code(Code::E701))
    };
    if bytes.len() > SAISIE_BYTES {
        let message = format!("Le fichier dépasse {}\u{a0}Mo.", SAISIE_BYTES >> 20);
        let remede = "Un mois d’éléments est plus petit\u{202f}: gardez une seule feuille, sans \
                      mise en forme, ou coupez le fichier.";
        return Err(refuse(message, remede));
    }
    if let Some((quoi, remede)) = autre_chose(bytes) {
        return Err(refuse(format!("Ce fichier est {quoi}, pas un fichier CSV."), remede));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = text.get(..error.valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let message = format!(
            "Le fichier n’est pas en UTF-8\u{202f}: sans doute en Windows-1252 (ligne {line}), et \
             ses accents seraient faux sur les bulletins."
        );
        refuse(message, ENREGISTRER)
    })?;
    if text.trim().is_empty() {
        let remede = "Vérifiez que vous avez choisi le bon fichier, et qu’il est enregistré.";
        return Err(refuse("Le fichier est vide.".to_owned(), remede));
    }
    if text.trim_start().starts_with('<') {
        let message = "Ce fichier est une page web ou du XML, pas un fichier CSV.".to_owned();
        return Err(refuse(message, ENREGISTRER));
    }
    Ok(text)
}

/// A file that is no text, by its first bytes.
fn autre_chose(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const PDF: &str = "Cela ne se lit pas comme un tableau\u{202f}: envoyez le fichier du tableur, \
        enregistré en «\u{a0}CSV UTF-8\u{a0}».";
    const CHOISIR: &str =
        "Choisissez le fichier CSV lui-même\u{202f}; une archive se décompresse d’abord.";
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let holds = |word: &[u8]| memchr::memmem::find(bytes, word).is_some();
    Some(if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        if holds(b"opendocument.spreadsheet") {
            ("un classeur LibreOffice (.ods)", ENREGISTRER)
        } else if holds(b"xl/") {
            ("un classeur Excel (.xlsx)", ENREGISTRER)
        } else {
            ("une archive compressée (.zip)", CHOISIR)
        }
    } else if starts(b"\xd0\xcf\x11\xe0") {
        ("un ancien classeur Excel (.xls)", ENREGISTRER)
    } else if starts(b"%PDF") {
        ("un PDF", PDF)
    } else if starts(b"\x1f\x8b") || starts(b"7z\xbc\xaf") || starts(b"Rar!") {
        ("une archive compressée", CHOISIR)
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") {
        ("une image", PDF)
    } else if starts(b"{\\rtf") {
        ("un document de traitement de texte (.rtf)", ENREGISTRER)
    } else if starts(b"\xff\xfe") || starts(b"\xfe\xff") {
        ("un texte en UTF-16 («\u{a0}Texte Unicode\u{a0}»)", ENREGISTRER)
    } else if memchr::memchr(0, bytes).is_some() {
        ("un fichier binaire", ENREGISTRER)
    } else {
        return None;
    })
}
