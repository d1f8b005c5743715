//! The rules in force, and what they amount to on one way.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::live::wire::{InstanceId, MaybeLink, Rule, RuleEffect};

/// What happens to bytes on one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Profile {
    /// They vanish.
    pub cut: bool,
    /// They come later by this…
    pub latency: Duration,
    /// …and by up to this more.
    pub jitter: Duration,
    /// This share of packets is sent again.
    pub loss: f64,
    /// Bits a second; infinite where nobody says.
    pub bits_per_s: f64,
}

impl Profile {
    /// Nothing happens to them.
    pub const PLAIN: Profile = Profile {
        cut: false,
        latency: Duration::ZERO,
        jitter: Duration::ZERO,
        loss: 0.0,
        bits_per_s: f64::INFINITY,
    };

    /// Whether bytes can be handed on as they come.
    pub fn is_plain(&self) -> bool {
        *self == Self::PLAIN
    }
}

/// The rules by name.
#[derive(Debug)]
pub(super) struct Rules {
    rules: BTreeMap<String, Rule>,
    slow: f64,
}

/// No delay is longer than this: an hour.
const DELAY_MS_MAX: f64 = 3_600_000.0;

impl Rules {
    pub fn new(rules: BTreeMap<String, Rule>) -> Self {
        Self { rules, slow: 1.0 }
    }

    pub fn change(&mut self, set: BTreeMap<String, Rule>, clear: &[String]) {
        self.rules.retain(|name, _| !clear.contains(name));
        self.rules.extend(set);
    }

    /// Multiplies every delay.
    pub fn slow_down(&mut self, factor: f64) {
        if factor.is_finite() && factor > 0.0 {
            self.slow = factor;
        }
    }

    /// What becomes of bytes that travel from one instance to another on a connection along a link.
    pub fn profile(&self, from: &InstanceId, to: &InstanceId, link: &MaybeLink) -> Profile {
        let mut profile = Profile::PLAIN;
        let (mut latency_ms, mut jitter_ms, mut kept) = (0.0, 0.0, 1.0);
        for rule in self.rules.values() {
            let along = rule.link.is_none() || rule.link == *link;
            if !along || !rule.from.contains(from.as_str()) || !rule.to.contains(to.as_str()) {
                continue;
            }
            match rule.effect {
                RuleEffect::Cut => profile.cut = true,
                RuleEffect::Delay { latency_ms: l, jitter_ms: j } => {
                    latency_ms += l.max(0.0);
                    jitter_ms += j.max(0.0);
                }
                RuleEffect::Loss { share } => kept *= 1.0 - share.clamp(0.0, 1.0),
                RuleEffect::Throttle { bits_per_s } if bits_per_s > 0.0 => {
                    profile.bits_per_s = profile.bits_per_s.min(bits_per_s);
                }
                RuleEffect::Throttle { .. } => {}
            }
        }
        let span = |ms: f64| Duration::from_secs_f64((ms * self.slow).clamp(0.0, DELAY_MS_MAX) / 1e3);
        profile.latency = span(latency_ms);
        profile.jitter = span(jitter_ms);
        profile.loss = 1.0 - kept;
        profile
    }
}
