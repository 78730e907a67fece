"""Tables as data, and what prints them: pages (terminal and HTML), CSV, Parquet, workbooks.

Whoever knows the numbers builds a `Table` once; no printer knows what any table is about.
"""

from radsim.tables.page import Page, page_of
from radsim.tables.table import NUMBER, TEXT, WHOLE, Column, Table, from_rows

__all__ = ["NUMBER", "TEXT", "WHOLE", "Column", "Page", "Table", "from_rows", "page_of"]
