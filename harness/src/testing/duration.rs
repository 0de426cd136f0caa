//! Durations as people write them.

use std::str::FromStr;
use std::time::Duration;

/// A duration that stands in an attribute: `#[nevernone::test(horizon = "30s")]`.
///
/// # Panics
/// Where it does not read.
#[track_caller]
pub fn duration(text: &str) -> Duration {
    match text.parse::<HumanDuration>() {
        Ok(duration) => duration.0,
        Err(error) => panic!("the duration `{text}` does not read: {error}"),
    }
}

/// A duration as people write it: `1ms`, `60s`, `5m`, `2h`; a bare number is seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanDuration(pub Duration);

impl From<HumanDuration> for Duration {
    fn from(duration: HumanDuration) -> Self {
        duration.0
    }
}

impl FromStr for HumanDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let millis_per_unit = match unit {
            "ms" => 1,
            "s" | "" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(format!("`{unit}` is no unit of time; write 1ms, 60s, 5m or 2h")),
        };
        let number: u64 =
            number.parse().map_err(|_| "a duration begins with a whole number: 1ms, 60s, 5m".to_owned())?;
        let millis = number.checked_mul(millis_per_unit).ok_or("that is longer than time can be counted")?;
        Ok(HumanDuration(Duration::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests {
    use super::HumanDuration;
    use std::time::Duration;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, millis) in [("1ms", 1), ("60s", 60_000), ("5m", 300_000), ("2", 2_000), ("1h", 3_600_000)] {
            assert_eq!(text.parse(), Ok(HumanDuration(Duration::from_millis(millis))), "{text}");
        }
        for text in ["", "s", "1.5s", "-1s", "1w", "99999999999999999999s", "18446744073709551615h"] {
            assert!(text.parse::<HumanDuration>().is_err(), "{text}");
        }
    }
}
