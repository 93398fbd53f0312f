//! Totals by employer: what the closing summary and `charges.csv` say.

use crate::engine::Payslip;
use crate::program::Program;
use crate::rules::Nature;

/// Totals of one employer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmployeurTotals {
    /// Payslips that can be paid.
    pub payables: u64,
    /// Payslips that wait for a human.
    pub bloques: u64,
    /// Cents.
    pub brut: i64,
    /// Cents.
    pub net: i64,
    /// Cents.
    pub cout: i64,
    /// Findings that do not block.
    pub alertes: u64,
    /// Contracts that start in the month without a payslip the month before.
    pub arrivees: u64,
    /// Contracts paid the month before that have no day in this one.
    pub sorties: u64,
    /// Indemnities of elected representatives, in cents.
    pub elus: i64,
    /// By item: payslips, base, agent side, employer side, in cents.
    pub charges: Vec<(u64, i64, i64, i64)>,
}

impl EmployeurTotals {
    /// Adds a payable payslip.
    pub fn add(&mut self, program: &Program, payslip: &Payslip, amounts: &[i64; 7]) {
        let [brut, _, _, _, _, net, cout] = *amounts;
        self.payables += 1;
        self.brut += brut;
        self.net += net;
        self.cout += cout;
        self.charges.resize(program.items.len(), (0, 0, 0, 0));
        for line in &payslip.lines {
            let cotisation =
                program.items.get(line.item).is_some_and(|info| info.nature == Nature::Cotisation);
            if let Some(total) = self.charges.get_mut(line.item).filter(|_| cotisation) {
                total.0 += 1;
                total.1 += line.base.unwrap_or(0);
                total.2 += line.montant_agent.unwrap_or(0);
                total.3 += line.montant_employeur.unwrap_or(0);
            }
        }
    }

    /// Adds the totals of another part of the same employer.
    pub fn merge(&mut self, other: Self) {
        self.payables += other.payables;
        self.bloques += other.bloques;
        self.brut += other.brut;
        self.net += other.net;
        self.cout += other.cout;
        self.alertes += other.alertes;
        self.arrivees += other.arrivees;
        self.sorties += other.sorties;
        self.elus += other.elus;
        self.charges.resize(self.charges.len().max(other.charges.len()), (0, 0, 0, 0));
        for (mine, theirs) in self.charges.iter_mut().zip(other.charges) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
            mine.2 += theirs.2;
            mine.3 += theirs.3;
        }
    }
}

/// A row of `charges.csv`: rank, organisme, printed code, then the sums.
type Row<'a> = ((usize, &'a str, &'a str), (u64, i64, i64, i64));

/// Rows of `charges.csv` for one employer: by organisme and printed code, in payslip order.
pub fn charges(out: &mut Vec<u8>, siret: &str, program: &Program, totals: &EmployeurTotals) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (rank, &item) in program.print_order.iter().enumerate() {
        let (Some(info), Some(&sums)) = (program.items.get(item), totals.charges.get(item)) else {
            continue;
        };
        if sums.0 == 0 {
            continue;
        }
        let (organisme, code) = (info.organisme.as_str(), info.code.as_str());
        let same = |row: &&mut Row<'_>| row.0.1 == organisme && row.0.2 == code;
        match rows.iter_mut().find(same) {
            Some((_, row)) => {
                *row = (row.0 + sums.0, row.1 + sums.1, row.2 + sums.2, row.3 + sums.3);
            }
            None => rows.push(((rank, organisme, code), sums)),
        }
    }
    for ((_, organisme, code), (effectif, base, agent, employeur)) in rows {
        out.extend_from_slice(siret.as_bytes());
        for text in [organisme, code] {
            out.push(b',');
            super::text::cell(out, text);
        }
        out.push(b',');
        super::text::integer(out, effectif);
        for value in [base, agent, employeur] {
            out.push(b',');
            super::text::cents(out, value);
        }
        out.push(b'\n');
    }
}
