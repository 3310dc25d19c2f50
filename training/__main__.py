"""``python -m training``."""

from training.cli import application

if __name__ == "__main__":
    application(prog_name="python -m training")
