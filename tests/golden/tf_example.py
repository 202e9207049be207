"""tf.Example and tf.SequenceExample for Google's protobuf runtime, and TFRecord framing; no TensorFlow.

The messages are those of TensorFlow's core/example/{example,feature}.proto, built as descriptors.
"""
import struct
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
FLOAT, INT64, STRING, MESSAGE, BYTES = F.TYPE_FLOAT, F.TYPE_INT64, F.TYPE_STRING, F.TYPE_MESSAGE, F.TYPE_BYTES


def add_field(message, name, number, kind, repeated=False, of=None, oneof=None, packed=None):
    field = message.field.add(name=name, number=number, type=kind)
    field.label = F.LABEL_REPEATED if repeated else F.LABEL_OPTIONAL
    if of:
        field.type_name = ".podium." + of
    if oneof is not None:
        field.oneof_index = oneof
    if packed is not None:
        field.options.packed = packed


def add_map(message, name, number, of):
    entry = message.nested_type.add(name=name.title().replace("_", "") + "Entry")
    entry.options.map_entry = True
    add_field(entry, "key", 1, STRING)
    add_field(entry, "value", 2, MESSAGE, of=of)
    add_field(message, name, number, MESSAGE, repeated=True, of=message.name + "." + entry.name)


def messages(packed):
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="podium", syntax="proto3")
    for name, kind in ("BytesList", BYTES), ("FloatList", FLOAT), ("Int64List", INT64):
        add_field(file.message_type.add(name=name), "value", 1, kind, repeated=True,
                  packed=None if kind == BYTES else packed)
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    add_field(feature, "bytes_list", 1, MESSAGE, of="BytesList", oneof=0)
    add_field(feature, "float_list", 2, MESSAGE, of="FloatList", oneof=0)
    add_field(feature, "int64_list", 3, MESSAGE, of="Int64List", oneof=0)
    add_map(file.message_type.add(name="Features"), "feature", 1, "Feature")
    add_field(file.message_type.add(name="FeatureList"), "feature", 1, MESSAGE, repeated=True, of="Feature")
    add_map(file.message_type.add(name="FeatureLists"), "feature_list", 1, "FeatureList")
    sequence = file.message_type.add(name="SequenceExample")
    add_field(sequence, "context", 1, MESSAGE, of="Features")
    add_field(sequence, "feature_lists", 2, MESSAGE, of="FeatureLists")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {m.name: factory.GetPrototype(pool.FindMessageTypeByName("podium." + m.name))
            for m in file.message_type}


TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(payload):
    head = struct.pack("<Q", len(payload))
    return head + struct.pack("<I", masked_crc(head)) + payload + struct.pack("<I", masked_crc(payload))


def records(path):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        size, = struct.unpack_from("<Q", data, at)
        yield data[at + 12:at + 12 + size]
        at += size + 16
