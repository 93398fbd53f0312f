//! What `elements.csv` holds of one employer, and what a new row is to it.

use std::collections::BTreeMap;

use super::jugement::{Constat, Effet, dit_la_meme_chose, nombres};
use super::messages::cite;
use super::valeurs::{Colonne, Valeurs};
use crate::calendar::{Day, PayPeriod};
use crate::domain::{Element, Siret};
use crate::io::{ElementReader, ElementsFile, PoolContext};

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LigneStockee {
    /// Its first line in `elements.csv`.
    pub ligne: u32,
    /// Its cells.
    pub valeurs: Valeurs,
    /// What the pool reads; none: it refuses the row.
    pub element: Option<Element>,
    /// Whether the row has a day in the month; one that cannot be read always has.
    pub du_mois: bool,
    /// Whether a row learned later takes its place.
    pub corrigee: bool,
    /// Digest of its bytes, which names it in a form.
    pub cle: String,
}

impl LigneStockee {
    /// Whether the row counts in the month.
    pub fn compte(&self) -> bool {
        self.du_mois && !self.corrigee && !self.est_retiree()
    }

    /// Whether the row says that an earlier one is paid no more.
    pub fn est_retiree(&self) -> bool {
        let Some(element) = &self.element else { return false };
        let zero = |(_, value): &(Colonne, Option<crate::num::Fixed>)| {
            value.is_none_or(|value| value.mantissa() == 0)
        };
        element.montant_paye.is_some() && nombres(element).iter().all(zero)
    }

    /// The row that says, from a day on, that this one is paid no more: an amount of zero paid as
    /// it stands holds whatever the rubrique computes, and its other numbers say nothing to who
    /// adds them up. None: what is paid cannot be read.
    pub fn retrait(&self, aujourdhui: Day) -> Option<Valeurs> {
        let mut zero = self.valeurs.clone().with(Colonne::ConnuLe, aujourdhui.to_string());
        for (column, value) in nombres(self.element.as_ref()?) {
            if value.is_some() {
                zero.set(column, "0");
            }
        }
        Some(zero.with(Colonne::MontantPaye, "0"))
    }
}

/// What rows that may replace each other have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identite {
    agent: String,
    contrat: String,
    rubrique: String,
    libelle: Option<String>,
    mois_origine: Option<PayPeriod>,
}

impl Identite {
    pub(super) fn of(agent: &str, element: &Element) -> Self {
        let (_, contrat, rubrique, libelle, mois_origine) = element.identity();
        Self {
            agent: agent.trim().to_owned(),
            contrat: contrat.to_owned(),
            rubrique: rubrique.to_owned(),
            libelle: libelle.map(str::to_owned),
            mois_origine,
        }
    }
}

/// A stored row and what the pool reads there.
pub(super) type Lue<'s> = (&'s LigneStockee, &'s Element);

/// Stored rows by what they are about.
pub(super) struct Index<'s>(BTreeMap<Identite, Vec<Lue<'s>>>);

impl<'s> Index<'s> {
    pub(super) fn new(stored: &'s [LigneStockee]) -> Self {
        let mut rows: BTreeMap<Identite, Vec<_>> = BTreeMap::new();
        for row in stored {
            if let Some(element) = &row.element {
                let about = Identite::of(row.valeurs.get(Colonne::Agent), element);
                rows.entry(about).or_default().push((row, element));
            }
        }
        Self(rows)
    }

    fn about(&self, agent: &str, element: &Element) -> &[Lue<'s>] {
        self.0.get(&Identite::of(agent, element)).map_or(&[], Vec::as_slice)
    }

    /// The rows that a new one says anew, the last known last.
    pub(super) fn memes(&self, agent: &str, element: &Element) -> Vec<Lue<'s>> {
        let about = self.about(agent, element).iter().copied();
        let mut found: Vec<_> =
            about.filter(|(_, other)| other.dated.depuis == element.dated.depuis).collect();
        found.sort_by_key(|(row, other)| (other.dated.connu_le, row.ligne));
        found
    }
}

/// What the rows of an employer and a month were when somebody looked at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// The form that a page carries: 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads that form; none: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| Self(text.to_ascii_lowercase()))
    }
}

/// The rows of an employer, in the order of the file, and the version of those of a month.
pub(super) fn lignes(
    file: &ElementsFile<'_>,
    siret: Siret,
    mois: PayPeriod,
) -> (Version, Vec<LigneStockee>) {
    let nowhere = PoolContext::default();
    let mut reader = ElementReader::new(&nowhere, siret);
    let mut digest = blake3::Hasher::new();
    let mut found = Vec::new();
    for row in file.rows().iter().filter(|row| file.is_of(row, siret)) {
        let raw = file.raw(row);
        let cells = file.values(row);
        let element = cells.as_ref().and_then(|cells| reader.read(row.line, cells).0);
        let du_mois = element.as_ref().is_none_or(|element| {
            element.dated.depuis <= mois.last_day() && element.dated.lasts(mois.first_day())
        });
        if du_mois {
            digest.update(&u64::try_from(raw.len()).unwrap_or(u64::MAX).to_le_bytes());
            digest.update(raw);
        }
        let valeurs = Valeurs::of(cells.unwrap_or_default());
        let cle = blake3::hash(raw).to_hex().to_string();
        let corrigee = false;
        found.push(LigneStockee { ligne: row.line, valeurs, element, du_mois, corrigee, cle });
    }
    mark_corrected(&mut found);
    (Version(digest.finalize().to_hex().to_string()), found)
}

/// Marks the rows that a row of the same start, learned later, replaces.
fn mark_corrected(rows: &mut [LigneStockee]) {
    let key = |row: &LigneStockee| {
        let element = row.element.as_ref()?;
        let about = Identite::of(row.valeurs.get(Colonne::Agent), element);
        Some((about, element.dated.depuis, element.dated.fin.is_some()))
    };
    let known = |row: &LigneStockee| row.element.as_ref().and_then(|row| row.dated.connu_le);
    let mut last: BTreeMap<_, Option<Day>> = BTreeMap::new();
    for row in rows.iter() {
        if let Some(key) = key(row) {
            let latest = last.entry(key).or_insert(known(row));
            *latest = (*latest).max(known(row));
        }
    }
    for row in rows {
        let latest = key(row).and_then(|key| last.get(&key).copied());
        row.corrigee = latest.is_some_and(|latest| known(row) < latest);
    }
}

/// What storing a row today would do, with what should be known of it. Error: why it cannot be.
pub(super) fn effet(
    agent: &str,
    element: &Element,
    stored: &Index<'_>,
    today: Day,
) -> Result<(Effet, Vec<Constat>), Box<Constat>> {
    let same = stored.memes(agent, element);
    let Some((last, former)) = same.last() else {
        return Ok((Effet::Nouvelle, voisines(agent, element, stored)));
    };
    if let Some(later) = former.dated.connu_le.filter(|known| *known > today) {
        let message = format!(
            "La ligne déjà enregistrée est du {}, après aujourd’hui\u{202f}: elle l’emporterait.",
            later.french()
        );
        let remede = "Demandez à l’opérateur de corriger cette ligne de elements.csv.";
        return Err(Box::new(Constat::bloquant(None, message, remede)));
    }
    // A row with an end and one without never replace each other: both would be paid.
    let closed = element.dated.fin.is_some();
    let other = same.iter().find(|(_, former)| {
        former.dated.connu_le != Some(today) && former.dated.fin.is_some() != closed
    });
    if let Some((other, _)) = other {
        let (has, needs) = match closed {
            true => ("sans date de fin", "laissez aussi «\u{a0}fin\u{a0}» vide"),
            false => ("avec une date de fin", "donnez aussi une date de fin"),
        };
        let message = format!(
            "La ligne déjà enregistrée depuis le {} est {has}\u{202f}: les deux s’ajouteraient.",
            element.dated.depuis.french()
        );
        let remede = format!("Pour la corriger, {needs}\u{202f}; elle vaut {}.", resume(other));
        return Err(Box::new(Constat::bloquant(Some(Colonne::Fin), message, remede)));
    }
    if dit_la_meme_chose(former, element) {
        return Ok((Effet::Inchangee, Vec::new()));
    }
    let ancienne = last.valeurs.clone();
    let effet = match former.dated.connu_le == Some(today) {
        true => Effet::Remplace { ancienne },
        false => Effet::Corrige { ancienne },
    };
    let message = format!("Corrige la ligne déjà enregistrée\u{202f}: {}.", resume(last));
    let remede = "Vérifiez l’ancienne et la nouvelle valeur.";
    Ok((effet, vec![Constat::note(None, message, remede)]))
}

/// The numbers of a stored row, in words.
fn resume(row: &LigneStockee) -> String {
    let Some(element) = &row.element else { return "illisible".to_owned() };
    let said = nombres(element).into_iter().filter_map(|(column, value)| {
        Some(format!("{} {}", column.french().to_lowercase(), value?.french()))
    });
    let said = said.collect::<Vec<_>>().join(", ");
    if said.is_empty() { "sans nombre".to_owned() } else { said }
}

/// Rows of the same rubrique and label that start another day: replaced, or added to.
fn voisines(agent: &str, element: &Element, stored: &Index<'_>) -> Vec<Constat> {
    let mut notes = Vec::new();
    let about = stored.about(agent, element).iter();
    for (row, other) in about.filter(|(row, _)| row.compte()) {
        let start = other.dated.depuis.french();
        let open = element.dated.fin.is_none() && other.dated.fin.is_none();
        let (message, remede) = match open && other.dated.depuis < element.dated.depuis {
            true => (
                format!("Prend la suite de la ligne commencée le {start} ({}).", resume(row)),
                "Rien à faire si c’est voulu.",
            ),
            false => (
                format!(
                    "S’ajoute à la ligne de {} commencée le {start} ({}).",
                    cite(&element.rubrique),
                    resume(row)
                ),
                "Pour la corriger plutôt, donnez la même date de début.",
            ),
        };
        notes.push(Constat::note(None, message, remede));
    }
    notes
}
