"""The papers of the story: bidding documents, a bill of quantities and the companies' files.

The bidding document is a real PDF with embedded Chinese type, the bill a real workbook of
2,000 lines with sums that add up; photographs and drawings are stood in for by bytes that do
not compress, for they are what makes a bid large.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pylopdf_fonts_zh_cn
from fpdf import FPDF
from openpyxl import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKS = (("挖沟槽土方", "m³"), ("水泥稳定碎石基层", "m²"), ("C30 混凝土路面", "m²"),
         ("沥青面层", "m²"), ("路缘石安装", "m"), ("雨水管 DN400", "m"), ("检查井砌筑", "座"),
         ("浆砌片石挡墙", "m³"), ("钢筋制作安装", "t"), ("标线", "m²"), ("路灯基础", "个"),
         ("绿化种植土回填", "m³"))


def bill(lines: int, *, percent: int = 100) -> list[dict[str, object]]:
    """A bill of quantities: `lines` items with code, name, unit, quantity and unit price.

    Quantities are text with three decimals, prices integer fen scaled by `percent`.
    """
    rows = []
    for number in range(1, lines + 1):
        seed = int.from_bytes(hashlib.sha256(f"line {number}".encode()).digest()[:6], "big")
        rows.append(
            {
                "code": f"0402{number:08d}",
                "description": f"{WORKS[seed % len(WORKS)][0]}（{number}）",
                "unit": WORKS[seed % len(WORKS)][1],
                "quantity": f"{seed // 11 % 90 + 1}.{seed // 13 % 1000:03d}",
                "unit_price_fen": (seed // 17 % 6_000 + 100) * percent // 100,
            }
        )
    return rows


def workbook(title: str, rows: list[dict[str, object]]) -> bytes:
    """The bill as a workbook, one line a row, under a heading."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工程量清单")
    sheet.append([title])
    sheet.append(["项目编码", "项目名称", "单位", "工程量", "综合单价（元）"])
    for row in rows:
        fen = int(row["unit_price_fen"])
        sheet.append(
            [
                row["code"],
                row["description"],
                row["unit"],
                row["quantity"],
                f"{fen // 100}.{fen % 100:02d}",
            ]
        )
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def document(title: str, chapters: list[tuple[str, list[str]]]) -> bytes:
    """A paper as PDF with embedded Chinese type: a title and chapters of paragraphs."""
    pdf = FPDF(format="A4")
    pdf.set_title(title)
    pdf.add_font("sans", fname=str(pylopdf_fonts_zh_cn.sans_path()))
    pdf.set_auto_page_break(True, margin=20)
    pdf.add_page()
    pdf.set_font("sans", size=20)
    pdf.multi_cell(0, 14, title, align="C", new_x="LMARGIN", new_y="NEXT")
    for heading, paragraphs in chapters:
        pdf.set_font("sans", size=14)
        pdf.ln(4)
        pdf.multi_cell(0, 9, heading, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("sans", size=10.5)
        for paragraph in paragraphs:
            pdf.multi_cell(0, 7, paragraph, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def bidding_document(project: str, lots: list[str]) -> bytes:
    """招标文件 of the story, for all its lots."""
    return document(
        f"{project} 招标文件",
        [
            (
                "第一章 招标公告",
                [
                    "本项目为限额以下工程，资金来源为镇财政资金，按评定分离方式组织。",
                    *[f"{number} 标段：{title}" for number, title in enumerate(lots, 1)],
                    "招标文件免费下载，无需报名（电子招标投标办法 第九条、第二十条）。",
                ],
            ),
            (
                "第二章 投标人须知",
                [
                    "投标文件由开标一览表、技术标、商务标三部分组成，分别加密，在截止时间前完整送达。",
                    "截止时间以数据库时间为准；截止时尚未传输完成的，视为撤回投标文件（办法 第二十七条）。",
                    "未加密的投标文件拒绝接收（办法 第二十六条）。",
                    "投标保证金可以采用银行保函或者现金，金额见公告，不限定出具机构。",
                ],
            ),
            (
                "第三章 评标办法",
                [
                    "综合评估法：技术 40 分，报价 60 分。",
                    ("评标基准价：有效报价多于三家时去掉一个最高价和一个最低价，取算术平均，乘以（1−下浮系数）；"
                    "系数开标后公开随机抽取。报价每高于基准价 1% 扣 1 分，每低于 1% 扣 0.5 分，插值计算。"),
                ],
            ),
            (
                "第四章 定标办法",
                [
                    "评标委员会推荐不超过三名、不排序的中标候选人；公示不少于三日。",
                    "定标委员会与评标委员会人员不重复，采用直接票决法，过半数当选；未过半数的对前两名再次投票。",
                ],
            ),
            (
                "第五章 合同主要条款",
                [
                    "自中标通知书发出之日起三十日内签订合同；合同签订后五日内退还投标保证金及同期存款利息。"
                ],
            ),
        ],
    )


def noise(seed: str, size: int) -> Iterator[bytes]:
    """`size` bytes that do not compress, the same for the same seed, in chunks of up to 1 MiB."""
    left, number = size, 0
    while left:
        chunk = hashlib.shake_256(f"{seed}/{number}".encode()).digest(min(left, 1 << 20))
        yield chunk
        left, number = left - len(chunk), number + 1


def company_files(
    folder: Path, company: str, *, price_percent: int, megabytes: int, lines: int
) -> dict[str, list[Path]]:
    """Write a company's files; return them by part (`technical`, `price`).

    The form part is made by the sealing program from the figures of the bid.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / "施工组织设计.pdf"
    plan.write_bytes(
        document(
            f"{company} 施工组织设计",
            [
                (
                    "一、总体部署",
                    ["两个作业面同时推进，保证一侧通行。", f"本投标人标记：{company}"],
                ),
                ("二、质量与安全", ["每道工序三检，特殊工种持证上岗。"]),
            ],
        )
    )
    photos = folder / "现场踏勘影像.bin"
    with open(photos, "wb") as file:
        file.writelines(noise(company, megabytes << 20))
    priced = folder / "已标价工程量清单.xlsx"
    priced.write_bytes(workbook(f"{company} 已标价工程量清单", bill(lines, percent=price_percent)))
    return {"technical": [plan, photos], "price": [priced]}
