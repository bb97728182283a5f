//! Workspaces as text cases: files in, faults with their places out.

use std::fs;
use std::path::Path;

use trommel_model::{CheckAction, CheckSpec, ModelKind, Rule};

use super::*;

const CONFIG: &str = "name = \"shop\"\n\n[[connections]]\nname = \"files\"\nkind = \"folder\"\npath = \"data\"\n\n\
                      [[connections]]\nname = \"shop\"\nkind = \"sqlite\"\npath = \"shop.sqlite\"\n";

/// A workspace of these files; `trommel.toml` is `CONFIG` unless given.
pub(super) fn workspace(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(WORKSPACE_FILE), CONFIG).unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// A fault as one line: `code file:line:column what → next`.
fn line(problem: &Problem) -> String {
    let place = &problem.place;
    let number = |n: Option<u64>| n.map_or_else(String::new, |n| format!(":{n}"));
    let file = place.file.as_ref().map_or_else(String::new, |f| f.display().to_string());
    let next = problem.next.as_ref().map_or_else(String::new, |next| format!(" → {next}"));
    format!("{} {file}{}{} {}{next}", problem.code.name(), number(place.line), number(place.column), problem.what)
}

pub(super) fn check(files: &[(&str, &str)], expected: &[&str]) {
    let dir = workspace(files);
    let found: Vec<_> = problems(dir.path()).iter().map(line).collect();
    assert_eq!(found, expected, "{files:#?}");
    assert_eq!(load(dir.path(), None).is_ok(), expected.is_empty());
}

/// One file with one fault.
pub(super) fn fault(path: &str, text: &str, expected: &str) {
    check(&[(path, text)], &[expected]);
}

#[test]
fn a_whole_workspace_is_read() {
    let dir = workspace(&[
        (
            "sources/orders.toml",
            "connection = \"files\"\npath = \"orders/*.csv\"\nload = \"new_files\"\n[[columns]]\nname = \"id\"\ntype = \"integer\"\nrequired = true\n[[checks]]\ncheck = \"unique\"\ncolumns = [\"id\"]\n",
        ),
        ("sources/customers.toml", "connection = \"shop\"\ntable = \"customers\"\n"),
        (
            "models/clean/orders.toml",
            "kind = \"recipe\"\nfrom = \"raw.orders\"\nowner = \"sales\"\n[[steps]]\ndo = \"trim\"\ncolumns = [\"name\"]\n[[steps]]\ndo = \"rename\"\ncolumns = { a = \"b\" }\n[[checks]]\ncheck = \"range\"\ncolumn = \"day\"\nmin = 2020-01-31\naction = \"quarantine\"\nwhere = \"id > 3\"\n",
        ),
        (
            "models/stage/customers.toml",
            "kind = \"match\"\nfrom = \"raw.customers\"\nid = \"id\"\nthreshold = 0.8\n[[blocking]]\nkeys = [{ column = \"zip\", prefix = 3 }]\n[[comparisons]]\ncolumn = \"name\"\nmethod = \"jaro_winkler\"\nweight = 1\n",
        ),
        (
            "models/mart/revenue.sql",
            "-- +++\n-- materialise = \"view\"\n-- keys = [\"day\"]\n-- [[checks]]\n-- check = \"not_null\"\n-- column = \"day\"\n-- +++\n-- By day.\nselect 1 as day\n",
        ),
        ("models/mart/README.md", "not read"),
        ("models/mart/.revenue.sql.swp", "not read"),
        ("checks/revenue.toml", "table = \"mart.revenue\"\n[[checks]]\ncheck = \"row_count\"\nmin = 1\naction = \"fail\"\n"),
        (
            "checks/orders.toml",
            "table = \"raw.orders\"\n[[checks]]\ncheck = \"foreign_key\"\ncolumn = \"customer\"\nreferences = \"raw.customers.id\"\n",
        ),
        ("kpis/revenue.toml", "title = \"Revenue\"\nfrom = \"mart.revenue\"\nformula = \"sum(day)\"\ndimensions = [\"day\"]\n"),
        ("boards/sales.toml", "title = \"Sales\"\n[[cards]]\nkpi = \"revenue\"\nchart = \"bar\"\nby = \"day\"\n"),
    ]);
    let workspace = load(dir.path(), None).unwrap();
    assert_eq!(workspace.root, dir.path().canonicalize().unwrap());
    assert_eq!(workspace.environment, "dev");
    let sources: Vec<_> = workspace.sources.iter().map(|s| (s.name.as_str(), s.checks.len())).collect();
    assert_eq!(sources, [("customers", 0), ("orders", 2)]);
    let models: Vec<_> = workspace.models.iter().map(|m| (m.name.to_string(), m.path.as_str(), m.kind.name(), m.checks.len())).collect();
    assert_eq!(
        models,
        [
            ("clean.orders".to_owned(), "models/clean/orders.toml", "recipe", 1),
            ("mart.revenue".to_owned(), "models/mart/revenue.sql", "sql", 2),
            ("stage.customers".to_owned(), "models/stage/customers.toml", "match", 0),
        ]
    );
    let ModelKind::Sql(sql) = &workspace.models[1].kind else { panic!("{:?}", workspace.models[1]) };
    assert_eq!((sql.sql.as_str(), sql.first_line), ("-- By day.\nselect 1 as day\n", 8));
    assert_eq!(
        workspace.models[0].checks,
        [CheckSpec {
            condition: Some("id > 3".to_owned()),
            ..CheckSpec::new(
                Rule::Range { column: "day".to_owned(), min: Some(trommel_model::Bound::Text("2020-01-31".to_owned())), max: None },
                CheckAction::Quarantine,
            )
        }]
    );
    assert_eq!((workspace.kpis[0].name.as_str(), workspace.boards[0].name.as_str()), ("revenue", "sales"));
    assert_eq!(problems(dir.path()), []);
}

#[test]
fn environments_are_held_against_the_list() {
    let dir = workspace(&[(WORKSPACE_FILE, "name = \"x\"\nenvironments = [\"prod\", \"test\"]\ndefault_environment = \"test\"\n")]);
    for (asked, used) in [(None, "test"), (Some("dev"), "dev"), (Some("prod"), "prod")] {
        assert_eq!(load(dir.path(), asked).unwrap().environment, used);
    }
    let problem = load(dir.path(), Some("prd")).unwrap_err();
    assert_eq!(line(&problem), "unknown-name  the workspace has no environment \"prd\" → did you mean \"prod\"?");
}

#[test]
fn no_workspace() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(load(dir.path(), None).unwrap_err().code, Code::NotAWorkspace);
    assert_eq!(problems(dir.path())[0].code, Code::NotAWorkspace);
    assert_eq!(load(&dir.path().join("gone"), None).unwrap_err().code, Code::FileNotFound);
}

#[test]
fn faults_of_the_configuration() {
    for (text, expected) in [
        ("", "bad-toml trommel.toml:1:1 the key \"name\" is missing → add name = …"),
        ("name = \"\"", "bad-config trommel.toml:1:8 the workspace has no name"),
        ("name = 3", "bad-toml trommel.toml:1:8 \"name\" must be a text in quotes, not the number 3"),
        ("name = \"x\"\nthreds = 3\n", "bad-toml trommel.toml:2:1 unknown key \"threds\" → did you mean \"threads\"?"),
        ("name = \"x\"\nthreads = -1\n", "bad-toml trommel.toml:2:11 \"threads\" must be a whole number from 0, not the number -1"),
        ("name = \"x\"\nthreads = 0\n", "bad-config trommel.toml:2:11 a run needs at least one thread"),
        ("name = \"x\"\nthreads = \"2\"\n", "bad-toml trommel.toml:2:11 \"threads\" must be a whole number from 0, not the text \"2\""),
        (
            "name = \"x\"\nmemory = \"2 gigs\"\n",
            "bad-config trommel.toml:2:10 \"2 gigs\" is not a size of memory → write a number with a unit, for instance memory = \"2GB\"",
        ),
        (
            "name = \"x\"\nenvironments = \"prod\"\n",
            "bad-toml trommel.toml:2:16 \"environments\" must be a list in brackets, not the text \"prod\"",
        ),
        (
            "name = \"x\"\nenvironments = [\"a\", \"b/c\"]\n",
            "bad-config trommel.toml:2:22 \"b/c\" cannot be the name of an environment → use letters, digits, _ and - only",
        ),
        ("name = \"x\"\nenvironments = [\"a\", \"A\"]\n", "bad-config trommel.toml:2:22 the environment \"A\" is named twice"),
        (
            "name = \"x\"\nenvironments = [\"prod\"]\ndefault_environment = \"prd\"\n",
            "bad-config trommel.toml:3:23 there is no environment \"prd\" → did you mean \"prod\"?",
        ),
        ("name = \"x\"\nname = \"y\"\n", "bad-toml trommel.toml:2:1 this is not valid TOML"),
        ("name = \"x\nthreads = 1\n", "bad-toml trommel.toml:1:10 this is not valid TOML"),
        (
            "name = \"x\"\n[[connections]]\nname = \"a\"\nkind = \"folder\"\npat = \"b\"\n",
            "bad-toml trommel.toml:5:1 unknown key \"pat\" → did you mean \"path\"?",
        ),
        (
            "name = \"x\"\n[[connections]]\nname = \"a\"\nkind = \"foldr\"\npath = \"b\"\n",
            "bad-toml trommel.toml:4:8 unknown value \"foldr\" of \"kind\" → did you mean \"folder\"?",
        ),
        (
            "name = \"x\"\n[[connections]]\nname = \"a\"\nkind = \"oracle\"\npath = \"b\"\n",
            "bad-toml trommel.toml:4:8 unknown value \"oracle\" of \"kind\" → use one of: folder, sqlite, postgres, mysql",
        ),
        (
            "name = \"x\"\n\n[[connections]]\nname = \"a\"\nkind = \"folder\"\n",
            "bad-config trommel.toml:3:1 the connection \"a\" has no path",
        ),
        (
            "name = \"x\"\n[[connections]]\nname = \"a\"\nkind = \"folder\"\npath = \"\"\n",
            "bad-config trommel.toml:5:8 the connection \"a\" has no path",
        ),
        (
            "name = \"x\"\n[[connections]]\nname = \"a b\"\nkind = \"folder\"\npath = \"d\"\n",
            "bad-config trommel.toml:3:8 \"a b\" cannot be the name of a connection → use letters, digits, _ and - only",
        ),
        (
            "name = \"x\"\nconnections = [{ name = \"a\", kind = \"folder\", path = \"b\" },\n { name = \"a\", kind = \"folder\", path = \"c\" }]\n",
            "bad-config trommel.toml:3:11 the connection \"a\" is defined twice",
        ),
    ] {
        fault(WORKSPACE_FILE, text, expected);
    }
}

#[test]
fn faults_of_sources() {
    for (text, expected) in [
        (
            "connection = \"file\"\npath = \"a.csv\"\n",
            "bad-config sources/s.toml:1:14 there is no connection \"file\" → did you mean \"files\"?",
        ),
        (
            "connection = \"warehouse\"\npath = \"a.csv\"\n",
            "bad-config sources/s.toml:1:14 there is no connection \"warehouse\" → use one of: files, shop",
        ),
        ("description = \"x\"\n", "bad-config sources/s.toml:1:1 the source does not say what to read → add path = …"),
        ("connection = \"shop\"\n", "bad-config sources/s.toml:1:14 the source does not say what to read → add table = …"),
        (
            "connection = \"shop\"\ntable = \"a\"\nquery = \"select 1\"\n",
            "bad-config sources/s.toml:3:9 a source reads a table or a query, not both",
        ),
        (
            "connection = \"shop\"\npath = \"a\"\n",
            "bad-config sources/s.toml:2:8 the connection \"shop\" is a database → say `table` or `query` instead of `path`",
        ),
        (
            "connection = \"shop\"\ntable = \"a\"\nload = \"new_files\"\n",
            "bad-config sources/s.toml:3:8 a database has no new files → use load = \"full\"",
        ),
        (
            "path = \"a.csv\"\ntable = \"a\"\n",
            "bad-config sources/s.toml:2:9 \"table\" is for databases → remove it, or say format = \"sqlite\" when the file is a database",
        ),
        (
            "path = \"../a.csv\"\n",
            "bad-config sources/s.toml:1:8 the path leads out of its folder → define a connection of kind \"folder\" for the data in trommel.toml, and name it here",
        ),
        (
            "path = \"/etc/passwd\"\n",
            "bad-config sources/s.toml:1:8 the path leads out of its folder → define a connection of kind \"folder\" for the data in trommel.toml, and name it here",
        ),
        (
            "connection = \"files\"\npath = \"a/../../b.csv\"\n",
            "bad-config sources/s.toml:2:8 the path leads out of its folder → write it relative to the connection's path, without ..",
        ),
        (
            "path = \"\"\n",
            "bad-config sources/s.toml:1:8 the path is empty → define a connection of kind \"folder\" for the data in trommel.toml, and name it here",
        ),
        (
            "path = \"a[.csv\"\n",
            "bad-config sources/s.toml:1:8 the path is not a pattern → define a connection of kind \"folder\" for the data in trommel.toml, and name it here",
        ),
        (
            "path = \"a.csv\"\nformat = \"cvs\"\n",
            "bad-toml sources/s.toml:2:10 unknown value \"cvs\" of \"format\" → did you mean \"csv\"?",
        ),
        ("path = \"a.csv\"\ndrift = 3\n", "bad-toml sources/s.toml:2:9 \"drift\" must be a text in quotes, not something else"),
        (
            "path = \"a.csv\"\n[csv]\ndelimiter = \";;\"\n",
            "bad-toml sources/s.toml:3:13 \"delimiter\" must be one character in quotes, not the text \";;\"",
        ),
        (
            "path = \"a.csv\"\n[csv]\ndecimal_mark = \"'\"\n",
            "bad-config sources/s.toml:3:16 ''' cannot be the decimal mark → use \".\" or \",\"",
        ),
        (
            "path = \"a.csv\"\n[csv]\ndelimiter = \",\"\nquote = \",\"\n",
            "bad-config sources/s.toml:4:9 the quote and the delimiter are the same character",
        ),
        (
            "path = \"a.csv\"\n[csv]\ndelimter = \",\"\n",
            "bad-toml sources/s.toml:3:1 unknown key \"delimter\" → did you mean \"delimiter\"?",
        ),
        (
            "path = \"a.csv\"\n[[columns]]\nname = \"a\"\ntype = \"intger\"\n",
            "bad-toml sources/s.toml:4:8 \"type\" is not valid → did you mean \"integer\"?",
        ),
        (
            "path = \"a.csv\"\n[[columns]]\nname = \"a\"\ntype = \"decimal(99,1)\"\n",
            "bad-toml sources/s.toml:4:8 \"type\" is not valid → use text, integer, float, decimal, decimal(p,s), boolean, date, time or timestamp",
        ),
        (
            "path = \"a.csv\"\n[[columns]]\nname = \"a\"\ntype = \"text\"\n[[columns]]\nname = \"A\"\ntype = \"text\"\n",
            "bad-config sources/s.toml:6:8 the column \"A\" is named twice → names of columns that differ in case only are the same",
        ),
        (
            "path = \"a.csv\"\ncolumns = [{ name = \"_LINE\", type = \"text\" }]\n",
            "bad-config sources/s.toml:2:21 every raw table has a column \"_LINE\" of its own → leave it out, or rename it in the source",
        ),
        (
            "path = \"a.csv\"\ncolumns = [{ name = \"a\", type = \"text\", formats = [\"%d\"] }]\n",
            "bad-config sources/s.toml:2:51 the column \"a\" is neither a date nor a time → remove formats, or use type = \"date\", \"time\" or \"timestamp\"",
        ),
    ] {
        fault("sources/s.toml", text, expected);
    }
}

#[test]
fn a_source_without_connections_says_where_to_define_one() {
    check(
        &[(WORKSPACE_FILE, "name = \"x\"\n"), ("sources/s.toml", "connection = \"files\"\npath = \"a.csv\"\n")],
        &["bad-config sources/s.toml:1:14 there is no connection \"files\" → define it in trommel.toml under a line [[connections]]"],
    );
}

#[test]
fn faults_of_checks() {
    let head = "path = \"a.csv\"\n[[checks]]\n";
    for (text, expected) in [
        (
            "column = \"a\"\n",
            "bad-toml sources/s.toml:2:1 the key \"check\" is missing → add check = one of: not_null, unique, accepted_values, range, regex, row_count, foreign_key, length, format, type, expression, functional_dependency, null_share, statistic, freshness, schema, reconcile, drift, row_change, anomaly",
        ),
        (
            "check = \"not_nul\"\ncolumn = \"a\"\n",
            "bad-toml sources/s.toml:3:9 unknown value \"not_nul\" of \"check\" → did you mean \"not_null\"?",
        ),
        ("check = 3\n", "bad-toml sources/s.toml:3:9 \"check\" must be a text in quotes, not the number 3"),
        ("check = \"not_null\"\ncolumns = [\"a\"]\n", "bad-toml sources/s.toml:4:1 unknown key \"columns\" → did you mean \"column\"?"),
        (
            "check = \"not_null\"\ncolumn = \"a\"\nimportance = \"high\"\n",
            "bad-toml sources/s.toml:5:1 unknown key \"importance\" → use one of: column, check, action, where, tolerance, severity, dimension, owner, description",
        ),
        ("check = \"not_null\"\n", "bad-toml sources/s.toml:2:1 the key \"column\" is missing → add column = …"),
        ("check = \"not_null\"\ncolumn = [\"a\"]\n", "bad-toml sources/s.toml:4:10 \"column\" must be a text in quotes, not a list"),
        ("check = \"not_null\"\ncolumn = \"\"\n", "bad-config sources/s.toml:4:10 the column has no name → name the column"),
        (
            "check = \"not_null\"\ncolumn = \"a\"\naction = \"quarantin\"\n",
            "bad-toml sources/s.toml:5:10 unknown value \"quarantin\" of \"action\" → did you mean \"quarantine\"?",
        ),
        (
            "check = \"not_null\"\ncolumn = \"a\"\nwhere = 1\n",
            "bad-toml sources/s.toml:5:9 \"where\" must be a text in quotes, not the number 1",
        ),
        ("check = \"unique\"\ncolumns = []\n", "bad-config sources/s.toml:4:11 no column is named → name the columns that must be unique"),
        (
            "check = \"unique\"\ncolumns = \"a\"\n",
            "bad-toml sources/s.toml:4:11 \"columns\" must be a list in brackets, not the text \"a\"",
        ),
        (
            "check = \"accepted_values\"\ncolumn = \"a\"\nvalues = []\n",
            "bad-config sources/s.toml:5:10 no value is accepted → name the accepted values",
        ),
        (
            "check = \"accepted_values\"\ncolumn = \"a\"\nvalues = [\"x\", 1]\n",
            "bad-toml sources/s.toml:5:10 \"values\" must be a text in quotes, not the number 1",
        ),
        ("check = \"range\"\ncolumn = \"a\"\n", "bad-config sources/s.toml:3:9 the check has no bounds → add min, max or both"),
        ("check = \"range\"\ncolumn = \"a\"\nmin = 3\nmax = 2.5\n", "bad-config sources/s.toml:5:7 min is above max → swap them"),
        (
            "check = \"range\"\ncolumn = \"a\"\nmin = true\n",
            "bad-toml sources/s.toml:5:7 \"min\" must be a number, or a date or text in quotes, not something else",
        ),
        (
            "check = \"row_count\"\nmin = 1\naction = \"quarantine\"\n",
            "bad-config sources/s.toml:5:10 a check of the table as a whole has no rows to hold → use action = \"warn\" or \"fail\"",
        ),
        (
            "check = \"format\"\ncolumn = \"a\"\nformat = \"emial\"\n",
            "bad-toml sources/s.toml:5:10 unknown value \"emial\" of \"format\" → did you mean \"email\"?",
        ),
        (
            "check = \"not_null\"\ncolumn = \"a\"\ntolerance = 1.5\n",
            "bad-config sources/s.toml:5:13 a tolerance is a share from 0 to below 1 → write 0.01 for a hundredth of the rows",
        ),
        (
            "check = \"drift\"\ncolumn = \"a\"\nbaseline = \"orders\"\n",
            "bad-config sources/s.toml:5:12 \"orders\" is no name of a table → write layer.table, for instance clean.customers",
        ),
        ("check = \"row_change\"\n", "bad-config sources/s.toml:3:9 the check allows any change → add max_drop, max_rise or both"),
        ("check = \"row_count\"\nmin = -1\n", "bad-toml sources/s.toml:4:7 \"min\" must be a whole number from 0, not the number -1"),
        (
            "check = \"foreign_key\"\ncolumn = \"a\"\nreferences = \"customers.id\"\n",
            "bad-config sources/s.toml:5:14 \"customers.id\" is not a column of a table → write layer.table.column, for instance clean.customers.id",
        ),
    ] {
        fault("sources/s.toml", &format!("{head}{text}"), expected);
    }
    fault(
        "sources/s.toml",
        "path = \"a.csv\"\nchecks = 3\n",
        "bad-toml sources/s.toml:2:10 \"checks\" must be a list of tables → write each one under a line [[checks]]",
    );
}

#[test]
fn faults_of_check_files() {
    let orders = ("sources/orders.toml", "path = \"a.csv\"\n");
    let model = ("models/mart/revenue.sql", "select 1");
    for (text, expected) in [
        (
            "table = \"mart.revenu\"\n",
            "bad-config checks/c.toml:1:9 no source and no model makes mart.revenu → did you mean \"mart.revenue\"?",
        ),
        ("table = \"raw.order\"\n", "bad-config checks/c.toml:1:9 no source and no model makes raw.order → did you mean \"raw.orders\"?"),
        (
            "table = \"adhoc.things\"\n",
            "bad-config checks/c.toml:1:9 no source and no model makes adhoc.things → sources make raw.NAME, models the layer and name of their file",
        ),
        (
            "table = \"revenue\"\n",
            "bad-config checks/c.toml:1:9 \"revenue\" is not a table name → write layer.table with letters, digits and _, for instance mart.revenue",
        ),
        ("tables = \"mart.revenue\"\n", "bad-toml checks/c.toml:1:1 unknown key \"tables\" → did you mean \"table\"?"),
        ("[[checks]]\ncheck = \"row_count\"\nmin = 1\n", "bad-toml checks/c.toml:1:1 the key \"table\" is missing → add table = …"),
    ] {
        check(&[orders, model, ("checks/c.toml", text)], &[expected]);
    }
}

#[test]
fn faults_of_sql_models() {
    for (text, expected) in [
        ("", "bad-config models/mart/m.sql:1:1 the model has no SELECT → write a SELECT below the front matter"),
        (
            "-- +++\n-- owner = \"a\"\n-- +++\n-- later\n/* or never */ ;\n",
            "bad-config models/mart/m.sql:6:1 the model has no SELECT → write a SELECT below the front matter",
        ),
        (
            "-- +++\n-- materialize = \"view\"\n-- +++\nselect 1",
            "bad-toml models/mart/m.sql:2:4 unknown key \"materialize\" → did you mean \"materialise\"?",
        ),
        (
            "\n-- +++\n--materialise = \"veiw\"\n-- +++\nselect 1",
            "bad-toml models/mart/m.sql:3:17 unknown value \"veiw\" of \"materialise\" → did you mean \"view\"?",
        ),
        (
            "-- +++\n-- keys = [\n--   1,\n-- ]\n-- +++\nselect 1",
            "bad-toml models/mart/m.sql:3:6 \"keys\" must be a text in quotes, not the number 1",
        ),
        ("-- +++\n-- owner = sales\n-- +++\nselect 1", "bad-toml models/mart/m.sql:2:12 this is not valid TOML"),
        (
            "-- +++\n-- owner = \"a\"\nselect 1",
            "bad-toml models/mart/m.sql:3:1 a line of the front matter does not start with -- → start the line with `--`, or end the front matter above it with a line `-- +++`",
        ),
        (
            "-- +++\r\n-- [[checks]]\r\n-- check = \"row_count\"\r\n-- +++\r\nselect 1",
            "bad-config models/mart/m.sql:3:12 the check has no bounds → add min, max or both",
        ),
        (
            "-- +++\n-- kind = \"sql\"\n-- +++\nselect 1",
            "bad-toml models/mart/m.sql:2:4 unknown key \"kind\" → use one of: materialise, description, owner, keys, checks",
        ),
    ] {
        fault("models/mart/m.sql", text, expected);
    }
}

#[test]
fn faults_of_recipes() {
    let head = "kind = \"recipe\"\nfrom = \"raw.a\"\n[[steps]]\n";
    for (text, expected) in [
        ("from = \"raw.a\"\n", "bad-toml models/clean/m.toml:1:1 the key \"kind\" is missing → add kind = \"recipe\" or kind = \"match\""),
        ("kind = \"recipee\"\n", "bad-toml models/clean/m.toml:1:8 unknown value \"recipee\" of \"kind\" → did you mean \"recipe\"?"),
        ("kind = 3\n", "bad-toml models/clean/m.toml:1:8 this must be a text in quotes, not the number 3"),
        ("kind = \"sql\"\n", "bad-toml models/clean/m.toml:1:8 unknown value \"sql\" of \"kind\" → write a SQL model as a .sql file"),
        ("kind = \"recipe\"\n", "bad-toml models/clean/m.toml:1:1 the key \"from\" is missing → add from = …"),
        (
            "kind = \"recipe\"\nfrom = \"a\"\n",
            "bad-config models/clean/m.toml:2:8 \"a\" is not a table name → write layer.table with letters, digits and _, for instance mart.revenue",
        ),
        (
            "kind = \"recipe\"\nfrom = \"raw.a\"\nstep = []\n",
            "bad-toml models/clean/m.toml:3:1 unknown key \"step\" → did you mean \"steps\"?",
        ),
        (
            "kind = \"recipe\"\nfrom = \"raw.a\"\nonwer = \"x\"\n",
            "bad-toml models/clean/m.toml:3:1 unknown key \"onwer\" → did you mean \"owner\"?",
        ),
        (
            "kind = \"recipe\"\nfrom = \"raw.a\"\nowner = 3\n",
            "bad-toml models/clean/m.toml:3:9 \"owner\" must be a text in quotes, not the number 3",
        ),
    ] {
        fault("models/clean/m.toml", text, expected);
    }
    for (text, expected) in [
        ("columns = [\"a\"]\n", "bad-toml models/clean/m.toml:3:1 the key \"do\" is missing → add do = …"),
        (
            "do = \"trimm\"\ncolumns = [\"a\"]\n",
            "bad-toml models/clean/m.toml:4:6 unknown value \"trimm\" of \"do\" → did you mean \"trim\"?",
        ),
        ("do = \"trim\"\ncolums = [\"a\"]\n", "bad-toml models/clean/m.toml:5:1 unknown key \"colums\" → did you mean \"columns\"?"),
        ("do = \"trim\"\n", "bad-toml models/clean/m.toml:3:1 the key \"columns\" is missing → add columns = …"),
        (
            "do = \"trim\"\ncolumns = \"a\"\n",
            "bad-toml models/clean/m.toml:5:11 \"columns\" must be a list in brackets, not the text \"a\"",
        ),
        (
            "do = \"case\"\ncolumns = [\"uper\"]\nto = \"uper\"\n",
            "bad-toml models/clean/m.toml:6:6 unknown value \"uper\" of \"to\" → did you mean \"upper\"?",
        ),
        (
            "do = \"cast\"\ncolumns = [\"a\"]\nto = \"dat\"\n",
            "bad-toml models/clean/m.toml:6:6 \"to\" is not valid → did you mean \"date\"?",
        ),
        (
            "do = \"outliers\"\ncolumns = [\"a\"]\naction = \"clip\"\niqr_factor = \"x\"\n",
            "bad-toml models/clean/m.toml:7:14 \"iqr_factor\" must be a number, not the text \"x\"",
        ),
        ("do = \"rename\"\ncolumns = [\"a\"]\n", "bad-toml models/clean/m.toml:5:11 \"columns\" must be a table, not a list"),
        (
            "do = \"trim\"\ncolumns = [\"a\"]\n[[steps]]\ndo = \"filter\"\nwhere = \"a\"\n",
            "bad-toml models/clean/m.toml:8:1 unknown key \"where\" → use one of: keep, do",
        ),
    ] {
        fault("models/clean/m.toml", &format!("{head}{text}"), expected);
    }
}

#[test]
fn faults_of_matches() {
    let whole = "kind = \"match\"\nfrom = \"raw.a\"\nid = \"id\"\nthreshold = 0.8\n[[blocking]]\nkeys = [{ column = \"zip\" }]\n\
                 [[comparisons]]\ncolumn = \"name\"\nmethod = \"exact\"\nweight = 1\n";
    check(&[("models/stage/m.toml", whole)], &[]);
    for (old, new, expected) in [
        ("threshold = 0.8", "threshold = 80", "bad-config models/stage/m.toml:4:13 the threshold is a number from 0 to 1"),
        (
            "from = \"raw.a\"",
            "from = \"raw\"",
            "bad-config models/stage/m.toml:2:8 \"raw\" is not a table name → write layer.table with letters, digits and _, for instance mart.revenue",
        ),
        ("keys = [{ column = \"zip\" }]", "keys = []", "bad-config models/stage/m.toml:6:8 a blocking rule needs at least one key"),
        (
            "keys = [{ column = \"zip\" }]",
            "keys = [{ column = \"zip\" }, { column = \"a\", sql = \"b\" }]",
            "bad-config models/stage/m.toml:6:29 a key is a column or an expression: column = \"…\" or sql = \"…\"",
        ),
        (
            "keys = [{ column = \"zip\" }]",
            "keys = [{ name = \"x\" }]",
            "bad-config models/stage/m.toml:6:9 a key is a column or an expression: column = \"…\" or sql = \"…\"",
        ),
        (
            "keys = [{ column = \"zip\" }]",
            "keys = [{ sql = \" \" }]",
            "bad-config models/stage/m.toml:6:9 the expression of the key is empty",
        ),
        ("weight = 1", "weight = 0", "bad-config models/stage/m.toml:10:10 a weight is a number above 0"),
        ("weight = 1", "weight = 1\nfloor = 1.5", "bad-config models/stage/m.toml:11:9 the floor is a similarity from 0 to 1"),
        (
            "weight = 1",
            "weight = 1\nmissing = nan",
            "bad-config models/stage/m.toml:11:11 the score of a missing value is a number from 0 to 1",
        ),
        ("weight = 1", "weight = 1\ntolerance = 0", "bad-config models/stage/m.toml:11:13 a tolerance is a number above 0"),
        (
            "method = \"exact\"",
            "method = \"exat\"",
            "bad-toml models/stage/m.toml:9:10 unknown value \"exat\" of \"method\" → did you mean \"exact\"?",
        ),
        (
            "{ column = \"zip\" }",
            "{ column = \"zip\", normalise = [\"lowr\"] }",
            "bad-toml models/stage/m.toml:6:40 unknown value \"lowr\" of \"normalise\" → did you mean \"lower\"?",
        ),
        (
            "id = \"id\"",
            "id = \"id\"\nmaterialise = \"view\"",
            "bad-config models/stage/m.toml:4:15 a match cannot be a view → use materialise = \"table\", or leave it out",
        ),
        (
            "id = \"id\"",
            "id = \"id\"\ncrosswalk = \"stage.x\"",
            "bad-config models/stage/m.toml:4:13 the crosswalk's name is a table name without its layer",
        ),
        (
            "id = \"id\"",
            "id = \"id\"\ntreshold = 1",
            "bad-toml models/stage/m.toml:4:1 unknown key \"treshold\" → did you mean \"threshold\"?",
        ),
    ] {
        assert!(whole.contains(old));
        fault("models/stage/m.toml", &whole.replace(old, new), expected);
    }
    fault(
        "models/stage/m.toml",
        "kind = \"match\"\nfrom = \"raw.a\"\nid = \"id\"\nthreshold = 1\nblocking = []\ncomparisons = []\n",
        "bad-config models/stage/m.toml:5:12 a match needs at least one blocking rule: otherwise no pair is compared",
    );
}

#[test]
fn faults_of_kpis_and_boards() {
    let kpi = "title = \"Orders\"\nfrom = \"mart.orders\"\nformula = \"count(*)\"\ndimensions = [\"broker\"]\n";
    for (old, new, expected) in [
        (
            "from = \"mart.orders\"",
            "from = \"mart orders\"",
            "bad-config kpis/orders.toml:2:8 \"mart orders\" is not a table name → write layer.table with letters, digits and _, for instance mart.revenue",
        ),
        (
            "\"count(*)\"",
            "\" \"",
            "bad-config kpis/orders.toml:3:11 the KPI has no formula → write a SQL aggregate, for instance formula = \"sum(amount)\"",
        ),
        ("title = \"Orders\"\n", "", "bad-toml kpis/orders.toml:1:1 the key \"title\" is missing → add title = …"),
        (
            "dimensions = [\"broker\"]",
            "grain = \"dayly\"",
            "bad-toml kpis/orders.toml:4:9 unknown value \"dayly\" of \"grain\" → use one of: hour, day, week, month, quarter, year",
        ),
        ("dimensions = [\"broker\"]", "target = inf", "bad-config kpis/orders.toml:4:10 \"target\" is not a finite number"),
        ("dimensions", "dimension", "bad-toml kpis/orders.toml:4:1 unknown key \"dimension\" → did you mean \"dimensions\"?"),
    ] {
        assert!(kpi.contains(old));
        fault("kpis/orders.toml", &kpi.replace(old, new), expected);
    }
    for (board, expected) in [
        ("[[cards]]\nkpi = \"oders\"\n", "bad-config boards/b.toml:3:7 there is no KPI \"oders\" → did you mean \"orders\"?"),
        (
            "[[cards]]\nkpi = \"orders\"\nby = \"brokr\"\n",
            "bad-config boards/b.toml:4:6 the KPI \"orders\" has no dimension \"brokr\" → did you mean \"broker\"?",
        ),
        (
            "[[cards]]\nkpi = \"orders\"\nchart = \"lien\"\n",
            "bad-toml boards/b.toml:4:9 unknown value \"lien\" of \"chart\" → did you mean \"line\"?",
        ),
        ("[[cards]]\nchart = \"line\"\n", "bad-toml boards/b.toml:2:1 the key \"kpi\" is missing → add kpi = …"),
    ] {
        check(&[("kpis/orders.toml", kpi), ("boards/b.toml", &format!("title = \"B\"\n{board}"))], &[expected]);
    }
    fault(
        "boards/b.toml",
        "title = \"B\"\ncards = [{ kpi = \"x\" }]\n",
        "bad-config boards/b.toml:2:18 there is no KPI \"x\" → make kpis/x.toml",
    );
    check(
        &[("kpis/orders.toml", "title = 3"), ("boards/b.toml", "title = \"B\"\ncards = [{ kpi = \"orders\" }]\n")],
        &["bad-toml kpis/orders.toml:1:9 \"title\" must be a text in quotes, not the number 3"],
    );
}

#[test]
fn names_and_places_of_files() {
    for (path, text, expected) in [
        (
            "models/m.sql",
            "select 1",
            "bad-config models/m.sql models/m.sql is in no layer → move it to the folder of its layer, for instance models/mart/m.sql",
        ),
        (
            "models/mart/deep/m.sql",
            "select 1",
            "bad-config models/mart/deep/m.sql models/mart/deep/m.sql is too deep → move it to models/mart/m.sql",
        ),
        (
            "sources/shop/orders.toml",
            "path = \"a\"",
            "bad-config sources/shop/orders.toml sources/shop/orders.toml is too deep → move it to sources/orders.toml",
        ),
        (
            "models/mart/my model.sql",
            "select 1",
            "bad-config models/mart/my model.sql \"my model\" cannot be a name → rename it: letters, digits, _ and - only, at most 128 of them",
        ),
        (
            "models/a.b/m.sql",
            "select 1",
            "bad-config models/a.b \"a.b\" cannot be a name → rename it: letters, digits, _ and - only, at most 128 of them",
        ),
        (
            "models/raw/m.sql",
            "select 1",
            "bad-config models/raw/m.sql models cannot be in the layer raw → move the model to another layer, for instance models/clean",
        ),
        (
            "models/Quarantine/m.sql",
            "select 1",
            "bad-config models/Quarantine/m.sql models cannot be in the layer Quarantine → move the model to another layer, for instance models/clean",
        ),
    ] {
        fault(path, text, expected);
    }
    let matching = "kind = \"match\"\nfrom = \"raw.a\"\nid = \"id\"\nthreshold = 1\n[[blocking]]\nkeys = [{ column = \"a\" }]\n[[comparisons]]\ncolumn = \"a\"\nmethod = \"exact\"\nweight = 1\n";
    check(
        &[
            ("models/mart/a.sql", "select 1"),
            ("models/mart/a.toml", "kind = \"recipe\"\nfrom = \"raw.x\"\n"),
            ("models/mart/A.sql", "select 1"),
            ("models/mart/b.toml", matching),
            ("models/mart/b_crosswalk.sql", "select 1"),
            ("sources/x.toml", "path = \"a\"\n"),
            ("sources/X.toml", "path = \"a\"\n"),
        ],
        &[
            "bad-config sources/x.toml two files make the table raw.x → rename or remove one of them",
            "bad-config models/mart/a.sql two files make the table mart.a → rename or remove one of them",
            "bad-config models/mart/a.toml two files make the table mart.a → rename or remove one of them",
            "bad-config models/mart/b.toml:1:1 the crosswalk of mart.b would be mart.b_crosswalk → give it another name with crosswalk = …",
        ],
    );
}

#[test]
fn one_fault_of_every_broken_file_in_order() {
    check(
        &[
            (WORKSPACE_FILE, "nam = \"x\"\n"),
            ("boards/b.toml", "x = 1\n"),
            ("sources/a.toml", "x = 1\ny = 2\n"),
            ("sources/b.toml", "connection = \"anything\"\npath = \"fine.csv\"\n"),
            ("models/mart/m.sql", "-- +++\n"),
        ],
        &[
            "bad-toml trommel.toml:1:1 unknown key \"nam\" → did you mean \"name\"?",
            "bad-toml sources/a.toml:1:1 unknown key \"x\" → use one of: description, connection, path, format, table, query, load, cursor, lookback, key, deletes, drift, csv, excel, xml, fixed, json, columns, checks",
            "bad-toml models/mart/m.sql:1:1 the front matter has no end → add a line `-- +++` between it and the SELECT",
            "bad-toml boards/b.toml:1:1 unknown key \"x\" → use one of: title, cards",
        ],
    );
}

#[test]
fn text_that_is_no_text() {
    let dir = workspace(&[]);
    let sources = dir.path().join("sources");
    fs::create_dir(&sources).unwrap();
    fs::write(sources.join("a.toml"), b"path = \"a\"\nx = \"\xff\"\n").unwrap();
    fs::write(sources.join("b.toml"), "\u{feff}pth = \"a\"\n").unwrap();
    fs::write(sources.join("c.toml"), vec![b'#'; 5 * 1024 * 1024]).unwrap();
    let found: Vec<_> = problems(dir.path()).iter().map(line).collect();
    assert_eq!(
        found,
        [
            "bad-encoding sources/a.toml:2 the file is not UTF-8 text → save it as UTF-8 in your editor",
            "bad-toml sources/b.toml:1:1 unknown key \"pth\" → did you mean \"path\"?",
            "too-large sources/c.toml the file has 5242880 bytes → data belongs in a folder that a source reads",
        ]
    );
}

#[test]
fn a_fault_shows_its_piece_of_text() {
    let dir = workspace(&[("sources/s.toml", "# é\npath = \"a.csv\"\nlod = 1\n")]);
    let snippet = problems(dir.path()).remove(0).snippet.unwrap();
    assert_eq!((snippet.origin.as_str(), &snippet.source[snippet.span.clone()]), ("sources/s.toml", "lod"));
}

#[cfg(unix)]
#[test]
fn links_may_not_lead_out() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.toml"), "path = \"a.csv\"\n").unwrap();
    fs::write(outside.path().join("data.csv"), "a\n1\n").unwrap();
    let dir = workspace(&[("sources/inside.toml", "path = \"a.csv\"\n"), ("sources/data.toml", "path = \"link.csv\"\n")]);
    let root = dir.path();
    symlink(outside.path().join("secret.toml"), root.join("sources/out.toml")).unwrap();
    symlink(root.join("sources/inside.toml"), root.join("sources/within.toml")).unwrap();
    symlink(root.join("nowhere"), root.join("sources/dangling.toml")).unwrap();
    symlink(outside.path(), root.join("kpis")).unwrap();
    symlink(outside.path().join("data.csv"), root.join("link.csv")).unwrap();
    fs::create_dir(root.join("models")).unwrap();
    symlink(outside.path(), root.join("models/mart")).unwrap();
    let found: Vec<_> = problems(root).iter().map(line).collect();
    assert_eq!(
        found,
        [
            "file-not-found sources/dangling.toml cannot follow the path → check the path",
            "bad-config sources/out.toml sources/out.toml leads out of the workspace → put the file itself there",
            "bad-config sources/data.toml:1:8 the path is a symbolic link that leads out of its folder → define a connection of kind \"folder\" for the data in trommel.toml, and name it here",
            "bad-config models/mart models/mart leads out of the workspace → put the file itself there",
            "bad-config kpis kpis leads out of the workspace → put the file itself there",
        ]
    );
    assert!(!found.iter().any(|line| line.contains("within")), "a link that stays inside is a file like any other");

    let dir = tempfile::tempdir().unwrap();
    symlink(outside.path().join("secret.toml"), dir.path().join(WORKSPACE_FILE)).unwrap();
    assert_eq!(load(dir.path(), None).unwrap_err().what, "trommel.toml leads out of the workspace");
}

#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_not_waited_for() {
    let dir = workspace(&[("sources/real.toml", "path = \"a.csv\"\n")]);
    let socket = dir.path().join("sources/socket.toml");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let found: Vec<_> = problems(dir.path()).iter().map(line).collect();
    assert_eq!(found, ["file-unreadable sources/socket.toml this is not a regular file"]);
}

#[test]
fn the_path_of_a_workspace_may_be_relative_to_anything() {
    let dir = workspace(&[]);
    let crooked = dir.path().join("sources/..").join(Path::new("."));
    fs::create_dir(dir.path().join("sources")).unwrap();
    assert_eq!(load(&crooked, None).unwrap().root, dir.path().canonicalize().unwrap());
}
