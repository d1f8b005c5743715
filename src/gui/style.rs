//! The look of the window: egui's style from our own inks, and the sizes and distances that every part uses.
//!
//! Two surfaces (canvas and panel), strokes only around inputs, one accent. A widget asks [`ink`] for a colour by its
//! meaning and [`font`] for a text by its size; nothing in the window names a colour.

use egui::style::{ScrollStyle, Selection, WidgetVisuals};
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Ui, vec2};

use super::fonts;
use crate::scene::font::Weight;
use crate::scene::{Ink, Rgba, Shade, Theme};

/// Text sizes, in points.
pub mod size {
    /// The title of a panel.
    pub const TITLE: f32 = 15.0;
    /// The title of a card.
    pub const CARD: f32 = 13.0;
    /// Content.
    pub const BODY: f32 = 12.5;
    /// Labels.
    pub const LABEL: f32 = 12.0;
    /// Captions and units.
    pub const CAPTION: f32 = 11.0;
    /// Column heads, in capitals.
    pub const HEAD: f32 = 10.0;
}

/// Radius of controls.
pub const RADIUS: u8 = 7;
/// Radius of cards.
pub const RADIUS_CARD: u8 = 10;
/// Height of a control.
pub const CONTROL: f32 = 28.0;
/// Height of a table row.
pub const ROW: f32 = 32.0;
/// Between the edge of a panel and its content.
pub const MARGIN: f32 = 16.0;
/// Between two rows of controls.
pub const GAP: f32 = 6.0;
/// Time of hover and press, in seconds.
pub const QUICK: f32 = 0.1;

/// Gives a window its typeface and both themes.
pub fn install(ctx: &egui::Context) {
    fonts::install(ctx);
    ctx.set_style_of(egui::Theme::Dark, style(Theme::of(Shade::Dark)));
    ctx.set_style_of(egui::Theme::Light, style(Theme::of(Shade::Light)));
}

/// The theme in force in a part of the window.
pub fn theme(ui: &Ui) -> &'static Theme {
    Theme::of(if ui.visuals().dark_mode { Shade::Dark } else { Shade::Light })
}

/// What an ink looks like in the theme in force.
pub fn ink(ui: &Ui, ink: Ink) -> Color32 {
    color(theme(ui).color(ink))
}

/// The same with an opacity of 0..=1.
pub fn faint(ui: &Ui, ink: Ink, opacity: f32) -> Color32 {
    color(theme(ui).color(ink).faded(opacity))
}

/// A colour as egui takes it.
pub fn color(c: Rgba) -> Color32 {
    Color32::from_rgba_unmultiplied(c.r, c.g, c.b, c.a)
}

/// What is written on the accent: white on the dark blue, the panel's own dark on the light blue.
pub fn on_accent(ui: &Ui) -> Color32 {
    if ui.visuals().dark_mode { ink(ui, Ink::Canvas) } else { Color32::WHITE }
}

/// The hairline.
pub fn hairline(ui: &Ui) -> Stroke {
    Stroke::new(1.0, ink(ui, Ink::Line))
}

/// The font of a size and weight.
pub fn font(size: f32, weight: Weight) -> FontId {
    fonts::font(size, weight)
}

fn style(theme: &Theme) -> egui::Style {
    let dark = theme.shade == Shade::Dark;
    let get = |i: Ink| color(theme.color(i));
    let mut style = egui::Style {
        text_styles: [
            (TextStyle::Heading, font(size::TITLE, Weight::SemiBold)),
            (TextStyle::Body, font(size::BODY, Weight::Regular)),
            (TextStyle::Button, font(size::LABEL, Weight::Medium)),
            (TextStyle::Small, font(size::CAPTION, Weight::Regular)),
            (TextStyle::Monospace, FontId::new(size::CAPTION, FontFamily::Monospace)),
        ]
        .into(),
        animation_time: QUICK,
        ..egui::Style::default()
    };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;

    let s = &mut style.spacing;
    s.item_spacing = vec2(8.0, 8.0);
    s.button_padding = vec2(12.0, 6.0);
    s.menu_margin = Margin::same(6);
    s.window_margin = Margin::same(16);
    s.interact_size = vec2(28.0, CONTROL);
    s.indent = 14.0;
    s.icon_width = 16.0;
    s.icon_width_inner = 10.0;
    s.tooltip_width = 320.0;
    s.menu_spacing = 4.0;
    s.scroll = ScrollStyle {
        floating: true,
        bar_width: 8.0,
        floating_width: 4.0,
        floating_allocated_width: 0.0,
        handle_min_length: 24.0,
        bar_inner_margin: 2.0,
        bar_outer_margin: 2.0,
        foreground_color: false,
        ..ScrollStyle::floating()
    };

    let v = &mut style.visuals;
    *v = if dark { egui::Visuals::dark() } else { egui::Visuals::light() };
    v.override_text_color = None;
    v.weak_text_color = Some(get(Ink::Text3));
    v.hyperlink_color = get(Ink::Accent);
    v.faint_bg_color = get(Ink::Raised);
    v.extreme_bg_color = get(Ink::Raised);
    v.text_edit_bg_color = Some(get(Ink::Raised));
    v.code_bg_color = get(Ink::Raised);
    v.warn_fg_color = get(Ink::Warn);
    v.error_fg_color = get(Ink::Bad);
    v.panel_fill = get(Ink::Panel);
    v.window_fill = get(Ink::Panel);
    v.window_stroke = Stroke::new(1.0, get(Ink::Line));
    v.window_corner_radius = CornerRadius::same(RADIUS_CARD);
    v.menu_corner_radius = CornerRadius::same(RADIUS_CARD);
    let shadow = |blur: u8, offset: i8| Shadow {
        offset: [0, offset],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(if dark { 96 } else { 28 }),
    };
    v.window_shadow = shadow(24, 8);
    v.popup_shadow = shadow(16, 4);
    v.selection = Selection {
        bg_fill: color(theme.color(Ink::Accent).faded(0.28)),
        stroke: Stroke::new(1.0, get(Ink::Accent)),
    };
    v.text_cursor.stroke = Stroke::new(1.5, get(Ink::Accent));
    v.indent_has_left_vline = false;
    v.striped = false;
    v.button_frame = true;
    v.disabled_alpha = 0.45;

    let widget = |fill: Ink, line: Ink, text: Ink| WidgetVisuals {
        bg_fill: get(fill),
        weak_bg_fill: get(fill),
        bg_stroke: Stroke::new(1.0, get(line)),
        fg_stroke: Stroke::new(1.0, get(text)),
        corner_radius: CornerRadius::same(RADIUS),
        expansion: 0.0,
    };
    v.widgets.noninteractive = widget(Ink::Panel, Ink::Line, Ink::Text1);
    v.widgets.inactive = widget(Ink::Raised, Ink::Line, Ink::Text1);
    v.widgets.hovered = widget(Ink::Pressed, Ink::Line, Ink::Text1);
    v.widgets.active = widget(Ink::Pressed, Ink::Accent, Ink::Text1);
    v.widgets.open = widget(Ink::Pressed, Ink::Accent, Ink::Text1);
    style
}
