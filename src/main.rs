//! The command line.

mod command;

use std::process::ExitCode;

/// Values are many small allocations on several threads, for which the system's allocator needs half as
/// long again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    command::run()
}
