//! Helm charts: metadata, dependencies, conditions, values seen by subcharts, rendering.
