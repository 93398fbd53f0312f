//! The application: what every request shares, put together once and started.

use std::path::PathBuf;
use std::sync::Arc;

use super::acces::frein::Frein;
use super::acces::mot_de_passe::Hacheur;
use super::acces::oidc::{Attentes, Config, ConfigErreur, Fournisseur, OidcError};
use super::base::{Base, BaseError, Conservation};
use super::droits::Role;
use super::ecoute::{self, Ecoute, EcouteError};
use super::registre::{self, Registre, RegistreError};
use super::saisie::Deposeur;
use super::web;

/// Passwords looked at at the same time; each takes 19 MiB.
const HACHAGES: usize = 2;

/// Who must have a second factor; others may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exigence {
    /// Every account.
    Tous,
    /// Administrators and operators.
    Gestion,
    /// Nobody.
    Personne,
}

impl Exigence {
    /// Whether an account of a role must have one.
    pub fn concerne(self, role: Role) -> bool {
        match self {
            Self::Tous => true,
            Self::Gestion => matches!(role, Role::Administrateur | Role::Operateur),
            Self::Personne => false,
        }
    }
}

/// What a server is started with.
pub struct Reglages {
    /// The pool, the archive, the rules.
    pub registre: registre::Reglages,
    /// The SQLite file.
    pub base: PathBuf,
    /// Where it listens.
    pub ecoute: Ecoute,
    /// The file of an identity provider.
    pub oidc: Option<PathBuf>,
    /// Who must have a second factor.
    pub second_facteur: Exigence,
    /// How long entries of the log are kept.
    pub conservation: Conservation,
}

/// Why a server cannot start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The pool or the archive.
    #[error(transparent)]
    Registre(#[from] RegistreError),
    /// The SQLite file.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The pool cannot be written.
    #[error("variable elements cannot be stored in `{0}`: {1}")]
    Depot(PathBuf, std::io::Error),
    /// The file of the identity provider.
    #[error(transparent)]
    Config(#[from] ConfigErreur),
    /// The identity provider.
    #[error(transparent)]
    Oidc(#[from] OidcError),
    /// The network.
    #[error(transparent)]
    Ecoute(#[from] EcouteError),
    /// The runtime of the server cannot be started.
    #[error("the server cannot start its threads: {0}")]
    Threads(std::io::Error),
}

impl ServeError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Registre(RegistreError::Pool(_)) => "mend the files above",
            Self::Registre(RegistreError::Archive(error)) => error.help(),
            Self::Base(error) => error.help(),
            Self::Depot(..) => "let this account write in the pool folder",
            Self::Config(_) => "mend the file of `--oidc`",
            Self::Oidc(_) => "look at `certificat` in the file of `--oidc`",
            Self::Ecoute(error) => error.help(),
            Self::Threads(_) => "free some memory or raise the limit of threads",
        }
    }
}

/// What every request shares.
pub struct Appli {
    /// The pool.
    pub registre: Arc<Registre>,
    /// Accounts, sessions, the log.
    pub base: Base,
    /// Passwords.
    pub hacheur: Hacheur,
    /// Brakes of sign-in.
    pub frein: Frein,
    /// The identity provider.
    pub oidc: Option<Fournisseur>,
    /// Where variable elements go.
    pub deposeur: Deposeur,
    /// Who must have a second factor.
    pub second_facteur: Exigence,
    /// Whether the browser reaches the server over TLS.
    pub chiffre: bool,
    /// Whether X-Forwarded-For names the client.
    pub derriere_proxy: bool,
    /// How long entries of the log are kept.
    pub conservation: Conservation,
    /// Sign-ins that went to the identity provider.
    pub attentes: Attentes,
}

/// Serves until the process is asked to stop; `pret` is told the address.
///
/// Errors: see [`ServeError`].
pub fn servir(reglages: Reglages, pret: impl FnOnce(&str)) -> Result<(), ServeError> {
    let Reglages { registre, base, ecoute, oidc, second_facteur, conservation } = reglages;
    let pool = registre.pool.clone();
    // First: a folder that is no pool is told as such.
    let registre = Arc::new(Registre::open(registre)?);
    let deposeur = Deposeur::new(&pool).map_err(|error| ServeError::Depot(pool, error))?;
    let oidc = oidc.map(|path| Config::lire(&path)).transpose()?;
    let oidc = oidc.map(Fournisseur::nouveau).transpose()?;
    let appli = Arc::new(Appli {
        registre,
        base: Base::open(&base)?,
        hacheur: Hacheur::new(HACHAGES),
        frein: Frein::default(),
        oidc,
        deposeur,
        second_facteur,
        chiffre: ecoute.certificats.is_some() || ecoute.derriere_proxy,
        derriere_proxy: ecoute.derriere_proxy,
        conservation,
        attentes: Attentes::nouvelles(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(ServeError::Threads)?;
    let served = runtime.block_on(async {
        let registre = Arc::clone(&appli.registre);
        tokio::spawn(async move {
            registre.prepare().await;
            registre.suivre().await;
        });
        tokio::spawn(web::entretien(Arc::clone(&appli)));
        ecoute::ecouter(&ecoute, web::routeur(appli), pret).await
    });
    // Requests have ended by now; a replay would hold the process for minutes and keeps nothing.
    runtime.shutdown_background();
    Ok(served?)
}
