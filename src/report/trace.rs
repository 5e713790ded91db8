//! How an Application comes about, link by link: generator → parameter → template field → rendered path →
//! `$ref` → repository, revision and file → layer; and where the chain breaks, what was close.

use super::application::{layers, parameters, status};
use super::{LayerStatus, Parameter, Place};
use crate::argocd::applicationset;
use crate::argocd::sources::{Layer, Sought, Source, SourceKind, Step};
use crate::argocd::text::Part;
use crate::platform::{
    Application, Detail, Evaluation, HelmSource, Origin, Outcome, Platform, typed_by_hand,
};
use crate::schema::nearest;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Files that are told as close to one that is missing.
const MOST_NEAR: usize = 5;

/// The whole chain of an Application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// Its name.
    pub application: String,
    /// The set that yields it; empty for a hand-written one.
    pub set: String,
    /// Kinds of the set's generators from the outside in.
    pub generators: String,
    /// Where the set is written; for a hand-written Application where that is.
    pub place: Place,
    /// Names of the Applications whose charts render it, the nearest first.
    pub parents: Vec<String>,
    /// The parameter set, with the generator and the place of each parameter.
    pub parameters: Vec<Parameter>,
    /// `metadata.name` and the fields of the destination.
    pub fields: Vec<FieldTrace>,
    /// The sources that render, in their order.
    pub sources: Vec<SourceTrace>,
    /// Why Argo CD refuses it as a whole; empty if it does not.
    pub refused: String,
}

/// A field of the Application with what it was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldTrace {
    /// Its path, e.g. `spec.sources[0].helm.valueFiles[1]`.
    pub field: String,
    /// Its text.
    pub value: String,
    /// Where it is written: in the set's template, or in the Application.
    pub place: Option<Place>,
    /// Its parts in order; none for a hand-written Application.
    pub parts: Vec<PartTrace>,
}

/// A part of a rendered text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartTrace {
    /// The part.
    pub text: String,
    /// The expression that wrote it, with its braces; empty for plain text.
    pub expression: String,
    /// The parameters that it was made from.
    pub parameters: Vec<Parameter>,
}

/// A source that renders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceTrace {
    /// Its position in `spec.sources`.
    pub index: usize,
    /// `Helm`, `Directory`, `Kustomize`…
    pub kind: String,
    /// `repoURL`, `targetRevision`, and `path` or `chart`, as far as they are given.
    pub fields: Vec<FieldTrace>,
    /// Its layers, lowest precedence first, the chart's own defaults aside.
    pub layers: Vec<LayerTrace>,
    /// Where the chain breaks; empty if it does not.
    pub error: String,
}

/// From the entry that names a layer to the file that it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerTrace {
    /// Its number among the source's layers.
    pub number: usize,
    /// Its short name.
    pub label: String,
    /// The field that names it.
    pub field: FieldTrace,
    /// The `$ref` that it starts with.
    pub reference: Option<ReferenceTrace>,
    /// Repository in which it is looked for; empty where that is not known.
    pub repository: String,
    /// Revision of it; empty where one folder stands for all.
    pub revision: String,
    /// Path in it.
    pub path: String,
    /// Whether it has anything to say.
    pub status: LayerStatus,
    /// Number of leaf values that it writes.
    pub keys: usize,
    /// What it means that it is not there, and what was close; empty for a layer that is there.
    pub remark: String,
}

/// A source that lends its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceTrace {
    /// Its name, with the dollar.
    pub name: String,
    /// Its position in `spec.sources`.
    pub index: usize,
    /// Its `repoURL`.
    pub url: FieldTrace,
    /// Its `targetRevision`.
    pub revision: FieldTrace,
}

/// The trace of an Application.
pub(super) fn trace(
    platform: &Platform,
    evaluation: &Evaluation,
    application: &Application,
    detail: &Detail,
) -> Trace {
    let tracer = Tracer { platform, evaluation, application };
    let document = match &application.origin {
        Origin::Written(document) => document,
        Origin::Generated { set, .. } => &evaluation.sets[*set].document,
    };
    let shown = [
        &["metadata", "name"][..],
        &["spec", "project"],
        &["spec", "destination", "server"],
        &["spec", "destination", "name"],
        &["spec", "destination", "namespace"],
    ];
    let above = |one: &usize| evaluation.parent_of(&evaluation.applications[*one]);
    let parents = std::iter::successors(evaluation.parent_of(application), above).take(64);
    Trace {
        application: application.name.to_string(),
        set: evaluation.set_of(application).unwrap_or_default().to_owned(),
        generators: match application.origin {
            Origin::Generated { set, .. } => evaluation.sets[set].generated.generators(),
            Origin::Written(_) => String::new(),
        },
        place: Place::of(&typed_by_hand(document)),
        parents: parents.map(|one| evaluation.applications[one].name.to_string()).collect(),
        parameters: parameters(application, evaluation),
        fields: shown.into_iter().filter_map(|path| tracer.field(&owned(path))).collect(),
        sources: detail.sources.iter().map(|(source, outcome)| tracer.source(source, outcome)).collect(),
        refused: detail.refused.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

struct Tracer<'a> {
    platform: &'a Platform,
    evaluation: &'a Evaluation,
    application: &'a Application,
}

impl Tracer<'_> {
    fn generated(&self) -> Option<(&applicationset::Generated, &applicationset::Application)> {
        let Origin::Generated { set, position } = self.application.origin else { return None };
        let generated = &self.evaluation.sets[set].generated;
        Some((generated, &generated.applications[position]))
    }

    /// A field that has a text; `None` if there is none.
    fn field(&self, path: &[String]) -> Option<FieldTrace> {
        let value = path.iter().try_fold(&self.application.object, |value, name| step(value, name))?;
        let Value::String(text) = value else { return None };
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let (place, parts) = match self.generated() {
            Some((generated, application)) => {
                let parts = generated.explain(application, &steps, self.platform.profile);
                (Some(application.location(&steps)), parts.iter().map(|part| of_part(part, text)).collect())
            }
            None => (self.written(path), Vec::new()),
        };
        let field = in_words(path);
        Some(FieldTrace { field, value: text.to_string(), place: place.as_ref().map(Place::of), parts })
    }

    /// Where a hand-written Application gives a field.
    fn written(&self, path: &[String]) -> Option<crate::source::Location> {
        let Origin::Written(document) = &self.application.origin else { return None };
        let node = path.iter().try_fold(&document.root, |node, step| {
            step.parse::<usize>().ok().and_then(|at| node.items().get(at)).or_else(|| node.get(step))
        });
        Some(crate::source::Location::new(&document.file, node?.span))
    }

    /// The path of a source in the Application.
    fn path_of(&self, index: usize) -> Vec<String> {
        let spec = self.application.object.get("spec");
        let several = spec.and_then(|spec| spec.get("sources")).and_then(Value::as_list).unwrap_or_default();
        if several.is_empty() {
            owned(&["spec", "source"])
        } else {
            vec!["spec".to_owned(), "sources".to_owned(), index.to_string()]
        }
    }

    fn source(&self, source: &Source, outcome: &Outcome) -> SourceTrace {
        let path = self.path_of(source.index);
        let given = ["repoURL", "targetRevision", "path", "chart", "ref"];
        let fields = given.into_iter().filter_map(|field| self.field(&with(&path, &[field])));
        let layers = match (&source.kind, outcome) {
            (SourceKind::Helm(named), Outcome::Helm(helm)) => self.layers(source, &named.layers, helm),
            _ => Vec::new(),
        };
        SourceTrace {
            index: source.index,
            kind: super::application::kind(&source.kind).to_owned(),
            fields: fields.collect(),
            layers,
            error: outcome.failure().map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn layers(&self, source: &Source, named: &[Layer], helm: &HelmSource) -> Vec<LayerTrace> {
        let all = layers(helm);
        let numbered = all.iter().enumerate().filter_map(|(at, (id, layer))| {
            let own = named.get(id.as_user()?)?;
            let (status, keys) = status(layer);
            let field: Vec<String> = own.field.path().map(|step| plain(&step)).collect();
            let field = with(&self.path_of(source.index), &field);
            let sought = own.sought.as_ref();
            Some(LayerTrace {
                number: at + 1,
                label: layer.label.to_string(),
                field: self.field(&field).unwrap_or_else(|| FieldTrace {
                    field: in_words(&field),
                    place: own.named_at.as_ref().map(Place::of),
                    ..FieldTrace::default()
                }),
                reference: self.reference(&own.written),
                repository: sought.map(|sought| sought.repository.to_string()).unwrap_or_default(),
                revision: sought.map(|sought| sought.revision.to_string()).unwrap_or_default(),
                path: sought.map(|sought| sought.path.to_string()).unwrap_or_default(),
                status,
                keys,
                remark: self.remark(layer, sought, status),
            })
        });
        numbered.collect()
    }

    /// The source that an entry's `$ref` means.
    fn reference(&self, entry: &str) -> Option<ReferenceTrace> {
        let name = entry.strip_prefix('$')?.split('/').next()?;
        let sources = self.application.object.get("spec")?.get("sources")?.as_list()?;
        let is_meant = |source: &Value| source.get("ref").and_then(Value::as_str) == Some(name);
        let index = sources.iter().position(is_meant)?;
        let field = |field: &str| self.field(&with(&self.path_of(index), &[field])).unwrap_or_default();
        Some(ReferenceTrace {
            name: format!("${name}"),
            index,
            url: field("repoURL"),
            revision: field("targetRevision"),
        })
    }

    fn remark(&self, layer: &crate::merge::Layer, sought: Option<&Sought>, status: LayerStatus) -> String {
        use crate::merge::{Absence, Content};
        let near = || sought.map(|sought| self.near(sought)).unwrap_or_default();
        match (status, &layer.content) {
            (LayerStatus::MissingAllowed, _) => {
                format!("the file is missing, which is allowed: the layers below it stand{}", near())
            }
            (LayerStatus::Missing, _) => format!("the file is missing, and Helm fails for it{}", near()),
            (LayerStatus::Repeated, _) => "listed before: only the first mention counts".to_owned(),
            (_, Content::Absent(Absence::Unknown(why))) => why.clone(),
            (_, Content::Broken(problem)) => problem.message.clone(),
            _ => String::new(),
        }
    }

    /// What there is close to a file that is missing, as the end of a sentence.
    fn near(&self, sought: &Sought) -> String {
        let repositories = self.platform.repositories.all().iter();
        let tree = repositories
            .filter(|repository| repository.name == sought.repository)
            .flat_map(|repository| &repository.revisions)
            .find(|revision| revision.name == sought.revision)
            .map(|revision| &revision.tree);
        let Some(tree) = tree else { return String::new() };
        let mut folder = String::new();
        for name in sought.path.split('/') {
            let names = tree.list(&folder);
            let path =
                |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if let Some((_, true)) = names.iter().find(|(known, _)| *known == name) {
                folder = path(name);
                continue;
            }
            if let Some(alike) = nearest(name, names.iter().map(|(name, _)| *name)) {
                return format!("; close is {}", path(alike));
            }
            let shown: Vec<&str> = names.iter().map(|(name, _)| *name).take(MOST_NEAR).collect();
            let more = if names.len() > MOST_NEAR { ", …" } else { "" };
            let holder = if folder.is_empty() { "the repository" } else { &folder };
            return format!("; {holder} has no {name}, but {}{more}", shown.join(", "));
        }
        String::new()
    }
}

fn of_part(part: &Part, text: &str) -> PartTrace {
    let parameter = |(name, parameter): &(std::sync::Arc<str>, crate::argocd::parameters::Parameter)| {
        super::application::parameter(name, parameter)
    };
    PartTrace {
        text: text.get(part.range.clone()).unwrap_or_default().to_owned(),
        expression: part.expression.clone().unwrap_or_default(),
        parameters: part.parameters.iter().map(parameter).collect(),
    }
}

fn step<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match value {
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    }
}

fn plain(step: &Step) -> String {
    match step {
        Step::Key(key) => (*key).to_owned(),
        Step::Index(index) => index.to_string(),
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|step| (*step).to_owned()).collect()
}

fn with(path: &[String], more: &[impl AsRef<str>]) -> Vec<String> {
    path.iter().cloned().chain(more.iter().map(|step| step.as_ref().to_owned())).collect()
}

/// `spec.sources[0].path`.
fn in_words(path: &[String]) -> String {
    let mut words = String::new();
    for step in path {
        if step.parse::<usize>().is_ok() {
            words.push_str(&format!("[{step}]"));
        } else {
            if !words.is_empty() {
                words.push('.');
            }
            words.push_str(step);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Session;

    const SET: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: customers}
spec:
  goTemplate: true
  generators:
    - git: {repoURL: https://h/o/platform, revision: HEAD, files: [{path: "customers/*/customer.yaml"}]}
  template:
    metadata: {name: 'app-{{ .path.basename }}'}
    spec:
      project: default
      destination: {server: https://kubernetes.default.svc, namespace: x}
      sources:
        - repoURL: https://h/o/platform
          path: chart
          helm:
            ignoreMissingValueFiles: true
            valueFiles: ['$configs/customers/{{ .path.basename }}/{{ .stage }}.yaml']
        - {repoURL: https://h/o/platform, targetRevision: main, ref: configs}
"#;

    #[test]
    fn a_trace_leads_from_the_generator_to_the_file_and_tells_where_it_breaks() {
        let mut session = Session::default();
        let mut load = session.begin();
        for (path, text) in [
            (".gitignore", ""),
            ("set.yaml", SET),
            ("customers/c1/customer.yaml", "stage: prod"),
            ("customers/c1/prd.yaml", "replicas: 2"),
            ("chart/Chart.yaml", "{apiVersion: v2, name: chart, version: 1.0.0}"),
            ("chart/values.yaml", "replicas: 1"),
        ] {
            load.add(&format!("platform/{path}"), text.as_bytes().to_vec());
        }
        session.commit(load).expect("there is something to load");
        let trace = session.trace(0).expect("the set yields an Application");
        assert_eq!((&*trace.set, &*trace.generators), ("customers", "git files"));
        let layer = &trace.sources[0].layers[0];
        assert_eq!(layer.field.field, "spec.sources[0].helm.valueFiles[0]");
        let part = layer.field.parts.iter().find(|part| part.text == "prod").expect("a part is the stage");
        assert_eq!(part.expression, "{{ .stage }}");
        let origin = part.parameters[0].place.as_ref().expect("a file gives it");
        assert_eq!((&*origin.path, origin.line), ("customers/c1/customer.yaml", 1));
        let reference = layer.reference.as_ref().expect("it starts with a reference");
        assert_eq!((reference.index, &*reference.revision.value), (1, "main"));
        assert_eq!(layer.path, "customers/c1/prod.yaml");
        assert_eq!(layer.status, LayerStatus::MissingAllowed);
        assert!(layer.remark.ends_with("close is customers/c1/prd.yaml"), "{}", layer.remark);
    }
}
