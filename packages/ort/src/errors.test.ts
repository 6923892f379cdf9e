import { expect, test } from 'vitest'
import { nativeFailure } from './errors.ts'

test.each([
  'CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=a ; file=cuda_call.cc ; expr=cudaStreamSynchronize(stream)',
  'CUDA failure 719: unspecified launch failure',
  'CUDA error cudaErrorECCUncorrectable: uncorrectable ECC error encountered',
  'WebGPU device was lost: the driver was reset',
])('a device that is gone has a code of its own: %s', (message) => {
  const error = nativeFailure(1, message)
  expect([error.code, error.fault]).toEqual(['device_lost', 'ours'])
  expect(error.message).toContain('restart the runner')
  expect(error.message).toContain(message)
})

test.each([
  'CUDA failure 2: out of memory ; GPU=0',
  'Non-zero status code returned while running Gather node. indices element out of data bounds, idx=700 must be within the inclusive range',
])('what another call may survive keeps the code of ONNX Runtime: %s', (message) => {
  expect(nativeFailure(1, message).code).toBe('ort_fail')
})
