//! What to expect of each signature, from the days before a deploy.
