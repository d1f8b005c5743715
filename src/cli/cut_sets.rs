//! `cut-sets`: which failures together stop which journey, how likely that is, and what matters most.
//!
//! Instances, zones and causes fail; with `--links` drawn links do too. The top of a tree is its journey being lost for everyone;
//! `--part` adds a tree for a part of it being lost (some client zone or key class). Where the drawing states no rates,
//! those of the kind are assumed.
//!
//! What each element takes when it alone is lost is told beside it, so that one of many shards ranks below an only balancer.
//!
//! JSON, version 1: that of [`solution`](super::solution); `top` is the journey's id, with `/part` after it for a part. A
//! journey's tree has `"loss": [{"element", "share_lost", "expected"}]`, the greatest expected loss first: the share of its requests
//! lost while only the element is down, and that times the share of the time it is. Beside `trees` stands `loss` over all journeys,
//! weighted by their rates. With `--count-only` there is neither; nor with `--mission`, as what an element costs is a figure of the
//! long run.

use std::path::PathBuf;
use std::time::Instant;

use super::solution::{Asked, Taken};
use super::{Failure, Io, Outcome, read_document};
use crate::analysis::failure::journeys::{Scope, lost, lost_in_part};
use crate::analysis::failure::loss::losses_while;
use crate::deploy;
use crate::design::Millis;

/// Arguments of `cut-sets`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// Only this journey. Absent: all of them.
    #[arg(long, value_name = "JOURNEY")]
    journey: Option<String>,
    /// Let drawn links fail too.
    #[arg(long)]
    links: bool,
    /// Also say what takes a part of each journey.
    #[arg(long)]
    part: bool,
    /// Probabilities of failing within a time, `30d`, that begins with everything fine and in which nothing is repaired; absent,
    /// those of being failed at some moment in the long run.
    #[arg(long, value_name = "TIME")]
    mission: Option<Millis>,
    #[command(flatten)]
    asked: Asked,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let begin = Instant::now();
        let document = read_document(&self.design, io)?;
        let deployment = deploy::expand(document.design());
        let scope = Scope { links: self.links, mission: self.mission };
        let mut trees = Vec::new();
        for route in &deployment.routes {
            if self.journey.as_ref().is_some_and(|j| route.journey != **j) {
                continue;
            }
            trees.push(lost(&deployment, route, scope));
            if self.part {
                trees.push(lost_in_part(&deployment, route, scope));
            }
        }
        if let (Some(journey), true) = (&self.journey, trees.is_empty()) {
            let known: Vec<&str> = deployment.routes.iter().map(|r| r.journey.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::new(format!(
                "{}: there is no journey `{journey}`; there is {known}",
                document.shown_name()
            )));
        }
        if self.asked.counts_only() || self.mission.is_some() {
            return self.asked.answer(&trees, None, begin, io);
        }
        // Half of the time is for the trees.
        let end = begin + self.asked.within().div_f64(2.0);
        let losses = losses_while(&deployment, &|| Instant::now() < end);
        if losses.truncated {
            writeln!(io.err, "linchpin: too many elements for the time: `loss` speaks of some only")?;
        }
        let by_journey = deployment.routes.iter().zip(losses.journeys);
        let by_top = by_journey
            .filter(|(route, _)| self.journey.as_ref().is_none_or(|j| route.journey == **j))
            .map(|(route, losses)| (route.journey.as_str().to_owned(), losses))
            .collect();
        self.asked.answer(&trees, Some(&Taken { by_top, traffic: losses.traffic }), begin, io)
    }
}
