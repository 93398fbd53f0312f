//! My commune: a month of an employer, what needs attention first, then its agents.

mod attention;
mod exports;

use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::commun::{
    Filtres, adresse, au_dessus, compte, demande, etat_du_mois, filtres, mois_demande,
    montant_connu, tranche, trouve, vers_agent, vers_bulletin, vers_employeur,
};
use crate::serve::base::Action;
use crate::serve::droits::Droit;
use crate::serve::html::{
    Alerte, Chiffre, Colonne, Etat, Lien, Page, alerte, chiffres, etiquette, montant, onglets,
    page, pagination, tableau, vide,
};
use crate::serve::registre::{Chez, ContratDuMois, EtatMois, MoisVu, Refus, Tableau};
use crate::serve::web::{Champs, Connecte, Erreur, Partage};

/// Contracts on a page.
const PAR_PAGE: usize = 50;

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/e/{siret}", get(employeur))
        .route("/e/{siret}/bulletins.csv", get(exports::bulletins))
        .route("/e/{siret}/anomalies.csv", get(exports::anomalies))
}

async fn employeur(
    qui: Connecte,
    Path(siret): Path<String>,
    query: RawQuery,
) -> Result<Response, Erreur> {
    let chez = qui.chez(&siret)?;
    let champs = demande(query);
    let vu = mois_demande(&champs, &chez)?;
    let entree = qui.entree(Action::ConsultationEmployeur);
    qui.noter(entree.employeur(chez.siret()).mois(vu.mois)).await?;
    match chez.tableau(vu.mois).await {
        Ok(tableau) => {
            let corps = corps(&chez, &tableau, &champs);
            Ok(ecran(&qui, &chez, &vu, corps)?.into_response())
        }
        // The other months can still be chosen.
        Err(Refus::Impossible(pourquoi)) => {
            let titre = "Ce mois ne peut pas être calculé";
            let corps = alerte(Alerte::Erreur, titre, &html! { p { (pourquoi) } });
            Ok((StatusCode::CONFLICT, ecran(&qui, &chez, &vu, corps)?).into_response())
        }
        Err(refus) => Err(refus.into()),
    }
}

fn ecran(qui: &Connecte, chez: &Chez, vu: &MoisVu, corps: Markup) -> Result<Markup, Erreur> {
    let entete = qui.entete()?;
    let (courant, dessus) = au_dessus(qui);
    let fil: Vec<Lien> = dessus.into_iter().collect();
    let siret = chez.siret();
    let ouvert = chez.ouvert();
    let vers = |table: &str| {
        let mois = vu.mois.to_string();
        adresse(&format!("{}/{table}.csv", vers_employeur(siret)), &[("mois", &mois)])
    };
    let actions = html! {
        @if qui.compte().role.peut(Droit::Saisir) {
            a.bouton href={ (vers_employeur(siret)) "/elements/" (ouvert) } {
                "Éléments variables " (ouvert.french_of())
            }
        }
        a.bouton.second href=(vers("bulletins")) { "Exporter les bulletins" }
        a.bouton.second href=(vers("anomalies")) { "Exporter les anomalies" }
    };
    let corps = html! { (choix_du_mois(chez, vu)) (corps) };
    Ok(page(Page {
        titre: &format!("{}, {}", chez.employeur().nom, vu.mois.french()),
        chapeau: etat_du_mois(vu),
        actions,
        compte: Some(&entete),
        fil: &fil,
        courant,
        corps,
        ..Page::default()
    }))
}

fn choix_du_mois(chez: &Chez, vu: &MoisVu) -> Markup {
    let mot = |etat: EtatMois| match etat {
        EtatMois::Clos => " (clos)",
        EtatMois::Prepare => " (préparé)",
        EtatMois::Valide => " (validé)",
        EtatMois::Ouvert => "",
    };
    html! {
        form.filtres method="get" action=(vers_employeur(chez.siret())) {
            div {
                label for="mois" { "Mois" }
                select id="mois" name="mois" {
                    @for un in chez.mois() {
                        option value=(un.mois) selected[un.mois == vu.mois] {
                            (un.mois.french())
                            @if un.mois == chez.ouvert() { " (en cours)" }
                            @else { (mot(un.etat)) }
                        }
                    }
                }
            }
            button.bouton.second type="submit" { "Changer de mois" }
        }
    }
}

fn corps(chez: &Chez, tableau: &Tableau, champs: &Champs) -> Markup {
    html! {
        (sommes(tableau))
        (attention::a_regler(chez, tableau))
        (agents(chez, tableau, champs))
    }
}

fn sommes(tableau: &Tableau) -> Markup {
    let totaux = &tableau.totaux;
    let payables = totaux.contrats.saturating_sub(totaux.bloques);
    let sans = match totaux.bloques {
        0 => Markup::default(),
        _ => html! { "hors contrats bloqués" },
    };
    let chiffre = |libelle: &str, valeur: Markup, note: Markup| Chiffre {
        libelle: libelle.to_owned(),
        valeur,
        note,
    };
    let payes = html! { (compte(payables, "payable", "payables")) };
    let bloques = match totaux.bloques {
        0 => html! { "0" },
        nombre => html! { span.bloque { (nombre) } },
    };
    chiffres(&[
        chiffre("Contrats", html! { (totaux.contrats) }, payes),
        chiffre("Bloqués", bloques, Markup::default()),
        chiffre("Brut", montant(totaux.brut), sans.clone()),
        chiffre("Net à payer", montant(totaux.net_a_payer), sans.clone()),
        chiffre("Coût employeur", montant(totaux.cout_employeur), sans),
    ])
}

/// Which contracts are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voir {
    Tous,
    Bloques,
    Remarques,
}

impl Voir {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Tous, "", "Tous"),
        (Self::Bloques, "bloques", "Bloqués"),
        (Self::Remarques, "a-voir", "À voir"),
    ];

    /// Of the word of an address; a word that is not one shows all.
    fn lire(mot: &str) -> (Self, &'static str) {
        let found = Self::ALL.into_iter().find(|(_, nom, _)| *nom == mot);
        found.map_or((Self::Tous, ""), |(voir, nom, _)| (voir, nom))
    }

    fn garde(self, contrat: &ContratDuMois) -> bool {
        match self {
            Self::Tous => true,
            Self::Bloques => !contrat.payable,
            Self::Remarques => !contrat.remarques.is_empty(),
        }
    }
}

fn agents(chez: &Chez, tableau: &Tableau, champs: &Champs) -> Markup {
    let (siret, mois) = (chez.siret(), tableau.mois.mois);
    let (saisi, (voir, mot)) = (champs.un("q"), Voir::lire(champs.un("voir")));
    let (action, mois_texte) = (vers_employeur(siret), mois.to_string());
    let trouves: Vec<&ContratDuMois> =
        tableau.contrats.iter().filter(|contrat| trouve(saisi, &texte(contrat))).collect();
    let gardes: Vec<&ContratDuMois> =
        trouves.iter().copied().filter(|contrat| voir.garde(contrat)).collect();
    let (part, numero, pages) = tranche(&gardes, champs, PAR_PAGE);
    let vers = |mot: &str, page: usize| {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let champs = [("mois", mois_texte.as_str()), ("q", saisi), ("voir", mot), ("page", &page)];
        format!("{}#agents", adresse(&action, &champs))
    };
    let liens = Voir::ALL.map(|(voir, mot, libelle)| {
        let nombre = trouves.iter().filter(|contrat| voir.garde(contrat)).count();
        Lien::new(format!("{libelle} ({nombre})"), vers(mot, 1))
    });
    html! {
        section {
            h2 { "Agents" }
            (filtres(&Filtres {
                action: &action,
                libelle: "Chercher un agent\u{a0}: nom, matricule ou grade",
                saisi,
                listes: &[],
                garde: &[("mois", &mois_texte), ("voir", mot)],
                cible: "#agents",
            }))
            div #agents {
                (onglets("Contrats montrés", &liens, &vers(mot, 1)))
                @if part.is_empty() {
                    (rien(&action, &mois_texte, saisi, voir))
                } @else {
                    (table(chez, tableau, part, gardes.len()))
                    (pagination(numero, pages, |page| vers(mot, page)))
                }
            }
        }
    }
}

/// What is searched in.
fn texte(un: &ContratDuMois) -> String {
    format!("{} {} {} {}", un.nom, un.prenom, un.agent, un.situation)
}

fn rien(action: &str, mois: &str, saisi: &str, voir: Voir) -> Markup {
    let tous = Lien::new("Voir tous les agents", adresse(action, &[("mois", mois)]));
    match (saisi.is_empty(), voir) {
        (false, _) => vide("Aucun agent ne correspond à cette recherche.", Some(&tous)),
        (true, Voir::Bloques) => vide("Aucun bulletin n’est bloqué ce mois-ci.", Some(&tous)),
        (true, Voir::Remarques) => vide("Il n’y a rien à regarder ce mois-ci.", Some(&tous)),
        (true, Voir::Tous) => vide("Aucun agent n’a de contrat ce mois-ci.", None),
    }
}

fn table(chez: &Chez, tableau_: &Tableau, part: &[&ContratDuMois], total: usize) -> Markup {
    let (siret, mois) = (chez.siret(), tableau_.mois.mois);
    let situations = tableau_.contrats.iter().any(|contrat| !contrat.situation.is_empty());
    let mut colonnes = vec![Colonne::texte("Agent")];
    if situations {
        colonnes.push(Colonne::texte("Situation"));
    }
    colonnes.extend(["Brut", "Net à payer"].map(Colonne::nombre));
    colonnes.extend(["État", "Bulletin"].map(Colonne::texte));
    let ligne = |contrat: &&ContratDuMois| {
        let mut ligne = vec![html! {
            @if chez.connait(&contrat.agent) {
                a href=(vers_agent(siret, &contrat.agent)) { (nom(contrat)) }
            } @else {
                (nom(contrat))
            }
            span.precision { (contrat.agent) }
        }];
        if situations {
            ligne.push(html! { (contrat.situation) });
        }
        ligne.extend([
            montant_connu(contrat.brut),
            montant_connu(contrat.net_a_payer),
            etat(contrat),
            match contrat.contrat.as_str() {
                "" => Markup::default(),
                nom => html! {
                    a href=(vers_bulletin(siret, &contrat.agent, nom, mois)) {
                        "Bulletin" span.lu { " de " (self::nom(contrat)) }
                        " " (nom)
                    }
                },
            },
        ]);
        ligne
    };
    let lignes: Vec<Vec<Markup>> = part.iter().map(ligne).collect();
    tableau(&compte(total, "contrat", "contrats"), &colonnes, &lignes)
}

/// Name and first name, else the identifier.
fn nom(contrat: &ContratDuMois) -> String {
    let nom = format!("{} {}", contrat.nom, contrat.prenom);
    match nom.trim() {
        "" => contrat.agent.clone(),
        nom => nom.to_owned(),
    }
}

fn etat(contrat: &ContratDuMois) -> Markup {
    let nombre = contrat.remarques.len();
    html! {
        (etiquette(if contrat.payable { Etat::Payable } else { Etat::Bloque }))
        @if contrat.payable && nombre > 0 {
            span.precision { (compte(nombre, "point à voir", "points à voir")) }
        }
    }
}

#[cfg(test)]
mod tests;
