//! The `yizhan` program. Everything it does is in the library; this binary parses arguments, draws progress and prints results.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    // SAFETY: this is the first statement of the program, so no other thread exists yet.
    unsafe { yizhan::crs::forget_foreign_proj_data() };
    cli::start()
}
