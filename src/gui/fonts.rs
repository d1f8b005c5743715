//! The typeface of the window: the one that pictures are drawn with, so that a text is as wide here as on paper.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

use crate::scene::font::Weight;

/// Gives the window its typeface.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    for weight in Weight::ALL {
        let name = family_name(weight);
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(weight.bytes())));
        fonts.families.insert(FontFamily::Name(name.into()), vec![name.to_owned()]);
    }
    let regular = family_name(Weight::Regular).to_owned();
    fonts.families.insert(FontFamily::Proportional, vec![regular.clone()]);
    fonts.families.insert(FontFamily::Monospace, vec![regular]);
    ctx.set_fonts(fonts);
}

/// The font of a weight and size.
pub fn font(size: f32, weight: Weight) -> FontId {
    match weight {
        Weight::Regular => FontId::proportional(size),
        Weight::Medium | Weight::SemiBold => FontId::new(size, FontFamily::Name(family_name(weight).into())),
    }
}

fn family_name(weight: Weight) -> &'static str {
    match weight {
        Weight::Regular => "inter",
        Weight::Medium => "inter-medium",
        Weight::SemiBold => "inter-semibold",
    }
}
