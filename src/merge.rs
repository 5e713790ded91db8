//! Layers to one tree of values, with every write kept.
