# What schemathesis does not do by itself, loaded by test/api/run.ts: it asks about objects that are there, notes what it asked, and
# checks that nobody gets through what is not his.
import json
import os
import re
import time
import zlib

import schemathesis

# Lines `METHOD path<tab>status`, one for each answer.
LOG = open(os.environ["API_TEST_LOG"], "a", buffering=1, encoding="utf-8")
# [regular expression of paths, {parameter: value}]: names of objects that are there.
KNOWN = [(re.compile(path), values) for path, values in json.loads(os.environ["API_TEST_KNOWN"])]
# Of a reader: a regular expression of the paths that he may change, because they are his own.
OWN = os.environ.get("API_TEST_OWN")
# Each `METHOD path` that has to be refused, however it is asked.
CLOSED = frozenset(json.loads(os.environ["API_TEST_CLOSED"]))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every second question, always the same ones: random names are nobody's, and behind them is little to find."""
    if zlib.crc32(repr((case.operation.label, case.path_parameters, case.query, case.body)).encode()) % 2 == 0:
        return
    for path, values in KNOWN:
        if path.search(case.path):
            case.path_parameters.update({name: values[name] for name in case.path_parameters if name in values})
            return


# Operations that have given another answer than to wait.
ANSWERED = set()


@schemathesis.hook
def after_call(context, case, response):
    """One that was only ever told to wait is waited for: on a fast machine nothing else would be heard of it."""
    LOG.write(f"{case.operation.label}\t{response.status_code}\n")
    if response.status_code != 429:
        ANSWERED.add(case.operation.label)
    elif case.operation.label not in ANSWERED:
        time.sleep(min(60, int(response.headers.get("retry-after", ["1"])[0])))


@schemathesis.check
def change_is_refused(ctx, response, case):
    if OWN is None or case.method.upper() in ("GET", "HEAD", "OPTIONS", "TRACE"):
        return
    if response.status_code < 400 and re.search(OWN, case.path) is None:
        raise AssertionError(f"{case.method} {case.path} was answered {response.status_code}")


@schemathesis.check
def closed_is_refused(ctx, response, case):
    if response.status_code < 400 and case.operation.label in CLOSED:
        raise AssertionError(f"{case.operation.label} was answered {response.status_code}")
