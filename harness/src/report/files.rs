//! A report's files, written so that nobody ever reads half of one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::Report;

/// Where a report's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `report.json`: everything, for programs; the others can be made from it.
    pub json: PathBuf,
    /// `junit.xml`: for CI systems.
    pub junit: PathBuf,
    /// `report.html`: for people, with the feature `html`.
    pub html: Option<PathBuf>,
}

/// Makes the folder if it is not there, and tries whether files can be written to it: a search may take hours, and should
/// not end with a report that has no place.
///
/// # Errors
/// What the file system says.
pub fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    Draft::write(folder, "report.json", "").map(drop)
}

impl Report {
    /// Writes `report.json` and `junit.xml`, and with the feature `html` also `report.html`, into a folder, which is made if
    /// it is not there. Each file replaces the old one in one piece: a reader sees the old one or the new one. Where there
    /// is no room for all of them, the old ones stay.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, folder: &Path) -> io::Result<Written> {
        fs::create_dir_all(folder)?;
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        let json = Draft::write(folder, "report.json", &json)?;
        let junit = Draft::write(folder, "junit.xml", &super::junit::document(self))?;
        #[cfg(feature = "html")]
        let html = Some(Draft::write(folder, "report.html", &super::html::document(self))?);
        #[cfg(not(feature = "html"))]
        let html: Option<Draft> = None;
        let (junit, html) = (junit.publish()?, html.map(Draft::publish).transpose()?);
        Ok(Written { junit, html, json: json.publish()? })
    }
}

/// A file under a name that nobody reads. Deleted again, if it is not published.
struct Draft {
    path: PathBuf,
    published: PathBuf,
}

impl Draft {
    fn write(folder: &Path, name: &str, text: &str) -> io::Result<Self> {
        static DRAFTS: AtomicU32 = AtomicU32::new(0);
        // Relaxed: the counter only hands out numbers, for threads that write into one folder.
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".{name}.{}-{number}", std::process::id()));
        // From here on dropped, and so deleted, wherever writing fails.
        let draft = Draft { path, published: folder.join(name) };
        fs::write(&draft.path, text)?;
        Ok(draft)
    }

    fn publish(self) -> io::Result<PathBuf> {
        fs::rename(&self.path, &self.published)?;
        Ok(self.published.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Not there any more once it is published; and a draft that cannot be deleted harms nobody.
        let _ = fs::remove_file(&self.path);
    }
}
