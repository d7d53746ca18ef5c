"""Printed outputs judged by running the document's code, which happens only when it is asked for.

The code runs twice, under two seeds, in a process of its own with a scrubbed environment, an empty
folder, limits of time, memory and file size, and no network where the system allows that. It is
not a sandbox: run only what you would run yourself.
"""
