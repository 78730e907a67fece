"""The compiled kernel: simulates one patient's course, then blocks of patients. See ``README.md`` beside this file.

Compilation is paid once per installation: `radsim.code_cache` keeps the machine code.

Nothing here loads the compiler: `layout`, `tables` and `workspace` are for everybody, `entries` for those who simulate; `entries` imports `block`, and all
that is in it, where it must be compiled.
"""
