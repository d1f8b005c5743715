//! A log of lines on disk: each with a checksum, many made durable by one fsync.
//!
//! Lines are numbered from 1 in the order in which they were added since the node started. What a crash left half written
//! at the end is cut off when the file is opened.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::Path;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, watch};

use super::disk::Disk;

/// A log of lines.
pub(super) struct Journal {
    disk: Disk,
    waiting: RefCell<Vec<u8>>,
    replacement: RefCell<Option<Vec<u8>>>,
    added: Cell<u64>,
    more: Notify,
    durable: watch::Sender<u64>,
    /// Says "durable" as soon as the system has the bytes (sabotage).
    hasty: bool,
    broken: RefCell<Option<String>>,
}

impl Journal {
    /// Opens the log and reads its lines.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open<T: DeserializeOwned>(path: &Path, hasty: bool) -> io::Result<(Rc<Self>, Vec<T>)> {
        let (disk, bytes) = Disk::open(path)?;
        let mut lines = Vec::new();
        let mut good = 0;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let Some(value) = decode(line) else { break };
            lines.push(value);
            good += line.len();
        }
        if good < bytes.len() {
            disk.truncate(good as u64)?;
        }
        let journal = Self {
            disk,
            waiting: RefCell::default(),
            replacement: RefCell::default(),
            added: Cell::new(0),
            more: Notify::new(),
            durable: watch::Sender::new(0),
            hasty,
            broken: RefCell::default(),
        };
        Ok((Rc::new(journal), lines))
    }

    /// The disk below.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Adds a line; its number says when it is durable.
    pub fn add<T: Serialize>(&self, line: &T) -> u64 {
        encode(line, &mut self.waiting.borrow_mut());
        self.added.set(self.added.get() + 1);
        self.more.notify_one();
        self.added.get()
    }

    /// Puts lines in place of everything before them.
    pub fn replace<T: Serialize>(&self, lines: &[T]) -> u64 {
        let mut bytes = Vec::new();
        lines.iter().for_each(|l| encode(l, &mut bytes));
        self.waiting.borrow_mut().clear();
        *self.replacement.borrow_mut() = Some(bytes);
        self.added.set(self.added.get() + 1);
        self.more.notify_one();
        self.added.get()
    }

    /// The number of the last durable line, as it grows.
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.durable.subscribe()
    }

    /// Waits until a line is durable.
    ///
    /// # Errors
    /// Why the disk will not have it.
    pub async fn until_durable(&self, line: u64) -> Result<(), String> {
        let mut durable = self.durable.subscribe();
        loop {
            if *durable.borrow_and_update() >= line {
                return Ok(());
            }
            if let Some(why) = self.broken.borrow().clone() {
                return Err(why);
            }
            let _ = tokio::time::timeout(std::time::Duration::from_millis(250), durable.changed()).await;
        }
    }

    /// Why the disk takes nothing at the moment.
    pub fn broken(&self) -> Option<String> {
        self.broken.borrow().clone()
    }

    /// Writes for ever. To be spawned once.
    pub async fn write(self: Rc<Self>) {
        loop {
            let (bytes, replacement, upto) = loop {
                let bytes = std::mem::take(&mut *self.waiting.borrow_mut());
                let replacement = self.replacement.borrow_mut().take();
                if !bytes.is_empty() || replacement.is_some() {
                    break (bytes, replacement, self.added.get());
                }
                self.more.notified().await;
            };
            let hasty = self.hasty;
            // A disk that fails now may work again; what was promised to it stays promised.
            loop {
                let (disk, bytes, replacement) = (self.disk.clone(), bytes.clone(), replacement.clone());
                let written = tokio::task::spawn_blocking(move || {
                    if let Some(all) = replacement {
                        disk.replace(&all)?;
                    }
                    disk.append(&bytes)?;
                    if hasty { Ok(()) } else { disk.sync() }
                })
                .await;
                match written {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => *self.broken.borrow_mut() = Some(error.to_string()),
                    Err(error) => *self.broken.borrow_mut() = Some(error.to_string()),
                }
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            *self.broken.borrow_mut() = None;
            self.durable.send_replace(upto);
        }
    }
}

/// FNV-1a: enough to tell a torn line from a whole one.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

fn encode<T: Serialize>(line: &T, into: &mut Vec<u8>) {
    let json = serde_json::to_vec(line).unwrap_or_default();
    into.extend_from_slice(format!("{:016x} ", checksum(&json)).as_bytes());
    into.extend_from_slice(&json);
    into.push(b'\n');
}

fn decode<T: DeserializeOwned>(line: &[u8]) -> Option<T> {
    let (sum, rest) = line.split_at_checked(16)?;
    let json = rest.strip_prefix(b" ")?.strip_suffix(b"\n")?;
    let sum = u64::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    if sum != checksum(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}
