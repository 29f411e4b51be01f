#!/bin/sh
# Makes src/output/fonts/NotoSansCJKsc-subset.otf from Debian's fonts-noto-cjk.
# Needs: apt-get install fonts-noto-cjk fonttools
set -eu
TTC=${1:-/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc}
OUT=$(dirname "$0")/../src/output/fonts/NotoSansCJKsc-subset.otf
CHARS=$(mktemp)
trap 'rm -f "$CHARS"' EXIT

/usr/bin/python3 - "$CHARS" <<'PY'
import sys

def rows(codec, first, last, trail):
    for a in range(first, last + 1):
        for b in trail:
            try:
                yield bytes([a, b]).decode(codec)
            except UnicodeDecodeError:
                pass

chars = set(map(chr, range(0x20, 0x7F)))                                   # ASCII
chars |= set(map(chr, range(0xA0, 0x180)))                                 # Latin-1, Latin Extended-A
chars |= set(map(chr, range(0x2010, 0x2028))) | set("‰′″‹›※⁄€№℃℉™Ω")       # general punctuation
chars |= set(map(chr, range(0x2190, 0x219A)))                              # arrows
chars |= set("≈≠≤≥≡±×÷∞√∑∏−∈∩∪⊂⊃∠⊥∥∴∵")                                    # mathematics
chars |= set("■□▢▪▫▲△▶▷▼▽◀◁◆◇○◎●◯★☆✓✕✔✖")                                  # symbols
chars |= set(map(chr, range(0x2460, 0x2474))) | set("㎜㎝㎞㎡㎥㎏")            # ① to ⑳, units
chars |= set(rows("gb2312", 0xA1, 0xF7, range(0xA1, 0xFF)))                # GB 2312-80, all of it
trail = list(range(0x40, 0x7F)) + list(range(0xA1, 0xFF))
chars |= set(rows("big5", 0xA4, 0xC6, trail))                # Big5 level 1: common traditional characters
chars |= set("镕喆珺堃垚啰邨栢塆沄祎頔烜赟璟瞭炘垟硚圳瑄玥昇昉淏琤翀翯湉滢濛燚犇嫚屺峣崟嶂旸晞晟晔暐暄杺梽棽榀橦"
             "沺泇洺浛浬涢淯渌湜漷潆澴瀍炜烔焓玚玘玙珅珩琇琎瑀瑨璈畇畲皓砼碶磙笪筼箐翙脒苁茳莙菂蓥蕻虓蚬覃"
             "诌谞赟轺郄郚鄌醴钘铚锜锳镆闾阇陉隩雯霁靓韪骐髹魃鲅鸮鹮麴黉亍仝佤侗侬偲僖冼匡卲叆咲哒喵嘢圪"
             "坭坜坨埗埌埭堌塬墁奤妤姵宓屹岙岚岽嵊幺弍彧忞怡恺悫扆抔拃捺揸旻昃晁晗朐栟桕桠梾椤楙榃檑殳")  # beyond both, met in names
open(sys.argv[1], "w", encoding="utf-8").write("".join(sorted(chars)))
PY

# Face 2 of the collection is Noto Sans CJK SC. No hinting (drawn large, anti-aliased); no layout features: advance widths
# alone decide where a glyph stands, so a label is exactly as wide as it was measured.
SOURCE_DATE_EPOCH=0 pyftsubset "$TTC" --font-number=2 --text-file="$CHARS" --output-file="$OUT" \
    --no-hinting --layout-features='' --drop-tables+=vhea,vmtx,VORG,BASE,DSIG,GSUB,GPOS,GDEF \
    --name-IDs='0,1,2,3,4,5,6,13,14' --name-languages='0x409' --no-recalc-timestamp
ls -l "$OUT"
