"""Sheets that people fill in: read back, and refused where they do not fit what was sent out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from funnel.errors import InputError, did_you_mean


def read_sheet(file: Path | str) -> pd.DataFrame:
    """Return a filled-in sheet (CSV) as text; InputError if it cannot be read."""
    try:
        return pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"The sheet {file} cannot be read: {error}.") from error


def answers(
    sent: pd.DataFrame, returned: pd.DataFrame, *, column: str, words: tuple[str, ...], who: str = ""
) -> pd.Series:
    """Return the answers by lead id in the order sent; case and blanks around a word do not matter.

    InputError naming the first ids that are missing, unknown, there twice, or answered by another word.
    """
    whose = f"The sheet{f' of {who}' if who else ''}"
    for name in ("lead_id", column):
        if name not in returned:
            near = did_you_mean(name, [str(one) for one in returned.columns])
            raise InputError(
                f"{whose} has no column '{name}'.{near} Send back the sheet that was handed out."
            )
    ids = returned["lead_id"].astype("str").str.strip().str.removeprefix("'")
    wanted = sent["lead_id"].astype("str")
    _refuse(whose, "has leads that were not drawn", ids[~ids.isin(wanted)])
    _refuse(whose, "has leads twice", ids[ids.duplicated()])
    _refuse(whose, "lacks leads that were drawn", wanted[~wanted.isin(ids)])
    told = returned[column].astype("str").str.strip().str.lower().set_axis(ids)
    wrong = told[~told.isin(words)]
    _refuse(whose, f"has no answer that is one of {', '.join(words)} for", wrong.index.to_series())
    return told.reindex(wanted)


def _refuse(whose: str, what: str, ids: pd.Series) -> None:
    if len(ids):
        first = ", ".join(ids.astype("str").iloc[:3])
        more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
        raise InputError(f"{whose} {what}: {first}{more}.")
