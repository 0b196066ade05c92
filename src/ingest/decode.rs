//! Reads one line.
