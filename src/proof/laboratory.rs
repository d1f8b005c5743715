//! Where claims are tried: a place in which faults can be made and clients measure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::deploy::Deployment;
use crate::design::ElementId;
use crate::impact::{Down, Side, World};
use crate::live::cluster::{Cluster, ClusterSpec, LaunchOptions, OrderError};
use crate::live::event::Phase;
use crate::live::fault::Fault;
use crate::live::spec::{Sabotage, derive_sabotaged};
use crate::live::topology::Topology;
use crate::live::wire::{LoadOrder, OutcomeCounts, clock};

/// What clients measured in a window, and whether the generator kept up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// By journey.
    pub journeys: BTreeMap<String, OutcomeCounts>,
    /// 99th percentile of how late requests were sent, in milliseconds.
    pub lag_p99_ms: f64,
}

/// Why a laboratory cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LaboratoryError(pub String);

/// A cluster under load, seen by who tries claims on it. Times are microseconds of one clock.
pub trait Laboratory {
    /// Now.
    fn now_us(&self) -> u64;

    /// Lets time pass, taking in what clients report; returns early if cancelled.
    fn pass(&mut self, time: Duration) -> Result<(), LaboratoryError>;

    /// Makes a world come true.
    fn break_it(&mut self, world: &World) -> Result<(), LaboratoryError>;

    /// Undoes every fault: cuts healed, processes started again, roles, caches and detectors as drawn.
    fn heal(&mut self) -> Result<(), LaboratoryError>;

    /// What clients measured of requests that were meant to start within a window.
    fn measured(&mut self, from_us: u64, to_us: u64) -> Measured;
}

/// A live cluster under load.
pub struct ClusterLaboratory {
    cluster: Cluster,
    cancel: Arc<AtomicBool>,
}

impl ClusterLaboratory {
    /// Starts a deployment under the load that its routes have, and waits until it serves.
    ///
    /// `sabotage` makes components wrong on purpose, by id.
    ///
    /// # Errors
    /// What cannot run, or did not start, in one sentence.
    pub fn launch(
        deployment: &Deployment,
        seed: u64,
        sabotage: &BTreeMap<String, Sabotage>,
        cancel: Arc<AtomicBool>,
    ) -> Result<Self, LaboratoryError> {
        let options =
            LaunchOptions { seed, ready_timeout: Duration::from_secs(20), ..LaunchOptions::default() };
        Self::launch_with(deployment, sabotage, options, cancel)
    }

    /// As [`launch()`](Self::launch), with another program or folder. What `options` say of the load is not read.
    ///
    /// # Errors
    /// As [`launch()`](Self::launch).
    pub fn launch_with(
        deployment: &Deployment,
        sabotage: &BTreeMap<String, Sabotage>,
        options: LaunchOptions,
        cancel: Arc<AtomicBool>,
    ) -> Result<Self, LaboratoryError> {
        let planned = derive_sabotaged(deployment, sabotage).map_err(LaboratoryError)?;
        let spec = ClusterSpec::of_planned(deployment, planned).map_err(LaboratoryError)?;
        let load = LoadOrder { fresh_keys: true, ..LoadOrder::default() };
        let options = LaunchOptions { load: Some(load), ..options };
        let cluster = Cluster::launch(spec, &options).map_err(|e| LaboratoryError(e.to_string()))?;
        cluster.await_ready().map_err(|e| LaboratoryError(e.to_string()))?;
        let mut laboratory = Self { cluster, cancel };
        // The first requests meet empty pools and elections under way.
        laboratory.pass(Duration::from_secs(1))?;
        Ok(laboratory)
    }

    /// The cluster, for who wants to watch.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Ends every process.
    pub fn stop(self) {
        // A cluster that has failed has ended as well.
        let _ = self.cluster.stop();
    }

    fn inject(&self, fault: &Fault) -> Result<(), LaboratoryError> {
        let made = self.cluster.inject(fault).map_err(|e| LaboratoryError(e.to_string()))?;
        made.ticket.wait().map_err(|e| LaboratoryError(format!("{}: {e}", fault.describe())))?;
        Ok(())
    }
}

impl Laboratory for ClusterLaboratory {
    fn now_us(&self) -> u64 {
        clock::now_us()
    }

    fn pass(&mut self, time: Duration) -> Result<(), LaboratoryError> {
        let until = Instant::now() + time;
        while Instant::now() < until && !self.cancel.load(Ordering::Relaxed) {
            std::thread::sleep(
                until.saturating_duration_since(Instant::now()).min(Duration::from_millis(50)),
            );
            if let Phase::Failed(why) = self.cluster.with_snapshot(|s| s.phase.clone()) {
                return Err(LaboratoryError(why));
            }
        }
        Ok(())
    }

    fn break_it(&mut self, world: &World) -> Result<(), LaboratoryError> {
        for fault in faults(world, self.cluster.topology())? {
            self.inject(&fault)?;
        }
        Ok(())
    }

    fn heal(&mut self) -> Result<(), LaboratoryError> {
        let failed = |e: OrderError| LaboratoryError(format!("healing: {e}"));
        self.cluster.heal_all().wait().map_err(failed)?;
        self.cluster.reset_nodes().wait().map_err(failed)?;
        Ok(())
    }

    fn measured(&mut self, from_us: u64, to_us: u64) -> Measured {
        let window = self.cluster.window(from_us, to_us);
        Measured {
            lag_p99_ms: window.lag_p99_ms(),
            journeys: window.journeys.into_iter().map(|(id, counts)| (id.to_string(), counts)).collect(),
        }
    }
}

/// The faults that make a world come true.
fn faults(world: &World, topology: &Topology) -> Result<Vec<Fault>, LaboratoryError> {
    let mut faults = Vec::new();
    // Failing a zone does not take the clients in it, and where nobody else stands it takes nobody.
    let can_fail = |element: &ElementId| {
        topology
            .meant(element)
            .is_none_or(|m| !m.links.is_empty() || m.instances.iter().any(|i| !topology.is_client(i)))
    };
    // Cuts come first, so that nobody learns of a refusal that the world does not let through.
    for cut in &world.cuts {
        faults.push(match (&cut.from, &cut.to) {
            (Side::Element(a), Side::Element(b)) => {
                Fault::new("one-way-partition", [a.clone()]).against([b.clone()])
            }
            (Side::Element(a), Side::Rest) => {
                let back = world.cuts.iter().any(|c| c.from == Side::Rest && c.to == cut.from);
                Fault::new(if back { "isolate" } else { "one-way-partition" }, [a.clone()])
            }
            // The way back of an isolation is part of it.
            (Side::Rest, Side::Element(b))
                if world.cuts.iter().any(|c| c.to == Side::Rest && c.from == Side::Element(b.clone())) =>
            {
                continue;
            }
            (Side::Rest, Side::Element(b)) => {
                Fault { kind: "one-way-partition".to_owned(), ..Fault::default() }.against([b.clone()])
            }
            (Side::Rest, Side::Rest) => {
                return Err(LaboratoryError(format!("the cut {cut} is between everything and nothing")));
            }
        });
    }
    for (how, kind) in [(Down::Refusing, "kill"), (Down::Silent, "pause")] {
        let on: Vec<ElementId> =
            world.down.iter().filter(|(e, h)| *h == how && can_fail(e)).map(|(e, _)| e.clone()).collect();
        if !on.is_empty() {
            faults.push(Fault::new(kind, on));
        }
    }
    Ok(faults)
}
