"""The compiled kernel: simulates one patient's course, then blocks of patients. See ``README.md`` beside this file.

Compilation is paid once per installation: `radsim.code_cache` keeps the machine code.

Nothing here loads the compiler: `layout` and `tables` are for everybody, `block` is for those who simulate.
"""
