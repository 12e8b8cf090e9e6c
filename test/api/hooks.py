# What schemathesis does not check by itself: who may only read never gets a change through. Loaded by test/api/run.ts.
import os
import re

import schemathesis

# A regular expression of the paths that everybody may change: what is one's own.
OWN = os.environ.get("API_TEST_OWN")


if OWN is not None:

    @schemathesis.check
    def change_is_refused(ctx, response, case):
        changes = case.method.upper() not in ("GET", "HEAD", "OPTIONS", "TRACE")
        if changes and response.status_code < 400 and re.search(OWN, case.path) is None:
            raise AssertionError(f"{case.method} {case.path} was answered {response.status_code}")
