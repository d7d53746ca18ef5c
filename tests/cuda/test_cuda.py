"""Tests of the GPU checks on the stand-in; `.ci/run` rehearses all of them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from tests.cuda.__main__ import MOST_SECONDS
from tests.cuda.rehearsal import FAULTS
from tests.cuda.standin import FAULTS as PLAYED
from tests.cuda.steps import STEPS

ROOT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"


def on_standin(*command, fault="", **options):
    paths = os.pathsep.join([str(SITE), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": paths, "SYMCONV_STANDIN": fault}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment,
        **options,
    )


def symconv(*arguments, fault=""):
    return on_standin("-m", "symconv", *map(str, arguments), fault=fault)


def python(text, fault=""):
    done = on_standin("-c", text, fault=fault)
    assert not done.returncode, done.stderr
    return done.stdout.split()


def test_the_steps_stay_within_eight_minutes_and_are_on_the_page():
    assert sum(step.seconds for step in STEPS) <= MOST_SECONDS == 480
    page = (ROOT / "docs" / "cuda.md").read_text()
    if "No run on a GPU has been made" in page:
        for step in STEPS:
            assert f"| {step.name} | {step.seconds:.0f} s | {step.does} |" in page
    done = on_standin("-m", "tests.cuda", "--list")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [s.name for s in STEPS]


def test_every_fault_has_a_step_that_names_it():
    assert FAULTS.keys() == PLAYED.keys()
    assert {expected.step for expected in FAULTS.values()} <= {step.name for step in STEPS}


def test_the_standin_keeps_device_and_host_apart():
    said = python(
        "import torch\n"
        "x = torch.ones(1, 1, 2, 2).to('cuda'); w = torch.ones(1, 1, 2, 2, device='cuda')\n"
        "w.requires_grad_()\n"
        "y = torch.nn.functional.conv_transpose2d(x, w)\n"
        "g, = torch.autograd.grad(y, w, torch.ones_like(y))\n"
        "print(x.device, y.device, g.device, y.detach().cpu().device)\n"
        "for f in (lambda: x.numpy(), lambda: x + torch.ones(2)):\n"
        "    try: f()\n"
        "    except (TypeError, RuntimeError) as e: print(type(e).__name__)\n"
        "print((x + torch.ones(())).device)\n"
    )
    assert said == ["cuda:0", "cuda:0", "cuda:0", "cpu", "TypeError", "RuntimeError", "cuda:0"]


def test_a_lost_device_stays_lost():
    said = python(
        "import torch\n"
        "from symconv.targets import cuda\n"
        "x = torch.ones(1, 1, 2, 2, device='cuda')\n"
        "for n in range(60):\n"
        "    try: torch.nn.functional.conv_transpose2d(x, x)\n"
        "    except RuntimeError: print(n, cuda.is_lost('cuda'), cuda.is_lost('cpu')); break\n"
        "try: x + 1\n"
        "except RuntimeError: print('lost')\n",
        fault="sticky",
    )
    assert said == ["40", "True", "False", "lost"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("verb", [("check", "torch"), ("fuzz", "torch"), ("tour",)])
def test_without_a_gpu_nothing_is_decided(verb, tmp_path):
    more = {"tour": ["-o", tmp_path], "fuzz": ["--store", tmp_path]}.get(verb[0], [])
    done = subprocess.run(
        [sys.executable, "-m", "symconv", *verb, "--device", "cuda", *map(str, more)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3 and done.stderr.count("\n") == 1
    assert "torch sees no CUDA device" in done.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_steps_do_not_begin(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.cuda", "-o", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3 and "sees no CUDA device" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_check_ends_where_the_device_is_lost():
    done = symconv("check", "torch", "--device", "cuda", "--dims", 2, "--json", fault="sticky")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert found["counts"]["refuted"] == 1
    assert "illegal memory access" in found["findings"][0]["message"]
    assert found["cases"] < 77


def test_a_first_call_that_loses_the_device_is_the_finding(tmp_path):
    (tmp_path / "loses.py").write_text(
        "import torch\n"
        "def f(x, w, bias=None, **steps):\n"
        "    torch.cuda._standin.lost = True\n"
        "    return torch.nn.functional.conv_transpose2d(x, w, bias, **steps)\n"
    )
    paths = os.pathsep.join([str(SITE), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "symconv", "check", "loses:f", "--device", "cuda", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert done.returncode == 1 and json.loads(done.stdout)["cases"] == 1, done.stderr


def test_a_lost_device_ends_a_worker_and_not_the_campaign(tmp_path):
    done = symconv(
        "fuzz",
        "torch",
        "--device",
        "cuda",
        "--cases",
        256,
        "--dtypes",
        "float32",
        "--workers",
        1,
        "--store",
        tmp_path,
        "--json",
        fault="sticky",
    )
    found = json.loads(done.stdout)
    assert found["cases"] == 256, done.stderr
    assert any("the device was lost" in f["detail"] for f in found["findings"])
    assert found["counts"]["exact"] + found["counts"]["within bound"] > 200


def test_memory_that_is_full_on_the_device_is_undecided(tmp_path):
    done = symconv(
        "fuzz",
        "torch",
        "--device",
        "cuda",
        "--cases",
        128,
        "--dtypes",
        "float32",
        "--store",
        tmp_path,
        "--json",
        fault="memory",
    )
    found = json.loads(done.stdout)
    assert found["counts"]["refuted"] == 0 and found["counts"]["undecided"] > 0
    assert done.returncode == 3


def test_doctor_tells_of_the_gpu():
    said = " ".join(symconv("doctor").stdout.split())
    for words in ("gpu stand-in, compute capability 9.0", "driver", "cudnn", "tf32"):
        assert words in said
    assert "devices cpu, cuda" in said


def test_pages_name_the_device_and_the_dtypes_that_were_compared():
    done = symconv(
        "derive",
        "--x",
        "[[0,1],[2,3]]",
        "--k",
        "[[0,1],[2,3]]",
        "--device",
        "cuda",
        "--chapters",
        "check",
    )
    said = " ".join(done.stdout.split())
    assert "int64, float64, float32, float16, bfloat16, complex64" in said
    assert "on cuda (stand-in), TF32 off" in said


def started(folder, **options):
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.cuda",
            "--rehearse",
            "-o",
            str(folder),
            "--only",
            "rounding",
            "--only",
            "checks",
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        **options,
    )


def test_killed_in_the_middle_what_was_done_is_there(tmp_path):
    run = started(tmp_path)
    path = tmp_path / "checks.json"
    while not (path.exists() and json.loads(path.read_text())["records"]):
        assert run.poll() is None
        time.sleep(0.2)
    run.send_signal(signal.SIGKILL)
    run.wait()
    kept = json.loads(path.read_text())
    assert kept["ended"] == "running" and kept["records"][0]["verdict"] == "holds"
    time.sleep(2)
    assert len(json.loads(path.read_text())["records"]) <= len(kept["records"]) + 1, "it goes on"


def test_a_rehearsal_never_becomes_the_page(tmp_path):
    run = started(tmp_path / "results")
    assert run.wait() == 0
    command = [sys.executable, "-m", "tests.cuda.report", str(tmp_path / "results")]
    before = (ROOT / "docs" / "cuda.md").read_bytes()
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2 and "no measurement" in refused.stderr
    assert (ROOT / "docs" / "cuda.md").read_bytes() == before
    page = tmp_path / "page.md"
    assert not subprocess.run([*command, "-o", str(page)], cwd=ROOT).returncode
    text = page.read_text()
    assert text.startswith("# CUDA, a rehearsal: no figure here is a measurement")
    assert re.search(r"\| rounding \|.*\| complete \|", text) and "not run" in text


def test_a_switch_that_is_left_moved_is_told(tmp_path):
    said = python(
        "import torch, json, pathlib\n"
        "from tests.cuda.running import Run\n"
        f"run = Run('checks', pathlib.Path({str(tmp_path / 'a.json')!r}), 9.0)\n"
        "run.write('complete')\n"
        "print(json.loads(run.path.read_text())['switches left moved'])\n"
        "torch.backends.cudnn.benchmark = True\n"
        "run.write('complete')\n"
        "print(*json.loads(run.path.read_text())['switches left moved'])\n"
    )
    assert said == ["{}", "benchmark"]
