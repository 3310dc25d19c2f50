"""Entry point of ``python -m training``."""

import os
import sys

# One BLAS thread by default: these networks are too small for more. NumPy reads the variable when
# it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

OWN_PACKAGES = ("model_core", "training")


def main() -> None:
    """Run the command line; a package that is not installed is an error in one line."""
    try:
        from training.commands.application import application

        application(prog_name="python -m training")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package in OWN_PACKAGES:
            raise
        sys.exit(
            f"error: package {package}: expected to be installed, got no such package; "
            "pip install '.[train]' installs everything that training needs"
        )


if __name__ == "__main__":
    main()
