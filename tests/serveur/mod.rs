//! The real server in tests: `paie serve`, as an operator starts it, over an invented pool.
//!
//! It listens on a free port of loopback, in a folder of its own, and ends with the test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]
#![allow(clippy::panic, reason = "a test stops at a surprise")]

pub mod client;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// The longest that a server may take to listen: it reads its pool first.
const DELAI: Duration = Duration::from_secs(120);

/// A server that all tests of a program share has no test to end with: a shell holds the other end
/// of a pipe, and when the pipe closes it ends the server and removes its folder.
const GARDE: &str = r#"
dossier=$1
shift
"$@" &
serveur=$!
cat >/dev/null
kill -9 $serveur
rm -rf "$dossier"
"#;

/// A program that listens, and says where on its first line.
pub struct Processus {
    enfant: Child,
    /// Where it listens, without a slash at the end.
    pub origine: String,
}

impl Processus {
    /// Starts it, and waits until it says where it listens; its errors go to `erreurs`.
    pub fn lancer(mut commande: Command, erreurs: &Path) -> Self {
        let sortie = File::create(erreurs).unwrap();
        commande.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(sortie);
        let mut enfant = commande.spawn().unwrap();
        let dit = BufReader::new(enfant.stdout.take().unwrap());
        let (envoi, arrivee) = channel();
        // Read to the end: a program that writes into a closed pipe dies.
        thread::spawn(move || {
            for ligne in dit.lines().map_while(Result::ok) {
                let adresse = ligne.split_whitespace().find(|mot| mot.starts_with("http"));
                if let Some(adresse) = adresse {
                    let _ = envoi.send(adresse.trim_end_matches('/').to_owned());
                }
            }
        });
        match arrivee.recv_timeout(DELAI) {
            Ok(origine) => Self { enfant, origine },
            Err(pourquoi) => {
                let _ = enfant.kill();
                let code = enfant.wait().unwrap();
                let dit = fs::read_to_string(erreurs).unwrap_or_default();
                panic!("the server does not listen ({pourquoi}, {code}):\n{dit}");
            }
        }
    }

    /// Its number, for signals and measures.
    pub fn numero(&self) -> u32 {
        self.enfant.id()
    }
}

impl Drop for Processus {
    /// As a power cut does: nothing is left to say goodbye with.
    fn drop(&mut self) {
        let _ = self.enfant.kill();
        let _ = self.enfant.wait();
    }
}

/// A pool, its archive and the base of the server, in a folder that goes with the test.
pub struct Lieu {
    dossier: TempDir,
    mois: String,
}

impl Lieu {
    /// An invented pool for a month (`2026-11`), with nothing closed.
    pub fn demo(employeurs: usize, agents: usize, mois: &str) -> Self {
        let lieu = Self { dossier: tempfile::tempdir().unwrap(), mois: mois.to_owned() };
        let (employeurs, agents) = (employeurs.to_string(), agents.to_string());
        let pool = lieu.chemin("pool");
        let taille = ["--employeurs", &employeurs, "--agents", &agents, "--historique", "3"];
        lieu.paie(&[&["demo", pool.to_str().unwrap()], &taille[..], &["--mois", mois]].concat());
        lieu
    }

    /// What is called `nom` here: `pool`, `archive`, `base.sqlite`, `erreurs.txt`.
    pub fn chemin(&self, nom: &str) -> PathBuf {
        self.dossier.path().join(nom)
    }

    /// The month that the server prepares.
    pub fn mois(&self) -> &str {
        &self.mois
    }

    /// Runs a command to its end; what it prints. It must succeed, with something to look at or
    /// not: an invented month has its warnings.
    pub fn paie(&self, arguments: &[&str]) -> String {
        let rendu = Command::new(env!("CARGO_BIN_EXE_paie")).args(arguments).output().unwrap();
        let dit = String::from_utf8_lossy(&rendu.stderr);
        let fait = matches!(rendu.status.code(), Some(0 | 1));
        assert!(fait, "paie {}: {dit}", arguments.join(" "));
        String::from_utf8(rendu.stdout).unwrap()
    }

    /// Pays a month of every employer and closes it, in the archive.
    pub fn clore(&self, mois: &str) {
        let (pool, archive) = (self.chemin("pool"), self.chemin("archive"));
        let archive = ["--archive", archive.to_str().unwrap(), "--mois", mois];
        let connu = format!("{mois}-25");
        let pool = ["--pool", pool.to_str().unwrap(), "--connu-le", &connu];
        self.paie(&[&["run"], &pool[..], &archive, &["--par", "Opératrice"]].concat());
        for verbe in ["valider", "clore"] {
            self.paie(&[&["archive", verbe], &archive[..], &["--par", "Mme Chef"]].concat());
        }
    }

    /// Starts the server, with `plus` after what every test gives it.
    pub fn servir(&self, plus: &[&str]) -> Processus {
        let commande = self.serve("127.0.0.1:0", plus);
        Processus::lancer(commande, &self.chemin("erreurs.txt"))
    }

    /// Starts a server that lives as long as this program, on an address.
    pub fn servir_longtemps(&self, ecoute: &str, plus: &[&str]) -> Processus {
        let serveur = self.serve(ecoute, plus);
        let mut commande = Command::new("sh");
        commande.args(["-c", GARDE, "sh"]).arg(self.dossier.path());
        commande.arg(serveur.get_program()).args(serveur.get_args());
        Processus::lancer(commande, &self.chemin("erreurs.txt"))
    }

    fn serve(&self, ecoute: &str, plus: &[&str]) -> Command {
        let mut commande = Command::new(env!("CARGO_BIN_EXE_paie"));
        commande.arg("serve").arg("--pool").arg(self.chemin("pool"));
        if self.chemin("archive").exists() {
            commande.arg("--archive").arg(self.chemin("archive"));
        }
        commande.arg("--base").arg(self.chemin("base.sqlite"));
        commande.args(["--ecoute", ecoute, "--mois", &self.mois]).args(plus);
        commande
    }
}
