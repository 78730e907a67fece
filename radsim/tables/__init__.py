"""Tables as data, and what prints them: pages (terminal and HTML), CSV, Parquet, workbooks.

A `Table` is built once, by the code that computes its numbers; printers know nothing of its subject.
"""

from radsim.tables.page import Page, page_of
from radsim.tables.table import NUMBER, TEXT, WHOLE, Column, Table, from_rows

__all__ = ["NUMBER", "TEXT", "WHOLE", "Column", "Page", "Table", "from_rows", "page_of"]
