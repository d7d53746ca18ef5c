"""The long form of what CI runs short: `python -m tests.reliability CLAIM`.

Each prints a table row by row; docs/reliability.md holds what was seen.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from symconv.campaign import campaign
from symconv.campaign.space import Space
from symconv.campaign.store import Store
from symconv.campaign.worker import Work
from tests.reliability.targets import FAULTS
from tests.reliability.test_campaigns import COMMAND, ROOT, SPACE, alive, children, signatures

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("claim", choices=("wrong", "honest", "faults", "kills", "bytes"))
parser.add_argument("--seconds", type=float, default=20.0, help="a kernel. [20]")
parser.add_argument("--times", type=int, default=20, help="seeds, kills or files. [20]")
parser.add_argument("--only", default="", help="kernels or faults, with commas. [all]")
arguments = parser.parse_args()
ONLY = tuple(filter(None, arguments.only.split(",")))


def chosen(names):
    return [name for name in names if not ONLY or name in ONLY]


def fuzzed(target, seconds, seed=1, cases=None, case_seconds=10.0, space=SPACE, memory=2**31):
    """Result of a campaign on one worker, and the seconds until its first raw finding."""
    first = []

    def watch(tally):
        if tally.raw and not first:
            first.append(tally.seconds)

    job = Work(target, seed=seed, count=cases, space=space, memory=memory, paths=(str(ROOT),))
    with tempfile.TemporaryDirectory() as folder:
        found = campaign.run(
            job, Path(folder), seconds=seconds, workers=1, case_seconds=case_seconds, watch=watch
        )
    return found, (first or [None])[0]


def wrong():
    from tests.wrong_kernels import kernels

    names = [k.__name__ for k in (*kernels.WRONG, *kernels.BY_LAYOUT)]
    for name in chosen(names):
        found, first = fuzzed(f"tests.wrong_kernels.kernels:{name}", arguments.seconds)
        print(f"{name}: first {first and round(first, 1)} s, {found.tally.cases} cases")
        for f in found.findings:
            side = max(f.case.size + f.case.kernel_size)
            print(f"    {f.alike:5} {f.kind}, side {side}: {f.cause[:200]}", flush=True)


def honest():
    from tests.honest_kernels import kernels

    names = [k.__name__ for k in (*kernels.REAL, *kernels.FAST)]
    for name in chosen(names):
        found, _ = fuzzed(f"tests.honest_kernels.kernels:{name}", arguments.seconds)
        told = [f"{f.kind}: {f.cause[:80]} [{f.case}]" for f in found.findings]
        print(f"{name}: {found.tally.cases} cases, findings {told or 'none'}", flush=True)


def faults():
    lost = wrongly = invented = right = quiet = 0
    os.environ["SYMCONV_TEST_LOG"] = tempfile.mkstemp(prefix="symconv-marks-")[1]
    for flaky in ("0", "1"):
        os.environ["SYMCONV_TEST_FLAKY"] = flaky
        for name in chosen(FAULTS):
            kind = FAULTS[name][1]
            slow = kind in ("hang", "out of memory")
            for seed in range(1, arguments.times + 1):
                marks = Path(os.environ["SYMCONV_TEST_LOG"])
                marks.write_bytes(b"")
                cases = 64 if slow and flaky == "0" else 320
                found, _ = fuzzed(
                    f"tests.reliability.targets:{name}",
                    None,
                    seed,
                    cases,
                    1.2 if slow else 10.0,
                    memory=2**30,
                )
                for f in found.findings:
                    hit = f.case.kernel_size[0] == 3 and f.case.size[-1] == 2
                    invented += not hit
                    right += hit and f.kind == kind
                    wrongly += hit and f.kind != kind
                    if not hit or f.kind != kind:
                        print(f"    {name} {flaky} seed {seed}: {f.kind} {f.detail} [{f.case}]")
                shown = marks.stat().st_size
                lost += not found.findings and shown > 0
                quiet += shown == 0
                if shown and not found.findings:
                    print(f"    {name} {flaky} seed {seed}: lost, it showed {shown} times")
            print(
                f"{name} {'one in three' if flaky == '1' else 'always'}: right {right}, other "
                f"kind {wrongly}, lost {lost}, invented {invented}, "
                f"never shown {quiet}",
                flush=True,
            )


def kills():
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        whole = subprocess.run([*COMMAND, f"{folder}/whole"], capture_output=True, cwd=ROOT)
        expected = signatures(json.loads(whole.stdout))
        killed = orphans = finished = unequal = 0
        while killed < arguments.times:
            store = Path(folder) / f"store{killed}"
            for _ in range(5):
                resume = ["--resume"] if (store / "campaign.db").exists() else []
                with subprocess.Popen(
                    [*COMMAND, str(store), *resume],
                    cwd=ROOT,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                ) as process:
                    time.sleep(chance.uniform(1, 9))
                    finished += process.poll() is not None
                    below = children(process.pid)
                    process.send_signal(signal.SIGKILL)
                killed += 1
                time.sleep(5)
                orphans += sum(map(alive, below))
            resume = ["--resume"] if (store / "campaign.db").exists() else []
            done = subprocess.run([*COMMAND, str(store), *resume], capture_output=True, cwd=ROOT)
            unequal += signatures(json.loads(done.stdout)) != expected
            print(
                f"{killed} kills ({finished} after its end), {orphans} orphans 5 s later, "
                f"{unequal} of {killed // 5} campaigns unequal",
                flush=True,
            )


def flipped():
    """Change one byte of a finished store: it is rejected, repaired from the log, or unaffected."""
    chance = random.Random(13)
    job = Work(
        "tests.reliability.targets:value",
        seed=1,
        count=640,
        space=Space(dims=(2,)),
        paths=(str(ROOT),),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaign.db"
        campaign.run(job, Path(folder), seconds=None, workers=1)
        for other in Path(folder).glob("campaign.db-*"):
            other.unlink()
        whole = path.read_bytes()

        def read():
            store = Store(Path(folder))
            try:
                done = store.start(job, True)
                return sorted(done), [f.to_json() for f in store.findings()]
            finally:
                store.close()

        expected = read()
        refused = same = changed = 0
        for _ in range(arguments.times):
            for other in Path(folder).glob("campaign.db-*"):
                other.unlink()
            damaged = bytearray(whole)
            damaged[chance.randrange(len(damaged))] ^= chance.randrange(1, 256)
            path.write_bytes(damaged)
            try:
                same, changed = (same + 1, changed) if read() == expected else (same, changed + 1)
            except Exception as error:
                assert "store" in str(error) or "damaged" in str(error), repr(error)
                refused += 1
        print(
            f"{arguments.times} flips in {len(whole)} bytes: {refused} refused, {same} without "
            f"effect, {changed} changed silently"
        )


{"wrong": wrong, "honest": honest, "faults": faults, "kills": kills, "bytes": flipped}[
    arguments.claim
]()
sys.exit(0)
