"""`symconv.fuzz`: a campaign over one target, on one or several devices."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symconv.campaign import campaign_page
from symconv.campaign.campaign import CampaignResult, Runner, Tally, run
from symconv.campaign.finding_snippet import pytest_module
from symconv.campaign.space import Space
from symconv.campaign.supervisor import Supervisor
from symconv.campaign.sweep import first_stage
from symconv.campaign.worker import Work
from symconv.core.arguments import suggest_names
from symconv.core.errors import ParseError
from symconv.exact.dtypes import FLOATING, INTEGER
from symconv.judging.judgement import ANY, DIRECT
from symconv.render.result import Result
from symconv.render.tree import Block, Document, Heading
from symconv.results.evidence import Outcome, Verdict
from symconv.targets.conventions import convention_of
from symconv.targets.engine import TORCH, Engine, engine_named
from symconv.targets.resolve import find, target_name
from symconv.targets.surfaces import EAGER, SURFACES

LEAST_MEMORY = 64 * 1024**2
MEMORY = 2 * 1024**3
SECONDS = 60.0
DEVICES = {"cpu": ("mkldnn",), "cuda": ("benchmark", "cudnn", "deterministic", "tf32"), "meta": ()}
"""The devices of a campaign, each with the switches of torch that are drawn for torch itself."""
Watch = Callable[[Tally], None]


@dataclass(frozen=True, slots=True)
class FuzzRequest:
    """All that `symconv fuzz` is asked; the fields are the arguments of `fuzz`."""

    target: str
    call: str
    surface: str
    engine: str
    devices: tuple[str, ...]
    dims: tuple[int, ...]
    dtypes: tuple[str, ...] | None
    seconds: float | None
    cases: int | None
    seed: int
    workers: int
    store: Path
    resume: bool
    known: tuple[str, ...]
    accept: bool
    algorithm: str
    unbatched: bool
    gradients: bool | None
    fail_on: str
    case_seconds: float
    case_memory: int
    scheduler: str | None

    def folder(self, device: str) -> Path:
        """Where the findings of a device are stored."""
        return self.store if len(self.devices) == 1 else self.store / device

    def work(self, device: str) -> Work:
        """What the workers of a device are given."""
        itself, paper = self.target == "torch", self.call == "paper"
        dtypes = self.dtypes
        if dtypes is None:
            usual = next(d for d in FLOATING if d in engine_named(self.engine).dtypes)
            dtypes = _dtypes_of(device) if itself else (usual,)
        space = Space(
            dims=self.dims,
            dtypes=dtypes,
            device=device,
            switches=DEVICES[device] if itself else (),
            gradients=self.gradients is not False,
            illegal=self.accept and not paper,
            unbatched=self.unbatched and not paper,
            layouts=not paper and self.engine == TORCH,
            paper=paper,
        )
        return Work(
            self.target,
            self.call,
            self.algorithm,
            self.case_memory,
            space,
            self.seed,
            self.cases,
            (str(Path.cwd()),),
            bool(self.gradients),
            self.surface,
            self.engine,
        )


def _dtypes_of(device: str) -> tuple[str, ...]:
    """The dtypes in which torch's own kernels are drawn."""
    return {"cpu": (*FLOATING, *INTEGER), "cuda": FLOATING, "meta": ("float32",)}[device]


@dataclass(frozen=True, repr=False)
class Fuzz(Result):
    """The result of `fuzz`.

    Attributes:
        request: what was asked.
        results: one campaign per device.
    """

    request: FuzzRequest
    results: tuple[CampaignResult, ...]

    @property
    def outcome(self) -> Outcome:
        """Refuted if any device is, else undecided if any is."""
        found = [campaign_page.outcome(result) for result in self.results]
        return max(found, key=(Outcome.HOLDS, Outcome.UNDECIDED, Outcome.REFUTED).index)

    @property
    def verdict(self) -> Verdict:
        """The outcome, with the scope of the first device and the first finding's diagnosis."""
        first = self.results[0]
        reasons = next((f.diagnosis for r in self.results for f in r.findings), ())
        return Verdict(self.outcome, campaign_page.evidence(first), reasons=reasons)

    @property
    def placed(self) -> list[tuple[CampaignResult, str]]:
        """Each campaign with the folder of its findings."""
        devices = [r.work.space.device for r in self.results]
        return [
            (r, str(self.request.folder(d))) for r, d in zip(self.results, devices, strict=True)
        ]

    def pages(self, *, pictures: bool = True) -> list[Document]:
        """One page per device."""
        return [campaign_page.document(r, place, pictures=pictures) for r, place in self.placed]

    @property
    def document(self) -> Document:
        """The page; several devices are chapters of it."""
        pages = self.pages()
        if len(pages) == 1:
            return pages[0]
        blocks: list[Block] = []
        for page in pages:
            blocks += [Heading(1, page.title), *page.blocks]
        return Document(f"Campaigns over {self.request.target}", tuple(blocks))

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints; of several devices, all findings and cases."""
        records = [campaign_page.to_json(result, place) for result, place in self.placed]
        if len(records) == 1:
            return records[0]
        return {
            **records[0],
            "verdict": self.outcome.value,
            "findings": [finding for r in records for finding in r["findings"]],
            "cases": sum(r["cases"] for r in records),
            "counts": {n: sum(r["counts"][n] for r in records) for n in records[0]["counts"]},
            "campaigns": records,
        }

    def to_junit(self) -> str:
        """The findings as JUnit's XML, for CI servers."""
        return campaign_page.junit(self.results)

    def to_pytest(self) -> str:
        """The findings as a module of regression tests that needs only torch and pytest."""
        return pytest_module(self.results)


@suggest_names
def fuzz(
    target: str | Callable[..., Any],
    *,
    seconds: float | None = None,
    cases: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    store: str | Path = "symconv-cases",
    resume: bool = False,
    known: Sequence[str] = (),
    accept: bool = False,
    device: str | Sequence[str] = "cpu",
    dims: int | str | Sequence[int] | None = None,
    dtypes: str | Sequence[str] | None = None,
    call: str | None = None,
    surface: str = EAGER,
    engine: str = TORCH,
    algorithm: str = ANY,
    unbatched: bool | None = None,
    gradients: bool | None = None,
    fail_on: str = "refuted",
    case_seconds: float = 10.0,
    case_memory: int | None = None,
    scheduler: str | None = None,
    watch: Callable[[float | None], Any] | None = None,
) -> Fuzz:
    """Draw cases, judge an implementation in worker processes, shrink and diagnose what fails.

    Args:
        target: `torch`, `module:callable`, or a callable that can be imported by its name.
        seconds: how long to draw; 60 if `cases` is not given either.
        cases: how many cases to draw.
        seed: of all cases.
        workers: number of processes; the number of cores, at most 4, by default.
        store: folder of the findings.
        resume: continue the last campaign with the same options.
        known: signatures of findings that are only listed.
        accept: also draw parameters that torch's documentation rules out.
        device: `cpu`, `cuda`, `meta`, or several.
        dims: numbers of spatial axes.
        dtypes: torch's names of dtypes.
        call: `torch`, `paper` or `module`.
        surface: how the target is run, a name of `symconv.targets.surfaces.SURFACES`.
        engine: what the target computes with, `torch` or `numpy`.
        algorithm: `any`, or `direct` if every product is formed once.
        unbatched: also draw calls without a batch axis.
        gradients: judge the backward pass; None judges it if there is one.
        fail_on: `refuted`, or `undecided` to be undecided if any case is.
        case_seconds: time limit of one case.
        case_memory: bytes that a worker may allocate in addition to what torch needs.
        scheduler: address of a dask.distributed scheduler.
        watch: makes a context manager that is called with the state of the campaign.

    Returns:
        A result with `.verdict`, `.to_text()`, `.to_json()` and `.save(path)`.

    Raises:
        ParseError: an option is invalid, or the store cannot be used.
        TargetError: the target cannot be loaded, or cannot be called as asked.
        EngineMissing: torch, or the device, is not available.

    >>> import symconv, tempfile
    >>> found = symconv.fuzz("torch", cases=64, workers=1, store=tempfile.mkdtemp())
    >>> found.verdict.outcome.value
    'holds'
    """
    framework = engine_named(engine)
    named = target if isinstance(target, str) else target_name(target)
    itself = named == "torch"
    if seconds is None and cases is None:
        seconds = SECONDS
    devices = _words(device)
    for one in devices:
        if one not in DEVICES:
            raise ParseError(f"--device {one!r} is not known; choose from {', '.join(DEVICES)}")
        if one not in framework.devices:
            raise ParseError(f"--device {one}: {engine} has {', '.join(framework.devices)}")
        framework.require(one)
    if surface not in SURFACES:
        raise ParseError(f"--surface {surface!r} is not known; choose from {', '.join(SURFACES)}")
    if algorithm not in (ANY, DIRECT):
        raise ParseError(f"--algorithm {algorithm!r} is not known; choose any or direct")
    if SURFACES[surface].forward_only:
        if gradients:
            raise ParseError(f"--surface {surface} has no backward pass; leave --gradients out")
        gradients = False
    memory = case_memory or MEMORY
    if memory < LEAST_MEMORY:
        raise ParseError(
            "--case-memory is the memory of a worker in addition to what torch needs; give at "
            "least 64M"
        )
    plain = itself or engine != TORCH
    chosen = call or ("torch" if plain else convention_of(find(named)))
    axes = _axes(dims, itself)
    if chosen == "paper" and axes != (2,):
        raise ParseError("--call paper passes matrices; leave --dims out")
    request = FuzzRequest(
        target=named,
        call=chosen,
        surface=surface,
        engine=engine,
        devices=devices,
        dims=axes,
        dtypes=None if dtypes is None else _known_dtypes(_words(dtypes), framework),
        seconds=seconds,
        cases=cases,
        seed=seed,
        workers=workers or min(4, os.cpu_count() or 1),
        store=Path(store),
        resume=resume,
        known=tuple(known),
        accept=accept,
        algorithm=algorithm,
        unbatched=itself if unbatched is None else unbatched,
        gradients=gradients,
        fail_on=fail_on,
        case_seconds=case_seconds,
        case_memory=memory,
        scheduler=scheduler,
    )
    return _campaigns(request, watch)


def _campaigns(request: FuzzRequest, watch: Callable[[float | None], Any] | None) -> Fuzz:
    """Run the first stage and one campaign per device."""
    runner: Callable[[Supervisor], Runner] = lambda supervisor: supervisor.batches  # noqa: E731
    if request.scheduler is not None:
        from symconv.campaign.scale import connect, over

        runner = over(connect(request.scheduler), request.case_seconds)
    seconds, symbolic = request.seconds, None
    # a campaign of a number of cases is the same everywhere; one of a time starts on symbols
    timed = request.cases is None and request.engine == TORCH
    timed = timed and not (request.resume or request.accept or request.scheduler)
    if timed and seconds and request.target != "torch" and request.devices == ("cpu",):
        begun = time.monotonic()
        symbolic = first_stage(
            request.target, request.call, request.dims, request.seed, seconds / 2
        )
        seconds = max(1.0, seconds - (time.monotonic() - begun))
    results = []
    for device in request.devices:
        with _Silent() if watch is None else watch(seconds) as watching:
            results.append(
                run(
                    request.work(device),
                    request.folder(device),
                    seconds=None if seconds is None else seconds / len(request.devices),
                    workers=request.workers,
                    resume=request.resume,
                    known=request.known,
                    case_seconds=request.case_seconds,
                    watch=watching,
                    runner=runner,
                    fail_on_undecided=request.fail_on == "undecided",
                )
            )
    results[0] = replace(results[0], symbolic=symbolic)
    return Fuzz(request, tuple(results))


class _Silent:
    """Watches a campaign without showing anything."""

    def __enter__(self) -> Watch:
        return lambda tally: None

    def __exit__(self, *_: object) -> None:
        return None


def _words(value: str | Sequence[str]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else list(value)
    return tuple(dict.fromkeys(words))


def _known_dtypes(names: tuple[str, ...], framework: Engine) -> tuple[str, ...]:
    known = [name for name in (*FLOATING, *INTEGER) if name in framework.dtypes]
    for name in names:
        if name not in known:
            raise ParseError(f"--dtypes {name!r} is not known; choose from {', '.join(known)}")
    return names


def _axes(dims: int | str | Sequence[int] | None, itself: bool) -> tuple[int, ...]:
    """The numbers of spatial axes to draw from; two axes are drawn most often."""
    given = ("1,2,3" if itself else "2") if dims is None else dims
    if isinstance(given, int):
        given = (given,)
    words = given.split(",") if isinstance(given, str) else list(map(str, given))
    if not set(words) <= {"1", "2", "3"}:
        raise ParseError(
            f"--dims {','.join(words)!r} is not valid: give 1, 2, 3, or several with commas"
        )
    found = tuple(map(int, words))
    return (2, 2, 2, 1, 3) if found == (1, 2, 3) else found
