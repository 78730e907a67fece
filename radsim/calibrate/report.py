"""The result of a calibration, by parameter and by target: plain dicts of text and numbers."""

from __future__ import annotations

import numpy as np

from radsim.calibrate.curves import ALL_EFFECTS, ESTIMATED
from radsim.calibrate.likelihood import NOT_FITTED
from radsim.calibrate.targets import corrected_logit, expit
from radsim.trials.differences import deviation

INFORMS = 0.05  # share of the information on a parameter from which a trial is named
PULLS = 0.25  # posterior standard deviations by which a target must pull to be named
Z95 = 1.959963984540054


def make_report(*, settings, targets, prior, posterior, sample, simulated):
    """The report of a calibration.

    Parameters
    ----------
    settings : Settings
    targets : Targets
    prior : Prior
    posterior : Posterior
    sample : Sample
    simulated : array, shape (row,)
        Proportions simulated, not emulated, at the posterior medians. [1]

    Returns
    -------
    dict
        Ready for JSON.
    """
    emulator = posterior.emulator
    rows = target_rows(targets, posterior, sample, simulated)
    return {
        "parameters": parameter_rows(settings, targets, prior, posterior, sample),
        "targets": rows,
        "targets_outside_their_interval": [row["target"] for row in rows if not row["inside"]],
        "sampler": {
            "effective_size_least": float(sample.effective_size.min()),
            "effective_size_median": float(np.median(sample.effective_size)),
            "chain": int(sample.chain.shape[0] * sample.chain.shape[1]),
            "acceptance": sample.acceptance,
            "rhat_largest": float(sample.rhat.max()),
        },
        "emulator": {
            "leave_out_error_median": float(np.median(emulator.leave_out_error)),
            "leave_out_error_largest": float(emulator.leave_out_error.max()),
            "largest_at": targets.rows[int(emulator.leave_out_error.argmax())].label,
        },
        "shifts": shift_rows(posterior, sample),
    }


def parameter_rows(settings, targets, prior, posterior, sample):
    """Prior, posterior, shrinkage, and who informed and who pulled, by parameter and between-trial deviation."""
    likelihood, n = posterior.likelihood, posterior.n_parameters
    scores, deviation_scores, _ = posterior.split(sample.scores)
    values = prior.values(scores)
    probability = np.array([0.5, 0.025, 0.975])
    normal = np.array([0.0, -Z95, Z95])
    before = prior.values(np.repeat(normal[:, None], n, axis=1))
    informed, pulls = influences(targets, posterior, sample)
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
    deviations = likelihood.deviations(deviation_scores)
    half_normal = np.array([0.6744897501960817, 0.03133798202142661, 2.241402727604945])
    for i, effect in enumerate(ESTIMATED):
        spread = deviation_scores[:, i].std() / np.sqrt(1.0 - 2.0 / np.pi)
        rows.append({
            "name": deviation(effect),
            "prior": _three(half_normal * likelihood.curves.scales[i]),
            "posterior": _three(np.quantile(deviations[:, i], probability)),
            "score_mean": float(deviation_scores[:, i].mean()),
            "shrinkage": float(1.0 - spread),
            "effective_size": float(sample.effective_size[n + i]),
            "draws": "posterior",
            "informed_by": [],
            "pulled_up_by": [],
            "pulled_down_by": [],
        })  # fmt: skip
    return rows


def shift_rows(posterior, sample):
    """How far each study lies from the others, by effect: mean and standard deviation."""
    _, deviations, scores = posterior.split(sample.scores)
    shifts = posterior.likelihood.spread(deviations) * scores
    curves = posterior.likelihood.curves
    return [
        {
            "study": curves.groups[group],
            "effect": ALL_EFFECTS[effect],
            "mean": float(shift.mean()),
            "sd": float(shift.std()),
        }
        for (group, effect), shift in zip(curves.pairs, shifts.T, strict=True)
    ]


def _three(numbers):
    return {key: float(x) for key, x in zip(("median", "low95", "high95"), numbers, strict=True)}


def influences(targets, posterior, sample):
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
    likelihood, emulator = posterior.likelihood, posterior.emulator
    parameters, scores, _ = posterior.split(sample.scores)
    middle = np.median(parameters, axis=0)
    slopes = emulator.gradient(middle)
    precision = np.linalg.inv(likelihood.total_covariance(np.median(likelihood.deviations(scores), axis=0)))
    residual = likelihood.observed - emulator(middle[None])[0]
    information = np.maximum(slopes * (slopes @ precision), 0.0)
    trials = [row.trial for row in targets.rows]
    covariance = np.cov(parameters.T)
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


def target_rows(targets, posterior, sample, simulated):
    """Observed beside simulated, with residuals, by target.

    Notes
    -----
    `sampling_sd` is the distance in standard deviations of the trial's own sampling error, `inside` whether it lies within the 95 % of that
    error (Wilson); `residual_sd` counts what trials differ by and the emulator as well. `emulated_as_itself` is with the study's own
    shifts, the median over the posterior.
    """
    likelihood, emulator = posterior.likelihood, posterior.emulator
    parameters, scores, shift_scores = posterior.split(sample.scores)
    variance = np.diag(likelihood.total_covariance(np.median(likelihood.deviations(scores), axis=0)))
    fitted = likelihood.variance < NOT_FITTED
    total = np.sqrt(np.where(fitted, variance, variance - NOT_FITTED + targets.sampling_variance))
    sampling = np.sqrt(targets.sampling_variance)
    distance = targets.observed - corrected_logit(simulated, targets.n)
    low, high = wilson(np.array([row.observed for row in targets.rows]), targets.n)
    emulated = expit(emulator(np.median(parameters, axis=0)[None])[0])
    shifts = likelihood.spread(scores) * shift_scores
    itself = expit(np.median(emulator(parameters) + likelihood.curves(shifts, len(fitted))[0], axis=0))
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
            "emulated_as_itself": float(itself[r]),
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
