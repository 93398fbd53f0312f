//! The chain: each entry carries the digest of the one before, so that no edit goes unseen.
//!
//! Who can write the file can also rewrite the whole chain. The digest of the last entry, noted
//! elsewhere now and then, is what shows that; [`Base::verifier`] takes it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::{Base, BaseError};
use super::{Action, Detail, Entree};

/// A digest of an entry.
pub type Empreinte = [u8; 32];

/// What digests are taken for, so that none of them means anything elsewhere.
const CONTEXTE: &str = "paie serve 2026-11-26 entry of the access log, format 1";

/// What the walk through the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chaine {
    /// Every entry is what was written.
    Entiere {
        /// The first entry that is kept.
        premiere: i64,
        /// The last entry; below the first: the log is empty.
        derniere: i64,
        /// The digest of the last entry, in hexadecimal.
        empreinte: String,
    },
    /// Something was changed.
    Rompue {
        /// The first entry that does not hold.
        numero: i64,
        /// Why.
        pourquoi: Rupture,
    },
}

/// Why an entry does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rupture {
    /// What it says is not what was written.
    #[error("its content was changed")]
    Contenu,
    /// It does not follow the one before.
    #[error("it does not follow the one before")]
    Lien,
    /// It is missing.
    #[error("it is missing")]
    Absente,
    /// Entries were cut off, or added, at the end.
    #[error("entries were cut off, or added, at the end")]
    Fin,
    /// Old entries were removed, and no purge says so.
    #[error("older entries were removed, and no purge says so")]
    Ancre,
    /// The noted digest is nowhere in the log.
    #[error("the noted digest is nowhere in the log")]
    Note,
}

impl Rupture {
    /// The sentence for people who read French.
    pub fn french(self) -> &'static str {
        match self {
            Self::Contenu => "son contenu a été modifié",
            Self::Lien => "elle ne suit pas la précédente",
            Self::Absente => "elle manque",
            Self::Fin => "des entrées ont été ajoutées ou retirées à la fin",
            Self::Ancre => "des entrées anciennes ont été retirées sans purge",
            Self::Note => "l’empreinte notée n’y figure pas",
        }
    }
}

/// An entry as the file holds it.
pub(super) struct Brute {
    pub numero: i64,
    pub quand: i64,
    pub compte: Option<i64>,
    pub identifiant: String,
    pub role: Option<String>,
    pub adresse: String,
    pub action: String,
    pub siret: Option<String>,
    pub agent: Option<String>,
    pub mois: Option<String>,
    pub detail: String,
    pub precedente: Empreinte,
    pub empreinte: Empreinte,
}

/// The columns of [`Brute`], in order.
pub(super) const COLONNES: &str = "numero, quand, compte, identifiant, role, adresse, action, \
    siret, agent, mois, detail, precedente, empreinte";

impl Brute {
    pub(super) fn lire(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            numero: row.get(0)?,
            quand: row.get(1)?,
            compte: row.get(2)?,
            identifiant: row.get(3)?,
            role: row.get(4)?,
            adresse: row.get(5)?,
            action: row.get(6)?,
            siret: row.get(7)?,
            agent: row.get(8)?,
            mois: row.get(9)?,
            detail: row.get(10)?,
            precedente: row.get(11)?,
            empreinte: row.get(12)?,
        })
    }

    /// The digest: of every field with its length, in order, absent ones told from empty ones.
    fn calculer(&self) -> Empreinte {
        let compte = self.compte.map(i64::to_le_bytes);
        let octets = |texte: &'_ Option<String>| texte.as_ref().map(|t| t.as_bytes().to_vec());
        let champs: [Option<Vec<u8>>; 12] = [
            Some(self.numero.to_le_bytes().to_vec()),
            Some(self.quand.to_le_bytes().to_vec()),
            compte.map(Vec::from),
            Some(self.identifiant.as_bytes().to_vec()),
            octets(&self.role),
            Some(self.adresse.as_bytes().to_vec()),
            Some(self.action.as_bytes().to_vec()),
            octets(&self.siret),
            octets(&self.agent),
            octets(&self.mois),
            Some(self.detail.as_bytes().to_vec()),
            Some(self.precedente.to_vec()),
        ];
        let mut hacheur = blake3::Hasher::new_derive_key(CONTEXTE);
        for champ in &champs {
            hacheur.update(&[u8::from(champ.is_some())]);
            let champ = champ.as_deref().unwrap_or_default();
            hacheur.update(&u64::try_from(champ.len()).unwrap_or(u64::MAX).to_le_bytes());
            hacheur.update(champ);
        }
        *hacheur.finalize().as_bytes()
    }
}

/// Adds an entry at the end, inside a transaction that holds the write lock; its number.
pub(in crate::serve::base) fn ajouter(
    base: &Connection,
    entree: &Entree,
) -> Result<i64, BaseError> {
    let (derniere, precedente) = tete(base)?;
    let mut brute = Brute {
        numero: derniere.saturating_add(1),
        quand: entree.quand,
        compte: entree.auteur.compte,
        identifiant: entree.auteur.identifiant.clone(),
        role: entree.auteur.role.map(|role| role.name().to_owned()),
        adresse: entree.auteur.adresse.clone(),
        action: entree.action.name().to_owned(),
        siret: entree.siret.map(|siret| siret.as_str().to_owned()),
        agent: entree.agent.clone(),
        mois: entree.mois.map(|mois| mois.to_string()),
        detail: entree.detail.texte(),
        precedente,
        empreinte: [0; 32],
    };
    brute.empreinte = brute.calculer();
    let sql = format!(
        "INSERT INTO journal ({COLONNES}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    );
    base.prepare_cached(&sql)?.execute(params![
        brute.numero,
        brute.quand,
        brute.compte,
        brute.identifiant,
        brute.role,
        brute.adresse,
        brute.action,
        brute.siret,
        brute.agent,
        brute.mois,
        brute.detail,
        brute.precedente,
        brute.empreinte
    ])?;
    base.prepare_cached("UPDATE tete SET numero = ?1, empreinte = ?2")?
        .execute(params![brute.numero, brute.empreinte])?;
    Ok(brute.numero)
}

fn tete(base: &Connection) -> Result<(i64, Empreinte), BaseError> {
    let mut statement = base.prepare_cached("SELECT numero, empreinte FROM tete")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// The last entry that a purge removed; zero: none was.
pub(super) fn ancre(base: &Connection) -> Result<(i64, Empreinte), BaseError> {
    let sql = "SELECT numero, empreinte FROM ancres ORDER BY numero DESC LIMIT 1";
    let ancre = base.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(ancre.optional()?.unwrap_or((0, [0; 32])))
}

/// What the entry of a purge says of its anchor.
pub(super) fn detail_purge(numero: i64, empreinte: &Empreinte) -> Detail {
    let empreinte = blake3::Hash::from(*empreinte).to_hex();
    Detail::default().nombre("derniere_retiree", numero).mot("empreinte", &empreinte)
}

/// The walk through the chain.
struct Marche {
    numero: i64,
    empreinte: Empreinte,
    /// The text that the entry of the last purge must have, until it is met.
    purge: Option<String>,
    /// The beginning of a digest that was noted, until it is met.
    note: Option<String>,
}

impl Marche {
    fn pas(&mut self, brute: &Brute) -> Result<(), Rupture> {
        if brute.precedente != self.empreinte {
            return Err(Rupture::Lien);
        }
        if brute.calculer() != brute.empreinte {
            return Err(Rupture::Contenu);
        }
        if brute.action == Action::PurgeJournal.name() {
            self.purge.take_if(|detail| *detail == brute.detail);
        }
        let hexa = blake3::Hash::from(brute.empreinte).to_hex();
        self.note.take_if(|note| hexa.starts_with(note.as_str()));
        self.numero = brute.numero;
        self.empreinte = brute.empreinte;
        Ok(())
    }
}

impl Base {
    /// Walks through the whole log. `note` is the digest of an entry that was noted elsewhere, or
    /// the beginning of it: that entry must still be there.
    ///
    /// # Errors
    ///
    /// When the file cannot be read; a broken chain is no error.
    pub fn verifier(&self, note: Option<&str>) -> Result<Chaine, BaseError> {
        let mut connexion = self.a_part()?;
        let base = connexion.transaction()?;
        let (numero, empreinte) = ancre(&base)?;
        let purge = (numero > 0).then(|| detail_purge(numero, &empreinte).texte());
        let note = note.map(str::to_lowercase);
        let mut marche = Marche { numero, empreinte, purge, note };
        let sql = format!("SELECT {COLONNES} FROM journal ORDER BY numero");
        let mut statement = base.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let attendu = marche.numero.saturating_add(1);
            if row.get::<_, i64>(0)? != attendu {
                return Ok(Chaine::Rompue { numero: attendu, pourquoi: Rupture::Absente });
            }
            // A value that cannot be read is not one that was written.
            let pas = Brute::lire(row).map_err(|_| Rupture::Contenu);
            if let Err(pourquoi) = pas.and_then(|brute| marche.pas(&brute)) {
                return Ok(Chaine::Rompue { numero: attendu, pourquoi });
            }
        }
        let fin = if tete(&base)? != (marche.numero, marche.empreinte) {
            Some((marche.numero.saturating_add(1), Rupture::Fin))
        } else if marche.purge.is_some() {
            Some((numero, Rupture::Ancre))
        } else {
            marche.note.map(|_| (marche.numero, Rupture::Note))
        };
        Ok(match fin {
            Some((numero, pourquoi)) => Chaine::Rompue { numero, pourquoi },
            None => Chaine::Entiere {
                premiere: numero.saturating_add(1),
                derniere: marche.numero,
                empreinte: blake3::Hash::from(marche.empreinte).to_hex().to_string(),
            },
        })
    }
}
