//! Database servers: what all of them have in common. Each has a folder of its own beside this one.

mod column;
mod deliver;
mod fill;
mod reach;
mod server;
mod since;
mod standard;
mod trial;
pub mod write;

pub(crate) use column::Column;
pub(crate) use deliver::{Delivery, Odd};
pub use fill::Filling;
pub use reach::shown;
pub(crate) use reach::{Reach, Verify};
pub(crate) use server::{Found, Subject};
pub use server::{Server, piece_of, preview, read, tables};
pub use since::Since;
pub use trial::trial;
pub(crate) use trial::{Refused, Step};
