//! The text files of the example workspaces, embedded.

use std::fs;
use std::path::Path;

use trommel_model::{Address, ConnectionSpec, Outcome, Problem};

use crate::settings::{Settings, toml_text};

/// A text file: its path in the workspace and what is in it.
type Text = (&'static str, &'static str);

macro_rules! texts {
    ($example:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../assets/examples/", $example, "/", $path)))),+]
    };
}

const CAR_RENTAL: &[Text] = texts!["car-rental":
    "README.md",
    "trommel.toml",
    "sources/alpha.toml",
    "sources/bravo.toml",
    "sources/charlie.toml",
    "sources/bookings.toml",
    "models/clean/alpha.toml",
    "models/clean/bravo.toml",
    "models/clean/charlie.toml",
    "models/clean/bookings.toml",
    "models/stage/quotes_all.sql",
    "models/stage/requests.toml",
    "models/mart/broker_quotes.sql",
    "models/mart/bookings.sql",
    "models/mart/quotes.sql",
    "models/mart/daily_quotes.sql",
    "kpis/quotes.toml",
    "kpis/requests.toml",
    "kpis/duplicates_removed.toml",
    "kpis/conversion.toml",
    "kpis/request_conversion.toml",
    "kpis/average_price.toml",
    "kpis/best_price.toml",
    "kpis/early_bookings.toml",
    "boards/rental.toml",
];

const ONE_CUSTOMER: &[Text] = texts!["one-customer":
    "README.md",
    "trommel.toml",
    "boards/marketing.toml",
    "boards/sales.toml",
    "boards/stewards.toml",
    "kpis/customers.toml",
    "kpis/orders_waiting.toml",
    "kpis/reachable.toml",
    "kpis/records.toml",
    "kpis/records_per_customer.toml",
    "kpis/repeat_share.toml",
    "kpis/revenue.toml",
    "kpis/revenue_per_customer.toml",
    "models/clean/app.sql",
    "models/clean/crm.sql",
    "models/clean/loyalty.sql",
    "models/clean/newsletter.sql",
    "models/clean/partner.sql",
    "models/clean/shop.sql",
    "models/clean/store.sql",
    "models/clean/support.sql",
    "models/clean/web.sql",
    "models/mart/customer_value.sql",
    "models/mart/customers.toml",
    "models/mart/orders.sql",
    "models/stage/records.sql",
    "sources/app.toml",
    "sources/crm.toml",
    "sources/loyalty.toml",
    "sources/newsletter.toml",
    "sources/orders.toml",
    "sources/partner.toml",
    "sources/regions.toml",
    "sources/shop.toml",
    "sources/store.toml",
    "sources/support.toml",
    "sources/web.toml",
];

const ONLINE_RETAIL: &[Text] = texts!["online-retail":
    "README.md",
    "trommel.toml",
    "sources/online_retail.toml",
    "models/clean/invoice_lines.toml",
    "models/mart/daily_revenue.sql",
    "models/mart/country_revenue.sql",
    "kpis/net_revenue.toml",
    "kpis/gross_revenue.toml",
    "kpis/invoices.toml",
    "kpis/average_invoice.toml",
    "kpis/returned_share.toml",
    "boards/revenue.toml",
];

const MARKETING: &[Text] = texts!["marketing-refactor":
    "README.md",
    "trommel.toml",
    "sources/activities.toml",
    "sources/campaigns.toml",
    "sources/clicks.toml",
    "sources/contacts.toml",
    "sources/customers.toml",
    "sources/leads.toml",
    "sources/newsletter.toml",
    "sources/orders.toml",
    "models/clean/contacts.sql",
    "models/clean/customers.sql",
    "models/clean/leads.sql",
    "models/clean/subscribers.sql",
    "models/stage/people.toml",
    "models/stage/records.sql",
    "models/mart/campaign_results.sql",
    "models/mart/contact_segments.sql",
    "models/mart/customer_scores.sql",
    "models/mart/people.sql",
    "sinks/crm_people.toml",
    "sinks/crm_segments.toml",
    "sinks/mailing.toml",
    "sinks/segments.toml",
    "sinks/shop_campaigns.toml",
    "sinks/shop_scores.toml",
    "kpis/duplicates.toml",
    "kpis/people.toml",
    "kpis/reachable.toml",
    "kpis/return_on_cost.toml",
    "kpis/revenue.toml",
    "boards/marketing.toml",
];

const SHOPSPHERE: &[Text] = texts!["shopsphere":
    "README.md",
    "trommel.toml",
    "sources/customers.toml",
    "sources/orders.toml",
    "sources/order_lines.toml",
    "sources/products.toml",
    "sources/marketing.toml",
    "models/clean/customers.toml",
    "models/clean/orders.toml",
    "models/clean/order_lines.toml",
    "models/clean/products.toml",
    "models/clean/sold_prices.sql",
    "models/clean/marketing.toml",
    "models/mart/order_lines.sql",
    "models/mart/daily_sales.sql",
    "models/mart/daily_marketing.sql",
    "kpis/revenue.toml",
    "kpis/orders.toml",
    "kpis/average_order.toml",
    "kpis/marketing_spend.toml",
    "kpis/cost_per_click.toml",
    "kpis/cost_per_order.toml",
    "boards/shop.toml",
];

/// The lines of `trommel.toml` that lead to the files of the shop.
const ORDERS_FILE: &str = "kind = \"sqlite\"\npath = \"data/orders.sqlite\"";
/// See [`ORDERS_FILE`].
const CATALOGUE_FILE: &str = "kind = \"sqlite\"\npath = \"data/catalogue.sqlite\"";
/// The line of a source that reads all of a table.
const WHOLE: &str = "load = \"full\"";

/// The made-up daily files of the online retail example.
pub const RETAIL_DAYS: &[Text] = texts!["online-retail":
    "data/2024-03-04.csv",
    "data/2024-03-05.csv",
    "data/2024-03-06.csv",
];

const REPORTING: &[Text] = texts!["reporting-elt":
    "README.md",
    "trommel.toml",
    "sources/regions.toml",
    "sources/targets.toml",
    "models/mart/sales.sql",
    "models/mart/customers.sql",
    "models/mart/months.sql",
    "kpis/net_sales.toml",
    "kpis/orders.toml",
    "kpis/average_order.toml",
    "boards/sales.toml",
];

/// The files that finance keeps, in the reporting example.
const REPORTING_FILES: &[Text] = texts!["reporting-elt":
    "data/regions.csv",
    "data/targets.csv",
];

/// The lines of `trommel.toml` that say where the replica is.
const REPLICA: &str = "kind = \"sqlite\"\npath = \"data/replica.sqlite\"";

/// The line of `trommel.toml` that says where the daily files are.
const RETAIL_PATH: &str = "path = \"data\"";

/// Writes the text files of an example into a folder.
pub fn write(root: &Path, example: &str, settings: &Settings) -> Outcome<()> {
    put(root, ".gitignore", ".trommel/\n")?;
    for (path, text) in of(example) {
        match settings {
            Settings::OnlineRetail { data: Some(data) } if *path == "trommel.toml" => {
                let real = format!("path = {}", toml_text(&data.to_string_lossy()));
                put(root, path, &text.replacen(RETAIL_PATH, &real, 1))?;
            }
            Settings::Marketing { postgres, mysql, .. } if *path == "trommel.toml" => {
                let mut config = (*text).to_owned();
                for (file, kind, server) in [("crm", "postgres", postgres), ("shop", "mysql", mysql)] {
                    let Some(server) = server else { continue };
                    let url = match server.strip_prefix("env:") {
                        Some(variable) => format!("{{ env = {} }}", toml_text(variable)),
                        None => toml_text(server),
                    };
                    config = config.replacen(&local(file), &format!("kind = \"{kind}\"\nurl = {url}\n"), 1);
                }
                put(root, path, &config)?;
            }
            Settings::Reporting { server: Some(server), .. } if *path == "trommel.toml" => {
                let real = format!("kind = \"{}\"\nurl = {}", server.kind.name(), toml_text(&server.url));
                put(root, path, &text.replacen(REPLICA, &real, 1))?;
            }
            Settings::Shopsphere { postgres, mysql, .. } => put(root, path, &on_servers(path, text, postgres.as_ref(), mysql.as_ref()))?,
            _ => put(root, path, text)?,
        }
    }
    Ok(())
}

/// The lines of `trommel.toml` that say where a database file is.
fn local(name: &str) -> String {
    format!("kind = \"sqlite\"\npath = \"data/{name}.sqlite\"\n")
}

/// Writes the files of the reporting example that are not generated.
pub fn write_files(data: &Path) -> Outcome<()> {
    REPORTING_FILES.iter().try_for_each(|(path, text)| put(data, path.trim_start_matches("data/"), text))
}

/// A text of the shop as it is with its databases on servers: connections lead there, and tables are read as they change.
fn on_servers(path: &str, text: &str, postgres: Option<&ConnectionSpec>, mysql: Option<&ConnectionSpec>) -> String {
    let mut text = text.to_owned();
    for (server, file, tables) in [
        // A line that was sent twice is there twice: by a key one would take the place of the other.
        (mysql, ORDERS_FILE, &[("customers", "customer_id"), ("orders", "order_id"), ("order_lines", "")][..]),
        (postgres, CATALOGUE_FILE, &[("products", "sku")][..]),
    ] {
        let Some(server) = server else { continue };
        let url = match &server.url {
            Some(Address::Text(url)) => toml_text(url),
            Some(Address::Reference(reference)) => {
                let (kind, name) = reference.parts();
                format!("{{ {kind} = {} }}", toml_text(name))
            }
            None => continue,
        };
        text = text.replacen(file, &format!("kind = \"{}\"\nurl = {url}", server.kind.name()), 1);
        for (table, key) in tables.iter().filter(|(table, _)| path == format!("sources/{table}.toml")) {
            let key = if key.is_empty() { String::new() } else { format!("\nkey = [\"{key}\"]") };
            debug_assert!(text.contains(WHOLE), "{table} is read whole by default");
            text = text.replacen(WHOLE, &format!("load = \"incremental\"\ncursor = \"updated_at\"{key}"), 1);
        }
    }
    text
}

/// Commands to try in an example, in an order that tells a story.
pub fn next(example: &str) -> Vec<String> {
    let commands: &[&str] = match example {
        "car-rental" => &[
            "trommel run",
            "trommel kpi list",
            "trommel quarantine list",
            "trommel query \"select * from mart.quotes where quotes > 2 limit 5\"",
            "trommel export mart.quotes -o quotes.xlsx",
        ],
        "marketing-refactor" => &["trommel run", "trommel runs show last", "trommel connect tables crm", "trommel plan --full-refresh"],
        "reporting-elt" => &[
            "trommel run",
            "trommel kpi show net_sales",
            "trommel query \"select status, count(*) from replica.orders group by status\" --explain",
            "trommel query \"select * from mart.months order by month, region\"",
        ],
        "one-customer" => &[
            "trommel run",
            "trommel board sales",
            "trommel match preview mart.customers --labels data/truth/people.csv --kpi customers,revenue_per_customer",
            "trommel match review mart.customers",
            "trommel query \"select * from mart.customers_review limit 5\"",
        ],
        "shopsphere" => &[
            "trommel run",
            "trommel kpi list",
            "trommel check --list",
            "trommel quarantine list",
            "trommel query \"select * from mart.daily_sales order by day desc limit 7\"",
        ],
        _ => &[
            "trommel run",
            "trommel kpi show net_revenue",
            "trommel query \"select * from mart.daily_revenue order by day\"",
            "trommel export mart.daily_revenue -o daily_revenue.xlsx",
        ],
    };
    commands.iter().map(|&c| c.to_owned()).collect()
}

fn of(example: &str) -> &'static [Text] {
    match example {
        "car-rental" => CAR_RENTAL,
        "marketing-refactor" => MARKETING,
        "reporting-elt" => REPORTING,
        "one-customer" => ONE_CUSTOMER,
        "shopsphere" => SHOPSPHERE,
        _ => ONLINE_RETAIL,
    }
}

fn put(root: &Path, path: &str, text: &str) -> Outcome<()> {
    let path = root.join(path);
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
    written.map_err(|e| Problem::from_io(&e, "write the example", &path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_text_file_of_the_assets_is_embedded() {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/examples");
        for (example, texts) in [
            ("car-rental", CAR_RENTAL.to_vec()),
            ("online-retail", [ONLINE_RETAIL, RETAIL_DAYS].concat()),
            ("marketing-refactor", MARKETING.to_vec()),
            ("reporting-elt", [REPORTING, REPORTING_FILES].concat()),
            ("one-customer", ONE_CUSTOMER.to_vec()),
            ("shopsphere", SHOPSPHERE.to_vec()),
        ] {
            let mut found = BTreeSet::new();
            walk(&assets.join(example), "", &mut found);
            let embedded: BTreeSet<String> = texts.iter().map(|(path, _)| (*path).to_owned()).collect();
            assert_eq!(found, embedded, "{example}");
        }
    }

    fn walk(folder: &Path, under: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{under}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name);
            }
        }
    }

    #[test]
    fn servers_take_the_place_of_database_files() {
        let config = MARKETING.iter().find(|(path, _)| *path == "trommel.toml").unwrap().1;
        for name in ["crm", "shop"] {
            assert_eq!(config.matches(&local(name)).count(), 1, "{name}");
        }
    }

    #[test]
    fn on_servers_connections_lead_there_and_tables_are_read_as_they_change() {
        let server = |kind, url| ConnectionSpec::server("x", kind, url);
        let postgres = server(trommel_model::ConnectionKind::Postgres, "postgres://ann@db/c");
        let mysql = server(trommel_model::ConnectionKind::Mysql, "mysql://ann@db/s");
        let text = |path: &str| {
            let text = SHOPSPHERE.iter().find(|(p, _)| *p == path).unwrap().1;
            on_servers(path, text, Some(&postgres), Some(&mysql))
        };
        let config = text("trommel.toml");
        assert!(
            config.contains("kind = \"mysql\"\nurl = \"mysql://ann@db/s\"") && config.contains("url = \"postgres://ann@db/c\""),
            "{config}"
        );
        for (table, key) in [("orders", "order_id"), ("customers", "customer_id"), ("products", "sku")] {
            let source = text(&format!("sources/{table}.toml"));
            assert!(source.contains(&format!("cursor = \"updated_at\"\nkey = [\"{key}\"]")), "{source}");
        }
        assert!(text("sources/marketing.toml").contains("load = \"new_files\""));
    }

    #[test]
    fn the_path_of_real_data_takes_the_place_of_the_made_up() {
        let config = ONLINE_RETAIL.iter().find(|(path, _)| *path == "trommel.toml").unwrap().1;
        assert_eq!(config.matches(RETAIL_PATH).count(), 1);
        let config = REPORTING.iter().find(|(path, _)| *path == "trommel.toml").unwrap().1;
        assert_eq!(config.matches(REPLICA).count(), 1);
    }
}
