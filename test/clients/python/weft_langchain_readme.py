"""Every block of the README of our own package, as a program of its own, told by the environment where Weft answers. Each prints something."""

import contextlib
import io
import pathlib
import re

page = pathlib.Path(__file__).parents[3] / "packages" / "langchain-python" / "README.md"
blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
assert len(blocks) >= 4
for block in blocks:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, str(page), "exec"), {"__name__": "__main__"})
    assert printed.getvalue().strip(), block
