//! stub
pub const THEMES: &[&str] = &["dark"];
#[derive(Debug)]
pub struct Theme;
pub fn theme_named(_: &str) -> Theme {
    Theme
}
pub fn draw(_: &crate::app::State, _: &Theme, _: ratatui::layout::Rect, _: &mut ratatui::buffer::Buffer) {}
pub fn svg(_: &ratatui::buffer::Buffer, _: &Theme) -> String {
    String::new()
}
