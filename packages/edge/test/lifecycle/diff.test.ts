import { env } from 'cloudflare:workers'
import { type AdapterState, floatTensor } from '@weft/adapters'
import { beforeEach, expect, test } from 'vitest'
import { distances } from '../../src/diff/distance.ts'
import { windowBytes } from '../../src/diff/stored-adapter.ts'
import { adapterFile, edge, json, publish, script } from '../edge.ts'

beforeEach(() => script())

const rows = (values: number[]): AdapterState => ({ inputsEmbeds: { rows: floatTensor([values.length / 4, 4], Float32Array.from(values)) } })
const diff = (query: string, name = 'diff/a') => json(edge(`/v1/adapters/${name}/diff?${query}`))
const digest = (byte: string) => `sha256:${byte.repeat(32)}`

test('settings, data, metrics and the distance of the tensors', async () => {
  const first = {
    state: rows([3, 0, 0, 0, 0, 4, 0, 0]),
    training: { steps: 10, loss: 2, evalLoss: 3, metrics: { accuracy: 0.5 }, hyperparameters: { learningRate: 0.1, steps: 10 } },
  }
  const second = {
    state: rows([0, 3, 0, 0, 0, 4, 0, 0]),
    training: { steps: 20, loss: 1.5, metrics: { accuracy: 0.75 }, hyperparameters: { learningRate: 0.2, steps: 10 } },
  }
  await publish('diff/a', await adapterFile({ ...first, lineage: { data: digest('aa'), validation: digest('cc') } }))
  await publish('diff/a', await adapterFile({ ...second, lineage: { data: digest('bb'), validation: digest('cc') } }))
  await edge('/v1/adapters/diff/a/aliases/prod', { method: 'PUT', body: '{"version": 1}' })
  const answer = await diff('from=1&to=2')
  expect(answer).toMatchObject({
    http: 200,
    object: 'adapter.diff',
    from: { id: 'diff/a@1' },
    to: { id: 'diff/a@2' },
    identical: false,
    config: [{ path: 'hyperparameters.learningRate', from: 0.1, to: 0.2 }],
    data: [
      { file: 'training', from: { digest: digest('aa'), rows: null }, to: { digest: digest('bb') }, same: false },
      { file: 'validation', same: true },
    ],
    metrics: [
      { name: 'steps', from: 10, to: 20, change: 10 },
      { name: 'loss', from: 2, to: 1.5, change: -0.5 },
      { name: 'evalLoss', from: 3, to: null, change: null },
      { name: 'accuracy', from: 0.5, to: 0.75, change: 0.25 },
    ],
    sites: [{ site: 'inputsEmbeds', tensors: 1, values: 8, from_norm: 5, to_norm: 5 }],
    changed: [],
  })
  const [site] = answer.sites
  expect(site.distance).toBeCloseTo(Math.sqrt(18), 6)
  expect(site.relative).toBeCloseTo(Math.sqrt(18) / 5, 6)
  expect(site.cosine).toBeCloseTo(16 / 25, 6)
  expect((await diff('from=prod')).to.id).toBe('diff/a@2')
  expect(await diff('from=1&to=1')).toMatchObject({ identical: true, config: [], sites: [{ distance: 0, relative: 0, cosine: 1 }] })
})

test('tensors of other shapes and of one alone are named; numbers of a job come with its rows', async () => {
  await publish('diff/b', await adapterFile({ rows: 2 }))
  await publish(
    'diff/b',
    await adapterFile({ rows: 3, state: { head: { weight: floatTensor([2, 4], new Float32Array(8)) } }, task: 'SEQ_CLS', labels: ['ham', 'spam'] }),
  )
  const answer = await diff('from=1&to=2', 'diff/b')
  expect(answer.changed).toEqual([
    { tensor: 'inputsEmbeds.rows', from: [2, 4], to: [3, 4] },
    { tensor: 'head.weight', from: null, to: [2, 4] },
  ])
  expect(answer.config.map(({ path }: { path: string }) => path)).toEqual(['config.numVirtualTokens', 'labels', 'sites', 'task', 'virtualTokens.rows'])
  const job = { job: { id: 'ftjob-diff', trainingFile: 'file-diff', resultFiles: [] }, spec: { required: [] } }
  const file = { id: 'file-diff', digest: digest('dd'), rows: 17 }
  await env.DB.prepare("INSERT INTO jobs (id, tenant, status, job, created_at) VALUES ('ftjob-diff', 'default', 'succeeded', ?, 1)")
    .bind(JSON.stringify(job))
    .run()
  await env.DB.prepare("INSERT INTO files (id, tenant, file, created_at) VALUES ('file-diff', 'default', ?, 1)").bind(JSON.stringify(file)).run()
  await publish('diff/b', await adapterFile({ lineage: { data: file.digest } }))
  await env.DB.prepare("UPDATE adapter_versions SET job_id = 'ftjob-diff' WHERE name = 'diff/b' AND version = 3").run()
  expect((await diff('from=1', 'diff/b')).data).toEqual([{ file: 'training', from: null, to: { digest: file.digest, rows: 17 }, same: false }])
  await env.DB.batch([env.DB.prepare("DELETE FROM jobs WHERE id = 'ftjob-diff'"), env.DB.prepare("DELETE FROM files WHERE id = 'file-diff'")])
})

test('a damaged file is told, and what is asked wrongly', async () => {
  const { digest: stored } = await json(publish('diff/c', await adapterFile({ value: 0.875 })))
  await publish('diff/c', await adapterFile({ value: 0.9375 }))
  const whole = new Uint8Array(await (await env.ADAPTERS.get(stored))!.arrayBuffer())
  whole[whole.length - 1]! ^= 1
  await env.ADAPTERS.put(stored, whole)
  expect(await diff('from=1&to=2', 'diff/c')).toMatchObject({ http: 500, error: { code: 'adapter_file_damaged' } })
  expect(await diff('', 'diff/c')).toMatchObject({ http: 400, error: { param: 'from' } })
  expect(await diff('from=9', 'diff/c')).toMatchObject({ http: 404, error: { code: 'adapter_version_not_found', param: 'from' } })
  expect(await diff('from=1%2Bx', 'diff/c')).toMatchObject({ http: 400 })
})

test('memory does not grow with the files: no read is longer than a window, and the sums are those of the whole', async () => {
  const count = windowBytes / 2 + 12_345
  let longest = 0
  const file = (value: (i: number) => number, dtype: 'F32' | 'BF16', shift: number) => {
    const size = dtype === 'F32' ? 4 : 2
    return {
      entries: new Map([['linear.big', { dtype, shape: [count], start: shift, end: shift + count * size }]]),
      read: async (start: number, end: number) => {
        longest = Math.max(longest, end - start)
        const values = Float32Array.from({ length: (end - start) / size }, (_, i) => value((start - shift) / size + i))
        if (dtype === 'F32') return new Uint8Array(values.buffer)
        return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer)
      },
    }
  }
  // Values that bfloat16 has exactly.
  const { sites } = await distances(
    file((i) => (i % 2 ? 1 : 0), 'F32', 40),
    file(() => 1, 'BF16', 96),
  )
  const odd = Math.floor(count / 2)
  expect(sites).toMatchObject([{ site: 'linear', values: count, fromNorm: Math.sqrt(odd), toNorm: Math.sqrt(count), distance: Math.sqrt(count - odd) }])
  expect(longest).toBeLessThanOrEqual(windowBytes)
})
