//! Columns by name: found with the nearest one when missing, new ones without clash.

use trommel_model::{Code, DataType, Outcome, Problem, did_you_mean};

use super::chain::{Chain, Column};

/// A fault in a step, with its number as people count.
pub(super) fn fault(step: usize, name: &str, what: &str) -> Problem {
    Problem::new(Code::BadRecipe, format!("step {step} ({name}): {what}"))
}

impl Chain {
    /// A column by exact name.
    pub fn column(&self, name: &str) -> Outcome<&Column> {
        self.columns.iter().find(|c| c.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
            let mut problem = self.fault(format!("there is no column \"{name}\"")).at_field(name);
            let hint = did_you_mean(name, names.iter().copied());
            problem.why = Some(format!("the columns here are {}", names.join(", ")));
            problem.next = (!hint.is_empty()).then_some(hint);
            problem
        })
    }

    /// The columns of a step: at least one, each known, none twice.
    pub fn some_columns<'a>(&self, names: &'a [String]) -> Outcome<&'a [String]> {
        if names.is_empty() {
            return Err(self.fault("it names no column").next("write columns = [\"…\"]"));
        }
        for (i, name) in names.iter().enumerate() {
            self.column(name)?;
            if names[..i].contains(name) {
                return Err(self.fault(format!("column \"{name}\" is named twice")));
            }
        }
        Ok(names)
    }

    /// Refuses a column that is known not to hold text.
    pub fn demand_text(&self, name: &str) -> Outcome<()> {
        match &self.column(name)?.data_type {
            None | Some(DataType::Text) => Ok(()),
            Some(other) => Err(self
                .fault(format!("it works on text, and \"{name}\" is {other}"))
                .at_field(name)
                .next(format!("cast \"{name}\" to text first"))),
        }
    }

    /// Refuses a column that is known not to hold numbers.
    pub fn demand_number(&self, name: &str) -> Outcome<()> {
        match &self.column(name)?.data_type {
            None => Ok(()),
            Some(t) if t.is_number() => Ok(()),
            Some(other) => Err(self
                .fault(format!("it works on numbers, and \"{name}\" is {other}"))
                .at_field(name)
                .next(format!("cast \"{name}\" to a number first"))),
        }
    }

    /// Refuses names a new column cannot have: taken ones (`spare` excepted), empty ones, hidden ones.
    pub fn demand_free(&self, name: &str, spare: Option<&str>) -> Outcome<()> {
        if name.trim().is_empty() {
            return Err(self.fault("a new column has no name"));
        }
        if is_hidden(name) {
            return Err(self.fault(format!("\"{name}\" is a name recipes use themselves")).next("choose another name"));
        }
        let taken = |c: &&Column| c.name.eq_ignore_ascii_case(name) && Some(c.name.as_str()) != spare;
        match self.columns.iter().find(taken) {
            Some(c) => Err(self.fault(format!("there is a column \"{}\" already", c.name)).at_field(name).next("choose another name")),
            None => Ok(()),
        }
    }

    /// Sets the type of a column that is not known yet.
    pub fn learn(&mut self, field: &trommel_model::Field) {
        if let Some(column) = self.columns.iter_mut().find(|c| c.name == field.name && c.data_type.is_none()) {
            column.data_type = Some(field.data_type.clone());
        }
    }

    /// Sets the type of a column and says whether its values are made here.
    pub fn retype(&mut self, name: &str, data_type: Option<DataType>) {
        if let Some(column) = self.columns.iter_mut().find(|c| c.name == name) {
            column.data_type = data_type;
        }
    }
}

/// True for names the chain uses for itself.
pub(super) fn is_hidden(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("__") else { return false };
    let numbered = |p: &str| rest.strip_prefix(p).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    matches!(rest, "row" | "part" | "fate" | "value" | "rank" | "before" | "source" | "list" | "one" | "at" | "rate" | "code" | "day")
        || numbered("try")
        || numbered("read")
        || numbered("null")
        || numbered("fill")
        || numbered("count")
        || numbered("from")
        || numbered("to")
}
