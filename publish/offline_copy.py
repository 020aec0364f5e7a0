"""Make a zip of the built book that needs no network: `python publish/offline_copy.py`.

Build the book first. Unpacked, a double click on its ``index.html`` opens it. The zip is the same,
byte for byte, for the same pages: its files stand in the order of their names and have one time.
"""

import sys
import zipfile

from run_in_browser import LITE, SITE, without_link

NAME = "low-rank-bias"
COPY = SITE.parent / f"{NAME}.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell


def is_needed(path):
    """Return whether a file of the site serves somebody who reads it from a folder.

    Left out are what needs a server, what only other sites or builds read, and what only a
    debugger reads.
    """
    for_others = path.name in ("objects.inv", ".buildinfo")
    return path.parts[0] != LITE and not for_others and path.suffix != ".map"


def content(site, path):
    """Return the bytes of a file, without what a page can only do with a server."""
    data = (site / path).read_bytes()
    if path.suffix == ".html":
        return without_link(data.decode(), path.with_suffix(".ipynb")).encode()
    if path.name == "documentation_options.js":  # the search would fetch pages to quote them
        return data.replace(b"SHOW_SEARCH_SUMMARY: true", b"SHOW_SEARCH_SUMMARY: false")
    return data


def pack(site, copy):
    """Write the zip `copy` of the folder `site`."""
    paths = [path.relative_to(site) for path in site.rglob("*") if path.is_file()]
    with zipfile.ZipFile(copy, "w") as archive:
        for path in sorted(filter(is_needed, paths)):
            member = zipfile.ZipInfo(f"{NAME}/{path.as_posix()}", EPOCH)
            member.create_system = 3  # the same on Windows
            member.external_attr = 0o644 << 16
            archive.writestr(member, content(site, path), zipfile.ZIP_DEFLATED, 9)


def main():
    if not (SITE / "index.html").is_file():
        sys.exit(f"{SITE} has no index.html: build the book first, as README.md says")
    pack(SITE, COPY)
    files = len(zipfile.ZipFile(COPY).namelist())
    print(f"{COPY}: {files} files, {COPY.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
