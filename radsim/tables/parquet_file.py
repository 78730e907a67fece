"""A table as a Parquet file: units and meanings travel with the columns, the run record with the file."""

from __future__ import annotations

from radsim.extras import require
from radsim.tables.table import NUMBER, TEXT, WHOLE, plain_cells

ROWS_A_GROUP = 250_000
EXTRA = "parquet"


def need():
    """UsageFault if the library is not installed."""
    require("pyarrow", extra=EXTRA)


def write_parquet(table, path, *, metadata):
    """Write a table."""
    pyarrow = require("pyarrow", extra=EXTRA)
    parquet = require("pyarrow.parquet", extra=EXTRA)
    table = table.with_identity()
    schema = _schema(pyarrow, table, metadata)
    with parquet.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        waiting, rows = [], 0
        for block in table.blocks():
            part = _part(pyarrow, table, block, schema)
            waiting, rows = [*waiting, part], rows + part.num_rows
            if rows >= ROWS_A_GROUP:
                writer.write_table(pyarrow.concat_tables(waiting))
                waiting, rows = [], 0
        if waiting:
            writer.write_table(pyarrow.concat_tables(waiting))


def _schema(pyarrow, table, metadata):
    types = {TEXT: pyarrow.string(), NUMBER: pyarrow.float64(), WHOLE: pyarrow.int64()}
    fields = [
        pyarrow.field(column.name, types[column.kind], metadata={"units": column.units, "description": column.description})
        for column in table.file_columns
    ]  # fmt: skip
    return pyarrow.schema(fields, metadata=metadata)


def _part(pyarrow, table, block, schema):
    """A block of rows; texts that are empty and numbers that are not known are null."""
    arrays = [
        pyarrow.array(plain_cells(block[column.name], TEXT), field.type)
        if column.kind == TEXT
        else pyarrow.array(block[column.name], field.type, from_pandas=True)
        for column, field in zip(table.file_columns, schema, strict=True)
    ]
    return pyarrow.Table.from_arrays(arrays, schema=schema)
