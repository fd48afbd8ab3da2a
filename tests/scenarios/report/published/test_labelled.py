"""Cells of tables carry the heading of their column."""

from scenarios.report.published.labelled import labelled

TABLE = "<table><thead><tr><th>Ending</th><th class='n'>Among <b>them</b></th></tr></thead><tbody>{}</tbody></table>"


def test_each_cell_that_holds_something_has_the_heading_of_its_column() -> None:
    rows = '<tr><th scope="row">Lost</th><td></td></tr><tr><th scope="row">Kept</th><td class="n">3</td></tr>'
    text = labelled(TABLE.format(rows))
    assert '<th data-label="Ending" scope="row">Lost</th><td></td></tr>' in text
    assert '<td data-label="Among them" class="n">3</td>' in text


def test_a_table_without_a_head_stays() -> None:
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    assert labelled(table) == table
