//! Keys of blocking rules that are expressions in SQL. This crate knows no engine: whoever has one works them out into
//! columns that only blocking looks at.

use trommel_model::MatchSpec;

/// What the names of such columns begin with.
const KEY_COLUMN: &str = "_trommel_key_";

/// An expression, and the column that its values are wanted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyExpression {
    /// The column.
    pub column: String,
    /// The expression.
    pub sql: String,
    /// What people know it by.
    pub shown: String,
    /// Where it stands in the model.
    pub field: String,
}

/// The keys of a model that are expressions; the model looks for their values in columns from then on.
pub fn key_expressions(spec: &mut MatchSpec) -> Vec<KeyExpression> {
    let mut found = Vec::new();
    for (at, rule) in (1..).zip(&mut spec.blocking) {
        for (nth, key) in (1..).zip(&mut rule.keys) {
            let Some(sql) = key.sql.clone() else { continue };
            key.column = format!("{KEY_COLUMN}{at}_{nth}");
            let (column, shown) = (key.column.clone(), key.shown().to_owned());
            found.push(KeyExpression { column, sql, shown, field: format!("blocking[{at}].keys[{nth}]") });
        }
    }
    found
}

/// True for a column of such values.
pub fn is_key_column(name: &str) -> bool {
    name.starts_with(KEY_COLUMN)
}
