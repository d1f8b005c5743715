//! Colours by meaning: an [`Ink`] says what something is, a [`Theme`] says what that looks like in the dark or in
//! the light. The values are read once from `assets/theme.ron`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::design::{Family, Kind};

/// A colour by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ink {
    /// The ground of the drawing.
    Canvas,
    /// The dots of the drawing's grid.
    Grid,
    /// Bars and panels.
    Panel,
    /// Inputs.
    Raised,
    /// A card on the canvas: raised in the dark, white in the light.
    Card,
    /// Chips and the active segment.
    Pressed,
    /// Hairlines.
    Line,
    /// Content.
    Text1,
    /// Labels.
    Text2,
    /// Hints and links at rest; never carries meaning alone.
    Text3,
    /// Selection, primary action.
    Accent,
    /// A good state.
    Good,
    /// A doubtful state.
    Warn,
    /// A bad state.
    Bad,
    /// A palette family.
    Family(Family),
    /// The one soft shadow under cards; has its own opacity.
    Shadow,
}

impl Ink {
    /// Every ink.
    pub const ALL: [Ink; 22] = [
        Ink::Canvas,
        Ink::Grid,
        Ink::Panel,
        Ink::Raised,
        Ink::Card,
        Ink::Pressed,
        Ink::Line,
        Ink::Text1,
        Ink::Text2,
        Ink::Text3,
        Ink::Accent,
        Ink::Good,
        Ink::Warn,
        Ink::Bad,
        Ink::Family(Family::Entry),
        Ink::Family(Family::Compute),
        Ink::Family(Family::Data),
        Ink::Family(Family::Messaging),
        Ink::Family(Family::Safety),
        Ink::Family(Family::Insight),
        Ink::Family(Family::External),
        Ink::Shadow,
    ];

    /// The ink of a kind's icon and of its tile: its family's; people are neutral.
    pub fn of_kind(kind: Kind) -> Ink {
        match kind {
            Kind::Client => Ink::Text2,
            _ => Ink::Family(kind.family()),
        }
    }
}

/// A colour with straight (not premultiplied) opacity, in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgba {
    /// Red, 0..=255.
    pub r: u8,
    /// Green, 0..=255.
    pub g: u8,
    /// Blue, 0..=255.
    pub b: u8,
    /// Opacity, 0..=255.
    pub a: u8,
}

impl Rgba {
    /// Reads `#rrggbb` or `#rrggbbaa`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#')?;
        if !hex.is_ascii() || !matches!(hex.len(), 6 | 8) {
            return None;
        }
        let byte = |i: usize| hex.get(i..i + 2).and_then(|h| u8::from_str_radix(h, 16).ok());
        Some(Self { r: byte(0)?, g: byte(2)?, b: byte(4)?, a: if hex.len() == 8 { byte(6)? } else { 255 } })
    }

    /// The same colour, its opacity multiplied by a factor of 0..=1.
    pub fn faded(self, factor: f32) -> Self {
        Self { a: (f32::from(self.a) * factor.clamp(0.0, 1.0)).round() as u8, ..self }
    }

    /// What is seen when it lies over an opaque ground.
    pub fn over(self, ground: Rgba) -> Self {
        let t = f32::from(self.a) / 255.0;
        let mix = |top: u8, below: u8| (f32::from(top) * t + f32::from(below) * (1.0 - t)).round() as u8;
        Self { r: mix(self.r, ground.r), g: mix(self.g, ground.g), b: mix(self.b, ground.b), a: 255 }
    }

    /// `#rrggbb`, without the opacity.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }

    /// Relative luminance of WCAG 2.2, 0..=1.
    pub fn luminance(self) -> f64 {
        let channel = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(self.r) + 0.7152 * channel(self.g) + 0.0722 * channel(self.b)
    }

    /// Contrast ratio of WCAG 2.2 between two opaque colours, 1..=21.
    pub fn contrast(self, other: Rgba) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// Dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shade {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

/// What each ink looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Which of the two it is.
    pub shade: Shade,
    colors: Colors,
}

impl Theme {
    /// The theme of a shade.
    pub fn of(shade: Shade) -> &'static Theme {
        static THEMES: OnceLock<[Theme; 2]> = OnceLock::new();
        let both = THEMES.get_or_init(|| {
            // The file is part of the program and a test reads it, so this cannot fail in the field.
            let file: File =
                ron::from_str(include_str!("../../assets/theme.ron")).expect("assets/theme.ron is sound");
            [
                Theme { shade: Shade::Dark, colors: file.dark },
                Theme { shade: Shade::Light, colors: file.light },
            ]
        });
        match shade {
            Shade::Dark => &both[0],
            Shade::Light => &both[1],
        }
    }

    /// What an ink looks like.
    pub fn color(&self, ink: Ink) -> Rgba {
        let c = &self.colors;
        match ink {
            Ink::Canvas => c.canvas,
            Ink::Grid => c.grid,
            Ink::Panel => c.panel,
            Ink::Raised => c.raised,
            Ink::Card => c.card,
            Ink::Pressed => c.pressed,
            Ink::Line => c.line,
            Ink::Text1 => c.text_1,
            Ink::Text2 => c.text_2,
            Ink::Text3 => c.text_3,
            Ink::Accent => c.accent,
            Ink::Good => c.good,
            Ink::Warn => c.warn,
            Ink::Bad => c.bad,
            Ink::Family(Family::Entry) => c.entry,
            Ink::Family(Family::Compute) => c.compute,
            Ink::Family(Family::Data) => c.data,
            Ink::Family(Family::Messaging) => c.messaging,
            Ink::Family(Family::Safety) => c.safety,
            Ink::Family(Family::Insight) => c.insight,
            Ink::Family(Family::External) => c.external,
            Ink::Shadow => c.shadow,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dark: Colors,
    light: Colors,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Colors {
    canvas: Rgba,
    grid: Rgba,
    panel: Rgba,
    raised: Rgba,
    card: Rgba,
    pressed: Rgba,
    line: Rgba,
    text_1: Rgba,
    text_2: Rgba,
    text_3: Rgba,
    accent: Rgba,
    good: Rgba,
    warn: Rgba,
    bad: Rgba,
    entry: Rgba,
    compute: Rgba,
    data: Rgba,
    messaging: Rgba,
    safety: Rgba,
    insight: Rgba,
    external: Rgba,
    shadow: Rgba,
}

impl<'de> Deserialize<'de> for Rgba {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Rgba::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not #rrggbb or #rrggbbaa")))
    }
}
