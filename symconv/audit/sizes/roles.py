"""Which quantity a letter or word of a size formula usually is."""

from __future__ import annotations

OUTPUT = "output"
BOTH_SIDES_WORDS = "for both sides together"
BOTH_SIDES = f"with padding counted {BOTH_SIDES_WORDS}"
"""The remark of the laws that take the padding of both ends as one number."""
_WORDS = {
    "stride": "stride",
    "strides": "stride",
    "padding": "padding",
    "pad": "padding",
    "pads": "padding",
    "dilation": "dilation",
    "rate": "dilation",
    "kernel": "kernel_size",
    "kernel_size": "kernel_size",
    "filter": "kernel_size",
    "ksize": "kernel_size",
    "output_padding": "output_padding",
    "op": "output_padding",
    "opad": "output_padding",
    "outpad": "output_padding",
    "input": "size",
    "input_size": "size",
    "in": "size",
    "output": OUTPUT,
    "output_size": OUTPUT,
    "out": OUTPUT,
}
_LETTERS = {
    **dict.fromkeys("sS", "stride"),
    **dict.fromkeys("pP", "padding"),
    **dict.fromkeys("kKfF", "kernel_size"),
    **dict.fromkeys("d", "dilation"),
    **dict.fromkeys("inNMHWLhw", "size"),
    **dict.fromkeys("a", "output_padding"),
    **dict.fromkeys("oO", OUTPUT),
}
_AXES = frozenset("h w x y H W 1 2 0 i".split())


def role(name: str) -> str | None:
    """The quantity that a name stands for, None where it is not usual."""
    plain = name.rstrip("'").rpartition(" ")[2].rstrip("'")
    if plain.lower() in _WORDS:
        return _WORDS[plain.lower()]
    base, _, index = plain.partition("_")
    index = index.lower().replace(" ", "")
    if index in ("out", "o", "output") or index.startswith(("out_", "o_")):
        if _LETTERS.get(base) == "padding":
            return "output_padding"
        return OUTPUT if _LETTERS.get(base) == "size" else None
    known = _WORDS.get(base.lower()) or _LETTERS.get(base)
    if index in ("in", "input") or index.startswith("in_"):
        return "size" if known == "size" else None
    return known if not index or index in {a.lower() for a in _AXES} else None


def roles(names: set[str]) -> dict[str, str] | None:
    """A quantity for every name, None unless all are usual and different."""
    found = {name: role(name) for name in names}
    known = [r for r in found.values() if r is not None and r != OUTPUT]
    if len(known) < len(found) or len(set(known)) < len(known):
        return None
    return {name: r for name, r in found.items() if r is not None}
