//! From an ApplicationSet to the Applications that Argo CD's controller would create.

mod renders;

use super::decode::{Decoder, Mismatch, Scalars};
use super::failure::{Failure, TOO_DEEP, is_too_deep};
use super::fixtures::Fixtures;
use super::generators::{KINDS, Run};
use super::memo::Memo;
use super::parameters::Parameters;
use super::required::missing;
use super::template::Rules;
use super::text::{Mode, Options, Renderer};
use super::typed::{Object, Typed};
use super::types::{APPLICATION_SET_SPEC, TEMPLATE};
use crate::diagnostic::Diagnostic;
use crate::profile::Profile;
use crate::repository::Repositories;
use crate::source::{File, Location, Span};
use crate::value::Value;
use crate::work::{Alone, Workers};
use crate::yaml::{Document, Documents, Node};
use renders::{Renders, Told};
use std::sync::Arc;

/// What an ApplicationSet is evaluated with.
pub struct Context<'a> {
    /// The repositories that generators read.
    pub repositories: &'a Repositories,
    /// What generators would ask a cluster or a network for.
    pub fixtures: &'a Fixtures,
    /// The versions whose rules apply.
    pub profile: Profile,
    /// What an administrator has set.
    pub settings: Settings,
}

/// What evaluations are done with that changes nothing of what comes of them.
pub struct Means<'a> {
    /// [`Generated::memo`] of an earlier evaluation of the same document in the same profile. Repositories,
    /// fixtures and settings may have changed meanwhile.
    pub before: &'a Memo,
    /// Files that were read already, and those that are read now.
    pub documents: &'a Documents,
    /// Who does what can be done at once.
    pub workers: &'a dyn Workers,
}

/// What an administrator can set for the ApplicationSet controller and the repository server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `applicationsetcontroller.enable.new.git.file.globbing`.
    pub new_git_file_globbing: bool,
    /// `reposerver.include.hidden.directories`.
    pub include_hidden_directories: bool,
}

/// What comes of an ApplicationSet.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Its name.
    pub name: Arc<str>,
    /// Its namespace, and that of its Applications; empty where none is written.
    pub namespace: Arc<str>,
    /// The decoded `spec`; `None` where it doesn't fit the API's types.
    pub spec: Option<Object>,
    /// The Applications, in order; none if there is an error.
    pub applications: Vec<Arc<Application>>,
    /// The first error, in the controller's words: then Argo CD creates, changes and deletes nothing.
    pub error: Option<Diagnostic>,
    /// What else there is to say.
    pub findings: Vec<Diagnostic>,
    /// The pieces that it was made of.
    pub memo: Memo,
}

impl Generated {
    /// The generators from the outside in, e.g. `matrix(git files, list)`; several are separated by
    /// `+`.
    pub fn generators(&self) -> String {
        let entries = self.spec.iter().flat_map(|spec| spec.objects("generators"));
        entries.map(describe).collect::<Vec<_>>().join(" + ")
    }
}

fn describe(entry: &Object) -> String {
    let given =
        KINDS.iter().filter_map(|kind| Some((*kind, entry.get(kind))).filter(|(_, value)| value.is_given()));
    let described = given.map(|(kind, value)| match (kind, value) {
        ("git" | "oci", Typed::Object(generator)) => {
            let what = if generator.list("directories").is_empty() { "files" } else { "directories" };
            format!("{kind} {what}")
        }
        ("matrix" | "merge", Typed::Object(generator)) => {
            let children: Vec<_> = generator.objects("generators").map(describe).collect();
            format!("{kind}({})", children.join(", "))
        }
        ("matrix" | "merge", Typed::Json(node)) => {
            let children = node.get("generators").map(Node::items).unwrap_or_default();
            let named = children.iter().map(|child| {
                let keys = child.entries().iter().map(|entry| &*entry.key);
                keys.filter(|key| KINDS.contains(key)).collect::<Vec<_>>().join(" + ")
            });
            format!("{kind}({})", named.collect::<Vec<_>>().join(", "))
        }
        _ => kind.to_owned(),
    });
    described.collect::<Vec<_>>().join(" + ")
}

/// A generated Application.
#[derive(Clone, Debug)]
pub struct Application {
    /// `metadata.name`; empty if there is none.
    pub name: Arc<str>,
    /// The complete object as JSON, without `apiVersion`, `kind` and `status`.
    pub object: Value,
    /// The parameters that it was rendered with.
    pub parameters: Arc<Parameters>,
    /// The template: the set's, filled into the generator's own.
    pub template: Arc<Object>,
    /// The rendered `templatePatch`, if the set has one.
    pub patch: Option<Arc<Document>>,
    /// The file of the set, into which the spans of `template` point.
    pub file: Arc<File>,
}

impl Application {
    /// `metadata.name`; empty if there is none.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Evaluates an ApplicationSet. Never fails: an error is part of the answer.
pub fn generate(document: &Document, context: &Context) -> Generated {
    let (before, documents) = (&Memo::default(), &Documents::default());
    generate_with(&Means { before, documents, workers: &Alone }, document, context)
}

/// [`generate`] with what is there to do it faster.
pub fn generate_with(means: &Means, document: &Document, context: &Context) -> Generated {
    let file = &document.file;
    let text = |key: &str| -> Arc<str> {
        let metadata = document.root.get("metadata");
        Arc::from(metadata.and_then(|metadata| metadata.get(key)).and_then(Node::as_str).unwrap_or_default())
    };
    let mut generated = Generated {
        name: text("name"),
        namespace: text("namespace"),
        spec: None,
        applications: Vec::new(),
        error: None,
        findings: Vec::new(),
        memo: Memo::default(),
    };
    if is_too_deep(&document.root) {
        generated.error = Some(Failure::at(TOO_DEEP, document.root.span).into_diagnostic(file));
        return generated;
    }
    let mut decoder = Decoder::new(file, Scalars::BecomeText, context.profile.argocd, &["spec"]);
    let empty = Node { span: document.root.span, kind: crate::yaml::Kind::Map(Arc::from([])) };
    let spec = decoder.decode(&APPLICATION_SET_SPEC, document.root.get("spec").unwrap_or(&empty));
    generated.findings = decoder.findings();
    let spec = match spec {
        Ok(spec) => spec,
        Err(mismatch) => {
            generated.error = Some(rejected(mismatch, file));
            return generated;
        }
    };
    generated.findings.extend(missing(&spec, file));
    generated.spec = Some(spec.clone());
    match evaluate(&spec, &mut generated, file, context, means) {
        Ok(applications) => generated.applications = applications,
        Err(failure) => generated.error = Some(failure.into_diagnostic(file)),
    }
    generated
}

fn rejected(mismatch: Mismatch, file: &Arc<File>) -> Diagnostic {
    let message = format!("error unmarshaling JSON: while decoding JSON: {}", mismatch.message);
    Diagnostic::error("appset-rejected", message)
        .at(Location::new(file, mismatch.span))
        .hint("fields that are no strings can't be templates: set them in `templatePatch`")
}

/// The template language of a set.
pub(super) fn mode_of(spec: &Object) -> Mode {
    if spec.flag("goTemplate") { Mode::Go(Options::new(spec.texts("goTemplateOptions"))) } else { Mode::Fast }
}

fn evaluate(
    spec: &Object,
    generated: &mut Generated,
    file: &Arc<File>,
    context: &Context,
    means: &Means,
) -> Result<Vec<Arc<Application>>, Failure> {
    let preserve = spec.object("syncPolicy").is_some_and(|policy| policy.flag("preserveResourcesOnDeletion"));
    let nothing = Object::empty(&TEMPLATE, Span::default());
    let base = spec.object("template").unwrap_or(&nothing);
    let project = base.object("spec").map_or("", |spec| spec.text("project"));
    let renderer = Renderer::new(mode_of(spec), context.profile);
    let patch = spec.get("templatePatch").as_text();
    let patches = means.before.patches.clone();
    let renders = Renders {
        file,
        language: renderer.language.clone(),
        rules: Rules {
            namespace: &Arc::clone(&generated.namespace),
            preserves_resources: preserve,
            patched: patch.is_some(),
        },
        patch: patch.map(|patch| (patch, &patches)),
        argocd: context.profile.argocd,
    };
    let mut run = Run::new(context, file, project, renderer, means);
    let mut told = Told::default();
    let mut applications = Vec::new();
    let outcome = (|| {
        let mut number = 0;
        for entry in spec.objects("generators") {
            for part in run.transform(entry, base, None)? {
                let known: Vec<_> = part.sets.iter().map(|set| run.pieces.rendered(number, set)).collect();
                let open = part.sets.iter().zip(&known).filter(|(_, known)| known.is_none());
                let open: Vec<&Arc<Parameters>> = open.map(|(set, _)| set).collect();
                let template = Arc::new(part.template);
                let batches = means.workers.parts(&open, |sets| renders.render(&template, sets));
                let mut made = Vec::with_capacity(open.len());
                for batch in batches {
                    told.add(batch.told);
                    made.extend(batch.applications);
                    batch.failure.map_or(Ok(()), Err)?;
                }
                for (set, application) in open.into_iter().zip(&made) {
                    run.pieces.keep_rendered(number, set, application);
                }
                let mut made = made.into_iter();
                applications.extend(known.into_iter().filter_map(|known| known.or_else(|| made.next())));
                number += 1;
            }
        }
        Ok(())
    })();
    told.made_up(run.renderer.made_up.take());
    if told.is_empty() {
        // Else all is rendered again next time, so that this is told again.
        generated.memo = std::mem::take(&mut run.pieces.now);
        generated.memo.patches = patches.clone();
    }
    generated.findings.extend(told.made_up_values(Location::new(file, base.span)));
    generated.findings.extend(run.findings.into_diagnostics());
    generated.findings.extend(told.of_patches);
    outcome.map(|()| applications)
}

#[cfg(test)]
mod tests;
