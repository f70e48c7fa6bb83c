"""delivery.yaml is read strictly, with file and line; secrets stand in the environment and are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from delivery_edition import write_channels

from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.reports.delivery.channel import GETS, Channel, channels
from funnel.reports.delivery.post import masked

SECRET = "https://hooks.slack.com/services/T000/B000/verysecrettoken"  # noqa: S105 -- nobody's
WHOLE = """\
  board:
    kind: mail
    url: ${FUNNEL_MAIL_URL}
    from: Funnel <funnel@example.com>
    to: [marketing@example.com, '${FUNNEL_MORE}']
    subject: '[Funnel]'
    attach: none
    link: https://funnel.example.com/
    gets: edition
  chat:
    kind: slack
    url: ${FUNNEL_SLACK_URL}
  relay:
    kind: mail
    url: mailto://localhost:25
    to: ops@example.com
    gets: [notice]
  shelf:
    kind: folder
    path: outbox
    attach: zip
"""
ENVIRON = {
    "FUNNEL_MAIL_URL": "mailtos://u:p@mail.example.com",
    "FUNNEL_SLACK_URL": SECRET,
    "FUNNEL_MORE": "sales@example.com, ceo@example.com",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "contracts").mkdir()
    return Project(tmp_path)


def read(project, text, *asked, environ=ENVIRON):
    write_channels(project, text)
    return channels(project, asked, environ)


def test_every_key_of_every_kind_is_read(project):
    assert read(project, WHOLE) == (
        Channel(
            name="board",
            kind="mail",
            to=("marketing@example.com", "sales@example.com", "ceo@example.com"),
            secret=ENVIRON["FUNNEL_MAIL_URL"],
            sender="Funnel <funnel@example.com>",
            subject="[Funnel]",
            attach="none",
            link="https://funnel.example.com",
            gets=("edition",),
        ),
        Channel(name="chat", kind="slack", to=("chat",), secret=SECRET, attach="none"),
        Channel(
            name="relay",
            kind="mail",
            to=("ops@example.com",),
            secret="mailto://localhost:25",  # noqa: S106 -- holds none
            attach="html",
            gets=("notice",),
        ),
        Channel(name="shelf", kind="folder", to=("shelf",), attach="zip", path="outbox", gets=GETS),
    )


def test_only_the_channels_that_are_asked_for_come_in_the_order_of_the_file(project):
    assert [each.name for each in read(project, WHOLE, "shelf", "board")] == ["board", "shelf"]


def test_a_variable_that_is_not_set_is_named_and_is_a_fault_of_its_channel_alone(project):
    found = read(project, WHOLE, environ={"FUNNEL_SLACK_URL": SECRET, "FUNNEL_MORE": " "})
    assert {each.name: each.fault for each in found} == {
        "board": "the environment variable FUNNEL_MORE and FUNNEL_MAIL_URL is not set where this command runs",
        "chat": "",
        "relay": "",
        "shelf": "",
    }


def test_a_channel_does_not_show_its_secret(project):
    assert SECRET not in repr(read(project, WHOLE))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"  chat:\n    kind: slack\n    url: {SECRET}\n",
            "delivery.yaml:4, channels.chat.url: an address that lets",
        ),
        (
            "  m:\n    kind: mail\n    url: mailto://u:p@h\n    to: a@b.co\n",
            "delivery.yaml:4, channels.m.url: an add",
        ),
        (
            "  m:\n    kind: mail\n    url: 'x${A}'\n    to: a@b.co\n",
            "delivery.yaml:4, channels.m.url: an address",
        ),
        (
            "  m:\n    kind: mial\n",
            "'mial' is not a kind of channel. Did you mean 'mail'? Known: mail, slack, teams",
        ),
        ("  m:\n    url: ${A}\n", "channels.m.kind: this key is missing. Write for example `kind: mail`."),
        (
            "  m:\n    kind: mail\n    url: ${A}\n",
            "channels.m.to: this key is missing. Write for example `to: [mark",
        ),
        (
            "  m:\n    kind: folder\n",
            "channels.m.path: this key is missing. Write for example `path: outbox`.",
        ),
        (
            "  m:\n    kind: slack\n    url: ${A}\n    to: x\n",
            "'to' is not a key of a channel of kind slack.",
        ),
        (
            "  m:\n    kind: mail\n    subjet: x\n",
            "'subjet' is not a key of a channel. Did you mean 'subject'?",
        ),
        ("  m:\n    kind: folder\n    path: x\n    attach: word\n", "'word' is not what is attached. "),
        (
            "  m:\n    kind: folder\n    path: x\n    gets: [editions]\n",
            "Did you mean 'edition'? Known: edition, not",
        ),
        (
            "  m:\n    kind: folder\n    path: x\n    link: funnel\n",
            "expected where editions can be read, https://",
        ),
        (
            "  m:\n    kind: mail\n    url: ${A}\n    to: Jo <a@b.co>\n",
            "expected addresses such as sales@example.com",
        ),
        ("  m m:\n    kind: folder\n    path: x\n", "a channel's name is made of letters, digits, - and _."),
        ("  m:\n    kind: folder\n    path: x\n  m:\n    kind: slack\n", "the key 'm' stands here twice"),
        ("", "expected channels by name, found nothing."),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line_and_what_would_do(project, text, message):
    with pytest.raises(InputError) as raised:
        read(project, text)
    assert message in str(raised.value)


def test_an_address_that_was_written_into_the_file_is_not_repeated_in_the_error(project):
    with pytest.raises(InputError) as raised:
        read(project, f"  chat:\n    kind: slack\n    url: {SECRET}\n")
    assert "verysecret" not in str(raised.value)


def test_an_unknown_channel_names_the_nearest_and_no_file_says_what_would_do(project):
    with pytest.raises(UsageError, match=r"no delivery\.yaml"):
        channels(project, (), {})
    with pytest.raises(
        UsageError, match=r"--to 'bord' is no channel of delivery\.yaml\. Did you mean 'board'\?"
    ):
        read(project, WHOLE, "bord")


@pytest.mark.parametrize(
    ("secret", "said", "shown"),
    [
        (
            "mailtos://u:p%40ss@h",
            "login p@ss or p%40ss at mailtos://u:p%40ss@h",
            "login **** or **** at ****",
        ),
        (SECRET, "/services/T000/B000/verysecrettoken and verysecrettoken", "**** and ****"),
        (
            "https://h/workflows/abcdef/x?sig=SiGn-1&sv=1.0",
            "sig=SiGn-1 at abcdef, sv=1.0",
            "sig=**** at ****, sv=1.0",
        ),
        ("mailto://localhost:25", "nothing of localhost is secret", "nothing of localhost is secret"),
        ("", "nothing", "nothing"),
    ],
)
def test_a_secret_and_its_parts_are_masked_however_they_are_written(secret, said, shown):
    assert masked(said, secret) == shown
