#!/usr/bin/env bash
# Opens layers.gpkg of output folders with GDAL (Debian's package `gdal-bin`): tests/gis/ogrinfo.sh OUT …
# Each layer must be in EPSG:4326, be a layer of one geometry type, have features where the GeoJSON beside it has them (as many, and
# in the same extent), and be found through its spatial index. The file must pass GDAL's check of the rules of GeoPackage.
set -euo pipefail

command -v ogrinfo >/dev/null || { echo "ogrinfo is missing: run scripts/setup.sh gis (Debian: apt-get install gdal-bin)" >&2; exit 1; }
[ $# -gt 0 ] || { echo "usage: $0 OUT …" >&2; exit 2; }

declare -A sorts=([cells]=Polygon [gaps]='Multi Polygon' [duplicates]='Line String' [stations]=Point [recommend]=Point
    [bus_stays]=Point [bus_ways]='Line String')
failures=0
fail() { echo "FAILED $*" >&2; failures=$((failures + 1)); }
count() { sed -n 's/^Feature Count: //p' <<<"$1"; }
extent() { sed -n 's/^Extent: //p' <<<"$1"; }

for out in "$@"; do
    package=$out/layers.gpkg
    # Published gaps are points.
    sorts[gaps]='Multi Polygon'
    if grep -q '"profile": *"public"' "$out/manifest.json"; then sorts[gaps]=Point; fi
    list=$(ogrinfo -ro -q "$package" 2>&1) || { fail "$package: GDAL can't open it"; continue; }
    grep -iE 'warning|error' <<<"$list" >&2 && fail "$package: GDAL complains"
    names=$(sed -nE '/\(None\)$/d; s/^[0-9]+: ([a-z_]+) .*/\1/p' <<<"$list")
    [ -n "$names" ] || fail "$package has no layers"
    # Debian's own Python: the check comes with gdal-bin.
    rules=$(/usr/bin/python3 -m osgeo_utils.samples.validate_gpkg --extra "$package" 2>&1) || fail "$package: $(tail -n1 <<<"$rules")"
    for file in "$out"/cells.parquet "$out"/{gaps,duplicates,stations,recommend}.geojson; do
        name=$(basename "${file%.*}")
        if [ -e "$file" ] && ! grep -qx "$name" <<<"$names"; then fail "$package has no layer $name"; fi
    done
    moves=0
    for name in $names; do
        said=$(ogrinfo -ro -so "$package" "$name" 2>&1)
        grep -iE 'warning|error' <<<"$said" >&2 && fail "$package $name: GDAL complains"
        grep -q "^Geometry: ${sorts[$name]}\$" <<<"$said" || fail "$package $name: $(grep '^Geometry: ' <<<"$said"), not ${sorts[$name]}"
        grep -q 'ID\["EPSG",4326\]]' <<<"$said" || fail "$package $name: not in EPSG:4326"
        features=$(count "$said")
        json=$out/$name.geojson
        if [ -e "$json" ]; then
            same=$(ogrinfo -ro -so "$json" "$name" 2>&1)
            [ "$features" = "$(count "$same")" ] || fail "$package $name: $features features, GeoJSON has $(count "$same")"
            [ "$features" = 0 ] || [ "$(extent "$said")" = "$(extent "$same")" ] ||
                fail "$package $name: extent $(extent "$said"), GeoJSON has $(extent "$same")"
        elif [ "$features" = 0 ]; then
            fail "$package $name: no features"
        fi
        case $name in bus_*) moves=$((moves + features)) ;; esac
        located=$(ogrinfo -ro -q -sql "SELECT count(*) AS n FROM $name WHERE geom IS NOT NULL" "$package" | sed -nE 's/.* n .*= ([0-9]+)$/\1/p')
        found=$(ogrinfo -ro -so -spat -180 -90 180 90 "$package" "$name" 2>&1)
        [ "$(count "$found")" = "$located" ] || fail "$package $name: $(count "$found") of $located features within the world"
        echo "ok $package $name: $features ${sorts[$name]}, extent $(extent "$said")"
    done
    # Stays and ways are one GeoJSON of a timetable.
    if [ -e "$out/bus_routes.geojson" ]; then
        all=$(count "$(ogrinfo -ro -so "$out/bus_routes.geojson" bus_routes 2>/dev/null)")
        [ "$moves" = "$all" ] || fail "$package: $moves stays and ways, GeoJSON has $all"
    fi
done
[ "$failures" = 0 ] || { echo "$failures failures" >&2; exit 1; }
