//! Which entries of a small table of counts may be told beside all its row and column totals: the hypercube method in two dimensions.
//!
//! Input: rows of counts whose column totals are told → which rows and entries are withheld. Steps: rows below `least` are pooled with the
//! next smallest until the pool holds `least`, and not told. An entry between nothing and `least` is withheld together with the other
//! corners of a rectangle, the one that withholds least more: moving visits around its corners keeps all totals and moves the entry
//! through a range of at least `least`. If a rectangle is missing nothing but the row totals is told.
//! Source: Repsilber's hypercube method, in Hundepool et al., *Statistical Disclosure Control* (2012), sec. 4.4.
//! Complexity: `O(entries²)`; the optimum would need a mixed integer program and withholds little less in tables of this size.
//! Determinism: integers, ties by index.

/// What is told of each row: `None` if not even its total; else of each entry whether it is told.
pub(super) type Told = Vec<Option<Vec<bool>>>;

/// Decides for a table; all rows have the same number of entries.
pub(super) fn tell(rows: &[Vec<u64>], least: u64) -> Told {
    let total = |row: &Vec<u64>| row.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..rows.len()).filter(|&row| total(&rows[row]) > 0).collect();
    order.sort_by_key(|&row| (total(&rows[row]), row));
    let mut pool = 0;
    let pooled = order.iter().take_while(|&&row| {
        let needed = total(&rows[row]) < least || (pool > 0 && pool < least);
        pool += if needed { total(&rows[row]) } else { 0 };
        needed
    });
    let pooled: Vec<usize> = pooled.copied().collect();
    let alone: Vec<usize> = (0..rows.len()).filter(|row| !pooled.contains(row)).collect();
    let mut table: Vec<Vec<u64>> = alone.iter().map(|&row| rows[row].clone()).collect();
    if !pooled.is_empty() {
        let columns = rows.first().map_or(0, Vec::len);
        table.push((0..columns).map(|column| pooled.iter().map(|&row| rows[row][column]).sum()).collect());
    }
    let hidden = hide(&table, least);
    let mut told = vec![None; rows.len()];
    for (at, &row) in alone.iter().enumerate() {
        let entries = (0..rows[row].len()).map(|column| hidden.as_ref().is_some_and(|hidden| !hidden[at][column]));
        told[row] = Some(entries.collect());
    }
    told
}

/// Entries that are withheld; `None` when one of them can't be protected.
fn hide(table: &[Vec<u64>], least: u64) -> Option<Vec<Vec<bool>>> {
    let mut hidden: Vec<Vec<bool>> = table.iter().map(|row| vec![false; row.len()]).collect();
    let entries = || table.iter().enumerate().flat_map(|(r, row)| (0..row.len()).map(move |c| (r, c)));
    for (r, c) in entries().filter(|&(r, c)| table[r][c] > 0 && table[r][c] < least) {
        let opposite = entries().filter(|&(r2, c2)| r2 != r && c2 != c);
        let wide = |&(r2, c2): &(usize, usize)| table[r][c].min(table[r2][c2]) + table[r][c2].min(table[r2][c]) >= least;
        let price = |(r2, c2): (usize, usize)| {
            let corners = [(r, c2), (r2, c), (r2, c2)];
            corners.into_iter().filter(|&(r, c)| !hidden[r][c]).map(|(r, c)| table[r][c].max(1)).sum::<u64>()
        };
        let (r2, c2) = opposite.filter(wide).min_by_key(|&corner| (price(corner), corner))?;
        for (r, c) in [(r, c), (r, c2), (r2, c), (r2, c2)] {
            hidden[r][c] = true;
        }
    }
    Some(hidden)
}
