//! The tab of reliability: what it shows is what the engine says, and what is chosen there is tried on the canvas.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use egui::{Key, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use linchpin::analysis::Facts;
use linchpin::analysis::failure::journeys::{Scope, lost};
use linchpin::analysis::failure::loss::losses;
use linchpin::analysis::failure::solve::{Question, solve};
use linchpin::analysis::recovery::recoveries;
use linchpin::deploy;
use linchpin::design::{Component, Design, ElementId, Journey, Kind, Link, Millis, Objective, Sharding};
use linchpin::edit::{Command, Edit, Item};
use linchpin::gui::command::{Action, Request, UiCommand};
use linchpin::gui::figures::{self, Extent, Figures};
use linchpin::gui::view::{BottomTab, Heat, ReliabilityPage, ReliabilityView, WhatIf};
use linchpin::gui::{App, words};

use crate::hand::Person;

const FRAGILE: &str = include_str!("../../templates/ecommerce-fragile.ron");
const GOOD: &str = include_str!("../../templates/ecommerce.ron");

fn open(text: &str) -> Person {
    let mut p = Person::at(text);
    p.send(Request::View(Action::SetTab(BottomTab::Reliability)));
    p
}

fn show(p: &mut Person, page: ReliabilityPage, all_traffic: bool) {
    let shown = ReliabilityView { page, all_traffic, ..p.app().view().reliability.clone() };
    p.send(Request::View(Action::ShowReliability(shown)));
}

/// Waits until the figures of the first journey are there and new.
fn sets_of_first(p: &mut Person) -> std::sync::Arc<figures::CutSets> {
    let journey = figures::journeys(p.design())[0].clone();
    let key = (journey, Extent::Whole);
    p.until("the cut sets", |app| is_new(app.figures(), &key));
    p.frames(2);
    p.app().figures().cut_sets[&key].figure.clone()
}

fn is_new(figures: &Figures, key: &(linchpin::design::JourneyId, Extent)) -> bool {
    figures.cut_sets.get(key).is_some_and(|d| d.of == figures.meaning)
}

/// The names of the rows that can be seen, from the top.
fn rows(p: &mut Person) -> Vec<String> {
    let nodes = p.harness().query_all_by_role(Role::Row);
    let mut found: Vec<(f32, String)> =
        nodes.map(|n| (n.rect().top(), n.accesskit_node().label().unwrap_or_default().to_string())).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, name)| name).collect()
}

fn names(design: &Design, elements: &[ElementId]) -> String {
    elements.iter().map(|e| name(design, e)).collect::<Vec<_>>().join("  +  ")
}

/// The only instance of a component bears the component's name.
fn name(design: &Design, id: &ElementId) -> String {
    let whole = id.as_str().split('/').next().unwrap();
    let is_only = design.component(whole).is_some_and(|c| c.replicas * c.shards() == 1);
    words::element(design, if is_only { whole } else { id.as_str() })
}

#[test]
fn the_tab_says_what_the_engine_says_of_each_template() {
    for text in [FRAGILE, GOOD] {
        let mut p = open(text);
        sets_of_first(&mut p);
        let deployment = deploy::expand(p.design());
        let tree = lost(&deployment, &deployment.routes[0], Scope::default());
        let asked = Question { listed_max: 100, ..Question::default() };
        let said = solve(&tree, &asked).unwrap();
        let sets = said.cut_sets.unwrap();
        let (ones, twos) = (&sets.by_order[0], &sets.by_order[1]);
        let time = words::per_year(said.probability.unwrap().value);
        let h = p.harness();
        assert!(h.query_by_label_contains(&format!("{ones} sets of one, {twos} of two")).is_some());
        assert!(h.query_by_label_contains(&time).is_some(), "{time}");
        assert!(h.query_by_label_contains("exact").is_some());
    }
}

#[test]
fn every_minimal_cut_set_stands_there_with_its_share_the_greatest_first() {
    let mut p = open(FRAGILE);
    let found = sets_of_first(&mut p);
    let deployment = deploy::expand(p.design());
    let tree = lost(&deployment, &deployment.routes[0], Scope::default());
    let said = solve(&tree, &Question { listed_max: 100, ..Question::default() }).unwrap();
    let listed: BTreeSet<BTreeSet<ElementId>> = (said.cut_sets.unwrap().listed.iter())
        .map(|s| s.iter().map(|e| ElementId::new(&tree.events[*e as usize].name)).collect())
        .collect();
    let shown: BTreeSet<BTreeSet<ElementId>> =
        found.sets.iter().map(|s| s.elements.iter().cloned().collect()).collect();
    assert_eq!(shown, listed);
    assert!(found.sets.is_sorted_by(|a, b| a.at_most >= b.at_most));

    let first = &found.sets[0];
    let seen = rows(&mut p);
    assert!(seen[0].contains(&names(p.design(), &first.elements)), "{seen:?}");
    let share = first.chance.unwrap() / said.probability.unwrap().value;
    assert!(seen[0].ends_with(&words::percent(share)), "{seen:?}");
}

#[test]
fn a_set_that_is_chosen_is_tried_on_the_canvas_and_escape_leaves_it() {
    let mut p = open(FRAGILE);
    let found = sets_of_first(&mut p);
    let pair = found.sets.iter().find(|s| s.elements.len() == 2).unwrap();
    let name = names(p.design(), &pair.elements);
    // Down the table by keys, as the room shows a few rows only.
    let first = rows(&mut p)[0].clone();
    p.press_on(&first);
    let at = found.sets.iter().position(|s| s == pair).unwrap();
    for _ in 0..at {
        p.key(Key::ArrowDown);
    }
    let world = WhatIf { down: pair.elements.iter().cloned().collect(), ..WhatIf::default() };
    assert_eq!(p.app().view().what_if.as_ref(), Some(&world), "{name}");
    p.until("what the world does", |app| app.impact().of_world(&world).is_some());
    let impact = p.app().impact().of_world(&world).unwrap();
    let journey = figures::journeys(p.design())[0].clone();
    let lost = impact.journeys.iter().find(|j| j.id == journey.as_str()).unwrap();
    assert_eq!(lost.outcome, linchpin::gui::context::Outcome::Lost);
    p.key(Key::Escape);
    assert_eq!(p.app().view().what_if, None);
}

#[test]
fn sets_are_found_by_the_name_of_an_element() {
    let mut p = open(FRAGILE);
    let found = sets_of_first(&mut p);
    let pair = found.sets.iter().find(|s| s.elements.len() == 2).unwrap().clone();
    let name = name(p.design(), &pair.elements[1]);
    let design = p.design().clone();
    let with = |s: &&figures::CutSet| s.elements.iter().any(|e| self::name(&design, e).contains(&name));
    let fit = found.sets.iter().filter(with).count();
    assert!(fit < found.sets.len());
    p.harness().get_by_label("Find an element").focus();
    p.frames(2);
    p.write(&name);
    p.frames(2);
    let seen = rows(&mut p);
    assert_eq!(seen.len(), fit.min(seen.len()));
    assert!(seen.iter().all(|r| r.contains(&name)), "{seen:?}");
}

#[test]
fn elements_are_ranked_by_what_they_cost_and_sorted_by_what_is_pressed() {
    let mut p = open(FRAGILE);
    sets_of_first(&mut p);
    show(&mut p, ReliabilityPage::Elements, true);
    p.until("the losses", |app| app.figures().losses.is_some());
    p.frames(3);
    let deployment = deploy::expand(p.design());
    let said = losses(&deployment).traffic;
    let name = |id: &ElementId| self::name(p.design(), id);
    let (worst, cost) = (name(&said[0].element), words::per_year(said[0].expected));
    let by_share = {
        let most = said.iter().map(|l| l.share_lost).fold(0.0, f64::max);
        said.iter().filter(|l| l.share_lost > most - 1e-9).map(|l| name(&l.element)).collect::<Vec<_>>()
    };
    let seen = rows(&mut p);
    assert!(seen[0].starts_with(&worst), "{seen:?}");
    assert!(p.harness().query_by_label_contains(&format!("{worst} costs most: {cost}")).is_some());

    p.press_on("Sort by lost alone");
    let seen = rows(&mut p);
    assert!(by_share.iter().any(|n| seen[0].starts_with(n.as_str())), "{seen:?}");
    p.press_on("Sort by element");
    let mut all: Vec<String> = said.iter().map(|l| self::name(p.design(), &l.element)).collect();
    all.sort();
    let seen = rows(&mut p);
    assert!(seen[0].starts_with(&all[0]), "{seen:?}");

    let first = seen[0].clone();
    p.press_on(&first);
    let chosen = p.selected();
    assert_eq!(words::element(p.design(), &chosen[0]), all[0]);
}

#[test]
fn recovery_tells_the_work_behind_queues_apart_and_an_open_menu_keeps_its_keys() {
    let mut p = open(GOOD);
    let checkout = p.design().journeys.last().expect("it has journeys").id.clone();
    let page = ReliabilityPage::Recovery;
    let shown =
        ReliabilityView { page, journey: Some(checkout.clone()), ..p.app().view().reliability.clone() };
    p.send(Request::View(Action::ShowReliability(shown)));
    p.until("the recovery", |app| app.figures().recovery.contains_key(&checkout));
    p.frames(3);
    let found = p.app().figures().recovery[&checkout].figure.clone();
    let effect = &found.effects[0];
    p.send(Request::View(Action::Select(vec![ElementId::new("voters")])));
    let (selected, design) = (p.selected(), p.design().clone());
    p.press_on("Of what");
    p.frames(2);
    p.key(Key::ArrowDown);
    p.key(Key::Delete);
    p.frames(2);
    assert_eq!((p.selected(), p.design()), (selected, &design), "a menu is open: nothing moves behind it");
    let title = words::element(p.design(), effect.effect.split_once('/').expect("journey/effect").1);
    p.press_on(&title);
    p.frames(3);
    let rows = rows(&mut p);
    let felt: Vec<String> = effect.failures.iter().map(|f| name(p.design(), &f.element)).collect();
    assert!(!rows.is_empty() && rows.len() <= felt.len(), "{rows:?}");
    for row in &rows {
        assert!(felt.iter().any(|f| row.starts_with(f.as_str())), "{row} is no failure of {}", effect.effect);
    }
}

#[test]
fn heat_tells_what_part_each_card_has_in_a_loss_and_with_how_many_others() {
    let mut p = Person::at(FRAGILE);
    p.until("the findings", |app| app.report().is_some());
    while p.app().view().heat != Heat::Distance {
        p.send(Request::Named(UiCommand::Heat));
    }
    let journeys = figures::journeys(p.design());
    p.until("all cut sets", |app| {
        journeys.iter().all(|j| is_new(app.figures(), &(j.clone(), Extent::Whole)))
    });
    let known: Vec<_> = journeys
        .iter()
        .map(|j| p.app().figures().cut_sets[&(j.clone(), Extent::Whole)].figure.clone())
        .collect();
    for sets in &known {
        for (id, part) in &sets.parts {
            let of = |set: &&figures::CutSet| {
                set.elements.iter().any(|e| e.as_str().split('/').next() == Some(id))
            };
            let smallest = sets.sets.iter().filter(of).map(|s| s.elements.len()).min();
            assert_eq!(part.order, smallest, "{id}");
        }
    }
    // The only gateway is in the way of everybody.
    let order = |id: &str| known.iter().filter_map(|k| k.parts.get(id)?.order).min();
    assert_eq!((order("gateway"), order("catalogue")), (Some(1), Some(2)));
}

#[test]
fn recovery_names_the_longest_way_back_and_the_promises_that_are_broken() {
    let mut p = open(FRAGILE);
    show(&mut p, ReliabilityPage::Recovery, false);
    let journey = figures::journeys(p.design())[0].clone();
    p.until("the recovery", |app| app.figures().recovery.contains_key(&journey));
    p.frames(3);
    let design = p.design().clone();
    let facts = Facts::new(&design);
    let said = recoveries(&facts, |r| r.journey == journey).remove(0);
    let longest = said.failures.iter().map(|f| f.back.total()).max_by(|a, b| a.get().total_cmp(&b.get()));
    let head = format!("Back within {} of any single failure", longest.unwrap());
    assert!(p.harness().query_by_label(&head).is_some(), "{head}");
    let seen = rows(&mut p);
    assert!(seen[0].contains(&longest.unwrap().to_string()), "{seen:?}");
}

#[test]
fn what_is_promised_is_held_against_every_single_failure() {
    let mut d = Design { components: vec![Component::new("users", Kind::Client)], ..Design::default() };
    d.components.push(Component::new("web", Kind::Service));
    d.components.push(Component::new("db", Kind::RelationalStore));
    d.components[1].replicas = 2;
    d.links = vec![Link::new("a", "users", "web"), Link::new("b", "web", "db")];
    let mut buy = Journey::new("buy", "users");
    let key = buy.id.clone();
    d.journeys = vec![buy.clone()];
    let mut p = Person::with(d.clone());
    p.send(Request::View(Action::SetTab(BottomTab::Reliability)));
    show(&mut p, ReliabilityPage::Recovery, false);
    p.until("the recovery", |app| app.figures().recovery.contains_key(&key));
    p.press_on("State what is promised");
    assert_eq!(p.selected(), ["buy"]);

    // The other copy serves at once; the store is mended by hand.
    let of = |id: &str| {
        let found = p.app().figures().recovery[&key].figure.clone();
        found.failures.iter().find(|f| f.element == *id).unwrap().back.total()
    };
    let rto = Millis(60_000.0);
    assert!(of("web/1") < rto && rto < of("db/1"));
    buy.objective = Some(Objective { rto: Some(rto), ..Objective::default() });
    p.send(Request::Edit(Command::new("Promise", [Edit::Replace(Item::from(buy))])));
    p.until("the recovery", |app| app.figures().recovery.get(&key).is_some_and(|d| d.figure.rto.is_some()));
    p.frames(2);
    let said = format!("promised: back within {rto}, broken by 1 of 2 failures");
    assert!(p.harness().query_by_label_contains(&said).is_some(), "{said}");
    assert!(rows(&mut p)[0].starts_with("db"));
}

#[test]
fn an_edit_makes_the_figures_anew_and_moving_a_card_does_not() {
    let mut p = open(FRAGILE);
    let before = sets_of_first(&mut p);
    let meaning = p.app().figures().meaning;
    let at = p.middle_of("catalogue");
    p.drag(at, at + egui::vec2(0.0, 40.0));
    p.until("the analysis", App::is_analysed);
    assert_eq!(p.app().figures().meaning, meaning);
    assert!(p.app().session().revision() > 0);

    let mut catalogue = p.design().component("catalogue").unwrap().clone();
    catalogue.replicas = 1;
    p.send(Request::Edit(Command::new("One catalogue", [Edit::Replace(Item::from(catalogue))])));
    let after = sets_of_first(&mut p);
    assert!(p.app().figures().meaning > meaning);
    let count = |s: &figures::CutSets| s.solution.cut_sets.as_ref().unwrap().by_order[0].to_string();
    assert_ne!(count(&before), count(&after));
    let ones = count(&after);
    assert!(p.harness().query_by_label_contains(&format!("{ones} sets of one")).is_some());
}

#[test]
fn nothing_is_reckoned_while_nobody_looks() {
    let mut p = Person::at(FRAGILE);
    p.until("the analysis", App::is_analysed);
    p.frames(10);
    assert!(p.app().figures().losses.is_none() && p.app().figures().cut_sets.is_empty());
    p.send(Request::View(Action::Select(vec!["catalogue-db".into()])));
    p.until("what it costs", |app| app.figures().losses.is_some());
    p.frames(2);
    let cost = p.app().figures().expected_loss("catalogue-db").unwrap();
    let of = losses(&deploy::expand(p.design())).traffic;
    let sum: f64 =
        of.iter().filter(|l| l.element.as_str().starts_with("catalogue-db/")).map(|l| l.expected).sum();
    assert!((cost - sum).abs() < 1e-15);
    assert!(p.harness().query_by_label_contains(&words::per_year(cost)).is_some());
}

#[test]
fn sets_of_more_than_three_are_shown_on_demand() {
    let mut p = open(GOOD);
    let whole = sets_of_first(&mut p);
    let larger = whole.sets.iter().filter(|s| s.elements.len() > 3).count();
    assert!(larger > 0);
    p.harness().get_by_label("Find an element").focus();
    p.frames(2);
    let with = |s: &&figures::CutSet| s.elements.iter().any(|e| e.as_str().starts_with("catalogue-us/"));
    let name = words::element(p.design(), "catalogue-us");
    p.write(&name);
    // By the keys to the end of the table, which is longer than the room.
    let (small, large): (Vec<_>, Vec<_>) =
        whole.sets.iter().filter(with).partition(|s| s.elements.len() <= 3);
    assert!(!small.is_empty() && !large.is_empty());
    let label = format!("Show {} sets of more than three", large.len());
    let first = rows(&mut p)[0].clone();
    p.press_on(&first);
    for _ in 0..small.len() {
        p.key(Key::ArrowDown);
    }
    p.harness().get_by_role_and_label(Role::Button, &label).click();
    p.frames(3);
    assert!(p.harness().query_by_role_and_label(Role::Button, &label).is_none());
}

#[test]
fn a_part_of_a_journey_can_be_asked_about() {
    let mut d = Design { components: vec![Component::new("users", Kind::Client)], ..Design::default() };
    d.components.push(Component::new("db", Kind::RelationalStore));
    d.components[1].sharding = Some(Sharding { shards: 2, ..Sharding::default() });
    d.links = vec![Link::new("l", "users", "db")];
    let mut p = Person::with(d);
    p.send(Request::View(Action::SetTab(BottomTab::Reliability)));
    let whole = sets_of_first(&mut p);
    assert!(whole.has_parts);
    let key = (figures::journeys(p.design())[0].clone(), Extent::Part);
    let shown = ReliabilityView { extent: Extent::Part, ..p.app().view().reliability.clone() };
    p.send(Request::View(Action::ShowReliability(shown)));
    p.until("the sets of a part", |app| is_new(app.figures(), &key));
    let part = p.app().figures().cut_sets[&key].figure.clone();
    // One shard stops the keys on it; only both of them stop everyone.
    let orders = |s: &figures::CutSets| s.sets.iter().map(|s| s.elements.len()).collect::<Vec<_>>();
    assert_eq!((orders(&whole), orders(&part)), (vec![2], vec![1, 1]));
    p.frames(2);
    let time = words::per_year(part.solution.probability.unwrap().value);
    assert!(p.harness().query_by_label_contains(&time).is_some(), "{time}");
}

#[test]
fn causes_without_a_rate_are_said_to_be_missing() {
    let mut p = open(GOOD);
    let found = sets_of_first(&mut p);
    let singles: BTreeSet<&ElementId> =
        found.sets.iter().filter(|s| s.chance.is_none()).flat_map(|s| &s.elements).collect();
    let unrated: BTreeSet<&ElementId> = found.unrated.iter().collect();
    assert!(!unrated.is_empty() && unrated.is_subset(&singles));
    let said = format!("{} causes unrated", unrated.len());
    assert!(p.harness().query_by_label_contains(&said).is_some(), "{said}");
    assert!(rows(&mut p)[0].contains("no rate"));
}

#[test]
fn elements_bear_the_names_that_the_window_gives_them() {
    for text in [FRAGILE, GOOD] {
        let design = linchpin::file::Document::parse(text, "template").unwrap().design().clone();
        for (id, element) in figures::elements(&deploy::expand(&design)) {
            assert_eq!(element.name, name(&design, &id), "{id}");
        }
    }
}

#[test]
fn a_design_without_journeys_says_what_to_do_next() {
    let mut p = Person::with(Design::default());
    p.send(Request::View(Action::SetTab(BottomTab::Reliability)));
    assert!(p.harness().query_by_label("Pick up clients").is_some());

    // Links, but no client.
    let mut d = Design { components: vec![Component::new("web", Kind::Service)], ..Design::default() };
    d.components.push(Component::new("db", Kind::RelationalStore));
    d.links = vec![Link::new("l", "web", "db")];
    let mut p = Person::with(d);
    p.send(Request::View(Action::SetTab(BottomTab::Reliability)));
    assert!(p.harness().query_by_label("Pick up clients").is_some());
}

#[test]
fn work_that_is_called_off_has_no_answer() {
    let design = linchpin::file::Document::parse(GOOD, "good").unwrap().design().clone();
    let deployment = deploy::expand(&design);
    let off = AtomicBool::new(true);
    let journey = figures::journeys(&design)[0].clone();
    assert!(figures::cut_sets(&deployment, &journey, Extent::Whole, &off).is_none());
    assert!(figures::losses(&deployment, &off).is_none());
    assert!(figures::recovery(&design, &journey, &off).is_none());
}
