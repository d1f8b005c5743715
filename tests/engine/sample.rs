//! Designs that several tests draw.

use linchpin::design::{
    Component, Design, Interaction, Journey, Kind, Link, Millis, Need, PerSecond, Point, Rect, Replication,
    Slot, Zone, ZoneKind,
};

fn zone(id: &str, kind: ZoneKind, parent: Option<&str>) -> Zone {
    Zone { id: id.into(), kind, parent: parent.map(Into::into), ..Zone::default() }
}

fn component(id: &str, kind: Kind, replicas: u32, zones: &[&str]) -> Component {
    Component { replicas, zones: zones.iter().map(|z| (*z).into()).collect(), ..Component::new(id, kind) }
}

fn link(from: &str, to: &str, interaction: Interaction) -> Link {
    Link { interaction, ..Link::new(format!("{from}>{to}").replace('>', "-to-"), from, to) }
}

/// A shop in two regions, drawn by hand: positions of cards and frames are given.
pub fn drawn_shop() -> Design {
    let mut d = Design { name: "Global shop".into(), ..Design::default() };
    d.zones = vec![
        zone("eu-west", ZoneKind::Region, None),
        zone("eu-west-a", ZoneKind::Datacenter, Some("eu-west")),
        zone("eu-west-b", ZoneKind::Datacenter, Some("eu-west")),
        zone("us-east", ZoneKind::Region, None),
        zone("us-east-a", ZoneKind::Datacenter, Some("us-east")),
        zone("us-east-b", ZoneKind::Datacenter, Some("us-east")),
    ];
    let cards: &[(&str, Kind, u32, &[&str], f32, f32)] = &[
        ("shoppers", Kind::Client, 1, &[], 236.0, 174.0),
        ("shop.example", Kind::Dns, 1, &[], 236.0, 278.0),
        ("edge-eu", Kind::LoadBalancer, 2, &["eu-west-a"], 462.0, 178.0),
        ("gateway-eu", Kind::Gateway, 2, &["eu-west-a"], 658.0, 178.0),
        ("catalogue", Kind::Service, 3, &["eu-west-a"], 462.0, 292.0),
        ("checkout", Kind::Service, 3, &["eu-west-a"], 658.0, 292.0),
        ("order-events", Kind::Queue, 3, &["eu-west-b"], 462.0, 434.0),
        ("orders-db", Kind::RelationalStore, 1, &["eu-west-b"], 658.0, 434.0),
        ("fulfilment", Kind::Worker, 2, &["eu-west-b"], 462.0, 536.0),
        ("edge-us", Kind::LoadBalancer, 2, &["us-east-a"], 892.0, 178.0),
        ("gateway-us", Kind::Gateway, 2, &["us-east-a"], 1086.0, 178.0),
        ("catalogue-us", Kind::Service, 3, &["us-east-a"], 892.0, 292.0),
        ("checkout-us", Kind::Service, 2, &["us-east-a"], 1086.0, 292.0),
        ("orders-db-us", Kind::RelationalStore, 1, &["us-east-b"], 1086.0, 434.0),
        ("identity", Kind::IdentityProvider, 1, &["us-east-b"], 892.0, 536.0),
    ];
    for (id, kind, replicas, zones, x, y) in cards {
        d.components.push(component(id, *kind, *replicas, zones));
        d.drawing.components.insert((*id).into(), Point::new(*x, *y));
    }
    d.components[0].name = "Shoppers".into();
    d.components[0].client_weights = [("eu-west".into(), 2.0), ("us-east".into(), 1.0)].into();
    let frames = [
        ("eu-west", Rect::new(430.0, 112.0, 422.0, 520.0)),
        ("eu-west-a", Rect::new(444.0, 146.0, 394.0, 228.0)),
        ("eu-west-b", Rect::new(444.0, 388.0, 394.0, 228.0)),
        ("us-east", Rect::new(866.0, 112.0, 414.0, 520.0)),
        ("us-east-a", Rect::new(878.0, 146.0, 390.0, 228.0)),
        ("us-east-b", Rect::new(878.0, 388.0, 390.0, 228.0)),
    ];
    d.drawing.zones = frames.into_iter().map(|(id, r)| (id.into(), r)).collect();
    use Interaction::{Call, Publish, Replicate, Resolve, Subscribe};
    d.links = vec![
        link("shoppers", "shop.example", Resolve),
        link("shop.example", "edge-eu", Resolve),
        link("shop.example", "edge-us", Resolve),
        link("edge-eu", "gateway-eu", Call),
        link("edge-eu", "catalogue", Call),
        link("gateway-eu", "checkout", Call),
        link("checkout", "orders-db", Call),
        link("catalogue", "order-events", Publish),
        link("order-events", "fulfilment", Subscribe),
        link("edge-us", "gateway-us", Call),
        link("edge-us", "catalogue-us", Call),
        link("gateway-us", "checkout-us", Call),
        link("checkout-us", "orders-db-us", Call),
        link("orders-db", "orders-db-us", Replicate),
    ];
    let replicate = d.links.last_mut().expect("just given");
    replicate.network.latency = Some(Millis(80.0));
    replicate.replication = Some(Replication::PrimaryBackup(Default::default()));
    d.journeys.push(Journey { rate: Some(PerSecond(12_000.0)), ..Journey::new("browse", "shoppers") });
    d
}

/// A larger shop without any position: 28 components, three levels of zones, every interaction.
pub fn shop() -> Design {
    use Interaction::{Call, Heartbeat, Publish, Replicate, Resolve, Subscribe, Telemetry};
    use Kind::*;
    let mut d = Design { name: "Global shop, arranged".into(), ..Design::default() };
    d.zones = vec![
        zone("eu-west", ZoneKind::Region, None),
        zone("eu-west-a", ZoneKind::Datacenter, Some("eu-west")),
        zone("eu-west-b", ZoneKind::Datacenter, Some("eu-west")),
        zone("us-east", ZoneKind::Region, None),
        zone("us-east-a", ZoneKind::Datacenter, Some("us-east")),
    ];
    let (a, b, u): (&[&str], &[&str], &[&str]) = (&["eu-west-a"], &["eu-west-b"], &["us-east-a"]);
    for (id, kind, replicas, zones) in [
        ("shoppers", Client, 1, &[] as &[&str]),
        ("dns", Dns, 1, &[]),
        ("cdn", Cdn, 1, &[]),
        ("shield", Firewall, 1, &[]),
        ("edge-eu", LoadBalancer, 2, a),
        ("gateway-eu", Gateway, 2, a),
        ("catalogue", Service, 3, a),
        ("search", SearchIndex, 3, a),
        ("login", IdentityProvider, 2, a),
        ("cart", Service, 2, a),
        ("checkout", Service, 3, a),
        ("payments", ExternalSystem, 1, &[]),
        ("cart-cache", Cache, 2, a),
        ("products-db", DocumentStore, 3, b),
        ("orders-db", RelationalStore, 1, b),
        ("users-db", RelationalStore, 2, b),
        ("order-events", Queue, 3, b),
        ("fulfilment", Worker, 2, b),
        ("mailer", Function, 1, b),
        ("locks", Coordinator, 3, b),
        ("edge-us", LoadBalancer, 2, u),
        ("gateway-us", Gateway, 2, u),
        ("catalogue-us", Service, 3, u),
        ("checkout-us", Service, 2, u),
        ("orders-db-us", RelationalStore, 1, u),
        ("metrics", Monitoring, 1, &[]),
        ("logs", Logging, 1, &[]),
        ("images", ObjectStore, 1, &["eu-west"]),
    ] {
        d.components.push(component(id, kind, replicas, zones));
    }
    d.components[0].name = "Shoppers".into();
    for (from, to, what) in [
        ("shoppers", "dns", Resolve),
        ("shoppers", "cdn", Call),
        ("cdn", "shield", Call),
        ("cdn", "images", Call),
        ("shield", "edge-eu", Call),
        ("shield", "edge-us", Call),
        ("edge-eu", "gateway-eu", Call),
        ("gateway-eu", "catalogue", Call),
        ("gateway-eu", "login", Call),
        ("gateway-eu", "cart", Call),
        ("gateway-eu", "checkout", Call),
        ("catalogue", "search", Call),
        ("catalogue", "products-db", Call),
        ("login", "users-db", Call),
        ("cart", "cart-cache", Call),
        ("checkout", "orders-db", Call),
        ("checkout", "payments", Call),
        ("checkout", "order-events", Publish),
        ("order-events", "fulfilment", Subscribe),
        ("order-events", "mailer", Subscribe),
        ("fulfilment", "orders-db", Call),
        ("orders-db", "locks", Heartbeat),
        ("edge-us", "gateway-us", Call),
        ("gateway-us", "catalogue-us", Call),
        ("gateway-us", "checkout-us", Call),
        ("checkout-us", "orders-db-us", Call),
        ("orders-db", "orders-db-us", Replicate),
        ("gateway-eu", "metrics", Telemetry),
        ("checkout", "metrics", Telemetry),
        ("checkout", "logs", Telemetry),
        ("gateway-us", "logs", Telemetry),
    ] {
        d.links.push(link(from, to, what));
    }
    let replicate = d.links.iter_mut().find(|l| l.interaction == Replicate).expect("there is one");
    replicate.network.latency = Some(Millis(80.0));
    let checkout = d.components.iter_mut().find(|c| c.id == "checkout").expect("there is one");
    checkout.slots.push(Slot { name: "pay".into(), need: Need::Optional, ..Slot::default() });
    d.links.iter_mut().find(|l| l.to == "payments").expect("there is one").slot = "pay".into();
    d
}

/// A client, a service and a store.
pub fn three() -> Design {
    let mut d = Design { name: "Three".into(), ..Design::default() };
    d.components = vec![
        component("users", Kind::Client, 1, &[]),
        component("web", Kind::Service, 2, &[]),
        component("db", Kind::RelationalStore, 1, &[]),
    ];
    d.links = vec![link("users", "web", Interaction::Call), link("web", "db", Interaction::Call)];
    d
}
