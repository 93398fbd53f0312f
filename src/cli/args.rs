//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::domain::Siret;
use crate::serve::droits::Role;

/// Payroll of the French local public service: exact to the cent, every line explained.
#[derive(Parser)]
#[command(name = "paie", version, about, arg_required_else_help = true, infer_subcommands = true)]
pub struct Arguments {
    /// What every command shares.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Clone)]
pub struct Common {
    /// A layer of rules; repeat for several (default: the national rules, in the program)
    #[arg(long, global = true, value_name = "DIR")]
    pub regles: Vec<PathBuf>,
    /// Only rules published and facts known by this day (default: everything known)
    #[arg(long, global = true, value_name = "AAAA-MM-JJ", value_parser = day)]
    pub connu_le: Option<Day>,
    /// Form of the output
    #[arg(long, global = true, value_enum, default_value_t = Format::Texte)]
    pub format: Format,
    /// Only say what is wrong
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Threads (default: one for each core)
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// Accept a month after the last verified one, and mark every payslip
    #[arg(long, global = true)]
    pub au_dela: bool,
}

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Texte,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// The verbs.
#[derive(Subcommand)]
pub enum Command {
    /// Check rule files: every finding at once
    #[command(visible_alias = "verifier")]
    Check(CheckOptions),
    /// Compute the month of a pool
    #[command(visible_alias = "calculer")]
    Run(RunOptions),
    /// Show one payslip; nothing is stored
    #[command(visible_alias = "apercu")]
    Preview(PreviewOptions),
    /// Explain one line of a payslip
    #[command(visible_alias = "expliquer")]
    Explain(ExplainOptions),
    /// Run reference payslips: line-by-line differences
    #[command(visible_alias = "tester")]
    Test(TestOptions),
    /// Show what the rules say on a date, or the page of a code
    #[command(visible_alias = "montrer")]
    Show(ShowOptions),
    /// Compare two results, days of knowledge, sets of rules, or months
    #[command(visible_alias = "ecart")]
    Diff(DiffOptions),
    /// Write results as Parquet, for DuckDB, pandas or Spark
    #[command(visible_alias = "exporter")]
    Export(ExportOptions),
    /// Write an invented, realistic pool
    #[command(visible_alias = "demonstration")]
    Demo(DemoOptions),
    /// The archive: states of months, waivers, backups
    Archive(ArchiveOptions),
    /// Prove that every byte of an archive is what was written
    #[command(visible_alias = "prouver")]
    Verify(VerifyOptions),
    /// Compute archived months again, and compare with what was paid
    #[command(visible_alias = "rejouer")]
    Replay(ReplayOptions),
    /// Serve payslips to browsers: the staff of communes, the operator, the auditor
    #[command(visible_alias = "servir")]
    Serve(ServeOptions),
    /// The accounts and the log of the pages: create, invite, disable, prove, purge
    #[command(visible_alias = "access")]
    Acces(AccesOptions),
    /// Write the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write man pages
    Man {
        /// The folder
        dossier: PathBuf,
    },
}

/// Options of `check`.
#[derive(Args)]
pub struct CheckOptions {}

/// Options of `run`.
#[derive(Args)]
pub struct RunOptions {
    /// The pool folder
    #[arg(long, value_name = "DIR")]
    pub pool: PathBuf,
    /// The month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: PayPeriod,
    /// Where results go, in a folder named by the month; needed without --archive
    #[arg(long, value_name = "DIR", required_unless_present = "archive")]
    pub sortie: Option<PathBuf>,
    /// The archive that keeps the run, and whose closed months it follows; created when absent
    #[arg(long, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// Who runs the month, for the archive (default: the user of the system)
    #[arg(long, value_name = "NOM", requires = "archive")]
    pub par: Option<String>,
    /// Replace the result of an earlier run
    #[arg(long)]
    pub remplacer: bool,
}

/// Who, where and when.
#[derive(Args)]
pub struct AgentOptions {
    /// The pool folder
    #[arg(long, value_name = "DIR")]
    pub pool: PathBuf,
    /// The month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: PayPeriod,
    /// The agent
    #[arg(long, value_name = "ID")]
    pub agent: String,
    /// The contract, when the agent has several
    #[arg(long, value_name = "CONTRAT")]
    pub contrat: Option<String>,
    /// The employer, when the agent has several
    #[arg(long, value_name = "SIRET")]
    pub siret: Option<String>,
    /// The archive whose closed months count, with their rappels; a closed month is read from it
    #[arg(long, value_name = "DIR")]
    pub archive: Option<PathBuf>,
}

/// Options of `preview`.
#[derive(Args)]
pub struct PreviewOptions {
    /// Who
    #[command(flatten)]
    pub who: AgentOptions,
    /// Try a change: `echelon=6`, `enfants=2`, `IFSE=300`, `IHTS_14.nombre=5`,
    /// `absence=maladie_ordinaire:2026-10-05:2026-10-09`; repeat for several
    #[arg(long, value_name = "CHAMP=VALEUR")]
    pub avec: Vec<String>,
}

/// Options of `explain`.
#[derive(Args)]
pub struct ExplainOptions {
    /// Who
    #[command(flatten)]
    pub who: AgentOptions,
    /// The line: a code, with `.base`, `.agent` or `.employeur` for a contribution
    #[arg(long, value_name = "CODE[.PART]")]
    pub rubrique: String,
    /// How deep the lines it reads are explained too
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub profondeur: usize,
    /// Set what was known on another day beside it: both computations and what changed
    #[arg(long, value_name = "AAAA-MM-JJ", value_parser = day, conflicts_with = "archive")]
    pub contre: Option<Day>,
    /// Explain the rappel of a closed month that the line takes: before, now, what changed
    #[arg(long, value_name = "AAAA-MM", value_parser = month, requires = "archive")]
    pub origine: Option<PayPeriod>,
}

/// Options of `serve`.
#[derive(Args)]
pub struct ServeOptions {
    /// The pool folder; variable elements handed in by browser are added to its `elements.csv`
    #[arg(long, value_name = "DIR")]
    pub pool: PathBuf,
    /// The archive: closed months are read from it, and count for the open one
    #[arg(long, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// The SQLite file of accounts, sessions and the log; created when absent (see `paie acces`)
    #[arg(long, value_name = "FICHIER")]
    pub base: PathBuf,
    /// The open month (default: after the last closed one, else the month of today)
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: Option<PayPeriod>,
    /// Where to listen; other than loopback needs TLS or a reverse proxy
    #[arg(long, value_name = "ADRESSE:PORT", default_value = "127.0.0.1:8080")]
    pub ecoute: std::net::SocketAddr,
    /// Certificate chain, PEM; read again when it is renewed
    #[arg(long, value_name = "FICHIER", requires = "cle")]
    pub certificat: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FICHIER", requires = "certificat")]
    pub cle: Option<PathBuf>,
    /// A reverse proxy does TLS in front, and gives the address of the client in X-Forwarded-For
    #[arg(long, conflicts_with = "certificat")]
    pub derriere_proxy: bool,
    /// Sign-in by an identity provider (OpenID Connect, ProConnect): its TOML file
    #[arg(long, value_name = "FICHIER")]
    pub oidc: Option<PathBuf>,
    /// Who must have a second factor
    #[arg(long, value_enum, default_value_t = SecondFacteur::Gestion)]
    pub second_facteur: SecondFacteur,
    /// Months that entries of the log are kept
    #[arg(long, value_name = "MOIS", default_value_t = 12,
          value_parser = clap::value_parser!(u32).range(6..=36))]
    pub journal: u32,
}

/// Who must have a second factor; others may.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SecondFacteur {
    /// Every account.
    Tous,
    /// Administrators and operators.
    Gestion,
    /// Nobody.
    Aucun,
}

/// Options of `test`.
#[derive(Args)]
pub struct TestOptions {
    /// Reference payslips, or folders of them
    #[arg(required = true, value_name = "FILE-OR-DIR")]
    pub cas: Vec<PathBuf>,
}

/// Options of `show`.
#[derive(Args)]
pub struct ShowOptions {
    /// `rubrique`, `parametre`, `table`, `grille`, `texte`, `entree`, `couverture`,
    /// `dictionnaire`, `schema`, or a code
    pub quoi: String,
    /// Its name; without it, the list (`dictionnaire resultats`: the columns of results)
    pub nom: Option<String>,
    /// The month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: Option<PayPeriod>,
}

/// Options of `diff`.
#[derive(Args)]
#[command(infer_subcommands = true)]
pub struct DiffOptions {
    /// What is compared
    #[command(subcommand)]
    pub quoi: DiffCommand,
}

/// What `diff` compares; nothing is stored.
#[derive(Subcommand)]
pub enum DiffCommand {
    /// The results of two runs
    Resultats {
        /// The result folder before (`sortie/2026-10`)
        avant: PathBuf,
        /// The result folder after
        apres: PathBuf,
        /// How it is shown
        #[command(flatten)]
        vue: DiffView,
    },
    /// One month with what was known on two days
    Connu {
        /// What is computed
        #[command(flatten)]
        quoi: PoolMonth,
        /// Only rules published and facts known by this day, or `tout`
        #[arg(long, value_name = "AAAA-MM-JJ|tout", value_parser = known)]
        avant: KnownOn,
        /// The other day, or `tout`
        #[arg(long, value_name = "AAAA-MM-JJ|tout", value_parser = known)]
        apres: KnownOn,
        /// How it is shown
        #[command(flatten)]
        vue: DiffView,
    },
    /// One month under two sets of rules: a draft decree against the rules of today
    Regles {
        /// What is computed
        #[command(flatten)]
        quoi: PoolMonth,
        /// A draft, or `national`; a file of a draft replaces the national one of the same path
        #[arg(long, value_name = "DIR|national", default_value = "national")]
        avant: PathBuf,
        /// The other draft, or `national`
        #[arg(long, value_name = "DIR|national")]
        apres: PathBuf,
        /// How it is shown
        #[command(flatten)]
        vue: DiffView,
    },
    /// A month against the month before: why each net moves, cause by cause
    Mois {
        /// What is computed
        #[command(flatten)]
        quoi: PoolMonth,
        /// The archive: the month before is what was paid, the month has its rappels
        #[arg(long, value_name = "DIR")]
        archive: Option<PathBuf>,
        /// Payslips in the list of the greatest
        #[arg(long, value_name = "N", default_value_t = 20)]
        nombre: usize,
    },
}

/// A month of a pool.
#[derive(Args)]
pub struct PoolMonth {
    /// The pool folder
    #[arg(long, value_name = "DIR")]
    pub pool: PathBuf,
    /// The month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: PayPeriod,
}

/// How differences are shown.
#[derive(Args)]
pub struct DiffView {
    /// Payslips in the list of the greatest
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub nombre: usize,
    /// What a row of `--format csv` is
    #[arg(long, value_enum, default_value_t = Par::Bulletin)]
    pub par: Par,
}

/// What a row of a difference is.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Par {
    /// A payslip that differs.
    Bulletin,
    /// An employer.
    Employeur,
    /// A rubrique.
    Rubrique,
    /// A rubrique of an employer.
    Detail,
}

/// Options of `export`.
#[derive(Args)]
pub struct ExportOptions {
    /// The result folder of a month, as `run` wrote it; repeat for several months
    #[arg(long, required_unless_present = "archive", value_name = "DIR")]
    pub resultats: Vec<PathBuf>,
    /// An archive: the last run of each month and employer, the ledger and rappels included
    #[arg(long, conflicts_with = "resultats", value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// A month of the archive; repeat for several (default: all)
    #[arg(long, requires = "archive", value_name = "AAAA-MM", value_parser = month)]
    pub mois: Vec<PayPeriod>,
    /// The facts too, with names, NIR and IBAN
    #[arg(long, requires = "archive")]
    pub faits: bool,
    /// Where tables go: `DIR/lignes/mois=2026-10/lignes.parquet`
    #[arg(long, value_name = "DIR")]
    pub vers: PathBuf,
    /// Form of the files
    #[arg(long, value_enum, default_value_t = FormeOption::Parquet)]
    pub forme: FormeOption,
    /// Replace the files of an earlier export
    #[arg(long)]
    pub remplacer: bool,
}

/// Form of exported files.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormeOption {
    /// Typed columns, compressed.
    Parquet,
    /// The tables as `run` wrote them.
    Csv,
}

/// Options of `archive`.
#[derive(Args)]
#[command(infer_subcommands = true)]
pub struct ArchiveOptions {
    /// What to do
    #[command(subcommand)]
    pub quoi: ArchiveCommand,
}

/// What can be done to an archive.
#[derive(Subcommand)]
pub enum ArchiveCommand {
    /// The months, employer by employer: computed, validated, closed, by whom and when
    Etat {
        /// The archive
        #[arg(long, value_name = "DIR")]
        archive: PathBuf,
        /// One month only
        #[arg(long, value_name = "AAAA-MM", value_parser = month)]
        mois: Option<PayPeriod>,
    },
    /// Answer for the month of employers
    Valider(MonthState),
    /// Close the month of employers: it never changes again
    Clore(MonthState),
    /// Pay although a control blocks: who decides, and why
    Deroger(WaiverOptions),
    /// Bring a copy up to date, and prove it: restored beside, read whole, a month computed again
    Sauvegarde(BackupOptions),
    /// Make an archive from a copy of it
    Restaure {
        /// The copy
        #[arg(long, value_name = "DIR")]
        depuis: PathBuf,
        /// The new archive, a folder that does not exist yet
        #[arg(long, value_name = "DIR")]
        vers: PathBuf,
    },
}

/// Options of `archive deroger`.
#[derive(Args)]
pub struct WaiverOptions {
    /// The archive
    #[arg(long, value_name = "DIR")]
    pub archive: PathBuf,
    /// The month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: PayPeriod,
    /// The employer
    #[arg(long, value_name = "SIRET")]
    pub siret: String,
    /// The agent
    #[arg(long, value_name = "ID")]
    pub agent: String,
    /// The contract
    #[arg(long, value_name = "CONTRAT")]
    pub contrat: String,
    /// The control, as the finding names it
    #[arg(long, value_name = "NOM")]
    pub controle: String,
    /// Who decides
    #[arg(long, value_name = "NOM")]
    pub par: String,
    /// Why
    #[arg(long, value_name = "TEXTE")]
    pub motif: String,
}

/// Options of `archive sauvegarde`.
#[derive(Args)]
pub struct BackupOptions {
    /// The archive
    #[arg(long, value_name = "DIR")]
    pub archive: PathBuf,
    /// The copy, made when it does not exist; on another disk
    #[arg(long, value_name = "DIR")]
    pub vers: PathBuf,
    /// Who answers for the proof (default: the user of the system)
    #[arg(long, value_name = "NOM")]
    pub par: Option<String>,
}

/// Options of `verify`.
#[derive(Args)]
pub struct VerifyOptions {
    /// The archive, or a copy of it
    #[arg(long, value_name = "DIR")]
    pub archive: PathBuf,
    /// The digest of an entry that was noted elsewhere: it must still be in the journal
    #[arg(long, value_name = "EMPREINTE", value_parser = noted)]
    pub tete: Option<String>,
}

/// Employers of a month, and who answers.
#[derive(Args)]
pub struct MonthState {
    /// The archive
    #[arg(long, value_name = "DIR")]
    pub archive: PathBuf,
    /// The month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub mois: PayPeriod,
    /// An employer; repeat for several (default: all those that can)
    #[arg(long, value_name = "SIRET")]
    pub siret: Vec<String>,
    /// Who answers
    #[arg(long, value_name = "NOM")]
    pub par: String,
}

/// Options of `replay`.
#[derive(Args)]
pub struct ReplayOptions {
    /// The archive; it is only read
    #[arg(long, value_name = "DIR")]
    pub archive: PathBuf,
    /// One month, closed or not (default: every closed month)
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    #[arg(conflicts_with_all = ["depuis", "jusqu"])]
    pub mois: Option<PayPeriod>,
    /// The first closed month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub depuis: Option<PayPeriod>,
    /// The last closed month
    #[arg(long, value_name = "AAAA-MM", value_parser = month)]
    pub jusqu: Option<PayPeriod>,
    /// What the closed months are due now, with the facts of --pool and the rules of today,
    /// against what they were due as last computed; nothing is stored
    #[arg(long, visible_alias = "as-due", requires = "pool")]
    pub du: bool,
    /// The pool whose facts count, with --du
    #[arg(long, value_name = "DIR", requires = "du")]
    pub pool: Option<PathBuf>,
}

/// Options of `demo`.
#[derive(Args)]
pub struct DemoOptions {
    /// The folder to write
    pub dossier: PathBuf,
    /// How many employers
    #[arg(long, default_value_t = 12)]
    pub employeurs: u32,
    /// How many agents
    #[arg(long, default_value_t = 150)]
    pub agents: u32,
    /// Seed: the same one gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub graine: u64,
    /// The month of the variable elements
    #[arg(long, value_name = "AAAA-MM", value_parser = month, default_value = "2026-10")]
    pub mois: PayPeriod,
    /// Invent the facts of N months in a row, the last of which is --mois, a part of them
    /// learned late (`connu_le`)
    #[arg(long, value_name = "N")]
    pub historique: Option<u32>,
}

/// Options of `acces`.
#[derive(Args)]
#[command(infer_subcommands = true)]
pub struct AccesOptions {
    /// The SQLite file of accounts, sessions and the log: that of `paie serve --base`; needed
    #[arg(long, value_name = "FICHIER", global = true)]
    pub base: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub quoi: AccesCommand,
}

/// What can be done to accounts and to the log.
#[derive(Subcommand)]
pub enum AccesCommand {
    /// Create an account, and print the one-time path where its owner chooses a password
    #[command(visible_alias = "create")]
    Creer {
        /// What is typed to sign in: an address or a short name
        identifiant: String,
        /// Its name, role and scope
        #[command(flatten)]
        compte: AccountOptions,
    },
    /// List the accounts
    #[command(visible_alias = "list")]
    Lister,
    /// Change an account; its sessions end when what it may do changes
    #[command(visible_alias = "change")]
    Modifier {
        /// The account
        identifiant: String,
        /// What changes
        #[command(flatten)]
        compte: AccountOptions,
    },
    /// Disable an account; its sessions end
    #[command(visible_alias = "disable")]
    Desactiver {
        /// The account
        identifiant: String,
    },
    /// Print a new one-time path where the owner of an account chooses a password
    #[command(visible_alias = "invite")]
    Inviter {
        /// The account
        identifiant: String,
    },
    /// Forget the second factor of an account: telephone lost, no recovery code left
    #[command(visible_alias = "second-factor")]
    SecondFacteur {
        /// The account
        identifiant: String,
    },
    /// Write the log as a table for spreadsheets
    #[command(visible_alias = "log")]
    Journal {
        /// A new file (default: standard output)
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
        /// Entries of this account only
        #[arg(long, value_name = "IDENTIFIANT")]
        compte: Option<String>,
        /// Entries about this agent only
        #[arg(long, value_name = "ID")]
        agent: Option<String>,
    },
    /// Prove that no entry of the log was changed or removed
    #[command(visible_alias = "verify")]
    Verifier {
        /// The digest of an entry that was noted elsewhere: it must still be in the log
        #[arg(long, value_name = "EMPREINTE", value_parser = noted)]
        tete: Option<String>,
    },
    /// Remove entries of the log that were kept long enough
    #[command(visible_alias = "purge")]
    Purger {
        /// How many months entries are kept, 6 to 36
        #[arg(long, value_name = "N", default_value_t = 12)]
        mois: u32,
    },
}

/// Name, role and scope of an account.
#[derive(Args)]
pub struct AccountOptions {
    /// The name that pages and the log show
    #[arg(long, value_name = "NOM")]
    pub nom: Option<String>,
    /// administrateur, operateur, gestionnaire (default) or auditeur
    #[arg(long, value_name = "ROLE", value_parser = role)]
    pub role: Option<Role>,
    /// An employer that the account sees; repeat for several
    #[arg(long, value_name = "SIRET", value_parser = employer, conflicts_with = "tous")]
    pub siret: Vec<Siret>,
    /// The account sees all employers
    #[arg(long)]
    pub tous: bool,
    /// The last day the account can sign in; an auditor has one
    #[arg(long, value_name = "AAAA-MM-JJ", value_parser = day)]
    pub fin: Option<Day>,
    /// Enable an account that was disabled
    #[arg(long)]
    pub actif: bool,
}

fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::name).join(", ");
    Role::from_name(text).ok_or_else(|| format!("choose one of {names}"))
}

fn employer(text: &str) -> Result<Siret, String> {
    Siret::parse(text).ok_or_else(|| "a SIRET has 14 digits".to_owned())
}

fn month(text: &str) -> Result<PayPeriod, String> {
    PayPeriod::parse(text).map_err(|error| error.to_string())
}

fn known(text: &str) -> Result<KnownOn, String> {
    if text == "tout" {
        return Ok(KnownOn::Everything);
    }
    day(text).map(KnownOn::Day).map_err(|error| format!("{error}, or `tout`"))
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|error| error.to_string())
}

/// A digest, or at least its first sixteen digits; as `TETE` writes it, its number before.
fn noted(text: &str) -> Result<String, String> {
    let digest = text.trim().rsplit('-').next().unwrap_or_default();
    let digits = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits && (16..=64).contains(&digest.len()) {
        Ok(digest.to_ascii_lowercase())
    } else {
        Err("write the 64 digits of a digest, or at least the first 16".to_owned())
    }
}
