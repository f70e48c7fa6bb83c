"""What is done today: a z-test, Kitagawa's decomposition, Oaxaca and Blinder's; each with its rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.oaxaca import OaxacaBlinder

LINE = 0.05
Named = set[str]


def z_test(population: pd.DataFrame) -> Named:
    """Return quality where the batch's rate is lower by a one-sided test at 5 %."""
    own = population["in_batch"].to_numpy()
    y = population["converted"].to_numpy() & (population["days_to_outcome"].to_numpy() <= 90)
    n, m, pooled = own.sum(), (~own).sum(), y.mean()
    z = (y[own].mean() - y[~own].mean()) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return {"quality"} if norm.cdf(z) < 0.05 else set()


def kitagawa(population: pd.DataFrame) -> Named:
    """Return mix and quality where the composition or the rate effect costs more than 5 % of the baseline."""
    frame = _plain(population)
    frame["cell"] = (
        frame["channel"].astype(str)
        + (frame["met_definition"]).astype(str)
        + pd.cut(frame["score"].fillna(75), [0, 60, 70, 80, 200]).astype(str)
    )
    table = frame.pivot_table(
        index="cell", columns="in_batch", values="y", aggfunc=["mean", "count"], observed=True
    )
    rate, count = table["mean"], table["count"].fillna(0)
    share = count / count.sum()
    rate = rate.apply(lambda column: column.fillna(rate.bfill(axis=1).iloc[:, 0]))
    mix = float(((share[True] - share[False]) * (rate[True] + rate[False]) / 2).sum())
    quality = float(((rate[True] - rate[False]) * (share[True] + share[False]) / 2).sum())
    return _below(frame, {"mix": mix, "quality": quality})


def oaxaca(population: pd.DataFrame) -> Named:
    """Return mix, follow-up and quality: explained by attributes, by follow-up besides, and unexplained."""
    frame = _plain(population)
    attributes = pd.get_dummies(frame[["channel", "industry", "region"]], drop_first=True, dtype=float)
    attributes["score"] = frame["score"].fillna(frame["score"].mean())
    attributes["met"] = frame["met_definition"].astype(float)
    attributes["employees"] = np.log(frame["employees"])
    work = attributes.assign(
        touched=frame["touch_hours"].notna().astype(float),
        speed=np.log1p(frame["touch_hours"].fillna(frame["touch_hours"].median())),
        touches=frame["n_touches"].astype(float),
    )
    delivered, _ = _explained(frame, attributes)
    both, rest = _explained(frame, work)
    return _below(frame, {"mix": delivered, "follow_up": both - delivered, "quality": rest})


def _explained(frame: pd.DataFrame, columns: pd.DataFrame) -> tuple[float, float]:
    """Return the explained and the unexplained part of batch minus baseline, by the pooled coefficients."""
    x = columns.assign(one=1.0, in_batch=frame["in_batch"].astype(float))
    varies = [name for name in columns if x.loc[frame["in_batch"], name].nunique() > 1]
    model = OaxacaBlinder(frame["y"], x[[*varies, "one", "in_batch"]], "in_batch", hasconst=True, swap=False)
    unexplained, explained, _ = model.two_fold(two_fold_type="pooled").params
    sign = 1.0 if np.isclose(unexplained + explained, _gap(frame), atol=1e-6) else -1.0
    return float(sign * explained), float(sign * unexplained)


def _plain(population: pd.DataFrame) -> pd.DataFrame:
    y = population["converted"].to_numpy() & (population["days_to_outcome"].to_numpy() <= 90)
    return population.assign(y=y.astype(float))


def _gap(frame: pd.DataFrame) -> float:
    means = frame.groupby("in_batch")["y"].mean()
    return float(means[True] - means[False])


def _below(frame: pd.DataFrame, parts: dict[str, float]) -> Named:
    base = float(frame.loc[~frame["in_batch"], "y"].mean())
    return {name for name, value in parts.items() if value < -LINE * base}
