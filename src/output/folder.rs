//! The output folder: written beside its place, forced to disk, and renamed when whole. A stranger's folder is never touched.
//!
//! Steps: refuse or accept what is there → write `.NAME.partial-PID` → fsync → move the old folder aside → rename → delete the old.
//! An old folder is replaced only if its manifest is ours and lists every file in it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use super::manifest::{MANIFEST, TIMINGS, read_brief};
use super::{NamedFile, cannot_write};
use crate::findings::RunError;
use crate::message::Message;

/// Checks what stands at `dir` before anything is computed for it.
pub(super) fn accept(dir: &Path, overwrite: bool) -> Result<(), RunError> {
    let refuse = |code| Err(RunError::Output(Message::new(code).with("path", dir.display())));
    if fs::symlink_metadata(dir).is_err() {
        return Ok(());
    }
    if !overwrite {
        return refuse("O001");
    }
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none()) {
        return Ok(());
    }
    let Ok(manifest) = read_brief(dir) else { return refuse("O002") };
    let ours = |path: &str| [MANIFEST, TIMINGS].contains(&path) || manifest.outputs.iter().any(|file| file.path == path);
    let mut strange: Vec<String> = files(dir, dir).map_err(|e| cannot_write(dir, e))?;
    strange.retain(|path| !ours(path));
    if strange.is_empty() {
        return Ok(());
    }
    strange.sort();
    strange.truncate(5);
    Err(RunError::Output(Message::new("O007").with("path", dir.display()).with("found", strange.join(", "))))
}

/// Relative paths of all files below `dir`, with `/`.
fn files(root: &Path, dir: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(root, &entry.path())?);
        } else {
            let path = entry.path();
            let parts = path.strip_prefix(root).unwrap_or(&path).components();
            found.push(parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
        }
    }
    Ok(found)
}

/// All files below a folder with their bytes, sorted.
#[cfg(test)]
pub(super) fn contents(dir: &Path) -> Vec<NamedFile> {
    let mut names = files(dir, dir).unwrap();
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read(dir.join(&name)).unwrap())).collect()
}

/// A folder under way; deleted unless it is put in place.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Nothing is left to do about a failure here: the error that brought us here is already on its way.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes all files and puts the folder in place.
pub(super) fn put(dir: &Path, overwrite: bool, files: &[NamedFile]) -> Result<(), RunError> {
    accept(dir, overwrite)?;
    let Some(name) = dir.file_name() else {
        return Err(cannot_write(dir, "not a folder name"));
    };
    let beside = |word: &str| dir.with_file_name(format!(".{}.{word}-{}", name.to_string_lossy(), std::process::id()));
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|e| cannot_write(parent, e))?;
    }
    let partial = beside("partial");
    fs::create_dir(&partial).map_err(|e| cannot_write(&partial, e))?;
    let partial = Partial(partial);
    for (path, bytes) in files {
        write_file(&partial.0, path, bytes).map_err(|e| cannot_write(&dir.join(path), e))?;
    }
    sync_folder(&partial.0);
    let old = beside("old");
    let replaces = fs::symlink_metadata(dir).is_ok();
    if replaces {
        fs::rename(dir, &old).map_err(|e| cannot_write(dir, e))?;
    }
    if let Err(error) = fs::rename(&partial.0, dir) {
        if replaces {
            fs::rename(&old, dir).map_err(|e| cannot_write(dir, e))?;
        }
        return Err(cannot_write(dir, error));
    }
    if replaces {
        fs::remove_dir_all(&old).map_err(|e| cannot_write(&old, e))?;
    }
    sync_folder(dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    Ok(())
}

fn write_file(dir: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "leaves the output folder"));
    }
    let target = dir.join(path);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = File::create_new(target)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Forces a folder's entries to disk where the system allows it; some systems can't open a folder.
fn sync_folder(dir: &Path) {
    if let Ok(folder) = File::open(dir) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), RunError>) -> &'static str {
        match result {
            Err(RunError::Output(message)) => message.code(),
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[test]
    fn a_folder_of_someone_else_stays() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("out");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("thesis.txt"), "mine").unwrap();
        assert_eq!(code(put(&dir, false, &[])), "O001");
        assert_eq!(code(put(&dir, true, &[])), "O002");
        assert_eq!(fs::read_to_string(dir.join("thesis.txt")).unwrap(), "mine");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let files = [("a.txt".to_owned(), b"a".to_vec()), ("../b.txt".to_owned(), b"b".to_vec())];
        assert_eq!(code(put(&home.path().join("out"), false, &files)), "O003");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn folders_are_made_on_the_way() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("deep").join("out");
        put(&dir, false, &[("maps/a.svg".to_owned(), b"<svg/>".to_vec())]).unwrap();
        assert_eq!(files(&dir, &dir).unwrap(), ["maps/a.svg"]);
    }
}
