"""Time of the kernel's re-check of the library, relative to z3 and Rocq on the same obligations."""

import shutil
import time

from bench.timing import Row, faster, interleaved, measured
from symconv.proof import rocq, smt
from symconv.proof.library import files, load, recheck
from symconv.proof.trusted import certificates
from symconv.proof.trusted.kernel import check
from symconv.proof.trusted.obligations import obligations


def proving() -> list[Row]:
    entries = [e for e in map(load, files()) if not e.only_rocq]
    known = {e.name: certificates.read(e.certificate) for e in entries}
    wanted = [(e, o) for e in entries for o in e.obligations]

    def kernel():
        for entry, o in wanted:
            check(o.hypotheses, o.goal, known[entry.name][o.key])

    def z3():
        assert all(smt.proves(o) for _, o in wanted)

    count = f"{len(wanted)} obligations"
    rows = [faster(f"z3 / kernel, {count}", interleaved(kernel, z3, 3), 10)]
    if shutil.which("coqc"):
        text = rocq.exported({e.name: (e.obligations, known[e.name]) for e in entries})

        def by_rocq():
            assert rocq.compiled(text) is None

        rows.append(
            faster(
                f"Rocq (lia on certificates) / kernel, {count}", interleaved(kernel, by_rocq, 2), 10
            )
        )

    def whole():
        for path in files():
            entry = load(path)
            [obligations(part) for part in entry.parts]
            assert recheck(entry).status in ("proved", "needs_engine")

    start = time.perf_counter()
    whole()
    seconds = time.perf_counter() - start
    pair = interleaved(kernel, whole, 5)
    return [
        *rows,
        measured(f"kernel / load, generate and check all [first: {seconds:.3f} s]", pair),
    ]
