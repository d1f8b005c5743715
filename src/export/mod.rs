//! What leaves the program: one format, one file.
//!
//! ```
//! use linchpin::design::{Component, Design, Kind};
//! use linchpin::export::{self, Picture};
//!
//! let mut design = Design { name: "Shop".into(), ..Design::default() };
//! design.components.push(Component::new("web", Kind::Service));
//! let picture = Picture { source: Some("(name: \"Shop\")"), ..Picture::of(&design) };
//! let svg = export::by_id("svg").unwrap().write(&picture).unwrap();
//! assert_eq!(export::embedded_design(&svg).as_deref(), Some("(name: \"Shop\")"));
//! ```
//!
//! Pictures hold the text of the design that they show ([`Picture::source`]), so that they open again.
//!
//! Never: egui, sockets, the file system; bytes come back and somebody else writes them.

pub mod mef;
mod png;
mod source;
mod svg;

pub use source::{embedded_design, without_design};

use crate::design::{Design, Drawing};
use crate::layout::{self, Routes};
use crate::scene::{Overlay, Scene, Shade, build};

/// Why a picture could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// It would be larger than the bound.
    #[error(
        "the picture would be {width} x {height} pixels; choose a smaller scale (at most {max} pixels in all)"
    )]
    TooLarge {
        /// Pixels.
        width: u64,
        /// Pixels.
        height: u64,
        /// Most pixels in all.
        max: u64,
    },
    /// The drawing could not be turned into pixels.
    #[error("the drawing could not be turned into pixels: {0}")]
    Raster(String),
}

/// What a picture shows and how.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// The design.
    pub design: &'a Design,
    /// Where things stand; complete.
    pub drawing: Drawing,
    /// How links run.
    pub routes: Routes,
    /// What is laid over it, such as findings.
    pub overlay: Overlay,
    /// Dark or light.
    pub shade: Shade,
    /// The text of the design, to be embedded; without it the picture does not open again.
    pub source: Option<&'a str>,
    /// Whether the design's name stands above it.
    pub heading: bool,
    /// Whether the ground has the dots of the canvas.
    pub grid: bool,
    /// Pixels a point, for formats that have pixels.
    pub scale: f32,
}

impl<'a> Picture<'a> {
    /// A light picture of a design with its name above, at two pixels a point, without findings and source.
    pub fn of(design: &'a Design) -> Self {
        let drawing = layout::complete(design);
        let routes = layout::route(design, &drawing);
        Self {
            design,
            drawing,
            routes,
            overlay: Overlay::default(),
            shade: Shade::Light,
            source: None,
            heading: true,
            grid: false,
            scale: 2.0,
        }
    }

    /// The shapes.
    pub fn scene(&self) -> Scene {
        build(self.design, &self.drawing, &self.routes, &self.overlay)
    }
}

/// A format that pictures are written in.
#[derive(Clone, Copy)]
pub struct Exporter {
    /// What the command line calls it.
    pub id: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// Of a file's name, without the dot.
    pub extension: &'static str,
    make: fn(&Picture) -> Result<Vec<u8>, ExportError>,
}

impl Exporter {
    /// The bytes of the file.
    ///
    /// # Errors
    /// [`ExportError`] where the picture is too large or cannot be turned into pixels.
    pub fn write(&self, picture: &Picture) -> Result<Vec<u8>, ExportError> {
        (self.make)(picture)
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exporter({})", self.id)
    }
}

/// Every format, in the order of menus.
pub const EXPORTERS: &[Exporter] = &[
    Exporter { id: "svg", title: "SVG picture", extension: "svg", make: svg::bytes },
    Exporter { id: "png", title: "PNG picture", extension: "png", make: png::bytes },
    Exporter { id: "mef", title: "Fault trees (Open-PSA)", extension: "xml", make: mef::bytes },
];

/// The format of an id.
pub fn by_id(id: &str) -> Option<&'static Exporter> {
    EXPORTERS.iter().find(|e| e.id == id)
}
