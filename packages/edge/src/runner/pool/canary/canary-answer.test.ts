import type { HeldModel } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { Inference } from '../../inference.ts'
import { canaryAnswer, canaryPrompts } from './canary-answer.ts'

test('a runner is asked one thing at a time: a Worker has six connections, and somebody waits for an answer over one of them', async () => {
  const model = { name: 'base', spec: { vocabSize: 100 } } as HeldModel
  let atOnce = 0
  let most = 0
  const generate = async ({ prompt }: { prompt: { tokens: number[] } }) => {
    most = Math.max(most, ++atOnce)
    await new Promise((resolve) => setTimeout(resolve))
    atOnce--
    return { logprobs: [{ topLogprobs: [{ id: prompt.tokens[0], logprob: -1 }] }] }
  }
  const prompts = canaryPrompts(model)
  const answer = await canaryAnswer({ generate } as unknown as Inference, model, prompts, { signal: new AbortController().signal, until: Infinity })
  expect(answer).toEqual({ nextTokens: prompts.map(([first]) => new Map([[first, -1]])) })
  expect(most).toBe(1)
})
