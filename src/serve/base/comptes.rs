//! Accounts: who can sign in, as what, for which employers.

use chrono::{DateTime, Datelike, Local};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sessions::fermer;
use super::{Base, BaseError, Entree, Instant, PerimetreRefuse, consigner};
use crate::calendar::Day;
use crate::domain::Siret;
use crate::serve::droits::{Compte, Perimetre, Role};

/// What an administrator decides of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changement {
    /// The name that pages and the log show.
    pub nom: String,
    /// What it is for.
    pub role: Role,
    /// What it sees.
    pub perimetre: Perimetre,
    /// The last day it can sign in, included.
    pub fin: Option<Day>,
    /// Whether it can sign in at all.
    pub actif: bool,
}

/// An account as the page of the administrator shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fiche {
    /// The account.
    pub compte: Compte,
    /// Moves with each change: what a form read must still be so when it is sent.
    pub version: i64,
    /// When it was created.
    pub cree: Instant,
    /// The last time it signed in.
    pub connexion: Option<Instant>,
    /// Whether it has a password.
    pub mot_de_passe: bool,
    /// Until when an invitation that was not used holds.
    pub invitation: Option<Instant>,
}

const FICHE: &str = "SELECT c.id, c.identifiant, c.nom, c.role, c.tous, c.fin, c.actif, \
    c.totp IS NOT NULL, c.version, c.cree, c.connexion, c.mot_de_passe IS NOT NULL, i.expire \
    FROM comptes c LEFT JOIN invitations i ON i.compte = c.id";

/// The civil day of an instant, where the server is.
pub(super) fn jour(quand: Instant) -> Option<Day> {
    let local = DateTime::from_timestamp(quand, 0)?.with_timezone(&Local).date_naive();
    Day::new(local.year(), local.month(), local.day()).ok()
}

/// Whether an account can sign in, or go on, at an instant.
pub fn ouvert(compte: &Compte, quand: Instant) -> bool {
    let encore = |fin: Day| jour(quand).is_some_and(|jour| jour <= fin);
    compte.actif && compte.fin.is_none_or(encore)
}

/// What is typed, as it is stored: no spaces around, lower case.
pub fn identifiant(saisi: &str) -> String {
    saisi.trim().to_lowercase()
}

impl Base {
    /// Creates an account without a password: it is invited next. `entree` logs it.
    ///
    /// # Errors
    ///
    /// When the identifiant is taken or malformed, when role, scope and end do not go together.
    pub fn creer(
        &self,
        saisi: &str,
        voulu: &Changement,
        quand: Instant,
        entree: impl FnOnce(&Compte) -> Entree,
    ) -> Result<Compte, BaseError> {
        let identifiant = identifiant(saisi);
        let permis = |c: char| c.is_ascii_alphanumeric() || ".@_+-".contains(c);
        if !(3..=120).contains(&identifiant.len()) || !identifiant.chars().all(permis) {
            return Err(BaseError::Identifiant);
        }
        juger(voulu)?;
        self.ecrire(|base| {
            let fin = voulu.fin.map(|jour| jour.to_string());
            let ajoute = base.execute(
                "INSERT INTO comptes (identifiant, nom, role, tous, fin, actif, cree) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (identifiant) DO NOTHING",
                params![
                    identifiant,
                    voulu.nom.trim(),
                    voulu.role.name(),
                    voulu.perimetre.liste().is_none(),
                    fin,
                    voulu.actif,
                    quand
                ],
            )?;
            if ajoute == 0 {
                return Err(BaseError::IdentifiantPris);
            }
            let id = base.last_insert_rowid();
            ecrire_perimetre(base, id, &voulu.perimetre)?;
            let cree = lire(base, id)?.ok_or(BaseError::CompteInconnu)?;
            consigner(base, &entree(&cree))?;
            Ok(cree)
        })
    }

    /// The account of a number.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn compte(&self, id: i64) -> Result<Option<Compte>, BaseError> {
        lire(&self.connexion(), id)
    }

    /// The account of what was typed to sign in.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn compte_de(&self, saisi: &str) -> Result<Option<Compte>, BaseError> {
        let sql = format!("{FICHE} WHERE c.identifiant = ?1");
        let fiche = une_fiche(&self.connexion(), &sql, identifiant(saisi))?;
        Ok(fiche.map(|fiche| fiche.compte))
    }

    /// An account with what its administrator sees.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn fiche(&self, id: i64) -> Result<Option<Fiche>, BaseError> {
        une_fiche(&self.connexion(), &format!("{FICHE} WHERE c.id = ?1"), id)
    }

    /// Every account, by identifiant.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn fiches(&self) -> Result<Vec<Fiche>, BaseError> {
        let connexion = self.connexion();
        let mut statement = connexion.prepare_cached(&format!("{FICHE} ORDER BY c.identifiant"))?;
        let mut rows = statement.query([])?;
        let mut fiches = Vec::new();
        while let Some(row) = rows.next()? {
            fiches.push(fiche(&connexion, row)?);
        }
        Ok(fiches)
    }

    /// Changes an account that was read as `version`. What it may do changed: its sessions end.
    /// `entree` logs it, from the account before and after.
    ///
    /// # Errors
    ///
    /// [`BaseError::Perime`] when someone else changed it since,
    /// [`BaseError::DernierAdministrateur`], and what [`Base::creer`] refuses.
    pub fn modifier(
        &self,
        id: i64,
        version: i64,
        voulu: &Changement,
        entree: impl FnOnce(&Compte, &Compte) -> Entree,
    ) -> Result<Compte, BaseError> {
        juger(voulu)?;
        self.ecrire(|base| {
            let avant = lire(base, id)?.ok_or(BaseError::CompteInconnu)?;
            let fin = voulu.fin.map(|jour| jour.to_string());
            let fait = base.execute(
                "UPDATE comptes SET nom = ?3, role = ?4, tous = ?5, fin = ?6, actif = ?7, \
                 version = version + 1 WHERE id = ?1 AND version = ?2",
                params![
                    id,
                    version,
                    voulu.nom.trim(),
                    voulu.role.name(),
                    voulu.perimetre.liste().is_none(),
                    fin,
                    voulu.actif
                ],
            )?;
            if fait == 0 {
                return Err(BaseError::Perime);
            }
            ecrire_perimetre(base, id, &voulu.perimetre)?;
            let apres = lire(base, id)?.ok_or(BaseError::CompteInconnu)?;
            garder_un_administrateur(base, &avant)?;
            if avant.role != apres.role || avant.perimetre != apres.perimetre || !apres.actif {
                fermer(base, id, None)?;
            }
            if !apres.actif {
                base.execute("DELETE FROM invitations WHERE compte = ?1", [id])?;
            }
            consigner(base, &entree(&avant, &apres))?;
            Ok(apres)
        })
    }
}

/// Whether a name, a role, a scope and an end go together.
fn juger(voulu: &Changement) -> Result<(), BaseError> {
    if !(1..=120).contains(&voulu.nom.trim().chars().count()) {
        return Err(BaseError::Nom);
    }
    let nommes = voulu.perimetre.liste().map(|sirets| sirets.len());
    let refus = match (voulu.role, nommes) {
        (Role::Administrateur, Some(0))
        | (Role::Operateur, None)
        | (Role::Gestionnaire, Some(1..)) => return Ok(()),
        (Role::Auditeur, None | Some(1..)) if voulu.fin.is_some() => return Ok(()),
        (Role::Auditeur, None | Some(1..)) => PerimetreRefuse::SansFin,
        (Role::Auditeur, _) => PerimetreRefuse::Auditeur,
        (Role::Administrateur, _) => PerimetreRefuse::Administrateur,
        (Role::Operateur, _) => PerimetreRefuse::Operateur,
        (Role::Gestionnaire, _) => PerimetreRefuse::Gestionnaire,
    };
    Err(BaseError::Perimetre(refus))
}

/// A dated end counts as no administrator: one day nobody would be left.
fn garder_un_administrateur(base: &Connection, avant: &Compte) -> Result<(), BaseError> {
    let restants: i64 = base.query_row(
        "SELECT count(*) FROM comptes WHERE role = 'administrateur' AND actif = 1 AND fin IS NULL",
        [],
        |row| row.get(0),
    )?;
    let etait = avant.role == Role::Administrateur && avant.actif && avant.fin.is_none();
    if etait && restants == 0 { Err(BaseError::DernierAdministrateur) } else { Ok(()) }
}

fn ecrire_perimetre(base: &Connection, id: i64, perimetre: &Perimetre) -> Result<(), BaseError> {
    base.execute("DELETE FROM perimetres WHERE compte = ?1", [id])?;
    let mut ajouter = base.prepare_cached("INSERT INTO perimetres VALUES (?1, ?2)")?;
    for siret in perimetre.liste().into_iter().flatten() {
        ajouter.execute(params![id, siret.as_str()])?;
    }
    Ok(())
}

/// The account of a number, on any connection.
pub(super) fn lire(base: &Connection, id: i64) -> Result<Option<Compte>, BaseError> {
    let fiche = une_fiche(base, &format!("{FICHE} WHERE c.id = ?1"), id)?;
    Ok(fiche.map(|fiche| fiche.compte))
}

fn une_fiche(
    base: &Connection,
    sql: &str,
    cle: impl rusqlite::ToSql,
) -> Result<Option<Fiche>, BaseError> {
    let mut statement = base.prepare_cached(sql)?;
    statement.query_row([cle], |row| Ok(fiche(base, row))).optional()?.transpose()
}

fn fiche(base: &Connection, row: &Row<'_>) -> Result<Fiche, BaseError> {
    let id: i64 = row.get(0)?;
    let role: String = row.get(3)?;
    let fin: Option<String> = row.get(5)?;
    let fin = fin.map(|jour| Day::parse(&jour)).transpose();
    let perimetre = if row.get(4)? { Perimetre::tous() } else { perimetre(base, id)? };
    let compte = Compte {
        id,
        identifiant: row.get(1)?,
        nom: row.get(2)?,
        role: Role::from_name(&role).ok_or(BaseError::Illisible("a role"))?,
        perimetre,
        fin: fin.map_err(|_| BaseError::Illisible("a last day"))?,
        actif: row.get(6)?,
        second_facteur: row.get(7)?,
    };
    Ok(Fiche {
        compte,
        version: row.get(8)?,
        cree: row.get(9)?,
        connexion: row.get(10)?,
        mot_de_passe: row.get(11)?,
        invitation: row.get(12)?,
    })
}

fn perimetre(base: &Connection, id: i64) -> Result<Perimetre, BaseError> {
    let mut statement = base.prepare_cached("SELECT siret FROM perimetres WHERE compte = ?1")?;
    let mut rows = statement.query([id])?;
    let mut sirets = Vec::new();
    while let Some(row) = rows.next()? {
        let siret: String = row.get(0)?;
        sirets.push(Siret::parse(&siret).ok_or(BaseError::Illisible("a SIRET"))?);
    }
    Ok(Perimetre::des(sirets))
}
