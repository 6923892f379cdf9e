import assert from 'node:assert/strict'
import test from 'node:test'
import { openSession } from '@weft/session'
import lowRankPrompt from './index.ts'

const rows = ['the sea was calm', 'the sea was dark', 'the wind was calm', 'the wind was dark'].map((text) => ({ text: `${text} and the men sang of home.` }))

test('it trains, and its adapter composes', async (context) => {
  const losses: number[] = []
  const session = await openSession('@weft/base-model', {
    plugins: [lowRankPrompt],
    onEvent: (event) => {
      if (event.type === 'step') losses.push(event.loss)
    },
  })
  context.after(() => session[Symbol.asyncDispose]())
  await session.train('sea', {
    method: 'low-rank-prompt',
    config: { numVirtualTokens: 8, r: 2 },
    rows,
    hyperparameters: { maxSteps: 12, batchSize: 4, maxLength: 32, learningRate: 0.05 },
  })
  assert.ok(losses.at(-1)! < losses[0], `the loss falls: ${losses[0]} to ${losses.at(-1)}`)
  // Behind a prompt, so that the same tokens count under both: without one, nothing foretells a text's first token under the base model.
  const ends = rows.map(({ text }) => text.slice('the'.length))
  const scoreOf = async (expression: string): Promise<number> => {
    const scores = await session.score(expression, ends, 'the')
    return scores.reduce((sum, { logprob }) => sum + logprob, 0)
  }
  assert.ok((await scoreOf('base + sea')) > (await scoreOf('base')), 'the texts are likelier with the adapter')
  assert.equal(await scoreOf('base + 0*sea'), await scoreOf('base'), 'at strength 0 it is the base model')
})
