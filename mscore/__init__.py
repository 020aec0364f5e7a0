"""Matrix sensing and its implicit bias: problems, solvers and diagnostics in numpy alone.

>>> import mscore as ms
>>> problem = ms.psd_sensing(n=30, rank=1, m=200, rng=0)
>>> start = ms.gaussian_start(problem, width=30, scale=1e-6, rng=1)
>>> run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=500)
>>> bool(run.history["error"][-1] < 1e-4)
True

Figures (`mscore.figures`) and explorers (`mscore.explorers`) stand on top and are imported by name.
"""

from mscore.claims import Claim, ClaimRefuted, claim
from mscore.convex import ConvexSolution, minimise_linear, minimise_nuclear_norm
from mscore.deep import DeepRun, balanced_factors, deep_descent
from mscore.descent import Run, gradient_descent, gradient_step, log_spaced
from mscore.diagnostics import (
    distance_to_path,
    effective_rank,
    empirical_rip,
    extreme_rip,
    log_slope,
    nuclear_norm,
    principal_angles,
    relative_error,
    scale_exponent,
    sharpness,
    singular_values,
)
from mscore.flow import FlowRun, fully_observed_flow, gradient_flow
from mscore.greedy import GreedyRun, Stage, greedy_low_rank
from mscore.operators import (
    ObservedEntries,
    SymmetricGaussian,
    SymmetricMeasurements,
    adjoint_gap,
    full_observation,
    symmetric_from_upper,
    upper,
)
from mscore.pairs import PairRun, imbalance, pair_descent, pair_step, scalar_pair
from mscore.phases import (
    Phases,
    alignment_angle,
    find_phases,
    linear_iterates,
    signal_and_nuisance,
)
from mscore.problems import (
    MeasurementThresholds,
    Problem,
    gaussian_start,
    gradient_gap,
    identity_start,
    measurement_thresholds,
    psd_completion,
    psd_sensing,
    psd_truth,
    stack_starts,
)
from mscore.rectangular import (
    RectangularEntries,
    RectangularGaussian,
    RectangularProblem,
    gaussian_pair,
    pair_gradient_gap,
    rectangular_full_observation,
    rectangular_sensing,
    rectangular_truth,
)

__version__ = "0.1.0"
__all__ = [
    "Claim",
    "ClaimRefuted",
    "ConvexSolution",
    "DeepRun",
    "FlowRun",
    "GreedyRun",
    "MeasurementThresholds",
    "ObservedEntries",
    "PairRun",
    "Phases",
    "Problem",
    "RectangularEntries",
    "RectangularGaussian",
    "RectangularProblem",
    "Run",
    "Stage",
    "SymmetricGaussian",
    "SymmetricMeasurements",
    "adjoint_gap",
    "alignment_angle",
    "balanced_factors",
    "claim",
    "deep_descent",
    "distance_to_path",
    "effective_rank",
    "empirical_rip",
    "extreme_rip",
    "find_phases",
    "full_observation",
    "fully_observed_flow",
    "gaussian_pair",
    "gaussian_start",
    "gradient_descent",
    "gradient_flow",
    "gradient_gap",
    "gradient_step",
    "greedy_low_rank",
    "identity_start",
    "imbalance",
    "linear_iterates",
    "log_slope",
    "log_spaced",
    "measurement_thresholds",
    "minimise_linear",
    "minimise_nuclear_norm",
    "nuclear_norm",
    "pair_descent",
    "pair_gradient_gap",
    "pair_step",
    "principal_angles",
    "psd_completion",
    "psd_sensing",
    "psd_truth",
    "rectangular_full_observation",
    "rectangular_sensing",
    "rectangular_truth",
    "relative_error",
    "scalar_pair",
    "scale_exponent",
    "sharpness",
    "signal_and_nuisance",
    "singular_values",
    "stack_starts",
    "symmetric_from_upper",
    "upper",
]
