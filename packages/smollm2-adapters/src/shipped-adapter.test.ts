import { type ModelSpec, readAdapter, readSafetensors } from '@weft/adapters'
import { shapeFile } from '@weft/bench/training/program'
import { loadModel } from '@weft/model'
import { probesOfRows, readRow } from '@weft/protocol'
import { beforeAll, expect, test } from 'vitest'
import { AdapterFolder, shippedFor, trainingRows } from './index.ts'

const { base, adapters } = new AdapterFolder().read()
let spec: ModelSpec
beforeAll(async () => {
  spec = (await loadModel(shapeFile('smollm2'))).spec
})

test.each(shippedFor(base.fingerprint).map((adapter) => [adapter.name, adapter] as const))(
  '%s is for the base model as it is pulled, and small',
  async (name, { file, task }) => {
    const { manifest } = await readAdapter(file, { model: spec, base })
    expect(manifest.method).toBe(adapters[name].method)
    expect(manifest.training?.seed).toBe(Number(Object.keys(adapters[name].seeds)[0]))
    expect(file.length).toBe(adapters[name].bytes)
    expect(file.length).toBeLessThan(600_000)
    const tensors = Object.values(readSafetensors(file).tensors)
    expect(new Set(tensors.map(({ dtype }) => dtype))).toEqual(new Set(['F16']))
    const probes = probesOfRows(trainingRows(task(0)).map((row, i) => readRow(JSON.stringify(row), i + 1)))
    expect(probes.length).toBeGreaterThan(30)
  },
)

test('for another base model there is none', () => {
  expect(shippedFor('0'.repeat(64))).toEqual([])
})
