from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from photo_ranker.core.codec import decode_array, decode_unit_rows, encode_array


def test_a_face_of_128_numbers_costs_344_characters() -> None:
    assert len(msgspec.json.encode(encode_array(np.ones(128, np.float32)))) == 344 + len('""')


@given(arrays(np.float16, st.integers(1, 60), elements=st.floats(-8, 8, width=16)))
def test_half_precision_comes_back_exactly(values: np.ndarray) -> None:
    assert np.array_equal(decode_array(encode_array(values)), values.astype(np.float32))


def test_rows_come_back_with_unit_length() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 128)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    back = decode_unit_rows([encode_array(row) for row in rows])
    assert np.allclose(np.linalg.norm(back, axis=1), 1, atol=1e-6)
    assert np.abs(back - rows).max() < 5e-4


def test_no_rows_are_an_empty_matrix() -> None:
    assert decode_unit_rows([]).shape == (0, 0)
