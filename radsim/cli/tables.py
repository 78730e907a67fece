"""Tables of figures on stdout: rich ones for a terminal, plain ones of 80 columns for a pipe or a file."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

import click

from radsim.cli.terminal import beneath
from radsim.printable import visible

WIDTH = 80
TABLE_WIDTH = 100
"""Columns of text of a paragraph and of a wide table, where stdout is no terminal."""

GAP = "  "


def is_terminal():
    """Whether stdout is a terminal that wants colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def line_width():
    """Columns that a line of output may fill."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH


def show_table(title, columns, rows, *, width=None):
    """Print a table: the first column to the left, the others to the right."""
    if is_terminal():
        _show_rich(title, columns, rows)
    else:
        click.echo(plain_table(title, columns, rows, width=width or line_width()))


def print_table(table):
    """A `radsim.tables.Table` with its title and notes, and an empty line after each."""
    from radsim.tables import page_of

    page = page_of(table)
    if page.rows:
        show_table(paragraph(page.title), page.headings, page.rows, width=max(TABLE_WIDTH, line_width()))
        click.echo()
    for text in page.notes:
        click.echo(paragraph(text) + "\n")


def plain_table(title, columns, rows, *, width=WIDTH):
    """The table as text; columns that do not fit beside the first follow below, beside the first again."""
    widths = column_widths(columns, rows)
    blocks = [
        "\n".join(_line([row[i] for i in part], [widths[i] for i in part]) for row in [columns, *rows])
        for part in parts(widths, width, gap=len(GAP))
    ]
    return "\n\n".join([title, *blocks])


def column_widths(columns, rows):
    """Width that each column needs."""
    return [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]


def parts(widths, width, *, gap):
    """Numbers of the columns that stand side by side, the first in each part, as many as fit."""
    found, used = [[0]], widths[0]
    for i in range(1, len(widths)):
        if len(found[-1]) > 1 and used + gap + widths[i] > width:
            found.append([0])
            used = widths[0]
        found[-1].append(i)
        used += gap + widths[i]
    return found


def paragraph(text):
    """A paragraph of at most 80 columns."""
    return textwrap.fill(text, min(WIDTH, line_width()))


def _line(cells, widths):
    first, *others = zip(cells, widths, strict=True)
    return GAP.join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()


def _show_rich(title, columns, rows):
    from rich import box, markup
    from rich.console import Console
    from rich.table import Table

    def escape(text):
        return markup.escape(visible(text))

    console = Console(file=beneath(sys.stdout))
    console.print(escape(title), style="bold", highlight=False)
    widths = column_widths(columns, rows)
    for number, part in enumerate(parts(widths, console.width, gap=len(GAP))):
        if number:
            console.print()
        needed = sum(widths[i] + len(GAP) for i in part)
        console.width = max(console.width, needed)  # rich would cut figures short; a terminal wraps the line
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        for i in part:
            table.add_column(escape(columns[i]), justify="right" if i else "left", no_wrap=True)
        for row in rows:
            table.add_row(*(escape(row[i]) for i in part))
        console.print(table)
