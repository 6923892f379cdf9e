import { isQuantized, type Precision, precisionOf, type WeightPrecision } from '@weft/model'
import type { Device } from '@weft/ort'
import { precisionUnavailable } from '../errors.ts'

/** What each device computes with. */
const available: Readonly<Record<Device, readonly WeightPrecision[]>> = {
  cpu: ['float32', 'float16', 'int8', 'int4'],
  cuda: ['float32', 'float16', 'bfloat16'],
  webgpu: ['float32'],
}

/**
 * A precision that was asked for, on a device. With weights in few bits the CPU holds keys and values in float16, as llama.cpp does: half the memory of a
 * token, and a rounding (2⁻¹¹) far below that of the weights. @throws WeftError `precision_unavailable`, which names what there is */
export function devicePrecision(device: Device, weights: WeightPrecision): Precision {
  if (!available[device].includes(weights)) throw precisionUnavailable(device, weights, available[device])
  const precision = precisionOf(weights)
  return device === 'cpu' && isQuantized(precision) && attendsInFloat32 && hasFloat16() ? { ...precision, cache: 'float16' } : precision
}

/**
 * Whether ONNX Runtime's attention multiplies what it reads in float16 as float32. Where the processor has products of float16 numbers it sums in
 * float16 as well, which rounds more than the cache does.
 */
const attendsInFloat32 = process.arch === 'x64'

/** Node 22 has no array of them: there everything stays in float32, as weights in few bits can. */
const hasFloat16 = (): boolean => 'Float16Array' in globalThis
