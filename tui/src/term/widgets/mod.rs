//! Parts that several screens are made of.

pub(crate) mod cards;
pub(crate) mod grid;
mod list;
mod meter;

pub(crate) use list::List;
pub(crate) use meter::meter;
