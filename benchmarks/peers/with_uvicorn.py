"""Uvicorn for peers: the fastest parser and event loop, without a log."""

import argparse

import uvicorn
from starlette.types import ASGIApp


def serve(app: ASGIApp) -> None:
    """Serve at the port that the command line names, until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        app,
        port=parser.parse_args().port,
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )
