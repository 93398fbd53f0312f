//! What pages are made of: layout, tables, forms, amounts, the payslip.
//!
//! Components return [`maud::Markup`]: texts are escaped by construction. They follow the security
//! policy of the pages (no inline style, no script, no handler) and work without JavaScript.
//!
//! May import: `bulletin`, `explain`, `droits` and below. Must not know: requests, sessions, files.

mod bulletin;
mod champs;
mod comparaison;
mod elements;
mod explication;
mod page;
mod rappel;
mod statique;
mod tableau;
mod texte;

pub use bulletin::{Tirage, bulletin};
pub use champs::{
    CHAMP_JETON, Champ, Choix, Formulaire, Genre, boutons, case, champ_nombre, champ_texte, choix,
    fichier, formulaire, groupe, jeton, resume_erreurs,
};
pub use comparaison::comparaison;
pub use elements::{
    Alerte, Chiffre, Etat, Icone, alerte, chiffres, etiquette, fiche, icone, onglets, vide,
};
pub use explication::{explication, explication_pliee};
pub use page::{EnteteCompte, Lien, Page, feuille, page};
pub use rappel::rappel;
pub use statique::{chemin, statique};
pub use tableau::{Colonne, Recherche, pagination, recherche, tableau};
pub use texte::{ecart, jour, majuscule, mois_fr, montant, montant_ou_bloque, taux};

#[cfg(test)]
mod tests;
