//! The palette of the product as the desktop's style, and the few shapes screens share.

use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, RichText, Stroke, TextStyle, Ui, Visuals};
use trommel_model::{Palette, Swatch, Theme};

/// The typeface of charts and windows alike.
const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");

/// A colour of the palette for the toolkit.
pub(crate) fn colour(swatch: Swatch) -> Color32 {
    Color32::from_rgb(swatch.rgb.r, swatch.rgb.g, swatch.rgb.b)
}

/// The palette of the theme that is drawn.
pub(crate) fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode { Theme::Dark.palette() } else { Theme::Light.palette() }
}

/// Gives the toolkit the product's look, light and dark.
pub(crate) fn dress(context: &egui::Context) {
    let mut fonts = egui::FontDefinitions::default();
    fonts.font_data.insert("Inter".to_owned(), std::sync::Arc::new(egui::FontData::from_static(INTER)));
    // Last for code, so that its letters stay of one width and every sign has a shape.
    fonts.families.entry(FontFamily::Proportional).or_default().insert(0, "Inter".to_owned());
    fonts.families.entry(FontFamily::Monospace).or_default().push("Inter".to_owned());
    context.set_fonts(fonts);
    context.set_visuals_of(egui::Theme::Light, visuals(Visuals::light(), Theme::Light.palette()));
    context.set_visuals_of(egui::Theme::Dark, visuals(Visuals::dark(), Theme::Dark.palette()));
    context.all_styles_mut(|style| {
        style.spacing.item_spacing = egui::vec2(8.0, 6.0);
        style.spacing.button_padding = egui::vec2(10.0, 4.0);
        style.text_styles = [
            (TextStyle::Heading, FontId::new(20.0, FontFamily::Proportional)),
            (TextStyle::Body, FontId::new(14.0, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(14.0, FontFamily::Proportional)),
            (TextStyle::Monospace, FontId::new(13.0, FontFamily::Monospace)),
            (TextStyle::Small, FontId::new(12.0, FontFamily::Proportional)),
        ]
        .into();
    });
}

fn visuals(mut base: Visuals, palette: &Palette) -> Visuals {
    let grid = Stroke::new(1.0, colour(palette.grid));
    base.panel_fill = colour(palette.background);
    base.window_fill = colour(palette.surface);
    base.extreme_bg_color = colour(palette.surface);
    base.faint_bg_color = colour(palette.surface);
    base.override_text_color = Some(colour(palette.text));
    base.hyperlink_color = colour(palette.accent);
    base.selection.bg_fill = colour(palette.selection);
    base.selection.stroke = Stroke::new(1.0, colour(palette.accent));
    base.window_stroke = grid;
    base.widgets.noninteractive.bg_stroke = grid;
    let radius = CornerRadius::same(6);
    for widget in [&mut base.widgets.inactive, &mut base.widgets.hovered, &mut base.widgets.active, &mut base.widgets.open] {
        widget.corner_radius = radius;
    }
    base
}

/// Lets fields to type into stand out from the window they lie in.
pub(crate) fn sink_fields(ui: &mut Ui) {
    let background = colour(palette(ui).background);
    ui.visuals_mut().extreme_bg_color = background;
}

/// Secondary text.
pub(crate) fn muted(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(colour(palette(ui).muted))
}

/// What a card adds to the width of its contents: margins and lines on both sides.
pub(crate) const CARD_MARGINS: f32 = 26.0;

/// A card: a surface with a border.
pub(crate) fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let p = palette(ui);
    egui::Frame::new()
        .fill(colour(p.surface))
        .stroke(Stroke::new(1.0, colour(p.grid)))
        .corner_radius(CornerRadius::same(8))
        .inner_margin(Margin::same(12))
        .show(ui, contents)
        .inner
}

/// A fault, as far as one line and a next step can say it.
pub(crate) fn problem(ui: &mut Ui, problem: &trommel_model::Problem) {
    let bad = colour(palette(ui).bad);
    ui.label(RichText::new(format!("✗ {}", trommel_model::sanitise(&problem.to_string()))).color(bad));
    if let Some(next) = &problem.next {
        ui.label(muted(ui, format!("→ {next}")));
    }
    if let Some(snippet) = &problem.snippet {
        ui.monospace(snippet.line());
    }
}

/// What to say where there is nothing to show.
pub(crate) fn empty(ui: &mut Ui, text: &str, next: &str) {
    ui.add_space(24.0);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(text).size(16.0));
        ui.label(muted(ui, next));
    });
}
