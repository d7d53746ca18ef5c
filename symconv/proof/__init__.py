"""Identities for all sizes, stated as data and proved by certificates that a small kernel checks.

This module exports what files of statements import.
"""

from symconv.proof.language import between, either, image, quotient, symbols, tensors, total
from symconv.proof.theorem import entails, equal, in_rocq, on_axes
from symconv.proof.vocabulary import (
    AXIS,
    LENGTHS,
    TORCH_ACCEPTS,
    M,
    N,
    conv_size,
    d,
    hit,
    k,
    meets,
    op,
    p,
    s,
    size_law,
)

__all__ = (
    "AXIS",
    "LENGTHS",
    "TORCH_ACCEPTS",
    "M",
    "N",
    "between",
    "conv_size",
    "d",
    "either",
    "entails",
    "equal",
    "hit",
    "image",
    "in_rocq",
    "k",
    "meets",
    "on_axes",
    "op",
    "p",
    "quotient",
    "s",
    "size_law",
    "symbols",
    "tensors",
    "total",
)
