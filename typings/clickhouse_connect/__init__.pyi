"""The part of clickhouse-connect that `backends/clickhouse/server.py` uses; its own types leave gaps."""

from collections.abc import Mapping

from clickhouse_connect.driver.client import Client
from urllib3 import PoolManager

def get_client(
    *,
    interface: str,
    host: str,
    port: int,
    username: str,
    password: str,
    ca_cert: str | None,
    settings: Mapping[str, str],
    autogenerate_session_id: bool,
    compress: bool,
    send_receive_timeout: int,
    pool_mgr: PoolManager,
) -> Client: ...
