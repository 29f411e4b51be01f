//! Writing a file whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

/// Makes the folder when there is none, writes beside the place and renames, so that no reader ever sees half a file.
///
/// # Errors
/// When folder or file can't be written; nothing is left beside the place.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path)).inspect_err(|_| drop(fs::remove_file(&partial)))
}
