"""Spreadsheets as LibreOffice writes them."""

import zipfile
from pathlib import Path

PARTS_OF_URN = {
    **{
        one: f"urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"
        for one in ("office", "table", "text")
    },
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def open_document(path: Path, rows: str) -> Path:
    """A spreadsheet of LibreOffice: a sheet `Other` with an error, then `S` with these rows."""
    names = " ".join(f'xmlns:{prefix}="{urn}"' for prefix, urn in PARTS_OF_URN.items())
    sheets = f'<table:table table:name="Other">{ods_row(ods_error())}</table:table>'
    sheets += f'<table:table table:name="S">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {names}>{body}'
            "</office:document-content>",
        )
    return path


def ods_row(*cells: str, attributes: str = "") -> str:
    """A row of cells."""
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def ods_text(text: str, attributes: str = "") -> str:
    """A cell with a text."""
    return (
        f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def ods_error(shown: str = "#N/A") -> str:
    """An error as LibreOffice writes it."""
    return (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" '
        f'office:string-value="" calcext:value-type="error"><text:p>{shown}</text:p>'
        "</table:table-cell>"
    )
