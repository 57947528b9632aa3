"""What a RabbitMQ broker does to its clients."""

import os
import shutil
from contextlib import contextmanager

from world import SETTINGS

from . import ON_SERVERS, SERVERS, fault

QUEUE = f"{SETTINGS['AMQP_PREFIX']}.send"
PARKED = f"{SETTINGS['AMQP_PREFIX']}.parked"


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def close_all_connections(world, dice, hold):
    world.servers.rabbitmqctl("close_all_connections", "chaos")
    return ""


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def stop_app(world, dice, hold):
    world.servers.rabbitmqctl("stop_app")
    try:
        hold(dice.choice((0, 3)))
    finally:
        world.servers.rabbitmqctl("start_app")
    return ""


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def memory_alarm(world, dice, hold):
    seconds = dice.choice((3, 12))
    begin_memory_alarm(world)
    try:
        hold(seconds)
    finally:
        end_memory_alarm(world)
    return f"for {seconds} s"


def begin_memory_alarm(world):
    world.servers.rabbitmqctl("set_vm_memory_high_watermark", "0.0000001")


def end_memory_alarm(world):
    world.servers.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "2GB")


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def broker_killed(world, dice, hold):
    world.servers.control("stop-rabbitmq", "KILL")
    try:
        hold(dice.choice((0, 3)))
    finally:
        world.servers.control("start-rabbitmq")
    return ""


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def broker_wiped(world, dice, hold):
    """Killed, and everything it had on disk is gone."""
    world.servers.control("stop-rabbitmq", "KILL")
    try:
        shutil.rmtree(os.path.join(world.servers.directory, "rabbitmq/mnesia"))
    finally:
        world.servers.control("start-rabbitmq")
    return ""


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def disk_alarm(world, dice, hold):
    seconds = dice.choice((3, 12))
    world.servers.rabbitmqctl("set_disk_free_limit", "1000000GB")
    try:
        hold(seconds)
    finally:
        world.servers.rabbitmqctl("set_disk_free_limit", "50MB")
    return f"for {seconds} s"


@contextmanager
def policy(world, definition):
    """Of the queue, for as long as the block lasts."""
    world.servers.rabbitmqctl("set_policy", "chaos", f"^{QUEUE}$", definition, "--apply-to", "queues")
    try:
        yield
    finally:
        world.servers.rabbitmqctl("clear_policy", "chaos")


def queue_length(world):
    """Messages in it, those that a worker holds included. The broker counts them every 5 s."""
    rows = world.servers.rabbitmqctl("-q", "--no-table-headers", "list_queues", "name", "messages").splitlines()
    return int(dict(row.split("\t") for row in rows)[QUEUE])


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def queue_refuses(world, dice, hold):
    """What is published is answered with a nack."""
    seconds = dice.choice((3, 6))
    with policy(world, '{"max-length": 1, "overflow": "reject-publish"}'):
        hold(seconds)
    return f"for {seconds} s"


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def deliveries_limited(world, dice, hold):
    """What a worker had when its connection ended is not delivered again. The faults of processes run beside this one,
    so it kills none itself."""
    seconds = dice.choice((3, 6))
    with policy(world, '{"delivery-limit": 0}'):
        for _ in range(2):
            hold(seconds / 2)
            close_all_connections(world, dice, hold)
    return f"for {seconds} s"


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def queue_deleted(world, dice, hold):
    return _if_there(world, "delete_queue")


def _if_there(world, command):
    """A fault before this one may have taken it away."""
    try:
        world.servers.rabbitmqctl(command, QUEUE)
    except AssertionError as error:
        if "not_found" not in str(error) and "not found" not in str(error).lower():
            raise
        return "it was not there"
    return ""


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def queue_purged(world, dice, hold):
    return _if_there(world, "purge_queue")
