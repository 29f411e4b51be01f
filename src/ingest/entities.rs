//! Names and entities: when do two ledger rows mean the same station, and which station is whose branch?
//!
//! Two rows are one station when their names are equal after normalising and their positions are within 60 m. Normalising leaves
//! out what says nothing about the place (工会, 户外劳动者, 24小时, pinyin in brackets) and keeps what tells places apart
//! (总站 and 分站, 一号 and 二号).

use super::headers::VOCABULARY;
use super::values::half_width;

/// Two rows of one station are at most this far apart, in metres.
pub(super) const SAME_PLACE_M: f64 = 60.0;

/// A name in the form in which names are compared.
pub(super) fn name_key(name: &str) -> String {
    let words = &VOCABULARY.names;
    let plain: String = half_width(name).to_lowercase().chars().filter(|c| !c.is_whitespace()).map(simplified).collect();
    let mut key = without_pinyin(&plain);
    for noise in &words.noise {
        key = key.replace(noise.as_str(), "");
    }
    key = key.replace("()", "");
    if key.is_empty() { plain } else { key }
}

fn simplified(character: char) -> char {
    let words = &VOCABULARY.names;
    let pairs = words.traditional.chars().zip(words.simplified.chars());
    pairs.into_iter().find(|(traditional, _)| *traditional == character).map_or(character, |(_, simple)| simple)
}

/// Leaves out brackets that hold only Latin letters, as in 户外(hùwài).
fn without_pinyin(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(') {
        kept.push_str(before);
        let Some((inside, beyond)) = after.split_once(')') else {
            kept.push('(');
            rest = after;
            continue;
        };
        let latin = inside.chars().all(|c| c.is_alphabetic() && u32::from(c) < 0x0250);
        if !latin {
            kept.push('(');
            kept.push_str(inside);
            kept.push(')');
        }
        rest = beyond;
    }
    kept + rest
}

/// Whether two unit names mean the same unit: 安和 and 安和街道.
pub(super) fn same_unit(a: &str, b: &str) -> bool {
    let stem = |name: &str| {
        let name: String = half_width(name.trim()).chars().map(simplified).collect();
        let ending = VOCABULARY.names.unit_endings.iter().find(|ending| name.ends_with(ending.as_str()) && name != **ending);
        ending.and_then(|ending| name.strip_suffix(ending.as_str()).map(str::to_owned)).unwrap_or(name)
    };
    stem(a) == stem(b)
}

/// What a name says about parent and branch: the common stem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rank {
    /// 总站 of the stem.
    Main(String),
    /// 分站 of the stem.
    Branch(String),
}

/// The rank in a name, if it has one.
pub(super) fn rank(name: &str) -> Option<Rank> {
    let plain: String = half_width(name.trim()).chars().map(simplified).collect();
    let stem = |words: &[String]| words.iter().find_map(|word| plain.split_once(word.as_str())).map(|(stem, _)| stem.to_owned());
    let words = &VOCABULARY.names;
    stem(&words.main).map(Rank::Main).or_else(|| stem(&words.branch).map(Rank::Branch))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn noise_goes_and_differences_stay() {
        let same = [
            ("安和街夜市工会驿站(户外劳动者服务站点)", "安和街夜市驿站"),
            ("聖索菲亞廣場24小時智能驛站", "圣索菲亚广场智能驿站"),
            ("群力商圈户外(hùwài)劳动者驿站 ", "群力商圈驿站"),
            ("群力商圈 （服务站点）", "群力商圈"),
        ];
        for (a, b) in same {
            assert_eq!(name_key(a), name_key(b), "{a} / {b}");
        }
        let different = [
            ("新阳路商圈总站", "新阳路商圈分站"),
            ("安和一号驿站", "安和二号驿站"),
            ("新阳路商圈分站(环宇)", "新阳路商圈分站"),
            ("通江街道驿站", "通江社区驿站"),
            ("中央大街智能驿站", "中央大街驿站"),
            ("工会驿站", "驿站"),
        ];
        for (a, b) in different {
            assert_ne!(name_key(a), name_key(b), "{a} / {b}");
        }
        assert!(same_unit("安和", "安和街道办") && !same_unit("安和", "安静"));
    }

    #[test]
    fn ranks() {
        assert_eq!(rank("新阳路商圈总站"), Some(Rank::Main("新阳路商圈".into())));
        assert_eq!(rank("新阳路商圈分站(环宇)"), Some(Rank::Branch("新阳路商圈".into())));
        assert_eq!(rank("安和一号驿站"), None);
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(name in "[驛站工会一二号安和总分()a-zù ]{0,12}") {
            let once = name_key(&name);
            prop_assert!(!once.contains(' '));
            let _ = rank(&name);
        }
    }
}
