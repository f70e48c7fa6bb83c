"""Pages that open without a network, made from a checked warehouse: the weekly edition, and an audit."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from funnel.reports.edition import NOTEBOOKS as NOTEBOOKS
    from funnel.reports.edition import Edition as Edition
    from funnel.reports.edition import report as report

# nbformat imports jsonschema, which builds a grammar of IRIs if this package is there: seconds, and no
# notebook holds an IRI. None makes the import of the optional package fail, which jsonschema expects.
cast(dict[str, Any], sys.modules).setdefault("rfc3987_syntax", None)

__all__ = ["NOTEBOOKS", "Edition", "report"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("funnel.reports.edition"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
