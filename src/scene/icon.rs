//! The line icons: one for every kind, and those of the window, drawn by us on a 16 x 16 grid.
//!
//! `assets/icons/*.txt` holds them as SVG path data. The canvas and the palette draw [`Icon::polylines`], the SVG
//! writer the path data itself, so that an icon is the same everywhere: stroked [`STROKE`] wide of 16, round caps.

use std::collections::BTreeMap;
use std::f32::consts::{PI, TAU};
use std::sync::OnceLock;

use crate::design::Kind;

/// Side of the grid on which icons are drawn.
pub const GRID: f32 = 16.0;
/// Width of an icon's stroke on the grid.
pub const STROKE: f32 = 1.3;
/// How far a flattened curve may lie beside the true one, on the grid.
const TOLERANCE: f32 = 0.025;

macro_rules! interface_icons {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)+) => {
        /// A line icon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Icon {
            /// The icon of a kind of component.
            Kind(Kind),
            $($(#[$doc])* $variant,)+
        }

        impl Icon {
            /// The icons of the window, in the order of their file.
            pub const INTERFACE: &[Icon] = &[$(Icon::$variant),+];

            /// Its name in `assets/icons`.
            pub fn name(self) -> String {
                match self {
                    Icon::Kind(kind) => snake(&format!("{kind:?}")),
                    $(Icon::$variant => $name.to_owned(),)+
                }
            }
        }
    };
}

interface_icons! {
    /// The mark of the program: the pin through the wheel.
    Mark => "mark",
    /// Find.
    Search => "search",
    /// Take back.
    Undo => "undo",
    /// Do again.
    Redo => "redo",
    /// Start.
    Play => "play",
    /// End.
    Stop => "stop",
    /// Hold.
    Pause => "pause",
    /// Start again.
    Restart => "restart",
    /// One step on.
    Step => "step",
    /// End a process at once.
    Kill => "kill",
    /// Cut a path.
    Cut => "cut",
    /// Mend what was broken.
    Heal => "heal",
    /// Delay.
    Slow => "slow",
    /// A failure domain.
    Zone => "zone",
    /// A remark.
    Note => "note",
    /// Choose.
    Select => "select",
    /// Draw a link.
    Connect => "connect",
    /// Show all.
    Fit => "fit",
    /// Place automatically.
    Arrange => "arrange",
    /// Add, or nearer.
    Plus => "plus",
    /// Remove, or farther.
    Minus => "minus",
    /// Something is wrong.
    Warning => "warning",
    /// Something to know.
    Info => "info",
    /// Done, or right.
    Check => "check",
    /// Close, or wrong.
    Cross => "cross",
    /// Backwards, or folded.
    ChevronLeft => "chevron_left",
    /// Onwards, or folded.
    ChevronRight => "chevron_right",
    /// Upwards.
    ChevronUp => "chevron_up",
    /// Downwards, or unfolded.
    ChevronDown => "chevron_down",
    /// Leads to.
    ArrowRight => "arrow_right",
    /// Light theme.
    Sun => "sun",
    /// Dark theme.
    Moon => "moon",
    /// A file.
    File => "file",
    /// Open.
    Folder => "folder",
    /// Save.
    Save => "save",
    /// Take out.
    Export => "export",
    /// Take in.
    Import => "import",
    /// Begin from a template.
    Template => "template",
    /// Copy.
    Copy => "copy",
    /// Delete.
    Trash => "trash",
    /// Show.
    Eye => "eye",
    /// Go to.
    Target => "target",
    /// Prove.
    Proof => "proof",
    /// What users do.
    Journey => "journey",
    /// Capacity.
    Gauge => "gauge",
    /// Consistency.
    Balance => "balance",
    /// Sharding.
    Shards => "shards",
    /// Further commands.
    More => "more",
    /// All commands.
    Menu => "menu",
    /// Settings.
    Settings => "settings",
    /// Explain.
    Help => "help",
    /// A suggestion.
    Spark => "spark",
}

struct Drawn {
    path: &'static str,
    polylines: Vec<Vec<[f32; 2]>>,
}

impl Icon {
    /// Every icon: the kinds in palette order, then those of the window.
    pub fn all() -> impl Iterator<Item = Icon> {
        Kind::ALL.into_iter().map(Icon::Kind).chain(Self::INTERFACE.iter().copied())
    }

    /// SVG path data on the 16 x 16 grid, to be stroked and not filled.
    pub fn path(self) -> &'static str {
        self.drawn().path
    }

    /// The same as open polylines on the 16 x 16 grid, curves flattened; a dot is a line of two nearly equal points.
    pub fn polylines(self) -> &'static [Vec<[f32; 2]>] {
        &self.drawn().polylines
    }

    fn drawn(self) -> &'static Drawn {
        static ALL: OnceLock<BTreeMap<Icon, Drawn>> = OnceLock::new();
        static NOTHING: Drawn = Drawn { path: "", polylines: Vec::new() };
        let all = ALL.get_or_init(|| {
            let mut paths = BTreeMap::new();
            for file in [
                include_str!("../../assets/icons/kinds.txt"),
                include_str!("../../assets/icons/interface.txt"),
            ] {
                for line in file.lines().filter(|l| !l.starts_with('#')) {
                    if let Some((name, path)) = line.split_once(':') {
                        paths.insert(name, path.trim());
                    }
                }
            }
            Icon::all()
                .filter_map(|icon| {
                    let path: &'static str = paths.get(icon.name().as_str())?;
                    Some((icon, Drawn { path, polylines: polylines(path).unwrap_or_default() }))
                })
                .collect()
        });
        // A test holds that every icon is there.
        all.get(&self).unwrap_or(&NOTHING)
    }
}

fn snake(camel: &str) -> String {
    let mut out = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Flattens SVG path data (M L H V C S Q A Z, both cases); `None` where it is not such data.
pub fn polylines(path: &str) -> Option<Vec<Vec<[f32; 2]>>> {
    let mut reader = Reader { rest: path };
    let mut out: Vec<Vec<[f32; 2]>> = Vec::new();
    let (mut at, mut start, mut control) = ([0.0_f32; 2], [0.0_f32; 2], None::<[f32; 2]>);
    let mut command = ' ';
    while reader.more() {
        if let Some(letter) = reader.letter() {
            command = letter;
        } else if command == 'M' {
            command = 'L';
        } else if command == 'm' {
            command = 'l';
        }
        let base = if command.is_ascii_lowercase() { at } else { [0.0, 0.0] };
        let mut next_control = None;
        match command.to_ascii_uppercase() {
            'M' => {
                at = reader.point(base)?;
                start = at;
                out.push(vec![at]);
            }
            'L' => {
                at = reader.point(base)?;
                out.last_mut()?.push(at);
            }
            'H' => {
                at[0] = base[0] + reader.number()?;
                out.last_mut()?.push(at);
            }
            'V' => {
                at[1] = base[1] + reader.number()?;
                out.last_mut()?.push(at);
            }
            'C' | 'S' => {
                let first = if command.eq_ignore_ascii_case(&'C') {
                    reader.point(base)?
                } else {
                    control.map_or(at, |c| [2.0 * at[0] - c[0], 2.0 * at[1] - c[1]])
                };
                let second = reader.point(base)?;
                let end = reader.point(base)?;
                cubic(out.last_mut()?, at, first, second, end);
                next_control = Some(second);
                at = end;
            }
            'Q' => {
                let c = reader.point(base)?;
                let end = reader.point(base)?;
                let third =
                    |a: [f32; 2]| [a[0] + (c[0] - a[0]) * 2.0 / 3.0, a[1] + (c[1] - a[1]) * 2.0 / 3.0];
                cubic(out.last_mut()?, at, third(at), third(end), end);
                at = end;
            }
            'A' => {
                let radii = [reader.number()?, reader.number()?];
                let rotation = reader.number()?;
                let (large, sweep) = (reader.flag()?, reader.flag()?);
                let end = reader.point(base)?;
                if rotation != 0.0 {
                    return None;
                }
                arc(out.last_mut()?, at, radii, large, sweep, end);
                at = end;
            }
            'Z' => {
                at = start;
                out.last_mut()?.push(at);
                // What follows without a move begins where the closed part began.
                if reader.more() && !reader.at_move() {
                    out.push(vec![at]);
                }
            }
            _ => return None,
        }
        control = next_control;
    }
    Some(out)
}

fn steps(chord: f32) -> usize {
    ((chord / (8.0 * TOLERANCE)).sqrt().ceil() as usize * 2).clamp(2, 32)
}

fn cubic(line: &mut Vec<[f32; 2]>, a: [f32; 2], b: [f32; 2], c: [f32; 2], d: [f32; 2]) {
    let length =
        (0..3).map(|i| [a, b, c, d][i]).zip([b, c, d]).map(|(p, q)| (q[0] - p[0]).hypot(q[1] - p[1])).sum();
    let n = steps(length);
    for i in 1..=n {
        let t = i as f32 / n as f32;
        let u = 1.0 - t;
        let mix =
            |k: usize| u * u * u * a[k] + 3.0 * u * u * t * b[k] + 3.0 * u * t * t * c[k] + t * t * t * d[k];
        line.push([mix(0), mix(1)]);
    }
}

/// An elliptical arc between two points (SVG 1.1, appendix F.6), without rotation.
fn arc(line: &mut Vec<[f32; 2]>, from: [f32; 2], radii: [f32; 2], large: bool, sweep: bool, to: [f32; 2]) {
    let (mut rx, mut ry) = (radii[0].abs(), radii[1].abs());
    if rx < 1e-6 || ry < 1e-6 {
        line.push(to);
        return;
    }
    let half = [(from[0] - to[0]) / 2.0, (from[1] - to[1]) / 2.0];
    let fit = (half[0] / rx).powi(2) + (half[1] / ry).powi(2);
    if fit > 1.0 {
        rx *= fit.sqrt();
        ry *= fit.sqrt();
    }
    let spread = (rx * half[1]).powi(2) + (ry * half[0]).powi(2);
    let mut scale = (((rx * ry).powi(2) - spread).max(0.0) / spread.max(1e-12)).sqrt();
    if large == sweep {
        scale = -scale;
    }
    let inner = [scale * rx * half[1] / ry, -scale * ry * half[0] / rx];
    let center = [inner[0] + (from[0] + to[0]) / 2.0, inner[1] + (from[1] + to[1]) / 2.0];
    let angle = |x: f32, y: f32| (y / ry).atan2(x / rx);
    let begin = angle(half[0] - inner[0], half[1] - inner[1]);
    let mut turn = angle(-half[0] - inner[0], -half[1] - inner[1]) - begin;
    if sweep && turn < 0.0 {
        turn += TAU;
    } else if !sweep && turn > 0.0 {
        turn -= TAU;
    }
    let n = ((turn.abs() / PI * 12.0).ceil() as usize).clamp(2, 32);
    for i in 1..n {
        let a = begin + turn * i as f32 / n as f32;
        line.push([center[0] + rx * a.cos(), center[1] + ry * a.sin()]);
    }
    line.push(to);
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', ',']);
    }

    fn more(&mut self) -> bool {
        self.skip();
        !self.rest.is_empty()
    }

    fn at_move(&mut self) -> bool {
        self.skip();
        self.rest.starts_with(['M', 'm'])
    }

    fn letter(&mut self) -> Option<char> {
        self.skip();
        let c = self.rest.chars().next().filter(char::is_ascii_alphabetic)?;
        self.rest = &self.rest[1..];
        Some(c)
    }

    fn flag(&mut self) -> Option<bool> {
        self.skip();
        let c = self.rest.chars().next().filter(|c| matches!(c, '0' | '1'))?;
        self.rest = &self.rest[1..];
        Some(c == '1')
    }

    /// Numbers may touch: `.4-5.4` and `.01.5` are two each.
    fn number(&mut self) -> Option<f32> {
        self.skip();
        let mut dots = 0;
        let end = self
            .rest
            .char_indices()
            .find(|(i, c)| {
                dots += usize::from(*c == '.');
                !(c.is_ascii_digit() || (*c == '.' && dots == 1) || (*i == 0 && matches!(c, '-' | '+')))
            })
            .map_or(self.rest.len(), |(i, _)| i);
        let value = self.rest[..end].parse().ok()?;
        self.rest = &self.rest[end..];
        Some(value)
    }

    fn point(&mut self, base: [f32; 2]) -> Option<[f32; 2]> {
        Some([base[0] + self.number()?, base[1] + self.number()?])
    }
}
