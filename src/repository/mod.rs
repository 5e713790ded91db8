//! Repositories: trees of files by URL and revision, and the ways in which they are loaded.
