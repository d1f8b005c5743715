//! The thread on which figures are made that take longer than a frame ([`figures`](super::figures)).
//!
//! It is apart from the analysis that answers while one draws, has a pool of its own of half the processors, and is asked
//! only for what is looked at and only once the findings are there: it never keeps findings or hovering waiting. What is no
//! longer looked at, or is about an older design, is called off.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::analysis::failure::loss::Losses;
use crate::analysis::recovery::JourneyRecovery;
use crate::deploy::{self, Deployment};
use crate::design::{Design, Drawing};

use super::figures::{self, CutSets, Dated, Elements, Figure, Figures};

/// One figure to be made.
struct Order {
    of: u64,
    design: Arc<Design>,
    figure: Figure,
    cancel: Arc<AtomicBool>,
}

/// A figure that was made; `None` where there is nothing to say.
struct Delivery {
    of: u64,
    figure: Figure,
    made: Option<Made>,
    elements: Arc<Elements>,
}

enum Made {
    Losses(Losses),
    CutSets(Box<CutSets>),
    Recovery(JourneyRecovery),
}

/// The thread, as the window sees it.
pub struct Reckoner {
    send: Sender<Order>,
    receive: Receiver<Delivery>,
    /// The revision that was looked at last, and the design without what means nothing.
    last: Option<(u64, Arc<Design>)>,
    /// What is being made, and the flag that calls it off.
    open: BTreeMap<Figure, (u64, Arc<AtomicBool>)>,
    /// What could not be made of the present design.
    vain: BTreeSet<Figure>,
}

impl Drop for Reckoner {
    fn drop(&mut self) {
        self.call_off(|_| true);
    }
}

impl Reckoner {
    /// Starts the thread; it ends with this value. `wake` is called whenever there is a figure.
    pub fn start(wake: impl Fn() + Send + 'static) -> Self {
        let (send, orders) = channel();
        let (deliver, receive) = channel();
        std::thread::Builder::new()
            .name("figures".to_owned())
            .spawn(move || work(&orders, &deliver, &wake))
            .expect("the system can start a thread");
        Self { send, receive, last: None, open: BTreeMap::new(), vain: BTreeSet::new() }
    }

    /// Notices a new revision, and calls off what is about an older meaning. To be called in every frame without a drag.
    pub fn look(&mut self, revision: u64, design: &Design, figures: &mut Figures) {
        if self.last.as_ref().is_some_and(|(last, _)| *last == revision) {
            return;
        }
        let meant = Arc::new(meant(design));
        if self.last.as_ref().is_none_or(|(_, last)| *last != meant) {
            figures.meaning += 1;
            figures.purge(&figures::journeys(design));
            self.vain.clear();
            self.call_off(|_| true);
        }
        self.last = Some((revision, meant));
    }

    /// Says which figures are looked at: what is missing is made, what is made for nobody is called off.
    pub fn want(&mut self, wanted: &BTreeSet<Figure>, figures: &Figures) {
        self.call_off(|figure| !wanted.contains(figure));
        let Some((_, design)) = &self.last else { return };
        for figure in wanted {
            if figures.has(figure) || self.open.contains_key(figure) || self.vain.contains(figure) {
                continue;
            }
            let cancel = Arc::new(AtomicBool::new(false));
            self.open.insert(figure.clone(), (figures.meaning, Arc::clone(&cancel)));
            let design = Arc::clone(design);
            // The thread is gone only if it panicked; what is known stays then.
            let _ = self.send.send(Order { of: figures.meaning, design, figure: figure.clone(), cancel });
        }
    }

    /// Takes in what has been made.
    pub fn take(&mut self, figures: &mut Figures) {
        for Delivery { of, figure, made, elements } in self.receive.try_iter() {
            if self.open.get(&figure).is_none_or(|(open, _)| *open != of) || of != figures.meaning {
                continue;
            }
            self.open.remove(&figure);
            match (figure, made) {
                (_, Some(Made::Losses(losses))) => {
                    figures.losses = Some(Dated { of, figure: Arc::new(losses), elements })
                }
                (Figure::CutSets(journey, extent), Some(Made::CutSets(sets))) => {
                    let dated = Dated { of, figure: Arc::from(sets), elements };
                    figures.cut_sets.insert((journey, extent), dated);
                }
                (Figure::Recovery(journey), Some(Made::Recovery(recovery))) => {
                    let dated = Dated { of, figure: Arc::new(recovery), elements };
                    figures.recovery.insert(journey, dated);
                }
                (figure, _) => {
                    self.vain.insert(figure);
                }
            }
        }
    }

    fn call_off(&mut self, which: impl Fn(&Figure) -> bool) {
        self.open.retain(|figure, (_, cancel)| {
            let off = which(figure);
            if off {
                cancel.store(true, Ordering::Relaxed);
            }
            !off
        });
    }
}

/// The design without places, remarks and records: what no figure depends on.
fn meant(design: &Design) -> Design {
    Design {
        drawing: Drawing::default(),
        notes: Vec::new(),
        decisions: Vec::new(),
        accepted: Vec::new(),
        ..design.clone()
    }
}

fn work(orders: &Receiver<Order>, deliveries: &Sender<Delivery>, wake: &dyn Fn()) {
    let half = std::thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2));
    // Without a pool of its own it works in everybody's: slower for others, but no less right.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(half).build().ok();
    let mut expanded: Option<(u64, Deployment, Arc<Elements>)> = None;
    while let Ok(order) = orders.recv() {
        if order.cancel.load(Ordering::Relaxed) {
            continue;
        }
        if expanded.as_ref().is_none_or(|(of, ..)| *of != order.of) {
            let deployment = deploy::expand(&order.design);
            let elements = Arc::new(figures::elements(&deployment));
            expanded = Some((order.of, deployment, elements));
        }
        let Some((_, deployment, elements)) = &expanded else { continue };
        let make = || made(&order, deployment);
        let made = match &pool {
            Some(pool) => pool.install(make),
            None => make(),
        };
        if order.cancel.load(Ordering::Relaxed) {
            continue;
        }
        let elements = Arc::clone(elements);
        if deliveries.send(Delivery { of: order.of, figure: order.figure, made, elements }).is_err() {
            return;
        }
        wake();
    }
}

fn made(order: &Order, deployment: &Deployment) -> Option<Made> {
    let cancel = &order.cancel;
    match &order.figure {
        Figure::Losses => figures::losses(deployment, cancel).map(Made::Losses),
        Figure::CutSets(journey, extent) => {
            figures::cut_sets(deployment, journey, *extent, cancel).map(|s| Made::CutSets(Box::new(s)))
        }
        Figure::Recovery(journey) => figures::recovery(&order.design, journey, cancel).map(Made::Recovery),
    }
}
