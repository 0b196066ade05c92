//! Divides the screen: which panel lies where at which size.
//!
//! Input: the size, what is shown, the rows of a notice that is up. Output: [`Layout`], areas that never overlap
//! and never leave the screen.
//!
//! Lives beside the state and not in the view because a page is as long as its panel: `update` must
//! know heights to scroll, and both must agree.

mod wrap;

pub use wrap::wrap;

/// The least width and height at which anything but a message is drawn.
pub const LEAST: (u16, u16) = (60, 16);

/// From this width on, panels lie side by side.
const WIDE: u16 = 100;

/// From this width of a list on, a signature takes one row; below it, two where height permits.
const ONE_ROW: u16 = 76;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Splits off the upper `rows`, as far as there are so many.
    #[must_use]
    pub fn split_top(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        let upper = Self { height: rows, ..self };
        (upper, Self { y: self.y + rows, height: self.height - rows, ..self })
    }

    /// Splits off the left `columns`, as far as there are so many.
    #[must_use]
    pub fn split_left(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        let left = Self { width: columns, ..self };
        (left, Self { x: self.x + columns, width: self.width - columns, ..self })
    }

    /// The panel without its title row.
    #[must_use]
    pub fn content(self) -> Self {
        self.split_top(1).1
    }

    /// The panel's title row.
    #[must_use]
    pub fn title(self) -> Self {
        self.split_top(1).0
    }
}

/// What kind of page is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// List, chart and tail.
    Watching,
    /// A list, and the details of what is selected in it.
    Suspects,
    /// Files, their lines, and what is told about them.
    Review,
    /// One panel.
    Whole,
}

/// The panels of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panels {
    /// See [`Page::Watching`].
    Watching {
        /// The signatures.
        list: Area,
        /// The rate of the selected one.
        chart: Area,
        /// Its lines.
        tail: Area,
    },
    /// See [`Page::Suspects`].
    Suspects {
        /// The suspects.
        list: Area,
        /// Reasons and hunk of the selected one.
        detail: Area,
    },
    /// See [`Page::Review`].
    Review {
        /// The files.
        files: Area,
        /// What is told about them; where there is no room of its own for it, it takes that of the lines.
        about: Option<Area>,
        /// Their lines.
        patch: Area,
    },
    /// See [`Page::Whole`].
    Whole(Area),
}

/// Where everything lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Service, deploy, progress, verdict, losses.
    pub header: Area,
    /// The page's panels.
    pub panels: Panels,
    /// The column between panels side by side.
    pub divider: Option<Area>,
    /// The newest notice; without height when there is none.
    pub notice: Area,
    /// The keys.
    pub footer: Area,
}

/// Most rows of a notice: on a small screen the page needs them more.
const NOTICE: (u16, u16) = (2, 4);

/// Divides a screen of this many columns and rows; `None` when it is too small to draw anything.
#[must_use]
pub fn layout(size: (u16, u16), page: Page, notice_rows: usize) -> Option<Layout> {
    let (width, height) = size;
    if width < LEAST.0 || height < LEAST.1 {
        return None;
    }
    let screen = Area { x: 0, y: 0, width, height };
    let (header, rest) = screen.split_top(if height < 20 { 2 } else { 3 });
    let (above, footer) = rest.split_top(rest.height - 1);
    let most = if height < 20 { NOTICE.0 } else { NOTICE.1 };
    let notice_rows = u16::try_from(notice_rows).unwrap_or(most).min(most);
    let (body, notice) = above.split_top(above.height - notice_rows);
    let (panels, divider) = match page {
        Page::Watching => watching(body),
        Page::Suspects => {
            let ((list, detail), divider) = pair(body, 40, 40);
            (Panels::Suspects { list, detail }, divider)
        }
        Page::Review => review(body),
        Page::Whole => (Panels::Whole(body), None),
    };
    Some(Layout { header, panels, divider, notice, footer })
}

fn watching(body: Area) -> (Panels, Option<Area>) {
    if body.width < WIDE {
        let (list, rest) = body.split_top(share(body.height, 40));
        let (chart, tail) = rest.split_top(share(rest.height, 50));
        return (Panels::Watching { list, chart, tail }, None);
    }
    let ((list, right), divider) = pair(body, 48, 0);
    let (chart, tail) = right.split_top(share(right.height, 45));
    (Panels::Watching { list, chart, tail }, divider)
}

fn review(body: Area) -> (Panels, Option<Area>) {
    if body.width < WIDE {
        let (files, patch) = body.split_top(if body.height < 16 { 3 } else { 4 });
        return (Panels::Review { files, about: None, patch }, None);
    }
    let ((left, patch), divider) = pair(body, 34, 0);
    let (files, about) = left.split_top(share(left.height, 30));
    (Panels::Review { files, about: Some(about), patch }, divider)
}

/// Two panels: side by side where the width permits, else one above the other.
fn pair(body: Area, percent_wide: u16, percent_high: u16) -> ((Area, Area), Option<Area>) {
    if body.width < WIDE {
        return (body.split_top(share(body.height, percent_high)), None);
    }
    let (left, rest) = body.split_left(share(body.width, percent_wide));
    let (divider, right) = rest.split_left(1);
    ((left, right), Some(divider))
}

/// Least columns of a patch whose sides lie side by side.
const SPLIT: u16 = 110;

/// Whether there is room for both sides of a patch.
#[must_use]
pub fn fits_split(panels: Panels) -> bool {
    match panels {
        Panels::Review { patch, .. } => patch.width >= SPLIT,
        Panels::Watching { .. } | Panels::Suspects { .. } | Panels::Whole(_) => false,
    }
}

fn share(whole: u16, percent: u16) -> u16 {
    u16::try_from(u32::from(whole) * u32::from(percent) / 100).unwrap_or(whole)
}

/// Rows that one signature takes in a list panel: 2 where it is narrow but high.
#[must_use]
pub fn rows_per_signature(list: Area) -> u16 {
    if list.width < ONE_ROW && list.height >= 20 { 2 } else { 1 }
}

/// First visible index of `n_items`, so that `selected` is within `height` rows and as little as
/// possible moves away from `top`.
#[must_use]
pub fn window(selected: usize, top: usize, height: usize, n_items: usize) -> usize {
    let least = selected.saturating_add(1).saturating_sub(height.max(1));
    top.clamp(least, selected.max(least)).min(n_items.saturating_sub(height.max(1)).max(least))
}

#[cfg(test)]
mod tests;
