#!/usr/bin/env python3
"""How fast Benders cuts by spatial tiles reach the bound of maximal covering's linear relaxation, on the cities' census blocks.

The master is a linear programme (HiGHS, dual simplex from the last basis, one thread): at most p sites x in [0, 1], one theta a
tile of demand, the sum of thetas as large as possible. Its value is an upper bound in every round. Cuts are the closed form of
Cordeau, Furini & Ljubić (2019), EJOR 275(3), at a point half-way between the master's answer and the best point so far ("in-out");
where that cuts nothing off, at the master's answer. One row per case and number of tiles is printed; the clock runs from reading
the file, with numpy, scipy and HiGHS already loaded.

    python benders.py [--cases manhattan-50,sanfrancisco-100] [--tiles 1,64,classes] [--time 60]
"""

import argparse
import csv
import json
import os
import time

import highspy
import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from scipy.spatial import cKDTree

INSTANCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "instances")
EARTH_M = 6_378_100.0
CHECKPOINTS_S = (1, 2, 5, 10, 30, 60)
TOLERANCE = 1e-6


def covering(city, radius):
    """Demand merged where the same sites cover it: classes × sites, the weight of each class, and where its first member lies."""
    with open(os.path.join(INSTANCES, city, "nodes.csv"), newline="") as file:
        rows = np.array([[float(row[key]) for key in ("lon", "lat", "weight")] for row in csv.DictReader(file)])
    weights, (lon, lat) = rows[:, 2], np.radians(rows[:, :2]).T
    space = EARTH_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    a, b = cKDTree(space).query_pairs(radius + 1.0, output_type="ndarray").T
    half = np.sin((lat[b] - lat[a]) / 2) ** 2 + np.cos(lat[a]) * np.cos(lat[b]) * np.sin((lon[b] - lon[a]) / 2) ** 2
    near = 2 * EARTH_M * np.arcsin(np.sqrt(half)) <= radius
    a, b, own = a[near], b[near], np.arange(len(rows))
    pairs = np.concatenate([a, b, own]), np.concatenate([b, a, own])
    covers = csr_matrix((np.ones(len(pairs[0])), pairs), shape=(len(rows), len(rows)))
    covers.sort_indices()
    first, merged = {}, np.zeros(len(rows))
    for row in np.flatnonzero(weights):
        key = covers.indices[covers.indptr[row]:covers.indptr[row + 1]].tobytes()
        merged[first.setdefault(key, row)] += weights[row]
    kept = np.fromiter(first.values(), dtype=int)
    return covers[kept], merged[kept], np.column_stack([lon * np.cos(lat.mean()), lat])[kept]


def tiling(places, wanted):
    """The tile of each class: the coarsest grid of squares of which at least `wanted` hold demand, or a tile for every class."""
    if wanted == "classes":
        return np.arange(len(places))
    low, span, side, tiles = places.min(axis=0), np.ptp(places, axis=0).max() * (1 + 1e-9), 1, np.zeros(len(places), dtype=int)
    while tiles.max() + 1 < min(int(wanted), len(places)):
        side += 1
        _, tiles = np.unique(np.floor((places - low) / span * side).astype(int) @ [side, 1], return_inverse=True)
    return tiles


def master(sites, p, most):
    """Columns: x by site, then theta by tile."""
    lp = highspy.Highs()
    for option, value in {"output_flag": False, "threads": 1, "parallel": "off", "solver": "simplex", "presolve": "off"}.items():
        lp.setOptionValue(option, value)
    columns, empty = sites + len(most), np.array([], dtype=np.int32)
    upper, gain = np.append(np.ones(sites), most), np.append(np.zeros(sites), np.ones(len(most)))
    lp.addCols(columns, gain, np.zeros(columns), upper, 0, empty, empty, np.array([]))
    lp.addRow(-highspy.kHighsInf, p, sites, np.arange(sites, dtype=np.int32), np.ones(sites))
    lp.changeObjectiveSense(highspy.ObjSense.kMaximize)
    return lp


def benders(city, radius, p, wanted, limit):
    begin, cpu = time.perf_counter(), time.process_time()
    covers, weights, places = covering(city, radius)
    tiles, sites = tiling(places, wanted), covers.shape[1]
    member = csr_matrix((weights, (tiles, np.arange(len(weights)))))
    most, total = np.bincount(tiles, weights), weights.sum()
    lp, history, slack = master(sites, p, most), [(0.0, total)], TOLERANCE * total / len(most)

    def cuts(at):
        """What this point covers, and theta <= constant + slopes · x by tile, tight there."""
        amount = covers @ at
        return weights @ np.minimum(amount, 1), member @ (amount >= 1), member @ diags((amount < 1).astype(float)) @ covers

    core, rounds, added, solving, state = np.full(sites, min(1.0, p / sites)), 0, 0, 0.0, "at the limit"
    best = cuts(core)[0]
    while (left := limit - (time.perf_counter() - begin)) > 0:
        lp.setOptionValue("time_limit", lp.getRunTime() + left)
        since = time.perf_counter()
        lp.run()
        solving += time.perf_counter() - since
        if (status := lp.getModelStatus()) != highspy.HighsModelStatus.kOptimal:
            state = state if status == highspy.HighsModelStatus.kTimeLimit else lp.modelStatusToString(status)
            break
        rounds += 1
        answer, bound = np.array(lp.getSolution().col_value), lp.getInfo().objective_function_value
        history.append((time.perf_counter() - begin, min(bound, history[-1][1])))
        x, theta = np.clip(answer[:sites], 0, 1), answer[sites:]
        for point in ((x + core) / 2, x):
            worth, constant, slopes = cuts(point)
            if worth > best:
                best, core = worth, point
            cut = np.flatnonzero(theta > constant + slopes @ x + slack)
            if len(cut):
                break
        if not len(cut) or bound - best <= TOLERANCE * bound:
            state = "converged"
            break
        added += len(cut)
        own = csr_matrix((np.ones(len(cut)), (np.arange(len(cut)), cut)), shape=(len(cut), len(most)))
        rows, below = hstack([-slopes[cut], own], format="csr"), np.full(len(cut), -highspy.kHighsInf)
        lp.addRows(len(cut), below, constant[cut], rows.nnz, rows.indptr[:-1], rows.indices, rows.data)
    return {"tiles": len(most), "rounds": rounds, "cuts": added, "history": history, "best": best, "state": state,
            "seconds": time.perf_counter() - begin, "solving": solving, "cpu": time.process_time() - cpu}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", default="manhattan-50,manhattan-100,sanfrancisco-70,sanfrancisco-100")
    parser.add_argument("--tiles", default="1,64", help="numbers of tiles, or `classes` for one tile per class of demand")
    parser.add_argument("--time", type=float, default=60.0, help="time limit of each run, seconds")
    args = parser.parse_args()
    shown = [at for at in CHECKPOINTS_S if at <= args.time]
    heads = ["case", "tiles", "rounds", "cuts", "upper bound", "best point", "seconds", "of them HiGHS", "CPU seconds", "end"]
    heads += [f"bound at {at} s" for at in shown]
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for case in args.cases.split(","):
        city, p = case.rsplit("-", 1)
        with open(os.path.join(INSTANCES, city, "expected.json")) as file:
            radius = json.load(file)["rows"][0]["radius_m"]
        for wanted in args.tiles.split(","):
            run = benders(city, radius, int(p), wanted, args.time)
            row = [case, run["tiles"], run["rounds"], run["cuts"], f"{run['history'][-1][1]:,.1f}", f"{run['best']:,.1f}"]
            row += [f"{run[key]:.2f}" for key in ("seconds", "solving", "cpu")] + [run["state"]]
            row += [f"{min(bound for when, bound in run['history'] if when <= at):,.1f}" for at in shown]
            print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    main()
