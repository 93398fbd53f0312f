//! Every route of the server, read from its sources: a page that is added is tested from that day.

use std::fs;
use std::path::{Path, PathBuf};

/// A route, as the sources declare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `/e/{siret}/agents/{agent}`.
    pub modele: String,
    /// Whether it is read.
    pub get: bool,
    /// Whether something is sent to it.
    pub post: bool,
}

impl Route {
    /// The names between braces, in their order.
    pub fn parametres(&self) -> Vec<&str> {
        let morceaux = self.modele.split('{').skip(1);
        morceaux.map(|suite| suite.split('}').next().unwrap()).collect()
    }

    /// The path, each parameter filled.
    pub fn remplir(&self, valeur: impl Fn(&str) -> String) -> String {
        let mut chemin = self.modele.clone();
        for nom in self.parametres() {
            chemin = chemin.replacen(&format!("{{{nom}}}"), &valeur(nom), 1);
        }
        chemin
    }
}

/// Sources of the server that are no tests.
pub fn sources() -> Vec<(PathBuf, String)> {
    let mut trouves = Vec::new();
    let racine = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve");
    parcourir(&racine, &mut trouves);
    trouves.sort();
    trouves
}

fn parcourir(dossier: &Path, trouves: &mut Vec<(PathBuf, String)>) {
    for entree in fs::read_dir(dossier).unwrap() {
        let chemin = entree.unwrap().path();
        let nom = chemin.file_name().unwrap().to_str().unwrap();
        if ["tests", "tests.rs", "essais", "essais.rs"].contains(&nom) {
            continue;
        }
        if chemin.is_dir() {
            parcourir(&chemin, trouves);
        } else if nom.ends_with(".rs") {
            let texte = fs::read_to_string(&chemin).unwrap();
            trouves.push((chemin, texte));
        }
    }
}

/// Every route, in the order of paths.
pub fn routes() -> Vec<Route> {
    let sources = sources();
    let mut routes = Vec::new();
    for (fichier, texte) in &sources {
        for inconnu in [".nest(", ".nest_service(", ".route_service(", ".fallback_service("] {
            assert!(
                !texte.contains(inconnu),
                "{}: `{inconnu}` is not read here",
                fichier.display()
            );
        }
        for suite in texte.split(".route(").skip(1) {
            let (adresse, gestes) = arguments(suite).split_once(',').unwrap();
            let a = |geste: &str| {
                gestes.trim_start().starts_with(&format!("{geste}("))
                    || gestes.contains(&format!(").{geste}("))
                    || gestes.contains(&format!("routing::{geste}("))
            };
            for rare in ["put", "delete", "patch", "any", "on"] {
                assert!(!a(rare), "{}: `{rare}` is not tested", fichier.display());
            }
            let modele = litteral(adresse.trim(), texte, &sources);
            let route = Route { modele, get: a("get"), post: a("post") };
            assert!(route.get || route.post, "{}: {route:?}", fichier.display());
            routes.push(route);
        }
    }
    routes.sort_by(|a, b| a.modele.cmp(&b.modele));
    routes
}

/// What is between the parentheses of a call.
fn arguments(suite: &str) -> &str {
    let mut ouvertes = 1;
    for (place, lettre) in suite.char_indices() {
        match lettre {
            '(' => ouvertes += 1,
            ')' => ouvertes -= 1,
            _ => {}
        }
        if ouvertes == 0 {
            return &suite[..place];
        }
    }
    panic!("a call of `route` without an end");
}

/// A literal, a text made of constants, or the constant of that name: of the same file, else the
/// only one of the sources.
fn litteral(adresse: &str, ici: &str, sources: &[(PathBuf, String)]) -> String {
    if let Some(texte) = adresse.strip_prefix('"') {
        return texte.strip_suffix('"').unwrap().to_owned();
    }
    if let Some(texte) = adresse.strip_prefix("&format!(\"") {
        let texte =
            texte.strip_suffix("\")").unwrap().replace("{{", "\u{1}").replace("}}", "\u{2}");
        let (debut, suite) = texte.split_once('{').unwrap();
        let (nom, fin) = suite.split_once('}').unwrap();
        assert!(!fin.contains('{'), "{adresse}: one constant alone is read here");
        let entier = format!("{debut}{}{fin}", litteral(nom, ici, sources));
        return entier.replace('\u{1}', "{").replace('\u{2}', "}");
    }
    let nom = adresse.rsplit("::").next().unwrap();
    let declare = format!("const {nom}: &str = \"");
    let lire = |texte: &str| {
        let (_, suite) = texte.split_once(&declare)?;
        suite.split('"').next().map(str::to_owned)
    };
    if let Some(trouve) = lire(ici) {
        return trouve;
    }
    let partout: Vec<String> = sources.iter().filter_map(|(_, texte)| lire(texte)).collect();
    assert_eq!(partout.len(), 1, "the route `{adresse}` is neither a text nor a constant");
    partout[0].clone()
}

/// The names of fields that the sources read from forms and addresses.
pub fn champs() -> Vec<String> {
    let mut noms = Vec::new();
    for (_, texte) in sources() {
        for appel in [".un(\"", ".tous(\"", ".brut(\"", "name=\""] {
            let suites = texte.split(appel).skip(1);
            noms.extend(suites.filter_map(|s| s.split('"').next()).map(str::to_owned));
        }
        for suite in texte.split("Deserialize").skip(1) {
            let Some((_, corps)) = suite.split_once('{') else { continue };
            let corps = corps.split('}').next().unwrap();
            let lignes = corps.lines().filter_map(|ligne| ligne.trim().split_once(':'));
            noms.extend(lignes.map(|(nom, _)| nom.trim_start_matches("pub ").to_owned()));
        }
    }
    noms.retain(|nom| nom.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    noms.sort();
    noms.dedup();
    noms.retain(|nom| !nom.is_empty() && nom != "jeton");
    noms
}
