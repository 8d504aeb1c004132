import gc

import pytest


@pytest.fixture(autouse=True)
def engines_end_in_their_own_thread():
    """An engine in the frames of an error would be let go of by whichever thread collects next.

    It may be let go of by its own alone. The product runs each in a process with one thread.
    """
    yield
    gc.collect()
