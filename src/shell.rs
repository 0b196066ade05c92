//! Everything that blocks, fails or is asynchronous.
pub mod audit;
pub mod clock;
pub mod demo;
pub mod execute;
pub mod git;
pub mod source;
pub mod store;
