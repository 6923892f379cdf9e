import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { normal } from '../initializers.ts'
import { definePlugin, type Plugin, param } from '../plugin.ts'
import { isPeftConfig, readPeftConfig } from './config.ts'

const rows = definePlugin({
  id: 'rows',
  sites: ['inputsEmbeds'],
  config: z.strictObject({ numVirtualTokens: z.int() }),
  params: ({ numVirtualTokens }, { hiddenSize }) => ({ rows: param([numVirtualTokens, hiddenSize], normal(1)) }),
  encode: (_, params) => ({ inputsEmbeds: { rows: params.rows } }),
  peft: {
    peftType: 'ROWS',
    params: {},
    configFrom: (peft) => ({ numVirtualTokens: peft.num_virtual_tokens }),
    configTo: () => ({}),
    stateFrom: () => ({}),
    stateTo: () => ({}),
  },
})

test('adapter_config.json is accepted as it is, in either spelling', () => {
  const expected = { plugin: rows, config: { numVirtualTokens: 20 }, task: 'SEQ_2_SEQ_LM' }
  const file = {
    peft_type: 'ROWS',
    task_type: 'SEQ_2_SEQ_LM',
    num_virtual_tokens: 20,
    tokenizer_name_or_path: 't5-small',
    inference_mode: true,
    peft_version: '0.21.0',
  }
  expect(readPeftConfig(file, [rows])).toEqual(expected)
  expect(readPeftConfig({ taskType: 'SEQ_2_SEQ_LM', numVirtualTokens: 20, tokenizerNameOrPath: 't5-small' }, [rows], 'rows')).toEqual(expected)
})

test("an encoder-decoder's two halves are filled in as PEFT does", () => {
  const seen: unknown[] = []
  const asked = {
    ...rows,
    peft: { ...rows.peft!, configFrom: (peft: Record<string, unknown>) => (seen.push(peft.num_transformer_submodules), { numVirtualTokens: 1 }) },
  }
  for (const given of [{ task_type: 'SEQ_2_SEQ_LM' }, { task_type: 'CAUSAL_LM' }, { task_type: 'SEQ_2_SEQ_LM', num_transformer_submodules: 1 }])
    readPeftConfig(given, [asked as Plugin], 'rows')
  expect(seen).toEqual([2, 1, 1])
})

test("a method's own config is not mistaken for PEFT's", () => {
  expect([{ numVirtualTokens: 20 }, { taskType: 'SEQ_CLS' }, { peft_type: 'ROWS' }].map(isPeftConfig)).toEqual([false, true, true])
})

test("a whole module to save is refused, unless it is the task's classifier", () => {
  const asked = (modules_to_save: unknown) => () => readPeftConfig({ peft_type: 'ROWS', task_type: 'SEQ_CLS', num_virtual_tokens: 2, modules_to_save }, [rows])
  expect(asked(['classifier', 'score'])().task).toBe('SEQ_CLS')
  expect(asked(null)().task).toBe('SEQ_CLS')
  expect(asked(['embed_tokens', 'score'])).toThrow(expect.objectContaining({ code: 'peft_unsupported', message: expect.stringContaining('embed_tokens') }))
})

test('what no plugin reads is named, with what there is', () => {
  expect(() => readPeftConfig({ peft_type: 'COLUMNS' }, [rows])).toThrow(/COLUMNS.*ROWS/)
  expect(() => readPeftConfig({ taskType: 'SEQ_CLS' }, [rows])).toThrow(/not named.*ROWS/)
  expect(() => readPeftConfig({ peft_type: 'ROWS', task_type: 'POETRY' }, [rows])).toThrow('POETRY')
  expect(() => readPeftConfig({ peft_type: 'ROWS', num_virtual_tokens: 'many' }, [rows])).toThrow(/numVirtualTokens|num_virtual_tokens/)
})

test('a field that is not known is refused where it says anything, in training as in an import', () => {
  const asked = (magic: unknown) => () => readPeftConfig({ peft_type: 'ROWS', num_virtual_tokens: 2, use_magic: magic }, [rows])
  expect(asked(true)).toThrow(expect.objectContaining({ code: 'peft_unsupported', message: expect.stringContaining('its use_magic is not supported') }))
  for (const nothing of [null, false, {}, []]) expect(asked(nothing)().config).toEqual({ numVirtualTokens: 2 })
  // What a method names as training's alone.
  const knows = { ...rows, peft: { ...rows.peft!, trainingOnly: ['use_magic'] } } as unknown as Plugin
  expect(readPeftConfig({ peft_type: 'ROWS', num_virtual_tokens: 2, use_magic: true }, [knows]).config).toEqual({ numVirtualTokens: 2 })
})
