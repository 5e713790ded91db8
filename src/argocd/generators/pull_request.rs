//! Open pull requests of a repository (spec sheet section 2.10).

use super::Run;
use super::scm_provider::expression;
use crate::argocd::failure::Failure;
use crate::argocd::fixtures::Written;
use crate::argocd::parameters::{Data, Generator, Items, Origin, Parameter, Parameters};
use crate::argocd::typed::Object;
use std::sync::Arc;

const PROVIDERS: [&str; 6] = ["github", "gitlab", "gitea", "bitbucketServer", "bitbucket", "azuredevops"];

/// Longest slug of a branch.
const LONGEST_SLUG: usize = 50;

/// The parameter sets of a pullRequest generator, from the fixture `pullRequests`: maps of `repository`
/// (`owner/repo`), `number`, `title`, `branch`, `targetBranch`, `headSha`, `labels` and `author`.
///
/// # Errors
/// Pull requests that nobody has described, filters that are no regular expressions.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let Some(provider) = PROVIDERS.iter().find_map(|name| generator.object(name)) else {
        let message = "failed to select pull request service provider: no Pull Request provider implementation configured";
        return Err(Failure::at(message, generator.span));
    };
    let parts = ["organization", "owner", "project", "repo"].map(|field| provider.text(field));
    let repository = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let Some(requests) = &run.context.fixtures.pull_requests else {
        return Err(Failure::at(format!("the pull requests of {repository:?} are not known here"), provider.span)
            .code("appset-unknown-pull-requests")
            .hint("list them as `pullRequests` in a fixtures file")
            .hint(format!(
                "pullRequests: [{{repository: {repository}, number: 1, title: …, branch: …, targetBranch: main, headSha: …, labels: [], author: …}}]"
            )));
    };
    let mut filters = Vec::new();
    for filter in generator.objects("filters") {
        let read = |field, name| {
            expression(filter, field, name).map_err(|failure| failure.within("error listing repos"))
        };
        filters.push([
            (read("branchMatch", "BranchMatch")?, "branch"),
            (read("targetBranchMatch", "TargetBranchMatch")?, "targetBranch"),
            (read("titleMatch", "TitleMatch")?, "title"),
        ]);
    }
    let labels = provider.texts("labels");
    let is_meant = |request: &&Written| {
        let of = request.text("repository");
        let own = request.texts("labels");
        (of.is_empty() || of == repository)
            && labels.iter().all(|label| own.iter().any(|own| **own == **label))
    };
    let mut sets = Vec::new();
    for request in requests.iter().filter(is_meant) {
        let fits = |filter: &[(Option<regex::Regex>, &str); 3]| {
            filter
                .iter()
                .all(|(expression, key)| expression.as_ref().is_none_or(|e| e.is_match(request.text(key))))
        };
        if !filters.is_empty() && !filters.iter().any(fits) {
            continue;
        }
        let mut set = parameters(run, request);
        run.add_values(generator, Generator::PullRequest, &mut set)
            .map_err(|failure| failure.within("failed to append templated values"))?;
        sets.push(set);
    }
    Ok(sets)
}

fn parameters(run: &Run, request: &Written) -> Parameters {
    let origin = |key: &str| Origin { generator: Generator::PullRequest, place: Some(request.place(key)) };
    let text = |key: &str, text: &str| Parameter::string(text, origin(key));
    let number = request.node.get("number").map(crate::yaml::Node::to_value);
    let number = match number {
        Some(crate::value::Value::Float(number)) => (number as i64).to_string(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let (branch, target, sha) =
        (request.text("branch"), request.text("targetBranch"), request.text("headSha"));
    let pairs = [
        ("number", text("number", &number)),
        ("title", text("title", request.text("title"))),
        ("branch", text("branch", branch)),
        ("branch_slug", text("branch", &slug(branch))),
        ("target_branch", text("targetBranch", target)),
        ("target_branch_slug", text("targetBranch", &slug(target))),
        ("head_sha", text("headSha", sha)),
        ("head_short_sha", text("headSha", sha.get(..8).unwrap_or(sha))),
        ("head_short_sha_7", text("headSha", sha.get(..7).unwrap_or(sha))),
        ("author", text("author", request.text("author"))),
    ];
    let mut set: Parameters =
        pairs.into_iter().map(|(name, parameter)| (Arc::from(name), parameter)).collect();
    if run.renderer.is_go() {
        let labels =
            request.texts("labels").into_iter().map(|label| Parameter::string(label, origin("labels")));
        let data = Data::List(Items::Texts, labels.collect());
        set.insert("labels", Parameter { data, origin: origin("labels") });
    }
    set
}

/// The library slug's form of a branch: `_` and everything that is neither letter nor digit becomes
/// `-`, and what is too long is cut before a `-` if there is one. Letters beyond ASCII, which the
/// library spells out, become `-` too.
fn slug(text: &str) -> String {
    let spelled = text.trim().replace('&', "and").replace('@', "at").to_lowercase();
    let dashed: String = spelled
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    let words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    if slug.len() <= LONGEST_SLUG {
        return slug;
    }
    let cut = slug[..=LONGEST_SLUG].rfind('-').unwrap_or(LONGEST_SLUG);
    slug[..cut].to_owned()
}
