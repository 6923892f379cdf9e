import { expect, test } from 'vitest'
import * as zod from 'zod'
import * as z from 'zod/mini'
import { definePlugin, type Plugin } from '../plugin.ts'
import { PluginRegistry } from '../registry.ts'
import { parts } from './check-definition.ts'

// Whoever adds one to the type has to name it: this is checked where types are.
parts satisfies Record<keyof Plugin, boolean>

const whole = { id: 'mine', sites: ['inputsEmbeds'], config: z.strictObject({ rank: z._default(z.int(), 4) }), params: () => ({}), encode: () => ({}) }
const slow = z.strictObject({}).check(z.refine(async () => true))

test.each<[string, object, string]>([
  ['a part nearly spelled', { hyperParameters: { learningRate: 1 } }, 'it has "hyperParameters", which nothing reads; did you mean "hyperparameters"?'],
  ['a part of nothing', { zzzzzzzzzzzz: 1 }, 'it has "zzzzzzzzzzzz", which nothing reads; there are "id", "description"'],
  ['a site twice', { sites: ['residual', 'residual'] }, 'its "sites" lists "residual" twice; list each once'],
  ['no site', { sites: [] }, 'its "sites" is an empty list, so it would change nothing; expected some of "inputsEmbeds"'],
  ['no site, for more than classifiers', { sites: [], tasks: ['SEQ_CLS', 'CAUSAL_LM'] }, 'its "sites" is an empty list'],
  ['no task', { tasks: [] }, 'its "tasks" is []; expected a list of "CAUSAL_LM"'],
  ['a task twice', { tasks: ['SEQ_CLS', 'SEQ_CLS'] }, 'its "tasks" lists "SEQ_CLS" twice'],
  ['settings without names', { config: z.array(z.int()) }, 'its "config" is a schema of array; settings have names: expected z.strictObject({ … })'],
  ['a map of settings', { config: z.record(z.string(), z.int()) }, 'its "config" is a schema of record'],
  [
    'a setting as the wire has it',
    { config: z.strictObject({ num_virtual: z.int() }) },
    'its "config" has the field "num_virtual", which nobody could set: settings are camelCase in code and snake_case on the wire. Call it "numVirtual"',
  ],
  ['a check that waits', { config: slow }, 'its "config" has a check or a transform that gives a promise'],
  [
    'a schema that throws',
    {
      config: z.pipe(
        z.strictObject({}),
        z.transform(() => {
          throw new TypeError('no')
        }),
      ),
    },
    'its "config" threw TypeError: no of a config that says nothing',
  ],
  ['hyperparameters that are none', { hyperparameters: 5 }, 'hyperparameters: expected an object, got 5'],
  [
    'a rate that wants a model',
    { hyperparameters: { learningRate: (model: { hiddenSize: number }) => 1 / model.hiddenSize } },
    'its "hyperparameters.learningRate" threw TypeError: Cannot read properties of undefined (reading \'hiddenSize\') without a model; expected the rate of where',
  ],
  [
    'a rate that is no number without a model',
    { hyperparameters: { learningRate: () => Number.NaN } },
    'hyperparameters.learningRate: expected a number, got NaN',
  ],
  ['a grid that is none', { searchSpace: { learningRate: [] } }, 'its "searchSpace" is no grid; expected { learningRate: [1e-2, …]'],
  [
    'a grid over no setting',
    { searchSpace: { learningRate: [1], setting: { name: 'ranks', values: [1] } } },
    'its "searchSpace" names the setting "ranks", which its config does not have; did you mean "rank"?',
  ],
])('a definition with %s is refused, where it is made and where it is listed', (_, part, message) => {
  const refused = expect.objectContaining({ code: 'invalid_plugin', message: expect.stringContaining(`plugin "mine": ${message}`) })
  expect(() => definePlugin({ ...whole, ...part } as never)).toThrow(refused)
  expect(() => new PluginRegistry([{ ...whole, ...part } as never])).toThrow(refused)
})

test.each([
  ['supervised', 'its id is a word of the API itself'],
  ['type', 'its id is a word of the API itself'],
  ['dpo', 'its id is a word of the API itself, and never told a method; "type", "supervised", "dpo", "reinforcement" are taken. Take another'],
  ['reinforcement', 'its id is a word of the API itself'],
  ['constructor', 'its id is a name that every object has'],
  ['toString', 'its id is a name that every object has'],
  ['__proto__', 'its id is a name that every object has'],
])('a method cannot be called "%s"', (id, message) => {
  expect(() => definePlugin({ ...whole, id } as never)).toThrow(
    expect.objectContaining({ code: 'invalid_plugin', message: expect.stringContaining(`plugin "${id}": ${message}`) }),
  )
})

test('a definition as it should be is taken', () => {
  const grid = { learningRate: [1e-2], setting: { name: 'rank', values: [1, 2] } }
  expect(() => definePlugin({ ...whole, searchSpace: grid } as never)).not.toThrow()
  expect(() => definePlugin({ ...whole, sites: [], tasks: ['SEQ_CLS', 'TOKEN_CLS'] } as never)).not.toThrow()
  expect(() => definePlugin({ ...whole, config: zod.union([zod.strictObject({ a: zod.int() }), zod.strictObject({ b: zod.int() })]) } as never)).not.toThrow()
  expect(() => definePlugin({ ...whole, config: z.strictObject({ inner: z.optional(z.strictObject({ any_name: z.int() })) }) } as never)).not.toThrow()
  expect(() => definePlugin({ ...whole, tasksOf: undefined, more: undefined } as never)).not.toThrow()
})
