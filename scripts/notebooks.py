"""Runs the notebooks and compares what they say with what is committed; `--update` writes it instead, `--to` writes copies elsewhere."""

import argparse
import difflib
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RUN_ID = re.compile(r"\b[0-9a-f]{12}\b")
NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*\.\d+(?![\w.])")


def run(path):
    """The notebook with fresh outputs, or the fault: no times, no counts of earlier runs."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False, coalesce_streams=True, extra_arguments=["--log-level=ERROR"], resources={"metadata": {"path": str(FOLDER)}})
    try:
        client.execute()
    except CellExecutionError as fault:
        return None, COLOUR.sub("", str(fault))
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
    return notebook, ""


def words(notebook):
    """All text of the outputs, cell by cell. Pictures differ with the machine's libraries, so they aren't compared; a run id differs with
    the program's version, so it is left out."""
    lines = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            text = output.get("text") or "".join(output.get("data", {}).get(kind, "") for kind in ("text/html", "text/plain"))
            lines += [f"[{number}] {line.rstrip()}" for line in RUN_ID.sub("RUN-ID", text).splitlines() if line.strip()]
    return lines


def same(old, new):
    """Equal lines, but that a number with decimals may differ by one in its last digit: it was rounded from one that noise may move."""
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new))
    digits = lambda number: len(number.partition(".")[2])
    units = lambda number: int(number.replace(",", "").replace(".", ""))
    return all(digits(a) == digits(b) and abs(units(a) - units(b)) <= 1 for a, b in pairs)


def changes(old, new):
    """What differs, as lines."""
    if len(old) == len(new):
        new = [a if same(a, b) else b for a, b in zip(old, new)]
    return list(difflib.unified_diff(old, new, "committed", "fresh", lineterm="", n=0))


def settle(path, notebook, fault, to):
    """Says what became of a notebook; false if it may not stay so."""
    if notebook is None:
        print(f"notebooks: {path.name} FAILED\n{fault}")
        return False
    warned = [output["text"] for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"]
    named = [line for line in words(notebook) if str(FOLDER.parent) in line]
    if warned or named:
        print(f"notebooks: {path.name} FAILED: warnings, or the name of this folder, in its outputs", *warned, *named, sep="\n")
        return False
    if to:
        to.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, to / path.name)
        print(f"notebooks: {path.name} written, {(to / path.name).stat().st_size / 1e6:.2f} MB")
        return True
    found = changes(words(nbformat.read(path, as_version=4)), words(notebook))
    print(f"notebooks: {path.name} " + ("DIFFERS; look at it, then scripts/notebooks.sh --update" if found else "as committed"), *found[:60], sep="\n")
    return not found


def main():
    words_of = argparse.ArgumentParser(prog="scripts/notebooks.sh", description=__doc__)
    words_of.add_argument("notebooks", nargs="*", help="files of the folder notebooks; all of them if none is named")
    where = words_of.add_mutually_exclusive_group()
    where.add_argument("--update", dest="to", action="store_const", const=FOLDER, help="write them, as they are to be committed")
    where.add_argument("--to", type=Path, help="write copies into this folder")
    asked = words_of.parse_args()
    paths = [FOLDER / Path(name).name for name in asked.notebooks] or sorted(FOLDER.glob("*.ipynb"))
    with ProcessPoolExecutor(len(paths)) as pool:
        results = list(pool.map(run, paths))
    good = [settle(path, *result, asked.to) for path, result in zip(paths, results)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
