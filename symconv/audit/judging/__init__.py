"""Statements judged: what is wrong is said only where no other reading could make it right."""
