"""Prices and utilities: items, quantities, files and sets, and the section of a configuration that chooses among them."""
