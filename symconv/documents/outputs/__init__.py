"""Judge printed outputs by running the code of a document, which happens only on request.

The code runs twice, with two seeds, each time in a separate process with a minimal environment, an
empty folder, limits on time, memory and file size and, where the system supports it, no network.
This is not a sandbox: run only code that you would run yourself.
"""
