//! The board in front, and the KPI that was asked for.

use std::sync::Arc;

use trommel_model::{BoardValues, Code, KpiSpec, KpiValues, Problem, Workspace};

use crate::app::Effects;
use crate::area::unknown;
use crate::{App, BoardCommand, Effect, Refused, Remote, Screen, Work, Written};

/// A board on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BoardView {
    /// Which one.
    pub name: Option<String>,
    /// Its values.
    pub values: Remote<BoardValues>,
    /// The KPI that was asked for by itself.
    pub kpi: Remote<KpiValues>,
    /// The last picture or export that was written.
    pub written: Remote<Written>,
}

impl App {
    pub(crate) fn apply_board(&mut self, command: BoardCommand) -> Effects {
        let workspace = self.workspace()?;
        match command {
            BoardCommand::Open(name) => {
                let Some(name) = name.or_else(|| workspace.boards.first().map(|b| b.name.clone())) else {
                    let problem = Problem::new(Code::UnknownName, "the workspace has no board").next("write boards/NAME.toml");
                    return Err(Refused(problem));
                };
                let effect = self.ask_board(&workspace, &name)?;
                self.screens.show(Screen::Board);
                Ok(vec![effect])
            }
            BoardCommand::Refresh => match self.board.name.clone() {
                Some(name) => Ok(vec![self.ask_board(&workspace, &name)?]),
                None => self.apply_board(BoardCommand::Open(None)),
            },
            BoardCommand::ShowKpi(name) => {
                let spec = find_kpi(&workspace, &name)?;
                let ticket = self.tickets.next();
                self.board.kpi.ask(ticket);
                Ok(vec![Effect { ticket, work: Work::Kpi(workspace, spec) }])
            }
            BoardCommand::Render(request) => {
                let spec = find_kpi(&workspace, &request.kpi)?;
                let ticket = self.tickets.next();
                self.board.written.ask(ticket);
                Ok(vec![Effect { ticket, work: Work::Render(workspace, spec, request) }])
            }
        }
    }

    pub(crate) fn ask_board(&mut self, workspace: &Arc<Workspace>, name: &str) -> Result<Effect, Refused> {
        let Some(spec) = workspace.boards.iter().find(|b| b.name == name) else {
            return Err(unknown("board", name, workspace.boards.iter().map(|b| b.name.as_str())));
        };
        let ticket = self.tickets.next();
        if self.board.name.as_deref() != Some(name) {
            self.board.values = Remote::NotAsked;
        }
        self.board.name = Some(name.to_owned());
        self.board.values.ask(ticket);
        Ok(Effect { ticket, work: Work::Board(workspace.clone(), spec.clone()) })
    }
}

fn find_kpi(workspace: &Workspace, name: &str) -> Result<KpiSpec, Refused> {
    workspace
        .kpis
        .iter()
        .find(|k| k.name == name)
        .cloned()
        .ok_or_else(|| unknown("KPI", name, workspace.kpis.iter().map(|k| k.name.as_str())))
}
