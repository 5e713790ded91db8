//! Which Argo CD and which Helm are asked.
//!
//! A [`Profile`] is plain data that is passed down; every switch between versions is a method here,
//! named after the behaviour, so that a reader finds all of them in one place. Sources: the spec sheet
//! on Argo CD, sections 8 and 9, and the recorded answers under `tests/conformance`.

use std::fmt;
use std::str::FromStr;

/// A Helm version that answers were recorded for. Any other version takes the nearest recorded one at
/// or below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Helm {
    V3_17,
    V3_18,
    V3_19,
    V3_20,
    V3_21,
    V3_22,
    V4_2,
    V4_3,
}

impl Helm {
    /// Every recorded version, oldest first, with its full number.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::V3_17, "3.17.1"),
        (Self::V3_18, "3.18.4"),
        (Self::V3_19, "3.19.4"),
        (Self::V3_20, "3.20.2"),
        (Self::V3_21, "3.21.4"),
        (Self::V3_22, "3.22.0"),
        (Self::V4_2, "4.2.1"),
        (Self::V4_3, "4.3.1"),
    ];

    /// The full number of the recorded version, e.g. `3.19.4`.
    pub fn number(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Helm 4 (any minor).
    pub fn is_4(self) -> bool {
        self >= Self::V4_2
    }

    /// Helm 4 merges all documents of a values file; Helm 3 reads the first alone.
    pub fn reads_all_documents(self) -> bool {
        self.is_4()
    }

    /// Before 4.3.1, Helm 4 loses the last line of a values file if it is not ended and its length is a
    /// multiple of 4096 bytes (Kubernetes' `LineReader`).
    pub fn loses_unended_lines(self) -> bool {
        self < Self::V4_3
    }

    /// A `--set` argument that ends inside the brackets of an index is an error in Helm 3; Helm 4 takes
    /// it for the end of the argument.
    pub fn ends_quietly_inside_an_index(self) -> bool {
        self.is_4()
    }

    /// Helm 4 takes a `--set-json` argument that starts with a brace for a whole object.
    pub fn reads_set_json_objects(self) -> bool {
        self.is_4()
    }

    /// From 3.20 on a user's nested null stays where the chart has no default other than null; before,
    /// any key that the chart has was removed.
    pub fn keeps_nulls_without_default(self) -> bool {
        self >= Self::V3_20
    }

    /// Helm 4 drops nulls of a chart's own defaults, at any depth.
    pub fn drops_null_defaults(self) -> bool {
        self.is_4()
    }

    /// A chart that two aliases name shares its own list of dependencies in Helm 3, so that what the
    /// first alias does with the list is seen by the second.
    pub fn shares_dependencies_of_aliases(self) -> bool {
        !self.is_4()
    }

    /// The Go library that validates values against schemas.
    pub fn schema_library(self) -> SchemaLibrary {
        if self < Self::V3_19 { SchemaLibrary::GoJsonSchema } else { SchemaLibrary::JsonSchemaV6 }
    }

    /// jsonschema v6 up to 6.0.1 counts the items after `prefixItems` from 0 again when it says where a
    /// schema failed.
    pub fn counts_further_items_from_zero(self) -> bool {
        matches!(self, Self::V3_19 | Self::V3_20 | Self::V3_21 | Self::V4_2)
    }

    /// Helm 4 keeps the line breaks at the end of a rendered document; Helm 3 trims them.
    pub fn keeps_ends_of_documents(self) -> bool {
        self.is_4()
    }

    /// From 4.3 on a rendered template is split at `---` at the start of a line; before, the blanks
    /// around it went with it, and a second separator right behind one was part of a document.
    pub fn splits_documents_by_line(self) -> bool {
        self >= Self::V4_3
    }

    /// The Go that this Helm is built with names the outermost struct in errors of reading JSON.
    pub fn names_outer_struct_in_json_errors(self) -> bool {
        self >= Self::V3_18
    }

    /// Helm 4.3 added functions of durations.
    pub fn has_durations(self) -> bool {
        self >= Self::V4_3
    }

    /// The library of versions (Masterminds/semver) lets one prerelease in a group of constraints allow
    /// them in all of the group, since its 3.4.
    pub fn shares_semver_prereleases(self) -> bool {
        self >= Self::V3_19
    }

    /// The library of versions limits the lengths of its texts and quotes them in errors, since its 3.5.
    pub fn limits_semver_lengths(self) -> bool {
        self >= Self::V3_21
    }

    /// Helm up to 3.18 panics where `child` or `parent` of `import-values` is no text (`dependencies.go`).
    pub fn panics_on_imports_without_text(self) -> bool {
        self < Self::V3_19
    }

    /// The TOML library counts lines from 1 at the end of a text, since its 1.5.
    pub fn counts_toml_lines(self) -> bool {
        self >= Self::V3_18
    }

    /// The TOML library writes big floats with exponents and reads TOML 1.1, since its 1.6.
    pub fn writes_toml_exponents(self) -> bool {
        self >= Self::V3_20
    }

    fn nearest(major: u32, minor: u32) -> Option<Self> {
        let known = |helm: Self| {
            let mut parts = helm.number().split('.').filter_map(|part| part.parse::<u32>().ok());
            (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
        };
        Self::ALL.iter().map(|&(helm, _)| helm).rfind(|&helm| known(helm) <= (major, minor))
    }
}

/// A library for JSON Schema that Helm uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaLibrary {
    /// xeipuuv/gojsonschema 1.2.
    GoJsonSchema,
    /// santhosh-tekuri/jsonschema 6.
    JsonSchemaV6,
}

/// An Argo CD minor version from 3.0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArgoCd {
    /// The `y` of `3.y`.
    pub minor: u32,
}

impl ArgoCd {
    /// The newest version known.
    pub const NEWEST: Self = Self { minor: 6 };

    /// The Helm that it bundles (section 8 of the spec sheet).
    pub fn bundled_helm(self) -> Helm {
        match self.minor {
            0 => Helm::V3_17,
            1 | 2 => Helm::V3_18,
            3 | 4 => Helm::V3_19,
            5 => Helm::V4_2,
            _ => Helm::V4_3,
        }
    }

    /// Wildcards in `valueFiles` are expanded, and a file counts once however often it is listed.
    pub fn expands_value_file_globs(self) -> bool {
        self.minor >= 4
    }

    /// `sources` with a single entry may have a `ref` that this entry itself uses.
    pub fn single_source_may_lend_files(self) -> bool {
        self.minor >= 5
    }

    /// Items of a git generator's `files` may exclude.
    pub fn excludes_git_files(self) -> bool {
        self.minor >= 1
    }

    /// Of several Applications of a set with one name none is created; before, the first one was.
    pub fn skips_all_duplicates(self) -> bool {
        self.minor >= 2
    }

    /// The name of the Go templates of ApplicationSets, which stands in their errors.
    pub fn template_name(self) -> &'static str {
        if self.minor >= 3 { "base" } else { "" }
    }

    /// Selectors on parameters look into maps of strings (labels, annotations, `values`).
    pub fn selects_in_string_maps(self) -> bool {
        self.minor >= 4
    }

    /// `values` of a matrix' second child are tried with the first child's parameters, and kept for
    /// the child itself where one is missing. (3.4.0 didn't; the last releases of 3.4 do.)
    pub fn keeps_values_for_second_child(self) -> bool {
        self.minor >= 4
    }

    /// The OCI generator.
    pub fn has_oci_generator(self) -> bool {
        self.minor >= 6
    }

    /// `tpl` in the Go templates of ApplicationSets.
    pub fn has_tpl(self) -> bool {
        self.minor >= 6
    }

    /// A revision that does not exist is told with its reason.
    pub fn says_revision_not_found(self) -> bool {
        self.minor >= 6
    }

    /// A generated Application without a name is an error of its own.
    pub fn refuses_empty_names(self) -> bool {
        self.minor >= 6
    }
}

/// The versions whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Rules for ApplicationSets, sources and value files.
    pub argocd: ArgoCd,
    /// Rules for values, schemas and templates.
    pub helm: Helm,
}

impl Default for Profile {
    fn default() -> Self {
        Self::argocd(ArgoCd::NEWEST)
    }
}

impl Profile {
    /// An Argo CD version with the Helm that it bundles.
    pub fn argocd(argocd: ArgoCd) -> Self {
        Self { argocd, helm: argocd.bundled_helm() }
    }

    /// A Helm version under the newest Argo CD.
    pub fn helm(helm: Helm) -> Self {
        Self { argocd: ArgoCd::NEWEST, helm }
    }
}

/// `argocd-3.6` where the Helm is the bundled one, else `helm-3.19`.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.argocd.bundled_helm() == self.helm {
            write!(f, "argocd-3.{}", self.argocd.minor)
        } else {
            let number = self.helm.number();
            write!(f, "helm-{}", number.rsplit_once('.').map_or(number, |(minor, _)| minor))
        }
    }
}

/// The names that `--profile` takes: `argocd-3.6`, `helm-3.19`, `helm-4.2.1`.
impl FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "unknown profile `{name}`: give argocd-3.0 to argocd-3.6, or a Helm version from helm-3.17 on"
            )
        };
        let (tool, version) = name.split_once('-').ok_or_else(unknown)?;
        let mut numbers = version.split('.').map(str::parse::<u32>);
        let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
            return Err(unknown());
        };
        match tool {
            "argocd" if major == 3 && minor <= ArgoCd::NEWEST.minor => Ok(Self::argocd(ArgoCd { minor })),
            "helm" if major == 3 || major == 4 => {
                Helm::nearest(major, minor).map(Self::helm).ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for name in ["argocd-3.0", "argocd-3.6", "helm-3.17", "helm-3.22", "helm-4.2"] {
            assert_eq!(name.parse::<Profile>().map(|profile| profile.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn an_unrecorded_helm_takes_the_nearest_below() {
        assert_eq!("helm-4.0".parse::<Profile>().map(|profile| profile.helm), Ok(Helm::V3_22));
        assert_eq!("helm-4.9.9".parse::<Profile>().map(|profile| profile.helm), Ok(Helm::V4_3));
        assert!("helm-3.16".parse::<Profile>().is_err());
        assert!("argocd-2.14".parse::<Profile>().is_err());
    }
}
