"""Access control of calls: API keys as metadata; no Host header."""

import grpc
import pytest

from tests.support.grpc_servers import METHOD, infer_request, send_infer, serve_grpc

KEY = "sixteen-characters"


def code(channel: grpc.Channel, *metadata: tuple[str, str]) -> str:
    """Return the status code of an inference with this metadata."""
    try:
        send_infer(channel, infer_request(), metadata=metadata)
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def test_keys_come_as_metadata() -> None:
    """As over HTTP: a scheme and one known key, on all methods but the probes'."""
    with (
        serve_grpc(DIGITS_API_KEYS=f"another-key-of-24-letters,{KEY}") as (_, address),
        grpc.insecure_channel(address) as channel,
    ):
        right = ("authorization", f"Bearer {KEY}")

        assert code(channel, right) == "OK"
        assert code(channel, ("authorization", f"bearer {KEY}")) == "OK"
        for wrong in (
            (),
            (right, right),
            (("authorization", KEY),),
            (("authorization", "Bearer x"),),
        ):
            assert code(channel, *wrong) == "UNAUTHENTICATED"
        for method in ("ServerLive", "ServerReady"):
            assert channel.unary_unary(METHOD.format(method))(b"") == b"\x08\x01"
        for method in ("ServerMetadata", "ModelMetadata", "ModelReady", "Unknown"):
            with pytest.raises(grpc.RpcError, match="Authorization: expected Bearer"):
                channel.unary_unary(METHOD.format(method))(b"")


def test_trusted_hosts_do_not_apply() -> None:
    """A browser, from which they protect, cannot call gRPC."""
    with (
        serve_grpc(DIGITS_TRUSTED_HOSTS="*.example,127.0.0.1") as (_, address),
        grpc.insecure_channel(address) as channel,
    ):
        assert code(channel) == "OK"
