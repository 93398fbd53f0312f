//! What can go wrong with the SQLite file, in words for the terminal and for pages.

use std::io;
use std::path::PathBuf;

use crate::serve::acces::hasard::SansHasard;

/// Why something could not be read from the file, or written to it.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// The system refused the file.
    #[error("cannot open `{chemin}`: {cause}")]
    Fichier {
        /// The file.
        chemin: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file is not what `paie` writes.
    #[error("`{0}` is not a file of accounts and log of paie; it stays untouched")]
    Etrangere(PathBuf),
    /// A later version wrote the file.
    #[error("the file has format {trouvee}; this version of paie knows up to {connue}")]
    PlusRecente {
        /// The format of the file.
        trouvee: i64,
        /// The last format that this program knows.
        connue: i64,
    },
    /// SQLite refused.
    #[error("the file of accounts and log: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The system gives no random bytes.
    #[error(transparent)]
    Hasard(#[from] SansHasard),
    /// An entry could not be made durable: what it was about must not go on.
    #[error("the log cannot be written: {0}")]
    Journal(String),
    /// What is typed to sign in has a form.
    #[error("an identifiant has 3 to 120 letters, digits or `.@_+-`, in lower case")]
    Identifiant,
    /// Another account has it.
    #[error("an account already has this identifiant")]
    IdentifiantPris,
    /// A name has 1 to 120 characters.
    #[error("the name of an account has 1 to 120 characters")]
    Nom,
    /// A role and a scope that do not go together.
    #[error("{0}")]
    Perimetre(PerimetreRefuse),
    /// There is no such account.
    #[error("there is no such account")]
    CompteInconnu,
    /// The account is disabled, or past its end.
    #[error("the account is closed: disabled, or past its last day")]
    CompteFerme,
    /// Someone else changed the account since it was read.
    #[error("the account was changed by someone else since it was read")]
    Perime,
    /// Without an administrator nobody could create accounts again.
    #[error("this is the last administrator that can sign in")]
    DernierAdministrateur,
    /// Unknown, used, replaced, or too old.
    #[error("the invitation is unknown, used, replaced or expired")]
    Invitation,
    /// The identity is bound to an account already.
    #[error("this identity is bound to another account")]
    IdentitePrise,
    /// No second factor waits to be confirmed.
    #[error("no second factor waits to be confirmed")]
    SansEnrolement,
    /// A log is kept for a time that has bounds.
    #[error("the log is kept for 6 to 36 months")]
    Conservation,
    /// A row that this program could not have written.
    #[error("the file holds a value that cannot be read: {0}")]
    Illisible(&'static str),
    /// The rows could not be written out.
    #[error("the export cannot be written: {0}")]
    Export(String),
}

/// Why a role and a scope do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PerimetreRefuse {
    /// An administrator sees no pay.
    #[error("an administrator sees no employer")]
    Administrateur,
    /// An operator runs all employers.
    #[error("an operator sees all employers")]
    Operateur,
    /// Staff see the employers they work for.
    #[error("a gestionnaire sees employers that are named, at least one")]
    Gestionnaire,
    /// An auditor sees something.
    #[error("an auditor sees all employers, or at least one")]
    Auditeur,
    /// An auditor leaves one day.
    #[error("the account of an auditor has a last day")]
    SansFin,
}

impl PerimetreRefuse {
    fn french(self) -> &'static str {
        match self {
            Self::Administrateur => "Un administrateur ne voit aucun employeur.",
            Self::Operateur => "Un opérateur voit tous les employeurs.",
            Self::Gestionnaire => "Un gestionnaire voit des employeurs nommés, au moins un.",
            Self::Auditeur => "Un auditeur voit tous les employeurs, ou au moins un.",
            Self::SansFin => "Le compte d’un auditeur a une date de fin.",
        }
    }
}

impl BaseError {
    /// What to do about it, for the terminal.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Fichier { .. } => "check the path, and that its folder can be written",
            Self::Etrangere(_) => "check --base; a new file is made where there is none",
            Self::PlusRecente { .. } => "install the version of paie that wrote the file",
            Self::Sql(_) => "check that the disk is not full, then copy the file and verify it",
            Self::Hasard(_) => "the system must provide random bytes; nothing is signed without",
            Self::Journal(_) => "free some disk space; nothing is shown without being logged",
            Self::Identifiant => "use an address, or a short name such as `prenom.nom`",
            Self::IdentifiantPris => "choose another one, or change the account that has it",
            Self::Nom => "give the name that pages and the log show",
            Self::Perimetre(_) => "change the role, the employers or the last day",
            Self::CompteInconnu => "list the accounts: paie acces lister",
            Self::CompteFerme => "enable the account, or give it a later last day",
            Self::Perime => "read the account again, then change it",
            Self::DernierAdministrateur => "create another administrator first",
            Self::Invitation => "make a new one: paie acces inviter",
            Self::IdentitePrise => "unbind it from the other account first",
            Self::SansEnrolement => "start again from the page of the account",
            Self::Conservation => "choose 6 to 36 months; 12 is the usual duration",
            Self::Illisible(_) => "take the last copy of the file; keep this one apart",
            Self::Export(_) => "check that the disk is not full",
        }
    }

    /// The sentence of pages. Says nothing of the machine.
    pub fn french(&self) -> &'static str {
        match self {
            Self::IdentifiantPris => {
                "Un compte porte déjà cet identifiant\u{a0}: choisissez-en un autre."
            }
            Self::Identifiant => {
                "Un identifiant a de 3 à 120 caractères\u{a0}: lettres sans accent, chiffres, \
                 «\u{a0}. @ _ + -\u{a0}»."
            }
            Self::Nom => "Un nom a de 1 à 120 caractères.",
            Self::Perimetre(refus) => refus.french(),
            Self::CompteInconnu => "Ce compte n’existe pas.",
            Self::CompteFerme => "Ce compte est fermé\u{a0}: voyez votre administrateur.",
            Self::Perime => {
                "Une autre personne a modifié ce compte entre-temps\u{a0}: \
                 relisez-le, puis recommencez."
            }
            Self::DernierAdministrateur => {
                "C’est le dernier administrateur\u{a0}: \
                 créez-en un autre avant de modifier celui-ci."
            }
            Self::Invitation => {
                "Ce lien a déjà servi ou n’est plus valable\u{a0}: demandez-en un nouveau à votre \
                 administrateur."
            }
            Self::IdentitePrise => "Cette identité est déjà liée à un autre compte.",
            Self::SansEnrolement => {
                "L’enregistrement du second facteur a été abandonné\u{a0}: recommencez-le."
            }
            Self::Conservation => "Le journal se conserve de 6 à 36 mois.",
            Self::Journal(_) => {
                "Le journal ne peut pas être écrit\u{a0}: rien n’a été affiché ni enregistré. \
                 Prévenez votre administrateur."
            }
            Self::Fichier { .. }
            | Self::Etrangere(_)
            | Self::PlusRecente { .. }
            | Self::Sql(_)
            | Self::Hasard(_)
            | Self::Illisible(_)
            | Self::Export(_) => {
                "Le service est momentanément indisponible\u{a0}: rien n’a été enregistré. \
                 Réessayez, puis prévenez votre administrateur."
            }
        }
    }
}
