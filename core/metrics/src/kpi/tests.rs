//! KPIs over small tables: the values, the standings, and what is said of faults.

use trommel_engine::{Access, Engine, Limits};
use trommel_model::{
    Better, BoardSpec, Cancel, CardChart, CardSpec, Code, Grain, KpiPoint, KpiSpec, KpiValues, NumberFormat, Standing, format_value,
};

use super::{board, values};

fn engine() -> Engine {
    let limits = Limits { memory_bytes: 200 << 20, threads: 2, temp_dir: std::env::temp_dir().join("trommel-metrics-tests") };
    let engine = Engine::open(&limits, &Access::Locked(vec![])).unwrap();
    let sql = "
        CREATE SCHEMA mart;
        CREATE TABLE mart.orders AS SELECT * FROM (VALUES
            (DATE '2024-01-01', TIMESTAMPTZ '2024-01-01 00:30:00+00', 10.0, 'Oslo', 'x'),
            (DATE '2024-01-01', TIMESTAMPTZ '2024-01-01 00:45:00+00', 30.0, NULL, 'x'),
            (DATE '2024-01-03', TIMESTAMPTZ '2024-01-01 02:00:00+00', 60.0, 'Bergen', 'y'),
            (NULL, NULL, 5.0, 'Oslo', 'y'),
            (DATE 'infinity', NULL, 7.0, 'Oslo', 'y')
        ) t(day, \"at\", amount, city, \"odd \"\"name\");
        CREATE TABLE mart.nothing AS SELECT * FROM mart.orders WHERE false;
        CREATE TABLE mart.many AS SELECT range AS id, range % 73 AS \"group\" FROM range(1000);
    ";
    engine.execute(sql, &Cancel::new()).unwrap();
    engine
}

fn spec(from: &str, formula: &str) -> KpiSpec {
    KpiSpec {
        name: "revenue".into(),
        title: "Revenue".into(),
        description: String::new(),
        from: from.into(),
        formula: formula.into(),
        condition: None,
        time: None,
        grain: Grain::Day,
        dimensions: vec![],
        format: NumberFormat::Number,
        unit: String::new(),
        better: Better::Higher,
        target: None,
        warn: None,
        owner: String::new(),
    }
}

fn ask(engine: &Engine, spec: &KpiSpec) -> KpiValues {
    values(engine, spec, &Cancel::new()).unwrap()
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format_value(v, NumberFormat::Number, ""))
}

fn points(points: &[KpiPoint]) -> String {
    points.iter().map(|p| format!("{}={}", p.period, number(p.value))).collect::<Vec<_>>().join(" ")
}

#[test]
fn values_by_period_and_in_all() {
    let engine = engine();
    for (from, formula, condition, time, grain, total, series) in [
        ("mart.orders", "sum(amount)", None, Some("day"), Grain::Day, "112", "2024-01-01=40 2024-01-02=- 2024-01-03=60"),
        ("mart.orders", "count(*)", None, Some("day"), Grain::Day, "5", "2024-01-01=2 2024-01-02=0 2024-01-03=1"),
        (
            "mart.orders",
            "count(*) -- all",
            Some("amount > 10 -- large"),
            Some("day"),
            Grain::Day,
            "2",
            "2024-01-01=1 2024-01-02=0 2024-01-03=1",
        ),
        ("mart.orders", "sum(amount)", None, Some("day"), Grain::Month, "112", "2024-01-01=100"),
        ("mart.orders", "sum(amount)", None, Some("day"), Grain::Week, "112", "2024-01-01=100"),
        ("mart.orders", "max(amount)", None, Some("at"), Grain::Hour, "60", "2024-01-01T00:00=30 2024-01-01T01:00=- 2024-01-01T02:00=60"),
        ("mart.orders", "avg(amount)\n  filter (where city = 'Oslo')", None, None, Grain::Day, "7.33", ""),
        ("mart.orders", "sum(amount) / (count(*) - 5)", None, None, Grain::Day, "-", ""),
        ("mart.nothing", "sum(amount)", None, Some("day"), Grain::Day, "-", ""),
        ("mart.nothing", "count(*)", None, Some("day"), Grain::Day, "0", ""),
    ] {
        let kpi = KpiSpec { condition: condition.map(str::to_owned), time: time.map(str::to_owned), grain, ..spec(from, formula) };
        let found = ask(&engine, &kpi);
        assert_eq!((number(found.total).as_str(), points(&found.series).as_str()), (total, series), "{formula} of {from}");
        assert_eq!(found.grain.is_some(), time.is_some());
    }
}

#[test]
fn the_newest_period_is_compared_with_the_one_before_it() {
    let engine = engine();
    let kpi = KpiSpec { time: Some("day".into()), ..spec("mart.orders", "count(*)") };
    let found = ask(&engine, &kpi);
    assert_eq!(points(&[found.current.clone().unwrap(), found.previous.clone().unwrap()]), "2024-01-03=1 2024-01-02=0");
    let monthly = ask(&engine, &KpiSpec { grain: Grain::Month, ..kpi });
    assert_eq!((points(&[monthly.current.unwrap()]).as_str(), monthly.previous), ("2024-01-01=3", None));
}

#[test]
fn a_breakdown_lists_the_largest_and_counts_the_rest() {
    let engine = engine();
    let kpi = KpiSpec { dimensions: vec!["city".into(), "odd \"name".into()], ..spec("mart.orders", "sum(amount)") };
    let found = ask(&engine, &kpi);
    let shown: Vec<String> = found.by_dimension.iter().flat_map(|d| d.values.iter().map(|(k, v)| format!("{k}={}", number(*v)))).collect();
    assert_eq!(shown.join(" "), "Bergen=60 null=30 Oslo=22 y=72 x=40");
    let many = ask(&engine, &KpiSpec { dimensions: vec!["group".into()], ..spec("mart.many", "count(*)") });
    assert_eq!((many.by_dimension[0].values.len(), many.by_dimension[0].rest), (50, 23));
    let none = ask(&engine, &KpiSpec { dimensions: vec!["city".into()], ..spec("mart.nothing", "count(*)") });
    assert_eq!((none.by_dimension[0].values.len(), none.by_dimension[0].rest), (0, 0));
}

#[test]
fn standings() {
    use Better::{Higher, Lower};
    use Standing::{Met, Missed, NoTarget, Warning};
    let engine = engine();
    for (better, target, warn, from, expected) in [
        (Higher, None, None, "mart.orders", NoTarget),
        (Higher, None, Some(100.0), "mart.orders", NoTarget),
        (Higher, None, Some(200.0), "mart.orders", Warning),
        (Higher, Some(112.0), None, "mart.orders", Met),
        (Higher, Some(120.0), None, "mart.orders", Missed),
        (Higher, Some(120.0), Some(115.0), "mart.orders", Warning),
        (Higher, Some(120.0), Some(100.0), "mart.orders", Missed),
        (Lower, Some(112.0), None, "mart.orders", Met),
        (Lower, Some(100.0), Some(110.0), "mart.orders", Warning),
        (Lower, Some(100.0), Some(115.0), "mart.orders", Missed),
        (Higher, Some(100.0), Some(110.0), "mart.nothing", Missed),
    ] {
        let found = ask(&engine, &KpiSpec { better, target, warn, ..spec(from, "sum(amount)") });
        assert_eq!(found.standing, expected, "{better:?} {target:?} {warn:?} {from}");
    }
}

#[test]
fn faults_point_at_the_text_a_person_wrote() {
    let engine = engine();
    let base = || spec("mart.orders", "sum(amount)");
    for (kpi, says, points_at) in [
        (spec("mart.orders", "sum(amoun)"), "KPI revenue has a fault in its formula", Some("amoun")),
        (spec("mart.orders", "sum(amount"), "KPI revenue has a fault in its formula", None),
        (spec("mart.orders", "amount"), "KPI revenue has a fault in its formula", Some("amount")),
        (spec("mart.orders", "1), (2"), "the formula of KPI revenue gives more than one value", Some("1), (2")),
        (spec("mart.orders", "max(city)"), "the formula of KPI revenue gives text, not a number", Some("max(city)")),
        (spec("mart.orders", "sum(cast(city as integer))"), "KPI revenue cannot be computed", Some("sum(cast(city as integer))")),
        (spec("mart.order", "count(*)"), "KPI revenue reads mart.order, which is not there", None),
        (spec("orders", "count(*)"), "KPI revenue does not say which table it is about", None),
        (KpiSpec { condition: Some("cty = 'Oslo'".into()), ..base() }, "KPI revenue has a fault in its where", Some("cty")),
        (KpiSpec { time: Some("dya".into()), ..base() }, "KPI revenue names column \"dya\", which mart.orders does not have", None),
        (KpiSpec { time: Some("city".into()), ..base() }, "the time of KPI revenue is text, which is no time axis", None),
        (KpiSpec { dimensions: vec!["town".into()], ..base() }, "KPI revenue names column \"town\", which mart.orders does not have", None),
    ] {
        let problem = values(&engine, &kpi, &Cancel::new()).unwrap_err();
        assert_eq!((problem.code, problem.what.as_str()), (Code::BadKpi, says));
        if let Some(expected) = points_at {
            let snippet = problem.snippet.unwrap();
            assert_eq!(&snippet.source[snippet.span], expected);
            assert!(snippet.origin.starts_with("kpis/revenue.toml, "));
        }
    }
    let slip = values(&engine, &KpiSpec { time: Some("dya".into()), ..base() }, &Cancel::new()).unwrap_err();
    assert_eq!(slip.next.as_deref(), Some("did you mean \"day\"?"));
}

#[test]
fn a_board_computes_each_kpi_once_and_knows_its_names() {
    let engine = engine();
    let count = KpiSpec { name: "orders".into(), dimensions: vec!["city".into()], ..spec("mart.orders", "count(*)") };
    let kpis = [spec("mart.orders", "sum(amount)"), count, spec("no.table", "x")];
    let card = |kpi: &str, by: Option<&str>| CardSpec { kpi: kpi.into(), chart: CardChart::Bar, by: by.map(str::to_owned) };
    let of = |cards: Vec<CardSpec>| {
        let spec = BoardSpec { name: "sales".into(), title: "Sales".into(), cards };
        board(&engine, &spec, &kpis, 7, &Cancel::new())
    };
    let found = of(vec![card("orders", Some("city")), card("revenue", None), card("orders", None)]).unwrap();
    assert_eq!(found.kpis.iter().map(|k| k.name.as_str()).collect::<Vec<_>>(), ["orders", "revenue"]);
    assert_eq!(found.snapshot, 7);
    for (cards, code, next) in [
        (vec![card("order", None)], Code::UnknownName, "did you mean \"orders\"?"),
        (vec![card("orders", Some("town"))], Code::BadConfig, "there is: city"),
    ] {
        let problem = of(cards).unwrap_err();
        assert_eq!((problem.code, problem.next.as_deref()), (code, Some(next)));
    }
}

#[test]
fn cancelled_work_says_so() {
    let cancel = Cancel::new();
    cancel.raise();
    assert_eq!(values(&engine(), &spec("mart.orders", "count(*)"), &cancel).unwrap_err().code, Code::Interrupted);
}
