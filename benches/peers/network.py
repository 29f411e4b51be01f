"""The work of `benches/network.rs` with pandana and scipy, on the same edges: seconds of build and query apart, pairs, peak memory.

    cargo bench --profile release --bench network -- FILE --export DIR; python benches/peers/network.py DIR pandana|scipy [LIMIT_MM]
One process a tool, so that the peak memory is its own. Sites are the 1,000 junctions of `junctions.i64`; targets are all junctions
within the limit (what the bench prints as "junctions → junctions"), then the cells of `cells.i64` hung on their nearest junction
without a leg (the tools know no more; the bench measures legs and splits edges). Junctions nobody can walk to are left in, as ours are.
The number of pairs and the sum of costs must equal the bench's on the first task.
"""
import os
import resource
import sys
import time
import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from network_tables import arcs, matrix, table

folder, tool = sys.argv[1], sys.argv[2]
limit = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
# Dense rows that scipy fills at a time: 256 MB.
MOST_ROWS_BYTES = 1 << 28


def timed(what, work):
    start, before = time.perf_counter(), time.process_time()
    result = work()
    print(f"  {what:<40} {time.perf_counter() - start:8.3f} s wall {time.process_time() - before:8.2f} s cpu", flush=True)
    return result


def with_scipy(graph, sites):
    """Pairs as (site row, node, cost), chunk by chunk, because scipy answers with dense rows."""
    rows = max(1, MOST_ROWS_BYTES // (8 * graph.shape[0]))
    found = []
    for first in range(0, len(sites), rows):
        far = dijkstra(graph, indices=sites[first:first + rows], limit=limit)
        site, node = np.nonzero(far <= limit)
        found.append((site + first, node, np.rint(far[site, node]).astype(np.int64)))
    return [np.concatenate(column) for column in zip(*found)]


def with_pandana(network, sites):
    """The same from pandana; it works on metres as floats."""
    frame = network.nodes_in_range(list(sites), limit / 1000 + 0.0005)
    row_of = pd.Series(np.arange(len(sites)), index=sites)
    cost = np.rint(frame.iloc[:, 2].to_numpy() * 1000).astype(np.int64)
    return [row_of.loc[frame["source"]].to_numpy(), frame["destination"].to_numpy(), cost]


def main():
    print(f"{folder}: {tool}, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
    edges, nodes = timed("tables from disk", lambda: (table(folder, "edges"), table(folder, "nodes")))
    sites = table(folder, "junctions")[:, 0]
    steps = arcs(edges)
    print(f"  {len(nodes)} junctions, {len(steps)} steps")
    if tool == "scipy":
        graph = timed("graph", lambda: matrix(steps, len(nodes)))
        search = lambda: with_scipy(graph, sites)
    else:
        import pandana
        place = pd.DataFrame(nodes / 1e7, columns=["x", "y"])
        # Both directions are rows of their own, so one-way streets stay one way.
        weights = pd.DataFrame({"metres": steps[:, 2] / 1000.0})
        source, target = pd.Series(steps[:, 0]), pd.Series(steps[:, 1])
        network = timed("graph", lambda: pandana.Network(place["x"], place["y"], source, target, weights, twoway=False))
        search = lambda: with_pandana(network, sites)
    for _ in range(3):
        site, node, cost = timed("1,000 junctions → junctions", search)
        print(f"    {len(cost)} pairs, sum of costs {cost.sum()}")
    cells = table(folder, "cells") / 1e7 * np.array([np.cos(np.radians(nodes[:, 1].mean() / 1e7)), 1.0])
    flat = nodes / 1e7 * np.array([np.cos(np.radians(nodes[:, 1].mean() / 1e7)), 1.0])
    nearest = timed("hang cells on junctions (scipy KD tree)", lambda: cKDTree(flat).query(cells)[1])

    def to_cells():
        site, node, cost = search()
        order = np.argsort(nearest, kind="stable")
        first, last = np.searchsorted(nearest[order], node, "left"), np.searchsorted(nearest[order], node, "right")
        each = last - first
        at = np.repeat(first - np.concatenate([[0], np.cumsum(each)[:-1]]), each) + np.arange(each.sum())
        return np.repeat(site, each), order[at], np.repeat(cost, each)

    print(f"    {len(timed('1,000 junctions → cells', to_cells)[0])} pairs")
    print(f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


main()
