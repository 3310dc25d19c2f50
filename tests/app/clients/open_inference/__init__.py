"""Tests of /v2 with the clients of Triton and KServe, each answer compared with /v1's."""
