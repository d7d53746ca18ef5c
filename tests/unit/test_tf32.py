"""TF32 is set through both of torch's interfaces, and previous settings are restored."""

import pytest
import torch

from symconv.targets import tf32
from symconv.targets.environment import backends

backend = torch.backends


def nothing():
    pass


def inherited():
    backend.fp32_precision = "tf32"


def mixed():
    backend.cudnn.conv.fp32_precision = "ieee"  # cuDNN's flag still says True


def by_flags():
    backend.cuda.matmul.allow_tf32 = True
    backend.cudnn.allow_tf32 = False


def by_operators():
    backend.cuda.matmul.fp32_precision = "tf32"
    backend.cudnn.conv.fp32_precision = "tf32"
    backend.cudnn.rnn.fp32_precision = "ieee"


def medium():
    torch.set_float32_matmul_precision("medium")


SETTINGS = [nothing, inherited, mixed, by_flags, by_operators, medium]


@pytest.fixture(autouse=True)
def as_at_first():
    yield
    backend.fp32_precision = "none"
    torch.set_float32_matmul_precision("highest")
    backend.cuda.matmul.allow_tf32 = False
    backend.cudnn.allow_tf32 = True


def effective():
    owners = (backend.cuda.matmul, backend.cudnn.conv, backend.cudnn.rnn)
    return [owner.fp32_precision for owner in owners]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("on", [False, True])
def test_every_operator_is_switched_and_both_interfaces_can_be_read(setting, on):
    setting()
    with backends({"tf32": on}):
        assert effective() == ["tf32" if on else "ieee"] * 3
        assert backend.cudnn.allow_tf32 is backend.cuda.matmul.allow_tf32 is on


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("on", [False, True])
def test_what_was_set_comes_back(setting, on):
    setting()
    before, seen = tf32.state(), effective()
    with backends({"tf32": on}):
        pass
    after = tf32.state()
    assert effective() == seen
    told = [
        (old, new) for old, new in zip(before.flags, after.flags, strict=True) if old is not None
    ]
    assert all(old is new for old, new in told)
    assert before.matmul in (None, after.matmul)


def test_what_inherited_its_precision_inherits_it_again():
    inherited()
    with backends({}):
        pass
    backend.fp32_precision = "ieee"
    assert effective()[1] == "ieee"


def test_state_says_whether_tf32_may_be_used():
    with backends({"tf32": True}):
        assert tf32.state().on
    with backends({}):
        assert not tf32.state().on
