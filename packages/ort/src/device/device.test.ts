import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { PATIENCE, runProgram } from '../../test/child.ts'
import { dense } from '../../test/models.ts'
import { missingVulkan, vulkanEnv } from '../../test/swiftshader.ts'
import { type Device, openRuntime } from '../index.ts'

test('every device is reported with a reason', () => {
  using ort = openRuntime()
  const devices = ort.availableDevices()
  expect(devices.map(({ device }) => device)).toEqual(['cuda', 'webgpu', 'cpu'])
  expect(devices.every(({ reason }) => reason.length > 0)).toBe(true)
  expect(devices[2]).toEqual({ device: 'cpu', available: true, reason: 'always there' })
})

const cuda = join(dirname(openRuntime().library), 'libonnxruntime_providers_cuda.so')
test.skipIf(existsSync(cuda))('CUDA without its provider library says which file is missing and what to do', async () => {
  using ort = openRuntime()
  const failure = expect.objectContaining({
    code: 'device_unavailable',
    message: expect.stringMatching(/cuda asked for, but .*onnxruntime_providers_cuda.*Install|built without CUDAExecutionProvider/),
  })
  expect(() => ort.session(dense(), { device: 'cuda' })).toThrow(failure)
  await expect(ort.load(dense(), { device: 'cuda' })).rejects.toEqual(failure)
  expect(ort.availableDevices()[0]).toMatchObject({ device: 'cuda', available: false })
})

test('a device nobody knows is refused by name', () => {
  using ort = openRuntime()
  expect(() => ort.session(dense(), { device: 'tpu' as Device })).toThrow(
    expect.objectContaining({ code: 'unknown_device', message: expect.stringContaining('cpu, webgpu, cuda') }),
  )
})

test.skipIf(missingVulkan)(
  `webgpu${missingVulkan ? ` (skipped: ${missingVulkan})` : ''}`,
  () => {
    const results = runProgram<Record<string, unknown>>('programs/webgpu.ts', { env: vulkanEnv })
    expect(results).toMatchObject({
      first: [19, 32],
      rewritten: [20, 34],
      device: 'webgpu',
      copied: [1, 1, 1],
      fromDevice: [19, 32],
      data: 'not_on_cpu',
      view: 'not_on_cpu',
      mismatch: 'data_mismatch',
      refused: ['device_busy', 'device_busy', 'binding_busy'],
      concurrent: [
        [10, 20],
        [19, 32],
        [28, 44],
        [37, 56],
      ],
      cache: [1, 1, 1, 1, 0, 0, 0, 0, 3, 3, 3, 3],
      live: {},
    })
    expect(results.difference).toBeLessThan(1e-5 * (results.largest as number))
  },
  PATIENCE,
)

test.skipIf(missingVulkan).each(['cpu', 'webgpu'])(
  'a process may end in the middle of a run: %s',
  (device) => {
    const results = runProgram('programs/exit-during-run.ts', { env: { ...vulkanEnv, DEVICE: device }, status: 7 })
    expect(results).toEqual({})
  },
  PATIENCE,
)
