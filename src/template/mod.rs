//! Go's text/template with Sprig's, Helm's and Argo CD's functions.
