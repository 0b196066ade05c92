use super::*;

#[test]
fn numbers_are_read_at_a_glance() {
    let counts = [(0, "0"), (999, "999"), (12_345, "12,345"), (1_234_567, "1,234,567")];
    for (n, text) in counts {
        assert_eq!(count(n), text);
    }
    let compacts = [(99_999, "99999"), (100_000, "100k"), (1_234_567, "1.2M"), (u64::MAX, "9999T")];
    for (n, text) in compacts {
        assert_eq!(compact(n), text);
    }
    let amounts =
        [(0.0, "0"), (0.0004, "<.001"), (0.034, "0.034"), (0.5, "0.5"), (9.84, "9.8"), (128.4, "128"), (1e6, "1.0M")];
    for (x, text) in amounts {
        assert_eq!(amount(x), text);
    }
    let p_values = [(1.0, "1"), (0.0312, "0.031"), (3.2e-12, "3e-12"), (0.0, "<1e-300")];
    for (p, text) in p_values {
        assert_eq!(p_value(p), text);
    }
    let ratios = [(4.21, "x4.2"), (0.0, "x0.0"), (0.01, "<x0.1"), (128.0, "x128"), (1e9, ">x9999")];
    for (x, text) in ratios {
        assert_eq!(ratio(Some(x)), text);
    }
}

#[test]
fn lengths_of_time_are_read_at_a_glance() {
    let clocks = [(0, "00:00"), (750, "12:30"), (3_723, "62:03")];
    for (seconds, text) in clocks {
        assert_eq!(clock(Duration::from_secs(seconds)), text);
    }
    let lengths = [(42, "42 s"), (750, "13 min"), (7_200, "2 h"), (432_000, "5 d")];
    for (seconds, text) in lengths {
        assert_eq!(about(Duration::from_secs(seconds)), text);
    }
}

#[test]
fn no_amount_is_wider_than_its_column() {
    for exponent in -400..=308 {
        for digit in [1.0, 4.9999, 9.9999] {
            let x = digit * 10f64.powi(exponent);
            assert!(amount(x).len() <= 5, "{x}: {}", amount(x));
            assert!(ratio(Some(x)).len() <= 6, "{x}: {}", ratio(Some(x)));
            assert!(p_value(x).len() <= 7, "{x}: {}", p_value(x));
        }
    }
}

#[test]
fn evidence_is_told_by_its_size() {
    let told = |x: f64| power_of_ten(x.ln());
    assert_eq!([1.0, 20.0, 999.0, 1_000.0, 9_700.0, 3e7].map(told), ["1", "20", "1e3", "1e3", "1e4", "3e7"]);
    assert_eq!(power_of_ten(700.0), "1e304");
}
