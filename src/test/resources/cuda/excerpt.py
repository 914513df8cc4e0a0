"""Cuts a library of ND4J for GPUs down to its two smallest fat binaries, as they are.

  python3 excerpt.py LIBRARY EXCERPT

nd4j-cuda-11.6-excerpt.so and nd4j-cuda-11.2-excerpt.so were made from libnd4jcuda.so in
nd4j-cuda-11.6-1.0.0-M2.1-linux-x86_64.jar and nd4j-cuda-11.2-1.0.0-M1.1-linux-x86_64.jar.
"""

import struct
import sys

SECTION = b".nv_fatbin"
MAGIC = 0xBA55ED50


def section(library):
    with open(library, "rb") as file:
        header = file.read(64)
        (offset,) = struct.unpack_from("<Q", header, 40)
        size, count, names = struct.unpack_from("<HHH", header, 58)
        file.seek(offset)
        table = file.read(size * count)
        sections = [struct.unpack_from("<IIQQQQIIQQ", table, i * size) for i in range(count)]
        file.seek(sections[names][4])
        text = file.read(sections[names][5])
        for entry in sections:
            if text[entry[0] :].split(b"\0", 1)[0] == SECTION:
                file.seek(entry[4])
                return file.read(entry[5])
    raise SystemExit(f"{library} has no section {SECTION.decode()}")


def fat_binaries(code):
    position, found = 0, []
    while position + 16 <= len(code):
        magic, _, header, size = struct.unpack_from("<IHHQ", code, position)
        if magic == MAGIC:
            found.append(code[position : position + header + size])
            position += header + size
        else:
            position += 8
    return sorted(found, key=len)


def elf(code):
    names = b"\0" + SECTION + b"\0.shstrtab\0"
    table = 64 + len(code) + len(names)
    header = b"\x7fELF\2\1\1" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, 3, 2)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 1, 1, 2, 0, 64, len(code), 0, 0, 8, 0)
    sections += struct.pack(
        "<IIQQQQIIQQ", 2 + len(SECTION), 3, 0, 0, 64 + len(code), len(names), 0, 0, 1, 0
    )
    return header + code + names + sections


if __name__ == "__main__":
    library, excerpt = sys.argv[1:]
    with open(excerpt, "wb") as file:
        # Zeros between them, as the linker leaves some.
        file.write(elf(bytes(8).join(fat_binaries(section(library))[:2])))
