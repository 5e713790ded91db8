//! Every parameter set of one generator with every set of another (spec sheet section 2.12).

use super::{Run, is_independent};
use crate::argocd::combine::{combine_texts, merge_over};
use crate::argocd::failure::Failure;
use crate::argocd::parameters::Parameters;
use crate::argocd::typed::Object;
use std::sync::Arc;

/// More parameter sets are refused: no Argo CD serves so many Applications.
const MOST_SETS: usize = 200_000;

/// What comes before the error of a merge generator inside that can't be read.
const RETRIEVING: Option<&str> = Some("error retrieving merge generator");

/// The parameter sets of a matrix generator: for each set of the first child those of the second,
/// which is evaluated with the first one's parameters.
///
/// # Errors
/// Not exactly two children, a child's error, two values for one name.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Arc<Parameters>>, Failure> {
    let children: Vec<&Object> = generator.objects("generators").collect();
    let (first, second) = match children[..] {
        [first, second] => (first, second),
        [] | [_] => {
            let message = "found less than two generators, Matrix support only two";
            return Err(Failure::at(message, generator.span_of("generators")));
        }
        _ => {
            let message = "found more than two generators, Matrix support only two";
            return Err(Failure::at(message, generator.span_of("generators")));
        }
    };
    let outer = run.child(first, None, RETRIEVING);
    let outer = outer.map_err(|failure| {
        failure.within("error failed to get params for first generator in matrix generator")
    })?;
    // Argo CD evaluates the second child anew each time; inside a merge it matters that its maps differ.
    let independent = !run.merging && is_independent(second);
    let mut shared = None;
    let mut sets = Vec::new();
    for a in outer.iter() {
        let reuse = shared.clone().filter(|_| !a.is_empty());
        let inner = match reuse {
            Some(inner) => inner,
            None => run.child(second, Some(a), RETRIEVING).map_err(|failure| {
                failure.within("failed to get params for second generator in the matrix generator")
            })?,
        };
        if independent && !a.is_empty() {
            shared.get_or_insert_with(|| inner.clone());
        }
        if sets.len() + inner.len() > MOST_SETS {
            let message = format!("the matrix gives more than {MOST_SETS} parameter sets");
            return Err(Failure::at(message, generator.span).code("appset-too-many"));
        }
        for b in inner.iter() {
            sets.push(combine(run, a, b).map_err(|failure| failure.or_at(generator.span))?);
        }
    }
    Ok(sets)
}

fn combine(run: &mut Run, a: &Arc<Parameters>, b: &Arc<Parameters>) -> Result<Arc<Parameters>, Failure> {
    let known = if run.merging { None } else { run.pieces.combined(a, b) };
    if let Some(known) = known {
        return Ok(known);
    }
    if !run.renderer.is_go() {
        let combined = combine_texts(a, b).map_err(|message| {
            Failure::new(message)
                .within("failed to combine string maps with merging params for the matrix generator")
                .hint("rename the parameter in one of the generators, or give one a pathParamPrefix")
        });
        let combined = Arc::new(combined?);
        run.pieces.keep_combined(a, b, &combined);
        return Ok(combined);
    }
    let merged = merge_over(b, a).map_err(Failure::new)?;
    let combined = Arc::new(merged.parameters);
    if merged.lost.is_empty() {
        run.pieces.keep_combined(a, b, &combined);
    }
    run.findings.overwritten(merged.lost);
    Ok(combined)
}
