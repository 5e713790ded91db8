//! From ApplicationSets to Applications, and from Applications to value layers.
