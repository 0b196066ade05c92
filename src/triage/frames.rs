//! Finds the places in the repository that an error names.
