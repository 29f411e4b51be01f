//! Files that commands write: refused early when something stands there, and never half written.

use std::fs;
use std::path::Path;

use yizhan::files::write_whole;
use yizhan::message::Message;

use super::failure::Failure;

/// Whether a file name ends in `.extension`, in whatever case.
pub fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Refuses a place where something stands already, unless it may be replaced.
pub fn accept_new(path: &Path, overwrite: bool) -> Result<(), Failure> {
    if !overwrite && fs::symlink_metadata(path).is_ok() {
        return Err(Failure::Told(Message::new("C002").with("path", path.display())));
    }
    Ok(())
}

/// Refuses to write over what is read.
pub fn keep_inputs(output: &Path, inputs: &[Option<&Path>]) -> Result<(), Failure> {
    let whole = |path: &Path| fs::canonicalize(path).ok();
    let Some(output_file) = whole(output) else { return Ok(()) };
    if inputs.iter().flatten().any(|input| whole(input).as_ref() == Some(&output_file)) {
        return Err(Failure::Told(Message::new("C006").with("path", output.display())));
    }
    Ok(())
}

/// Writes beside the place and renames, so that there is never half a file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_whole(path, bytes).map_err(|e| Failure::cannot_write(path.display(), &e))
}
