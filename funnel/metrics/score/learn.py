"""The one door to scikit-learn: a score learned from hand-offs of earlier, for those of later.

Regularised logistic regression: numbers as cubic splines of their logarithm, categories as one column per
level, rare levels together. Everything is learned from the earlier rows alone, in one thread, from fixed
starting values, so that the same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUMBERS = ("employees", "n_engagements", "days_before", "completeness", "pass")
CATEGORIES = ("channel", "region", "country", "industry", "persona", "lead_type", "content", "is_duplicate")
SEED = 5
RARE = 20
STRENGTH = 0.1
KNOTS = 5
REPEATS = 10


def learn(rows: pd.DataFrame, y: Any) -> Any:
    """Return a fitted model; `rows` have NUMBERS and CATEGORIES, missing ones null."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    given = columns(rows)
    parts = ColumnTransformer([(name, _step(given[name]), [name]) for name in given])
    model = make_pipeline(parts, LogisticRegression(C=STRENGTH, max_iter=1000, random_state=SEED))
    with one_thread():
        return model.fit(given, np.asarray(y, dtype=float))


def probability(model: Any, rows: pd.DataFrame) -> Floats:
    """Return the probability of each row."""
    with one_thread():
        return np.asarray(model.predict_proba(columns(rows))[:, 1], dtype=float)


def importance(model: Any, rows: pd.DataFrame, worth: Callable[[Floats], float]) -> pd.DataFrame:
    """Return one row per input: how much `worth(log odds)` drops when the values of one input are shuffled.

    Columns: variable, drop (mean of ten shuffles with a fixed seed), drop_low and drop_high (least and most).
    The log odds are a sum over inputs, so to shuffle the values of one is to shuffle its terms of the sum.
    """
    terms = _terms(model, rows)
    whole = np.sum(list(terms.values()), axis=0)
    usual, rng = worth(whole), np.random.default_rng(SEED)
    drops = {
        name: [usual - worth(whole - term + rng.permutation(term)) for _ in range(REPEATS)]
        for name, term in terms.items()
    }
    told: dict[str, Callable[..., Any]] = {"drop": np.mean, "drop_low": np.min, "drop_high": np.max}
    shares = {name: [float(of(values)) for values in drops.values()] for name, of in told.items()}
    return pd.DataFrame({"variable": list(drops)} | shares)


def columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the inputs as the model reads them: logarithms of numbers, texts of categories."""
    numbers = {
        name: np.log1p(np.maximum(pd.to_numeric(rows[name], errors="coerce").astype("float64"), 0.0))
        for name in NUMBERS
    }
    texts = {
        name: rows[name].astype("object").where(rows[name].notna(), "").astype(str).astype("object")
        for name in CATEGORIES
    }
    return pd.DataFrame(numbers | texts)


def one_thread() -> Any:
    """Return a context in which linear algebra runs in one thread: on a busy machine threads wait."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def _step(column: pd.Series) -> Any:
    """Return how one input becomes columns; a number with few values a line, one without any nothing."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

    if column.name in CATEGORIES:
        return OneHotEncoder(min_frequency=RARE, handle_unknown="infrequent_if_exist", sparse_output=False)
    if column.nunique() < 2:
        return "drop"
    filled = SimpleImputer(strategy="median", add_indicator=True)
    if column.nunique() <= KNOTS:
        return make_pipeline(filled, StandardScaler())
    curve = SplineTransformer(n_knots=KNOTS, knots="uniform", extrapolation="constant")
    return make_pipeline(filled, curve, StandardScaler())


def _terms(model: Any, rows: pd.DataFrame) -> dict[str, Floats]:
    """Return what each input adds to the log odds of each row."""
    parts, line = model[0], model[-1].coef_[0]
    with one_thread():
        given = np.asarray(parts.transform(columns(rows)), dtype=float)
    places = {name: parts.output_indices_[name] for name in (*NUMBERS, *CATEGORIES)}
    return {name: given[:, place] @ line[place] for name, place in places.items()}
