//! `paie acces`: accounts and log of `paie serve`, from the server itself.

use std::fs::File;
use std::path::Path;

use chrono::{DateTime, SecondsFormat};

use crate::domain::Siret;
use crate::serve::base::{
    Action, Auteur, Base, BaseError, Chaine, Changement, Conservation, Detail, Entree, Fiche,
    Filtre,
};
use crate::serve::droits::{Compte, Perimetre, Role};
use crate::serve::horloge::maintenant;

use super::archive::{csv_text, signature};
use super::args::{AccesCommand, AccesOptions, AccountOptions};
use super::output::{Outcome, Output};

/// Runs a command on the file of accounts and log.
pub fn run(options: &AccesOptions, output: &Output) -> Outcome {
    // An argument that holds for every verb below cannot be demanded by the parser.
    let Some(path) = &options.base else {
        let help = "name the file of accounts and log: --base FICHIER, that of `paie serve`";
        return output.failed("`--base` is missing", help);
    };
    let done = open(path, &options.quoi).and_then(|base| match &options.quoi {
        AccesCommand::Creer { identifiant, compte } => create(&base, identifiant, compte, output),
        AccesCommand::Lister => list(&base, output),
        AccesCommand::Modifier { identifiant, compte } => {
            change(&base, identifiant, output, |voulu| apply(voulu, compte))
        }
        AccesCommand::Desactiver { identifiant } => change(&base, identifiant, output, |voulu| {
            voulu.actif = false;
        }),
        AccesCommand::Inviter { identifiant } => {
            let compte = find(&base, identifiant)?.compte;
            invite(&base, &compte, output)
        }
        AccesCommand::SecondFacteur { identifiant } => forget(&base, identifiant, output),
        AccesCommand::Journal { csv, compte, agent } => {
            log(&base, csv.as_deref(), compte.as_deref(), agent.clone(), output)
        }
        AccesCommand::Verifier { tete } => verify(&base, tete.as_deref(), output),
        AccesCommand::Purger { mois } => purge(&base, *mois, output),
    });
    done.unwrap_or_else(|error| output.failed(&error.to_string(), error.help()))
}

/// Opens the file; only the creation of an account makes a new one.
fn open(path: &Path, command: &AccesCommand) -> Result<Base, BaseError> {
    if !matches!(command, AccesCommand::Creer { .. }) && !path.exists() {
        let cause = std::io::ErrorKind::NotFound.into();
        return Err(BaseError::Fichier { chemin: path.to_owned(), cause });
    }
    Base::open(path)
}

fn instant(quand: i64) -> String {
    let quand = DateTime::from_timestamp(quand, 0);
    quand.map_or_else(String::new, |quand| quand.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// An entry of whoever types commands on the server, about an account.
fn entry(action: Action, compte: Option<&Compte>) -> Entree {
    let entree = Entree::new(maintenant(), Auteur::console(&signature(None).qui), action);
    match compte {
        Some(compte) => entree.detail(Detail::default().mot("compte", &compte.identifiant)),
        None => entree,
    }
}

fn find(base: &Base, identifiant: &str) -> Result<Fiche, BaseError> {
    let compte = base.compte_de(identifiant)?.ok_or(BaseError::CompteInconnu)?;
    base.fiche(compte.id)?.ok_or(BaseError::CompteInconnu)
}

fn create(
    base: &Base,
    identifiant: &str,
    options: &AccountOptions,
    output: &Output,
) -> Result<Outcome, BaseError> {
    let mut voulu = Changement {
        nom: options.nom.clone().unwrap_or_default(),
        role: options.role.unwrap_or(Role::Gestionnaire),
        perimetre: Perimetre::des([]),
        fin: None,
        actif: true,
    };
    apply(&mut voulu, options);
    let log = |compte: &Compte| entry(Action::CompteCree, Some(compte));
    let compte = base.creer(identifiant, &voulu, maintenant(), log)?;
    output.say(&format!("account `{}` created: {}", compte.identifiant, compte.role.name()));
    invite(base, &compte, output)
}

/// What the options say; what they do not say stays, except the scope that a role implies.
fn apply(voulu: &mut Changement, options: &AccountOptions) {
    if let Some(nom) = &options.nom {
        voulu.nom.clone_from(nom);
    }
    voulu.role = options.role.unwrap_or(voulu.role);
    voulu.fin = options.fin.or(voulu.fin);
    voulu.actif = voulu.actif || options.actif;
    if !options.siret.is_empty() {
        voulu.perimetre = Perimetre::des(options.siret.iter().copied());
    } else if options.tous || voulu.role == Role::Operateur {
        voulu.perimetre = Perimetre::tous();
    } else if voulu.role == Role::Administrateur {
        voulu.perimetre = Perimetre::des([]);
    }
}

fn change(
    base: &Base,
    identifiant: &str,
    output: &Output,
    decide: impl FnOnce(&mut Changement),
) -> Result<Outcome, BaseError> {
    let Fiche { compte, version, .. } = find(base, identifiant)?;
    let Compte { id, nom, role, perimetre, fin, actif, .. } = compte;
    let mut voulu = Changement { nom, role, perimetre, fin, actif };
    decide(&mut voulu);
    let action = if voulu.actif { Action::CompteModifie } else { Action::CompteDesactive };
    let apres = base.modifier(id, version, &voulu, |_, apres| entry(action, Some(apres)))?;
    let word = if apres.actif { "changed" } else { "disabled; its sessions ended" };
    output.say(&format!("account `{}` {word}", apres.identifiant));
    Ok(Outcome::Good)
}

fn invite(base: &Base, compte: &Compte, output: &Output) -> Result<Outcome, BaseError> {
    let log = entry(Action::InvitationEmise, Some(compte));
    let jeton = base.inviter(compte.id, maintenant(), log)?;
    // The link is the result: it is printed even when words are not wanted.
    output.text(&format!("/invitation/{jeton}\n"));
    output.say("give this path, behind the address of the server, to its owner: once, 72 hours");
    Ok(Outcome::Good)
}

fn forget(base: &Base, identifiant: &str, output: &Output) -> Result<Outcome, BaseError> {
    let compte = find(base, identifiant)?.compte;
    base.oublier_second_facteur(compte.id, entry(Action::SecondFacteurRetire, Some(&compte)))?;
    let words = "has no second factor; its sessions ended";
    output.say(&format!("account `{}` {words}", compte.identifiant));
    Ok(Outcome::Good)
}

fn list(base: &Base, output: &Output) -> Result<Outcome, BaseError> {
    let fiches = base.fiches()?;
    base.journaliser(entry(Action::ConsultationComptes, None))?;
    let header = ["identifiant", "nom", "role", "employeurs", "fin", "etat", "connexion"];
    let rows: Vec<[String; 7]> = fiches.into_iter().map(row).collect();
    output.text(&csv_text(header, &rows));
    Ok(Outcome::Good)
}

fn row(fiche: Fiche) -> [String; 7] {
    let compte = fiche.compte;
    let sirets = compte.perimetre.liste().map(|sirets| {
        let sirets: Vec<&str> = sirets.iter().map(Siret::as_str).collect();
        sirets.join(" ")
    });
    let etat = match (compte.actif, fiche.mot_de_passe, compte.second_facteur) {
        (false, ..) => "desactive",
        (true, false, _) => "sans mot de passe",
        (true, true, false) => "sans second facteur",
        (true, true, true) => "actif",
    };
    [
        compte.identifiant,
        compte.nom,
        compte.role.name().to_owned(),
        sirets.unwrap_or_else(|| "tous".to_owned()),
        compte.fin.map_or_else(String::new, |fin| fin.to_string()),
        etat.to_owned(),
        fiche.connexion.map_or_else(String::new, instant),
    ]
}

fn log(
    base: &Base,
    path: Option<&Path>,
    identifiant: Option<&str>,
    agent: Option<String>,
    output: &Output,
) -> Result<Outcome, BaseError> {
    let compte = identifiant.map(|identifiant| find(base, identifiant)).transpose()?;
    let filtre = Filtre { compte: compte.map(|f| f.compte.id), agent, ..Filtre::default() };
    base.journaliser(entry(Action::ExportJournal, None))?;
    let Some(path) = path else {
        base.exporter_journal(&filtre, std::io::stdout().lock())?;
        return Ok(Outcome::Good);
    };
    let file = File::create_new(path)
        .map_err(|cause| BaseError::Fichier { chemin: path.to_owned(), cause })?;
    let rows = base.exporter_journal(&filtre, file)?;
    output.say(&format!("{rows} entries written in `{}`", path.display()));
    Ok(Outcome::Good)
}

fn verify(base: &Base, tete: Option<&str>, output: &Output) -> Result<Outcome, BaseError> {
    match base.verifier(tete)? {
        Chaine::Entiere { premiere, derniere, empreinte } => {
            output.say(&format!("entries {premiere} to {derniere} are what was written"));
            output.text(&format!("{derniere}-{empreinte}\n"));
            Ok(Outcome::Good)
        }
        Chaine::Rompue { numero, pourquoi } => Ok(output.failed(
            &format!("the log does not hold at entry {numero}: {pourquoi}"),
            "keep this file apart, take the last copy that verifies, and find out who could write",
        )),
    }
}

fn purge(base: &Base, mois: u32, output: &Output) -> Result<Outcome, BaseError> {
    let auteur = Auteur::console(&signature(None).qui);
    let gone = base.purger(Conservation::new(mois)?, auteur, maintenant())?;
    output.say(&format!("{gone} entries older than {mois} months removed"));
    Ok(Outcome::Good)
}
