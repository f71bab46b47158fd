"""The C header of a file compiles, in C and C++, to the bytes of the file."""

import shutil
import subprocess

import pytest

from zoo.exporting.c_array import c_array

PROGRAM = """
#include <stdint.h>
#include <stdio.h>
#include "model_int8.h"
#include "model_int8.h"
int main(void) {
  if ((uintptr_t)model_int8 % 16 != 0 || sizeof(model_int8) != model_int8_len) return 1;
  // Not by luck: the compiler places large arrays so of its own accord.
  if (__alignof__(model_int8) < 16) return 2;
  fwrite(model_int8, 1, model_int8_len, stdout);
  return 0;
}
"""


@pytest.mark.parametrize(("compiler", "suffix"), [("gcc", "c"), ("g++", "cc")])
def test_the_header_compiles_to_the_bytes_of_the_file(compiler, suffix, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    content = bytes(range(256)) * 3 + b"\x1cTFL3"
    (tmp_path / "model_int8.h").write_text(c_array(content, "model_int8"))
    source, program = tmp_path / f"main.{suffix}", tmp_path / "main"
    source.write_text(PROGRAM)
    command = [compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", program]
    subprocess.run(command, check=True)
    assert subprocess.run([program], capture_output=True, check=True).stdout == content
