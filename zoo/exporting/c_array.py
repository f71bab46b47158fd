"""Writing a file as a C header, as projects for microcontrollers compile a model in."""

import re
import textwrap


def c_array(content: bytes, name: str) -> str:
    """Return a C11 and C++ header that defines `NAME[]` and `NAME_len`.

    The array starts at a multiple of 16 bytes, as TFLite's runtimes demand.

    Args:
        content: The bytes of the file.
        name: Name of the array, such as `dense_digits_model_int8`.
    """
    # The name comes from a file, and may hold what no name in C holds.
    name = re.sub(r"\W|^(?=\d)", "_", name, flags=re.ASCII)
    guard = f"{name.upper()}_H"
    rows = textwrap.wrap(", ".join(f"0x{byte:02x}" for byte in content), 94)
    return "\n".join(
        [
            f"// A TFLite file of {len(content)} bytes.",
            f"#ifndef {guard}",
            f"#define {guard}",
            "",
            "#ifdef __cplusplus",
            "#define ZOO_ALIGN_16 alignas(16)",
            "#else",
            "#define ZOO_ALIGN_16 _Alignas(16)",
            "#endif",
            "",
            f"ZOO_ALIGN_16 static const unsigned char {name}[] = {{",
            *(f"    {row}" for row in rows),
            "};",
            f"static const unsigned int {name}_len = {len(content)};",
            "",
            "#undef ZOO_ALIGN_16",
            f"#endif  // {guard}",
            "",
        ]
    )
