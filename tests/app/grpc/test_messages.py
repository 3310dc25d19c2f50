"""The protocol's messages: the compiled file is that of the source, and Triton's agree."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tritonclient.grpc import service_pb2

from app.grpc import messages, methods

FOLDER = Path(messages.__file__).parent


def test_the_compiled_file_is_that_of_the_source(tmp_path: Path) -> None:
    """After a change of the .proto, `make proto` compiles it."""
    compiled = tmp_path / "compiled"
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I", str(FOLDER)]
    arguments = [f"--descriptor_set_out={compiled}", "open_inference.proto"]
    subprocess.run([*command, *arguments], check=True)

    assert (FOLDER / "open_inference.binpb").read_bytes() == compiled.read_bytes()


def fields(kind: Any) -> set[tuple[Any, ...]]:
    """Return number, name, type and label of all fields of a message, and of those in it."""
    found = {(one.number, one.name, one.type, one.is_repeated) for one in kind.fields}
    inner = (one.message_type for one in kind.fields if one.message_type)
    return found.union(*(fields(one) for one in inner))


def test_the_messages_are_those_of_triton() -> None:
    """Each field has the number and the type that Triton's client has for it."""
    names = [
        f"{method.rpartition('/')[2]}{part}"
        for method in (*methods.PROBES, *methods.ROUTES)
        for part in ("Request", "Response")
    ]
    for name in names:
        ours = messages._message_class(name).DESCRIPTOR
        theirs = service_pb2.DESCRIPTOR.message_types_by_name[name]
        assert fields(ours) <= fields(theirs), name
