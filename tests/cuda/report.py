"""`python -m tests.cuda.report FOLDER`: write the results of a run as `docs/cuda.md`."""

from pathlib import Path
from typing import Any

import click

from tests.cuda.files import read_json
from tests.cuda.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cuda.md"
Record = dict[str, Any]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=PAGE, help="The page. [docs/cuda.md]"
)
def main(folder: Path, output: Path) -> None:
    """Write the page; a rehearsal is no measurement and stays out of docs/cuda.md."""
    found = {step.name: read_json(folder / f"{step.name}.json") for step in STEPS}
    if not any(found.values()):
        raise click.UsageError(f"{folder} has no results: run python -m tests.cuda -o {folder}")
    rehearsed = any(record.get("rehearsal") for record in found.values())
    if rehearsed and output.resolve() == PAGE:
        raise click.UsageError(
            f"{folder} is of a rehearsal on a stand-in, no measurement; choose another page with -o"
        )
    output.write_text(page(found, rehearsed))
    click.echo(f"{output} written")


def page(found: dict[str, Record], rehearsed: bool = False) -> str:
    """The whole page, in Markdown."""
    environment = next((r["environment"] for r in found.values() if r.get("environment")), {})
    dates = [r["date"] for r in found.values() if r.get("date")]
    parts = ["# CUDA" + (", a rehearsal: no figure here is a measurement" if rehearsed else "")]
    parts.append(
        f"Run on {min(dates, default='?')[:10]} by `python -m tests.cuda`; the page is made of its "
        "results by `python -m tests.cuda.report`."
    )
    parts.append(_table(("what", "version"), [(k, v) for k, v in environment.items()]))
    rows = []
    for step in STEPS:
        record = found[step.name]
        refuted = [r for r in record.get("records", []) if r["verdict"] == "refuted"]
        how = record.get("ended", "not run"), record.get("seconds", "")
        rows.append((step.name, step.does, *how, len(record.get("records", [])), len(refuted)))
    parts.append(_table(("step", "what", "ended", "seconds", "results", "refuted"), rows))
    writers = {
        "figures": _figures,
        "checks": _checks,
        "campaign": _campaign,
        "repeats": _repeats,
        "rounding": _rounding,
        "compiled": _checks,
        "cost": _cost,
    }
    for step in STEPS:
        record = found[step.name]
        if not record:
            continue
        parts.append(f"## {step.name}: {step.does}")
        parts += writers[step.name](record.get("records", []))
        failed = [r for r in record.get("records", []) if r["what"] == "the step itself"]
        parts += [f"The step ended early: {r['cause']} ({r['place']})." for r in failed]
        missed = record.get("not_reached", [])
        if missed:
            parts.append(f"Not reached in its time: {'; '.join(missed)}.")
    findings = [
        (step.name, r)
        for step in STEPS
        for r in found[step.name].get("records", [])
        if r["verdict"] == "refuted"
    ]
    parts.append("## Findings")
    parts += [text for name, r in findings for text in _finding(name, r)] or ["None."]
    return "\n\n".join(parts) + "\n"


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    def line(cells: tuple[Any, ...]) -> str:
        return (
            "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
        )

    return "\n".join([line(heads), "|" + "---|" * len(heads), *map(line, rows)])


def _figures(records: list[Record]) -> list[str]:
    claims = [r for r in records if r["what"].startswith("tour: ")]
    agreed = sum(r["verdict"] == "holds" for r in claims)
    parts = [f"{agreed} of {len(claims)} figures of the tour agree with torch on the device."]
    for r in records:
        if r["what"] == "random configurations":
            parts.append(
                f"{r['agree']} of {r['of']} random configurations agree, by {r['definitions']}."
            )
            parts.append(
                _table(
                    ("dtype", "agree", "differ", "not run"),
                    [
                        (dtype, n["holds"], n["refuted"], n["undecided"])
                        for dtype, n in r["by_dtype"].items()
                    ],
                )
            )
    open_ = [r for r in claims if r["verdict"] != "holds"]
    if open_:
        parts.append(
            _table(
                ("figure", "verdict", "why"),
                [
                    (
                        r["what"],
                        r["verdict"],
                        r["reason"] or "; ".join(x["note"] for x in r["runs"][:1]),
                    )
                    for r in open_
                ],
            )
        )
    return parts


def _checks(records: list[Record]) -> list[str]:
    rows = [
        (
            r["what"],
            r.get("dtype", ""),
            r["verdict"],
            ", ".join(f"{n} {word}" for word, n in r.get("counts", {}).items() if n),
            f"{r['error_over_bound']:.3g}" if "error_over_bound" in r else r.get("cause", ""),
            r.get("kernels", ""),
        )
        for r in records
        if r["what"] != "the step itself"
    ]
    return [_table(("what", "dtype", "verdict", "cases", "error/bound", "kernels"), rows)]


def _campaign(records: list[Record]) -> list[str]:
    parts = []
    for r in records:
        if "counts" not in r:
            parts.append(f"No result: {r.get('cause', '')}")
            continue
        counts = ", ".join(f"{n:,} {word}" for word, n in r["counts"].items())
        parts.append(
            f"`{r['command']}`: {r['cases']:,} cases in {r['seconds']:.0f} s, exit code "
            f"{r['exit_code']}: {counts}."
        )
    return parts


def _repeats(records: list[Record]) -> list[str]:
    def told(counts: dict[str, int], of: int) -> str:
        shown = [f"{name} in {n} of {of}" for name, n in counts.items() if n]
        return ", ".join(shown) or "none"

    rows = []
    for r in records:
        if "differ_in_turn" in r:
            batches = [
                f"{b}: {', '.join(n for n, same in seen.items() if not same)}"
                for b, seen in r["same_bits_as_batch_1"].items()
                if not all(seen.values())
            ]
            in_turn = told(r["differ_in_turn"], r["runs"] - 1)
            streams = told(r["differ_on_streams"], 4)
            rows.append((r["what"], r["dtype"], in_turn, streams, "; ".join(batches) or "none"))
    return [
        _table(
            (
                "layer",
                "dtype",
                "differ from run to run",
                "differ on streams",
                "differ from batch 1",
            ),
            rows,
        )
    ]


def _rounding(records: list[Record]) -> list[str]:
    probes = [
        (r["what"].removeprefix("probe: "), r["dtype"], repr(r["value"]), r["says"])
        for r in records
        if "says" in r
    ]
    rows = []
    for r in records:
        for model, seen in r.get("models", {}).items():
            worst = max(seen, key=lambda name: seen[name]["error_over_bound"])
            one = seen[worst]
            kept = one["model"] == model
            ratio = f"{one['error_over_bound']:.3g}" if kept else "beyond"
            rows.append((r["what"], r["dtype"], model, ratio, worst))
    return [
        _table(("probe", "dtype", "value", "says"), probes),
        "The largest error over each model's bound, and the data that reach it:",
        _table(("case", "dtype", "model", "error/bound", "data"), rows),
    ]


def _cost(records: list[Record]) -> list[str]:
    rows = [
        (
            r["what"],
            r["forward_ms"],
            r["verdict_ms"],
            f"{r['verdict_ms'] / r['forward_ms']:.0f}" if r["forward_ms"] else "",
            r["cases"],
        )
        for r in records
        if "forward_ms" in r
    ]
    return [_table(("layer", "forward, ms", "verdict a case, ms", "ratio", "cases"), rows)]


def _finding(step: str, r: Record) -> list[str]:
    parts = [f"### {step}: {r['what']} {r.get('dtype', '')}".rstrip()]
    parts += [r["cause"]] if r.get("cause") else []
    parts += [f"`{r['command']}`"] if r.get("command") else []
    for f in r.get("findings", []):
        said = "; ".join(str(f[n]) for n in ("kind", "case", "cause", "where") if f.get(n))
        parts.append(f"{said}: exact {f.get('expected', '')}, actual {f.get('actual', '')}")
        if f.get("snippet"):
            snippet = f["snippet"] if isinstance(f["snippet"], str) else "\n".join(f["snippet"])
            parts.append(f"```python\n{snippet.rstrip()}\n```")
    return parts


if __name__ == "__main__":
    main()
