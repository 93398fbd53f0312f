//! Rows of the result files, written byte by byte: this is where a national month spends its time.

use crate::diag::Severity;
use crate::dossier::Piece;
use crate::engine::{PayLine, Payslip};
use crate::io::PoolFinding;
use crate::program::Program;

/// Headers of the result files, by name.
pub const HEADERS: [(&str, &str); 6] = [
    (
        "bulletins.csv",
        "siret,agent,contrat,mois,etat,brut,net_social,net_imposable,net_avant_impot,pas,\
         net_a_payer,cout_employeur\n",
    ),
    (
        "lignes.csv",
        "siret,agent,contrat,mois,mois_origine,ordre,rubrique,libelle,nature,motif,nombre,base,\
         taux_agent,montant_agent,taux_employeur,montant_employeur\n",
    ),
    ("charges.csv", "siret,organisme,rubrique,effectif,base,montant_agent,montant_employeur\n"),
    ("anomalies.csv", "gravite,code,siret,agent,contrat,fichier,ligne,message,remede,controle\n"),
    (
        "cumuls.csv",
        "siret,agent,contrat,annee,rubrique,montant,base,montant_agent,montant_employeur\n",
    ),
    ("rappels.csv", "siret,agent,contrat,mois,mois_origine,etat,net,montant_employeur,cause\n"),
];

/// A cell, quoted when it needs to be.
pub fn cell(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r' | b';')) {
        out.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                out.push(b'"');
            }
            out.push(byte);
        }
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Digits two by two: half the divisions.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// A number being written from its last digit to its first.
struct Digits {
    buffer: [u8; 24],
    start: usize,
}

impl Digits {
    fn new() -> Self {
        Self { buffer: [0; 24], start: 24 }
    }

    /// Puts bytes before what is there; 24 hold every number, its sign and its point.
    fn before(&mut self, bytes: &[u8]) {
        let end = self.start;
        self.start = end.saturating_sub(bytes.len());
        if let Some(place) = self.buffer.get_mut(self.start..end) {
            place.copy_from_slice(bytes);
        }
    }

    /// The two digits of a number below a hundred.
    fn pair(&mut self, value: u64) {
        let at = usize::try_from(value).unwrap_or(0) * 2;
        self.before(PAIRS.get(at..at + 2).unwrap_or(b"00"));
    }

    fn whole(&mut self, value: u64) {
        let mut left = value;
        while left >= 100 {
            self.pair(left % 100);
            left /= 100;
        }
        self.pair(left);
        if left < 10 {
            self.start += 1;
        }
    }

    fn push_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.buffer.get(self.start..).unwrap_or(b""));
    }
}

/// An integer.
pub fn integer(out: &mut Vec<u8>, value: u64) {
    let mut digits = Digits::new();
    digits.whole(value);
    digits.push_to(out);
}

/// An amount in cents: `1801.74`.
#[inline]
#[expect(clippy::integer_division, reason = "euros and cents")]
pub fn cents(out: &mut Vec<u8>, value: i64) {
    let unsigned = value.unsigned_abs();
    let mut digits = Digits::new();
    digits.pair(unsigned % 100);
    digits.before(b".");
    digits.whole(unsigned / 100);
    if value < 0 {
        digits.before(b"-");
    }
    digits.push_to(out);
}

/// A decimal with `scale` decimals, trailing zeros removed: `0.111`, `7`.
#[expect(clippy::integer_division, reason = "whole and decimal parts")]
pub fn decimal(out: &mut Vec<u8>, value: i64, scale: u32) {
    if value < 0 {
        out.push(b'-');
    }
    let power = 10_u64.pow(scale);
    let unsigned = value.unsigned_abs();
    integer(out, unsigned / power);
    let mut rest = unsigned % power;
    if rest == 0 {
        return;
    }
    out.push(b'.');
    let mut unit = power / 10;
    while rest > 0 {
        integer(out, rest / unit);
        rest %= unit;
        unit /= 10;
    }
}

/// What never changes in the lines of an item, written once.
pub struct Frame {
    /// `,ordre,rubrique,libelle,nature,motif,`
    pub whole: Vec<u8>,
    /// `,ordre,rubrique,`
    pub before_label: Vec<u8>,
    /// `,nature,motif,`
    pub after_label: Vec<u8>,
    /// `,nature,`
    pub nature: Vec<u8>,
    /// The label alone.
    pub label: String,
}

/// What one line says otherwise than the lines of its item.
#[derive(Clone, Copy, Default)]
pub struct Said<'a> {
    /// Label of the element.
    pub label: Option<&'a str>,
    /// What an absence took away.
    pub absence: Option<&'a Piece>,
}

/// The frames of a program, in the order of its items.
pub fn frames(program: &Program) -> Vec<Frame> {
    program
        .items
        .iter()
        .map(|info| {
            let mut before_label = vec![b','];
            integer(&mut before_label, info.ordre.unsigned_abs());
            before_label.push(b',');
            cell(&mut before_label, &info.code);
            before_label.push(b',');
            let mut after_label = vec![b','];
            cell(&mut after_label, info.nature.name());
            after_label.push(b',');
            cell(&mut after_label, &info.motif);
            after_label.push(b',');
            let mut whole = before_label.clone();
            cell(&mut whole, &info.libelle);
            whole.extend_from_slice(&after_label);
            let mut nature = vec![b','];
            cell(&mut nature, info.nature.name());
            nature.push(b',');
            Frame { whole, before_label, after_label, nature, label: info.libelle.clone() }
        })
        .collect()
}

/// A line. `prefix` is `siret,agent,contrat,mois,`; `said` is what it says otherwise.
pub fn line(
    out: &mut Vec<u8>,
    prefix: &[u8],
    origin: &[u8],
    frame: &Frame,
    said: Said<'_>,
    line: &PayLine,
) {
    out.extend_from_slice(prefix);
    out.extend_from_slice(origin);
    match (said.label, said.absence) {
        (None, None) => out.extend_from_slice(&frame.whole),
        (label, Some(piece)) => {
            out.extend_from_slice(&frame.before_label);
            cell(out, &piece.label(label.unwrap_or(&frame.label)));
            out.extend_from_slice(&frame.nature);
            cell(out, &piece.motif);
            out.push(b',');
        }
        (Some(label), None) => {
            out.extend_from_slice(&frame.before_label);
            cell(out, label);
            out.extend_from_slice(&frame.after_label);
        }
    }
    if let Some(nombre) = line.nombre {
        decimal(out, nombre, 4);
    }
    out.push(b',');
    if let Some(base) = line.base {
        cents(out, base);
    }
    for (taux, montant) in
        [(line.taux_agent, line.montant_agent), (line.taux_employeur, line.montant_employeur)]
    {
        out.push(b',');
        if let Some(taux) = taux {
            decimal(out, taux, 6);
        }
        out.push(b',');
        if let Some(montant) = montant {
            cents(out, montant);
        }
    }
    out.push(b'\n');
}

/// For each item, its column among the totals of `bulletins.csv`.
pub struct TotalPlaces(Vec<Option<usize>>);

impl TotalPlaces {
    /// Where a program computes them.
    pub fn new(program: &Program) -> Self {
        const NAMES: [&str; 7] = [
            "BRUT",
            "NET_SOCIAL",
            "NET_IMPOSABLE",
            "NET_AVANT_IMPOT",
            "PAS",
            "NET_A_PAYER",
            "COUT_EMPLOYEUR",
        ];
        let column = |nom: &str| NAMES.iter().position(|name| *name == nom);
        Self(program.items.iter().map(|info| column(&info.nom)).collect())
    }

    /// Their amounts on a payslip, in cents.
    pub fn amounts(&self, payslip: &Payslip) -> [i64; 7] {
        let mut amounts = [0; 7];
        for line in &payslip.lines {
            let column = self.0.get(line.item).copied().flatten();
            if let Some(amount) = column.and_then(|column| amounts.get_mut(column)) {
                *amount += line.montant_agent.unwrap_or(0);
            }
        }
        amounts
    }
}

/// A row of `anomalies.csv`.
pub fn anomaly_row(out: &mut Vec<u8>, finding: &PoolFinding) {
    let gravite = match finding.severity() {
        Severity::Error => "bloquant",
        Severity::Warning => "alerte",
    };
    out.extend_from_slice(gravite.as_bytes());
    out.push(b',');
    out.extend_from_slice(finding.code.name().as_bytes());
    for text in [&finding.siret, &finding.agent, &finding.contrat] {
        out.push(b',');
        cell(out, text.as_deref().unwrap_or(""));
    }
    out.push(b',');
    cell(out, finding.fichier);
    out.push(b',');
    if finding.ligne > 0 {
        integer(out, u64::from(finding.ligne));
    }
    let controle = finding.controle.as_deref().unwrap_or("");
    for text in [finding.message.as_str(), finding.remede.as_str(), controle] {
        out.push(b',');
        cell(out, text);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_in_files() {
        assert_eq!(written(|out| cents(out, 180_174)), "1801.74");
        assert_eq!(written(|out| cents(out, -5)), "-0.05");
        assert_eq!(written(|out| cents(out, i64::MIN + 1)), "-92233720368547758.07");
        for value in [0, 7, 10, 99, 100, 101, 999, 1000, 12_345, u64::MAX] {
            assert_eq!(written(|out| integer(out, value)), value.to_string());
        }
        assert_eq!(written(|out| decimal(out, 111_000, 6)), "0.111");
        assert_eq!(written(|out| decimal(out, 1_000_001, 6)), "1.000001");
        assert_eq!(written(|out| decimal(out, 75_000, 4)), "7.5");
        assert_eq!(written(|out| decimal(out, -70_000, 4)), "-7");
        assert_eq!(written(|out| cell(out, "a,\"b\"")), "\"a,\"\"b\"\"\"");
    }
}
