//! The picture of the design as it is now: places, routes and shapes, kept until something changes.
//!
//! Small designs are led anew in the frame in which they change. Large ones are completed and led on another thread;
//! until it is done, the last routes are shown with the cards where the person put them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::design::{Design, Drawing};
use crate::layout::{self, Router, Routes};
use crate::scene::{self, Overlay, Scene};

/// Designs with more components and links than this are laid out on another thread.
const AT_ONCE_MAX: usize = 400;

/// What is drawn of a design.
#[derive(Default)]
pub struct Picture {
    revision: Option<u64>,
    drawing: Drawing,
    routes: Routes,
    router: Router,
    overlay: Overlay,
    scene: Scene,
    /// Grows whenever the shapes change.
    pub generation: u64,
    worker: Option<Worker>,
}

struct Worker {
    send: Sender<(u64, Arc<Design>)>,
    receive: Receiver<(u64, Drawing, Routes)>,
    asked: u64,
}

impl Picture {
    /// The shapes.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Where everything stands, also what the design leaves to automatic placement.
    pub fn drawing(&self) -> &Drawing {
        &self.drawing
    }

    /// Whether another thread is still at it.
    pub fn is_busy(&self) -> bool {
        self.worker.as_ref().is_some_and(|w| Some(w.asked) != self.revision)
    }

    /// Forgets what was drawn; another design follows.
    pub fn reset(&mut self) {
        *self = Self { generation: self.generation + 1, ..Self::default() };
    }

    /// Brings the picture up to date.
    pub fn refresh(&mut self, design: &Design, revision: u64, overlay: Overlay, wake: &egui::Context) {
        let mut stale = self.overlay != overlay;
        if design.components.len() + design.links.len() <= AT_ONCE_MAX {
            self.worker = None;
            if self.revision != Some(revision) {
                self.revision = Some(revision);
                self.drawing = layout::complete(design);
                self.routes = self.router.route(design, &self.drawing).clone();
                stale = true;
            }
        } else {
            stale |= self.refresh_large(design, revision, wake);
        }
        if stale {
            self.scene = scene::build(design, &self.drawing, &self.routes, &overlay);
            self.overlay = overlay;
            self.generation += 1;
        }
    }

    fn refresh_large(&mut self, design: &Design, revision: u64, wake: &egui::Context) -> bool {
        let worker = self.worker.get_or_insert_with(|| Worker::start(wake.clone()));
        let mut stale = false;
        if worker.asked != revision {
            worker.asked = revision;
            // The worker is gone only if it panicked; the last picture stays then.
            let _ = worker.send.send((revision, Arc::new(design.clone())));
            // What the person puts somewhere is seen there at once.
            self.drawing.components.extend(design.drawing.components.iter().map(|(k, v)| (k.clone(), *v)));
            self.drawing.zones.extend(design.drawing.zones.iter().map(|(k, v)| (k.clone(), *v)));
            stale = true;
        }
        while let Ok((done, drawing, routes)) = worker.receive.try_recv() {
            if done == worker.asked {
                self.drawing = drawing;
                self.routes = routes;
                self.revision = Some(done);
                stale = true;
            }
        }
        stale
    }
}

impl Worker {
    fn start(wake: egui::Context) -> Self {
        let (send, jobs) = channel::<(u64, Arc<Design>)>();
        let (done, receive) = channel();
        std::thread::Builder::new()
            .name("layout".to_owned())
            .spawn(move || {
                let mut router = Router::default();
                while let Ok(mut job) = jobs.recv() {
                    // Only the latest design is worth the work.
                    while let Ok(newer) = jobs.try_recv() {
                        job = newer;
                    }
                    let drawing = layout::complete(&job.1);
                    let routes = router.route(&job.1, &drawing).clone();
                    if done.send((job.0, drawing, routes)).is_err() {
                        return;
                    }
                    wake.request_repaint();
                }
            })
            .expect("the system can start a thread");
        // No revision is that high.
        Self { send, receive, asked: u64::MAX }
    }
}
