"""Each historical fault is found in a short campaign, shrunk, and named or described correctly."""

import pytest

from symconv.campaign import campaign
from symconv.campaign.space import Space
from symconv.campaign.worker import Work
from tests.gallery import kernels

pytest.importorskip("torch")


@pytest.mark.parametrize("kernel", kernels.NAMED, ids=lambda k: k.__name__)
def test_found_shrunk_and_named(kernel, tmp_path):
    work = Work(
        f"tests.gallery.kernels:{kernel.__name__}",
        seed=1,
        count=640,
        space=Space(dims=(2,), switches=()),
    )
    result = campaign.run(work, tmp_path, seconds=None, workers=1, case_seconds=5)
    assert result.findings
    wanted = kernels.NAMED[kernel]
    told = [f"{f.kind}: {f.cause}" for f in result.findings]
    named = [f for f, words in zip(result.findings, told, strict=True) if wanted in words]
    assert named and named[0].alike > 1, told
    # the named finding is the most frequent one, except for kernels that also raise
    assert named[0] is result.findings[0] or result.findings[0].kind == "exception"
    smallest = named[0].case
    assert max(smallest.size + smallest.kernel_size) <= 4
    assert smallest.batch <= 2 and smallest.groups <= 2


def test_there_are_at_least_twelve_with_their_threads():
    assert len(kernels.NAMED) >= 12
    sources = {k.__doc__.split(":")[0] for k in kernels.NAMED}
    assert len(sources) == len(kernels.NAMED) and all("#" in s for s in sources)
