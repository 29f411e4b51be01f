#!/usr/bin/env python3
"""Maximal covering and set covering side by side: yizhan against spopt (with HiGHS and with CBC) and OR-Tools' set-cover module.

Every contestant starts from the same CSV files and is timed all in, as a process of its own: start, reading, distances, model,
solve, and writing the chosen ids. One row per contestant is printed, and whether the chosen sites cover what the tool says is
counted again here, by plain loops, for all of them.

    benches/peers/run.sh                     # makes a virtual environment, then runs this with the defaults
    python siting.py --yizhan PATH [--cases mclp-1000x100,...] [--peer-limit 300]
"""

import argparse
import csv
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INSTANCES = os.path.join(HERE, "..", "..", "data", "instances")
MANHATTAN_RADIUS_M = 400.0
EARTH_M = 6_378_100.0


# ---- cases -------------------------------------------------------------------------------------------------------------------

def random_case(folder, demand, sites, seed=1):
    """Points uniform on a square of 10 km, weights 1 to 100; the limit makes a site cover about 1.5 % of the demand."""
    dice = random.Random(seed)
    name = f"{demand}x{sites}"
    paths = {kind: os.path.join(folder, f"{name}-{kind}.csv") for kind in ("sites", "demand")}
    with open(paths["sites"], "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "x", "y"])
        out.writerows([f"s{row}", f"{dice.uniform(0, 10_000):.2f}", f"{dice.uniform(0, 10_000):.2f}"] for row in range(sites))
    with open(paths["demand"], "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "x", "y", "weight"])
        rows = range(demand)
        out.writerows([row, f"{dice.uniform(0, 10_000):.2f}", f"{dice.uniform(0, 10_000):.2f}", dice.randint(1, 100)] for row in rows)
    return {**paths, "limit": 700.0, "p": max(10, sites // 10), "metric": "euclidean"}


def manhattan_case():
    nodes = os.path.join(INSTANCES, "manhattan", "nodes.csv")
    return {"sites": nodes, "demand": nodes, "limit": MANHATTAN_RADIUS_M, "p": 100, "metric": f"haversine:{EARTH_M}"}


def points(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    x, y = ("x", "y") if "x" in rows[0] else ("lon", "lat")
    return [(row["id"], float(row[x]), float(row[y]), float(row.get("weight") or 1)) for row in rows]


def distance(metric):
    if metric == "euclidean":
        return lambda a, b: math.hypot(a[1] - b[1], a[2] - b[2])
    radius = float(metric.split(":")[1])

    def haversine(a, b):
        lat_a, lat_b = math.radians(a[2]), math.radians(b[2])
        half = math.sin((lat_b - lat_a) / 2) ** 2
        half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
        return 2 * radius * math.asin(math.sqrt(half))

    return haversine


def covered(case, chosen):
    """Weight within the limit of a chosen site, and whether all demand is."""
    measure, chosen = distance(case["metric"]), set(chosen)
    sites = [site for site in points(case["sites"]) if site[0] in chosen]
    weight, complete = 0.0, True
    for place in points(case["demand"]):
        near = any(measure(site, place) <= case["limit"] for site in sites)
        weight, complete = weight + (place[3] if near else 0), complete and near
    return weight, complete


# ---- peers, each run as `siting.py --peer NAME CASE OUT` -----------------------------------------------------------------------

def cost_matrix(case):
    """Demand × sites with numpy, as a Python user would."""
    import numpy as np
    from scipy.spatial.distance import cdist

    sites, demand = points(case["sites"]), points(case["demand"])
    a = np.array([[place[1], place[2]] for place in demand])
    b = np.array([[site[1], site[2]] for site in sites])
    if case["metric"] == "euclidean":
        costs = cdist(a, b)
    else:
        a, b = np.radians(a), np.radians(b)
        half = np.sin((a[:, None, 1] - b[None, :, 1]) / 2) ** 2
        half += np.cos(a[:, None, 1]) * np.cos(b[None, :, 1]) * np.sin((a[:, None, 0] - b[None, :, 0]) / 2) ** 2
        costs = 2 * float(case["metric"].split(":")[1]) * np.arcsin(np.sqrt(half))
    return [site[0] for site in sites], np.array([[place[3]] for place in demand]), costs


def spopt(case, solver, limit):
    import pulp
    from spopt.locate import LSCP, MCLP

    ids, weights, costs = cost_matrix(case)
    solver = pulp.HiGHS(msg=False, timeLimit=limit, threads=2) if solver == "highs" else pulp.PULP_CBC_CMD(
        msg=False, timeLimit=limit, threads=2)
    if case["model"] == "mclp":
        model = MCLP.from_cost_matrix(costs, weights, case["limit"], p_facilities=case["p"])
    else:
        model = LSCP.from_cost_matrix(costs, case["limit"])
    model.problem.solve(solver)
    return [ids[row] for row, variable in enumerate(model.fac_vars) if (variable.value() or 0) > 0.5]


def or_tools(case, limit):
    from ortools.set_cover.python import set_cover

    ids, _, costs = cost_matrix(case)
    model = set_cover.SetCoverModel()
    for column in costs.T:
        model.add_empty_subset(1.0)
        for row in (column <= case["limit"]).nonzero()[0]:
            model.add_element_to_last_subset(int(row))
    invariant = set_cover.SetCoverInvariant(model)
    set_cover.GreedySolutionGenerator(invariant).next_solution()
    set_cover.SteepestSearch(invariant).set_max_iterations(100_000).next_solution()
    search = set_cover.GuidedLocalSearch(invariant)
    search.initialize()
    search.set_max_iterations(100_000).next_solution()
    return [ids[subset] for subset in range(len(ids)) if invariant.is_selected()[subset]]


def run_peer(name, case_file, out_file):
    with open(case_file) as file:
        case = json.load(file)
    chosen = or_tools(case, case["limit_s"]) if name == "or-tools" else spopt(case, name.split("-")[1], case["limit_s"])
    with open(out_file, "w") as file:
        json.dump(chosen, file)


# ---- the race ------------------------------------------------------------------------------------------------------------------

def time_peer(name, case, folder, limit):
    case_file, out_file = os.path.join(folder, "case.json"), os.path.join(folder, "chosen.json")
    with open(case_file, "w") as file:
        json.dump({**case, "limit_s": limit}, file)
    if os.path.exists(out_file):
        os.remove(out_file)
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, __file__, "--peer", name, case_file, out_file], capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if not os.path.exists(out_file):
        return seconds, None, (done.stderr.strip().splitlines() or ["no answer"])[-1][:60]
    with open(out_file) as file:
        return seconds, json.load(file), f"stops at {limit:.0f} s"


def time_yizhan(program, case, folder, limit):
    out_file = os.path.join(folder, "yizhan.json")
    command = [program, "-q", "locate", case["model"], "--sites", case["sites"], "--demand", case["demand"], "--limit",
               str(case["limit"]), "--metric", case["metric"], "-o", out_file, "--overwrite"]
    command += ["-p", str(case["p"])] if case["model"] == "mclp" else []
    command += ["--time", f"{limit:g}"] if limit else []
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    with open(out_file) as file:
        answer = json.load(file)
    return seconds, answer["open"], f"{answer['status']}, gap {100 * answer['gap']:.2f} %"


def race(program, name, case, contestants, folder, limit):
    """Runs the contestants in turn; yizhan last, once without a limit and once with a hundredth of the slowest peer's time."""
    rows = []
    for peer in contestants:
        rows.append((peer, *time_peer(peer, case, folder, limit)))
    slowest = max(row[1] for row in rows)
    rows.append(("yizhan", *time_yizhan(program, case, folder, min(limit, 60.0))))
    short = max(slowest / 120, 0.05)  # start and reading come on top
    rows.append((f"yizhan --time {short:.2f}", *time_yizhan(program, case, folder, short)))
    for contestant, seconds, chosen, note in rows:
        weight, complete = covered(case, chosen) if chosen is not None else (math.nan, False)
        result = f"{weight:,.0f}" if case["model"] == "mclp" else (f"{len(chosen)} sites" if complete else "not all covered")
        print(f"| {name} | {contestant} | {seconds:.2f} | {result} | {note} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--yizhan", default="target/release/yizhan")
    parser.add_argument("--cases", default="mclp-1000x100,mclp-2000x200,mclp-5000x500,mclp-manhattan,lscp-1000x100,lscp-5000x500,lscp-manhattan")
    parser.add_argument("--peer-limit", type=float, default=300.0, help="solver time limit of each peer, seconds")
    parser.add_argument("--peer", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return run_peer(*args.peer)
    print("| case | tool | seconds, all in | covered weight or sites | what it says |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in args.cases.split(","):
            model, size = name.split("-", 1)
            if size == "manhattan":
                case = manhattan_case()
            else:
                demand, sites = map(int, size.split("x"))
                case = random_case(folder, demand, sites)
            if model == "lscp" and size != "manhattan":
                case["limit"] = 2_000.0
            contestants = ["spopt-highs", "spopt-cbc"] if model == "mclp" else ["spopt-highs", "or-tools"]
            race(args.yizhan, name, {**case, "model": model}, contestants, folder, args.peer_limit)


if __name__ == "__main__":
    main()
