//! What a replica group keeps: a table of keys, or a queue of messages. Changed only by records, in their order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::live::spec::Delivery;

/// Operations whose effects a queue remembers after they are done.
const DONE_MAX: usize = 50_000;

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// Nothing: a new leader's first record, or a trial.
    Nothing,
    /// A key has a new value.
    Put {
        /// Which.
        key: u32,
        /// The value: the id of the operation that wrote it.
        value: String,
    },
    /// A message has come in.
    Publish(Message),
    /// A message's work has been done, or given up.
    Done {
        /// The operation.
        op: String,
        /// The effect.
        effect: String,
        /// Set aside after too many deliveries.
        #[serde(default)]
        given_up: bool,
        /// The hops whose messages another queue has accepted meanwhile.
        #[serde(default)]
        began: BTreeSet<u32>,
    },
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    /// The operation that published it.
    pub op: String,
    /// The seed of its keys.
    pub seed: u64,
    /// Where its client stands.
    pub zone: String,
    /// To whom it goes.
    pub deliveries: Vec<Delivery>,
}

/// What has become of an effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Its work is done.
    pub done: bool,
    /// The hops whose messages another queue has accepted meanwhile.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub began: BTreeSet<u32>,
}

/// Everything that a group keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Data {
    /// Values by key.
    pub table: BTreeMap<u32, String>,
    /// Messages whose work is not all done, in order, by their number.
    pub messages: BTreeMap<u64, Message>,
    /// Effects of an operation, by name. Bounded, oldest first.
    pub effects: BTreeMap<String, BTreeMap<String, Progress>>,
    order: VecDeque<String>,
    /// Messages that have come in so far.
    pub published: u64,
}

impl Data {
    /// Makes one change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Nothing => {}
            Change::Put { key, value } => {
                self.table.insert(*key, value.clone());
            }
            Change::Publish(message) => {
                self.published += 1;
                if !self.effects.contains_key(&message.op) {
                    self.order.push_back(message.op.clone());
                }
                let known = self.effects.entry(message.op.clone()).or_default();
                // A publisher that saw no answer publishes again: for the same effect the operation is one message.
                let mut message = message.clone();
                message.deliveries.retain(|d| !known.contains_key(&d.effect));
                known.extend(message.deliveries.iter().map(|d| (d.effect.clone(), Progress::default())));
                if !message.deliveries.is_empty() {
                    self.messages.insert(self.published, message);
                }
                while self.order.len() > DONE_MAX {
                    if let Some(oldest) = self.order.pop_front() {
                        self.effects.remove(&oldest);
                    }
                }
            }
            Change::Done { op, effect, given_up, began } => {
                if let Some(effects) = self.effects.get_mut(op) {
                    effects.insert(effect.clone(), Progress { done: !given_up, began: began.clone() });
                }
                for message in self.messages.values_mut().filter(|m| m.op == *op) {
                    message.deliveries.retain(|d| d.effect != *effect);
                }
                self.messages.retain(|_, m| !m.deliveries.is_empty());
            }
        }
    }
}
