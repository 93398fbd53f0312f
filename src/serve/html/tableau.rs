//! Tables that become cards on a phone, their search and their pages.

use maud::{Markup, html};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colonne {
    titre: String,
    nombre: bool,
}

impl Colonne {
    /// A column of words.
    pub fn texte(titre: impl Into<String>) -> Self {
        Self { titre: titre.into(), nombre: false }
    }

    /// A column of numbers, against the right.
    pub fn nombre(titre: impl Into<String>) -> Self {
        Self { titre: titre.into(), nombre: true }
    }
}

/// A table. The first cell of a row names it. On a phone each row is a card, where the title of a
/// column stands before its cell; roles are written out, since cards are no table to a browser.
pub fn tableau(legende: &str, colonnes: &[Colonne], lignes: &[Vec<Markup>]) -> Markup {
    html! {
        table.tableau role="table" {
            caption { (legende) }
            thead role="rowgroup" {
                tr role="row" {
                    @for colonne in colonnes {
                        th.nombre[colonne.nombre] scope="col" role="columnheader" {
                            (colonne.titre)
                        }
                    }
                }
            }
            tbody role="rowgroup" {
                @for ligne in lignes { tr role="row" { (cellules(colonnes, ligne)) } }
            }
        }
    }
}

fn cellules(colonnes: &[Colonne], ligne: &[Markup]) -> Markup {
    html! {
        @for (place, (colonne, contenu)) in colonnes.iter().zip(ligne).enumerate() {
            @if place == 0 {
                th scope="row" role="rowheader" { (contenu) }
            } @else {
                td.nombre[colonne.nombre].sans[contenu.0.is_empty()] role="cell"
                    data-l=(colonne.titre) { (contenu) }
            }
        }
    }
}

/// Links to the pages of a list, numbered from 1; nothing when there is a single page.
pub fn pagination(page: usize, pages: usize, adresse: impl Fn(usize) -> String) -> Markup {
    let voisines = page.saturating_sub(1).max(1)..=page.saturating_add(1).min(pages);
    let montrees: Vec<usize> =
        (1..=pages).filter(|n| *n == 1 || *n == pages || voisines.contains(n)).collect();
    let avant = |rang: usize| rang.checked_sub(1).and_then(|rang| montrees.get(rang)).copied();
    html! {
        @if pages > 1 {
            nav.pagination aria-label="Pages de la liste" {
                ul {
                    @if page > 1 {
                        li { a rel="prev" href=(adresse(page - 1)) { "Précédente" } }
                    }
                    @for (rang, numero) in montrees.iter().enumerate() {
                        @if avant(rang).is_some_and(|avant| avant + 1 < *numero) {
                            li.saut aria-hidden="true" { "…" }
                        }
                        @let ici = (*numero == page).then_some("page");
                        li {
                            a href=(adresse(*numero)) aria-current=[ici] {
                                span.lu { "Page " } (numero)
                            }
                        }
                    }
                    @if page < pages {
                        li { a rel="next" href=(adresse(page + 1)) { "Suivante" } }
                    }
                }
            }
        }
    }
}

/// A search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recherche<'a> {
    /// Where it is sent, by GET.
    pub action: &'a str,
    /// Label: what is searched.
    pub libelle: &'a str,
    /// Name and identifier of the field.
    pub nom: &'a str,
    /// What was typed.
    pub valeur: &'a str,
    /// Selector of what follows while typing (`#resultats`), taken from the page that the server
    /// answers; empty: only when sent.
    pub cible: &'a str,
}

/// A search form; it follows what is typed where a target is given, and works without it.
pub fn recherche(recherche: &Recherche<'_>) -> Markup {
    let vivante = !recherche.cible.is_empty();
    let (adresse, cible) =
        (vivante.then_some(recherche.action), vivante.then_some(recherche.cible));
    let quand = vivante.then_some("input changed delay:300ms");
    html! {
        form.recherche role="search" method="get" action=(recherche.action) {
            label for=(recherche.nom) { (recherche.libelle) }
            div {
                input id=(recherche.nom) name=(recherche.nom) type="search"
                    value=(recherche.valeur) autocomplete="off" spellcheck="false"
                    hx-get=[adresse] hx-target=[cible] hx-select=[cible] hx-swap="outerHTML"
                    hx-trigger=[quand] hx-replace-url=[vivante.then_some("true")];
                button.bouton type="submit" { "Rechercher" }
            }
        }
    }
}
