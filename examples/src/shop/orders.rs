//! Orders and their lines.

use super::catalogue::{decimal, price, sku};
use super::fault::{self, made};
use super::store::TableSpec;
use super::{DAYS, Record, end, people};
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::{DAY, Moment};

/// The table of orders.
pub const ORDERS: TableSpec = TableSpec {
    name: "orders",
    columns: &[
        ("order_id", "BIGINT"),
        ("customer_id", "BIGINT"),
        ("ordered_at", "TIMESTAMP"),
        ("status", "VARCHAR(20)"),
        ("updated_at", "TIMESTAMP"),
    ],
    key: &["order_id"],
};

/// The table of their lines. It has no key of its own: a line that was sent twice is there twice.
pub const LINES: TableSpec = TableSpec {
    name: "order_lines",
    columns: &[
        ("line_id", "VARCHAR(24)"),
        ("order_id", "BIGINT"),
        ("line_no", "INTEGER"),
        ("sku", "VARCHAR(20)"),
        ("quantity", "INTEGER"),
        ("unit_price", "NUMERIC(10,2)"),
        ("updated_at", "TIMESTAMP"),
    ],
    key: &[],
};

const STATUSES: [(&str, f64, &str); 4] =
    [("delivered", 0.82, "Delivered "), ("shipped", 0.08, "shiped"), ("cancelled", 0.06, "canceled"), ("returned", 0.04, "RETURNED")];
const FIRST: u64 = 500_001;

/// When order number `n` of so many was placed: evenly over the days, more in the evening.
fn placed(seed: u64, n: u64, orders: u64) -> Moment {
    let mut dice = Dice::new(seed, Stream::ShopMoment, n);
    let day = (u128::from(n) * DAYS as u128 / u128::from(orders.max(1))) as i64;
    let hour = (8.0 + 12.0 * dice.unit().max(dice.unit())).min(23.0);
    Moment::at(end() - DAYS + day, (hour * 3_600.0) as i64 + dice.below(3_600) as i64)
}

/// Order number `n`.
pub fn order(seed: u64, n: u64, orders: u64, customers: u64) -> Record {
    let mut dice = Dice::new(seed, Stream::ShopOrder, n);
    let customer = (people::FIRST + dice.front_heavy(customers as usize) as u64).to_string();
    let at = placed(seed, n, orders);
    let (status, _, variant) = STATUSES[dice.weighted(STATUSES.iter().map(|s| s.1))];
    let drawn = fault::draw(fault::ORDERS, &mut dice);
    let (mut shown_customer, mut shown_at, mut shown_status) = (Some(customer.clone()), at.iso(" "), Some(status.to_owned()));
    let fault = drawn.map(|kind| match kind.name {
        "missing_status" => {
            shown_status = None;
            made(kind, status)
        }
        "status_variant" => {
            shown_status = Some(variant.to_owned());
            made(kind, status)
        }
        "future_order" => {
            shown_at = at.plus(366 * DAY * 8).iso(" ");
            made(kind, at.iso(" "))
        }
        "missing_customer" => {
            shown_customer = None;
            made(kind, customer.clone())
        }
        _ => {
            shown_customer = Some((people::FIRST + customers + 1_000 + n % 500).to_string());
            made(kind, customer.clone())
        }
    });
    let id = (FIRST + n).to_string();
    let updated = at.plus(dice.below(5 * 86_400) as i64).iso(" ");
    Record { cells: vec![Some(id.clone()), shown_customer, Some(shown_at), shown_status, Some(updated)], key: id, fault, twice: false }
}

/// The lines of order number `n`: one to five, three on average.
pub fn lines(seed: u64, n: u64, orders: u64, products: u64) -> Vec<Record> {
    let count = 1 + Dice::new(seed, Stream::ShopLines, n).below(5) as u64;
    (0..count).map(|line| order_line(seed, n, line, orders, products)).collect()
}

fn order_line(seed: u64, n: u64, line: u64, orders: u64, products: u64) -> Record {
    let mut dice = Dice::new(seed, Stream::ShopLine, n * 8 + line);
    let product = dice.front_heavy(products as usize) as u64;
    let (quantity, cents) = (1 + dice.front_heavy(6), price(seed, product));
    // Now and then something is sold below its list price.
    let cents = if dice.chance(0.2) { cents * 9 / 10 } else { cents };
    let drawn = fault::draw(fault::LINES, &mut dice);
    let (mut shown_sku, mut shown_quantity, mut shown_price) = (sku(product), quantity.to_string(), Some(decimal(cents)));
    let mut twice = false;
    let fault = drawn.map(|kind| match kind.name {
        "missing_price" => {
            shown_price = None;
            made(kind, decimal(cents))
        }
        "price_slip" => {
            shown_price = Some(decimal(cents * 100));
            made(kind, decimal(cents))
        }
        "negative_quantity" => {
            shown_quantity = format!("-{quantity}");
            made(kind, quantity.to_string())
        }
        "unknown_product" => {
            shown_sku = format!("SKU-9{:04}", n % 10_000);
            made(kind, sku(product))
        }
        _ => {
            twice = true;
            made(kind, (line + 1).to_string())
        }
    });
    let order = (FIRST + n).to_string();
    let id = format!("{order}-{}", line + 1);
    let at = placed(seed, n, orders).iso(" ");
    let cells =
        vec![Some(id.clone()), Some(order), Some((line + 1).to_string()), Some(shown_sku), Some(shown_quantity), shown_price, Some(at)];
    Record { cells, key: id, fault, twice }
}
