//! Class breaks of a choropleth: every class holds about the same share of the whole, with the breaks moved to round numbers.
//!
//! Demand is very uneven: classes of equal cell counts spend their colours on the empty countryside, equal steps on the one busiest
//! cell. Equal shares of the sum show where demand lies. Zero has no part in it: a cell without demand is better left as ground.

use crate::output::thousands;

/// Class breaks, rising. A class holds values above the break before it, up to and including its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    breaks: Vec<f64>,
    largest: f64,
}

/// Sentence that names the method, for the legend (`message::term`).
pub const METHOD: &str = "map.classes.equal_share";

/// Mantissas of round numbers, coarse to fine.
const ROUND: [&[f64]; 3] = [
    &[1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0],
    &[1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0],
    &[],
];

/// At most `count` classes of the positive values; fewer when the values don't tell that many apart.
pub fn classes(values: &[f64], count: usize) -> Classes {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite() && *v > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let largest = sorted.last().copied().unwrap_or(0.0);
    let inner = count.max(1) - 1;
    let total: f64 = sorted.iter().sum();
    let mut upto = 0.0;
    let cumulative: Vec<f64> = sorted
        .iter()
        .map(|value| {
            upto += value;
            upto
        })
        .collect();
    let share = |k: usize| cumulative.partition_point(|&sum| sum < total * k as f64 / count.max(1) as f64);
    let raw: Vec<f64> = (1..=inner).filter_map(|k| sorted.get(share(k)).copied()).collect();
    let longer = |best: Vec<f64>, next: Vec<f64>| if next.len() > best.len() { next } else { best };
    let breaks = ROUND.iter().map(|mantissas| tidy(&raw, mantissas, largest)).fold(Vec::new(), longer);
    Classes { breaks, largest }
}

/// The breaks at round numbers, rising and below the largest value.
fn tidy(raw: &[f64], mantissas: &[f64], largest: f64) -> Vec<f64> {
    let mut breaks: Vec<f64> = raw.iter().map(|&value| round_to(value, mantissas)).filter(|&b| b < largest).collect();
    breaks.dedup();
    breaks
}

/// The nearest of `mantissas` × 10ⁿ; three significant digits when there are none.
fn round_to(value: f64, mantissas: &[f64]) -> f64 {
    let exponent = value.log10().floor() as i32;
    let scaled = value / 10_f64.powi(exponent);
    let near = mantissas.iter().copied().min_by(|a, b| (a - scaled).abs().total_cmp(&(b - scaled).abs()));
    let mantissa = near.unwrap_or_else(|| (scaled * 100.0).round() / 100.0);
    // Through decimal text, so that 1.2e1 is 12 and not 12.000000000000002.
    format!("{mantissa}e{exponent}").parse().unwrap_or(value)
}

impl Classes {
    /// Upper bounds of all classes but the last.
    pub fn breaks(&self) -> &[f64] {
        &self.breaks
    }

    /// Number of classes.
    pub fn count(&self) -> usize {
        self.breaks.len() + 1
    }

    /// The class of a value, from 0.
    pub fn class_of(&self, value: f64) -> usize {
        self.breaks.iter().filter(|&&upper| value > upper).count()
    }

    /// The legend's words for a class: `≤ 20`, `20–50`, `> 50`.
    pub fn label(&self, class: usize) -> String {
        let upper = self.breaks.get(class);
        let lower = class.checked_sub(1).and_then(|before| self.breaks.get(before));
        match (lower, upper) {
            (None, None) => format!("≤ {}", number(self.largest)),
            (None, Some(&upper)) => format!("≤ {}", number(upper)),
            (Some(&lower), Some(&upper)) => format!("{}–{}", number(lower), number(upper)),
            (Some(&lower), None) => format!("> {}", number(lower)),
        }
    }
}

/// A number with thousands separated by commas and at most three decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    thousands(text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn skewed_counts_get_round_breaks() {
        let values: Vec<f64> = (1..=1000).map(|i| f64::from(i * i) / 700.0).collect();
        let classes = classes(&values, 5);
        assert_eq!(classes.breaks(), [500.0, 800.0, 1000.0, 1200.0]);
        let labels: Vec<String> = (0..classes.count()).map(|class| classes.label(class)).collect();
        assert_eq!(labels, ["≤ 500", "500–800", "800–1,000", "1,000–1,200", "> 1,200"]);
        assert_eq!((classes.class_of(500.0), classes.class_of(500.1), classes.class_of(5000.0)), (0, 1, 4));
    }

    #[test]
    fn few_distinct_values_give_few_classes() {
        assert_eq!(classes(&[3.0; 40], 5).count(), 1);
        assert_eq!(classes(&[], 5).label(0), "≤ 0");
        assert_eq!(number(1_234_567.25), "1,234,567.25");
    }

    proptest! {
        #[test]
        fn breaks_rise_and_every_value_has_a_class(values in prop::collection::vec(0.001..1e6_f64, 1..80), count in 1..8_usize) {
            let classes = classes(&values, count);
            prop_assert!(classes.breaks().windows(2).all(|pair| pair[0] < pair[1]), "{:?}", classes.breaks());
            prop_assert!(classes.count() <= count);
            prop_assert!(values.iter().all(|&value| classes.class_of(value) < classes.count()));
        }
    }
}
