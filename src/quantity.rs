//! Quantities with their unit in the type: metres, visits, impedances and shares.
//!
//! Nothing here is summed as a float: [`Weight`] and [`Impedance`] are integers, so a total is the same on any thread count.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// A value that lies outside what its type allows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{quantity} must be {allowed}, found {found}")]
pub struct QuantityError {
    /// Name of the quantity, with its unit.
    pub quantity: &'static str,
    /// The allowed range, in words.
    pub allowed: &'static str,
    /// The value that was given.
    pub found: f64,
}

/// A length in metres: finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Metres(f64);

impl Metres {
    /// Validates a length in metres.
    ///
    /// # Errors
    /// When the value is negative, infinite or not a number.
    pub fn new(metres: f64) -> Result<Self, QuantityError> {
        if metres.is_finite() && metres >= 0.0 {
            Ok(Self(metres))
        } else {
            Err(QuantityError { quantity: "a length in metres", allowed: "finite and at least 0", found: metres })
        }
    }

    /// The length as a plain number of metres.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Metres {
    type Error = QuantityError;
    fn try_from(metres: f64) -> Result<Self, QuantityError> {
        Self::new(metres)
    }
}

impl From<Metres> for f64 {
    fn from(metres: Metres) -> f64 {
        metres.0
    }
}

/// Demand, in thousandths of a visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weight(u64);

impl Weight {
    /// No demand.
    pub const ZERO: Self = Self(0);

    /// A weight from thousandths of a visit.
    pub const fn from_milli(milli: u64) -> Self {
        Self(milli)
    }

    /// A weight from visits, rounded half up to a thousandth; negative values and NaN become zero.
    pub fn from_visits(visits: f64) -> Self {
        Self((visits.max(0.0) * 1000.0 + 0.5).floor() as u64)
    }

    /// Thousandths of a visit.
    pub const fn milli(self) -> u64 {
        self.0
    }

    /// Visits.
    pub fn visits(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The difference, or zero when `other` is larger.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This weight as a share of `total`; 0 when `total` is zero.
    pub fn share_of(self, total: Self) -> Share {
        if total.0 == 0 { Share(0.0) } else { Share((self.0 as f64 / total.0 as f64).min(1.0)) }
    }
}

impl Add for Weight {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Weight {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        weights.fold(Self::ZERO, Add::add)
    }
}

/// Separation between a site and a demand cell, in whole millimetres of straight-line-equivalent distance.
///
/// "Covered" is decided in one place, [`Impedance::within`], and includes the limit itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Impedance(u32);

impl Impedance {
    /// Further than any limit.
    pub const UNREACHABLE: Self = Self(u32::MAX);

    /// From metres, rounded half up to a millimetre; beyond 4,294 km it is [`Impedance::UNREACHABLE`].
    pub fn from_metres(metres: f64) -> Self {
        let milli = (metres.max(0.0) * 1000.0 + 0.5).floor();
        if milli >= f64::from(u32::MAX) || milli.is_nan() { Self::UNREACHABLE } else { Self(milli as u32) }
    }

    /// Metres.
    pub fn metres(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// The one boundary rule: covered means `impedance <= limit`.
    pub fn within(self, limit: Self) -> bool {
        self <= limit
    }
}

/// A share of a whole, from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

impl Share {
    /// Validates a share.
    ///
    /// # Errors
    /// When the value is not between 0 and 1.
    pub fn new(share: f64) -> Result<Self, QuantityError> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err(QuantityError { quantity: "a share", allowed: "between 0 and 1", found: share })
        }
    }

    /// The share as a number from 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The share in percent.
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

impl TryFrom<f64> for Share {
    type Error = QuantityError;
    fn try_from(share: f64) -> Result<Self, QuantityError> {
        Self::new(share)
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> f64 {
        share.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_covered() {
        let limit = Impedance::from_metres(500.0);
        assert!(Impedance::from_metres(500.0).within(limit));
        assert!(Impedance::from_metres(500.000_4).within(limit), "less than half a millimetre rounds down");
        assert!(!Impedance::from_metres(500.001).within(limit));
    }

    #[test]
    fn weights_round_half_up_and_never_go_negative() {
        assert_eq!(Weight::from_visits(0.0005).milli(), 1);
        assert_eq!(Weight::from_visits(-3.0), Weight::ZERO);
        assert_eq!(Weight::from_visits(f64::NAN), Weight::ZERO);
    }

    #[test]
    fn lengths_and_shares_refuse_what_makes_no_sense() {
        assert!(Metres::new(-1.0).is_err());
        assert!(Metres::new(f64::INFINITY).is_err());
        assert!(Share::new(1.01).is_err());
    }
}
