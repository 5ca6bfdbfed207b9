"""Asynchronous calls: streams and subprocesses of asyncio, and the asynchronous clients of services and databases.

Source: the documentation of each library. A connection, cursor, websocket or page serves one request at a time; pools and
clients serve many. `httpx.AsyncClient`, `aiohttp.ClientSession` and `openai.AsyncOpenAI` are in the modules of their families.
"""

from __future__ import annotations

import re

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Trait, Types, spread

_MOTOR = "motor.motor_asyncio.AsyncIOMotor"
_CHAT = spread("""
    langchain_core.language_models.BaseChatModel langchain_core.language_models.LLM langchain_openai.{ChatOpenAI AzureChatOpenAI OpenAI}
    langchain_anthropic.ChatAnthropic langchain_google_genai.ChatGoogleGenerativeAI langchain_aws.ChatBedrock
""")
_DISCORD = ("discord", "disnake", "nextcord")
_AZURE = {
    "storage.blob": "BlobServiceClient ContainerClient BlobClient", "keyvault.secrets": "SecretClient", "keyvault.keys": "KeyClient",
    "cosmos": "ContainerProxy", "data.tables": "TableClient", "storage.queue": "QueueClient",
}  # fmt: skip
THREAD_HANDOFFS = dict.fromkeys((
    "asyncio.to_thread", "anyio.to_thread.run_sync", "trio.to_thread.run_sync", "starlette.concurrency.run_in_threadpool",
    "fastapi.concurrency.run_in_threadpool",
), 0)  # fmt: skip
"""Functions that call a function in a thread and wait for it, with the position of the function."""
OTHER_EVENT_LOOPS = frozenset({"trio", "anyio", "curio"})
"""Libraries whose coroutines may run under an event loop other than that of asyncio."""
_ASYNCHRONOUS = re.compile(r"^(aio\w*|async\w*|anyio|motor)\.|\.Async[A-Z]\w*\.|^websockets\.(?!sync\.)|\.async_api\.")


def gives_awaitable(name: str) -> bool:
    """Return whether a call with a qualified name only makes an awaitable: without an `await` it waits for nothing."""
    return _ASYNCHRONOUS.search(name) is not None


FAMILY = Family(
    entries=(
        Calls(Kind.NETWORK, Effect.QUERY, "asyncio.open_connection asyncio.StreamReader.{read readline readexactly readuntil}"),
        Calls(Kind.NETWORK, Effect.WRITE, "asyncio.StreamWriter.drain"),
        Calls(Kind.SUBPROCESS, Effect.WRITE, "asyncio.subprocess.Process.{wait communicate}"),
        Calls(Kind.FILE, Effect.READ, """
            aiofiles.base.AsyncBase.{read readline readlines readall} anyio.AsyncFile.{read readline readlines} anyio.Path.{read_text read_bytes}
            aiopath.AsyncPath.{read_text read_bytes}
        """),
        Calls(Kind.FILE, Effect.WRITE, """
            aiofiles.base.AsyncBase.{write writelines} anyio.AsyncFile.{write writelines} anyio.Path.{write_text write_bytes}
            aiopath.AsyncPath.{write_text write_bytes} aioshutil.{copy copy2 copyfile copytree move rmtree}
        """),
        Calls(Kind.METADATA, Effect.READ, """
            aiofiles.open anyio.open_file aiofiles.os.{stat listdir scandir} aiofiles.os.path.{exists isfile isdir getsize}
            anyio.Path.{exists is_file is_dir stat}
        """),
        Calls(Kind.METADATA, Effect.WRITE, "aiofiles.os.{remove unlink rename replace mkdir makedirs rmdir} anyio.Path.{unlink mkdir rename touch}"),
        Calls(Kind.NETWORK, Effect.WRITE, """
            aiohttp.ClientWebSocketResponse.{send_str send_bytes send_json receive receive_str receive_json receive_bytes}
            aiohttp.web.WebSocketResponse.{send_str send_bytes send_json receive receive_str receive_json} aiohttp.web.StreamResponse.write
            fastapi.WebSocket.{send_text send_bytes send_json receive_text receive_json receive_bytes}
            websockets.ClientConnection.{send recv} websockets.ServerConnection.{send recv} websockets.WebSocketServerProtocol.{send recv}
        """),
        Calls(Kind.NETWORK, Effect.QUERY, "httpx.Response.aread"),
        Calls(Kind.NETWORK, Effect.QUERY, "websockets.connect websockets.sync.client.connect", Timeout("open_timeout", default=10.0, raises="TimeoutError")),
        Entry("asyncpg.connect", Kind.NETWORK, Effect.WRITE, Timeout(default=60.0, raises="TimeoutError")),
        Calls(Kind.NETWORK, Effect.WRITE, """
            asyncpg.Connection.{execute executemany fetch fetchrow fetchval} asyncpg.Pool.{execute executemany fetch fetchrow fetchval}
            aiomysql.connect aiomysql.Cursor.{execute executemany fetchall fetchone} aiopg.connect aiopg.Cursor.{execute fetchall fetchone}
            psycopg.AsyncConnection.{connect execute commit} psycopg.AsyncCursor.{execute executemany fetchall fetchone}
            sqlalchemy.ext.asyncio.AsyncSession.{execute scalar scalars get commit flush merge refresh delete stream}
            sqlalchemy.ext.asyncio.AsyncConnection.{execute scalar scalars commit stream}
            sqlmodel.ext.asyncio.session.AsyncSession.{exec execute get commit flush refresh}
            neo4j.AsyncSession.{run execute_read execute_write} neo4j.AsyncDriver.execute_query
            redis.asyncio.Redis.* redis.asyncio.client.Pipeline.execute aioredis.Redis.* pymongo.asynchronous.collection.AsyncCollection.*
            elasticsearch.AsyncElasticsearch.* opensearchpy.AsyncOpenSearch.* qdrant_client.AsyncQdrantClient.*
            aiokafka.AIOKafkaProducer.{send send_and_wait} aio_pika.Exchange.publish aio_pika.connect_robust
        """),
        Calls(Kind.FILE, Effect.WRITE, "aiosqlite.Connection.{execute executemany commit} aiosqlite.Cursor.{execute fetchall fetchone}"),
        Calls(Kind.PURE, Effect.NONE, """
            redis.asyncio.Redis.{pipeline pubsub lock register_script aclose close} aioredis.Redis.{pipeline pubsub lock close}
            pymongo.asynchronous.collection.AsyncCollection.{with_options create_index} elasticsearch.AsyncElasticsearch.close
            qdrant_client.AsyncQdrantClient.close slack_sdk.web.async_client.AsyncWebClient.close mcp.ClientSession.{initialize get_server_capabilities}
            aiobotocore.client.AioBaseClient.{get_paginator get_waiter exceptions meta close} playwright.async_api.Page.{locator get_by_role get_by_text}
        """),
        Calls(Kind.NETWORK, Effect.WRITE, """
            aiobotocore.client.AioBaseClient.* slack_sdk.web.async_client.AsyncWebClient.* notion_client.AsyncClient.** mcp.ClientSession.*
            aiodocker.containers.DockerContainer.* aiosmtplib.send aiosmtplib.SMTP.{connect send_message sendmail} asyncssh.connect
            asyncssh.SSHClientConnection.{run create_process} kubernetes_asyncio.client.CoreV1Api.* kubernetes_asyncio.client.AppsV1Api.*
            kubernetes_asyncio.client.BatchV1Api.* kubernetes_asyncio.client.CustomObjectsApi.* pyppeteer.page.Page.*
            playwright.async_api.Page.*
        """),
        Calls(Kind.NETWORK, Effect.QUERY, """
            aiodns.DNSResolver.{query gethostbyname getaddrinfo} dns.asyncresolver.resolve litellm.{acompletion aembedding aimage_generation}
            openai.ChatCompletion.acreate openai.Completion.acreate openai.Embedding.acreate fireworks.client.{Completion.acreate ChatCompletion.acreate}
            ollama.AsyncClient.{chat generate embed embeddings}
            cohere.AsyncClient.{chat embed generate rerank} voyageai.AsyncClient.embed huggingface_hub.AsyncInferenceClient.* replicate.async_run
        """),
        Calls(Kind.NETWORK, Effect.QUERY, " ".join(f"{name}.Attachment.{{save read to_file}}" for name in _DISCORD)),
        Calls(Kind.NETWORK, Effect.WRITE, " ".join(
            f"{name}.{{User.send Member.send TextChannel.send DMChannel.send Thread.send abc.Messageable.send Message.delete Message.edit}}" for name in _DISCORD
        )),
        Calls(Kind.NETWORK, Effect.QUERY, " ".join(
            f"{name}.{{invoke ainvoke generate agenerate stream astream agenerate_prompt apredict}}" for name in _CHAT
        )),
        Calls(Kind.NETWORK, Effect.QUERY, """
            langchain_core.embeddings.Embeddings.{embed_query aembed_query embed_documents aembed_documents}
            langchain_openai.OpenAIEmbeddings.{embed_query aembed_query embed_documents aembed_documents}
        """),
    ),
    types=(
        Types(Sharing.SAFE, """
            asyncpg.Pool redis.asyncio.Redis aioredis.Redis pymongo.asynchronous.collection.AsyncCollection elasticsearch.AsyncElasticsearch
            opensearchpy.AsyncOpenSearch qdrant_client.AsyncQdrantClient openai.AsyncOpenAI openai.AsyncAzureOpenAI anthropic.AsyncAnthropic
        """),
        Types(Sharing.UNSURE, "aiobotocore.client.AioBaseClient mcp.ClientSession slack_sdk.web.async_client.AsyncWebClient"),
        Types(Sharing.STATEFUL, """
            asyncio.StreamReader asyncio.StreamWriter asyncio.subprocess.Process aiofiles.base.AsyncBase anyio.AsyncFile
            aiohttp.ClientWebSocketResponse aiohttp.web.WebSocketResponse aiohttp.web.StreamResponse fastapi.WebSocket
            websockets.ClientConnection websockets.ServerConnection websockets.WebSocketServerProtocol
            asyncpg.Connection aiomysql.Cursor aiopg.Cursor psycopg.AsyncConnection psycopg.AsyncCursor sqlalchemy.ext.asyncio.AsyncSession
            sqlalchemy.ext.asyncio.AsyncConnection sqlmodel.ext.asyncio.session.AsyncSession neo4j.AsyncSession redis.asyncio.client.Pipeline
            aiosqlite.Connection aiosqlite.Cursor aiosmtplib.SMTP asyncssh.SSHClientConnection playwright.async_api.Page pyppeteer.page.Page
        """),
    ),
    returns={
        "asyncio.create_subprocess_exec": "asyncio.subprocess.Process", "asyncio.create_subprocess_shell": "asyncio.subprocess.Process",
        "asyncio.subprocess.create_subprocess_exec": "asyncio.subprocess.Process",
        "aiofiles.open": "aiofiles.base.AsyncBase", "anyio.open_file": "anyio.AsyncFile", "anyio.Path.open": "anyio.AsyncFile",
        "aiohttp.ClientSession.ws_connect": "aiohttp.ClientWebSocketResponse", "websockets.connect": "websockets.ClientConnection",
        "asyncpg.connect": "asyncpg.Connection", "asyncpg.create_pool": "asyncpg.Pool", "asyncpg.Pool.acquire": "asyncpg.Connection",
        "aiosqlite.connect": "aiosqlite.Connection", "psycopg.AsyncConnection.connect": "psycopg.AsyncConnection",
        "psycopg.AsyncConnection.cursor": "psycopg.AsyncCursor", "asyncssh.connect": "asyncssh.SSHClientConnection",
        "sqlalchemy.ext.asyncio.AsyncEngine.connect": "sqlalchemy.ext.asyncio.AsyncConnection",
        "sqlalchemy.ext.asyncio.AsyncEngine.begin": "sqlalchemy.ext.asyncio.AsyncConnection",
        "sqlalchemy.ext.asyncio.create_async_engine": "sqlalchemy.ext.asyncio.AsyncEngine", "neo4j.AsyncDriver.session": "neo4j.AsyncSession",
        "redis.asyncio.from_url": "redis.asyncio.Redis", "redis.asyncio.Redis.from_url": "redis.asyncio.Redis",
        "redis.asyncio.Redis.pipeline": "redis.asyncio.client.Pipeline",
        f"{_MOTOR}Client.[]": f"{_MOTOR}Database", f"{_MOTOR}Database.[]": "pymongo.asynchronous.collection.AsyncCollection",
        f"{_MOTOR}Client.get_database": f"{_MOTOR}Database", f"{_MOTOR}Database.get_collection": "pymongo.asynchronous.collection.AsyncCollection",
        "pymongo.AsyncMongoClient.[]": f"{_MOTOR}Database", "pymongo.AsyncMongoClient.get_database": f"{_MOTOR}Database",
        "aiobotocore.session.AioSession.create_client": "aiobotocore.client.AioBaseClient", "aiobotocore.session.get_session": "aiobotocore.session.AioSession",
        "aioboto3.Session.client": "aiobotocore.client.AioBaseClient", "google.genai.Client.aio": "google.genai.AsyncClient",
        "google.genai.AsyncClient.models": "google.genai.models.Models",
        "playwright.async_api.Browser.new_page": "playwright.async_api.Page", "playwright.async_api.BrowserContext.new_page": "playwright.async_api.Page",
        "groq.AsyncGroq.chat": "groq.resources.Chat",
    },
    traits={
        Trait.RUNS_COROUTINES: "asyncio.** anyio.** trio.**",
        Trait.RUNS_EVENT_LOOP: "asyncio.run anyio.run trio.run asyncio.Runner.run uvloop.run",
        Trait.AWAITS_ARGUMENT: "asyncio.wait_for asyncio.shield asyncio.tasks.wait_for",
        Trait.YIELDS_COMPLETED: "concurrent.futures.as_completed asyncio.as_completed dask.distributed.as_completed",
        Trait.HAS_WEBSOCKETS: "aiohttp.** starlette.** fastapi.** litestar.** sanic.** quart.** falcon.** blacksheep.** websockets.**",
        Trait.DRIVES_BROWSER: "playwright.** patchright.** pyppeteer.**",
    },
    aliases={
        "asyncio.streams.StreamReader": "asyncio.StreamReader", "asyncio.streams.StreamWriter": "asyncio.StreamWriter",
        "aiohttp.web.Response": "aiohttp.web.StreamResponse", "aiohttp.web_ws.WebSocketResponse": "aiohttp.web.WebSocketResponse",
        "starlette.websockets.WebSocket": "fastapi.WebSocket", "fastapi.websockets.WebSocket": "fastapi.WebSocket",
        "websockets.client.connect": "websockets.connect", "websockets.legacy.server.WebSocketServerProtocol": "websockets.WebSocketServerProtocol",
        "websockets.server.WebSocketServerProtocol": "websockets.WebSocketServerProtocol",
        "websockets.asyncio.client.connect": "websockets.connect", "websockets.asyncio.client.ClientConnection": "websockets.ClientConnection",
        "asyncpg.pool.Pool": "asyncpg.Pool", "asyncpg.connection.Connection": "asyncpg.Connection",
        "redis.asyncio.StrictRedis": "redis.asyncio.Redis", "redis.asyncio.client.Redis": "redis.asyncio.Redis",
        f"{_MOTOR}Collection": "pymongo.asynchronous.collection.AsyncCollection",
        "sqlalchemy.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlalchemy.ext.asyncio.engine.AsyncConnection": "sqlalchemy.ext.asyncio.AsyncConnection",
        "langchain_core.language_models.chat_models.BaseChatModel": "langchain_core.language_models.BaseChatModel",
        "langchain_core.language_models.BaseLanguageModel": "langchain_core.language_models.BaseChatModel",
        "mistralai.Mistral.aio": "mistralai.Mistral", "together.AsyncTogether": "together.Together",
        **{f"azure.{module}.aio.{name}": f"azure.{module}.{name}" for module, names in _AZURE.items() for name in names.split()},
    },
)  # fmt: skip
