"""What the three notebooks share: where the outputs are, the words, the frame of a figure. No analysis."""

import io
import json
import os
import tomllib
import warnings
from pathlib import Path

import geopandas
import matplotlib
import pandas
from IPython.display import HTML, Image, display

matplotlib.use("Agg")
from matplotlib import font_manager, patches, pyplot  # noqa: E402

OUT = Path(os.environ.get("YIZHAN_OUT", "../out"))  # the only folder that is read
SCENARIO = os.environ.get("YIZHAN_SCENARIO", "daoli")  # its name; out/<name> and out/<name>-schedule
FONT = Path("../src/output/fonts/NotoSansCJKsc-subset.otf")

font_manager.fontManager.addfont(FONT)
warnings.filterwarnings("error", message="Glyph .* missing")  # an error, never a box
matplotlib.rcParams.update({
    "font.family": font_manager.FontProperties(fname=FONT).get_name(),
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left", "axes.titlesize": 9,
    "axes.edgecolor": "#555555", "axes.grid": False, "grid.color": "#DDDDDD", "legend.frameon": False, "legend.fontsize": 8,
    "svg.hashsalt": "yizhan", "svg.fonttype": "path", "hatch.linewidth": 0.6,
})

# Words of src/text/output.toml: id → Chinese, English.
SEASONS = {"spring": ("春季平季", "spring"), "summer_peak": ("夏季旺季", "summer peak"), "autumn": ("秋季平季", "autumn"), "winter_peak": ("冬季旺季", "winter peak")}
DAY_TYPES = {"weekday": ("工作日", "weekday"), "weekend": ("周末", "weekend"), "festival": ("节庆", "festival")}
SLOTS = {"night": "夜间 night 22–06", "early": "清晨 early 06–09", "am": "上午 morning 09–11", "lunch": "午高峰 lunch 11–14", "pm_rest": "下午 afternoon 14–17", "dinner": "晚高峰 dinner 17–20", "evening": "晚间 evening 20–22"}
RUNGS = {"radius": ("半径内", "in the radius"), "path": ("可步行到达", "also by path"), "open": ("且当时开放", "and open then"), "capacity": ("且容得下", "and with room"), "service": ("且功能合适", "and right service")}
CAUSES = {"distance": ("距离", "distance"), "barrier": ("阻隔", "barrier"), "season": ("季节", "season"), "out_of_area": ("辖区外", "outside the area"), "hours": ("时段", "opening hours"), "capacity": ("容量", "capacity"), "service": ("功能", "service")}
ACTIONS = {"new_fixed": ("新建固定", "new fixed"), "new_smart": ("新建智能", "new smart"), "upgrade_smart": ("升级智能", "upgrade to smart"), "place_bus": ("调配大巴", "place a bus"), "extend_hours": ("延时", "extend hours"), "add_equipment": ("增配", "add equipment"), "add_staff": ("增派", "add staff"), "merge": ("合并", "merge"), "relocate": ("迁移", "relocate"), "review": ("人工复核", "review"), "keep": ("保留", "keep")}
GROUPS = {"food_rider": "外卖骑手 food riders", "courier": "快递员 couriers", "ride_hail": "网约/出租司机 drivers", "truck_driver": "货车司机 truck drivers", "sanitation": "环卫工人 sanitation", "police": "交警/执勤民警 police", "street_staff": "城管/协管/园林/市政 street staff", "construction": "建筑工人 construction", "vendor": "摊贩/零工 vendors", "office_worker": "园区职工 office workers"}
UNKNOWN = "未知 unknown"

INK, GREY, PAPER = "#1B1B2B", "#6B6B76", "#F3F3EF"
BLUES = ["#EDF3F8", "#BDD3E6", "#86AFD0", "#4F86B5", "#245C8F", "#0B335C"]  # light to dark in even steps; printed grey they stay apart
REDS = ["#FBEBDD", "#F2C6A0", "#E39A63", "#C66A35", "#963F1C", "#5A1F0D"]


def both(words, key, between=" "):
    """Chinese and English of an id; an id without words stays as it is."""
    return between.join(words[key]) if key in words else str(key)


def day_words(day):
    """`winter_peak weekday` or `winter_peak-weekday` in Chinese and in English; a date stays a date."""
    season, _, kind = day.replace(" ", "-", 1).partition("-")
    if season not in SEASONS or kind not in DAY_TYPES:
        return day, day
    return SEASONS[season][0] + DAY_TYPES[kind][0], f"{SEASONS[season][1]} {DAY_TYPES[kind][1]}"


def day_name(day, between="\n"):
    """The same in one text."""
    zh, en = day_words(day)
    return zh if zh == en else zh + between + en


class Run:
    """One output folder."""

    def __init__(self, name):
        self.folder = OUT / name
        self.manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        self.scenario = tomllib.loads((self.folder / "scenario.effective.toml").read_text("utf-8"))
        self.id, self.crs = self.manifest["run_id"], self.manifest["conventions"]["crs"]
        self.public = self.manifest["scenario"].get("profile", "internal") != "internal"
        self.radius = {s["id"]: s["radius_m"] for s in self.manifest["standards"]}
        self.standard = self.manifest["standards"][0]["id"]

    def csv(self, name, **how):
        return pandas.read_csv(self.folder / name, encoding="utf-8-sig", **how)

    def geo(self, name):
        """Features in metres, in the working system of the run. Not with GDAL, which takes 14:00 for a time and lists for text."""
        features = json.loads((self.folder / name).read_text("utf-8"))
        return geopandas.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs(self.crs)

    def about(self):
        """What each figure must say of itself, in both languages."""
        scenario, sources = self.manifest["scenario"], self.scenario["sources"]
        title, source = self.scenario["title"], sources["attribution"]
        packs = "、".join(f"{s['id']}@{s['version']}（{s['radius_m']:,.0f} m）" for s in self.manifest["standards"])
        zh = f"{title['zh']} · 数据 {sources['date']} · 来源：{source['zh']} · 标准 {packs} · 规则 {scenario['rules']} · 运行号 {self.id}"
        en = f"{title['en']} · data of {sources['date']} · source: {source['en']} · standards as above · rules {scenario['rules']} · run {self.id}"
        return (zh + " · 公开版：小数已抑制，不计入", en + " · public: small counts suppressed and left out") if self.public else (zh, en)


def label(value, digits=1):
    """A number as text. Nothing known is said so: it is not zero."""
    return UNKNOWN if pandas.isna(value) else f"{value:,.{digits}f}"


def percent(value):
    return UNKNOWN if pandas.isna(value) else f"{100 * value:.1f} %"


def ladder(coverage, by):
    """Visits a day at each rung and their shares. Suppressed rows are unknown: left out above and below the line, and counted."""
    columns = ["demand"] + [f"visits_{rung}" for rung in RUNGS]
    unknown = coverage["suppressed"] | coverage[columns].isna().any(axis=1)
    rows = coverage.assign(unknown=unknown)
    rows.loc[unknown, columns] = float("nan")
    groups = rows.groupby(by, dropna=False, sort=False)
    sums = groups[columns].sum(min_count=1)
    for rung in RUNGS:
        sums[rung] = sums[f"visits_{rung}"] / sums["demand"]
    return sums.assign(unknown=groups["unknown"].sum())


def sheet(run, zh, en, size=(10, 4.5), rows=1, cols=1, note=(), keys=(), key_columns=5, layout="constrained", **how):
    """A figure with a title in both languages above, its key and its source below."""
    figure, axes = pyplot.subplots(rows, cols, figsize=size, layout=layout, **how)
    figure.canvas.draw_idle = lambda *_, **__: None  # geopandas asks for a whole drawing at every layer; once, when it is saved, is enough
    height, lines = size[1], [*note, *run.about()]
    above, below = 0.66, 0.12 + 0.135 * len(lines)
    if keys:
        figure.legend(handles=keys, loc="lower left", bbox_to_anchor=(0.005, below / height), ncols=key_columns, borderaxespad=0)
        below += 0.08 + 0.19 * -(-len(keys) // key_columns)
    figure.get_layout_engine().set(rect=(0.006, below / height, 0.988, 1 - (above + below) / height))
    figure.text(0.012, 1 - 0.08 / height, zh, size=13, va="top", color=INK)
    figure.text(0.012, 1 - 0.36 / height, en, size=9, va="top", color=GREY)
    for row, line in enumerate(reversed(lines)):
        figure.text(0.012, (0.07 + 0.135 * row) / height, line, size=6.5, va="bottom", color=GREY)
    return figure, axes


def furniture(axes, metres=2000, corner=(0.77, 0.05)):
    """Scale bar, north arrow and the mark of a schematic map; the axes hold metres."""
    axes.set_aspect("equal")
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="", facecolor=PAPER)
    axes.spines[["top", "right"]].set_visible(True)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    x, y, unit = left + corner[0] * (right - left), low + corner[1] * (high - low), (high - low) / 100
    for half, fill in ((0, INK), (1, "white")):
        axes.add_patch(patches.Rectangle((x + half * metres / 2, y), metres / 2, 1.3 * unit, fc=fill, ec=INK, lw=0.6, zorder=9))
    axes.text(x, y + 2 * unit, "0", size=6.5, ha="center", zorder=9)
    axes.text(x + metres, y + 2 * unit, f"{metres / 1000:g} km", size=6.5, ha="center", zorder=9)
    axes.annotate("北 N", (0.05, 0.97), (0.05, 0.845), xycoords="axes fraction", ha="center", va="top", size=7, color=INK, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1}, zorder=9)
    axes.text(0.98, 0.975, "示意图 schematic", transform=axes.transAxes, size=6.5, ha="right", va="top", zorder=9, bbox={"fc": "white", "ec": INK, "lw": 0.5, "pad": 2})


def dot(marker, fill, text, size=6):
    """A line of a key."""
    return pyplot.Line2D([], [], ls="", marker=marker, ms=size, mfc=fill, mec=INK, mew=0.7, label=text)


def swatch(fill, text, hatch=""):
    """A line of a key."""
    return patches.Patch(fc=fill, ec=INK, lw=0.6, hatch=hatch, label=text)


def study_box(run, axes):
    """Limits of a map: the study area of the scenario."""
    west, south, east, north = run.scenario["area"]["bbox"]
    corners = geopandas.GeoSeries.from_xy([west, east, west, east], [south, south, north, north], crs="EPSG:4326").to_crs(run.crs)
    axes.set(xlim=(corners.x.min(), corners.x.max()), ylim=(corners.y.min(), corners.y.max()))


def show(figure, dpi=110):
    """Puts the figure into the notebook; the same figure gives the same bytes."""
    image = io.BytesIO()
    figure.savefig(image, dpi=dpi, metadata={"Software": None})
    pyplot.close(figure)
    display(Image(image.getvalue(), width=round(figure.get_figwidth() * 96)))


def table(rows):
    """A table whose empty values are called unknown."""
    display(HTML(rows.to_html(index=False, border=0, na_rep=UNKNOWN, justify="left")))
