//! The summary of the demo city names its key figures in both languages, and leaves nothing unfilled.

use std::path::Path;

use super::*;
use crate::output::clear;
use crate::progress::Silent;

#[test]
fn the_demo_city_is_summed_up_in_both_languages() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/daoli/scenario.toml");
    let scenario = crate::scenario::load(&path).expect("valid scenario");
    let findings = crate::pipeline::analyse(&scenario, &Silent).expect("runs");
    let zh = summary(&clear(&findings), &scenario, Lang::Zh);
    let en = summary(&clear(&findings), &scenario, Lang::En);
    for part in
        ["68.1 %", "75.3 %", "49.2 %", "群力商圈驿站", "2.4–17.8", "gb50180_10min@1", "acftu_15min@1", "yizhan verify OUT"]
    {
        assert!(zh.contains(part) && en.contains(part), "{part} in\n{zh}\n{en}");
    }
    for part in ["台账 71 行 → 68 个驿站", "1186.0 人次/日", "安静社区驿站", "阻隔", "母站与分站", "冰雪大世界地铁口"]
    {
        assert!(zh.contains(part), "{part} in\n{zh}");
    }
    for part in ["71 rows → 68 stations", "1,186.0 visits/day", "Gini", "barrier", "parent and branch", "proved optimal"] {
        assert!(en.contains(part), "{part} in\n{en}");
    }
    for text in [&zh, &en] {
        assert!(!text.contains(['{', '}']) && !text.contains("summary."), "every sentence is there and filled in:\n{text}");
    }
    assert_eq!(zh.lines().count(), en.lines().count(), "both say the same");
}
