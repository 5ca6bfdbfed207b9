"""HTTP clients: requests, httpx, httpx2, urllib3, aiohttp. Timeouts in seconds.

Source: the documentation of each library. requests blocks without limit unless the call has a timeout; urllib3 unless the call or its pool has
one; httplib2 unless its Http has one. httpx times out after 5 s, aiohttp after 300 s: both block without limit with `timeout=None`.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Trait, Types

_REQUESTS = Timeout(raises="requests.Timeout")
_SESSION = Timeout(raises="requests.Timeout", kept=True)
_HTTPX = Timeout(default=5.0, raises="httpx.TimeoutException")
_AIOHTTP = Timeout(default=300.0, raises="TimeoutError")
_URLLIB3 = "urllib3.exceptions.TimeoutError"
TEST_CLIENT_PACKAGES = frozenset({"unittest", "pytest", "starlette", "fastapi", "flask", "django", "rest_framework", "webtest"})
"""Packages whose test clients call the application itself, over no network."""

FAMILY = Family(
    entries=(
        Calls(Kind.NETWORK, Effect.READ, "requests.{get head options}", _REQUESTS),
        Calls(Kind.NETWORK, Effect.QUERY, "requests.Session.{get head options}", _SESSION),
        Calls(Kind.NETWORK, Effect.QUERY, "curl_cffi.requests.{get head options} curl_cffi.requests.Session.{get head options}", Timeout(default=30.0)),
        Calls(Kind.NETWORK, Effect.WRITE, """
            curl_cffi.requests.{post put patch delete request} curl_cffi.requests.Session.{post put patch delete request}
        """, Timeout(default=30.0)),
        Calls(Kind.NETWORK, Effect.WRITE, "requests.{post put patch delete request}", _REQUESTS),
        Calls(Kind.NETWORK, Effect.WRITE, "requests.Session.{post put patch delete send}", _SESSION),
        Entry("requests.Session.request", Kind.NETWORK, Effect.WRITE, Timeout(position=8, raises="requests.Timeout", kept=True)),
        Calls(Kind.NETWORK, Effect.READ, "httpx.{get head options} httpx2.{get head options}", _HTTPX),
        Calls(Kind.NETWORK, Effect.QUERY, """
            httpx.Client.{get head options} httpx2.Client.{get head options} httpx.AsyncClient.{get head options} httpx2.AsyncClient.{get head options}
        """, _HTTPX),
        Calls(Kind.NETWORK, Effect.WRITE, """
            httpx.{post put patch delete request stream} httpx.Client.{post put patch delete request send stream}
            httpx2.{post put patch delete request stream} httpx2.Client.{post put patch delete request send stream}
            httpx.AsyncClient.{post put patch delete request send stream} httpx2.AsyncClient.{post put patch delete request send stream}
        """, _HTTPX),
        Calls(Kind.NETWORK, Effect.WRITE, """
            urllib3.PoolManager.{request urlopen request_encode_body request_encode_url}
            urllib3.ProxyManager.{request urlopen} urllib3.HTTPConnectionPool.{request urlopen} urllib3.HTTPSConnectionPool.{request urlopen}
        """, Timeout(raises=_URLLIB3, kept=True)),
        Entry("urllib3.request", Kind.NETWORK, Effect.WRITE, Timeout(raises=_URLLIB3)),
        Calls(Kind.PURE, Effect.NONE, "httpx.{Client AsyncClient} httpx2.{Client AsyncClient}", _HTTPX),
        Calls(Kind.PURE, Effect.NONE, "httpx.Timeout httpx2.Timeout", Timeout(
            position=0, default=5.0, raises="httpx.TimeoutException", others=("connect", "read", "write", "pool"), off_by=("read",))),
        Calls(Kind.PURE, Effect.NONE, "aiohttp.ClientTimeout", Timeout("total", position=0, default=300.0, raises="TimeoutError", others=("sock_read",), off_by=("sock_read",))),
        Calls(Kind.PURE, Effect.NONE, "urllib3.Timeout urllib3.util.Timeout urllib3.util.timeout.Timeout", Timeout(
            "total", position=0, raises=_URLLIB3, others=("read",), off_by=("read",))),  # `Timeout(connect=2)` limits no read
        Calls(Kind.PURE, Effect.NONE, "urllib3.HTTPConnectionPool urllib3.HTTPSConnectionPool", Timeout(position=2, default=10.0, raises=_URLLIB3)),
        Entry("httplib2.Http", Kind.PURE, Effect.NONE, Timeout(position=1, raises="TimeoutError")),
        Entry("websocket.create_connection", Kind.NETWORK, Effect.WRITE, Timeout(position=1, raises="websocket.WebSocketTimeoutException")),
        Entry("aiohttp.ClientSession.ws_connect", Kind.NETWORK, Effect.QUERY),
        Calls(Kind.NETWORK, Effect.QUERY, "aiohttp.ClientSession.{get head options}", _AIOHTTP),
        Calls(Kind.NETWORK, Effect.WRITE, "aiohttp.ClientSession.{post put patch delete request} aiohttp.request", _AIOHTTP),
        Calls(Kind.NETWORK, Effect.QUERY, """
            aiohttp.ClientResponse.{read text json} httplib2.Http.request pycurl.Curl.perform
            feedparser.parse wget.download treq.get
        """),
        Calls(Kind.PURE, Effect.NONE, "requests.{Session Request} httpx.Limits requests.Response.{json raise_for_status}"),
    ),
    types=(
        Types(Sharing.UNSURE, "requests.Session httpx.Client httpx.AsyncClient curl_cffi.requests.Session httpx2.Client httpx2.AsyncClient aiohttp.ClientSession"),
        Types(Sharing.SAFE, "urllib3.PoolManager urllib3.ProxyManager urllib3.HTTPConnectionPool urllib3.HTTPSConnectionPool"),
        Types(Sharing.STATEFUL, "httplib2.Http pycurl.Curl"),
    ),
    returns={
        "urllib3.connection_from_url": "urllib3.HTTPConnectionPool", "requests.session": "requests.Session", "cloudscraper.create_scraper": "requests.Session",
        **{f"requests.{verb}": "requests.Response" for verb in ("get", "head", "options", "post", "put", "patch", "delete", "request")},
        **{f"requests.Session.{verb}": "requests.Response" for verb in ("get", "head", "options", "post", "put", "patch", "delete", "request")},
        "aiohttp.ClientSession.get": "aiohttp.ClientResponse", "aiohttp.ClientSession.post": "aiohttp.ClientResponse",
    },
    aliases={
        **{f"requests.api.{verb}": f"requests.{verb}" for verb in ("get", "head", "options", "post", "put", "patch", "delete", "request")},
        "requests.sessions.Session": "requests.Session", "requests.sessions.session": "requests.session",
        "cloudscraper.CloudScraper": "requests.Session", "requests_html.HTMLSession": "requests.Session", "requests_cache.CachedSession": "requests.Session",
        "requests_oauthlib.OAuth1Session": "requests.Session", "requests_oauthlib.OAuth2Session": "requests.Session",
        "pip._vendor.requests.Session": "requests.Session", "pip._vendor.requests.get": "requests.get",
        **{f"urllib3.poolmanager.{name}": f"urllib3.{name}" for name in ("PoolManager", "ProxyManager")},
        **{f"urllib3.connectionpool.{name}": f"urllib3.{name}" for name in ("HTTPConnectionPool", "HTTPSConnectionPool", "connection_from_url")},
        "aiohttp.client.ClientSession": "aiohttp.ClientSession",
    },
    traits={
        Trait.HTTP: "aiohttp.** httpx.** httpx2.** requests.**",
        Trait.KEEPS_ARGUMENTS: "aiohttp.** httpx.** requests.**",
        Trait.ANSWERS_REQUESTS: """
            responses.** requests_mock.** httpretty.** respx.** aioresponses.** pook.** mocket.** vcr.** betamax.** requests_testadapter.**
        """,
        Trait.IS_SERVER: "http.server.** socketserver.** xmlrpc.server.** wsgiref.simple_server.** pytest_httpserver.** http_server_mock.**",
        Trait.MAY_SERVE: """
            flask.** fastapi.** bottle.** starlette.** uvicorn.** aiohttp.** tornado.** sanic.** quart.** cherrypy.** waitress.** hypercorn.** falcon.**
            werkzeug.** grpc.**
        """,
        Trait.THREAD_LOCAL: "flask.{g request session current_app} bottle.request",
    },
    lazy_keywords={"requests.**": "stream", "httpx.get": "stream"},
    caught_by={
        "requests.Timeout": "RequestException OSError IOError EnvironmentError", "urllib3.exceptions.TimeoutError": "HTTPError",
        "httpx.TimeoutException": "TransportError RequestError HTTPError", "websocket.WebSocketTimeoutException": "WebSocketException",
    },
    related_errors={"requests.Timeout": "ConnectionError HTTPError"},
)  # fmt: skip
