"""The command line: parses, calls, writes. Each command is a module, imported when it is used."""
