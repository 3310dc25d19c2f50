"""Tests of app/server/http."""
