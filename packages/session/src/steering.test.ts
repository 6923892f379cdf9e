import { type AdapterState, writeAdapter } from '@weft/adapters'
import { definePlugin, type Plugin } from '@weft/methods'
import { loadModel } from '@weft/model'
import plugins, { ia3 } from '@weft/plugins'
import { openSession } from '@weft/session'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { randomTensor as tensorOf, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { describe, expect, test } from 'vitest'

/** The method of adapters that are written here and not trained. */
const byHand: Plugin = definePlugin({ id: 'by-hand', sites: ['linear'], config: ia3.config, params: () => ({}), encode: () => ({}) })

const texts = ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there']

/** Where the stream is added to by a linear layer alone, a vector behind its block is a bias of that layer. */
describe.each([
  ['a decoder', writeTinyLlama, 'model.layers.1.mlp.down_proj'],
  ['an encoder', writeTinyBert, undefined],
  ['an encoder-decoder', writeTinyT5, 'decoder.block.1.layer.2.DenseReluDense.wo'],
] as const)('%s', (kind, write, last) => {
  test('is steered by a vector behind a layer, in every strength and beside others', async () => {
    const folder = write()
    const model = await loadModel(folder)
    const { name, fingerprint, spec } = model
    const vector = tensorOf([spec.hiddenSize], 'steer', 0.5)
    const base = { name, fingerprint, architecture: spec.architecture }
    await using session = await openSession(folder, { threads: 1, plugins: [...plugins, byHand] })
    const add = async (adapter: string, method: string, config: object, state: AdapterState) =>
      session.add(adapter, await writeAdapter({ method, config: config as Record<string, unknown>, task: 'CAUSAL_LM', lineage: {}, base }, state))
    await add('steer', 'steering', { layers: [1] }, { residual: { '1.vector': vector } })
    const answer = async (expression: string): Promise<number[]> =>
      kind === 'an encoder'
        ? (await session.embed(expression, ['anna lives in london'])).flatMap((vector) => [...vector])
        : (await session.score(expression, texts.slice(0, 2))).map(({ logprob }) => logprob)
    const distance = (a: number[], b: number[]): number => Math.max(...a.map((value, i) => Math.abs(value - b[i])))
    const [bare, once] = [await answer('base'), await answer('steer')]
    expect(distance(bare, once)).toBeGreaterThan(1e-2)
    expect(await answer('0*steer')).toEqual(bare)
    expect(distance(await answer('2*steer'), await answer('steer + steer'))).toBeLessThan(1e-3)
    if (last === undefined) return
    await add('bias', byHand.id, {}, { linear: { [`${last}.bias`]: vector } })
    for (const expression of ['@', '-0.5*@', '@ + bias', '"the warp" + @'])
      expect(distance(await answer(expression.replaceAll('@', 'steer')), await answer(expression.replaceAll('@', 'bias'))), expression).toBeLessThan(1e-3)
  })
})

test('it trains by gradient, and rows beside others are what they are alone', async () => {
  await using session = await openSession(writeTinyLlama(), { threads: 1, plugins })
  const rows = texts.map((text) => ({ text }))
  const hyperparameters = { maxSteps: 12, batchSize: 2, learningRate: 0.1 }
  await session.train('steer', { method: 'steering', config: { layers: [0, 1] }, rows, heldOut: rows, hyperparameters })
  await session.train('edit', { method: 'steering', config: { rank: 2 }, on: 'steer', rows, heldOut: rows, hyperparameters })
  const logprob = async (expression: string) => (await session.score(expression, texts)).reduce((sum, { logprob }) => sum + logprob, 0)
  expect(await logprob('steer')).toBeGreaterThan(await logprob('base'))
  expect(await logprob('steer + edit')).toBeGreaterThan(await logprob('steer'))
  const expressions = ['steer', 'base', 'edit', '-2*steer + edit', '"the warp" + steer']
  const generate = async (expression: string) => (await session.generate(expression, 'the weft', { maxTokens: 8, temperature: 0 })).text
  const alone: string[] = []
  for (const expression of expressions) alone.push(await generate(expression))
  expect(await Promise.all(expressions.map(generate))).toEqual(alone)
  await expect(session.train('none', { method: 'steering', config: { layers: [7] }, rows, hyperparameters })).rejects.toMatchObject({ code: 'layer_missing' })
})

test('what only learning does something with is refused where nothing is learned', async () => {
  await using session = await openSession(writeTinyLlama(), { threads: 1, plugins })
  const rows = [{ positive: 'the weft', negative: 'the warp' }]
  const steered = (over: object) => session.steer('tone', { method: 'steering', rows, ...over })
  await expect(steered({ hyperparameters: { learningRate: 0.1 } })).rejects.toMatchObject({
    code: 'pairs_contradicted',
    param: 'hyperparameters.learning_rate',
  })
  await expect(steered({ locality: {} })).rejects.toMatchObject({ code: 'pairs_contradicted', param: 'locality' })
  await steered({ hyperparameters: { batchSize: 1, maxLength: 32 } })
  const compressed = (hyperparameters: object) => session.compress('note', { method: 'cartridge', rows: [{ document: 'the weft' }], hyperparameters })
  await expect(compressed({ nEpochs: 3 })).rejects.toMatchObject({ code: 'document_contradicted', param: 'hyperparameters.n_epochs' })
  await expect(compressed({ learningRate: 0.1 })).rejects.toMatchObject({
    code: 'document_contradicted',
    param: 'hyperparameters.learning_rate',
    message: expect.stringContaining('belongs to self-study'),
  })
})
