import { Random } from '@weft/adapters'
import { createTokenizer } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import type { GenerateToken } from '@weft/protocol'
import { expect, test } from 'vitest'
import { combineOutputs, type OutputCombination } from '../sampling/combine-outputs.ts'
import { OperandWeights } from '../sampling/operand-weights.ts'
import { argMax } from '../sampling/sampler.ts'
import { outputRows } from './output-rows.ts'
import { Row } from './row.ts'

const { definition, config } = byteLevel()
const V = 258
const TOKENS = 6

/** What an answer of several rows tells, greedily, when the rows say this: logits `[V]` by token and row. */
async function told(combination: OutputCombination, said: readonly (readonly Float32Array[])[]): Promise<GenerateToken[]> {
  const answer = new Row({
    prompt: [],
    fixed: null,
    maxTokens: said.length,
    sampling: { temperature: 0, logprobs: 0 },
    stop: [],
    random: new Random('rows'),
    tokenizer: createTokenizer(definition, config),
    limit: 1000,
  })
  const rows = outputRows(
    answer,
    combination,
    said[0]!.map(() => ({ fixed: null })),
  )
  for (const each of said) for (const [i, logits] of each.entries()) rows[i]!.accept(logits)
  const events: GenerateToken[] = []
  for await (const event of answer.events) if ('token' in event) events.push(event)
  return events
}

test('what an operand said and foretold at the tokens before counts at each token of one answer, and at none of the next answer', async () => {
  const random = new Random('said')
  const said = Array.from({ length: TOKENS }, () => Array.from({ length: 3 }, () => Float32Array.from({ length: V }, () => random.normal(0, 2))))
  const operands = [
    { weight: 1, level: 0.7 },
    { weight: 0.5, level: 2 },
  ]
  const combination = { operator: 'experts', operands } as const
  const weights = new OperandWeights(operands)
  const expected = said.map((rows) => {
    const combined = combineOutputs(combination, rows, undefined, weights)
    const token = argMax(combined)
    weights.wrote(token)
    return { token, combined }
  })
  for (const _ of [1, 2]) expect((await told(combination, said)).map(({ token }) => token)).toEqual(expected.map(({ token }) => token))
  // The last token asked by itself is another: what was said before decides.
  const alone = combineOutputs(combination, said.at(-1)!)
  expect(Math.max(...alone.map((value, v) => Math.abs(value - expected.at(-1)!.combined[v]!)))).toBeGreaterThan(0.01)
})
