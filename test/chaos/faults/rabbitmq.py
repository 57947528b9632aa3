"""What a RabbitMQ broker does to its clients."""

import os
import shutil

from . import ON_SERVERS, SERVERS, fault

QUEUE = "sms.send"


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
def queue_deleted(world, dice, hold):
    world.servers.rabbitmqctl("delete_queue", QUEUE)
    return ""


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def queue_purged(world, dice, hold):
    world.servers.rabbitmqctl("purge_queue", QUEUE)
    return ""
