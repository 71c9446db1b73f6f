"""`wenhou bench import`: a branch's CSV of made-up customers, read, checked and written; then the same file again."""

from __future__ import annotations

import csv
import random
import tempfile
from pathlib import Path

from wenhou.bench.figures import Figures, machine, peak_rss_mb, timed
from wenhou.bench.ground import open_ground
from wenhou.bench.population import SEED
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.run import Request, import_customers

_HEADINGS = "客户号 姓名 性别 公历生日 手机 邮箱 层级 资产(元) 需求 风险偏好 标签 短信关怀同意 协议版本 签署日期".split()


def bench_import(rows: int, database_url: str | None = None) -> Figures:
    """Rows a second of a first import and of a second one that finds nothing to change."""
    with tempfile.TemporaryDirectory(prefix="wenhou-bench-") as name:
        folder = Path(name)
        path = folder / "customers.csv"
        size = _write(path, rows)
        with open_ground(folder, database_url=database_url) as context:
            request = Request(path=path, mapping=read_mapping(None))
            with timed() as first:
                made = import_customers(context, request)
            with timed() as again:
                same = import_customers(context, request)
    figures = {
        "rows": rows,
        "created": made.created,
        "refused": len(made.refusals),
        "rows_per_s": first.rate(rows),
        "unchanged": same.unchanged,
        "second_import_rows_per_s": again.rate(rows),
        "file_mb": round(size / 1e6, 1),
        "peak_rss_mb": peak_rss_mb(),
    }
    return Figures(name="import", figures=figures, machine=machine())


def _write(path: Path, rows: int) -> int:
    luck = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows(_row(number, luck) for number in range(rows))
    return path.stat().st_size


def _row(number: int, luck: random.Random) -> tuple[str, ...]:
    return (
        f"B{number:08d}",
        luck.choice("王李张刘陈") + "".join(luck.sample("伟芳娜敏静强磊军洋", 2)),
        luck.choice("男女"),
        f"{luck.randint(1940, 2005)}-{luck.randint(1, 12):02d}-{luck.randint(1, 28):02d}",
        f"186{number:08d}",
        f"b{number}@example.com",
        luck.choice(("普通", "普通", "普通", "VIP")),
        f"{luck.randint(0, 3_000_000)}.{luck.randint(0, 99):02d}",
        luck.choice(("投资", "消费", "储蓄")),
        luck.choice(("激进", "稳健", "保守")),
        luck.choice(("", "企业主", "退休")),
        luck.choice("是是否"),
        "2026-01",
        "2026-01-15",
    )
