//! The accounts: who can sign in, as what, for which employers; create one.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::secrets::{Erreurs, employeurs, perimetre};
use crate::calendar::Day;
use crate::domain::{Siret, canonical};
use crate::serve::base::comptes::ouvert;
use crate::serve::base::{Action, BaseError, Changement, Detail, Fiche, PerimetreRefuse};
use crate::serve::droits::{Compte, Droit, Perimetre, Role};
use crate::serve::html::{
    self as composants, Alerte, Champ, Choix, Colonne, Formulaire, Genre, Icone, Lien, Page,
    Recherche, alerte, boutons, case, champ_texte, choix, formulaire, groupe, icone, page,
    pagination, recherche, tableau, vide,
};
use crate::serve::web::horloge::{aujourd_hui, lisible, maintenant};
use crate::serve::web::{Champs, Connecte, Erreur, Partage, Soumis};

const NOUVEAU: &str = "/comptes/nouveau";

/// Accounts on a page.
const PAR_PAGE: usize = 50;

/// Employers that a list of boxes shows besides those that are ticked.
const CASES: usize = 50;

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/comptes", get(liste))
        .route(NOUVEAU, get(demande).post(creer))
        .route("/comptes/employeurs", get(cases))
}

async fn liste(qui: Connecte, RawQuery(query): RawQuery) -> Result<Response, Erreur> {
    qui.exige(Droit::GererComptes)?;
    let demande = Champs::lire(query.unwrap_or_default().as_bytes());
    let saisi = demande.un("q");
    let cherche = canonical(saisi);
    let fiches: Vec<Fiche> =
        qui.appli().base.fiches()?.into_iter().filter(|fiche| trouve(fiche, &cherche)).collect();
    qui.noter(qui.entree(Action::ConsultationComptes)).await?;
    let pages = fiches.len().div_ceil(PAR_PAGE).max(1);
    let numero = demande.un("page").parse().unwrap_or(1).clamp(1, pages);
    let noms = employeurs(&qui);
    let debut = numero.saturating_sub(1).saturating_mul(PAR_PAGE);
    let montrees = fiches.iter().skip(debut).take(PAR_PAGE);
    let lignes = montrees.map(|fiche| ligne(&qui, fiche, &noms)).collect::<Result<Vec<_>, _>>()?;
    let colonnes = ["Compte", "Rôle", "Périmètre", "Dernier jour", "État", "Dernière connexion"];
    let adresse = |page: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", saisi).append_pair("page", &page.to_string());
        format!("/comptes?{}", query.finish())
    };
    let legende = match fiches.len() {
        1 => "1 compte".to_owned(),
        nombre => format!("{nombre} comptes"),
    };
    let corps = html! {
        (recherche(&Recherche {
            action: "/comptes",
            libelle: "Chercher un compte par nom, identifiant ou rôle",
            nom: "q",
            valeur: saisi,
            cible: "#resultats",
        }))
        div #resultats {
            @if fiches.is_empty() {
                (vide(
                    "Aucun compte ne correspond.",
                    Some(&Lien::new("Tous les comptes", "/comptes")),
                ))
            } @else {
                (tableau(&legende, &colonnes.map(Colonne::texte), &lignes))
                (pagination(numero, pages, adresse))
            }
        }
    };
    Ok(page(Page {
        titre: "Comptes",
        actions: html! { a.bouton href=(NOUVEAU) { "Créer un compte" } },
        compte: Some(&qui.entete()?),
        courant: "/comptes",
        corps,
        ..Page::default()
    })
    .into_response())
}

fn trouve(fiche: &Fiche, cherche: &str) -> bool {
    let Compte { identifiant, nom, role, .. } = &fiche.compte;
    [identifiant, nom, role.french()].iter().any(|texte| canonical(texte).contains(cherche))
}

fn ligne(
    qui: &Connecte,
    fiche: &Fiche,
    noms: &BTreeMap<Siret, String>,
) -> Result<Vec<Markup>, Erreur> {
    let compte = &fiche.compte;
    let adresse = format!("/comptes/{}", compte.id);
    Ok(vec![
        html! { a href=(adresse) { (compte.nom) } " " span.precision { (compte.identifiant) } },
        html! { (compte.role.french()) },
        perimetre(&compte.perimetre, noms, 3),
        html! { @if let Some(fin) = compte.fin { (composants::jour(&fin.to_string())) } },
        etats(qui, fiche)?,
        html! { @if let Some(quand) = fiche.connexion { (lisible(quand)) } },
    ])
}

/// Where an account stands, as badges.
pub(super) fn etats(qui: &Connecte, fiche: &Fiche) -> Result<Markup, Erreur> {
    let (compte, quand) = (&fiche.compte, maintenant());
    let verrou = qui.appli().base.verrou(&compte.identifiant, quand)?;
    let lie = !qui.appli().base.emetteurs(compte.id)?.is_empty();
    let invite = fiche.invitation.is_some_and(|expire| expire > quand);
    let (classe, dessin, mot) = match (compte.actif, ouvert(compte, quand)) {
        (false, _) => ("mauvais", Icone::Erreur, "Désactivé"),
        (true, false) => ("neutre", Icone::Horloge, "Terminé"),
        (true, true) if fiche.mot_de_passe || lie => ("bon", Icone::Coche, "Actif"),
        (true, true) if invite => ("attente", Icone::Horloge, "Invité"),
        (true, true) => ("attente", Icone::Attention, "Invitation expirée"),
    };
    Ok(html! {
        span.etiquette.(classe) { (icone(dessin)) (mot) }
        @if verrou > 0 {
            " " span.etiquette.mauvais { (icone(Icone::Cadenas)) "Verrouillé" }
        }
        " "
        @if compte.second_facteur {
            span.etiquette.bon { (icone(Icone::Coche)) "Second facteur" }
        } @else {
            span.etiquette.neutre { (icone(Icone::Information)) "Sans second facteur" }
        }
    })
}

/// What was typed in the form of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saisie {
    pub(super) identifiant: String,
    pub(super) nom: String,
    pub(super) role: String,
    pub(super) tous: bool,
    pub(super) sirets: BTreeSet<Siret>,
    pub(super) fin: String,
    cherche: String,
    /// The list of employers is filtered; nothing is to be stored yet.
    pub(super) filtrer: bool,
    /// A box that no page of ours has.
    intruse: bool,
}

impl Saisie {
    pub(super) fn lire(champs: &Champs) -> Self {
        let sirets: Vec<Option<Siret>> = champs.tous("siret").map(Siret::parse).collect();
        Self {
            identifiant: champs.un("identifiant").to_owned(),
            nom: champs.un("nom").to_owned(),
            role: champs.un("role").to_owned(),
            tous: !champs.un("tous").is_empty(),
            intruse: sirets.contains(&None),
            sirets: sirets.into_iter().flatten().collect(),
            fin: champs.un("fin").to_owned(),
            cherche: champs.un("cherche").to_owned(),
            filtrer: !champs.un("filtrer").is_empty(),
        }
    }

    pub(super) fn du(compte: &Compte) -> Self {
        Self {
            identifiant: compte.identifiant.clone(),
            nom: compte.nom.clone(),
            role: compte.role.name().to_owned(),
            tous: compte.perimetre.liste().is_none(),
            sirets: compte.perimetre.liste().cloned().unwrap_or_default(),
            fin: compte.fin.map_or_else(String::new, |fin| fin.to_string()),
            ..Self::default()
        }
    }

    /// What it asks for, or what is wrong with it. `noms`: the employers that can be given.
    pub(super) fn changement(
        &self,
        noms: &BTreeMap<Siret, String>,
        avant: Option<&Compte>,
    ) -> Result<Changement, Erreurs> {
        let mut erreurs = Erreurs::default();
        let role = Role::from_name(&self.role);
        if role.is_none() {
            erreurs.ajouter("role", "Choisissez un rôle.");
        }
        let fin = self.dernier_jour();
        if fin.is_err() {
            erreurs.ajouter("fin", "Écrivez le jour ainsi\u{a0}: 31/12/2027.");
        }
        if self.tous && !self.sirets.is_empty() {
            let message = "Cochez «\u{a0}tous\u{a0}» ou des employeurs, pas les deux.";
            erreurs.ajouter("employeurs", message);
        }
        let tenu = |siret: &Siret| {
            avant.is_some_and(|compte| {
                compte.perimetre.liste().is_some_and(|sirets| sirets.contains(siret))
            })
        };
        let connu = |siret: &Siret| noms.contains_key(siret) || tenu(siret);
        if self.intruse || !self.sirets.iter().all(connu) {
            erreurs.ajouter("employeurs", "Un employeur coché n’est pas dans le fichier.");
        }
        let (Some(role), Ok(fin), true) = (role, fin, erreurs.aucune()) else {
            return Err(erreurs);
        };
        let tous = self.tous || (role == Role::Operateur && self.sirets.is_empty());
        let sirets = self.sirets.iter().copied();
        let perimetre = if tous { Perimetre::tous() } else { Perimetre::des(sirets) };
        let actif = avant.is_none_or(|compte| compte.actif);
        Ok(Changement { nom: self.nom.clone(), role, perimetre, fin, actif })
    }

    /// As a calendar writes it, or as people do.
    fn dernier_jour(&self) -> Result<Option<Day>, ()> {
        if self.fin.is_empty() {
            return Ok(None);
        }
        let parts: Vec<&str> = self.fin.split('/').collect();
        let iso = match parts.as_slice() {
            [jour, mois, annee] => format!("{annee}-{mois:0>2}-{jour:0>2}"),
            _ => self.fin.clone(),
        };
        Day::parse(&iso).map(Some).map_err(|_| ())
    }
}

/// What the file refuses, beside the field it is about.
pub(super) fn refus(error: BaseError) -> Result<Erreurs, Erreur> {
    let champ = match &error {
        BaseError::Identifiant | BaseError::IdentifiantPris => "identifiant",
        BaseError::Nom => "nom",
        BaseError::Perimetre(PerimetreRefuse::SansFin) => "fin",
        BaseError::Perimetre(_) => "employeurs",
        BaseError::DernierAdministrateur => "role",
        _ => return Err(error.into()),
    };
    Ok(Erreurs::une(champ, error.french()))
}

/// The fields of an account, except its identifiant.
pub(super) fn champs(saisie: &Saisie, erreurs: &Erreurs, noms: &BTreeMap<Siret, String>) -> Markup {
    let roles = Role::ALL.map(|role| Choix::new(role.name(), role.french()));
    html! {
        (champ_texte(&Champ {
            nom: "nom",
            libelle: "Nom",
            aide: "Le nom que les pages montrent.",
            valeur: &saisie.nom,
            erreur: erreurs.de("nom"),
            requis: true,
            autocompletion: "off",
            ..Champ::default()
        }))
        (choix(&Champ {
            nom: "role",
            libelle: "Rôle",
            aide: "L’administrateur gère les comptes et ne voit pas de paie. L’opérateur voit tous \
                   les employeurs. Le gestionnaire saisit pour les siens. L’auditeur lit, jusqu’à \
                   un dernier jour.",
            valeur: &saisie.role,
            erreur: erreurs.de("role"),
            requis: true,
            ..Champ::default()
        }, &roles))
        (champ_texte(&Champ {
            nom: "fin",
            libelle: "Dernier jour d’accès",
            aide: "Demandé pour un auditeur. Après ce jour, le compte ne peut plus se connecter.",
            valeur: &saisie.fin,
            erreur: erreurs.de("fin"),
            genre: Genre::Jour,
            ..Champ::default()
        }))
        (groupe("Employeurs", &champs_employeurs(saisie, erreurs, noms)))
    }
}

fn champs_employeurs(saisie: &Saisie, erreurs: &Erreurs, noms: &BTreeMap<Siret, String>) -> Markup {
    let tous = Champ {
        nom: "tous",
        libelle: "Tous les employeurs (opérateur, ou auditeur de tous)",
        requis: false,
        ..Champ::default()
    };
    html! {
        div #employeurs tabindex="-1" {
            @if let Some(erreur) = erreurs.de("employeurs") {
                p.erreur { (icone(Icone::Erreur)) span.lu { "Erreur\u{a0}: " } (erreur) }
            }
            (case(&tous, saisie.tous))
            div.champ {
                label for="cherche" { "Chercher un employeur par nom ou SIRET" }
                input id="cherche" name="cherche" type="search" value=(saisie.cherche)
                    autocomplete="off" spellcheck="false" hx-get="/comptes/employeurs"
                    hx-include="#liste-employeurs" hx-target="#liste-employeurs"
                    hx-swap="outerHTML" hx-trigger="input changed delay:300ms";
            }
            p {
                button.bouton.second type="submit" name="filtrer" value="oui" {
                    "Filtrer la liste"
                }
            }
            (liste_employeurs(saisie, noms))
        }
    }
}

/// The boxes: those that are ticked, then those that are looked for.
fn liste_employeurs(saisie: &Saisie, noms: &BTreeMap<Siret, String>) -> Markup {
    let cherche = canonical(&saisie.cherche);
    let chiffres: String = saisie.cherche.chars().filter(char::is_ascii_digit).collect();
    let trouve = |siret: &Siret, nom: &str| {
        let par_numero = !chiffres.is_empty() && siret.as_str().starts_with(&chiffres);
        !saisie.sirets.contains(siret) && (par_numero || canonical(nom).contains(&cherche))
    };
    let trouves: Vec<(&Siret, &String)> =
        noms.iter().filter(|(siret, nom)| trouve(siret, nom)).collect();
    let autres = trouves.len().saturating_sub(CASES);
    html! {
        div #liste-employeurs aria-live="polite" {
            @for siret in &saisie.sirets {
                (case_employeur(*siret, noms.get(siret).map_or("", String::as_str), true))
            }
            @for (siret, nom) in trouves.iter().take(CASES) {
                (case_employeur(**siret, nom, false))
            }
            @if trouves.is_empty() { p { "Aucun autre employeur ne correspond." } }
            @if autres > 0 {
                p { "Et " (autres) " de plus\u{a0}: cherchez-les par leur nom." }
            }
        }
    }
}

fn case_employeur(siret: Siret, nom: &str, cochee: bool) -> Markup {
    let id = format!("siret-{}", siret.as_str());
    html! {
        div.champ.case {
            input id=(id) name="siret" type="checkbox" value=(siret.as_str()) checked[cochee];
            label for=(id) { (nom) " " span.precision { (siret.as_str()) } }
        }
    }
}

/// The boxes alone, while a name is typed.
async fn cases(qui: Connecte, RawQuery(query): RawQuery) -> Result<Markup, Erreur> {
    qui.exige(Droit::GererComptes)?;
    let saisie = Saisie::lire(&Champs::lire(query.unwrap_or_default().as_bytes()));
    Ok(liste_employeurs(&saisie, &employeurs(&qui)))
}

async fn demande(qui: Connecte) -> Result<Response, Erreur> {
    qui.exige(Droit::GererComptes)?;
    let saisie = Saisie { role: Role::Gestionnaire.name().to_owned(), ..Saisie::default() };
    ecran_creation(&qui, &saisie, &Erreurs::default())
}

fn ecran_creation(qui: &Connecte, saisie: &Saisie, erreurs: &Erreurs) -> Result<Response, Erreur> {
    let jeton = qui.jeton(NOUVEAU)?;
    let contenu = html! {
        (champ_texte(&Champ {
            nom: "identifiant",
            libelle: "Identifiant",
            aide: "Ce que la personne tape pour se connecter\u{a0}: son adresse, ou un nom court. \
                   Il ne change plus ensuite.",
            valeur: &saisie.identifiant,
            erreur: erreurs.de("identifiant"),
            requis: true,
            autocompletion: "off",
            ..Champ::default()
        }))
        (champs(saisie, erreurs, &employeurs(qui)))
        (boutons("Créer le compte", Some("/comptes")))
    };
    let corps = html! {
        (erreurs.resume())
        p {
            "Aucun courriel n’est envoyé\u{a0}: la page suivante donne un lien à remettre à la \
             personne, qui choisira elle-même son mot de passe."
        }
        (formulaire(&Formulaire { action: NOUVEAU, jeton: &jeton, multipart: false }, &contenu))
    };
    let en_erreur = !erreurs.aucune();
    let document = page(Page {
        titre: "Créer un compte",
        compte: Some(&qui.entete()?),
        fil: &[Lien::new("Comptes", "/comptes")],
        courant: "/comptes",
        en_erreur,
        corps,
        ..Page::default()
    });
    let code = if en_erreur { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((code, document).into_response())
}

async fn creer(entetes: HeaderMap, soumis: Soumis) -> Result<Response, Erreur> {
    let Soumis { qui, champs } = &soumis;
    qui.exige(Droit::GererComptes)?;
    let saisie = Saisie::lire(champs);
    if saisie.filtrer {
        return ecran_creation(qui, &saisie, &Erreurs::default());
    }
    let voulu = match saisie.changement(&employeurs(qui), None) {
        Ok(voulu) => voulu,
        Err(erreurs) => return ecran_creation(qui, &saisie, &erreurs),
    };
    if voulu.fin.is_some_and(|fin| fin < aujourd_hui()) {
        let erreurs = Erreurs::une("fin", "Ce jour est passé\u{a0}: choisissez-en un à venir.");
        return ecran_creation(qui, &saisie, &erreurs);
    }
    let base = &qui.appli().base;
    let entree = |compte: &Compte| {
        let detail = Detail::default().mot("compte", &compte.identifiant);
        let detail = detail.mot("role", compte.role.name()).mot("perimetre", &etendue(compte));
        qui.entree(Action::CompteCree).detail(detail)
    };
    let compte = match base.creer(&saisie.identifiant, &voulu, maintenant(), entree) {
        Ok(compte) => compte,
        Err(error) => return ecran_creation(qui, &saisie, &refus(error)?),
    };
    inviter(qui, &entetes, &compte)
}

/// A scope, for the log: SIRET of employers, never a name.
fn etendue(compte: &Compte) -> String {
    match compte.perimetre.liste() {
        None => "tous".to_owned(),
        Some(sirets) => sirets.iter().map(Siret::as_str).collect::<Vec<_>>().join(" "),
    }
}

/// Makes the link of an account, and shows it once.
pub(super) fn inviter(
    qui: &Connecte,
    entetes: &HeaderMap,
    compte: &Compte,
) -> Result<Response, Erreur> {
    let detail = Detail::default().mot("compte", &compte.identifiant);
    let entree = qui.entree(Action::InvitationEmise).detail(detail);
    let jeton = match qui.appli().base.inviter(compte.id, maintenant(), entree) {
        Ok(jeton) => jeton,
        Err(error @ BaseError::CompteFerme) => {
            return Err(Erreur::Indisponible(error.french().to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    let lien = format!("{}/invitation/{jeton}", origine(qui, entetes));
    let mots = "Copiez-le maintenant\u{a0}: il ne sera plus montré. Il sert une fois, pendant 72 \
                heures.";
    let corps = html! {
        (alerte(Alerte::Succes, "Le lien d’invitation est prêt", &html! { p { (mots) } }))
        div.champ {
            label for="lien" { "Lien à remettre à " (compte.nom) }
            input id="lien" type="text" readonly value=(lien) autocomplete="off";
        }
        p {
            "Remettez-le par un moyen sûr\u{a0}: qui le possède choisit le mot de passe. Un lien \
             donné avant ne vaut plus. Le mot de passe d’avant vaut jusqu’à ce que le lien serve."
        }
        p { a.bouton href={ "/comptes/" (compte.id) } { "Voir le compte" } }
    };
    Ok(page(Page {
        titre: &format!("Inviter {}", compte.nom),
        compte: Some(&qui.entete()?),
        fil: &[Lien::new("Comptes", "/comptes")],
        courant: "/comptes",
        corps,
        ..Page::default()
    })
    .into_response())
}

/// Where the browser of the administrator reaches this server; empty when it does not say.
fn origine(qui: &Connecte, entetes: &HeaderMap) -> String {
    let texte = |nom: &str| entetes.get(nom).and_then(|value| value.to_str().ok());
    let appli = qui.appli();
    let proxy = texte("x-forwarded-host").filter(|_| appli.derriere_proxy);
    let schema = if appli.chiffre { "https" } else { "http" };
    proxy.or(texte("host")).map_or_else(String::new, |hote| format!("{schema}://{hote}"))
}

#[cfg(test)]
mod tests;
