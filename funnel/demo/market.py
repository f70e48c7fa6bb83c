"""Companies and the people in them, before anybody has heard of the product."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.chance import codes, stream
from funnel.demo.clock import REGIONS, Flags, Ints
from funnel.demo.words import latin, spelled, words

INDUSTRIES = (
    "software",
    "logistics",
    "manufacturing",
    "finance",
    "retail",
    "healthcare",
    "education",
    "public sector",
)
INDUSTRY_SHARES = (27, 18, 26, 15, 5, 4, 3, 2)
ICP_INDUSTRIES = 4  # the first four
PERSONAS = ("Executive", "Director", "Manager", "Specialist", "Student")
PERSONA_SHARES = (12, 24, 34, 27, 3)
SIZE_MEDIAN, SIZE_SPREAD = 330.0, 1.3


def countries() -> pd.DataFrame:
    """Return one row per country: name, region code, share."""
    rows = [
        (name, code, share)
        for code, region in enumerate(REGIONS)
        for name, share in words()["countries"][region].items()
    ]
    return pd.DataFrame(rows, columns=["name", "region", "share"])


def titles() -> pd.DataFrame:
    """Return one row per job title: title and the code of its persona."""
    rows = [(title, code) for code, persona in enumerate(PERSONAS) for title in words()["titles"][persona]]
    return pd.DataFrame(rows, columns=["title", "persona"])


def companies(n: int, seed: int) -> pd.DataFrame:
    """Return one row per company: codes of its name's parts, industry, country, region, and its employees."""
    rng = stream(seed, "companies")
    n_stems, n_tails = len(latin("company_stems")), len(latin("company_tails"))
    code = rng.permutation(n)
    country = codes(rng, countries()["share"], n)
    size = np.exp(rng.normal(np.log(SIZE_MEDIAN), SIZE_SPREAD, n))
    return pd.DataFrame(
        {
            "stem": code % n_stems,
            "tail": code // n_stems % n_tails,
            "namesake": code // (n_stems * n_tails),
            "form": codes(rng, [1] * len(words()["company_forms"]), n),
            "industry": codes(rng, INDUSTRY_SHARES, n),
            "country": country,
            "region": countries()["region"].to_numpy()[country],
            "employees": np.clip(np.round(size), 3, 60_000).astype(np.int64),
        }
    )


def people(n: int, company: pd.DataFrame, seed: int, narrow: Flags) -> pd.DataFrame:
    """Return one row per person; those in `narrow` come from a poorer part of the market (a change of mix).

    Columns: company, codes of first and last name, namesake (0, 1, ... among people whose address would be
    the same), persona.
    """
    rng = stream(seed, "people")
    place = (len(company) * rng.random(n) ** 1.25).astype(np.int64)
    persona = codes(rng, PERSONA_SHARES, n)
    poor = np.flatnonzero(_is_poor(company))
    place = np.where(narrow, poor[(rng.random(n) * len(poor)).astype(np.int64)], place)
    persona = np.where(narrow, codes(rng, (2, 6, 25, 62, 5), n), persona)
    person = pd.DataFrame(
        {
            "company": place,
            "first": codes(rng, [1] * len(spelled("first_names")), n),
            "last": codes(rng, [1] * len(spelled("last_names")), n),
            "persona": persona,
            "title": _title(persona, rng.random(n)),
        }
    )
    person["namesake"] = person.groupby(["company", "first", "last"]).cumcount()
    return person


def _is_poor(company: pd.DataFrame) -> Flags:
    found = (company["industry"] == INDUSTRIES.index("finance")) & company["employees"].between(50, 99)
    return found.to_numpy() if found.any() else np.ones(len(company), dtype=bool)


def _title(persona: Ints, u: np.ndarray) -> Ints:
    owner = titles()["persona"].to_numpy()
    first, n = np.searchsorted(owner, persona, side="left"), np.bincount(owner)[persona]
    return (first + u * n).astype(np.int64)


def is_icp(industry: Ints, employees: Ints) -> Flags:
    """Return whether both contracts' ideal customer profile is met: industry, 50 to 5,000 employees."""
    return (industry < ICP_INDUSTRIES) & (employees >= 50) & (employees <= 5_000)
