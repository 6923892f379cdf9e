import { expect, test } from 'vitest'
import { chooseDevice, type DeviceProbe } from './device.ts'

const probe = (cuda: boolean, cards: string[], webgpu = true): DeviceProbe => ({
  providers: [
    { device: 'cuda', available: cuda, reason: cuda ? 'it has CUDA' : 'libonnxruntime_providers_cuda.so is not there' },
    { device: 'webgpu', available: webgpu, reason: webgpu ? 'it has WebGPU' : 'it was built without WebGPU' },
    { device: 'cpu', available: true, reason: 'always there' },
  ],
  cudaCards: cards,
})

test('auto takes CUDA only where provider and card are there, and says why not', () => {
  expect(chooseDevice('auto', probe(true, ['/dev/nvidia0']))).toMatchObject({ name: 'cuda', reason: expect.stringContaining('/dev/nvidia0') })
  expect(chooseDevice('auto', probe(false, ['/dev/nvidia0']))).toMatchObject({ name: 'cpu', reason: expect.stringContaining('providers_cuda') })
  for (const cuda of [true, false]) expect(chooseDevice('auto', probe(cuda, []))).toEqual({ name: 'cpu', reason: 'there is no NVIDIA card' })
})

test('WebGPU is taken only when asked for', () => {
  expect(chooseDevice('auto', probe(false, [])).name).toBe('cpu')
  expect(chooseDevice('webgpu', probe(false, [])).name).toBe('webgpu')
})

test('a device asked for by name is taken or refused with the reason, never replaced', () => {
  expect(chooseDevice('cpu', probe(true, ['/dev/nvidia0'])).name).toBe('cpu')
  expect(() => chooseDevice('cuda', probe(false, []))).toThrow(/providers_cuda/)
  expect(() => chooseDevice('cuda', probe(true, []))).toThrow(/no NVIDIA card/)
  expect(() => chooseDevice('webgpu', probe(false, [], false))).toThrow(/built without WebGPU/)
})
