//! What the command line takes.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use strata::profile::Profile;

/// Explains every final Helm value of an Argo CD platform: the layer, file and line it came from.
#[derive(Parser)]
#[command(name = "strata", version, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// List the Applications that the repositories yield.
    Applications {
        #[command(flatten)]
        input: Input,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print the final values of an Application, each with its origin.
    Values {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        choice: Choice,
        /// `text` shows origins; `json` and `yaml` are the final values alone.
        #[arg(long, value_enum, default_value_t)]
        format: ValuesFormat,
    },
    /// Show everything that was ever written at one key, the winner first.
    Explain {
        /// What to look at, as for the other commands, and then the key, e.g. `resources.requests.cpu`,
        /// `env[0].name` or `labels["app.kubernetes.io/name"]`.
        #[arg(required = true, value_name = "PATH... KEY.PATH")]
        paths_and_key: Vec<String>,
        #[command(flatten)]
        rules: Rules,
        #[command(flatten)]
        choice: Choice,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Show how an Application comes about: generator, parameters, template fields, references, files.
    Trace {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        choice: Choice,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Look for everything that is wrong. Exits with 1 if there are errors.
    Check {
        #[command(flatten)]
        input: Input,
        /// For people, for programs, or for code scanning.
        #[arg(long, value_enum, default_value_t)]
        format: CheckFormat,
        /// Render every Application too: errors of templates, objects that an Application yields twice,
        /// values that no template of any Application reads.
        #[arg(long)]
        render: bool,
    },
    /// Show which values change when another profile applies, and the lines that make them change.
    Compare {
        #[command(flatten)]
        input: Input,
        /// The profile to compare with, e.g. argocd-3.6 before an upgrade to it.
        #[arg(long, value_name = "PROFILE", value_parser = profile)]
        with: Profile,
        /// Name of one Application; `SET/NAME` where two sets yield one name. All if it is not given.
        #[arg(long, value_name = "NAME")]
        application: Option<String>,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print the manifests of an Application as `helm template` prints them.
    Render {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        choice: Choice,
        /// Tell of every line which template wrote it and from which values, which values nothing
        /// reads, and which are read and never set.
        #[arg(long)]
        trace: bool,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print a fixtures file to start from: what the ApplicationSets ask a cluster or a network for.
    Fixtures {
        /// What to look at, as for the other commands.
        #[arg(required_unless_present = "schema", value_name = "PATH")]
        paths: Vec<String>,
        /// Print the JSON schema of such files instead.
        #[arg(long)]
        schema: bool,
    },
}

/// What to look at.
#[derive(Args)]
pub struct Input {
    /// A folder, a zip, or a folder that holds several repositories. `URL=PATH` and
    /// `URL#REVISION=PATH` say which repository and revision it stands for.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    #[command(flatten)]
    pub rules: Rules,
}

/// By whose rules, and with what besides the repositories.
#[derive(Args)]
pub struct Rules {
    /// Whose rules apply: argocd-3.0 to argocd-3.6, or a Helm such as helm-3.19.
    #[arg(long, value_name = "PROFILE", default_value = "argocd-3.6", value_parser = profile)]
    pub profile: Profile,
    /// A YAML file with what no repository holds, e.g. `clusters: [{name, server, labels}]`.
    #[arg(long, value_name = "FILE")]
    pub fixtures: Option<PathBuf>,
}

/// Which source of which Application.
#[derive(Args)]
pub struct Choice {
    /// Name of the Application; `SET/NAME` where two sets yield one name.
    #[arg(long, value_name = "NAME")]
    pub application: String,
    /// Position in `spec.sources`; the first one that renders if it is not given.
    #[arg(long, value_name = "INDEX")]
    pub source: Option<usize>,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub enum ValuesFormat {
    #[default]
    Text,
    Json,
    Yaml,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub enum CheckFormat {
    #[default]
    Text,
    Json,
    Sarif,
}

fn profile(name: &str) -> Result<Profile, String> {
    name.parse()
}
