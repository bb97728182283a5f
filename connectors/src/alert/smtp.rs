//! The mail protocol (RFC 5321), as far as handing one message over needs it: greeting, encryption, login, message.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;

use trommel_model::{Cancel, Code, Outcome, Problem};

use super::mail::base64;
use super::net::{Wire, broken, connect, encrypt};
use crate::layers::Secret;

/// Bytes of an answer, and lines of one, that are looked at.
const LINE: u64 = 2_048;
const LINES: usize = 100;

/// A mail server.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<Login>,
    pub ca: Option<PathBuf>,
}

/// When a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    FromTheStart,
    /// After the greeting, and not at all is not an answer.
    AfterGreeting,
    /// Only where the authority of its certificate is named: on this very machine nobody listens in.
    OnThisMachine,
}

/// Who logs in.
pub(super) struct Login {
    pub user: String,
    pub password: Secret,
}

/// A conversation with the server.
struct Talk<'s> {
    server: &'s Server,
    wire: Option<BufReader<Wire>>,
}

/// What the server said: a number, and the lines behind it.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

/// Hands one message over.
pub(super) fn send(server: &Server, from: &str, to: &[String], mail: &str, cancel: &Cancel) -> Outcome<()> {
    let stream = connect(&server.host, server.port, cancel)?;
    let wire = match server.security {
        Security::FromTheStart => encrypt(stream, &server.host, server.ca.as_deref())?,
        Security::AfterGreeting | Security::OnThisMachine => Wire::Plain(stream),
    };
    let mut talk = Talk { server, wire: Some(BufReader::new(wire)) };
    talk.expect("its greeting", 220)?;
    let mut offers = talk.hello()?;
    if server.security != Security::FromTheStart && talk.upgrade(&offers)? {
        offers = talk.hello()?;
    }
    if let Some(login) = &server.login {
        talk.log_in(login, &offers)?;
    }
    cancel.check()?;
    talk.say(&format!("MAIL FROM:<{from}>"), "the sender", 250)?;
    for mailbox in to {
        talk.say(&format!("RCPT TO:<{mailbox}>"), mailbox, 250)?;
    }
    talk.say("DATA", "the message", 354)?;
    talk.write(mail)?;
    talk.say(".", "the message", 250)?;
    // The message is handed over; how the server says goodbye changes nothing.
    let _ = talk.say("QUIT", "goodbye", 221);
    Ok(())
}

impl Talk<'_> {
    /// Greets, and hears what the server offers.
    fn hello(&mut self) -> Outcome<Vec<String>> {
        let reply = self.say("EHLO localhost", "our greeting", 250)?;
        Ok(reply.lines.iter().skip(1).map(|l| l.to_ascii_uppercase()).collect())
    }

    /// Encrypts the connection; false when it need not be.
    fn upgrade(&mut self, offers: &[String]) -> Outcome<bool> {
        if self.server.security == Security::OnThisMachine && self.server.ca.is_none() {
            return Ok(false);
        }
        if !offers.iter().any(|o| o == "STARTTLS") {
            return Err(Problem::new(Code::Connection, format!("{} does not encrypt", self.server.host))
                .why("it does not offer STARTTLS")
                .next("use smtps:// with the port that is encrypted from the start, usually 465"));
        }
        self.say("STARTTLS", "encryption", 220)?;
        // What was sent before the encryption is not to be taken for an answer behind it.
        match self.wire.take().map(|reader| (reader.buffer().is_empty(), reader.into_inner())) {
            Some((true, Wire::Plain(stream))) => {
                let stream: TcpStream = stream;
                self.wire = Some(BufReader::new(encrypt(stream, &self.server.host, self.server.ca.as_deref())?));
                Ok(true)
            }
            _ => Err(Problem::new(Code::Connection, format!("{} says more than it was asked before it encrypts", self.server.host))),
        }
    }

    fn log_in(&mut self, login: &Login, offers: &[String]) -> Outcome<()> {
        let offered = |way: &str| offers.iter().any(|o| o.starts_with("AUTH") && o.split([' ', '=']).any(|w| w == way));
        let secret = |text: String| Secret::new(base64(text.as_bytes()));
        if offered("PLAIN") || !offered("LOGIN") {
            let coded = secret(format!("\0{}\0{}", login.user, login.password.reveal()));
            self.write(&format!("AUTH PLAIN {}\r\n", coded.reveal()))?;
        } else {
            self.say("AUTH LOGIN", "the login", 334)?;
            self.write(&format!("{}\r\n", base64(login.user.as_bytes())))?;
            self.expect("the login", 334)?;
            let coded = secret(login.password.reveal().to_owned());
            self.write(&format!("{}\r\n", coded.reveal()))?;
        }
        self.expect("the login", 235).map(drop).map_err(|p| if p.code == Code::Denied { p.next("check user and password") } else { p })
    }

    fn say(&mut self, command: &str, about: &str, expected: u16) -> Outcome<Reply> {
        self.write(&format!("{command}\r\n"))?;
        self.expect(about, expected)
    }

    fn write(&mut self, text: &str) -> Outcome<()> {
        let host = self.server.host.clone();
        let gone = || Problem::new(Code::Connection, format!("the connection with {host} broke"));
        let wire = self.wire.as_mut().ok_or_else(gone)?.get_mut();
        wire.write_all(text.as_bytes()).and_then(|()| wire.flush()).map_err(|e| broken(&host, &e))
    }

    /// The next answer, which has to be of this number; of 250 also 251 and 252.
    fn expect(&mut self, about: &str, expected: u16) -> Outcome<Reply> {
        let reply = self.reply()?;
        if reply.code == expected || (expected == 250 && (251..=252).contains(&reply.code)) {
            return Ok(reply);
        }
        let said: String = trommel_model::sanitise(&reply.lines.join(" ")).chars().take(200).collect();
        // What fails with 4xx may go later, with 5xx it never will.
        let code = if (400..500).contains(&reply.code) { Code::Connection } else { Code::Denied };
        Err(Problem::new(code, format!("{} does not take {about}", self.server.host)).why(format!("{} {said}", reply.code)))
    }

    fn reply(&mut self) -> Outcome<Reply> {
        let host = self.server.host.clone();
        let strange =
            |what: &str| Problem::new(Code::Connection, format!("{host} does not answer as a mail server does")).why(what.to_owned());
        let wire = self.wire.as_mut().ok_or_else(|| strange("it is gone"))?;
        let mut reply = Reply { code: 0, lines: Vec::new() };
        loop {
            let mut line = Vec::new();
            std::io::Read::take(&mut *wire, LINE).read_until(b'\n', &mut line).map_err(|e| broken(&host, &e))?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let code = line
                .get(..3)
                .and_then(|c| c.parse().ok())
                .ok_or_else(|| strange(if line.is_empty() { "it says nothing" } else { "no number" }))?;
            reply.code = code;
            reply.lines.push(line.get(4..).unwrap_or_default().to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(reply);
            }
            if reply.lines.len() >= LINES {
                return Err(strange("it does not stop"));
            }
        }
    }
}
