//! Analysis on another thread: what the rules say, and what each loss would do.
//!
//! Every answer carries the revision of the design that it is about; the window drops what is about an older one.
//! A newer design interrupts the work on an older one between two elements.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::analysis::failure::availability::{Availability, availability};
use crate::analysis::{self, Memory, Report};
use crate::deploy::{self, Deployment};
use crate::design::{Design, ElementId};
use crate::edit::{Command, Session};
use crate::impact::{self, Baseline, Conditions, Cut, Down, JourneyOutcome, Outcome, Reading, World};

use super::context::{ClaimRow, Impact, JourneyImpact, Preview};
use super::view::WhatIf;

/// Losses are sent back in lots of so many.
const LOT: usize = 24;

/// What is asked of the other thread.
enum Question {
    /// Everything about a design.
    Design(u64, Arc<Design>),
    /// What a world would do to the design asked about last.
    World(u64, WhatIf),
    /// What a change would do to a design.
    Preview(u64, Arc<Design>, Command),
}

/// What comes back, with the revision that it is about.
pub enum Answer {
    /// What the rules say.
    Report(u64, Arc<Report>),
    /// What some losses would do.
    Losses(u64, BTreeMap<ElementId, Impact>),
    /// What a world would do.
    World(u64, WhatIf, Impact),
    /// The availability of each journey.
    Availability(u64, Vec<Availability>),
    /// Every prediction that can be tried; the last answer about a design.
    Claims(u64, Vec<ClaimRow>),
    /// Why losses cannot be told.
    Refused(u64, String),
    /// What a change would do.
    Preview(u64, Box<Command>, Box<Preview>),
}

/// The other thread.
pub struct Jobs {
    send: Sender<Question>,
    receive: Receiver<Answer>,
    asked: Option<u64>,
    asked_worlds: Vec<WhatIf>,
}

impl Jobs {
    /// Starts the thread; it ends with this value. `wake` is called whenever there is an answer.
    pub fn start(wake: impl Fn() + Send + 'static) -> Self {
        let (send, questions) = channel();
        let (answer, receive) = channel();
        std::thread::Builder::new()
            .name("analysis".to_owned())
            .spawn(move || work(&questions, &answer, &wake))
            .expect("the system can start a thread");
        Self { send, receive, asked: None, asked_worlds: Vec::new() }
    }

    /// Asks everything about a design, once for each revision.
    pub fn ask(&mut self, revision: u64, design: &Design) {
        if self.asked != Some(revision) {
            self.asked = Some(revision);
            self.asked_worlds.clear();
            // The thread is gone only if it panicked; what is known stays then.
            let _ = self.send.send(Question::Design(revision, Arc::new(design.clone())));
        }
    }

    /// Asks what a world would do, once for each revision.
    pub fn ask_world(&mut self, revision: u64, world: &WhatIf) {
        if self.asked == Some(revision) && !self.asked_worlds.contains(world) {
            self.asked_worlds.push(world.clone());
            let _ = self.send.send(Question::World(revision, world.clone()));
        }
    }

    /// Asks what a change would do to a design.
    pub fn ask_preview(&self, revision: u64, design: &Design, command: &Command) {
        let _ = self.send.send(Question::Preview(revision, Arc::new(design.clone()), command.clone()));
    }

    /// What has come back.
    pub fn answers(&self) -> Vec<Answer> {
        self.receive.try_iter().collect()
    }
}

/// What was said of the last design that was looked at to the end.
struct Known {
    of: Arc<Design>,
    losses: BTreeMap<ElementId, Impact>,
    availability: Vec<Availability>,
    claims: Vec<ClaimRow>,
}

fn work(questions: &Receiver<Question>, answers: &Sender<Answer>, wake: &dyn Fn()) {
    let mut deployment: Option<(u64, Deployment)> = None;
    let mut memory = Memory::default();
    let mut last: Option<Known> = None;
    let mut next: VecDeque<Question> = VecDeque::new();
    let tell = |answer: Answer| {
        let told = answers.send(answer).is_ok();
        wake();
        told
    };
    loop {
        let Some(question) = next.pop_front().or_else(|| questions.recv().ok()) else { return };
        match question {
            Question::Preview(revision, design, command) => {
                let preview = preview(&design, &command);
                if !tell(Answer::Preview(revision, Box::new(command), Box::new(preview))) {
                    return;
                }
            }
            Question::World(revision, world) => {
                if let Some((of, deployment)) = &deployment
                    && *of == revision
                {
                    let impact = lose(deployment, &as_world(&world));
                    if !tell(Answer::World(revision, world, impact)) {
                        return;
                    }
                }
            }
            Question::Design(revision, design) => {
                // Of several designs only the last is worth the work.
                let mut latest = (revision, design);
                let mut worlds = Vec::new();
                for waiting in questions.try_iter() {
                    match waiting {
                        Question::Design(revision, design) => {
                            latest = (revision, design);
                            worlds.clear();
                        }
                        Question::World(..) => worlds.push(waiting),
                        Question::Preview(..) => next.push_back(waiting),
                    }
                }
                let (revision, design) = latest;
                let options = analysis::Options { today: Some(today()), ..analysis::Options::default() };
                let report = memory.run(&design, &options);
                let unsound = report.problems.first().map(ToString::to_string);
                if !tell(Answer::Report(revision, Arc::new(report))) {
                    return;
                }
                if let Some(why) = unsound {
                    deployment = None;
                    last = None;
                    if !tell(Answer::Refused(revision, why)) {
                        return;
                    }
                    continue;
                }
                let expanded = deploy::expand(&design);
                for world in worlds {
                    if let Question::World(of, world) = world
                        && of == revision
                    {
                        let impact = lose(&expanded, &as_world(&world));
                        tell(Answer::World(revision, world, impact));
                    }
                }
                // A card that was moved breaks nothing.
                if let Some(known) = last.as_ref().filter(|k| k.of.means_the_same_as(&design)) {
                    let heard = tell(Answer::Losses(revision, known.losses.clone()))
                        && tell(Answer::Availability(revision, known.availability.clone()))
                        && tell(Answer::Claims(revision, known.claims.clone()));
                    if !heard {
                        return;
                    }
                    deployment = Some((revision, expanded));
                    continue;
                }
                last = None;
                let baseline = Baseline::new(&expanded, Reading::Settled);
                let mut losses = BTreeMap::new();
                let mut lot = BTreeMap::new();
                // Meanwhile what somebody points at is answered; a newer design is worth more than the rest of this one.
                let mut go_on = || {
                    match questions.try_recv() {
                        Ok(question @ Question::Design(..)) => {
                            next.push_back(question);
                            return false;
                        }
                        Ok(question @ Question::Preview(..)) => next.push_back(question),
                        Ok(Question::World(of, world)) if of == revision => {
                            let impact = lose(&expanded, &as_world(&world));
                            tell(Answer::World(revision, world, impact));
                        }
                        _ => {}
                    }
                    true
                };
                if !go_on() {
                    continue;
                }
                let availability = availability(&expanded);
                if !tell(Answer::Availability(revision, availability.clone())) {
                    return;
                }
                let mut interrupted = false;
                for id in elements(&design) {
                    if !go_on() {
                        interrupted = true;
                        break;
                    }
                    let world = World::losing(id.clone());
                    let impact = told(&expanded, &world, baseline.evaluate(&expanded, &world));
                    losses.insert(id.clone(), impact.clone());
                    lot.insert(id, impact);
                    if lot.len() >= LOT && !tell(Answer::Losses(revision, std::mem::take(&mut lot))) {
                        return;
                    }
                }
                if !lot.is_empty() && !tell(Answer::Losses(revision, lot)) {
                    return;
                }
                let claims = (!interrupted).then(|| super::prover::claims(&expanded, &baseline, &mut go_on));
                if let Some(claims) = claims.flatten() {
                    if !tell(Answer::Claims(revision, claims.clone())) {
                        return;
                    }
                    last = Some(Known { of: design, losses, availability, claims });
                }
                deployment = Some((revision, expanded));
            }
        }
    }
}

/// What a change would do to what the rules say and to availability, tried on a copy.
fn preview(design: &Design, command: &Command) -> Preview {
    let options = analysis::Options { today: Some(today()), ..analysis::Options::default() };
    let mut session = Session::new(design.clone());
    if let Err(error) = session.apply(command.clone()) {
        return Preview { refused: error.to_string(), ..Preview::default() };
    }
    let before = analysis::run(design, &options);
    let after = analysis::run(session.design(), &options);
    let missing = |from: &Report, in_: &Report| -> Vec<String> {
        let of = from.open().filter(|f| !in_.open().any(|g| g.id == f.id));
        of.map(|f| f.text.clone()).collect()
    };
    let expanded = after.problems.is_empty().then(|| deploy::expand(session.design()));
    Preview {
        refused: String::new(),
        gone: missing(&before, &after),
        come: missing(&after, &before),
        availability: (expanded.iter())
            .flat_map(availability)
            .map(|a| (a.journey.to_string(), a.value))
            .collect(),
    }
}

/// Everything whose loss can be asked for: what people point at.
fn elements(design: &Design) -> Vec<ElementId> {
    let components = design.components.iter().filter(|c| c.kind != crate::design::Kind::Client);
    (components.map(|c| ElementId::from(&c.id)))
        .chain(design.zones.iter().map(|z| ElementId::from(&z.id)))
        .chain(design.links.iter().map(|l| ElementId::from(&l.id)))
        .chain(design.causes.iter().map(|c| ElementId::from(&c.id)))
        .collect()
}

fn as_world(world: &WhatIf) -> World {
    let mut out = World::fresh();
    for id in &world.down {
        out = out.and_down(id.clone(), Down::Refusing);
    }
    for (a, b) in &world.cuts {
        let side = |id: &ElementId| impact::Side::Element(id.clone());
        out = out.and_cut([Cut { from: side(a), to: side(b) }, Cut { from: side(b), to: side(a) }]);
    }
    out
}

fn lose(deployment: &Deployment, world: &World) -> Impact {
    told(deployment, world, impact::evaluate(deployment, world, Reading::Settled))
}

/// What a world does, from how each journey fares in it.
fn told(deployment: &Deployment, world: &World, fates: Vec<JourneyOutcome>) -> Impact {
    let mut out = Impact::default();
    for (route, fate) in deployment.routes.iter().zip(fates) {
        let title = deployment.design.journey(fate.journey.as_str()).map_or_else(
            || {
                let client = deployment.design.component(fate.journey.as_str());
                client.map_or_else(|| fate.journey.to_string(), |c| c.title().to_owned())
            },
            |j| j.title().to_owned(),
        );
        let outcome = fate.outcome;
        if outcome < Outcome::Served {
            for element in impact::witness(deployment, route, world) {
                let entry = out.elements.entry(element).or_insert(outcome);
                *entry = (*entry).min(outcome);
            }
        }
        out.journeys.push(JourneyImpact {
            id: fate.journey.to_string(),
            title,
            outcome,
            share: fate.share,
            degraded_share: fate.degraded_share,
        });
    }
    for (id, _) in &world.down {
        out.elements.remove(id);
    }
    // What stands in a failed zone is down itself, whoever needs it.
    let conditions = Conditions::new(deployment, world);
    for component in &deployment.components {
        let of = component.instances.len();
        let up = component.instances.clone().filter(|i| conditions.is_up(*i)).count();
        if up < of {
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            out.down.insert(ElementId::from(&component.id), (count(up), count(of)));
        }
    }
    out
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// The present day as year-month-day, in UTC.
pub fn today() -> String {
    day_after(0)
}

/// The day so many days from now as year-month-day, in UTC.
pub fn day_after(days: u32) -> String {
    // Days to civil date after Howard Hinnant, counted from 0000-03-01.
    let z = (now_s() / 86_400) as i64 + i64::from(days) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
