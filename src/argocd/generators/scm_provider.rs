//! Repositories of an organization at a provider (spec sheet section 2.9).

use super::Run;
use super::path::sanitize_name;
use crate::argocd::failure::Failure;
use crate::argocd::fixtures::Written;
use crate::argocd::parameters::{Data, Generator, Origin, Parameter, Parameters};
use crate::argocd::typed::Object;
use crate::yaml::{Kind, Node};
use regex::Regex;
use std::sync::Arc;

const PROVIDERS: [&str; 7] =
    ["github", "gitlab", "gitea", "bitbucketServer", "azureDevOps", "bitbucket", "awsCodeCommit"];

/// A repository at one of its branches.
struct Branch<'f> {
    repository: &'f Written,
    name: Arc<str>,
    sha: Arc<str>,
}

/// The parameter sets of an scmProvider generator, from the fixture `repositories`: maps of
/// `organization`, `repository`, `url`, `branch` (the default one), `sha`, `labels`, `repositoryId`,
/// `branches` (maps of `name` and `sha`) and `paths` (what exists in it).
///
/// # Errors
/// Repositories that nobody has described, filters that are no regular expressions, paths that are not
/// known.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let Some(provider) = PROVIDERS.iter().find_map(|name| generator.object(name)) else {
        return Err(Failure::at("no SCM provider implementation configured", generator.span));
    };
    let organization = ["organization", "group", "owner", "project"]
        .into_iter()
        .map(|field| provider.text(field))
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let Some(repositories) = &run.context.fixtures.scm_repositories else {
        return Err(Failure::at(format!("the repositories of {organization:?} are not known here"), provider.span)
            .code("appset-unknown-repositories")
            .hint("list them as `repositories` in a fixtures file")
            .hint(format!(
                "repositories: [{{organization: {organization}, repository: name, url: https://…, branch: main, sha: …, labels: []}}]"
            )));
    };
    let filters = filters(generator)?;
    let of_organization = |repository: &&Written| {
        let given = repository.text("organization");
        given.is_empty() || organization.is_empty() || given == organization
    };
    let repositories: Vec<_> = repositories.iter().filter(of_organization).collect();
    let mut branches = Vec::new();
    let of_repository = || filters.iter().filter(|filter| filter.stage == Some(Stage::Repository));
    for repository in repositories {
        let default =
            Branch { repository, name: repository.text("branch").into(), sha: repository.text("sha").into() };
        if of_repository().next().is_some() && !any(of_repository(), run, &default)? {
            continue;
        }
        let listed = repository.node.get("branches").map(Node::items).unwrap_or_default();
        if provider.flag("allBranches") && !listed.is_empty() {
            let text =
                |node: &Node, key: &str| Arc::from(node.get(key).and_then(Node::as_str).unwrap_or_default());
            let branch = |node| Branch { repository, name: text(node, "name"), sha: text(node, "sha") };
            branches.extend(listed.iter().map(branch));
        } else {
            branches.push(default);
        }
    }
    let of_branch = || filters.iter().filter(|filter| filter.stage == Some(Stage::Branch));
    let mut sets = Vec::new();
    for branch in branches {
        if of_branch().next().is_some() && !any(of_branch(), run, &branch)? {
            continue;
        }
        let mut set = parameters(&branch);
        run.add_values(generator, Generator::ScmProvider, &mut set)
            .map_err(|failure| failure.within("failed to append templated values"))?;
        sets.push(set);
    }
    Ok(sets)
}

/// When a filter is asked: of its fields the last one given decides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Repository,
    Branch,
}

struct Filter<'g> {
    object: &'g Object,
    repository: Option<Regex>,
    label: Option<Regex>,
    branch: Option<Regex>,
    stage: Option<Stage>,
}

fn filters(generator: &Object) -> Result<Vec<Filter<'_>>, Failure> {
    let read = |object| {
        let repository = expression(object, "repositoryMatch", "RepositoryMatch")?;
        let label = expression(object, "labelMatch", "LabelMatch")?;
        let branch = expression(object, "branchMatch", "BranchMatch")?;
        let by_branch = branch.is_some()
            || object.get("pathsExist").is_given()
            || object.get("pathsDoNotExist").is_given();
        let stage = match (by_branch, repository.is_some() || label.is_some()) {
            (true, _) => Some(Stage::Branch),
            (false, true) => Some(Stage::Repository),
            (false, false) => None,
        };
        Ok(Filter { object, repository, label, branch, stage })
    };
    let read = generator.objects("filters").map(read).collect::<Result<_, Failure>>();
    read.map_err(|failure| failure.within("error listing repos"))
}

/// A regular expression of a filter. Go's RE2 and ours agree but for rare classes.
pub fn expression(filter: &Object, field: &str, name: &str) -> Result<Option<Regex>, Failure> {
    let Some(text) = filter.get(field).as_text() else { return Ok(None) };
    Regex::new(&text.text).map(Some).map_err(|error| {
        Failure::at(format!("error compiling {name} regexp {:?}: {error}", &*text.text), text.span)
    })
}

fn any<'f>(
    mut filters: impl Iterator<Item = &'f Filter<'f>>,
    run: &Run,
    branch: &Branch,
) -> Result<bool, Failure> {
    filters.try_fold(false, |found, filter| Ok(found || filter.matches(run, branch)?))
}

impl Filter<'_> {
    fn matches(&self, run: &Run, branch: &Branch) -> Result<bool, Failure> {
        let repository = branch.repository;
        let fits =
            |expression: &Option<Regex>, text: &str| expression.as_ref().is_none_or(|e| e.is_match(text));
        if !fits(&self.repository, repository.text("repository")) || !fits(&self.branch, &branch.name) {
            return Ok(false);
        }
        let labels = repository.texts("labels");
        if self.label.as_ref().is_some_and(|label| !labels.iter().any(|text| label.is_match(text))) {
            return Ok(false);
        }
        for (field, wanted) in [("pathsExist", true), ("pathsDoNotExist", false)] {
            for path in self.object.texts(field) {
                if has_path(run, branch, path.trim_end_matches('/'), self.object)? != wanted {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Whether a path exists: as the fixture lists it, or in the repository itself if it is loaded.
fn has_path(run: &Run, branch: &Branch, path: &str, filter: &Object) -> Result<bool, Failure> {
    let repository = branch.repository;
    if repository.node.get("paths").is_some() {
        let under = |listed: &Arc<str>| **listed == *path || listed.starts_with(&format!("{path}/"));
        return Ok(repository.texts("paths").iter().any(under));
    }
    let url = repository.text("url");
    let loaded = run.context.repositories.checkout(url, &branch.name);
    let checkout = loaded.map_err(|_| {
        let name = repository.text("repository");
        Failure::at(format!("whether {path:?} exists in {name:?} is not known here"), filter.span)
            .code("appset-unknown-repositories")
            .hint(format!("list what exists in it as `paths` of the fixture, or load the repository {url}"))
    })?;
    Ok(!matches!(checkout.tree().find(path), crate::repository::Found::Missing))
}

fn parameters(branch: &Branch) -> Parameters {
    let repository = branch.repository;
    let origin = |key: &str| Origin { generator: Generator::ScmProvider, place: Some(repository.place(key)) };
    let text = |key: &str, text: &str| Parameter::string(text, origin(key));
    let labels = repository.texts("labels").join(",");
    let id = match repository.node.get("repositoryId").map(|node| &node.kind) {
        Some(Kind::Float(number)) => Data::Int(*number as i64),
        Some(Kind::String(id)) => Data::Text(Arc::clone(id)),
        _ => Data::Null,
    };
    let sha = &*branch.sha;
    let pairs = [
        ("organization", text("organization", repository.text("organization"))),
        ("repository", text("repository", repository.text("repository"))),
        ("repository_id", Parameter { data: id, origin: origin("repositoryId") }),
        ("url", text("url", repository.text("url"))),
        ("branch", text("branch", &branch.name)),
        ("sha", text("sha", sha)),
        ("short_sha", text("sha", sha.get(..8).unwrap_or(sha))),
        ("short_sha_7", text("sha", sha.get(..7).unwrap_or(sha))),
        ("labels", text("labels", &labels)),
        ("branchNormalized", text("branch", &sanitize_name(&branch.name))),
    ];
    pairs.into_iter().map(|(name, parameter)| (Arc::from(name), parameter)).collect()
}
