"""Pages as self-contained HTML files with formulas in MathML.

The pages load nothing from the network, are readable without scripts, adapt to narrow screens and
follow the reader's light or dark colour scheme.
"""

from __future__ import annotations

from html import escape

from symconv.render import mathml, svg
from symconv.render.format import PageFormat
from symconv.render.latexwidth import width
from symconv.render.lines import Limits, broken, fitted
from symconv.render.tree import (
    Badge,
    Block,
    Chain,
    Code,
    Document,
    Equation,
    EquationList,
    Formula,
    Heading,
    Inline,
    Listing,
    Math,
    Matrix,
    Paragraph,
    Picture,
    Product,
    Sum,
    Table,
)

SCREEN = Limits(540.0, scrolls=True)
"""Formulas that are wider than this get dots; those wider than the window scroll."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f4f5f7; --line: #d5d9de;
  --good: #116329; --bad: #a40e26; --open: #7d4e00; --link: #0b5fb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #14171a; --soft: #1f2429;
  --line: #3a4149; --good: #6fd08c; --bad: #ff8f8f; --open: #e6b450; --link: #7db8f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1rem 4rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.2rem;
  border-bottom: 1px solid var(--line); padding-bottom: .2rem; } h3 { font-size: 1.05rem; }
.scroll { overflow-x: auto; max-width: 100%; padding: .2rem 0; }
math { font-size: 1.05em; } mtd { padding: .1em .35em; } mtd.right { text-align: right;
  padding-right: 0; }
mtd.left { text-align: left; padding-left: 0; }
mtd.marked { outline: 1.5px solid var(--bad); border-radius: 2px; }
.struck { opacity: .55; background: linear-gradient(transparent calc(50% - .05em),
  currentColor 0, currentColor calc(50% + .05em), transparent 0); }
table.plain { border-collapse: collapse; font-size: .93rem; } table.plain th, table.plain td {
  border: 1px solid var(--line); padding: .3rem .55rem; text-align: left; vertical-align: top; }
table.plain th { background: var(--soft); }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: .7rem;
  overflow-x: auto; font-size: .88rem; line-height: 1.4; } code { font-size: .92em; }
.badge { border-left: 4px solid var(--open); background: var(--soft); padding: .45rem .8rem;
  margin: .8rem 0; overflow-wrap: anywhere; } .badge b { color: var(--open); }
.badge.good { border-color: var(--good); } .badge.good b { color: var(--good); }
.badge.bad { border-color: var(--bad); } .badge.bad b { color: var(--bad); }
figure { margin: 1rem 0; } figcaption { font-size: .9rem; } svg { max-width: 100%; height: auto; }
.frames { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; } .stepper { display: flex; gap: .8rem;
  align-items: center; margin-bottom: .6rem; } .stepper input { width: min(24rem, 60vw); }
.frames.stepped svg { display: none; } .frames.stepped svg.now { display: block; }
@media print { .stepper { display: none; } .frames.stepped svg { display: block; } }
"""

STEPPER = """
for (const figure of document.querySelectorAll("figure.steps")) {
  const strip = figure.querySelector(".frames"), frames = [...strip.children];
  const bar = document.createElement("div"), slider = document.createElement("input");
  const all = document.createElement("button"), count = document.createElement("span");
  bar.className = "stepper"; slider.type = "range"; slider.min = 0; slider.value = 0;
  slider.max = frames.length - 1; slider.setAttribute("aria-label", "step");
  const show = () => { const n = Number(slider.value);
    frames.forEach((frame, m) => frame.classList.toggle("now", m === n));
    count.textContent = `${n + 1} of ${frames.length}`; };
  const turn = on => { strip.classList.toggle("stepped", on); slider.disabled = !on;
    all.textContent = on ? "show all" : "step by step"; };
  all.onclick = () => turn(!strip.classList.contains("stepped"));
  slider.oninput = show; bar.append(slider, count, all); strip.before(bar); show(); turn(true);
  figure.tabIndex = 0;
  figure.addEventListener("keydown", event => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || event.target === slider) return;
    slider.value = Number(slider.value) + move; show(); event.preventDefault(); });
}
"""
"""The script that shows the frames of a figure one at a time.

Without it, as in a notebook or in print, all frames are shown side by side.
"""

_GOOD = ("HOLDS", "PROVED", "IDENTICAL", "COMPUTED", "CHECKED", "WITHIN", "DECODED", "CROSS-CHECK")
_BAD = ("REFUTED", "FAULT", "REJECTED")


def inline(parts: tuple[Inline, ...]) -> str:
    """The parts of a paragraph or table cell as HTML."""
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(escape(part, quote=False))
        elif isinstance(part, Code):
            written.append(f"<code>{escape(part.text, quote=False)}</code>")
        else:
            written.append(mathml.inline(part))
    return "".join(written)


def _fits(node: Math, limits: Limits) -> Math:
    """The formula with its matrices elided to the limits."""
    if isinstance(node, Matrix):
        return fitted(node, width, limits)
    if isinstance(node, Product):
        return Product(tuple(_fits(f, limits) for f in node.factors), node.dot)
    if isinstance(node, Sum):
        return Sum(tuple(_fits(t, limits) for t in node.terms))
    if isinstance(node, Chain):
        return Chain(tuple(_fits(s, limits) for s in node.sides), node.relations)
    return node


def _displayed(chains: tuple[Math, ...], limits: Limits) -> str:
    """Chains on aligned lines; a chain that is too wide continues on the next line."""
    lines: list[mathml.Line] = []
    for chain in chains:
        cut = broken(chain if isinstance(chain, Chain) else Chain((chain,), ()), width, limits)
        for n, line in enumerate(cut):
            left = _fits(line[0].math, limits) if n == 0 else None
            rest = line[1:] if n == 0 else line
            lines.append((left, tuple((p.sign, _fits(p.math, limits)) for p in rest)))
    return f'<div class="scroll">{mathml.aligned(lines)}</div>'


def _badge(mark: str, detail: str) -> str:
    kind = "good" if mark.startswith(_GOOD) else "bad" if mark.startswith(_BAD) else "open"
    return (
        f'<p class="badge {kind}"><b>{escape(mark, quote=False)}</b> '
        f"{escape(detail, quote=False)}</p>"
    )


def _table(node: Table) -> str:
    head = "".join(f"<th>{escape(h, quote=False)}</th>" for h in node.header)
    rows = "".join(
        f"<tr>{''.join(f'<td>{inline(cell)}</td>' for cell in row)}</tr>\n" for row in node.rows
    )
    return (
        f'<div class="scroll"><table class="plain"><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}'
        "</tbody></table></div>"
    )


def _figure(node: Picture) -> str:
    """A figure with its caption; frames are side by side and `STEPPER` steps through them."""
    caption = f"<figcaption>{escape(node.alt, quote=False)}</figcaption>"
    if not node.frames:
        return f'<figure><div class="scroll">{svg.picture(node)}</div>\n{caption}</figure>'
    frames = "\n".join(svg.picture(frame) for frame in node.frames)
    return f'<figure class="steps"><div class="frames">{frames}</div>\n{caption}</figure>'


def block(node: Block, limits: Limits = SCREEN) -> str:
    """One block of a page as HTML."""
    match node:
        case Heading(level, words):
            return f"<h{level}>{escape(words, quote=False)}</h{level}>"
        case Paragraph(parts):
            return f"<p>{inline(parts)}</p>"
        case Equation(formula):
            if isinstance(formula, Chain):
                return _displayed((formula,), limits)
            return f'<div class="scroll">{mathml.display(_fits(formula, limits))}</div>'
        case EquationList(chains):
            return _displayed(chains, limits)
        case Table():
            return _table(node)
        case Listing(code, _):
            return f"<pre>{escape(code, quote=False)}</pre>"
        case Formula(_, plain):
            return f"<pre>{escape(plain, quote=False)}</pre>"
        case Picture():
            return _figure(node)
        case Badge(mark, detail):
            return _badge(mark, detail)


def fragment(document: Document, limits: Limits = SCREEN) -> str:
    """The page as a `div` to embed in another page, such as the output of a notebook cell."""
    return "<div>\n" + "\n".join(block(b, limits) for b in document.blocks) + "\n</div>"


def page(document: Document, limits: Limits = SCREEN) -> str:
    """The page as a complete HTML file, with a script only if a picture has frames."""
    title = escape(document.title, quote=False)
    body = "\n".join(block(b, limits) for b in (Heading(1, document.title), *document.blocks))
    steps = any(isinstance(b, Picture) and b.frames for b in document.blocks)
    script = f"<script>{STEPPER}</script>\n" if steps else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n"
        f"</main>\n{script}</body>\n</html>\n"
    )


FORMAT = PageFormat("html", (".html", ".htm"), SCREEN, page, appends=False)
