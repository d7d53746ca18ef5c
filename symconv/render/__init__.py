"""Pages as a tree, and writers that turn it into text, LaTeX, Markdown and PDF.

This room knows nothing of convolution.
"""
