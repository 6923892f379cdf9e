import { expect, test } from 'vitest'
import { taskOfRows, taskOn } from './task-of.ts'

const decoder = { architecture: 'llama', tasks: ['CAUSAL_LM', 'SEQ_CLS'] as const }
const encoderDecoder = { architecture: 't5', tasks: ['SEQ_2_SEQ_LM'] as const }
const model = ({ architecture, tasks }: { architecture: string; tasks: readonly string[] }) =>
  ({ architecture, tasks: [...tasks] }) as Parameters<typeof taskOn>[1]

test('what rows teach depends on what the base can do', () => {
  expect(taskOfRows('completion', model(decoder))).toBe('CAUSAL_LM')
  expect(taskOfRows('completion', model(encoderDecoder))).toBe('SEQ_2_SEQ_LM')
  expect(taskOfRows('label', model(decoder))).toBe('SEQ_CLS')
  expect([taskOfRows('completion'), taskOfRows('messages'), taskOfRows('label')]).toEqual(['CAUSAL_LM', 'CAUSAL_LM', 'SEQ_CLS'])
})

test('a base that cannot do it is refused with what it can do', () => {
  const refusal = expect.objectContaining({
    code: 'task_not_of_base',
    message: expect.stringContaining('it can do SEQ_2_SEQ_LM (rows of {"prompt", "completion"})'),
  })
  expect(() => taskOfRows('label', model(encoderDecoder))).toThrow(refusal)
  expect(() => taskOfRows('text', model(encoderDecoder))).toThrow(refusal)
  expect(() => taskOn('SEQ_CLS', model(encoderDecoder))).toThrow(refusal)
})

test('a task guessed before the base was known is put right', () => {
  expect(taskOn('CAUSAL_LM', model(encoderDecoder))).toBe('SEQ_2_SEQ_LM')
  expect(taskOn('CAUSAL_LM', model(decoder))).toBe('CAUSAL_LM')
})
