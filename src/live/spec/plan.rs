//! A deployment as a cluster to be launched.

use std::collections::BTreeMap;

use super::{Sabotage, derive_sabotaged};
use crate::deploy::Deployment;
use crate::live::cluster::{ClusterSpec, NodePlan};
use crate::live::topology::Standing;

/// What to launch for a deployment.
///
/// # Errors
/// One sentence for the first component whose mode can be drawn but does not run yet.
pub fn plan(deployment: &Deployment) -> Result<ClusterSpec, String> {
    plan_sabotaged(deployment, &BTreeMap::new())
}

/// As [`plan()`], with components that do something wrong on purpose, by id.
///
/// # Errors
/// As [`plan()`].
pub fn plan_sabotaged(
    deployment: &Deployment,
    sabotaged: &BTreeMap<String, Sabotage>,
) -> Result<ClusterSpec, String> {
    let mut nodes = Vec::new();
    for planned in derive_sabotaged(deployment, sabotaged)? {
        let spec = serde_json::to_value(&planned.spec)
            .map_err(|error| format!("{}: cannot be told what to be: {error}", planned.instance))?;
        let standing = Standing {
            instance: planned.instance,
            component: planned.spec.component,
            zones: planned.spec.zones,
            is_client: planned.is_client,
        };
        nodes.push(NodePlan { standing, spec });
    }
    Ok(ClusterSpec::new(deployment, nodes))
}
