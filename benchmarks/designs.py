r"""The same iteration, written in the ways that people write it.

Each design is a function of a problem and a step that returns ``run(U, count)``: ``count`` steps
:math:`U \leftarrow U - \mu\nabla f(U)` from ``U``. Its preparation is not timed, its steps are.
"""

import os

# One thread for JAX too: it reads this when it is imported.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import numpy as np  # noqa: E402

import mscore as ms  # noqa: E402

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

try:
    import jax

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None


def ours(problem, step):
    """Run `mscore.gradient_descent`, with the records that it cannot do without."""

    def run(U, count):
        return ms.gradient_descent(
            problem, U, step_size=step, max_iter=count, tol=0, record=[count]
        ).U

    return run


def matrices(problem):
    """Return the measurement matrices, shape (m, n, n), so that A(X)_i = <matrices[i], X>."""
    return problem.operator.adjoint(np.eye(problem.m))


def einsum(problem, step):
    A, y = matrices(problem), problem.y

    def run(U, count):
        for _ in range(count):
            residual = np.einsum("mij,ij->m", A, U @ U.T) - y
            U = U - step * np.einsum("m,mij->ij", residual, A) @ U
        return U

    return run


def flattened(problem, step):
    n, y = problem.n, problem.y
    A = matrices(problem).reshape(problem.m, n * n)

    def run(U, count):
        for _ in range(count):
            residual = A @ (U @ U.T).ravel() - y
            U = U - step * (residual @ A).reshape(n, n) @ U
        return U

    return run


def loop_over_measurements(problem, step):
    A, y = matrices(problem), problem.y

    def run(U, count):
        for _ in range(count):
            X, gradient = U @ U.T, np.zeros((problem.n, problem.n))
            for A_i, y_i in zip(A, y, strict=True):
                gradient += (np.sum(A_i * X) - y_i) * A_i
            U = U - step * gradient @ U
        return U

    return run


def torch_autograd(problem, step):
    A = torch.from_numpy(matrices(problem).reshape(problem.m, -1))
    y = torch.from_numpy(problem.y)

    def run(U, count):
        U = torch.from_numpy(U.copy()).requires_grad_()
        for _ in range(count):
            loss = 0.25 * torch.sum((A @ (U @ U.T).reshape(-1) - y) ** 2)
            (gradient,) = torch.autograd.grad(loss, U)
            with torch.no_grad():
                U -= step * gradient
        return U.detach().numpy()

    return run


def jax_jit(problem, step):
    A = jax.numpy.asarray(matrices(problem).reshape(problem.m, -1))
    y = jax.numpy.asarray(problem.y)

    def loss(U, A, y):
        return 0.25 * jax.numpy.sum((A @ (U @ U.T).reshape(-1) - y) ** 2)

    @jax.jit  # the whole loop is one compiled program
    def steps(U, count, A, y):
        return jax.lax.fori_loop(0, count, lambda _, U: U - step * jax.grad(loss)(U, A, y), U)

    def run(U, count):
        return np.asarray(steps(U, count, A, y))

    return run


PEERS = {
    "numpy einsum": einsum,
    "flattened (m, n*n)": flattened,
    "Python loop over measurements": loop_over_measurements,
    "PyTorch autograd": torch_autograd if torch else None,
    "JAX jit": jax_jit if jax else None,
}
