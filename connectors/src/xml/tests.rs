//! XML from end to end, and the suite of the W3C.

use trommel_model::{Code, FileFormat, Outcome};

use crate::sink::Mode;
use crate::testing::{Loaded, header, load, real_data, table};

fn read(text: &[u8], spec: &str) -> Outcome<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xml");
    std::fs::write(&path, text).unwrap();
    load(&path, FileFormat::Xml, spec, Mode::Strict)
}

const ORDERS: &str = r#"<?xml version="1.0"?>
<orders day="2024-01-31">
  <head><by>Ann</by></head>
  <list>
    <o:order id="1" xmlns:o="urn:x"><price currency="EUR">9.5</price><ok>true</ok>
      <item n="1"><sku>a</sku></item><item n="2"><sku>b</sku></item><tag>x</tag></o:order>
    <o:order id="2"><price currency="USD">10</price><to><name>B &amp; C</name></to><tag>y</tag><tag/></o:order>
  </list>
</orders>
"#;

#[test]
fn records_are_found_and_flattened() {
    let loaded = read(ORDERS.as_bytes(), "{}").unwrap();
    assert_eq!(header(&loaded), "@id Int64, price.@currency Utf8, price Float64, ok Boolean, item Utf8, tag Utf8, to.name Utf8");
    let rows = table(&loaded);
    assert_eq!(rows[0], r#"1|EUR|9.5|true|[{"@n":"1","sku":"a"},{"@n":"2","sku":"b"}]|["x"]|∅|5|∅"#);
    assert!(rows[1].starts_with(r#"2|USD|10.0|∅|∅|["y",""]|B & C|7|<o:order id="2">"#), "{}", rows[1]);
    assert_eq!(loaded.report.notes[0], "the records are the elements \"orders/list/o:order\"");
}

#[test]
fn the_record_can_be_told() {
    for (record, rows) in [("item", 2), ("orders/list/order", 2), ("order/tag", 3), ("orders", 1)] {
        let spec = format!("{{\"xml\": {{\"record\": \"{record}\", \"prefixes\": \"drop\"}}}}");
        assert_eq!(read(ORDERS.as_bytes(), &spec).unwrap().report.rows_in, rows, "{record}");
    }
    assert_eq!(read(ORDERS.as_bytes(), r#"{"xml": {"record": "oder"}}"#).unwrap_err().code, Code::UnknownName);
}

#[test]
fn documents_without_records() {
    for (text, expected) in [
        ("<a/>", vec![]),
        ("<a x='1'/>", vec!["1|1|∅"]),
        ("<a><b>1</b><b>2</b></a>", vec!["1|1|∅", "2|1|∅"]),
        ("<a><b>1</b><c> x </c></a>", vec!["1|x|1|∅"]),
        ("<a>7</a>", vec!["7|1|∅"]),
    ] {
        let loaded = read(text.as_bytes(), "{}").unwrap();
        let rows: Vec<String> =
            table(&loaded).into_iter().filter(|_| loaded.collected.schema.as_ref().unwrap().fields().len() > 3).collect();
        assert_eq!(rows, expected, "{text}");
    }
}

#[test]
fn encodings() {
    let utf16: Vec<u8> = "<a><b>ö</b><b>ü</b></a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a><b>\xf6</b><b>\xfc</b></a>".to_vec(),
        [&b"\xff\xfe"[..], &utf16].concat(),
        utf16.clone(),
        "\u{feff}<a><b>ö</b><b>&#xFC;</b></a>".as_bytes().to_vec(),
    ] {
        assert_eq!(table(&read(&bytes, "{}").unwrap()), ["ö|1|∅", "ü|1|∅"]);
    }
    for (bytes, code) in [
        (&b"<?xml version='1.0' encoding='utf-9'?><a/>"[..], Code::BadEncoding),
        (b"<a>\xf6</a>", Code::BadXml),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", Code::BadEncoding),
        (b"", Code::EmptyFile),
    ] {
        assert_eq!(read(bytes, "{}").unwrap_err().code, code, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    for text in [
        "<a><b></a></b>",
        "<a/><b/>",
        "<a x='1' x='2'/>",
        "<a>&x;</a>",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        "<a>\u{1}</a>",
        "<a>&#0;</a>",
        "<a x=1/>",
        "<a",
        "<a>",
        "text",
        "<!DOCTYPE a [<!ENTITY e '<b>'>]><a>&e;</a>",
        "<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a>&e;</a>",
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a x='&e;'/>",
    ] {
        assert_eq!(read(text.as_bytes(), "{}").unwrap_err().code, Code::BadXml, "{text}");
    }
    let problem = read(b"<a>\n  <b>\n</a>", "{}").unwrap_err();
    assert_eq!((problem.place.line, problem.place.column), (Some(3), Some(4)));
}

#[test]
fn entities_are_put_in_under_a_bound_and_never_read_from_outside() {
    let inside = "<!DOCTYPE a [<!ENTITY e 'x<b>y</b>'><!ATTLIST a k CDATA 'd'>]><a><c>&e;</c></a>";
    assert_eq!(table(&read(inside.as_bytes(), "{}").unwrap()), ["d|y|x|1|∅"]);
    let outside = "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a><c>1&e;</c></a>";
    let loaded = read(outside.as_bytes(), "{}").unwrap();
    assert_eq!(table(&loaded), ["1|1|∅"]);
    assert!(loaded.report.notes.iter().any(|n| n.contains("outside of the document")), "{:?}", loaded.report.notes);
    let mut laughs = String::from("<!DOCTYPE a [<!ENTITY l0 'lollollollollollollollollollol'>");
    for n in 1..10 {
        laughs.push_str(&format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10)));
    }
    for body in ["<a>&l9;</a>", "<a x='&l9;'/>"] {
        assert_eq!(read(format!("{laughs}]>{body}").as_bytes(), "{}").unwrap_err().code, Code::TooLarge);
    }
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(read(deep.as_bytes(), "{}").unwrap_err().code, Code::TooLarge);
}

#[test]
fn long_documents_keep_lines_and_values_across_windows() {
    let mut text = String::from("<list>\r\n");
    for n in 0..60_000 {
        text.push_str(&format!("<r n=\"{n}\"><t>{}ö]</t></r>\r\n", "]é".repeat(n % 7)));
    }
    text.push_str("</list>");
    let loaded = read(text.as_bytes(), "{}").unwrap();
    let rows = table(&loaded);
    assert_eq!(rows.len(), 60_000);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(*row, format!("{n}|{}ö]|{}|∅", "]é".repeat(n % 7), n + 2));
    }
}

/// Conformance tests of the W3C: what is not well-formed is refused, what is valid or only invalid is accepted. Where a fault lies outside of the
/// document, a processor that reads nothing from outside cannot know.
#[test]
fn the_suite_of_the_w3c() {
    let Some(folder) = real_data("formats/xml.tar.xz") else { return };
    let root = folder.path().join("xmlconf");
    let index = std::fs::read_to_string(root.join("index.csv")).unwrap();
    let (mut counted, mut wrong) = (0, Vec::new());
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (path, kind, entities, edition) = (cells[1], cells[2], cells[3], cells[5]);
        if (kind == "not-wf" && entities != "none") || kind == "error" || !edition.is_empty() {
            continue;
        }
        counted += 1;
        let loaded = load(&root.join(path), FileFormat::Xml, "{}", Mode::Lenient);
        let refused = loaded.as_ref().is_err();
        if refused != (kind == "not-wf") {
            wrong.push(format!("{kind} {path}: {:?}", loaded.err().map(|p| p.to_string())));
        }
    }
    assert!(counted > 450, "{counted}");
    assert!(wrong.is_empty(), "{} of {counted}:\n{}", wrong.len(), wrong.join("\n"));
}
