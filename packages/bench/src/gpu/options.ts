import type { ComputePrecision } from '@weft/model'
import type { Device } from '@weft/ort'

export type GpuPrecision = ComputePrecision

export interface GpuBenchOptions {
  device: Device
  /** Tiny shapes and few steps: everything runs, nothing is measured. */
  short: boolean
  /** Seconds that all may take; what does not fit is named as skipped. */
  seconds: number
  /** Where PEFT's golden cases are. */
  golden: string
}

/** What a device computes in; the rest is named as skipped. */
export const precisionsOf = (device: Device): readonly GpuPrecision[] =>
  device === 'cuda' ? ['float32', 'float16', 'bfloat16'] : device === 'cpu' ? ['float32', 'float16'] : ['float32']

export const allPrecisions: readonly GpuPrecision[] = ['float32', 'float16', 'bfloat16']
