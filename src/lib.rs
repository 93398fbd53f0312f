//! `paie`: payroll of the French local public service, exact to the cent, every line explained.
//!
//! # Overview
//!
//! 1. One package: this library, and a binary that hands its arguments to [`cli`].
//! 2. A strict pipeline: load, parse, resolve, check, compile, evaluate, write. Each stage has its
//!    own type; only [`check`] makes the [`check::CheckedRuleBook`] that the compiler accepts.
//! 3. Floors: a module imports from lower floors; `tests/tidy.rs` reads the sources and holds it.
//! 4. Money is integers. No binary float, by lint; nothing rounds unless a rule says so.
//! 5. Units are checked (`€`, `pt`, `mois`, `h`): index points never meet euros by accident.
//! 6. Rules have two dates, `depuis` (takes effect) and `publie` (became public), and their
//!    citation stands in the same block; facts have two as well, `depuis` and `connu_le`.
//! 7. Rules are data in a small total language: no loop, no recursion, no script.
//! 8. One evaluator: an explanation is the program of the batch, run with an observer.
//! 9. What the law says (`fixtures/bulletins`) is never mixed with what the program prints
//!    (`tests/snapshots`).
//! 10. Findings are a public interface: stable codes, exact places, all at once.
//!
//! ```text
//!  rules/**                                      pool folder, reference payslip
//!     │ load                                          │ io
//!  SourceMap ─ syntax ─► RuleFile                 AgentFacts ◄── domain
//!     │           │ rules::resolve                    │
//!     │        RuleBook                               │
//!     │           │ check                             │
//!     │     CheckedRuleBook ─────────────────────► dossier
//!     │           │ program::compile(month, known on) │
//!     │        Program ─────────────────────► engine ─┤
//!     │           │                                   ▼
//!     └───────────┴──► explain ◄──────────────── Payslip ──► bulletin, batch (result files)
//! ```
//!
//! # Code map
//!
//! | Floor | Modules | What they are |
//! |---|---|---|
//! | F0 | [`limits`], [`num`] | every maximum in one place; exact numbers and the only roundings |
//! | F0 | [`calendar`], [`source`] | civil dates and months of pay; texts and places in them |
//! | F1 | [`diag`], [`domain`] | findings; facts of payroll as data |
//! | F2 | [`syntax`], [`load`] | one file as trees; where rule files come from |
//! | F2 | [`francais`] | findings in French, for the browser |
//! | F3 | [`rules`] | the rule book: names resolved, versions on their timelines |
//! | F4 | [`check`] | proof that a book means something: names, units, order, dates |
//! | F5 | [`program`] | one month as straight-line code; the proof of widths and cents |
//! | F5 | [`coverage`] | what a checked book covers, period by period, and how surely |
//! | F6 | [`engine`] | running it on one contract: slots in, lines out |
//! | F6 | [`rulebook`] | rules from folders or from the binary, checked; their months |
//! | F7 | [`dossier`] | facts to the inputs of a month |
//! | F8 | [`rappel`] | what closed months are due now, and how the difference is paid |
//! | F8 | [`compare`] | two computations side by side; a variation split by cause |
//! | F8 | [`explain`], [`bulletin`] | why an amount, what changed; the payslip that people read |
//! | F8 | [`io`], [`demo`] | pool folders and reference payslips; invented pools |
//! | F8 | [`archive`] | months kept whole, for ever: objects, journal, proofs, copies |
//! | F9 | [`batch`] | the month of a pool: threads, result files, manifest; a month at hand |
//! | F9 | [`export`] | tables of a month as Parquet or CSV, for other tools |
//! | F10 | [`preview`] | one payslip with changes tried, line by line with its reasons |
//! | F11 | [`serve`] | pages for communes, the operator, the auditor |
//! | F12 | [`cli`] | arguments, words, exit codes |
//!
//! Each module opens with what it does, what it may import and what it must not know.
//!
//! # Invariants of absence
//!
//! Each one is an assertion of `tests/tidy.rs`, or a lint of `Cargo.toml`.
//!
//! - Files are touched only in [`load`], [`io`], [`archive`], [`batch`], [`export`], [`serve`] and
//!   [`cli`].
//! - No clock outside [`serve`] and [`cli`]: the same inputs give the same bytes, whenever they are
//!   computed.
//! - No binary float anywhere; [`num`] alone knows how money is represented.
//! - [`engine`] knows neither places in texts, nor citations, nor file names: slots only.
//! - [`rules`] does not know [`domain`]: a rule reads declared inputs; [`dossier`] provides them.
//! - Threads that compute only in [`batch`]; arguments only in [`cli`]; colours only in [`diag`].
//! - No hash map is walked where its order could reach an output.
//! - No function above seventy lines, no line above a hundred columns, no file that no module
//!   declares, no fixture that no test reads.
//! - No `unsafe`, and no panic that a lint can find.
//!
//! # Decisions
//!
//! All of 2026-11-23, with their reasons. A later one is added, dated, and names what it replaces.
//!
//! - **Exact values are fractions with a constant denominator**, not decimals with a scale. 80 % is
//!   paid 6/7, a month is twelfths and thirtieths, a post is 17.5/35: no scale holds them. The
//!   compiler keeps the constant part of every denominator apart, so that most of a formula is
//!   integer products and one division, at its rounding.
//! - **`grandeur`, and a declared way across segments**, instead of a `prorata()` in formulas. A
//!   formula gives a full month; the block says how it follows presence (`prorata`, `dernier`), and
//!   the engine shares and rounds once. Nobody can prorate twice, or forget to, and what several
//!   lines share (annual traitement, ceiling) has a name that is explained.
//! - **Widths and cents are proven by compiling every covered month** ([`program::prove`]), not by
//!   a second analysis in [`check`]. The bounds of a value depend on the versions in force; the
//!   compiler has them at hand, and what is proven is the very code that runs.
//! - **A unit of work is a block of agents, in the order of `agents.csv`**, not the agents of one
//!   employer. An agent can have several employers, and lines that need all its contracts (pension
//!   scheme, family supplement) find them together; blocks have one size, so threads stay busy.
//!   Results leave in the order of the blocks: bytes do not depend on threads.
//! - **BLAKE3 for digests** of rules, pool and results: a run reads and writes gigabytes, and the
//!   digest must not be what it waits for.
//! - **An own splitter of rows** ([`io`]), tested against the `csv` crate cell by cell. A block
//!   keeps the raw bytes of its rows, so that reading is a cheap pass and parsing is parallel.
//! - **Absences are rates, not special cases** (2026-11-25). The program cuts an absence in pieces
//!   ([`dossier`], from tables of rights); a quantity of `calcul = "absence"` gives the part each
//!   piece withholds, and a rubrique names it. What an absence does to a line stands in the rule
//!   of that line, dated, with its text.
//! - **No program per statut** (2026-11-25). Conditions on statut, scheme and the employer's
//!   defaults decided at compile time left half of the instructions; a run was no faster (ratio
//!   1.03 over eleven pairs, 20,000 agents), since sharing, rounding and writing lines dominate.
//! - **A quantity without a rule is an error** (D203, 2026-11-25), unless it says that it is zero
//!   then: a rule that starts too late would otherwise pay nothing in silence.
//! - **Controls are rules** (2026-11-25): a `[[controle]]` is a dated condition of the month with a
//!   message and a remedy; it prints nothing and is listed with the findings.
//! - **The month is a folder and no column of exported Parquet** (2026-11-26). The Hive layout
//!   gives it to every engine; with a column of that name too, pandas refuses to read the folder.
//! - **Parquet by the column writer, without arrow** (2026-11-26): rows become column buffers here,
//!   and amounts integers of cents, which the type DECIMAL says how to read.
//! - **A rappel follows the mode of each line** (2026-11-26): `origine`, `annee` or `paiement`,
//!   said by the rule in force in the month of payment. A cotisation must say it (C504), and a line
//!   never reads one that moves later than itself (C505): frozen amounts rest on frozen amounts.
//! - **The month that pays rappels is computed in passes** (2026-11-26). Each pass sees more of the
//!   other months and is given what it must not compute again ([`rappel`]); the engine knows lines
//!   that are given, and nothing of rappels. A ledger in names of items says what each month was
//!   due as last computed; a difference is taken against it, never against printed lines.
//! - **What an agent is due again is asked only where something moved** (2026-11-26): rows that
//!   changed, settings of its employer, digests of the rules of a month, a payslip that waits. A
//!   variable that is no longer handed in still counts for the months that had it.
//! - **The digest of a program names what it reads** (2026-11-26), where it listed slots: it moves
//!   with what pays and with nothing else, so that a closed month whose rules did not change is
//!   known without computing it again.
//! - **An archive is a folder of compressed tables, not a database** (2026-11-26). It is written
//!   once and read whole or by the block; named by digests and chained, it needs no repair after a
//!   crash, and `zstd`, `tar` and a spreadsheet will read it when no one remembers an engine.
//! - **Who shares a number is found when the pool is opened** (2026-11-26), by one pass over
//!   `agents.csv` that keeps hashes: 16 bytes an agent, a second look at hashes met twice. So a
//!   preview of one agent says what the run says.
//! - **A judgment can be waived, an error cannot** (2026-11-26). A blocking control has a name,
//!   which a waiver gives; a row that cannot be read has none.
//! - **A month is computed again from the archive as it was before it** (2026-11-26): the journal
//!   is cut at the entry of the run, so that states, waivers and closed months are those of then
//!   without any of them being asked for by date.
//! - **Rule texts are named by their layer, not by their folder** (2026-11-26): `rules/…`,
//!   `rules01/…`. Their digest does not move with the folder, and their order is that of names.
//! - **A variation is a chain of computations** (2026-11-26): the facts of the month before under
//!   its rules, then under those of the month, day for day, then one part of the facts after the
//!   other taken from the month. A cause is what its step adds, so causes add up by construction;
//!   the order of the steps is the convention that shares out what two causes do together.
//! - **Two explanations are compared by what was read, not by their trees** (2026-11-26). A tree is
//!   cut by depth and tells nothing twice; what each block read is kept whole, by name and by day.
//!   What gave the same value is not opened, so that only causes are left.
//! - **A month stays compiled inside the closure that lends it** (2026-11-26). Everything that a
//!   month needs borrows from the rules; threads that live in there serve agents one by one, and
//!   what pages show is computed by the very code of the run. What the archive says of an agent is
//!   read once: closed months do not change while the month is at hand.
//! - **A server that keeps months at hand** (2026-11-26). Closed months, compiled rules and the
//!   pool are lent to threads that live as long as the month is wanted ([`batch::Atelier`]); an
//!   agent costs what a run pays for it, and what it gives is what the run gives, by construction.
//! - **A scope is entered, not checked** (2026-11-26). Pages get pay data from a view that carries
//!   the employers of an account, and everything else is asked of an employer entered through it: a
//!   question without a scope cannot be written. Outside and unknown are the same answer.
//! - **What is handed in by browser is appended to the pool** (2026-11-26), not kept in the
//!   database: the folder stays the only truth, and a run needs no other step. The database holds
//!   accounts, sessions and the log, and nothing of pay.
//! - **Pages are functions** (`maud`, 2026-11-26), not template files: a component is checked by
//!   the compiler and escaped by construction; nothing is read at run time.
//! - **Findings are English, and French in the browser** (2026-11-26). Messages are turned by their
//!   templates ([`francais`]), as `gettext` does; a test holds that none is missing.
//! - **A log that is on the disk before the page** (2026-11-26). Entries of pages that are answered
//!   at the same time share one write; who cannot be logged is shown nothing. What changes an
//!   account takes its entry along: one transaction, so that no crash leaves one without the other.
//! - **National rules inside the binary** (`include_dir`): one file to install, and the version of
//!   the program names its rules. They stay readable in `rules/`; `--regles` adds a layer.
pub mod archive;
pub mod batch;
pub mod bulletin;
pub mod calendar;
pub mod check;
pub mod cli;
pub mod compare;
pub mod coverage;
pub mod demo;
pub mod diag;
pub mod domain;
pub mod dossier;
pub mod engine;
pub mod explain;
pub mod export;
pub mod francais;
pub mod io;
pub mod limits;
pub mod load;
pub mod num;
pub mod preview;
pub mod program;
pub mod rappel;
pub mod rulebook;
pub mod rules;
pub mod serve;
pub mod source;
pub mod syntax;
