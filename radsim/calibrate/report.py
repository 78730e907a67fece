"""What a calibration found, by parameter and by target: plain dicts of text and numbers."""

from __future__ import annotations

import numpy as np

from radsim.calibrate.sampler import ESTIMATED, NOT_FITTED
from radsim.calibrate.targets import corrected_logit, expit

INFORMS = 0.05  # share of the information on a parameter from which a trial is named
PULLS = 0.25  # posterior standard deviations by which a target must pull to be named
Z95 = 1.959963984540054


def make_report(*, settings, targets, prior, emulator, likelihood, sample, simulated):
    """Everything worth telling about a calibration.

    Parameters
    ----------
    settings : Settings
    targets : Targets
    prior : Prior
    emulator : Emulator
    likelihood : Likelihood
    sample : Sample
    simulated : array, shape (row,)
        Proportions simulated, not emulated, at the posterior medians. [1]

    Returns
    -------
    dict
        Ready for JSON.
    """
    parameters = parameter_rows(settings, targets, prior, emulator, likelihood, sample)
    rows = target_rows(targets, emulator, likelihood, sample, simulated)
    return {
        "parameters": parameters,
        "targets": rows,
        "targets_outside_their_interval": [row["target"] for row in rows if not row["inside"]],
        "sampler": {
            "effective_size_least": float(sample.effective_size.min()),
            "effective_size_median": float(np.median(sample.effective_size)),
            "chain": int(sample.chain_length),
            "acceptance": sample.acceptance,
            "autocorrelation_steps": float(sample.autocorrelation.max()),
        },
        "emulator": {
            "leave_out_error_median": float(np.median(emulator.leave_out_error)),
            "leave_out_error_largest": float(emulator.leave_out_error.max()),
            "largest_at": targets.rows[int(emulator.leave_out_error.argmax())].label,
        },
    }


def parameter_rows(settings, targets, prior, emulator, likelihood, sample):
    """Prior, posterior, shrinkage, and who informed and who pulled, by parameter and between-trial deviation."""
    scores = sample.scores[:, :-3]
    values = prior.values(scores)
    probability = np.array([0.5, 0.025, 0.975])
    normal = np.array([0.0, -Z95, Z95])
    before = prior.values(np.repeat(normal[:, None], len(prior.names), axis=1))
    informed, pulls = influences(targets, emulator, likelihood, sample)
    rows = []
    for i, name in enumerate(prior.names):
        rows.append({
            "name": name,
            "prior": _three(before[:, i]),
            "posterior": _three(np.quantile(values[:, i], probability)),
            "score_mean": float(scores[:, i].mean()),
            "shrinkage": float(1.0 - scores[:, i].std()),
            "effective_size": float(sample.effective_size[i]),
            "draws": settings.parameters[i].draws,
            "informed_by": informed[i],
            "pulled_up_by": pulls[i][0],
            "pulled_down_by": pulls[i][1],
        })  # fmt: skip
    deviations = likelihood.deviations(sample.scores[:, -3:])
    half_normal = np.array([0.6744897501960817, 0.03133798202142661, 2.241402727604945])
    for i, effect in enumerate(ESTIMATED):
        spread = np.abs(sample.scores[:, -3 + i]).std() / np.sqrt(1.0 - 2.0 / np.pi)
        rows.append({
            "name": f"between_trial.{effect}",
            "prior": _three(half_normal * likelihood.scales[i]),
            "posterior": _three(np.quantile(deviations[:, i], probability)),
            "score_mean": float(np.abs(sample.scores[:, -3 + i]).mean()),
            "shrinkage": float(1.0 - spread),
            "effective_size": float(sample.effective_size[-3 + i]),
            "draws": "posterior",
            "informed_by": [],
            "pulled_up_by": [],
            "pulled_down_by": [],
        })  # fmt: skip
    return rows


def _three(numbers):
    return {key: float(x) for key, x in zip(("median", "low95", "high95"), numbers, strict=True)}


def influences(targets, emulator, likelihood, sample):
    """Which trials informed each parameter, and which targets pull it up and down.

    Returns
    -------
    informed : list of list of str
        Trials with at least `INFORMS` of the information on a parameter by itself, the most first.
    pulls : list of (list, list)
        Targets with the shift, in posterior standard deviations, that each asks for beyond where the posterior lies.

    Notes
    -----
    Linear, at the posterior median m: with slopes g, residuals r and total covariance C, the information on a parameter is gᵀC⁻¹g, and
    a row's pull on it S Σ(g C⁻¹ r)_row with S the posterior covariance.
    """
    middle = np.median(sample.scores, axis=0)
    slopes = emulator.gradient(middle[:-3])
    deviations = likelihood.deviations(np.median(np.abs(sample.scores[:, -3:]), axis=0)[None])[0]
    precision = np.linalg.inv(likelihood.total_covariance(deviations))
    residual = likelihood.observed - emulator(middle[None, :-3])[0]
    information = np.maximum(slopes * (slopes @ precision), 0.0)
    trials = [row.trial for row in targets.rows]
    covariance = np.cov(sample.scores[:, :-3].T)
    pull = covariance @ (slopes * (precision @ residual)) / np.sqrt(np.diag(covariance))[:, None]
    informed, pulls = [], []
    for i in range(len(slopes)):
        by_trial = {
            t: sum(information[i][r] for r, other in enumerate(trials) if other == t) for t in dict.fromkeys(trials)
        }
        total = sum(by_trial.values())
        informed.append(
            sorted((t for t, x in by_trial.items() if x >= INFORMS * total), key=by_trial.get, reverse=True)
        )
        order = np.argsort(pull[i])
        up = [(targets.rows[r].label, float(pull[i][r])) for r in order[::-1][:3] if pull[i][r] > PULLS]
        down = [(targets.rows[r].label, float(pull[i][r])) for r in order[:3] if pull[i][r] < -PULLS]
        pulls.append((up, down))
    return informed, pulls


def target_rows(targets, emulator, likelihood, sample, simulated):
    """Observed beside simulated, with residuals, by target.

    Notes
    -----
    `sampling_sd` is the distance in standard deviations of the trial's own sampling error, `inside` whether it lies within the 95 % of that
    error (Wilson); `residual_sd` counts what trials differ by and the emulator as well.
    """
    deviations = likelihood.deviations(np.median(np.abs(sample.scores[:, -3:]), axis=0)[None])[0]
    variance = np.diag(likelihood.total_covariance(deviations))
    fitted = likelihood.variance < NOT_FITTED
    total = np.sqrt(np.where(fitted, variance, variance - NOT_FITTED + targets.sampling_variance))
    sampling = np.sqrt(targets.sampling_variance)
    distance = targets.observed - corrected_logit(simulated, targets.n)
    low, high = wilson(np.array([row.observed for row in targets.rows]), targets.n)
    emulated = expit(emulator(np.median(sample.scores[:, :-3], axis=0)[None])[0])
    return [
        {
            "target": row.label,
            "observed": row.observed,
            "n": row.n,
            "fitted": bool(fitted[r]),
            "low95": float(low[r]),
            "high95": float(high[r]),
            "simulated": float(simulated[r]),
            "emulated": float(emulated[r]),
            "inside": bool(low[r] <= simulated[r] <= high[r]),
            "sampling_sd": float(distance[r] / sampling[r]),
            "residual_sd": float(distance[r] / total[r]),
            "emulator_error": float(emulator.leave_out_error[r]),
        }
        for r, row in enumerate(targets.rows)
    ]


def wilson(p, n):
    """Wilson's interval of 95 % of a proportion."""
    middle = (p + Z95**2 / (2.0 * n)) / (1.0 + Z95**2 / n)
    half = Z95 / (1.0 + Z95**2 / n) * np.sqrt(p * (1.0 - p) / n + Z95**2 / (4.0 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def parameter_table(report):
    """Headings and cells of the table of parameters."""
    columns = ["Parameter", "prior (95 %)", "posterior (95 %)", "shrinkage", "effective size"]
    return columns, [
        [
            row["name"] + (" *" if row["draws"] == "prior" else ""), _interval(row["prior"]), _interval(row["posterior"]),
            f"{100 * row['shrinkage']:.0f} %", f"{row['effective_size']:.0f}",
        ]
        for row in report["parameters"]
    ]  # fmt: skip


def target_table(report):
    """Headings and cells of the table of targets, the worst met first."""
    columns = ["Target", "observed", "simulated", "inside", "sampling sd", "residual sd"]
    rows = sorted(report["targets"], key=lambda row: -abs(row["residual_sd"]))
    return columns, [
        [
            row["target"] + ("" if row["fitted"] else " (not fitted)"), f"{100 * row['observed']:.1f} %", f"{100 * row['simulated']:.1f} %",
            "yes" if row["inside"] else "no", f"{row['sampling_sd']:+.1f}", f"{row['residual_sd']:+.1f}",
        ]
        for row in rows
    ]  # fmt: skip


def tension_lines(report):
    """Parameters that targets pull both ways: one line each."""
    lines = []
    for row in report["parameters"]:
        if row["pulled_up_by"] and row["pulled_down_by"]:
            (up, most), (down, least) = row["pulled_up_by"][0], row["pulled_down_by"][0]
            lines.append(f"{row['name']}: up {up} ({most:+.1f} sd); down {down} ({least:+.1f} sd)")
    return lines


def _interval(numbers):
    return f"{numbers['median']:.3g} ({numbers['low95']:.3g} to {numbers['high95']:.3g})"
