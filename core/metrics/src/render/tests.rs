//! Layout by numbers, hostile text, sizes; pictures of typical charts as their texts.

use proptest::prelude::*;
use trommel_model::{Chart, ChartKind, ChartSeries, Code, NumberFormat, Theme};

use super::font::width;
use super::scene::{Anchor, Scene, Shape, Text};
use super::{png, scene_of, svg};

fn chart(kind: ChartKind, labels: &[&str], series: &[(&str, &[Option<f64>])]) -> Chart {
    Chart {
        title: "Revenue by day".into(),
        kind,
        labels: labels.iter().map(|l| (*l).to_owned()).collect(),
        series: series.iter().map(|(name, values)| ChartSeries { name: (*name).into(), values: values.to_vec() }).collect(),
        format: NumberFormat::Currency,
        unit: "€".into(),
        target: None,
    }
}

/// The texts of a picture in reading order.
fn texts(chart: &Chart, size: (u32, u32)) -> String {
    let mut texts: Vec<Text> = scene_of(chart, size, Theme::Light).unwrap().shapes.into_iter().filter_map(text_of).collect();
    texts.sort_by(|a, b| a.at.1.round().total_cmp(&b.at.1.round()).then(a.at.0.total_cmp(&b.at.0)));
    texts.iter().map(|t| t.content.as_str()).collect::<Vec<_>>().join(" | ")
}

fn text_of(shape: Shape) -> Option<Text> {
    if let Shape::Text(text) = shape { Some(text) } else { None }
}

/// Left, top, right and bottom of a text.
fn extent(text: &Text) -> [f64; 4] {
    let wide = width(&text.content, text.size, text.weight);
    let left = text.at.0
        - match text.anchor {
            Anchor::Left => 0.0,
            Anchor::Middle => wide / 2.0,
            Anchor::Right => wide,
        };
    [left, text.at.1 - text.size * 0.73, left + wide, text.at.1]
}

#[test]
fn typical_charts_say_what_they_should() {
    let days: Vec<String> = (1..=31).map(|d| format!("2024-01-{d:02}")).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let rising: Vec<Option<f64>> = (1..=31).map(|i| Some(f64::from(i) * 1_000.0)).collect();
    let mut line = chart(ChartKind::Line, &days, &[("Revenue", &rising)]);
    line.target = Some(25_000.0);
    let rows = chart(
        ChartKind::Bar,
        &["Kristiansund municipality and its islands", "Oslo", "(no value)"],
        &[("Revenue", &[Some(1_250_000.0), Some(-300.0), None])],
    );
    let columns = chart(ChartKind::Bar, &["A", "B"], &[("Revenue", &[Some(10.0), Some(20.0)])]);
    let two = chart(ChartKind::Line, &["2024-01-01", "2024-02-01"], &[("North", &[Some(1.0), Some(2.0)]), ("South", &[Some(3.0), None])]);
    let none = chart(ChartKind::Line, &["2024-01-01"], &[("Revenue", &[None])]);
    for (chart, expected) in [
        (
            &line,
            "Revenue by day | target 25,000.00 € | 40 k € | 31 k € | 30 k | 20 k | 10 k | 0 | 1 Jan 2024 | 8 Jan | 15 Jan | 22 Jan | 29 Jan",
        ),
        (&rows, "Revenue by day | Kristiansund municipality and its islands | 1.25 M € | Oslo | -300.00 € | (no value) | –"),
        (&columns, "Revenue by day | 20.00 | 20 € | 15 | 10.00 | 10 | 5 | 0 | A | B"),
        (&two, "Revenue by day | North | South | 3.0 € | 2.5 | 2.0 | 1.5 | 1.0 | 0.5 | 0 | Jan 2024 | Feb"),
        (&none, "Revenue by day | no values"),
    ] {
        assert_eq!(texts(chart, (860, 400)), expected);
    }
}

#[test]
fn rows_without_room_are_counted() {
    let labels: Vec<String> = (0..50).map(|i| format!("city {i}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let values: Vec<Option<f64>> = (0..50).map(|i| Some(f64::from(50 - i))).collect();
    let shown = texts(&chart(ChartKind::Bar, &labels, &[("n", &values)]), (600, 300));
    assert!(shown.contains("city 0 | 50.00 €") && shown.ends_with("first 15 of 50"), "{shown}");
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</text></svg><script>alert('x')</script>&\"\u{1b}[31m\u{0}\u{202E}\u{FFFE}";
    let mut c = chart(ChartKind::Bar, &[hostile, "b"], &[(hostile, &[Some(1.0), Some(2.0)]), ("other", &[Some(1.0), None])]);
    c.title = hostile.into();
    c.unit = "<€>".into();
    for kind in [ChartKind::Bar, ChartKind::Line] {
        c.kind = kind;
        let text = svg(&c, (1600, 500), Theme::Light).unwrap();
        assert_eq!(text.matches("<svg").count(), 1);
        assert_eq!(text.matches("</svg>").count(), 1);
        assert!(!text.contains("<script") && text.contains("&lt;/svg&gt;&lt;script&gt;"));
        assert!(text.chars().all(|ch| ch == '\n' || !(ch.is_control() || matches!(ch, '\u{202E}' | '\u{FFFE}'))));
        assert!(text.split('<').skip(1).all(|tag| {
            ["svg ", "/svg", "desc", "/desc", "rect ", "text ", "/text", "polyline ", "polygon ", "circle "]
                .iter()
                .any(|t| tag.starts_with(t))
        }));
    }
}

#[test]
fn pictures_have_their_size_and_are_the_same_each_time() {
    let c = chart(ChartKind::Line, &["2024-01-01", "2024-01-02", "2024-01-03"], &[("n", &[Some(1.0), None, Some(2.0)])]);
    for theme in [Theme::Light, Theme::Dark] {
        let bytes = png(&c, (400, 240), theme).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(bytes[16..24], [400_u32.to_be_bytes(), 240_u32.to_be_bytes()].concat());
        assert_eq!(bytes, png(&c, (400, 240), theme).unwrap());
        let text = svg(&c, (400, 240), theme).unwrap();
        assert!(text.starts_with("<svg width=\"400\" height=\"240\" viewBox=\"0 0 3200 1920\"") && text.ends_with("</svg>\n"));
        assert!(text.contains("<desc>Revenue by day: 3 points from 2024-01-01 to 2024-01-03."));
        assert_eq!(text, svg(&c, (400, 240), theme).unwrap());
    }
    assert_ne!(png(&c, (400, 240), Theme::Light), png(&c, (400, 240), Theme::Dark));
}

#[test]
fn sizes_beyond_sense_are_refused() {
    let c = chart(ChartKind::Line, &[], &[]);
    for size in [(0, 0), (119, 400), (400, 79), (8_193, 100), (u32::MAX, u32::MAX)] {
        assert_eq!(svg(&c, size, Theme::Light).unwrap_err().code, Code::Usage);
        assert_eq!(png(&c, size, Theme::Light).unwrap_err().code, Code::Usage);
    }
    assert!(svg(&c, (120, 80), Theme::Light).is_ok());
}

#[test]
fn a_long_series_becomes_a_small_picture() {
    let values: Vec<Option<f64>> = (0..1_000_000).map(|i| Some(f64::from(i % 9_973))).collect();
    let labels: Vec<String> = (0..1_000_000).map(|i| i.to_string()).collect();
    let mut c = chart(ChartKind::Line, &[], &[("n", &values)]);
    c.labels = labels;
    for kind in [ChartKind::Line, ChartKind::Bar] {
        c.kind = kind;
        // Labels that are no dates would make rows of the bars.
        if kind == ChartKind::Bar {
            c.labels = (0..1_000_000)
                .map(|i| format!("{:04}-{:02}-{:02}T{:02}:00", 1900 + i / 8064, i / 672 % 12 + 1, i / 24 % 28 + 1, i % 24))
                .collect();
        }
        let text = svg(&c, (800, 400), Theme::Light).unwrap();
        assert!(text.len() < 200_000, "{} bytes", text.len());
        assert!(text.contains("9,972.00 €"), "the summary names the peak");
    }
}

fn in_order(scene: &Scene) -> Result<(), String> {
    let (w, h) = (f64::from(scene.size.0), f64::from(scene.size.1));
    let within = |x: f64, y: f64| x.is_finite() && y.is_finite() && x >= -1.0 && y >= -1.0 && x <= w + 1.0 && y <= h + 1.0;
    for shape in &scene.shapes {
        let inside = match shape {
            Shape::Rectangle { from, to, .. } => within(from.0, from.1) && within(to.0, to.1) && from.0 <= to.0 && from.1 <= to.1,
            Shape::Path { points, .. } | Shape::Area { points, .. } => points.len() > 1 && points.iter().all(|p| within(p.0, p.1)),
            Shape::Dot { centre, .. } => within(centre.0, centre.1),
            Shape::Text(text) => {
                let [left, top, right, bottom] = extent(text);
                within(left, top) && within(right, bottom)
            }
        };
        if !inside {
            return Err(format!("outside of {w}×{h}: {shape:?}"));
        }
    }
    let texts: Vec<Text> = scene.shapes.iter().cloned().filter_map(text_of).collect();
    for (i, a) in texts.iter().enumerate() {
        for b in &texts[i + 1..] {
            let (ea, eb) = (extent(a), extent(b));
            if ea[0] + 0.5 < eb[2] && eb[0] + 0.5 < ea[2] && ea[1] + 0.5 < eb[3] && eb[1] + 0.5 < ea[3] {
                return Err(format!("{a:?} is written over {b:?}"));
            }
        }
    }
    Ok(())
}

prop_compose! {
    fn any_chart()(
        labels in prop_oneof![
            prop::collection::vec("[a-zA-Z <>&é]{0,30}", 0..60),
            (0_usize..400).prop_map(|n| (0..n).map(|i| format!("{:04}-{:02}-01", 1990 + i / 12, i % 12 + 1)).collect()),
        ],
        title in "\\PC{0,80}",
        unit in "[a-zA-Z€ ]{0,12}",
        line in any::<bool>(),
        format in prop_oneof![Just(NumberFormat::Number), Just(NumberFormat::Integer), Just(NumberFormat::Currency), Just(NumberFormat::Percent)],
        target in prop::option::of(-1e7..1e7_f64),
        exponent in -8..12_i32,
        series in 1_usize..5,
        seed in any::<u64>(),
    ) -> Chart {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let series = (0..series)
            .map(|s| {
                let values = labels.iter().map(|_| match next() % 10 {
                    0 => None,
                    _ => Some((next() as f64 / f64::from(1_u32 << 31) - 0.3) * 10_f64.powi(exponent)),
                });
                ChartSeries { name: format!("series {s}"), values: values.collect() }
            })
            .collect();
        Chart { title, kind: if line { ChartKind::Line } else { ChartKind::Bar }, labels, series, format, unit, target }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_leaves_the_picture_or_covers_a_text(chart in any_chart(), width in 120_u32..1600, height in 80_u32..900) {
        let scene = scene_of(&chart, (width, height), Theme::Light).unwrap();
        prop_assert_eq!(in_order(&scene), Ok(()));
    }

    #[test]
    fn extreme_values_are_drawn(a in prop::num::f64::ANY, b in prop::num::f64::ANY, c in prop::option::of(prop::num::f64::ANY), line in any::<bool>()) {
        let mut extreme = chart(if line { ChartKind::Line } else { ChartKind::Bar }, &["x", "y", "z"], &[("n", &[Some(a), Some(b), c])]);
        extreme.target = c;
        let scene = scene_of(&extreme, (500, 300), Theme::Dark).unwrap();
        prop_assert_eq!(in_order(&scene), Ok(()));
    }
}
