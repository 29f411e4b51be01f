"""The rounds of a file by OR-Tools and by PyVRP, with the same time limit: rounds.py FILE SECONDS (a file of `examples/rounds.rs`)"""
import math
import sys

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from pyvrp import Model
from pyvrp.stop import MaxRuntime


def read(path):
    rows = [[int(word) for word in line.split()] for line in open(path)]
    (bases, _, longest), points = rows[0], rows[1:]
    times = [[math.floor(math.hypot(a[0] - b[0], a[1] - b[1]) / 5 + 0.5) for b in points] for a in points]
    service = [0] * bases + [point[2] for point in points[bases:]]
    return bases, longest, points, times, service


def by_ortools(path, seconds):
    bases, longest, points, times, service = read(path)
    manager = pywrapcp.RoutingIndexManager(len(points), bases, list(range(bases)), list(range(bases)))
    routing = pywrapcp.RoutingModel(manager)
    node = manager.IndexToNode
    travel = routing.RegisterTransitCallback(lambda a, b: times[node(a)][node(b)])
    whole = routing.RegisterTransitCallback(lambda a, b: times[node(a)][node(b)] + service[node(a)])
    routing.SetArcCostEvaluatorOfAllVehicles(travel)
    routing.AddDimension(whole, 0, longest, True, "time")
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    options.time_limit.FromMilliseconds(int(1000 * seconds))
    solution = routing.SolveWithParameters(options)
    return solution and solution.ObjectiveValue()


def by_pyvrp(path, seconds):
    bases, longest, points, times, service = read(path)
    model = Model()
    nodes = [model.add_location(*point[:2]) for point in points]
    for base in map(model.add_depot, nodes[:bases]):
        model.add_vehicle_type(1, start_depot=base, end_depot=base, shift_duration=longest)
    for location, point in zip(nodes[bases:], points[bases:]):
        model.add_client(location, service_duration=point[2])
    for a, row in zip(nodes, times):
        for b, time in zip(nodes, row):
            model.add_edge(a, b, distance=time, duration=time)
    result = model.solve(MaxRuntime(seconds), seed=1, display=False)
    return result.cost() if result.is_feasible() else None


if __name__ == "__main__":
    path, seconds = sys.argv[1], float(sys.argv[2])
    print(path, "ortools", by_ortools(path, seconds), flush=True)
    print(path, "pyvrp", by_pyvrp(path, seconds), flush=True)
