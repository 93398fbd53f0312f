//! `paie serve` killed between the two steps of a deposit, and while it stores: `elements.csv` is
//! as before or as after, and the person goes on with the page that was open.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at a surprise")]

#[allow(dead_code, reason = "only what runs clients is used here")]
mod navigateur;
#[allow(dead_code, reason = "pages need more than this file")]
mod serveur;

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, SystemTime};

use paie::serve::base::{Action, Auteur, Base, Changement, Entree, Etat, Venue};
use paie::serve::droits::{Compte, Perimetre, Role};
use reqwest::header::COOKIE;
use serveur::client::{Client, JETON, Reponse, champ_cache};
use serveur::{Lieu, Processus};

const MOIS: &str = "2026-10";
/// How many times the server is killed while it stores.
const COUPURES: u64 = 8;

/// An operator whose session outlives servers.
struct Personne {
    cookie: String,
    siret: String,
}

impl Personne {
    fn nouvelle(lieu: &Lieu) -> Self {
        let base = Base::open(&lieu.chemin("base.sqlite")).unwrap();
        let voulu = Changement {
            nom: "Opératrice".to_owned(),
            role: Role::Operateur,
            perimetre: Perimetre::tous(),
            fin: None,
            actif: true,
        };
        let quand = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs().try_into().unwrap();
        let note = |_: &Compte| Entree::new(quand, Auteur::console("essai"), Action::CompteCree);
        let compte = base.creer("operatrice", &voulu, quand, note).unwrap();
        let ouverte =
            base.ouvrir_session(compte.id, Etat::Complete, Venue::default(), quand, None).unwrap();
        let employeurs = fs::read_to_string(lieu.chemin("pool").join("employeurs.csv")).unwrap();
        let siret = employeurs.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
        Self { cookie: format!("__Host-paie={}", ouverte.jeton), siret }
    }

    fn chemin(&self, suite: &str) -> String {
        format!("/e/{}/elements/{MOIS}{suite}", self.siret)
    }

    fn lire(&self, client: &Client, suite: &str) -> Reponse {
        let requete = client.http.get(client.adresse(&self.chemin(suite)));
        client.envoyer(requete.header(COOKIE, &self.cookie))
    }

    fn poster(&self, client: &Client, suite: &str, champs: &[(String, String)]) -> Reponse {
        let requete = client.http.post(client.adresse(&self.chemin(suite)));
        client.envoyer(requete.header(COOKIE, &self.cookie).form(champs))
    }

    /// The first step: three rows of the same amount; what the form of the second step carries.
    fn verifier(
        &self,
        client: &Client,
        contrats: &[String],
        montant: u64,
    ) -> Vec<(String, String)> {
        let page = self.lire(client, "").corps;
        let jeton = piece(&page, "/verifier\"", JETON);
        let mut champs = vec![(JETON.to_owned(), jeton), ("rangees".to_owned(), "3".to_owned())];
        for (numero, contrat) in (1..).zip(contrats) {
            champs.push((format!("agent-{numero}"), contrat.clone()));
            champs.push((format!("rubrique-{numero}"), "IFSE".to_owned()));
            champs.push((format!("montant-{numero}"), montant.to_string()));
        }
        let page = self.poster(client, "/verifier", &champs);
        assert_eq!(page.statut.as_u16(), 200, "{}", page.corps);
        ["version", "vues", "vu_le", "lignes", JETON]
            .map(|nom| (nom.to_owned(), piece(&page.corps, "/enregistrer\"", nom)))
            .to_vec()
    }
}

/// A hidden field of the form sent to `action`.
fn piece(page: &str, action: &str, nom: &str) -> String {
    let suite = page.split(action).nth(1).unwrap_or_else(|| panic!("no form to {action}: {page}"));
    champ_cache(suite, nom).unwrap()
}

fn octets(lieu: &Lieu) -> String {
    fs::read_to_string(lieu.chemin("pool").join("elements.csv")).unwrap()
}

/// Three agents of the model, as the field of an agent takes them.
fn contrats(personne: &Personne, client: &Client) -> Vec<String> {
    let modele = personne.lire(client, "/modele.csv").corps;
    let agents = modele.lines().skip(1).filter_map(|row| row.split(';').next());
    let agents: BTreeSet<String> = agents.map(str::to_owned).collect();
    agents.into_iter().take(3).collect()
}

fn servir(lieu: &Lieu) -> (Processus, Client) {
    let serveur = lieu.servir(&["--second-facteur", "aucun"]);
    let client = Client::new(&serveur.origine);
    (serveur, client)
}

#[test]
fn a_server_that_is_killed_stores_all_or_nothing() {
    let lieu = Lieu::demo(1, 6, MOIS);
    let personne = Personne::nouvelle(&lieu);
    let (serveur, client) = servir(&lieu);
    let trois = contrats(&personne, &client);
    assert_eq!(trois.len(), 3);

    // Killed between the two steps: nothing is stored, and the open page still confirms.
    let avant = octets(&lieu);
    let mut champs = personne.verifier(&client, &trois, 100);
    drop(serveur);
    assert_eq!(octets(&lieu), avant);

    let mut issues = BTreeSet::new();
    for coupure in 0..COUPURES {
        let (serveur, client) = servir(&lieu);
        let avant = octets(&lieu);
        thread::scope(|portee| {
            let envoi = client.http.post(client.adresse(&personne.chemin("/enregistrer")));
            let envoi = envoi.header(COOKIE, &personne.cookie).form(&champs);
            let envoi = portee.spawn(|| navigateur::executeur().block_on(envoi.send()).is_ok());
            // The first ones fall in the judgement, the last ones after the file is written.
            thread::sleep(Duration::from_millis(coupure * coupure * 4));
            drop(serveur);
            let _ = envoi.join();
        });
        let apres = octets(&lieu);
        let montant = format!("{}", 100 + coupure);
        let ajoutees = apres.strip_prefix(&avant).map(|suite| suite.lines().count());
        let remplacees = apres.matches(&format!(",{montant},")).count();
        let entiere = apres == avant || ajoutees == Some(3) || remplacees == 3;
        assert!(entiere, "cut {coupure}: neither before nor after\n{apres}");
        issues.insert(apres == avant);

        // Nothing is lost: the same page is confirmed, or says that it was stored.
        let (serveur, client) = servir(&lieu);
        let fait = personne.poster(&client, "/enregistrer", &champs);
        assert_eq!(fait.statut.as_u16(), 303, "{}", fait.corps);
        assert_eq!(octets(&lieu).matches(&format!(",{montant},")).count(), 3);
        champs = personne.verifier(&client, &trois, 101 + coupure);
        drop(serveur);
    }
    assert!(issues.contains(&true), "no kill fell before the file was written");
    let pool = fs::read_dir(lieu.chemin("pool")).unwrap();
    let reste = pool
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("en-cours"));
    assert_eq!(reste.count(), 0, "a server that starts removes what a killed one left");
}
