"""Every planted fault is detected: by the battery, torch's rejections or the tour's exit code."""

import itertools
import json

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.core import laws
from symconv.core.dialects.torch import TorchAxis
from symconv.core.sizes import accepts
from symconv.targets import torchlib
from tests.support.battery import first_disagreement
from tests.support.cases import channel_cases, configs, small_1d
from tests.support.faults import ACCEPT_FAULTS, FORM_FAULTS, INDEX_FAULTS, SIZE_FAULTS, TERM_FAULTS


def cases():
    return itertools.chain(channel_cases(), small_1d())


def run_tour(folder):
    return CliRunner().invoke(
        app, ["tour", "-o", str(folder), "--json", "--device", "cpu"], catch_exceptions=False
    )


def test_without_a_fault_nothing_is_reported(tmp_path):
    assert first_disagreement(cases()) is None
    assert accept_disagreements() == []
    assert run_tour(tmp_path).exit_code == 0


@pytest.mark.parametrize("name", [*FORM_FAULTS, *TERM_FAULTS])
def test_the_battery_notices(name, monkeypatch):
    {**FORM_FAULTS, **TERM_FAULTS}[name](monkeypatch)
    assert first_disagreement(cases()) is not None


@pytest.mark.parametrize("with_torch", [True, False], ids=["torch", "no torch"])
@pytest.mark.parametrize("name", list(FORM_FAULTS))
def test_the_tour_exits_1(name, with_torch, monkeypatch, tmp_path):
    FORM_FAULTS[name](monkeypatch)
    if not with_torch:
        monkeypatch.setattr(torchlib, "installed", lambda: False)
    done = run_tour(tmp_path)
    assert done.exit_code == 1, done.output
    record = json.loads(done.stdout)
    assert any(c["verdict"] != c["expected"] for c in record["claims"])


def accept_disagreements() -> list[TorchAxis]:
    """1-D configurations for which symconv's conditions and torch's rejections differ."""
    torch = pytest.importorskip("torch")
    found = []
    ranges = ((1, 2, 3), (1, 2), (1, 2, 3), (-1, 0, 1, 2), (-1, 0, 1, 2, 3), (1, 2, 3))
    for values in itertools.product(*ranges):
        axis = TorchAxis(*values)
        try:
            torch.nn.functional.conv_transpose1d(
                torch.zeros(1, 1, axis.size, dtype=torch.float64),
                torch.zeros(1, 1, axis.kernel_size, dtype=torch.float64),
                stride=axis.stride,
                padding=axis.padding,
                output_padding=axis.output_padding,
                dilation=axis.dilation,
            )
            accepted = True
        except RuntimeError:
            accepted = False
        if accepts(axis) is not accepted:
            found.append(axis)
    return found


@pytest.mark.parametrize("name", list(ACCEPT_FAULTS))
def test_torchs_refusals_notice(name, monkeypatch):
    from symconv.core import sizes
    from symconv.core.dialects import torch as dialects

    ACCEPT_FAULTS[name](monkeypatch)
    monkeypatch.setattr(sizes, "TORCH_CONDITIONS", dialects.TORCH_CONDITIONS)
    assert accept_disagreements() != []


def size_disagreements() -> list[tuple[int, ...]]:
    """Small axes where a size law differs from counting the positions of the kernel."""
    found = []
    ranges = ((1, 2, 3, 5, 7), (1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2))
    for size, kernel, stride, padding, dilation in itertools.product(*ranges):
        sides = {"padding_begin": padding, "padding_end": padding}
        shape = {"size": size, "kernel_size": kernel, "dilation": dilation}
        taps = [dilation * k for k in range(kernel)]
        padded = range(-padding, size + padding)
        starts = [i for i in padded if all(i + t in padded for t in taps)]
        counted = len(starts[::stride])
        if starts and laws.conv_span(**shape, **sides) != len(starts) - 1:
            found.append((size, kernel, stride, padding, dilation))
        if starts and laws.conv_out_size(stride=stride, padding=padding, **shape) != counted:
            found.append((size, kernel, stride, padding, dilation))
        for extra in range(max(stride, dilation)):
            places = {stride * i + t for i in range(size) for t in taps}
            length = max(places) + 1 - 2 * padding + extra
            steps = {"stride": stride, "padding": padding, "output_padding": extra}
            if laws.torch_out_size(**shape, **steps) != length:
                found.append((size, kernel, stride, padding, dilation, extra))
    return found


def test_the_size_laws_are_counted_positions():
    assert size_disagreements() == []


@pytest.mark.parametrize("name", list(SIZE_FAULTS))
def test_counted_positions_notice(name, monkeypatch):
    SIZE_FAULTS[name](monkeypatch)
    assert size_disagreements() != []


@pytest.mark.parametrize("name", list(INDEX_FAULTS))
def test_named_entries_notice(name, monkeypatch):
    """The names of entries follow the flat order, as SymPy's own loops do."""
    from symconv.core import form
    from symconv.core.dialects.building import torch_geometry
    from symconv.exact import symbolic

    def misnamed() -> bool:
        operator = symbolic.SymbolicOperator(torch_geometry((2, 3), (1, 1)), paper=True)
        return [s.name for s in operator.x][1] != "x_0_1"

    assert not misnamed()
    INDEX_FAULTS[name](monkeypatch)
    monkeypatch.setattr(symbolic, "unflatten", form.unflatten)
    assert misnamed()


def test_configs_strategy_is_used_elsewhere_with_every_parameter_moving():
    from hypothesis import find

    for wanted in (
        lambda c: c.groups > 1 and c.dims == 3,
        lambda c: max(c.padding) > 0 and max(c.output_padding) > 0,
        lambda c: max(c.dilation) > 1 and c.bias is not None and c.batch > 1,
    ):
        assert find(configs(), wanted) is not None
