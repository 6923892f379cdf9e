import protobuf from 'protobufjs'

/** The messages and fields of ONNX (onnx/onnx.proto, IR version 11) that we write, under their official numbers. */
const text = `
syntax = "proto2";
package onnx;

message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }

message TensorProto {
  enum DataLocation { DEFAULT = 0; EXTERNAL = 1; }
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  optional string name = 8;
  optional bytes raw_data = 9;
  repeated StringStringEntryProto external_data = 13;
  optional DataLocation data_location = 14;
}

message TensorShapeProto {
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  repeated Dimension dim = 1;
}
message TypeProto {
  message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
  oneof value { Tensor tensor_type = 1; }
}
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }

message AttributeProto {
  enum AttributeType { UNDEFINED = 0; FLOAT = 1; INT = 2; STRING = 3; INTS = 7; }
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  repeated int64 ints = 8;
  optional AttributeType type = 20;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string domain = 7;
}
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
}
message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
}
`

/** ONNX's model message. */
export const ModelProto = protobuf.parse(text, { keepCase: true }).root.lookupType('onnx.ModelProto')

export interface AttributeProto {
  name: string
  type: 1 | 2 | 3 | 7
  f?: number
  i?: number
  s?: Uint8Array
  ints?: readonly number[]
}

export interface NodeProto {
  name: string
  op_type: string
  domain?: string
  input: string[]
  output: string[]
  attribute: AttributeProto[]
}

export interface TensorProto {
  name: string
  data_type: number
  dims: readonly number[]
  raw_data?: Uint8Array
  external_data?: { key: string; value: string }[]
  data_location?: 1
}
