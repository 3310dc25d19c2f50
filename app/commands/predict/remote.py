"""Prediction by a server: batches of pictures, or sheets, over HTTP."""

from typing import Any

from app.commands.predict.files import predict_files
from app.commands.predict.outcome import Document, Outcome
from app.commands.predict.sources import Source
from app.commands.predict.task import Task
from app.commands.server import ServerConnection

# Pictures of one request, in bytes.
_GROUP_BYTES = 8_000_000

# Statuses that are about one picture or sheet, not about the command.
_ABOUT_THE_PICTURE = {400, 408, 413, 415, 422, 500}


class RemotePredictor:
    """Predictor by requests to a server; threads can share it."""

    def __init__(self, task: Task, server: ServerConnection) -> None:
        self._task, self._server = task, server
        query = {"model": task.model, "version": task.version, "layout": task.layout}
        self._query = {name: value for name, value in query.items() if value is not None}

    def predict(self, sources: list[Source]) -> list[Outcome]:
        """Return the outcome of each picture, in order."""
        largest = self._task.settings.max_body_bytes
        return predict_files(
            sources, self._ask, max_file_bytes=largest, max_group_bytes=_GROUP_BYTES
        )

    def close(self) -> None:
        """Close all connections."""
        self._server.close()

    def _ask(self, uploads: list[bytes]) -> list[Document]:
        """Return a document for each upload; a batch that is refused is sent in two halves."""
        status, document = self._post(uploads)
        if status == 200:
            return _documents(document, sheets=self._task.sheets)
        if status not in _ABOUT_THE_PICTURE:
            raise self._server.fail(status, document)
        if len(uploads) == 1:
            self._check_query(document)
            return [{"error": document}]
        half = len(uploads) // 2
        return self._ask(uploads[:half]) + self._ask(uploads[half:])

    def _post(self, uploads: list[bytes]) -> tuple[int, Any]:
        path, field = ("sheets", "image") if self._task.sheets else ("predictions/batch", "images")
        files = [(field, ("picture", data, "application/octet-stream")) for data in uploads]
        return self._server.post(f"/v1/{path}", self._query, files)

    def _check_query(self, problem: Document) -> None:
        """Raise the CommandError of a query that the server refuses with every picture."""
        detail = str(problem.get("detail", ""))
        if detail.startswith(("query", "layout", "version", *self._query)):
            raise self._server.fail(400, problem)


def _documents(document: Any, *, sheets: bool) -> list[Document]:
    if sheets:
        return [_without_id(document)]
    model = {"model": document["model"]}
    return [
        {"error": _without_id(one["error"])} if "error" in one else one | model
        for one in document["predictions"]
    ]


def _without_id(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "request_id"}
