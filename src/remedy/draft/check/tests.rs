//! What each check finds and what it lets through.
