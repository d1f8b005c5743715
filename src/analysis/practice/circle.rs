//! Circles: components of which each reaches the others.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// The circles of more than one component that these arrows between positions make, each in ascending order.
/// O(arrows).
pub(super) fn circles(arrows: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let narrow = |(a, b): (usize, usize)| Some((u32::try_from(a).ok()?, u32::try_from(b).ok()?));
    let graph: DiGraph<(), ()> = DiGraph::from_edges(arrows.into_iter().filter_map(narrow));
    let mut circles: Vec<Vec<usize>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|c| c.len() > 1)
        .map(|c| c.into_iter().map(NodeIndex::index).collect())
        .collect();
    circles.iter_mut().for_each(|c| c.sort_unstable());
    circles.sort();
    circles
}
