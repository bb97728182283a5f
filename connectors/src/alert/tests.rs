//! Alerts to real servers on this machine that a test starts: they take, refuse, keep silent and lie.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;

use trommel_model::{Address, AlertKind, AlertMessage, AlertOn, AlertShape, AlertSpec, Cancel, Code, Outcome, Reference, Severity};

use super::deliver;

fn message() -> AlertMessage {
    AlertMessage {
        title: "[shop] 2 checks failed <größer>".to_owned(),
        lines: vec!["✗ mart.quotes not_null(email): 3 of 10 rows break it".to_owned(), ".".to_owned(), "a & b".to_owned()],
        workspace: "shop".to_owned(),
        environment: "dev".to_owned(),
        run: Some("20260131-093000-k3f9".to_owned()),
        at: "2026-01-31T09:30:00Z".to_owned(),
    }
}

fn spec(kind: AlertKind) -> AlertSpec {
    AlertSpec {
        name: "ops".to_owned(),
        kind,
        on: vec![AlertOn::FailedChecks],
        severity: Severity::Warning,
        environment: None,
        server: None,
        password: None,
        from: "trommel@example.org".to_owned(),
        to: vec!["ann@example.org".to_owned(), "bob@example.org".to_owned()],
        url: None,
        shape: AlertShape::Json,
        ca: None,
    }
}

fn send(spec: &AlertSpec) -> Outcome<()> {
    deliver(Path::new("/nowhere"), spec, &message(), &Cancel::new())
}

/// A server that answers each of so many connections by a function; what it heard comes back.
fn serve(times: usize, answer: impl Fn(usize, &mut TcpStream) -> String + Send + 'static) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, std::thread::spawn(move || (0..times).map(|time| answer(time, &mut listener.accept().unwrap().0)).collect()))
}

/// Reads a request whole and answers it.
fn web(stream: &mut TcpStream, reply: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        head.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(reply.as_bytes()).unwrap();
    head + &String::from_utf8(body).unwrap()
}

#[test]
fn a_webhook_gets_the_message_in_the_shape_it_takes() {
    for (shape, expected) in [
        (AlertShape::Json, "\"run\":\"20260131-093000-k3f9\""),
        (
            AlertShape::Slack,
            "{\"text\":\"*[shop] 2 checks failed &lt;größer&gt;*\\n✗ mart.quotes not_null(email): 3 of 10 rows break it\\n.\\na &amp; b\"}",
        ),
        (AlertShape::Teams, "\"contentType\":\"application/vnd.microsoft.card.adaptive\""),
    ] {
        let (port, server) = serve(1, |_, s| web(s, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        let spec = AlertSpec { url: Some(Address::Text(format!("http://127.0.0.1:{port}/hook?x=1"))), shape, ..spec(AlertKind::Webhook) };
        send(&spec).unwrap();
        let heard = server.join().unwrap().remove(0);
        assert!(heard.starts_with("POST /hook?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"), "{heard}");
        assert!(heard.contains(expected), "{heard}");
    }
}

#[test]
fn what_is_busy_is_asked_again_and_what_refuses_is_not() {
    let (port, server) =
        serve(2, |time, s| web(s, if time == 0 { "HTTP/1.1 503 Busy\r\n\r\n" } else { "HTTP/1.1 204 No Content\r\n\r\n" }));
    let at = |port: u16| AlertSpec { url: Some(Address::Text(format!("http://localhost:{port}"))), ..spec(AlertKind::Webhook) };
    send(&at(port)).unwrap();
    assert_eq!(server.join().unwrap().len(), 2);
    for (reply, code, words) in [
        ("HTTP/1.1 404 Not Found\r\n\r\nno_team\u{1b}[31m", Code::Denied, "no_team"),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", Code::BadConfig, "elsewhere"),
    ] {
        let (port, server) = serve(1, move |_, s| web(s, reply));
        let problem = send(&at(port)).unwrap_err();
        assert_eq!(problem.code, code);
        let said = format!("{problem} {}", problem.why.clone().unwrap_or_default());
        assert!(said.contains(words) && !said.contains('\u{1b}'), "{said}");
        server.join().unwrap();
    }
    // Three tries, none of them answered as the web does.
    let (port, server) = serve(3, |_, s| web(s, "220 mail.example.org ESMTP\r\n"));
    assert_eq!(send(&at(port)).unwrap_err().code, Code::Connection);
    server.join().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let problem = send(&at(nobody)).unwrap_err();
    assert_eq!(problem.code, Code::Connection, "{problem:?}");
}

#[test]
fn an_address_that_is_none_is_told_and_a_secret_one_is_not_shown() {
    for (url, words) in [
        ("http://example.org/x", "this very machine only"),
        ("ftp://example.org/x", "does not begin with https://"),
        ("https://ann:canary-7f3a@example.org/x", "password"),
        ("https://", "names no host"),
        ("https://example.org:x/", "port"),
        ("https://example.org/canary 7f3a", "blank"),
    ] {
        let problem = send(&AlertSpec { url: Some(Address::Text(url.to_owned())), ..spec(AlertKind::Webhook) }).unwrap_err();
        assert_eq!(problem.code, Code::BadConfig, "{url}");
        assert!(problem.why.as_ref().is_some_and(|w| w.contains(words)), "{url}: {problem:?}");
        assert!(!format!("{problem:?}").contains("canary"), "{problem:?}");
    }
    let unset = AlertSpec { url: Some(Address::Reference(Reference::Env("TROMMEL_NO_SUCH_HOOK".to_owned()))), ..spec(AlertKind::Webhook) };
    assert_eq!(send(&unset).unwrap_err().code, Code::Denied);
}

/// A mail server that knows these offers, asks for this login and answers the recipients so.
fn mail_server(stream: &mut TcpStream, offers: &str, recipient: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut heard = String::new();
    let mut say = |text: &str| stream.write_all(text.as_bytes());
    say("220-mail.example.org\r\n220 ready\r\n").unwrap();
    let (mut in_data, mut line) = (false, String::new());
    let mut waiting_for = 0;
    while reader.read_line(&mut line).unwrap_or(0) > 0 {
        heard.push_str(&line);
        let said = line.trim_end().to_owned();
        line.clear();
        let reply = match said.as_str() {
            "." if in_data => {
                in_data = false;
                "250 queued\r\n".to_owned()
            }
            _ if in_data => continue,
            _ if waiting_for > 0 => {
                waiting_for -= 1;
                if waiting_for == 0 { "235 in\r\n".to_owned() } else { "334 UGFzc3dvcmQ6\r\n".to_owned() }
            }
            "DATA" => {
                in_data = true;
                "354 go on\r\n".to_owned()
            }
            "AUTH LOGIN" => {
                waiting_for = 2;
                "334 VXNlcm5hbWU6\r\n".to_owned()
            }
            "QUIT" => "221 bye\r\n".to_owned(),
            s if s.starts_with("EHLO") => format!("250-mail.example.org\r\n{offers}250 8BITMIME\r\n"),
            s if s.starts_with("AUTH PLAIN") => if s.contains("AGFubgBjYW5hcnktN2YzYQ==") { "235 in\r\n" } else { "535 no\r\n" }.to_owned(),
            s if s.starts_with("RCPT") => recipient.to_owned(),
            _ => "250 fine\r\n".to_owned(),
        };
        if say(&reply).is_err() || said == "QUIT" {
            break;
        }
    }
    heard
}

fn mail_to(port: u16, password: Option<&Path>) -> AlertSpec {
    let user = if password.is_some() { "ann@" } else { "" };
    AlertSpec {
        server: Some(Address::Text(format!("smtp://{user}127.0.0.1:{port}"))),
        password: password.map(|p| Reference::File(p.display().to_string())),
        ..spec(AlertKind::Mail)
    }
}

#[test]
fn a_mail_is_handed_over_to_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "canary-7f3a\n").unwrap();
    for (offers, login) in [
        ("250-AUTH PLAIN LOGIN\r\n", "AUTH PLAIN AGFubgBjYW5hcnktN2YzYQ=="),
        ("250-AUTH LOGIN\r\n", "AUTH LOGIN\r\nYW5u\r\nY2FuYXJ5LTdmM2E="),
    ] {
        let (port, server) = serve(1, move |_, s| mail_server(s, offers, "250 fine\r\n"));
        send(&mail_to(port, Some(&password))).unwrap();
        let heard = server.join().unwrap().remove(0);
        assert!(heard.contains(login), "{heard}");
        assert!(
            heard.contains("MAIL FROM:<trommel@example.org>\r\nRCPT TO:<ann@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n"),
            "{heard}"
        );
        assert!(heard.contains("To: ann@example.org, bob@example.org\r\nSubject: =?utf-8?B?"), "{heard}");
        assert!(heard.ends_with("\r\n.\r\nQUIT\r\n"), "{heard}");
    }
}

#[test]
fn a_mail_server_that_refuses_is_told_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "canary-wrong\n").unwrap();
    let (port, server) = serve(1, |_, s| mail_server(s, "250-AUTH PLAIN\r\n", "250 fine\r\n"));
    let problem = send(&mail_to(port, Some(&password))).unwrap_err();
    assert_eq!(problem.code, Code::Denied, "{problem:?}");
    assert!(format!("{problem:?}").contains("535") && !format!("{problem:?}").contains("canary"));
    server.join().unwrap();
    let (port, server) = serve(1, |_, s| mail_server(s, "", "550 no such user\r\n"));
    let problem = send(&mail_to(port, None)).unwrap_err();
    assert!(problem.to_string().contains("ann@example.org") && problem.code == Code::Denied, "{problem:?}");
    server.join().unwrap();
    // For now: three times, then it waits for the next run.
    let (port, server) = serve(3, |_, s| mail_server(s, "", "451 try later\r\n"));
    assert_eq!(send(&mail_to(port, None)).unwrap_err().code, Code::Connection);
    assert_eq!(server.join().unwrap().len(), 3);
    let (port, server) = serve(3, |_, s| {
        s.write_all(b"garbage\r\n").unwrap();
        String::new()
    });
    assert_eq!(send(&mail_to(port, None)).unwrap_err().code, Code::Connection);
    server.join().unwrap();
}

#[test]
fn a_server_elsewhere_has_to_encrypt() {
    // Not this very machine by name; nobody is reached, and nothing is sent in the clear.
    let elsewhere = AlertSpec { server: Some(Address::Text("imap://mail.example.org".to_owned())), ..spec(AlertKind::Mail) };
    assert_eq!(send(&elsewhere).unwrap_err().code, Code::BadConfig);
    let bad = AlertSpec { to: vec!["a@x.org\r\nDATA".to_owned()], ..mail_to(1, None) };
    assert_eq!(send(&bad).unwrap_err().code, Code::BadConfig);
    // A certificate that nobody vouches for ends the connection.
    let (port, server) = serve(3, |_, s| {
        let mut hello = [0; 5];
        s.read_exact(&mut hello).unwrap();
        s.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        format!("{:?}", &hello[..2])
    });
    let plain = AlertSpec { url: Some(Address::Text(format!("https://localhost:{port}/"))), ..spec(AlertKind::Webhook) };
    let problem = send(&plain).unwrap_err();
    assert_eq!(problem.code, Code::Connection, "{problem:?}");
    // The first bytes are a handshake, not a request.
    assert_eq!(server.join().unwrap(), vec!["[22, 3]"; 3]);
}
