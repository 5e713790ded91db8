//! Applications.

use super::Type::{Bool, Int, IntOrText, Json, List, Map, Object, Text};
use super::{Field, Presence, Structure, TEXT_MAP, TEXTS, always, given, some};

structure!(
    APPLICATION,
    "Application",
    [
        some("kind", Text),
        some("apiVersion", Text),
        always("metadata", Object(&OBJECT_METADATA)),
        always("spec", Object(&APPLICATION_SPEC)),
        given("operation", Json),
    ]
);

structure!(
    OBJECT_METADATA,
    "ObjectMeta",
    [
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
    ]
);

structure!(
    OWNER_REFERENCE,
    "OwnerReference",
    [
        always("apiVersion", Text),
        always("kind", Text),
        always("name", Text),
        always("uid", Text),
        given("controller", Bool),
        given("blockOwnerDeletion", Bool),
    ]
);

structure!(
    APPLICATION_SPEC,
    "ApplicationSpec",
    [
        given("source", Object(&SOURCE)),
        always("destination", Object(&DESTINATION)),
        always("project", Text),
        given("syncPolicy", Object(&SYNC_POLICY)),
        some("ignoreDifferences", List(&Object(&IGNORE_DIFFERENCES))),
        some("info", List(&Object(&NAME_AND_VALUE))),
        given("revisionHistoryLimit", Int),
        some("sources", List(&Object(&SOURCE))),
        given("sourceHydrator", Object(&SOURCE_HYDRATOR)),
    ]
);

structure!(
    DESTINATION,
    "ApplicationDestination",
    [some("server", Text), some("namespace", Text), some("name", Text),]
);

structure!(
    SYNC_POLICY,
    "SyncPolicy",
    [
        given("automated", Object(&AUTOMATED)),
        some("syncOptions", TEXTS),
        given("retry", Object(&RETRY)),
        given("managedNamespaceMetadata", Object(&NAMESPACE_METADATA)),
    ]
);

structure!(
    AUTOMATED,
    "SyncPolicyAutomated",
    [given("prune", Bool), given("selfHeal", Bool), given("allowEmpty", Bool), given("enabled", Bool),]
);

structure!(
    RETRY,
    "RetryStrategy",
    [some("limit", Int), given("backoff", Object(&BACKOFF)), some("refresh", Bool),]
);

structure!(BACKOFF, "Backoff", [some("duration", Text), given("factor", Int), some("maxDuration", Text),]);

structure!(
    NAMESPACE_METADATA,
    "ManagedNamespaceMetadata",
    [some("labels", TEXT_MAP), some("annotations", TEXT_MAP),]
);

structure!(
    IGNORE_DIFFERENCES,
    "ResourceIgnoreDifferences",
    [
        some("group", Text),
        always("kind", Text),
        some("name", Text),
        some("namespace", Text),
        some("jsonPointers", TEXTS),
        some("jqPathExpressions", TEXTS),
        some("managedFieldsManagers", TEXTS),
    ]
);

structure!(NAME_AND_VALUE, "Info", [always("name", Text), always("value", Text)]);

structure!(
    SOURCE,
    "ApplicationSource",
    [
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
    ]
);

structure!(
    SOURCE_HYDRATOR,
    "SourceHydrator",
    [
        always("drySource", Object(&DRY_SOURCE)),
        always("syncSource", Object(&SYNC_SOURCE)),
        given("hydrateTo", Object(&HYDRATE_TO)),
    ]
);

structure!(
    DRY_SOURCE,
    "DrySource",
    [
        always("repoURL", Text),
        always("targetRevision", Text),
        always("path", Text),
        given("helm", Object(&HELM)),
        given("kustomize", Object(&KUSTOMIZE)),
        given("directory", Object(&DIRECTORY)),
        given("plugin", Object(&SOURCE_PLUGIN)),
    ]
);

structure!(
    SYNC_SOURCE,
    "SyncSource",
    [always("targetBranch", Text), always("path", Text), some("repoURL", Text),]
);

structure!(HYDRATE_TO, "HydrateTo", [always("targetBranch", Text)]);

structure!(
    HELM,
    "ApplicationSourceHelm",
    [
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
    ]
);

structure!(
    HELM_PARAMETER,
    "HelmParameter",
    [some("name", Text), some("value", Text), some("forceString", Bool),]
);

structure!(HELM_FILE_PARAMETER, "HelmFileParameter", [some("name", Text), some("path", Text)]);

structure!(
    KUSTOMIZE,
    "ApplicationSourceKustomize",
    [
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
    ]
);

structure!(KUSTOMIZE_REPLICA, "KustomizeReplica", [always("name", Text), always("count", IntOrText)]);

structure!(
    KUSTOMIZE_PATCH,
    "KustomizePatch",
    [
        some("path", Text),
        some("patch", Text),
        given("target", Object(&KUSTOMIZE_SELECTOR)),
        some("options", Map(&Bool)),
    ]
);

structure!(
    KUSTOMIZE_SELECTOR,
    "KustomizeSelector",
    [
        some("group", Text),
        some("version", Text),
        some("kind", Text),
        some("name", Text),
        some("namespace", Text),
        some("annotationSelector", Text),
        some("labelSelector", Text),
    ]
);

structure!(
    DIRECTORY,
    "ApplicationSourceDirectory",
    [
        some("recurse", Bool),
        Field { name: "jsonnet", kind: Object(&JSONNET), presence: Presence::NonZero },
        some("exclude", Text),
        some("include", Text),
        some("disableExtensionFilter", Bool),
    ]
);

structure!(
    JSONNET,
    "ApplicationSourceJsonnet",
    [
        some("extVars", List(&Object(&JSONNET_VARIABLE))),
        some("tlas", List(&Object(&JSONNET_VARIABLE))),
        some("libs", TEXTS),
    ]
);

structure!(JSONNET_VARIABLE, "JsonnetVar", [always("name", Text), always("value", Text), some("code", Bool)]);

structure!(
    SOURCE_PLUGIN,
    "ApplicationSourcePlugin",
    [
        some("name", Text),
        some("env", List(&Object(&NAME_AND_VALUE))),
        some("parameters", List(&Object(&PLUGIN_PARAMETER))),
    ]
);

structure!(
    PLUGIN_PARAMETER,
    "ApplicationSourcePluginParameter",
    [some("name", Text), given("string", Text), given("map", TEXT_MAP), given("array", TEXTS),]
);
