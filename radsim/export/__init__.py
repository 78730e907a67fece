"""Results for R, spreadsheets and committees: tidy tables, a readable workbook, the CHEERS checklist."""

from radsim.export.writing import FORMATS, write

__all__ = ["FORMATS", "write"]
