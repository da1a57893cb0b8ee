"""Patterns of words and globs say what they seem to say, of what a shell would run, in bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook.globs import LONGEST, fits_path
from holdfast.hook.matching import LIMIT, MOST_RUNS, fits_run, relative, runs

ROOT = "/home/ada/shop"


def stops(pattern: str, command: str, cwd: str = ROOT) -> bool:
    return any(fits_run(pattern, run) and not run.elsewhere for run in runs(command, cwd, ROOT))


@pytest.mark.parametrize(
    "command",
    [
        "npm install left-pad",
        "npm  install",
        "cd web && npm install",
        'cd "$(git rev-parse --show-toplevel)" && npm install',
        "cd $(git rev-parse --show-toplevel 2>/dev/null); npm install",
        "cd $PWD && npm install",
        "sudo npm install -g yarn",
        "CI=1 npm install",
        "/usr/bin/npm install",
        "npm --prefix web install",
        "bash -lc 'npm install'",
        "echo $(npm install 2>&1)",
        "test -d node_modules || npm install",
        "(npm install)",
        "npm install 2>&1 | tail -5",
        "timeout 60 npm install",
        "for d in a b; do npm install; done",
        "ls\nnpm install\n",
        "npm install>log",
        "npm install>/dev/null 2>&1",
        "npm install&>>log",
        "npm install</dev/null | tail",
        "echo $(npm install>log)",
        "`npm install>log`",
        "log=`npm install`",
        'echo "told: `npm install 2>&1`"',
        "coproc npm install",
        "case a in a) npm install;; esac",
        "case $x in\n  a|b)\n    npm install\n    ;;\nesac",
        "case a in (a) npm install ;; esac",
        "f() { npm install; }; f",
        "f () {\n  npm install\n}\nf",
        "function f { npm install; }; f",
        "f() ( npm install ); f",
        "coproc N { npm install; }",
        "{ npm install; }",
        "npm install >| log",
        "time -f %e npm install",
        "nohup npm install &",
        "env -u A X=1 npm install",
        "sudo -u me npm install",
        "setsid -f npm install",
        "ls | xargs -n 1 npm install",
        "find . -execdir npm install {} +",
        "find . -exec sh -c 'npm install' \\;",
        "flock /tmp/l npm install",
        "su -c 'npm install'",
        "eval 'npm install'",
        "trap 'npm install' EXIT",
        "diff <(npm install) x",
        "echo npm install | sh",
        "printf 'npm install\\n' | bash -e",
        "bash <<< 'npm install'",
    ],
)
def test_a_command_is_found_however_it_stands_in_a_line(command: str) -> None:
    assert stops("npm install", command)


@pytest.mark.parametrize(
    "command",
    [
        "npm ci",
        "pnpm install",
        "npm run install-hooks",
        "echo npm install",
        "grep -rn 'npm install' docs",
        "git commit -m 'npm install'",
        "cat <<'EOF' > NOTES.md\nnpm install\nEOF",
        "# npm install",
        "yarn add npm install",
        "npm ls>install",
        "git commit -m 'say `npm install`'",
        'git commit -m "say \\`npm install\\`"',
        "# don't run `npm install`",
        "gh pr create --body \"$(cat <<'EOF'\nrun `npm install`\nEOF\n)\"",
        "cd /tmp && log=`npm install`",
        "case npm in\n npm install) ls;;\nesac",
        "command -v npm install",
        "find . -name npm -exec grep install {} \\;",
        "echo npm install > run.sh",
        "printf 'npm install' | tee a.sh",
        "echo npm install | grep x",
        "ls | grep -v 'npm install' | sh",
        "echo 'f() { npm install; }'",
        "alias ni='npm install'",
    ],
)
def test_what_only_names_a_command_is_not_it(command: str) -> None:
    assert not stops("npm install", command)


@pytest.mark.parametrize("end", ["E", "'E'", '"E"'])
@pytest.mark.parametrize(
    ("line", "runs_it"),
    [
        ("bash <<{}", True),
        ("sudo sh -s x <<{}", True),
        ("zsh - << {} && ls", True),
        ("cat <<{} | bash", True),
        ("tee run.sh <<-{} | sh -e", True),
        ("cd web; if true; then bash <<{}", True),
        ("cat <<{} > notes.md", False),
        ("cat > notes.md <<{}", False),
        ("tee notes.md <<{}", False),
        ("cat <<{} | tee run.sh", False),
        ("cat <<{} | grep npm", False),
        ("python - <<{}", False),
        ("git commit -F - <<{}", False),
        ("bash script.sh <<{}", False),
        ("bash -c cat <<{}", False),
        ("cd /srv/other && bash <<{}", False),
        ("cat <<{} > a; ls | sh", False),
    ],
)
def test_a_here_document_is_run_by_a_shell_that_reads_it_alone(line: str, end: str, runs_it: bool) -> None:
    assert stops("npm install", f"{line.format(end)}\nls\nnpm install\nE\n") is runs_it


def test_what_stands_behind_a_long_here_document_is_seen() -> None:
    assert stops("npm install", "cat <<E > notes.md\n" + "text\n" * 40_000 + "E\nnpm install")


PIECES = st.sampled_from(
    ["<<E", "\nE\n", "| sh", "bash", "eval ", "<(", "find -exec ", ";", "case a in ", ")", "(", "{ ", "f() ",
     "'", '"', "`", "$(", " ", "\n", "<<<", "\1", "npm install", "-c ", "\\", "trap ", "&&"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_put_together_is_read_to_its_end(command: str) -> None:
    assert len(runs(command, ROOT, ROOT)) <= MOST_RUNS


@pytest.mark.parametrize(
    "piece", ["<<E\n", "bash <<E\nE\n", "eval ", "<(", "find -exec ", "case a in ", "\1", "<<<a "]
)
def test_a_line_of_a_mebibyte_gives_no_more_runs_than_are_looked_at(piece: str) -> None:
    assert len(runs(piece * (LIMIT // len(piece)), ROOT, ROOT)) <= MOST_RUNS


def test_a_filter_behind_a_pipe_is_no_search_and_a_quotation_no_command() -> None:
    assert stops("grep", "grep -rn x src")
    assert not stops("grep", "pytest -q 2>&1 | grep FAILED")
    assert not stops("cat", "git commit -m \"$(cat <<'EOF'\nwhy\nEOF\n)\"")
    assert stops("cat", "ls | xargs cat")


@pytest.mark.parametrize(
    "command", ["cd /tmp && npm install", "cd ../other && npm install", "cd ~ && npm install"]
)
def test_what_runs_in_another_place_is_not_meant(command: str) -> None:
    assert not stops("npm install", command)
    assert not stops("git push --force", "git -C /srv/other push --force")
    assert stops("git push --force", f"git -C {ROOT}/sub push --force")
    assert stops("npm install", "cd .. && npm install", f"{ROOT}/web")


@pytest.mark.parametrize(
    ("pattern", "command", "fits"),
    [
        ("git commit --no-verify", "git commit -m 'x' --no-verify", True),
        ("git commit --no-verify", "git -c a.b=c commit --no-verify", True),
        ("git commit --no-verify", "git commit -m 'never --no-verify'", False),
        ("git commit --no-verify", "git commit -m --no-verify", False),
        ("git commit -n", "git commit -anm x", True),
        ("git commit -n", "git commit -m '-n'", False),
        ("git commit -n", "git commit -- -n", False),
        ("git checkout --", "git checkout -- src/a.py", True),
        ("git checkout --", "git checkout -b topic", False),
        ("git push --force", "git push --force-with-lease", False),
        ("git push --force", "git push origin --force=true", True),
        ("rm -rf", "rm -fr build", True),
        ("rm -rf", "rm -r -f build", True),
        ("rm -rf", "rm -r build", False),
        ("go test -v", "go test -vet=off ./...", False),
        ("docker compose down -v", "docker compose -f ci.yml down -v", True),
        ("git --no-verify", "git push --no-verify", True),
        ("git --no-verify", "gitx push --no-verify", False),
    ],
)
def test_options_may_stand_anywhere_and_text_is_no_option(pattern: str, command: str, fits: bool) -> None:
    assert stops(pattern, command) is fits


@pytest.mark.parametrize(
    ("pattern", "command", "fits"),
    [
        ("prisma migrate", "npx -y prisma@5 migrate dev", True),
        ("npx prisma migrate", "npx prisma@5.1 migrate dev", True),
        ("pytest", "uv run pytest -q", False),
        ("uv run pytest", "uv run pytest -q", True),
        ("pytest", "uv run bash -c 'pytest -q'", False),
        ("pytest", "docker exec web sh -c pytest", False),
        ("pytest", "docker exec -i web sh <<E\npytest\nE", False),
        ("pytest", "echo pytest | docker exec -i web sh", False),
        ("pytest", "docker exec web true && sh -c pytest", True),
        ("rm -rf", "find . | xargs -n1 rm -rf", True),
        ("./deploy.sh", "deploy.sh", True),
        ("./deploy.sh", "./deploy.sh prod", True),
        ("scripts/*.sh", "scripts/deploy.sh", True),
        ("npm run test:*", "npm run test:unit", True),
        ("npm run test:*", "npm run build", False),
        ("npm install *", "npm install", False),
        ("npm install *", "npm install x", True),
        ("SKIP=* git commit", "SKIP=eslint git commit -m x", True),
        ("SKIP=* git commit", "git commit -m x", False),
        ("HUSKY=0", "HUSKY=0 git push", True),
    ],
)
def test_words_may_be_globs_runners_and_settings(pattern: str, command: str, fits: bool) -> None:
    assert stops(pattern, command) is fits


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ("cat > db/schema.rb <<'EOF'\nx\nEOF", ["db/schema.rb"]),
        ("echo x >> db/schema.rb", ["db/schema.rb"]),
        ("echo x>db/schema.rb", ["db/schema.rb"]),
        ("printf x | tee -a db/schema.rb", ["db/schema.rb"]),
        ("cd db && echo x > schema.rb", ["db/schema.rb"]),
        ("ruby -Ilib db/schema.rb", []),
        ("perl -MList::Util -e 'print' db/schema.rb", []),
        ("perl -pi -e s/a/b/ db/schema.rb", ["s/a/b", "db/schema.rb"]),
        (f"sed -i.bak s/a/b/ {ROOT}/db/schema.rb", ["s/a/b", "db/schema.rb"]),
        ("rails db:migrate > db/schema.rb", []),
        ("sed s/a/b/ db/schema.rb", []),
        ("echo x 2>&1", []),
        ("echo x > /tmp/out", []),
    ],
)
def test_files_that_a_shell_line_writes_by_hand_are_known(command: str, written: list[str]) -> None:
    assert [path for run in runs(command, ROOT, ROOT) for path in run.writes] == written


def test_a_path_is_relative_to_the_top_or_outside() -> None:
    assert relative(f"{ROOT}/a/../b.py", ROOT) == "b.py"
    assert relative("/etc/passwd", ROOT) == ""
    assert relative("../x", ROOT) == ""
    assert relative(f"{ROOT}er/x", ROOT) == ""


@given(st.text(max_size=60), st.text(max_size=200), st.text(max_size=40))
def test_nothing_that_an_agent_can_write_breaks_the_matching(pattern: str, command: str, path: str) -> None:
    for run in runs(command, ROOT, ROOT):
        fits_run(pattern, run)
    fits_path(pattern, path)


def test_a_pattern_that_no_person_wrote_by_hand_fits_nothing() -> None:
    assert not stops("npm " + "*" * LONGEST, "npm install")
