"""One hypothesis profile: the same examples on every machine, and no time limit on a busy one."""

from hypothesis import settings

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")
