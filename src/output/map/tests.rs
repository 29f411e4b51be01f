//! Whole sheets: bytes, glyphs, required parts. `MAP_DEMO=DIR cargo test a_realistic_sheet` keeps the demo sheet to be looked at.

use super::*;

/// A repeatable number from 0 to 1.
fn noise(seed: u64) -> f64 {
    let mixed = (seed ^ 0x9e37_79b9).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn at(x: f64, y: f64) -> Planar {
    Planar { x: 540_000.0 + x, y: 5_064_000.0 + y }
}

/// Demand of 46 × 41 cells of 250 m: three hills on a plain, none north of the river.
fn demand() -> Vec<(Planar, f64)> {
    let hill = |x: f64, y: f64, cx: f64, cy: f64, s: f64| (-((x - cx).powi(2) + (y - cy).powi(2)) / (2.0 * s * s)).exp();
    let cell = |number: u32| {
        let (x, y) = (f64::from(number % 46) * 250.0 + 125.0, f64::from(number / 46) * 250.0 + 125.0);
        let base = 620.0 * hill(x, y, 6800.0, 6300.0, 1400.0) + 310.0 * hill(x, y, 3000.0, 2600.0, 1100.0);
        let value = (base + 140.0 * hill(x, y, 9400.0, 2100.0, 1700.0)) * (0.5 + noise(u64::from(number)));
        (at(x, y), if y > 8900.0 - 0.12 * x { 0.0 } else { value })
    };
    (0..46 * 41).map(cell).collect()
}

fn river() -> Layer {
    let bend = |x: f64| 9300.0 - 0.12 * x + 260.0 * (x / 1900.0).sin();
    let south: Vec<Planar> = (-2..=52).map(|i| at(f64::from(i) * 250.0, bend(f64::from(i) * 250.0) - 330.0)).collect();
    let north = (-2..=52).rev().map(|i| at(f64::from(i) * 250.0, bend(f64::from(i) * 250.0) + 380.0));
    let island = (0..24).map(|i| f64::from(i) * std::f64::consts::TAU / 24.0);
    let island = island.map(|a| at(4200.0 + 700.0 * a.cos(), bend(4200.0) + 20.0 + 130.0 * a.sin())).collect();
    let area = Outline { ring: south.into_iter().chain(north).collect(), holes: vec![island] };
    Layer::Areas { areas: vec![area], style: AreaStyle::WATER }
}

fn stations() -> Vec<Marker> {
    let names = ["中央大街", "兆麟公园", "哈尔滨站", "群力第五大道", "安升街", "工程大街", "城乡路", "友谊西路"];
    let station = |i: u64| {
        let (x, y) = (600.0 + 10_400.0 * noise(3 * i + 1), 500.0 + 7400.0 * noise(3 * i + 2));
        let symbol = [Symbol::Fixed, Symbol::Fixed, Symbol::Fixed, Symbol::Smart, Symbol::Bus][(i % 5) as usize];
        let marker = Marker::new(at(x, y), symbol);
        names.get(i as usize).map_or(marker.clone(), |name| marker.labelled(format!("{name}驿站"), 10 + i as u32))
    };
    (0..60).map(station).collect()
}

fn gaps() -> Vec<Marker> {
    let places = [(7400.0, 5200.0), (5200.0, 6900.0), (2100.0, 3300.0), (9800.0, 3000.0), (4300.0, 1200.0)];
    let names = ["抚顺街菜市场", "通江街沿江", "群力远大商圈", "新阳路物流园", "职工街"];
    let gap = |(i, (&(x, y), name)): (usize, (&(f64, f64), &str))| {
        Marker::new(at(x, y), Symbol::Gap(i as u32 + 1)).labelled(name, i as u32)
    };
    places.iter().zip(names).enumerate().map(gap).collect()
}

fn legend(classes: &Classes, colours: &[Colour]) -> Legend {
    let heading = |text: &str| LegendItem::new(Swatch::Heading, text);
    let mut items = vec![heading("需求（人次/日，每格 250 m × 250 m）")];
    items.extend(colours.iter().enumerate().map(|(class, &colour)| LegendItem::new(Swatch::Fill(colour), classes.label(class))));
    items.push(heading("分位数分级，断点取整"));
    items.push(LegendItem::new(Swatch::Withheld, "不足 10，不予显示"));
    items.push(heading("站点"));
    items.push(LegendItem::new(Symbol::Fixed.swatch(), "固定驿站（36）"));
    items.push(LegendItem::new(Symbol::Smart.swatch(), "智能驿站（12）"));
    items.push(LegendItem::new(Symbol::Bus.swatch(), "流动驿站停靠点（12）"));
    items.push(LegendItem::new(Symbol::Chosen.swatch(), "建议新增（2）"));
    items.push(LegendItem::new(Symbol::Candidate.swatch(), "其他候选点（4）"));
    items.push(LegendItem::new(Symbol::Gap(1).swatch(), "覆盖缺口，按未覆盖需求排序"));
    items.push(LegendItem::new(Swatch::Circle(AreaStyle::SERVICE), "服务半径 500 m（含）"));
    items.push(heading("底图要素"));
    items.push(LegendItem::new(Swatch::Area(AreaStyle::WATER), "水域"));
    items.push(LegendItem::new(Swatch::Line(LineStyle::RAILWAY), "铁路"));
    items.push(LegendItem::new(Swatch::Line(LineStyle::LINK), "候选点 – 缺口"));
    Legend { title: "图例".into(), items }
}

fn demo() -> Sheet {
    let demand = demand();
    let values: Vec<f64> = demand.iter().map(|&(_, value)| value).collect();
    let breaks = classes(&values, 5);
    let colours = Ramp::Demand.colours(breaks.count());
    let withheld = |number: usize| number % 97 == 5;
    let fill = |(number, &(centre, value)): (usize, &(Planar, f64))| {
        let class = (!withheld(number)).then(|| breaks.class_of(value));
        (value > 2.0).then_some(CellFill { centre, class })
    };
    let cells = demand.iter().enumerate().filter_map(fill).collect();
    let railway =
        [(-500.0, 4300.0), (3200.0, 4700.0), (6100.0, 4450.0), (8700.0, 5600.0), (10_200.0, 7000.0), (11_000.0, 12_000.0)];
    let candidates = [(7000.0, 4900.0), (5600.0, 7300.0), (2500.0, 3700.0), (9500.0, 3400.0), (4000.0, 800.0), (7700.0, 5600.0)];
    let candidate =
        |(i, &(x, y)): (usize, &(f64, f64))| Marker::new(at(x, y), if i < 2 { Symbol::Chosen } else { Symbol::Candidate });
    let stations = stations();
    let pairs = gaps().iter().zip(candidates).map(|(gap, (x, y))| (gap.at, at(x, y))).collect();
    Sheet {
        title: "道里区户外劳动者驿站服务覆盖与缺口".into(),
        subtitle: "工作日 11:00–14:00 · 直线距离 500 m 内为覆盖 · 覆盖需求 63.4 %（合成数据）".into(),
        extent: Extent { west: 540_000.0, south: 5_064_000.0, east: 551_500.0, north: 5_074_250.0 },
        panels: vec![Panel { caption: String::new(), layers: vec![
            Layer::Cells { cells, side_m: 250.0, colours: colours.clone() },
            river(),
            Layer::Lines { lines: vec![railway.map(|(x, y)| at(x, y)).to_vec()], style: LineStyle::RAILWAY },
            Layer::Links { pairs, style: LineStyle::LINK },
            Layer::Points { points: candidates.iter().enumerate().map(candidate).collect() },
            Layer::Points { points: stations },
            Layer::Points { points: gaps() },
        ] }],
        legend: legend(&breaks, &colours),
        notes: vec![
            "数据日期 2025-07-01 至 2025-07-31 · 来源：合成需求（种子 42）；水域、铁路 © OpenStreetMap 贡献者，ODbL".into(),
            "坐标系 CGCS2000 / 3 度带 GK 东经 126°（EPSG:4551） · 参数包 demo-2025 · 运行号 3f9c2a71 · 图中不表示任何行政区域界线".into(),
        ],
        mark: "示意图".into(),
    }
}

#[test]
fn a_realistic_sheet_is_drawn_twice_alike() {
    let sheet = demo();
    let svg = draw_svg(&sheet, SheetSize::A4).expect("draws");
    let png = rasterise(&svg, 150.0).expect("rasterises");
    assert_eq!(svg, draw_svg(&sheet, SheetSize::A4).expect("draws again"));
    assert_eq!(png, rasterise(&svg, 150.0).expect("rasterises again"));
    assert!(png.len() < 600_000, "{} bytes", png.len());
    assert!(svg.contains(">\n道里区户外劳动者驿站") && svg.contains("width=\"297mm\""), "title as text, real size");
    let folder = tempfile::tempdir().expect("temporary folder");
    let kept = std::env::var_os("MAP_DEMO").map_or_else(|| folder.path().to_owned(), Into::into);
    std::fs::write(kept.join("sheet.svg"), &svg).expect("writes");
    std::fs::write(kept.join("sheet.png"), &png).expect("writes");
    std::fs::write(kept.join("sheet-300.png"), rasterise(&svg, 300.0).expect("rasterises")).expect("writes");
}

#[test]
fn the_png_has_the_paper_size_at_its_resolution() {
    let svg = draw_svg(&demo(), SheetSize::A4).expect("draws");
    let png = rasterise(&svg, 150.0).expect("rasterises");
    let number = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().expect("four bytes"));
    assert_eq!((number(16), number(20)), (1754, 1240));
    assert_eq!((&png[37..41], number(41)), (b"pHYs".as_slice(), 5906));
    assert!(draw_svg(&demo(), SheetSize::A3).expect("draws").contains("width=\"420mm\""));
}

#[test]
fn a_character_that_the_font_lacks_is_named() {
    let mut sheet = demo();
    sheet.panels[0]
        .layers
        .push(Layer::Points { points: vec![Marker::new(at(0.0, 0.0), Symbol::Fixed).labelled("𰻝面馆", 0)] });
    let error = draw_svg(&sheet, SheetSize::A4).expect_err("no such glyph");
    assert_eq!(error, MapError::MissingGlyph { character: '𰻝', text: "𰻝面馆".into() });
    assert!(error.to_string().contains("U+30EDD"), "{error}");
}

#[test]
fn parts_that_every_map_needs_are_asked_for() {
    let blank = |change: fn(&mut Sheet)| {
        let mut sheet = demo();
        change(&mut sheet);
        draw_svg(&sheet, SheetSize::A4).expect_err("incomplete").to_string()
    };
    assert!(blank(|sheet| sheet.title.clear()).contains("title"));
    assert!(blank(|sheet| sheet.mark.clear()).contains("示意图"));
    assert!(blank(|sheet| sheet.notes.clear()).contains("notes"));
    let long = |sheet: &mut Sheet| {
        let items = sheet.legend.items.clone();
        sheet.legend.items.extend(items.into_iter().cycle().take(90));
    };
    assert!(blank(long).contains("legend"));
}

#[test]
fn a_class_without_a_colour_is_refused() {
    let mut sheet = demo();
    let cells = vec![CellFill { centre: at(0.0, 0.0), class: Some(3) }];
    sheet.panels[0].layers.push(Layer::Cells { cells, side_m: 250.0, colours: Ramp::Unmet.colours(3) });
    assert_eq!(draw_svg(&sheet, SheetSize::A4), Err(MapError::NoSuchClass { class: 3, classes: 3 }));
}

#[test]
fn what_lies_outside_the_extent_stays_off_the_paper() {
    let mut sheet = demo();
    let far = |x: f64| at(x, 1e9);
    sheet.panels[0].layers = vec![
        Layer::Points { points: vec![Marker::new(far(0.0), Symbol::Bus).labelled("远方", 0)] },
        Layer::Lines { lines: vec![vec![far(-1e9), far(1e9)]], style: LineStyle::BRIDGE },
        Layer::Areas {
            areas: vec![Outline { ring: vec![far(0.0), far(1.0), far(2.0)], holes: vec![] }],
            style: AreaStyle::WATER,
        },
    ];
    let svg = draw_svg(&sheet, SheetSize::A4).expect("draws");
    assert!(!svg.contains("远方") && svg.contains("[labels: 0 of 0]"));
}
