"""The routes, one file per subject; they decode, call and answer, nothing else."""
