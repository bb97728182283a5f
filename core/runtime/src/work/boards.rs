//! Values of KPIs and boards, and pictures of them.

use trommel_app::{News, RenderRequest, Written};
use trommel_model::{BoardSpec, CardChart, CardSpec, Chart, Code, KpiSpec, Outcome, Problem, Theme, Workspace};

use crate::desk::Desk;
use crate::worker::Task;

/// The values of a board.
pub(super) fn board(task: &Task, workspace: &Workspace, spec: &BoardSpec) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    trommel_metrics::board(&desk.engine, spec, &workspace.kpis, desk.snapshot, &task.cancel).map(News::Board)
}

/// The values of one KPI.
pub(super) fn kpi(task: &Task, workspace: &Workspace, spec: &KpiSpec) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    trommel_metrics::values(&desk.engine, spec, &task.cancel).map(News::Kpi)
}

/// Draws a KPI into a file.
pub(super) fn render(task: &Task, workspace: &Workspace, spec: &KpiSpec, request: &RenderRequest) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    let values = trommel_metrics::values(&desk.engine, spec, &task.cancel)?;
    if let Some(by) = &request.by
        && !spec.dimensions.contains(by)
    {
        return Err(Problem::new(Code::UnknownName, format!("KPI {} has no dimension \"{by}\"", spec.name))
            .next(format!("its dimensions are: {}", spec.dimensions.join(", "))));
    }
    let kind = if request.by.is_some() || values.series.is_empty() { CardChart::Bar } else { CardChart::Line };
    let chart = Chart::of(&values, &CardSpec { kpi: spec.name.clone(), chart: kind, by: request.by.clone() });
    let theme = if request.dark { Theme::Dark } else { Theme::Light };
    let size = (request.width, request.height);
    let ending = request.to.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let bytes = match ending.as_deref() {
        Some("svg") => trommel_metrics::svg(&chart, size, theme)?.into_bytes(),
        Some("png") => trommel_metrics::png(&chart, size, theme)?,
        _ => {
            return Err(Problem::new(Code::Usage, "cannot tell the kind of picture")
                .in_file(&request.to)
                .next("end the file's name with .svg or .png"));
        }
    };
    trommel_connectors::whole_file(&request.to, &bytes)?;
    let rows = chart.labels.len() as u64;
    Ok(News::Written(Written { files: vec![request.to.clone()], table: None, rows, notes: Vec::new() }))
}
