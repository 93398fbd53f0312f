//! Judged rows, in tables: what is wrong, what would be stored, what would be withdrawn.

use maud::{Markup, html};

use crate::serve::html::{Colonne as Titre, tableau};
use crate::serve::pages::elements::liste::{nombres, periode};
use crate::serve::pages::elements::sujet::Sujet;
use crate::serve::saisie::{Colonne, Constat, Effet, LigneJugee, Valeurs};

use super::Examen;

/// Rows that a page shows; the others are counted, and those that are wrong can be downloaded.
const MONTREES: usize = 200;

/// What forbids to store a row. The contract comes with the agent: without one, one thing is said.
pub fn bloquants(row: &LigneJugee) -> impl Iterator<Item = &Constat> {
    let sans_agent = row.valeurs.get(Colonne::Agent).is_empty();
    let once = move |constat: &&Constat| !(sans_agent && constat.champ == Some(Colonne::Contrat));
    row.constats.iter().filter(|constat| constat.bloquant).filter(once)
}

/// The rows that are wrong.
pub fn bloquees(sujet: &Sujet, examen: &Examen) -> Markup {
    let rows = || examen.lignes.iter().filter(|row| row.est_bloquee());
    let lignes: Vec<Vec<Markup>> = rows()
        .take(MONTREES)
        .map(|row| {
            let mut cellules = qui(sujet, row);
            cellules.push(html! {
                ul.remarques {
                    @for constat in bloquants(row) {
                        li { strong { (constat.message) } " " (constat.remede) }
                    }
                }
            });
            cellules
        })
        .collect();
    let titres = ["Ligne", "Agent", "Rubrique", "Ce qui ne va pas, et que faire"].map(Titre::texte);
    let legende = format!("Lignes à corriger\u{a0}: {}", rows().count());
    table(&legende, &titres, &lignes, rows().count())
}

/// The rows that can be stored, and what storing each would do.
pub fn justes(sujet: &Sujet, examen: &Examen) -> Markup {
    let count = examen.justes().count();
    let lignes: Vec<Vec<Markup>> = examen
        .justes()
        .take(MONTREES)
        .map(|row| {
            let mut cellules = qui(sujet, row);
            let element = row.element(sujet.siret());
            match &element {
                Some(element) => {
                    cellules.extend(nombres(element));
                    cellules.push(periode(element));
                }
                None => cellules.extend(std::iter::repeat_n(Markup::default(), 5)),
            }
            cellules.push(effet(row));
            cellules
        })
        .collect();
    let mut titres = ["Ligne", "Agent", "Rubrique"].map(Titre::texte).to_vec();
    titres.extend(["Nombre", "Base", "Taux", "Montant"].map(Titre::nombre));
    titres.extend(["Période", "Effet"].map(Titre::texte));
    table(&format!("Lignes justes\u{a0}: {count}"), &titres, &lignes, count)
}

/// The stored rows that would be withdrawn.
pub fn retirees(sujet: &Sujet, examen: &Examen) -> Markup {
    let each = examen.retirer.iter().filter_map(|row| {
        let element = row.element.as_ref()?;
        let mut cellules = identite(sujet, &row.valeurs);
        cellules.extend(nombres(element));
        cellules.push(periode(element));
        Some(cellules)
    });
    let lignes: Vec<Vec<Markup>> = each.collect();
    let mut titres = ["Agent", "Rubrique"].map(Titre::texte).to_vec();
    titres.extend(["Nombre", "Base", "Taux", "Montant"].map(Titre::nombre));
    titres.push(Titre::texte("Période"));
    table("Éléments à retirer\u{a0}: ils ne compteront plus", &titres, &lignes, lignes.len())
}

fn table(legende: &str, titres: &[Titre], lignes: &[Vec<Markup>], toutes: usize) -> Markup {
    html! {
        @if !lignes.is_empty() {
            section {
                (tableau(legende, titres, lignes))
                @if toutes > lignes.len() {
                    p {
                        "Les " (lignes.len()) " premières sont montrées, sur " (toutes) "."
                    }
                }
            }
        }
    }
}

/// The number of a row, its agent, its rubrique.
fn qui(sujet: &Sujet, row: &LigneJugee) -> Vec<Markup> {
    let mut cellules = vec![html! { (row.numero) }];
    cellules.extend(identite(sujet, &row.valeurs));
    cellules
}

fn identite(sujet: &Sujet, valeurs: &Valeurs) -> Vec<Markup> {
    let (agent, code) = (valeurs.get(Colonne::Agent), valeurs.get(Colonne::Rubrique));
    let (nom, libelle) = (sujet.nom(agent.trim()), sujet.libelle(code.trim()));
    vec![
        html! { span { @if nom.is_empty() { (agent) } @else { (nom) br; small { (agent) } } } },
        html! {
            span {
                @if libelle.is_empty() { (code) } @else { (libelle) br; small { (code) } }
                @let propre = valeurs.get(Colonne::Libelle);
                @if !propre.is_empty() { br; small { "«\u{a0}" (propre) "\u{a0}»" } }
            }
        },
    ]
}

fn effet(row: &LigneJugee) -> Markup {
    let mot = match row.effet {
        Effet::Nouvelle => "Nouvel élément.",
        Effet::Corrige { .. } | Effet::Remplace { .. } => "Corrige un élément enregistré.",
        Effet::Inchangee => "Déjà enregistré\u{a0}: rien à changer.",
        Effet::Refusee => "",
    };
    html! {
        span {
            (mot)
            @for constat in &row.constats {
                br; small { (constat.message) " " (constat.remede) }
            }
        }
    }
}
