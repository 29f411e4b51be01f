"""The tables that `benches/network.rs` with `--export DIR` writes: little-endian 64-bit integers, row by row."""
import pathlib
import numpy as np
from scipy.sparse import csr_matrix

COLUMNS = {
    "edges": ["from", "to", "length_mm", "cost", "along", "against", "start_open", "end_open"],
    "nodes": ["lon_e7", "lat_e7"],
    "sites": ["edge", "offset_mm", "leg_cost"],
    "costs": ["site", "node", "cost"],
    "pairs": ["site", "target", "cost"],
    "junctions": ["node"],
    "cells": ["lon_e7", "lat_e7"],
}


def table(folder, name):
    """A table as an array, one column a name of COLUMNS."""
    return np.fromfile(pathlib.Path(folder) / f"{name}.i64", dtype="<i8").reshape(-1, len(COLUMNS[name]))


def arcs(edges):
    """Steps between junctions: both ends passable, in the directions that are allowed; of parallel steps the cheapest."""
    passes = (edges[:, 6] == 1) & (edges[:, 7] == 1) & (edges[:, 0] != edges[:, 1])
    along, against = edges[passes & (edges[:, 4] == 1)], edges[passes & (edges[:, 5] == 1)]
    steps = np.concatenate([along[:, [0, 1, 3]], against[:, [1, 0, 3]]])
    steps = steps[np.lexsort((steps[:, 2], steps[:, 1], steps[:, 0]))]
    first = np.ones(len(steps), bool)
    first[1:] = (steps[1:, :2] != steps[:-1, :2]).any(axis=1)
    return steps[first]


def matrix(steps, nodes):
    """A sparse matrix of costs. scipy takes a cost of 0 for no step: 1e-6 keeps it, and is rounded away in the end."""
    return csr_matrix((np.maximum(steps[:, 2], 1e-6), (steps[:, 0], steps[:, 1])), shape=(nodes, nodes))
