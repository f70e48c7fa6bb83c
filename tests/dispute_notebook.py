"""The audit's own notebook run without a kernel on an audit that is at hand: what its cells would put out."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
from nbformat import v4

from funnel import charts
from funnel.dispute import exhibit, size
from funnel.reports import notebook

FILE = Path(__file__).parents[1] / "notebooks" / "dispute_audit.ipynb"


def page_of(audit, *, names="shown"):
    """Return the page that the notebook gives for an audit."""
    made = nbformat.read(FILE, as_version=4)
    space = {
        "charts": charts,
        "exhibit": exhibit,
        "size": size,
        "seed": 0,
        "audit": size.named(audit, names=names),
    }
    for cell in made.cells:
        if cell.cell_type == "code" and not cell.metadata.get("tags"):
            tree = ast.parse(cell.source)
            last = ast.Expression(tree.body.pop().value)
            exec(compile(tree, cell.id, "exec"), space)  # noqa: S102 -- our own notebook
            shown = eval(compile(last, cell.id, "eval"), space)  # noqa: S307 -- our own notebook
            cell.outputs = [v4.new_output("display_data", data=shown._repr_mimebundle_())]
    return notebook.page("dispute_audit", made)
