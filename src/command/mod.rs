//! The command line: reads what it is given, asks a session, prints.

mod arguments;
mod disk;
mod processors;

use arguments::{Arguments, CheckFormat, Choice, Command, Format, Input, ValuesFormat};
use clap::Parser;
use processors::Processors;
use serde_json::{Value as Json, json};
use std::io::{IsTerminal, Write as _};
use std::mem::ManuallyDrop;
use std::process::ExitCode;
use strata::argocd::fixtures::{Fixtures, SCHEMA};
use strata::diagnostic::{self, Diagnostic, Severity};
use strata::platform::{Detail, HelmSource, Outcome, typed_by_hand};
use strata::profile::Profile;
use strata::report::{Problem, Rendered, Session, key_path, text, trace_text};
use strata::source::File;
use strata::work::Workers;
use strata::yaml;

/// Nothing is wrong.
const FINE: u8 = 0;
/// Errors were found, or Argo CD would fail.
const WRONG: u8 = 1;
/// Bad usage, or input that can't be read.
const UNUSABLE: u8 = 2;

/// What a command came to: what to print and how to end. An error is one sentence about why the
/// command could not be carried out.
type Outcomes = Result<(String, u8), String>;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // `--help` and `--version` come this way too and end well.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { UNUSABLE } else { FINE });
        }
    };
    let outcome = match arguments.command {
        Command::Applications { input, format } => applications(&input, format),
        Command::Values { input, choice, format } => values(&input, &choice, format),
        Command::Explain { mut paths_and_key, rules, choice, format } => {
            // At least one is required, so there is a last one: the key.
            let key = paths_and_key.pop().unwrap_or_default();
            explain(&Input { paths: paths_and_key, rules }, &choice, &key, format)
        }
        Command::Check { input, format, render } => check(&input, format, render),
        Command::Compare { input, with, application, format } => {
            compare(&input, with, application.as_deref(), format)
        }
        Command::Render { input, choice, trace, format } => render(&input, &choice, trace, format),
        Command::Trace { input, choice, format } => trace(&input, &choice, format),
        Command::Fixtures { schema: true, .. } => Ok((SCHEMA.to_owned(), FINE)),
        Command::Fixtures { paths, .. } => starter(&paths),
    };
    match outcome {
        Ok((output, code)) => {
            // A reader that has seen enough (`| head`) closes the pipe; that is no error.
            let _ = std::io::stdout().lock().write_all(output.as_bytes());
            ExitCode::from(code)
        }
        Err(sentence) => {
            say(&format!("strata: {sentence}\n"));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// A session on the input, and what could not be taken in.
fn open(input: &Input) -> Result<(ManuallyDrop<Session>, Vec<Diagnostic>), String> {
    let fixtures = match &input.rules.fixtures {
        None => Fixtures::default(),
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            Fixtures::read(&File::new("", name, text)).map_err(|problems| print(&problems))?
        }
    };
    let (repositories, problems) = disk::read(&input.paths)?;
    if repositories.is_empty() {
        let why = problems.first().map_or_else(|| "there is nothing to load".to_owned(), ToString::to_string);
        return Err(why);
    }
    let session = Session::with(&Processors, repositories, fixtures, input.rules.profile);
    // The process ends with the command; taking a platform apart piece by piece would take longer than
    // some commands do.
    Ok((ManuallyDrop::new(session), problems))
}

fn starter(paths: &[String]) -> Outcomes {
    let rules = arguments::Rules { profile: Profile::default(), fixtures: None };
    let (session, problems) = open(&Input { paths: paths.to_vec(), rules })?;
    tell(&problems);
    let text = session.overview().starter_fixtures;
    let nothing = "# The ApplicationSets ask for nothing that is not among the files.\n";
    Ok((if text.is_empty() { nothing.to_owned() } else { text }, FINE))
}

fn applications(input: &Input, format: Format) -> Outcomes {
    let (mut session, problems) = open(input)?;
    session.complete();
    let failed = session.evaluation().sets.iter().any(|set| set.generated.error.is_some());
    let output = match format {
        Format::Text => text::applications(&session.overview()),
        Format::Json => pretty(&applications_json(&session)),
    };
    tell(&problems);
    Ok((output, if failed { WRONG } else { FINE }))
}

fn applications_json(session: &Session) -> Json {
    let evaluation = session.evaluation();
    let overview = session.overview();
    let mut problems = vec![Vec::new(); evaluation.applications.len()];
    for problem in &overview.problems {
        // Its list of applications, said at each of them, would grow with the square of their number.
        let told = json!(Problem { applications: Vec::new(), ..problem.clone() });
        for &application in &problem.applications {
            problems[application].push(told.clone());
        }
    }
    let applications = evaluation.applications.iter().zip(&problems).map(|(application, problems)| {
        let (set, document) = match &application.origin {
            strata::platform::Origin::Written(document) => ("", document),
            strata::platform::Origin::Generated { set, .. } => {
                (&*evaluation.sets[*set].generated.name, &evaluation.sets[*set].document)
            }
        };
        json!({
            "set": set,
            "file": typed_by_hand(document).file.to_string(),
            "application": application.object.to_json(),
            "problems": problems,
        })
    });
    let errors = evaluation.sets.iter().filter_map(|set| {
        let error = set.generated.error.as_ref()?;
        Some(json!({
            "set": &*set.generated.name,
            "file": typed_by_hand(&set.document).file.to_string(),
            "message": error.to_string(),
        }))
    });
    json!({ "applications": applications.collect::<Vec<_>>(), "errors": errors.collect::<Vec<_>>() })
}

/// The Application that was asked for, evaluated, with its position.
fn choose(session: &Session, choice: &Choice) -> Result<(usize, Detail), String> {
    let position = position(session, &choice.application)?;
    let detail = session.detail(position).ok_or("the Application is gone")?;
    Ok((position, detail))
}

/// The position of the Application of a name, `NAME` or `SET/NAME`.
fn position(session: &Session, wanted: &str) -> Result<usize, String> {
    let evaluation = session.evaluation();
    let named = |name: &str, set: Option<&str>| {
        evaluation.applications.iter().position(|one| {
            *one.name == *name && set.is_none_or(|set| evaluation.set_of(one).is_some_and(|of| of == set))
        })
    };
    let split = wanted.split_once('/');
    let found = named(wanted, None).or_else(|| split.and_then(|(set, name)| named(name, Some(set))));
    found.ok_or_else(|| {
        let close = closest(wanted, evaluation.applications.iter().map(|one| &*one.name));
        let hint = close.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        let failed = evaluation.sets.iter().filter_map(|set| set.generated.error.clone());
        tell(&failed.collect::<Vec<_>>());
        format!("there is no Application `{wanted}`{hint}")
    })
}

/// The name that shares the longest beginning with the one that was asked for.
fn closest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let shared = |name: &str| name.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
    names.max_by_key(|name| shared(name)).filter(|name| shared(name) > wanted.len() / 3)
}

/// The position in `spec.sources` of the source that was asked for, or of the first Helm source.
fn source_index(detail: &Detail, choice: &Choice) -> Result<usize, String> {
    if let Some(index) = choice.source {
        let indexes: Vec<String> =
            detail.sources.iter().map(|(source, _)| source.index.to_string()).collect();
        return detail
            .sources
            .iter()
            .map(|(source, _)| source.index)
            .find(|known| *known == index)
            .ok_or_else(|| {
                format!(
                    "source {index} of {} renders nothing; these do: {}",
                    choice.application,
                    indexes.join(", ")
                )
            });
    }
    let helm = detail.sources.iter().find(|(_, outcome)| matches!(outcome, Outcome::Helm(_)));
    let any = helm.or_else(|| detail.sources.first());
    any.map(|(source, _)| source.index)
        .ok_or_else(|| format!("{} has no source that renders", choice.application))
}

fn helm_source(detail: &Detail, index: usize) -> Option<&HelmSource> {
    detail.sources.iter().find(|(source, _)| source.index == index).and_then(|(_, outcome)| match outcome {
        Outcome::Helm(helm) => Some(&**helm),
        Outcome::Plain(_) => None,
    })
}

/// Tells on standard error why Argo CD would fail for the source, and whether it would.
fn failing(detail: &Detail, index: usize) -> bool {
    let of_source = detail.sources.iter().find(|(source, _)| source.index == index);
    let failure = of_source.and_then(|(_, outcome)| outcome.failure()).or(detail.refused.as_ref());
    if let Some(failure) = failure {
        tell(std::slice::from_ref(failure));
    }
    failure.is_some()
}

fn values(input: &Input, choice: &Choice, format: ValuesFormat) -> Outcomes {
    let (session, problems) = open(input)?;
    let (position, detail) = choose(&session, choice)?;
    tell(&problems);
    if let Some(refused) = &detail.refused {
        tell(std::slice::from_ref(refused));
        return Ok((String::new(), WRONG));
    }
    let index = source_index(&detail, choice)?;
    let output = match (helm_source(&detail, index), format) {
        (None, _) => String::new(),
        (Some(helm), ValuesFormat::Json) => pretty(&helm.value().to_json()),
        (Some(helm), ValuesFormat::Yaml) => yaml::write(helm.value()) + "\n",
        (Some(_), ValuesFormat::Text) => {
            let report = session.application(position).ok_or("the Application is gone")?;
            let source = report.sources.iter().find(|source| source.index == index);
            source.map(|source| text::values(&report, source)).unwrap_or_default()
        }
    };
    Ok((output, if failing(&detail, index) { WRONG } else { FINE }))
}

fn explain(input: &Input, choice: &Choice, key: &str, format: Format) -> Outcomes {
    if input.paths.is_empty() {
        return Err(format!("give a PATH and a key: `{key}` alone says not where to look"));
    }
    let path = key_path::parse(key)?;
    let (session, problems) = open(input)?;
    let (position, detail) = choose(&session, choice)?;
    tell(&problems);
    let index = source_index(&detail, choice)?;
    let cascade = session.cascade(position, index, &path).ok_or_else(|| {
        format!("source {index} of {} is no Helm chart and has no values", choice.application)
    })?;
    let reached = session.manifests(position, index).map(|manifests| manifests.reached(&cascade.path));
    let reached = reached.unwrap_or_default();
    let output = match format {
        Format::Text => text::cascade(&cascade) + &text::reached(&reached),
        Format::Json => {
            let mut json = serde_json::to_value(&cascade).map_err(|error| error.to_string())?;
            json["reached"] = json!(reached);
            pretty(&json)
        }
    };
    Ok((output, if failing(&detail, index) { WRONG } else { FINE }))
}

fn trace(input: &Input, choice: &Choice, format: Format) -> Outcomes {
    let (session, problems) = open(input)?;
    let (position, detail) = choose(&session, choice)?;
    tell(&problems);
    let trace = session.trace(position).ok_or("the Application is gone")?;
    let output = match format {
        Format::Text => trace_text::trace(&trace, choice.source),
        Format::Json => pretty(&serde_json::to_value(&trace).map_err(|error| error.to_string())?),
    };
    Ok((output, if detail.fails() { WRONG } else { FINE }))
}

fn check(input: &Input, format: CheckFormat, render: bool) -> Outcomes {
    let (mut session, mut all) = open(input)?;
    session.complete();
    let evaluation = session.evaluation();
    all.extend(evaluation.diagnostics().into_iter().cloned());
    if render {
        let mut rendered = Rendered::default();
        let count = evaluation.applications.len();
        let processors: &dyn Workers = &Processors;
        for part in processors.ranges(count, |range| session.render(range)) {
            rendered.join(part);
        }
        all.extend(rendered.diagnostics(evaluation));
    }
    all.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    let errors = all.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let output = match format {
        CheckFormat::Text => {
            let applications = text::plural(evaluation.applications.len(), "application");
            let found =
                [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
            let counts = found.map(|(severity, what)| {
                text::plural(all.iter().filter(|diagnostic| diagnostic.severity == severity).count(), what)
            });
            let gap = if all.is_empty() { "" } else { "\n" };
            format!("{}{gap}{applications}: {}\n", print(&all), counts.join(", "))
        }
        CheckFormat::Json => diagnostic::json::render(&all),
        CheckFormat::Sarif => diagnostic::sarif::render(&all),
    };
    Ok((output, if errors > 0 { WRONG } else { FINE }))
}

fn compare(input: &Input, with: Profile, application: Option<&str>, format: Format) -> Outcomes {
    let (session, problems) = open(input)?;
    let mut comparing = session.compare(with);
    match application {
        Some(name) => {
            let position = position(&session, name)?;
            session.compare_one(&mut comparing, position);
        }
        None => while session.compare_step(&mut comparing) {},
    }
    tell(&problems);
    let comparison = session.comparison(&comparing);
    let output = match format {
        Format::Text => text::comparison(&comparison),
        Format::Json => pretty(&serde_json::to_value(&comparison).map_err(|error| error.to_string())?),
    };
    let worse = comparison.failures.iter().any(|failure| failure.new);
    Ok((output, if worse { WRONG } else { FINE }))
}

fn render(input: &Input, choice: &Choice, trace: bool, format: Format) -> Outcomes {
    let (session, problems) = open(input)?;
    let (position, detail) = choose(&session, choice)?;
    tell(&problems);
    if let Some(refused) = &detail.refused {
        tell(std::slice::from_ref(refused));
        return Ok((String::new(), WRONG));
    }
    let index = source_index(&detail, choice)?;
    let Some((source, outcome)) = detail.sources.iter().find(|(source, _)| source.index == index) else {
        return Ok((String::new(), WRONG));
    };
    match outcome.manifests(source) {
        Ok(manifests) => {
            let traced = if trace { session.manifests(position, index) } else { None };
            let output = match (format, traced) {
                (Format::Text, None) => manifests,
                (Format::Text, Some(traced)) => text::manifests(&traced),
                (Format::Json, None) => pretty(&json!({ "manifests": manifests })),
                (Format::Json, Some(traced)) => pretty(&json!({ "manifests": manifests, "trace": traced })),
            };
            Ok((output, FINE))
        }
        Err(failure) => {
            tell(&[failure]);
            Ok((String::new(), WRONG))
        }
    }
}

/// Prints what is wrong with the input to standard error.
fn tell(problems: &[Diagnostic]) {
    say(&diagnostic::text::render(problems, std::io::stderr().is_terminal()));
}

/// Writes to standard error. That nobody reads it (`2>&1 | head`) is no error.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Findings for standard output.
fn print(problems: &[Diagnostic]) -> String {
    diagnostic::text::render(problems, std::io::stdout().is_terminal())
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default() + "\n"
}
