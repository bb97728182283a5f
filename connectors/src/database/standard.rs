//! Passwords where the servers' own programs keep them: `~/.pgpass` and `~/.my.cnf`.

use std::path::PathBuf;

use trommel_model::ConnectionKind;

use super::Reach;
use crate::layers::{Secret, private_text};

/// The password the user keeps for a server, if any.
pub(super) fn password(reach: &Reach) -> Option<Secret> {
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    match reach.kind {
        ConnectionKind::Postgres => {
            let path = std::env::var_os("PGPASSFILE").map_or_else(|| home.join(".pgpass"), PathBuf::from);
            of_pgpass(private_text(&path)?.reveal(), reach)
        }
        ConnectionKind::Mysql => of_my_cnf(private_text(&home.join(".my.cnf"))?.reveal()),
        ConnectionKind::Folder | ConnectionKind::Sqlite => None,
    }
}

/// <https://www.postgresql.org/docs/current/libpq-pgpass.html>: `host:port:database:user:password`, `*` for any.
fn of_pgpass(text: &str, reach: &Reach) -> Option<Secret> {
    let port = reach.port.to_string();
    let host = if reach.socket.is_some() { "localhost" } else { &reach.host };
    let wanted = [host, &port, reach.database.as_deref().unwrap_or(&reach.user), &reach.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let (password, place) = fields.split_last().filter(|(_, place)| place.len() == wanted.len())?;
        let fits = place.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| Secret::new(password.clone()))
    })
}

/// The fields of a line; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = out.len() - 1;
        match character {
            '\\' => out[last].extend(characters.next()),
            ':' if out.len() < 5 => out.push(String::new()),
            other => out[last].push(other),
        }
    }
    out
}

/// <https://dev.mysql.com/doc/refman/8.4/en/option-files.html>: `password` of the group `[client]`.
fn of_my_cnf(text: &str) -> Option<Secret> {
    let mut client = false;
    let mut found = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(group) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            client = group == "client";
        } else if let Some((key, value)) = line.split_once('=').filter(|_| client)
            && key.trim() == "password"
        {
            let value = value.trim();
            let bare = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
            found = Some(Secret::new(bare.unwrap_or(value).to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use trommel_model::ConnectionSpec;

    use super::*;

    #[test]
    fn the_line_for_the_server_is_found() {
        let connection = ConnectionSpec::server("c", ConnectionKind::Postgres, "postgres://ann@db/shop");
        let reach = Reach::of(Path::new("/"), &connection).unwrap();
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(of_pgpass(text, &reach).as_ref().map(Secret::reveal), expected, "{text}");
        };
        check("db:5432:shop:ann:one", Some("one"));
        check("# db:5432:shop:ann:no\nother:*:*:*:no\n*:*:*:ann:two", Some("two"));
        check(r"db:5432:shop:ann:a\:b\\c:d", Some(r"a:b\c:d"));
        check("db:5433:shop:ann:no\nshort", None);
    }

    #[test]
    fn the_client_group_of_an_option_file() {
        let text = "[mysqld]\npassword=no\n[client]\nuser=x\n# password=no\npassword = \"s3 cret\"\n[mysql]\npassword=no\n";
        assert_eq!(of_my_cnf(text).as_ref().map(Secret::reveal), Some("s3 cret"));
        assert_eq!(of_my_cnf("password=no"), None);
    }
}
