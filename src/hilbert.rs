//! Hilbert's curve: an order of the plane in which what is near is mostly near in the order (Hilbert 1891).

/// How far along the curve a cell of a square of 2^`bits` cells a side lies; higher bits of `x` and `y` don't count. At most 32 bits.
pub fn along(x: u32, y: u32, bits: u32) -> u64 {
    let (mut x, mut y, mut along) = (x, y, 0);
    for bit in (0..bits).rev() {
        let (right, up) = (x >> bit & 1, y >> bit & 1);
        along = along << 2 | u64::from((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_neighbours_in_turn() {
        let mut cells: Vec<(u64, i32, i32)> =
            (0..16).flat_map(|x| (0..16).map(move |y| (along(x, y, 4), x as i32, y as i32))).collect();
        cells.sort_unstable();
        for (at, pair) in (0..).zip(cells.windows(2)) {
            assert_eq!((pair[0].0, (pair[0].1 - pair[1].1).abs() + (pair[0].2 - pair[1].2).abs()), (at, 1), "{pair:?}");
        }
    }
}
