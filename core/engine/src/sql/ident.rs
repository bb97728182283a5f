//! Quoting: the only way a name or a value gets into SQL text.

use trommel_model::TableName;

/// A name as SQL, always quoted: `total` → `"total"`, `a"b` → `"a""b"`.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name as SQL: `"layer"."table"`.
pub fn qualified(name: &TableName) -> String {
    format!("{}.{}", ident(&name.layer), ident(&name.table))
}

/// A text value as SQL: `it's` → `'it''s'`.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(ident("a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(qualified(&TableName::new("raw", "or\"ders")), "\"raw\".\"or\"\"ders\"");
    }
}
