//! Old formats become the present one before anything else looks at the tree.
//!
//! [`MIGRATIONS`] holds one step for each past format; a file of format 3 passes the steps from 3 and from 4 until
//! it has format 5. A step works on the tree, so that comments and unknown fields come along. A format once
//! released is read for ever: its fixtures stay in `tests/fixtures/formats`.

use super::fault::Fault;
use super::literal::{self, Number};
use super::tree::{Item, Key, Literal, Node, Value};

/// The format that is written, and the highest that is read.
pub const FORMAT: u32 = 1;

/// The name of the field that holds the format.
pub(super) const FIELD: &str = "format";

/// The step from one format to the next.
pub(super) struct Migration {
    /// The format that it takes.
    pub(super) from: u32,
    /// Turns a tree of that format into one of the next.
    pub(super) apply: fn(&mut Node),
}

/// The steps in ascending order of their formats.
const MIGRATIONS: &[Migration] = &[];

/// Brings a tree to the present format and returns the one it had.
pub(super) fn migrate(root: &mut Node) -> Result<u32, Fault> {
    migrate_to(root, FORMAT, MIGRATIONS)
}

fn migrate_to(root: &mut Node, present: u32, migrations: &[Migration]) -> Result<u32, Fault> {
    let had = format(root, present)?;
    for migration in migrations.iter().filter(|m| m.from >= had && m.from < present) {
        (migration.apply)(root);
    }
    if had < present {
        set_format(root, present);
    }
    Ok(had)
}

/// The format that a tree states; 1 where it states none.
fn format(root: &Node, present: u32) -> Result<u32, Fault> {
    let Some(item) = root.as_block().and_then(|b| b.field(FIELD)) else { return Ok(1) };
    let wrong = |what: String, help: String| Err(Fault::new(item.value.at, what, help).within_field(FIELD));
    let stated = match &item.value.value {
        Value::Literal(Literal::Number, written) => literal::number(written),
        _ => None,
    };
    match stated {
        Some(Number::Whole(n)) if n > i128::from(present) => wrong(
            format!("the file has format {n}, and this version reads formats up to {present}"),
            "open it with a newer version of Linchpin".to_owned(),
        ),
        Some(Number::Whole(n)) if n >= 1 => Ok(n as u32),
        _ => wrong(
            format!("expected the number of a format, found {}", item.value.describe()),
            format!("write {FIELD}: {present}"),
        ),
    }
}

fn set_format(root: &mut Node, format: u32) {
    let Value::Block(block) = &mut root.value else { return };
    let value = format_value(format);
    match block.items.iter_mut().find(|i| i.name() == Some(FIELD)) {
        Some(item) => item.value.value = value.value,
        None => block.items.insert(0, Item::new(Key::Name(FIELD.into()), value)),
    }
}

/// The value of the format field.
pub(super) fn format_value(format: u32) -> Node {
    Node::new(Value::Literal(Literal::Number, format.to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::super::{print, syntax};
    use super::*;

    /// Two invented steps: 1 to 2 renames `boxes`, 2 to 3 renames `title`.
    const STEPS: &[Migration] = &[
        Migration { from: 1, apply: |root| rename(root, "boxes", "components") },
        Migration { from: 2, apply: |root| rename(root, "title", "name") },
    ];

    fn rename(root: &mut Node, from: &str, to: &str) {
        let Value::Block(block) = &mut root.value else { return };
        for item in block.items.iter_mut().filter(|i| i.name() == Some(from)) {
            item.key = Key::Name(to.into());
        }
    }

    fn migrated(text: &str) -> Result<(u32, String), String> {
        let mut tree = syntax::parse(text, None).map_err(|f| f.to_string())?;
        let had = migrate_to(&mut tree.root, 3, STEPS).map_err(|f| f.to_string())?;
        Ok((had, print::print(&tree)))
    }

    #[test]
    fn each_step_runs_once_and_comments_come_along() {
        let (had, text) = migrated("Design(title: \"a\", /* b */ boxes: [])").unwrap();
        assert_eq!(had, 1);
        assert_eq!(text, "Design(\n    format: 3,\n    name: \"a\",\n    /* b */\n    components: [],\n)\n");
        let (had, text) = migrated("Design(format: 2, title: \"a\", boxes: 1)").unwrap();
        assert_eq!(
            (had, text.as_str()),
            (2, "Design(\n    format: 3,\n    name: \"a\",\n    boxes: 1,\n)\n")
        );
    }

    #[test]
    fn formats_that_are_not_known_are_named() {
        assert_eq!(
            migrated("Design(format: 4)").unwrap_err(),
            "the file has format 4, and this version reads formats up to 3; \
             open it with a newer version of Linchpin"
        );
        for odd in ["0", "-1", "\"1\"", "1.5", "[]"] {
            let error = migrated(&format!("Design(format: {odd})")).unwrap_err();
            assert!(error.starts_with("expected the number of a format"), "{error}");
        }
    }

    #[test]
    fn the_steps_in_force_lead_to_the_present() {
        let froms: Vec<u32> = MIGRATIONS.iter().map(|m| m.from).collect();
        assert_eq!(froms, (1..FORMAT).collect::<Vec<_>>());
    }
}
