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
    L001 = Error;
    /// A key or a block is not known here.
    L002 = Error;
    /// A needed key is missing.
    L003 = Error;
    /// A value has the wrong type or form.
    L004 = Error;
    /// A word is not in its closed list.
    L005 = Error;
    /// A formula cannot be read.
    L006 = Error;
    /// A CSV file has the wrong header.
    L007 = Error;
    /// A row of a CSV file is wrong.
    L008 = Error;
    /// A file is missing, unreadable, not UTF-8, or too large.
    L009 = Error;
    /// A file of the tree is used by no rule.
    L010 = Warning;

    /// A name is not defined.
    N101 = Error;
    /// Two definitions have the same name.
    N102 = Error;
    /// A function does not exist or has the wrong number of arguments.
    N103 = Error;
    /// A symbol is not a value of the enumeration it is compared with.
    N104 = Error;
    /// A layer redefines what a lower layer owns.
    N105 = Error;
    /// A name does not have the form its kind asks for.
    N106 = Error;

    /// Two versions have the same dates.
    D201 = Error;
    /// A version ends before it starts.
    D202 = Error;
    /// No version covers a month of the declared coverage.
    D203 = Error;
    /// The name of a CSV file and its `depuis` differ.
    D204 = Error;
    /// The declared coverage is impossible.
    D205 = Error;

    /// The two sides of an addition have different units.
    U301 = Error;
    /// The two sides of a comparison, `min` or `max` have different units.
    U302 = Error;
    /// A result does not have the unit that its block asks for.
    U303 = Error;
    /// A condition is expected, or a number is expected.
    U304 = Error;
    /// A unit is not known.
    U305 = Error;

    /// A result is not a whole number of cents and no rounding is declared.
    S401 = Error;
    /// A value could exceed the width of exact arithmetic.
    S402 = Error;
    /// A rounding step or mode is wrong.
    S403 = Error;
    /// A rate is above 1.
    S404 = Error;

    /// Rules depend on each other in a circle.
    C501 = Error;
    /// A value is read before the month makes it available.
    C502 = Error;

    /// A cited text is not in the register.
    T601 = Error;
    /// A value has no source.
    T602 = Warning;
    /// `publie` is not the publication date of a cited text.
    T603 = Error;
    /// A text has no known publication date.
    T604 = Warning;

    /// A file of the pool is missing or unreadable.
    E701 = Error;
    /// A column is missing.
    E702 = Error;
    /// A column is not known.
    E703 = Warning;
    /// A date is wrong.
    E704 = Error;
    /// A number is wrong.
    E705 = Error;
    /// A word is not in its closed list.
    E706 = Error;
    /// A needed value is missing.
    E707 = Error;
    /// A grade is not known.
    E708 = Error;
    /// An échelon is not in its grid, or the grid has no version on that date.
    E709 = Error;
    /// A quotité or a weekly duration is impossible.
    E710 = Error;
    /// An employer is not in `employeurs.csv`.
    E711 = Error;
    /// An agent is not in `agents.csv`.
    E712 = Error;
    /// Two rows say the same thing twice.
    E713 = Error;
    /// Two careers of one contract overlap.
    E714 = Error;
    /// The key of a NIR is wrong.
    E715 = Error;
    /// The key of an IBAN is wrong.
    E716 = Error;
    /// A rubrique is not known, or does not take elements.
    E717 = Error;
    /// A parameter of an employer is not known.
    E718 = Error;
    /// A rate is above 1.
    E719 = Error;
    /// The residence zone of a commune is not known.
    E720 = Error;
    /// The key of a SIRET is wrong.
    E721 = Warning;
    /// A month is not covered by the rules.
    E722 = Error;
    /// A row does not have the number of cells of its header.
    E723 = Error;
    /// A reference payslip cannot be read.
    E724 = Error;

    /// A needed input is missing.
    F801 = Error;
    /// An input is outside its declared range.
    F802 = Error;
    /// A division by zero.
    F803 = Error;
    /// A value exceeds the width of exact arithmetic.
    F804 = Error;
    /// A line needs another line that could not be computed.
    F805 = Error;

    /// A parameter, a scale or a family is used by no rule.
    W901 = Warning;
    /// A value was last verified too long ago.
    W902 = Warning;
    /// The net to pay is negative.
    W910 = Error;
    /// The net to pay is zero although days are paid.
    W911 = Warning;
    /// The index is below the minimum and was lifted.
    W912 = Warning;
    /// A premium is above its ceiling.
    W913 = Warning;
    /// Elements remain for a contract that has ended.
    W914 = Warning;
    /// More overtime than the monthly quota.
    W915 = Warning;
    /// The retirement scheme and the weekly duration do not match.
    W916 = Error;
    /// The month is beyond the verified horizon.
    W917 = Warning;
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
