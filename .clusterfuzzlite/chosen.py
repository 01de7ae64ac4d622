"""What the built targets try, unless the environment says: our decoders, and botocore but for its known faults."""

import json
import os
import sys

CHOSEN = {
    "fuzz_messages": {"decoders": ["sound:messages", "botocore"], "known": [["botocore", "F2"]]},
    "fuzz_headers": {"decoders": ["sound:messages", "botocore"], "known": [["botocore", "F2"]]},
    "fuzz_streams": {"decoders": ["reference", "sound:incremental_codec"]},
}

for name, options in CHOSEN.items():
    if os.path.basename(sys.executable).startswith(name):
        os.environ.setdefault("SLICEPROOF_FUZZ", json.dumps(options))
