//! What goes wrong, and how often: of the records of each table one in twenty has exactly one fault, drawn by these shares.

use crate::rental::dice::Dice;

/// Share of records with a fault.
pub const SHARE: f64 = 0.05;

/// A kind of fault and its share among the faults of its table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kind {
    /// The name in the truth and in the README.
    pub name: &'static str,
    /// The column it is in.
    pub column: &'static str,
    /// Its share of the faults of the table.
    pub share: f64,
}

/// A fault that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The kind's name.
    pub name: &'static str,
    /// The column.
    pub column: &'static str,
    /// The value that belongs there; empty for no value.
    pub right: String,
}

const fn kind(name: &'static str, column: &'static str, share: f64) -> Kind {
    Kind { name, column, share }
}

/// Of customers.
pub const CUSTOMERS: &[Kind] =
    &[kind("missing_email", "email", 0.40), kind("malformed_email", "email", 0.30), kind("country_variant", "country", 0.30)];

/// Of orders.
pub const ORDERS: &[Kind] = &[
    kind("missing_status", "status", 0.20),
    kind("status_variant", "status", 0.30),
    kind("future_order", "ordered_at", 0.15),
    kind("missing_customer", "customer_id", 0.20),
    kind("unknown_customer", "customer_id", 0.15),
];

/// Of the lines of orders.
pub const LINES: &[Kind] = &[
    kind("missing_price", "unit_price", 0.25),
    kind("price_slip", "unit_price", 0.20),
    kind("negative_quantity", "quantity", 0.15),
    kind("unknown_product", "sku", 0.15),
    kind("duplicate_line", "line_no", 0.25),
];

/// Of products.
pub const PRODUCTS: &[Kind] = &[
    kind("missing_category", "category", 0.40),
    kind("category_variant", "category", 0.30),
    kind("missing_list_price", "list_price", 0.30),
];

/// Of marketing's exports.
pub const MARKETING: &[Kind] =
    &[kind("missing_spend", "spend", 0.30), kind("clicks_over_impressions", "clicks", 0.30), kind("channel_variant", "channel", 0.40)];

/// Draws the fault of one record: mostly none.
pub fn draw(kinds: &'static [Kind], dice: &mut Dice) -> Option<Kind> {
    if !dice.chance(SHARE) {
        return None;
    }
    kinds.get(dice.weighted(kinds.iter().map(|k| k.share))).copied()
}

/// The fault, with the value that belongs there.
pub fn made(kind: Kind, right: impl Into<String>) -> Made {
    Made { name: kind.name, column: kind.column, right: right.into() }
}
