//! Streets of a file on disk, with or without a folder for caches.
//!
//! What: `read` reads and builds; `read_cached` takes the streets from the folder when it holds those of the same bytes, rules and
//! version, else it builds them and leaves them there for the next run. The folder can be deleted at any time; a cache that is stale or
//! damaged is never used and is written anew; a folder that can't be written costs time, not the result, and is told to the caller.
//! Complexity: linear in the file; with a cache the file is still read and hashed, which is what keeps it from being stale.
//! Determinism: streets from a cache equal those from the file, byte for byte.

use std::fs;
use std::path::Path;

use super::NetworkError;
use super::build::{Detail, build};
use super::cache::{CacheKey, freeze, thaw};
use super::pbf::harvest;
use super::rules::Rules;
use super::streets::Streets;
use crate::files::write_whole;
use crate::message::Message;
use crate::progress::Progress;

/// What a cache was good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheUse {
    /// The streets came from it.
    Found,
    /// There was none that could be used; now there is.
    Written,
    /// There was none, and it couldn't be written: `N009`.
    NotWritten(Message),
}

impl Rules {
    /// The built-in rules with a planner's own file laid over them.
    ///
    /// # Errors
    /// `N008` when the file can't be read, `N001` and `N002` when it is no rule table.
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        let text = fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))?;
        Self::with_own(Some(&text))
    }
}

impl Streets {
    /// Streets of an `.osm.pbf` file.
    ///
    /// # Errors
    /// `N008` when the file can't be read, and those of [`harvest`] and [`build`].
    pub fn read(path: &Path, rules: &Rules, progress: &dyn Progress) -> Result<Self, NetworkError> {
        Self::of_bytes(&bytes(path)?, path, rules, progress)
    }

    /// Streets of an `.osm.pbf` file, by way of a cache in a folder, which is made when there is none.
    ///
    /// # Errors
    /// Those of [`Streets::read`]; a cache that can't be used or written is no error.
    pub fn read_cached(
        path: &Path,
        rules: &Rules,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<(Self, CacheUse), NetworkError> {
        let bytes = bytes(path)?;
        let key = CacheKey::new(&bytes, rules);
        let cache = folder.join(format!("{}.streets", key.hex()));
        if let Some(streets) = fs::read(&cache).ok().and_then(|frozen| thaw(&frozen, &key).ok()) {
            return Ok((streets, CacheUse::Found));
        }
        let streets = Self::of_bytes(&bytes, path, rules, progress)?;
        let used = match write_whole(&cache, &freeze(&streets, &key)) {
            Ok(()) => CacheUse::Written,
            Err(cause) => CacheUse::NotWritten(Message::new("N009").with("path", cache.display()).with("cause", cause)),
        };
        Ok((streets, used))
    }

    fn of_bytes(bytes: &[u8], path: &Path, rules: &Rules, progress: &dyn Progress) -> Result<Self, NetworkError> {
        let streets = harvest(bytes, rules, progress).and_then(|harvest| build(&harvest, rules, Detail::Junctions));
        streets.map_err(|error| error.in_file(path))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, NetworkError> {
    fs::read(path).map_err(|cause| unreadable(path, &cause))
}

fn unreadable(path: &Path, cause: &std::io::Error) -> NetworkError {
    NetworkError::new(Message::new("N008").with("path", path.display()).with("cause", cause))
}

#[cfg(test)]
mod tests {
    use super::super::encode::encode;
    use super::super::osm::Elements;
    use super::super::tests::at;
    use super::*;
    use crate::progress::Silent;

    fn street(metres: f64) -> Vec<u8> {
        let mut town = Elements::default();
        town.node(1, at(0.0, 0.0));
        town.node(2, at(metres, 0.0));
        town.way(1, &[1, 2], &[("highway", "residential")]);
        encode(&town)
    }

    #[test]
    fn a_file_that_is_no_extract_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("town.osm.pbf");
        fs::write(&file, b"<html>not found</html>").expect("written");
        let error = Streets::read(&file, &Rules::standard(), &Silent).expect_err("a web page");
        assert_eq!(error.message().code(), "N003");
        assert!(error.to_string().contains("town.osm.pbf"), "{error}");
    }

    #[test]
    fn a_cache_is_found_again_and_follows_its_source() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, caches) = (folder.path().join("a.osm.pbf"), folder.path().join("caches"));
        let rules = Rules::standard();
        let read = || Streets::read_cached(&file, &rules, &caches, &Silent).map(|(streets, used)| (streets.length(0), used));
        assert_eq!(read().expect_err("no file").message().code(), "N008");
        fs::write(&file, street(100.0)).expect("written");
        let (first, used) = read().expect("streets");
        assert_eq!(used, CacheUse::Written);
        assert_eq!(read().expect("streets"), (first, CacheUse::Found));
        fs::write(&file, street(200.0)).expect("written");
        let (second, used) = read().expect("streets");
        assert!(second > first && used == CacheUse::Written, "another file, another cache");
        for cache in fs::read_dir(&caches).expect("caches") {
            fs::write(cache.expect("a cache").path(), b"damaged").expect("written");
        }
        assert_eq!(read().expect("streets"), (second, CacheUse::Written));
        assert_eq!(read().expect("streets"), (second, CacheUse::Found));
        fs::remove_dir_all(&caches).expect("deleted");
        fs::write(&caches, b"a file where the folder should be").expect("written");
        let (_, used) = read().expect("streets all the same");
        assert!(matches!(used, CacheUse::NotWritten(message) if message.code() == "N009"));
    }
}
