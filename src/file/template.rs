//! The designs to start from: whole files, part of the program.

/// A design to start from.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Names it on the command line.
    pub name: &'static str,
    /// The whole file.
    pub text: &'static str,
}

/// Every template, the one to begin with first.
pub static TEMPLATES: &[Template] = &[
    Template { name: "ecommerce", text: include_str!("../../templates/ecommerce.ron") },
    Template { name: "ecommerce-fragile", text: include_str!("../../templates/ecommerce-fragile.ron") },
    Template { name: "client-server", text: include_str!("../../templates/client-server.ron") },
    Template { name: "three-tier", text: include_str!("../../templates/three-tier.ron") },
    Template { name: "n-tier", text: include_str!("../../templates/n-tier.ron") },
    Template { name: "peer-to-peer", text: include_str!("../../templates/peer-to-peer.ron") },
];

impl Template {
    /// What it teaches: the first sentence of the comment at its head.
    pub fn about(&self) -> String {
        let head: Vec<&str> = self
            .text
            .lines()
            .map_while(|line| line.strip_prefix("//"))
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .collect();
        head.join(" ")
    }
}
