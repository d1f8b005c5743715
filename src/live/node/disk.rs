//! The disk shim: a file whose unsynced part can be lost, and that can fail, fill up or be slow.
//!
//! A killed process leaves what it has written to the system; only a power cut takes what no fsync made durable. The shim
//! remembers how far the last honest fsync reached and cuts the file back to there when power fails, so that the
//! difference between "written" and "durable" is felt without root and without pulling a plug.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::live::wire::DiskFault;

/// One file on a disk that may misbehave. Blocking: not for the thread that serves.
#[derive(Clone)]
pub(super) struct Disk(Arc<Mutex<Inner>>);

struct Inner {
    path: PathBuf,
    file: File,
    /// Bytes that are in the file.
    written: u64,
    /// Bytes that an honest fsync has covered.
    durable: u64,
    fault: DiskFault,
}

impl Disk {
    /// Opens a file, or makes it, and reads what it holds.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<u8>)> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let size = bytes.len() as u64;
        let fault = DiskFault::default();
        let inner = Inner { path: path.to_owned(), file, written: size, durable: size, fault };
        Ok((Self(Arc::new(Mutex::new(inner))), bytes))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the disk does from now on.
    pub fn set_fault(&self, fault: DiskFault) {
        self.lock().fault = fault;
    }

    /// Cuts off what follows a length: a record that a crash left half written.
    ///
    /// # Errors
    /// What the file system says.
    pub fn truncate(&self, bytes: u64) -> io::Result<()> {
        let mut inner = self.lock();
        inner.file.set_len(bytes)?;
        inner.file.sync_data()?;
        (inner.written, inner.durable) = (bytes, bytes);
        Ok(())
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// `StorageFull` where the disk is full, else what the file system says.
    pub fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.lock();
        inner.fault.wait();
        if inner.fault.full {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"));
        }
        let end = inner.written;
        inner.file.seek(SeekFrom::Start(end))?;
        inner.file.write_all(bytes)?;
        inner.written += bytes.len() as u64;
        Ok(())
    }

    /// Makes what is written durable, unless the disk only says so.
    ///
    /// # Errors
    /// What the file system says.
    pub fn sync(&self) -> io::Result<()> {
        let mut inner = self.lock();
        inner.fault.wait();
        if !inner.fault.drop_unsynced {
            inner.file.sync_data()?;
            inner.durable = inner.written;
        }
        Ok(())
    }

    /// Puts other content in place of all there is, in one step.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.lock();
        inner.fault.wait();
        if inner.fault.full {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"));
        }
        let beside = inner.path.with_extension("new");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        std::fs::rename(&beside, &inner.path)?;
        inner.file = file;
        (inner.written, inner.durable) = (bytes.len() as u64, bytes.len() as u64);
        Ok(())
    }

    /// What a power cut does to the file.
    pub fn lose_power(&self) {
        let inner = self.lock();
        // The process ends next; there is nobody to tell.
        let _ = inner.file.set_len(inner.durable);
    }
}

trait Slow {
    fn wait(&self);
}

impl Slow for DiskFault {
    fn wait(&self) {
        if self.delay_ms > 0.0 {
            std::thread::sleep(Duration::from_secs_f64((self.delay_ms / 1e3).min(60.0)));
        }
    }
}
