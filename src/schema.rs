//! Schemas: values validated, each failure blamed on a write and on the line of the rule.
