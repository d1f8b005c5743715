//! One container laid out in layers: who calls stands before who is called.

/// A box to be placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    /// Width and height.
    pub size: [f32; 2],
    /// It only watches the others and stands behind them all.
    pub watches: bool,
    /// It is a container, to be made as deep as its neighbors in the layer.
    pub stretches: bool,
}

/// A link between two boxes.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    /// Where the link really starts and ends, relative to the middles of the boxes.
    pub offset_from: [f32; 2],
    pub offset_to: [f32; 2],
    /// Whether the caller must stand before the called.
    pub ranks: bool,
    /// Room that its label wants between the layers.
    pub room: f32,
}

/// Which way calls lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Down,
}

impl Direction {
    /// The axis along which calls lead: 0 is x.
    fn main(self) -> usize {
        match self {
            Direction::Right => 0,
            Direction::Down => 1,
        }
    }
}

const GAP_MAIN: [f32; 2] = [60.0, 52.0];
const GAP_CROSS: [f32; 2] = [36.0, 40.0];
/// A layer gap grows by this for each further link that bends in it.
const GAP_PER_LINK: f32 = 7.0;
const GAP_MAX: f32 = 150.0;
const SWEEPS: usize = 8;
const ALIGNMENTS: usize = 14;

/// Where each box's top left corner and size come to lie, from (0, 0), and the size of the whole.
pub(super) fn layered(items: &[Item], edges: &[Edge], direction: Direction) -> (Vec<[f32; 4]>, [f32; 2]) {
    if items.is_empty() {
        return (Vec::new(), [0.0, 0.0]);
    }
    let (main, cross) = (direction.main(), 1 - direction.main());
    let layer_of = layers(items, edges);
    let count = layer_of.iter().max().map_or(0, |l| l + 1);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, l) in layer_of.iter().enumerate() {
        order[*l].push(i);
    }

    let around = neighbors(items.len(), edges, cross);
    let gap_cross = GAP_CROSS[main];
    let mut center = vec![0.0_f32; items.len()];
    stack(&order, items, cross, gap_cross, &mut center);
    let mut best = (crossings(edges, &layer_of, &center), order.clone());
    for sweep in 0..SWEEPS {
        let forwards = sweep % 2 == 0;
        let mut turn: Vec<usize> = (0..count).collect();
        if !forwards {
            turn.reverse();
        }
        for l in turn {
            let key = |i: usize| {
                let mut sum = (0.0, 0.0_f32);
                for (j, own, other) in &around[i] {
                    if (layer_of[*j] < l) == forwards && layer_of[*j] != l {
                        sum = (sum.0 + center[*j] + other - own, sum.1 + 1.0);
                    }
                }
                if sum.1 > 0.0 { sum.0 / sum.1 } else { center[i] }
            };
            let mut keyed: Vec<(f32, usize)> = order[l].iter().map(|i| (key(*i), *i)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            order[l] = keyed.into_iter().map(|(_, i)| i).collect();
            stack(&order[l..=l], items, cross, gap_cross, &mut center);
        }
        let now = crossings(edges, &layer_of, &center);
        if now < best.0 {
            best = (now, order.clone());
        }
    }
    let order = best.1;
    stack(&order, items, cross, gap_cross, &mut center);
    align(&order, items, &around, &layer_of, cross, gap_cross, &mut center);

    // Layers one after the other.
    let mut at_main = vec![0.0_f32; count];
    let mut depth = vec![0.0_f32; count];
    let mut at = 0.0;
    for l in 0..count {
        depth[l] = order[l].iter().map(|i| items[*i].size[main]).fold(0.0, f32::max);
        at_main[l] = at;
        let mut bending = 0_u32;
        let mut room = GAP_MAIN[main];
        for e in edges {
            let (a, b) = (layer_of[e.from].min(layer_of[e.to]), layer_of[e.from].max(layer_of[e.to]));
            if a <= l && b > l {
                let bends =
                    (center[e.from] + e.offset_from[cross] - center[e.to] - e.offset_to[cross]).abs() > 1.0;
                bending += u32::from(bends);
                if b == a + 1 && main == 0 {
                    room = room.max(e.room);
                }
            }
        }
        at += depth[l] + (room + GAP_PER_LINK * bending.saturating_sub(2) as f32).min(GAP_MAX.max(room));
    }

    let low = (0..items.len()).map(|i| center[i] - items[i].size[cross] / 2.0).fold(f32::INFINITY, f32::min);
    let mut out = vec![[0.0; 4]; items.len()];
    let mut whole = [0.0_f32; 2];
    for (i, item) in items.iter().enumerate() {
        let l = layer_of[i];
        let mut size = item.size;
        if item.stretches {
            size[main] = depth[l];
        }
        let mut corner = [0.0; 2];
        corner[main] = at_main[l] + (depth[l] - size[main]) / 2.0;
        corner[cross] = center[i] - item.size[cross] / 2.0 - low;
        for k in 0..2 {
            corner[k] = (corner[k] / 2.0).round() * 2.0;
            whole[k] = whole[k].max(corner[k] + size[k]);
        }
        out[i] = [corner[0], corner[1], size[0], size[1]];
    }
    (out, whole)
}

/// The layer of each box: longest path from the first callers, circles broken in order.
fn layers(items: &[Item], edges: &[Edge]) -> Vec<usize> {
    let n = items.len();
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut incoming = vec![0_usize; n];
    let mut linked = vec![false; n];
    for e in edges.iter().filter(|e| e.ranks && e.from != e.to) {
        if items[e.from].watches || items[e.to].watches || next[e.from].contains(&e.to) {
            continue;
        }
        next[e.from].push(e.to);
        incoming[e.to] += 1;
        linked[e.from] = true;
        linked[e.to] = true;
    }
    // Depth first, those that nobody calls first: an edge to a box still open closes a circle and is left out.
    let mut state = vec![0_u8; n];
    let mut finished = Vec::with_capacity(n);
    let mut starts: Vec<usize> = (0..n).filter(|i| incoming[*i] == 0).collect();
    starts.extend((0..n).filter(|i| incoming[*i] > 0));
    for start in starts {
        let mut open: Vec<(usize, usize)> = Vec::new();
        if state[start] == 0 {
            state[start] = 1;
            open.push((start, 0));
        }
        while let Some((at, k)) = open.pop() {
            if let Some(to) = next[at].get(k).copied() {
                if state[to] == 1 {
                    next[at].remove(k);
                    open.push((at, k));
                } else {
                    open.push((at, k + 1));
                    if state[to] == 0 {
                        state[to] = 1;
                        open.push((to, 0));
                    }
                }
            } else {
                state[at] = 2;
                finished.push(at);
            }
        }
    }
    let mut layer = vec![0_usize; n];
    for at in finished.iter().rev() {
        for to in &next[*at] {
            layer[*to] = layer[*to].max(layer[*at] + 1);
        }
    }
    // A caller that nobody calls stands just before what it calls.
    for i in 0..n {
        if incoming[i] == 0 && linked[i] {
            layer[i] = next[i].iter().map(|to| layer[*to]).min().map_or(0, |l| l.saturating_sub(1));
        }
    }
    let last = (0..n).filter(|i| !items[*i].watches).map(|i| layer[i]).max().unwrap_or(0);
    let mut load = vec![0_usize; last + 1];
    for i in (0..n).filter(|i| linked[*i]) {
        load[layer[i]] += 1;
    }
    let any_linked = linked.iter().any(|l| *l);
    for i in 0..n {
        if items[i].watches {
            // Alone among watchers they share the first layer.
            layer[i] = if items.iter().all(|it| it.watches) { 0 } else { last + 1 };
        } else if !linked[i] && any_linked {
            // A box without links goes where it stands beside what it belongs to, or where there is room.
            let beside = edges.iter().find_map(|e| match (e.from == i, e.to == i) {
                (true, false) if linked[e.to] => Some(layer[e.to]),
                (false, true) if linked[e.from] => Some(layer[e.from]),
                _ => None,
            });
            let l =
                beside.unwrap_or_else(|| (0..=last).min_by_key(|l| (load[*l], usize::MAX - l)).unwrap_or(0));
            layer[i] = l;
            load[l] += 1;
        }
    }
    // No empty layers.
    let mut used: Vec<usize> = layer.clone();
    used.sort_unstable();
    used.dedup();
    layer.iter().map(|l| used.binary_search(l).unwrap_or(0)).collect()
}

/// For each box its neighbors with the offsets of the link on the cross axis, here and there.
fn neighbors(n: usize, edges: &[Edge], cross: usize) -> Vec<Vec<(usize, f32, f32)>> {
    let mut out = vec![Vec::new(); n];
    for e in edges.iter().filter(|e| e.from != e.to) {
        out[e.from].push((e.to, e.offset_from[cross], e.offset_to[cross]));
        out[e.to].push((e.from, e.offset_to[cross], e.offset_from[cross]));
    }
    out
}

/// Puts the boxes of each layer side by side around 0.
fn stack(order: &[Vec<usize>], items: &[Item], cross: usize, gap: f32, center: &mut [f32]) {
    for layer in order {
        let total: f32 = layer.iter().map(|i| items[*i].size[cross] + gap).sum::<f32>() - gap;
        let mut at = -total / 2.0;
        for i in layer {
            center[*i] = at + items[*i].size[cross] / 2.0;
            at += items[*i].size[cross] + gap;
        }
    }
}

/// Links that cross between layers, by the sides on which their ends lie.
fn crossings(edges: &[Edge], layer: &[usize], center: &[f32]) -> usize {
    let mut n = 0;
    for (k, e) in edges.iter().enumerate() {
        for f in &edges[k + 1..] {
            let (a, b) = if layer[e.from] <= layer[e.to] { (e.from, e.to) } else { (e.to, e.from) };
            let (c, d) = if layer[f.from] <= layer[f.to] { (f.from, f.to) } else { (f.to, f.from) };
            // Only links that share a stretch of layers can cross there.
            if layer[a] >= layer[d] || layer[c] >= layer[b] {
                continue;
            }
            let (from, to) = (center[a] - center[c], center[b] - center[d]);
            n += usize::from(from * to < 0.0);
        }
    }
    n
}

/// Moves boxes towards the middle of their neighbors without changing the order within a layer.
fn align(
    order: &[Vec<usize>],
    items: &[Item],
    around: &[Vec<(usize, f32, f32)>],
    layer_of: &[usize],
    cross: usize,
    gap: f32,
    center: &mut [f32],
) {
    let count = order.len();
    for round in 0..ALIGNMENTS {
        let forwards = round % 2 == 0;
        let both = round + 4 >= ALIGNMENTS;
        let mut turn: Vec<usize> = (0..count).collect();
        if !forwards {
            turn.reverse();
        }
        for l in turn {
            let layer = &order[l];
            let wish: Vec<(f32, f32)> = layer
                .iter()
                .map(|i| {
                    let mut near: Vec<f32> = around[*i]
                        .iter()
                        .filter(|(j, _, _)| {
                            let other = layer_of[*j];
                            other != l && (both || (other < l) == forwards)
                        })
                        .map(|(j, own, other)| center[*j] + other - own)
                        .collect();
                    if near.is_empty() {
                        return (center[*i], 0.05);
                    }
                    // The median keeps at least one link straight; of two, the middle is fairest.
                    near.sort_by(f32::total_cmp);
                    let n = near.len();
                    let at = if n % 2 == 1 { near[n / 2] } else { (near[n / 2 - 1] + near[n / 2]) / 2.0 };
                    (at, n as f32)
                })
                .collect();
            let mut base = vec![0.0_f32; layer.len()];
            for k in 1..layer.len() {
                base[k] =
                    base[k - 1] + (items[layer[k - 1]].size[cross] + items[layer[k]].size[cross]) / 2.0 + gap;
            }
            let moved: Vec<(f32, f32)> = wish.iter().zip(&base).map(|((w, n), b)| (w - b, *n)).collect();
            for (k, v) in ascending(&moved).into_iter().enumerate() {
                center[layer[k]] = v + base[k];
            }
        }
    }
}

/// The ascending sequence nearest to given values by weighted least squares (pool adjacent violators).
fn ascending(values: &[(f32, f32)]) -> Vec<f32> {
    let mut pools: Vec<(f32, f32, usize)> = Vec::new();
    for (value, weight) in values {
        let mut pool = (*value, *weight, 1);
        while let Some(before) = pools.last().filter(|b| b.0 > pool.0).copied() {
            pools.pop();
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(value, _, n)| std::iter::repeat_n(value, n)).collect()
}
