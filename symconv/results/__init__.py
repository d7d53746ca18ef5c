"""Verdicts as data: evidence, reasons, outcomes and exit codes."""
