#!/usr/bin/env python3
"""A client that shares no code with the service checks it from outside.

Usage: foreign_client.py BASE_URL        for example ws://127.0.0.1:8080

Needs the package `websockets` (13 or later). Exit code 0: all as promised; 1: a promise broken, named on standard
error; 2: wrong usage, or nothing to talk to.
"""

import asyncio
import json
import sys
from urllib.parse import quote

try:
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidHandshake, WebSocketException
except ImportError:
    sys.exit("foreign_client: install the package `websockets`, 13 or later (exit code 1)")

EVENTS = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]
FIELDS = {"type", "run_id", "thread_id", "seq", "agent_name", "timestamp", "payload"}
TERMINAL = {"agent_completed", "agent_error"}
SECONDS = 30
THREADS = 10
REQUESTS_PER_THREAD = 5


class Broken(Exception):
    """A promise that the service did not keep."""


def expect(condition, message):
    if not condition:
        raise Broken(message)


def socket_url(base, user, thread):
    return f"{base}/ws?user={quote(user, safe='')}&thread={quote(thread, safe='')}"


def request(thread, text):
    payload = {"text": text}
    return json.dumps({"type": "agent_request", "agent": "triage", "thread_id": thread, "payload": payload})


async def hear(socket):
    """The next message as JSON."""
    message = await asyncio.wait_for(socket.recv(), SECONDS)
    expect(isinstance(message, str), f"a message is not text: {message!r}")
    return json.loads(message)


async def hear_runs(socket, runs):
    """Events by run, in the order of their arrival, until so many runs have ended."""
    heard, ended = {}, 0
    while ended < runs:
        event = await hear(socket)
        expect(event.get("type") != "error", f"an error in place of an event: {event}")
        expect(FIELDS <= event.keys(), f"an event lacks {FIELDS - event.keys()}: {event}")
        heard.setdefault(event["run_id"], []).append(event)
        ended += event["type"] in TERMINAL
    return heard


def check_run(events, thread):
    """One run's five steps, each once: other events (progress, further tools) may stand between them."""
    kinds = [event["type"] for event in events]
    steps = [kind for kind in dict.fromkeys(kinds) if kind in EVENTS]
    expect(steps == EVENTS, f"the five events came as {kinds}")
    expect(kinds[0] == EVENTS[0] and kinds[-1] == EVENTS[-1], f"a run begins or ends wrongly: {kinds}")
    expect(sum(kind in TERMINAL for kind in kinds) == 1, f"a run must end once: {kinds}")
    expect(kinds.count("tool_executing") == kinds.count("tool_completed"), f"a tool never completed: {kinds}")
    expect({event["thread_id"] for event in events} == {thread}, f"events of another thread came to {thread}")
    numbers = [event["seq"] for event in events]
    expect(numbers == sorted(set(numbers)), f"the numbers of a run must rise: {numbers}")


def results(events):
    told = [event["payload"].get("result") for event in events if event["type"] == "tool_completed"]
    expect(told and all(result not in (None, "", {}, []) for result in told), f"a tool has no result: {told}")
    return told


async def five_events_and_two_results(base):
    thread = "foreign-results"
    told = []
    async with connect(socket_url(base, "foreign", thread)) as socket:
        for text in ["the invoice of March is wrong, please help", "servers are slow: 12 errors since 9:41!"]:
            await socket.send(request(thread, text))
            heard = await hear_runs(socket, 1)
            expect(len(heard) == 1, f"one request gave events of the runs {sorted(heard)}")
            (events,) = heard.values()
            check_run(events, thread)
            told.append(results(events))
    expect(told[0] != told[1], f"two different requests got one result: {told[0]}")


async def one_thread(base, thread, barrier):
    async with connect(socket_url(base, f"user of {thread}", thread)) as socket:
        # Everybody is connected before anybody asks.
        await barrier.wait()
        for number in range(REQUESTS_PER_THREAD):
            await socket.send(request(thread, f"request {number} of {thread}"))
        heard = await hear_runs(socket, REQUESTS_PER_THREAD)
        expect(len(heard) == REQUESTS_PER_THREAD, f"{thread} asked 5 times and saw the runs {sorted(heard)}")
        for events in heard.values():
            check_run(events, thread)
        numbers = sorted(event["seq"] for events in heard.values() for event in events)
        expect(numbers == list(range(numbers[0], numbers[0] + len(numbers))), f"{thread} has a gap: {numbers}")
        return set(heard)


async def threads_never_see_one_another(base):
    everybody = [f"foreign thread {number}/é" for number in range(THREADS)]
    barrier = asyncio.Event()

    class Meeting:
        """Opens once all have come (asyncio.Barrier needs Python 3.11)."""

        come = 0

        async def wait(self):
            Meeting.come += 1
            if Meeting.come == THREADS:
                barrier.set()
            await asyncio.wait_for(barrier.wait(), SECONDS)

    runs = await asyncio.gather(*(one_thread(base, thread, Meeting()) for thread in everybody))
    union = set().union(*runs)
    expect(len(union) == THREADS * REQUESTS_PER_THREAD, "a run was seen by two threads")


async def mistakes_are_told(base):
    thread = "foreign-mistakes"
    good = json.loads(request(thread, "x"))
    bad = [
        ("{", "invalid_json"),
        (json.dumps({"type": "nonsense"}), "unknown_type"),
        (json.dumps({**good, "agent": "nobody"}), "unknown_agent"),
        (json.dumps({**good, "thread_id": "of somebody else"}), "wrong_thread"),
    ]
    async with connect(socket_url(base, "foreign", thread)) as socket:
        for message, code in bad:
            await socket.send(message)
            answer = await hear(socket)
            expect(answer.get("type") == "error" and answer.get("code") == code, f"{code} expected, got {answer}")
            expect(answer.get("message"), f"an error without a message: {answer}")
        await socket.send(json.dumps(good))
        (events,) = (await hear_runs(socket, 1)).values()
        check_run(events, thread)
    try:
        async with connect(f"{base}/ws?user=foreign"):
            raise Broken("a connection without a thread was accepted")
    except InvalidHandshake:
        pass


CHECKS = [five_events_and_two_results, threads_never_see_one_another, mistakes_are_told]


async def main(base):
    for check in CHECKS:
        await check(base)
        print(f"ok   {check.__name__}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].startswith(("ws://", "wss://", "http://", "https://")):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    url = sys.argv[1].rstrip("/").replace("http", "ws", 1) if sys.argv[1].startswith("http") else sys.argv[1].rstrip("/")
    try:
        asyncio.run(main(url))
    except Broken as promise:
        sys.exit(f"FAILED: {promise}")
    except (TimeoutError, asyncio.TimeoutError):
        sys.exit(f"FAILED: nothing was heard for {SECONDS} seconds")
    except (json.JSONDecodeError, KeyError, AttributeError, TypeError, ValueError, WebSocketException) as error:
        sys.exit(f"FAILED: {type(error).__name__}: {error}")
    except OSError as error:
        print(f"cannot talk to {url}: {error}", file=sys.stderr)
        sys.exit(2)
