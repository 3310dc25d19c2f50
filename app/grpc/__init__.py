"""The Open Inference Protocol over gRPC; only ``server`` and ``messages`` need the extra ``grpc``.

Source: kserve/open-inference-protocol, ``specification/protocol/inference_grpc.md``.
"""
