"""What a cell returns: plotly for JupyterLab, a picture for any other export, the table for the edition."""

from __future__ import annotations

import base64

import pandas as pd

from funnel.charts import form, listing, say, show, theme
from funnel.charts.show import SAID, SHOWN
from funnel.charts.table import from_parquet

TEXT = theme.Text("name", "Title & more", "Rule", "Finding")
TABLE = pd.DataFrame({"value": ["a", "b"], "n": [2, 1]})


def figure(values=(2, 1)):
    return form.stacks(TEXT, ["a", "b"], [form.Part("lost", list(values), ["h", "h"])])


def test_a_shown_figure_is_plotly_a_picture_text_and_its_table_in_one():
    bundle = show(figure(), TABLE)._repr_mimebundle_()
    assert set(bundle) == {SHOWN, "application/vnd.plotly.v1+json", "text/html", "text/plain"}
    plotly = bundle["application/vnd.plotly.v1+json"]
    assert plotly["layout"]["title"]["text"] == "Title &amp; more"
    assert plotly["layout"]["showlegend"] is True
    assert plotly["config"]["showSendToCloud"] is False
    assert bundle["text/html"].startswith("<h4>Title &amp; more</h4><svg ")
    assert bundle["text/plain"] == "Title & more. Finding"


def test_the_table_travels_with_the_figure_whole():
    record = show(figure(), TABLE)._repr_mimebundle_()[SHOWN]
    pd.testing.assert_frame_equal(from_parquet(base64.b64decode(record["table"])), TABLE, check_dtype=False)
    assert (record["text"]["name"], record["text"]["rule"]) == ("name", "Rule")
    assert "title" not in record["figure"]["layout"]
    assert record["wide"] != record["narrow"]


def test_a_figure_with_nothing_to_draw_leaves_its_finding_and_its_table():
    shown = show(figure((0, 0)), TABLE)
    assert shown.figure is None
    assert shown.record()["wide"] == ""
    assert shown.text.is_empty


def test_a_listing_is_a_table_without_a_figure():
    bundle = listing(TABLE, name="list", title="A list", rule="Rule")._repr_mimebundle_()
    assert set(bundle) == {SHOWN, "text/html", "text/plain"}
    assert bundle[SHOWN]["figure"] is None
    assert "<td>a</td>" in bundle["text/html"]


def test_the_same_figure_and_table_make_the_same_bundle():
    assert show(figure(), TABLE)._repr_mimebundle_() == show(figure(), TABLE.copy())._repr_mimebundle_()


def test_a_long_listing_shows_its_first_rows_and_carries_all_of_them():
    long = pd.DataFrame({"n": range(201)})
    bundle = listing(long, name="list", title="A list", rule="Rule")._repr_mimebundle_()
    assert "The first 200 of 201 rows." in bundle["text/html"]
    assert "<td>200</td>" not in bundle["text/html"]
    assert len(from_parquet(base64.b64decode(bundle[SHOWN]["table"]))) == 201


def test_sentences_are_said_as_text():
    bundle = say(pd.DataFrame({"sentence": ["One <b>.", "Two."]}), name="verdict")._repr_mimebundle_()
    assert bundle[SAID] == {"name": "verdict", "sentences": ["One <b>.", "Two."]}
    assert bundle["text/html"] == "<p>One &lt;b&gt;.</p><p>Two.</p>"
    assert bundle["text/plain"] == "One <b>.\nTwo."
