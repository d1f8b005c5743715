//! What becomes of the effects of a client's operations: asked where the messages are kept, for many operations at once.
//!
//! It looks on the spot: what is cut off bears on the work, and must not bear on finding out (semantics rule 38).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::Node;
use super::client::Client;
use super::data::Progress;
use super::pool::post;
use crate::live::spec::{Awaited, ClientJourney};
use crate::live::wire::{EffectCounts, InstanceId};

/// How long a keeper of messages may take to say what it knows.
const ANSWER: Duration = Duration::from_millis(500);
/// When the effects of an operation are asked for, after its answer.
const ASKED_AFTER_MS: [u64; 7] = [120, 350, 800, 1_600, 3_000, 5_000, 8_000];
/// Operations whose time has come are asked for together.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// What keepers say: by operation and effect.
pub(super) type Known = BTreeMap<String, BTreeMap<String, Progress>>;

/// The operations of a client some of whose effects are open.
#[derive(Default)]
pub(super) struct Watch {
    waiting: RefCell<Vec<Operation>>,
}

struct Operation {
    id: Rc<str>,
    journey: Rc<ClientJourney>,
    /// When it was meant to start.
    due: Instant,
    answered: Instant,
    /// How often it has been asked for.
    asked: usize,
    /// The hops whose messages were accepted.
    began: BTreeSet<u32>,
    /// Effects whose end is not known, by their place in the journey.
    open: Vec<usize>,
}

impl Operation {
    fn effect(&self, place: usize) -> &Awaited {
        &self.journey.effects[place]
    }

    /// The open effects that have begun. What has not begun now begins only behind one of these.
    fn begun(&self) -> impl Iterator<Item = &Awaited> {
        self.open.iter().map(|e| self.effect(*e)).filter(|e| self.began.contains(&e.publish))
    }

    fn is_due(&self, now: Instant) -> bool {
        self.answered + Duration::from_millis(ASKED_AFTER_MS[self.asked]) <= now
    }

    fn count(&self, client: &Client, effect: &Awaited, f: fn(&mut EffectCounts)) {
        client.count(self.due, &self.journey.journey, |c| {
            f(c.effects.entry(effect.effect.clone()).or_default());
        });
    }

    /// Takes in what keepers say.
    fn learn(&mut self, client: &Client, known: &Known) {
        let Some(known) = known.get(&*self.id) else { return };
        for place in std::mem::take(&mut self.open) {
            let effect = self.effect(place);
            match known.get(&effect.effect) {
                Some(progress) if progress.done && self.began.contains(&effect.publish) => {
                    self.count(client, effect, |e| e.done += 1);
                    self.began.extend(&progress.began);
                }
                _ => self.open.push(place),
            }
        }
    }

    /// Says of what is open now that it is late, or that it has never begun.
    fn give_up(&self, client: &Client) {
        for effect in self.open.iter().map(|e| self.effect(*e)) {
            let accepted = self.began.contains(&effect.publish);
            self.count(client, effect, if accepted { |e| e.late += 1 } else { |e| e.never += 1 });
        }
    }
}

impl Watch {
    /// Follows the effects of an operation. `began`: the hops whose messages were accepted on the way to its answer, `None`
    /// where it was not served.
    pub fn follow(
        &self,
        client: &Client,
        id: &Rc<str>,
        journey: &Rc<ClientJourney>,
        due: Instant,
        began: Option<BTreeSet<u32>>,
    ) {
        let operation = Operation {
            id: id.clone(),
            journey: journey.clone(),
            due,
            answered: Instant::now(),
            asked: 0,
            began: began.unwrap_or_default(),
            open: (0..journey.effects.len()).collect(),
        };
        self.go_on(client, operation);
    }

    fn go_on(&self, client: &Client, operation: Operation) {
        if operation.asked == ASKED_AFTER_MS.len() || operation.begun().next().is_none() {
            operation.give_up(client);
        } else {
            self.waiting.borrow_mut().push(operation);
        }
    }

    fn take_due(&self) -> Vec<Operation> {
        let now = Instant::now();
        let mut waiting = self.waiting.borrow_mut();
        let (due, later) = waiting.drain(..).partition(|o| o.is_due(now));
        *waiting = later;
        due
    }
}

/// Asks for as long as the node runs.
pub(super) async fn run(node: Rc<Node>, client: Rc<Client>) {
    loop {
        tokio::time::sleep(TICK).await;
        let due = client.effects.take_due();
        if !due.is_empty() {
            tokio::task::spawn_local(ask(node.clone(), client.clone(), due));
        }
    }
}

async fn ask(node: Rc<Node>, client: Rc<Client>, operations: Vec<Operation>) {
    let mut questions: BTreeMap<InstanceId, BTreeSet<Rc<str>>> = BTreeMap::new();
    for operation in &operations {
        for keeper in operation.begun().flat_map(|e| &e.keepers) {
            questions.entry(keeper.clone()).or_default().insert(operation.id.clone());
        }
    }
    let asked: Vec<_> = questions
        .into_iter()
        .map(|(keeper, ids)| tokio::task::spawn_local(ask_keeper(node.clone(), keeper, ids)))
        .collect();
    let mut answers = Vec::new();
    for answer in asked {
        answers.extend(answer.await);
    }
    for mut operation in operations {
        operation.asked += 1;
        answers.iter().for_each(|known| operation.learn(&client, known));
        client.effects.go_on(&client, operation);
    }
}

/// What a keeper knows of some operations; nothing where it does not answer.
pub(super) async fn ask_keeper(node: Rc<Node>, keeper: InstanceId, ids: BTreeSet<Rc<str>>) -> Known {
    let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
    let request = post("/effects", serde_json::to_vec(&ids).unwrap_or_default());
    let sent = node.pool.send_as(&keeper, &keeper, None, request, ANSWER).await;
    sent.ok().and_then(|r| serde_json::from_slice(r.body()).ok()).unwrap_or_default()
}
