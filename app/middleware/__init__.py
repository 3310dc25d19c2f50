"""Middleware: access control, body limits, load shedding and accounting of all HTTP requests."""
