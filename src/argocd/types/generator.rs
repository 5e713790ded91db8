//! Generators of an ApplicationSet.

use super::Type::{Bool, Int, Json, List, Map, Object, Text};
use super::{Structure, TEMPLATE, TEXT_MAP, TEXTS, always, given, some};

structure!(
    GENERATOR,
    "ApplicationSetGenerator",
    [
        given("list", Object(&LIST)),
        given("clusters", Object(&CLUSTERS)),
        given("git", Object(&GIT)),
        given("scmProvider", Object(&SCM_PROVIDER)),
        given("clusterDecisionResource", Object(&CLUSTER_DECISION_RESOURCE)),
        given("pullRequest", Object(&PULL_REQUEST)),
        given("matrix", Object(&MATRIX)),
        given("merge", Object(&MERGE)),
        given("selector", Object(&LABEL_SELECTOR)),
        given("plugin", Object(&PLUGIN)),
        given("oci", Object(&OCI)),
    ]
);

// Inside a combining generator, combining generators are free-form and decoded when they are asked.
structure!(
    NESTED_GENERATOR,
    "ApplicationSetNestedGenerator",
    [
        given("list", Object(&LIST)),
        given("clusters", Object(&CLUSTERS)),
        given("git", Object(&GIT)),
        given("scmProvider", Object(&SCM_PROVIDER)),
        given("clusterDecisionResource", Object(&CLUSTER_DECISION_RESOURCE)),
        given("pullRequest", Object(&PULL_REQUEST)),
        given("matrix", Json),
        given("merge", Json),
        given("selector", Object(&LABEL_SELECTOR)),
        given("plugin", Object(&PLUGIN)),
        given("oci", Object(&OCI)),
    ]
);

structure!(
    TERMINAL_GENERATOR,
    "ApplicationSetTerminalGenerator",
    [
        given("list", Object(&LIST)),
        given("clusters", Object(&CLUSTERS)),
        given("git", Object(&GIT)),
        given("scmProvider", Object(&SCM_PROVIDER)),
        given("clusterDecisionResource", Object(&CLUSTER_DECISION_RESOURCE)),
        given("pullRequest", Object(&PULL_REQUEST)),
        given("plugin", Object(&PLUGIN)),
        given("selector", Object(&LABEL_SELECTOR)),
        given("oci", Object(&OCI)),
    ]
);

structure!(
    MATRIX,
    "MatrixGenerator",
    [always("generators", List(&Object(&NESTED_GENERATOR))), some("template", Object(&TEMPLATE)),]
);

structure!(
    MERGE,
    "MergeGenerator",
    [
        always("generators", List(&Object(&NESTED_GENERATOR))),
        always("mergeKeys", TEXTS),
        some("template", Object(&TEMPLATE)),
    ]
);

structure!(
    NESTED_MATRIX,
    "NestedMatrixGenerator",
    [always("generators", List(&Object(&TERMINAL_GENERATOR))),]
);

structure!(
    NESTED_MERGE,
    "NestedMergeGenerator",
    [always("generators", List(&Object(&TERMINAL_GENERATOR))), always("mergeKeys", TEXTS),]
);

structure!(
    LIST,
    "ListGenerator",
    [always("elements", List(&Json)), some("template", Object(&TEMPLATE)), some("elementsYaml", Text),]
);

structure!(
    CLUSTERS,
    "ClusterGenerator",
    [
        some("selector", Object(&LABEL_SELECTOR)),
        some("template", Object(&TEMPLATE)),
        some("values", TEXT_MAP),
        some("flatList", Bool),
    ]
);

structure!(
    GIT,
    "GitGenerator",
    [
        always("repoURL", Text),
        some("directories", List(&Object(&PATH_ITEM))),
        some("files", List(&Object(&PATH_ITEM))),
        always("revision", Text),
        given("requeueAfterSeconds", Int),
        some("template", Object(&TEMPLATE)),
        some("pathParamPrefix", Text),
        some("values", TEXT_MAP),
    ]
);

structure!(
    OCI,
    "OCIGenerator",
    [
        always("repoURL", Text),
        some("directories", List(&Object(&PATH_ITEM))),
        some("files", List(&Object(&PATH_ITEM))),
        always("revision", Text),
        given("requeueAfterSeconds", Int),
        some("template", Object(&TEMPLATE)),
        some("pathParamPrefix", Text),
        some("values", TEXT_MAP),
    ]
);

structure!(PATH_ITEM, "GitFileGeneratorItem", [always("path", Text), some("exclude", Bool)]);

structure!(
    CLUSTER_DECISION_RESOURCE,
    "DuckTypeGenerator",
    [
        always("configMapRef", Text),
        some("name", Text),
        given("requeueAfterSeconds", Int),
        some("labelSelector", Object(&LABEL_SELECTOR)),
        some("template", Object(&TEMPLATE)),
        some("values", TEXT_MAP),
    ]
);

structure!(
    PLUGIN,
    "PluginGenerator",
    [
        always("configMapRef", Object(&PLUGIN_CONFIG_MAP)),
        some("input", Object(&PLUGIN_INPUT)),
        given("requeueAfterSeconds", Int),
        some("template", Object(&TEMPLATE)),
        some("values", TEXT_MAP),
    ]
);

structure!(PLUGIN_CONFIG_MAP, "PluginConfigMapRef", [always("name", Text)]);

structure!(PLUGIN_INPUT, "PluginInput", [some("parameters", Map(&Json))]);

structure!(
    LABEL_SELECTOR,
    "LabelSelector",
    [some("matchLabels", TEXT_MAP), some("matchExpressions", List(&Object(&LABEL_REQUIREMENT))),]
);

structure!(
    LABEL_REQUIREMENT,
    "LabelSelectorRequirement",
    [always("key", Text), always("operator", Text), some("values", TEXTS),]
);

structure!(
    SCM_PROVIDER,
    "SCMProviderGenerator",
    [
        given("github", Object(&SCM_GITHUB)),
        given("gitlab", Object(&SCM_GITLAB)),
        given("bitbucket", Object(&SCM_BITBUCKET)),
        given("bitbucketServer", Object(&SCM_BITBUCKET_SERVER)),
        given("gitea", Object(&SCM_GITEA)),
        given("azureDevOps", Object(&SCM_AZURE)),
        some("filters", List(&Object(&SCM_FILTER))),
        some("cloneProtocol", Text),
        given("requeueAfterSeconds", Int),
        some("template", Object(&TEMPLATE)),
        some("values", TEXT_MAP),
        given("awsCodeCommit", Object(&SCM_AWS)),
    ]
);

structure!(
    SCM_FILTER,
    "SCMProviderGeneratorFilter",
    [
        given("repositoryMatch", Text),
        some("pathsExist", TEXTS),
        some("pathsDoNotExist", TEXTS),
        given("labelMatch", Text),
        given("branchMatch", Text),
    ]
);

structure!(
    SCM_GITHUB,
    "SCMProviderGeneratorGithub",
    [
        always("organization", Text),
        some("api", Text),
        given("tokenRef", Json),
        some("appSecretName", Text),
        some("allBranches", Bool),
        some("excludeArchivedRepos", Bool),
    ]
);

structure!(
    SCM_GITLAB,
    "SCMProviderGeneratorGitlab",
    [
        always("group", Text),
        some("includeSubgroups", Bool),
        some("api", Text),
        given("tokenRef", Json),
        some("allBranches", Bool),
        some("insecure", Bool),
        given("includeSharedProjects", Bool),
        some("topic", Text),
        given("caRef", Json),
        some("includeArchivedRepos", Bool),
    ]
);

structure!(
    SCM_BITBUCKET,
    "SCMProviderGeneratorBitbucket",
    [always("owner", Text), always("user", Text), given("appPasswordRef", Json), some("allBranches", Bool),]
);

structure!(
    SCM_BITBUCKET_SERVER,
    "SCMProviderGeneratorBitbucketServer",
    [
        always("project", Text),
        always("api", Text),
        given("basicAuth", Json),
        some("allBranches", Bool),
        given("bearerToken", Json),
        some("insecure", Bool),
        given("caRef", Json),
    ]
);

structure!(
    SCM_GITEA,
    "SCMProviderGeneratorGitea",
    [
        always("owner", Text),
        always("api", Text),
        given("tokenRef", Json),
        some("allBranches", Bool),
        some("insecure", Bool),
        some("excludeArchivedRepos", Bool),
    ]
);

structure!(
    SCM_AZURE,
    "SCMProviderGeneratorAzureDevOps",
    [
        always("organization", Text),
        some("api", Text),
        always("teamProject", Text),
        given("accessTokenRef", Json),
        some("allBranches", Bool),
    ]
);

structure!(
    SCM_AWS,
    "SCMProviderGeneratorAWSCodeCommit",
    [some("tagFilters", List(&Json)), some("role", Text), some("region", Text), some("allBranches", Bool),]
);

structure!(
    PULL_REQUEST,
    "PullRequestGenerator",
    [
        given("github", Object(&PULL_REQUEST_GITHUB)),
        given("gitlab", Object(&PULL_REQUEST_GITLAB)),
        given("gitea", Object(&PULL_REQUEST_OWNER)),
        given("bitbucketServer", Object(&PULL_REQUEST_BITBUCKET_SERVER)),
        some("filters", List(&Object(&PULL_REQUEST_FILTER))),
        given("requeueAfterSeconds", Int),
        some("template", Object(&TEMPLATE)),
        given("bitbucket", Object(&PULL_REQUEST_OWNER)),
        given("azuredevops", Object(&PULL_REQUEST_AZURE)),
        some("values", TEXT_MAP),
        some("continueOnRepoNotFoundError", Bool),
    ]
);

structure!(
    PULL_REQUEST_FILTER,
    "PullRequestGeneratorFilter",
    [given("branchMatch", Text), given("targetBranchMatch", Text), given("titleMatch", Text),]
);

structure!(
    PULL_REQUEST_GITHUB,
    "PullRequestGeneratorGithub",
    [
        always("owner", Text),
        always("repo", Text),
        some("api", Text),
        given("tokenRef", Json),
        some("appSecretName", Text),
        some("labels", TEXTS),
    ]
);

structure!(
    PULL_REQUEST_GITLAB,
    "PullRequestGeneratorGitLab",
    [
        always("project", Text),
        some("api", Text),
        given("tokenRef", Json),
        some("labels", TEXTS),
        some("pullRequestState", Text),
        some("insecure", Bool),
        given("caRef", Json),
    ]
);

structure!(
    PULL_REQUEST_OWNER,
    "PullRequestGeneratorGitea",
    [
        always("owner", Text),
        always("repo", Text),
        some("api", Text),
        given("tokenRef", Json),
        given("basicAuth", Json),
        given("bearerToken", Json),
        some("insecure", Bool),
        some("labels", TEXTS),
    ]
);

structure!(
    PULL_REQUEST_BITBUCKET_SERVER,
    "PullRequestGeneratorBitbucketServer",
    [
        always("project", Text),
        always("repo", Text),
        always("api", Text),
        given("basicAuth", Json),
        given("bearerToken", Json),
        some("insecure", Bool),
        given("caRef", Json),
    ]
);

structure!(
    PULL_REQUEST_AZURE,
    "PullRequestGeneratorAzureDevOps",
    [
        always("organization", Text),
        always("project", Text),
        always("repo", Text),
        some("api", Text),
        given("tokenRef", Json),
        some("labels", TEXTS),
    ]
);
