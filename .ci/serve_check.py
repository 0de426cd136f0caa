#!/usr/bin/env python3
"""Starts `nevernone serve` and checks it from outside, from the first readiness to the last close.

Usage: serve_check.py PROGRAM        for example target/release/nevernone

Needs the package `websockets`. Exit code 0: all as promised.
"""

import asyncio
import json
import signal
import sys
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import foreign_client
from foreign_client import connect, expect, hear_runs, request, socket_url
from websockets.exceptions import ConnectionClosed, InvalidStatus

SECONDS = 30


@asynccontextmanager
async def service(program, *arguments):
    """The service and its address, once it listens."""
    process = await asyncio.create_subprocess_exec(
        program, "serve", "--listen", "127.0.0.1:0", *arguments, stderr=asyncio.subprocess.PIPE
    )
    try:
        while True:
            line = await asyncio.wait_for(process.stderr.readline(), SECONDS)
            expect(line, "the service ended before it listened")
            told = json.loads(line)
            if told.get("event") == "server.listening":
                break
        reading = asyncio.create_task(process.stderr.read())
        yield process, told["address"]
        reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def readiness(address):
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=SECONDS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


async def ready(address):
    """Asks until it is ready; tells how often it was not."""
    refused = 0
    while True:
        status, body = await asyncio.to_thread(readiness, address)
        expect(body["agents"]["total"] == 8, f"readyz counts {body['agents']}")
        if status == 200:
            expect(body["agents"]["wired"] == 8, f"ready with {body['agents']}")
            return refused
        expect(status == 503 and body["agents"]["wired"] < 8, f"readyz said {status} with {body}")
        refused += 1


async def unready_until_wired(program):
    async with service(program, "--creation-delay", "400") as (_, address):
        try:
            async with connect(socket_url(f"ws://{address}", "early", "thread")):
                raise foreign_client.Broken("a socket was accepted before the service was ready")
        except InvalidStatus as refused:
            expect(refused.response.status_code == 503, f"an early socket got {refused.response.status_code}")
        expect(await ready(address) > 0, "readyz was never 503 although the manager took 400 ms")


async def foreign_client_is_served(program):
    async with service(program) as (_, address):
        await ready(address)
        await foreign_client.main(f"ws://{address}")


async def a_signal_drains(program, number):
    async with service(program) as (process, address):
        await ready(address)
        async with connect(socket_url(f"ws://{address}", "late", "thread")) as socket:
            await socket.send(request("thread", "one more"))
            await hear_runs(socket, 1)
            process.send_signal(number)
            try:
                await asyncio.wait_for(socket.recv(), SECONDS)
                raise foreign_client.Broken("a message after the last event")
            except ConnectionClosed as closed:
                expect(closed.rcvd and closed.rcvd.code == 1001, f"{number.name} closed with {closed.rcvd}")
        code = await asyncio.wait_for(process.wait(), SECONDS)
        expect(code == 0, f"{number.name} ended the service with exit code {code}")


async def main(program):
    await unready_until_wired(program)
    print("ok   unready_until_wired")
    await foreign_client_is_served(program)
    for number in (signal.SIGTERM, signal.SIGINT):
        await a_signal_drains(program, number)
        print(f"ok   {number.name} drains and closes with 1001")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        asyncio.run(main(sys.argv[1]))
    except foreign_client.Broken as promise:
        sys.exit(f"FAILED: {promise}")
