"""The tables of the sealed bid and of its opening."""

from .bids import Bid, BidBlock, BidPart, BidRefusal, BidShare, BidUpload, BidVersion, StandingBid
from .digest import DigestLeaf, SecurityDigest
from .holders import HolderKey, Official, Rehearsal
from .opening import (
    FIRST,
    PRICES,
    BidPlace,
    ConsortiumMember,
    LotClosing,
    OfficialRelease,
    OpenedBid,
    OpenedPart,
    Opening,
    OpeningPart,
    OpeningRecordSignature,
    OpeningShare,
    PlainFile,
    UnopenedBid,
)

__all__ = [
    "FIRST", "PRICES", "Bid", "BidBlock", "BidPart", "BidPlace", "BidRefusal", "BidShare",
    "BidUpload", "BidVersion", "ConsortiumMember", "DigestLeaf", "HolderKey", "LotClosing", "Official",
    "OfficialRelease", "OpenedBid", "OpenedPart", "Opening", "OpeningPart",
    "OpeningRecordSignature", "OpeningShare", "PlainFile", "Rehearsal", "SecurityDigest",
    "StandingBid", "UnopenedBid",
]
