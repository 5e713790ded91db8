//! The shapes of Argo CD's API types, as data.
//!
//! Decoding, template rendering, patching and printing all walk these tables, so that each rule is
//! written once and not once a field. Fields stand in the order of Argo CD's own declarations (Go
//! walks them in that order, and so decides which of several errors is the first one). Source: the
//! custom resource definitions, spec sheet section 10.

/// An object with known fields.
#[derive(Debug)]
pub struct Structure {
    /// The name of the type, as decoding errors give it.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A field of a [`Structure`].
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// When it is printed.
    pub presence: Presence,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A string.
    Text,
    /// A boolean.
    Bool,
    /// A whole number.
    Int,
    /// A whole number or a string.
    IntOrText,
    /// Anything.
    Json,
    /// An object with known fields.
    Object(&'static Structure),
    /// A list.
    List(&'static Type),
    /// A map from strings.
    Map(&'static Type),
}

/// When a field is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always, empty or not.
    Always,
    /// Unless it is empty: `""`, `false`, 0, no items, no keys.
    NonEmpty,
    /// If it was given, even if it is empty.
    Given,
    /// Unless everything in it is absent. Rendering gives every list of the template a list of its own,
    /// so a rendered object of this kind is always printed.
    NonZero,
}

const fn always(name: &'static str, kind: Type) -> Field {
    Field { name, kind, presence: Presence::Always }
}

const fn some(name: &'static str, kind: Type) -> Field {
    Field { name, kind, presence: Presence::NonEmpty }
}

const fn given(name: &'static str, kind: Type) -> Field {
    Field { name, kind, presence: Presence::Given }
}

use Type::{Bool, Int, IntOrText, Json, List, Map, Object, Text};

const TEXTS: Type = List(&Text);
const TEXT_MAP: Type = Map(&Text);

macro_rules! structure {
    ($name:ident, $go:literal, [$($field:expr),* $(,)?]) => {
        #[doc = concat!("`", $go, "`.")]
        pub static $name: Structure = Structure { name: $go, fields: &[$($field),*] };
    };
}

structure!(APPLICATION_SET_SPEC, "ApplicationSetSpec", [
    some("goTemplate", Bool),
    always("generators", List(&Object(&GENERATOR))),
    always("template", Object(&TEMPLATE)),
    given("syncPolicy", Object(&SET_SYNC_POLICY)),
    given("strategy", Json),
    given("preservedFields", Object(&PRESERVED_FIELDS)),
    some("goTemplateOptions", TEXTS),
    some("applyNestedSelectors", Bool),
    some("ignoreApplicationDifferences", List(&Object(&SET_IGNORE_DIFFERENCES))),
    given("templatePatch", Text),
]);

structure!(SET_SYNC_POLICY, "ApplicationSetSyncPolicy", [
    some("preserveResourcesOnDeletion", Bool),
    given("applicationsSync", Text),
]);

structure!(PRESERVED_FIELDS, "ApplicationPreservedFields", [some("annotations", TEXTS), some("labels", TEXTS)]);

structure!(SET_IGNORE_DIFFERENCES, "ApplicationSetResourceIgnoreDifferences", [
    some("name", Text),
    some("jsonPointers", TEXTS),
    some("jqPathExpressions", TEXTS),
]);

structure!(TEMPLATE, "ApplicationSetTemplate", [
    always("metadata", Object(&TEMPLATE_METADATA)),
    always("spec", Object(&APPLICATION_SPEC)),
]);

structure!(TEMPLATE_METADATA, "ApplicationSetTemplateMeta", [
    some("name", Text),
    some("namespace", Text),
    some("labels", TEXT_MAP),
    some("annotations", TEXT_MAP),
    some("finalizers", TEXTS),
]);

// Generators.

structure!(GENERATOR, "ApplicationSetGenerator", [
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
]);

// Inside a combining generator, combining generators are free-form and decoded when they are asked.
structure!(NESTED_GENERATOR, "ApplicationSetNestedGenerator", [
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
]);

structure!(TERMINAL_GENERATOR, "ApplicationSetTerminalGenerator", [
    given("list", Object(&LIST)),
    given("clusters", Object(&CLUSTERS)),
    given("git", Object(&GIT)),
    given("scmProvider", Object(&SCM_PROVIDER)),
    given("clusterDecisionResource", Object(&CLUSTER_DECISION_RESOURCE)),
    given("pullRequest", Object(&PULL_REQUEST)),
    given("plugin", Object(&PLUGIN)),
    given("selector", Object(&LABEL_SELECTOR)),
    given("oci", Object(&OCI)),
]);

structure!(MATRIX, "MatrixGenerator", [
    always("generators", List(&Object(&NESTED_GENERATOR))),
    some("template", Object(&TEMPLATE)),
]);

structure!(MERGE, "MergeGenerator", [
    always("generators", List(&Object(&NESTED_GENERATOR))),
    always("mergeKeys", TEXTS),
    some("template", Object(&TEMPLATE)),
]);

structure!(NESTED_MATRIX, "NestedMatrixGenerator", [
    always("generators", List(&Object(&TERMINAL_GENERATOR))),
]);

structure!(NESTED_MERGE, "NestedMergeGenerator", [
    always("generators", List(&Object(&TERMINAL_GENERATOR))),
    always("mergeKeys", TEXTS),
]);

structure!(LIST, "ListGenerator", [
    always("elements", List(&Json)),
    some("template", Object(&TEMPLATE)),
    some("elementsYaml", Text),
]);

structure!(CLUSTERS, "ClusterGenerator", [
    some("selector", Object(&LABEL_SELECTOR)),
    some("template", Object(&TEMPLATE)),
    some("values", TEXT_MAP),
    some("flatList", Bool),
]);

structure!(GIT, "GitGenerator", [
    always("repoURL", Text),
    some("directories", List(&Object(&PATH_ITEM))),
    some("files", List(&Object(&PATH_ITEM))),
    always("revision", Text),
    given("requeueAfterSeconds", Int),
    some("template", Object(&TEMPLATE)),
    some("pathParamPrefix", Text),
    some("values", TEXT_MAP),
]);

structure!(OCI, "OCIGenerator", [
    always("repoURL", Text),
    some("directories", List(&Object(&PATH_ITEM))),
    some("files", List(&Object(&PATH_ITEM))),
    always("revision", Text),
    given("requeueAfterSeconds", Int),
    some("template", Object(&TEMPLATE)),
    some("pathParamPrefix", Text),
    some("values", TEXT_MAP),
]);

structure!(PATH_ITEM, "GitFileGeneratorItem", [always("path", Text), some("exclude", Bool)]);

structure!(CLUSTER_DECISION_RESOURCE, "DuckTypeGenerator", [
    always("configMapRef", Text),
    some("name", Text),
    given("requeueAfterSeconds", Int),
    some("labelSelector", Object(&LABEL_SELECTOR)),
    some("template", Object(&TEMPLATE)),
    some("values", TEXT_MAP),
]);

structure!(PLUGIN, "PluginGenerator", [
    always("configMapRef", Object(&PLUGIN_CONFIG_MAP)),
    some("input", Object(&PLUGIN_INPUT)),
    given("requeueAfterSeconds", Int),
    some("template", Object(&TEMPLATE)),
    some("values", TEXT_MAP),
]);

structure!(PLUGIN_CONFIG_MAP, "PluginConfigMapRef", [always("name", Text)]);

structure!(PLUGIN_INPUT, "PluginInput", [some("parameters", Map(&Json))]);

structure!(LABEL_SELECTOR, "LabelSelector", [
    some("matchLabels", TEXT_MAP),
    some("matchExpressions", List(&Object(&LABEL_REQUIREMENT))),
]);

structure!(LABEL_REQUIREMENT, "LabelSelectorRequirement", [
    always("key", Text),
    always("operator", Text),
    some("values", TEXTS),
]);

structure!(SCM_PROVIDER, "SCMProviderGenerator", [
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
]);

structure!(SCM_FILTER, "SCMProviderGeneratorFilter", [
    given("repositoryMatch", Text),
    some("pathsExist", TEXTS),
    some("pathsDoNotExist", TEXTS),
    given("labelMatch", Text),
    given("branchMatch", Text),
]);

structure!(SCM_GITHUB, "SCMProviderGeneratorGithub", [
    always("organization", Text),
    some("api", Text),
    given("tokenRef", Json),
    some("appSecretName", Text),
    some("allBranches", Bool),
    some("excludeArchivedRepos", Bool),
]);

structure!(SCM_GITLAB, "SCMProviderGeneratorGitlab", [
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
]);

structure!(SCM_BITBUCKET, "SCMProviderGeneratorBitbucket", [
    always("owner", Text),
    always("user", Text),
    given("appPasswordRef", Json),
    some("allBranches", Bool),
]);

structure!(SCM_BITBUCKET_SERVER, "SCMProviderGeneratorBitbucketServer", [
    always("project", Text),
    always("api", Text),
    given("basicAuth", Json),
    some("allBranches", Bool),
    given("bearerToken", Json),
    some("insecure", Bool),
    given("caRef", Json),
]);

structure!(SCM_GITEA, "SCMProviderGeneratorGitea", [
    always("owner", Text),
    always("api", Text),
    given("tokenRef", Json),
    some("allBranches", Bool),
    some("insecure", Bool),
    some("excludeArchivedRepos", Bool),
]);

structure!(SCM_AZURE, "SCMProviderGeneratorAzureDevOps", [
    always("organization", Text),
    some("api", Text),
    always("teamProject", Text),
    given("accessTokenRef", Json),
    some("allBranches", Bool),
]);

structure!(SCM_AWS, "SCMProviderGeneratorAWSCodeCommit", [
    some("tagFilters", List(&Json)),
    some("role", Text),
    some("region", Text),
    some("allBranches", Bool),
]);

structure!(PULL_REQUEST, "PullRequestGenerator", [
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
]);

structure!(PULL_REQUEST_FILTER, "PullRequestGeneratorFilter", [
    given("branchMatch", Text),
    given("targetBranchMatch", Text),
    given("titleMatch", Text),
]);

structure!(PULL_REQUEST_GITHUB, "PullRequestGeneratorGithub", [
    always("owner", Text),
    always("repo", Text),
    some("api", Text),
    given("tokenRef", Json),
    some("appSecretName", Text),
    some("labels", TEXTS),
]);

structure!(PULL_REQUEST_GITLAB, "PullRequestGeneratorGitLab", [
    always("project", Text),
    some("api", Text),
    given("tokenRef", Json),
    some("labels", TEXTS),
    some("pullRequestState", Text),
    some("insecure", Bool),
    given("caRef", Json),
]);

structure!(PULL_REQUEST_OWNER, "PullRequestGeneratorGitea", [
    always("owner", Text),
    always("repo", Text),
    some("api", Text),
    given("tokenRef", Json),
    given("basicAuth", Json),
    given("bearerToken", Json),
    some("insecure", Bool),
    some("labels", TEXTS),
]);

structure!(PULL_REQUEST_BITBUCKET_SERVER, "PullRequestGeneratorBitbucketServer", [
    always("project", Text),
    always("repo", Text),
    always("api", Text),
    given("basicAuth", Json),
    given("bearerToken", Json),
    some("insecure", Bool),
    given("caRef", Json),
]);

structure!(PULL_REQUEST_AZURE, "PullRequestGeneratorAzureDevOps", [
    always("organization", Text),
    always("project", Text),
    always("repo", Text),
    some("api", Text),
    given("tokenRef", Json),
    some("labels", TEXTS),
]);

// Applications.

structure!(APPLICATION, "Application", [
    some("kind", Text),
    some("apiVersion", Text),
    always("metadata", Object(&OBJECT_METADATA)),
    always("spec", Object(&APPLICATION_SPEC)),
    given("operation", Json),
]);

structure!(OBJECT_METADATA, "ObjectMeta", [
    some("name", Text),
    some("generateName", Text),
    some("namespace", Text),
    some("selfLink", Text),
    some("uid", Text),
    some("resourceVersion", Text),
    some("generation", Int),
    given("creationTimestamp", Text),
    given("deletionTimestamp", Text),
    given("deletionGracePeriodSeconds", Int),
    some("labels", TEXT_MAP),
    some("annotations", TEXT_MAP),
    some("ownerReferences", List(&Object(&OWNER_REFERENCE))),
    some("finalizers", TEXTS),
    some("managedFields", List(&Json)),
]);

structure!(OWNER_REFERENCE, "OwnerReference", [
    always("apiVersion", Text),
    always("kind", Text),
    always("name", Text),
    always("uid", Text),
    given("controller", Bool),
    given("blockOwnerDeletion", Bool),
]);

structure!(APPLICATION_SPEC, "ApplicationSpec", [
    given("source", Object(&SOURCE)),
    always("destination", Object(&DESTINATION)),
    always("project", Text),
    given("syncPolicy", Object(&SYNC_POLICY)),
    some("ignoreDifferences", List(&Object(&IGNORE_DIFFERENCES))),
    some("info", List(&Object(&NAME_AND_VALUE))),
    given("revisionHistoryLimit", Int),
    some("sources", List(&Object(&SOURCE))),
    given("sourceHydrator", Object(&SOURCE_HYDRATOR)),
]);

structure!(DESTINATION, "ApplicationDestination", [
    some("server", Text),
    some("namespace", Text),
    some("name", Text),
]);

structure!(SYNC_POLICY, "SyncPolicy", [
    given("automated", Object(&AUTOMATED)),
    some("syncOptions", TEXTS),
    given("retry", Object(&RETRY)),
    given("managedNamespaceMetadata", Object(&NAMESPACE_METADATA)),
]);

structure!(AUTOMATED, "SyncPolicyAutomated", [
    given("prune", Bool),
    given("selfHeal", Bool),
    given("allowEmpty", Bool),
    given("enabled", Bool),
]);

structure!(RETRY, "RetryStrategy", [
    some("limit", Int),
    given("backoff", Object(&BACKOFF)),
    some("refresh", Bool),
]);

structure!(BACKOFF, "Backoff", [
    some("duration", Text),
    given("factor", Int),
    some("maxDuration", Text),
]);

structure!(NAMESPACE_METADATA, "ManagedNamespaceMetadata", [
    some("labels", TEXT_MAP),
    some("annotations", TEXT_MAP),
]);

structure!(IGNORE_DIFFERENCES, "ResourceIgnoreDifferences", [
    some("group", Text),
    always("kind", Text),
    some("name", Text),
    some("namespace", Text),
    some("jsonPointers", TEXTS),
    some("jqPathExpressions", TEXTS),
    some("managedFieldsManagers", TEXTS),
]);

structure!(NAME_AND_VALUE, "Info", [always("name", Text), always("value", Text)]);

structure!(SOURCE, "ApplicationSource", [
    always("repoURL", Text),
    some("path", Text),
    some("targetRevision", Text),
    given("helm", Object(&HELM)),
    given("kustomize", Object(&KUSTOMIZE)),
    given("directory", Object(&DIRECTORY)),
    given("plugin", Object(&SOURCE_PLUGIN)),
    some("chart", Text),
    some("ref", Text),
    some("name", Text),
    some("tagPrefix", Text),
]);

structure!(SOURCE_HYDRATOR, "SourceHydrator", [
    always("drySource", Object(&DRY_SOURCE)),
    always("syncSource", Object(&SYNC_SOURCE)),
    given("hydrateTo", Object(&HYDRATE_TO)),
]);

structure!(DRY_SOURCE, "DrySource", [
    always("repoURL", Text),
    always("targetRevision", Text),
    always("path", Text),
    given("helm", Object(&HELM)),
    given("kustomize", Object(&KUSTOMIZE)),
    given("directory", Object(&DIRECTORY)),
    given("plugin", Object(&SOURCE_PLUGIN)),
]);

structure!(SYNC_SOURCE, "SyncSource", [
    always("targetBranch", Text),
    always("path", Text),
    some("repoURL", Text),
]);

structure!(HYDRATE_TO, "HydrateTo", [always("targetBranch", Text)]);

structure!(HELM, "ApplicationSourceHelm", [
    some("valueFiles", TEXTS),
    some("parameters", List(&Object(&HELM_PARAMETER))),
    some("releaseName", Text),
    some("values", Text),
    some("fileParameters", List(&Object(&HELM_FILE_PARAMETER))),
    some("version", Text),
    some("passCredentials", Bool),
    some("ignoreMissingValueFiles", Bool),
    some("skipCrds", Bool),
    given("valuesObject", Json),
    some("namespace", Text),
    some("kubeVersion", Text),
    some("apiVersions", TEXTS),
    some("skipTests", Bool),
    some("skipSchemaValidation", Bool),
]);

structure!(HELM_PARAMETER, "HelmParameter", [
    some("name", Text),
    some("value", Text),
    some("forceString", Bool),
]);

structure!(HELM_FILE_PARAMETER, "HelmFileParameter", [some("name", Text), some("path", Text)]);

structure!(KUSTOMIZE, "ApplicationSourceKustomize", [
    some("namePrefix", Text),
    some("nameSuffix", Text),
    some("images", TEXTS),
    some("commonLabels", TEXT_MAP),
    some("version", Text),
    some("commonAnnotations", TEXT_MAP),
    some("forceCommonLabels", Bool),
    some("forceCommonAnnotations", Bool),
    some("namespace", Text),
    some("commonAnnotationsEnvsubst", Bool),
    some("replicas", List(&Object(&KUSTOMIZE_REPLICA))),
    some("patches", List(&Object(&KUSTOMIZE_PATCH))),
    some("components", TEXTS),
    some("ignoreMissingComponents", Bool),
    some("labelWithoutSelector", Bool),
    some("kubeVersion", Text),
    some("apiVersions", TEXTS),
    some("labelIncludeTemplates", Bool),
]);

structure!(KUSTOMIZE_REPLICA, "KustomizeReplica", [always("name", Text), always("count", IntOrText)]);

structure!(KUSTOMIZE_PATCH, "KustomizePatch", [
    some("path", Text),
    some("patch", Text),
    given("target", Object(&KUSTOMIZE_SELECTOR)),
    some("options", Map(&Bool)),
]);

structure!(KUSTOMIZE_SELECTOR, "KustomizeSelector", [
    some("group", Text),
    some("version", Text),
    some("kind", Text),
    some("name", Text),
    some("namespace", Text),
    some("annotationSelector", Text),
    some("labelSelector", Text),
]);

structure!(DIRECTORY, "ApplicationSourceDirectory", [
    some("recurse", Bool),
    Field { name: "jsonnet", kind: Object(&JSONNET), presence: Presence::NonZero },
    some("exclude", Text),
    some("include", Text),
    some("disableExtensionFilter", Bool),
]);

structure!(JSONNET, "ApplicationSourceJsonnet", [
    some("extVars", List(&Object(&JSONNET_VARIABLE))),
    some("tlas", List(&Object(&JSONNET_VARIABLE))),
    some("libs", TEXTS),
]);

structure!(JSONNET_VARIABLE, "JsonnetVar", [always("name", Text), always("value", Text), some("code", Bool)]);

structure!(SOURCE_PLUGIN, "ApplicationSourcePlugin", [
    some("name", Text),
    some("env", List(&Object(&NAME_AND_VALUE))),
    some("parameters", List(&Object(&PLUGIN_PARAMETER))),
]);

structure!(PLUGIN_PARAMETER, "ApplicationSourcePluginParameter", [
    some("name", Text),
    given("string", Text),
    given("map", TEXT_MAP),
    given("array", TEXTS),
]);
