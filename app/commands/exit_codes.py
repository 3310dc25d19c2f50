"""Exit codes of the commands."""

SUCCESS = 0  # every picture has an answer, accepted or abstained
FAILURE = 1  # the command could not do its work: no model, no file to write
USAGE = 2  # wrong arguments, no such picture, a request that the server refuses
SOME_UNREADABLE = 3  # all pictures were tried; at least one of them is no readable picture
UNREACHABLE = 4  # the server does not answer, or not in time
INTERRUPTED = 130


class CommandError(Exception):
    """A command ends with this message, in one line, and this exit code."""

    def __init__(self, message: str, code: int = FAILURE) -> None:
        super().__init__(message)
        self.code = code
