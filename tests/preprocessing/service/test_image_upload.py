"""Decoding of what strangers send."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.service.image_upload import UploadRefused, decode_image
from tests.preprocessing.service.pictures import encoded, png_that_claims, textured

LIMIT = 64 * 48


def test_a_png_comes_back_exactly_as_rgb():
    image = textured()
    np.testing.assert_array_equal(decode_image("x", encoded(image), LIMIT), image)


@pytest.mark.parametrize("size", [(48, 64), (31, 17), (1, 5)])
def test_a_jpeg_comes_back_with_its_size_and_about_its_colours(size):
    image = textured(*size)
    decoded = decode_image("x", encoded(image, ".jpg"), LIMIT)
    assert decoded.shape == image.shape
    assert np.abs(decoded.astype(int) - image).mean() < 12


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_one_pixel_too_many_is_refused(suffix):
    content = encoded(textured(), suffix)
    assert decode_image("x", content, LIMIT).shape == (48, 64, 3)
    with pytest.raises(UploadRefused, match="x has 64 x 48 pixels") as refusal:
        decode_image("x", content, LIMIT - 1)
    assert refusal.value.status == 413


def test_an_image_that_claims_to_be_enormous_is_refused_by_its_header():
    with pytest.raises(UploadRefused) as refusal:
        decode_image("x", png_that_claims(2**31 - 1, 2**31 - 1), LIMIT)
    assert refusal.value.status == 413


@pytest.mark.parametrize("content", [b"", b"GIF89a..", b"BM\0\0", b"<svg/>", b"\x89PNG"])
def test_other_kinds_of_file_are_refused(content):
    with pytest.raises(UploadRefused, match="neither a PNG nor a JPEG") as refusal:
        decode_image("x", content, LIMIT)
    assert refusal.value.status == 415


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        png_that_claims(0, 5),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x01",
        encoded(textured(), ".jpg")[:20],
        encoded(textured())[:40],
    ],
)
def test_broken_files_are_refused(content):
    with pytest.raises(UploadRefused, match="broken") as refusal:
        decode_image("x", content, LIMIT)
    assert refusal.value.status == 422


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from([".png", ".jpg"]))
def test_damaged_files_give_an_image_within_limits_or_a_refusal(data, suffix):
    content = bytearray(encoded(textured(16, 24), suffix))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = decode_image("x", bytes(content[: data.draw(st.integers(0, len(content)))]), LIMIT)
    except UploadRefused as refusal:
        assert refusal.status in (413, 415, 422)
    else:
        assert image.dtype == np.uint8
        assert image.shape[0] * image.shape[1] <= LIMIT
