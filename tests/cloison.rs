//! The wall between employers, asked ten thousand times: whatever an account asks, nothing of an
//! employer outside its scope comes back, and what is outside answers as what does not exist.
//!
//! Every route is found in the sources; one with a parameter that is not known here fails.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test stops at a surprise")]

#[allow(dead_code, reason = "only what runs asynchronous code is used here")]
mod navigateur;
#[allow(dead_code, reason = "clients of this file send what they want")]
mod serveur;
mod surface;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;

use navigateur::executeur;
use paie::serve::base::{Etat, Filtre};
use paie::serve::droits::{Compte, Role};
use reqwest::Method;
use serveur::{Lieu, Processus};
use surface::clore;
use surface::demandes::{Corps, Demande, Formulaire, Recu, Voie, formulaires, liens};
use surface::gens::{Gens, Seance};
use surface::marques::{Genre, Marques, marquer};
use surface::routes::{self, Route};

const OUVERT: &str = "2026-11";
const CLOS: &str = "2026-10";
const EMPLOYEURS: usize = 5;
const AGENTS: usize = 40;

/// Requests that are drawn; each about something outside is also sent about something unknown.
const DEMANDES: u64 = 10_000;

/// Numbers that nobody has, as long as those that someone has.
const SIRET_INCONNU: &str = "99999999999991";
const AGENT_INCONNU: &str = "A9999999";
const CONTRAT_INCONNU: &str = "KQZQA9999999";

/// Pages of an employer that say nothing of it.
const SANS_MARQUE: [&str; 1] = ["/e/{siret}/elements/{mois}/colonnes"];

/// Pages that differ each time they are asked: a new secret, a log that grows.
const TOUJOURS_NEUVES: [&str; 4] =
    ["/mon-compte/second-facteur", "/journal", "/journal/export.csv", "/journal/verifier"];

/// Chance, from a seed that a failure tells.
struct Hasard(u64);

impl Hasard {
    fn suivant(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mele = self.0;
        mele = (mele ^ (mele >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mele = (mele ^ (mele >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mele ^ (mele >> 31)
    }

    fn sous(&mut self, borne: usize) -> usize {
        usize::try_from(self.suivant() % u64::try_from(borne).unwrap()).unwrap()
    }

    fn un<'a, T>(&mut self, parmi: &'a [T]) -> &'a T {
        &parmi[self.sous(parmi.len())]
    }

    fn sur(&mut self, cent: usize) -> bool {
        self.sous(100) < cent
    }
}

fn nombre(nom: &str, sinon: u64) -> u64 {
    env::var(nom).map_or(sinon, |texte| texte.parse().unwrap())
}

/// Someone who asks.
struct Personne {
    nom: &'static str,
    /// Its employers, by their place.
    chez: Vec<usize>,
    compte: Option<Compte>,
    /// Whether its session may see pages.
    entree: bool,
    seance: Option<Seance>,
}

/// Everything that requests are drawn from.
struct Monde {
    marques: Marques,
    routes: Vec<Route>,
    champs: Vec<String>,
    formulaires: Vec<Formulaire>,
    gens: Gens,
    voie: Voie,
}

/// What a request is about.
#[derive(Clone, Debug)]
struct Sujet {
    siret: String,
    agent: String,
    contrat: String,
    /// Whether the employer of the path is outside, or the agent or the contract is not its own.
    dehors: [bool; 3],
}

fn empreinte(dossier: &Path) -> String {
    let mut fichiers = Vec::new();
    let mut restent = vec![dossier.to_owned()];
    while let Some(dossier) = restent.pop() {
        for entree in fs::read_dir(dossier).unwrap() {
            let chemin = entree.unwrap().path();
            if chemin.is_dir() { restent.push(chemin) } else { fichiers.push(chemin) }
        }
    }
    fichiers.sort();
    let mut hacheur = blake3::Hasher::new();
    for fichier in fichiers {
        hacheur.update(fichier.to_str().unwrap().as_bytes());
        hacheur.update(&fs::read(&fichier).unwrap());
    }
    hacheur.finalize().to_hex().to_string()
}

fn personnes(monde: &Marques, gens: &Gens) -> Vec<Personne> {
    let siret = |place: &usize| monde.patrons[*place].siret.as_str();
    let voulues: [(&'static str, Option<Role>, &[usize], Etat); 6] = [
        ("rh.un", Some(Role::Gestionnaire), &[1], Etat::Complete),
        ("rh.deux", Some(Role::Gestionnaire), &[0, 2], Etat::Complete),
        ("auditeur", Some(Role::Auditeur), &[2, 3], Etat::Complete),
        ("admin", Some(Role::Administrateur), &[], Etat::Complete),
        ("rh.attend", Some(Role::Gestionnaire), &[1], Etat::AttendSecondFacteur),
        ("personne", None, &[], Etat::Complete),
    ];
    let faite = |(nom, role, chez, etat): (_, Option<Role>, &[usize], Etat)| {
        let sirets: Vec<&str> = chez.iter().map(siret).collect();
        let compte = role.map(|role| gens.compte(nom, role, Some(&sirets)));
        let seance = compte.as_ref().map(|compte| gens.seance_qui(compte, etat));
        let entree = compte.is_some() && etat == Etat::Complete;
        let voit = entree && role != Some(Role::Administrateur);
        let chez = if voit { chez.to_vec() } else { vec![] };
        Personne { nom, chez, compte, entree, seance }
    };
    voulues.into_iter().map(faite).collect()
}

impl Monde {
    fn de(lieu: &Lieu, marques: Marques, serveur: &Processus) -> Self {
        Self {
            marques,
            routes: routes::routes(),
            champs: routes::champs(),
            formulaires: vec![],
            gens: Gens::de(lieu),
            voie: Voie::vers(&serveur.origine),
        }
    }

    /// What is put for a parameter of a route.
    fn parametre(&self, nom: &str, sujet: &Sujet, hasard: &mut Hasard) -> String {
        match nom {
            "siret" => sujet.siret.clone(),
            "agent" => sujet.agent.clone(),
            "contrat" => sujet.contrat.clone(),
            "mois" => (*hasard.un(&[OUVERT, OUVERT, CLOS, "2026-12", "2026-13", "x"])).to_owned(),
            "origine" => (*hasard.un(&[CLOS, CLOS, OUVERT, "2026-13", "x"])).to_owned(),
            "rubrique" => hasard.un(&self.marques.rubriques).clone(),
            "nom" | "jeton" => (*hasard.un(&["paie.css", "..%2fpool", "x"])).to_owned(),
            "numero" => (*hasard.un(&["1", "2", "999999", "-1", "x"])).to_owned(),
            // An administrator may change accounts that exist.
            "id" => (*hasard.un(&["999999", "-1", "x"])).to_owned(),
            "geste" => (*hasard.un(&["inviter", "desactiver", "x"])).to_owned(),
            _ => panic!("the route parameter `{nom}` is new: say here how it is filled"),
        }
    }

    /// Something that this person may not see, or may not see so.
    fn sujet(&self, qui: &Personne, hasard: &mut Hasard) -> Sujet {
        let tous: Vec<usize> = (0..EMPLOYEURS).collect();
        let dehors: Vec<usize> = tous.iter().copied().filter(|p| !qui.chez.contains(p)).collect();
        let autre = *hasard.un(&dehors);
        let sien = if qui.chez.is_empty() { autre } else { *hasard.un(&qui.chez) };
        let siret = |place: usize| self.marques.patrons[place].siret.clone();
        let (a, c) = hasard.un(&self.marques.patrons[autre].agents).clone();
        let (sa, sc) = hasard.un(&self.marques.patrons[sien].agents).clone();
        let connu = qui.chez.is_empty() || self.chez(sien, &a);
        let (siret, agent, contrat, dehors) = match hasard.sous(8) {
            0 | 1 => (siret(autre), a, c, [true, true, true]),
            // An agent of both is at home here; its contract with the other employer is not.
            2 | 3 => (siret(sien), a, c, [qui.chez.is_empty(), !connu, true]),
            4 => (siret(autre), sa, sc, [true; 3]),
            5 => (siret(sien), sa, c, [qui.chez.is_empty(), false, true]),
            6 => {
                let tordu = hasard.un(&[
                    "x",
                    "%00",
                    "..%2f..%2fpool",
                    "'%20OR%201=1--",
                    "%3Cb%3E",
                    "0",
                    "2124960120001",
                ]);
                ((*tordu).to_owned(), sa, sc, [true; 3])
            }
            _ => (encoder(&siret(autre)), encoder(&a), c, [true; 3]),
        };
        Sujet { siret, agent, contrat, dehors }
    }

    fn chez(&self, place: usize, agent: &str) -> bool {
        self.marques.patrons[place].agents.iter().any(|(connu, _)| connu == agent)
    }

    fn valeur(&self, nom: &str, sujet: &Sujet, hasard: &mut Hasard) -> String {
        let contient = |mot: &str| nom.contains(mot);
        if contient("session") || contient("compte") {
            return "999999".to_owned();
        }
        if contient("siret") || contient("employeur") {
            return sujet.siret.clone();
        }
        if contient("agent") {
            return sujet.agent.clone();
        }
        if contient("contrat") {
            return sujet.contrat.clone();
        }
        if contient("rubrique") {
            return hasard.un(&self.marques.rubriques).clone();
        }
        if contient("retour") {
            return format!("/e/{}/agents/{}", sujet.siret, sujet.agent);
        }
        let parmi = [
            sujet.siret.clone(),
            sujet.agent.clone(),
            sujet.contrat.clone(),
            "1".to_owned(),
            "x".to_owned(),
            OUVERT.to_owned(),
            String::new(),
        ];
        hasard.un(&parmi).clone()
    }

    /// Draws a request; and the words of it that are someone's.
    fn tirer(&self, qui: &Personne, hasard: &mut Hasard) -> (Route, Sujet, Demande) {
        let deux = [hasard.un(&self.routes), hasard.un(&self.routes)];
        // Pages of employers more often than the others.
        let route = deux.into_iter().find(|r| r.modele.contains("{siret}"));
        let route = route.unwrap_or(deux[0]).clone();
        let poste = route.post && (!route.get || hasard.sur(50));
        let mut sujet = self.sujet(qui, hasard);
        // What an account may send for its own agents would be done.
        while poste && !sujet.dehors[0] && !sujet.dehors[1] {
            sujet = self.sujet(qui, hasard);
        }
        let mut parametres = BTreeMap::new();
        for nom in route.parametres() {
            parametres.insert(nom.to_owned(), self.parametre(nom, &sujet, hasard));
        }
        let mut demande = Demande::lire(&route.remplir(|nom| parametres[nom].clone()));
        if poste {
            demande.methode = Method::POST;
            demande.corps = self.corps(qui, &route, &sujet, hasard);
        } else if hasard.sur(8) {
            demande.methode = Method::HEAD;
        }
        if hasard.sur(40) {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for _ in 0..=hasard.sous(3) {
                let nom = hasard.un(&self.champs);
                query.append_pair(nom, &self.valeur(nom, &sujet, hasard));
            }
            demande.chemin = format!("{}?{}", demande.chemin, query.finish());
        }
        self.ruses(&mut demande, &sujet, hasard);
        (route, sujet, demande)
    }

    /// Fields and files: those of a form that was seen on a page, with the values of someone else.
    fn corps(&self, qui: &Personne, route: &Route, sujet: &Sujet, hasard: &mut Hasard) -> Corps {
        let vus: Vec<&Formulaire> =
            self.formulaires.iter().filter(|f| suit(&f.action, &route.modele)).collect();
        let mut champs = Vec::new();
        let mut fichier = hasard.sur(20);
        if !vus.is_empty() && hasard.sur(80) {
            let vu = *hasard.un(&vus);
            fichier = vu.fichier && hasard.sur(80);
            for (nom, valeur) in &vu.champs {
                let garde = !valeur.is_empty() && hasard.sur(50) && !nom.contains("session");
                let valeur = match garde {
                    true => self.detourner(qui, sujet, valeur),
                    false => self.valeur(nom, sujet, hasard),
                };
                champs.push((nom.clone(), valeur));
            }
        }
        for _ in 0..hasard.sous(6) {
            let nom = hasard.un(&self.champs).clone();
            champs.push((nom.clone(), self.valeur(&nom, sujet, hasard)));
        }
        match fichier {
            true => Corps::Fichier(champs, "elements.csv".to_owned(), self.fichier(sujet, hasard)),
            false => Corps::Champs(champs),
        }
    }

    /// A value of a form for someone's own agents, about the subject instead.
    fn detourner(&self, qui: &Personne, sujet: &Sujet, valeur: &str) -> String {
        let mut valeur = valeur.to_owned();
        for patron in qui.chez.iter().map(|place| &self.marques.patrons[*place]) {
            for (agent, contrat) in &patron.agents {
                valeur = valeur.replace(contrat, &sujet.contrat).replace(agent, &sujet.agent);
            }
            valeur = valeur.replace(&patron.siret, &sujet.siret);
        }
        valeur
    }

    /// Variable elements of someone else.
    fn fichier(&self, sujet: &Sujet, hasard: &mut Hasard) -> String {
        let Sujet { siret, agent, contrat, .. } = sujet;
        let rubrique = hasard.un(&self.marques.rubriques);
        format!(
            "agent;siret;contrat;rubrique;depuis;fin;nombre;base;taux;montant;libelle\n\
             {agent};{siret};{contrat};{rubrique};{OUVERT}-01;;;;;12,34;\n"
        )
    }

    /// Headers that have fooled servers before.
    fn ruses(&self, demande: &mut Demande, sujet: &Sujet, hasard: &mut Hasard) {
        if hasard.sur(60) {
            return;
        }
        let chemin = format!("/e/{}", sujet.siret);
        let ruses: [(&'static str, String); 8] = [
            ("x-forwarded-host", "ailleurs.example".to_owned()),
            ("x-original-url", chemin.clone()),
            ("x-rewrite-url", chemin.clone()),
            ("hx-request", "true".to_owned()),
            ("hx-current-url", chemin),
            ("range", "bytes=0-200000".to_owned()),
            ("if-none-match", "*".to_owned()),
            ("x-forwarded-for", "127.0.0.1".to_owned()),
        ];
        demande.entetes.push(hasard.un(&ruses).clone());
    }

    /// What is someone's in a request, and what nobody has, of the same length.
    fn inconnus(&self, sujet: &Sujet) -> Vec<(String, String)> {
        let mut paires = Vec::new();
        let mut ajouter = |vrai: &str, clair: &str| {
            let faux = clair;
            let connu = self.marques.de(&vrai.to_lowercase()).is_some();
            let decode = decoder(vrai);
            if connu || decode.is_some() {
                let faux = if decode.is_some() { encoder(faux) } else { faux.to_owned() };
                paires.push((vrai.to_owned(), faux.clone()));
                paires.extend(decode.map(|decode| (decode, clair.to_owned())));
                // Again where a query, or the way back to it, has encoded it.
                for tour in ["%25", "%2525"] {
                    paires.push((vrai.replace('%', tour), faux.replace('%', tour)));
                }
            }
        };
        // The contract first: it holds the number of its agent.
        for (dehors, vrai, faux) in [
            (sujet.dehors[2], &sujet.contrat, CONTRAT_INCONNU),
            (sujet.dehors[1], &sujet.agent, AGENT_INCONNU),
            (sujet.dehors[0], &sujet.siret, SIRET_INCONNU),
        ] {
            if dehors {
                ajouter(vrai, faux);
            }
        }
        paires
    }
}

/// Each letter in hexadecimal, as addresses write those that they cannot hold.
fn encoder(texte: &str) -> String {
    texte.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

/// What [`encoder`] was given, letters and digits; none for a text that it did not write.
fn decoder(texte: &str) -> Option<String> {
    let paires = texte.strip_prefix('%')?.split('%');
    let octet = |paire: &str| u8::from_str_radix(paire, 16).ok().filter(|_| paire.len() == 2);
    let octets: Vec<u8> = paires.map(octet).collect::<Option<_>>()?;
    String::from_utf8(octets).ok().filter(|lu| lu.bytes().all(|o| o.is_ascii_alphanumeric()))
}

/// An answer, as if what it was asked about were what nobody has.
fn traduit(recu: &Recu, paires: &[(String, String)]) -> String {
    let debut = recu.comparable();
    paires.iter().fold(debut, |texte, (vrai, faux)| texte.replace(vrai, faux))
}

/// Whether a path is one of a route.
fn suit(chemin: &str, modele: &str) -> bool {
    let (chemin, _) = chemin.split_once('?').unwrap_or((chemin, ""));
    let (a, b): (Vec<_>, Vec<_>) = (chemin.split('/').collect(), modele.split('/').collect());
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || b.starts_with('{'))
}

/// What came of the requests of someone.
#[derive(Default)]
struct Bilan {
    envoyees: u64,
    statuts: BTreeMap<(String, u16), u64>,
    fautes: Vec<String>,
}

impl Bilan {
    fn faute(&mut self, qui: &str, quoi: &str, demande: &Demande, recu: &Recu) {
        let corps: String = recu.corps.chars().take(2000).collect();
        self.fautes.push(format!("{qui}: {quoi}\n{demande:?}\n{} {corps}\n", recu.statut));
    }
}

impl Monde {
    async fn envoyer(&self, qui: &mut Personne, demande: &Demande) -> Recu {
        let recu = self.voie.envoyer(demande, qui.seance.as_ref()).await;
        // Some requests close the session that sends them; the next ones need one again.
        let chassee = qui.entree && recu.statut == 303 && recu.vers().starts_with("/connexion");
        if chassee {
            qui.seance = qui.compte.as_ref().map(|compte| self.gens.seance(compte));
            if demande.methode == Method::GET {
                return self.voie.envoyer(demande, qui.seance.as_ref()).await;
            }
        }
        recu
    }

    /// Asks, looks at the answer, asks the same of what nobody has, and compares.
    async fn juger(
        &self,
        qui: &mut Personne,
        (route, sujet, demande): (Route, Sujet, Demande),
        bilan: &mut Bilan,
    ) {
        let recu = self.envoyer(qui, &demande).await;
        bilan.envoyees += 1;
        *bilan.statuts.entry((route.modele.clone(), recu.statut)).or_default() += 1;
        let fuites = self.marques.fuites(&recu.tout(), &qui.chez, &demande.texte());
        let admis = |mot: &String| qui.nom == "admin" && self.est_du_journal(mot);
        if fuites.iter().any(|mot| !admis(mot)) {
            bilan.faute(qui.nom, &format!("shown outside its scope: {fuites:?}"), &demande, &recu);
        }
        if recu.statut >= 500 {
            bilan.faute(qui.nom, "the server broke", &demande, &recu);
        }
        let nomme = ["{siret}", "{agent}", "{contrat}"].iter().zip(sujet.dehors);
        let interdit = nomme.into_iter().any(|(nom, dehors)| dehors && route.modele.contains(nom));
        // 409: a closed month takes no simulation, whoever it is about. Below a line of a payslip
        // there is no room for a refusal: the browser is sent to the page, which is refused.
        let renvoi = recu.statut == 200 && recu.corps.is_empty();
        let renvoi = renvoi && !recu.entete("hx-redirect").is_empty();
        if interdit && qui.entree && !renvoi && ![400, 403, 404, 409].contains(&recu.statut) {
            bilan.faute(qui.nom, "outside, and not as what is unknown", &demande, &recu);
        }
        let paires = self.inconnus(&sujet);
        let jumelle = demande.remplacer(&paires);
        // Who keeps accounts is told which employers there are.
        let pareille = jumelle.texte() == demande.texte() || qui.nom == "admin";
        if pareille || TOUJOURS_NEUVES.contains(&route.modele.as_str()) {
            return;
        }
        let autre = self.envoyer(qui, &jumelle).await;
        bilan.envoyees += 1;
        if traduit(&recu, &paires) == autre.comparable() {
            return;
        }
        // A month that was being computed, a minute that went by: both again.
        let (recu, autre) = (self.envoyer(qui, &demande).await, self.envoyer(qui, &jumelle).await);
        if traduit(&recu, &paires) != autre.comparable() {
            let (un, autre) = (traduit(&recu, &paires), autre.comparable());
            let meme = un.chars().zip(autre.chars()).take_while(|(a, b)| a == b).count();
            let pres = |texte: &str| {
                texte.chars().skip(meme.saturating_sub(60)).take(160).collect::<String>()
            };
            let quoi = format!("told apart:\n{}\n{}", pres(&un), pres(&autre));
            bilan.faute(qui.nom, &quoi, &demande, &recu);
        }
    }

    /// Who sees no pay gives accounts their employers, and reads a log of numbers.
    fn est_du_journal(&self, mot: &str) -> bool {
        let genre = self.marques.de(mot).map(|marque| marque.genre);
        genre == Some(Genre::Numero) || (genre == Some(Genre::Mot) && mot.ends_with("qnom"))
    }

    /// Follows links from page to page, as one account; forms are kept.
    async fn parcourir(&mut self, qui: &mut Personne, limite: usize) -> BTreeSet<String> {
        let mut restent: Vec<String> = vec!["/".to_owned()];
        restent.extend(qui.chez.iter().map(|p| format!("/e/{}", self.marques.patrons[*p].siret)));
        let (mut vus, mut mots) = (BTreeSet::new(), BTreeSet::new());
        while let Some(chemin) = restent.pop() {
            if vus.len() >= limite || !vus.insert(chemin.clone()) {
                continue;
            }
            let demande = Demande::lire(&chemin);
            let recu = self.envoyer(qui, &demande).await;
            let fuites = self.marques.fuites(&recu.tout(), &qui.chez, "");
            assert!(fuites.is_empty(), "{}: {chemin} shows {fuites:?}", qui.nom);
            assert!(recu.statut < 400, "{}: a link to {chemin}, {}", qui.nom, recu.statut);
            mots.extend(self.marques.trouver(&recu.corps).into_iter().map(|(mot, _)| mot));
            let mut suite = liens(&recu.corps);
            suite.extend((300..400).contains(&recu.statut).then(|| recu.vers().to_owned()));
            suite.retain(|lien| !vus.contains(lien) && lien.starts_with('/'));
            restent.splice(0..0, suite);
            for formulaire in formulaires(&recu.corps) {
                if formulaire.post && !self.formulaires.contains(&formulaire) {
                    self.formulaires.push(formulaire);
                }
            }
        }
        self.deposer(qui).await;
        mots
    }

    /// Hands in a file of its own to be judged, and keeps the form that would store it.
    async fn deposer(&mut self, qui: &mut Personne) {
        let Some(place) = qui.chez.first() else { return };
        let patron = &self.marques.patrons[*place];
        let (agent, contrat) = patron.agents.last().unwrap().clone();
        let sien = Sujet { siret: patron.siret.clone(), agent, contrat, dehors: [false; 3] };
        let fichier = self.fichier(&sien, &mut Hasard(1));
        let depots: Vec<Formulaire> =
            self.formulaires.iter().filter(|f| f.fichier).cloned().collect();
        for depot in depots {
            let corps = Corps::Fichier(vec![], "elements.csv".to_owned(), fichier.clone());
            let mut demande = Demande::lire(&depot.action);
            (demande.methode, demande.corps) = (Method::POST, corps);
            let recu = self.envoyer(qui, &demande).await;
            self.formulaires.extend(formulaires(&recu.corps).into_iter().filter(|f| f.post));
        }
    }

    /// The same routes within the scope: what is searched for is there to be found.
    async fn temoin(&self, qui: &mut Personne) {
        let place = qui.chez[0];
        let patron = self.marques.patrons[place].clone();
        for route in self.routes.iter().filter(|r| r.get && r.modele.contains("{siret}")) {
            let mut vus = Vec::new();
            let mut montre = false;
            let essais = patron.agents.iter().rev().take(6).flat_map(|gens| {
                let mois = [OUVERT, CLOS];
                mois.into_iter().flat_map(move |mois| {
                    self.marques.rubriques.iter().map(move |rubrique| (gens, mois, rubrique))
                })
            });
            for ((agent, contrat), mois, rubrique) in essais {
                let chemin = route.remplir(|nom| match nom {
                    "siret" => patron.siret.clone(),
                    "agent" => agent.clone(),
                    "contrat" => contrat.clone(),
                    "mois" => mois.to_owned(),
                    "origine" => CLOS.to_owned(),
                    "rubrique" => rubrique.clone(),
                    _ => "1".to_owned(),
                });
                if vus.iter().any(|(vu, _)| *vu == chemin) {
                    continue;
                }
                let recu = self.envoyer(qui, &Demande::lire(&chemin)).await;
                let marques = self.marques.trouver(&recu.corps).into_iter();
                montre = marques.into_iter().any(|(_, marque)| marque.chez.contains(&place));
                vus.push((chemin, recu.statut));
                if montre && recu.statut == 200 {
                    break;
                }
            }
            let attendu = !SANS_MARQUE.contains(&route.modele.as_str());
            let ouverte = vus.iter().any(|(_, statut)| [200, 303].contains(statut));
            let ferme = vus.iter().all(|(_, statut)| *statut == 403);
            assert!(ouverte || ferme, "{}: {} never opens: {vus:?}", qui.nom, route.modele);
            assert!(montre || !attendu || ferme, "{}: {} shows nothing", qui.nom, route.modele);
        }
    }

    /// No entry says that something was shown outside of a scope.
    fn lire_journal(&self, personnes: &[Personne]) {
        let entrees = self.gens.base.journal(&Filtre::default(), None, 1_000_000).unwrap();
        for entree in entrees {
            let Some(qui) = personnes.iter().find(|qui| {
                qui.compte.as_ref().is_some_and(|compte| Some(compte.id) == entree.compte)
            }) else {
                continue;
            };
            // Who keeps the log reads what it holds of any employer, and that is all.
            let du_journal = entree.action.starts_with("Journal");
            if entree.action == "Accès refusé" || (qui.nom == "admin" && du_journal) {
                continue;
            }
            if let Some(siret) = &entree.siret {
                let patrons = &self.marques.patrons;
                let place = patrons.iter().position(|patron| patron.siret == *siret);
                let dedans = place.filter(|place| qui.chez.contains(place));
                let dedans = dedans.unwrap_or_else(|| panic!("{}: {entree:?}", qui.nom));
                if let Some(agent) = &entree.agent {
                    assert!(self.chez(dedans, agent), "{}: {entree:?}", qui.nom);
                }
            }
        }
        self.gens.base.verifier(None).unwrap();
    }
}

/// A pool that is marked, and a month of it that is closed.
fn lieu() -> (Lieu, Marques) {
    let lieu = Lieu::demo(EMPLOYEURS, AGENTS, OUVERT);
    let marques = marquer(&lieu.chemin("pool"));
    clore(&lieu, CLOS);
    (lieu, marques)
}

#[test]
fn ten_thousand_requests_show_nothing_of_other_employers() {
    let (lieu, marques) = lieu();
    let serveur = lieu.servir(&["--second-facteur", "aucun"]);
    let mut monde = Monde::de(&lieu, marques, &serveur);
    let mut personnes = personnes(&monde.marques, &monde.gens);
    let graine = nombre("PAIE_SEED", 5);
    executeur().block_on(async {
        for qui in personnes.iter_mut().filter(|qui| !qui.chez.is_empty()) {
            let vus = monde.parcourir(qui, 250).await;
            for place in &qui.chez {
                let (patron, siens) = (&monde.marques.patrons[*place], &vus);
                let nom = monde.marques.chez(*place, Genre::Mot);
                let noms = nom.iter().filter(|mot| mot.contains("qnom") || mot.contains("qprenom"));
                let absents: Vec<_> = noms.filter(|mot| !siens.contains(**mot)).collect();
                assert!(absents.is_empty(), "{}: {absents:?} of {}", qui.nom, patron.siret);
            }
            monde.temoin(qui).await;
        }
    });
    let avant = ["pool", "archive"].map(|nom| empreinte(&lieu.chemin(nom)));
    let demandes = nombre("PAIE_CASES", DEMANDES);
    let part = demandes.div_ceil(u64::try_from(personnes.len()).unwrap());
    let monde = std::sync::Arc::new(monde);
    let taches = personnes.into_iter().zip(0..).map(|(mut qui, rang)| {
        let monde = std::sync::Arc::clone(&monde);
        executeur().spawn(async move {
            let mut hasard = Hasard(graine.wrapping_mul(1000).wrapping_add(rang));
            let mut bilan = Bilan::default();
            for _ in 0..part {
                let tiree = monde.tirer(&qui, &mut hasard);
                monde.juger(&mut qui, tiree, &mut bilan).await;
                if bilan.fautes.len() > 3 {
                    break;
                }
            }
            (qui, bilan)
        })
    });
    let taches: Vec<_> = taches.collect();
    let finies = taches.into_iter().map(|tache| executeur().block_on(tache).unwrap());
    let (personnes, bilans): (Vec<Personne>, Vec<Bilan>) = finies.unzip();
    let fautes: Vec<&String> = bilans.iter().flat_map(|bilan| &bilan.fautes).collect();
    for ((route, statut), combien) in bilans.iter().flat_map(|bilan| &bilan.statuts) {
        println!("{combien} × {statut} {route}");
    }
    for faute in &fautes {
        println!("{faute}");
    }
    assert!(fautes.is_empty(), "seed {graine}: {} faults, above", fautes.len());
    let envoyees: u64 = bilans.iter().map(|bilan| bilan.envoyees).sum();
    assert!(envoyees >= demandes, "{envoyees} requests");
    let apres = ["pool", "archive"].map(|nom| empreinte(&lieu.chemin(nom)));
    assert_eq!(avant, apres, "something was stored");
    monde.lire_journal(&personnes);
    let erreurs = fs::read_to_string(lieu.chemin("erreurs.txt")).unwrap();
    assert!(monde.marques.trouver(&erreurs).is_empty(), "{erreurs}");
}

#[test]
fn a_leak_that_is_planted_is_found() {
    let (lieu, marques) = lieu();
    let serveur = lieu.servir(&["--second-facteur", "aucun"]);
    let monde = Monde::de(&lieu, marques, &serveur);
    let patron = &monde.marques.patrons[1];
    let operateur = monde.gens.compte("operateur", Role::Operateur, None);
    let seance = monde.gens.seance(&operateur);
    let mut trouvees = BTreeSet::new();
    for route in monde.routes.iter().filter(|r| r.get && r.modele.contains("{siret}")) {
        let (agent, contrat) = patron.agents.last().unwrap();
        let chemin = route.remplir(|nom| match nom {
            "siret" => patron.siret.clone(),
            "agent" => agent.clone(),
            "contrat" => contrat.clone(),
            "mois" => OUVERT.to_owned(),
            "origine" => CLOS.to_owned(),
            "rubrique" => "NET_A_PAYER".to_owned(),
            _ => "1".to_owned(),
        });
        let demande = Demande::lire(&chemin);
        // An account that sees all, taken for one of another employer.
        let recu = executeur().block_on(monde.voie.envoyer(&demande, Some(&seance)));
        let fuites = monde.marques.fuites(&recu.tout(), &[3], &demande.texte());
        let siennes = monde.marques.fuites(&recu.tout(), &[1], &demande.texte());
        assert!(siennes.is_empty(), "{chemin}: {siennes:?}");
        trouvees.extend((!fuites.is_empty()).then(|| route.modele.clone()));
    }
    assert!(trouvees.len() >= 5, "{trouvees:?}");
    // In the ways that a number or a name can be written.
    let secret = monde.marques.chez(1, Genre::Secret).into_iter().find(|s| s.starts_with("fr"));
    let groupes: Vec<&str> = secret
        .unwrap()
        .as_bytes()
        .chunks(4)
        .map(|groupe| std::str::from_utf8(groupe).unwrap())
        .collect();
    let nom = monde.marques.chez(1, Genre::Mot).into_iter().next().unwrap().to_uppercase();
    for texte in [
        groupes.join(" ").to_uppercase(),
        groupes.join("\u{a0}"),
        format!("<td>{nom}</td>"),
        format!("filename=\"{nom}.csv\""),
        format!("/e/{}/x", patron.siret),
    ] {
        assert!(!monde.marques.fuites(&texte, &[3], "").is_empty(), "{texte}");
        assert!(monde.marques.fuites(&texte, &[1], "").is_empty(), "{texte}");
    }
}
