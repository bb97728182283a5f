//! A request to a web address: JSON for programs, for Slack or for Teams.

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use trommel_model::{AlertMessage, AlertShape, AlertSpec, Cancel, Code, Outcome, Problem};

use super::address;
use super::net::{Url, Wire, broken, connect, encrypt};

/// Bytes of an answer that are looked at.
const LOOKED_AT: u64 = 16 * 1024;
/// Characters of an answer that are repeated in a fault.
const REPEATED: usize = 200;

/// Sends the request; anything but 2xx is a fault.
pub(super) fn send(root: &Path, spec: &AlertSpec, message: &AlertMessage, cancel: &Cancel) -> Outcome<()> {
    let text = address(root, spec, spec.url.as_ref(), "url")?;
    let wrong = |why: &str| {
        Problem::new(Code::BadConfig, format!("the url of the alert \"{}\" is none", spec.name))
            .why(why)
            .next("write https://host/path, or where it stands: url = { env = \"NAME\" }")
    };
    let url = Url::of(text.reveal()).map_err(wrong)?;
    let secure = match url.scheme.as_str() {
        "https" => true,
        "http" if url.is_loopback() => false,
        "http" => return Err(wrong("http is for this very machine only: others could read it")),
        _ => return Err(wrong("it does not begin with https://")),
    };
    let body = body(spec.shape, message).to_string();
    let port = url.port.unwrap_or(if secure { 443 } else { 80 });
    let stream = connect(&url.host, port, cancel)?;
    let ca = spec.ca.as_ref().map(|ca| root.join(ca));
    let mut wire = if secure { encrypt(stream, &url.host, ca.as_deref())? } else { Wire::Plain(stream) };
    let host = match (url.host.contains(':'), url.port) {
        (true, Some(port)) => format!("[{}]:{port}", url.host),
        (true, None) => format!("[{}]", url.host),
        (false, Some(port)) => format!("{}:{port}", url.host),
        (false, None) => url.host.clone(),
    };
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Trommel/{}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        url.path,
        env!("CARGO_PKG_VERSION"),
        body.len()
    );
    let failed = |e: std::io::Error| broken(&url.host, &e);
    wire.write_all(request.as_bytes()).and_then(|()| wire.flush()).map_err(failed)?;
    answered(&url.host, &answer(&mut wire).map_err(failed)?)
}

/// The beginning of the answer. A server that says no more than it has to may end without closing as it should.
fn answer(wire: &mut Wire) -> std::io::Result<Vec<u8>> {
    let mut found = Vec::new();
    let mut buffer = [0; 2_048];
    loop {
        match wire.read(&mut buffer) {
            Ok(0) => return Ok(found),
            Ok(n) => found.extend_from_slice(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            // What came says whether it was taken.
            Err(_) if head_is_whole(&found) => return Ok(found),
            Err(e) => return Err(e),
        }
        if found.len() as u64 >= LOOKED_AT || (head_is_whole(&found) && status(&found).is_some_and(|s| (200..300).contains(&s))) {
            return Ok(found);
        }
    }
}

fn head_is_whole(answer: &[u8]) -> bool {
    answer.windows(4).any(|w| w == b"\r\n\r\n")
}

/// `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
    let line = String::from_utf8_lossy(answer.split(|b| *b == b'\n').next()?).into_owned();
    let mut words = line.split_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/"))?;
    words.next()?.parse().ok()
}

fn answered(host: &str, answer: &[u8]) -> Outcome<()> {
    let said = || {
        let text = String::from_utf8_lossy(answer).into_owned();
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim().to_owned();
        trommel_model::sanitise(&body).chars().take(REPEATED).collect::<String>()
    };
    match status(answer) {
        None => Err(Problem::new(Code::Connection, format!("{host} does not answer as a web server does"))),
        Some(200..=299) => Ok(()),
        Some(code @ 300..=399) => Err(Problem::new(Code::BadConfig, format!("{host} answers {code}: it is elsewhere"))
            .why("where a message goes is not left to a server")
            .next("write the address it is at now")),
        // Busy, or broken for a while.
        Some(code @ (408 | 425 | 429 | 500..=599)) => Err(Problem::new(Code::Connection, format!("{host} answers {code}")).why(said())),
        Some(code) => Err(Problem::new(Code::Denied, format!("{host} answers {code}"))
            .why(said())
            .next("check the address: it may have been withdrawn")),
    }
}

/// What is sent.
pub(super) fn body(shape: AlertShape, message: &AlertMessage) -> Value {
    match shape {
        AlertShape::Json => json!({
            "title": message.title,
            "lines": message.lines,
            "workspace": message.workspace,
            "environment": message.environment,
            "run": message.run,
            "at": message.at,
        }),
        AlertShape::Slack => {
            // <https://api.slack.com/reference/surfaces/formatting#escaping>
            let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let mut text = format!("*{}*", escape(&message.title));
            for line in &message.lines {
                text.push('\n');
                text.push_str(&escape(line));
            }
            json!({ "text": text })
        }
        AlertShape::Teams => {
            let block = |text: &str, weight: &str| json!({ "type": "TextBlock", "text": text, "wrap": true, "weight": weight });
            let mut blocks = vec![block(&message.title, "Bolder")];
            blocks.extend(message.lines.iter().filter(|l| !l.is_empty()).map(|line| block(line, "Default")));
            json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": blocks,
                    },
                }],
            })
        }
    }
}
