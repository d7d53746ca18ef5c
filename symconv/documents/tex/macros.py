r"""Read `\newcommand` and `\def` from a document and expand them under limits; no TeX is run."""

from __future__ import annotations

import re

from symconv.documents.tex.nodes import NotUnderstood

Macros = dict[str, tuple[int, str, str | None]]
"""Maps a name to its number of arguments, its body, and the default of its first argument."""

MOST_ROUNDS = 12
MOST_LENGTH = 100_000
MOST_BODY = 5_000
MOST_MACROS = 2_000
MOST_UNCLOSED = 100
_DEFINITION = (  # compiled on first use, since most pages define no macros
    r"\\(?:re|provide)?newcommand\*?\s*+\{?\s*+\\([A-Za-z]++)\s*+\}?\s*+(?:\[(\d)\]\s*+)?"
    r"(?:\[([^\[\]\n]{0,200})\]\s*+)?\{"
    r"|\\def\s*+\\([A-Za-z]++)\s*+((?:#\d)*+)\s*+\{"
    r"|\\DeclareMathOperator\*?\s*+\{\s*+\\([A-Za-z]++)\s*+\}\s*+\{"
)
_OPTION = re.compile(r"\s*+\[([^\[\]]{0,500})\]")
_USE = re.compile(r"\\([A-Za-z]+)")
_BRACE = re.compile(r"\\.|[{}]", re.S)


def read_macros(text: str) -> Macros:
    """The macros that a document defines; the last definition of a name counts."""
    found: Macros = {}
    unclosed = 0
    if not any(word in text for word in ("command", "\\def", "\\DeclareMath")):
        return found
    for match in re.finditer(_DEFINITION, text):
        if len(found) >= MOST_MACROS or unclosed >= MOST_UNCLOSED:
            break
        end = closing(text, match.end(), match.end() + MOST_BODY)
        if end < 0:
            unclosed += 1
            continue
        body = text[match.end() : end]
        if match[1]:
            found[match[1]] = (int(match[2] or 0), body, match[3])
        elif match[4]:
            found[match[4]] = (match[5].count("#"), body, None)
        else:
            found[match[6]] = (0, rf"\operatorname{{{body}}}", None)
    for name in _endless(found):
        del found[name]  # a recursive macro cannot be expanded; its uses are not understood
    return found


def _endless(macros: Macros) -> set[str]:
    """The names of macros that refer to themselves, directly or through others."""
    uses = {
        name: {n for n in _USE.findall(body) if n in macros}
        for name, (_, body, _) in macros.items()
    }
    done: set[str] = set()
    left = dict(uses)
    while left:
        ready = [name for name, needed in left.items() if needed <= done]
        if not ready:
            return set(left)
        done.update(ready)
        for name in ready:
            del left[name]
    return set()


def closing(text: str, at: int, end: int | None = None) -> int:
    """Offset of the brace that closes the one opened before `at`; -1 if none does before `end`."""
    depth = 1
    for match in _BRACE.finditer(text, at, len(text) if end is None else end):
        sign = match[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return match.start()
    return -1


def expand(source: str, macros: Macros) -> str:
    """Expand the document's macros in a formula.

    Raises:
        NotUnderstood: the result exceeds `MOST_LENGTH` characters, or macros remain after
            `MOST_ROUNDS` rounds.
    """
    for _ in range(MOST_ROUNDS):
        if not any(name in macros for name in _USE.findall(source)):
            return source
        source = _once(source, macros)
    if any(name in macros for name in _USE.findall(source)):
        raise NotUnderstood(f"macros that still expand after {MOST_ROUNDS} rounds")
    return source


def _once(source: str, macros: Macros) -> str:
    parts: list[str] = []
    at = length = 0
    for match in _USE.finditer(source):
        if match.start() < at or match[1] not in macros:
            continue
        count, body, default = macros[match[1]]
        end = match.end()
        arguments: list[str] = []
        if default is not None and count:
            option = _OPTION.match(source, end)
            arguments.append(option[1] if option else default)
            end = option.end() if option else end
        while len(arguments) < count:
            argument, end = _argument(source, end)
            arguments.append(argument)
        written = _filled(body, arguments)
        if not count and source[end : end + 1].isalpha():
            written += " "
        length += match.start() - at + len(written)
        if length > MOST_LENGTH:
            raise NotUnderstood(f"macros that grow beyond {MOST_LENGTH:,} characters")
        parts += [source[at : match.start()], written]
        at = end
    return "".join(parts) + source[at:]


def _argument(source: str, at: int) -> tuple[str, int]:
    while at < len(source) and source[at].isspace():
        at += 1
    if source[at : at + 1] == "{":
        end = closing(source, at + 1)
        if end < 0:
            raise NotUnderstood("a macro's argument that is not closed")
        return source[at + 1 : end], end + 1
    command = _USE.match(source, at)
    end = command.end() if command else at + 1
    return source[at:end], end


def _filled(body: str, arguments: list[str]) -> str:
    """Substitute the arguments in the body of a macro; undeclared ones become empty."""
    given = dict(enumerate(arguments, 1))
    return re.sub(r"#(\d)", lambda match: given.get(int(match[1]), ""), body)
