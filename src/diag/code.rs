//! The closed list of findings. A code is never reused; its doc comment is its page.

use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is computed from this text (rules), or this agent is not paid (inputs).
    Error,
    /// Computed, and worth a look.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $severity:ident;)+) => {
        /// A stable code: a letter for the family, three digits, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $code,)+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// The text printed between brackets.
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)+ }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity,)+ }
            }

            /// The page of the code (`paie show D203`).
            pub fn page(self) -> &'static str {
                match self { $(Self::$code => concat!($($doc, "\n",)+),)+ }
            }
        }
    };
}

codes! {
    /// A rule file is not valid TOML.
    ///
    /// # What it says
    ///
    /// The text breaks the grammar of TOML at the marked place, so nothing after it can be trusted.
    ///
    /// # Why it matters for pay
    ///
    /// A file that is half read would drop rules in silence; none of its values is used.
    ///
    /// # Example
    ///
    /// ```toml
    /// unite = €/mois          # a text needs quotes
    /// ```
    ///
    /// # How to fix
    ///
    /// Mend the marked place: texts are quoted, dates are bare, `[[…]]` opens a block.
    L001 = Error;
    /// A key or a block is not known here.
    ///
    /// # What it says
    ///
    /// The name of a key or of a block is not one that this place can hold.
    ///
    /// # Why it matters for pay
    ///
    /// A misspelt `arrondi` that was ignored would pay an amount rounded in another way.
    ///
    /// # Example
    ///
    /// ```toml
    /// arondi = { au = "0.01", mode = "demi_superieur" }
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the proposed name, or look the block up in `rules/README.md`.
    L002 = Error;
    /// A needed key is missing.
    ///
    /// # What it says
    ///
    /// The block lacks a key, a version or a declaration without which it has no meaning.
    ///
    /// # Why it matters for pay
    ///
    /// A value without `depuis` or `publie` cannot be placed in any month, past or present.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[parametre.version]]
    /// publie = 2023-06-29     # `depuis` is missing
    /// valeur = "59.0734"
    /// ```
    ///
    /// # How to fix
    ///
    /// Add the key that the message names.
    L003 = Error;
    /// A value has the wrong type or form.
    ///
    /// # What it says
    ///
    /// The value is there, but it is not a text, a date, a month or a decimal as this key asks.
    ///
    /// # Why it matters for pay
    ///
    /// A rate written as a bare number would pass through a binary float and lose exactness.
    ///
    /// # Example
    ///
    /// ```toml
    /// taux = 0.3465           # must be quoted: "0.3465"
    /// ```
    ///
    /// # How to fix
    ///
    /// Give the value the form that the message asks for; numbers that count are quoted.
    L004 = Error;
    /// A word is not in its closed list.
    ///
    /// # What it says
    ///
    /// The key takes one of a few words, and this is none of them.
    ///
    /// # Why it matters for pay
    ///
    /// `nature`, `calcul` and `segments` decide whether and how an amount is paid: no guess is
    /// made.
    ///
    /// # Example
    ///
    /// ```toml
    /// nature = "prime"        # gain, retenue, non_soumis, information or total
    /// ```
    ///
    /// # How to fix
    ///
    /// Write one of the words of the message.
    L005 = Error;
    /// A formula cannot be read.
    ///
    /// # What it says
    ///
    /// The formula breaks the grammar of the rule language at the marked place.
    ///
    /// # Why it matters for pay
    ///
    /// A formula is the rule itself: if it cannot be read as a whole, the line has no amount.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "TIB * (taux"  # the parenthesis is not closed
    /// ```
    ///
    /// # How to fix
    ///
    /// Complete the formula; name parts of a long one with `etapes`.
    L006 = Error;
    /// A CSV file has the wrong header.
    ///
    /// # What it says
    ///
    /// The first row of the table lacks a column that the block naming it needs.
    ///
    /// # Why it matters for pay
    ///
    /// Columns are found by name: with a wrong header, an `ib` could be read as an `im`.
    ///
    /// # Example
    ///
    /// ```csv
    /// echelon;IB;indice
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the header that the message gives, with commas.
    L007 = Error;
    /// A row of a CSV file is wrong.
    ///
    /// # What it says
    ///
    /// A row has too many or too few cells, a cell that cannot be read, or breaks the order of
    /// rows.
    ///
    /// # Why it matters for pay
    ///
    /// One shifted cell in a grid pays a wrong index to every agent of that échelon.
    ///
    /// # Example
    ///
    /// ```csv
    /// echelon,ib,im,duree_mois
    /// 1,367,366               # three cells under a header of four
    /// ```
    ///
    /// # How to fix
    ///
    /// Compare the row with the official annex and correct it.
    L008 = Error;
    /// A file is missing, unreadable, not UTF-8, or too large.
    ///
    /// # What it says
    ///
    /// A rule file, or a file that a rule names with `fichier`, could not be used at all.
    ///
    /// # Why it matters for pay
    ///
    /// The amounts that depend on it are unknown, so nothing is computed.
    ///
    /// # Example
    ///
    /// ```text
    /// rules/grilles/c1/2024-01-01.csv, saved by a spreadsheet in Windows-1252
    /// ```
    ///
    /// # How to fix
    ///
    /// Put the file where it is named, or save it again as UTF-8 (`CSV UTF-8`).
    L009 = Error;
    /// A file of the tree is used by no rule.
    ///
    /// # What it says
    ///
    /// The folder holds a CSV file that no version names with `fichier`.
    ///
    /// # Why it matters for pay
    ///
    /// A new grid that was added but not named is not paid.
    ///
    /// # Example
    ///
    /// ```text
    /// rules/grilles/c1/2026-01-01.csv exists; grille.toml stops at 2024-01-01
    /// ```
    ///
    /// # How to fix
    ///
    /// Add the version that names it, or remove the file.
    L010 = Warning;

    /// A name is not defined.
    ///
    /// # What it says
    ///
    /// A formula or a key reads a name that no block of any layer defines.
    ///
    /// # Why it matters for pay
    ///
    /// The value behind the name is unknown, and a zero in its place would pay too little.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "point_indise * agent.indice_majore"
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the name (the nearest one is proposed) or add the block that defines it.
    N101 = Error;
    /// Two definitions have the same name.
    ///
    /// # What it says
    ///
    /// Two blocks of one layer define the same name.
    ///
    /// # Why it matters for pay
    ///
    /// Which of the two is paid would depend on the order of files.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[parametre]]
    /// nom = "smic_horaire"    # also in another file
    /// ```
    ///
    /// # How to fix
    ///
    /// Rename one of them, or make them versions of one block.
    N102 = Error;
    /// A function does not exist or has the wrong number of arguments.
    ///
    /// # What it says
    ///
    /// The formula calls an unknown function, or calls a known one with arguments it does not take.
    ///
    /// # Why it matters for pay
    ///
    /// The language is closed so that every formula can be proved before it is paid.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "plafonne(TIB)"        # plafonne(x, p)
    /// ```
    ///
    /// # How to fix
    ///
    /// Use a function of the table in `rules/README.md`, with its arguments.
    N103 = Error;
    /// A symbol is not a value of the enumeration it is compared with.
    ///
    /// # What it says
    ///
    /// An input with a closed list is compared with a word that is not in the list.
    ///
    /// # Why it matters for pay
    ///
    /// The condition would always be false, and the line never paid.
    ///
    /// # Example
    ///
    /// ```toml
    /// applicable = "agent.statut = fonctionnaire"   # titulaire, stagiaire, …
    /// ```
    ///
    /// # How to fix
    ///
    /// Write a value of the list that the message gives.
    N104 = Error;
    /// A layer redefines what a lower layer owns.
    ///
    /// # What it says
    ///
    /// A local folder of rules defines a name that the national rules already define.
    ///
    /// # Why it matters for pay
    ///
    /// A national formula must mean the same for every employer of the pool.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[rubrique]]            # in a local layer
    /// code = "TIB"
    /// ```
    ///
    /// # How to fix
    ///
    /// Give the local rubrique its own code; put an employer's values in
    /// `parametres_employeurs.csv`.
    N105 = Error;
    /// A name does not have the form its kind asks for.
    ///
    /// # What it says
    ///
    /// Names of values are `lower_snake_case`, codes of pay lines are `UPPER_SNAKE`, all ASCII.
    ///
    /// # Why it matters for pay
    ///
    /// Formulas tell a pay line from a quantity by the form of its name.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[rubrique]]
    /// code = "Ifse"           # IFSE
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the name in the form that the message gives.
    N106 = Error;

    /// Two versions have the same dates.
    ///
    /// # What it says
    ///
    /// Two versions of one thing have the same `depuis` and the same `publie`.
    ///
    /// # Why it matters for pay
    ///
    /// Nothing says which of the two values applies.
    ///
    /// # Example
    ///
    /// ```toml
    /// depuis = 2024-01-01     # twice, both with publie = 2023-12-29
    /// ```
    ///
    /// # How to fix
    ///
    /// Keep one. A correction published later keeps its `depuis` and has its own `publie`.
    D201 = Error;
    /// A version ends before it starts.
    ///
    /// # What it says
    ///
    /// `fin` is earlier than `depuis`.
    ///
    /// # Why it matters for pay
    ///
    /// The version would apply on no day, and the one before it would go on being paid.
    ///
    /// # Example
    ///
    /// ```toml
    /// depuis = 2025-01-01
    /// fin    = 2024-12-31
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the dates: `fin` is the last day that the version applies.
    D202 = Error;
    /// No version covers a month of the declared coverage.
    ///
    /// # What it says
    ///
    /// A rule reads a value in a month in which no version of it is in force.
    ///
    /// # Why it matters for pay
    ///
    /// That month would have no amount, although the rules declare that they cover it.
    ///
    /// # Example
    ///
    /// ```text
    /// premier_mois = "2024-01", and the first version of `smic_horaire` is depuis 2024-11-01
    /// ```
    ///
    /// # How to fix
    ///
    /// Add the version that was in force, or start the rule that reads it later.
    D203 = Error;
    /// The name of a CSV file and its `depuis` differ.
    ///
    /// # What it says
    ///
    /// A dated CSV is named by the first day of its version, and the two days differ.
    ///
    /// # Why it matters for pay
    ///
    /// Somebody copied a block or a file: a grid would apply from the wrong month.
    ///
    /// # Example
    ///
    /// ```toml
    /// depuis  = 2024-01-01
    /// fichier = "2023-07-01.csv"
    /// ```
    ///
    /// # How to fix
    ///
    /// Rename the file, or correct `depuis`, after looking at the text.
    D204 = Error;
    /// The declared coverage is impossible.
    ///
    /// # What it says
    ///
    /// `dernier_mois` is before `premier_mois`, or the rules of a covered month cannot be laid out.
    ///
    /// # Why it matters for pay
    ///
    /// The coverage is the promise of the months that can be paid and replayed.
    ///
    /// # Example
    ///
    /// ```toml
    /// premier_mois = "2026-01"
    /// dernier_mois = "2025-12"
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the first and the last month that the rules hold entirely.
    D205 = Error;

    /// The two sides of an addition have different units.
    ///
    /// # What it says
    ///
    /// `+` and `-` ask for the same unit on both sides.
    ///
    /// # Why it matters for pay
    ///
    /// Index points added to euros give a number that is wrong and looks right.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "TIB + agent.nbi"      # €/mois + pt
    /// ```
    ///
    /// # How to fix
    ///
    /// Convert one side: `mensuel(agent.nbi * point_indice)`.
    U301 = Error;
    /// The two sides of a comparison, `min` or `max` have different units.
    ///
    /// # What it says
    ///
    /// Values that are compared, or that a `si` chooses between, must have the same unit.
    ///
    /// # Why it matters for pay
    ///
    /// A monthly amount is always below a yearly ceiling, so the ceiling would never apply.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "min(TIB, plafond_annuel)"   # €/mois and €/an
    /// ```
    ///
    /// # How to fix
    ///
    /// Bring both to the same unit, for instance with `mensuel(…)`.
    U302 = Error;
    /// A result does not have the unit that its block asks for.
    ///
    /// # What it says
    ///
    /// The formula is sound, but its unit is not the one of the pay line or the quantity.
    ///
    /// # Why it matters for pay
    ///
    /// `€/an` paid as `€/mois` is twelve times too much.
    ///
    /// # Example
    ///
    /// ```toml
    /// unite   = "€/mois"
    /// formule = "agent.indice_majore * point_indice"   # €/an
    /// ```
    ///
    /// # How to fix
    ///
    /// Convert with `mensuel(…)`, or correct `unite`, `segments` or `calcul`.
    U303 = Error;
    /// A condition is expected, or a number is expected.
    ///
    /// # What it says
    ///
    /// A condition stands where a number is needed, a number where a condition is, or neither fits.
    ///
    /// # Why it matters for pay
    ///
    /// A condition has no amount, and a number is neither true nor false.
    ///
    /// # Example
    ///
    /// ```toml
    /// applicable = "agent.nbi"         # agent.nbi > 0
    /// ```
    ///
    /// # How to fix
    ///
    /// Compare the number, or choose between two with `si … alors … sinon …`.
    U304 = Error;
    /// A unit is not known.
    ///
    /// # What it says
    ///
    /// `unite` holds a word that is not a unit, or is badly combined.
    ///
    /// # Why it matters for pay
    ///
    /// Units are what keeps points, euros, months and hours apart in every formula.
    ///
    /// # Example
    ///
    /// ```toml
    /// unite = "EUR/month"     # €/mois
    /// ```
    ///
    /// # How to fix
    ///
    /// Combine `€`, `pt`, `an`, `mois`, `j`, `h`, `agent`, `enfant` with `/`; `""` for a rate.
    U305 = Error;

    /// A result is not a whole number of cents and no rounding is declared.
    ///
    /// # What it says
    ///
    /// The formula can give a fraction of a cent, and the version has no `arrondi`.
    ///
    /// # Why it matters for pay
    ///
    /// Nothing rounds by itself: a cent that no rule decides is a cent that nobody can explain.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "TIB * taux"  # 1801.74 × 0.03 = 54.0522
    /// ```
    ///
    /// # How to fix
    ///
    /// Add `arrondi = { au = "0.01", mode = "demi_superieur" }`, or the mode that the text gives.
    S401 = Error;
    /// A value could exceed the width of exact arithmetic.
    ///
    /// # What it says
    ///
    /// With the declared ranges of its inputs, the value may need more digits than can be kept, or
    /// be divided by a constant zero.
    ///
    /// # Why it matters for pay
    ///
    /// Amounts are exact or refused, never approximated.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "x * x * x * x * x"    # each up to 10000000.00
    /// ```
    ///
    /// # How to fix
    ///
    /// Narrow `min` and `max` of the inputs, or round an intermediate step with `arrondi(…)`.
    S402 = Error;
    /// A rounding step or mode is wrong.
    ///
    /// # What it says
    ///
    /// `au` is not a positive number of cents, `mode` is not known, or `arrondi(…)` has no
    /// `arrondi`.
    ///
    /// # Why it matters for pay
    ///
    /// The rounding decides the last cent of the line.
    ///
    /// # Example
    ///
    /// ```toml
    /// arrondi = { au = "0.001", mode = "proche" }
    /// ```
    ///
    /// # How to fix
    ///
    /// Write `au` as `"0.01"` or `"1"`, `mode` as `demi_superieur`, `troncature`, `exces` or a
    /// policy.
    S403 = Error;
    /// A rate is above 1.
    ///
    /// # What it says
    ///
    /// A rate of a contribution is greater than one hundred percent.
    ///
    /// # Why it matters for pay
    ///
    /// A rate in percent taken as a fraction would levy a hundred times too much.
    ///
    /// # Example
    ///
    /// ```toml
    /// taux = "34.65"          # 0.3465
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the rate as a decimal fraction.
    S404 = Error;

    /// Rules depend on each other in a circle.
    ///
    /// # What it says
    ///
    /// To compute one rule, another is needed, which needs the first again.
    ///
    /// # Why it matters for pay
    ///
    /// There is no first amount to start from, so none of them can be paid.
    ///
    /// # Example
    ///
    /// ```text
    /// PRIME → BRUT → PRIME
    /// ```
    ///
    /// # How to fix
    ///
    /// Cut the circle: read the lines that make up the total instead of the total itself.
    C501 = Error;
    /// A value is read before the month makes it available.
    ///
    /// # What it says
    ///
    /// A block of a segment reads a line of the whole month, a value of an element, or a yearly
    /// total that is not kept.
    ///
    /// # Why it matters for pay
    ///
    /// Lines of the month are rounded after all segments; half a month of them is not an amount.
    ///
    /// # Example
    ///
    /// ```toml
    /// calcul  = "segment"
    /// formule = "CNRACL.agent * taux"  # CNRACL belongs to the month
    /// ```
    ///
    /// # How to fix
    ///
    /// Use `calcul = "mois"` or `"element"`, or declare the quantity with `cumulee = true`.
    C502 = Error;
    /// Absences cannot reduce this line by that quantity.
    ///
    /// # What it says
    ///
    /// `absences` names something that is not a rate of absence, or stands in a block that absences
    /// cannot reduce: one that is not shared out by the days of presence.
    ///
    /// # Why it matters for pay
    ///
    /// A day of absence takes away a part of a full month. Without a rate and a full month there is
    /// nothing to take, and the agent would be paid in full without a word.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[rubrique]]
    /// code = "CIA"
    /// segments = "dernier"
    /// absences = "retenue_traitement"
    /// ```
    ///
    /// # How to fix
    ///
    /// Name a `[[grandeur]]` with `calcul = "absence"` and `unite = ""`, in a block with
    /// `segments = "prorata"`; or remove the key.
    C503 = Error;
    /// A cotisation does not say what a rappel does with it.
    ///
    /// # What it says
    ///
    /// The block has no `rappel`: `origine` (at the rates of the month it was due), `paiement` (in
    /// the month of payment, with the rappels inside its base) or `annee` (as `paiement` for
    /// rappels of the same year, as `origine` for former years).
    ///
    /// # Why it matters for pay
    ///
    /// Each fund has its rule: CSG is taken at the rate of the day of payment, CNRACL at the rate
    /// of the month in which the pay was due. A guess would be wrong for one of them.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[cotisation]]
    /// code = "CSG_DEDUCTIBLE"
    /// organisme = "URSSAF"    # `rappel = "paiement"` is missing
    /// ```
    ///
    /// # How to fix
    ///
    /// Add `rappel` to the block, or to each `[[cotisation.version]]` when the rule has changed.
    C504 = Error;
    /// A line that a rappel leaves as it was reads a line that the rappel moves.
    ///
    /// # What it says
    ///
    /// A line of `rappel = "origine"` reads a line of `annee` or `paiement`, or a line of `annee`
    /// reads one of `paiement`, directly or through quantities.
    ///
    /// # Why it matters for pay
    ///
    /// The first is computed in its own month and not again; what it read is computed later, in the
    /// month of payment. The amount kept would rest on a value that is not the one paid.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[cotisation]]
    /// code = "ATIACL"
    /// rappel = "origine"
    /// [[cotisation.version]]
    /// assiette = "CSG_DEDUCTIBLE.base"    # rappel = "paiement"
    /// ```
    ///
    /// # How to fix
    ///
    /// Give the line a mode as late as what it reads, or let it read the quantity that both rest
    /// on.
    C505 = Error;

    /// A cited text is not in the register.
    ///
    /// # What it says
    ///
    /// `textes` cites a key that no file of `rules/textes` defines.
    ///
    /// # Why it matters for pay
    ///
    /// An amount is explained by its text; a citation that leads nowhere proves nothing.
    ///
    /// # Example
    ///
    /// ```toml
    /// textes = ["decret-2023-591/1"]   # decret-2023-519
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the key, or register the text with its title and its publication date.
    T601 = Error;
    /// A value has no source.
    ///
    /// # What it says
    ///
    /// The version says `textes = ["manquant"]`.
    ///
    /// # Why it matters for pay
    ///
    /// The value is paid, and nobody can check it against the law.
    ///
    /// # Example
    ///
    /// ```toml
    /// textes = ["manquant"]
    /// ```
    ///
    /// # How to fix
    ///
    /// Find the text, register it in `rules/textes`, and cite it.
    T602 = Warning;
    /// `publie` is not the publication date of a cited text.
    ///
    /// # What it says
    ///
    /// None of the cited texts was published on the day that `publie` says.
    ///
    /// # Why it matters for pay
    ///
    /// `publie` decides what was known in a past month, hence whether a rappel is due.
    ///
    /// # Example
    ///
    /// ```toml
    /// publie = 2012-07-07
    /// textes = ["decret-2012-853"]     # published 2012-07-06
    /// ```
    ///
    /// # How to fix
    ///
    /// Copy the date of the register, or cite the text that was published that day.
    T603 = Error;
    /// A text has no known publication date.
    ///
    /// # What it says
    ///
    /// The register has `publie = "inconnue"` for this text, and so has a version that cites it.
    ///
    /// # Why it matters for pay
    ///
    /// Its values count as known from `depuis`: a late publication would go unseen in a replay.
    ///
    /// # Example
    ///
    /// ```toml
    /// [deliberation-2024-12]
    /// publie = "inconnue"
    /// ```
    ///
    /// # How to fix
    ///
    /// Find the day in the journal officiel, or the day of posting, and write it.
    T604 = Warning;

    /// A file of the pool is missing or unreadable.
    ///
    /// # What it says
    ///
    /// A needed file of the pool folder is absent, is not UTF-8, or cannot be opened.
    ///
    /// # Why it matters for pay
    ///
    /// Without it agents, employers or elements would be left out in silence; nothing is computed.
    ///
    /// # Example
    ///
    /// ```text
    /// pool/carrieres.csv: no such file
    /// ```
    ///
    /// # How to fix
    ///
    /// Put the file in the folder under that name, saved as UTF-8.
    E701 = Error;
    /// A column is missing.
    ///
    /// # What it says
    ///
    /// The header of a pool file lacks a needed column.
    ///
    /// # Why it matters for pay
    ///
    /// The value would be missing for every row; nothing is computed.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,contrat,statut       # `depuis` is missing
    /// ```
    ///
    /// # How to fix
    ///
    /// Add the column; the message lists those expected and those found.
    E702 = Error;
    /// A column is not known.
    ///
    /// # What it says
    ///
    /// The header has a column that the program does not read.
    ///
    /// # Why it matters for pay
    ///
    /// A misspelt optional column is ignored: its values would not be paid.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,contrat,depuis,statut,quotitee
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the proposed name, or remove the column if it is not for the payroll.
    E703 = Warning;
    /// A date is wrong.
    ///
    /// # What it says
    ///
    /// The cell is not a day of the calendar, written `AAAA-MM-JJ` or `JJ/MM/AAAA`, or a last day
    /// is before its first day.
    ///
    /// # Why it matters for pay
    ///
    /// The date decides from when an agent is paid so; this agent is not paid until it is right.
    ///
    /// # Example
    ///
    /// ```csv
    /// depuis
    /// 31/02/2026
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the real day; `fin` is included and not before `depuis`.
    E704 = Error;
    /// A number is wrong.
    ///
    /// # What it says
    ///
    /// The cell is not a decimal number with a point or a comma, or has more decimals than allowed.
    ///
    /// # Why it matters for pay
    ///
    /// An amount that is misread by one digit is paid so.
    ///
    /// # Example
    ///
    /// ```csv
    /// montant
    /// 1.250,00                # 1250.00 or 1250,00
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the number without separators of thousands and without a currency sign.
    E705 = Error;
    /// A word is not in its closed list.
    ///
    /// # What it says
    ///
    /// The cell takes one of a few words; accents and capitals do not matter.
    ///
    /// # Why it matters for pay
    ///
    /// `statut`, `regime` or `nature` decide which contributions apply, so no guess is made.
    ///
    /// # Example
    ///
    /// ```csv
    /// statut
    /// titularisé              # titulaire
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the nearest word that the message proposes.
    E706 = Error;
    /// A needed value is missing.
    ///
    /// # What it says
    ///
    /// A cell that every row must fill is empty, or none of several alternatives is given.
    ///
    /// # Why it matters for pay
    ///
    /// The engine never pays on an assumed value.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,contrat,depuis,statut
    /// A-000142,21990001700011,1,,titulaire
    /// ```
    ///
    /// # How to fix
    ///
    /// Fill the cell.
    E707 = Error;
    /// A grade is not known.
    ///
    /// # What it says
    ///
    /// No grid of the rules holds this grade; accents, capitals, hyphens and apostrophes do not
    /// matter.
    ///
    /// # Why it matters for pay
    ///
    /// The grade gives the index, and the index gives the traitement.
    ///
    /// # Example
    ///
    /// ```csv
    /// grade
    /// adjoint administratif ppal 2e cl
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the grade as in the grids; the nearest names are proposed.
    E708 = Error;
    /// An échelon is not in its grid, or the grid has no version on that date.
    ///
    /// # What it says
    ///
    /// The grade is known, but on that day its grid has no such échelon or a declared gap, the
    /// grade became another one, or the barème has no such indice brut. The nearest days, échelons
    /// or indices that are known are named.
    ///
    /// # Why it matters for pay
    ///
    /// An index taken from another date would be a wrong traitement.
    ///
    /// # Example
    ///
    /// ```csv
    /// grade,echelon
    /// adjoint administratif,13
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the grade, the échelon or its date, or give `indice_majore`, which overrides the
    /// grid.
    E709 = Error;
    /// A quotité or a weekly duration is impossible.
    ///
    /// # What it says
    ///
    /// The fraction is zero, negative or above full time, or it cannot be read.
    ///
    /// # Why it matters for pay
    ///
    /// It multiplies the traitement, the NBI and most premiums.
    ///
    /// # Example
    ///
    /// ```csv
    /// quotite
    /// 130
    /// ```
    ///
    /// # How to fix
    ///
    /// Write `quotite` in percent or as a fraction (`80`, `7/10`), `duree_hebdo` as `17:30` or
    /// `12/20`.
    E710 = Error;
    /// An employer is not in `employeurs.csv`.
    ///
    /// # What it says
    ///
    /// A row names a SIRET that no row of `employeurs.csv` has.
    ///
    /// # Why it matters for pay
    ///
    /// The employer decides rates, zone and thresholds, and who is charged.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret
    /// A-000142,21990001700029
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the SIRET, or add the employer.
    E711 = Error;
    /// An agent is not in `agents.csv`.
    ///
    /// # What it says
    ///
    /// A row names an agent that no row of `agents.csv` has.
    ///
    /// # Why it matters for pay
    ///
    /// A career or an element without its agent would be paid to nobody.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,rubrique
    /// A-00142,21990001700011,IFSE      # A-000142
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the identifier, or add the agent.
    E712 = Error;
    /// Two rows say the same thing twice.
    ///
    /// # What it says
    ///
    /// Two rows have the same key and the same dates.
    ///
    /// # Why it matters for pay
    ///
    /// An element read twice is paid twice.
    ///
    /// # Example
    ///
    /// ```csv
    /// A-000142,21990001700011,1,IFSE,2026-03-01,250.00
    /// A-000142,21990001700011,1,IFSE,2026-03-01,250.00
    /// ```
    ///
    /// # How to fix
    ///
    /// Remove one, or tell them apart by their dates or by `connu_le`.
    E713 = Error;
    /// Two careers of one contract overlap.
    ///
    /// # What it says
    ///
    /// On some day, two rows of the same contract apply and neither replaces the other.
    ///
    /// # Why it matters for pay
    ///
    /// The agent would have two situations, and two traitements, on one day.
    ///
    /// # Example
    ///
    /// ```csv
    /// A-000142,…,1,2026-01-01,2026-06-30,titulaire
    /// A-000142,…,1,2026-06-15,,titulaire
    /// ```
    ///
    /// # How to fix
    ///
    /// End the first the day before the second starts; another employment is another `contrat`.
    E714 = Error;
    /// The key of a NIR is wrong.
    ///
    /// # What it says
    ///
    /// The two last digits are not 97 less the remainder of the thirteen first divided by 97 (2A
    /// counts as 19, 2B as 18).
    ///
    /// # Why it matters for pay
    ///
    /// Contributions declared under a wrong number are lost for the rights of the agent.
    ///
    /// # Example
    ///
    /// ```text
    /// a key of 41 where the thirteen digits give 14
    /// ```
    ///
    /// # How to fix
    ///
    /// Copy the number again from the carte Vitale or the attestation de droits.
    E715 = Error;
    /// The key of an IBAN is wrong.
    ///
    /// # What it says
    ///
    /// The remainder of the account number divided by 97 is not 1, or its length is not that of its
    /// country.
    ///
    /// # Why it matters for pay
    ///
    /// The transfer would be rejected, or reach another account.
    ///
    /// # Example
    ///
    /// ```text
    /// two digits of the RIB were exchanged in typing
    /// ```
    ///
    /// # How to fix
    ///
    /// Copy the IBAN again from the relevé d'identité bancaire.
    E716 = Error;
    /// A rubrique is not known, or does not take elements.
    ///
    /// # What it says
    ///
    /// `elements.csv` names a code that no rule defines, or a line that is only computed.
    ///
    /// # Why it matters for pay
    ///
    /// The element would not be paid.
    ///
    /// # Example
    ///
    /// ```csv
    /// rubrique,montant
    /// IFSE_2,250.00
    /// ```
    ///
    /// # How to fix
    ///
    /// Write a code of `paie show rubrique`; a computed line is forced with `montant_paye`.
    E717 = Error;
    /// A parameter of an employer is not known.
    ///
    /// # What it says
    ///
    /// `parametres_employeurs.csv` names a parameter that the rules do not declare.
    ///
    /// # Why it matters for pay
    ///
    /// The rate or the policy would not be applied, and the default would be paid.
    ///
    /// # Example
    ///
    /// ```csv
    /// parametre,valeur
    /// taux_vm,0.02            # taux_versement_mobilite
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the proposed name; `rules/entrees.toml` lists the parameters.
    E718 = Error;
    /// A rate is above 1.
    ///
    /// # What it says
    ///
    /// A rate in a pool file is above one hundred percent (above 2 for `taux_indemnite`).
    ///
    /// # Why it matters for pay
    ///
    /// A rate in percent taken as a fraction would take a hundred times too much.
    ///
    /// # Example
    ///
    /// ```csv
    /// taux
    /// 3.1                     # 0.031
    /// ```
    ///
    /// # How to fix
    ///
    /// Write the rate as a decimal fraction; the likely value is proposed.
    E719 = Error;
    /// The residence zone of a commune is not known.
    ///
    /// # What it says
    ///
    /// Neither the career, nor the employer, nor the table of communes gives the zone of the
    /// indemnité de résidence.
    ///
    /// # Why it matters for pay
    ///
    /// The zone decides the rate of the indemnité; zone 3 by default would underpay.
    ///
    /// # Example
    ///
    /// ```text
    /// employer 21990001700011, insee = 99999
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct `insee`, or give `zone_ir` on the employer or on the career.
    E720 = Error;
    /// The key of a SIRET is wrong.
    ///
    /// # What it says
    ///
    /// The control sum (Luhn) of the fourteen digits is not a multiple of ten.
    ///
    /// # Why it matters for pay
    ///
    /// The declaration of the month would be refused, or be filed for somebody else.
    ///
    /// # Example
    ///
    /// ```text
    /// two digits were exchanged in typing
    /// ```
    ///
    /// # How to fix
    ///
    /// Check the number in the répertoire SIRENE.
    E721 = Warning;
    /// A month is not covered by the rules.
    ///
    /// # What it says
    ///
    /// The month asked for is before `premier_mois` or after `dernier_mois`.
    ///
    /// # Why it matters for pay
    ///
    /// The rules of another month would give amounts that no text supports.
    ///
    /// # Example
    ///
    /// ```text
    /// paie run --mois 2019-05, when the rules cover 2024-01 to 2026-12
    /// ```
    ///
    /// # How to fix
    ///
    /// Choose a covered month; `--au-dela` computes a later one and marks every payslip.
    E722 = Error;
    /// A row does not have the number of cells of its header.
    ///
    /// # What it says
    ///
    /// A row has more or fewer cells than its header has columns.
    ///
    /// # Why it matters for pay
    ///
    /// Every value after the missing cell would be read as another one.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,depuis,enfants
    /// A-000142,2026-01-01
    /// ```
    ///
    /// # How to fix
    ///
    /// Add the empty cells; quote a cell that holds the separator.
    E723 = Error;
    /// A reference payslip cannot be read.
    ///
    /// # What it says
    ///
    /// The file is not valid TOML, lacks `source` or `mois`, or has a key that is not known.
    ///
    /// # Why it matters for pay
    ///
    /// A case that is skipped looks like a case that passes.
    ///
    /// # Example
    ///
    /// ```toml
    /// mois = "mars 2024"      # 2024-03
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the marked place; `fixtures/bulletins` holds whole files.
    E724 = Error;
    /// A contract is not in `carrieres.csv`.
    ///
    /// # What it says
    ///
    /// A row of `elements.csv` or `absences.csv` names a contract that no career of the agent
    /// opens.
    ///
    /// # Why it matters for pay
    ///
    /// The row would count for nobody: a premium not paid, an absence not deducted.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,contrat,rubrique
    /// A-000142,21990001700011,2,IFSE   # the career is contract 1
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct `siret` or `contrat`, or add the career.
    E725 = Error;
    /// No rule covers a rubrique in this month.
    ///
    /// # What it says
    ///
    /// A row of `elements.csv` feeds a rubrique whose first rule starts later than the month, or
    /// whose last one has ended.
    ///
    /// # Why it matters for pay
    ///
    /// The row would count for nothing, and the agent would miss its amount without a word.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,contrat,rubrique,depuis
    /// A-000142,21990001700011,1,FMD,2018-03-01   # the forfait exists since 2020-05
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the dates of the row, or name the rubrique that held in that month.
    E726 = Error;
    /// The nature of an absence is not known.
    ///
    /// # What it says
    ///
    /// No table of rights has this nature.
    ///
    /// # Why it matters for pay
    ///
    /// Nobody can say what the days give: full pay, half pay or nothing.
    ///
    /// # Example
    ///
    /// ```csv
    /// agent,siret,contrat,nature,debut,fin
    /// A-000142,21990001700011,1,maladie_ordinnaire,2026-10-05,2026-10-09
    /// ```
    ///
    /// # How to fix
    ///
    /// Write one of the natures of the message; `paie show table natures_absence` lists them all.
    E730 = Error;
    /// Two absences of one contract claim the same day.
    ///
    /// # What it says
    ///
    /// A row starts before another one, known as well, has ended.
    ///
    /// # Why it matters for pay
    ///
    /// The day would be withheld twice, and counted twice in the rights.
    ///
    /// # Example
    ///
    /// ```csv
    /// nature,debut,fin
    /// maladie_ordinaire,2026-10-05,2026-10-16
    /// clm,2026-10-12,2026-12-31
    /// ```
    ///
    /// # How to fix
    ///
    /// Shorten one of them. To replace a row, add one with the same contract, nature and `debut`,
    /// and a later `connu_le`.
    E731 = Error;
    /// The rights of a leave are exhausted.
    ///
    /// # What it says
    ///
    /// More days were taken than the law pays, at full then half pay, over its window.
    ///
    /// # Why it matters for pay
    ///
    /// From that day on nothing is due under this leave, and somebody has to decide what follows.
    ///
    /// # Example
    ///
    /// ```text
    /// maladie_ordinaire: 360 days over the sliding year, 90 then 270
    /// ```
    ///
    /// # How to fix
    ///
    /// Record the decision: another leave, a disponibilité d'office, a return. If half pay is kept
    /// until the medical council answers, force the amount with `montant_paye`.
    E732 = Error;
    /// An absence gives no known right to this agent.
    ///
    /// # What it says
    ///
    /// The table of rights has no line for the nature, the statut and the seniority of the agent on
    /// the day of the decision.
    ///
    /// # Why it matters for pay
    ///
    /// A leave that the statut does not open cannot be paid; guessing would pay it wrong.
    ///
    /// # Example
    ///
    /// ```text
    /// clm for a contractuel, whose long leave is the cgm, after 36 months of services
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the nature or the career; add the right to `rules/tables/droits_absence` when a text
    /// opens it.
    E733 = Error;
    /// A column is filled that this absence does not take.
    ///
    /// # What it says
    ///
    /// Hours and half days are for a strike, service not done and the like; `taux` is for a
    /// suspension.
    ///
    /// # Why it matters for pay
    ///
    /// The column would be ignored, and the amount be another one than meant.
    ///
    /// # Example
    ///
    /// ```csv
    /// nature,debut,fin,heures
    /// maladie_ordinaire,2026-10-05,2026-10-05,3.5
    /// ```
    ///
    /// # How to fix
    ///
    /// Leave the column empty, or name the absence that is counted so.
    E734 = Error;
    /// An absence takes more than the pay of the month.
    ///
    /// # What it says
    ///
    /// Its hours or half days, with the other absences of the month, are more than the agent is
    /// paid for.
    ///
    /// # Why it matters for pay
    ///
    /// The pay would become negative.
    ///
    /// # Example
    ///
    /// ```csv
    /// nature,debut,fin,heures
    /// greve,2026-10-05,2026-10-05,350   # 3.50
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the number, or write the absence as whole days.
    E735 = Error;

    /// A needed input is missing.
    ///
    /// # What it says
    ///
    /// The line reads an optional input that has no value for this agent.
    ///
    /// # Why it matters for pay
    ///
    /// The line has no amount; the payslip is blocked rather than paid with a zero.
    ///
    /// # Example
    ///
    /// ```text
    /// ATMP reads employeur.taux_atmp, and the employer has no row for it
    /// ```
    ///
    /// # How to fix
    ///
    /// Give the value in the pool; a rule that can do without it tests `present(x)`.
    F801 = Error;
    /// An input is outside its declared range.
    ///
    /// # What it says
    ///
    /// A value is below `min`, above `max`, or has more decimals than its `[[entree]]` declares.
    ///
    /// # Why it matters for pay
    ///
    /// Exactness is proved for the declared ranges only; beyond them the value is likely an error.
    ///
    /// # Example
    ///
    /// ```text
    /// agent.nbi = 2000, declared from 0 to 200
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct the value in the pool; widen the range only if the law allows it.
    F802 = Error;
    /// A division by zero.
    ///
    /// # What it says
    ///
    /// A formula divides by a value that is zero for this agent or this month.
    ///
    /// # Why it matters for pay
    ///
    /// There is no amount, and a zero instead of it would be an invention.
    ///
    /// # Example
    ///
    /// ```toml
    /// formule = "prime / element.nombre"    # nombre = 0
    /// ```
    ///
    /// # How to fix
    ///
    /// Give the input its real value; in the rule, treat zero with `si … alors … sinon …`.
    F803 = Error;
    /// A value exceeds the width of exact arithmetic.
    ///
    /// # What it says
    ///
    /// An intermediate value or an amount became larger than a line can hold.
    ///
    /// # Why it matters for pay
    ///
    /// It is refused rather than cut: a wrapped amount must never be paid.
    ///
    /// # Example
    ///
    /// ```text
    /// a number of hours and an hourly base that were both typed without their decimal point
    /// ```
    ///
    /// # How to fix
    ///
    /// Look for a misplaced decimal point in the inputs of the line.
    F804 = Error;
    /// A line needs another line that could not be computed.
    ///
    /// # What it says
    ///
    /// The line reads a line that has a fault of its own.
    ///
    /// # Why it matters for pay
    ///
    /// A total without one of its parts is not a total.
    ///
    /// # Example
    ///
    /// ```text
    /// NET_A_PAYER reads TIB, which has no index (F801)
    /// ```
    ///
    /// # How to fix
    ///
    /// Mend the first fault; this one goes with it.
    F805 = Error;

    /// A parameter, a scale or a family is used by no rule.
    ///
    /// # What it says
    ///
    /// No formula reads this definition.
    ///
    /// # Why it matters for pay
    ///
    /// It is dead weight, or the rule that should read it reads something else.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[parametre]]
    /// nom = "smic_horaire_2"
    /// ```
    ///
    /// # How to fix
    ///
    /// Use it in a formula, or remove it.
    W901 = Warning;
    /// A value was last verified too long ago.
    ///
    /// # What it says
    ///
    /// `verifie` is more than a year before the day on which the rules were verified.
    ///
    /// # Why it matters for pay
    ///
    /// A new text may have changed the value without anybody having looked.
    ///
    /// # Example
    ///
    /// ```toml
    /// verifie = 2023-01-15
    /// ```
    ///
    /// # How to fix
    ///
    /// Read the text in force, add a version if it changed, then update `verifie`.
    W902 = Warning;
    /// An échelon disappears from a grid, and no reclassement says so.
    ///
    /// # What it says
    ///
    /// A version lacks an échelon of the version before, without `[[grille.reclassement]]`
    /// between them.
    ///
    /// # Why it matters for pay
    ///
    /// When a grid loses an échelon, the others change their meaning: a career that nobody wrote
    /// anew would be paid on the wrong one.
    ///
    /// # Example
    ///
    /// ```csv
    /// echelon,ib,im,duree_mois
    /// 11,432,382,              # the version before ends with échelon 12
    /// ```
    ///
    /// # How to fix
    ///
    /// Declare the reclassement with its text, or the échelons that nobody has seen
    /// (`[[grille.trou]]` with `echelons`).
    W903 = Warning;
    /// The net to pay is negative.
    ///
    /// # What it says
    ///
    /// The deductions are greater than the gains.
    ///
    /// # Why it matters for pay
    ///
    /// A negative net cannot be transferred: the payslip is blocked.
    ///
    /// # Example
    ///
    /// ```text
    /// a month of service non fait, and a MUTUELLE of 45,00 €
    /// ```
    ///
    /// # How to fix
    ///
    /// Spread the deduction, or recover the debt by a titre de recette.
    W910 = Error;
    /// The net to pay is zero although days are paid.
    ///
    /// # What it says
    ///
    /// The agent is present, and yet receives nothing.
    ///
    /// # Why it matters for pay
    ///
    /// An element, an index or a rate was probably forgotten.
    ///
    /// # Example
    ///
    /// ```text
    /// a vacataire without hours in elements.csv
    /// ```
    ///
    /// # How to fix
    ///
    /// Look at the lines with `paie preview`; add what is missing.
    W911 = Warning;
    /// The index is below the minimum and was lifted.
    ///
    /// # What it says
    ///
    /// The index of the career is below the minimum index of the public service, which was used.
    ///
    /// # Why it matters for pay
    ///
    /// The agent is paid lawfully, but the career row is out of date.
    ///
    /// # Example
    ///
    /// ```text
    /// indice_majore = 352, when the minimum traitement is that of index 366
    /// ```
    ///
    /// # How to fix
    ///
    /// Update the career after the last revaluation of the grids.
    W912 = Warning;
    /// A control of the rules holds.
    ///
    /// # What it says
    ///
    /// The condition of a `[[controle]]` is true for this payslip: a premium above its ceiling, a
    /// supplement without child. The message and the remedy are those of the control.
    ///
    /// # Why it matters for pay
    ///
    /// The amount is computed as it was handed in; the payer may refuse it.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[controle]]
    /// nom     = "cia_au_dessus_du_plafond"
    /// gravite = "alerte"
    /// ```
    ///
    /// # How to fix
    ///
    /// Do what the remedy says, or keep the justification with the payslip.
    W913 = Warning;
    /// Elements remain for a contract that has ended.
    ///
    /// # What it says
    ///
    /// `elements.csv` holds rows in force after the last day of the contract.
    ///
    /// # Why it matters for pay
    ///
    /// They are not paid, and may be due with the last payslip.
    ///
    /// # Example
    ///
    /// ```text
    /// the contract ended on 2026-03-31, and IFSE runs without `fin`
    /// ```
    ///
    /// # How to fix
    ///
    /// End the elements, or pay what is due with a `mois_origine`.
    W914 = Warning;
    // W915, overtime above the quota, is the control `ihts_au_dessus_du_contingent` since
    // 2026-11-26 (W921): the number is not used again.
    /// The retirement scheme and the weekly duration do not match.
    ///
    /// # What it says
    ///
    /// A fonctionnaire is under CNRACL below the affiliation threshold (28 hours a week, all posts
    /// together), or under IRCANTEC above it.
    ///
    /// # Why it matters for pay
    ///
    /// Contributions paid to the wrong scheme must be claimed back and paid again.
    ///
    /// # Example
    ///
    /// ```csv
    /// statut,regime,duree_hebdo
    /// titulaire,cnracl,20
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct `regime` or `duree_hebdo`; left empty, `regime` is deduced.
    W916 = Error;
    /// The month is beyond the verified horizon.
    ///
    /// # What it says
    ///
    /// The month is after the last one the rules were verified for, and `--au-dela` was given.
    ///
    /// # Why it matters for pay
    ///
    /// The values are the last known; a text published since may change them.
    ///
    /// # Example
    ///
    /// ```text
    /// paie run --mois 2027-01 --au-dela, when dernier_mois is 2026-12
    /// ```
    ///
    /// # How to fix
    ///
    /// Treat the amounts as a simulation; compute again with updated rules.
    W917 = Warning;
    /// An agent has no career.
    ///
    /// # What it says
    ///
    /// `agents.csv` lists an agent of whom `carrieres.csv` has no row.
    ///
    /// # Why it matters for pay
    ///
    /// Nothing is paid, and no payslip says so.
    ///
    /// # Example
    ///
    /// ```text
    /// an agent recruited this month, whose career was not sent
    /// ```
    ///
    /// # How to fix
    ///
    /// Add the career, or remove the agent who is not paid by the pool.
    W918 = Warning;
    /// A career was written before its grid was re-staged.
    ///
    /// # What it says
    ///
    /// The row in force started before a day on which the échelons of its grid changed their
    /// meaning.
    ///
    /// # Why it matters for pay
    ///
    /// On such a day each agent is put on an échelon of the new grid, not always of the same
    /// number: the old number on the new grid may be too high or too low.
    ///
    /// # Example
    ///
    /// ```csv
    /// depuis,grade,echelon
    /// 2020-01-01,adjoint administratif,8      # échelle C1 went from 12 to 11 échelons in 2022
    /// ```
    ///
    /// # How to fix
    ///
    /// Check the arrêté de reclassement, and write a row from that day on, even with the same
    /// number.
    W919 = Warning;
    /// An absence covers no day of the career.
    ///
    /// # What it says
    ///
    /// The row falls in the month, and the contract has no day then.
    ///
    /// # Why it matters for pay
    ///
    /// Nothing is withheld, and the days may be missing from another contract of the agent.
    ///
    /// # Example
    ///
    /// ```csv
    /// the contract ended on 2026-10-20, and the absence runs from 2026-10-26
    /// ```
    ///
    /// # How to fix
    ///
    /// Correct `debut`, `fin` or `contrat`, or the career.
    W920 = Warning;
    /// A control of the rules stops the payslip.
    ///
    /// # What it says
    ///
    /// The condition of a `[[controle]]` with `gravite = "bloquant"` is true for this payslip.
    ///
    /// # Why it matters for pay
    ///
    /// The rules say that such a payslip must not be paid.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[controle]]
    /// nom     = "sft_sans_enfant"
    /// gravite = "bloquant"
    /// ```
    ///
    /// # How to fix
    ///
    /// Do what the remedy says.
    W921 = Error;
    /// A second waiting day for what may be one leave.
    ///
    /// # What it says
    ///
    /// A leave starts at most two days after another one of the same nature, is not a prolongation,
    /// and has its own waiting day.
    ///
    /// # Why it matters for pay
    ///
    /// A relapse within 48 hours for the same cause is a prolongation: the day is due.
    ///
    /// # Example
    ///
    /// ```csv
    /// nature,debut,fin
    /// maladie_ordinaire,2026-10-05,2026-10-09
    /// maladie_ordinaire,2026-10-12,2026-10-16
    /// ```
    ///
    /// # How to fix
    ///
    /// Write `prolongation` when the cause is the same. Nothing to do for another illness.
    W922 = Warning;
    /// A control that blocks was waived by name.
    ///
    /// # What it says
    ///
    /// A blocking control holds for this payslip, and the archive keeps a decision to pay all the
    /// same: who took it and why.
    ///
    /// # Why it matters for pay
    ///
    /// The payslip is payable. The decision stays listed, for the payer and for the auditor.
    ///
    /// # Example
    ///
    /// ```sh
    /// paie archive deroger --mois 2026-10 --siret … --agent … --contrat … \
    ///     --controle ihts_au_dessus_du_contingent --par "Jeanne Roche" --motif "crue du 12"
    /// ```
    ///
    /// # How to fix
    ///
    /// Nothing to do. A waiver holds for one month, one contract and one control.
    W923 = Warning;
    /// Lines appear, disappear or double since the month before.
    ///
    /// # What it says
    ///
    /// Against the last closed month of the contract, a gain or a deduction is new, is gone, has
    /// doubled or has changed its sign. Small changes are left out: the least one is a parameter.
    ///
    /// # Why it matters for pay
    ///
    /// A premium entered twice, or forgotten, looks like this.
    ///
    /// # Example
    ///
    /// ```text
    /// IFSE 250,00 in September, IFSE 500,00 in October
    /// ```
    ///
    /// # How to fix
    ///
    /// Look for the decision behind each line. `ecart_ligne` in parametres_employeurs.csv is the
    /// least change that is told.
    W924 = Warning;
    /// The number of payslips is not the one expected.
    ///
    /// # What it says
    ///
    /// The payslips of the month are not those of the last closed month, plus the contracts that
    /// start, less those that ended.
    ///
    /// # Why it matters for pay
    ///
    /// Somebody may be missing from the files, or be paid twice.
    ///
    /// # Example
    ///
    /// ```text
    /// 24 payslips; 26 the month before, plus 1 arrivals, less 1 exits
    /// ```
    ///
    /// # How to fix
    ///
    /// Compare `bulletins.csv` with that of the month before.
    W925 = Warning;
    /// The indemnities of the elected exceed the envelope of their assembly.
    ///
    /// # What it says
    ///
    /// The sum of the indemnities of the month is above `enveloppe_elus` of the employer.
    ///
    /// # Why it matters for pay
    ///
    /// The envelope is the most that the law allows for all of them together.
    ///
    /// # Example
    ///
    /// ```csv
    /// siret,parametre,depuis,valeur
    /// 21719601300015,enveloppe_elus,2026-04-01,6800.00
    /// ```
    ///
    /// # How to fix
    ///
    /// Compare the rates with the délibération; the increases voted apart are not in the envelope.
    W926 = Warning;
    /// A closed month differs, beyond the limits of the law.
    ///
    /// # What it says
    ///
    /// A closed month computed again gives another amount, but the claim is prescribed: four full
    /// years after the year of the right for what is due to the agent, two years after the month of
    /// the payment for what was overpaid.
    ///
    /// # Why it matters for pay
    ///
    /// Paying a prescribed debt engages the accountant; taking back a prescribed overpayment harms
    /// the agent. The month is listed and nothing is touched.
    ///
    /// # Example
    ///
    /// A promotion with effect in March 2021, learned in 2026.
    ///
    /// # How to fix
    ///
    /// Nothing to do, unless the limit was interrupted (a written claim, a fact that the agent did
    /// not declare): settle it then with elements that have a `mois_origine`.
    W950 = Warning;
    /// A fact reaches back before the closed months.
    ///
    /// # What it says
    ///
    /// A row that is new counts from a day before the first closed month of the archive, or a
    /// contract that started before it was never paid by the archive.
    ///
    /// # Why it matters for pay
    ///
    /// What those months paid is not known here, so no difference can be computed.
    ///
    /// # Example
    ///
    /// An agent whose career starts in 2015, handed in for the first time this month.
    ///
    /// # How to fix
    ///
    /// Nothing to do when it was paid elsewhere. Otherwise pay the arrears with elements that have
    /// a `mois_origine`.
    W951 = Warning;
    /// A closed month cannot be computed again.
    ///
    /// # What it says
    ///
    /// Something changed in a closed month, and with the facts known now it cannot be computed, or
    /// a control blocks it.
    ///
    /// # Why it matters for pay
    ///
    /// A rappel may be due. The month waits, and is tried again with each run.
    ///
    /// # Example
    ///
    /// A late row gives a grade that did not exist in the month it counts from.
    ///
    /// # How to fix
    ///
    /// Mend the row that the message names.
    W952 = Warning;
    /// Trop-perçu that this month does not take back.
    ///
    /// # What it says
    ///
    /// Earlier months were overpaid, and the seizable part of this month does not cover it, or the
    /// contract is not paid any more.
    ///
    /// # Why it matters for pay
    ///
    /// A trop-perçu is taken back within the seizable part of the pay, month after month; the rest
    /// is a claim of the employer.
    ///
    /// # Example
    ///
    /// An échelon cancelled twelve months later.
    ///
    /// # How to fix
    ///
    /// Nothing to do while the agent is paid. Without a next month, issue a titre de recettes.
    W953 = Warning;
}

impl Code {
    /// Reads a code, any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name().eq_ignore_ascii_case(name))
    }

    /// The first line of the page.
    pub fn title(self) -> &'static str {
        self.page().lines().next().unwrap_or("").trim()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_headings_in_order() {
        let headings = ["# What it says", "# Why it matters for pay", "# Example", "# How to fix"];
        for code in Code::ALL {
            let lines: Vec<&str> = code.page().lines().map(str::trim_end).collect();
            let found: Vec<&str> = lines
                .iter()
                .filter_map(|line| line.strip_prefix(' '))
                .filter(|line| line.starts_with("# "))
                .collect();
            assert_eq!(found, headings, "{code}");
            let filled =
                |pair: &[&str]| !(pair[0].starts_with(" # ") && pair[1].starts_with(" # "));
            let full: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
            assert!(full.windows(2).all(filled), "{code}: an empty heading");
            assert!(code.title().ends_with('.') && !code.title().contains('\n'), "{code}");
        }
    }

    #[test]
    fn codes_are_named_once_and_read_back() {
        for pair in Code::ALL.windows(2) {
            assert!(pair[0] < pair[1]);
        }
        for &code in Code::ALL {
            assert_eq!(Code::from_name(&code.name().to_lowercase()), Some(code));
        }
        assert_eq!(Code::from_name("Z999"), None);
    }
}
