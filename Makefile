.PHONY: check format test bench
check:
	ruff check .
	ruff format --check .
	mypy
	pytest
format:
	ruff check --fix .
	ruff format .
test:
	pytest
bench:
	python -m bench
