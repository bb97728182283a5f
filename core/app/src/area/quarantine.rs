//! Rows held back: what was decided about them, and reading them again.

use trommel_model::{Code, Problem, standing};

use crate::app::Effects;
use crate::{App, Effect, PipelineCommand, QuarantineCommand, Refused, Remote, Report, Selection, Work};

/// The quarantine, beside the table that lists it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuarantineView {
    /// What was decided last.
    pub decided: Remote<Report>,
}

impl App {
    pub(crate) fn apply_quarantine(&mut self, command: QuarantineCommand) -> Effects {
        let workspace = self.workspace()?;
        match command {
            QuarantineCommand::Decide(decision) => {
                let ticket = self.tickets.next();
                self.quarantine.decided.ask(ticket);
                Ok(vec![Effect { ticket, work: Work::Decide(workspace, decision) }])
            }
            QuarantineCommand::Replay(names) => {
                let corrected = workspace.corrections.iter().filter(|(_, all)| !standing(all).is_empty());
                let corrected: Vec<String> = corrected.map(|(source, _)| format!("raw.{source}")).collect();
                if let Some(unknown) = names.iter().find(|name| !corrected.contains(name)) {
                    let next = if corrected.is_empty() {
                        "correct one first: trommel quarantine edit".to_owned()
                    } else {
                        format!("tables with decisions: {}", corrected.join(", "))
                    };
                    return Err(Refused(Problem::new(Code::Usage, format!("no row of {unknown} was corrected")).next(next)));
                }
                let chosen = if names.is_empty() { corrected } else { names };
                if chosen.is_empty() {
                    return Err(Refused(
                        Problem::new(Code::Usage, "no held row was corrected").next("correct one first: trommel quarantine edit"),
                    ));
                }
                let names = chosen.into_iter().map(|name| format!("{name}+")).collect();
                self.apply_pipeline(PipelineCommand::Run(Selection { names, ..Selection::default() }))
            }
        }
    }
}
