"""Campaigns survive anything and lose or invent no finding; short form of docs/reliability.md."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symconv.campaign import campaign
from symconv.campaign.scale import connect, over
from symconv.campaign.space import Space
from symconv.campaign.store import Store, StoreFull
from symconv.campaign.worker import Work
from tests.reliability.targets import FAULTS

pytest.importorskip("torch")
ROOT = Path(__file__).parents[2]
SPACE = Space(dims=(2,), switches=())


def work(name, cases=320):
    return Work(
        f"tests.reliability.targets:{name}",
        seed=1,
        count=cases,
        space=SPACE,
        memory=2**30,
        paths=(str(ROOT),),
    )


def result(name, folder, **options):
    return campaign.run(work(name), folder, seconds=None, workers=2, case_seconds=1.5, **options)


@pytest.mark.parametrize("flaky", ["0", "1"], ids=["always", "one in three"])
@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_found_and_its_kind_is_right(name, flaky, tmp_path, monkeypatch):
    slow = FAULTS[name][1] in ("hang", "out of memory")
    # each slow fault takes its whole time limit; the rare ones need enough chances
    cases = 64 if slow and flaky == "0" else 320
    monkeypatch.setenv("SYMCONV_TEST_FLAKY", flaky)
    found = campaign.run(work(name, cases), tmp_path, seconds=None, workers=2, case_seconds=1.2)
    assert found.tally.cases == cases
    kinds = {f.kind for f in found.findings}
    assert FAULTS[name][1] in kinds
    if flaky == "0":
        assert kinds == {FAULTS[name][1]} or name == "value"
    for finding in found.findings:
        assert finding.case.kernel_size[0] == 3 and finding.case.size[-1] == 2


def signatures(record):
    return sorted(
        (f["kind"], f["cause"], json.dumps(f["case"], sort_keys=True)) for f in record["findings"]
    )


COMMAND = [
    sys.executable,
    "-m",
    "symconv",
    "fuzz",
    "docs.examples.broken:second",
    "--cases",
    "1280",
    "--seed",
    "5",
    "--workers",
    "2",
    "--json",
    "--store",
]


def children(parent):
    """All descendants of a process, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found += [int(entry.name), *children(int(entry.name))]
    return found


def alive(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def batches_in(folder):
    """How many batches a campaign that is running has stored."""
    try:
        with sqlite3.connect(f"file:{folder}/campaign.db?mode=ro", uri=True, timeout=30) as db:
            return db.execute("select count(*) from batch").fetchone()[0]
    except sqlite3.OperationalError:  # no store yet
        return 0


def until(condition, seconds=300):
    """Wait for a condition; the limit is only there so that a fault ends the test."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_killed_at_any_moment_and_resumed_it_finds_the_same(tmp_path):
    whole = subprocess.run([*COMMAND, str(tmp_path / "whole")], capture_output=True, cwd=ROOT)
    expected = signatures(json.loads(whole.stdout))
    chance = random.Random(7)
    folder = str(tmp_path / "killed")
    for n in range(3):
        resume = ["--resume"] if n and (Path(folder) / "campaign.db").exists() else []
        with subprocess.Popen(
            [*COMMAND, folder, *resume],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            wanted = batches_in(folder) + 1  # killed after a batch more, however fast that is
            until(lambda n=wanted: batches_in(folder) >= n or process.poll() is not None)
            time.sleep(chance.uniform(0, 0.5))
            below = children(process.pid)
            process.send_signal(signal.SIGKILL)
        until(lambda pids=below: not any(map(alive, pids)))  # no orphans
    done = subprocess.run([*COMMAND, folder, "--resume"], capture_output=True, cwd=ROOT)
    assert signatures(json.loads(done.stdout)) == expected and expected


def test_a_full_disk_is_told_and_loses_nothing(tmp_path, monkeypatch):
    add, calls = Store.add, []

    def full(self, progress):
        calls.append(progress)
        if len(calls) == 2:
            self._db.execute("pragma max_page_count = 1")
        add(self, progress)

    monkeypatch.setattr(Store, "add", full)
    with pytest.raises(StoreFull, match="--resume"):
        result("value", tmp_path)
    monkeypatch.setattr(Store, "add", add)
    again = result("value", tmp_path, resume=True)
    assert again.tally.cases == 320 and again.findings


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "file" / "store")], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2 and "cannot be used" in done.stderr


def test_a_cluster_that_loses_a_worker_finds_the_same(tmp_path):
    """A real scheduler and two worker processes, one of which is killed in the middle."""
    distributed = pytest.importorskip("distributed")
    job = work("value", 1280)
    local = campaign.run(job, tmp_path / "local", seconds=None, workers=2)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    scheduler = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(tmp_path / "scheduler.json"),
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli.dask_worker",
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--scheduler-file",
                str(tmp_path / "scheduler.json"),
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    try:
        known = distributed.Client(
            scheduler_file=str(tmp_path / "scheduler.json"), timeout=60, set_as_default=False
        )
        known.wait_for_workers(2, timeout=60)
        address = known.scheduler.address
        known.close()
        client = connect(address)
        batches = []

        def watch(tally):
            batches.append(tally.batches)
            if len(batches) == 1:
                workers[0].kill()

        spread = campaign.run(
            job,
            tmp_path / "spread",
            seconds=None,
            workers=1,
            watch=watch,
            runner=over(client, 10.0),
        )
        client.close()
        typed = subprocess.run(
            [*COMMAND, str(tmp_path / "typed"), "--scheduler", address],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        assert typed.returncode == 1, typed.stderr
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
    assert spread.tally.cases == local.tally.cases == 1280
    assert [(f.kind, f.cause, f.case) for f in spread.findings] == [
        (f.kind, f.cause, f.case) for f in local.findings
    ]
