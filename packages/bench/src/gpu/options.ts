import type { ComputePrecision } from '@weft/model'
import type { Device } from '@weft/ort'

export type GpuPrecision = ComputePrecision

/** What can be run by itself. */
export const gpuParts = ['golden', 'resume', 'decoding', 'training'] as const
export type GpuPart = (typeof gpuParts)[number]

export interface GpuBenchOptions {
  /** Only these parts, shapes and precisions; all when absent. */
  parts?: readonly GpuPart[]
  shapes?: readonly string[]
  precisions?: readonly GpuPrecision[]
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

/** Whether a part, a shape or a precision was asked for. */
export const asked = <T>(of: readonly T[] | undefined, each: T): boolean => of === undefined || of.includes(each)

export const allPrecisions: readonly GpuPrecision[] = ['float32', 'float16', 'bfloat16']
