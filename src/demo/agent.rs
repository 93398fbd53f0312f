//! Who an invented agent is: the row of `agents.csv`.

use std::io::{self, Write};

use super::employer::Employer;
use super::keys::{self, Account};
use super::post::Post;
use super::prng::Prng;
use super::table::Table;
use super::words;
use crate::calendar::{Day, PayPeriod};

/// An invented agent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agent<'a> {
    /// Number in the pool, from 0.
    pub(super) number: u32,
    /// Number in the block of employers, from 0: makes the NIR unique in a département.
    pub(super) rank: u32,
    /// What the agent does.
    pub(super) post: &'a Post,
}

impl Agent<'_> {
    /// Writes the field that names the agent.
    pub(super) fn id<'t, W: Write>(&self, table: &'t mut Table<W>) -> &'t mut Table<W> {
        table.piece("A").digits(u64::from(self.number) + 1, 7).close()
    }

    /// Writes the row of `agents.csv`.
    pub(super) fn write<W: Write>(
        &self,
        rng: &mut Prng,
        employer: &Employer,
        mois: PayPeriod,
        table: &mut Table<W>,
    ) -> io::Result<()> {
        let birth = self.birth(rng, mois);
        let nir = self.nir(birth, employer.departement);
        self.id(table).digits(nir, 13).digits(keys::nir(nir), 2).close();
        table.text(rng.pick(words::NOMS));
        let (names, sex) = match self.post.femme {
            true => (words::PRENOMS_F, "F"),
            false => (words::PRENOMS_H, "M"),
        };
        table.text(rng.pick(names)).day(birth).text(sex);
        table.digits(u64::from(rng.between(1, 98)), 1).piece(" ").piece(rng.pick(words::VOIES));
        table.piece(" ").piece(&employer.code_postal).piece(" ").piece(&employer.ville).close();
        let number = u64::from(self.number) * 100 + u64::from(rng.below(100));
        let account = Account { branch: u64::from(employer.departement) * 100 + 1, number };
        table.piece("FR").digits(account.iban(), 2).digits(keys::BANK, 5);
        table.digits(account.branch, 5).digits(account.number, 11).digits(account.rib(), 2).close();
        table.text("ZZZZFRPPXXX").end()
    }

    /// A birthday that gives exactly the age of the post on the first of the month.
    fn birth(&self, rng: &mut Prng, mois: PayPeriod) -> Day {
        let (month, day) = (rng.between(1, 12), rng.between(1, 28));
        let years = self.post.age + u32::from((month, day) > (mois.month(), 1));
        let year = mois.year() - i32::try_from(years).unwrap_or(40);
        Day::new(year, month, day).unwrap_or_else(|_| mois.first_day())
    }

    /// Thirteen digits. Born in the département, in a commune and at an order number that the
    /// registers do not reach: 40,000 numbers from 900 up, then from 800 up, and so on.
    fn nir(&self, birth: Day, departement: u32) -> u64 {
        let sex = if self.post.femme { 2 } else { 1 };
        let year = u64::from(birth.year().rem_euclid(100).unsigned_abs());
        let turn = 9 - self.rank.div_euclid(40_000) % 9;
        let commune = 600 + self.rank.div_euclid(100) % 400;
        let order = turn * 100 + self.rank % 100;
        let place = u64::from(departement) * 1_000_000 + u64::from(commune * 1000 + order);
        ((sex * 100 + year) * 100 + u64::from(birth.month())) * 100_000_000 + place
    }
}
