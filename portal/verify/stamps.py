"""RFC 3161 tokens over checkpoints: what an authority outside has seen of the record, and when."""

from __future__ import annotations

from audit import checkpoint, tokens
from audit.checkpoint import Head
from audit.note import BadNote

from .folder import Evidence, Keys, Unreadable


def check(evidence: Evidence, keys: Keys) -> list[tuple[str, Head]]:
    """Check every token; return the heads they are over, which the record must continue."""
    findings, heads = evidence.findings, []
    for name in evidence.within("stamps", ".checkpoint"):
        token = name.removesuffix(".checkpoint") + ".tsr"
        try:
            note = evidence.read(name)
            head = checkpoint.read(note, keys.log, others=keys.witnesses, closed=True)
            findings.require(name == f"stamps/{head.size}.checkpoint", name,
                             f"is a checkpoint of {head.size} entries")
            tokens.verify(evidence.read(token), checkpoint.own(note), evidence.read("tsa.pem"))
            heads.append((name, head))
        except BadNote as error:
            findings.wrong(name, str(error))
        except tokens.BadStamp as error:
            findings.wrong(token, str(error))
        except tokens.BadAuthority as error:
            findings.wrong("tsa.pem", str(error))
            break
        except Unreadable as error:
            findings.wrong(*error.args)
    for name in evidence.within("stamps", ".tsr"):
        findings.require(name.removesuffix(".tsr") + ".checkpoint" in evidence.names, name,
                         "has no checkpoint beside it")
    if heads:
        findings.did(f"{len(heads)} 个时间戳有效",
                     f"{len(heads)} RFC 3161 time stamp(s) over checkpoints of this record")
    elif "tsa.pem" not in evidence.names:
        findings.could_not("没有时间戳", "no time stamps")
    return heads
