//! The command line.

mod command;

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Trees of values are many small pieces of memory, which this allocator finds in a fraction of the time that
/// the system's takes.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    command::run()
}
