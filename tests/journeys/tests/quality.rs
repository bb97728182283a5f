//! Profiles that are kept and compared, checks that are accepted, and alerts that reach somebody, on the command line.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use trommel_journeys::{expect, text, trommel};

/// A workspace with one source of ten orders and two checks.
fn shop(folder: &Path) -> PathBuf {
    expect(folder, &["init", "shop"], 0);
    let root = folder.join("shop");
    fs::create_dir_all(root.join("in")).unwrap();
    fs::write(
        root.join("sources/orders.toml"),
        "path = \"in/*.csv\"\nload = \"new_files\"\n\n[[checks]]\ncheck = \"not_null\"\ncolumn = \"city\"\nseverity = \"error\"\nowner = \"sales\"\n\n\
         [[checks]]\ncheck = \"range\"\ncolumn = \"amount\"\nmax = 1000\n",
    )
    .unwrap();
    let lines: String = (0..200).map(|i| format!("{i},{},{}\n", ["Ulm", "Bonn"][i % 2], i % 50)).collect();
    fs::write(root.join("in/a.csv"), format!("id,city,amount\n{lines}")).unwrap();
    root
}

/// More orders, of other cities, some of none, and dearer.
fn more(root: &Path) {
    let lines: String = (200..600).map(|i| format!("{i},{},{}\n", ["Köln", "", "Ulm"][i % 3], i % 50 + 100)).collect();
    fs::write(root.join("in/b.csv"), format!("id,city,amount\n{lines}")).unwrap();
}

#[test]
fn what_changed_since_the_run_before_is_said_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let root = shop(folder.path());
    let refused = trommel(&root, &["profile", "raw.orders", "--compare", "previous"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    expect(&root, &["run"], 0);
    let once = trommel(&root, &["profile", "raw.orders", "--compare", "previous"]).output().unwrap();
    assert!(text(&once.stderr).contains("only one profile"), "{}", text(&once.stderr));
    more(&root);
    expect(&root, &["run"], 0);
    let json = expect(&root, &["profile", "raw.orders", "--compare", "previous", "last", "--format", "json"], 0);
    let change: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((change["from"]["rows"].as_u64(), change["to"]["rows"].as_u64()), (Some(200), Some(600)));
    let columns: Vec<&str> = change["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(columns.last(), Some(&"id"), "keys count up, and that is no change: {columns:?}");
    let of = |name: &str| change["columns"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap();
    assert_eq!((&of("city")["weight"], &of("amount")["weight"], &of("id")["weight"]), (&"marked".into(), &"marked".into(), &"same".into()));
    assert_eq!(of("city")["new_values"][0][0], "Köln");
    let table = expect(&root, &["profile", "raw.orders", "--compare", "previous"], 0);
    assert!(table.contains("new values in") && table.contains("have no value"), "{table}");
    let history = expect(&root, &["profile", "raw.orders", "--history", "--format", "csv"], 0);
    assert_eq!(history.lines().count(), 1 + 3 * 2, "{history}");
    // Any two things, without a workspace too.
    let files = expect(folder.path(), &["profile", "shop/in/b.csv", "--compare", "shop/in/a.csv", "now"], 0);
    assert!(files.contains("amount"), "{files}");
    for (name, starts) in [("report.html", "<!doctype html>"), ("report.json", "{"), ("report.xlsx", "PK")] {
        expect(&root, &["profile", "raw.orders", "-o", name], 0);
        assert!(fs::read(root.join(name)).unwrap().starts_with(starts.as_bytes()), "{name}");
    }
    expect(&root, &["profile", "raw.orders", "--compare", "previous", "-o", "change.html"], 0);
    let page = fs::read_to_string(root.join("change.html")).unwrap();
    assert!(page.contains("What changed") && page.contains("Köln") && !page.contains("<script"), "{page}");
    let odd = trommel(&root, &["profile", "raw.orders", "-o", "report.odd"]).output().unwrap();
    assert_eq!(odd.status.code(), Some(2));
    let near = trommel(&root, &["profile", "raw.orders", "--compare", "frist"]).output().unwrap();
    assert!(text(&near.stderr).contains("did you mean \"first\""), "{}", text(&near.stderr));
}

#[test]
fn proposals_are_accepted_by_number_and_the_list_says_how_checks_stand() {
    let folder = tempfile::tempdir().unwrap();
    let root = shop(folder.path());
    let list = expect(&root, &["check", "--list"], 0);
    assert!(list.contains("not applied yet"), "{list}");
    expect(&root, &["run"], 0);
    let proposed = expect(&root, &["check", "raw.orders", "--propose"], 0);
    assert!(
        proposed.contains("# 1: ") && !proposed.contains("column = \"amount\"\nmin"),
        "what the table has is not proposed:\n{proposed}"
    );
    assert!(!proposed.contains("_file"), "{proposed}");
    expect(&root, &["check", "raw.orders", "--propose", "--accept", "1"], 0);
    let written = fs::read_to_string(root.join("checks/raw_orders.toml")).unwrap();
    assert!(written.starts_with("table = \"raw.orders\"\n") && written.matches("[[checks]]").count() == 1, "{written}");
    expect(&root, &["check", "raw.orders", "--propose", "--accept", "99"], 2);
    expect(&root, &["check", "--accept", "1"], 2);
    let list: serde_json::Value = serde_json::from_str(&expect(&root, &["check", "--list", "--format", "json"], 0)).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 3);
}

/// A server that takes every request, or every mail, and hands on what it heard.
fn listen(mail: bool) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, (send, heard)) = (listener.local_addr().unwrap().port(), mpsc::channel());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if send.send(if mail { take_mail(stream) } else { take_request(stream) }).is_err() {
                break;
            }
        }
    });
    (port, heard)
}

fn take_request(mut stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    String::from_utf8(body).unwrap()
}

fn take_mail(mut stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut heard, mut data) = (String::new(), false);
    stream.write_all(b"220 ready\r\n").unwrap();
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap_or(0) > 0 {
        heard.push_str(&line);
        let reply: &[u8] = match line.trim_end() {
            "." => {
                data = false;
                b"250 queued\r\n"
            }
            _ if data => b"",
            "DATA" => {
                data = true;
                b"354 go on\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 fine\r\n",
        };
        let over = line.trim_end() == "QUIT";
        line.clear();
        if stream.write_all(reply).is_err() || over {
            break;
        }
    }
    heard
}

fn alerts(root: &Path, hook: u16, mail: u16) {
    let config = fs::read_to_string(root.join("trommel.toml")).unwrap();
    let config = config.split("[[alerts]]").next().unwrap().to_owned();
    fs::write(
        root.join("trommel.toml"),
        format!(
            "{config}\n[[alerts]]\nname = \"channel\"\nkind = \"webhook\"\nshape = \"slack\"\nurl = {{ env = \"HOOK\" }}\nseverity = \"error\"\n\n\
             [[alerts]]\nname = \"ops\"\nkind = \"mail\"\nserver = \"smtp://127.0.0.1:{mail}\"\nfrom = \"trommel@example.org\"\nto = [\"ops@example.org\"]\n\
             on = [\"failed_checks\", \"daily\"]\n# {hook}\n"
        ),
    )
    .unwrap();
}

fn told(root: &Path, hook: u16, arguments: &[&str], code: i32) -> String {
    let done = trommel(root, arguments).env("HOOK", format!("http://127.0.0.1:{hook}/canary-7f3a")).output().unwrap();
    let said = format!("{}{}", text(&done.stdout), text(&done.stderr));
    assert_eq!(done.status.code(), Some(code), "{arguments:?}\n{said}");
    assert!(!said.contains("canary"), "a secret address is shown: {said}");
    said
}

#[test]
fn people_are_told_of_broken_checks_and_a_run_never_fails_because_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = shop(folder.path());
    more(&root);
    let ((hook, requests), (mail, mails)) = (listen(false), listen(true));
    alerts(&root, hook, mail);
    let wait = Duration::from_secs(20);
    told(&root, hook, &["alert", "test", "channel"], 0);
    assert!(requests.recv_timeout(wait).unwrap().contains("test of an alert"));
    let said = told(&root, hook, &["run"], 0);
    assert!(said.contains("alert channel sent") && said.contains("alert ops sent"), "{said}");
    let request = requests.recv_timeout(wait).unwrap();
    assert!(request.contains("raw.orders not_null(city): 133 of 600 rows break it (error, owner sales)"), "{request}");
    // The mail about the run, and the report of the day; the row of a fault is in neither.
    let both = [mails.recv_timeout(wait).unwrap(), mails.recv_timeout(wait).unwrap()];
    assert!(both.iter().all(|m| m.contains("RCPT TO:<ops@example.org>")), "{both:?}");
    assert!(both.iter().any(|m| m.contains("Subject: [shop dev] 1 check is broken in run")), "{both:?}");
    assert!(both.iter().any(|m| m.contains("daily report")), "{both:?}");
    // Nothing runs, nothing is broken anew: nobody is told twice, nor a second time on the same day.
    let quiet = told(&root, hook, &["run"], 0);
    assert!(!quiet.contains("sent"), "{quiet}");

    // The servers are down: the run ends as it would have, and the alerts wait and are shown.
    let nobody = |_: u16| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (no_hook, no_mail) = (nobody(0), nobody(1));
    alerts(&root, no_hook, no_mail);
    fs::write(root.join("in/c.csv"), "id,city,amount\n900,,1\n").unwrap();
    let said = told(&root, no_hook, &["run"], 0);
    assert!(said.contains("did not get through") && said.contains("tried again with the next run"), "{said}");
    let list = expect(&root, &["alert", "list", "--format", "csv"], 0);
    assert_eq!(list.lines().filter(|l| l.contains(",waiting,")).count(), 2, "{list}");
    told(&root, no_hook, &["alert", "send"], 4);
    // They are up again: the next run delivers what waited, once.
    alerts(&root, hook, mail);
    let said = told(&root, hook, &["run"], 0);
    assert_eq!(said.matches(" sent: ").count(), 2, "{said}");
    requests.recv_timeout(wait).unwrap();
    mails.recv_timeout(wait).unwrap();
    assert!(!expect(&root, &["alert", "list", "--format", "csv"], 0).contains(",waiting,"));
    expect(&root, &["alert", "test", "nobody"], 2);
    told(&root, hook, &["alert", "daily"], 0);
    assert!(mails.recv_timeout(wait).unwrap().contains("daily report"));
}

#[test]
fn an_alert_that_cannot_be_is_told_where_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = shop(folder.path());
    for (alert, words) in [
        ("name = \"ops\"\nkind = \"mail\"", "has no server"),
        ("name = \"ops\"\nkind = \"mial\"", "mail"),
        ("name = \"ops\"\nkind = \"webhook\"", "has no url"),
        ("name = \"o ps\"\nkind = \"desktop\"", "cannot be the name"),
        ("name = \"ops\"\nkind = \"desktop\"\nseverty = \"error\"", "severity"),
        (
            "name = \"ops\"\nkind = \"mail\"\nserver = \"smtp://ann:s3cret@mail.example.org\"\nfrom = \"a@x.org\"\nto = [\"b@x.org\"]",
            "a password is written",
        ),
    ] {
        fs::write(root.join("trommel.toml"), format!("name = \"shop\"\n[[alerts]]\n{alert}\n")).unwrap();
        let done = trommel(&root, &["plan"]).output().unwrap();
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{alert}\n{said}");
        assert!(said.contains(words) && said.contains("trommel.toml") && !said.contains("s3cret"), "{alert}\n{said}");
    }
}

#[test]
fn a_sample_is_drawn_judged_and_signed_and_stands_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let root = shop(folder.path());
    expect(&root, &["run"], 0);
    expect(&root, &["inspect", "draw", "raw.orders", "--size", "20", "--by", "city", "--name", "may"], 0);
    let rows = expect(&root, &["inspect", "rows", "may", "--format", "csv"], 0);
    assert_eq!((rows.lines().count(), rows.lines().filter(|l| l.contains(",Ulm,")).count()), (21, 10), "{rows}");
    let text_of = || fs::read_to_string(root.join("decisions/inspections/may.toml")).unwrap();
    let first = text_of();
    assert_eq!(trommel(&root, &["inspect", "draw", "raw.orders", "--name", "may"]).output().unwrap().status.code(), Some(2));
    assert_eq!(trommel(&root, &["inspect", "sign", "may"]).output().unwrap().status.code(), Some(2), "not all is judged");
    expect(&root, &["inspect", "judge", "may", "right", "1-20"], 0);
    expect(&root, &["inspect", "judge", "may", "wrong", "3", "--why", "no such amount"], 0);
    expect(&root, &["inspect", "judge", "may", "open", "4"], 0);
    expect(&root, &["inspect", "judge", "may", "right", "4"], 0);
    expect(&root, &["inspect", "judge", "may", "right", "99"], 2);
    let shown = expect(&root, &["inspect", "show", "may"], 0);
    assert!(shown.contains("1 of 20 judged rows are wrong: 5.0 % of the table"), "{shown}");
    expect(&root, &["inspect", "sign", "may"], 0);
    assert_eq!(trommel(&root, &["inspect", "judge", "may", "right", "3"]).output().unwrap().status.code(), Some(2), "it is signed");
    expect(&root, &["profile", "raw.orders", "-o", "report.html"], 0);
    assert!(fs::read_to_string(root.join("report.html")).unwrap().contains("Judged by people"));
    // The same seed draws the same rows.
    fs::remove_file(root.join("decisions/inspections/may.toml")).unwrap();
    expect(&root, &["inspect", "draw", "raw.orders", "--size", "20", "--by", "city", "--name", "may"], 0);
    let rows_of = |text: &str| text.lines().filter(|l| l.starts_with("id = ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows_of(&first), rows_of(&text_of()));
    // The workspace is read as before, and its runs are not disturbed.
    expect(&root, &["run"], 0);
}
