"""Stop a computation that nobody waits for any more.

A thread cannot be stopped from outside without harm, so the solvers ask now and then whether their
result is still wanted. Nobody pays for it who does not use it: a call of `check` takes 0.1 us.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_unwanted = ContextVar("_unwanted", default=None)


class Cancelled(BaseException):
    """The result is no longer wanted. Not an error: ``except Exception`` lets it pass."""


@contextmanager
def cancelled_when(unwanted):
    """Return a context in which `check` raises `Cancelled` as soon as ``unwanted()`` is true."""
    token = _unwanted.set(unwanted)
    try:
        yield
    finally:
        _unwanted.reset(token)


def check():
    """Raise `Cancelled` if the result of the computation that calls is no longer wanted."""
    unwanted = _unwanted.get()
    if unwanted is not None and unwanted():
        raise Cancelled
