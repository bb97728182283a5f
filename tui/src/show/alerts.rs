//! Alerts and how they got through.

use trommel_model::{AlertState, SentAlert};

use crate::paint::{Line, Room, Tone};

/// A line for each, and why one did not get through.
pub(crate) fn told(alerts: &[SentAlert], room: Room) -> Vec<Line> {
    if alerts.is_empty() {
        return vec![Line::new().muted("nothing waits to be told")];
    }
    let mut lines = Vec::new();
    for alert in alerts {
        let (sign, tone) = match alert.state {
            AlertState::Sent => (room.glyphs.good(), Tone::Good),
            AlertState::Waiting => (room.glyphs.held(), Tone::Warn),
            AlertState::GivenUp => (room.glyphs.bad(), Tone::Bad),
        };
        lines.push(
            Line::new().with(tone, sign).gap(1).strong(&alert.alert).muted(format!(" {} ", alert.state.name())).plain(&alert.message.title),
        );
        if let Some(problem) = &alert.problem {
            lines.extend(super::problem::brief(problem, room).into_iter().map(|l| Line::new().gap(2).append(l)));
        }
    }
    lines
}
