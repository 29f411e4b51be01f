//! CSV for people: UTF-8 with a byte order mark (without it Excel on a Chinese Windows reads GB18030), comma, LF.
//!
//! A text cell that a spreadsheet would run as a formula gets a leading apostrophe. Numbers and flags are never changed.

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Text of whatever content.
    Text(String),
    /// A figure, written as short as it reads back.
    Number(f64),
    /// A count.
    Count(usize),
    /// `true` or `false`.
    Flag(bool),
    /// Not known.
    Empty,
}

impl Cell {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A number.
    pub fn number(value: f64) -> Self {
        Self::Number(value)
    }

    /// A number that may be unknown.
    pub fn maybe(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }

    /// A flag.
    pub fn flag(value: bool) -> Self {
        Self::Flag(value)
    }
}

/// A table being written.
#[derive(Debug)]
pub(super) struct Csv {
    text: String,
    columns: usize,
}

impl Csv {
    /// A table with its header.
    pub fn new(columns: &[&str]) -> Self {
        Self { text: format!("\u{feff}{}\n", columns.join(",")), columns: columns.len() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Cell]) {
        debug_assert_eq!(cells.len(), self.columns, "a row has a cell for each column");
        for (column, cell) in cells.iter().enumerate() {
            if column > 0 {
                self.text.push(',');
            }
            match cell {
                Cell::Text(text) => self.text.push_str(&quoted(text)),
                Cell::Number(value) => self.text.push_str(&value.to_string()),
                Cell::Count(value) => self.text.push_str(&value.to_string()),
                Cell::Flag(value) => self.text.push_str(if *value { "true" } else { "false" }),
                Cell::Empty => {}
            }
        }
        self.text.push('\n');
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// The text of a cell: harmless in a spreadsheet, and quoted where it must be.
fn quoted(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        let mut csv = Csv::new(&["a", "b", "c", "d", "e"]);
        csv.row(&[Cell::text("=1+1"), Cell::text("甲,\"乙\"\n"), Cell::number(-0.5), Cell::flag(true), Cell::Empty]);
        let text = String::from_utf8(csv.finish()).unwrap();
        assert_eq!(text, "\u{feff}a,b,c,d,e\n'=1+1,\"甲,\"\"乙\"\"\n\",-0.5,true,\n");
    }
}
