//! Manifests on their way from the engine.

use crate::engine::Engine;
use crate::message::Answer;
use crate::platform::Platform;
use crate::shared::Shared;
use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;
use strata::report::ManifestsReport;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Manifests as far as they have come.
#[derive(Clone)]
pub struct Arriving {
    report: Rc<RefCell<ManifestsReport>>,
    /// Number of pieces that had come when this was made.
    pieces: usize,
    /// Whether all have come.
    pub complete: bool,
    /// Whether the source is rendered at all.
    pub rendered: bool,
}

impl PartialEq for Arriving {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.report, &other.report)
            && (self.pieces, self.complete, self.rendered) == (other.pieces, other.complete, other.rendered)
    }
}

impl Arriving {
    /// What has come.
    pub fn report(&self) -> Ref<'_, ManifestsReport> {
        self.report.borrow()
    }
}

/// The manifests of an Application's source in `spec.sources`, from the first piece on. When something
/// else is wanted, or nothing, no more pieces are sent.
#[hook]
pub fn use_manifests(
    engine: &Engine,
    platform: &Shared<Platform>,
    wanted: Option<(usize, usize)>,
) -> Option<Arriving> {
    let arriving = use_state(|| None);
    {
        let (arriving, engine) = (arriving.setter(), engine.clone());
        use_effect_with((platform.clone(), wanted), move |(_, wanted)| {
            let gone = Rc::new(Cell::new(false));
            arriving.set(None);
            if let Some((application, source)) = *wanted {
                let answers = engine.manifests(application, source);
                spawn_local(receive(answers, Rc::clone(&gone), arriving));
            }
            move || gone.set(true)
        });
    }
    (*arriving).clone()
}

/// Takes pieces in. Of many pieces only each doubling is shown, so that drawing takes no longer than
/// the pieces themselves.
async fn receive(
    mut answers: UnboundedReceiver<Answer>,
    gone: Rc<Cell<bool>>,
    shown: UseStateSetter<Option<Arriving>>,
) {
    let report = Rc::new(RefCell::new(ManifestsReport::default()));
    let mut arriving = Arriving { report: Rc::clone(&report), pieces: 0, complete: false, rendered: false };
    while let Some(answer) = answers.next().await {
        if gone.get() {
            return;
        }
        let is_lines = matches!(answer, Answer::Lines(..));
        arriving.rendered |= matches!(answer, Answer::Manifests(_));
        take(&mut report.borrow_mut(), answer);
        if is_lines {
            arriving.pieces += 1;
            if arriving.pieces.is_power_of_two() {
                shown.set(Some(arriving.clone()));
            }
        }
    }
    if !gone.get() {
        shown.set(Some(Arriving { complete: true, ..arriving }));
    }
}

fn take(report: &mut ManifestsReport, piece: Answer) {
    match piece {
        Answer::Manifests(head) => *report = *head,
        Answer::Actions(actions) => report.actions.extend(actions),
        Answer::Values(values) => report.values.extend(values),
        Answer::Lines(position, lines) => {
            if let Some(manifest) = report.manifests.get_mut(position) {
                manifest.lines.extend(lines);
            }
        }
        _ => {}
    }
}
