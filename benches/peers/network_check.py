"""Costs from 200 random sites to every junction and to each other, against scipy's Dijkstra on the exported edges, to the integer.

    cargo bench --profile release --bench network -- FILE --mode drive --measure bare --export DIR; python benches/peers/network_check.py DIR
Legs, parts of edges, one-way streets and closed ends are computed here anew from the tables.
"""
import sys
import numpy as np
from scipy.sparse.csgraph import dijkstra
from network_tables import arcs, matrix, table

folder = sys.argv[1]
edges, nodes, sites = table(folder, "edges"), len(table(folder, "nodes")), table(folder, "sites")
graph = matrix(arcs(edges), nodes)


def until(edge, offset):
    """Cost from the beginning of an edge, its share by length, rounded half up."""
    length, cost = int(edges[edge, 2]), int(edges[edge, 3])
    return (2 * cost * int(offset) + length) // (2 * length) if length else 0


def doors(site, leaving):
    """Junctions next to a site, with the cost between."""
    edge, offset, leg = site
    start, end, length, cost, along, against, start_open, end_open = edges[edge]
    before = until(edge, offset)
    to_start, to_end = (against, along) if leaving else (along, against)
    if start_open and (to_start or offset == 0):
        yield start, leg + before
    if end_open and (to_end or offset == length):
        yield end, leg + cost - before


def count(ours, slow):
    both = np.isfinite(ours) & np.isfinite(slow)
    return np.array([both.sum(), (np.rint(slow[both]) != ours[both]).sum(), (np.isfinite(ours) != np.isfinite(slow)).sum()])


costs, pairs = table(folder, "costs"), table(folder, "pairs")
to_junctions, to_sites = np.zeros(3, int), np.zeros(3, int)
for row, site in enumerate(sites):
    slow = np.full(nodes, np.inf)
    for node, cost in doors(site, True):
        slow = np.minimum(slow, dijkstra(graph, indices=node) + cost)
    ours, here = np.full(nodes, np.inf), costs[costs[:, 0] == row]
    ours[here[:, 1]] = here[:, 2]
    to_junctions += count(ours, slow)
    ours, here = np.full(len(sites), np.inf), pairs[pairs[:, 0] == row]
    ours[here[:, 1]] = here[:, 2]
    direct = np.full(len(sites), np.inf)
    for target, other in enumerate(sites):
        ways = [slow[node] + cost for node, cost in doors(other, False)]
        goes = edges[site[0], 4] if other[1] > site[1] else edges[site[0], 5] if other[1] < site[1] else 1
        if other[0] == site[0] and goes:
            ways.append(site[2] + abs(until(site[0], site[1]) - until(site[0], other[1])) + other[2])
        direct[target] = min(ways, default=np.inf)
    direct[row] = 0
    to_sites += count(ours, direct)
for what, (compared, wrong, missing) in (("junctions", to_junctions), ("sites", to_sites)):
    print(f"{folder}: {len(sites)} sites to {what}: {compared} compared, {wrong} differ, {missing} reached by one only")
sys.exit(bool((to_junctions + to_sites)[1:].any()))
