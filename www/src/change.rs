//! What changes the loaded platform, so that it can be done again when the engine has broken down.

use crate::engine::{Engine, Load};
use crate::loading::{Cancel, Input, load};
use crate::message::{Progress, Request};

/// A change of what is loaded, or of how it is understood.
#[derive(Clone)]
pub enum Change {
    /// Files are loaded.
    Load(Input),
    /// The engine is told something about them.
    Set(Request),
}

/// What came of changes.
#[derive(Default)]
pub struct Changed {
    /// Those that were done, in their order.
    pub done: Vec<Change>,
    /// The last one that was refused or given up, if there is one.
    pub failed: Option<Change>,
    /// The platform that they led to, with what was wrong with files.
    pub load: Load,
    /// Whether they were given up.
    pub cancelled: bool,
}

/// Does one change after the other.
pub async fn apply(
    engine: Engine,
    changes: Vec<Change>,
    cancel: Cancel,
    progress: impl Fn(Progress),
) -> Changed {
    let mut changed = Changed::default();
    for change in changes {
        let load = match change.clone() {
            Change::Load(input) => load(&engine, input, &cancel, &progress).await,
            Change::Set(request) => Some(engine.change(request, &progress).await),
        };
        let Some(Load { platform, findings, refused }) = load else {
            return Changed { cancelled: true, failed: Some(change), ..changed };
        };
        changed.load.findings.extend(findings);
        changed.load.refused = refused;
        match platform {
            Some(platform) => {
                changed.load.platform = Some(platform);
                changed.done.push(change);
            }
            None if cancel.is_cancelled() => {
                return Changed { cancelled: true, failed: Some(change), ..changed };
            }
            None => changed.failed = Some(change),
        }
    }
    changed
}
