"""Judge sentences that state the sizes of an input, a kernel and an output.

A sentence is called wrong only if it names the input, kernel, stride, padding and kind of
convolution, and every word and number in it is understood. Otherwise a difference is doubtful, and
the note gives the sizes that the named parameters would produce.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from symconv.core.errors import GeometryError
from symconv.documents.claim import DOUBTFUL, RIGHT, UNREAD, WRONG, Assessment

_SPEAKS = re.compile(r"\b(?:input|output|kernel|filter|stride|padding|dilation|size|shape)", re.I)
_BETWEEN = re.compile(r"[.!?](?=\s|$|\\par\b)|\n[ \t]*+\n|\n(?=[ \t]*+[-*+|#>]\s)|\\\\|&")
MOST_LENGTH = 600


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text, each with its offset."""
    start = 0
    for match in _BETWEEN.finditer(text):
        yield from _stripped(text, start, match.end())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    sentence = text[start:end]
    bare = sentence.strip()
    if bare:
        yield start + len(sentence) - len(sentence.lstrip()), bare


def judge_sentence(sentence: str) -> Assessment | None:
    """Judge a sentence; None if it says nothing about sizes."""
    if not re.search(r"\d", sentence) or not _SPEAKS.search(sentence):
        return None
    if len(sentence) > MOST_LENGTH:
        return Assessment(UNREAD, "a sentence about sizes that is too long to be read")
    if len(re.findall(r"\d+", sentence)) < 3:
        return Assessment(UNREAD, "a sentence about sizes with fewer than three numbers")
    low = sentence.lower()
    if not ("kernel" in low or "filter" in low or "k =" in low or "k=" in low):
        return Assessment(UNREAD, "a sentence about sizes without: kernel size")
    return judge_parameters(sentence)


_WORD = (
    r"(?:(?!(?:gives?|yields?|makes?|returns?|produces?|has|is|and|with|of|on|in|the|an?|to|for)\b)"
    r"\w+\s)?"
)
_SIZE = r"(\d{1,5}(?:\s?(?:x|×|by)\s?\d{1,5}){0,2})(?!\.?\d)"
_N = rf"{_SIZE}(?![\dx×]|[\s-]{_WORD}(?:kernel|filter|input|image|output|result)\b)"
_COUNTED = (
    r"(?!\s?%|(?<![x×]\d)(?<![x×]\d\d)\s(?!(?:and|with|in|for|when|if|after|as|by|on|at|to|from"
    r"|using|gives?|yields?|produces?|has|is|makes?|returns?|output|result|along|without|so|then|the|a|an|transposed|convolution|input|image|kernel)\b)[a-z])"
)
"""Lookahead after a size: a single number before a noun (`3 images`) is a count, not a size."""
_IS = (
    r"(?:\s|\b(?:size|sizes|shape|length|of|is|are|has|the|a|an|and|with|equal|to|be|becomes)\b|[=:])"
    r"*"
)
_MAPS = (
    rf"\b(?:from|maps?|takes?|turns?|brings?|upsamples?|downsamples?)\s(?:an?\s|the\s)?{_SIZE}"
    r"(?:\s(?:input|image))?\s(?:up\s)?(?:in)?to\s(?:an?\s)?"
)
_PATTERNS = {
    "size": (
        rf"\binput(?:_size)?\b{_IS}{_N}{_COUNTED}",
        rf"{_SIZE}[\s-]{_WORD}(?:input|image|signal)\b",
        rf"{_MAPS}(?=\d)",
    ),
    "kernel_size": (
        rf"\b(?:kernel|filter)(?:_size)?\b{_IS}{_N}{_COUNTED}",
        rf"{_SIZE}[\s-]{_WORD}(?:kernel|filter)\b",
    ),
    "stride": (rf"\bstrides?\b{_IS}{_N}", rf"\bstride-{_N}", rf"{_SIZE}[\s-]strides?\b"),
    "padding": (
        rf"(?<!output\s)(?<!output_)\b(?:zero[- ])?pad(?:ding|s)?(?:_[hw])?\b{_IS}{_N}",
        rf"\bpadded by {_N}",
        rf"{_N}\s(?:pixels?|rows?|zeros?)\sof\s(?:zero[- ])?padding",
    ),
    "output_padding": (rf"\boutput[_\s]padding\b{_IS}{_N}",),
    "dilation": (rf"\bdilation(?:\s(?:rate|factor))?\b{_IS}{_N}", rf"\bdilated by {_N}"),
    "output": (
        rf"\boutput\b(?![_\s]padding|\schannel)[^.;,]{{0,60}}?\b(?:is|becomes)\s{_IS}{_N}"
        rf"{_COUNTED}",
        rf"\boutput(?:_size)?\b(?![_\s]padding){_IS}{_N}{_COUNTED}",
        rf"\b(?:gives?|yields?|produces?|returns?|makes?|results? in|becomes?)\b{_IS}"
        rf"{_SIZE}(?![\dx×]){_COUNTED}",
        rf"{_SIZE}[\s-]{_WORD}(?:output|result)\b",
        _MAPS.replace("(\\d", "(?:\\d", 1) + _SIZE,
    ),
}
_LETTERS = {
    "s": "stride",
    "p": "padding",
    "k": "kernel",
    "i": "input",
    "n": "input",
    "d": "dilation",
    "o": "output",
}
_OTHER = re.compile(
    r"(?i)\b(twice|two|three|four|five|layers?|network|stages?|each|followed|pool(?:ing)?|already"
    r"|including|cropp?e?d?|cropping|afterwards|whose|adjoint|backward|sub-?pixel|pixel-?shuffle|full|circular|reflect|replicate|effective"
    r"|channels|offsets|passes|speedup|percent|times|smaller|larger|in_channels|out_channels|rate"
    r"|factor|valid|ceil|top|left|right|bottom|asymmetric"
    r"|convolutions|deconvolutions|blocks|every|repeat(?:s|ed|edly|ing)?|applied|until|end(?:s|ed)?"
    r"|way|mirrors?|(?:zeros?|taps?) between|between|extra|border|almost|less|short|patch(?:es)?"
    r"|buffer|before|after)\b"
)
"""Words that show that a sentence states more than a single size law covers."""
_VOCABULARY = frozenset(
    "a an the of with and by in to is are be has have for from using use uses used we get it "
    "its this that then so thus hence therefore gives give yields yield makes produces "
    "returns maps takes turns brings results result becomes size sizes shape spatial input "
    "output image kernel filter stride padding dilation transposed transpose convolution "
    "convolutional conv deconvolution deconv operation equal equals square pixels feature map "
    "will when as at into up if let consider suppose example on pixel wide d".split()
)
"""Words that may occur in a sentence without changing the meaning of its sizes."""
_NONE = re.compile(r"\b(?:no|without|zero)\s+padding\b(?!\s*(?:of|=))|\bunpadded\b", re.I)
_PADS = re.compile(r"(?<!output )(?<!output_)\bpad(?:s|ded|ding)?(?:_\w+)?\b", re.I)
_DILATES = re.compile(r"\bdilat|\batrous\b|\bholes\b", re.I)
_TRANSPOSED = re.compile(r"transpos|deconv|upsampl|fractional", re.I)
_CONVOLUTION = re.compile(r"\bconv(?:olution|olve|olved|olves|olving|[123]d)?\b|\bcorrelat", re.I)
_DENIED = re.compile(r"\bnot\b|n't\b|instead|rather|wrong|\bsame\b|\bunlike\b|\bper\b|\?", re.I)


def judge_parameters(sentence: str) -> Assessment:
    """Judge a sentence that has at least three numbers and mentions a kernel."""
    plain = _plain(sentence)
    given: dict[str, tuple[int, ...]] = {}
    if _NONE.search(plain):
        given["padding"] = (0,)
    for name, patterns in _compiled().items():
        if name in given:
            continue
        values = {m[1] for p in patterns for m in p.finditer(plain)}
        sizes = {tuple(map(int, re.findall(r"\d+", v))) for v in values}
        if len(sizes) > 1:
            return Assessment(UNREAD, f"a sentence with more than one {name.replace('_', ' ')}")
        if sizes:
            given[name] = sizes.pop()
    other = _OTHER.search(re.sub(r"(?i)dilation (?:rate|factor)", "dilation", plain))
    if other or re.search(r"\(\s*\d+\s*,|\d/\d|\d\s*\\?%", sentence):
        return Assessment(
            UNREAD, "a sentence about sizes that states more than a single size law covers"
        )
    rest = _rest(plain)
    if "padding" in given and _PADS.search(_NONE.sub("", rest)):
        return Assessment(UNREAD, "a sentence about sizes with a second padding")
    if _DILATES.search(rest):
        return Assessment(UNREAD, "a sentence about sizes whose dilation is not understood")
    missing = [n for n in ("size", "kernel_size", "output") if n not in given]
    if missing:
        words = {"size": "input size", "kernel_size": "kernel size", "output": "output size"}
        told = ", ".join(words[n] for n in missing)
        return Assessment(UNREAD, f"a sentence about sizes without: {told}")
    if "padding" not in given and _PADS.search(plain):
        return Assessment(UNREAD, "a sentence about sizes whose padding is not understood")
    if _DENIED.search(plain):
        return Assessment(UNREAD, "a sentence about sizes that is negated or a question")
    understood = not re.search(r"\d", rest) and not set(_words(rest)) - _VOCABULARY
    return _judged(plain, given, understood)


def _rest(plain: str) -> str:
    """The sentence with everything that a pattern matches replaced by spaces."""
    kept = bytearray(b"1" * len(plain))
    for patterns in _compiled().values():
        for match in (m for p in patterns for m in p.finditer(plain)):
            kept[match.start() : match.end()] = b"0" * (match.end() - match.start())
    return "".join(c if keep == 49 else " " for c, keep in zip(plain, kept, strict=True))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


@cache
def _compiled() -> dict[str, list[re.Pattern[str]]]:
    return {name: [re.compile(p, re.I) for p in found] for name, found in _PATTERNS.items()}


def _plain(sentence: str) -> str:
    text = re.sub(r"\$[^$=]*[-+][^$]*=\s*(\d+)\s*\$", r"\1", sentence)
    text = re.sub(r"\\(?:text|mathrm|texttt|textbf|emph|mathit)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\times\b", " x ", text).replace("\\,", " ")
    text = re.sub(r"(?<=\d)\s*[x×]\s*(?=\d)", "x", text.replace("$", "").replace("`", ""))
    text = re.sub(r"[\\{}()*_]|(?<=[a-z])_(?=[a-z])", lambda m: "_" if m[0] == "_" else " ", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\b([a-z])\s*=\s*(?=\d)", lambda m: _LETTERS.get(m[1], "other") + " ", text)


def _judged(plain: str, given: dict[str, tuple[int, ...]], understood: bool) -> Assessment:
    """Compare the stated output size with that of each possible kind of convolution.

    `understood` means that no word or number of the sentence was left unread.
    """
    dims = max(len(v) for v in given.values())
    if any(len(v) not in (1, dims) for v in given.values()):
        return Assessment(UNREAD, "sizes of different dimensions")
    values = {n: v if len(v) == dims else v * dims for n, v in given.items()}
    transposed, other = bool(_TRANSPOSED.search(plain)), bool(_CONVOLUTION.search(plain))
    plainly = re.sub(r"(?i)transposed?[\s-]*conv\w*|conv\w*[\s-]*transposed?\w*", "", plain)
    both = transposed and bool(_CONVOLUTION.search(plainly))
    printed = values["output"]
    found: list[str] = []
    reached = False
    for kind in ("transposed convolution", "convolution"):
        if (kind == "convolution" and transposed and not both) or (
            kind != "convolution" and other and not transposed
        ):
            continue
        try:
            sizes, words, within = _sizes(kind, values, dims)
            reached |= within
        except GeometryError as error:
            found.append(f"a {kind} of these sizes is impossible: {error}")
            continue
        if sizes == printed:
            return Assessment(RIGHT, f"a {kind} gives it{_assumed(values)}")
        without = {n: v for n, v in values.items() if n != "output_padding"}
        if without != values and _sizes(kind, without, dims)[0] == printed:
            return Assessment(
                UNREAD, "a size that ignores the output padding given in the sentence"
            )
        found.append(f"a {kind} gives {_shown(sizes)}{words}{_assumed(values)}")
    note = f"printed {_shown(printed)}; {'; '.join(found)}"
    stated = "stride" in values and "padding" in values and (transposed or other) and not both
    return Assessment(WRONG if stated and understood and not reached else DOUBTFUL, note)


def _assumed(values: dict[str, tuple[int, ...]]) -> str:
    gone = [f"{n} {v}" for n, v in (("stride", 1), ("padding", 0)) if n not in values]
    return f" ({' and '.join(gone)} assumed)" if gone else ""


def _shown(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


def _sizes(
    kind: str, values: dict[str, tuple[int, ...]], dims: int
) -> tuple[tuple[int, ...], str, bool]:
    """The output sizes that the parameters give, with a note on reachable sizes.

    The note says which sizes of a transposed convolution an output padding could reach; it is empty
    if the sizes agree or an output padding is given. The flag is True if the stated size of some
    axis is reachable in this way.

    Raises:
        GeometryError: the kernel is larger than the padded input, or the law does not apply.
    """
    from symconv.core.dialects.torch import TorchAxis
    from symconv.core.sizes import axis_sizes, conv_size

    found, words, reached = [], "", False
    for axis in range(dims):
        size, kernel_size, stride, padding, extra, dilation = (
            values.get(name, (default,) * dims)[axis]
            for name, default in (
                ("size", 1),
                ("kernel_size", 1),
                ("stride", 1),
                ("padding", 0),
                ("output_padding", 0),
                ("dilation", 1),
            )
        )
        torch = TorchAxis(size, kernel_size, stride, padding, extra, dilation)
        if kind == "convolution":
            found.append(conv_size(size, torch) if stride else 0)
            if found[-1] < 1:
                raise GeometryError("the kernel is larger than the padded input")
            continue
        law = axis_sizes(torch)
        found.append(law.out_size)
        wanted = values["output"][axis]
        if "output_padding" not in values and law.out_size != wanted:
            low, high = law.reachable
            within = low <= wanted <= high
            reached |= within
            needs = f"; {wanted} needs output_padding={wanted - law.out_size}" if within else ""
            words = words or f" (reachable {low}..{high}{needs})"
    return tuple(found), words, reached
