"""Pages as trees of nodes, and writers for their output formats.

The formats are text, Markdown, LaTeX, HTML, notebooks and PDF. Nothing in this package depends on
convolution.
"""
