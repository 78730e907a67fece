"""YAML without a domain: text into plain data with lines, kinds of value, and every fault of a file in words."""
