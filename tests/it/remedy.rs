//! The way back, on real repositories.

mod auto;
mod draft;
mod execute;
mod forge;
mod last_second;
mod people;
mod revert;
mod safety;
mod scene;
mod truth;
