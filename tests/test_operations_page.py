"""Sentences about processes in docs/operations.md: each one has a test."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent

SIGNALS = "app/server/test_signals.py"
PREFORK = "app/server/test_prefork.py"
SERVER = "app/server/test_uvicorn_server.py"
DEADLINE = "app/server/test_stop_deadline.py"
LIFECYCLE = "app/robustness/test_lifecycle.py"
SOCKET = "app/robustness/test_socket.py"
MEMORY = "app/robustness/test_memory.py"
PRIORITY = "app/robustness/test_priority.py"
PIPELINE = "app/inference/test_pipeline.py"
DECODER = "app/inference/decoder/test_process.py"
QUEUE = "app/inference/decoder/test_fair_queue.py"

# The first words of each sentence, and tests that fail if it is not true.
TESTS = {
    "With `DIGITS_WORKERS=N`, a parent": [f"{PREFORK}::test_sigterm_stops_all_workers_gracefully"],
    "They share its port, its memory": [
        f"{PREFORK}::test_a_killed_worker_is_replaced_while_the_others_serve"
    ],
    "The parent replaces a worker that dies": [
        f"{PREFORK}::test_a_killed_worker_is_replaced_while_the_others_serve",
        f"{PREFORK}::test_a_worker_is_started_once_a_second",
    ],
    "The log says `worker died": [
        f"{PREFORK}::test_a_killed_worker_is_replaced_while_the_others_serve"
    ],
    "-9 is SIGKILL": [f"{PREFORK}::test_a_killed_worker_is_replaced_while_the_others_serve"],
    "SIGTERM to the parent ends": [f"{PREFORK}::test_sigterm_stops_all_workers_gracefully"],
    "Each answers 503 at `/readyz`": [f"{PREFORK}::test_sigterm_stops_all_workers_gracefully"],
    "A second SIGTERM, or Ctrl-C": [
        f"{PREFORK}::test_a_second_signal_ends_the_drain_of_all_workers",
        f"{SERVER}::test_a_second_signal_ends_the_drain",
        f"{SIGNALS}::test_ctrl_c_in_a_terminal_stops_all_workers_at_once",
    ],
    "The exit code is 0": [f"{PREFORK}::test_sigterm_stops_all_workers_gracefully"],
    "SIGHUP to the parent": [f"{SIGNALS}::test_sighup_reloads_the_models"],
    "If the terminal was closed": [f"{SIGNALS}::test_a_closed_terminal_stops_as_sigterm_does"],
    "With `nohup` it is ignored": [f"{SIGNALS}::test_sighup_is_ignored_with_nohup"],
    "A signal to the whole process group": [
        f"{SIGNALS}::test_a_signal_to_the_whole_group_skips_no_drain",
        f"{SIGNALS}::test_sighup_to_the_whole_group_reloads_once",
    ],
    "After the drain, every connection": [
        f"{LIFECYCLE}::test_sigterm_resets_no_connection",
        f"{LIFECYCLE}::test_a_connection_made_before_the_end_may_still_send",
    ],
    "On Linux no connection is reset": [f"{LIFECYCLE}::test_sigterm_resets_no_connection"],
    "A request that is incomplete at the end": [
        f"{SERVER}::test_an_upload_cut_off_at_the_end_of_the_grace_period_gets_503"
    ],
    "The process ends at most one second": [
        f"{DEADLINE}::test_the_server_ends_without_its_busy_threads",
        f"{DEADLINE}::test_a_stuck_event_loop_ends_with_a_line",
        f"{DEADLINE}::test_traces_have_five_seconds_more",
    ],
    "The parent kills a worker": [
        f"{SIGNALS}::test_a_stopped_worker_is_killed_after_the_grace_period"
    ],
    "If the parent is killed": [
        f"{SIGNALS}::test_workers_end_as_after_sigterm_if_their_parent_is_killed"
    ],
    "A single process does not depend": [
        f"{SIGNALS}::test_a_single_process_outlives_the_script_that_started_it"
    ],
    "A worker that is stopped (SIGSTOP)": [
        f"{SIGNALS}::test_a_stopped_worker_does_not_stop_the_others"
    ],
    "After SIGCONT it serves again": [f"{SIGNALS}::test_a_stopped_worker_does_not_stop_the_others"],
    "The service needs at least 48": [
        f"{SOCKET}::test_too_few_open_files_are_reported",
        f"{MEMORY}::test_it_serves_with_the_least_memory",
    ],
    "With less it prints one line": [
        f"{SOCKET}::test_too_few_open_files_are_reported",
        f"{MEMORY}::test_too_little_memory_is_reported",
    ],
    "Each connection takes one open file": [
        f"{SOCKET}::test_without_file_descriptors_new_connections_wait"
    ],
    "If only 16 are left": [f"{SOCKET}::test_without_file_descriptors_new_connections_wait"],
    "The log says `new connections wait`": [
        f"{SOCKET}::test_without_file_descriptors_new_connections_wait"
    ],
    "If a worker cannot be started": [f"{PREFORK}::test_a_failed_fork_is_tried_again"],
    "If standard error is closed": [f"{SOCKET}::test_a_closed_standard_error_loses_the_log_only"],
    "`DIGITS_HOST=::` listens": [f"{SOCKET}::test_it_serves_over_ipv6"],
    "Each server process has a decoder": [f"{DECODER}::test_one_child_process_decodes_all_uploads"],
    "Small, simple pictures are decoded": [
        f"{PIPELINE}::test_small_and_simple_uploads_are_processed_inline"
    ],
    "They block it for two milliseconds": [
        f"{PIPELINE}::test_the_hardest_small_pictures_are_quick"
    ],
    "All other pictures, and JSON": [
        f"{PIPELINE}::test_other_uploads_are_left_to_the_decoder_process",
        f"{PIPELINE}::test_a_json_body_is_decoded_in_the_process",
    ],
    "A picture that takes more": [
        f"{DECODER}::test_a_slow_upload_is_stopped_at_the_time_limit",
        f"{DECODER}::test_an_upload_over_the_memory_limit_is_refused",
    ],
    "The process is killed at the time": [
        f"{DECODER}::test_a_slow_upload_is_stopped_at_the_time_limit"
    ],
    "If the machine is so busy": [f"{DECODER}::test_a_busy_machine_is_not_the_fault_of_an_upload"],
    "The system enforces the memory": [
        f"{DECODER}::test_an_upload_over_the_memory_limit_is_refused"
    ],
    "A picture that crashes": [f"{DECODER}::test_a_decoder_that_crashes_is_replaced"],
    "If the system kills the decoder": [
        f"{PRIORITY}::test_a_killed_decoder_is_replaced",
        f"{DECODER}::test_a_decoder_that_cannot_be_started_is_no_memory",
    ],
    "The decoder is shared fairly": [
        f"{PRIORITY}::test_a_picture_waits_behind_one_of_another_client"
    ],
    "A client is an API key": [
        f"{PRIORITY}::test_api_keys_tell_clients_apart",
        f"{QUEUE}::test_connections_of_a_client_take_turns",
    ],
    "Waiting makes up": [f"{QUEUE}::test_waiting_makes_up_for_earlier_service"],
    "At most `DIGITS_MAX_CONCURRENT`": [
        f"{PIPELINE}::test_uploads_that_wait_for_the_decoder_are_limited",
        f"{QUEUE}::test_a_request_waits_no_longer_than_the_maximum",
    ],
    "If there are more": [f"{QUEUE}::test_a_full_queue_refuses_the_client_that_waits_most"],
    "A batch that has begun": [
        f"{QUEUE}::test_the_number_that_waits_does_not_refuse_what_has_begun"
    ],
    "Pictures that wait for the decoder": [f"{PRIORITY}::test_small_requests_pass_large_ones"],
    "Pictures of clients that have gone": [
        f"{PIPELINE}::test_an_upload_that_is_no_longer_needed_is_not_decoded"
    ],
    "It ends with its server": [
        f"{PRIORITY}::test_the_decoder_ends_with_the_server",
        f"{DECODER}::test_the_decoder_keeps_no_file_of_the_server",
    ],
}


def sentences() -> list[str]:
    """Return the sentences of the section, without the signs of the list."""
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page.partition("## Processes\n")[2].partition("\n## ")[0]
    text = re.sub(r"^### .*$", "", section, flags=re.MULTILINE)
    paragraphs = [
        " ".join(item.split()) for item in re.split(r"\n\n|^- ", text, flags=re.MULTILINE)
    ]
    return [s for item in paragraphs if item for s in re.split(r"(?<=[.:]) (?=[A-Z`-])", item)]


def test_each_sentence_about_processes_has_a_test() -> None:
    """The sentences of the page and those of the list are the same, in the same order."""
    starts = list(TESTS)

    assert len(sentences()) == len(starts)
    for sentence, start in zip(sentences(), starts, strict=True):
        assert sentence.startswith(start)


def test_the_tests_of_the_sentences_exist() -> None:
    """Each test that is named is in its file."""
    for test in {one for tests in TESTS.values() for one in tests}:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text())
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in names, test
