//! What goes wrong while a remote table is read: names, privileges, a connection that is cut. Nothing of it is left.

use super::*;

#[test]
fn faults_are_told_where_they_are() {
    let (place, _folder) = sqlite();
    let fault = |query: &str| place.federated(query, Fetch::Rows).map(drop).unwrap_err();
    let problem = fault("select *\nfrom db.thigns");
    assert_eq!((problem.code, problem.place.line), (Code::UnknownName, Some(2)), "{problem:?}");
    assert!(problem.next.unwrap().contains("things"));
    let problem = fault("select id,\n  amuont from db.things t");
    assert_eq!((problem.code, problem.place.line, problem.place.column), (Code::BadSql, Some(2), Some(3)), "{problem:?}");
    assert!(problem.next.unwrap().contains("amount"));
    assert_eq!(fault("select * from db.other.things").code, Code::UnknownName);
    assert_eq!(fault("select * from dv.x.things").code, Code::UnknownName);
    let gone = ConnectionSpec { path: "no-such.sqlite".to_owned(), ..place.connection.clone() };
    let gone = Place { connection: gone, engine: engine().0, folder: tempfile::tempdir().unwrap() };
    assert_eq!(gone.federated("select * from db.things", Fetch::Rows).map(drop).unwrap_err().code, Code::FileNotFound);
}

#[test]
fn a_table_that_may_not_be_read_is_told_from_one_that_is_not_there() {
    let password = || std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    let as_user = |connection: &ConnectionSpec, variable: &str, user: &str| {
        let url = std::env::var(variable).unwrap().replacen("trommel@", &format!("{user}@"), 1);
        ConnectionSpec { url: Some(Address::Text(url)), ..connection.clone() }
    };
    let fault = |connection: ConnectionSpec, query: &str| {
        let place = Place { connection, engine: engine().0, folder: tempfile::tempdir().unwrap() };
        let problem = place.federated(query, Fetch::Rows).map(drop).unwrap_err();
        assert!(problem.next.is_some() && !problem.to_string().contains(&password()), "{problem:?}");
        assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 0);
        problem.code
    };
    if let Some(connection) = server(ConnectionKind::Postgres, "TROMMEL_TEST_POSTGRES") {
        psql(&format!(
            "drop schema if exists federated_secret cascade; create schema federated_secret; create table federated_secret.t as select 1 as id;
             drop role if exists federated_guest; create role federated_guest login password '{}'; grant usage on schema federated_secret to federated_guest",
            password()
        ));
        let guest = as_user(&connection, "TROMMEL_TEST_POSTGRES", "federated_guest");
        assert_eq!(fault(guest.clone(), "select * from db.federated_secret.t"), Code::Denied);
        assert_eq!(fault(guest, "select * from db.federated_secret.tt"), Code::UnknownName);
        psql("drop schema federated_secret cascade; drop role federated_guest");
    }
    if let Some(connection) = server(ConnectionKind::Mysql, "TROMMEL_TEST_MYSQL") {
        mariadb(&format!(
            "create or replace table federated_secret (id int, hidden int); create or replace user federated_guest@'%' identified by '{}';
             grant select (id) on trommel.federated_secret to federated_guest@'%'",
            password()
        ));
        let guest = as_user(&connection, "TROMMEL_TEST_MYSQL", "federated_guest");
        // Who may not read one column may not be told of its rows either.
        assert_eq!(fault(guest.clone(), "select hidden from db.federated_secret"), Code::Denied);
        assert_eq!(fault(guest, "select * from db.no_such_table"), Code::UnknownName);
        mariadb("drop table federated_secret; drop user federated_guest@'%'");
    }
}

#[test]
fn a_connection_cut_while_rows_come_leaves_nothing() {
    let cut = |connection: &ConnectionSpec, path: &[&str], end: &dyn Fn()| {
        let folder = tempfile::tempdir().unwrap();
        let mut remote = Remote::open(folder.path(), connection, &Cancel::new()).unwrap();
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let table = remote.table(&path, &|_| true).unwrap();
        let need = trommel_model::RemoteNeed { columns: vec![0, 1], ..trommel_model::RemoteNeed::default() };
        let statement = table.statement(&need).unwrap();
        let file = folder.path().join("fetched.parquet");
        let mut writer = trommel_connectors::parquet::ParquetFile::create(&file, &statement.schema).unwrap();
        let mut batches = 0;
        let fetched = remote.fetch(&table, &statement, &ProgressSlot::new(), &mut |batch| {
            if batches == 0 {
                end();
            }
            batches += 1;
            writer.write(&batch)
        });
        assert_eq!(fetched.map(drop).unwrap_err().code, Code::Connection);
        assert!(batches > 0);
        drop(writer);
        assert!(!file.exists());
    };
    if let Some(connection) = server(ConnectionKind::Postgres, "TROMMEL_TEST_POSTGRES") {
        psql(
            "drop table if exists federated_cut; create table federated_cut as select g, repeat('x', 200) as filler from generate_series(1, 400000) g",
        );
        cut(&connection, &["public", "federated_cut"], &|| {
            psql(
                "select pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY%federated_cut%' and pid <> pg_backend_pid()",
            );
        });
        psql("drop table federated_cut");
    }
    if let Some(connection) = server(ConnectionKind::Mysql, "TROMMEL_TEST_MYSQL") {
        mariadb("create or replace table federated_cut as select seq as g, repeat('x', 200) as filler from seq_1_to_400000");
        cut(&connection, &["federated_cut"], &|| {
            let reading = "select id from information_schema.processlist where info like 'SELECT%federated_cut%' and id <> connection_id()";
            let id = mariadb(reading);
            assert!(!id.is_empty(), "nobody to cut");
            mariadb(&format!("kill {id}"));
        });
        mariadb("drop table federated_cut");
    }
}
