//! One SELECT that asks a database for what a query needs of a table.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use trommel_model::{Outcome, Problem, Relation, RemoteGrouping, RemoteNeed, RemoteOrder, RemoteTotal};

use super::condition::{Form, Kept, form};
use super::literal::Constant;
use crate::database::Column;
use crate::values::Kind;

/// A value that is bound to a place in a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A floating point number.
    Float(f64),
    /// A text; a cast beside its place says what it is.
    Text(String),
}

/// What becomes of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The database gives exactly the rows for which it holds.
    Sent,
    /// The database gives these and perhaps more.
    SentWider,
    /// It is looked at here only, and this is why.
    Kept(&'static str),
}

/// What is asked of a database.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The SELECT.
    pub sql: String,
    /// Its bound values, in order.
    pub values: Vec<Value>,
    /// The columns that come, and how each is taken in.
    pub schema: SchemaRef,
    /// Places of these columns in the table's list; none for totals.
    pub places: Vec<Option<usize>>,
    /// What becomes of each condition of the need.
    pub fates: Vec<Fate>,
    /// The limit that is sent.
    pub limit: Option<u64>,
    /// Why a limit that is known is not sent.
    pub no_limit: Option<&'static str>,
    /// True when totals are asked for.
    pub is_grouped: bool,
    /// Why totals that would do are not asked for.
    pub no_totals: Option<&'static str>,
    /// What each column becomes.
    pub(crate) kinds: Vec<Option<Kind>>,
}

/// Something in a SELECT list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The expression, without a name.
    pub sql: String,
    /// What it becomes; none is bytes.
    pub kind: Option<Kind>,
}

/// How a system is spoken to about one table.
pub trait Dialect {
    /// What stands after FROM.
    fn from(&self) -> String;
    /// A name as SQL writes it.
    fn quoted(&self, name: &str) -> String;
    /// A column's name, quoted.
    fn name(&self, column: usize) -> String;
    /// The names that columns go by in a table.
    fn names(&self) -> &[String];
    /// How a column is read; a fault when its type is not.
    fn asked(&self, column: usize) -> Outcome<Asked>;
    /// What a column is for comparing; a reason when it cannot be compared there as here.
    fn kind(&self, column: usize) -> Result<Kind, Kept>;
    /// A condition that holds for values that have a place here, where a column may have others.
    fn guard(&self, column: usize) -> Option<String>;
    /// Whether what is null here is null there, the guard apart.
    fn nulls(&self, _column: usize) -> Result<(), Kept> {
        Ok(())
    }
    /// A column against a value, odd values apart.
    fn compare(&self, column: usize, relation: Relation, value: &Constant) -> Result<Form, Kept>;
    /// A column against several values.
    fn within(&self, column: usize, values: &[Constant]) -> Result<Form, Kept>;
    /// A column against a form without a backslash in it.
    fn like(&self, column: usize, pattern: &str) -> Result<Form, Kept>;
    /// A column that is true.
    fn is_true(&self, column: usize) -> Result<Form, Kept>;
    /// A column as rows are put in order by it, values that have no place here and nulls apart.
    fn order(&self, column: usize) -> Result<String, Kept>;
    /// A column as rows are put in groups by it.
    fn group(&self, column: usize) -> Result<Asked, Kept>;
    /// A total.
    fn total(&self, total: RemoteTotal) -> Result<Asked, Kept>;
}

/// Puts a need in the words of a system.
pub fn compose(dialect: &impl Dialect, need: &RemoteNeed) -> Outcome<Statement> {
    let (mut fates, mut conditions, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for condition in &need.conditions {
        let formed = match &condition.says {
            Some(says) => form(dialect, says),
            None => Err(Kept("only the engine is known to mean it so")),
        };
        fates.push(match formed {
            Ok(form) => {
                let fate = if form.exact { Fate::Sent } else { Fate::SentWider };
                conditions.push(form.sql);
                values.extend(form.values);
                fate
            }
            Err(Kept(why)) => Fate::Kept(why),
        });
    }
    let is_exact = fates.iter().all(|fate| *fate == Fate::Sent);
    let totals = need.grouping.as_ref().map(|grouping| if is_exact { grouped(dialect, grouping) } else { Err(Kept(INEXACT)) });
    let (list, groups, no_totals) = match totals {
        Some(Ok(list)) => (list, need.grouping.as_ref().map(|g| g.by.len()), None),
        Some(Err(Kept(why))) => (plain(dialect, &need.columns)?, None, Some(why)),
        None => (plain(dialect, &need.columns)?, None, None),
    };
    let order = if is_exact { ordered(dialect, &need.order) } else { Err(Kept(INEXACT)) };
    let limit = need.limit.filter(|limit| order.is_ok() || *limit == 0);
    let mut sql = String::from("SELECT ");
    let asked: Vec<String> = list.iter().map(|(name, _, asked)| format!("{} AS {}", asked.sql, dialect.quoted(name))).collect();
    sql.push_str(&asked.join(", "));
    sql.push_str(&format!(" FROM {}", dialect.from()));
    if !conditions.is_empty() {
        sql.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
    }
    if let Some(count @ 1..) = groups {
        let places: Vec<String> = (1..=count).map(|place| place.to_string()).collect();
        sql.push_str(&format!(" GROUP BY {}", places.join(", ")));
    }
    if let Some(limit) = limit {
        match order.as_deref() {
            Ok(order) if !order.is_empty() => sql.push_str(&format!(" ORDER BY {order}")),
            _ => {}
        }
        sql.push_str(&format!(" LIMIT {limit}"));
    }
    let fields: Vec<Field> = list.iter().map(|(name, _, asked)| Field::new(name, Column::arrow(asked.kind), true)).collect();
    Ok(Statement {
        sql,
        values,
        schema: Arc::new(Schema::new(fields)),
        places: list.iter().map(|(_, place, _)| *place).collect(),
        fates,
        limit,
        no_limit: order.err().filter(|_| limit.is_none() && need.limit.is_some()).map(|kept| kept.0),
        is_grouped: groups.is_some(),
        no_totals,
        kinds: list.into_iter().map(|(_, _, asked)| asked.kind).collect(),
    })
}

const INEXACT: &str = "some conditions are looked at here";

/// Name, place in the table and expression of each column.
type List = Vec<(String, Option<usize>, Asked)>;

fn plain(dialect: &impl Dialect, columns: &[usize]) -> Outcome<List> {
    let mut list = List::new();
    for column in columns {
        list.push((dialect.names()[*column].clone(), Some(*column), dialect.asked(*column)?));
    }
    if list.is_empty() {
        // Rows are counted only: one number stands for each.
        list.push((ROW.to_owned(), None, Asked { sql: "1".to_owned(), kind: Some(Kind::Integer) }));
    }
    Ok(list)
}

/// The column that stands for a row of which nothing is looked at.
const ROW: &str = "__row";

fn grouped(dialect: &impl Dialect, grouping: &RemoteGrouping) -> Result<List, Kept> {
    let mut list = List::new();
    for column in &grouping.by {
        list.push((dialect.names()[*column].clone(), Some(*column), dialect.group(*column)?));
    }
    for (at, total) in grouping.totals.iter().enumerate() {
        list.push((format!("__total_{at}"), None, dialect.total(*total)?));
    }
    if list.is_empty() { Err(Kept("there is nothing to add up")) } else { Ok(list) }
}

/// The order as every system takes it: where rows without a value stand is said, for not all agree on it.
fn ordered(dialect: &impl Dialect, by: &[RemoteOrder]) -> Result<String, Kept> {
    let one = |order: &RemoteOrder| {
        let plain = dialect.order(order.column)?;
        let value = dialect.guard(order.column).map_or(plain.clone(), |guard| format!("CASE WHEN {guard} THEN {plain} END"));
        let of = |descending: bool| if descending { " DESC" } else { "" };
        Ok(format!("({value} IS NULL){}, {value}{}", of(order.nulls_first), of(order.descending)))
    };
    by.iter().map(one).collect::<Result<Vec<_>, _>>().map(|parts| parts.join(", "))
}

/// A total has no place in its type; so large a one is a fault, never a null.
pub fn too_large(name: &str) -> Problem {
    Problem::new(trommel_model::Code::RunFailed, format!("the total {name} has more than 38 digits"))
        .next("add up fewer rows, or read the table as a source")
}
