//! The reporting example: the read replica of a shop's database, with customers, products, orders and their lines.
//!
//! Without a server the replica is a SQLite file. For a server the same rows are written as a script, which the server's own
//! client loads: an example writes into nobody's database by itself.

mod script;
mod shop;
#[cfg(test)]
mod tests;

use std::path::Path;

use trommel_model::{Cancel, Outcome, ProgressSlot};

use crate::settings::Server;
use crate::tables::Table;

use script::Script;
use shop::{Row, Shop, TABLES};

/// Rows of one transaction.
const BATCH: u64 = 5_000;

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// Rows of each table, in the order in which they were made.
    pub rows: Vec<(&'static str, u64)>,
}

/// Where rows go.
enum Target {
    Database,
    Script(Script),
}

/// Makes the replica with `rows` orders under the folder `data`.
pub fn generate(
    data: &Path,
    rows: u64,
    seed: u64,
    server: Option<&Server>,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Generated> {
    let shop = Shop::new(rows, seed);
    let mut made = Generated::default();
    let mut target = match server {
        None => Target::Database,
        Some(server) => Target::Script(Script::create(&data.join("replica.sql"), server.kind)?),
    };
    for table in TABLES {
        let count = shop.count(table.name);
        progress.update(|p| {
            p.doing = format!("making {}", table.name);
            p.rows = 0;
            p.rows_total = count;
        });
        let mut written = 0;
        let mut sink: Box<dyn FnMut(Vec<Row>) -> Outcome<()> + '_> = match &mut target {
            Target::Database => {
                let mut table_writer = Table::add(&data.join("replica.sqlite"), table.name, table.columns)?;
                Box::new(move |batch| table_writer.append(batch.into_iter()))
            }
            Target::Script(script) => {
                script.table(table)?;
                Box::new(move |batch| script.rows(table, &batch))
            }
        };
        for first in (0..count).step_by(BATCH as usize) {
            cancel.check()?;
            let batch: Vec<Row> = (first..count.min(first + BATCH)).flat_map(|at| shop.rows(table.name, at)).collect();
            written += batch.len() as u64;
            sink(batch)?;
            progress.update(|p| p.rows = first);
        }
        drop(sink);
        made.rows.push((table.name, written));
    }
    if let Target::Script(script) = target {
        script.finish()?;
    }
    Ok(made)
}
