//! Nonsense for the engine: files of the example, broken at random, read and evaluated on the small stack
//! that the page's worker has. Whatever comes in, the engine answers, and soon.
//!
//! A short run belongs to every test run; `make fuzz` runs for as long as it is told
//! (`STRATA_FUZZ_SECONDS`, another `STRATA_FUZZ_SEED` for other nonsense).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use strata::profile::Helm;
use strata::report::{LayerKind, Session};
use strata::source::File;
use strata::yaml;

/// Stack of WebAssembly as Rust sets it up.
const STACK: usize = 1024 * 1024;

/// What one input may take. Far more than any of these small files should.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pieces that mean something somewhere.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{ range . }}",
    "{{ end }}",
    "{{ include \"a\" . }}",
    "{{ tpl . $ }}",
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: *a",
    "|",
    ">-",
    "\t",
    "\0",
    "!!binary ",
    "!!int ",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "#",
    "---\n",
    "...\n",
    "? ",
    "null",
    "~",
    "1e400",
    "0x7fffffffffffffff",
    "-0",
    ".nan",
    "0o7",
    "yes",
    "\u{feff}",
    "\u{2028}",
    "é",
    "\r",
    "%YAML 1.1\n",
    "$values/",
    "../",
    "**/*",
    "spec:\n",
    "generators:\n",
    "matrix:\n",
    "\"$ref\": \"#\"",
    "[[[[[[[[[[[[[[[[",
    "{a: {a: {a: {a: ",
];

/// A small generator of random numbers (xorshift): the same seed, the same nonsense.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The part of the example that one customer touches: small, so that many runs fit into little time.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let mut open = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("the example is there").flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let inside =
                    path.strip_prefix(&root).expect("below the example").to_string_lossy().into_owned();
                if !inside.contains("customers/") || inside.contains("customer-01") {
                    files.push((inside, text));
                }
            }
        }
    }
    files.sort();
    files
}

fn broken(text: &str, random: &mut Random) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(text.len() + 1);
        let end = (at + random.below(40)).min(text.len());
        match random.below(5) {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy: Vec<char> = text[at..end].to_vec();
                let times = random.below(60);
                text.splice(at..at, copy.repeat(times));
            }
            2 => {
                if let Some(character) = text.get_mut(at) {
                    *character = char::from((random.next() & 0x7f) as u8);
                }
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                text.splice(at..at, piece.chars().collect::<Vec<_>>().repeat(1 + random.below(3)));
            }
        }
    }
    text.into_iter().collect()
}

/// Fails with the input when it took too long; a panic prints it too, since it was printed before.
fn within_patience(name: &str, text: &str, run: impl FnOnce()) {
    let start = Instant::now();
    run();
    let took = start.elapsed();
    assert!(took < PATIENCE, "{name} took {took:?}:\n{text}");
}

/// Runs `one` on nonsense until the time is up, on a small stack.
fn fuzz(share: f64, one: impl Fn(&mut Random) + Send + 'static) {
    let seconds = number("STRATA_FUZZ_SECONDS", 4) as f64 * share;
    let run = move || {
        let mut random = Random(number("STRATA_FUZZ_SEED", 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed().as_secs_f64() < seconds {
            one(&mut random);
            count += 1;
        }
        println!("{count} inputs in {seconds} s");
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread can be started");
    assert!(thread.join().is_ok(), "see above for the input");
}

#[test]
fn yaml_answers_whatever_it_reads() {
    let files = files();
    fuzz(0.5, move |random| {
        let (path, text) = &files[random.below(files.len())];
        let text = broken(text, random);
        let file = File::new("fuzz", path.as_str(), text.as_str());
        within_patience(path, &text, || {
            let _ = yaml::read_values(&file, Helm::V4_3);
            let _ = yaml::read_manifests(&file);
        });
    });
}

#[test]
fn a_platform_answers_whatever_is_in_it() {
    let files = files();
    fuzz(0.5, move |random| {
        let victim = random.below(files.len());
        let text = broken(&files[victim].1, random);
        within_patience(&files[victim].0, &text, || {
            let mut session = Session::default();
            let mut load = session.begin();
            for (at, (path, whole)) in files.iter().enumerate() {
                load.add(path, if at == victim { text.clone() } else { whole.clone() }.into_bytes());
            }
            let _ = session.commit(load);
            while session.step() {}
            look_at(&session, random);
        });
    });
}

/// Asks for everything that a view would show.
fn look_at(session: &Session, random: &mut Random) {
    let overview = session.overview();
    let position = random.below(overview.applications.len());
    let Some(report) = session.application(position) else { return };
    for source in &report.sources {
        assert!(source.layers.iter().all(|layer| layer.kind >= LayerKind::ChartDefaults));
        if let Some(row) = source.rows.get(random.below(source.rows.len())) {
            let _ = session.cascade(position, source.index, &row.path);
        }
    }
    let _ = session.search("replica", 20);
}
