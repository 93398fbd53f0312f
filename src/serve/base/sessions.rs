//! Sessions: who is signed in, since when, and until when.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::comptes::{lire, ouvert};
use super::{Base, BaseError, Entree, Instant, consigner, consigner_si};
use crate::serve::acces::hasard;
use crate::serve::droits::Compte;

/// A session that nobody uses ends after 30 minutes.
pub const INACTIVE: i64 = 30 * 60;

/// Every session ends after 10 hours.
pub const ABSOLUE: i64 = 10 * 3600;

/// How often its last use is written, in seconds.
const PAS: i64 = 60;

/// What a session gives access to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Etat {
    /// To everything that the account may do.
    Complete,
    /// To the page that asks for the second factor, and to it alone.
    AttendSecondFacteur,
}

impl Etat {
    fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::AttendSecondFacteur => "attend_second_facteur",
        }
    }
}

/// A session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Its number, for « mes sessions »; it opens nothing.
    pub id: i64,
    /// The account.
    pub compte: i64,
    /// What it gives access to.
    pub etat: Etat,
    /// The key of the tokens of its forms.
    pub secret: [u8; 32],
    /// When it was opened.
    pub cree: Instant,
    /// When it was last used, to the minute.
    pub vue: Instant,
    /// The address that opened it.
    pub adresse: String,
    /// The browser that opened it, as it names itself.
    pub navigateur: String,
    /// The ID token, when an identity provider opened it: what signs out there. It names a person,
    /// and goes with the session.
    pub id_token: Option<String>,
}

impl fmt::Debug for Session {
    /// Which session it is, and no secret of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, compte, etat, .. } = self;
        let mut session = f.debug_struct("Session");
        session.field("id", id).field("compte", compte).field("etat", etat).finish_non_exhaustive()
    }
}

/// Where a session comes from.
#[derive(Clone, Copy, Default)]
pub struct Venue<'a> {
    /// The address of the client.
    pub adresse: &'a str,
    /// The browser, as it names itself.
    pub navigateur: &'a str,
    /// The ID token, when an identity provider says who it is.
    pub id_token: Option<&'a str>,
}

/// A session that was just opened or renewed.
#[derive(Debug)]
pub struct Ouverte {
    /// The value of the cookie; stored nowhere.
    pub jeton: String,
    /// The session.
    pub session: Session,
}

const SESSION: &str = "SELECT id, compte, etat, secret, cree, vue, adresse, navigateur, id_token \
     FROM sessions";

impl Base {
    /// Opens a session. `entree` logs who signs in; none: a second factor is awaited, or it is in
    /// the place of a session that ended with what was changed.
    ///
    /// # Errors
    ///
    /// [`BaseError::CompteFerme`] when the account cannot sign in now.
    pub fn ouvrir_session(
        &self,
        compte: i64,
        etat: Etat,
        venue: Venue<'_>,
        quand: Instant,
        entree: Option<Entree>,
    ) -> Result<Ouverte, BaseError> {
        let jeton = hasard::jeton()?;
        let secret = hasard::octets::<32>()?;
        let navigateur: String = venue.navigateur.chars().take(200).collect();
        let session = self.ecrire(|base| {
            let sien = lire(base, compte)?.ok_or(BaseError::CompteInconnu)?;
            if !ouvert(&sien, quand) {
                return Err(BaseError::CompteFerme);
            }
            base.execute(
                "INSERT INTO sessions \
                 (empreinte, compte, secret, etat, cree, vue, adresse, navigateur, id_token) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)",
                params![
                    hasard::empreinte(&jeton),
                    compte,
                    secret,
                    etat.name(),
                    quand,
                    venue.adresse,
                    navigateur,
                    venue.id_token
                ],
            )?;
            if let Some(entree) = &entree {
                consigner(base, entree)?;
            }
            trouver(base, &jeton)?.ok_or(BaseError::Illisible("a session"))
        })?;
        Ok(Ouverte { jeton, session })
    }

    /// The session of a cookie, and its account as it is now; none when it ended. Its use is noted,
    /// at most once a minute.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn session(
        &self,
        jeton: &str,
        quand: Instant,
    ) -> Result<Option<(Session, Compte)>, BaseError> {
        let connexion = self.connexion();
        let Some(session) = trouver(&connexion, jeton)? else { return Ok(None) };
        let compte = lire(&connexion, session.compte)?;
        let vivante = vivante(&session, quand);
        let Some(compte) = compte.filter(|compte| vivante && ouvert(compte, quand)) else {
            connexion.execute("DELETE FROM sessions WHERE id = ?1", [session.id])?;
            return Ok(None);
        };
        if quand.saturating_sub(session.vue) >= PAS {
            let sql = "UPDATE sessions SET vue = ?2 WHERE id = ?1";
            connexion.prepare_cached(sql)?.execute(params![session.id, quand])?;
        }
        Ok(Some((session, compte)))
    }

    /// Renews a session at a change of privilege: another token, another secret for forms, the
    /// same end. None, and no entry, when it ended. `entree` logs who signs in.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn renouveler(
        &self,
        jeton: &str,
        etat: Etat,
        quand: Instant,
        entree: Option<Entree>,
    ) -> Result<Option<Ouverte>, BaseError> {
        let nouveau = hasard::jeton()?;
        let secret = hasard::octets::<32>()?;
        let session = self.ecrire(|base| {
            let avant = trouver(base, jeton)?.filter(|session| vivante(session, quand));
            let Some(avant) = avant else { return Ok(None) };
            base.execute(
                "UPDATE sessions SET empreinte = ?2, secret = ?3, etat = ?4, vue = ?5 \
                 WHERE id = ?1",
                params![avant.id, hasard::empreinte(&nouveau), secret, etat.name(), quand],
            )?;
            if let Some(entree) = &entree {
                consigner(base, entree)?;
            }
            trouver(base, &nouveau)
        })?;
        Ok(session.map(|session| Ouverte { jeton: nouveau, session }))
    }

    /// Ends the session of a cookie, and logs it; one that ended already leaves no other entry.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn fermer_session(&self, jeton: &str, entree: Entree) -> Result<(), BaseError> {
        self.ecrire(|base| {
            let sql = "DELETE FROM sessions WHERE empreinte = ?1";
            consigner_si(base, base.execute(sql, [hasard::empreinte(jeton)])?, &entree)?;
            Ok(())
        })
    }

    /// Ends one session of an account, by its number, and logs it: `false`, and no entry, when it
    /// has no such session.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn fermer_numero(&self, compte: i64, id: i64, entree: Entree) -> Result<bool, BaseError> {
        self.ecrire(|base| {
            let sql = "DELETE FROM sessions WHERE compte = ?1 AND id = ?2";
            consigner_si(base, base.execute(sql, params![compte, id])?, &entree)
        })
    }

    /// Ends all sessions of an account, except one when it is given; how many ended. `entree` logs
    /// it, even when none was left.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn fermer_toutes(
        &self,
        compte: i64,
        sauf: Option<i64>,
        entree: Entree,
    ) -> Result<usize, BaseError> {
        self.ecrire(|base| {
            let fermees = fermer(base, compte, sauf)?;
            consigner(base, &entree)?;
            Ok(fermees)
        })
    }

    /// The sessions of an account that have not ended, the last used first.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn sessions(&self, compte: i64, quand: Instant) -> Result<Vec<Session>, BaseError> {
        let connexion = self.connexion();
        let sql = format!("{SESSION} WHERE compte = ?1 ORDER BY vue DESC, id DESC");
        let mut statement = connexion.prepare_cached(&sql)?;
        let lues = statement.query_map([compte], session)?.collect::<Result<Vec<_>, _>>()?;
        Ok(lues.into_iter().filter(|session| vivante(session, quand)).collect())
    }

    /// Removes sessions that ended and links that no longer hold; to be called now and then.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn nettoyer(&self, quand: Instant) -> Result<(), BaseError> {
        self.ecrire(|base| {
            let sql = "DELETE FROM sessions WHERE vue <= ?1 OR cree <= ?2";
            let bornes = [quand.saturating_sub(INACTIVE), quand.saturating_sub(ABSOLUE)];
            base.execute(sql, bornes)?;
            base.execute("DELETE FROM invitations WHERE expire <= ?1", [quand])?;
            Ok(())
        })
    }
}

/// Ends all sessions of an account, except one when it is given; how many ended.
pub(super) fn fermer(
    base: &Connection,
    compte: i64,
    sauf: Option<i64>,
) -> Result<usize, BaseError> {
    let sql = "DELETE FROM sessions WHERE compte = ?1 AND id IS NOT ?2";
    Ok(base.execute(sql, params![compte, sauf])?)
}

fn vivante(session: &Session, quand: Instant) -> bool {
    quand.saturating_sub(session.vue) < INACTIVE && quand.saturating_sub(session.cree) < ABSOLUE
}

fn trouver(base: &Connection, jeton: &str) -> Result<Option<Session>, BaseError> {
    let mut statement = base.prepare_cached(&format!("{SESSION} WHERE empreinte = ?1"))?;
    Ok(statement.query_row([hasard::empreinte(jeton)], session).optional()?)
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let etat: String = row.get(2)?;
    // Whatever is not complete gives access to nothing but the second factor.
    let complete = etat == Etat::Complete.name();
    Ok(Session {
        id: row.get(0)?,
        compte: row.get(1)?,
        etat: if complete { Etat::Complete } else { Etat::AttendSecondFacteur },
        secret: row.get(3)?,
        cree: row.get(4)?,
        vue: row.get(5)?,
        adresse: row.get(6)?,
        navigateur: row.get(7)?,
        id_token: row.get(8)?,
    })
}
