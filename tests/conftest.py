"""One hypothesis profile: the same examples on every machine, and no time limit on a busy one.

And one browser, for the tests of pages and of notebooks.
"""

import pytest
from hypothesis import settings

from browsing import launched

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")


@pytest.fixture(scope="session")
def browser():
    """A Chromium without a window."""
    with launched() as chromium:
        yield chromium
