"""Command ``digitserve serve``: the HTTP service, with settings from environment variables."""

import os
import sys
import time

import structlog

from app.commands.decoding import prepare_decoding
from app.feedback.start import FeedbackError, check_feedback
from app.grpc.start import GrpcError, check_grpc
from app.inference.malloc import map_large_arrays
from app.inference.readiness import Readiness
from app.inference.registry import RegistryError, Trials, load_registry
from app.main import create_app
from app.server.process_end import end_process
from app.server.serve import serve
from app.settings import SettingsError, load_settings, unknown_variables
from app.telemetry.log.access_log import request_writer
from app.telemetry.log.log_config import configure_logs
from app.telemetry.tracing import TracingError, check_tracing
from app.version import VERSION

logger = structlog.get_logger("digitserve")


def run_service() -> None:
    """Run the service until a signal stops it; exit with code 1 and one line if it cannot start."""
    began = time.perf_counter()
    try:
        settings = load_settings()
        map_large_arrays()
        registry = load_registry(
            settings.weights_dir,
            default=settings.default_model,
            trials=Trials(settings.canary, settings.shadow),
        )
        check_tracing()
        check_grpc(settings)
        check_feedback(settings)
    except (SettingsError, RegistryError, TracingError, GrpcError, FeedbackError) as error:
        sys.stderr.write(f"digitserve: {error}\n")
        sys.exit(1)
    prepare_decoding(settings)
    writer = configure_logs(settings.log_level)
    logger.info("starting", version=VERSION, process=os.getpid(), workers=settings.workers)
    for name in unknown_variables():
        logger.warning(f"{name}: expected a setting (see digitserve --help), ignored")
    logger.info(
        "models loaded",
        models=list(registry.models),
        default=registry.default.name,
        seconds=round(time.perf_counter() - began, 3),
    )
    write_line = request_writer(writer, settings.log_level)
    app = create_app(settings, registry, Readiness(), write_line=write_line)
    writer.on_lost = app.services.telemetry.metrics.count_lost_lines
    code = serve(app, settings)
    logger.info("stopped", process=os.getpid(), exit_code=code)
    end_process(code)
