//! The hash-chained record of what was done, by whom, on which evidence.
