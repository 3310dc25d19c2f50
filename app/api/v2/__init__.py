"""The Open Inference Protocol, version 2: tensors, requests, responses, metadata.

Source: kserve/open-inference-protocol, ``specification/protocol/inference_rest.md``;
triton-inference-server/server, ``docs/protocol/extension_*.md``.
"""
