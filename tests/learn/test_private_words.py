"""Names of people and machines go out wherever they stand; words, versions and public hosts stay."""

from __future__ import annotations

import pytest

from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.learn.private_words import private_words, without_machines, without_prose, without_words
from holdfast.repo.records import Author, Learning

ROOT = "/home/adalovelace/shop"


@pytest.mark.parametrize(("text", "names"), [
    ("ssh -i key.pem deploy@bastion-7 uptime", {"bastion-7", "bastion-<n>"}),
    ("ssh -p 2222 adalovelace@box.acme.com", {"adalovelace", "box.acme.com"}),
    ("ssh bastion uptime", {"bastion"}),
    ("scp a.txt vault-3:/srv/a.txt", {"vault-3", "vault-<n>"}),
    ("rsync -az dist/ gracehopper@web9:/srv", {"gracehopper", "web9", "web<n>"}),
    ("gracehopper@thinkpad:~/shop$ make", {"gracehopper", "thinkpad"}),
    ("open /Users/gracehopper/x", {"gracehopper"}),
    (r"type C:\Users\gracehopper\x", {"gracehopper"}),
    ("the ssh keys are missing; use ssh instead", set()),
    ("ssh -T git@github.com", set()),
    ("git clone git@github.com:acme/shop.git", set()),
    ("npm install react@latest shop@workspace:packages/shop", set()),
    ("curl http://localhost:3000/users", set()),
    ("rsync: --what: unknown option", set()),
    ("ls /home/runner/work /home/dev/app /home/ada/x", set()),
])  # fmt: skip
def test_names_are_told_by_homes_and_by_the_targets_of_commands(text: str, names: set[str]) -> None:
    assert set(private_words([text])) == names


def test_a_user_called_like_the_project_is_no_name() -> None:
    assert private_words([], "/home/holdfast/holdfast") == {}
    assert neutral_text("holdfast: error", "/home/holdfast/holdfast") == "holdfast: error"


def test_a_name_goes_wherever_it_stands_as_a_word() -> None:
    words = private_words([], ROOT)
    assert without_words("role adalovelace denied; AdaLovelace", words) == (
        "role [redacted:user] denied; [redacted:user]"
    )
    assert without_words("go get github.com/adalovelace/shop", words) == "go get github.com/adalovelace/shop"
    assert without_words("-uadalovelace my_adalovelaceRepo", words) == (
        "-u[redacted:user] my_[redacted:user]Repo"
    )
    short = private_words([], "/home/hopper/shop")
    assert without_words("hoppers grasshopper", short) == "hoppers grasshopper"
    assert without_words("sudo -uhopper; Hopper_x", short) == "sudo -u[redacted:user]; [redacted:user]_x"


@pytest.mark.parametrize(("text", "said"), [
    ("https://build7.difference.internal/v1", "https://[redacted:host]/v1"),
    ("curl http://nas.local:8080", "curl http://[redacted:host]:8080"),
    ("psql -h db1.prod.acme.corp", "psql -h [redacted:host]"),
    ("connect to 10.31.7.99 port 22", "connect to [redacted:host] port 22"),
    ("Adas-MacBook-Pro.local", "[redacted:host]"),
    (".env.local and settings.local.json", ".env.local and settings.local.json"),
    ("http://host.docker.internal:80", "http://host.docker.internal:80"),
    ("Version=10.0.0.1 of pkg@10.0.0.1", "Version=10.0.0.1 of pkg@10.0.0.1"),
    ("window.app.internal(x)", "window.app.internal(x)"),
    ("127.0.0.1:80 and 1.2.3", "127.0.0.1:80 and 1.2.3"),
    ("example.com/x", "example.com/x"),
])  # fmt: skip
def test_names_and_addresses_of_private_networks_go(text: str, said: str) -> None:
    assert without_machines(text) == said
    assert without_machines(said) == said


@pytest.mark.parametrize(("text", "said"), [
    ('git commit -am "a b c" -q', 'git commit -am "…" -q'),
    ("gh pr create -t 'a b' --body \"it's c\" --web", 'gh pr create -t "…" --body "…" --web'),
    ('claude -p "do this" --model x', 'claude -p "…" --model x'),
    ('pytest -m "not slow"', 'pytest -m "not slow"'),
    ('git log --format="%h %s"', 'git log --format="%h %s"'),
    ('git commit -m one', "git commit -m one"),
    ("gh api graphql -f query='{ a b }'", "gh api graphql -f query='{ a b }'"),
])  # fmt: skip
def test_messages_and_prompts_go_out_of_commands(text: str, said: str) -> None:
    assert without_prose(text) == said


def test_what_a_person_wrote_down_keeps_the_names_in_it() -> None:
    text = "Deploy by `ssh deploy@bastion-7`, because the others are closed."
    by_person = Learning(
        id="a" * 16, kind="gotcha", created="2026-03-01", text=text, by=Author(kind="person")
    )
    assert neutral_record(by_person, ROOT).text == text
    by_agent = Learning(id="b" * 16, kind="gotcha", created="2026-03-01", text=text)
    assert "bastion" not in neutral_record(by_agent, ROOT).text


def test_a_name_of_this_machine_goes_out_of_what_is_written_and_stays_in_what_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "cobol")
    learning = Learning(id="b" * 16, kind="gotcha", created="2026-03-01", text="Use gcc; cobol has none.")
    assert neutral_record(learning, ROOT, is_new=True).text == "Use gcc; [redacted:host] has none."
    assert neutral_record(learning) == learning


def test_an_account_whose_name_is_a_word_takes_no_sentence_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Set max_size, or jenkins will fail by pytest.mark; jupyter does so too."
    learning = Learning(id="b" * 16, kind="gotcha", created="2026-03-01", text=text)
    for name in ("max", "will", "mark", "jenkins"):
        monkeypatch.setenv("USER", name)
        monkeypatch.setenv("HOME", f"/home/{name}")
        monkeypatch.setattr("socket.gethostname", lambda: "jupyter")
        assert neutral_record(learning, ROOT, is_new=True).text == text


def test_a_text_built_to_be_slow_is_read_at_once() -> None:
    for text in ("git commit " * 5000, "ssh -q " * 5000, "a." * 20_000, "aa.bb@" * 9000, 'gh pr "' * 9000):
        assert (
            neutral_record(Learning(id="b" * 16, kind="gotcha", created="2026-03-01", text=text)).kind
            == "gotcha"
        )


def test_a_machine_is_taken_out_of_a_family_too_where_its_number_is_masked() -> None:
    words = private_words(["ssh hopper@prod-payroll-7 'systemctl restart x'"])
    family = "ssh: hopper@prod-payroll-<n>: Permission denied (publickey)."
    told = "ssh: [redacted:user]@[redacted:host]: Permission denied (publickey)."
    assert without_words(family, words) == told
