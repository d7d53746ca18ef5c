"""Store of a campaign: findings and progress, written to disk at once, with checksums.

SQLite's own check misses many flipped bits in text, so each row carries a SHA-256 of its content,
and one sum over all rows reveals missing rows. A store that cannot be read completely is rejected.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from symconv.campaign.finding import Finding, finding_from_json
from symconv.campaign.supervisor import Progress
from symconv.campaign.worker import Work
from symconv.core.errors import ParseError, Undecided

SCHEMA = """
create table if not exists campaign(id integer primary key, spec text, sum text);
create table if not exists batch(campaign int, number int, data text, sum text,
    primary key(campaign, number));
create table if not exists finding(campaign int, batch int, number int, data text, sum text,
    primary key(campaign, batch, number));
create table if not exists code(campaign integer primary key, data text, sum text);
create table if not exists whole(id integer primary key, sum text);
"""


class StoreFull(Undecided):
    """The store could not be written; what is already on disk stays there."""


def _sum(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class Store:
    """A folder with `campaign.db` and files `case-<id>.json`."""

    def __init__(self, folder: Path, resume: bool = False) -> None:
        """Open or create a store and check every row; to `resume`, it must exist.

        Raises:
            ParseError: the folder is read-only, not a store, or damaged.
        """
        self.folder = folder
        if folder.exists() and not folder.is_dir():
            raise ParseError(f"--store {str(folder)!r} is a file; a folder is required")
        if resume and not (folder / "campaign.db").is_file():
            raise ParseError(
                f"--resume: there is no campaign in {str(folder)!r}. Use the --store of the "
                "campaign, or leave --resume out to start one"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / "campaign.db", isolation_level=None, timeout=30)
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=full")
            self._db.executescript(SCHEMA)
            if self._db.execute("pragma integrity_check").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("its pages do not fit together")
            self._check()
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            raise ParseError(
                f"the store {str(folder)!r} cannot be used: {error}. Use another --store, or "
                "remove that folder; its case-*.json files can still be replayed"
            ) from None
        self.campaign = 0

    def _check(self) -> None:
        total = 0
        for table, keys in (
            ("campaign", ("id",)),
            ("batch", ("campaign", "number")),
            ("finding", ("campaign", "batch", "number")),
            ("code", ("campaign",)),
        ):
            text = "spec" if table == "campaign" else "data"
            rows = self._db.execute(f"select {', '.join(keys)}, {text}, sum from {table}")
            for *place, data, checksum in rows:
                if _sum(*place, data) != checksum:
                    raise ValueError(f"a row of {table} is damaged")
                total ^= int(checksum, 16)
                if table == "finding":
                    finding_from_json(json.loads(data))
        told = self._db.execute("select sum from whole").fetchall()
        if told != [(f"{total:x}",)] and (told or total):
            raise ValueError("rows are missing")
        self._total = total

    def start(self, work: Work, resume: bool) -> dict[int, dict[str, Any]]:
        """Begin a campaign, or resume the last one of the same kind; return its finished batches.

        Raises:
            ParseError: there is no campaign to resume.
        """
        spec = json.dumps(asdict(work), sort_keys=True)
        found = self._db.execute("select max(id) from campaign where spec = ?", (spec,)).fetchone()[
            0
        ]
        if resume and found is None:
            raise ParseError(
                f"--resume: {str(self.folder)!r} contains no campaign with this target and "
                "options. Use the same options as before, or leave --resume out to start a new "
                "campaign"
            )
        if resume:
            self.campaign = int(found)
            rows = self._db.execute(
                "select number, data from batch where campaign = ?", (self.campaign,)
            )
            return {number: json.loads(data) for number, data in rows}
        newest = self._db.execute("select coalesce(max(id), 0) from campaign").fetchone()[0]
        self.campaign = int(newest) + 1
        row = (self.campaign, spec, _sum(self.campaign, spec))
        self._write([("insert into campaign values(?, ?, ?)", row)])
        return {}

    def require_code(self, digest: str) -> None:
        """Require that the campaign tests the code with this digest, which the first call stores.

        Raises:
            ParseError: the campaign began with other code.
        """
        known = self._db.execute(
            "select data from code where campaign = ?", (self.campaign,)
        ).fetchone()
        if known is None:
            row = (self.campaign, digest, _sum(self.campaign, digest))
            self._write([("insert into code values(?, ?, ?)", row)])
        elif known[0] != digest:
            raise ParseError(
                "--resume: the target's files or torch have changed since this campaign began, so "
                "its results are out of date. Leave --resume out to start a new campaign"
            )

    def add(self, progress: Progress) -> None:
        """Store a finished batch with its findings in one transaction.

        Raises:
            StoreFull: it cannot be written.
        """
        number = progress.batch
        data = json.dumps(progress.record())
        row: tuple[Any, ...] = (self.campaign, number, data, _sum(self.campaign, number, data))
        statements = [("insert into batch values(?, ?, ?, ?)", row)]
        for finding in progress.findings:
            batch, index = finding.place
            text = json.dumps(finding.to_json())
            row = (self.campaign, batch, index, text, _sum(self.campaign, batch, index, text))
            statements.append(("insert into finding values(?, ?, ?, ?, ?)", row))
        self._write(statements)

    def _write(self, statements: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        total = self._total
        try:
            self._db.execute("begin immediate")
            for statement, values in statements:
                self._db.execute(statement, values)
                total ^= int(values[-1], 16)
            self._db.execute("insert or replace into whole values(1, ?)", (f"{total:x}",))
            self._db.execute("commit")
            self._total = total
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._db.execute("rollback")
            raise StoreFull(
                f"the store {str(self.folder)!r} cannot be written: {error}. Earlier results are "
                "stored; free some space and continue with --resume"
            ) from None

    def findings(self) -> list[Finding]:
        """All raw findings of the campaign, in the order of its cases."""
        rows = self._db.execute(
            "select data from finding where campaign = ? order by batch, number", (self.campaign,)
        )
        return [finding_from_json(json.loads(data)) for (data,) in rows]

    def write_case(self, finding: Finding, extra: dict[str, Any]) -> Path:
        """Write `case-<id>.json` atomically and return its path.

        Raises:
            StoreFull: it cannot be written.
        """
        path = self.folder / f"case-{finding.id}.json"
        beside = path.with_suffix(".part")
        try:
            beside.write_text(json.dumps({**finding.to_json(), **extra}, indent=1) + "\n")
            os.replace(beside, path)  # noqa: PTH105 - the atomic call by its name
        except OSError as error:
            raise StoreFull(f"{str(path)!r} cannot be written: {error.strerror}") from None
        return path

    def close(self) -> None:
        """Close the database."""
        self._db.close()
