"""Hypothesis strategies for pictures and masks of any small shape."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_core.preprocessing.image_ops.types import Grey8, Grey32, Mask

shapes = st.tuples(st.integers(1, 24), st.integers(1, 24))
grey8: st.SearchStrategy[Grey8] = shapes.flatmap(lambda shape: arrays(np.uint8, shape))
grey32: st.SearchStrategy[Grey32] = grey8.map(lambda pixels: pixels.astype(np.float32))
masks: st.SearchStrategy[Mask] = shapes.flatmap(lambda shape: arrays(np.bool_, shape))
