import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import { bundledQuestions, readQuestions } from './questions.ts'
import { benchCompress, isAnswered } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-bench-compress-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('answers behind nothing, the document, its beginning, a summary and its compressions stand side by side', async () => {
  const model = writeTinyLlama()
  const document = file(
    'manual.txt',
    'The weft is drawn in. A boat went to sea again. Anna saw the whale in the waves. There is a thread in the air, and one in the sea.',
  )
  const questions = file('questions.jsonl', '{"prompt": "Anna saw", "completion": " the whale"}\n\n{"prompt": "A boat went", "completion": " to sea"}\n')
  const result = await benchCompress({ model, document, questions, tokens: [4, 500], selfStudy: 2, batch: 4, method: 'cartridge', seed: 0, threads: 1 })
  expect(result).toMatchObject({ questions: 2, truncated: [{ tokens: 4 }, { tokens: 500 }], summary: [{ tokens: 4 }, { tokens: 500 }] })
  expect(result.compressed.map(({ metrics }) => metrics.tokens)).toEqual([4, result.document_tokens])
  expect(result.self_study![0].metrics).toHaveProperty('divergence')
  // Of a document that is kept whole, what is predicted is what is predicted behind its text.
  expect(result.compressed[1].logprob).toBeCloseTo(result.in_context.logprob, 3)
  expect(result.truncated[1].logprob).toBeCloseTo(result.in_context.logprob, 3)
  rmSync(model, { recursive: true })
})

test('questions that are none are refused with their line', () => {
  expect(readQuestions(bundledQuestions).length).toBeGreaterThan(20)
  for (const [text, reason] of [
    ['', 'no rows'],
    ['{"prompt": "a", "completion": "b"}\nx', 'line 2: it is not JSON'],
    ['{"prompt": "a"}', 'line 1: completion: '],
    ['{"prompt": "a", "completion": " "}', 'completion: is empty'],
    ['{"prompt": "a", "completion": "b", "answer": "c"}', '"answer"'],
    ['null', 'line 1: '],
  ])
    expect(() => readQuestions(file('bad.jsonl', text))).toThrow(
      expect.objectContaining({ code: 'question_unusable', message: expect.stringContaining(reason) }),
    )
})

test('an answer without letters is none unless it is written', () => {
  expect([isAnswered(' Forty-two.', '42'), isAnswered(' "Max." It', 'max'), isAnswered(' the', '😀'), isAnswered(' 😀!', '😀'), isAnswered('', '+')]).toEqual([
    false,
    true,
    false,
    true,
    false,
  ])
})
