#!/usr/bin/env python3
"""Write events.golden: the events of tests/unit/test_events.c, by Google's protobuf runtime."""
import os
import struct

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="tensorflow", syntax="proto3")


def message(name, *fields):
    entry = file.message_type.add(name=name)
    for number, label, kind, field, type_name in fields:
        entry.field.add(number=number, label=label, type=kind, name=field, type_name=type_name)


message(
    "Value",
    (1, F.LABEL_OPTIONAL, F.TYPE_STRING, "tag", None),
    (2, F.LABEL_OPTIONAL, F.TYPE_FLOAT, "simple_value", None),
)
message("Summary", (1, F.LABEL_REPEATED, F.TYPE_MESSAGE, "value", ".tensorflow.Value"))
message(
    "Event",
    (1, F.LABEL_OPTIONAL, F.TYPE_DOUBLE, "wall_time", None),
    (2, F.LABEL_OPTIONAL, F.TYPE_INT64, "step", None),
    (3, F.LABEL_OPTIONAL, F.TYPE_STRING, "file_version", None),
    (5, F.LABEL_OPTIONAL, F.TYPE_MESSAGE, "summary", ".tensorflow.Summary"),
)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Event = message_factory.MessageFactory(pool).GetPrototype(
    pool.FindMessageTypeByName("tensorflow.Event")
)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(event):
    data, length = event.SerializeToString(), struct.pack("<Q", event.ByteSize())
    return length + masked_crc(length) + data + masked_crc(data)


def scalar(wall_time, step, tag, value):
    event = Event(wall_time=wall_time, step=step)
    event.summary.value.add(tag=tag, simple_value=value)
    return event


with open(os.path.join(os.path.dirname(__file__), "events.golden"), "wb") as out:
    out.write(record(Event(wall_time=1500000000.25, file_version="brain.Event:2")))
    out.write(record(scalar(1500000001.5, 1, "train/loss", 12.5)))
    out.write(record(scalar(1500000002.75, 123456789012, "validation/gap", 0.8125)))
