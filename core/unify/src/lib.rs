//! One list of every external crate and feature, so that no build of a part compiles anything differently.
