"""The limit: a Starlette route that reads the body and answers with fixed JSON."""

import argparse

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = b'{"digit":2,"confidence":1.0,"probabilities":{"0":0.0,"1":0.0,"2":1.0,"3":0.0,"4":0.0}}'


async def answer(request: Request) -> Response:
    """Answer any body."""
    await request.body()
    return Response(ANSWER, media_type="application/json")


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_noop")
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        Starlette(routes=[Route("/v1/predictions", answer, methods=["POST"])]),
        port=parser.parse_args().port,
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
