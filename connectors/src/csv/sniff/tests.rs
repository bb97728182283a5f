//! What is made out of small texts: the dialect in a line, and the names of the columns.

use trommel_model::CsvOptions;

use super::sample::Sample;
use super::sniff;

fn found(bytes: &[u8], options: &CsvOptions) -> String {
    let sample = Sample::of(bytes, &[], true, None).unwrap();
    let (d, _) = sniff(&sample, options).unwrap();
    let shown = |c: Option<char>| c.map_or("-".to_owned(), |c| c.escape_default().to_string());
    let mut line = format!("{} {} {}", shown(Some(d.delimiter)), shown(d.quote), shown(d.escape));
    for (name, count) in [("above", d.skip_lines), ("header", d.header_rows), ("below", d.footer_lines)] {
        if count != u64::from(name == "header") {
            line.push_str(&format!(" {name}={count}"));
        }
    }
    for (name, mark) in [("comment", d.comment), ("decimal", Some(d.decimal_mark).filter(|m| *m != '.'))] {
        if let Some(mark) = mark {
            line.push_str(&format!(" {name}={mark}"));
        }
    }
    if d.trim {
        line.push_str(" trim");
    }
    format!("{line} | {}", d.columns.join(" | "))
}

fn check(text: &str, expected: &str) {
    assert_eq!(found(text.as_bytes(), &CsvOptions::default()), expected, "{text}");
}

#[test]
fn delimiters() {
    check("a,b\n1,2\n3,4\n", ", \\\" - | a | b");
    check("a;b\n1,5;2\n3,5;4\n", "; \\\" - decimal=, | a | b");
    check("a\tb\n1\t2\n", "\\t \\\" - | a | b");
    check("a|b\n1|2\n", "| \\\" - | a | b");
    check("a^b\n1^2\n3^4\n", "^ \\\" - | a | b");
    check("a, b, c\n1, 2, 3\n4, 5, 6\n", ", \\\" - trim | a | b | c");
    check("sep=;\na;b\n1;2\n", "; \\\" - above=1 | a | b");
    check("a||b||c\n1||2||3\n4||||6\n", "\\u{1f} \\\" - | a | b | c");
    check("name\nAnn\nBo\n", ", \\\" - | name");
}

#[test]
fn what_stands_between_quotes_is_the_delimiter_however_uneven_the_rows() {
    let dump = "# first\n\"a\",\"b\",\"c\"\n\"1\",\"x;y\",\"3\"\n# second\n\"d\",\"e\"\n\"4\",\"x;y\"\n\"f\",\"g\",\"h\",\"i\"\n\"1\",\"x;y\",\"2\",\"3\"\n";
    assert!(found(dump.as_bytes(), &CsvOptions::default()).starts_with(", \\\""));
}

#[test]
fn quotes_and_escapes() {
    check("a,b\n'x, y',1\n'z',2\n", ", \\' - | a | b");
    check("a,b\n\"x \\\"y\\\"\",1\n\"z\",2\n", ", \\\" \\\\ | a | b");
    check("a,b\n\"x ^\"y^\" z\",1\n\"z, \",2\n", ", \\\" ^ | a | b");
    check("a,b\n\"x \"\"y\"\"\",1\n\"z\",2\n", ", \\\" - | a | b");
    check("a,b\nMen's,1\nKids',2\n", ", \\\" - | a | b");
}

#[test]
fn headers() {
    check("1,2\n3,4\n", ", \\\" - header=0 | col_0 | col_1");
    check("day,a,b\n,m/s,kg\n2024-01-01,1,2\n2024-01-02,3,4\n", ", \\\" - header=2 | day | a m/s | b kg");
    check("left,,right,\nx,y,x,y\n1,2,3,4\n5,6,7,8\n", ", \\\" - header=2 | left x | left y | right x | right y");
    check("country,1999,2000,2001\nFrance,1,5,3\nSpain,4,2,6\n", ", \\\" - | country | 1999 | 2000 | 2001");
    check("shop,Jan-24,Feb-24\nA,1,2\nB,3,4\n", ", \\\" - | shop | Jan-24 | Feb-24");
    check("x,y\na,1,2\nb,3,4\n", ", \\\" - | col_0 | x | y");
    check("x,y\na,1,\nb,3,\n", ", \\\" - | x | y | col_2");
    check("id,id,\n1,2,3\n", ", \\\" - | id | id_2 | col_2");
    check("id,name\n", ", \\\" - | id | name");
}

#[test]
fn lines_above_and_below() {
    check("Report of May\n\na,b,c\n1,2,3\n4,5,6\n", ", \\\" - above=2 | a | b | c");
    check("Report,,\n,,\na,b,c\n1,2,3\n4,5,6\n", ", \\\" - above=2 | a | b | c");
    check("Made on:,2024-01-01,,,\nBy:,Ann,,,\nid,n,p,q,r\n1,2,3,4,5\n2,3,4,5,6\n3,4,5,6,7\n", ", \\\" - above=2 | id | n | p | q | r");
    check("a,b,c\n1,2,3\n4,5,6\n\nSource: the office\n", ", \\\" - below=1 | a | b | c");
    check("# made by hand\na,b\n1,2\n# a remark\n3,4\n5,6\n", ", \\\" - above=1 comment=# | a | b");
    check("a,b\n1,2\n% a remark\n3,4\n5,6\n", ", \\\" - comment=% | a | b");
    check("# a, b\n1, 2\n3, 4\n", ", \\\" - trim | # a | b");
}

#[test]
fn what_is_told_is_taken() {
    let told = CsvOptions { delimiter: Some(';'), header: Some(false), skip_lines: Some(1), ..CsvOptions::default() };
    assert_eq!(found(b"a,b;c\n1,2;3\n4,5;6\n", &told), "; \\\" - above=1 header=0 decimal=, | col_0 | col_1");
}
