"""What the built targets try, unless the environment says otherwise: ours, and botocore but for what it is known for."""

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
