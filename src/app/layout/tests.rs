use proptest::prelude::*;

use super::*;

fn areas(layout: &Layout) -> Vec<Area> {
    let mut all = vec![layout.header, layout.notice, layout.footer];
    all.extend(layout.divider);
    match layout.panels {
        Panels::Watching { list, chart, tail } => all.extend([list, chart, tail]),
        Panels::Suspects { list, detail } => all.extend([list, detail]),
        Panels::Review { files, about, patch } => all.extend([files, patch].into_iter().chain(about)),
        Panels::Whole(area) => all.push(area),
    }
    all
}

fn page() -> impl Strategy<Value = Page> {
    prop::sample::select(vec![Page::Watching, Page::Suspects, Page::Review, Page::Whole])
}

proptest! {
    /// The areas cover every cell of the screen exactly once.
    #[test]
    fn every_cell_belongs_to_one_area(width in 60_u16..260, height in 16_u16..90, page in page(), notice in 0_usize..9) {
        let layout = layout((width, height), page, notice).unwrap();
        let mut owners = vec![0_u8; usize::from(width) * usize::from(height)];
        for area in areas(&layout) {
            for y in area.y..area.y + area.height {
                for x in area.x..area.x + area.width {
                    prop_assert!(x < width && y < height);
                    owners[usize::from(y) * usize::from(width) + usize::from(x)] += 1;
                }
            }
        }
        prop_assert!(owners.iter().all(|&owners| owners == 1));
    }

    /// Every panel has room for a title and at least one row, even on the least screen.
    #[test]
    fn every_panel_has_room(width in 60_u16..260, height in 16_u16..90, page in page(), notice in 0_usize..9) {
        let layout = layout((width, height), page, notice).unwrap();
        let empty = if notice > 0 { None } else { Some(layout.notice) };
        for area in areas(&layout).into_iter().filter(|area| Some(*area) != empty) {
            let is_bar = area == layout.footer || area == layout.notice || Some(area) == layout.divider;
            prop_assert!(is_bar || (area.height >= 2 && area.width >= 30), "{area:?}");
        }
    }

    /// Nothing is laid out below the least size.
    #[test]
    fn a_tiny_screen_has_no_layout(width in 0_u16..60, height in 0_u16..16, page in page()) {
        prop_assert_eq!(layout((width, 50), page, 0), None);
        prop_assert_eq!(layout((200, height), page, 0), None);
    }

    /// The selected item is always within the window, and the window shows no empty rows that it need not.
    #[test]
    fn the_selected_item_is_visible(n in 1_usize..500, selected in 0_usize..500, top in 0_usize..600, height in 1_usize..60) {
        let selected = selected.min(n - 1);
        let first = window(selected, top, height, n);
        prop_assert!(first <= selected && selected < first + height);
        prop_assert!(first + height <= n || first == 0);
    }
}
