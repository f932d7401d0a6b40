"""A Ray cluster of two nodes, one of which is lost at the first line of standard input.

Prints the cluster's address and its folder; ends when standard input does.
"""

import inspect
import socket
import sys

from ray._private import services
from ray.cluster_utils import Cluster

PORTS = [
    f"{name}_port"
    for name in ("metrics_agent", "metrics_export", "runtime_env_agent", "dashboard_agent_listen")
]


def node() -> dict[str, int]:
    sockets = [socket.create_server(("", 0)) for _ in PORTS]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return {
        **{"num_cpus": 1, "object_store_memory": 80 * 2**20},
        **dict(zip(PORTS, ports, strict=True)),
    }


def tell_ports_at_once() -> None:
    """Spare a node the wait for its agents, which a busy machine does not start in time."""
    try:
        from ray._raylet import persist_port  # type: ignore[attr-defined]  # it is compiled
    except ImportError:  # a version that does not wait
        return
    start = services.start_raylet

    def start_raylet(*arguments, **named):
        given = inspect.signature(start).bind(*arguments, **named).arguments
        for name in PORTS:
            persist_port(given["session_dir"], given["node_id"], name, given[name])
        return start(*arguments, **named)

    services.start_raylet = start_raylet


tell_ports_at_once()
cluster = Cluster(initialize_head=True, head_node_args={"include_dashboard": False, **node()})
second = cluster.add_node(**node())
print(cluster.address, cluster.head_node.get_session_dir_path(), flush=True)
for _ in sys.stdin:
    cluster.remove_node(second, allow_graceful=False)
    print("lost", flush=True)
cluster.shutdown()
