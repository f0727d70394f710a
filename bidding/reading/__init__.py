"""What others may ask of bids and openings; nothing here changes anything, and whoever calls
has asked authority before."""

from .bids import (
    Standing,
    bid,
    bid_view,
    count_standing,
    declared_view,
    standing_bids,
    stands,
    tenderers,
    version_state,
    version_view,
    versions_of,
)
from .bills import bills_view
from .closing import (
    Witnessing,
    close_stands,
    closing_view,
    last_closing,
    late_close,
    restorable,
    witnessing,
)
from .contents import (
    PLAIN_SUITE,
    ciphertext_of,
    content_view,
    object_names,
    plain_archive,
    read_member,
)
from .found import (
    faults_view,
    forms_of,
    found_bid,
    found_bids,
    members_of,
    opened_bids,
    unopened_bid,
)
from .holders import account_called, keys_of, officials_of, officials_shown, persons_in_lot
from .opening import opening_of, opening_view, record_view, wraps_view
from .openings import own_opening, own_openings, own_row
from .own import lots_of_party, own_view, receipt_number
from .receipts import evidence, receipts_of, receipts_view, refusals_of
from .standing import licence_paper, standing_view

__all__ = [
    "PLAIN_SUITE",
    "Standing",
    "Witnessing",
    "account_called",
    "bid",
    "bid_view",
    "bills_view",
    "ciphertext_of",
    "close_stands",
    "closing_view",
    "content_view",
    "count_standing",
    "declared_view",
    "evidence",
    "faults_view",
    "forms_of",
    "found_bid",
    "found_bids",
    "keys_of",
    "last_closing",
    "late_close",
    "licence_paper",
    "lots_of_party",
    "members_of",
    "object_names",
    "officials_of",
    "officials_shown",
    "opened_bids",
    "opening_of",
    "opening_view",
    "own_opening",
    "own_openings",
    "own_row",
    "own_view",
    "persons_in_lot",
    "plain_archive",
    "read_member",
    "receipt_number",
    "receipts_of",
    "receipts_view",
    "record_view",
    "refusals_of",
    "restorable",
    "standing_bids",
    "standing_view",
    "stands",
    "tenderers",
    "unopened_bid",
    "version_state",
    "version_view",
    "versions_of",
    "witnessing",
    "wraps_view",
]
