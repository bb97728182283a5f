//! Lines of text with a meaning to each piece: what both the verbs and the terminal screens are made of.
//!
//! Whoever shows a line decides on colours; nothing is said by colour alone. All text that enters a
//! [`Piece`] is made safe for a terminal here, once.

mod amount;
mod glyphs;
mod ink;
mod line;
mod wrap;

pub(crate) use amount::{bytes, count, duration, rate, span_ms};
pub(crate) use glyphs::Glyphs;
pub(crate) use ink::Ink;
pub(crate) use line::{Line, Room, Tone, cut_text, width_of};
pub(crate) use wrap::wrap;
