import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatTensor, Random, writeAdapter } from '@weft/adapters'
import type { Plugin } from '@weft/methods'
import { loadModel } from '@weft/model'
import plugins from '@weft/plugins'
import promptTuning from '@weft/plugins/prompt-tuning'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { main } from '../../main.ts'
import { interferenceInRoutes } from './interference-gate.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-compose-'))
beforeAll(async () => {
  const { name, fingerprint, spec } = await loadModel('@weft/base-model')
  for (const [adapter, method] of [
    ['a', 'prompt-tuning'],
    ['b', 'prompt-tuning'],
    ['own', 'own-rows'],
  ] as const) {
    const random = new Random(adapter)
    const rows = floatTensor(
      [4, spec.hiddenSize],
      Float32Array.from({ length: 4 * spec.hiddenSize }, () => random.normal(0, 0.05)),
    )
    writeFileSync(
      join(folder, adapter),
      await writeAdapter(
        {
          method,
          config: { numVirtualTokens: 4 },
          base: { name, fingerprint, architecture: spec.architecture },
          task: 'CAUSAL_LM',
          lineage: {},
        },
        { inputsEmbeds: { rows } },
      ),
    )
  }
  writeFileSync(join(folder, 'probe'), 'My fellow citizens\n{"text": "Call me", "label": "unread"}\n{"prompt": "The sea", "completion": " is wide"}\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const json = async (...args: string[]): Promise<{ status: number; stdout: string }> => {
  let stdout = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  process.exitCode = 0
  await main([process.execPath, 'weft', ...args, '--json'])
  const status = Number(process.exitCode)
  vi.restoreAllMocks()
  process.exitCode = 0
  return { status, stdout }
}

test('weft interfere judges adapters from files, published or not', async () => {
  const files = ['a', 'b'].flatMap((name) => ['--adapter', `tone/${name}=${join(folder, name)}`])
  const { status, stdout } = await json('interfere', 'tone/a + tone/b', 'tone/a + 0*tone/b', '--probe', join(folder, 'probe'), '--tokens', '3', ...files)
  expect(status).toBe(0)
  const [both, one] = JSON.parse(stdout)
  expect(both).toMatchObject({
    expression: 'tone/a + tone/b',
    adapters: [{ adapter: 'tone/a', inputs: 3 }, { adapter: 'tone/b' }],
    evidence: expect.stringContaining('SmolLM2'),
  })
  expect(both.adapters.every(({ divergence }: { divergence: number }) => divergence > 0)).toBe(true)
  expect(one.adapters[0]).toMatchObject({ adapter: 'tone/a', divergence: expect.closeTo(0, 6), kept: 1, verdict: 'keeps' })
})

test('a file that is not published yet is measured in the routes that its name will stand in', async () => {
  const route = (name: string, composition: string) => ({ id: name, object: 'route' as const, name, version: 1, composition, updatedAt: 1 })
  const downloaded: string[] = []
  const reports = await interferenceInRoutes(
    { name: 'tone/a', file: readFileSync(join(folder, 'a')) },
    {
      routes: [route('both', 'base + tone/a + 0.5*tone/b'), route('alone', 'base + tone/a'), route('pinned', 'tone/a@1 + tone/b'), route('other', 'tone/b')],
      model: await loadModel('@weft/base-model'),
      plugins,
      probes: [{ prompt: 'My fellow' }, { prompt: 'The sea', completion: ' is wide' }],
      download: async (reference) => {
        downloaded.push(reference)
        return readFileSync(join(folder, 'b'))
      },
    },
  )
  expect(reports).toMatchObject([{ route: 'both', report: { adapters: [{ adapter: 'tone/a', inputs: 2 }, {}] } }])
  expect(downloaded).toEqual(['tone/b'])
})

test('a route is measured however its composition is written, and what auto(…) chooses among as what may run side by side', { timeout: 120_000 }, async () => {
  const route = (name: string, composition: string) => ({ id: name, object: 'route' as const, name, version: 1, composition, updatedAt: 1 })
  const read = readFileSync(join(folder, 'b'))
  const reports = await interferenceInRoutes(
    { name: 'tone/a', file: readFileSync(join(folder, 'a')) },
    {
      routes: [
        route('chosen', 'base + auto(tone/a, 0.5*tone/b)'),
        route('small', 'small + tone/a + tone/b'),
        route('half', '0.5*(tone/a + tone/b)'),
        route('mixed', 'mix(0.5*tone/a, 0.5*tone/b)'),
      ],
      models: ['base', 'small'],
      model: await loadModel('@weft/base-model'),
      plugins,
      probes: [{ prompt: 'The sea', completion: ' is wide' }],
      download: async () => read,
    },
  )
  expect(reports.map(({ route, report: { expression, adapters } }) => [route, expression, adapters.map(({ adapter }) => adapter)])).toEqual([
    ['chosen', 'experts(tone/a, 0.5*tone/b)', ['tone/a', 'tone/b']],
    ['small', 'tone/a + tone/b', ['tone/a', 'tone/b']],
    ['half', '0.5*(tone/a + tone/b)', ['0.5*tone/a', '0.5*tone/b']],
    ['mixed', 'mix(0.5*tone/a, 0.5*tone/b)', ['tone/a', 'tone/b']],
  ])
})

/** A method that the project brings itself. */
const ownRows = { ...promptTuning, id: 'own-rows' } as Plugin

test("weft interfere knows the configuration's own methods, and says of another which there are", async () => {
  const configurationOf = (name: string, listed: string): string => {
    const file = join(folder, name)
    writeFileSync(
      file,
      `import promptTuning from ${JSON.stringify(import.meta.resolve('@weft/plugins/prompt-tuning'))}
      export default { models: { base: { path: '@weft/base-model' } }, plugins: ${listed} }`,
    )
    return file
  }
  const own = configurationOf('own.config.ts', "[promptTuning, { ...promptTuning, id: 'own-rows' }]")
  const without = configurationOf('without.config.ts', '[promptTuning]')
  const asked = ['interfere', 'tone/a + tone/own', '--probe', join(folder, 'probe'), '--tokens', '1']
  const files = ['a', 'own'].flatMap((name) => ['--adapter', `tone/${name}=${join(folder, name)}`])
  const { status, stdout } = await json(...asked, ...files, '--config', own)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([{ adapters: [{ adapter: 'tone/a' }, { adapter: 'tone/own' }] }])

  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  await main([process.execPath, 'weft', ...asked, ...files, '--config', without])
  expect(process.exitCode).toBe(2)
  expect(said.mock.calls.flat().join('')).toContain(
    'the adapter was made by the method "own-rows", which is not here. There are "prompt-tuning". A method of your own has to be among the plugins of weft.config.ts.',
  )
  vi.restoreAllMocks()
  process.exitCode = 0
})

test("the publish gate knows the configuration's own methods", async () => {
  const both = { id: 'both', object: 'route' as const, name: 'both', version: 1, composition: 'tone/a + tone/own', updatedAt: 1 }
  const measured = {
    routes: [both],
    model: await loadModel('@weft/base-model'),
    probes: [{ prompt: 'The sea', completion: ' is wide' }],
    download: async () => readFileSync(join(folder, 'a')),
  }
  const candidate = { name: 'tone/own', file: readFileSync(join(folder, 'own')) }
  expect(await interferenceInRoutes(candidate, { ...measured, plugins: [...plugins, ownRows] })).toMatchObject([{ route: 'both' }])
  await expect(interferenceInRoutes(candidate, { ...measured, plugins })).rejects.toMatchObject({ code: 'method_not_found', param: 'method' })
})

test('a route of two versions of one adapter is not measured as if they were one', async () => {
  const before = { id: 'before', object: 'route' as const, name: 'before', version: 1, composition: 'tone/a@1 + tone/b + 0.5*tone/a', updatedAt: 1 }
  const measuring = interferenceInRoutes(
    { name: 'tone/a', file: readFileSync(join(folder, 'a')) },
    {
      routes: [before],
      model: await loadModel('@weft/base-model'),
      plugins,
      probes: [{ prompt: 'The sea' }],
      download: async () => readFileSync(join(folder, 'b')),
    },
  )
  await expect(measuring).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('names tone/a@1 and tone/a, two versions of one adapter') })
})

test('without a file of inputs, each adapter is tried in a route with what it carries', async () => {
  const both = { id: 'both', object: 'route' as const, name: 'both', version: 1, composition: 'tone/a + tone/b', updatedAt: 1 }
  const measured = {
    routes: [both],
    model: await loadModel('@weft/base-model'),
    plugins,
    download: async () => readFileSync(join(folder, 'b')),
  }
  const carried: Record<string, { prompt: string }[]> = { 'tone/a': [{ prompt: 'The sea' }], 'tone/b': [{ prompt: 'My fellow' }, { prompt: 'The house' }] }
  const candidate = { name: 'tone/a', file: readFileSync(join(folder, 'a')) }
  expect(await interferenceInRoutes(candidate, { ...measured, carried: ({ name }) => carried[name] })).toMatchObject([
    {
      report: {
        adapters: [
          { adapter: 'tone/a', inputs: 1 },
          { adapter: 'tone/b', inputs: 2 },
        ],
      },
    },
  ])
  await expect(interferenceInRoutes(candidate, { ...measured, carried: ({ name }) => (name === 'tone/a' ? carried[name] : undefined) })).rejects.toMatchObject({
    code: 'carries_no_inputs',
    message: expect.stringContaining('"tone/b" carries no inputs'),
  })
})

test('weft interfere without inputs says that a file which is not published carries none', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  process.exitCode = 0
  const files = ['a', 'b'].flatMap((name) => ['--adapter', `tone/${name}=${join(folder, name)}`])
  await main([process.execPath, 'weft', 'interfere', 'tone/a + tone/b', ...files])
  expect(process.exitCode).toBe(2)
  expect(said.mock.calls.flat().join('')).toContain('"tone/a" carries no inputs to try it with. Give some by --probe FILE')
  vi.restoreAllMocks()
  process.exitCode = 0
})

test('weft bench compose trains three adapters and says what each keeps', { timeout: 300_000 }, async () => {
  const { status, stdout } = await json(
    'bench',
    'compose',
    '--phase',
    'both',
    '--steps',
    '3',
    '--phase-steps',
    '2',
    '--eval',
    '6',
    '--batch',
    '2',
    '--virtual-tokens',
    '4',
    '--text',
    'Answer briefly.',
  )
  expect(status).toBe(0)
  const result = JSON.parse(stdout)
  expect(Object.keys(result.beside_text)).toEqual(['A', 'B', 'D'])
  expect(result.with_text.B.perplexity).not.toBe(result.compositions.B.B.perplexity)
  expect(Object.keys(result.compositions)).toEqual(['A', 'B', 'D', 'A + B', 'A + D', 'B + D', 'A + B + D'])
  expect(result.compositions['A + B + D']).toMatchObject({
    A: { accuracy: expect.any(Number), auc: expect.any(Number), calibrated: { accuracy: expect.any(Number) } },
    B: { perplexity: expect.any(Number) },
    D: { format: expect.any(Number), exact: expect.any(Number) },
  })
  expect(Object.keys(result.retention)).toHaveLength(9)
  // Steps this few change what is said; whether they gain anything is for longer runs, and without a gain there is nothing to keep.
  expect(result.compositions.B.B.perplexity).not.toBe(result.base.B.perplexity)
  const gained = Object.values(result.retention).some((kept) => kept !== null)
  expect(typeof result.mean_retention).toBe(gained ? 'number' : 'object')
})
