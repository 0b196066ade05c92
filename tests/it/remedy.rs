//! The way back, on real repositories.

mod auto;
mod draft;
mod execute;
mod forge;
mod people;
mod revert;
mod safety;
mod scene;
mod truth;
