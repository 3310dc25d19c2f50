"""``python -m training``."""

from training.cli import application
from training.show import commands

application.add_typer(commands)

if __name__ == "__main__":
    application(prog_name="python -m training")
