//! What proves who someone is: password, second factor, recovery codes, identities; and failures.

use rusqlite::{Connection, OptionalExtension, params};

use super::comptes::{identifiant, lire};
use super::sessions::fermer;
use super::{Base, BaseError, Entree, Instant, consigner, consigner_si};
use crate::serve::acces::{frein, hasard, secours};
use crate::serve::droits::Compte;

/// After a day without failures, those before are forgotten.
const OUBLI: i64 = 24 * 3600;

/// Whether someone may try to sign in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Essai {
    /// The try is counted as failed until [`Base::reussite`] says otherwise.
    Permis,
    /// Not before so many seconds.
    Verrouille(i64),
}

/// Gives an account a password; links, sessions and failures of before end.
pub(super) fn poser_mot_de_passe(
    base: &Connection,
    compte: &Compte,
    hache: &str,
) -> Result<(), BaseError> {
    base.execute("UPDATE comptes SET mot_de_passe = ?2 WHERE id = ?1", params![compte.id, hache])?;
    base.execute("DELETE FROM invitations WHERE compte = ?1", [compte.id])?;
    fermer(base, compte.id, None)?;
    base.execute("DELETE FROM echecs WHERE cle = ?1", [hasard::empreinte(&compte.identifiant)])?;
    Ok(())
}

impl Base {
    /// The password of an account, as hashed; none: it signs in otherwise, or not yet.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn mot_de_passe(&self, compte: i64) -> Result<Option<String>, BaseError> {
        let connexion = self.connexion();
        let sql = "SELECT mot_de_passe FROM comptes WHERE id = ?1";
        let mut statement = connexion.prepare_cached(sql)?;
        Ok(statement.query_row([compte], |row| row.get(0)).optional()?.flatten())
    }

    /// Changes the password of an account (as hashed); all its sessions end. `entree` logs it.
    ///
    /// # Errors
    ///
    /// [`BaseError::CompteInconnu`].
    pub fn changer_mot_de_passe(
        &self,
        compte: i64,
        hache: &str,
        entree: Entree,
    ) -> Result<(), BaseError> {
        self.ecrire(|base| {
            let compte = lire(base, compte)?.ok_or(BaseError::CompteInconnu)?;
            poser_mot_de_passe(base, &compte, hache)?;
            consigner(base, &entree)
        })
    }

    /// Asks to try a password or a code, before it is looked at. The try counts as failed at once:
    /// fifty tries at the same time are still five. What was typed may be no account at all.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn essayer(&self, saisi: &str, quand: Instant) -> Result<Essai, BaseError> {
        let cle = hasard::empreinte(&identifiant(saisi));
        self.ecrire(|base| {
            base.execute(
                "DELETE FROM echecs WHERE dernier < ?1 AND jusqu <= ?2",
                params![quand.saturating_sub(OUBLI), quand],
            )?;
            let avant = "SELECT nombre, jusqu FROM echecs WHERE cle = ?1";
            let avant = base
                .query_row(avant, [cle], |row| Ok((row.get::<_, u32>(0)?, row.get(1)?)))
                .optional()?;
            let (nombre, jusqu): (u32, i64) = avant.unwrap_or((0, 0));
            if jusqu > quand {
                return Ok(Essai::Verrouille(jusqu.saturating_sub(quand)));
            }
            let nombre = nombre.saturating_add(1);
            base.execute(
                "INSERT OR REPLACE INTO echecs (cle, nombre, dernier, jusqu) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![cle, nombre, quand, quand.saturating_add(frein::attente(nombre))],
            )?;
            Ok(Essai::Permis)
        })
    }

    /// How many seconds what was typed stays locked out; zero: not at all.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn verrou(&self, saisi: &str, quand: Instant) -> Result<i64, BaseError> {
        let cle = hasard::empreinte(&identifiant(saisi));
        let sql = "SELECT jusqu FROM echecs WHERE cle = ?1";
        let jusqu = self.connexion().query_row(sql, [cle], |row| row.get::<_, i64>(0));
        Ok(jusqu.optional()?.map_or(0, |jusqu| jusqu.saturating_sub(quand).max(0)))
    }

    /// Someone is in, the second factor included: failures are forgotten, the instant is noted.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn reussite(&self, compte: &Compte, quand: Instant) -> Result<(), BaseError> {
        self.ecrire(|base| {
            let cle = hasard::empreinte(&compte.identifiant);
            base.execute("DELETE FROM echecs WHERE cle = ?1", [cle])?;
            let sql = "UPDATE comptes SET connexion = ?2 WHERE id = ?1";
            base.execute(sql, params![compte.id, quand])?;
            Ok(())
        })
    }

    /// The secret of the second factor, and the last step that was accepted; none: not enrolled.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn totp(&self, compte: i64) -> Result<Option<(Vec<u8>, i64)>, BaseError> {
        let sql = "SELECT totp, totp_pas FROM comptes WHERE id = ?1 AND totp IS NOT NULL";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(self.connexion().query_row(sql, [compte], row).optional()?)
    }

    /// Keeps a secret until a first code proves that the application of its owner has it.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn enroler(&self, compte: i64, secret: &[u8]) -> Result<(), BaseError> {
        let sql = "UPDATE comptes SET totp_attente = ?2 WHERE id = ?1";
        let fait = self.connexion().execute(sql, params![compte, secret])?;
        if fait == 0 { Err(BaseError::CompteInconnu) } else { Ok(()) }
    }

    /// The secret that waits for its first code.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn enrolement(&self, compte: i64) -> Result<Option<Vec<u8>>, BaseError> {
        let sql = "SELECT totp_attente FROM comptes WHERE id = ?1";
        let secret = self.connexion().query_row(sql, [compte], |row| row.get(0));
        Ok(secret.optional()?.flatten())
    }

    /// The first code was right, at this step: the second factor counts from now on, and sessions
    /// other than `ici`, which were opened without it, end. `entree` logs it. Returns the recovery
    /// codes, which are shown once.
    ///
    /// # Errors
    ///
    /// [`BaseError::SansEnrolement`] when no secret waits.
    pub fn confirmer_enrolement(
        &self,
        compte: i64,
        pas: i64,
        ici: Option<i64>,
        entree: Entree,
    ) -> Result<Vec<String>, BaseError> {
        self.ecrire(|base| {
            let fait = base.execute(
                "UPDATE comptes SET totp = totp_attente, totp_attente = NULL, totp_pas = ?2 \
                 WHERE id = ?1 AND totp_attente IS NOT NULL",
                params![compte, pas],
            )?;
            if fait == 0 {
                return Err(BaseError::SansEnrolement);
            }
            fermer(base, compte, ici)?;
            consigner(base, &entree)?;
            nouveaux_codes(base, compte)
        })
    }

    /// Accepts a step of the second factor, once: `false` when it, or a later one, was accepted.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn accepter_pas(&self, compte: i64, pas: i64) -> Result<bool, BaseError> {
        let sql = "UPDATE comptes SET totp_pas = ?2 \
                   WHERE id = ?1 AND totp IS NOT NULL AND totp_pas < ?2";
        Ok(self.connexion().execute(sql, params![compte, pas])? == 1)
    }

    /// Forgets the second factor and its recovery codes, for a lost telephone; sessions end.
    /// `entree` logs it.
    ///
    /// # Errors
    ///
    /// [`BaseError::CompteInconnu`].
    pub fn oublier_second_facteur(&self, compte: i64, entree: Entree) -> Result<(), BaseError> {
        self.ecrire(|base| {
            let sql = "UPDATE comptes SET totp = NULL, totp_attente = NULL WHERE id = ?1";
            if base.execute(sql, [compte])? == 0 {
                return Err(BaseError::CompteInconnu);
            }
            base.execute("DELETE FROM codes_secours WHERE compte = ?1", [compte])?;
            fermer(base, compte, None)?;
            consigner(base, &entree)
        })
    }

    /// New recovery codes; those of before no longer hold. `entree` logs it.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn renouveler_codes(&self, compte: i64, entree: Entree) -> Result<Vec<String>, BaseError> {
        self.ecrire(|base| {
            let codes = nouveaux_codes(base, compte)?;
            consigner(base, &entree)?;
            Ok(codes)
        })
    }

    /// Uses a recovery code, once, and logs it: `false`, and no entry, when it is not one of those
    /// left.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn utiliser_code(
        &self,
        compte: i64,
        saisi: &str,
        entree: Entree,
    ) -> Result<bool, BaseError> {
        let cle = secours::empreinte(saisi);
        self.ecrire(|base| {
            let sql = "DELETE FROM codes_secours WHERE compte = ?1 AND empreinte = ?2";
            consigner_si(base, base.execute(sql, params![compte, cle])?, &entree)
        })
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn codes_restants(&self, compte: i64) -> Result<u32, BaseError> {
        let sql = "SELECT count(*) FROM codes_secours WHERE compte = ?1";
        Ok(self.connexion().query_row(sql, [compte], |row| row.get(0))?)
    }

    /// Binds the subject of an identity provider to an account, and logs it; what is bound already
    /// leaves no other entry.
    ///
    /// # Errors
    ///
    /// [`BaseError::IdentitePrise`] when another account has it, [`BaseError::CompteInconnu`].
    pub fn lier(
        &self,
        compte: i64,
        emetteur: &str,
        sujet: &str,
        entree: Entree,
    ) -> Result<(), BaseError> {
        self.ecrire(|base| {
            lire(base, compte)?.ok_or(BaseError::CompteInconnu)?;
            let sql = "INSERT INTO identites (emetteur, sujet, compte) VALUES (?1, ?2, ?3) \
                       ON CONFLICT DO NOTHING";
            if consigner_si(base, base.execute(sql, params![emetteur, sujet, compte])?, &entree)? {
                return Ok(());
            }
            match identite(base, emetteur, sujet)? {
                Some(id) if id == compte => Ok(()),
                _ => Err(BaseError::IdentitePrise),
            }
        })
    }

    /// Unbinds every identity of an account; its sessions end. `entree` logs it.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn delier(&self, compte: i64, entree: Entree) -> Result<(), BaseError> {
        self.ecrire(|base| {
            base.execute("DELETE FROM identites WHERE compte = ?1", [compte])?;
            fermer(base, compte, None)?;
            consigner(base, &entree)
        })
    }

    /// The identity providers that an account is bound to.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn emetteurs(&self, compte: i64) -> Result<Vec<String>, BaseError> {
        let connexion = self.connexion();
        let sql = "SELECT emetteur FROM identites WHERE compte = ?1 ORDER BY emetteur";
        let mut statement = connexion.prepare_cached(sql)?;
        let lus = statement.query_map([compte], |row| row.get(0))?;
        Ok(lus.collect::<Result<Vec<String>, _>>()?)
    }

    /// The account that the subject of an identity provider is bound to.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn compte_lie(&self, emetteur: &str, sujet: &str) -> Result<Option<Compte>, BaseError> {
        let connexion = self.connexion();
        let Some(id) = identite(&connexion, emetteur, sujet)? else { return Ok(None) };
        lire(&connexion, id)
    }
}

fn identite(base: &Connection, emetteur: &str, sujet: &str) -> Result<Option<i64>, BaseError> {
    let sql = "SELECT compte FROM identites WHERE emetteur = ?1 AND sujet = ?2";
    Ok(base.query_row(sql, params![emetteur, sujet], |row| row.get(0)).optional()?)
}

fn nouveaux_codes(base: &Connection, compte: i64) -> Result<Vec<String>, BaseError> {
    let codes = secours::codes()?;
    base.execute("DELETE FROM codes_secours WHERE compte = ?1", [compte])?;
    let mut ajouter = base.prepare_cached("INSERT INTO codes_secours VALUES (?1, ?2)")?;
    for code in &codes {
        ajouter.execute(params![compte, secours::empreinte(code)])?;
    }
    Ok(codes)
}
