//! What a rule is applied to: its columns found, its values in words.

use trommel_engine::sql::{ident, literal};
use trommel_model::{CheckAction, CheckSpec, Code, Field, Outcome, Problem, Rule, Schema, TableName, did_you_mean};

/// A check and the columns it is applied to.
pub(super) struct Subject<'a> {
    pub check: &'a CheckSpec,
    /// The table that the rows are of.
    pub table: &'a TableName,
    pub schema: &'a Schema,
    /// A SELECT of the rows.
    pub relation: &'a str,
    /// The condition for a row to be looked at, safe to stand anywhere.
    pub looked_at: &'a str,
}

/// Characters of a value that a reason repeats.
const REPEATED: usize = 100;

impl Subject<'_> {
    /// A column of the relation.
    pub(super) fn column(&self, name: &str) -> Outcome<&Field> {
        self.schema.position(name).map(|i| &self.schema.fields[i]).ok_or_else(|| {
            let problem =
                Problem::new(Code::UnknownName, format!("the check {} names column \"{name}\", which is not there", self.label()));
            let meant = did_you_mean(name, self.schema.names());
            problem.next(if meant.is_empty() { format!("columns: {}", self.schema.names().collect::<Vec<_>>().join(", ")) } else { meant })
        })
    }

    /// What goes for every rule.
    pub(super) fn sensible(&self) -> Outcome<()> {
        let CheckSpec { rule, action, tolerance, .. } = self.check;
        if *action == CheckAction::Wait && !matches!(rule, Rule::ForeignKey { .. }) {
            let fault = "lets rows wait, but says of no other row that it has to come";
            return Err(self.senseless(fault).next("set its action to quarantine, warn or fail; only foreign_key can wait"));
        }
        if let Some(text) = self.check.wait_for.as_ref().filter(|_| *action != CheckAction::Wait) {
            let fault = format!("says how long rows wait ({text}), but its action is {}", action.name());
            return Err(self.senseless(&fault).next("set action = \"wait\", or leave wait_for out"));
        }
        self.check.patience_s()?;
        if action.holds_rows() && rule.is_by_table() {
            let fault = "cannot hold rows, because it is about none in particular";
            return Err(self.senseless(fault).next("set its action to warn or fail"));
        }
        if *tolerance == 0.0 {
            return Ok(());
        }
        if !(0.0..1.0).contains(tolerance) {
            return Err(self
                .senseless(&format!("tolerates a share of {tolerance}"))
                .next("write a share from 0 to below 1, 0.01 for a hundredth"));
        }
        if rule.is_by_table() {
            let fault = "tolerates a share of rows, but is about the table as a whole";
            return Err(self.senseless(fault).next("leave tolerance out, and set the bounds of the rule"));
        }
        if action.holds_rows() {
            let fault = "tolerates broken rows, and holds every one of them";
            return Err(self.senseless(fault).next("leave tolerance out, or set its action to warn or fail"));
        }
        Ok(())
    }

    /// A fault in what the check says.
    pub(super) fn senseless(&self, what: &str) -> Problem {
        Problem::new(Code::BadConfig, format!("the check {} {what}", self.label()))
    }

    fn label(&self) -> String {
        self.check.label()
    }
}

/// The reason for a value: `COLUMN is "VALUE", FAULT`, as a SQL text.
pub(super) fn value_is(column: &str, fault: &str) -> String {
    format!("concat({}, {}, {})", literal(&format!("{column} is \"")), repeated(column), literal(&format!("\", {fault}")))
}

/// A value as a text of bearable length, as SQL.
pub(super) fn repeated(column: &str) -> String {
    format!("left(CAST({} AS VARCHAR), {REPEATED})", ident(column))
}
