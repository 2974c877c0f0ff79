"""Sketches against indexes of other libraries: time to make, time to ask, recall of all faces above a line.

``python -m bench.library_search ARCHIVE``, where ``photo-ranker library`` has made a library; whichever of faiss-cpu,
hnswlib and usearch is installed is measured, each on one thread. Times are CPU seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.library import open_library
from photo_ranker.library.layout import BITS, differing, sketch
from photo_ranker.records import DEFAULT_ENGINE
from photo_ranker.settings import Settings

__all__ = ["main"]

LINE = 0.47
"""The threshold of a ranking among a million faces."""
QUERIES = 30
NEAREST = 5000
"""How many faces a graph index is asked for: a bride is in thousands of photos."""

Found = Callable[[Floats], NDArray[np.int64]]


def main() -> int:
    """Measure and print."""
    library = open_library(Path(sys.argv[1]), DEFAULT_ENGINE, Settings())
    rows = library.rows(library.numbers)
    queries = rows[np.random.default_rng(1).choice(len(rows), QUERIES, replace=False)]
    wanted = [np.flatnonzero(rows @ query >= LINE) for query in queries]
    print(f"{len(rows):,} faces, {sum(map(len, wanted)):,} above {LINE} for {QUERIES} questions")
    print(f"{'':<28}{'make s':>9}{'ask ms':>9}{'recall':>9}")
    for name, make in (("sketches", _sketches), ("faiss", _faiss), ("hnswlib", _hnswlib), ("usearch", _usearch)):
        if name != "sketches" and not find_spec(name):
            print(f"{name:<28} not installed")
            continue
        started = time.process_time()
        answers = make(rows)
        made = time.process_time() - started
        for how, ask in answers.items():
            _report(f"{name} {how}", made, ask, queries, wanted)
    return 0


def _report(name: str, made: float, ask: Found, queries: Floats, wanted: list[NDArray[np.int64]]) -> None:
    started = time.process_time()
    found = [ask(query) for query in queries]
    asked = (time.process_time() - started) / len(queries)
    hits = sum(int(np.isin(those, these).sum()) for those, these in zip(wanted, found, strict=True))
    print(f"{name:<28}{made:>9.1f}{asked * 1000:>9.1f}{hits / sum(map(len, wanted)):>9.4f}", flush=True)


def _sketches(rows: Floats) -> dict[str, Found]:
    words = np.concatenate([sketch(part) for part in np.array_split(rows, max(1, len(rows) // 65536))])
    columns = [np.ascontiguousarray(words[:, number]) for number in range(words.shape[1])]

    def ask(share: float) -> Found:
        def found(query: Floats) -> NDArray[np.int64]:
            bits = differing(columns, sketch(query[None]), 0, len(rows))
            reached = np.cumsum(np.bincount(bits, minlength=BITS + 1))
            near = np.flatnonzero(bits <= int(np.searchsorted(reached, share * len(rows))))
            return near[rows[near] @ query >= LINE]

        return found

    return {f"{share:.1%} compared": ask(share) for share in (0.005, 0.01, 0.02)}


def _faiss(rows: Floats) -> dict[str, Found]:
    import faiss

    faiss.omp_set_num_threads(1)
    cells = 4 * int(len(rows) ** 0.5)
    quantiser = faiss.IndexFlatIP(rows.shape[1])
    index = faiss.IndexIVFFlat(quantiser, rows.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    index.train(rows[:: max(1, len(rows) // (64 * cells))])
    index.add(rows)

    def ask(share: float) -> Found:
        def found(query: Floats) -> NDArray[np.int64]:
            index.nprobe = max(1, int(share * cells))
            _, _, numbers = index.range_search(query[None], LINE)
            return np.asarray(numbers, np.int64)

        return found

    return {f"{share:.0%} of {cells} cells": ask(share) for share in (0.05, 0.1, 0.2, 0.4)}


def _hnswlib(rows: Floats) -> dict[str, Found]:
    import hnswlib

    index = hnswlib.Index("ip", rows.shape[1])
    index.init_index(len(rows), M=16, ef_construction=100)
    index.set_num_threads(1)
    index.add_items(rows)

    def found(query: Floats) -> NDArray[np.int64]:
        index.set_ef(NEAREST)
        return np.asarray(index.knn_query(query[None], NEAREST)[0][0], np.int64)

    return {f"{NEAREST:,} nearest": found}


def _usearch(rows: Floats) -> dict[str, Found]:
    from usearch.index import Index

    index: Any = Index(ndim=rows.shape[1], metric="ip", dtype="f16", connectivity=16, expansion_search=NEAREST)
    index.add(np.arange(len(rows)), rows, threads=1)

    def found(query: Floats) -> NDArray[np.int64]:
        return np.asarray(index.search(query, NEAREST, threads=1).keys, np.int64)

    return {f"{NEAREST:,} nearest": found}


if __name__ == "__main__":
    sys.exit(main())
