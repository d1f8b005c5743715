//! What people usually do to a drawing, as commands: each function looks at the design and returns the command, and
//! where something new comes of it, its id. Nothing here changes anything.

mod add;
mod change;
mod connect;
mod delete;
mod name;
mod paste;
mod place;

pub use add::{accept, add_cause, add_component, add_journey, add_note, add_zone, replace};
pub use change::carry_out;
pub use connect::{connect, interaction_between};
pub use delete::delete;
pub use name::{rename, set_name};
pub use paste::{Fragment, copy, paste};
pub use place::{CARD, draw, free_place, place_into, place_near, place_zone_into};

/// `1 component`, `3 components`.
fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
