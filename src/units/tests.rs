use proptest::prelude::*;

use super::*;

proptest! {
    /// What is written as a time is read back as the same time, to the millisecond.
    #[test]
    fn a_time_survives_being_written(millis in -60_000_000_000_000_i64..127_000_000_000_000) {
        let time = Timestamp::from_micros(millis * 1000);
        prop_assert_eq!(time.to_string().parse::<Timestamp>(), Ok(time));
    }

    /// Every point lies in its minute.
    #[test]
    fn a_point_lies_in_its_minute(micros in -60_000_000_000_000_000_i64..127_000_000_000_000_000) {
        let time = Timestamp::from_micros(micros);
        prop_assert!(time.minute().start() <= time);
        prop_assert!(time < time.minute().plus(1).start());
    }

    /// An id survives being written; no other text is taken for one.
    #[test]
    fn an_id_survives_being_written(bytes in any::<[u8; 16]>(), text in "\\PC{0,40}") {
        let id = SignatureId::from_bytes(bytes);
        prop_assert_eq!(id.to_string().parse::<SignatureId>(), Ok(id));
        if let Ok(other) = text.parse::<SignatureId>() {
            let (written, text) = (other.to_string(), text.to_ascii_lowercase());
            prop_assert_eq!(written.split(':').nth(1), text.split(':').nth(1));
        }
    }

    /// Records outlive rules: an id of another version can be read, and is not one of today's on purpose.
    #[test]
    fn an_id_of_other_rules_can_be_read(bytes in any::<[u8; 16]>(), version in 0..1000_u32) {
        let id = SignatureId::from_bytes(bytes);
        let text = format!("s{version}:{}", id.to_string().split(':').nth(1).unwrap());
        prop_assert_eq!(text.parse::<SignatureId>(), Ok(id));
    }
}
