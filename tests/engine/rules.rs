//! The rule book on the templates: what it says of each was read and judged, and one edit of the good shop makes each
//! rule speak.

use std::collections::BTreeSet;

use linchpin::analysis::{self, Options, RULES, Report};
use linchpin::design::*;
use linchpin::edit::{Command, Edit, Item, ItemRef, Session};
use linchpin::file::{Document, TEMPLATES};

fn template(name: &str) -> Design {
    let t = TEMPLATES.iter().find(|t| t.name == name).expect("a template");
    Document::parse(t.text, t.name).unwrap_or_else(|e| panic!("{e}")).design().clone()
}

fn report(design: &Design) -> Report {
    analysis::run(design, &Options::default())
}

/// The rules that say something which nobody has accepted.
fn speaking(report: &Report) -> BTreeSet<&'static str> {
    report.open().map(|f| f.rule).collect()
}

/// What was read on each template and found to be right. The three advisories say what every journey needs as a whole
/// and what a partition costs; they are notes, and no design is without them.
#[test]
fn each_template_is_told_what_is_true_of_it_and_no_more() {
    let advisories = ["partition-cost", "spof-component", "spof-link"];
    let judged: [(&str, &[&str], &[&str]); 5] = [
        // One server and one database in one room, as its comment teaches; and nobody has backed it up.
        ("client-server", &["spof-link"], &["no-backup", "open-entry", "spof-instance", "spof-zone"]),
        ("three-tier", &advisories, &[]),
        // Reports stand once, in one zone, as the drawing means them to.
        ("n-tier", &advisories, &["spof-instance", "spof-zone"]),
        // All peers run one program.
        ("peer-to-peer", &["hidden-cause", "partition-cost", "spof-component", "spof-link"], &[]),
        ("ecommerce", &advisories, &[]),
    ];
    for (name, notes, others) in judged {
        let report = report(&template(name));
        let expected: BTreeSet<&str> = notes.iter().chain(others).copied().collect();
        assert_eq!(
            speaking(&report),
            expected,
            "{name}: {:#?}",
            report.open().map(|f| &f.text).collect::<Vec<_>>()
        );
        for f in report.open().filter(|f| notes.contains(&f.rule)) {
            assert_eq!(f.severity, analysis::Severity::Info, "{name}: {}", f.id);
        }
    }
}

/// A shop that is changed by commands, as a person in the window or a merge request would.
struct Shop {
    session: Session,
}

impl Shop {
    fn edit(&mut self, edit: Edit) {
        self.session.apply(Command::new("an edit", [edit])).unwrap_or_else(|e| panic!("{e}"));
    }

    fn component(&mut self, id: &str, change: impl FnOnce(&mut Component)) {
        let mut c = self.session.design().component(id).unwrap_or_else(|| panic!("no {id}")).clone();
        change(&mut c);
        self.edit(Edit::Replace(Item::Component(Box::new(c))));
    }

    fn link(&mut self, id: &str, change: impl FnOnce(&mut Link)) {
        let mut l = self.session.design().link(id).unwrap_or_else(|| panic!("no {id}")).clone();
        change(&mut l);
        self.edit(Edit::Replace(Item::Link(Box::new(l))));
    }

    fn journey(&mut self, id: &str, change: impl FnOnce(&mut Journey)) {
        let mut j = self.session.design().journey(id).unwrap_or_else(|| panic!("no {id}")).clone();
        change(&mut j);
        self.edit(Edit::Replace(Item::Journey(Box::new(j))));
    }

    fn zone(&mut self, id: &str, change: impl FnOnce(&mut Zone)) {
        let mut z = self.session.design().zone(id).unwrap_or_else(|| panic!("no {id}")).clone();
        change(&mut z);
        self.edit(Edit::Replace(Item::Zone(Box::new(z))));
    }

    fn add(&mut self, id: &str, kind: Kind) {
        self.edit(Edit::Insert { index: None, item: Item::Component(Box::new(Component::new(id, kind))) });
    }

    fn connect(&mut self, from: &str, to: &str, interaction: Interaction) {
        let link = Link { interaction, ..Link::new(format!("{from}-{to}"), from, to) };
        self.edit(Edit::Insert { index: None, item: Item::Link(Box::new(link)) });
    }

    fn call(&mut self, from: &str, to: &str) {
        self.connect(from, to, Interaction::Call);
    }

    /// Shoppers who only pay.
    fn new_journey(&mut self, id: &str) {
        self.call("shoppers", "payments");
        let mut journey = Journey::new(id, "shoppers");
        journey.deadline = Some(Millis(2000.0));
        journey.steps = vec![Step { link: "shoppers-payments".into(), ..Step::default() }];
        self.edit(Edit::Insert { index: None, item: Item::Journey(Box::new(journey)) });
    }

    /// Adds a step below each step along a link.
    fn then(&mut self, journey: &str, after: &str, step: &str) {
        self.journey(journey, |j| below(&mut j.steps, after, &Step { link: step.into(), ..Step::default() }));
    }

    fn remove(&mut self, item: ItemRef) {
        self.edit(Edit::Remove(item));
    }
}

fn below(steps: &mut [Step], after: &str, new: &Step) {
    for step in steps {
        if step.link == *after {
            step.then.push(new.clone());
        } else {
            below(&mut step.then, after, new);
        }
    }
}

fn each_step(steps: &mut [Step], change: &impl Fn(&mut Step)) {
    for step in steps {
        change(step);
        each_step(&mut step.then, change);
    }
}

type Row = (&'static str, &'static str, fn(&mut Shop));

/// Of each rule one edit of the good shop that makes it speak.
const EDITS: &[Row] = &[
    ("spof-instance", "one instance of login", |s| s.component("identity", |c| c.replicas = 1)),
    ("spof-zone", "login stands in one zone", |s| s.component("identity", |c| c.zones.truncate(1))),
    ("spof-cause", "a power feed under all voters", |s| {
        let cause = Cause { id: "power".into(), members: vec!["voters".into()], ..Cause::default() };
        s.edit(Edit::Insert { index: None, item: Item::Cause(cause) });
    }),
    ("spof-component", "one more journey, to payments alone", |s| s.new_journey("pay")),
    ("spof-link", "one more journey, to payments alone", |s| s.new_journey("pay")),
    ("hidden-cause", "nobody draws the certificate", |s| s.remove(ItemRef::Cause("certificate".into()))),
    ("shard-imbalance", "carts by equal ranges of skewed keys", |s| {
        s.component("carts", |c| {
            let keys = KeyDistribution { shape: KeyShape::Normal { deviation: 0.1 }, count: 0 };
            let strategy = Strategy::Range { splits: Vec::new() };
            c.sharding = Some(Sharding { shards: 4, strategy, keys, ..Sharding::default() });
        });
    }),
    ("hot-key", "one basket of a celebrity", |s| {
        s.component("carts", |c| {
            let keys = KeyDistribution { shape: KeyShape::HotKeys { keys: 1, share: 0.6 }, count: 0 };
            let strategy = Strategy::Rendezvous;
            c.sharding = Some(Sharding { shards: 4, strategy, keys, ..Sharding::default() });
        });
    }),
    ("split-brain", "nobody votes on the accounts", |s| {
        s.component("accounts", |c| {
            c.replication = Some(Replication::PrimaryBackup(PrimaryBackup {
                failover: Failover::Automatic,
                ..PrimaryBackup::default()
            }));
        });
    }),
    ("unmet-consistency", "carts are read anywhere", |s| {
        s.journey("check-out", |j| {
            each_step(&mut j.steps, &|step| {
                if step.link == *"cart-carts" {
                    step.from = ReadFrom::Any;
                }
            });
        });
    }),
    ("conflicting-writes", "both regions write accounts, the later clock wins", |s| {
        s.component("accounts", |c| c.replication = Some(Replication::MultiPrimary(MultiPrimary::default())));
        s.journey("log-in", |j| {
            j.consistency = Some(Consistency::Eventual);
            each_step(&mut j.steps, &|step| {
                if step.link == *"identity-accounts" {
                    step.op = Some(Op::Write);
                }
            });
        });
    }),
    ("partition-cost", "browsing asks the leader for the last write", |s| {
        s.journey("browse", |j| {
            j.consistency = Some(Consistency::Linearizable);
            each_step(&mut j.steps, &|step| step.from = ReadFrom::Leader);
        });
    }),
    ("no-monitoring", "monitoring goes", |s| {
        let telemetry: Vec<LinkId> =
            s.session.design().links_to("monitoring").map(|l| l.id.clone()).collect();
        telemetry.into_iter().for_each(|l| s.remove(ItemRef::Link(l)));
        s.remove(ItemRef::Component("monitoring".into()));
    }),
    ("no-logging", "logging goes", |s| {
        let telemetry: Vec<LinkId> = s.session.design().links_to("logging").map(|l| l.id.clone()).collect();
        telemetry.into_iter().for_each(|l| s.remove(ItemRef::Link(l)));
        s.remove(ItemRef::Component("logging".into()));
    }),
    ("data-growth", "orders are kept for ever", |s| {
        s.component("orders-db-eu", |c| c.data.as_mut().unwrap().archived = false);
    }),
    ("missing-sharding", "four terabytes of orders", |s| {
        s.component("orders-db-eu", |c| c.data.as_mut().unwrap().size = Some(Bytes(4e12)));
    }),
    ("ignored-cap", "log in says nothing of consistency", |s| s.journey("log-in", |j| j.consistency = None)),
    ("no-timeout", "browse has no deadline", |s| s.journey("browse", |j| j.deadline = None)),
    ("late-timeout", "the cart waits longer than its user", |s| {
        s.link("cart-carts", |l| l.policy.timeout = Some(Millis(9000.0)));
    }),
    ("unsafe-retry", "orders are written again without a key", |s| {
        s.link("orders-eu-orders-db-eu", |l| l.policy.tries = 2);
        s.journey("check-out", |j| each_step(&mut j.steps, &|step| step.idempotent = None));
    }),
    ("missing-health-check", "the edge checks nothing", |s| s.component("edge-eu", |c| c.detector = None)),
    ("no-backup", "no backup of the accounts", |s| {
        s.component("accounts", |c| c.data.as_mut().unwrap().backup = None);
    }),
    ("no-consumer", "nobody fulfils", |s| {
        s.journey("check-out", |j| {
            each_step(&mut j.steps, &|step| step.then.retain(|t| t.link != *"order-events-fulfilment"));
        });
        s.remove(ItemRef::Link("order-events-fulfilment".into()));
    }),
    ("unbounded-queue", "events without a bound", |s| s.component("order-events", |c| c.queue = None)),
    ("cannot-start-cold", "payments need the orders that need them", |s| s.call("payments", "orders-eu")),
    ("synchronous-cycle", "payments ask the orders that ask them", |s| s.call("payments", "orders-eu")),
    ("long-call-chain", "payments through three more hands", |s| {
        for (from, to) in [("payments", "fraud"), ("fraud", "risk"), ("risk", "ledger")] {
            s.add(to, Kind::Service);
            s.call(from, to);
            s.then("check-out", to_of(from), &format!("{from}-{to}"));
        }
        s.then("check-out", "orders-us-payments", "payments-fraud");
    }),
    ("no-tracing", "payments ask a fraud check", |s| {
        s.add("fraud", Kind::Service);
        s.call("payments", "fraud");
        s.then("check-out", "orders-eu-payments", "payments-fraud");
    }),
    ("wide-fan-out", "a page of eight more parts", |s| {
        for n in 1..=8 {
            let part = format!("part-{n}");
            s.add(&part, Kind::Service);
            s.call("catalogue-eu", &part);
            s.then("browse", "gateway-eu-catalogue-eu", &format!("catalogue-eu-{part}"));
        }
    }),
    ("retry-without-backoff", "four tries at the payments", |s| {
        s.link("orders-eu-payments", |l| l.policy.tries = 4);
    }),
    ("retry-amplification", "three tries at each of two layers", |s| {
        for link in ["gateway-eu-orders-eu", "orders-eu-payments"] {
            s.link(link, |l| {
                l.policy =
                    Policy { tries: 3, backoff: Some(Millis(10.0)), jittered: true, ..Policy::default() };
            });
        }
    }),
    ("no-breaker", "somebody else takes the payments", |s| {
        s.component("payments", |c| c.kind = Kind::ExternalSystem);
    }),
    ("no-bulkhead", "the catalogue asks a third party for ratings", |s| {
        s.add("ratings", Kind::ExternalSystem);
        s.call("catalogue-eu", "ratings");
        s.then("browse", "gateway-eu-catalogue-eu", "catalogue-eu-ratings");
    }),
    ("no-dead-letter", "fulfilment writes to the orders", |s| s.call("fulfilment", "orders-db-eu")),
    ("early-redelivery", "fulfilment takes three seconds", |s| {
        s.component("fulfilment", |c| c.service.time = Some(Millis(3000.0)));
    }),
    ("volatile-queue", "events are kept in memory", |s| {
        s.component("order-events", |c| c.queue.as_mut().unwrap().durable = Some(false));
    }),
    ("slow-consumer", "fulfilment takes a minute", |s| {
        s.component("fulfilment", |c| c.service.time = Some(Millis(60_000.0)));
    }),
    ("sticky-sessions", "carts live in the service", |s| {
        s.component("cart", |c| c.sessions = Sessions::Local)
    }),
    ("state-in-stateless-tier", "the gateway keeps uploads", |s| {
        s.component("gateway-eu", |c| c.data = Some(Data { size: Some(Bytes(1e9)), ..Data::default() }));
    }),
    ("shared-database", "payments and login read the orders", |s| {
        s.call("payments", "orders-db-eu");
        s.call("identity", "orders-db-eu");
    }),
    ("database-as-queue", "fulfilment polls the orders", |s| {
        s.journey("check-out", |j| {
            each_step(&mut j.steps, &|step| step.then.retain(|t| t.link != *"order-events-fulfilment"));
        });
        s.remove(ItemRef::Link("order-events-fulfilment".into()));
        s.call("fulfilment", "orders-db-eu");
    }),
    ("cache-only-copy", "baskets are kept in a cache", |s| {
        s.component("carts", |c| c.kind = Kind::Cache);
        s.journey("check-out", |j| {
            each_step(&mut j.steps, &|step| {
                if step.link == *"cart-carts" {
                    step.op = Some(Op::Write);
                }
            });
        });
    }),
    ("write-back-loss", "the cache writes later", |s| {
        s.component("cache-eu", |c| c.cache.as_mut().unwrap().writes = CacheWrites::Back);
    }),
    ("cold-cache", "a small catalogue store", |s| {
        s.component("catalogue-db-eu", |c| c.service.capacity = Some(PerSecond(4.0)));
    }),
    ("vertical-only-scaling", "one slow login", |s| {
        s.component("identity", |c| {
            c.replicas = 1;
            c.service.capacity = Some(PerSecond(6.0));
        });
    }),
    ("no-spare-capacity", "logins that take three a second each", |s| {
        s.component("identity", |c| c.service.capacity = Some(PerSecond(3.0)));
    }),
    ("autoscaling-headroom", "the cart scales when it is full", |s| {
        s.component("cart", |c| c.scale = Some(Scale { min: 2, max: 6, target: 0.95 }));
    }),
    ("cold-start", "the cart is a function", |s| {
        s.component("cart", |c| {
            c.kind = Kind::Function;
            c.function = Some(FunctionSettings { cold_start: Some(Millis(3000.0)), idle_after: None });
        });
    }),
    ("no-retention", "events are a stream without an end", |s| {
        s.component("order-events", |c| {
            c.kind = Kind::Stream;
            c.queue = None;
        });
    }),
    ("backup-same-zone", "orders are saved beside themselves", |s| {
        s.component("orders-db-eu", |c| {
            c.data.as_mut().unwrap().backup.as_mut().unwrap().zone = Some("eu-west-a".into());
        });
    }),
    ("restore-untested", "nobody has restored the accounts", |s| {
        s.component("accounts", |c| c.data.as_mut().unwrap().backup.as_mut().unwrap().restore_tested = false);
    }),
    ("rpo-at-risk", "no cart may be lost", |s| {
        s.journey("check-out", |j| {
            j.objective = Some(Objective { rpo: Some(Millis(0.0)), ..Objective::default() });
            each_step(&mut j.steps, &|step| {
                if step.link == *"cart-carts" {
                    step.op = Some(Op::Write);
                }
            });
        });
    }),
    ("rto-at-risk", "carts are to be back in 100 ms", |s| {
        s.journey("check-out", |j| {
            j.objective = Some(Objective { rto: Some(Millis(100.0)), ..Objective::default() });
        });
    }),
    ("missing-api-version", "the gateway offers orders", |s| {
        s.component("gateway-eu", |c| {
            c.interfaces.push(Interface { name: "orders".into(), ..Interface::default() })
        });
    }),
    ("big-bang-release", "the cart is released in one go", |s| {
        s.component("cart", |c| c.release = Release::AllAtOnce);
    }),
    ("no-synthetic-probe", "nobody tries to check out", |s| s.journey("check-out", |j| j.probe = None)),
    ("missing-fallback", "nobody says what stands in for the pictures", |s| {
        s.component("shoppers", |c| c.slots[0].fallback.clear());
    }),
    ("dual-write", "order and event without an outbox", |s| {
        s.link("orders-eu-order-events", |l| l.outbox = false);
    }),
    ("unused-component", "an old cache is left over", |s| s.add("old-cache", Kind::Cache)),
    ("start-dependency", "the gateway reads its configuration at start", |s| {
        s.add("config", Kind::Service);
        s.component("gateway-eu", |c| {
            c.slots.push(Slot { name: "config".into(), when: When::AtStart, ..Slot::default() });
        });
        let link = Link { slot: "config".into(), ..Link::new("gateway-eu-config", "gateway-eu", "config") };
        s.edit(Edit::Insert { index: None, item: Item::Link(Box::new(link)) });
    }),
    ("long-dns-ttl", "answers are used for an hour", |s| {
        s.component("dns", |c| c.resolver.as_mut().unwrap().ttl = Some(Millis(3_600_000.0)));
    }),
    ("hasty-failover", "the ocean between the orders takes 80 ms", |s| {
        s.link("orders-db-eu-orders-db-us", |l| l.network.latency = Some(Millis(80.0)));
    }),
    ("deep-health-check", "the edge asks what the gateway needs", |s| {
        s.component("edge-eu", |c| c.detector.as_mut().unwrap().mode = DetectorMode::Deep);
    }),
    ("shallow-health-check", "the edge also spreads to the catalogue", |s| s.call("edge-eu", "catalogue-eu")),
    ("monitor-in-same-zone", "monitoring moves beside the catalogue", |s| {
        s.component("monitoring", |c| c.zones = vec!["eu-west-b".into()]);
    }),
    ("unwatched-entry", "the gateways are no longer watched", |s| {
        for link in ["gateway-eu-monitoring", "gateway-us-monitoring"] {
            s.remove(ItemRef::Link(link.into()));
        }
    }),
    ("no-alerts", "nobody is on call", |s| s.component("monitoring", |c| c.owner.clear())),
    ("chatty-across-regions", "the gateway of one region stands in the other", |s| {
        s.component("gateway-eu", |c| c.zones = vec!["us-east".into()]);
    }),
    ("even-voters", "four voters", |s| s.component("voters", |c| c.replicas = 4)),
    ("lossy-failover", "orders are acknowledged at once", |s| {
        s.link("orders-db-eu-orders-db-us", |l| {
            if let Some(Replication::PrimaryBackup(pb)) = &mut l.replication {
                pb.sync = Sync::Async;
            }
        });
    }),
    ("stale-cache-read", "browsing asks for the last write", |s| {
        s.journey("browse", |j| j.consistency = Some(Consistency::Linearizable));
    }),
    ("hash-modulo", "carts in four shards by hash", |s| {
        s.component("carts", |c| c.sharding = Some(Sharding { shards: 4, ..Sharding::default() }));
    }),
    ("cross-shard-write", "check out writes all carts", |s| {
        s.component("carts", |c| {
            c.sharding = Some(Sharding { shards: 4, strategy: Strategy::Jump, ..Sharding::default() });
        });
        s.journey("check-out", |j| {
            each_step(&mut j.steps, &|step| {
                if step.link == *"cart-carts" {
                    step.op = Some(Op::Write);
                    step.keys = Keys::All;
                }
            });
        });
    }),
    ("unauthenticated-link", "the accounts ask nobody who it is", |s| {
        s.link("identity-accounts", |l| l.authentication = Authentication::None);
    }),
    ("missing-authentication", "the pictures are confidential", |s| {
        s.component("pictures", |c| c.security.sensitivity = Sensitivity::Confidential);
    }),
    ("no-rate-limit", "a shield without a limit", |s| {
        s.component("shield-eu", |c| c.firewall.as_mut().unwrap().rate_limit = None);
    }),
    ("no-waf", "a shield that only counts", |s| {
        s.component("shield-eu", |c| {
            let firewall = c.firewall.as_mut().unwrap();
            (firewall.waf, firewall.ddos) = (false, false);
        });
    }),
    ("flat-network", "orders are confidential and stand beside the edge", |s| {
        s.component("orders-db-eu", |c| c.security.sensitivity = Sensitivity::Confidential);
    }),
    ("exposed-admin", "the gateway is for operators", |s| {
        s.component("gateway-eu", |c| c.security.admin = true);
    }),
    ("unencrypted-at-rest", "accounts are regulated", |s| {
        s.component("accounts", |c| c.security.sensitivity = Sensitivity::Regulated);
    }),
    ("no-audit-log", "accounts are regulated", |s| {
        s.component("accounts", |c| c.security.sensitivity = Sensitivity::Regulated);
    }),
    ("credentials-in-clear", "a password travels in the clear", |s| {
        s.link("identity-accounts", |l| {
            l.authentication = Authentication::Secret;
            l.tls = Some(false);
        });
    }),
    ("trust-jump", "a region is restricted", |s| s.zone("eu-west", |z| z.trust = Trust::Restricted)),
    ("unguarded-egress", "the orders ask a bank", |s| {
        s.add("bank", Kind::ExternalSystem);
        s.call("orders-eu", "bank");
    }),
    ("central-authentication", "every journey goes everywhere", |s| {
        for journey in ["browse", "search", "check-out"] {
            s.journey(journey, |j| j.steps.clear());
        }
    }),
    ("secret-in-design", "the address of the orders", |s| {
        s.component("orders-db-eu", |c| c.about = "postgres://shop:hunter2@orders-db-eu/orders".to_owned());
    }),
    ("store-on-internet", "the carts face the internet", |s| {
        s.component("carts", |c| c.security.internet_facing = true);
    }),
    ("open-entry", "the shield of one region goes", |s| {
        s.component("shield-eu", |c| {
            c.kind = Kind::LoadBalancer;
            c.firewall = None;
            c.detector = Some(Detector { mode: DetectorMode::Shallow, ..Detector::default() });
        });
    }),
    ("unencrypted-link", "shoppers talk in the clear", |s| s.link("shoppers-cdn", |l| l.tls = Some(false))),
];

fn to_of(component: &str) -> &'static str {
    match component {
        "payments" => "orders-eu-payments",
        "fraud" => "payments-fraud",
        _ => "fraud-risk",
    }
}

#[test]
fn one_edit_of_the_good_shop_makes_each_rule_speak() {
    let shop = template("ecommerce");
    let before: BTreeSet<String> = report(&shop).open().map(|f| f.id.clone()).collect();
    let mut failures = Vec::new();
    for (rule, edit, change) in EDITS {
        let mut edited = Shop { session: Session::new(shop.clone()) };
        change(&mut edited);
        let after = analysis::run(
            edited.session.design(),
            &Options { only: vec![(*rule).to_owned()], ..Options::default() },
        );
        let new: Vec<_> = after.open().filter(|f| !before.contains(&f.id)).collect();
        if new.is_empty() {
            failures.push(format!("{rule}: {edit}: silent"));
        }
        if std::env::var_os("LINCHPIN_SHOW").is_some() {
            for f in new {
                println!("{rule} ({edit}): {} {}", f.severity.label(), f.text);
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let tried: BTreeSet<&str> = EDITS.iter().map(|(rule, ..)| *rule).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|r| r.card.id).collect();
    assert_eq!(tried, all, "every rule has its edit");
}

fn sketch(boxes: &[(&str, Kind)], arrows: &[(&str, &str, Interaction)]) -> Design {
    let link = |(from, to, interaction): &(&str, &str, Interaction)| Link {
        interaction: *interaction,
        ..Link::new(format!("{from}-{to}"), *from, *to)
    };
    let design = Design {
        components: boxes.iter().map(|(id, kind)| Component::new(*id, *kind)).collect(),
        links: arrows.iter().map(link).collect(),
        ..Design::default()
    };
    assert_eq!(design.problems(), []);
    design
}

/// Boxes without a single property are told what their shape says, and nothing that nobody has thought of yet.
#[test]
fn a_sketch_does_not_drown() {
    let (call, publish, subscribe) = (Interaction::Call, Interaction::Publish, Interaction::Subscribe);
    let three = sketch(
        &[("users", Kind::Client), ("web", Kind::Service), ("db", Kind::RelationalStore)],
        &[("users", "web", call), ("web", "db", call)],
    );
    let said = report(&three);
    assert_eq!(speaking(&said), BTreeSet::from(["no-timeout", "open-entry", "spof-instance", "spof-link"]));
    assert_eq!(said.findings.len(), 5, "{said:#?}");
    let ten = sketch(
        &[
            ("users", Kind::Client),
            ("lb", Kind::LoadBalancer),
            ("api", Kind::Gateway),
            ("orders", Kind::Service),
            ("billing", Kind::Service),
            ("cache", Kind::Cache),
            ("db", Kind::RelationalStore),
            ("events", Kind::Stream),
            ("mailer", Kind::Worker),
            ("bank", Kind::ExternalSystem),
        ],
        &[
            ("users", "lb", call),
            ("lb", "api", call),
            ("api", "orders", call),
            ("orders", "billing", call),
            ("orders", "cache", call),
            ("orders", "db", call),
            ("orders", "events", publish),
            ("events", "mailer", subscribe),
            ("billing", "bank", call),
        ],
    );
    let said = report(&ten);
    let rules = [
        "no-logging",
        "no-monitoring",
        "no-retention",
        "no-timeout",
        "open-entry",
        "spof-instance",
        "spof-link",
    ];
    assert_eq!(speaking(&said), BTreeSet::from(rules));
    let others = said.findings.iter().filter(|f| f.rule != "spof-instance").count();
    assert_eq!(others, 6, "one of each: {said:#?}");
}

#[test]
fn the_fragile_shop_has_every_anti_pattern_of_the_list() {
    let report = report(&template("ecommerce-fragile"));
    let said = speaking(&report);
    for (pattern, rules) in [
        ("single point of failure", &["spof-instance", "spof-zone"][..]),
        ("inadequate monitoring and logging", &["no-monitoring", "no-logging"]),
        ("overlooked sharding", &["missing-sharding"]),
        ("ignored CAP", &["ignored-cap"]),
        ("uncontrolled data growth", &["data-growth", "unbounded-queue", "no-backup"]),
        ("shared database", &["shared-database"]),
        ("dual write", &["dual-write"]),
        ("big-bang release", &["big-bang-release"]),
        ("missing timeouts", &["no-timeout"]),
        ("open entry", &["open-entry"]),
    ] {
        assert!(rules.iter().all(|r| said.contains(r)), "{pattern}: {rules:?} not all in {said:?}");
    }
}
