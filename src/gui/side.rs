//! What the window remembers from one day to the next: recent files, what is open, where one was. Kept beside the
//! designs in the person's own folder, never in a design.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::canvas::Camera;
use super::view::WindowLayout;

/// So many recent files are remembered.
const RECENT_MAX: usize = 12;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Side {
    /// Files opened or saved lately, latest first.
    pub recent: Vec<PathBuf>,
    /// What was open.
    pub layout: WindowLayout,
    /// Where one was in each of the recent files.
    pub cameras: BTreeMap<PathBuf, Camera>,
    /// Width and height of the window, in points.
    pub window: Option<(f32, f32)>,
}

impl Side {
    /// The file in which it is kept; `None` where the system names no folder.
    pub fn default_path() -> Option<PathBuf> {
        let folders = etcetera::choose_base_strategy().ok()?;
        Some(folders.state_dir().unwrap_or_else(|| folders.data_dir()).join("linchpin").join("window.json"))
    }

    /// What was remembered; nothing if it cannot be read, as it is only a convenience.
    pub fn load(path: &Path) -> Self {
        std::fs::read_to_string(path)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Writes it down.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::other)?;
        let beside = path.with_extension("json.new");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, path)
    }

    /// A file was opened or saved.
    pub fn visited(&mut self, path: &Path) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.recent.retain(|p| *p != path);
        self.recent.insert(0, path);
        self.recent.truncate(RECENT_MAX);
        let recent = &self.recent;
        self.cameras.retain(|p, _| recent.contains(p));
    }
}
