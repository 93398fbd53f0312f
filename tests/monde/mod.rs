//! The world of the scenarios: an invented commune and its neighbours, two closed months, a month
//! being prepared, the real server over them, an identity provider, and people who sign in.
//!
//! One for all tests of a program. Tests that store elements each have an employer of their own:
//! the page of an employer is stale as soon as somebody stores something there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at a surprise")]
#![allow(clippy::indexing_slicing, reason = "a test stops at a surprise")]

pub mod ecran;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use paie::calendar::Day;
use paie::domain::Siret;
use paie::serve::acces::mot_de_passe::hacher;
use paie::serve::base::{Action, Auteur, Base, Changement, Entree};
use paie::serve::droits::{Perimetre, Role};
use totp_rs::{Algorithm, Builder, Secret};

use crate::fournisseur::{CLIENT, Fournisseur, SECRET};
use crate::navigateur::{Navigateur, executeur};
use crate::serveur::{Lieu, Processus};

/// The commune of most scenarios.
pub const COMMUNE: &str = "21249601200015";
/// Its inter-municipal neighbour, its social centre, the management centre of its department.
pub const VOISINE: &str = "24249602400017";
pub const CCAS: &str = "26249603700017";
pub const CENTRE: &str = "28249600900014";

/// The month being prepared, and the last closed one.
pub const MOIS: &str = "2026-06";
pub const CLOS: &str = "2026-05";

/// A clerk of the commune, step 5, three children.
pub const MARC: &str = "A0000010";
/// An agent whose premium has no amount: the payslip is blocked.
pub const REGIS: &str = "A0000012";
/// An agent whose absence was told late: the payslip corrects a closed month.
pub const RAPPELE: &str = "A0000021";

/// The password of everyone.
pub const MOT_DE_PASSE: &str = "quatre chevaux verts et lents";

/// A row that an import left without its amount.
const SANS_MONTANT: &str =
    "A0000012,21249601200015,C1,PRIME_ANNUELLE,2026-06-01,2026-06-30,2026-06-01,,,,,,,\n";

/// Everything around the tests.
pub struct Monde {
    /// The pool, the archive, the base.
    pub lieu: Lieu,
    /// The identity provider.
    pub tiers: Fournisseur,
    base: Base,
    serveur: Processus,
    comptes: AtomicUsize,
}

/// Someone who can sign in.
pub struct Personne {
    /// What is typed.
    pub identifiant: String,
    /// The number of the account.
    pub id: i64,
    secret: Option<Vec<u8>>,
}

impl Monde {
    /// The world of this program, made by the first test that needs it.
    pub fn commun() -> &'static Self {
        static MONDE: OnceLock<Monde> = OnceLock::new();
        MONDE.get_or_init(Self::nouveau)
    }

    fn nouveau() -> Self {
        let lieu = Lieu::demo(4, 40, MOIS);
        lieu.clore("2026-04");
        lieu.clore(CLOS);
        let elements = lieu.chemin("pool").join("elements.csv");
        let mut elements = OpenOptions::new().append(true).open(elements).unwrap();
        elements.write_all(SANS_MONTANT.as_bytes()).unwrap();
        let base = Base::open(&lieu.chemin("base.sqlite")).unwrap();
        let tiers = executeur().block_on(Fournisseur::demarrer());
        // The provider must know where to send people back to before the server listens.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let oidc = fiche(&lieu, tiers.adresse(), &format!("http://{port}"));
        let serveur = lieu.servir_longtemps(&port.to_string(), &["--oidc", &oidc]);
        Self { lieu, tiers, base, serveur, comptes: AtomicUsize::new(0) }
    }

    /// Where the server is, without a slash at the end.
    pub fn origine(&self) -> &str {
        &self.serveur.origine
    }

    /// The address of a path.
    pub fn adresse(&self, chemin: &str) -> String {
        format!("{}{chemin}", self.serveur.origine)
    }

    /// Staff of these employers.
    pub fn gestionnaire(&self, sirets: &[&str]) -> Personne {
        self.personne(Role::Gestionnaire, sirets)
    }

    /// Someone new, with a password, and a second factor where the role must have one. An operator
    /// sees all; so does an auditor without employers.
    pub fn personne(&self, role: Role, sirets: &[&str]) -> Personne {
        let numero = self.comptes.fetch_add(1, Ordering::Relaxed);
        self.nommee(&format!("{}.{numero}@mairie.example", role.name()), role, sirets)
    }

    /// The same, by the identifiant.
    pub fn nommee(&self, identifiant: &str, role: Role, sirets: &[&str]) -> Personne {
        let perimetre = match (role, sirets) {
            (Role::Operateur, _) | (Role::Auditeur, []) => Perimetre::tous(),
            _ => Perimetre::des(sirets.iter().map(|siret| Siret::parse(siret).unwrap())),
        };
        let fin = (role == Role::Auditeur).then(|| Day::parse("2099-12-31").unwrap());
        let nom = format!("Dominique {}", role.french());
        let voulu = Changement { nom, role, perimetre, fin, actif: true };
        let quand = maintenant();
        let id = self.base.creer(identifiant, &voulu, quand, |_| note()).unwrap().id;
        let invitation = self.base.inviter(id, quand, note()).unwrap();
        self.base.accepter(&invitation, hache(), quand, |_| note()).unwrap();
        let secret = matches!(role, Role::Administrateur | Role::Operateur).then(|| {
            let secret = paie::serve::acces::totp::secret().unwrap();
            self.base.enroler(id, &secret).unwrap();
            self.base.confirmer_enrolement(id, 1, None, note()).unwrap();
            secret
        });
        Personne { identifiant: identifiant.to_owned(), id, secret }
    }

    /// A browser where someone is signed in.
    pub fn entrer(&self, largeur: u32, qui: &Personne) -> Navigateur {
        let page = Navigateur::ouvrir(largeur);
        page.connecter(self.origine(), &qui.identifiant, MOT_DE_PASSE);
        if let Some(secret) = &qui.secret {
            page.remplir("Code", &code(secret, 0));
            page.suivre("Continuer");
        }
        page
    }

    /// Ends every session of someone, as idle time does.
    pub fn finir_les_sessions(&self, qui: &Personne) {
        assert!(self.base.fermer_toutes(qui.id, None, note()).unwrap() > 0, "no session to end");
    }

    /// The rows of variable elements of an employer, as they are on the disk.
    pub fn elements(&self, siret: &str) -> Vec<String> {
        let texte = fs::read_to_string(self.lieu.chemin("pool").join("elements.csv")).unwrap();
        let sien = |ligne: &&str| ligne.split(',').nth(1) == Some(siret);
        texte.lines().filter(sien).map(str::to_owned).collect()
    }
}

/// The path of a payslip of the open month.
pub fn bulletin(siret: &str, agent: &str) -> String {
    format!("/e/{siret}/agents/{agent}/C1/{MOIS}")
}

/// The code of a second factor, so many seconds from now.
pub fn code(secret: &[u8], plus_tard: u64) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::new(secret.into()))
        .with_account_name("test")
        .with_issuer(Some("Paie"))
        .build()
        .unwrap();
    totp.generate(u64::try_from(maintenant()).unwrap() + plus_tard).to_string()
}

/// Seconds since 1970.
pub fn maintenant() -> i64 {
    let depuis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(depuis.as_secs()).unwrap()
}

/// What a change of an account is logged as, where that is not what is tested.
fn note() -> Entree {
    Entree::new(maintenant(), Auteur::console("essai"), Action::CompteModifie)
}

/// The password of everyone, hashed once.
fn hache() -> &'static str {
    static HACHE: OnceLock<String> = OnceLock::new();
    HACHE.get_or_init(|| hacher(MOT_DE_PASSE).unwrap())
}

/// The file of the identity provider; returns its path.
fn fiche(lieu: &Lieu, emetteur: &str, retour: &str) -> String {
    let secret = lieu.chemin("secret");
    fs::write(&secret, SECRET).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let texte = format!(
        "nom = \"ProConnect\"\nemetteur = \"{emetteur}\"\nclient_id = \"{CLIENT}\"\n\
         fichier_secret = \"secret\"\nretour = \"{retour}\"\n"
    );
    let chemin = lieu.chemin("oidc.toml");
    fs::write(&chemin, texte).unwrap();
    chemin.to_str().unwrap().to_owned()
}
