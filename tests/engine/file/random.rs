//! Laws that hold for every design, on random ones.

use std::collections::BTreeMap;

use linchpin::design::*;
use linchpin::file::{Document, format_text};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Strategy;

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => Just(String::new()),
        3 => "[a-z ]{1,12}",
        2 => any::<String>(),
        1 => select(vec!["\"", "\\", "a\nb", "*/", "//", "/*", "r#\"", "\u{202e}", "é☃", "\0", "None", "{}", "l\r\n"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Few, so that two designs have elements in common.
fn id(kind: &'static str) -> BoxedStrategy<String> {
    (0..6u8).prop_map(move |n| format!("{kind}{n}")).boxed()
}

fn millis() -> BoxedStrategy<Millis> {
    select(vec!["0 ms", "0.25 ms", "300 ms", "1.5 s", "2 min", "6 h", "30 d"])
        .prop_map(|t| t.parse().unwrap())
        .boxed()
}

fn real() -> BoxedStrategy<f64> {
    prop_oneof![
        select(vec![0.0, 1.0, -0.0, 0.5, 1e-9, 1e21, 12.25, f64::MAX, f64::MIN_POSITIVE]),
        any::<f64>().prop_filter("finite", |f| f.is_finite()),
    ]
    .boxed()
}

fn point() -> BoxedStrategy<Point> {
    let side = || any::<f32>().prop_filter("finite", |f| f.is_finite());
    (side(), side()).prop_map(|(x, y)| Point { x, y }).boxed()
}

fn reliability() -> BoxedStrategy<Reliability> {
    (millis(), millis()).prop_map(|(mtbf, mttr)| Reliability { mtbf, mttr }).boxed()
}

fn replication() -> BoxedStrategy<Replication> {
    let backup = (0..3u8, any::<bool>(), vec(id("c"), 0..3), option::of(millis()), option::of(millis()))
        .prop_map(|(sync, automatic, voters, after, detect_after)| {
            Replication::PrimaryBackup(PrimaryBackup {
                sync: [Sync::Async, Sync::SemiSync(2), Sync::Sync][usize::from(sync)],
                failover: if automatic { Failover::Automatic } else { Failover::Manual },
                voters: voters.into_iter().map(Into::into).collect(),
                on_backup_loss: after.map_or(OnBackupLoss::Block, OnBackupLoss::AsyncAfter),
                detect_after,
            })
        });
    prop_oneof![
        Just(Replication::None),
        backup,
        option::of(id("c")).prop_map(|c| Replication::Chain(Chain { coordinator: c.map(Into::into) })),
        option::of(millis()).prop_map(|t| {
            Replication::Consensus(Consensus { protocol: ConsensusProtocol::Paxos, election_timeout: t })
        }),
        (0..4u32, 0..4u32, 0..4u32, any::<bool>()).prop_map(|(n, r, w, sloppy)| {
            Replication::Quorum(Quorum { n, r, w, sloppy, ..Quorum::default() })
        }),
        select(vec![Merge::LastWriteWins, Merge::VectorClocks, Merge::Crdt])
            .prop_map(|merge| Replication::MultiPrimary(MultiPrimary { merge })),
    ]
    .boxed()
}

fn sharding() -> BoxedStrategy<Sharding> {
    let strategy = prop_oneof![
        Just(linchpin::design::Strategy::Hash),
        any::<u32>().prop_map(|virtual_nodes| linchpin::design::Strategy::ConsistentHash { virtual_nodes }),
        Just(linchpin::design::Strategy::Jump),
        vec(real(), 0..4).prop_map(|splits| linchpin::design::Strategy::Range { splits }),
    ];
    let shape = prop_oneof![
        Just(KeyShape::Uniform),
        real().prop_map(|exponent| KeyShape::Zipf { exponent }),
        (any::<u32>(), real()).prop_map(|(keys, share)| KeyShape::HotKeys { keys, share }),
    ];
    (any::<u32>(), strategy, text(), shape, 0..3u32)
        .prop_map(|(shards, strategy, key, shape, count)| Sharding {
            shards,
            strategy,
            key,
            keys: KeyDistribution { shape, count },
        })
        .boxed()
}

fn slot() -> BoxedStrategy<Slot> {
    let need =
        prop_oneof![Just(Need::All), Just(Need::Any), any::<u32>().prop_map(Need::KOf), Just(Need::Optional)];
    let when = prop_oneof![Just(When::EachRequest), Just(When::AtStart), millis().prop_map(When::Every)];
    (text(), need, when, text(), 0..3u32)
        .prop_map(|(name, need, when, fallback, tries)| Slot { name, need, when, fallback, tries })
        .boxed()
}

fn component() -> BoxedStrategy<Component> {
    let plain = (
        id("c"),
        text(),
        select(Kind::ALL.to_vec()),
        text(),
        vec(text(), 0..3),
        any::<u32>(),
        vec(id("z"), 0..3),
    );
    let groups = (
        vec(slot(), 0..3),
        option::of(replication()),
        option::of(sharding()),
        option::of(reliability()),
        option::of((option::of(millis()), any::<bool>())),
        option::of(option::of(millis())),
        btree_map(id("z"), real(), 0..3),
    );
    let more = (
        any::<bool>(),
        any::<bool>(),
        real(),
        vec((text(), text()), 0..2),
        option::of(millis()),
        option::of(real()),
    );
    (plain, groups, more)
        .prop_map(|(plain, groups, more)| {
            let mut c = Component::new(plain.0, plain.2);
            (c.name, c.about, c.tags, c.replicas) = (plain.1, plain.3, plain.4, plain.5);
            c.zones = plain.6.into_iter().map(Into::into).collect();
            (c.slots, c.replication, c.sharding, c.reliability) = (groups.0, groups.1, groups.2, groups.3);
            c.data = groups.4.map(|(retention, archived)| Data { retention, archived, ..Data::default() });
            c.cache = groups.5.map(|ttl| CacheSettings { ttl, ..CacheSettings::default() });
            c.client_weights = groups.6.into_iter().map(|(z, w)| (z.into(), w)).collect();
            c.security = Security { admin: more.0, audit_log: more.1, ..Security::default() };
            c.cost_per_month = more.2;
            c.interfaces = (more.3.into_iter())
                .map(|(name, version)| Interface { name, version, ..Interface::default() })
                .collect();
            c.restart = more.4.map_or(Restart::Never, Restart::After);
            c.release = if more.0 { Release::Canary } else { Release::Unstated };
            if let Some(p99_ratio) = more.5 {
                c.service.distribution = Distribution::LogNormal { p99_ratio };
            }
            c
        })
        .boxed()
}

fn link() -> BoxedStrategy<Link> {
    let ends = (id("l"), id("c"), id("c"), select(Interaction::ALL.to_vec()), text(), text());
    let policy = (option::of(millis()), 0..4u32, any::<bool>(), option::of((any::<u32>(), millis())));
    let rest = (
        option::of(real()),
        option::of(any::<bool>()),
        option::of(replication()),
        option::of(millis()),
        real(),
    );
    (ends, policy, rest)
        .prop_map(|(ends, policy, rest)| {
            let mut l = Link::new(ends.0, ends.1, ends.2);
            (l.interaction, l.label, l.slot) = (ends.3, ends.4, ends.5);
            let breaker = policy.3.map(|(failures, reset)| Breaker { failures, reset });
            l.policy = Policy {
                timeout: policy.0,
                tries: policy.1,
                jittered: policy.2,
                breaker,
                ..Policy::default()
            };
            (l.weight, l.tls, l.replication) = (rest.0, rest.1, rest.2);
            l.heartbeat = rest.3.map(|every| Heartbeat { every: Some(every), ..Heartbeat::default() });
            l.network.loss = rest.4;
            l.outbox = rest.1 == Some(true);
            l
        })
        .boxed()
}

fn step() -> BoxedStrategy<Step> {
    let flat = (
        id("l"),
        option::of(select(vec![Op::Read, Op::Write, Op::WaitForEffect])),
        option::of(any::<bool>()),
        text(),
    );
    let leaf = flat.prop_map(|(link, op, idempotent, effect)| Step {
        link: link.into(),
        op,
        idempotent,
        effect,
        ..Step::default()
    });
    leaf.prop_recursive(4, 12, 3, |inner| {
        (id("l"), vec(inner, 0..3)).prop_map(|(link, then)| Step {
            link: link.into(),
            then,
            ..Step::default()
        })
    })
    .boxed()
}

prop_compose! {
    fn design()(
        names in (text(), text()),
        zones in vec((id("z"), text(), select(ZoneKind::ALL.to_vec()), option::of(id("z")), option::of(reliability())), 0..4),
        components in vec(component(), 0..5),
        links in vec(link(), 0..5),
        causes in vec((id("x"), text(), vec(id("c"), 0..3)), 0..3),
        journeys in vec((id("j"), id("c"), real(), vec(step(), 0..3), option::of(real())), 0..3),
        notes in vec((text(), vec(id("c"), 0..2), option::of(point())), 0..4),
        decisions in vec((text(), text(), any::<bool>()), 0..3),
        accepted in vec((text(), text()), 0..3),
        places in btree_map(id("c"), point(), 0..4),
        bends in btree_map(id("l"), vec(point(), 0..3), 0..3),
    ) -> Design {
        Design {
            name: names.0,
            about: names.1,
            zones: zones.into_iter().map(|(id, name, kind, parent, reliability)| Zone {
                id: id.into(), name, kind, parent: parent.map(Into::into), reliability, ..Zone::default()
            }).collect(),
            components,
            links,
            causes: causes.into_iter().map(|(id, name, members)| Cause {
                id: id.into(), name, members: members.iter().map(ElementId::new).collect(), ..Cause::default()
            }).collect(),
            journeys: journeys.into_iter().map(|(id, client, share, steps, availability)| {
                let mut j = Journey::new(id, client);
                (j.share, j.steps) = (share, steps);
                j.objective = availability.map(|a| Objective { availability: Some(a), ..Objective::default() });
                j
            }).collect(),
            notes: notes.into_iter().map(|(text, about, at)| Note {
                text, about: about.iter().map(ElementId::new).collect(), at
            }).collect(),
            decisions: decisions.into_iter().map(|(title, context, old)| Decision {
                title, context,
                status: if old { DecisionStatus::Superseded } else { DecisionStatus::Proposed },
                ..Decision::default()
            }).collect(),
            accepted: accepted.into_iter().map(|(finding, reason)| Accepted {
                finding, reason, ..Accepted::default()
            }).collect(),
            drawing: Drawing {
                components: places.into_iter().map(|(c, p)| (c.into(), p)).collect(),
                zones: BTreeMap::new(),
                links: bends.into_iter().map(|(l, bends)| (l.into(), LinkDrawing { bends })).collect(),
            },
        }
    }
}

/// What the `ron` crate reads with the two extensions that canonical form makes use of.
fn ron_reads(text: &str) -> Result<Design, String> {
    use ron::extensions::Extensions;
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
        .from_str(text)
        .map_err(|e| e.to_string())
}

/// Puts comments, blank lines, unknown fields and odd line ends between the lines of a canonical text.
fn disturb(text: &str, seed: u64) -> (String, Vec<String>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut out, mut marks) = (String::new(), Vec::new());
    for line in text.lines() {
        let end = if random.u8(..5) == 0 { "\r\n" } else { "\n" };
        let mark = format!("kept-{}!", marks.len());
        let words = line.trim_start().split(':').next().unwrap_or_default();
        let is_field = line.contains(": ")
            && !words.is_empty()
            && words.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        match random.u8(..12) {
            0 => out += &format!("// {mark}{end}"),
            1 => out += &format!("{end}{end}   /* {mark} */{end}{end}"),
            2 if is_field => {
                out += &format!(
                    "  later_{}: maybe(\"{mark}\", [1, 'x', (a: -0x1F, b: {{\"k\": None}})]),{end}",
                    marks.len()
                )
            }
            // A variant that this version does not know, in a field that may be left out.
            4..8 if line.starts_with("            kind: ") => {
                out += &format!("sessions: hive_mind(\"{mark}\", 3), {end}");
            }
            3 => {
                out += &format!("{line} // {mark}{end}");
                marks.push(mark);
                continue;
            }
            _ => {
                out += line;
                out += end;
                continue;
            }
        }
        marks.push(mark);
        out += line;
        out += end;
    }
    (out, marks)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(design in design()) {
        let text = Document::new(design.clone()).render(&design);
        let document = Document::parse_unchecked(&text, "a").map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(document.design(), &design);
        prop_assert_eq!(document.warnings(), &[]);
        prop_assert_eq!(document.render(&design), text.clone());
        prop_assert_eq!(format_text(&text).unwrap(), text);
    }

    #[test]
    fn the_ron_crate_reads_the_same(design in design()) {
        let text = Document::new(design.clone()).render(&design);
        prop_assert_eq!(ron_reads(&text), Ok(design), "{}", text);
    }

    #[test]
    fn what_the_ron_crate_writes_reads_the_same(design in design(), names in any::<bool>()) {
        let pretty = ron::ser::PrettyConfig::new().struct_names(names);
        let text = ron::ser::to_string_pretty(&design, pretty).unwrap();
        let read = Document::parse_unchecked(&text, "a").map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(read.design(), &design);
        let tidy = format_text(&text).unwrap();
        prop_assert_eq!(format_text(&tidy).unwrap(), tidy.clone());
    }

    #[test]
    fn an_edit_arrives_and_loses_nothing(before in design(), after in design(), seed in any::<u64>()) {
        let clean = Document::new(before.clone()).render(&before);
        let (text, marks) = disturb(&clean, seed);
        let document = Document::parse_unchecked(&text, "a").map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(document.design(), &before);
        let tidy = document.render(&before);
        prop_assert_eq!(format_text(&tidy).unwrap(), tidy.clone());
        for mark in &marks {
            prop_assert_eq!(tidy.matches(mark.as_str()).count(), 1, "{} in {}\nof {}", mark, tidy, text);
        }
        let edited = document.render(&after);
        let read = Document::parse_unchecked(&edited, "b").map_err(|e| TestCaseError::fail(format!("{e}\n{edited}")))?;
        prop_assert_eq!(read.design(), &after, "{}", edited);
        prop_assert_eq!(format_text(&edited).unwrap(), edited);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), inside in ".{0,40}") {
        for text in [text, format!("Design({inside})"), format!("Design(name: {inside})")] {
            if let Err(error) = format_text(&text) {
                prop_assert!(error.line >= 1 && !error.to_string().contains('\n'));
            }
        }
    }
}
