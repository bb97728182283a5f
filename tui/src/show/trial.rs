//! The stages of a connection being tried.

use trommel_model::TrialStage;

use crate::paint::{Line, Room, Tone};

/// Each stage with its time; the one that failed with what to do.
pub(crate) fn stages(stages: &[TrialStage], pending: bool, room: Room) -> Vec<Line> {
    let glyphs = room.glyphs;
    let mut lines = Vec::new();
    for stage in stages {
        let time = format!("{:.0} ms", stage.elapsed_ms);
        let (sign, tone, found) = match &stage.outcome {
            Ok(found) => (glyphs.good(), Tone::Good, found.as_str()),
            Err(_) => (glyphs.bad(), Tone::Bad, "failed"),
        };
        let line = Line::new().gap(1).with(tone, sign).gap(1).append(Line::new().strong(&stage.name).padded(16));
        lines.push(line.append(Line::new().muted(time).padded(10)).plain(found));
        if let Err(problem) = &stage.outcome {
            let inner = Room { width: room.width.map(|w| w.saturating_sub(3)), ..room };
            lines.extend(super::problem::brief(problem, inner).into_iter().map(|l| Line::new().gap(3).append(l)));
        }
    }
    if pending {
        lines.push(Line::new().gap(1).accent(glyphs.running()).gap(1).muted(format!("trying{}", glyphs.ellipsis())));
    }
    lines
}
