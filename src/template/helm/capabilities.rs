//! `.Capabilities`: what a Helm says of itself and of the cluster.

use crate::profile::Helm;
use crate::template::functions::Function;
use crate::template::types::{Package, Type};
use crate::template::value::{Field, Kind, List, Str, Struct, StructType, Value};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// The API versions that each recorded Helm knows by itself.
static API_VERSIONS: LazyLock<BTreeMap<String, Arc<[Arc<str>]>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("api-versions.json")).expect("the file lists versions by Helm")
});

/// What templates learn of the cluster.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// Groups with versions, and what else was given as `--api-versions`.
    pub api_versions: Arc<[Arc<str>]>,
    /// What `.Capabilities.HelmVersion` says.
    pub build: BuildInfo,
}

/// How a Helm was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildInfo {
    /// `v3.19.4`
    pub version: String,
    /// The commit.
    pub commit: String,
    /// `clean`
    pub tree_state: String,
    /// The version of Go.
    pub go: String,
    /// The version of Kubernetes that its client is of; templates see it from Helm 4 on.
    pub kube_client: String,
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// As `.Capabilities.KubeVersion.Version` gives it, e.g. `v1.31.0`.
    pub version: String,
    /// The version without any suffix; empty where nobody worked it out, which releases of Helm do.
    pub normalized: String,
    /// `1`
    pub major: String,
    /// `31`
    pub minor: String,
}

impl Capabilities {
    /// What Helm assumes without a cluster.
    pub fn of(helm: Helm) -> Self {
        let minor = match helm {
            Helm::V3_17 => "32",
            Helm::V3_18 => "33",
            Helm::V3_19 => "34",
            Helm::V3_20 => "35",
            Helm::V3_21 | Helm::V4_2 => "36",
            Helm::V3_22 | Helm::V4_3 => "37",
        };
        let version = format!("v1.{minor}.0");
        let kube_version = KubeVersion {
            normalized: version.clone(),
            version,
            major: "1".to_owned(),
            minor: minor.to_owned(),
        };
        let api_versions = API_VERSIONS.get(helm.number()).map_or_else(|| Arc::from([]), Arc::clone);
        let build = BuildInfo {
            version: format!("v{}", helm.number()),
            commit: commit(helm).to_owned(),
            tree_state: "clean".to_owned(),
            go: go(helm).to_owned(),
            kube_client: format!("v1.{minor}"),
        };
        Self { kube_version, api_versions, build }
    }

    /// These with further API versions behind them (`--api-versions`).
    #[must_use]
    pub fn with_api_versions(mut self, further: impl IntoIterator<Item = Arc<str>>) -> Self {
        self.api_versions = self.api_versions.iter().map(Arc::clone).chain(further).collect();
        self
    }

    /// The value of `.Capabilities`.
    pub(super) fn value(&self, helm: Helm) -> Value {
        let text = |text: &str| Value::from(text);
        let types = if helm.is_4() { &COMMON } else { &CHARTUTIL };
        let kube = &self.kube_version;
        let mut kube_fields = vec![text(&kube.version), text(&kube.major), text(&kube.minor)];
        if helm.is_4() {
            kube_fields.insert(1, text(&kube.normalized));
        }
        let facts = &self.build;
        let mut build =
            vec![text(&facts.version), text(&facts.commit), text(&facts.tree_state), text(&facts.go)];
        if helm.is_4() {
            build.push(text(&facts.kube_client));
        }
        let versions =
            self.api_versions.iter().map(|version| Str::from(Arc::clone(version)).into()).collect();
        let fields = vec![
            structure(types.kube_version, kube_fields),
            Kind::List(Rc::new(List::new(Type::VersionSet(types.package), versions))).into(),
            structure(types.build_info, build),
        ];
        Kind::Struct(Rc::new(Struct { of: types.capabilities, pointer: true, fields })).into()
    }
}

fn structure(of: &'static StructType, fields: Vec<Value>) -> Value {
    Kind::Struct(Rc::new(Struct { of, pointer: false, fields })).into()
}

/// The commit that a released Helm was built from.
fn commit(helm: Helm) -> &'static str {
    match helm {
        Helm::V3_17 => "980d8ac1939e39138101364400756af2bdee1da5",
        Helm::V3_18 => "d80839cf37d860c8aa9a0503fe463278f26cd5e2",
        Helm::V3_19 => "7cfb6e486dac026202556836bb910c37d847793e",
        Helm::V3_20 => "8fb76d6ab555577e98e23b7500009537a471feee",
        Helm::V3_21 => "813176c51bb5c181dbbd7901298ddcc104cd3417",
        Helm::V4_2 => "d591a19b953bd9cfdf7d9ddd83c2f4ffdaeafb29",
        // Not known here.
        Helm::V3_22 | Helm::V4_3 => "",
    }
}

/// The minor version of Go that a released Helm was built with.
fn go(helm: Helm) -> &'static str {
    match helm {
        Helm::V3_17 => "go1.23",
        Helm::V3_18 | Helm::V3_19 => "go1.24",
        Helm::V3_20 => "go1.25",
        Helm::V3_21 | Helm::V3_22 | Helm::V4_2 | Helm::V4_3 => "go1.26",
    }
}

impl KubeVersion {
    /// A version as `--kube-version` takes it: numbers with dots, at least two, whatever may follow.
    /// Fails with Helm's words.
    pub fn parse(text: &str, helm: Helm) -> Result<Self, String> {
        let unparsed = || format!("could not parse {text:?} as version");
        let trimmed = text.trim_start();
        let digits = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let length = digits.bytes().take_while(|&byte| byte.is_ascii_digit() || byte == b'.').count();
        let numbers = digits[..length].trim_end_matches('.');
        if numbers.is_empty() {
            return Err(unparsed());
        }
        let parts: Vec<&str> = numbers.split('.').collect();
        let [major, minor, ..] = parts[..] else {
            return Err(format!("illegal version string {text:?}"));
        };
        let number =
            |part: &str| part.parse::<u64>().map(|number| number.to_string()).map_err(|_| unparsed());
        let all = parts.iter().map(|part| number(part)).collect::<Result<Vec<_>, _>>()?;
        let normalized = format!("v{}", all.join("."));
        let version = match helm.is_4() {
            true if text.starts_with('v') => text.to_owned(),
            true => format!("v{text}"),
            false => normalized.clone(),
        };
        Ok(Self { version, normalized, major: number(major)?, minor: number(minor)? })
    }
}

/// The types of one Helm's `.Capabilities`.
struct Types {
    package: Package,
    capabilities: &'static StructType,
    kube_version: &'static StructType,
    build_info: &'static StructType,
}

static CHARTUTIL: Types = Types {
    package: Package::Chartutil,
    capabilities: &StructType {
        name: "chartutil.Capabilities",
        fields: &[
            field("KubeVersion", Type::Struct(&KUBE_VERSION)),
            field("APIVersions", Type::VersionSet(Package::Chartutil)),
            field("HelmVersion", Type::Struct(&BUILD_INFO)),
        ],
        methods: COPY,
        string: None,
        string_by_value: false,
    },
    kube_version: &KUBE_VERSION,
    build_info: &BUILD_INFO,
};

static COMMON: Types = Types {
    package: Package::Common,
    capabilities: &StructType {
        name: "common.Capabilities",
        fields: &[
            field("KubeVersion", Type::Struct(&KUBE_VERSION_4)),
            field("APIVersions", Type::VersionSet(Package::Common)),
            field("HelmVersion", Type::Struct(&BUILD_INFO_4)),
        ],
        methods: COPY,
        string: None,
        string_by_value: false,
    },
    kube_version: &KUBE_VERSION_4,
    build_info: &BUILD_INFO_4,
};

const COPY: &[Function] = &[Function::new("Copy", &[], |_, a| Ok(a[0].clone()))];

static KUBE_VERSION: StructType = StructType {
    name: "chartutil.KubeVersion",
    fields: &[field("Version", Type::String), field("Major", Type::String), field("Minor", Type::String)],
    methods: VERSION_METHODS,
    string: Some(|version| {
        version.field("Version").and_then(|(_, text)| text.as_string()).cloned().unwrap_or_else(|| "".into())
    }),
    string_by_value: false,
};

static KUBE_VERSION_4: StructType = StructType {
    name: "common.KubeVersion",
    fields: &[
        field("Version", Type::String),
        Field { json: "", ..field("normalizedVersion", Type::String) },
        field("Major", Type::String),
        field("Minor", Type::String),
    ],
    methods: VERSION_METHODS,
    string: Some(|version| {
        let text = |name| version.field(name).and_then(|(_, text)| text.as_string()).cloned();
        let normalized = text("normalizedVersion").filter(|text| !text.is_empty());
        normalized.or_else(|| text("Version")).unwrap_or_else(|| "".into())
    }),
    string_by_value: false,
};

const VERSION_METHODS: &[Function] = &[
    Function::new("String", &[], |_, a| match &a[0].kind {
        Kind::Struct(version) => Ok(version.of.string.map_or(Value::NIL, |string| string(version).into())),
        _ => Ok(Value::NIL),
    }),
    Function::new("GitVersion", &[], |_, a| match &a[0].kind {
        Kind::Struct(version) => Ok(version.field("Version").map_or(Value::NIL, |(_, text)| text.clone())),
        _ => Ok(Value::NIL),
    }),
];

static BUILD_INFO: StructType = StructType {
    name: "version.BuildInfo",
    fields: &[
        optional("Version", "version"),
        optional("GitCommit", "git_commit"),
        optional("GitTreeState", "git_tree_state"),
        optional("GoVersion", "go_version"),
    ],
    methods: &[],
    string: None,
    string_by_value: false,
};

static BUILD_INFO_4: StructType = StructType {
    name: "version.BuildInfo",
    fields: &[
        optional("Version", "version"),
        optional("GitCommit", "git_commit"),
        optional("GitTreeState", "git_tree_state"),
        optional("GoVersion", "go_version"),
        Field { json: "kube_client_version", ..field("KubeClientVersion", Type::String) },
    ],
    methods: &[],
    string: None,
    string_by_value: false,
};

const fn field(name: &'static str, of: Type) -> Field {
    Field { name, of, json: name, omit_empty: false, embedded: false }
}

const fn optional(name: &'static str, json: &'static str) -> Field {
    Field { name, of: Type::String, json, omit_empty: true, embedded: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_helm_knows_its_api_versions() {
        for (helm, number) in Helm::ALL {
            let versions = Capabilities::of(helm).api_versions;
            assert!(versions.iter().any(|version| &**version == "apps/v1"), "{number}");
        }
    }

    #[test]
    fn kube_versions_are_read_as_helm_reads_them() {
        let read =
            |text: &str, helm| KubeVersion::parse(text, helm).map(|version| (version.version, version.minor));
        let pair = |version: &str, minor: &str| Ok((version.to_owned(), minor.to_owned()));
        assert_eq!(read("v1.29.3-gke.1", Helm::V3_19), pair("v1.29.3", "29"));
        assert_eq!(read("1.29.3-gke.1", Helm::V4_2), pair("v1.29.3-gke.1", "29"));
        assert_eq!(read("1.31", Helm::V3_17), pair("v1.31", "31"));
        assert!(read("1", Helm::V3_17).is_err());
        assert!(read("latest", Helm::V3_17).is_err());
    }
}
