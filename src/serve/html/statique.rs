//! Files that pages link to, inside the binary, named by their content so that browsers keep them.

use std::sync::LazyLock;

/// A file served under `/statique/`.
struct Fichier {
    /// What pages call it: `paie.css`.
    nom: &'static str,
    octets: &'static [u8],
    genre: &'static str,
}

const FICHIERS: [Fichier; 3] = [
    Fichier {
        nom: "paie.css",
        octets: include_bytes!("static/paie.css"),
        genre: "text/css; charset=utf-8",
    },
    Fichier {
        nom: "htmx.js",
        octets: include_bytes!("static/htmx.min.js"),
        genre: "text/javascript; charset=utf-8",
    },
    Fichier {
        nom: "icone.svg",
        octets: include_bytes!("static/icone.svg"),
        genre: "image/svg+xml",
    },
];

/// Served names, in the order of [`FICHIERS`]: `paie-0123456789abcdef.css`.
static NOMS: LazyLock<Vec<String>> = LazyLock::new(|| FICHIERS.iter().map(nomme).collect());

fn nomme(fichier: &Fichier) -> String {
    let empreinte = blake3::hash(fichier.octets).to_hex();
    let courte: String = empreinte.chars().take(16).collect();
    let (nom, suffixe) = fichier.nom.split_once('.').unwrap_or((fichier.nom, ""));
    format!("{nom}-{courte}.{suffixe}")
}

/// The file of a served name and its media type. The name holds a digest of the content: it can be
/// cached for ever. None: no such file, or one of another version.
pub fn statique(nom: &str) -> Option<(&'static [u8], &'static str)> {
    let place = NOMS.iter().position(|connu| connu == nom)?;
    FICHIERS.get(place).map(|fichier| (fichier.octets, fichier.genre))
}

/// The path of a file (`paie.css`) for a link; a name that is not one gives a path that is a 404.
pub fn chemin(nom: &str) -> String {
    let place = FICHIERS.iter().position(|fichier| fichier.nom == nom);
    let servi = place.and_then(|place| NOMS.get(place)).map_or(nom, String::as_str);
    format!("/statique/{servi}")
}
