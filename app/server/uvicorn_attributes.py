"""Internals of uvicorn on which the HTTP protocol depends, checked by a test after an upgrade."""

# Attributes of uvicorn's protocol and request cycle that protocol.py uses.
UVICORN_ATTRIBUTES = {
    "protocol": (
        "client",
        "config",
        "flow",
        "cycle",
        "headers",
        "loop",
        "parser",
        "pipeline",
        "scope",
        "server_state",
        "timeout_keep_alive_handler",
        "timeout_keep_alive_task",
        "transport",
        "url",
        "_unset_keepalive_if_required",
    ),
    "cycle": (
        "body",
        "disconnected",
        "keep_alive",
        "message_event",
        "more_body",
        "on_response",
        "response_complete",
        "scope",
        "transport",
    ),
}
