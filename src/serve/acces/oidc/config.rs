//! The file that names an identity provider: read once, refused as a whole or held as a whole.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use openidconnect::reqwest::Certificate;
use openidconnect::url::{Host, Url};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use serde::Deserialize;

use crate::diag::nearest;

/// The path of the server where the browser comes back from the provider.
pub const RETOUR: &str = "/connexion/oidc/retour";

/// The keys of the file, as its reader knows them.
const CLES: [&str; 9] = [
    "nom",
    "emetteur",
    "client_id",
    "fichier_secret",
    "retour",
    "portees",
    "acr",
    "certificat",
    "identifiant",
];

/// What is asked for when the file says nothing: who, and an address.
const PORTEES: [&str; 2] = ["openid", "email"];

/// Why the file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigErreur {
    /// A file that cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Lecture {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file that is not TOML, or lacks a key, or has a value of another type.
    #[error("{}: {message}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        message: String,
    },
    /// A key that nothing reads.
    #[error(
        "{}: the key `{cle}` is unknown; {}",
        path.display(),
        proche.map_or_else(
            || format!("the keys are `{}`", CLES.join("`, `")),
            |proche| format!("the nearest one is `{proche}`"),
        )
    )]
    CleInconnue {
        /// The file.
        path: PathBuf,
        /// What is written.
        cle: String,
        /// What may be meant.
        proche: Option<&'static str>,
    },
    /// A value that cannot be used.
    #[error("{}: `{cle}`: {message}", path.display())]
    Valeur {
        /// The file.
        path: PathBuf,
        /// Its key.
        cle: &'static str,
        /// What is wrong and what to write.
        message: String,
    },
    /// A secret that every user of the machine can read.
    #[error(
        "{}: every user of this machine can read this secret (mode {mode:o}): \
         run `chmod 600` on it, and ask the provider for a new secret",
        path.display()
    )]
    Ouvert {
        /// The file of the secret.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fichier {
    nom: String,
    emetteur: String,
    client_id: String,
    fichier_secret: PathBuf,
    retour: String,
    portees: Option<Vec<String>>,
    #[serde(default)]
    acr: Vec<String>,
    certificat: Option<PathBuf>,
    identifiant: Option<String>,
}

/// An identity provider, as configured. Its `Debug` hides the secret.
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) nom: String,
    pub(super) emetteur: IssuerUrl,
    pub(super) client_id: ClientId,
    pub(super) secret: ClientSecret,
    /// The public address of this server, without a path.
    pub(super) base: Url,
    pub(super) retour: RedirectUrl,
    /// Besides `openid`, which is always asked for.
    pub(super) portees: Vec<String>,
    /// Levels of authentication, one of which is required; none: any will do.
    pub(super) acr: Vec<String>,
    /// Certificates trusted besides the usual roots.
    pub(super) certificat: Vec<Certificate>,
    /// The claim that names the account.
    pub(super) identifiant: String,
    /// Whether the provider is on this machine, where plain HTTP is enough.
    pub(super) local: bool,
}

impl Config {
    /// Reads a configuration, its secret and its certificate. Paths that are not absolute start
    /// from the folder of the file.
    ///
    /// # Errors
    /// Files that cannot be read, unknown keys, addresses without TLS, a secret open to all.
    pub fn lire(path: &Path) -> Result<Self, ConfigErreur> {
        let fichier = fichier(path)?;
        let dossier = path.parent().unwrap_or(Path::new(""));
        let refus = |cle, message: &str| valeur(path, cle, message);
        let emetteur = adresse(path, "emetteur", &fichier.emetteur)?;
        let local = est_locale(&emetteur);
        if emetteur.query().is_some() || emetteur.fragment().is_some() {
            return Err(refus("emetteur", "an issuer has neither `?` nor `#`"));
        }
        // The text and not the parsed address: an issuer is compared letter by letter.
        let emetteur = IssuerUrl::new(fichier.emetteur)
            .map_err(|error| valeur(path, "emetteur", &error.to_string()))?;
        let base = adresse(path, "retour", &fichier.retour)?;
        if base.path() != "/" || base.query().is_some() || base.fragment().is_some() {
            return Err(refus("retour", "give the public address alone, without a path"));
        }
        let retour = base.join(RETOUR).map_err(|error| refus("retour", &error.to_string()))?;
        let nom = non_vide(path, "nom", &fichier.nom)?;
        let client_id = non_vide(path, "client_id", &fichier.client_id)?;
        let identifiant = fichier.identifiant.unwrap_or_else(|| "email".to_owned());
        let certificat = fichier.certificat.map(|pem| certificats(path, &dossier.join(pem)));
        Ok(Self {
            nom,
            emetteur,
            client_id: ClientId::new(client_id),
            secret: secret(path, &dossier.join(fichier.fichier_secret))?,
            base,
            retour: RedirectUrl::from_url(retour),
            portees: portees(path, fichier.portees)?,
            acr: fichier.acr,
            certificat: certificat.transpose()?.unwrap_or_default(),
            identifiant: non_vide(path, "identifiant", &identifiant)?,
            local,
        })
    }

    /// The name of the provider, for the button.
    pub fn nom(&self) -> &str {
        &self.nom
    }

    /// The address to declare to the provider as the one of return.
    pub fn retour(&self) -> &str {
        self.retour.as_str()
    }
}

/// The file as written, its keys checked.
fn fichier(path: &Path) -> Result<Fichier, ConfigErreur> {
    let refus = |error: &dyn fmt::Display| ConfigErreur::Toml {
        path: path.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    };
    let texte = String::from_utf8(lire(path)?).map_err(|error| refus(&error))?;
    let table: toml::Table = toml::from_str(&texte).map_err(|error| refus(&error))?;
    if let Some(cle) = table.keys().find(|cle| !CLES.contains(&cle.as_str())) {
        let proche = nearest(cle, CLES, 1).first().copied();
        return Err(ConfigErreur::CleInconnue { path: path.to_owned(), cle: cle.clone(), proche });
    }
    toml::from_str(&texte).map_err(|error| refus(&error))
}

fn lire(path: &Path) -> Result<Vec<u8>, ConfigErreur> {
    fs::read(path).map_err(|error| ConfigErreur::Lecture { path: path.to_owned(), error })
}

fn valeur(path: &Path, cle: &'static str, message: &str) -> ConfigErreur {
    ConfigErreur::Valeur { path: path.to_owned(), cle, message: message.to_owned() }
}

fn non_vide(path: &Path, cle: &'static str, texte: &str) -> Result<String, ConfigErreur> {
    let texte = texte.trim();
    if texte.is_empty() {
        return Err(valeur(path, cle, "it is empty"));
    }
    Ok(texte.to_owned())
}

/// An address that secrets may travel to.
fn adresse(path: &Path, cle: &'static str, texte: &str) -> Result<Url, ConfigErreur> {
    let url = Url::parse(texte).map_err(|error| valeur(path, cle, &error.to_string()))?;
    if url.scheme() == "https" || (url.scheme() == "http" && est_locale(&url)) {
        return Ok(url);
    }
    Err(valeur(path, cle, "`https://` is required, except for an address of this machine"))
}

/// Whether an address is one of this machine.
pub(super) fn est_locale(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(nom)) => nom == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The scopes besides `openid`, which the client adds by itself.
fn portees(path: &Path, portees: Option<Vec<String>>) -> Result<Vec<String>, ConfigErreur> {
    let portees = portees.unwrap_or_else(|| PORTEES.map(str::to_owned).to_vec());
    if let Some(portee) = portees.iter().find(|p| p.is_empty() || p.contains(char::is_whitespace)) {
        let message = format!("`{portee}` is not a scope: one word each");
        return Err(valeur(path, "portees", &message));
    }
    Ok(portees.into_iter().filter(|portee| portee != "openid").collect())
}

/// The certificates of a PEM file.
fn certificats(config: &Path, pem: &Path) -> Result<Vec<Certificate>, ConfigErreur> {
    let lus = Certificate::from_pem_bundle(&lire(pem)?).unwrap_or_default();
    if lus.is_empty() {
        let message = format!("no certificate in PEM in `{}`", pem.display());
        return Err(valeur(config, "certificat", &message));
    }
    Ok(lus)
}

/// The secret of a file that not everyone can read.
fn secret(config: &Path, path: &Path) -> Result<ClientSecret, ConfigErreur> {
    let texte = lire(path)?;
    verifier_mode(path)?;
    let texte = String::from_utf8(texte)
        .map_err(|_| valeur(config, "fichier_secret", "the secret is not UTF-8 text"))?;
    Ok(ClientSecret::new(non_vide(config, "fichier_secret", &texte)?))
}

#[cfg(unix)]
fn verifier_mode(path: &Path) -> Result<(), ConfigErreur> {
    use std::os::unix::fs::PermissionsExt;
    let meta = fs::metadata(path)
        .map_err(|error| ConfigErreur::Lecture { path: path.to_owned(), error })?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(ConfigErreur::Ouvert { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn verifier_mode(_: &Path) -> Result<(), ConfigErreur> {
    Ok(())
}
