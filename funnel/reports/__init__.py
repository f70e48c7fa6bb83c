"""Pages that open without a network, made from a checked warehouse: the weekly edition, and an audit."""

from __future__ import annotations

import sys
from typing import Any, cast

# nbformat imports jsonschema, which builds a grammar of IRIs if this package is there: seconds, and no
# notebook holds an IRI. None makes the import of the optional package fail, which jsonschema expects.
cast(dict[str, Any], sys.modules).setdefault("rfc3987_syntax", None)

from funnel.reports.audit_page import audit_page  # noqa: E402
from funnel.reports.edition import NOTEBOOKS, Edition, report  # noqa: E402

__all__ = ["NOTEBOOKS", "Edition", "audit_page", "report"]
