//! Since when a value breaks a rule.

use super::{Schema, Violation};
use crate::value::Value;

/// For each violation the number of layers up to which it wasn't there: `Some(2)` says that the values
/// of the first two layers were fine and the third one broke them; `None` that they were never fine.
///
/// `layers` is the number of layers, and `after` gives the values of the first so many; `None` where
/// there are none to speak of, which counts as fine. Values are asked for from the top down, and only as
/// long as a violation is unexplained.
pub fn valid_until(
    schema: &Schema,
    violations: &[Violation],
    layers: usize,
    mut after: impl FnMut(usize) -> Option<Value>,
) -> Vec<Option<usize>> {
    let mut found = vec![None; violations.len()];
    for count in (0..layers).rev() {
        if found.iter().all(Option::is_some) {
            break;
        }
        let then = after(count).map_or_else(Vec::new, |values| schema.validate(&values));
        let same = |one: &Violation, other: &Violation| one.path == other.path && one.place == other.place;
        for (violation, found) in violations.iter().zip(&mut found) {
            if found.is_none() && !then.iter().any(|earlier| same(earlier, violation)) {
                *found = Some(count);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Helm;
    use crate::schema::Owner;
    use crate::source::File;

    #[test]
    fn the_layer_that_broke_a_value_is_found() {
        let text = r#"{"properties": {"replicas": {"maximum": 10}, "tag": {"type": "string"}}}"#;
        let schema =
            Schema::compile(&File::new("c", "values.schema.json", text), Owner::Chart, Helm::V4_3, &());
        let schema = schema.expect("the schema is fine");
        let values = |replicas: f64| {
            let pairs = [("replicas".into(), Value::Float(replicas)), ("tag".into(), Value::Float(1.0))];
            Value::Map(std::sync::Arc::new(pairs.into_iter().collect()))
        };
        let history = [values(20.0), values(1.0), values(2.0), values(30.0)];
        let violations = schema.validate(&history[3]);
        let until = valid_until(&schema, &violations, 3, |count| Some(history[count].clone()));
        assert_eq!(until, [Some(2), None], "replicas were fine until the third layer, the tag never was");
    }
}
