"""`python -m tests.cuda.step NAME FILE`: run one step in this process."""

import argparse
import os
import traceback
from pathlib import Path

from symconv.core.orphans import die_with
from tests.cuda.running import Run
from tests.cuda.steps import STEPS


def main() -> None:
    """Run the step; the file records how it ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=[step.name for step in STEPS])
    parser.add_argument("path", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rehearse", action="store_true")
    given = parser.parse_args()
    die_with(os.getppid())
    step = next(step for step in STEPS if step.name == given.name)
    fault = os.environ.get("SYMCONV_STANDIN", "")
    run = Run(step.name, given.path, given.seconds, given.rehearse, fault)
    run.write("running")
    try:
        step.load()(run)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        run.add(
            "the step itself",
            "undecided",
            cause=f"{type(error).__name__}: {error}"[:2000],
            place=f"{Path(last.filename).name}:{last.lineno}",
            traceback=traceback.format_exc()[-4000:],
        )
        run.write("error")
    else:
        run.write("complete")


if __name__ == "__main__":
    main()
