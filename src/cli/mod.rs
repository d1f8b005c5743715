//! The command line: words in, text or JSON out, and an exit code that a script can trust.
//!
//! One verb is one file with its arguments and an `execute`, one line in [`Verb`] and one in its dispatch. Results go to
//! standard output, everything else to standard error. Exit codes: 0 fine, 1 findings or refuted claims at or above
//! the bar, 2 could not run, with one line that says what and where. Never a count.
//!
//! The JSON of each verb carries `version`; within a version keys are added and never change their meaning.
//!
//! Never: egui. A call for the window is handed back to the caller as [`Next::Window`].

mod check;
mod cut_sets;
mod explain;
mod export;
mod fault_tree;
mod fmt;
mod harden;
mod interruption;
mod new;
mod prove;
mod recovery;
mod run;
mod schema;
mod solution;
mod source;
mod status;
mod templates;
mod trial;
mod what_if;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub use source::{read_document, read_unchecked};

/// Draw a distributed architecture, see what would take it down, run it, break it, prove it.
#[derive(Debug, Parser)]
#[command(name = "linchpin", version, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct Arguments {
    /// Design to open in the window.
    design: Option<PathBuf>,
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// What can be asked; in the order of the help.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a new design from a template.
    New(new::Arguments),
    /// List the templates.
    Templates(templates::Arguments),
    /// Ask every rule what is wrong with a design.
    Check(check::Arguments),
    /// Show what a rule is about: why it hurts, how it is detected, how to mend it.
    Explain(explain::Arguments),
    /// Say what becomes of each journey when these are down and these cut.
    WhatIf(what_if::Arguments),
    /// List what fails each journey: minimal cut sets, probability, importance.
    CutSets(cut_sets::Arguments),
    /// The same for fault trees of the Open-PSA format.
    FaultTree(fault_tree::Arguments),
    /// Say how long each journey is gone after each single failure, and what data that costs.
    Recovery(recovery::Arguments),
    /// Plan the fewest changes that reach an availability, and write the design with them made.
    Harden(harden::Arguments),
    /// Run a design as a live cluster of real processes on this machine.
    Run(run::Arguments),
    /// Hold every prediction against the live cluster: kill, fail and cut each thing in turn.
    Prove(prove::Arguments),
    /// Write a picture of a design.
    Export(export::Arguments),
    /// Bring design files into canonical form.
    Fmt(fmt::Arguments),
    /// Print the JSON schema of the design format.
    Schema(schema::Arguments),
}

impl Verb {
    fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        match self {
            Verb::New(arguments) => arguments.execute(io),
            Verb::Templates(arguments) => arguments.execute(io),
            Verb::Check(arguments) => arguments.execute(io),
            Verb::Explain(arguments) => arguments.execute(io),
            Verb::WhatIf(arguments) => arguments.execute(io),
            Verb::CutSets(arguments) => arguments.execute(io),
            Verb::FaultTree(arguments) => arguments.execute(io),
            Verb::Recovery(arguments) => arguments.execute(io),
            Verb::Harden(arguments) => arguments.execute(io),
            Verb::Run(arguments) => arguments.execute(io),
            Verb::Prove(arguments) => arguments.execute(io),
            Verb::Export(arguments) => arguments.execute(io),
            Verb::Fmt(arguments) => arguments.execute(io),
            Verb::Schema(arguments) => arguments.execute(io),
        }
    }
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
}

/// Where a verb reads and writes.
pub struct Io<'a> {
    /// What `-` stands for as a file to read.
    pub input: &'a mut dyn Read,
    /// Results.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
}

/// How a verb that could run came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing at or above the bar: exit code 0.
    Fine,
    /// Findings or refuted claims at or above the bar: exit code 1.
    Found,
}

/// Why a verb could not run: exit code 2 and this line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl Failure {
    /// A failure with that line; line breaks in it become spaces.
    pub fn new(line: impl AsRef<str>) -> Self {
        Self(line.as_ref().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::new(error.to_string())
    }
}

/// What the caller of [`run()`] does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ends with that exit code.
    Exit(u8),
    /// Opens the window, on that design if one is named.
    Window(Option<PathBuf>),
}

/// Reads the arguments (the program's own name first) and does what they say.
pub fn run(arguments: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> Next {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return Next::Exit(refuse(&error, io)),
    };
    let Some(verb) = arguments.verb else { return Next::Window(arguments.design) };
    match verb.execute(io) {
        Ok(Outcome::Fine) => Next::Exit(0),
        Ok(Outcome::Found) => Next::Exit(1),
        Err(failure) => Next::Exit(fail(&failure, io)),
    }
}

/// Writes the one line of a failure and gives its exit code.
pub fn fail(failure: &Failure, io: &mut Io<'_>) -> u8 {
    // Nothing is left to do about a standard error that is closed.
    let _ = writeln!(io.err, "linchpin: {failure}");
    2
}

/// Help and version are results; anything else that the parser says is one line.
fn refuse(error: &clap::Error, io: &mut Io<'_>) -> u8 {
    let text = error.render().to_string();
    if error.exit_code() == 0 {
        let _ = write!(io.out, "{text}");
        return 0;
    }
    let said = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ");
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    fail(&Failure::new(format!("{said}; `linchpin --help` lists what can be asked")), io)
}

/// Why no window opens, and what to do instead: one line.
pub fn no_window(reason: &str, design: Option<&std::path::Path>) -> Failure {
    let design = design.map_or_else(|| "DESIGN.ron".to_owned(), |d| d.display().to_string());
    Failure::new(format!(
        "no window: {reason}; without one, ask `linchpin check {design}` for its findings, or see `linchpin --help`"
    ))
}

/// Whether standard input is asked for by its name.
fn is_dash(path: &std::path::Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes JSON with a last line break.
fn write_json(io: &mut Io<'_>, value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::new(e.to_string()))?;
    writeln!(io.out, "{text}")?;
    Ok(())
}
