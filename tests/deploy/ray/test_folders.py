"""The command with ``--ray`` on a cluster of two nodes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.deploy.ray.cluster import MAPPER, TwoNodes
from tests.support.commands import run_command
from tests.support.pictures import encode, two
from tests.support.processes import children_of, threads


def test_a_folder_is_predicted_by_both_nodes(cluster: TwoNodes, tmp_path: Path) -> None:
    """The outcomes are those of one process, in order, with the same exit code."""
    for number in range(400):
        (tmp_path / f"{number:03}.png").write_bytes(encode(two(28 + number % 40)))
    (tmp_path / "200.png").write_bytes(b"text")

    alone = run_command("predict", tmp_path, "--jsonl", "--jobs", "2")  # batches of the same size
    on_ray = run_command("predict", tmp_path, "--jsonl", "--ray", cluster.address, "--jobs", "2")

    assert (on_ray.returncode, on_ray.stdout) == (alone.returncode, alone.stdout) != (0, "")
    summary = on_ray.stderr.splitlines()[-1]  # Ray may write lines before it
    assert summary.startswith("400 pictures: 399 accepted, 0 abstained, 1 unreadable; ")
    assert len(set(cluster.actors(MAPPER, alive=False).values())) == 2


def test_decoders_have_no_threads_of_ray(cluster: TwoNodes, tmp_path: Path) -> None:
    """Large pictures are decoded in processes in which only the decoder runs."""
    photo, seen = encode(two(1200).convert("RGB"), "JPEG"), set()
    for number in range(150):
        (tmp_path / f"{number:03}.jpg").write_bytes(photo)

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(run_command, "predict", tmp_path, "--ray", cluster.address)
        while not done.done():
            for process in cluster.actors(MAPPER, alive=True):
                with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                    seen |= {threads(one) for one in children_of(process)}

    assert done.result().returncode == 0
    assert seen == {1}


def test_a_wrong_model_has_one_line(cluster: TwoNodes) -> None:
    """It is found before the cluster is asked."""
    done = run_command("predict", "docs/two.png", "--ray", cluster.address, "--model", "none")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
