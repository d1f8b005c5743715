//! A drawing as processes: each part of a deployment with what its node is to be.

use super::{ClusterSpec, NodePlan};
use crate::deploy::Deployment;
use crate::live::spec::{self, Planned};
use crate::live::topology::Standing;

impl ClusterSpec {
    /// The processes of a deployment, on the networks that are drawn.
    ///
    /// # Errors
    /// One sentence for the first component whose mode can be drawn but does not run yet.
    pub fn of(deployment: &Deployment) -> Result<Self, String> {
        Self::of_planned(deployment, spec::derive(deployment)?)
    }

    /// The same for specifications that have been derived, or changed, by the caller.
    ///
    /// # Errors
    /// If a specification cannot be written as JSON.
    pub fn of_planned(deployment: &Deployment, planned: Vec<Planned>) -> Result<Self, String> {
        let nodes: Result<Vec<NodePlan>, String> = planned.into_iter().map(|p| plan(deployment, p)).collect();
        Ok(Self::new(deployment, nodes?))
    }
}

fn plan(deployment: &Deployment, planned: Planned) -> Result<NodePlan, String> {
    let chain = planned.zone.map_or(&[][..], |z| &deployment.zones[z].chain);
    let spec = serde_json::to_value(&planned.spec)
        .map_err(|error| format!("{}: its specification cannot be written: {error}", planned.instance))?;
    Ok(NodePlan {
        standing: Standing {
            component: deployment.components[planned.component].id.clone(),
            zones: chain.iter().map(|z| deployment.zones[*z].id.clone()).collect(),
            is_client: planned.is_client,
            instance: planned.instance,
        },
        spec,
    })
}
