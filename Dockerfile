# The first stage installs the pinned dependencies. The second stage contains only them and the service.
# `--build-arg SHEETS=-sheets` adds OpenCV and PDFium for POST /v1/sheets, about 160 MB;
# `--build-arg FEEDBACK=-feedback` adds SQLAlchemy, Alembic and psycopg for /v1/feedback, about 45 MB.
# The base image is a tag, so that each build gets Debian's and Python's security updates; a digest would keep the
# old ones until someone renews it. For repeatable builds: `--build-arg BASE=python:3.13-slim-bookworm@sha256:...`.
ARG BASE=python:3.13-slim-bookworm
FROM ${BASE} AS build
WORKDIR /build
ARG SHEETS=
ARG FEEDBACK=
COPY requirements.lock requirements-sheets.lock requirements-feedback.lock ./
RUN python -m venv --without-pip /venv \
    && pip install --no-cache-dir --no-compile --no-deps --require-hashes --target /packages \
        -r "requirements${SHEETS}.lock" -r "requirements${FEEDBACK}.lock" \
    && mv /packages/* "$(/venv/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
    && find /venv -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +

FROM ${BASE}
WORKDIR /srv
COPY --from=build /venv /venv
COPY model_core model_core
COPY app app
COPY digitserve digitserve
# Compile to bytecode now: the file system may be read-only at run time, and the start is faster.
RUN /venv/bin/python -m compileall -q /venv app digitserve model_core
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DIGITS_HOST=0.0.0.0
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=5s CMD ["python", "-m", "app.healthcheck"]
CMD ["python", "-m", "app"]
# Last, because a new revision makes all later layers anew.
ARG BASE
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="digitserve" \
      org.opencontainers.image.description="Handwritten digits in, trustworthy answers out" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE}"
