//! The bench of the pages: their router over a pool of fixtures, accounts that are signed in, and
//! what each request was answered. No socket, no browser.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use form_urlencoded::Serializer;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use super::acces::frein::Frein;
use super::acces::jeton;
use super::acces::mot_de_passe::Hacheur;
use super::acces::oidc::Attentes;
use super::appli::{Appli, Exigence};
use super::base::{
    Action, Auteur, Base, Changement, Conservation, Entree, Etat, Filtre, Ligne, Session, Venue,
};
use super::droits::{Compte, Perimetre, Role};
use super::html::CHAMP_JETON;
use super::registre::{Registre, Reglages};
use super::saisie::Deposeur;
use super::web::horloge::maintenant;
use super::web::{COOKIE, Partage, routeur};
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::Siret;
use crate::rulebook::{self, Rules};

/// A commune of thirty agents in `fixtures/pool`.
pub const COMMUNE: &str = "21719601300015";

/// Another employer of the same pool.
pub const AUTRE: &str = "21718995000017";

/// The open month.
pub const MOIS: &str = "2026-10";

/// The pool of fixtures, as it is in the repository.
pub const POOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pool");

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(rulebook::read(&[], false)));

/// A bench that many tests share, for what reads only.
static COMMUN: LazyLock<Banc> = LazyLock::new(Banc::nouveau);

/// One whose pool has faults, all of agents of [`AUTRE`].
static ABIME: LazyLock<Banc> = LazyLock::new(|| {
    Banc::avec(|pool| {
        let carrieres = pool.join("carrieres.csv");
        remplacer(&carrieres, "S076,", ("ingénieur principal", "grade inventé"));
        let grade = "adjoint administratif principal de 2e classe";
        remplacer(&carrieres, "S077,", (grade, "grade inventé"));
        remplacer(&carrieres, "S078,", ("titulaire", "titulair"));
        let agents = pool.join("agents.csv");
        let iban = |agent: &str| {
            let texte = fs::read_to_string(&agents).unwrap();
            let ligne = texte.lines().find(|ligne| ligne.starts_with(agent)).unwrap();
            ligne.split(',').nth(7).unwrap().to_owned()
        };
        remplacer(&agents, "S082,", (&iban("S082,"), &iban("S083,")));
    })
});

/// The pages over a pool of their own.
pub struct Banc {
    /// What requests share: the registre, accounts, the log.
    pub appli: Partage,
    routeur: Router,
    execution: Runtime,
    comptes: AtomicUsize,
    dossier: TempDir,
}

/// An account that is signed in.
#[derive(Clone)]
pub struct Seance {
    /// The account.
    pub compte: Compte,
    /// Its session.
    pub session: Session,
    /// The value of its cookie.
    pub jeton: String,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Reponse {
    /// The status.
    pub code: StatusCode,
    /// The headers.
    pub entetes: HeaderMap,
    /// The bytes.
    pub octets: Vec<u8>,
}

impl Reponse {
    /// The text; bytes that are none are replaced.
    pub fn texte(&self) -> String {
        String::from_utf8_lossy(&self.octets).into_owned()
    }

    /// Whether the text holds some words.
    pub fn dit(&self, mots: &str) -> bool {
        self.texte().contains(mots)
    }

    /// Where it sends the browser; empty when nowhere.
    pub fn vers(&self) -> &str {
        self.entetes.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The same answer, which must have this status.
    #[track_caller]
    pub fn attendu(self, code: u16) -> Self {
        assert_eq!(self.code.as_u16(), code, "{}", self.texte());
        self
    }
}

impl Banc {
    /// A copy of the pool of fixtures, without an archive.
    pub fn nouveau() -> Self {
        Self::avec(|_| {})
    }

    /// A copy of the pool of fixtures, changed before it is read.
    pub fn avec(change: impl FnOnce(&Path)) -> Self {
        let dossier = tempfile::tempdir().unwrap();
        let pool = dossier.path().join("pool");
        copier(Path::new(POOL), &pool);
        change(&pool);
        Self::dans(dossier)
    }

    /// A shared bench where S076, S077 (a grade that is none) and S078 (a row that cannot be read)
    /// of [`AUTRE`] are blocked, and S082 and S083 have the same bank account.
    pub fn abime() -> &'static Self {
        &ABIME
    }

    /// The bench of tests that change neither the pool nor the archive. Its log is shared: look for
    /// entries of an account of the test.
    pub fn commun() -> &'static Self {
        &COMMUN
    }

    /// The pages over `pool` in a folder, and `archive` when it is there.
    pub fn dans(dossier: TempDir) -> Self {
        Self::regle(dossier, Exigence::Personne)
    }

    /// A bench that demands a second factor of some.
    pub fn exigeant(second_facteur: Exigence) -> Self {
        let dossier = tempfile::tempdir().unwrap();
        copier(Path::new(POOL), &dossier.path().join("pool"));
        Self::regle(dossier, second_facteur)
    }

    fn regle(dossier: TempDir, second_facteur: Exigence) -> Self {
        let chemin = dossier.path();
        let pool = chemin.join("pool");
        let mois = PayPeriod::parse(MOIS).unwrap();
        let archive = Some(chemin.join("archive")).filter(|archive| archive.exists());
        let reglages = Reglages {
            pool: pool.clone(),
            mois: archive.is_none().then_some(mois),
            archive,
            rules: Arc::clone(&RULES),
            known_on: KnownOn::Everything,
            au_dela: false,
            aujourd_hui: mois,
            threads: Some(2),
        };
        let appli = Arc::new(Appli {
            registre: Arc::new(Registre::open(reglages).unwrap()),
            base: Base::open(&chemin.join("acces.db")).unwrap(),
            hacheur: Hacheur::new(1),
            frein: Frein::default(),
            oidc: None,
            deposeur: Deposeur::new(&pool).unwrap(),
            second_facteur,
            chiffre: false,
            derriere_proxy: false,
            conservation: Conservation::default(),
            attentes: Attentes::nouvelles(),
        });
        Self {
            routeur: routeur(Arc::clone(&appli)),
            appli,
            execution: Runtime::new().unwrap(),
            comptes: AtomicUsize::new(0),
            dossier,
        }
    }

    /// The folder that holds `pool`, and `archive` if any.
    pub fn dossier(&self) -> &Path {
        self.dossier.path()
    }

    /// Waits for something.
    pub fn attendre<T>(&self, futur: impl Future<Output = T>) -> T {
        self.execution.block_on(futur)
    }

    /// Signs in a new account. An operator sees all; an auditor without employers too; an
    /// administrator none.
    pub fn entrer(&self, role: Role, sirets: &[&str]) -> Seance {
        let numero = self.comptes.fetch_add(1, Ordering::Relaxed);
        let perimetre = match (role, sirets) {
            (Role::Operateur, _) | (Role::Auditeur, []) => Perimetre::tous(),
            _ => Perimetre::des(sirets.iter().map(|siret| Siret::parse(siret).unwrap())),
        };
        let voulu = Changement {
            nom: format!("Compte {numero}"),
            role,
            perimetre,
            fin: (role == Role::Auditeur)
                .then_some(crate::calendar::Day::new(2099, 12, 31).unwrap()),
            actif: true,
        };
        let identifiant = format!("{}{numero}", role.name());
        let compte = self.appli.base.creer(&identifiant, &voulu, maintenant(), |_| note()).unwrap();
        let (quand, etat) = (maintenant(), Etat::Complete);
        let ouverte =
            self.appli.base.ouvrir_session(compte.id, etat, Venue::default(), quand, None).unwrap();
        Seance { compte, session: ouverte.session, jeton: ouverte.jeton }
    }

    /// Staff of these employers.
    pub fn gestionnaire(&self, sirets: &[&str]) -> Seance {
        self.entrer(Role::Gestionnaire, sirets)
    }

    /// An operator.
    pub fn operateur(&self) -> Seance {
        self.entrer(Role::Operateur, &[])
    }

    /// Asks for a page.
    pub fn get(&self, qui: &Seance, url: &str) -> Reponse {
        self.envoyer(requete(qui, "GET", url).body(Body::empty()).unwrap())
    }

    /// Sends a form, with the proof that a page of the session would have given.
    pub fn post(&self, qui: &Seance, url: &str, champs: &[(&str, &str)]) -> Reponse {
        let chemin = url.split('?').next().unwrap();
        let jeton = jeton::emettre(&qui.session.secret, chemin).unwrap();
        let mut corps = Serializer::new(String::new());
        corps.append_pair(CHAMP_JETON, &jeton).extend_pairs(champs);
        self.post_brut(qui, url, corps.finish())
    }

    /// Sends a form as it is.
    pub fn post_brut(&self, qui: &Seance, url: &str, corps: String) -> Reponse {
        let genre = "application/x-www-form-urlencoded";
        let request = requete(qui, "POST", url).header(header::CONTENT_TYPE, genre);
        self.envoyer(request.body(Body::from(corps)).unwrap())
    }

    /// Asks for a page without a session.
    pub fn get_anonyme(&self, url: &str) -> Reponse {
        self.envoyer(Request::builder().uri(url).body(Body::empty()).unwrap())
    }

    /// Sends a form without a session: sign-in, an invitation.
    pub fn post_anonyme(&self, url: &str, champs: &[(&str, &str)]) -> Reponse {
        let corps = Serializer::new(String::new()).extend_pairs(champs).finish();
        self.envoyer(Request::builder().method("POST").uri(url).body(Body::from(corps)).unwrap())
    }

    /// The session that an answer opens or renews.
    #[track_caller]
    pub fn seance(&self, reponse: &Reponse) -> Seance {
        let cookies = reponse.entetes.get_all(header::SET_COOKIE).iter();
        let mut cookies = cookies.filter_map(|cookie| cookie.to_str().unwrap().split_once('='));
        let (_, valeur) = cookies.find(|(nom, _)| *nom == COOKIE).expect("no session is opened");
        let jeton = valeur.split(';').next().unwrap().to_owned();
        let (session, compte) = self.appli.base.session(&jeton, maintenant()).unwrap().unwrap();
        Seance { compte, session, jeton }
    }

    /// Signs in an account that has a password, as a browser does.
    pub fn connecter(&self, identifiant: &str, mot_de_passe: &str) -> Reponse {
        let champs = [("identifiant", identifiant), ("mot_de_passe", mot_de_passe)];
        self.post_anonyme("/connexion", &champs)
    }

    /// Gives an account a password; its session is another one.
    pub fn avec_mot_de_passe(&self, qui: &Seance, mot_de_passe: &str) -> Seance {
        let hache = crate::serve::acces::mot_de_passe::hacher(mot_de_passe).unwrap();
        self.appli.base.changer_mot_de_passe(qui.compte.id, &hache, note()).unwrap();
        self.autre_session(qui)
    }

    /// Another session of an account.
    pub fn autre_session(&self, qui: &Seance) -> Seance {
        let (quand, etat) = (maintenant(), Etat::Complete);
        let ouverte = self
            .appli
            .base
            .ouvrir_session(qui.compte.id, etat, Venue::default(), quand, None)
            .unwrap();
        Seance { compte: qui.compte.clone(), session: ouverte.session, jeton: ouverte.jeton }
    }

    /// Sends any request.
    pub fn envoyer(&self, request: Request<Body>) -> Reponse {
        self.attendre(async {
            let response = self.routeur.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let octets = to_bytes(body, usize::MAX).await.unwrap().to_vec();
            Reponse { code: parts.status, entetes: parts.headers, octets }
        })
    }

    /// Makes every entry of the log fail from now on, as a full disk does; what it gives back makes
    /// it work again.
    pub fn sans_journal(&self) -> impl FnOnce() {
        let base = rusqlite::Connection::open(self.dossier().join("acces.db")).unwrap();
        let refus = "CREATE TRIGGER refus BEFORE INSERT ON journal \
                     BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
        base.execute_batch(refus).unwrap();
        move || base.execute_batch("DROP TRIGGER refus").unwrap()
    }

    /// What the log says of an account, the last entry first.
    pub fn journal(&self, qui: &Seance, action: Action) -> Vec<Ligne> {
        let compte = Some(qui.compte.id);
        let filtre = Filtre { compte, action: Some(action), ..Filtre::default() };
        self.appli.base.journal(&filtre, None, 100).unwrap()
    }
}

/// What a change is logged as, where that is not what is tested.
pub fn note() -> Entree {
    Entree::new(maintenant(), Auteur::console("essai"), Action::CompteModifie)
}

/// A request of a session.
pub fn requete(qui: &Seance, methode: &str, url: &str) -> axum::http::request::Builder {
    let cookie = format!("{COOKIE}={}", qui.jeton);
    Request::builder().method(methode).uri(url).header(header::COOKIE, cookie)
}

/// Changes words of the lines of a file that begin with others.
pub fn remplacer(fichier: &Path, debut: &str, (ancien, nouveau): (&str, &str)) {
    let texte = fs::read_to_string(fichier).unwrap();
    let ligne = |ligne: &str| match ligne.starts_with(debut) {
        true => ligne.replacen(ancien, nouveau, 1),
        false => ligne.to_owned(),
    };
    let lignes: Vec<String> = texte.lines().map(ligne).collect();
    fs::write(fichier, lignes.join("\n") + "\n").unwrap();
}

/// Copies the files of a folder.
pub fn copier(depuis: &Path, vers: &Path) {
    fs::create_dir_all(vers).unwrap();
    for entry in fs::read_dir(depuis).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, vers.join(path.file_name().unwrap())).unwrap();
    }
}

#[cfg(test)]
mod tests;
