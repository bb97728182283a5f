//! The same seed makes the same shop, in a database and as a script.

use trommel_model::{Cancel, ConnectionKind, ProgressSlot};

use super::*;
use crate::settings::Server;

#[test]
fn a_database_and_a_script_have_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let make = |server: Option<&Server>| generate(folder.path(), 400, 7, server, &Cancel::new(), &ProgressSlot::new()).unwrap();
    let server = Server { kind: ConnectionKind::Postgres, url: "postgres://localhost/shop".to_owned() };
    let (database, script) = (make(None), make(Some(&server)));
    assert_eq!(database, script);
    let names: Vec<&str> = database.rows.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["customers", "products", "orders", "order_lines"]);
    assert_eq!((database.rows[0].1, database.rows[2].1), (70, 400));
    let text = std::fs::read_to_string(folder.path().join("replica.sql")).unwrap();
    assert!(text.contains("CREATE TABLE orders (id INTEGER") && text.trim_end().ends_with("COMMIT;"));
    let rows = text.lines().filter(|line| line.starts_with('(')).count() as u64;
    assert_eq!(rows, script.rows.iter().map(|(_, rows)| rows).sum::<u64>());
}
