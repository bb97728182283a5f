//! What each type of PostgreSQL becomes, and how it is asked for.

use super::config::ident;
use crate::values::Kind;

/// How values of a column come over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// One byte.
    Boolean,
    /// Two, four or eight bytes.
    Integer,
    /// Four bytes without a sign.
    Oid,
    /// Four or eight bytes.
    Float,
    /// Digits to the base 10,000.
    Numeric,
    /// UTF-8.
    Text,
    /// A version byte, then UTF-8.
    Jsonb,
    /// As they are.
    Bytes,
    /// Days since 2000.
    Date,
    /// Microseconds since midnight.
    Time,
    /// Microseconds since 2000.
    Timestamp,
    /// Sixteen bytes.
    Uuid,
}

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Becomes {
    /// How it comes.
    pub wire: Wire,
    /// What it is in a table; `None` is bytes.
    pub kind: Option<Kind>,
    /// How it stands in the SELECT.
    pub asked: String,
}

/// What the database knows of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its type, domains opened.
    pub oid: u32,
    /// What the type was declared with; -1 for nothing.
    pub modifier: i32,
    /// The type's name, for people.
    pub data_type: String,
    /// The kind of type: `b` base, `e` enum, `c` composite, `r` range, `m` multirange.
    pub class: char,
    /// Its category, `A` for arrays. <https://www.postgresql.org/docs/current/catalog-pg-type.html>
    pub category: char,
}

/// What a column of a known type becomes; `None` for types that have no place in a table. An unbounded `numeric`
/// becomes `bounded`, which was found by looking at its values.
pub fn becomes(column: &Declared, bounded: Option<Kind>) -> Option<Becomes> {
    let name = ident(&column.name);
    let plain = |wire, kind| Some(Becomes { wire, kind: Some(kind), asked: name.clone() });
    let text = |asked: String| Some(Becomes { wire: Wire::Text, kind: Some(Kind::Text), asked: format!("{asked} AS {name}") });
    match column.oid {
        16 => plain(Wire::Boolean, Kind::Boolean),
        20 | 21 | 23 => plain(Wire::Integer, Kind::Integer),
        26 => plain(Wire::Oid, Kind::Integer),
        700 | 701 => plain(Wire::Float, Kind::Float),
        1700 => match numeric_of(column.modifier).or(bounded) {
            Some(kind @ Kind::Decimal(..)) => plain(Wire::Numeric, kind),
            _ => text(format!("{name}::text")),
        },
        // "char", name, text, json, varchar, bpchar: their bytes are their text.
        18 | 19 | 25 | 114 | 1042 | 1043 => plain(Wire::Text, Kind::Text),
        3802 => plain(Wire::Jsonb, Kind::Text),
        17 => Some(Becomes { wire: Wire::Bytes, kind: None, asked: name }),
        1082 => plain(Wire::Date, Kind::Date),
        1083 => plain(Wire::Time, Kind::Time),
        1114 => plain(Wire::Timestamp, Kind::Timestamp),
        1184 => plain(Wire::Timestamp, Kind::Instant),
        2950 => plain(Wire::Uuid, Kind::Text),
        _ if column.category == 'A' => text(format!("array_to_json({name})::text")),
        _ if matches!(column.class, 'e' | 'r' | 'm' | 'c') => text(format!("{name}::text")),
        _ if has_text(&column.data_type) => text(format!("{name}::text")),
        _ => None,
    }
}

/// The decimal that `numeric(p,s)` is; `None` when it has no bounds, or larger ones than a decimal has.
pub fn numeric_of(modifier: i32) -> Option<Kind> {
    let packed = u32::try_from(modifier.checked_sub(4)?).ok()?;
    let (precision, scale) = (packed >> 16, packed & 0x7FF);
    // Eleven bits with a sign since PostgreSQL 15.
    let scale = if scale >= 0x400 { return None } else { scale };
    (1..=38).contains(&precision).then_some(())?;
    let scale = u8::try_from(scale).ok().filter(|s| u32::from(*s) <= precision)?;
    Some(Kind::Decimal(precision as u8, scale))
}

/// Types whose text is all there is to know of them.
fn has_text(data_type: &str) -> bool {
    let bare = data_type.split('(').next().unwrap_or_default().trim();
    matches!(
        bare,
        "interval"
            | "money"
            | "inet"
            | "cidr"
            | "macaddr"
            | "macaddr8"
            | "bit"
            | "bit varying"
            | "xml"
            | "hstore"
            | "citext"
            | "ltree"
            | "tsvector"
            | "tsquery"
            | "point"
            | "line"
            | "lseg"
            | "box"
            | "path"
            | "polygon"
            | "circle"
            | "jsonpath"
            | "pg_lsn"
            | "tid"
            | "xid"
            | "cid"
            | "txid_snapshot"
            | "pg_snapshot"
            | "regclass"
            | "regtype"
            | "regproc"
            | "oidvector"
            | "int2vector"
    ) || bare.starts_with("time with time zone")
        || data_type.starts_with("time(") && data_type.ends_with("with time zone")
        || data_type.starts_with("interval")
        || bare.ends_with(".hstore")
        || bare.ends_with(".citext")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(oid: u32, modifier: i32, data_type: &str, class: char, category: char) -> Declared {
        Declared { name: "c".to_owned(), oid, modifier, data_type: data_type.to_owned(), class, category }
    }

    #[test]
    fn numbers_with_bounds() {
        let packed = |p: i32, s: i32| (p << 16 | s) + 4;
        assert_eq!(numeric_of(packed(10, 2)), Some(Kind::Decimal(10, 2)));
        assert_eq!(numeric_of(packed(38, 38)), Some(Kind::Decimal(38, 38)));
        assert_eq!(numeric_of(packed(39, 2)), None);
        assert_eq!(numeric_of(packed(5, 0x7FE)), None, "numeric(5,-2)");
        assert_eq!(numeric_of(packed(3, 5)), None);
        assert_eq!(numeric_of(-1), None);
    }

    #[test]
    fn what_has_no_place_is_refused() {
        assert!(becomes(&column(90_001, -1, "geometry", 'b', 'U'), None).is_none());
        assert!(becomes(&column(90_002, -1, "public.hstore", 'b', 'U'), None).is_some());
        let list = becomes(&column(1007, -1, "integer[]", 'b', 'A'), None).unwrap();
        assert_eq!((list.wire, list.asked.as_str()), (Wire::Text, "array_to_json(\"c\")::text AS \"c\""));
        assert_eq!(becomes(&column(1266, -1, "time(3) with time zone", 'b', 'D'), None).map(|b| b.wire), Some(Wire::Text));
    }
}
