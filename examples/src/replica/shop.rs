//! A shop: who buys, what there is, what was ordered. Each row depends on the seed and its number alone.

use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::{DAY, HOUR, Moment, day_of};

/// A table of the replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Columns with the types they are declared with.
    pub columns: &'static [(&'static str, &'static str)],
}

/// The tables, each after those it refers to.
pub const TABLES: &[Table] = &[
    Table {
        name: "customers",
        columns: &[("id", "INTEGER"), ("name", "VARCHAR(80)"), ("country", "VARCHAR(2)"), ("segment", "VARCHAR(20)"), ("since", "DATE")],
    },
    Table {
        name: "products",
        columns: &[
            ("id", "INTEGER"),
            ("title", "VARCHAR(80)"),
            ("category", "VARCHAR(20)"),
            ("price_cents", "INTEGER"),
            ("active", "INTEGER"),
        ],
    },
    Table {
        name: "orders",
        columns: &[
            ("id", "INTEGER"),
            ("customer_id", "INTEGER"),
            ("status", "VARCHAR(20)"),
            ("channel", "VARCHAR(20)"),
            ("ordered_at", "TIMESTAMP"),
            ("note", "VARCHAR(200)"),
        ],
    },
    Table {
        name: "order_lines",
        columns: &[
            ("order_id", "INTEGER"),
            ("line", "INTEGER"),
            ("product_id", "INTEGER"),
            ("pieces", "INTEGER"),
            ("paid_cents", "INTEGER"),
        ],
    },
];

/// A row: texts, or nothing.
pub type Row = Vec<Option<String>>;

const COUNTRIES: [(&str, f64); 6] = [("DE", 5.0), ("FR", 3.0), ("IT", 2.0), ("ES", 2.0), ("PL", 1.0), ("CH", 1.0)];
const SEGMENTS: [(&str, f64); 3] = [("private", 7.0), ("business", 2.0), ("reseller", 1.0)];
const CHANNELS: [(&str, f64); 3] = [("web", 6.0), ("app", 3.0), ("phone", 1.0)];
const STATUS: [(&str, f64); 5] = [("shipped", 80.0), ("paid", 6.0), ("open", 3.0), ("returned", 7.0), ("cancelled", 4.0)];
const CATEGORIES: [&str; 6] = ["garden", "kitchen", "office", "sport", "toys", "travel"];
const THINGS: [&str; 8] = ["lamp", "box", "chair", "bottle", "bag", "clock", "cup", "board"];
const KINDS: [&str; 6] = ["small", "large", "blue", "folding", "steel", "wooden"];
const FIRST: [&str; 10] = ["Anna", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hugo", "Ines", "Jonas"];
const LAST: [&str; 10] = ["Maier", "Rossi", "Dubois", "Kowalski", "García", "Schmidt", "Weber", "Bianchi", "Moreau", "Nowak"];
const PRODUCTS: u64 = 240;
/// Two years of orders.
const DAYS: usize = 731;

/// A shop of some size.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    orders: u64,
    seed: u64,
}

impl Shop {
    /// With so many orders.
    pub fn new(orders: u64, seed: u64) -> Self {
        Self { orders, seed }
    }

    /// How many things a table has rows for; an order has several lines.
    pub fn count(self, table: &str) -> u64 {
        match table {
            "customers" => self.customers(),
            "products" => PRODUCTS,
            _ => self.orders,
        }
    }

    /// The rows of thing number `at`, from 0.
    pub fn rows(self, table: &str, at: u64) -> Vec<Row> {
        match table {
            "customers" => vec![self.customer(at)],
            "products" => vec![self.product(at)],
            "orders" => vec![self.order(at)],
            _ => self.lines(at),
        }
    }

    fn customers(self) -> u64 {
        self.orders / 8 + 20
    }

    fn customer(self, at: u64) -> Row {
        let mut dice = Dice::new(self.seed, Stream::Buyer, at);
        let name = format!("{} {}", FIRST[dice.below(FIRST.len())], LAST[dice.below(LAST.len())]);
        let country = pick(&mut dice, &COUNTRIES);
        let segment = pick(&mut dice, &SEGMENTS);
        let since = Moment::at(day_of(2019, 1, 1) + dice.below(1_460) as i64, 0);
        vec![Some(text(at + 1)), Some(name), Some(country), Some(segment), Some(since.iso(" ")[..10].to_owned())]
    }

    fn product(self, at: u64) -> Row {
        let mut dice = Dice::new(self.seed, Stream::Product, at);
        let title = format!("{} {} {}", KINDS[dice.below(KINDS.len())], THINGS[dice.below(THINGS.len())], at + 1);
        let category = CATEGORIES[dice.below(CATEGORIES.len())].to_owned();
        vec![Some(text(at + 1)), Some(title), Some(category), Some(text(self.price(at))), Some(text(u64::from(!dice.chance(0.1))))]
    }

    /// What a product costs, in cents.
    fn price(self, product: u64) -> u64 {
        199 + Dice::new(self.seed ^ 0xC057, Stream::Product, product).front_heavy(24_000) as u64
    }

    fn order(self, at: u64) -> Row {
        let mut dice = Dice::new(self.seed, Stream::Order, at);
        let customer = dice.front_heavy(self.customers() as usize) as u64 + 1;
        let status = pick(&mut dice, &STATUS);
        let channel = pick(&mut dice, &CHANNELS);
        // Orders come in the order of their numbers, most of them by day.
        let day = at as i64 * DAYS as i64 / self.orders.max(1) as i64;
        let clock = 7 * HOUR + dice.below(15 * 3_600) as i64;
        let ordered = Moment((day_of(2023, 1, 1) + day) * DAY + clock);
        let note = dice.chance(0.02).then(|| "please ring twice".to_owned());
        vec![Some(text(at + 1)), Some(text(customer)), Some(status), Some(channel), Some(ordered.iso(" ")), note]
    }

    fn lines(self, at: u64) -> Vec<Row> {
        let mut dice = Dice::new(self.seed ^ 0x11E5, Stream::Order, at);
        let lines = 1 + dice.front_heavy(5) as u64;
        let line = |number: u64| {
            let product = dice.front_heavy(PRODUCTS as usize) as u64;
            let pieces = 1 + dice.front_heavy(4) as u64;
            let discount = if dice.chance(0.15) { 10 } else { 0 };
            let paid = self.price(product) * pieces * (100 - discount) / 100;
            [at + 1, number, product + 1, pieces, paid].map(|number| Some(text(number))).to_vec()
        };
        (1..=lines).map(line).collect()
    }
}

fn text(number: u64) -> String {
    number.to_string()
}

fn pick(dice: &mut Dice, from: &[(&str, f64)]) -> String {
    from[dice.weighted(from.iter().map(|(_, weight)| *weight))].0.to_owned()
}
