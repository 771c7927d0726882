"""Scripts in a process of their own: every solution, every wrong sample, and every limit."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

import pytest

from exercises.conditions import fill
from exercises.exercise import TRACKS, Exercise, Remark, of_track
from exercises.marking import mark_best
from exercises.running import OUTPUT_OCTETS, run

pytestmark = [pytest.mark.wire, pytest.mark.slow]

WITH_SCRIPT = [each for track in TRACKS for each in of_track(track) if each.starter]
REMARKS = [(exercise, remark) for exercise in WITH_SCRIPT for remark in exercise.remarks]
CONNECT = "import socket, sys\nc = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"


@pytest.mark.parametrize("exercise", WITH_SCRIPT, ids=lambda exercise: exercise.key)
def test_every_solution_passes_its_checks(exercise: Exercise) -> None:
    done = run(exercise.show, exercise.target, "c0de")
    facts, marking = mark_best(exercise, done.attempts)
    assert marking.passed, (facts, done.output)
    assert set(exercise.facts) <= set(facts)


@pytest.mark.parametrize(
    ("exercise", "remark"), REMARKS, ids=lambda value: getattr(value, "key", "")
)
def test_every_wrong_sample_gets_its_remark_and_does_not_pass(
    exercise: Exercise, remark: Remark
) -> None:
    done = run(remark.sample or exercise.starter, exercise.target, "c0de", 2)
    facts, marking = mark_best(exercise, done.attempts)
    assert not marking.passed
    assert marking.remark == fill(remark.say, facts), (facts, done.output)
    assert "?" not in marking.remark


def test_what_the_table_of_wrong_answers_asks_for_is_said_word_for_word() -> None:
    said = {}
    for exercise, remark in REMARKS:
        if "socket" in remark.sample:
            done = run(remark.sample, exercise.target, "c0de")
            said[exercise.number] = mark_best(exercise, done.attempts)
    got = said[1][0]["script.received"]
    assert said[1][1].remark == f"A ceiling, not an order: you got {got:,}."
    assert said[2][1].remark == "You wrote once. Keep three."
    assert said[3][1].remark == "You gave up after 0.5 s, still connected."


def test_a_loop_may_also_end_because_the_request_asked_the_server_to_close() -> None:
    exercise = WITH_SCRIPT[2]
    script = exercise.starter.replace('b"\\r\\n"\n', 'b"Connection: close\\r\\n\\r\\n"\n')
    assert script != exercise.starter
    assert mark_best(exercise, run(script, exercise.target, "c0de").attempts)[1].passed


def test_who_waits_for_silence_without_a_timeout_on_the_socket_has_given_up_too() -> None:
    exercise = WITH_SCRIPT[2]
    script = exercise.starter.replace(
        "while piece := client.recv(4096):\n        data += piece",
        "import select\n"
        "    while select.select([client], [], [], 0.7)[0]:\n"
        "        data += client.recv(4096)",
    )
    assert script != exercise.starter
    facts, marking = mark_best(exercise, run(script, exercise.target, "c0de").attempts)
    assert facts["script.timed_out"]
    assert marking.remark.startswith("You gave up after 0.7")


def test_a_script_that_never_connects_is_told_so_by_its_facts() -> None:
    done = run("print('hello')", "big", "c0de")
    assert done.output == "hello\n"
    assert done.connections == ()
    assert [facts["script.received"] for facts in done.attempts] == [0]
    assert not mark_best(WITH_SCRIPT[0], done.attempts)[1].passed


def test_an_error_is_shown_as_python_shows_it_without_lines_of_ours() -> None:
    done = run(f"{CONNECT}c.settimeout(0.05)\nc.recv(1)\n", "echo", "c0de")
    assert done.status == 1
    assert 'File "script.py", line 4, in <module>' in done.output
    assert "TimeoutError: timed out" in done.output
    assert "watcher" not in done.output
    assert "SyntaxError" in run("a b", "echo", "c0de").output


def test_a_script_is_ended_when_its_time_is_over_and_what_it_printed_is_kept() -> None:
    done = run("print('first')\nwhile True: pass", "big", "c0de", 0.5)
    assert done.status is None
    assert done.output == "first\n"
    assert done.attempts[0]["script.end"] == "was stopped after 0.5 s"


def test_what_a_script_prints_is_cut() -> None:
    assert len(run("print('x' * 10**6)", "big", "c0de").output) == OUTPUT_OCTETS


def test_a_script_has_no_more_memory_and_disk_than_it_needs() -> None:
    assert "MemoryError" in run("x = bytes(1 << 30)", "big", "c0de").output
    big_file = "open('f', 'wb').write(bytes(17 << 20))"
    assert "File too large" in run(big_file, "big", "c0de").output


@pytest.mark.skipif(os.getuid() == 0, reason="the limit on processes does not hold for root")
def test_a_script_starts_no_process_that_could_outlive_it() -> None:
    assert "BlockingIOError" in run("import os\nos.fork()", "big", "c0de").output


def test_a_child_of_a_script_ends_with_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"""
import os, time
try:
    child = os.fork()
except BlockingIOError:
    raise SystemExit
if not child:
    open({str(pid_file)!r}, "w").write(str(os.getpid()))
    time.sleep(60)
while not os.path.exists({str(pid_file)!r}) or not open({str(pid_file)!r}).read():
    pass
"""
    run(script, "big", "c0de")
    if pid_file.exists():  # root may start processes
        with contextlib.suppress(ProcessLookupError):
            child = os.pidfd_open(int(pid_file.read_text()))
            ended, _, _ = select.select([child], [], [], 10)
            os.close(child)
            assert ended


def test_a_script_inherits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "s3cret")
    script = """
import os, sys
print(sorted(os.environ.items()))
print(sorted(os.listdir()), sys.stdin.read(), sys.flags.isolated)
for fd in sorted(map(int, os.listdir("/proc/self/fd"))):
    try:
        print(fd, os.readlink(f"/proc/self/fd/{fd}"))
    except OSError:
        pass
"""
    with Path(__file__).open() as ours:
        os.set_inheritable(ours.fileno(), True)
        output = run(script, "big", "c0de").output
    assert "s3cret" not in output
    assert str(Path(__file__)) not in output
    assert "socket:" not in output
    assert "['output', 'report', 'script.py']  1" in output


def test_its_folder_is_removed() -> None:
    folder = run("import os\nprint(os.getcwd())", "big", "c0de").output.strip()
    assert "wiretale-exercise-" in folder
    assert not Path(folder).exists()


def test_a_report_that_the_script_wrote_over_is_read_up_to_the_first_bad_line() -> None:
    script = f"{CONNECT}import os\nc.send(b'x')\nopen('report', 'ab').write(b'{{}}\\n[[[[\\n')\n"
    done = run(script, "echo", "c0de")
    assert [call.name for call in done.connections[0]] == ["connect", "send"]


def test_nothing_is_left_behind(nothing_left: None) -> None:
    run(f"{CONNECT}c.sendall(b'x')", "echo", "c0de")
