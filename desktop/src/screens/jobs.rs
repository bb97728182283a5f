//! Jobs: what runs and what ran.

use egui::{Grid, ProgressBar, RichText, ScrollArea, Ui};
use trommel_app::{Command, JobState, View};

use crate::grid::grouped;
use crate::look;
use crate::wish::Wishes;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    ui.heading("Jobs");
    if view.jobs.jobs.is_empty() {
        look::empty(ui, "nothing runs and nothing ran", "long work shows here with its progress");
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Grid::new("jobs").num_columns(4).striped(true).spacing([18.0, 8.0]).show(ui, |ui| {
            for job in view.jobs.jobs.iter().rev() {
                ui.label(RichText::new(&job.title).strong());
                let rows = if job.progress.rows > 0 { format!("{} rows", grouped(job.progress.rows)) } else { String::new() };
                match &job.state {
                    JobState::Running | JobState::Stopping => {
                        match job.progress.ratio() {
                            Some(ratio) => ui.add(ProgressBar::new(ratio as f32).desired_width(240.0).show_percentage()),
                            None => ui.spinner(),
                        };
                        ui.label(look::muted(ui, format!("{} {rows}", job.progress.doing)));
                        let stopping = job.state == JobState::Stopping;
                        let button = egui::Button::new(if stopping { "stopping…" } else { "Cancel" });
                        if ui.add_enabled(!stopping, button).clicked() {
                            wishes.ask(Command::CancelJob(job.ticket));
                        }
                    }
                    JobState::Finished => {
                        ui.label("✓ finished");
                        ui.label(rows);
                        ui.label("");
                    }
                    JobState::Cancelled => {
                        ui.label("■ cancelled");
                        ui.label(rows);
                        ui.label("");
                    }
                    JobState::Failed(problem) => {
                        ui.label("✗ failed");
                        look::problem(ui, problem);
                        ui.label("");
                    }
                }
                ui.end_row();
            }
        });
    });
}
