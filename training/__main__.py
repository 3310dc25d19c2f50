"""``python -m training``."""

import os

# One thread unless asked otherwise: these networks are too small for more; NumPy reads this when
# it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from training.commands.application import application
from training.commands.report_export import commands

application.add_typer(commands)

if __name__ == "__main__":
    application(prog_name="python -m training")
