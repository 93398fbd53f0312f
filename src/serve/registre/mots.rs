//! Refusals, in the words that pages show.

use crate::calendar::PayPeriod;

/// A change after which nothing is paid.
pub const RIEN_A_PAYER: &str =
    "Avec ce changement, il n’y a plus rien à payer à cet agent ce mois-ci.";

/// A payslip that cannot be computed has nothing to be compared with.
pub const INCALCULABLE: &str = "Le bulletin de cet agent ne peut pas être calculé aujourd’hui\u{a0}\
    : il n’y a rien à comparer. Corrigez d’abord ce que le bulletin signale.";

/// The pool could not be read again after its files changed.
pub const POOL_ILLISIBLE: &str = "Les fichiers du pool viennent de changer et ne peuvent pas être \
    lus. Les pages montrent l’état d’avant, jusqu’à ce qu’ils soient corrigés.";

/// A month that no rule covers.
pub fn non_couvert(mois: PayPeriod, premier: PayPeriod, dernier: PayPeriod) -> String {
    format!(
        "Les règles ne couvrent pas {}\u{a0}: elles vont {} à {}.",
        mois.french(),
        premier.french_of(),
        dernier.french()
    )
}

/// A month after one that is not closed.
pub fn non_clos(mois: PayPeriod) -> String {
    format!(
        "Le mois {} n’est pas clos\u{a0}: le suivant ne peut pas encore être calculé. Le service \
         de paie doit clore ce mois d’abord.",
        mois.french_of()
    )
}

/// Rules that do not check, or that cannot be compiled.
pub const REGLES: &str = "Les règles de ce mois ne peuvent pas être utilisées par cette version du \
    programme. Prévenez le service de paie.";

/// The rules in the archive are not the ones of the run.
pub const REGLES_ALTEREES: &str = "Les règles gardées dans l’archive ne sont pas celles que le \
    calcul nomme. L’archive doit être vérifiée (paie verify), puis restaurée.";

/// Too many pages are asked for at once, or the month is being read again.
pub const OCCUPE: &str =
    "Le serveur est trop occupé, ou relit le mois. Recommencez dans un instant.";
