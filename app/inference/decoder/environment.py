"""Environment variables of a process that forks decoders and uses gRPC."""

# gRPC's handlers of a fork start its threads again in the decoder, which has closed their files:
# they abort it. gRPC reads the variable when it is imported.
GRPC_VARIABLES = {"GRPC_ENABLE_FORK_SUPPORT": "0"}
