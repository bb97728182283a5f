//! The table `_trommel_batches` beside the target: which batches are in, by which run. Its rows are written in the
//! transaction of their batch, so that what it says and what the target holds cannot differ.

use trommel_model::{Code, Outcome, Problem};

use super::{Order, Store, split_name};

/// The table's name.
const NAME: &str = "_trommel_batches";

/// It stands where the target stands.
fn name(order: &Order<'_>) -> String {
    split_name(order.table).0.map_or_else(|| NAME.to_owned(), |schema| format!("{schema}.{NAME}"))
}

/// Makes it when it is not there.
pub(super) fn make(order: &Order<'_>, store: &mut dyn Store) -> Outcome<()> {
    let name = name(order);
    if store.exists(&name)? {
        return Ok(());
    }
    let [text, number, now] = store.batch_types();
    let sql = format!(
        "CREATE TABLE {} (writer {text} NOT NULL, batch {text} NOT NULL, run {text} NOT NULL, row_count {number} NOT NULL, \
         written_at {now}, PRIMARY KEY (writer, batch)){}",
        store.qualified(&name),
        store.made_as()
    );
    match store.run(&sql, &[]) {
        // Another sink may have made it meanwhile.
        Err(problem) if !store.exists(&name)? => Err(match problem.code {
            Code::Denied => Problem::new(Code::Denied, format!("the user may not make the table {name}"))
                .in_file(super::super::shown(order.connection))
                .why("it keeps account of what was written, so that nothing is written twice")
                .next(format!("let the owner make it: {sql}; and GRANT SELECT, INSERT, UPDATE ON {name} TO …")),
            _ => problem,
        }),
        _ => Ok(()),
    }
}

/// Claims the batch for this run within the transaction; the run that has written it, when one has. Waits for one that
/// is about to.
pub(super) fn claim(order: &Order<'_>, store: &mut dyn Store) -> Outcome<Option<String>> {
    let table = store.qualified(&name(order));
    let (insert, end) = store.insert_if_new();
    let places: Vec<String> = (1..=3).map(|at| store.place(at)).collect();
    let sql = format!("{insert} {table} (writer, batch, run, row_count) VALUES ({}, 0){end}", places.join(", "));
    if store.run(&sql, &[order.writer, order.batch, order.run])? == 0 {
        return written(order, store);
    }
    // A run that slept while a later one wrote must not put its older rows in their place. Ids of runs tell their second;
    // which of two runs of one second came later they do not tell, and neither has slept.
    let second = order.run.get(..15).unwrap_or(order.run);
    let later = format!("SELECT max(run) FROM {table} WHERE writer = {} AND substr(run, 1, 15) > {}", store.place(1), store.place(2));
    match store.texts(&later, &[order.writer, second])?.into_iter().flatten().flatten().next() {
        None => Ok(None),
        Some(run) => Err(Problem::new(Code::Locked, format!("run {} may no longer write to {}", order.run, order.table))
            .why(format!("the later run {run} has written to it"))
            .next("nothing was written; run again")),
    }
}

/// The run that has written the batch, if one has.
pub(super) fn written(order: &Order<'_>, store: &mut dyn Store) -> Outcome<Option<String>> {
    let table = store.qualified(&name(order));
    let sql = format!("SELECT run FROM {table} WHERE writer = {} AND batch = {}", store.place(1), store.place(2));
    Ok(store.texts(&sql, &[order.writer, order.batch])?.into_iter().flatten().flatten().next())
}

/// Notes how many rows the batch had.
pub(super) fn settle(order: &Order<'_>, store: &mut dyn Store, rows: u64) -> Outcome<()> {
    let table = store.qualified(&name(order));
    let sql = format!("UPDATE {table} SET row_count = {rows} WHERE writer = {} AND batch = {}", store.place(1), store.place(2));
    store.run(&sql, &[order.writer, order.batch]).map(drop)
}
