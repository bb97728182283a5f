//! A condition as one system takes it: the same rows, more rows, or not at all.

use trommel_model::{Condition, Literal};

use super::literal::{Constant, constant};
use super::statement::{Dialect, Value};

/// A condition in the words of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// The words.
    pub sql: String,
    /// Values that are bound in it, in order.
    pub values: Vec<Value>,
    /// True when it holds there for exactly the rows for which it holds here; else for more.
    pub exact: bool,
}

/// Why a condition is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept(pub &'static str);

impl Form {
    /// Holds for exactly the same rows.
    pub fn exact(sql: impl Into<String>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values, exact: true }
    }
}

/// Puts a condition in the words of a system.
pub fn form(dialect: &dyn Dialect, condition: &Condition) -> Result<Form, Kept> {
    match condition {
        Condition::And(parts) => all(dialect, parts),
        Condition::Or(parts) => {
            let forms = parts.iter().map(|part| form(dialect, part)).collect::<Result<Vec<_>, _>>()?;
            Ok(joined(forms, " OR "))
        }
        Condition::Not(part) => negated(dialect, part),
        Condition::Compare { column, relation, value } => {
            let constant = constant(dialect.kind(*column)?, value)?;
            dialect.compare(*column, *relation, &constant).map(|form| guarded(dialect, *column, form))
        }
        Condition::In { column, values } => {
            let constants = constants(dialect, *column, values)?;
            dialect.within(*column, &constants)
        }
        Condition::IsNull(column) => dialect.nulls(*column).map(|()| match dialect.guard(*column) {
            None => Form::exact(format!("{} IS NULL", dialect.name(*column)), Vec::new()),
            Some(guard) => Form::exact(format!("({guard}) IS NOT TRUE"), Vec::new()),
        }),
        Condition::IsNotNull(column) => Ok(match dialect.guard(*column) {
            None => {
                let exact = dialect.nulls(*column).is_ok();
                Form { sql: format!("{} IS NOT NULL", dialect.name(*column)), values: Vec::new(), exact }
            }
            // False, not unknown, where there is no value: its opposite is asked, too.
            Some(guard) => Form::exact(format!("({guard}) IS TRUE"), Vec::new()),
        }),
        Condition::Like { pattern, .. } if pattern.contains(['\\', '\0']) => Err(Kept("a backslash means something else there")),
        Condition::Like { column, pattern } => dialect.like(*column, pattern),
        Condition::IsTrue(column) => dialect.is_true(*column),
    }
}

/// What is sent of all is wider than all, unless all are sent.
fn all(dialect: &dyn Dialect, parts: &[Condition]) -> Result<Form, Kept> {
    let (sent, kept): (Vec<_>, Vec<_>) = parts.iter().map(|part| form(dialect, part)).partition(Result::is_ok);
    let forms: Vec<Form> = sent.into_iter().flatten().collect();
    match kept.into_iter().find_map(Result::err) {
        Some(why) if forms.is_empty() => Err(why),
        Some(_) => Ok(Form { exact: false, ..joined(forms, " AND ") }),
        None => Ok(joined(forms, " AND ")),
    }
}

fn joined(forms: Vec<Form>, word: &str) -> Form {
    let exact = forms.iter().all(|f| f.exact);
    let values = forms.iter().flat_map(|f| f.values.iter().cloned()).collect();
    let parts: Vec<String> = forms.into_iter().map(|f| f.sql).collect();
    Form { sql: format!("({})", parts.join(word)), values, exact }
}

/// The opposite of what is wider is narrower, and must not be sent.
fn negated(dialect: &dyn Dialect, part: &Condition) -> Result<Form, Kept> {
    let inner = form(dialect, part)?;
    if !inner.exact {
        return Err(Kept("it is told apart less finely there, so its opposite would leave rows out"));
    }
    // A value that has no place here is null here and not there.
    let exact = part.columns().iter().all(|column| dialect.guard(*column).is_none());
    Ok(Form { sql: format!("(NOT {})", inner.sql), values: inner.values, exact })
}

/// Leaves out values that have no place here and would be null.
fn guarded(dialect: &dyn Dialect, column: usize, form: Form) -> Form {
    match dialect.guard(column) {
        Some(guard) => Form { sql: format!("({} AND {guard})", form.sql), ..form },
        None => form,
    }
}

fn constants(dialect: &dyn Dialect, column: usize, values: &[Literal]) -> Result<Vec<Constant>, Kept> {
    let kind = dialect.kind(column)?;
    values.iter().map(|value| constant(kind, value)).collect()
}
