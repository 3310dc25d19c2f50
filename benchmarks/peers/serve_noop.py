"""No-op service, the upper limit: a Starlette route that answers every body with fixed JSON."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.with_uvicorn import serve

ANSWER = b'{"digit":2,"confidence":1.0,"probabilities":{"0":0.0,"1":0.0,"2":1.0,"3":0.0,"4":0.0}}'


async def answer(request: Request) -> Response:
    """Answer any body."""
    await request.body()
    return Response(ANSWER, media_type="application/json")


if __name__ == "__main__":
    serve(Starlette(routes=[Route("/v1/predictions", answer, methods=["POST"])]))
