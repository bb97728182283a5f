//! The two databases of the marketing example: the CRM (PostgreSQL, or SQLite in its place) and the shop (MySQL, or SQLite).

use std::path::Path;

use arrow::record_batch::RecordBatch;
use trommel_connectors::database::write::{Each, Order, Rows, write};
use trommel_model::{
    Address, Cancel, Code, ConnectionKind, ConnectionSpec, OnMisfit, Outcome, Problem, ProgressSlot, Reference, WriteMode,
};

use super::people::{Record, System, World};
use super::sheet::{amounts, days, flags, numbers, sheet, texts};
use crate::rental::moment::{Day, day_of};

/// The databases beside the workspace's files.
pub fn local(root: &Path) -> [ConnectionSpec; 2] {
    ["crm", "shop"].map(|name| ConnectionSpec {
        kind: ConnectionKind::Sqlite,
        path: root.join(format!("data/{name}.sqlite")).display().to_string(),
        ..ConnectionSpec::folder(name, "")
    })
}

/// A server that was named by a URL without a password, or as `env:NAME` by a variable that has it.
pub fn given(name: &str, kind: ConnectionKind, text: &str) -> Outcome<ConnectionSpec> {
    let url = match text.strip_prefix("env:") {
        Some(variable) => Address::Reference(Reference::Env(variable.to_owned())),
        None if text
            .split_once("://")
            .is_some_and(|(_, rest)| rest.split('@').next().is_some_and(|user| user.contains(':') && rest.contains('@'))) =>
        {
            return Err(Problem::new(Code::Usage, "the URL has a password in it, and would be written into the workspace")
                .next(format!("put the URL into a variable and say --{} env:NAME", kind.name())));
        }
        None => Address::Text(text.to_owned()),
    };
    Ok(ConnectionSpec { kind, path: String::new(), url: Some(url), ..ConnectionSpec::folder(name, "") })
}

/// `contacts` of the CRM; how many.
pub fn contacts(crm: &ConnectionSpec, world: World, cancel: &Cancel) -> Outcome<u64> {
    fill(crm, "contacts", "contact_id", cancel, &mut |each| {
        for part in world.parts() {
            let known: Vec<Record> = part.filter_map(|p| world.record(System::Crm, p)).collect();
            each(sheet(vec![
                numbers("contact_id", known.iter().map(|r| r.number)),
                texts("first_name", known.iter().map(|r| Some(r.given.as_str()))),
                texts("last_name", known.iter().map(|r| Some(r.family.as_str()))),
                texts("email", known.iter().map(|r| r.email.as_deref())),
                texts("phone", known.iter().map(|r| r.phone.as_deref())),
                texts("city", known.iter().map(|r| r.town.as_deref())),
                days("created_on", known.iter().map(|r| r.since)),
                flags("may_call", known.iter().map(|r| r.coin % 3 == 0)),
            ])?)?;
        }
        Ok(())
    })
}

/// `activities` of the CRM: calls, mails and visits.
pub fn activities(crm: &ConnectionSpec, world: World, cancel: &Cancel) -> Outcome<u64> {
    const KINDS: [&str; 3] = ["call", "mail", "visit"];
    fill(crm, "activities", "activity_id", cancel, &mut |each| {
        for part in world.parts() {
            let mut rows: Vec<(i64, i64, Day, &str)> = Vec::new();
            for contact in part.filter_map(|p| world.record(System::Crm, p)) {
                let mut dice = world.dice(contact.person, 8);
                for at in 0..dice.below(3) as i64 {
                    rows.push((
                        contact.number * 10 + at,
                        contact.number,
                        (contact.since + dice.below(900) as Day).min(day_of(2025, 11, 30)),
                        KINDS[dice.below(3)],
                    ));
                }
            }
            each(sheet(vec![
                numbers("activity_id", rows.iter().map(|r| r.0)),
                numbers("contact_id", rows.iter().map(|r| r.1)),
                days("happened_on", rows.iter().map(|r| r.2)),
                texts("kind", rows.iter().map(|r| Some(r.3))),
            ])?)?;
        }
        Ok(())
    })
}

/// `customers` of the shop; how many.
pub fn customers(shop: &ConnectionSpec, world: World, cancel: &Cancel) -> Outcome<u64> {
    fill(shop, "customers", "customer_no", cancel, &mut |each| {
        for part in world.parts() {
            let known: Vec<Record> = part.filter_map(|p| world.record(System::Shop, p)).collect();
            let names: Vec<String> = known.iter().map(|r| format!("{}, {}", r.family, r.given)).collect();
            each(sheet(vec![
                numbers("customer_no", known.iter().map(|r| r.number)),
                texts("name", names.iter().map(|n| Some(n.as_str()))),
                texts("mail", known.iter().map(|r| r.email.as_deref())),
                texts("telephone", known.iter().map(|r| r.phone.as_deref())),
                texts("town", known.iter().map(|r| r.town.as_deref())),
                days("registered_on", known.iter().map(|r| r.since)),
            ])?)?;
        }
        Ok(())
    })
}

/// `orders` of the shop; how many.
pub fn orders(shop: &ConnectionSpec, world: World, cancel: &Cancel) -> Outcome<u64> {
    fill(shop, "orders", "order_id", cancel, &mut |each| {
        for part in world.parts() {
            let mut rows: Vec<(i64, i64, Day, i64)> = Vec::new();
            for customer in part.filter_map(|p| world.record(System::Shop, p)) {
                let mut dice = world.dice(customer.person, 9);
                for at in 0..dice.front_heavy(6) as i64 {
                    let day = day_of(2025, 1, 1) + dice.below(300) as Day;
                    rows.push((customer.number * 10 + at, customer.number, day, 500 + dice.front_heavy(40_000) as i64));
                }
            }
            each(sheet(vec![
                numbers("order_id", rows.iter().map(|r| r.0)),
                numbers("customer_no", rows.iter().map(|r| r.1)),
                days("ordered_on", rows.iter().map(|r| r.2)),
                amounts("amount", rows.iter().map(|r| r.3))?,
            ])?)?;
        }
        Ok(())
    })
}

/// Fills a table, which is made when it is not there; how many rows it has then.
fn fill(
    connection: &ConnectionSpec,
    table: &str,
    key: &str,
    cancel: &Cancel,
    stream: &mut dyn FnMut(Each<'_>) -> Outcome<()>,
) -> Outcome<u64> {
    let mut first: Option<RecordBatch> = None;
    // The columns are those of the first batch; making it twice costs less than keeping all.
    let found = stream(&mut |batch| {
        first = Some(batch);
        Err(Problem::interrupted())
    });
    let Some(first) = first else { return found.map(|()| 0) };
    let key = [key.to_owned()];
    let batch = format!("{}-{table}", std::process::id());
    let order = Order {
        root: Path::new("."),
        connection,
        table,
        mode: WriteMode::Replace,
        key: &key,
        on_bad: OnMisfit::Fail,
        sink: table,
        writer: &format!("example/marketing-refactor/{table}"),
        run: "",
        batch: &batch,
        cancel,
        progress: &ProgressSlot::new(),
    };
    let mut hold = |_: Vec<trommel_model::QuarantinedRow>| Ok(());
    let delivered = write(&order, &mut Rows { schema: first.schema(), stream, hold: &mut hold })?;
    Ok(delivered.rows_out)
}
