import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { dense } from '../../test/models.ts'
import { openRuntime, parseProfile } from '../index.ts'

afterEach(() => vi.unstubAllEnvs())

test('a profile sums up every node of every run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-ort-'))
  using ort = openRuntime()
  using session = ort.session(dense(), { profile: join(folder, 'run'), optimization: 'none' })
  using x = ort.tensor('float32', [1, 3])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  for (let i = 0; i < 5; i++) binding.runSync()
  const { runs, microseconds, ops, nodes } = session.readProfile()
  expect(runs).toBe(5)
  expect(ops.map(({ op, calls, provider }) => ({ op, calls, provider })).sort((a, b) => a.op.localeCompare(b.op))).toEqual(
    ['Add', 'MatMul', 'Relu'].map((op) => ({ op, calls: 5, provider: 'CPUExecutionProvider' })),
  )
  expect(nodes.map(({ node }) => node).sort()).toEqual(['/product/MatMul', '/sum/Add', '/y/Relu'])
  expect(ops.reduce((sum, op) => sum + op.microseconds, 0)).toBe(microseconds)
  expect(readdirSync(folder)).toEqual([])
  expect(() => session.readProfile()).toThrow(expect.objectContaining({ code: 'profile_off' }))
  rmSync(folder, { recursive: true })
  expect(existsSync(folder)).toBe(false)
})

test('a profile without a path leaves nothing behind: read, not read, or of a session that could not be made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-ort-'))
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) vi.stubEnv(name, folder)
  using ort = openRuntime()
  const read = ort.session(dense(), { profile: true })
  const unread = await ort.load(dense(), { profile: true })
  expect(readdirSync(folder)).toHaveLength(2)
  read.readProfile()
  expect(readdirSync(folder)).toHaveLength(1)
  for (const session of [read, unread]) session.dispose()
  expect(readdirSync(folder)).toEqual([])
  const noModel = new Uint8Array([1, 2, 3])
  expect(() => ort.session(noModel, { profile: true })).toThrow('protobuf')
  await expect(ort.load(noModel, { profile: true })).rejects.toThrow('protobuf')
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

test('without profiling there is none', () => {
  using ort = openRuntime()
  using session = ort.session(dense())
  expect(() => session.readProfile()).toThrow(expect.objectContaining({ code: 'profile_off' }))
})

test('events other than kernels and runs do not count', () => {
  const event = (cat: string, name: string, dur: number, op_name?: string) => ({ cat, name, dur, ts: 0, args: { op_name, provider: 'P' } })
  const profile = parseProfile(
    JSON.stringify([
      event('Session', 'model_loading', 100),
      event('Session', 'model_run', 50),
      event('Node', 'a_fence_before', 3, 'Add'),
      event('Node', 'a_kernel_time', 7, 'Add'),
      event('Node', 'b_kernel_time', 20, 'MatMul'),
      event('Node', 'a_kernel_time', 9, 'Add'),
    ]),
  )
  expect(profile).toEqual({
    runs: 1,
    microseconds: 36,
    ops: [
      { op: 'MatMul', provider: 'P', calls: 1, microseconds: 20 },
      { op: 'Add', provider: 'P', calls: 2, microseconds: 16 },
    ],
    nodes: [
      { node: 'b', op: 'MatMul', provider: 'P', calls: 1, microseconds: 20 },
      { node: 'a', op: 'Add', provider: 'P', calls: 2, microseconds: 16 },
    ],
  })
})
