"""The user's own operands: values, files, and what is rejected in bounded memory."""

import json
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from symconv.core.errors import LimitError, ParseError
from symconv.targets.datafiles import read_tensor
from symconv.testing import correctly_rounded
from tests.unit.test_check import run

torch = pytest.importorskip("torch")


def saved(folder, **arrays):
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)
    return [f"--{n}=@{folder / n}.npy" for n in arrays]


def test_files_are_the_case(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 4, 3, 5)).astype(np.float32)
    k = rng.standard_normal((4, 3, 3, 2)).astype(np.float32)
    done = run("torch", *saved(tmp_path, x=x, k=k), "--stride", "2,1", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert "1 case with 2 spatial axes, float32" in found["evidence"]["domain"]
    assert found["cases"] == 1 and found["judgements"] == 3


def test_a_pt_file_brings_its_dtype(tmp_path):
    torch.save(torch.randn(1, 2, 4, dtype=torch.bfloat16), tmp_path / "x.pt")
    torch.save(torch.randn(2, 2, 3, dtype=torch.bfloat16), tmp_path / "k.pt")
    arguments = [f"--x=@{tmp_path}/x.pt", f"--k=@{tmp_path}/k.pt"]
    assert "dims=1" in run("torch", *arguments).stderr  # ranks 3 and 3 are ambiguous
    done = run("torch", *arguments, "--dims", "1")
    assert done.exit_code == 0 and "bfloat16 on cpu" in done.stdout


def test_typed_values_bias_and_gradient(tmp_path):
    arguments = ["--x", "[[0,1],[2,3]]", "--k", "[[1,2],[1/2,4]]", "--bias-values", "[1/4]"]
    grad = ["--grad-output", "[[1,2,3],[4,5,6],[7,8,9]]"]
    done = run("torch", *arguments, *grad)
    assert done.exit_code == 0 and "grad_bias" in done.stdout
    assert (
        "but (1, 1, 3, 3) is required" in run("torch", *arguments, "--grad-output", "[1,2]").stderr
    )
    rounded = run("docs.examples.broken:first", "--x", "[[1/3]]", "--k", "[[1e-7]]", "--json")
    finding = json.loads(rounded.stdout)["findings"][0]
    assert finding["case"].endswith("as given, x and w rounded to float32")


def test_inf_and_nan_of_the_user_are_judged(tmp_path):
    x = np.array([[1.0, np.inf], [np.nan, 2.0]])
    done = run("torch", *saved(tmp_path, x=x, k=np.ones((2, 2))))
    assert done.exit_code == 0 and "non-finite" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--x", "[1]"], "--x and --k together"),
        (["--x", "[1]", "--k", "[a]"], "requires numbers in rows of equal length, without symbols"),
        (["--x", "[1]", "--k", "[1]", "--layers", "unet"], "leave --layers out"),
        (["--x", "[1]", "--k", "[[1]]"], "x has rank 1 and w has rank 2"),
        (["--x", "[[1,2],[3]]", "--k", "[[1]]"], "rows of equal length"),
        (["--x", "@nothing.npy", "--k", "[1]"], "does not exist"),
        (["--x", "@nothing.zip", "--k", "[1]"], "must end in"),
        (["--layout", "x=diagonal"], "'diagonal' is not known"),
        (["--layout", "y=strided"], "the operands are x, w and grad_output"),
        (["--max-memory", "much"], "write 500M or 4G"),
        (["--max-memory", "1K", "--layers", "unet"], "at most 1.0 KiB"),
        (["--model", "tf33"], "choose from float32-accumulation, fast"),
        (["--dims", "1", "--layers", "unet"], "no layer with 1 spatial axes"),
        (["--call", "paper", "--stride", "2"], "stride 1"),
    ],
)
def test_bad_input_says_the_way_out(arguments, message):
    done = run("torch", *arguments)
    assert done.exit_code == 2 and message in done.stderr, done.output


def test_hostile_files_are_refused(tmp_path):
    def refused(name, message, error=ParseError):
        with pytest.raises(error, match=message):
            read_tensor(tmp_path / name, "--x")

    np.save(tmp_path / "pickled.npy", np.array([{}]), allow_pickle=True)
    refused("pickled.npy", "nothing that requires pickle")
    (tmp_path / "short.npy").write_bytes(b"\x93NUMPY")
    refused("short.npy", "not a valid .npy file")
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"
    padded = header + b" " * (117 - len(header)) + b"\n"
    (tmp_path / "claims.npy").write_bytes(
        b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded
    )
    refused("claims.npy", "has shape .1000000000000", LimitError)
    (tmp_path / "noise.pt").write_bytes(b"\x80\x02junk" * 10)
    refused("noise.pt", "not a zip archive as torch.save writes it")
    torch.save(torch.zeros(1).expand(10**12), tmp_path / "expanded.pt")
    assert (tmp_path / "expanded.pt").stat().st_size < 10_000
    refused("expanded.pt", "TiB; the limit", LimitError)
    torch.save({"weight": torch.zeros(1)}, tmp_path / "dict.pt")
    refused("dict.pt", "contains a dict; save a single tensor")
    torch.save(torch.zeros(3).bool(), tmp_path / "bool.pt")
    refused("bool.pt", "numbers are required")
    torch.save(Path, tmp_path / "code.pt")
    refused("code.pt", "cannot be read without running its code")
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", bytes(10**6))
        info = zipfile.ZipInfo("bomb/data/0")
        archive.writestr(info, b"0")
        info.file_size = 10**11  # the size that the directory states
    refused("bomb.pt", "GiB; the limit|cannot be read", (LimitError, ParseError))
    (tmp_path / "folder.npy").mkdir()
    refused("folder.npy", "is a folder")


def test_a_damaged_file_takes_little_memory(tmp_path):
    """In a separate process, with 2 GiB of address space more than torch needs."""
    torch.save(torch.zeros(1).expand(10**12), tmp_path / "x.pt")
    code = (
        "import resource, sys\n"
        "from symconv.cli.app import app\n"
        f"sys.argv = ['symconv', 'check', 'torch', '--x=@{tmp_path}/x.pt', '--k=[1]']\n"
        "try: app()\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2 and "TiB" in done.stderr
    assert int(done.stdout.split()[-1]) < 1024**2  # KiB
    assert resource.RUSAGE_SELF == 0


MODULES = """
import torch

def layer(i, o, k, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1):
    rest = stride, padding, output_padding, groups, bias, dilation
    return torch.nn.ConvTranspose2d(i, o, k, *rest)

class Doubled(torch.nn.ConvTranspose2d):
    def forward(self, x):
        return 2 * super().forward(x)

def number(*a, **k):
    return 5

def view(x, w, bias=None, **steps):
    return x
"""


def test_modules(tmp_path, monkeypatch):
    (tmp_path / "some_modules.py").write_text(MODULES)
    monkeypatch.chdir(tmp_path)
    assert run("some_modules:layer", "--call", "module").exit_code == 0
    assert run("torch.nn:ConvTranspose2d").exit_code == 0
    assert run("some_modules:Doubled").exit_code == 1
    wrong = run("some_modules:number", "--call", "module")
    assert wrong.exit_code == 2 and "--call module requires a module" in wrong.stderr
    same = ["--input-size", "2x2", "--kernel-size", "1x1"]
    assert "returned a view of an input's memory" in run("some_modules:view", *same).stdout


def test_the_snippet_runs_and_the_command_is_the_one_given(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    arguments = ["--input-size", "2x2", "--kernel-size", "2x2", "--algorithm", "direct"]
    found = json.loads(run("docs.examples.broken:first", *arguments, "--json").stdout)["findings"]
    for finding in found:
        done = subprocess.run(
            [sys.executable, "-c", finding["snippet"]], capture_output=True, text=True, check=True
        )
        assert float(done.stdout) == pytest.approx(float(finding["actual"]), rel=1e-6)
        assert f"exact: {finding['worst']['rounded']!r}" in finding["snippet"]
        assert finding["command"] == (
            "symconv check docs.examples.broken:first --input-size 2x2 --kernel-size 2x2 "
            "--algorithm direct"
        )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64"])
def test_the_correctly_rounded_output(dtype):
    kind = getattr(torch, dtype)
    wide = torch.complex128 if kind.is_complex else torch.float64
    x, w, b = (torch.randn(s, dtype=wide).to(kind) for s in ((2, 3, 4), (3, 2, 3), (2,)))
    steps = {"stride": 2, "padding": 1, "output_padding": 1}
    found = correctly_rounded(x, w, b, **steps)
    expected = torch.nn.functional.conv_transpose1d(x.to(wide), w.to(wide), b.to(wide), **steps)
    assert found.dtype is kind and found.shape == expected.shape
    torch.testing.assert_close(found, expected.to(kind))
    assert torch.equal(correctly_rounded(x[0], w, b, **steps), found[0])


def test_what_cannot_be_rounded_is_said():
    x, w = torch.ones(1, 1, 2), torch.ones(1, 1, 2)
    with pytest.raises(ParseError, match="one dtype"):
        correctly_rounded(x, w.double())
    with pytest.raises(ParseError, match="one dtype"):
        correctly_rounded(x.int(), w.int())
    with pytest.raises(ParseError, match="finite"):
        correctly_rounded(x / 0, w)
