"""Handler of all calls: access control, load shedding, limits, accounting, errors as status."""

import asyncio
from functools import partial
from typing import Any

import grpc
import grpc.aio
from starlette.requests import ClientDisconnect

from app.errors import SlowRequestError, TooBusyError
from app.grpc.call import Call, Outcome
from app.grpc.methods import http_path
from app.grpc.service import InferenceService, refuse_method
from app.middleware.gateway import CLIENT_CLOSED_REQUEST, Gateway
from app.telemetry.request_id import HEADER

_REQUEST_ID = HEADER.decode()


class CallHandler:
    """Handler of the calls of one server.

    A message is not received before the call's metadata is checked, and at most ``readers``
    messages are received at once, because their size is not known before.
    """

    def __init__(self, gateway: Gateway) -> None:
        settings = gateway.services.settings
        self._gateway = gateway
        self._answers = InferenceService(gateway.services).answers
        self._wait_seconds = settings.wait_seconds
        self._receive_seconds = settings.receive_seconds
        readers = settings.max_total_body_bytes // settings.max_body_bytes
        self._readers = asyncio.Semaphore(max(1, readers))
        self._open: set[asyncio.Task[Outcome]] = set()
        self._handlers = {method: self._make_handler(method) for method in self._answers}

    def service(self, details: Any) -> Any:
        """Return the handler of a call (interface of grpc.GenericRpcHandler)."""
        return self._handlers.get(details.method) or self._make_handler(details.method)

    def cancel_all(self) -> None:
        """Cancel all open calls: they end with UNAVAILABLE."""
        for work in self._open:
            work.cancel()

    def _make_handler(self, method: str) -> Any:
        # With a stream of requests, gRPC receives a message when it is read, not before.
        return grpc.stream_unary_rpc_method_handler(partial(self._handle, method))

    async def _handle(self, method: str, _messages: object, context: Any) -> bytes:
        """Handle a call; it goes on when the client has cancelled it, as with HTTP."""
        call = Call(method, context, self._gateway)
        work = asyncio.create_task(self._finish(call))
        self._open.add(work)
        work.add_done_callback(self._open.discard)
        try:
            outcome = await asyncio.shield(work)
        except asyncio.CancelledError:
            call.is_disconnected = True
            raise
        context.set_trailing_metadata(((_REQUEST_ID, call.record.request_id),))
        if outcome.code is not grpc.StatusCode.OK:
            await context.abort(outcome.code, outcome.details, context.trailing_metadata())
        return outcome.response

    async def _finish(self, call: Call) -> Outcome:
        """Answer a call, count and log it."""
        try:
            outcome = await self._answer(call)
        except (Exception, asyncio.CancelledError) as error:
            outcome = call.fail(error)
        self._gateway.body_limit.release(call.held)
        status = CLIENT_CLOSED_REQUEST if call.is_disconnected else outcome.status
        self._gateway.finish(call.record, call.method, "POST", status)
        return outcome

    async def _answer(self, call: Call) -> Outcome:
        error = self._gateway.refusal(http_path(call.method), call.headers, 0, checks_host=False)
        if error is not None:
            return call.refuse(error)
        answer = self._answers.get(call.method, refuse_method)
        response = await answer(await self._receive(call), call)
        return Outcome(200, grpc.StatusCode.OK, response=response.SerializeToString())

    async def _receive(self, call: Call) -> bytes:
        """Receive the message of a call, and count its bytes until the call ends.

        Raises: TooBusyError if too many messages are being received, or are large together;
        SlowRequestError; ClientDisconnect.
        """
        await self._wait_for_reader()
        try:
            async with asyncio.timeout(self._receive_seconds):
                message = await call.context.read()
        except TimeoutError:
            raise SlowRequestError("message: expected it in time, got a part of it") from None
        finally:
            self._readers.release()
        if message is grpc.aio.EOF:
            raise ClientDisconnect
        data: bytes = message
        call.held = len(data)
        self._gateway.body_limit.take(call.held)
        return data

    async def _wait_for_reader(self) -> None:
        if not self._readers.locked():  # the usual case, without a timer
            await self._readers.acquire()
            return
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._readers.acquire()
        except TimeoutError:
            raise TooBusyError(
                "service: expected few messages that arrive at once, got more; try again later"
            ) from None
