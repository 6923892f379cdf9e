import { type AdapterState, type FloatTensor, floatTensor } from '@weft/adapters'
import { GraphBuilder, interpret, tensor, type Value } from '@weft/graph'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { adapterOf, tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import multitaskPromptTuning from './index.ts'

const rows = (P: number, T: number, R: number) => ({ parameters: P * 12 + T * (P * R + R * 12), virtualTokens: { rows: P, prefix: 0 } })

pluginCases(multitaskPromptTuning, {
  configs: {
    defaults: { config: { numVirtualTokens: 4 }, ...rows(4, 1, 1) },
    "the second of three tasks, by PEFT's spelling of a text": {
      config: { numVirtualTokens: 3, numTasks: 3, numRanks: 2, taskId: 1, promptTuningInit: 'TEXT', promptTuningInitText: 'speak plainly' },
      settings: { taskId: 1 },
      ...rows(3, 3, 2),
    },
    'from the vocabulary': { config: { numVirtualTokens: 2, promptTuningInit: 'sampledVocab' }, ...rows(2, 1, 1) },
  },
  refused: [
    { config: { numRanks: 0 }, param: 'method.multitask-prompt-tuning.num_ranks' },
    { config: { numTasks: 2, taskId: 2 }, param: 'method.multitask-prompt-tuning.task_id' },
    { config: { promptTuningInit: 'text' }, param: 'method.multitask-prompt-tuning.prompt_tuning_init_text' },
    { config: { promptTuningInit: 'averageSourceTasks' }, param: 'method.multitask-prompt-tuning.prompt_tuning_init_source' },
    { config: { numTransformerSubmodules: 2 }, param: 'method.multitask-prompt-tuning.num_transformer_submodules' },
  ],
})

const [P, T, R, H] = [2, 3, 2, 12]
const values: Record<'embedding' | 'taskCols' | 'taskRows', FloatTensor> = {
  embedding: floatTensor(
    [P, H],
    Float32Array.from({ length: P * H }, (_, i) => i + 1),
  ),
  taskCols: floatTensor(
    [T, P, R],
    Float32Array.from({ length: T * P * R }, (_, i) => i % 5),
  ),
  taskRows: floatTensor(
    [T, R, H],
    Float32Array.from({ length: T * R * H }, (_, i) => (i % 7) - 3),
  ),
}
const config = (taskId: number) => parseConfig(multitaskPromptTuning, { numVirtualTokens: P, numTasks: T, numRanks: R, taskId })
const stateOf = (taskId: number): number[] => [...encodeState(multitaskPromptTuning, values, config(taskId), tinyModel).inputsEmbeds.rows.data]

test("a task's prompt is the shared one times its factor", () => {
  const by = (p: number, h: number, t: number): number =>
    values.embedding.data[p * H + h] * [0, 1].reduce((sum, r) => sum + values.taskCols.data[(t * P + p) * R + r] * values.taskRows.data[(t * R + r) * H + h], 0)
  for (let t = 0; t < T; t++) expect(stateOf(t)).toEqual(Array.from({ length: P * H }, (_, i) => by(Math.floor(i / H), i % H, t)))
})

test("rows of one batch have each their own task's", () => {
  const g = new GraphBuilder('batch')
  const params = Object.fromEntries(Object.entries(values).map(([name, { shape, data }]) => [name, g.constant(data, shape)])) as Record<
    keyof typeof values,
    Value
  >
  g.output('rows', multitaskPromptTuning.encodeBatch!(g, params, g.input('ids', 'int64', [4]), config(0), tinyModel).inputsEmbeds.rows)
  const found = interpret(g.build(), { ids: tensor('int64', [4], [2, 0, 2, 1]) }).rows
  expect(found.shape).toEqual([4, P, H])
  expect([...(found.data as Float32Array)]).toEqual([2, 0, 2, 1].flatMap(stateOf))
})

const start = async (init: string, more: object = {}): Promise<Record<string, number[]>> => {
  const source = { ...(await adapterOf({ inputsEmbeds: { rows: values.embedding } } as AdapterState)), params: values }
  const parsed = parseConfig(multitaskPromptTuning, {
    numVirtualTokens: P,
    numTasks: 2,
    numRanks: R,
    promptTuningInit: init,
    promptTuningInitSource: 'mail/source',
    ...more,
  })
  expect(multitaskPromptTuning.requires!(parsed)).toEqual(['mail/source'])
  const params = multitaskPromptTuning.params(parsed, tinyModel, [source])
  return Object.fromEntries(
    Object.entries(params).map(([name, { init, shape }]) => [name, [...(init(tinyContext({ required: [source] }), shape) as Float32Array)]]),
  )
}

test('a new task starts from what was learned on others: their mean, one of them, or the shared prompt', async () => {
  const average = await start('AVERAGE_SOURCE_TASKS')
  expect(average.embedding).toEqual([...values.embedding.data])
  const mean = Array.from({ length: P * R }, (_, i) => Math.fround([0, 1, 2].reduce((sum, t) => sum + values.taskCols.data[t * P * R + i], 0) / T))
  expect(average.taskCols).toEqual([...mean, ...mean])
  const exact = await start('exactSourceTask', { promptTuningInitTask: 2 })
  expect(exact.taskRows).toEqual([...values.taskRows.data.slice(2 * R * H), ...values.taskRows.data.slice(2 * R * H)])
  const shared = await start('onlySourceShared')
  expect(shared.embedding).toEqual([...values.embedding.data])
  expect(Math.max(...shared.taskCols.map(Math.abs))).toBeLessThan(0.2)
  await expect(start('exactSourceTask', { promptTuningInitTask: 3 })).rejects.toThrow('the source has 3 tasks')
})
