#!/usr/bin/python3
"""Write events.tfrecord, as a TensorBoard writer would, through Google's protobuf runtime."""
import os

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tf_example import F, FLOAT, INT64, MESSAGE, STRING, add_field, frame

file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="podium", syntax="proto3")
event = file.message_type.add(name="Event")
add_field(event, "wall_time", 1, F.TYPE_DOUBLE)
add_field(event, "step", 2, INT64)
add_field(event, "file_version", 3, STRING, oneof=0)
add_field(event, "summary", 5, MESSAGE, of="Summary", oneof=0)
event.oneof_decl.add(name="what")
add_field(file.message_type.add(name="Summary"), "value", 1, MESSAGE, repeated=True, of="Value")
value = file.message_type.add(name="Value")
value.oneof_decl.add(name="value")
add_field(value, "tag", 1, STRING)
add_field(value, "simple_value", 2, FLOAT, oneof=0)
add_field(value, "tensor", 8, MESSAGE, of="Tensor", oneof=0)
tensor = file.message_type.add(name="Tensor")
add_field(tensor, "dtype", 1, F.TYPE_INT32)
add_field(tensor, "float_val", 5, FLOAT, repeated=True)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Event = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("podium.Event"))

events = [Event(wall_time=1.5, file_version="brain.Event:2"), Event(wall_time=2.25, step=10),
          Event(wall_time=1700000000.125, step=-3)]
events[1].summary.value.add(tag="loss", simple_value=0.3)
events[1].summary.value.add(tag="rate", simple_value=float("nan"))
tensors = events[2].summary.value.add(tag="gap")
tensors.tensor.dtype = 1
tensors.tensor.float_val.append(0.5)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "events.tfrecord"), "wb") as out:
    out.write(b"".join(frame(e.SerializeToString(deterministic=True)) for e in events))
