//! Where a row of a list leads when it is opened: the same on every face.

use crate::{BoardCommand, Command, ListKind, PipelineCommand, Subject, TableCommand};

impl ListKind {
    /// What opening a row does, by the values of the row; nothing for rows that lead nowhere.
    pub fn opens(&self, value: impl Fn(&str) -> Option<String>) -> Option<Command> {
        let table = |subject: Subject| Command::Table(TableCommand::Open(subject));
        match self {
            Self::Sources => value("source").map(|name| table(Subject::Source(name))),
            Self::Tables => value("table")?.parse().ok().map(|name| table(Subject::Table(name))),
            Self::Runs => value("run").map(|run| Command::Pipeline(PipelineCommand::ShowRun(run))),
            Self::Kpis => value("kpi").map(|name| Command::Board(BoardCommand::ShowKpi(name))),
            Self::Boards => value("board").map(|name| Command::Board(BoardCommand::Open(Some(name)))),
            Self::Inspections => value("inspection").map(|name| table(Subject::List(Self::Inspected(name)))),
            Self::Checks => Some(table(Subject::List(Self::Failing(value("table")?.parse().ok()?, value("check"))))),
            Self::Snapshots | Self::Alerts => {
                value("run").filter(|run| !run.is_empty()).map(|run| Command::Pipeline(PipelineCommand::ShowRun(run)))
            }
            Self::Quarantine(..)
            | Self::Connections
            | Self::Logs(_)
            | Self::Failing(..)
            | Self::Inspected(_)
            | Self::Profiles(_)
            | Self::Scores => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lead_to_what_they_name() {
        let row = |column: &str| match column {
            "table" => Some("mart.quotes".to_owned()),
            "check" => Some("not_null(id)".to_owned()),
            "run" => Some("r1".to_owned()),
            _ => None,
        };
        let quotes = || "mart.quotes".parse().unwrap();
        let open = |subject| Some(Command::Table(TableCommand::Open(subject)));
        assert_eq!(ListKind::Tables.opens(row), open(Subject::Table(quotes())));
        assert_eq!(ListKind::Checks.opens(row), open(Subject::List(ListKind::Failing(quotes(), row("check")))));
        assert_eq!(ListKind::Runs.opens(row), Some(Command::Pipeline(PipelineCommand::ShowRun("r1".into()))));
        assert_eq!(ListKind::Sources.opens(row), None, "there is no such column");
        assert_eq!(ListKind::Scores.opens(row), None);
    }
}
