"""One BLAS thread for the small products of a solver.

On products that take microseconds a second thread costs more than it brings, and on a busy
machine it can cost a hundred times more. `threadpoolctl` is used when it is installed.
"""

from contextlib import nullcontext

try:
    from threadpoolctl import ThreadpoolController
except ImportError:  # numpy alone is enough
    ThreadpoolController = None

_controller = None


def one_thread():
    """Return a context manager that limits BLAS to one thread where that is possible."""
    global _controller
    if ThreadpoolController is None:
        return nullcontext()
    if _controller is None:  # finding the loaded libraries takes milliseconds: once is enough
        _controller = ThreadpoolController()
    return _controller.limit(limits=1)
