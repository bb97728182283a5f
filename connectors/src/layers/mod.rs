//! What every server needs, written once: secrets that do not show, waiting that ends, trying again, reading slowly.

mod age;
mod keep;
mod keyring;
mod nodelay;
mod patience;
mod retry;
mod secret;
mod throttle;

pub use keep::{Kept, keep};
pub use keyring::Keyring;
pub use nodelay::nodelay;
pub use patience::Patience;
pub use retry::retry;
pub use secret::{Secret, lookup, private_text};
pub use throttle::Throttle;
