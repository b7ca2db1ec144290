# SPDX-License-Identifier: MIT
"""Get a URL N times over up to CONNECTIONS connections, with aiohttp: get-all.py N CONNECTIONS URL"""

import asyncio
import sys

import aiohttp


async def get_all(n, n_connections, url):
    connector = aiohttp.TCPConnector(limit=n_connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        async def get():
            async with session.get(url) as answer:
                answer.raise_for_status()
                return len(await answer.read())
        return sum(await asyncio.gather(*(get() for _ in range(n))))


print(asyncio.run(get_all(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])), "bytes")
