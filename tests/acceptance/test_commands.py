"""The walk on the command line, and errors as one line with the right exit code."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from pathlib import Path

import pytest
import requests

from tests.acceptance.commands import EVE, SAMPLE, Shell
from tests.ports import free_port


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE})


def assert_one_line(err: str, *words: str) -> None:
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("wenhou: ")
    for word in words:
        assert word in lines[0]


def test_the_walk_from_import_to_the_queue_and_the_counts_add_up(shell: Shell) -> None:
    assert shell.run("init").code == 0
    imported = shell.run("customers", "import", str(SAMPLE), "--create-orgs", "--json").json
    assert imported["rows"] == imported["created"] + imported["refused"]
    again = shell.run("customers", "import", str(SAMPLE), "--create-orgs", "--json").json
    assert (again["created"], again["changed"]) == (0, 0)
    assert [row["outcome"] for row in shell.run("campaigns", "apply", "--bundled", "--json").json] == [
        "created"
    ] * len(shell.run("campaigns", "list", "--json").json)

    planned = shell.run("plan", "--on", "2027-02-05", "--json").json["occurrences"]
    for one in planned:
        other = sum(one.get("other", {}).get(status, 0) for status in ("cancelled", "rejected"))
        messages = one["proposed"] + one["scheduled"] + sum(one["skipped"].values()) + other
        assert one["audience"] == messages + one["tasks"]
    call = next(one for one in planned if (one["campaign"], one["step"]) == ("birthday_vip", "call"))
    assert call["tasks"] == 1  # one customer of the sample is a VIP born that day
    greeting = next(one for one in planned if one["campaign"] == "spring_festival")
    assert greeting["proposed"] > 50

    waiting = shell.run("queue", "list", "--json").json
    assert {"id", "customer", "campaign", "occurrence", "purpose", "channel", "status", "due_at"} <= set(
        waiting[0]
    )
    assert shell.run("queue", "reject", waiting[0]["id"], "--reason", "wording").code == 0
    assert shell.run("queue", "approve", waiting[1]["id"]).code == 0
    left = shell.run("queue", "approve", "--all", "--json").json
    assert left["approved"] == len([row for row in waiting[2:] if row["level"] == 1])
    rejected = shell.run("messages", "list", "--status", "rejected", "--json").json
    assert [row["id"] for row in rejected] == [waiting[0]["id"]]
    shown = shell.run("messages", "show", waiting[1]["id"], "--json").json
    assert [event["event"] for event in shown["events"]][-1] == "approve"
    assert shell.run("audit", "verify").code == 0


def test_explain_names_every_gate_with_its_sentence(shell: Shell) -> None:
    shell.run("init")
    shell.run("customers", "import", str(SAMPLE), "--create-orgs")
    shell.run("campaigns", "apply", "--bundled")
    why = shell.run(
        "explain", "C100001", "--campaign", "spring_festival", "--on", "2027-02-05", "--json"
    ).json
    assert why["customer"] == "C100001"
    assert why["verdict"] in {"pass", "hold", "skip"}
    assert all(gate["sentence"] and gate["verdict"] for gate in why["gates"])


def test_serve_hands_over_by_itself_and_stops_cleanly(shell: Shell) -> None:
    shell.run("init")
    shell.run("customers", "import", str(SAMPLE), "--create-orgs")
    shell.run("campaigns", "apply", "--bundled")
    shell.run("plan", "--on", "2027-02-05")
    waiting = shell.run("queue", "list", "--json").json
    for row in waiting[:3]:
        assert shell.run("queue", "approve", row["id"]).code == 0
    shell.settings |= {"WENHOU_PORT": str(free_port()), "WENHOU_NOW": "2027-02-05T08:01:00+08:00"}
    serving = shell.start("serve")
    try:
        url = f"http://127.0.0.1:{shell.settings['WENHOU_PORT']}"
        wait_until(lambda: requests.get(f"{url}/readyz", timeout=5).ok)
        wait_until(lambda: requests.get(f"{url}/phones/api/counts", timeout=5).json()["total"] >= 2)
        assert requests.get(f"{url}/", timeout=5).url.split("?")[0].endswith("/sign-in")
    finally:
        serving.send_signal(signal.SIGTERM)
        out, err = serving.communicate(timeout=40)
    assert serving.returncode == 0, out + err
    assert "Traceback" not in err
    states = {row["status"] for row in shell.run("messages", "list", "--json").json}
    assert "sending" not in states
    assert states & {"sent", "delivered", "read", "awaiting_tap"}


def test_lifting_a_stop_takes_a_second_person(shell: Shell) -> None:
    shell.run("init")
    shell.run("users", "add", "zhangmin", "--name", "张敏", "--role", "supervisor")
    order = shell.run("stop", "--all", "--reason", "drill", "--json").json
    assert shell.run("resume", order["id"], "--json").json == {"lifted": False}
    same = shell.run("resume", order["id"])
    assert same.code == 1
    assert_one_line(same.err)
    assert shell.run("resume", order["id"], "--as", "zhangmin", "--json").json == {"lifted": True}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("calendar", "99"), "1901"),
        (("plan", "--on", "31.12.2027"), "2027-03-01"),
        (("plan", "--from", "2027-02-05", "--to", "2027-02-01"), "lies before"),
        (("messages", "list", "--status", "gone"), "is no status"),
        (("messages", "show", "42"), "is no id"),
        (("campaigns", "apply", "nowhere.yaml"), "nowhere.yaml"),
        (("customers", "import", "nowhere.csv"), "nowhere.csv"),
        (("events", "import", "nowhere.csv"), "nowhere.csv"),
        (("queue", "list", "--as", "nobody"), "wenhou users list"),
        (("stop",), "--all"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(shell: Shell, words: tuple[str, ...], said: str) -> None:
    answer = shell.run(*words)
    assert answer.code == 2, answer.err
    assert_one_line(answer.err, said)
    assert answer.out == ""


MALFORMED = {
    "columns.csv": "客户号,姓名,鞋码\nC1,张三,42\n".encode(),
    "no-key.csv": "姓名,手机\n张三,19900000001\n".encode(),
    "empty.csv": b"",
    "utf-16.csv": "客户号,姓名\nC1,张三\n".encode("utf-16"),
    "two-encodings.csv": "客户号,姓名\nC1,张三\n".encode() + "C2,李四\n".encode("gb18030"),
    "open-quote.csv": '客户号,姓名\n"C1,张三\n'.encode(),
    "damaged.xlsx": b"PK\x03\x04 and no more",
    "text.xlsx": "客户号,姓名\nC1,张三\n".encode(),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_one_line_and_leaves_nothing_behind(
    shell: Shell, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(MALFORMED[name])
    answer = shell.run("customers", "import", str(tmp_path / name))
    assert answer.code == 2, answer.err
    assert_one_line(answer.err, name)
    assert [path.name for path in tmp_path.glob("*.rejected.csv")] == []
    with sqlite3.connect(shell.folder / "wenhou.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM customers").fetchone() == (0,)


CAMPAIGN = """\
key: greeting
purpose: care
trigger: {type: personal_date, kind: birthday}
template: birthday
channels: [sms]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CAMPAIGN.replace("[sms]", "[sms"), "YAML"),
        (CAMPAIGN + "flavour: sweet\n", "flavour"),
        (CAMPAIGN.replace("template: birthday", "template: nowhere"), "nowhere"),
        (CAMPAIGN.replace("template: birthday", "template: spring_festival"), "{{ year }}"),
        (CAMPAIGN.replace("purpose: care", "purpose: marketing"), "template birthday is care"),
    ],
)
def test_a_campaign_that_cannot_be_written_is_refused_and_none_of_its_file_applied(
    shell: Shell, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text(f"{CAMPAIGN}---\n{text.replace('greeting', 'second')}", encoding="utf-8")
    answer = shell.run("campaigns", "apply", str(file))
    assert answer.code == 2, answer.err
    first, *others = answer.err.strip().splitlines()
    assert_one_line(first, "campaign.yaml:", said)
    # One fault a line: words may lack the same thing in each language.
    assert [line for line in others if not line.startswith(f"{file}:") or said not in line] == []
    assert shell.run("campaigns", "list", "--json").json == []


@pytest.mark.parametrize(
    "words", [("campaigns", "apply"), ("articles", "apply"), ("customers", "import", "--map")]
)
def test_a_text_file_in_another_encoding_or_a_folder_says_so(
    shell: Shell, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "words.yaml"
    file.write_bytes("name: 春节问候\n".encode("gb18030"))
    rest = (str(SAMPLE),) if "--map" in words else ()
    encoded = shell.run(*words, str(file), *rest)
    folder = shell.run(*words, str(tmp_path), *rest)
    assert (encoded.code, folder.code) == (2, 2)
    assert_one_line(encoded.err, "words.yaml", "UTF-8")
    assert_one_line(folder.err, "folder")


def test_an_unknown_command_is_wrong_usage(shell: Shell) -> None:
    assert shell.run_apart("nonsense").code == 2


def test_a_database_newer_than_the_code_is_refused(shell: Shell) -> None:
    shell.run("init")
    with sqlite3.connect(shell.folder / "wenhou.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("plan", "--on", "2027-02-05"), ("init",)):
        answer = shell.run(*words)
        assert answer.code == 1
        assert_one_line(answer.err, "newer Wenhou", "install")


def test_a_database_without_tables_says_which_command_makes_them(shell: Shell) -> None:
    shell.folder.mkdir()
    (shell.folder / "wenhou.sqlite3").touch()
    answer = shell.run("queue", "list")
    assert answer.code == 1
    assert_one_line(answer.err, "wenhou init")


def test_another_secret_does_not_open_the_store(shell: Shell) -> None:
    shell.run("init")
    shell.settings["WENHOU_SECRET_KEY"] = "another secret of more than thirty-two characters"
    answer = shell.run("queue", "list")
    assert answer.code == 1
    assert_one_line(answer.err, "WENHOU_SECRET_KEY")


def test_a_folder_that_cannot_be_written_is_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    shell.settings["WENHOU_DATA_DIR"] = str(tmp_path / "file" / "bank")
    answer = shell.run("init")
    assert answer.code == 1
    assert_one_line(answer.err, "cannot be written", "WENHOU_DATABASE_URL")


def test_a_missing_secret_in_production_is_said_with_all_other_problems(shell: Shell) -> None:
    shell.settings["WENHOU_MODE"] = "production"
    answer = shell.run("check")
    assert answer.code == 1
    assert_one_line(answer.err, "WENHOU_SECRET_KEY", "WENHOU_NOW", "accounts")


def test_a_port_in_use_is_said_before_anything_is_sent(shell: Shell) -> None:
    shell.run("init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = shell.run_apart("serve", "--port", str(taken.getsockname()[1]))
    assert answer.code == 1
    assert_one_line(answer.err, "the port", "--port", "WENHOU_PORT")


def test_production_asks_for_the_persons_own_token(tmp_path: Path) -> None:
    shell = Shell(
        folder=tmp_path / "bank",
        settings={
            "WENHOU_MODE": "production",
            "WENHOU_SECRET_KEY": "a made-up secret of more than thirty-two characters",
            "WENHOU_PUBLIC_URL": "https://bank.example",
            "WENHOU_ALLOW_SIMULATOR": "true",
            "WENHOU_ACCOUNTS": '[{"channel": "sms", "provider": "simulator", "account": "sms",'
            ' "base_url": "http://127.0.0.1:9", "secret": "12345678"}]',
        },
    )
    assert shell.run("init").code == 0
    assert_one_line(shell.run("queue", "list").err, "WENHOU_TOKEN")
    assert_one_line(shell.run("queue", "list", "--as", "admin").err, "refused in production")
    shell.run("users", "add", "liwei", "--name", "李薇", "--role", "advisor")
    shell.settings["WENHOU_TOKEN"] = shell.run("users", "token", "liwei").out.strip()
    assert shell.run("queue", "list", "--json").json == []
    shell.settings["WENHOU_TOKEN"] = "wh_made_up"
    assert shell.run("queue", "list").code == 1


def wait_until(is_so: object, seconds: float = 40) -> None:
    """Ask again and again; a refused connection is a no."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if is_so():  # type: ignore[operator]
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    pytest.fail("it did not happen in time")
