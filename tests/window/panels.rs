//! The panels with states that are made up: what they show, and what they ask for.

use std::collections::BTreeMap;

use egui::Vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use linchpin::analysis::harden::Watch;
use linchpin::analysis::{self, Report};
use linchpin::design::{Component, Design, ElementId, Journey, Kind, Link};
use linchpin::edit::Session;
use linchpin::edit::commands::carry_out;
use linchpin::gui::command::{Action, CommandSender, Effect, Fault, Request, Tone};
use linchpin::gui::context::{
    ClaimRow, ClaimVerdict, ComparisonView, Ctx, FaultSpan, ImpactView, InstanceLive, JourneyLive, LiveEvent,
    LivePhase, LiveView, NodeState, Outcome, Preview, ProofView, Sample, SessionInfo,
};
use linchpin::gui::figures::Figures;
use linchpin::gui::view::{BottomTab, Mode, ViewState};
use linchpin::gui::{inspector, panels, style};
use linchpin::scene::{Shade, Theme};

/// What the panels are told.
#[derive(Default)]
struct Bench {
    design: Design,
    report: Option<Report>,
    impact: ImpactView,
    figures: Figures,
    live: Option<LiveView>,
    proof: ProofView,
    comparison: Option<ComparisonView>,
    preview: Option<Preview>,
    view: ViewState,
    commands: CommandSender,
    asked: Vec<Request>,
}

type Part = fn(&mut egui::Ui, &Ctx<'_>);

fn show(bench: Bench, part: Part, size: Vec2) -> Harness<'static, Bench> {
    let mut harness = Harness::builder().with_size(size).with_context_setup(style::install).build_ui_state(
        move |ui, b: &mut Bench| {
            let ctx = Ctx {
                design: &b.design,
                session: SessionInfo::default(),
                view: &b.view,
                report: b.report.as_ref(),
                impact: &b.impact,
                figures: &b.figures,
                live: b.live.as_ref(),
                proof: &b.proof,
                comparison: b.comparison.as_ref(),
                preview: b.preview.as_ref(),
                theme: Theme::of(Shade::Dark),
                commands: &b.commands,
            };
            part(ui, &ctx);
            let asked = b.commands.take();
            b.asked.extend(asked);
        },
        bench,
    );
    harness.run_ok();
    harness.state_mut().asked.clear();
    harness
}

fn bottom(bench: Bench) -> Harness<'static, Bench> {
    show(bench, panels::bottom_ui, Vec2::new(1076.0, 236.0))
}

/// What was asked for, without what follows the pointer.
fn asked(h: &Harness<'_, Bench>) -> Vec<Request> {
    let passing = |r: &&Request| !matches!(r, Request::View(Action::Hover(_)));
    h.state().asked.iter().filter(passing).cloned().collect()
}

fn shop() -> Design {
    Design {
        components: vec![
            Component::new("users", Kind::Client),
            Component::new("web", Kind::Service),
            Component::new("cart", Kind::Service),
            Component::new("db", Kind::RelationalStore),
        ],
        links: vec![
            Link::new("users-web", "users", "web"),
            Link::new("web-cart", "web", "cart"),
            Link::new("cart-db", "cart", "db"),
        ],
        journeys: vec![Journey::new("buy", "users")],
        ..Design::default()
    }
}

fn with_report() -> Bench {
    let design = shop();
    let report = Some(analysis::run(&design, &analysis::Options::default()));
    Bench { design, report, ..Bench::default() }
}

fn running() -> Bench {
    let design = shop();
    let up = |pid| InstanceLive {
        state: NodeState::Up,
        pid: Some(pid),
        address: format!("127.0.0.1:{pid}"),
        rate: Some(20.0),
        error_share: Some(0.0),
        latency_ms: Some(4.0),
    };
    let mut live = LiveView { phase: LivePhase::Running, elapsed_ms: 30_000, ..LiveView::default() };
    live.instances =
        BTreeMap::from([("web/1".into(), up(4001)), ("cart/1".into(), up(4002)), ("db/1".into(), up(4003))]);
    let samples = (0..30)
        .map(|s| Sample {
            at_ms: s * 1000,
            offered: 20,
            ok: if s > 20 { 0 } else { 20 },
            failed: if s > 20 { 20 } else { 0 },
            p50_ms: Some(4.0),
            p99_ms: Some(9.0),
        })
        .collect();
    let buy = JourneyLive {
        success: Some(0.0),
        samples,
        predicted_share: Some(0.0),
        predicted: Some(Outcome::Lost),
    };
    live.journeys.insert("buy".into(), buy);
    live.events.push_back(LiveEvent {
        at_ms: 21_000,
        tone: Tone::Bad,
        text: "db/1 killed by hand".into(),
        subject: Some("db/1".into()),
    });
    live.faults.push(FaultSpan {
        from_ms: 21_000,
        to_ms: None,
        label: "kill db/1".into(),
        subject: Some("db/1".into()),
    });
    let mut bench = Bench { design, live: Some(live), ..Bench::default() };
    bench.view.mode = Mode::Run;
    bench
}

fn claim(id: &str, verdict: ClaimVerdict) -> ClaimRow {
    ClaimRow {
        id: id.into(),
        fault: id.into(),
        elements: vec![ElementId::new(id)],
        journey: "buy".into(),
        effect: String::new(),
        predicted: Outcome::Lost,
        predicted_share: 0.0,
        observed_share: (verdict != ClaimVerdict::Waiting).then_some(0.0),
        requests: 640,
        verdict,
        attempts: u32::from(verdict != ClaimVerdict::Waiting),
        note: String::new(),
        tried_on: 0,
        tried_at_s: 0,
    }
}

#[test]
fn every_tab_of_every_mode_shows_something_for_an_empty_design_and_all_inputs_have_names() {
    for mode in Mode::ALL {
        for tab in mode.tabs() {
            let mut bench = Bench { report: Some(Report::default()), ..Bench::default() };
            bench.view.mode = mode;
            bench.view.set_tab(*tab);
            let h = bottom(bench);
            assert!(h.query_by_label(tab.title()).is_some(), "{mode:?} {tab:?}");
            h.check_accessibility();
        }
    }
}

#[test]
fn a_finding_is_focused_by_a_press_and_its_fix_is_one_command_that_applies() {
    let bench = with_report();
    let report = bench.report.clone().unwrap();
    let (first, fixable) =
        (report.findings[0].clone(), report.findings.iter().find(|f| f.fix.is_some()).unwrap().clone());
    let mut h = bottom(bench);
    h.get_all_by_label_contains(&first.title).next().unwrap().click();
    h.run_ok();
    assert!(
        asked(&h).contains(&Request::View(Action::FocusFinding(Some(first.id.clone())))),
        "{:?}",
        asked(&h)
    );

    let fix = fixable.fix.as_ref().unwrap();
    let command = carry_out(&h.state().design, fix.title.as_str(), &fix.changes);
    let mut session = Session::new(h.state().design.clone());
    session.apply(command).unwrap();
    let after = analysis::run(session.design(), &analysis::Options::default());
    assert!(after.findings.iter().all(|f| f.id != fixable.id), "{} is still there", fixable.id);
    session.undo();
    assert_eq!(*session.design(), h.state().design);
}

#[test]
fn a_fix_is_thought_about_before_it_is_made() {
    let bench = with_report();
    let report = bench.report.clone().unwrap();
    let fixable =
        report.findings.iter().take(4).find(|f| f.fix.is_some()).expect("one of the first has a fix");
    let title = fixable.fix.as_ref().unwrap().title.clone();
    let mut h = bottom(bench);
    h.get_all_by_label(&title).next().unwrap().click();
    h.run_ok();
    let [Request::View(Action::Preview(Some(command))), ..] = &asked(&h)[..] else {
        panic!("{:?}", asked(&h));
    };
    let command = command.clone();
    assert_eq!(command.label, title);

    let mut bench = with_report();
    bench.view.preview = Some(command.clone());
    bench.preview = Some(Preview { gone: vec![fixable.text.clone()], ..Preview::default() });
    let mut h = show(bench, panels::bottom_ui, Vec2::new(1076.0, 700.0));
    h.run_ok();
    assert!(h.query_by_label_contains("1 finding taken away").is_some());
    h.get_by_label("Make this change").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::Edit(command.clone()), Request::View(Action::Preview(None))]);
    // What is proven stays thought about until that begins.
    h.state_mut().asked.clear();
    h.get_by_label("Prove side by side").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::Effect(Effect::Compare(command))]);
}

/// A change of which one fault has been tried beside the design, with that verdict after it.
fn comparison(bench: &Bench, verdict: ClaimVerdict) -> ComparisonView {
    let kept = ClaimRow {
        predicted: Outcome::Served,
        predicted_share: 1.0,
        observed_share: Some(1.0),
        requests: 512,
        ..claim("db", verdict)
    };
    ComparisonView {
        command: carry_out(&bench.design, "Add a standby", &[]),
        designs: (1, 2),
        running: false,
        status: String::new(),
        rows: vec![
            (claim("db", ClaimVerdict::Confirmed), Some(kept)),
            (claim("web", ClaimVerdict::Confirmed), None),
        ],
    }
}

fn side_by_side(
    design: u64,
    verdict: ClaimVerdict,
    change: fn(&mut ComparisonView),
) -> Harness<'static, Bench> {
    let mut bench = with_report();
    bench.view.mode = Mode::Prove;
    bench.view.set_tab(BottomTab::Comparison);
    bench.proof.design = design;
    let mut view = comparison(&bench, verdict);
    change(&mut view);
    bench.comparison = Some(view);
    bottom(bench)
}

#[test]
fn both_designs_stand_side_by_side_and_the_change_can_be_made_from_there() {
    let mut h = side_by_side(1, ClaimVerdict::Confirmed, |_| {});
    for shown in
        ["served, 100 % of 512", "lost, 0 % of 640", "not there", "2 confirmed lost as drawn, 1 of them"]
    {
        assert!(h.query_all_by_label_contains(shown).next().is_some(), "`{shown}` is not shown");
    }
    h.get_by_label("Make this change").click();
    h.run_ok();
    assert!(matches!(&asked(&h)[..], [Request::Edit(c)] if c.label == "Add a standby"), "{:?}", asked(&h));
    // Of another design it says nothing more than that, and it is not offered to make it.
    for (design, says) in [(2, "Made; undo takes it back"), (3, "The design has changed since")] {
        let h = side_by_side(design, ClaimVerdict::Confirmed, |_| {});
        assert!(h.query_by_label(says).is_some() && h.query_by_label("Make this change").is_none(), "{says}");
    }
    let h = side_by_side(1, ClaimVerdict::Refuted, |_| {});
    assert!(h.query_by_label_contains("1 claim refuted").is_some());
}

#[test]
fn a_comparison_under_way_is_shown_and_can_be_ended() {
    let mut h = side_by_side(1, ClaimVerdict::Trying, |view| {
        view.running = true;
        view.status = "as drawn, 1 of 2: db/1".into();
    });
    assert!(h.query_by_label("Comparing").is_some() && h.query_by_label("Make this change").is_none());
    h.get_by_label("Stop comparing").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::Effect(Effect::CancelComparison)]);
    let mut h = side_by_side(1, ClaimVerdict::Waiting, |view| {
        view.rows.clear();
        view.status = "the cluster did not start: no port is free".into();
    });
    assert!(h.query_by_label_contains("The cluster did not start").is_some());
    h.get_by_label("Put it away").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::View(Action::DropComparison)]);
}

#[test]
fn a_hardened_design_is_one_command_that_can_be_taken_back() {
    let mut h = show(with_report(), inspector::inspector_ui, Vec2::new(312.0, 900.0));
    h.get_by_label("Harden the design…").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::View(Action::Harden)]);

    let design = h.state().design.clone();
    let plan =
        linchpin::gui::planner::hardened(&design, Watch::NOBODY).expect("there is something to harden");
    assert!(!plan.faults.is_empty(), "what stopped a journey can be tried");
    let mut session = Session::new(design.clone());
    session.apply(plan.command).expect("it applies");
    let points = |d: &linchpin::design::Design| -> usize {
        analysis::harden::Standing::of(d).points.iter().map(std::collections::BTreeSet::len).sum()
    };
    assert!(points(session.design()) < points(&design));
    session.undo();
    assert_eq!(*session.design(), design);
}

#[test]
fn what_cannot_be_reckoned_is_said_with_the_reason() {
    let mut bench = with_report();
    bench.impact.refused = "links[l].to: there is no component `x`".into();
    bench.view.set_tab(BottomTab::Reliability);
    let h = bottom(bench);
    assert!(h.query_by_label_contains("there is no component `x`").is_some());
    let mut bench = with_report();
    bench.view.set_tab(BottomTab::Reliability);
    assert!(bottom(bench).query_by_label_contains("being reckoned").is_some());
}

#[test]
fn the_filter_of_a_severity_hides_its_rows() {
    let bench = with_report();
    let report = bench.report.clone().unwrap();
    let errors: Vec<_> =
        report.findings.iter().filter(|f| f.severity == analysis::Severity::Error).cloned().collect();
    assert!(!errors.is_empty());
    let mut h = bottom(bench);
    let name = format!("Show {} error{}", errors.len(), if errors.len() == 1 { "" } else { "s" });
    h.get_by_label(&name).click();
    h.run_ok();
    assert!(h.query_all_by_label_contains(&errors[0].text).next().is_none());
}

#[test]
fn while_it_runs_a_selected_instance_is_killed_from_the_inspector() {
    let mut bench = running();
    bench.view.selection.set(["db/1".into()]);
    let mut h = show(bench, inspector::inspector_ui, Vec2::new(312.0, 900.0));
    h.get_by_label("Kill").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::Effect(Effect::Fault(Fault::Kill("db/1".into())))]);
}

#[test]
fn the_faults_stand_on_the_left_while_it_runs() {
    let mut bench = running();
    bench.view.selection.set(["cart-db".into()]);
    let mut h = show(bench, panels::palette_ui, Vec2::new(212.0, 900.0));
    h.get_by_label("Cut").click();
    h.run_ok();
    let cut = Fault::Cut { from: "cart".into(), to: "db".into(), both: true };
    assert_eq!(asked(&h), [Request::Effect(Effect::Fault(cut))]);
}

#[test]
fn what_clients_see_is_drawn_and_what_happened_is_listed() {
    let h = bottom(running());
    assert!(h.query_by_label_contains("buy, success, now 0 %").is_some());
    assert!(h.query_by_label_contains("buy, latency p99, now 9").is_some());
    assert!(h.query_by_label_contains("db/1 killed by hand").is_some());
}

#[test]
fn claims_are_filtered_by_verdict_and_tried_again() {
    let mut bench = running();
    bench.view.set_tab(BottomTab::Proof);
    bench.proof.claims = vec![
        claim("web", ClaimVerdict::Confirmed),
        claim("cart", ClaimVerdict::Refuted),
        claim("db", ClaimVerdict::Waiting),
    ];
    let mut h = bottom(bench);
    h.get_by_label("Go on with 1").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::Effect(Effect::Prove(vec!["db".into()]))]);
    h.get_by_label("1 refuted").click();
    h.run_ok();
    assert!(h.query_by_label_contains("cart, ").is_some());
    assert!(h.query_by_label_contains("web, ").is_none());
}

#[test]
fn a_proof_under_way_is_shown_and_can_be_ended() {
    let mut bench = running();
    bench.view.set_tab(BottomTab::Proof);
    bench.proof.running = true;
    bench.proof.claims = vec![claim("web", ClaimVerdict::Confirmed), claim("db", ClaimVerdict::Trying)];
    let mut h = bottom(bench);
    assert!(h.query_by_label("Proving").is_some());
    h.get_by_label("Stop proving").click();
    h.run_ok();
    assert_eq!(asked(&h), [Request::Effect(Effect::CancelProof)]);
}

#[test]
fn the_palette_is_searched() {
    let mut h = show(Bench::default(), panels::palette_ui, Vec2::new(212.0, 900.0));
    assert!(h.query_by_label("Worker").is_some());
    h.get_by_label("Find a component").focus();
    h.run_ok();
    h.get_by_label("Find a component").type_text("queue");
    h.run_ok();
    assert!(h.query_by_label("Worker").is_none());
    h.get_by_label("Queue").click();
    h.run_ok();
    assert!(asked(&h).contains(&Request::View(Action::PickUp(Kind::Queue))), "{:?}", asked(&h));
}
