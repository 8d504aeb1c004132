import pytest

from infra.local.database import _passing_capability


@pytest.mark.parametrize(
    ("bounding", "kept"),
    [
        ("000001ffffffffff", "dac_read_search"),
        ("00000000a80425fb", "dac_override"),
        ("0000000000000000", None),
    ],
)
def test_the_narrowest_capability_that_passes_directories_is_kept(bounding, kept):
    """The second line is what a container engine grants by default."""
    status = f"Name:\tx\nCapPrm:\t0\nCapBnd:\t{bounding}\n"

    assert _passing_capability(status) == kept
