import { type FloatTensor, floatTensor } from '@weft/adapters'
import { definePlugin, normal, type Plugin, param, zeros } from '@weft/methods'
import multitask from '@weft/plugins/multitask-prompt-tuning'
import promptTuning from '@weft/plugins/prompt-tuning'
import { type ModelSession, openSession } from '@weft/session'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { checkMethod } from './check-method.ts'

const config = z.strictObject({ rows: z._default(z.int().check(z.gte(1)), 3) })
/** A method with nothing wrong, two parameters and all that can be looked at. */
const sound = definePlugin({
  id: 'sound',
  description: 'a prompt with a shift',
  sites: ['inputsEmbeds'],
  config,
  params: ({ rows: P }, { hiddenSize: H }) => ({ prompt: param([P, H], normal(0.5)), shift: param([1, H], normal(0.1)) }),
  encode: (g, { prompt, shift }) => ({ inputsEmbeds: { rows: g.add(prompt, shift) } }),
})
const like = (id: string, changed: object): Plugin => ({ ...(sound as Plugin), id, ...changed })
const copied = (tensor: FloatTensor, data: Float32Array): FloatTensor => floatTensor([...tensor.shape], data)
const mapping = promptTuning.peft!

/** What a plugin's part throws where nothing of ours is around it. */
const throws = (message: string) => () => {
  throw new TypeError(message)
}

let draws = 0
const faulty: [string, Plugin, string, RegExp][] = [
  [
    'a parameter that nothing is made of',
    like('unused', { encode: (_: never, { prompt }: any) => ({ inputsEmbeds: { rows: prompt } }) }),
    'encode',
    /makes nothing of shift/,
  ],
  [
    'a parameter that no gradient reaches',
    like('stopped', { encode: (g: any, { prompt, shift }: any) => ({ inputsEmbeds: { rows: g.add(prompt, g.sub(shift, shift)) } }) }),
    'every parameter learns',
    /shift is what the first left/,
  ],
  [
    'numbers that are not of the seed',
    like('drawn', {
      params: (_: never, { hiddenSize: H }: any) => ({ prompt: param([3, H], normal()), shift: param([1, H], () => new Float32Array(H).fill(++draws)) }),
    }),
    'equal trainings, equal bytes',
    /gave another file/,
  ],
  [
    'a decode that throws',
    like('undecoded', {
      decode: () => {
        throw new TypeError('no such tensor')
      },
    }),
    'a file gives everything back',
    /"decode" threw TypeError: no such tensor/,
  ],
  [
    'a decode that gives other numbers',
    like('doubled', {
      decode: ({ inputsEmbeds: { rows } }: any) => ({
        prompt: copied(
          rows,
          rows.data.map((x: number) => x * 2),
        ),
      }),
    }),
    'a file gives everything back',
    /other numbers than were trained for prompt/,
  ],
  [
    'an init that gives nothing',
    like('empty', { params: (_: never, { hiddenSize: H }: any) => ({ prompt: param([3, H], zeros), shift: param([1, H], (() => undefined) as never) }) }),
    'training',
    /"init" of its parameter "shift"/,
  ],
  [
    'a schema that changes what it has read',
    like('growing', {
      config: z.strictObject({
        rows: z.pipe(
          z._default(z.int(), 3),
          z.transform((n: number) => n + 1),
        ),
      }),
    }),
    'config',
    /reads differently again/,
  ],
  [
    'PEFT files that give back something else',
    {
      ...(promptTuning as Plugin),
      id: 'altered',
      peft: {
        ...mapping,
        stateTo: (...given: Parameters<typeof mapping.stateTo>) =>
          Object.fromEntries(
            Object.entries(mapping.stateTo(...given)).map(([name, tensor]) => [
              name,
              copied(
                tensor,
                tensor.data.map((x) => x * 2),
              ),
            ]),
          ),
      },
    } as Plugin,
    'to PEFT’s files and back',
    /differs in inputsEmbeds\.rows/,
  ],
  [
    'a half-written peft',
    { ...(promptTuning as Plugin), id: 'half', peft: { ...mapping, stateTo: throws('no stateTo yet') } },
    'to PEFT’s files and back',
    /^TypeError: no stateTo yet$/,
  ],
  ['an awaits that throws', like('awaiting', { awaits: throws('no texts yet') }), 'training', /"awaits" threw TypeError: no texts yet/],
]

let session: ModelSession
beforeAll(async () => {
  session = await openSession(writeTinyLlama(), {
    plugins: [sound as Plugin, multitask as Plugin, promptTuning as Plugin, ...faulty.map(([, plugin]) => plugin)],
    probe: false,
    threads: 1,
  })
})
afterAll(() => session.close())

test('a method with nothing wrong passes every check, and what it has not is not held against it', async () => {
  const checks = await checkMethod(session, sound as Plugin, { settings: { rows: 2 } })
  expect(checks.filter(({ ok }) => ok === false)).toEqual([])
  expect(checks.map(({ check }) => check)).toEqual([
    ...['settings', 'config', 'encode', 'training', 'every parameter learns', 'equal trainings, equal bytes', 'a file gives everything back'],
    ...['it acts', 'beside others', 'to PEFT’s files and back'],
  ])
  expect(checks[2].said).toMatch(/^prompt \[2,\d+\], shift \[1,\d+\] → inputsEmbeds\.rows \[2,\d+\]$/)
  expect(checks.at(-1)).toMatchObject({ ok: null })
})

test.each(faulty)('%s is found', async (_, plugin, check, said) => {
  const checks = await checkMethod(session, plugin)
  expect(checks.filter(({ ok }) => ok === false)).toEqual([{ check, ok: false, said: expect.stringMatching(said) }])
})

test.each(['SEQ_CLS', 'CAUSAL_LM'] as const)('methods of several tasks and of classifiers are looked at too: %s', async (task) => {
  for (const plugin of [multitask, promptTuning] as Plugin[]) {
    const checks = await checkMethod(session, plugin, { task, ...(plugin.id === multitask.id && { settings: { numTasks: 3 } }) })
    expect(checks.filter(({ ok }) => ok === false)).toEqual([])
    expect(checks).toHaveLength(10)
    expect(checks.filter(({ ok }) => ok === null).map(({ check }) => check)).toEqual(
      task === 'SEQ_CLS' ? ['it acts', 'beside others', 'to PEFT’s files and back'] : [],
    )
  }
})

test('settings that are refused end it, and so do adapters that none of them names', async () => {
  expect(await checkMethod(session, sound as Plugin, { settings: { rows: 0 } })).toEqual([
    { check: 'settings', ok: false, said: expect.stringContaining('rows') },
  ])
  expect(await checkMethod(session, sound as Plugin, { required: { 'style/x': new Uint8Array() } })).toEqual([
    { check: 'settings', ok: false, said: 'its settings name no adapter "style/x"; they name none' },
  ])
})
