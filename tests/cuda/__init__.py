"""What is run on a GPU when there is one: `python -m tests.cuda`, rehearsed on the CPU in CI."""
