//! The way back, on real repositories.

mod execute;
mod revert;
mod safety;
mod scene;
mod truth;
