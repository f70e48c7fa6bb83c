"""Running notebooks fails closed, and what they say reaches the page as text."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import v4

from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.reports import notebook

GIVEN = {"warehouse": "/somewhere/warehouse.duckdb"}
PARAMETERS = 'warehouse = "x"'


@pytest.fixture
def project(tmp_path):
    (tmp_path / "notebooks").mkdir()
    return Project(tmp_path)


def write(project, *sources, parameters=PARAMETERS, tags=("parameters",)):
    made = v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    )
    made.cells = [
        v4.new_markdown_cell("# A title\n\nSome *text*."),
        v4.new_code_cell(parameters, metadata={"tags": list(tags)}),
        *(v4.new_code_cell(source) for source in sources),
    ]
    nbformat.write(made, project.root / "notebooks" / "one.ipynb")


def run(project, tmp_path):
    (tmp_path / "scratch").mkdir()
    (page,) = notebook.run_notebooks(project, ("one",), tmp_path / "scratch", GIVEN)
    return page


def test_a_notebook_without_a_parameters_cell_is_refused_before_it_runs(project, tmp_path):
    write(project, tags=())
    with pytest.raises(InputError, match="no cell tagged 'parameters'"):
        run(project, tmp_path)


def test_a_notebook_that_does_not_know_the_parameter_is_refused_and_the_nearest_is_named(project, tmp_path):
    write(project, parameters='warehose = "x"')
    with pytest.raises(InputError, match=r"no parameter 'warehouse'\. Did you mean 'warehose'\?"):
        run(project, tmp_path)


def test_a_notebook_that_is_nowhere_is_named(project):
    with pytest.raises(UsageError, match=r"no notebook two\.ipynb"):
        notebook.find_notebook(project, "two")


def test_the_projects_own_notebook_goes_before_the_one_of_the_package(project):
    assert notebook.find_notebook(project, "conversion").parent != project.root / "notebooks"
    (project.root / "notebooks" / "conversion.ipynb").touch()
    assert notebook.find_notebook(project, "conversion").parent == project.root / "notebooks"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(0)", "SystemExit"),
        ("import sys\nsys.exit(1)", "SystemExit"),
        ("import os\nos._exit(0)", "DeadKernelError"),
    ],
)
def test_any_failure_is_an_error_and_the_notebook_is_kept(project, tmp_path, source, said):
    write(project, source)
    with pytest.raises(InputError, match=said) as caught:
        run(project, tmp_path)
    assert "No edition was made: one.ipynb failed" in str(caught.value)
    assert str(project.reports / "failed" / "one.ipynb") in str(caught.value)
    assert (project.reports / "failed" / "one.ipynb").is_file()


@pytest.mark.slow
def test_an_error_that_the_notebook_passes_over_is_one_too(project, tmp_path):
    write(project, "1 / 0")
    file = project.root / "notebooks" / "one.ipynb"
    made = nbformat.read(file, as_version=4)
    made.cells[-1].metadata["tags"] = ["raises-exception"]
    nbformat.write(made, file)
    with pytest.raises(InputError, match="ZeroDivisionError"):
        run(project, tmp_path)


@pytest.mark.slow
def test_what_a_notebook_says_reaches_the_page_without_its_code_and_as_text(project, tmp_path):
    write(project, "print(warehouse)", "'<b>x</b>'", "import os")
    page = run(project, tmp_path)
    assert (page.name, page.title) == ("one", "A title")
    assert [block.html for block in page.blocks] == [
        "<p>Some <em>text</em>.</p>\n",
        "<pre>/somewhere/warehouse.duckdb\n</pre>",
        "<pre>&#x27;&lt;b&gt;x&lt;/b&gt;&#x27;</pre>",
    ]


def test_html_in_a_text_cell_or_an_output_is_not_markup():
    cell = v4.new_markdown_cell('Hello <script>alert(1)</script> <img src=x onerror="y"> [k](javascript:1)')
    output = v4.new_output(
        "display_data", data={"text/html": "<script>1</script>", "text/plain": "<i>plain</i>"}
    )
    code = v4.new_code_cell("x", outputs=[output])
    blocks = notebook.page("one", v4.new_notebook(cells=[cell, code])).blocks
    text = "".join(block.html for block in blocks)
    assert "<script" not in text
    assert "<img" not in text
    assert "javascript:" not in text
    assert "<pre>&lt;i&gt;plain&lt;/i&gt;</pre>" in text


def test_a_hidden_cell_says_nothing():
    output = v4.new_output("display_data", data={"text/plain": "plain"})
    code = v4.new_code_cell("x", outputs=[output], metadata={"tags": ["hidden"]})
    assert notebook.page("one", v4.new_notebook(cells=[code])).blocks == ()
