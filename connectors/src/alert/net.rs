//! A connection to a server that is verified, on which no wait lasts for ever.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use trommel_model::{Cancel, Code, Outcome, Problem};

/// How long connecting may take, to each address of a host.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// Bytes to and from a server.
pub(super) enum Wire {
    Plain(TcpStream),
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub scheme: String,
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    /// What stands behind host and port, with its slash.
    pub path: String,
}

impl Url {
    /// Takes `scheme://user@host:port/path` apart. What is wrong is said without the text, which may be a secret.
    pub(super) fn of(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.bytes().any(|b| b <= b' ' || b == 0x7f) {
            return Err("there is a blank in it");
        }
        let (scheme, rest) = text.split_once("://").ok_or("it has no ://")?;
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let path = path.split('#').next().unwrap_or_default();
        let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user.to_owned()), place));
        if user.as_ref().is_some_and(|u| u.contains(':')) {
            return Err("there is a password in it");
        }
        let (host, port) = match place.rsplit_once(':') {
            // An IPv6 address stands in brackets.
            Some((host, port)) if !place.ends_with(']') => (host, Some(port.parse().map_err(|_| "its port is no number")?)),
            _ => (place, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err("it names no host");
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { scheme: scheme.to_ascii_lowercase(), user, host: host.to_owned(), port, path })
    }

    /// True for this very machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// Connects without encryption.
pub(super) fn connect(host: &str, port: u16, cancel: &Cancel) -> Outcome<TcpStream> {
    let unreachable = |why: String| {
        Problem::new(Code::Connection, format!("{host}:{port} cannot be reached"))
            .why(why)
            .next("check host and port, and whether a firewall is between")
    };
    let addresses = (host, port).to_socket_addrs().map_err(|e| unreachable(e.to_string()))?;
    let mut last = "the host has no address".to_owned();
    for address in addresses {
        cancel.check()?;
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(stream) => {
                let settled = stream.set_read_timeout(Some(ANSWER)).and_then(|()| stream.set_write_timeout(Some(ANSWER)));
                settled.map_err(|e| unreachable(e.to_string()))?;
                return Ok(stream);
            }
            Err(e) => last = e.to_string(),
        }
    }
    Err(unreachable(last))
}

/// Encrypts a connection with a server that proves to be the host.
pub(super) fn encrypt(stream: TcpStream, host: &str, ca: Option<&Path>) -> Outcome<Wire> {
    let failed = |why: String| {
        Problem::new(Code::Connection, format!("no encrypted connection with {host}"))
            .why(why)
            .next("the server has to prove who it is; name the authority of its certificate with ca = \"FILE.pem\"")
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let unreadable = |e: &dyn std::fmt::Display| {
            Problem::new(Code::BadConfig, "the authority's certificate cannot be read").in_file(path).why(e.to_string())
        };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| unreadable(&e))? {
            roots.add(certificate.map_err(|e| unreadable(&e))?).map_err(|e| unreadable(&e))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|e| failed(e.to_string()))?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|e| failed(e.to_string()))?;
    let mut stream = stream;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|e| failed(e.to_string()))?;
    }
    Ok(Wire::Encrypted(Box::new(StreamOwned::new(connection, stream))))
}

/// What becomes of a connection that breaks while it is used.
pub(super) fn broken(host: &str, error: &io::Error) -> Problem {
    let why = match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => format!("no answer in {} s", ANSWER.as_secs()),
        _ => error.to_string(),
    };
    Problem::new(Code::Connection, format!("the connection with {host} broke")).why(why)
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Encrypted(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(buffer),
            Self::Encrypted(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Encrypted(stream) => stream.flush(),
        }
    }
}
