import { type Precision, precisionOf, type WeightPrecision } from '@weft/model'
import type { Device } from '@weft/ort'
import { precisionUnavailable } from '../errors.ts'

/** What each device computes with. */
const available: Readonly<Record<Device, readonly WeightPrecision[]>> = {
  cpu: ['float32', 'float16', 'int8', 'int4'],
  cuda: ['float32', 'float16', 'bfloat16'],
  webgpu: ['float32'],
}

/** A precision that was asked for, on a device. @throws WeftError `precision_unavailable`, which names what there is */
export function devicePrecision(device: Device, weights: WeightPrecision): Precision {
  if (!available[device].includes(weights)) throw precisionUnavailable(device, weights, available[device])
  return precisionOf(weights)
}
