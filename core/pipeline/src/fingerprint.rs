//! What a table was made from, so that a run can tell whether it would come out the same again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trommel_model::{CheckSpec, ConnectionSpec, DecisionRow, ModelKind, ModelSpec, SinkSpec, SourceSpec, TableName};

/// Raised when the same text would make another table than before.
const RULES: u32 = 1;

/// What is kept beside a table when it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Hash of what makes it, without its checks.
    pub text: String,
    /// Hash of its checks.
    pub checks: String,
    /// The tables it read, each with the snapshot that published it last.
    pub inputs: BTreeMap<TableName, u64>,
    /// The run that made it.
    pub run: String,
    /// The largest cursor read so far, of a source that is read incrementally.
    pub cursor: Option<String>,
    /// Hash of what people decided about its records, for a match about which somebody did.
    pub decisions: Option<String>,
    /// What a match has learned, for the next run to match new records by.
    pub learned: Option<String>,
}

impl Fingerprint {
    /// The text the lake keeps.
    pub fn to_text(&self) -> String {
        let inputs: BTreeMap<String, u64> = self.inputs.iter().map(|(name, at)| (name.to_string(), *at)).collect();
        let mut kept = json!({ "text": self.text, "checks": self.checks, "inputs": inputs, "run": self.run });
        if let Some(cursor) = &self.cursor {
            kept["cursor"] = json!(cursor);
        }
        if let Some(decisions) = &self.decisions {
            kept["decisions"] = json!(decisions);
        }
        if let Some(learned) = &self.learned {
            kept["learned"] = json!(learned);
        }
        kept.to_string()
    }

    /// Reads it back; nothing for a text of another kind.
    pub fn from_text(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let part = |key: &str| value[key].as_str().map(str::to_owned);
        let inputs = value["inputs"].as_object()?.iter().map(|(name, at)| Some((name.parse().ok()?, at.as_u64()?)));
        Some(Self {
            text: part("text")?,
            checks: part("checks")?,
            inputs: inputs.collect::<Option<_>>()?,
            run: part("run")?,
            cursor: part("cursor"),
            decisions: part("decisions"),
            learned: part("learned"),
        })
    }
}

/// Hash of what a source says, its connection included: where it leads, not how it is reached.
pub fn of_source(source: &SourceSpec, connection: Option<&ConnectionSpec>) -> String {
    let connection = connection.map(where_it_leads);
    let said = SourceSpec { description: String::new(), checks: Vec::new(), ..source.clone() };
    hash(&json!({ "rules": RULES, "name": source.name, "source": said, "connection": connection }))
}

/// Hash of what a sink says, its connection included: where it leads, not how it is reached.
pub fn of_sink(sink: &SinkSpec, connection: Option<&ConnectionSpec>) -> String {
    let said = SinkSpec { description: String::new(), ..sink.clone() };
    hash(&json!({ "rules": RULES, "name": sink.name, "sink": said, "connection": connection.map(where_it_leads) }))
}

/// What of a connection says where it leads.
fn where_it_leads(connection: &ConnectionSpec) -> ConnectionSpec {
    ConnectionSpec {
        password: None,
        tls: None,
        ca: None,
        statement_timeout_s: None,
        rows_per_s: None,
        environment: None,
        prod: false,
        ..connection.clone()
    }
}

/// Hash of what makes a model.
pub fn of_model(model: &ModelSpec) -> String {
    let kind = match &model.kind {
        ModelKind::Sql(sql) => json!({ "sql": sql.sql }),
        ModelKind::Recipe(recipe) => json!({ "recipe": recipe }),
        ModelKind::Match(spec) => json!({ "match": spec }),
    };
    hash(&json!({ "rules": RULES, "kind": kind, "materialise": model.materialise }))
}

/// Hash of what people decided; none when nobody did.
pub fn of_decisions(decisions: &[DecisionRow]) -> Option<String> {
    (!decisions.is_empty()).then(|| hash(&json!(decisions)))
}

/// Hash of checks.
pub fn of_checks(checks: &[CheckSpec]) -> String {
    let said: Vec<CheckSpec> = checks.iter().map(|c| CheckSpec { description: String::new(), owner: String::new(), ..c.clone() }).collect();
    hash(&json!(said))
}

fn hash(value: &Value) -> String {
    hex::encode(Sha256::digest(value.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_as_it_was() {
        let inputs = [("raw.a".parse().unwrap(), 7), ("clean.b".parse().unwrap(), 12)].into();
        let fingerprint = Fingerprint {
            text: "t".into(),
            checks: "c".into(),
            inputs,
            run: "r".into(),
            cursor: Some("7".into()),
            decisions: Some("d".into()),
            learned: Some("{\"m\":[0.5]}".into()),
        };
        assert_eq!(Fingerprint::from_text(&fingerprint.to_text()), Some(fingerprint));
        assert_eq!(Fingerprint::from_text("something else"), None);
        assert_eq!(Fingerprint::from_text("{}"), None);
    }

    #[test]
    fn descriptions_do_not_count() {
        let source: SourceSpec = serde_json::from_str(r#"{"path": "a.csv"}"#).unwrap();
        let described = SourceSpec { description: "x".into(), ..source.clone() };
        let moved = SourceSpec { path: Some("b.csv".into()), ..source.clone() };
        assert_eq!(of_source(&source, None), of_source(&described, None));
        assert_ne!(of_source(&source, None), of_source(&moved, None));
    }
}
