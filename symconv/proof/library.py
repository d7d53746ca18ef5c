"""Files of statements: loading them, and checking their stored certificates with the kernel."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from symconv.core import laws
from symconv.core.errors import ParseError, SymconvError
from symconv.proof.instances import Unbounded
from symconv.proof.refuting import counterexample, term_witness
from symconv.proof.theorem import InRocq, Theorem, as_data, read_again
from symconv.proof.trusted.certificates import read
from symconv.proof.trusted.kernel import Poly, Rejected, check
from symconv.proof.trusted.obligations import Obligation, obligations
from symconv.proof.trusted.statement import Entails, Equal, Malformed
from symconv.proof.trusted.verdict import Open, proved
from symconv.proof.vocabulary import N

BRIEFLY = 5_000
"""The most numbers tried in search of a counterexample if there is a certificate already."""
INSTALLED = Path(__file__).parent / "library_files"
SOURCES = Path(__file__).parents[2] / "proofs"


@dataclass(frozen=True)
class LibraryEntry:
    """One file: a statement with the outline of its proof, and optionally its twin.

    Attributes:
        name: the stem of the file's name.
        path: the path of the file.
        title: the first line of its docstring.
        words: the rest of the docstring, up to its source.
        source: where the statement is from.
        parts: the theorems that make up the statement.
        rocq: the file and the lemma of the Rocq theory that corresponds to the statement, if any.
        twin: a false variant of the statement.
        twin_says: what the twin claims, as text.
        laws: polynomials that pages abbreviate by a symbol, by symbol.
        uses: other entries that this one relies on or continues.
        covers: the domain on which its lemmas in the Rocq theory are stated, as text.
    """

    name: str
    path: Path
    title: str
    words: str
    source: str
    parts: tuple[Theorem, ...]
    rocq: tuple[str, str] | None
    twin: Entails | Equal | None
    twin_says: str
    laws: Mapping[str, Poly]
    uses: tuple[str, ...] = ()
    covers: str = ""

    @cached_property
    def obligations(self) -> list[Obligation]:
        """The sequents that the kernel has to check, of all parts that are not stated in Rocq."""
        found = []
        for n, part in enumerate(self.parts):
            if isinstance(part, InRocq):
                continue
            words = f"part {n + 1}, " if len(self.parts) > 1 else ""
            found += [
                Obligation(words + o.name, o.hypotheses, o.goal, o.split) for o in obligations(part)
            ]
        return found

    @property
    def ours(self) -> bool:
        """Whether the file belongs to the library, not to a user."""
        return self.path.parent == folder()

    @property
    def certificate(self) -> Path:
        """The path of its certificate file."""
        return self.path.parent / "certificates" / f"{self.name}.json"

    @property
    def by_hand(self) -> list[tuple[str, str]]:
        """`(file, lemma)` for each lemma of the Rocq theory that belongs to this entry."""
        found = [(part.file, part.lemma) for part in self.parts if isinstance(part, InRocq)]
        return [*found, self.rocq] if self.rocq else found

    @property
    def only_rocq(self) -> bool:
        """Whether all parts are stated in Rocq, so that the kernel has nothing to check."""
        return all(isinstance(part, InRocq) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Status:
    """The result of checking an entry in this run.

    Attributes:
        name: the name of the entry.
        status: `proved`, `refuted`, `needs_engine`, `unproved` or `broken`.
        checkers: the checkers that agreed in this run.
        seconds: the time that the check took.
        detail: the open obligation, the counterexample, or what is missing.
        stale: whether the certificate file lacks an obligation, as for a changed statement.
    """

    name: str
    status: str
    checkers: tuple[str, ...]
    seconds: float
    detail: str = ""
    stale: bool = False


def folder() -> Path:
    """The folder of the library's files: in the installed package, or `proofs` in a source tree."""
    return INSTALLED if INSTALLED.is_dir() else SOURCES


def files() -> list[Path]:
    """The paths of the library's files, sorted by name."""
    return sorted(folder().glob("*.py"))


def run_file(path: Path) -> dict[str, Any]:
    """Run a Python file and return its global names.

    Raises:
        ParseError: the file replaces a name of `symconv.proof` or a law, which all files share;
            the name is restored.
    """
    import symconv.proof as shared

    before = {(shared, name): getattr(shared, name) for name in shared.__all__}
    before |= {(laws, name): law for name, law in vars(laws).items() if callable(law)}
    loader = importlib.machinery.SourceFileLoader(f"symconv_file_{path.stem}", str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    try:
        loader.exec_module(module)
    finally:
        changed = [key for key, value in before.items() if getattr(*key, None) is not value]
        for key in changed:
            setattr(*key, before[key])
    if changed:
        shown = ", ".join(f"{module.__name__}.{name}" for module, name in changed)
        raise ParseError(f"the file replaces {shown}, which all files share; use your own names")
    return vars(module)


def load(path: Path) -> LibraryEntry:
    """Run a file of statements and read what it states.

    Raises:
        ParseError: the file cannot be run, states no theorem, or has an invalid name or statement.
    """
    try:
        names = run_file(path)
    except (SymconvError, Malformed) as error:
        raise ParseError(f"{path.name}: {error}") from None
    except FileNotFoundError as error:
        missing = error.filename or path
        raise ParseError(f"{path.name} cannot be run: {missing} does not exist") from None
    except (Exception, SystemExit) as error:  # the user's code may fail in any way
        raise ParseError(f"{path.name} cannot be run: {type(error).__name__}: {error}") from None
    try:
        return _entry(path, names)
    except Malformed as error:
        raise ParseError(f"{path.name}: {error}") from None
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, SymconvError):
            raise
        raise ParseError(f"{path.name}: a name in the file is invalid: {error}") from None


def _entry(path: Path, names: Mapping[str, Any]) -> LibraryEntry:
    theorem = names.get("theorem")
    parts = theorem if isinstance(theorem, tuple) else (theorem,)
    if not parts or not all(isinstance(part, (Entails, Equal, InRocq)) for part in parts):
        raise ParseError(
            f"{path.name} states no theorem; define `theorem` by entails(...) or equal(...), or as "
            "a tuple of several"
        )
    twin = names.get("twin")
    if twin is not None and not isinstance(twin, (Entails, Equal)):
        raise ParseError(f"{path.name}: `twin` must be made by entails(...) or equal(...)")
    parts = tuple(p if isinstance(p, InRocq) else read_again(p) for p in parts)
    twin = read_again(twin) if twin is not None else None
    text = inspect.cleandoc(names.get("__doc__") or path.stem)
    title, _, rest = text.partition("\n")
    words, _, source = rest.partition("Source:")
    rocq = names.get("rocq")
    fits = isinstance(rocq, tuple) and len(rocq) == 2 and all(isinstance(r, str) for r in rocq)
    if rocq is not None and not fits:
        raise ParseError(f"{path.name}: rocq must be a tuple of two strings, (file, lemma)")
    found = LibraryEntry(
        path.stem,
        path,
        title.strip(),
        " ".join(words.split()),
        " ".join(source.split()),
        parts,
        tuple(rocq) if rocq else None,
        twin,
        str(names.get("twin_says", "")),
        {"N": N.poly} | {n: v.poly for n, v in names.get("lengths", {}).items()},
        tuple(names.get("uses", ())),
        str(names.get("rocq_covers", "")),
    )
    assert found.obligations is not None  # computed here so that invalid statements fail on loading
    return found


def recheck(entry: LibraryEntry) -> Status:
    """Check an entry with its stored certificates, as `judged` does; needs no search."""
    start = time.perf_counter()
    if entry.only_rocq:
        return Status(
            entry.name, "needs_engine", (), 0.0, "stated only in Rocq; use --rocq to check it"
        )
    if not entry.certificate.exists():
        return Status(entry.name, "unproved", (), 0.0, "no certificate; run symconv prove --search")
    found = judged(entry, lambda: read(entry.certificate))
    return replace(found, seconds=time.perf_counter() - start)


def judged(entry: LibraryEntry, certificates: Callable[[], Mapping[str, Any]]) -> Status:
    """The status that the trusted package gives an entry, for a witness found by enumeration.

    A counterexample found by enumeration takes precedence, since it can be checked by hand.
    """
    parts = [part for part in entry.parts if isinstance(part, (Entails, Equal))]
    for part in parts:
        try:
            broken = counterexample(part, BRIEFLY)
        except Unbounded as error:
            return Status(entry.name, "broken", (), 0.0, str(error))
        if broken is not None:
            return Status(entry.name, "refuted", ("enumeration",), 0.0, str(broken))
    try:
        data = [as_data(part) for part in parts]
        proved(data, certificates(), [term_witness(part) for part in parts])
    except Open as error:
        return Status(entry.name, "broken", (), 0.0, f"{error}: stale or missing", stale=True)
    except (Malformed, Rejected) as error:
        return Status(entry.name, "broken", (), 0.0, str(error))
    if len(parts) < len(entry.parts):
        return Status(
            entry.name,
            "needs_engine",
            (),
            0.0,
            "a part is stated only in Rocq; use --rocq to check it",
        )
    return Status(entry.name, "proved", ("kernel",), 0.0)


def checked(wanted: Sequence[Obligation], known: Mapping[str, Any]) -> tuple[str, str]:
    """Check sequents: `proved`, or `stale` or `broken` with the first sequent that fails.

    The result is about sequents; only `judged` calls a statement proved.
    """
    for obligation in wanted:
        certificate = known.get(obligation.key)
        if certificate is None:
            return "stale", f"{obligation.name}: its certificate is stale or missing"
        try:
            check(obligation.hypotheses, obligation.goal, certificate)
        except Rejected as error:
            return "broken", f"{obligation.name}: the certificate is rejected: {error}"
    return "proved", ""
