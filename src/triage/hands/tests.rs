use super::*;

#[test]
fn results_come_in_order_however_they_were_made() {
    // Lent to all tests of this program, which must not notice.
    lend_hands(crate::shell::hands::all);
    for n in [0, 1, 7, 8, 100, 1_000] {
        assert_eq!(all(n, &|index| index * 2), (0..n).map(|index| index * 2).collect::<Vec<_>>());
        let sizes: Vec<usize> = (0..n).map(|index| index * 7 % 5).collect();
        assert_eq!(all_by_size(&sizes, &|index| index), (0..n).collect::<Vec<_>>());
    }
}
