"""Entry point of ``python -m app``, which is also installed as the command ``digitserve``."""

import os
import signal
import sys

from app.server.garbage import postpone_collection
from app.server.system_limits import (
    SystemLimitError,
    check_system_limits,
    open_standard_streams,
)

# With more BLAS threads, these take processor time from the event loop while they wait for work.
# NumPy reads the variables when it is imported.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
# Pydantic would search the metadata of all installed packages for plugins.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main() -> None:
    """Run the command that the arguments name; without one, serve."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the start writes no traceback
    open_standard_streams()
    try:
        check_system_limits()  # before the large imports, which take half a second and 150 MB
    except SystemLimitError as error:
        sys.stderr.write(f"digitserve: {error}\n")
        sys.exit(1)
    # FastAPI imports the package only to refuse its models: 4 % of the start, and 1.6 MB.
    sys.modules["pydantic.v1"] = None  # type: ignore[assignment]
    postpone_collection()
    from app.commands.application import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
