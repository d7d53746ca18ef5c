"""Finished campaigns in the format that was asked for."""

from __future__ import annotations

from typing import Any


def written(results: list[Any], kind: str, given: dict[str, Any]) -> Any:
    """A page, JSON, JUnit, or regression tests."""
    import json

    from symconv.campaign import campaign_page as report
    from symconv.render.formats import formats, render_all

    several = len(results) > 1
    placed = [
        (r, f"{given['store']}/{r.work.space.device}" if several else given["store"])
        for r in results
    ]
    if given["emit"]:
        from symconv.campaign.finding_snippet import pytest_module

        return pytest_module(results)
    if kind == "json":
        records = [report.to_json(result, place) for result, place in placed]
        return json.dumps(records[0] if len(records) == 1 else _joined(records), indent=2) + "\n"
    if kind == "junit":
        return report.junit(results)
    shown = [report.document(r, place, pictures=formats()[kind].pictures) for r, place in placed]
    return render_all(shown, kind)


def _joined(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Several devices as one object: the first one's fields, all findings and cases."""
    worst = max((r["verdict"] for r in records), key=("holds", "undecided", "refuted").index)
    return {
        **records[0],
        "verdict": worst,
        "findings": [finding for r in records for finding in r["findings"]],
        "cases": sum(r["cases"] for r in records),
        "counts": {n: sum(r["counts"][n] for r in records) for n in records[0]["counts"]},
        "campaigns": records,
    }
