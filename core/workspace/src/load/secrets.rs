//! Secrets are never text in a workspace. Looked at before anything else, so that no message shows one.

use toml::de::{DeTable, DeValue};
use trommel_model::{Code, Outcome, Problem};

use super::text::TextFile;

/// What a person does instead.
const NEXT: &str = "remove it, change it where it was used, and say where it is: password = { env = \"NAME\" }, { file = \"path\" }, { age = \"path\" }, { credential = \"name\" } or { keyring = \"name\" }";

/// Refuses a file with a password in one of its connections or alerts. The message has no part of the text.
pub(super) fn refuse(file: &TextFile) -> Outcome<()> {
    // What is not TOML is refused by who reads it.
    let Ok(root) = DeTable::parse(&file.toml) else { return Ok(()) };
    let lists = ["connections", "alerts"].into_iter().filter_map(|list| match root.get_ref().get(list)?.get_ref() {
        DeValue::Array(items) => Some(items),
        _ => None,
    });
    for item in lists.flatten() {
        let DeValue::Table(table) = item.get_ref() else { continue };
        for (key, value) in table {
            let written = match (key.get_ref().as_ref(), value.get_ref()) {
                ("password", DeValue::String(_)) => true,
                (_, DeValue::String(text)) => has_password(text),
                _ => false,
            };
            if written {
                let line = file.text.get(..value.span().start).map_or(1, |before| before.matches('\n').count() + 1);
                return Err(Problem::new(Code::BadConfig, "a password is written in the workspace")
                    .in_file(&file.path)
                    .at_line(line as u64)
                    .why("files of a workspace are shared and kept")
                    .next(NEXT));
            }
        }
    }
    Ok(())
}

/// True for a URL with a password: `scheme://user:password@host`, or one among its options.
fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let (before, options) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = before.rsplit_once('@').map(|(user, _)| user);
    authority.is_some_and(|user| user.contains(':')) || options.split('&').any(|o| o.to_ascii_lowercase().starts_with("password="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls_are_seen() {
        for (url, expected) in [
            ("postgres://ann:s3cret@db:5432/shop", true),
            ("postgres://ann:s3@cret/@db/shop", true),
            ("mysql://db/shop?user=ann&password=x", true),
            ("mysql://db/shop?Password=x", true),
            ("postgres://ann@db:5432/shop", false),
            ("postgres://db:5432/shop", false),
            ("data/2024:01", false),
        ] {
            assert_eq!(has_password(url), expected, "{url}");
        }
    }
}
