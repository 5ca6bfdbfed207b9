"""HTTP clients: requests, httpx, httpx2, urllib3, aiohttp. Time limits in seconds.

Source: the documentation of each library. requests, urllib3 and aiohttp sessions wait as listed; httpx gives up after 5 s.
"""

from __future__ import annotations

from par_lint.catalog.entry import Effect, Family, Kind, Sharing, Timeout, entries, types

_HTTPX = Timeout(default=5.0)
_AIOHTTP = Timeout(default=300.0)

FAMILY = Family(
    entries=(
        *entries(Kind.NETWORK, Effect.READ, "requests.{get head options} requests.Session.{get head options}", Timeout()),
        *entries(Kind.NETWORK, Effect.WRITE, """
            requests.{post put patch delete request} requests.Session.{post put patch delete request send}
        """, Timeout()),
        *entries(Kind.NETWORK, Effect.READ, """
            httpx.{get head options} httpx.Client.{get head options} httpx2.{get head options} httpx2.Client.{get head options}
            httpx.AsyncClient.{get head options} httpx2.AsyncClient.{get head options}
        """, _HTTPX),
        *entries(Kind.NETWORK, Effect.WRITE, """
            httpx.{post put patch delete request stream} httpx.Client.{post put patch delete request send stream}
            httpx2.{post put patch delete request stream} httpx2.Client.{post put patch delete request send stream}
            httpx.AsyncClient.{post put patch delete request send stream} httpx2.AsyncClient.{post put patch delete request send stream}
        """, _HTTPX),
        *entries(Kind.NETWORK, Effect.WRITE, """
            urllib3.request urllib3.PoolManager.{request urlopen request_encode_body request_encode_url}
            urllib3.ProxyManager.{request urlopen} urllib3.HTTPConnectionPool.{request urlopen} urllib3.HTTPSConnectionPool.{request urlopen}
        """, Timeout()),
        *entries(Kind.NETWORK, Effect.READ, "aiohttp.ClientSession.{get head options ws_connect}", _AIOHTTP),
        *entries(Kind.NETWORK, Effect.WRITE, "aiohttp.ClientSession.{post put patch delete request} aiohttp.request", _AIOHTTP),
        *entries(Kind.NETWORK, Effect.READ, """
            aiohttp.ClientResponse.{read text json} httplib2.Http.request requests_html.HTMLSession.get pycurl.Curl.perform
            cloudscraper.CloudScraper.get feedparser.parse wget.download treq.get
        """),
        *entries(Kind.PURE, Effect.NONE, "requests.{Session Request} httpx.{Client AsyncClient Timeout Limits} requests.Response.{json raise_for_status}"),
    ),
    types=(
        *types(Sharing.UNSURE, "requests.Session httpx.Client httpx.AsyncClient httpx2.Client httpx2.AsyncClient aiohttp.ClientSession"),
        *types(Sharing.SAFE, "urllib3.PoolManager urllib3.ProxyManager urllib3.HTTPConnectionPool urllib3.HTTPSConnectionPool"),
        *types(Sharing.STATEFUL, "httplib2.Http pycurl.Curl"),
    ),
    returns={
        "requests.session": "requests.Session",
        **{f"requests.{verb}": "requests.Response" for verb in ("get", "head", "options", "post", "put", "patch", "delete", "request")},
        **{f"requests.Session.{verb}": "requests.Response" for verb in ("get", "head", "options", "post", "put", "patch", "delete", "request")},
        "aiohttp.ClientSession.get": "aiohttp.ClientResponse", "aiohttp.ClientSession.post": "aiohttp.ClientResponse",
        "cloudscraper.create_scraper": "cloudscraper.CloudScraper",
    },
    aliases={
        **{f"requests.api.{verb}": f"requests.{verb}" for verb in ("get", "head", "options", "post", "put", "patch", "delete", "request")},
        "requests.sessions.Session": "requests.Session", "requests.sessions.session": "requests.session",
        "pip._vendor.requests.Session": "requests.Session", "pip._vendor.requests.get": "requests.get",
        "urllib3.poolmanager.PoolManager": "urllib3.PoolManager", "aiohttp.client.ClientSession": "aiohttp.ClientSession",
    },
)  # fmt: skip
