"""Bad input to any public function: a ValueError that names the argument and what came."""

import inspect
import re

import numpy as np
import pytest

import mscore as ms

PROBLEM = ms.psd_sensing(n=4, rank=1, m=4, rng=0)
SINGLE = ms.psd_sensing(n=4, rank=1, m=4, rng=0, dtype="float32")
OPERATOR = PROBLEM.operator
RECTANGULAR = ms.rectangular_sensing(4, 3, [1.0], m=5, rng=0)
FACTORS = np.stack([np.eye(4)] * 3)
SQUARE = ms.rectangular_sensing(4, 4, [1.0], m=6, rng=0)
PAIR = ms.gaussian_pair(RECTANGULAR, 2, 0.1, rng=0)
START = 0.1 * np.eye(4)
NAN = np.full((4, 4), np.nan)
LOPSIDED = np.triu(np.ones((4, 4)))

NOT_SIZES = [0, -1, 2.0, 2.5, "2", None, True, np.bool_(True), [2], np.nan]
NOT_POSITIVE = [0, -0.1, np.nan, np.inf, "0.1", None, True, 1j]
NOT_RNG = [-1, 1.5, None, "0", True, np.random, [1]]
# Each stands for a 4 by 4 matrix; what every function that takes an array must refuse.
NOT_ARRAYS = [
    NAN,
    np.where(np.eye(4), np.inf, 0.0),
    "a matrix",
    None,
    [["1", "2"], ["3", "4"]],
    [[1.0, 2.0], [3.0]],
    np.eye(4, dtype=object),
    np.eye(4) * 1j,
    np.empty((4, 0)),
    np.empty((0, 4, 4)),
    3.0,
    [1.0, 2.0],
]


def cases():
    """Yield (call, argument named by the message, the value), the value in its place."""

    def each(name, function, values):
        for value in values:
            yield name, function, value

    def rng(function):
        return each("rng", function, NOT_RNG)

    def sizes(name, function, *more):
        return each(name, function, [*NOT_SIZES, *more])

    def positive(name, function, *more):
        return each(name, function, [*NOT_POSITIVE, *more])

    def arrays(name, function, *more):
        return each(name, function, [*NOT_ARRAYS, *more])

    # Operators.
    yield from sizes("n", lambda v: ms.SymmetricGaussian(v, 3, rng=0))
    yield from sizes("m", lambda v: ms.SymmetricGaussian(3, v, rng=0))
    yield from rng(lambda v: ms.SymmetricGaussian(3, 3, rng=v))
    yield from each(
        "dtype",
        lambda v: ms.SymmetricGaussian(3, 3, rng=0, dtype=v),
        ["float16", "int", None, 32, "Float32"],
    )
    yield from arrays(
        "matrices", ms.SymmetricMeasurements, [LOPSIDED], np.ones((2, 3, 4)), np.eye(4)
    )
    yield from arrays("mask", ms.ObservedEntries, LOPSIDED, 2 * np.eye(4), np.ones((2, 4, 4)))
    yield from each("mask", ms.ObservedEntries, [np.zeros((4, 4), dtype=bool)])
    yield from sizes("n", ms.full_observation)
    for operator in (OPERATOR, SINGLE.operator, ms.full_observation(4)):
        yield from arrays("X", operator.forward, LOPSIDED, np.eye(3), np.ones((4, 3)))
        yield from arrays("X", operator.normal, LOPSIDED, np.eye(3))
        yield from each(
            "v", operator.adjoint, [np.ones(operator.m + 1), "v", None, [np.nan] * operator.m, 1.0]
        )
    yield from rng(lambda v: ms.adjoint_gap(OPERATOR, rng=v))
    yield from each("X", ms.upper, [np.ones((2, 3)), np.ones(4), 1.0, None])
    yield from each("x", lambda v: ms.symmetric_from_upper(v, 2), [np.ones(4), np.ones(2), 1.0])
    yield from sizes("n", lambda v: ms.symmetric_from_upper(np.ones(3), v))

    # Problems.
    yield from each(
        "y",
        lambda v: ms.Problem(OPERATOR, v),
        [np.ones(5), np.ones((2, 4)), "y", None, [1, 2, 3, np.nan], 1.0, np.ones(4, object)],
    )
    truths = [value for value in NOT_ARRAYS if value is not None]  # None: unknown
    yield from each(
        "truth",
        lambda v: ms.Problem(OPERATOR, PROBLEM.y, v),
        [*truths, LOPSIDED, np.eye(3), np.zeros((4, 4)), np.ones((2, 4, 4))],
    )
    yield from each("truth", lambda v: ms.Problem(SINGLE.operator, PROBLEM.y, v), [None])
    yield from arrays("X", PROBLEM.residual_field, LOPSIDED, np.eye(3))
    yield from arrays("U", PROBLEM.loss, np.eye(3))
    yield from arrays("U", PROBLEM.gradient, np.eye(3))
    yield from arrays("U", lambda v: PROBLEM.hessian(v, START), np.eye(3))
    yield from arrays("D", lambda v: PROBLEM.hessian(START, v), np.eye(3))
    yield from sizes("n", lambda v: ms.measurement_thresholds(v, 1))
    yield from sizes("rank", lambda v: ms.measurement_thresholds(3, v), 4)
    yield from sizes("n", lambda v: ms.psd_truth(v, [1.0], rng=0))
    yield from each(
        "eigenvalues",
        lambda v: ms.psd_truth(2, v, rng=0),
        [[], [0.0], [-1.0], [1, 1, 1], [[1.0]], np.nan, [np.inf], "1", None, ["1"], [1j]],
    )
    yield from rng(lambda v: ms.psd_truth(3, [1.0], rng=v))
    yield from sizes("n", lambda v: ms.psd_sensing(v, 1, 2, rng=0))
    yield from sizes("rank", lambda v: ms.psd_sensing(4, v, 2, rng=0), 5)
    yield from sizes("m", lambda v: ms.psd_sensing(4, 1, v, rng=0), 5)
    yield from rng(lambda v: ms.psd_sensing(4, 1, 2, rng=v))
    yield from each(
        "eigenvalues",
        lambda v: ms.psd_sensing(4, 2, 2, rng=0, eigenvalues=v),
        [[1.0], [1.0, -1.0], [1, 2, 3], "ab", [[1.0, 2.0]], [[1], [1, 2]], [1.0, np.nan]],
    )
    yield from each("dtype", lambda v: ms.psd_sensing(4, 1, 2, rng=0, dtype=v), ["single"])
    yield from sizes("n", lambda v: ms.psd_completion(v, [1.0], 0.5, rng=0))
    yield from each("eigenvalues", lambda v: ms.psd_completion(2, v, 0.5, rng=0), [[], [0.0], "1"])
    yield from positive("share", lambda v: ms.psd_completion(4, [1.0], v, rng=0), 1.1)
    yield from rng(lambda v: ms.psd_completion(4, [1.0], 0.5, rng=v))
    yield from sizes("width", lambda v: ms.gaussian_start(PROBLEM, v, 1.0, rng=0))
    yield from positive("scale", lambda v: ms.gaussian_start(PROBLEM, 2, v, rng=0), [], [1, 0])
    yield from rng(lambda v: ms.gaussian_start(PROBLEM, 2, 1.0, rng=v))
    yield from positive("scale", lambda v: ms.identity_start(PROBLEM, v))
    yield from each(
        "starts",
        ms.stack_starts,
        [[], [np.ones((2, 1)), np.ones((3, 1))], [np.ones((2, 3, 4))], [NAN], [1.0], ["ab"]],
    )
    yield from arrays("U", lambda v: ms.gradient_gap(PROBLEM, v, rng=0), np.eye(3))
    yield from rng(lambda v: ms.gradient_gap(PROBLEM, START, rng=v))
    yield from positive("step", lambda v: ms.gradient_gap(PROBLEM, START, rng=0, step=v))

    # Rectangular problems.
    yield from sizes("n1", lambda v: ms.RectangularGaussian(v, 3, 3, rng=0))
    yield from sizes("n2", lambda v: ms.RectangularGaussian(3, v, 3, rng=0))
    yield from sizes("m", lambda v: ms.RectangularGaussian(3, 3, v, rng=0))
    yield from rng(lambda v: ms.RectangularGaussian(3, 3, 3, rng=v))
    yield from each(
        "dtype", lambda v: ms.RectangularGaussian(3, 3, 3, rng=0, dtype=v), ["single", 32, None]
    )
    yield from arrays("mask", ms.RectangularEntries, 2 * np.eye(4), np.ones((2, 4, 4)))
    yield from each("mask", ms.RectangularEntries, [np.zeros((4, 3), dtype=bool)])
    yield from sizes("n1", lambda v: ms.rectangular_full_observation(v, 2))
    yield from sizes("n2", lambda v: ms.rectangular_full_observation(2, v))
    for rectangular in (RECTANGULAR.operator, ms.rectangular_full_observation(4, 3)):
        yield from arrays("X", rectangular.forward, np.ones((3, 4)))
        yield from arrays("X", rectangular.normal, np.ones((3, 4)))
        yield from each("v", rectangular.adjoint, [np.ones(rectangular.m + 1), "v", None, 1.0])
    yield from each(
        "y",
        lambda v: ms.RectangularProblem(RECTANGULAR.operator, v),
        [np.ones(6), np.ones((2, 5)), "y", None, [1, 2, 3, 4, np.nan], 1.0],
    )
    yield from each(
        "truth",
        lambda v: ms.RectangularProblem(RECTANGULAR.operator, RECTANGULAR.y, v),
        [*truths, np.ones((3, 4)), np.zeros((4, 3)), np.ones((2, 4, 3))],
    )
    for on_pair in (
        RECTANGULAR.loss,
        RECTANGULAR.gradients,
        lambda F, G: ms.pair_step(RECTANGULAR, F, G, 0.1),
        lambda F, G: ms.pair_descent(RECTANGULAR, F, G, step_size=0.1),
        lambda F, G: ms.pair_gradient_gap(RECTANGULAR, F, G, rng=0),
    ):
        yield from arrays("F", lambda v, f=on_pair: f(v, PAIR[1]), np.ones((3, 2)))
        yield from arrays("G", lambda v, f=on_pair: f(PAIR[0], v), np.ones((4, 2)), np.ones((3, 3)))
        yield from each("F", lambda v, f=on_pair: f(v, PAIR[1]), [np.ones((2, 4, 2))])
    yield from rng(lambda v: ms.pair_gradient_gap(RECTANGULAR, *PAIR, rng=v))
    yield from positive("step", lambda v: ms.pair_gradient_gap(RECTANGULAR, *PAIR, rng=0, step=v))
    yield from sizes("n1", lambda v: ms.rectangular_truth(v, 3, [1.0], rng=0))
    yield from sizes("n2", lambda v: ms.rectangular_truth(3, v, [1.0], rng=0))
    yield from each(
        "values",
        lambda v: ms.rectangular_truth(3, 2, v, rng=0),
        [[], [0.0], [-1.0], [1, 1, 1], [[1.0]], np.nan, [np.inf], "1", None, ["1"], [1j]],
    )
    yield from rng(lambda v: ms.rectangular_truth(3, 2, [1.0], rng=v))
    yield from sizes("m", lambda v: ms.rectangular_sensing(4, 3, [1.0], v, rng=0), 12)
    yield from rng(lambda v: ms.rectangular_sensing(4, 3, [1.0], 5, rng=v))
    yield from sizes("width", lambda v: ms.gaussian_pair(RECTANGULAR, v, 1.0, rng=0))
    yield from positive("scale", lambda v: ms.gaussian_pair(RECTANGULAR, 2, v, rng=0), [], [1, 0])
    yield from each(
        "second_scale",
        lambda v: ms.gaussian_pair(RECTANGULAR, 2, 1.0, rng=0, second_scale=v),
        [-1.0, np.nan, "1", [1.0, 2.0], [], 1j],
    )
    yield from rng(lambda v: ms.gaussian_pair(RECTANGULAR, 2, 1.0, rng=v))

    # Solvers.
    yield from arrays("U", lambda v: ms.gradient_step(PROBLEM, v, 0.1), np.eye(3))
    yield from positive("step_size", lambda v: ms.gradient_step(PROBLEM, START, v))

    def descend(start=START, step_size=0.1, **options):
        return ms.gradient_descent(PROBLEM, start, step_size=step_size, **options)

    yield from arrays("start", descend, np.eye(3), np.ones((1, 1, 4, 4)))
    yield from positive("step_size", lambda v: descend(step_size=v), [0.1, 0.2], [])
    yield from sizes("max_iter", lambda v: descend(max_iter=v))
    yield from each("tol", lambda v: descend(tol=v), [-1e-9, np.nan, np.inf, "0", None, [0.1]])
    yield from each(
        "record",
        lambda v: descend(record=v),
        [0, -3, 2.5, True, "all", None, [], [1, 1], [3, 2], [-1, 2], [0.5], [[1, 2]], [True]],
    )
    yield from each(
        "observe",
        lambda v: descend(observe=v),
        [
            {"error": np.sum},
            {"residual": np.sum},
            {"iteration": np.sum},
            {"a": 3},
            {"a": lambda U: 1.0},
            {"a": lambda U: np.ones((7, 2))},
        ],
    )

    def flow(start=START, max_time=1.0, **options):
        return ms.gradient_flow(PROBLEM, start, max_time=max_time, **options)

    yield from arrays("start", flow, np.eye(3), np.zeros((4, 2)), np.ones((2, 4, 3)))
    yield from positive("max_time", lambda v: flow(max_time=v))
    yield from positive("accuracy", lambda v: flow(accuracy=v))
    yield from sizes("max_steps", lambda v: flow(max_steps=v))
    yield from each("log_scale", lambda v: flow(log_scale=v), [np.nan, -np.inf, "0", [1.0, 2.0]])
    yield from each("tol", lambda v: flow(tol=v), [-1e-9, np.nan, np.inf, "0", None, [0.1]])
    yield from each("gradient_tol", lambda v: flow(gradient_tol=v), [-1e-9, np.nan, "0", None])
    yield from each("observe", lambda v: flow(observe=v), [{"time": np.sum}, {"a": 3}])

    def closed(truth=START, start=START, times=(1.0,), **options):
        return ms.fully_observed_flow(truth, start, times, **options)

    yield from arrays("truth", closed, LOPSIDED, np.ones((2, 4, 4)))
    yield from arrays("start", lambda v: closed(start=v), np.eye(3), np.ones((2, 4, 4)))
    yield from each("times", lambda v: closed(times=v), [[-1.0], [], 1.0, "1", None, [[1.0]]])
    yield from each("log_scale", lambda v: closed(log_scale=v), [np.nan, -np.inf, "0", [1.0]])

    def greedy(step_size=0.1, **options):
        return ms.greedy_low_rank(PROBLEM, step_size=step_size, **options)

    yield from positive("step_size", greedy, 50.0)
    for name in ("scale", "tol"):
        yield from positive(name, lambda v, name=name: greedy(**{name: v}))
    for name in ("max_rank", "max_iter"):
        yield from each(name, lambda v, name=name: greedy(**{name: v}), [0, 2.5, "2", True])
    negative = ms.Problem(ms.full_observation(2), [-1.0, 0.0, -1.0])
    yield from each("problem", lambda v: ms.greedy_low_rank(v, step_size=0.1), [negative])
    yield from sizes("n", lambda v: ms.balanced_factors(v, 2, 0.1, rng=0))
    yield from sizes("depth", lambda v: ms.balanced_factors(2, v, 0.1, rng=0))
    yield from positive("scale", lambda v: ms.balanced_factors(2, 2, v, rng=0))
    yield from rng(lambda v: ms.balanced_factors(2, 2, 0.1, rng=v))

    def descend_deep(factors=FACTORS, problem=SQUARE, step_size=0.1, **options):
        return ms.deep_descent(problem, factors, step_size=step_size, **options)

    yield from arrays("factors", descend_deep, np.ones((1, 1, 2, 4, 4)), np.ones((2, 3, 3)))
    yield from each("problem", lambda v: descend_deep(problem=v), [RECTANGULAR])
    yield from positive("step_size", lambda v: descend_deep(step_size=v), [0.1, 0.2], [])
    yield from sizes("max_iter", lambda v: descend_deep(max_iter=v))
    yield from each("tol", lambda v: descend_deep(tol=v), [-1e-9, np.nan, "0", None])
    yield from each("record", lambda v: descend_deep(record=v), [0, 2.5, "all", None, [1, 1]])
    yield from each(
        "observe", lambda v: descend_deep(observe=v), [{"error": np.sum}, {"a": lambda W: 1.0}]
    )

    def descend_pair(F=PAIR[0], G=PAIR[1], step_size=0.1, **options):
        return ms.pair_descent(RECTANGULAR, F, G, step_size=step_size, **options)

    yield from positive("step_size", lambda v: ms.pair_step(RECTANGULAR, *PAIR, v))
    yield from positive("step_size", lambda v: descend_pair(step_size=v), [0.1, 0.2], [])
    yield from each("penalty", lambda v: descend_pair(penalty=v), [-1, np.nan, "0", None, [0.1]])
    yield from sizes("max_iter", lambda v: descend_pair(max_iter=v))
    yield from each("tol", lambda v: descend_pair(tol=v), [-1e-9, np.nan, "0", None])
    yield from each("record", lambda v: descend_pair(record=v), [0, 2.5, "all", None, [1, 1]])
    yield from each(
        "observe", lambda v: descend_pair(observe=v), [{"error": np.sum}, {"a": lambda F, G: 1.0}]
    )
    yield from each("f", lambda v: ms.scalar_pair(v, 1, 1, step_size=1, max_iter=1), ["1", np.nan])
    yield from each("g", lambda v: ms.scalar_pair(1, v, 1, step_size=1, max_iter=1), ["1", np.nan])
    yield from each("y", lambda v: ms.scalar_pair(1, 1, v, step_size=1, max_iter=1), ["1", np.inf])
    yield from positive("step_size", lambda v: ms.scalar_pair(1, 1, 1, step_size=v, max_iter=1))
    yield from sizes("max_iter", lambda v: ms.scalar_pair(1, 1, 1, step_size=1, max_iter=v))
    yield from sizes("max_iter", lambda v: ms.log_spaced(v))
    yield from sizes("count", lambda v: ms.log_spaced(10, v))
    yield from each("cost", lambda v: ms.minimise_linear(PROBLEM, v), [np.zeros((PROBLEM.n,) * 2)])
    yield from sizes("max_iter", lambda v: ms.minimise_nuclear_norm(PROBLEM, max_iter=v))
    yield from positive("tol", lambda v: ms.minimise_nuclear_norm(PROBLEM, tol=v))
    zero = ms.Problem(OPERATOR, np.zeros(4))
    yield from each("y", lambda v: ms.minimise_nuclear_norm(v), [zero])

    # Diagnostics.
    yield from arrays("X", lambda v: ms.relative_error(v, np.eye(4)), np.eye(3), np.ones((3, 4)))
    yield from arrays("truth", lambda v: ms.relative_error(np.eye(4), v), np.zeros((4, 4)))
    yield from arrays("U", ms.singular_values)
    path = np.zeros((3, 4, 4))
    yield from arrays("X", lambda v: ms.distance_to_path(v, path), np.eye(3))
    yield from arrays("path", lambda v: ms.distance_to_path(START, v), path[:1], np.ones((3, 4, 5)))
    yield from arrays("F", lambda v: ms.imbalance(v, np.ones((3, 4))))
    yield from arrays("G", lambda v: ms.imbalance(np.ones((3, 4)), v), np.ones((4, 3)))
    yield from arrays("X", ms.nuclear_norm)
    yield from arrays("X", ms.effective_rank, np.zeros((4, 4)))
    yield from arrays("A", lambda v: ms.principal_angles(v, np.eye(4)), np.eye(3), np.ones((4, 5)))
    yield from arrays("B", lambda v: ms.principal_angles(np.eye(4), v), np.eye(3), np.ones((4, 5)))
    for diagnose in (ms.empirical_rip, ms.extreme_rip):
        yield from sizes("rank", lambda v, f=diagnose: f(OPERATOR, v, rng=0), 5)
        yield from rng(lambda v, f=diagnose: f(OPERATOR, 1, rng=v))
    yield from sizes("samples", lambda v: ms.empirical_rip(OPERATOR, 1, samples=v, rng=0))
    yield from sizes("starts", lambda v: ms.extreme_rip(OPERATOR, 1, starts=v, rng=0))
    yield from sizes("iterations", lambda v: ms.extreme_rip(OPERATOR, 1, iterations=v, rng=0))
    yield from arrays("U", lambda v: ms.sharpness(PROBLEM, v, rng=0), np.eye(3))
    yield from sizes("iterations", lambda v: ms.sharpness(PROBLEM, START, iterations=v, rng=0))
    yield from rng(lambda v: ms.sharpness(PROBLEM, START, rng=v))
    yield from positive("step_size", lambda v: ms.scale_exponent(PROBLEM, v))
    unknown = ms.Problem(OPERATOR, PROBLEM.y)
    full_rank = ms.Problem(OPERATOR, PROBLEM.y, np.eye(4))
    yield from each("problem", lambda v: ms.scale_exponent(v, 0.1), [unknown, full_rank])
    bad = [[1.0, 0.0], [1.0, -1.0], [1.0], [1.0, np.nan], "xy", None, [[1.0, 2.0]]]
    yield from each("x", lambda v: ms.log_slope(v, [1.0, 2.0]), [*bad, [2.0, 2.0]])
    yield from each("y", lambda v: ms.log_slope([1.0, 2.0], v), bad)

    # Phases.
    linear = {"step_size": 0.1, "iterations": [0, 1]}
    yield from arrays("start", lambda v: ms.linear_iterates(PROBLEM, v, **linear), np.eye(3))
    yield from positive(
        "step_size", lambda v: ms.linear_iterates(PROBLEM, START, step_size=v, iterations=[1])
    )
    not_counts = [3, None, "xy", [-1], [0.5], [[1]], [[1], [1, 2]]]
    yield from each(
        "iterations",
        lambda v: ms.linear_iterates(PROBLEM, START, step_size=0.1, iterations=v),
        not_counts,
    )
    plane = np.eye(4)[:, :2]
    narrow = np.ones((4, 1))
    yield from arrays("U", lambda v: ms.alignment_angle(v, plane), np.eye(3), narrow)
    yield from arrays("U", lambda v: ms.signal_and_nuisance(v, plane), np.eye(3))
    skew = [2 * plane, np.ones((4, 2)), np.ones((2, 4)), np.eye(4)[None]]
    for split in (ms.alignment_angle, ms.signal_and_nuisance):
        yield from arrays("basis", lambda v, f=split: f(START, v), *skew)
    times, errors, spectra = np.arange(2), np.ones(2), np.ones((2, 4))
    history = {"iteration": times, "error": errors, "eigenvalues": spectra}
    yield from each("problem", lambda v: ms.find_phases(v, history), [unknown])
    bad_histories = [
        {},
        {"iteration": times, "error": errors},
        history | {"iteration": np.arange(3)},
        history | {"error": np.ones((2, 2))},
        history | {"eigenvalues": np.ones((2, 0))},
        history | {"eigenvalues": np.ones((3, 4))},
        history | {"eigenvalues": np.ones(2)},
    ]
    yield from each("history", lambda v: ms.find_phases(PROBLEM, v), bad_histories)


CASES = list(cases())


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES}))
def test_bad_input_is_named(name):
    """One test a name, so that a failure lists every case that it is about."""
    wrong = []
    for argument, function, value in CASES:
        if argument != name:
            continue
        case = f"{inspect.getsource(function).strip()} with {value!r}"
        try:
            function(value)
        except ValueError as error:
            if not re.search(rf"\b{argument}\b", str(error)):
                wrong.append(f"{case}: the message does not name it: {error}")
        except Exception as error:
            wrong.append(f"{case}: {type(error).__name__}: {error}")
        else:
            wrong.append(f"{case}: accepted")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ms.SymmetricGaussian(3, 3, rng=0, dtype="flaot32"),
            "dtype must be one of 'float64', 'float32'; got 'flaot32'; did you mean 'float32'?",
        ),
        (
            lambda: ms.SymmetricGaussian(3, 0, rng=0),
            "m must be a whole number, at least 1; got 0",
        ),
        (
            lambda: ms.measurement_thresholds(3, 4),
            "rank must be a whole number, at least 1 and at most 3; got 4",
        ),
        (
            lambda: ms.gradient_step(PROBLEM, START, -0.1),
            "step_size must be a positive, finite number; got -0.1",
        ),
        (
            lambda: ms.gradient_descent(PROBLEM, np.ones((3, 2)), step_size=0.1),
            "start must have shape (..., 4, any) and be non-empty; got shape (3, 2)",
        ),
        (
            lambda: ms.gradient_descent(PROBLEM, START, step_size=[0.1, 0.2]),
            "step_size must be one number or 1 of them; got 2",
        ),
        (
            lambda: OPERATOR.forward(LOPSIDED),
            "X must be symmetric; it differs from its transpose by 1",
        ),
        (lambda: OPERATOR.forward(NAN), "X must be finite; got 16 NaN or inf"),
        (
            lambda: OPERATOR.forward(np.eye(4, dtype=object)),
            "X must be an array of real numbers; got dtype object",
        ),
        (
            lambda: ms.psd_truth(3, [1.0], rng=-1),
            "rng must be a seed (a whole number from 0) or a numpy.random.Generator; got -1",
        ),
        (
            lambda: ms.gradient_descent(PROBLEM, START, step_size=0.1, tol=-1),
            "tol must be zero or a positive, finite number; got -1",
        ),
    ],
)
def test_the_message_says_what_came_and_what_is_accepted(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


def test_numbers_of_numpy_are_numbers():
    problem = ms.psd_sensing(np.int64(4), np.int32(1), np.uint8(4), rng=np.int64(0))
    np.testing.assert_array_equal(problem.truth, PROBLEM.truth)
    start = ms.gaussian_start(problem, np.int16(2), np.float32(0.5), rng=1)
    run = ms.gradient_descent(
        problem, start, step_size=np.float64(0.1), max_iter=np.int64(5), tol=np.float32(0)
    )
    assert run.n_iter == 5


def test_lists_and_integers_are_arrays():
    start = np.eye(4, dtype=int)
    a = ms.gradient_descent(PROBLEM, start.tolist(), step_size=0.1, max_iter=5)
    b = ms.gradient_descent(PROBLEM, start.astype(float), step_size=0.1, max_iter=5)
    np.testing.assert_array_equal(a.U, b.U)


def test_a_generator_moves_on_and_a_seed_does_not():
    rng = np.random.default_rng(0)
    first, second = (ms.gaussian_start(PROBLEM, 2, 1.0, rng=rng) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, ms.gaussian_start(PROBLEM, 2, 1.0, rng=0))


def test_global_random_state_is_neither_read_nor_changed():
    before = np.random.get_state()[1].copy()
    problem = ms.psd_sensing(n=6, rank=1, m=8, rng=0)
    ms.gradient_descent(problem, ms.gaussian_start(problem, 6, 0.1, rng=0), step_size=0.1)
    ms.extreme_rip(problem.operator, 1, rng=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_every_public_function_is_in_the_table():
    untested = {
        "ConvexSolution",
        "DeepRun",
        "FlowRun",
        "GreedyRun",
        "MeasurementThresholds",
        "PairRun",
        "Phases",
        "Run",
        "Stage",
    }  # results: made, not called
    claims = {"Claim", "ClaimRefuted", "claim"}  # test_claims.py
    source = inspect.getsource(cases)
    missing = [
        name for name in ms.__all__ if name not in untested | claims and f"ms.{name}" not in source
    ]
    assert not missing, f"no bad input is tried on {missing}"
