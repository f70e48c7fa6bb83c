"""Put an edition into a folder that others read: whole or not at all."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from funnel.project import Project
from funnel.reports.delivery.channel import Channel
from funnel.reports.delivery.letter import Letter
from funnel.reports.delivery.reply import Reply
from funnel.reports.swap import put_in_place


def put(project: Project, channel: Channel, letter: Letter, attached: tuple[str, str, bytes] | None) -> Reply:
    """Write message and attachment as folder `<path>/<edition>`, or a notice as `<path>/<edition>-notice`.

    It is written beside its place and renamed, so it may be done again after a run that was cut short.
    """
    root = project.root / channel.path
    name = letter.edition if letter.kind == "edition" else f"{letter.edition}-notice"
    files = {"message.html": letter.html.encode(), "message.txt": letter.text.encode()}
    if attached is not None:
        files[attached[0]] = attached[2]
    try:
        root.mkdir(parents=True, exist_ok=True)
        _write(root, name, files)
    except OSError as error:
        return Reply("not sent", f"the folder cannot be written: {error.strerror}")
    return Reply("sent", "")


def _write(root: Path, name: str, files: dict[str, bytes]) -> None:
    with TemporaryDirectory(prefix=".new-", dir=root) as scratch:
        new = Path(scratch) / name
        new.mkdir()
        for file, content in files.items():
            (new / file).write_bytes(content)
        put_in_place(new, root / name)
