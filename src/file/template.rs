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
pub static TEMPLATES: &[Template] = &[];

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
