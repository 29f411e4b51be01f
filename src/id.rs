//! Typed indexes: a site number can't be used where a demand-cell number is meant.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// Position of a row in one of the model's tables; `u32` keeps the coverage matrix small.
macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The index of row `row`.
            ///
            /// # Panics
            /// When there are more than 2³² rows.
            pub fn from_usize(row: usize) -> Self {
                Self(u32::try_from(row).expect("invariant: tables have fewer than 2^32 rows"))
            }

            /// The row number, from 0.
            pub fn get(self) -> usize {
                self.0 as usize
            }
        }

        impl From<$name> for usize {
            fn from(index: $name) -> usize {
                index.get()
            }
        }

        impl From<usize> for $name {
            fn from(row: usize) -> Self {
                Self::from_usize(row)
            }
        }
    )+};
}

index_types! {
    /// A row of the sites under study (open stations, or options that could open).
    SiteIdx,
    /// A demand cell.
    DemandIdx,
    /// A planning unit.
    UnitIdx,
    /// A group of workers.
    GroupIdx,
}

/// A vector that is indexed by one index type only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdVec<I, T> {
    rows: Vec<T>,
    index: PhantomData<fn(I)>,
}

impl<I: From<usize> + Into<usize> + Copy, T> IdVec<I, T> {
    /// Takes rows as they are: row 0 gets index 0.
    pub fn from_rows(rows: Vec<T>) -> Self {
        Self { rows, index: PhantomData }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, in index order.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// All indexes, ascending.
    pub fn indexes(&self) -> impl Iterator<Item = I> + use<I, T> {
        (0..self.rows.len()).map(I::from)
    }

    /// Index and row, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.rows.iter().enumerate().map(|(row, value)| (I::from(row), value))
    }
}

impl<I: From<usize> + Into<usize> + Copy, T> Index<I> for IdVec<I, T> {
    type Output = T;
    fn index(&self, index: I) -> &T {
        &self.rows[index.into()]
    }
}

impl<I: From<usize> + Into<usize> + Copy, T> IndexMut<I> for IdVec<I, T> {
    fn index_mut(&mut self, index: I) -> &mut T {
        &mut self.rows[index.into()]
    }
}
