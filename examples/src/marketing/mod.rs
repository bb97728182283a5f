//! The marketing generator: four systems know the same people, each a little differently, and two say what they did.
//!
//! What a record looks like depends on the seed and the person's number alone. Memory holds [`AT_ONCE`] people.

mod databases;
mod files;
mod people;
mod sheet;

use std::path::Path;

use trommel_model::{Cancel, ConnectionSpec, Outcome, ProgressSlot};

pub use databases::{given, local};
use people::World;

/// People worked out at a time.
const AT_ONCE: u64 = 20_000;

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// People there are.
    pub people: u64,
    /// Records of people over the four systems that know them.
    pub records: u64,
    /// Orders in the shop.
    pub orders: u64,
    /// Clicks of campaigns.
    pub clicks: u64,
}

/// Makes about `rows` records under the folder `data`, which exists, and in the two databases.
pub fn generate(
    data: &Path,
    databases: &[ConnectionSpec; 2],
    rows: u64,
    seed: u64,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Generated> {
    let world = World { seed, people: (rows / 4).max(20) };
    progress.update(|p| {
        p.doing = "making people".into();
        p.rows_total = world.people;
    });
    let [crm, shop] = databases;
    let mut made = Generated { people: world.people, ..Generated::default() };
    made.records += databases::contacts(crm, world, cancel)?;
    databases::activities(crm, world, cancel)?;
    made.records += databases::customers(shop, world, cancel)?;
    made.orders = databases::orders(shop, world, cancel)?;
    made.records += files::newsletter(data, world, cancel)?;
    made.records += files::leads(data, world, cancel)?;
    made.clicks = files::clicks(data, world, cancel)?;
    files::campaigns(data)?;
    files::truth(data, world, cancel)?;
    Ok(made)
}
