"""Databases, caches, queues and remote shells. Timeouts in seconds.

Source: the documentation of each library. libpq (psycopg2) and paramiko connect without a timeout; psycopg times out after 130 s, pymysql after
10 s, redis after 5 s (since its version 8). pymemcache waits without limit, and aiomcache has no parameter for one.
Redis and MongoDB clients are thread-safe; connections, cursors and shells are stateful.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Trait, Types

FAMILY = Family(
    entries=(
        Calls(Kind.NETWORK, Effect.WRITE, "redis.Redis.* redis.client.Pipeline.execute redis.cluster.RedisCluster.* pymongo.collection.Collection.*"),
        Calls(Kind.PURE, Effect.NONE, "redis.Redis.{pipeline pubsub lock register_script close}"),
        Calls(Kind.NETWORK, Effect.QUERY, "redis.Redis.{get mget hget hgetall exists keys ttl llen lrange smembers zrange scan_iter ping}"),
        Calls(Kind.NETWORK, Effect.QUERY, """
            pymongo.collection.Collection.{find find_one count_documents aggregate distinct}
            elasticsearch.Elasticsearch.{search get mget exists count} elasticsearch.helpers.scan opensearchpy.OpenSearch.{search get}
        """),
        Calls(Kind.NETWORK, Effect.WRITE, """
            elasticsearch.Elasticsearch.{index bulk delete update create} elasticsearch.helpers.bulk opensearchpy.OpenSearch.{index bulk delete}
            psycopg.{connect} pymysql.connect MySQLdb.connect mysql.connector.connect pyodbc.connect cx_Oracle.connect oracledb.connect
            psycopg.Connection.{execute commit} psycopg.Cursor.{execute executemany fetchall fetchone}
            psycopg2.extensions.connection.{commit rollback} psycopg2.extensions.cursor.{execute executemany fetchall fetchone}
            pymysql.connections.Connection.{commit} pymysql.cursors.Cursor.{execute executemany fetchall fetchone}
            sqlalchemy.engine.Connection.{execute scalar} sqlalchemy.orm.Session.{execute commit scalars query flush}
            kafka.KafkaProducer.{send flush} pika.channel.Channel.basic_publish confluent_kafka.Producer.{produce flush} nats.NATS.publish
            memcache.Client.{get set delete} pymemcache.client.base.Client.{get set delete}
            influxdb.InfluxDBClient.{query write_points} cassandra.cluster.Session.execute neo4j.Session.run ldap3.Connection.{search add modify delete}
            pysftp.Connection.{get put execute} zmq.Socket.{send recv}
        """),
        Calls(Kind.NETWORK, Effect.WRITE, """
            paramiko.SFTPClient.{get put open remove mkdir listdir stat}
            paramiko.Transport.connect fabric.Connection.{run sudo put get} netmiko.ConnectHandler.{send_command send_config_set}
        """),
        Entry("paramiko.SSHClient.exec_command", Kind.NETWORK, Effect.WRITE, Timeout(position=2, raises="TimeoutError")),
        Entry("paramiko.SSHClient.connect", Kind.NETWORK, Effect.WRITE, Timeout(position=6, raises="TimeoutError")),
        Entry("psycopg2.connect", Kind.NETWORK, Effect.WRITE, Timeout(
            "connect_timeout", position=0, raises="psycopg2.OperationalError", others=("dsn", "service"))),  # the dsn may hold one
        Entry("redis.Redis", Kind.PURE, Effect.NONE, Timeout("socket_timeout", position=4, default=5.0, raises="redis.TimeoutError")),
        Calls(Kind.PURE, Effect.NONE, """
            redis.{from_url ConnectionPool BlockingConnectionPool Sentinel} redis.Redis.from_url redis.ConnectionPool.from_url
            redis.cluster.RedisCluster redis.cluster.RedisCluster.from_url redis.asyncio.{Redis from_url ConnectionPool RedisCluster Sentinel}
            redis.asyncio.Redis.from_url redis.asyncio.ConnectionPool.from_url
        """, Timeout("socket_timeout", default=5.0, raises="redis.TimeoutError")),
        Entry("pymemcache.client.base.Client", Kind.PURE, Effect.NONE, Timeout(position=5, raises="TimeoutError")),
        Calls(Kind.PURE, Effect.NONE, "pymemcache.client.base.PooledClient pymemcache.client.hash.HashClient", Timeout(raises="TimeoutError")),
        Calls(Kind.NETWORK, Effect.QUERY, "aiomcache.Client.{get gets multi_get stats version}", Timeout("", raises="TimeoutError")),
        Calls(Kind.NETWORK, Effect.WRITE, """
            aiomcache.Client.{set cas add replace append prepend delete incr decr touch flush_all}
        """, Timeout("", raises="TimeoutError")),
        Calls(Kind.METADATA, Effect.NONE, "paramiko.SSHClient.{open_sftp close set_missing_host_key_policy load_system_host_keys}"),
        Calls(Kind.FILE, Effect.WRITE, "sqlite3.Connection.{execute executemany executescript commit} sqlite3.Cursor.{execute executemany fetchall fetchone}"),
        Calls(Kind.METADATA, Effect.READ, "sqlite3.connect"),
        Calls(Kind.NETWORK, Effect.READ, "dns.resolver.{resolve query}"),
        Calls(Kind.NETWORK, Effect.QUERY, "dns.resolver.Resolver.{resolve query} whois.whois ntplib.NTPClient.request"),
        Calls(Kind.NETWORK, Effect.QUERY, "pynetbox.api.Api.* hvac.Client.* consul.Consul.*"),
    ),
    types=(
        Types(Sharing.SAFE, "redis.Redis pymongo.collection.Collection elasticsearch.Elasticsearch opensearchpy.OpenSearch kafka.KafkaProducer"),
        Types(Sharing.STATEFUL, """
            sqlite3.Connection sqlite3.Cursor psycopg.Connection psycopg.Cursor psycopg2.extensions.connection psycopg2.extensions.cursor
            pymysql.connections.Connection pymysql.cursors.Cursor sqlalchemy.engine.Connection sqlalchemy.orm.Session redis.client.Pipeline
            paramiko.SSHClient paramiko.SFTPClient paramiko.Transport fabric.Connection pysftp.Connection ldap3.Connection zmq.Socket neo4j.Session
            memcache.Client pymemcache.client.base.Client
        """),
    ),
    returns={
        "sqlite3.connect": "sqlite3.Connection", "sqlite3.Connection.cursor": "sqlite3.Cursor", "sqlite3.Connection.execute": "sqlite3.Cursor",
        "psycopg.connect": "psycopg.Connection", "psycopg.Connection.cursor": "psycopg.Cursor",
        "psycopg2.connect": "psycopg2.extensions.connection", "psycopg2.extensions.connection.cursor": "psycopg2.extensions.cursor",
        "pymysql.connect": "pymysql.connections.Connection", "pymysql.connections.Connection.cursor": "pymysql.cursors.Cursor",
        "paramiko.SSHClient.open_sftp": "paramiko.SFTPClient", "paramiko.SFTPClient.from_transport": "paramiko.SFTPClient",
        "redis.from_url": "redis.Redis", "redis.Redis.from_url": "redis.Redis", "redis.Redis.pipeline": "redis.client.Pipeline",
        "pymongo.MongoClient.[]": "pymongo.database.Database", "pymongo.database.Database.[]": "pymongo.collection.Collection",
        "pymongo.MongoClient.get_database": "pymongo.database.Database", "pymongo.database.Database.get_collection": "pymongo.collection.Collection",
        "sqlalchemy.engine.Engine.connect": "sqlalchemy.engine.Connection", "sqlalchemy.create_engine": "sqlalchemy.engine.Engine",
    },
    aliases={"redis.StrictRedis": "redis.Redis", "redis.client.Redis": "redis.Redis", "redis.connection.ConnectionPool": "redis.ConnectionPool",
             "redis.RedisCluster": "redis.cluster.RedisCluster", "redis.sentinel.Sentinel": "redis.Sentinel",
             "redis.asyncio.cluster.RedisCluster": "redis.asyncio.RedisCluster", "redis.asyncio.sentinel.Sentinel": "redis.asyncio.Sentinel",
             "pymemcache.Client": "pymemcache.client.base.Client", "pymemcache.client.Client": "pymemcache.client.base.Client",
             "pymemcache.PooledClient": "pymemcache.client.base.PooledClient", "pymemcache.HashClient": "pymemcache.client.hash.HashClient",
             "aiomcache.client.Client": "aiomcache.Client", "paramiko.client.SSHClient": "paramiko.SSHClient",
             "sqlalchemy.orm.session.Session": "sqlalchemy.orm.Session"},
    traits={Trait.THREAD_LOCAL: "django.db.{connection connections}"},
    caught_by={"psycopg2.OperationalError": "DatabaseError Error", "redis.TimeoutError": "RedisError"},
)  # fmt: skip
