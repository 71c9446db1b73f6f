"""The benchmark of words at its smallest: its figures are there, and its people are different ones."""

from __future__ import annotations

from wenhou.bench.population import called
from wenhou.bench.rendering import bench_render
from wenhou.bench.report import MEANINGS


def test_every_figure_of_words_is_there_beside_what_cannot_be_passed() -> None:
    found = bench_render(500)

    assert found.name == "render"
    assert found.figures["people"] == 500
    for name in ("sms_per_s", "mail_parameters_per_s", "mail_bytes_per_s"):
        assert found.figures[name] > 0
    for limit in ("format_per_s", "compiling_per_s", "stdlib_bytes_per_s"):
        assert found.figures[limit] > 0
    assert found.figures["compiling_times_slower"] > 1
    assert found.figures["stdlib_times_slower"] > 1
    assert set(found.figures) <= set(MEANINGS)
    assert "commit" in found.says[0]


def test_hardly_two_people_of_the_benchmark_read_the_same() -> None:
    found = bench_render(500).figures

    assert found["distinct_texts"] >= 0.95 * found["people"]
    assert len({called(number) for number in range(500)}) > 400
