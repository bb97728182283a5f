//! A mail: one text in UTF-8, sent through the server that the alert names.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use trommel_model::{AlertMessage, AlertSpec, Cancel, Code, Outcome, Problem};

use super::address;
use super::net::Url;
use super::smtp::{Login, Security, Server, send as send_over};
use crate::layers::lookup;

/// Sends a message to everybody it is for.
pub(super) fn send(root: &Path, spec: &AlertSpec, message: &AlertMessage, cancel: &Cancel) -> Outcome<()> {
    let text = address(root, spec, spec.server.as_ref(), "server")?;
    let wrong = |why: &str| {
        Problem::new(Code::BadConfig, format!("the server of the alert \"{}\" is none", spec.name))
            .why(why)
            .next("write smtp://user@host:587 or smtps://user@host:465, without a password")
    };
    let url = Url::of(text.reveal()).map_err(wrong)?;
    let security = match url.scheme.as_str() {
        "smtps" => Security::FromTheStart,
        // On this very machine nobody listens in.
        "smtp" if url.is_loopback() => Security::OnThisMachine,
        "smtp" => Security::AfterGreeting,
        _ => return Err(wrong("it does not begin with smtp:// or smtps://")),
    };
    let login = match (&url.user, &spec.password) {
        (Some(user), Some(reference)) => Some(Login { user: user.replace("%40", "@"), password: lookup(reference, root)? }),
        (None, Some(_)) => return Err(wrong("there is a password and nobody it belongs to")),
        (_, None) => None,
    };
    for mailbox in std::iter::once(&spec.from).chain(&spec.to) {
        if !is_mailbox(mailbox) {
            return Err(Problem::new(Code::BadConfig, format!("\"{mailbox}\" is no mail address")).next("write name@example.org"));
        }
    }
    let port = url.port.unwrap_or(if security == Security::FromTheStart { 465 } else { 587 });
    let server = Server { host: url.host, port, security, login, ca: spec.ca.as_ref().map(|ca| root.join(ca)) };
    send_over(&server, &spec.from, &spec.to, &written(&spec.from, &spec.to, message), cancel)
}

/// True for an address that can stand in a command of the protocol and in a header: nothing in it can end either.
fn is_mailbox(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&b));
    plain
        && text.len() <= 254
        && matches!(text.split_once('@'), Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// The message as RFC 5322 and MIME have it; its body is Base64, in which no line can be taken for an end.
pub(super) fn written(from: &str, to: &[String], message: &AlertMessage) -> String {
    let at = message.at.parse::<jiff::Timestamp>().unwrap_or_else(|_| jiff::Timestamp::now());
    let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let mut body = message.title.clone();
    body.push_str("\r\n\r\n");
    for line in &message.lines {
        body.push_str(line);
        body.push_str("\r\n");
    }
    let domain = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
    let id = hex::encode(Sha256::digest(format!("{}{}{:?}{}", message.at, message.title, message.run, to.join(","))));
    let mut mail = format!(
        "From: {from}\r\nTo: {}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{}@{domain}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        to.join(", "),
        encoded(&message.title),
        &id[..32]
    );
    let coded = base64(body.as_bytes());
    for line in coded.as_bytes().chunks(76) {
        mail.push_str(&String::from_utf8_lossy(line));
        mail.push_str("\r\n");
    }
    mail
}

/// A text in a header: as it is, or in encoded words (RFC 2047) of at most 75 characters.
fn encoded(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.is_ascii() && text.len() <= 200 && !text.contains("=?") {
        return text;
    }
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if word.len() + c.len_utf8() > 42 {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    words.iter().map(|w| format!("=?utf-8?B?{}?=", base64(w.as_bytes()))).collect::<Vec<_>>().join("\r\n ")
}

/// Base64 (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group = three.iter().fold(0_u32, |sum, b| (sum << 8) | u32::from(*b)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = ALPHABET[(group >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_standard_has_them() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn nothing_of_a_message_becomes_a_header() {
        let message = AlertMessage {
            title: "2 checks\r\nBcc: all@example.org größer".to_owned(),
            lines: vec![".".to_owned(), "QUIT".to_owned()],
            at: "2026-01-31T09:30:00Z".to_owned(),
            ..AlertMessage::default()
        };
        let mail = written("a@x.org", &["b@x.org".to_owned()], &message);
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("\r\nBcc"), "{head}");
        assert!(head.contains("Date: Sat, 31 Jan 2026 09:30:00 +0000"), "{head}");
        assert!(head.lines().all(|l| l.len() <= 80 && l.is_ascii()), "{head}");
        assert!(body.lines().all(|l| l.len() <= 76 && !l.starts_with('.')));
        for (mailbox, fine) in
            [("a@x.org", true), ("a@x.org\r\nRCPT TO:<b@x.org>", false), ("a b@x.org", false), ("<a@x.org>", false), ("a", false)]
        {
            assert_eq!(is_mailbox(mailbox), fine, "{mailbox:?}");
        }
    }
}
