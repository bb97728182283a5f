//! A condition in the planner's words, as one that databases share.

use serde_json::Value;
use trommel_model::{Condition, Literal, Relation};

use super::Remote;
use crate::sql;

/// The parts of a condition that hold all together: what each says, or its text when it is of no shared form.
pub(super) fn parts(text: &str, prefix: &str) -> Vec<Result<Condition, String>> {
    let whole = || vec![Err(text.to_owned())];
    let Ok(mut tree) = sql::one_query(&format!("SELECT {text}")) else { return whole() };
    let Some([expression]) = tree["node"]["select_list"].as_array().map(Vec::as_slice) else { return whole() };
    let mut leaves = Vec::new();
    apart(expression, &mut leaves);
    let alone = leaves.len() == 1;
    leaves
        .into_iter()
        .map(|leaf| {
            of_tree(&leaf, prefix).ok_or_else(|| {
                tree["node"]["select_list"] = Value::Array(vec![leaf]);
                let said = sql::text_of(&tree).ok().and_then(|said| said.strip_prefix("SELECT ").map(str::to_owned));
                said.filter(|_| !alone).unwrap_or_else(|| text.to_owned())
            })
        })
        .collect()
}

/// The conditions of a conjunction, however deep.
fn apart(node: &Value, leaves: &mut Vec<Value>) {
    match (node["type"].as_str(), node["children"].as_array()) {
        (Some("CONJUNCTION_AND"), Some(children)) => children.iter().for_each(|child| apart(child, leaves)),
        _ => leaves.push(node.clone()),
    }
}

/// A condition as a person reads it.
pub(super) fn shown(condition: &Condition, remote: &Remote) -> String {
    let name = |column: &usize| remote.columns.fields().get(*column).map_or("?", |f| f.name().as_str());
    let all = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| shown(part, remote)).collect();
        format!("({})", parts.join(word))
    };
    match condition {
        Condition::And(parts) => all(parts, " and "),
        Condition::Or(parts) => all(parts, " or "),
        Condition::Not(part) => format!("not {}", shown(part, remote)),
        Condition::Compare { column, relation, value } => format!("{} {} {}", name(column), relation.sql(), literal(value)),
        Condition::In { column, values } => {
            const MOST: usize = 5;
            let mut list: Vec<String> = values.iter().take(MOST).map(literal).collect();
            if values.len() > MOST {
                list.push(format!("and {} more", values.len() - MOST));
            }
            format!("{} in ({})", name(column), list.join(", "))
        }
        Condition::IsNull(column) => format!("{} is null", name(column)),
        Condition::IsNotNull(column) => format!("{} is not null", name(column)),
        Condition::Like { column, pattern } => format!("{} like {}", name(column), sql::literal(pattern)),
        Condition::IsTrue(column) => name(column).to_owned(),
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Number(text) => text.clone(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Text(text) | Literal::Typed { text, .. } => sql::literal(text),
    }
}

fn of_tree(node: &Value, prefix: &str) -> Option<Condition> {
    let children = || -> Option<Vec<Condition>> { node["children"].as_array()?.iter().map(|c| of_tree(c, prefix)).collect() };
    let first = |key: &str| node[key].as_array().and_then(|list| list.first());
    match node["type"].as_str()? {
        "CONJUNCTION_AND" => children().map(Condition::And),
        "CONJUNCTION_OR" => children().map(Condition::Or),
        "OPERATOR_NOT" => of_tree(first("children")?, prefix).map(|part| Condition::Not(Box::new(part))),
        "OPERATOR_IS_NULL" => column(first("children")?, prefix).map(Condition::IsNull),
        "OPERATOR_IS_NOT_NULL" => column(first("children")?, prefix).map(Condition::IsNotNull),
        "COMPARE_IN" => within(node, prefix),
        "COMPARE_NOT_IN" => within(node, prefix).map(|part| Condition::Not(Box::new(part))),
        "COMPARE_BETWEEN" => {
            let column = column(&node["input"], prefix)?;
            let side = |relation, key: &str| Some(Condition::Compare { column, relation, value: value(&node[key])? });
            Some(Condition::And(vec![side(Relation::GreaterOrEqual, "lower")?, side(Relation::LessOrEqual, "upper")?]))
        }
        "COLUMN_REF" => column(node, prefix).map(Condition::IsTrue),
        "FUNCTION" => text_form(node, prefix),
        other => {
            let relation = relation(other)?;
            match (column(&node["left"], prefix), column(&node["right"], prefix)) {
                (Some(column), None) => Some(Condition::Compare { column, relation, value: value(&node["right"])? }),
                (None, Some(column)) => Some(Condition::Compare { column, relation: relation.turned(), value: value(&node["left"])? }),
                _ => None,
            }
        }
    }
}

fn relation(name: &str) -> Option<Relation> {
    Some(match name {
        "COMPARE_EQUAL" => Relation::Equal,
        "COMPARE_NOTEQUAL" => Relation::NotEqual,
        "COMPARE_LESSTHAN" => Relation::Less,
        "COMPARE_LESSTHANOREQUALTO" => Relation::LessOrEqual,
        "COMPARE_GREATERTHAN" => Relation::Greater,
        "COMPARE_GREATERTHANOREQUALTO" => Relation::GreaterOrEqual,
        _ => return None,
    })
}

fn within(node: &Value, prefix: &str) -> Option<Condition> {
    let (first, values) = node["children"].as_array()?.split_first()?;
    Some(Condition::In { column: column(first, prefix)?, values: values.iter().map(value).collect::<Option<_>>()? })
}

/// LIKE, and what the planner makes of some forms of it.
fn text_form(node: &Value, prefix: &str) -> Option<Condition> {
    let arguments: Vec<&Value> = node["arguments"].as_array()?.iter().map(|a| &a["expression"]).collect();
    let [subject, form] = &arguments[..] else { return None };
    let (column, Literal::Text(form)) = (column(subject, prefix)?, value(form)?) else { return None };
    let plain = |form: &str| !form.contains(['%', '_', '\\']);
    let like = |pattern: String| Some(Condition::Like { column, pattern });
    match node["function_name"].as_str()? {
        "~~" => like(form),
        "!~~" => like(form).map(|c| Condition::Not(Box::new(c))),
        "prefix" | "starts_with" if plain(&form) => like(format!("{form}%")),
        "suffix" | "ends_with" if plain(&form) => like(format!("%{form}")),
        "contains" if plain(&form) => like(format!("%{form}%")),
        _ => None,
    }
}

fn column(node: &Value, prefix: &str) -> Option<usize> {
    if node["type"] != "COLUMN_REF" {
        return None;
    }
    let names = node["column_names"].as_array()?;
    let [name] = &names[..] else { return None };
    name.as_str()?.strip_prefix(prefix)?.parse().ok()
}

fn value(node: &Value) -> Option<Literal> {
    if node["type"] == "OPERATOR_CAST" && node["try_cast"] == false {
        let Literal::Text(text) = value(&node["child"])? else { return None };
        let path = node["type_expr"]["qualified_name"]["path"].as_array()?;
        let name: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
        return Some(Literal::Typed { data_type: name.join(".").to_uppercase(), text });
    }
    if node["type"] != "VALUE_CONSTANT" {
        return None;
    }
    let text = node["literal"]["text"].as_str()?.to_owned();
    match node["literal"]["kind"].as_str()? {
        "INTEGER" | "NUMERIC" => Some(Literal::Number(text)),
        "STRING" => Some(Literal::Text(text)),
        "BOOLEAN" => Some(Literal::Boolean(text.eq_ignore_ascii_case("true"))),
        _ => None,
    }
}
