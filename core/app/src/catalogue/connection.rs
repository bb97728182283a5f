//! What can be said of how a system is reached, what it makes, and what it was made of.

use trommel_model::{Address, Code, ConnectionKind, ConnectionSpec, Existing, NewConnection, Outcome, Problem, Reference, Tls};

use super::{Argument, Input, Values};

const KINDS: &[(&str, ConnectionKind)] = &[
    ("postgres", ConnectionKind::Postgres),
    ("mysql", ConnectionKind::Mysql),
    ("sqlite", ConnectionKind::Sqlite),
    ("folder", ConnectionKind::Folder),
];
const KIND_NAMES: &[&str] = &["postgres", "mysql", "sqlite", "folder"];
const TLS: &[(&str, Tls)] = &[("verify-full", Tls::VerifyFull), ("verify-ca", Tls::VerifyCa), ("off", Tls::Off)];

/// How a system is reached.
pub(super) const CONNECTION: &[Argument] = &[
    Argument::required("connection", Input::Text, "shop", "The name sources use"),
    Argument::option("kind", Input::OneOf(KIND_NAMES), "postgres", "What kind of system it is"),
    Argument::option("path", Input::Path, "data", "The folder, or the SQLite file"),
    Argument::option("host", Input::Text, "db.example.org", "The server, or the folder of its socket"),
    Argument::option("port", Input::Number, "5432", "Its port; by default that of its kind"),
    Argument::option("database", Input::Text, "shop", "The database"),
    Argument::option("user", Input::Text, "ann", "Who is asking"),
    Argument::option(
        "password",
        Input::Text,
        "env:SHOP_PASSWORD",
        "Where the password is: env:NAME, file:PATH, age:PATH, credential:NAME or keyring:NAME; never the password",
    ),
    Argument::flag("password-stdin", "Ask for the password, or read it from standard input, and keep it outside of the workspace"),
    Argument::option(
        "url",
        Input::Text,
        "env:DATABASE_URL",
        "Instead of host to user: where a whole URL is, env:NAME, file:PATH, age:PATH, credential:NAME or keyring:NAME",
    ),
    Argument::option("tls", Input::OneOf(&["verify-full", "verify-ca", "off"]), "verify-full", "How far the server has to prove who it is"),
    Argument::option("ca", Input::Path, "ca.pem", "The authority that signed its certificate"),
    Argument::option("statement-timeout", Input::Number, "60", "Seconds after which the server gives a statement up"),
    Argument::option("rows-per-second", Input::Number, "50000", "Rows read a second at most"),
];

/// The connection that the arguments make.
pub(crate) fn connection(values: &Values, existing: Existing) -> Outcome<NewConnection> {
    let name = values.required("connection")?;
    let kind = values
        .one_of("kind", KINDS)?
        .ok_or_else(|| Problem::new(Code::Usage, "kind is missing").next(format!("add --kind {}", KIND_NAMES.join(", or --kind "))))?;
    let mut spec = ConnectionSpec { kind, ..ConnectionSpec::folder(&name, values.get("path").unwrap_or_default()) };
    if kind.is_server() {
        spec.url = Some(match values.get("url") {
            Some(text) => Address::Reference(reference("url", text)?),
            None => Address::Text(url(kind, values)?),
        });
    }
    spec.password = values.get("password").map(|text| reference("password", text)).transpose()?;
    spec.tls = values.one_of("tls", TLS)?;
    spec.ca = values.get("ca").map(str::to_owned);
    spec.statement_timeout_s = values.number("statement-timeout")?;
    spec.rows_per_s = values.number("rows-per-second")?;
    Ok(NewConnection { spec, existing, password: None })
}

/// What the arguments of a connection were, for a form that changes it.
pub(crate) fn values_of(spec: &ConnectionSpec) -> Values {
    let mut values = Values::default();
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            values.set(name, &value);
        }
    };
    say("connection", Some(spec.name.clone()));
    say("kind", Some(spec.kind.name().to_owned()));
    say("path", Some(spec.path.clone()));
    match &spec.url {
        Some(Address::Reference(reference)) => say("url", Some(reference.said())),
        Some(Address::Text(url)) => {
            for (name, value) in parts(url) {
                say(name, value);
            }
        }
        None => {}
    }
    say("password", spec.password.as_ref().map(Reference::said));
    say("tls", spec.tls.and_then(|tls| TLS.iter().find(|(_, t)| *t == tls)).map(|(word, _)| (*word).to_owned()));
    say("ca", spec.ca.clone());
    say("statement-timeout", spec.statement_timeout_s.map(|n| n.to_string()));
    say("rows-per-second", spec.rows_per_s.map(|n| n.to_string()));
    values
}

/// What a connection is, with what is said of it now in its place: what is not said stays.
pub(crate) fn changed(spec: &ConnectionSpec, said: &Values) -> Values {
    const PARTS: [&str; 4] = ["host", "port", "database", "user"];
    let mut values = if said.get("kind").is_some_and(|kind| kind != spec.kind.name()) {
        // Of another kind of system, nothing is known yet.
        Values::default()
    } else {
        values_of(spec)
    };
    // A whole URL and its parts say the same thing.
    if said.get("url").is_some() {
        for part in PARTS {
            values.set(part, "");
        }
    } else if said.names().any(|name| PARTS.contains(&name)) {
        values.set("url", "");
    }
    if said.flag("password-stdin") {
        values.set("password", "");
    }
    values.take_over(said);
    values
}

/// A URL, or where one is; a password in it must not be said.
pub(super) fn address(name: &str, text: &str) -> Outcome<Address> {
    let Some((_, rest)) = text.split_once("://") else { return reference(name, text).map(Address::Reference) };
    let login = rest.split(['/', '?']).next().and_then(|authority| authority.rsplit_once('@')).map(|(login, _)| login);
    if login.is_some_and(|login| login.contains(':')) || rest.to_ascii_lowercase().contains("password=") {
        return Err(Problem::new(Code::Usage, format!("{name} has a password in it"))
            .why("what stands on a command line can be seen by everybody on the machine, and is kept")
            .next("put the URL into a variable and write env:NAME"));
    }
    Ok(Address::Text(text.to_owned()))
}

/// Where a secret is, as it is said on a command line. What it is instead is never repeated.
fn reference(name: &str, text: &str) -> Outcome<Reference> {
    let found = text.split_once(':').filter(|(_, rest)| !rest.is_empty()).and_then(|(kind, rest)| Reference::of(kind, rest));
    found.ok_or_else(|| {
        Problem::new(Code::Usage, format!("{name} does not say where it is"))
            .why("secrets are never said, neither on a command line nor in a file of the workspace")
            .next("write env:NAME, file:PATH, age:PATH, credential:NAME or keyring:NAME")
    })
}

/// `postgres://user@host:port/database` of the parts that were said.
fn url(kind: ConnectionKind, values: &Values) -> Outcome<String> {
    let host = values
        .get("host")
        .ok_or_else(|| Problem::new(Code::Usage, "host is missing").next("add --host NAME, or --url env:DATABASE_URL"))?;
    let user = values.get("user").map(|u| format!("{}@", escaped(u))).unwrap_or_default();
    let port = values.number::<u16>("port")?.map(|p| format!(":{p}")).unwrap_or_default();
    let database = values.get("database").map(escaped).unwrap_or_default();
    // A path is the folder of a socket on this machine.
    Ok(if host.starts_with('/') {
        format!("{}://{user}{port}/{database}?host={}", kind.name(), escaped(host).replace("%2F", "/"))
    } else {
        let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        format!("{}://{user}{host}{port}/{database}", kind.name())
    })
}

/// The parts of a URL without a password, by the names of their arguments.
fn parts(url: &str) -> [(&'static str, Option<String>); 4] {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.rsplit_once('/').unwrap_or((rest, ""));
    let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    let socket = options.split('&').find_map(|o| o.strip_prefix("host=").or_else(|| o.strip_prefix("socket=")));
    [
        ("host", Some(plain(socket.unwrap_or(host)))),
        ("port", port.map(plain)),
        ("database", Some(plain(database))),
        ("user", user.map(plain)),
    ]
}

/// A text as it may stand in a URL.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The text behind `%41` and its like.
fn plain(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(byte) = digits.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        let mut values = Values::default();
        for (name, value) in pairs {
            values.push(name, *value);
        }
        values
    }

    #[test]
    fn what_is_not_said_of_a_connection_stays() {
        let before =
            [("connection", "a"), ("kind", "postgres"), ("host", "db"), ("user", "ann"), ("password", "env:PW"), ("tls", "verify-ca")];
        let spec = connection(&values(&before), Existing::Refuse).unwrap().spec;
        let with = |said: &[(&str, &str)]| connection(&changed(&spec, &values(said)), Existing::Replace).unwrap().spec;
        let moved = with(&[("connection", "a"), ("host", "db2")]);
        assert_eq!(moved.url, Some(Address::Text("postgres://ann@db2/".to_owned())));
        assert_eq!((moved.password, moved.tls), (spec.password.clone(), spec.tls));
        let whole = with(&[("connection", "a"), ("url", "env:DATABASE_URL")]);
        assert_eq!(whole.url, Some(Address::Reference(Reference::Env("DATABASE_URL".to_owned()))));
        let other = with(&[("connection", "a"), ("kind", "sqlite"), ("path", "x.db")]);
        assert_eq!((other.kind, other.url, other.password), (ConnectionKind::Sqlite, None, None));
        let typed = with(&[("connection", "a"), ("password-stdin", "true")]);
        assert_eq!((typed.url, typed.password), (spec.url.clone(), None));
    }

    #[test]
    fn what_is_said_of_a_connection_comes_back_from_it() {
        let cases: [&[(&str, &str)]; 4] = [
            &[
                ("connection", "a"),
                ("kind", "postgres"),
                ("host", "db.example"),
                ("port", "5433"),
                ("database", "s p/x"),
                ("user", "ann@x"),
                ("password", "env:PW"),
                ("tls", "verify-ca"),
            ],
            &[("connection", "b"), ("kind", "mysql"), ("host", "/run/my sql"), ("user", "ann")],
            &[("connection", "c"), ("kind", "sqlite"), ("path", "data/shop.db")],
            &[("connection", "d"), ("kind", "postgres"), ("url", "file:secrets/url"), ("rows-per-second", "5000")],
        ];
        for case in cases {
            let said = values(case);
            let made = connection(&said, Existing::Refuse).unwrap();
            assert_eq!(values_of(&made.spec), said, "{made:?}");
        }
    }

    #[test]
    fn a_secret_said_is_refused_and_not_repeated() {
        for name in ["password", "url"] {
            let said = values(&[("connection", "a"), ("kind", "postgres"), ("host", "db"), (name, "canary-7f3a")]);
            let problem = connection(&said, Existing::Refuse).unwrap_err();
            assert!(!format!("{problem:?}").contains("canary"), "{problem:?}");
        }
    }

    #[test]
    fn a_url_with_a_password_is_refused_and_not_repeated() {
        for (text, fits) in [
            ("postgres://ann@db/shop", true),
            ("postgres://db:5432/shop", true),
            ("env:URL", true),
            ("postgres://ann:canary@db/shop", false),
            ("mysql://db/shop?password=canary", false),
            ("canary", false),
        ] {
            let made = address("postgres", text);
            assert_eq!(made.is_ok(), fits, "{text}");
            assert!(!format!("{:?}", made.err()).contains("canary"));
        }
    }
}
