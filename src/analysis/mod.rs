//! What is wrong with a drawing: a report of findings, each from one rule.
//!
//! [`run`] never fails: a half-drawn design yields findings about what it is so far. One rule is one file in its
//! family's folder, with its card beside its check, and one line in [`RULES`].
//!
//! Never: files, sockets, clocks, egui, how a design is edited, and the live cluster.

mod card;
mod facts;
mod finding;
mod memory;
mod names;

pub mod consistency;
pub mod failure;
pub mod harden;
pub mod practice;
pub mod recovery;
pub mod security;
pub mod sharding;

pub use card::{Rule, RuleCard, RuleFamily};
pub use facts::Facts;
pub use finding::{Experiment, Finding, Fix, Severity};
pub use memory::Memory;

pub use crate::design::Change;
use rayon::prelude::*;

use crate::design::{Accepted, ComponentId, Design, Problem};

/// Every rule, family by family, in the order of the report.
pub static RULES: &[Rule] = &[
    failure::spof_instance::RULE,
    failure::spof_zone::RULE,
    failure::spof_cause::RULE,
    failure::spof_component::RULE,
    failure::spof_link::RULE,
    failure::hidden_cause::RULE,
    sharding::shard_imbalance::RULE,
    sharding::hot_key::RULE,
    sharding::hash_modulo::RULE,
    sharding::cross_shard_write::RULE,
    consistency::split_brain::RULE,
    consistency::unmet_consistency::RULE,
    consistency::conflicting_writes::RULE,
    consistency::partition_cost::RULE,
    consistency::even_voters::RULE,
    consistency::lossy_failover::RULE,
    consistency::stale_cache_read::RULE,
    practice::no_monitoring::RULE,
    practice::no_logging::RULE,
    practice::data_growth::RULE,
    practice::missing_sharding::RULE,
    practice::ignored_cap::RULE,
    practice::no_timeout::RULE,
    practice::late_timeout::RULE,
    practice::unsafe_retry::RULE,
    practice::missing_health_check::RULE,
    practice::no_backup::RULE,
    practice::no_consumer::RULE,
    practice::unbounded_queue::RULE,
    practice::cannot_start_cold::RULE,
    practice::synchronous_cycle::RULE,
    practice::long_call_chain::RULE,
    practice::no_tracing::RULE,
    practice::wide_fan_out::RULE,
    practice::retry_without_backoff::RULE,
    practice::retry_amplification::RULE,
    practice::no_breaker::RULE,
    practice::no_bulkhead::RULE,
    practice::missing_fallback::RULE,
    practice::no_dead_letter::RULE,
    practice::early_redelivery::RULE,
    practice::volatile_queue::RULE,
    practice::slow_consumer::RULE,
    practice::sticky_sessions::RULE,
    practice::state_in_stateless_tier::RULE,
    practice::shared_database::RULE,
    practice::dual_write::RULE,
    practice::database_as_queue::RULE,
    practice::cache_only_copy::RULE,
    practice::write_back_loss::RULE,
    practice::cold_cache::RULE,
    practice::vertical_only_scaling::RULE,
    practice::no_spare_capacity::RULE,
    practice::autoscaling_headroom::RULE,
    practice::cold_start::RULE,
    practice::no_retention::RULE,
    practice::backup_same_zone::RULE,
    practice::restore_untested::RULE,
    practice::rpo_at_risk::RULE,
    practice::rto_at_risk::RULE,
    practice::missing_api_version::RULE,
    practice::big_bang_release::RULE,
    practice::unused_component::RULE,
    practice::start_dependency::RULE,
    practice::long_dns_ttl::RULE,
    practice::hasty_failover::RULE,
    practice::deep_health_check::RULE,
    practice::shallow_health_check::RULE,
    practice::monitor_in_same_zone::RULE,
    practice::unwatched_entry::RULE,
    practice::no_alerts::RULE,
    practice::no_synthetic_probe::RULE,
    practice::chatty_across_regions::RULE,
    security::store_on_internet::RULE,
    security::open_entry::RULE,
    security::unencrypted_link::RULE,
    security::unauthenticated_link::RULE,
    security::missing_authentication::RULE,
    security::no_rate_limit::RULE,
    security::no_waf::RULE,
    security::flat_network::RULE,
    security::exposed_admin::RULE,
    security::unencrypted_at_rest::RULE,
    security::no_audit_log::RULE,
    security::credentials_in_clear::RULE,
    security::trust_jump::RULE,
    security::unguarded_egress::RULE,
    security::central_authentication::RULE,
    security::secret_in_design::RULE,
];

/// The rule of that id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.card.id == id)
}

/// What a run looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The present day as year-month-day, against which acceptances expire; absent, none does.
    pub today: Option<String>,
    /// Rules to run, by id; empty runs all.
    pub only: Vec<String>,
}

/// What all rules say of a design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Gravest first, then in the order of [`RULES`], then by id; accepted ones are marked and stay in place.
    pub findings: Vec<Finding>,
    /// What makes the design impossible to expand. Where there is any, rules that need the expansion said nothing.
    pub problems: Vec<Problem>,
    /// What partitions do to each replicated store, queue, stream, coordinator and overlay.
    pub stores: Vec<consistency::StoreView>,
    /// How evenly each sharded component spreads its requests, in file order.
    pub balances: Vec<(ComponentId, sharding::Balance)>,
    /// Single losses that were not tried because there are too many: no rule speaks of them.
    pub untried: usize,
}

impl Report {
    /// The findings that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.accepted.is_none())
    }

    /// Marks what people have accepted, as of a day.
    fn mark_accepted(&mut self, design: &Design, today: Option<&str>) {
        for finding in &mut self.findings {
            finding.accepted = acceptance(design, finding, today).cloned();
        }
    }

    /// The gravest severity among the findings that nobody has accepted.
    pub fn worst(&self) -> Option<Severity> {
        self.open().map(|f| f.severity).max()
    }
}

/// Asks every rule about a design.
pub fn run(design: &Design, options: &Options) -> Report {
    report(&mut Facts::new(design), options)
}

fn report(facts: &mut Facts<'_>, options: &Options) -> Report {
    let ask = |rank: usize| {
        let rule = &RULES[rank];
        let mut found = Vec::new();
        (rule.check)(facts, &mut found);
        for finding in found.iter_mut().filter(|f| f.title.is_empty()) {
            finding.title = facts.headline(rule.card, finding);
        }
        found.into_iter().map(move |f| (rank, f))
    };
    let mut findings: Vec<(usize, Finding)> = if options.only.is_empty() {
        facts.gather();
        (0..RULES.len()).into_par_iter().flat_map_iter(ask).collect()
    } else {
        let is_asked = |rank: &usize| options.only.iter().any(|id| id == RULES[*rank].card.id);
        (0..RULES.len()).filter(is_asked).flat_map(ask).collect()
    };
    findings.sort_by(|(rank_a, a), (rank_b, b)| {
        b.severity.cmp(&a.severity).then(rank_a.cmp(rank_b)).then_with(|| a.id.cmp(&b.id))
    });
    let mut report = Report {
        findings: findings.into_iter().map(|(_, f)| f).collect(),
        stores: consistency::views(facts),
        untried: facts.untried(),
        balances: std::mem::take(&mut facts.balances),
        problems: std::mem::take(&mut facts.problems),
    };
    report.mark_accepted(facts.design, options.today.as_deref());
    report
}

fn acceptance<'a>(design: &'a Design, finding: &Finding, today: Option<&str>) -> Option<&'a Accepted> {
    // Dates are year-month-day, so their order as text is their order in time.
    let in_force = |a: &&Accepted| a.until.is_empty() || today.is_none_or(|day| day <= a.until.as_str());
    design.accepted.iter().filter(|a| a.finding == finding.id).find(in_force)
}
