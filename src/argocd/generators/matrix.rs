//! Every parameter set of one generator with every set of another (spec sheet section 2.12).

use super::{Run, is_independent};
use crate::argocd::combine::{Overwritten, combine_texts, merge_over};
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
    let mut pairs = Vec::new();
    let mut failed = Ok(());
    for a in outer.iter() {
        let reuse = shared.clone().filter(|_| !a.is_empty());
        let inner = match reuse.map_or_else(|| run.child(second, Some(a), RETRIEVING), Ok) {
            Ok(inner) => inner,
            Err(failure) => {
                let context = "failed to get params for second generator in the matrix generator";
                failed = Err(failure.within(context));
                break;
            }
        };
        if independent && !a.is_empty() {
            shared.get_or_insert_with(|| inner.clone());
        }
        if pairs.len() + inner.len() > MOST_SETS {
            let message = format!("the matrix gives more than {MOST_SETS} parameter sets");
            failed = Err(Failure::at(message, generator.span).code("appset-too-many"));
            break;
        }
        pairs.extend(inner.iter().map(|b| (Arc::clone(a), Arc::clone(b))));
    }
    // What can't be combined is told before what came after it.
    let sets = combine(run, &pairs).map_err(|failure| failure.or_at(generator.span))?;
    failed.map(|()| sets)
}

/// A set of the first child and one of the second.
type Pair = (Arc<Parameters>, Arc<Parameters>);

/// The sets of all pairs, up to the first that can't be combined.
fn combine(run: &mut Run, pairs: &[Pair]) -> Result<Vec<Arc<Parameters>>, Failure> {
    let known = |(a, b): &Pair| if run.merging { None } else { run.pieces.combined(a, b) };
    let known: Vec<_> = pairs.iter().map(known).collect();
    let open: Vec<&Pair> =
        pairs.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(pair, _)| pair).collect();
    let is_go = run.renderer.is_go();
    let made = run.means.workers.parts(&open, |part| {
        let combined = |(a, b): &&Pair| combined(is_go, a, b);
        part.iter().map(combined).collect::<Vec<_>>()
    });
    let mut made = made.into_iter().flatten();
    let mut sets = Vec::with_capacity(pairs.len());
    for ((a, b), known) in pairs.iter().zip(known) {
        if let Some(known) = known {
            sets.push(known);
            continue;
        }
        let (parameters, lost) = made.next().unwrap_or_else(|| combined(is_go, a, b))?;
        let parameters = Arc::new(parameters);
        // What there is to say of it is said again next time.
        if lost.is_empty() {
            run.pieces.keep_combined(a, b, &parameters);
        }
        run.findings.overwritten(lost);
        sets.push(parameters);
    }
    Ok(sets)
}

/// The parameters of a pair, and those that were replaced.
fn combined(is_go: bool, a: &Parameters, b: &Parameters) -> Result<(Parameters, Vec<Overwritten>), Failure> {
    if is_go {
        let merged = merge_over(b, a).map_err(Failure::new)?;
        return Ok((merged.parameters, merged.lost));
    }
    let combined = combine_texts(a, b).map_err(|message| {
        Failure::new(message)
            .within("failed to combine string maps with merging params for the matrix generator")
            .hint("rename the parameter in one of the generators, or give one a pathParamPrefix")
    });
    Ok((combined?, Vec::new()))
}
