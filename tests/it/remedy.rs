//! The way back, on real repositories.

mod draft;
mod execute;
mod revert;
mod safety;
mod scene;
