"""Presidio's pattern recognisers over texts, in an environment of its own: JSON lines in, one JSON line out.

Without a language model: names and places by context are not what is measured. Any finding of any score counts.
"""

import json
import logging
import sys
import time

import presidio_analyzer.predefined_recognizers as known

logging.disable(logging.CRITICAL)
NAMES = (
    "CreditCard", "Crypto", "Date", "Email", "Iban", "Ip", "MacAddress", "MedicalLicense", "Phone", "Url", "UsBank",
    "UsItin", "UsLicense", "UsPassport", "UsSsn", "Uuid",
)  # fmt: skip


def main() -> None:
    recognisers = [getattr(known, f"{name}Recognizer")() for name in NAMES]
    texts = [json.loads(line) for line in sys.stdin]
    for each in recognisers:
        each.analyze("warm", each.supported_entities, None)
    start = time.process_time()
    told = [any(each.analyze(text, each.supported_entities, None) for each in recognisers) for text in texts]
    seconds = time.process_time() - start
    print(json.dumps({"recognisers": len(recognisers), "seconds": seconds, "found": told}))  # noqa: T201


if __name__ == "__main__":
    main()
