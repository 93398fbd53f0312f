//! What a request is about: an employer, the month being prepared, and all that judges a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::calendar::{Day, PayPeriod};
use crate::domain::{Siret, canonical};
use crate::serve::base::Detail;
use crate::serve::html::{Alerte, Page, alerte, page};
use crate::serve::pages::commun::vers_bulletin;
use crate::serve::registre::{Chez, EtatMois, MoisVu};
use crate::serve::saisie::{
    Actuelles, Contexte, ContratConnu, Deposeur, ErreurDepot, LigneStockee, Referentiel,
};
use crate::serve::web::{Connecte, Erreur, Partage, horloge};

/// A month that may be changed, with what its rows are judged with.
pub struct Sujet {
    pub chez: Chez,
    pub mois: PayPeriod,
    pub etat: EtatMois,
    pub aujourdhui: Day,
    pub contrats: Vec<ContratConnu>,
    pub referentiel: Arc<Referentiel>,
    pub actuelles: Actuelles,
}

/// How a month is entered.
pub enum Acces {
    /// It is being prepared.
    Ouvert(Box<Sujet>),
    /// It is not, or no longer.
    Ferme(Ferme),
}

/// A month that takes no element.
pub struct Ferme {
    chez: Chez,
    vu: MoisVu,
}

impl Sujet {
    /// Enters the month of an employer, for who may change it.
    pub async fn ouvrir(qui: &Connecte, siret: &str, mois: &str) -> Result<Acces, Erreur> {
        let chez = super::entrer(qui, siret)?;
        let mois = PayPeriod::parse(mois).map_err(|_| Erreur::Introuvable)?;
        let vu = chez.mois_vu(mois)?;
        if mois != chez.ouvert() || vu.etat == EtatMois::Clos {
            return Ok(Acces::Ferme(Ferme { chez, vu }));
        }
        let contrats = chez.contrats();
        let referentiel = qui.appli().registre.referentiel(mois)?;
        let siret = chez.siret();
        let actuelles = au_disque(qui.appli(), move |d| d.actuelles(siret, mois)).await?;
        let actuelles = actuelles.map_err(|error| illisible(&error))?;
        let aujourdhui = horloge::aujourd_hui();
        let etat = vu.etat;
        Ok(Acces::Ouvert(Box::new(Self {
            chez,
            mois,
            etat,
            aujourdhui,
            contrats,
            referentiel,
            actuelles,
        })))
    }

    /// The employer.
    pub fn siret(&self) -> Siret {
        self.chez.siret()
    }

    /// What rows are judged with.
    pub fn contexte(&self) -> Contexte<'_> {
        Contexte {
            siret: self.siret(),
            mois: self.mois,
            aujourdhui: self.aujourdhui,
            contrats: &self.contrats,
            referentiel: &self.referentiel,
            stockees: &self.actuelles.lignes,
        }
    }

    /// The title of the page of the month.
    pub fn titre(&self) -> String {
        format!("Éléments variables {}", self.mois.french_of())
    }

    /// An address of this month; `suite` begins with a slash, or is empty.
    pub fn adresse(&self, suite: &str) -> String {
        format!("/e/{}/elements/{}{suite}", self.siret(), self.mois)
    }

    /// The address of a payslip.
    pub fn bulletin(&self, agent: &str, contrat: &str) -> String {
        vers_bulletin(self.siret(), agent, contrat, self.mois)
    }

    /// The name of an agent; empty when nobody has this number here.
    pub fn nom(&self, agent: &str) -> String {
        let known = self.contrats.iter().find(|known| known.agent == agent);
        known.map_or_else(String::new, nom_de)
    }

    /// Names of agents, for a page that shows many.
    pub fn noms(&self) -> BTreeMap<&str, String> {
        self.contrats.iter().map(|known| (known.agent.as_str(), nom_de(known))).collect()
    }

    /// The contracts that have a day in the month.
    pub fn presents(&self) -> impl Iterator<Item = &ContratConnu> {
        self.contrats.iter().filter(|known| known.couvre(self.mois))
    }

    /// The agent and the contract that a text stands for: an entry of the list, or a number or a
    /// name that only one contract has. Another text is kept as the number of an agent: the
    /// judgement then says that nobody has it.
    pub fn contrat_saisi(&self, texte: &str) -> (String, String) {
        let texte = texte.trim();
        let wanted = canonical(texte);
        let listed = self.contrats.iter().find(|known| entree(known) == texte);
        let found = listed
            .or_else(|| self.seul(|known| known.agent == texte))
            .or_else(|| self.seul(|known| canonical(&nom_de(known)) == wanted));
        match found {
            Some(known) => (known.agent.clone(), known.contrat.clone()),
            None => (texte.to_owned(), texte.to_owned()),
        }
    }

    /// The only contract that fits, among those of the month first.
    fn seul(&self, fits: impl Fn(&ContratConnu) -> bool) -> Option<&ContratConnu> {
        let mut here = self.presents().filter(|known| fits(known));
        match (here.next(), here.next()) {
            (Some(one), None) => return Some(one),
            (Some(_), Some(_)) => return None,
            (None, _) => {}
        }
        let mut all = self.contrats.iter().filter(|known| fits(known));
        let one = all.next();
        one.filter(|_| all.next().is_none())
    }

    /// The entry of the list of contracts, for an agent and a contract.
    pub fn entree_de(&self, agent: &str, contrat: &str) -> String {
        let mut known = self.contrats.iter();
        let known = known.find(|known| known.agent == agent && known.contrat == contrat);
        known.map_or_else(|| agent.to_owned(), entree)
    }

    /// The code of a rubrique that was typed by its code, its entry of the list or its label.
    pub fn rubrique_saisie(&self, texte: &str) -> String {
        let texte = texte.trim();
        let code = texte.split_once(" — ").map_or(texte, |(code, _)| code.trim());
        if self.referentiel.rubrique(code).is_some() {
            return code.to_owned();
        }
        let wanted = canonical(texte);
        let mut same = self.referentiel.saisissables().filter(|known| {
            canonical(&known.libelle) == wanted || known.code.eq_ignore_ascii_case(texte)
        });
        match (same.next(), same.next()) {
            (Some(one), None) => one.code.clone(),
            _ => texte.to_owned(),
        }
    }

    /// The label of a rubrique.
    pub fn libelle(&self, code: &str) -> &str {
        self.referentiel.rubrique(code).map_or("", |known| &known.libelle)
    }

    /// The stored row of a key, if it is in force.
    pub fn stockee(&self, cle: &str) -> Option<&LigneStockee> {
        self.actuelles.lignes.iter().find(|row| row.cle == cle && row.compte())
    }
}

/// The entry of a contract in the list: a name to search, then what tells it from others.
pub fn entree(known: &ContratConnu) -> String {
    format!("{} — {} / {}", nom_de(known), known.agent, known.contrat)
}

fn nom_de(known: &ContratConnu) -> String {
    format!("{} {}", known.nom, known.prenom).trim().to_owned()
}

/// The detail of an entry of the log: what is looked at.
pub fn detail(quoi: &str) -> Detail {
    Detail::default().mot("quoi", quoi)
}

/// Does what waits for the disk where it holds no other request.
pub async fn au_disque<T: Send + 'static>(
    appli: &Partage,
    travail: impl FnOnce(&Deposeur) -> T + Send + 'static,
) -> Result<T, Erreur> {
    let appli = Arc::clone(appli);
    let done = tokio::task::spawn_blocking(move || travail(&appli.deposeur)).await;
    done.map_err(|error| Erreur::Interne(error.to_string()))
}

/// The rows cannot be read: the page cannot be shown.
pub fn illisible(error: &ErreurDepot) -> Erreur {
    eprintln!("paie serve: {error}");
    Erreur::Indisponible(error.francais())
}

impl Ferme {
    /// Says why, and where a late element goes.
    pub fn page(&self, qui: &Connecte) -> Result<(StatusCode, Markup), Erreur> {
        let (mois, ouvert) = (self.vu.mois, self.chez.ouvert());
        let titre = format!("Éléments variables {}", mois.french_of());
        let clos = self.vu.etat == EtatMois::Clos;
        let quoi = if clos { "est clos" } else { "n’est plus le mois en préparation" };
        let quoi = format!("{} {quoi}\u{a0}: il ne reçoit plus d’élément", mois.french());
        let vers = format!("/e/{}/elements/{ouvert}", self.chez.siret());
        let suite = html! {
            p { "Rien n’a été enregistré. Ses bulletins restent comme ils ont été payés." }
            @if mois == ouvert {
                p {
                    "Un élément en retard se saisit dans le mois suivant, dès qu’il sera ouvert."
                }
            } @else {
                p {
                    "Un élément en retard se saisit dans le mois en préparation, "
                    (ouvert.french()) ", avec " strong { (mois) }
                    " dans «\u{a0}Mois d’origine\u{a0}»\u{a0}: le bulletin dira à quel mois il se \
                     rapporte."
                }
                p { a.bouton href=(vers) { "Éléments variables " (ouvert.french_of()) } }
            }
        };
        let compte = qui.entete()?;
        let corps = alerte(Alerte::Information, &quoi, &suite);
        let (courant, fil) = super::dessus(qui, &self.chez);
        let compte = Some(&compte);
        let page =
            page(Page { titre: &titre, compte, fil: &fil, courant, corps, ..Page::default() });
        Ok((StatusCode::OK, page))
    }
}
