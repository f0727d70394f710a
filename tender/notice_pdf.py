"""A published notice as PDF: the same fields as its JSON, in order, with embedded Chinese type.

The bytes follow from the content alone (its time of publication is the file's), so that anybody
who makes the file again gets the same one.
"""

from __future__ import annotations

from functools import lru_cache

import pylopdf_fonts_zh_cn
from fpdf import FPDF

from kernel.canonical import parse, parse_time

from .notices import heading

MARGIN = 18
"""Millimetres."""
FONT = "notosanssc"


class _Paper(FPDF):
    """A4 with the hash of the content at the foot of every page."""

    def __init__(self, digest: str):
        super().__init__(format="A4")
        self.digest = digest
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN)
        self.add_font(FONT, fname=str(pylopdf_fonts_zh_cn.sans_path()))

    def footer(self) -> None:
        """The content's hash, and which page of how many."""
        self.set_y(-14)
        self.set_font(FONT, size=6.5)
        self.cell(0, 4, f"SHA-256 {self.digest}")
        self.set_x(MARGIN)
        self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R")

    def say(self, text: str, size: float, gap: float = 0, align: str = "L") -> None:
        """A paragraph of its own."""
        self.ln(gap)
        self.set_font(FONT, size=size)
        self.multi_cell(0, size * 0.55, text, align=align, new_x="LMARGIN", new_y="NEXT")


@lru_cache(maxsize=64)
def pdf(content: str, digest: str, signature: str, signed: str = "") -> bytes:
    """The PDF of a notice: its canonical content, the content's hash, the platform's signature, and
    what its persons signed (`tender.signing.as_text`), where they did."""
    body = parse(content)
    paper = _Paper(digest)
    kind = body["kind_text"]
    paper.set_title(f"{kind['zh']} {body['title']}")
    paper.set_lang("zh-CN")
    paper.set_creation_date(parse_time(body["published_at"]))
    paper.add_page()
    paper.say(f"{kind['zh']} {kind['en']}", 18, align="C")
    paper.ln(3)
    for label, text in heading(body):
        paper.say(f"{label}：{text}", 9)
    for part in body["sections"]:
        paper.say(f"{part['title']['zh']} {part['title']['en']}", 13, gap=4)
        for row in part["rows"]:
            _row(paper, row)
    paper.say("签名 Signature", 13, gap=4)
    paper.say("以下为平台对本公告内容摘要的签名，可用平台公钥验证。"
              " The platform's signature over the hash of this notice's content.", 8)
    paper.say(signature.strip(), 7)
    if signed:
        paper.say("本人签名 Signed by persons of the buyer", 13, gap=4)
        paper.say("提交人与批准人各以本人密钥签名；公钥见存证，任何人可自行核对。 Who submitted and who"
                  " approved signed with keys of their own, named in the record; anybody can check.",
                  8)
        paper.say(signed, 7)
    return bytes(paper.output())


def _row(paper: _Paper, row: dict) -> None:
    label, text = row["label"], row["text"]
    paper.say(f"{label['zh']} {label['en']}：{text['zh']}", 9.5, gap=0.6)
    if text["en"] != text["zh"]:
        paper.say(text["en"], 8)
