//! Recipes as text cases (`cases/recipes/*.case`), faults, previews, and laws that hold for any recipe.

use std::collections::BTreeMap;

use proptest::prelude::*;
use trommel_engine::Engine;
use trommel_engine::frame::cells_of;
use trommel_model::{
    Cancel, Cell, Code, ContractType, FillWith, LetterCase, OnBad, OutlierAction, PreviewCounts, Recipe, RecipeStep, RowFate,
};

use super::compile::compile_with;
use super::tracked::DeathKind;
use super::{CompiledRecipe, compile, preview};
use crate::testing::{engine, make, rows};

/// One case file: sections by name.
fn sections(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in text.split("\n--- ").skip(1) {
        let (name, body) = part.split_once('\n').unwrap_or((part, ""));
        found.insert(name.trim().to_owned(), body.to_owned());
    }
    found
}

fn recipe(steps: &str) -> Recipe {
    toml::from_str(&format!("from = \"raw.t\"\n{steps}")).unwrap()
}

fn compiled(engine: &Engine, recipe: &Recipe) -> CompiledRecipe {
    compile_with(engine, recipe, &engine.describe("select * from raw.t").unwrap(), false).unwrap()
}

/// Rows that stay, by the tracked rendering.
fn tracked_rows(engine: &Engine, compiled: &CompiledRecipe) -> Vec<String> {
    let columns: Vec<String> = compiled.columns.iter().map(|c| trommel_engine::sql::ident(&c.name)).collect();
    let place = compiled.tracked.place;
    rows(engine, &format!("select {} from ({}) where __fate is null order by {place}", columns.join(", "), compiled.tracked.sql))
}

fn held_rows(engine: &Engine, compiled: &CompiledRecipe) -> Vec<String> {
    let sql = format!("select __row, __fate, __value from ({}) where __fate is not null order by __row", compiled.tracked.sql);
    let all = engine.query(&sql, &Cancel::new()).unwrap();
    let line = |row: Vec<Cell>| {
        let kind = &compiled.tracked.death(row[1].text().parse().unwrap()).unwrap().kind;
        let DeathKind::Held { field, rule, .. } = kind else { return None };
        Some(format!("{} {field} {rule} {}", row[0].text(), kind.reason(&row[2].text())))
    };
    all.iter().flat_map(cells_of).filter_map(line).collect()
}

fn nulled(engine: &Engine, compiled: &CompiledRecipe) -> Vec<String> {
    let count = |flag: &str| rows(engine, &format!("select count(*) from ({}) where {flag}", compiled.tracked.sql))[0].clone();
    compiled.tracked.nulled.iter().map(|n| format!("{} {} {}", n.field, n.rule, count(&n.flag))).collect()
}

fn lines(text: Option<&String>) -> Vec<String> {
    text.map(|t| t.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect()).unwrap_or_default()
}

fn check(name: &str, text: &str) {
    let sections = sections(text);
    let (engine, _dir) = engine();
    make(&engine, "raw.t", &sections["input"]);
    for (table, rows) in sections.iter().filter_map(|(name, rows)| Some((name.strip_prefix("table ")?, rows))) {
        make(&engine, table, rows);
    }
    make(&engine, "raw.expected", &sections["output"]);
    let recipe = recipe(&sections["recipe"]);
    let compiled = compiled(&engine, &recipe);

    let expected = rows(&engine, "select * from raw.expected");
    assert_eq!(rows(&engine, &compiled.sql), expected, "{name}: plain\n{}", compiled.sql);
    assert_eq!(tracked_rows(&engine, &compiled), expected, "{name}: tracked\n{}", compiled.tracked.sql);
    let names = |sql: &str| engine.describe(sql).unwrap().names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names(&compiled.sql), names("select * from raw.expected"), "{name}");
    assert_eq!(compiled.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>(), names("select * from raw.expected"), "{name}");
    assert_eq!(held_rows(&engine, &compiled), lines(sections.get("held")), "{name}");
    assert_eq!(nulled(&engine, &compiled), lines(sections.get("nulled")), "{name}");

    let shown = preview(&engine, &recipe, 1_000, true, &Cancel::new()).unwrap();
    assert_eq!(Some(shown.sample), shown.whole, "{name}: the sample is the whole table");
    let words: Vec<&str> = sections["counts"].split_whitespace().collect();
    let c = shown.sample;
    for pair in words.chunks(2) {
        let found = match pair[0] {
            "in" => c.rows_in,
            "out" => c.rows_out,
            "expanded" => c.expanded,
            "filtered" => c.filtered,
            "merged" => c.merged,
            "held" => c.quarantined,
            "changed_rows" => c.changed_rows,
            "changed_cells" => c.changed_cells,
            other => panic!("{name}: {other}"),
        };
        assert_eq!(found.to_string(), pair[1], "{name}: {}", pair[0]);
    }
    insta::with_settings!({ description => text.lines().next().unwrap_or_default().trim_start_matches("# "), omit_expression => true }, {
        insta::assert_snapshot!(name, compiled.sql);
    });
}

#[test]
fn cases() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/recipes");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 15, "the cases are there");
    for file in files {
        check(file.file_stem().unwrap().to_str().unwrap(), &std::fs::read_to_string(&file).unwrap());
    }
}

const TABLE: &str = "id: integer | name: text | price: float | at: date\n1 | \"a\" | 1.0 | 2024-01-01\n2 | \"b\" | 2.0 | ∅";

/// A recipe that cannot be: the code, and words of the message.
fn fault(steps: &str, words: &str) {
    let (engine, _dir) = engine();
    make(&engine, "raw.t", TABLE);
    let recipe = recipe(steps);
    let input = engine.describe("select * from raw.t").unwrap();
    let problem = compile_with(&engine, &recipe, &input, false).unwrap_err();
    assert_eq!(problem.code, Code::BadRecipe, "{problem:?}");
    let said = format!("{problem} {}", problem.next.clone().unwrap_or_default());
    assert!(said.contains(words), "{words:?} in {said:?}");
}

fn step(rest: &str) -> String {
    format!("[[steps]]\n{rest}")
}

#[test]
fn faults_name_the_step_and_what_was_probably_meant() {
    fault(&step("do = 'trim'\ncolumns = ['nam']"), "step 1 (trim): there is no column \"nam\"");
    fault(&step("do = 'trim'\ncolumns = ['nam']"), "did you mean \"name\"?");
    fault(&format!("{}\n{}", step("do = 'drop'\ncolumns = ['name']"), step("do = 'trim'\ncolumns = ['name']")), "step 2 (trim)");
    fault(&step("do = 'trim'\ncolumns = ['price']"), "works on text");
    fault(&step("do = 'trim'\ncolumns = []"), "names no column");
    fault(&step("do = 'select'\ncolumns = ['id', 'id']"), "named twice");
    fault(&step("do = 'drop'\ncolumns = ['id', 'name', 'price', 'at']"), "leave no column");
    let zoned = |rest: &str| step(&format!("do = 'time_zone'\ncolumns = ['at']\n{rest}"));
    fault(&zoned("from = 'Europe/Vienna'\nto = 'UTC'"), "\"at\" is date and no date with a time");
    let timed = |rest: &str| format!("{}\n{}", step("do = 'cast'\ncolumns = ['at']\nto = 'timestamp'"), zoned(rest));
    fault(&timed("to = 'UTC'"), "does not say in which zone");
    fault(&timed("from = 'Vienna'\nto = 'UTC'"), "did you mean \"Europe/Vienna\"?");
    fault(&timed("from = 'utc'\nto = 'UTC'"), "from and to are both UTC");
    fault(&step("do = 'split_rows'\ncolumn = 'price'\nby = ','"), "works on text");
    fault(&step("do = 'split_rows'\ncolumn = 'name'\nby = ''"), "no separator");
    fault(
        &step("do = 'unpivot'\ncolumns = ['id', 'name']\nname = 'n'\nvalue = 'v'"),
        "of several types: \"id\" is integer, \"name\" is text",
    );
    fault(&step("do = 'unpivot'\ncolumns = ['id']\nname = 'n'\nvalue = 'N'"), "two columns would be called");
    fault(&step("do = 'pivot'\nby = ['id']\ncolumn = 'name'\nvalue = 'price'\nwith = 'sum'\nvalues = []"), "names no value");
    fault(&step("do = 'pivot'\nby = ['name']\ncolumn = 'name'\nvalue = 'price'\nwith = 'sum'\nvalues = ['a']"), "cannot be in by as well");
    fault(&step("do = 'pivot'\nby = ['id']\ncolumn = 'price'\nvalue = 'name'\nwith = 'sum'\nvalues = ['a']"), "works on numbers");
    fault(&step("do = 'aggregate'\nby = ['id']\ncolumns = { id = 'count(*)' }"), "there is a column \"id\" already");
    fault(&step("do = 'aggregate'\ncolumns = { n = 'sum(prise)' }"), "prise");
    fault(&step("do = 'aggregate'\ncolumns = { n = 'price' }"), "price");
    fault(&step("do = 'union'\ntable = 'raw.nowhere'"), "raw.nowhere cannot be read");
    fault(&step("do = 'union'\ntable = 'nowhere'"), "is no table");
    let cast = step("do = 'cast'\ncolumns = ['id']\nto = 'text'");
    fault(&format!("{cast}\n{}", step("do = 'union'\ntable = 'raw.t'")), "\"id\" is text here and integer in raw.t");
    fault(&step("do = 'currency'\ncolumns = ['name']\nfrom = 'USD'\nto = 'EUR'\nrates = 'raw.t'"), "works on numbers");
    fault(&step("do = 'currency'\ncolumns = ['price']\nto = 'EUR'\nrates = 'raw.t'"), "which currency");
    fault(&step("do = 'rename'\ncolumns = { id = 'Name' }"), "there is a column \"name\" already");
    fault(&step("do = 'rename'\ncolumns = { id = 'x', name = 'X' }"), "two columns");
    fault(&step("do = 'cast'\ncolumns = ['at']\nto = 'integer'"), "is date, which cannot become integer");
    fault(&step("do = 'cast'\ncolumns = ['name']\nto = 'integer'\ndecimal_mark = ';'"), "decimal_mark");
    fault(&step("do = 'split'\ncolumn = 'name'\nby = '-'\ninto = ['x']"), "at least two");
    fault(&step("do = 'split'\ncolumn = 'name'\nby = '-'\ninto = ['id', 'x']"), "already");
    fault(&step("do = 'fill'\ncolumns = ['id']\nwith = 'constant'\nvalue = 'x'"), "is no value for \"id\"");
    fault(&step("do = 'fill'\ncolumns = ['id']\nwith = 'constant'"), "names no value");
    fault(&step("do = 'fill'\ncolumns = ['name']\nwith = 'mean'"), "works on numbers");
    fault(&step("do = 'fill'\ncolumns = ['name']\nwith = 'median'"), "no median");
    fault(&step("do = 'deduplicate'\nkey = []"), "names no key");
    fault(&step("do = 'deduplicate'\nkey = ['id']\norder_by = ['prise desc']"), "did you mean \"price\"?");
    fault(&step("do = 'outliers'\ncolumns = ['name']\naction = 'clip'"), "works on numbers");
    fault(&step("do = 'outliers'\ncolumns = ['id']\naction = 'clip'\niqr_factor = -1"), "iqr_factor");
    fault(&step("do = 'derive'\ncolumn = '__row'\nexpression = '1'"), "recipes use themselves");
    fault(&step("do = 'derive'\ncolumn = ' '\nexpression = '1'"), "no name");
    fault(&step("do = 'filter'\nkeep = 'row_number() over () = 1'"), "cannot look at other rows");
    fault(&step("do = 'filter'\nkeep = ''"), "empty");
    fault(
        &step("do = 'replace'\ncolumns = ['name']\nfind = '('\nwith = ''\nregex = true"),
        "step 1 (replace): the pattern \"(\" cannot be read",
    );
    fault(&step("do = 'parse_dates'\ncolumns = ['name']\nformats = ['%Q']"), "the pattern \"%Q\" cannot be read");
    fault(&step("do = 'extract'\ncolumn = 'name'\ninto = 'x'"), "one thing to extract");
    fault(&step("do = 'extract'\ncolumn = 'name'\ninto = 'x'\npattern = '('"), "the pattern \"(\" cannot be read");
    fault(&step("do = 'extract'\ncolumn = 'name'\ninto = 'id'\npattern = 'x'"), "a column \"id\" already");
    fault(&step("do = 'extract'\ncolumn = 'name'\ninto = 'x'\npart = 'year'"), "\"name\" is no date");
    fault(&step("do = 'lookup'\ntable = 't'\non = { id = 'id' }\ncolumns = { name = 'x' }"), "\"t\" is no table");
    fault(&step("do = 'lookup'\ntable = 'raw.t'\non = { ids = 'id' }\ncolumns = { name = 'x' }"), "there is no column \"ids\"");
    fault(&step("do = 'lookup'\ntable = 'raw.t'\non = { id = 'id' }\ncolumns = { name = 'id' }"), "a column \"id\" already");
    fault(&step("do = 'convert'\ncolumns = ['price']\nfrom = 'km'\nto = 'kg'"), "different things");
    fault(&step("do = 'convert'\ncolumns = ['price']\nfrom = 'kilometer'\nto = 'm'"), "there is no unit");
    fault(&step("do = 'standardise'\ncolumns = ['name']\nform = 'phone'\ncountry_code = '+39'"), "no calling code");
    fault(&step("do = 'sample'\nshare = 0"), "a share of 0 is none");
    fault(
        &step("do = 'fill'\ncolumns = ['price']\nwith = 'constant'\nvalue = '1'\nby = ['name']"),
        "by goes with mean, median, mode and forward",
    );
}

#[test]
fn a_key_that_stands_twice_in_a_lookup_is_told() {
    let (engine, _dir) = engine();
    make(&engine, "raw.t", TABLE);
    make(&engine, "raw.twice", "k: integer | v: text\n1 | \"a\"\n1 | \"b\"\n2 | \"c\"\n2 | \"c\"");
    let steps = step("do = 'lookup'\ntable = 'raw.twice'\non = { id = 'k' }\ncolumns = { v = 'found' }");
    let compiled = compiled(&engine, &recipe(&steps));
    let problem = engine.query(&compiled.sql, &Cancel::new()).unwrap_err();
    assert!(format!("{problem:?}").contains("raw.twice has several values for the key 1"), "{problem:?}");
    // The same value twice is no doubt.
    engine.execute("delete from raw.twice where v = 'b'", &Cancel::new()).unwrap();
    assert_eq!(rows(&engine, &format!("select id, found from ({})", compiled.sql)), ["1 | a", "2 | c"]);
}

#[test]
fn a_fault_in_an_expression_is_shown_in_it() {
    let (engine, _dir) = engine();
    make(&engine, "raw.t", TABLE);
    let input = engine.describe("select * from raw.t").unwrap();
    let check = |steps: &str, column: u64| {
        let problem = compile_with(&engine, &recipe(steps), &input, false).unwrap_err();
        assert_eq!(problem.code, Code::BadRecipe, "{problem:?}");
        assert_eq!(problem.place.column, Some(column), "{problem:?}");
        assert!(problem.snippet.is_some_and(|s| !s.source.contains("select")), "the user's own text is shown");
    };
    check(&step("do = 'filter'\nkeep = '(price > 0'"), 1);
    check(&step("do = 'filter'\nkeep = 'price > 0) or (1=1'"), 10);
    check(&step("do = 'filter'\nkeep = 'price > 0; drop table raw.t'"), 10);
    check(&step("do = 'filter'\nkeep = \"name = 'x\""), 8);
    check(&step("do = 'filter'\nkeep = 'price > 0 and prize < 9'"), 15);
    check(&step("do = 'derive'\ncolumn = 'x'\nexpression = 'upper(nam)'"), 7);
}

#[test]
fn a_recipe_can_be_compiled_without_an_engine() {
    let (engine, _dir) = engine();
    make(&engine, "raw.t", TABLE);
    let input = engine.describe("select * from raw.t").unwrap();
    let steps =
        format!("{}\n{}", step("do = 'derive'\ncolumn = 'twice'\nexpression = 'price * 2'"), step("do = 'trim'\ncolumns = ['name']"));
    let compiled = compile(&recipe(&steps), &input).unwrap();
    assert!(compiled.sql.contains("s1_derive as (") && compiled.sql.contains("s2_trim as ("), "{}", compiled.sql);
    assert_eq!(compiled.columns.last().unwrap().data_type, None);
    assert_eq!(rows(&engine, &compiled.sql).len(), 2);
}

#[test]
fn a_preview_shows_the_fate_of_each_row() {
    let (engine, _dir) = engine();
    make(
        &engine,
        "raw.t",
        "id: integer | k: text | n: text\n1 | \"a\" | \"1\"\n2 | \"a\" | \" 2\"\n3 | \"b\" | \"x\"\n4 | \"c\" | \"0\"\n5 | \"a\" | \"9\"",
    );
    let steps = [
        step("do = 'cast'\ncolumns = ['n']\nto = 'integer'"),
        step("do = 'filter'\nkeep = 'n > 0'"),
        step("do = 'deduplicate'\nkey = ['k']\norder_by = ['n desc']"),
        step("do = 'rename'\ncolumns = { k = 'key' }"),
        step("do = 'derive'\ncolumn = 'm'\nexpression = 'n + 1'"),
    ]
    .join("\n");
    let shown = preview(&engine, &recipe(&steps), 4, true, &Cancel::new()).unwrap();
    // Row 5, outside of the sample, is the one that stays of its group.
    let held = RowFate::Quarantined("\"x\" in n is not a whole number".to_owned());
    assert_eq!(shown.fates, [RowFate::Merged, RowFate::Merged, held, RowFate::Filtered]);
    let sample = PreviewCounts { rows_in: 4, merged: 2, filtered: 1, quarantined: 1, ..PreviewCounts::default() };
    assert_eq!(shown.sample, sample);
    let whole = PreviewCounts { rows_in: 5, rows_out: 1, changed_rows: 1, changed_cells: 1, ..sample };
    assert_eq!(shown.whole, Some(whole));

    let steps =
        [step("do = 'cast'\ncolumns = ['n']\nto = 'integer'\non_bad = 'null'"), step("do = 'rename'\ncolumns = { k = 'key' }")].join("\n");
    let shown = preview(&engine, &recipe(&steps), 3, false, &Cancel::new()).unwrap();
    let kept = |row, changed: &[usize]| RowFate::Kept { row, changed: changed.to_vec() };
    assert_eq!(shown.fates, [kept(0, &[]), kept(1, &[2]), kept(2, &[2])]);
    assert_eq!(shown.before.rows.len(), 3);
    assert_eq!(shown.after.rows[1], [Cell::Integer(2), Cell::Text("a".into()), Cell::Integer(2)]);
    assert_eq!(shown.after.schema.names().collect::<Vec<_>>(), ["id", "key", "n"]);
    assert_eq!(shown.whole, None);
}

#[test]
fn a_cancelled_preview_ends() {
    let (engine, _dir) = engine();
    make(&engine, "raw.t", TABLE);
    let cancel = Cancel::new();
    cancel.raise();
    let problem = preview(&engine, &recipe(""), 10, true, &cancel).unwrap_err();
    assert_eq!(problem.code, Code::Interrupted);
}

/// Columns of the random table, and steps that fit it whatever came before.
fn any_step() -> impl Strategy<Value = RecipeStep> {
    let columns = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<String>>();
    let text = columns(&["t"]);
    let number = columns(&["x"]);
    prop_oneof![
        Just(RecipeStep::Trim { columns: text.clone() }),
        Just(RecipeStep::Collapse { columns: text.clone() }),
        Just(RecipeStep::Case { columns: text.clone(), to: LetterCase::Title }),
        Just(RecipeStep::Replace { columns: text.clone(), find: "[ab]".into(), with: String::new(), regex: true }),
        Just(RecipeStep::MapValues { column: "t".into(), values: [("1".to_owned(), "one".to_owned())].into(), otherwise: None }),
        prop::sample::select(vec![OnBad::Null, OnBad::Quarantine]).prop_map(move |on_bad| RecipeStep::Cast {
            columns: vec!["v".to_owned()],
            to: ContractType::Decimal { precision: 12, scale: 2 },
            on_bad,
            decimal_mark: None,
        }),
        prop::sample::select(vec![OnBad::Null, OnBad::Quarantine]).prop_map(move |on_bad| RecipeStep::ParseDates {
            columns: vec!["d".to_owned()],
            formats: vec![],
            day_first: true,
            time: false,
            on_bad,
        }),
        prop::sample::select(vec![FillWith::Mean, FillWith::Median, FillWith::Mode, FillWith::Forward]).prop_map(move |with| {
            RecipeStep::Fill { columns: number.clone(), with, value: None, order_by: vec!["id".to_owned()], by: vec![] }
                .without_order_unless_forward()
        }),
        prop::sample::select(vec!["x > 1", "t is not null", "x < 3 or x is null", "id % 3 <> 1"])
            .prop_map(|keep| RecipeStep::Filter { keep: keep.to_owned() }),
        Just(RecipeStep::Derive { column: "x".into(), expression: "x * 2".into() }),
        Just(RecipeStep::Sample { share: 0.5, seed: 1 }),
        Just(RecipeStep::Fill {
            columns: vec!["x".to_owned()],
            with: FillWith::Mean,
            value: None,
            order_by: vec![],
            by: vec!["id".to_owned()]
        }),
        Just(RecipeStep::Standardise { columns: text.clone(), form: trommel_model::StandardForm::Address, country_code: None }),
        Just(RecipeStep::Derive { column: "sum".into(), expression: "sum(id) over ()".into() }),
        prop::sample::select(vec!["t", "x", "d"])
            .prop_map(|key| RecipeStep::Deduplicate { key: vec![key.to_owned()], order_by: vec!["id desc".to_owned()] }),
        prop::sample::select(vec![OutlierAction::Clip]).prop_map(|action| RecipeStep::Outliers {
            columns: vec!["x".to_owned()],
            action,
            iqr_factor: 1.0
        }),
    ]
}

trait WithoutOrder {
    fn without_order_unless_forward(self) -> Self;
}

impl WithoutOrder for RecipeStep {
    fn without_order_unless_forward(self) -> Self {
        match self {
            Self::Fill { columns, with, value, by, .. } if with != FillWith::Forward => {
                Self::Fill { columns, with, value, order_by: vec![], by }
            }
            other => other,
        }
    }
}

/// Text columns that became something else are left alone by later steps of the same kind.
fn sensible(steps: Vec<RecipeStep>) -> Vec<RecipeStep> {
    let (mut cast, mut dated) = (false, false);
    let keep = |step: &RecipeStep| match step {
        RecipeStep::Cast { .. } => !std::mem::replace(&mut cast, true),
        RecipeStep::ParseDates { .. } => !std::mem::replace(&mut dated, true),
        _ => true,
    };
    steps.into_iter().filter(keep).collect()
}

fn any_row() -> impl Strategy<Value = String> {
    let maybe = |values: Vec<&'static str>| prop::sample::select(values);
    (
        maybe(vec!["∅", "\" a \"", "\"a b\"", "\"1\"", "\"B\"", "\"\""]),
        maybe(vec!["∅", "1.5", "2", "3.25", "100", "-7"]),
        maybe(vec!["∅", "\"1\"", "\"$2.50\"", "\"x\"", "\"1,2\"", "\"\""]),
        maybe(vec!["∅", "\"2024-01-05\"", "\"5/1/24\"", "\"never\"", "\"31.12.2023\""]),
    )
        .prop_map(|(t, x, v, d)| format!("{t} | {x} | {v} | {d}"))
}

fn table(rows: &[String]) -> String {
    let lines: Vec<String> = rows.iter().enumerate().map(|(i, r)| format!("{} | {r}", i + 1)).collect();
    format!("id: integer | t: text | x: float | v: text | d: text\n{}", lines.join("\n"))
}

/// Steps that make other rows of the random table.
fn turning_step() -> impl Strategy<Value = RecipeStep> {
    let columns = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<String>>();
    prop_oneof![
        Just(RecipeStep::SplitRows { column: "t".into(), by: " ".into() }),
        Just(RecipeStep::SplitRows { column: "v".into(), by: ",".into() }),
        any::<bool>().prop_map(move |keep_nulls| RecipeStep::Unpivot {
            columns: columns(&["t", "v"]),
            name: "which".into(),
            value: "t".into(),
            keep_nulls
        }),
        Just(RecipeStep::Aggregate {
            by: columns(&["t", "d", "v"]),
            columns: [("x".to_owned(), "sum(x)".to_owned()), ("id".to_owned(), "min(id)".to_owned())].into()
        }),
        Just(RecipeStep::Union { table: "raw.other".into(), into: None }),
    ]
}

/// Whatever rows become, each is somewhere, and what people read says the same as what runs.
#[test]
fn laws_hold_where_rows_become_others() {
    let (engine, _dir) = engine();
    make(&engine, "raw.other", &table(&["\"z z\" | 9 | \"7\" | ∅".to_owned(), "∅ | ∅ | ∅ | ∅".to_owned()]));
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let before =
        prop::sample::select(vec!["x > 1 or x is null", "t is not null"]).prop_map(|keep| RecipeStep::Filter { keep: keep.to_owned() });
    let after = prop_oneof![
        Just(RecipeStep::Trim { columns: vec!["t".to_owned()] }),
        Just(RecipeStep::Deduplicate { key: vec!["t".to_owned()], order_by: vec!["id".to_owned()] }),
        Just(RecipeStep::Filter { keep: "id % 3 <> 1".to_owned() }),
        turning_step().prop_filter("its columns are still there", |s| matches!(s, RecipeStep::SplitRows { column, .. } if column == "t")),
    ];
    let strategy =
        (prop::collection::vec(any_row(), 0..12), prop::collection::vec(before, 0..2), turning_step(), prop::collection::vec(after, 0..4));
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config.clone(),
        proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm),
    );
    runner
        .run(&strategy, |(lines, before, turn, after)| {
            make(&engine, "raw.t", &table(&lines));
            let added = if matches!(turn, RecipeStep::Union { .. }) { 2 } else { 0 };
            let steps: Vec<RecipeStep> = before.into_iter().chain(std::iter::once(turn)).chain(after).collect();
            let recipe = Recipe { from: "raw.t".into(), steps };
            let compiled = compiled(&engine, &recipe);
            let c = preview(&engine, &recipe, 1_000, true, &Cancel::new()).unwrap();
            prop_assert_eq!(Some(c.sample), c.whole);
            let c = c.sample;
            prop_assert_eq!(c.rows_in + c.expanded, c.rows_out + c.filtered + c.merged + c.quarantined);
            prop_assert_eq!(c.rows_in, lines.len() as u64 + added);
            let plain = rows(&engine, &compiled.sql);
            prop_assert_eq!(&plain, &tracked_rows(&engine, &compiled));
            prop_assert_eq!(plain.len() as u64, c.rows_out);
            Ok(())
        })
        .unwrap();
}

/// Columns that become rows and columns again are what they were.
#[test]
fn a_pivot_takes_an_unpivot_back() {
    let (engine, _dir) = engine();
    let config = ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() };
    let cell = prop::option::of(-50_i64..50);
    let strategy = prop::collection::vec((cell.clone(), cell.clone(), cell), 0..10);
    let steps = [
        step("do = 'unpivot'\ncolumns = ['a', 'b', 'c']\nname = 'n'\nvalue = 'v'\nkeep_nulls = true"),
        step("do = 'pivot'\nby = ['id']\ncolumn = 'n'\nvalue = 'v'\nwith = 'max'\nvalues = ['a', 'b', 'c']"),
    ]
    .join("\n");
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config.clone(),
        proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm),
    );
    runner
        .run(&strategy, |lines| {
            let text = |c: Option<i64>| c.map_or_else(|| "∅".to_owned(), |n| n.to_string());
            let lines: Vec<String> =
                lines.iter().enumerate().map(|(i, (a, b, c))| format!("{i} | {} | {} | {}", text(*a), text(*b), text(*c))).collect();
            make(&engine, "raw.t", &format!("id: integer | a: integer | b: integer | c: integer\n{}", lines.join("\n")));
            let compiled = compiled(&engine, &recipe(&steps));
            prop_assert_eq!(rows(&engine, &compiled.sql), rows(&engine, "select * from raw.t"));
            Ok(())
        })
        .unwrap();
}

#[test]
fn several_rates_of_a_day_are_told() {
    let (engine, _dir) = engine();
    make(&engine, "raw.t", "amount: float\n1");
    make(&engine, "raw.rates", "currency: text | date: date | rate: float\n\"USD\" | 2024-01-01 | 0.9\n\"USD\" | 2024-01-01 | 0.8");
    let steps = step("do = 'currency'\ncolumns = ['amount']\nfrom = 'USD'\nto = 'EUR'\nrates = 'raw.rates'");
    let compiled = compiled(&engine, &recipe(&steps));
    let problem = engine.query(&compiled.sql, &Cancel::new()).unwrap_err();
    assert!(format!("{problem:?}").contains("raw.rates has several rates of USD on 2024-01-01"), "{problem:?}");
}

#[test]
fn laws_hold_for_any_recipe() {
    let (engine, _dir) = engine();
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (prop::collection::vec(any_row(), 0..12), prop::collection::vec(any_step(), 0..7));
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config.clone(),
        proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm),
    );
    runner
        .run(&strategy, |(lines, steps)| {
            make(&engine, "raw.t", &table(&lines));
            let recipe = Recipe { from: "raw.t".into(), steps: sensible(steps) };
            let compiled = compiled(&engine, &recipe);
            let shown = preview(&engine, &recipe, 1_000, true, &Cancel::new()).unwrap();
            let c = shown.sample;
            // Every row is somewhere.
            prop_assert_eq!(c.rows_in, c.rows_out + c.filtered + c.merged + c.quarantined);
            prop_assert_eq!(c.rows_in, lines.len() as u64);
            prop_assert_eq!(Some(c), shown.whole);
            // Both renderings keep the same rows with the same values, in the same order.
            let plain = rows(&engine, &compiled.sql);
            prop_assert_eq!(&plain, &tracked_rows(&engine, &compiled));
            prop_assert_eq!(plain.len() as u64, c.rows_out);
            // Where every step says which row comes first, the order of the input changes nothing but the order.
            let turned = lines.iter().enumerate().rev().map(|(i, r)| format!("{} | {r}", i + 1)).collect::<Vec<_>>();
            make(&engine, "raw.t", &format!("id: integer | t: text | x: float | v: text | d: text\n{}", turned.join("\n")));
            let (mut turned, mut plain) = (rows(&engine, &compiled.sql), plain);
            turned.sort();
            plain.sort();
            prop_assert_eq!(turned, plain);
            Ok(())
        })
        .unwrap();
}
