import { modelShape, rawConfig } from '@weft/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Prompt, TinyModel } from './tiny-architecture.ts'

/** fp32 rounding over a few layers; logits are of the order of 10. */
const TOLERANCE = 1e-4
const texts = [
  [5, 17, 3, 40, 22, 9, 31],
  [11, 60, 2],
  [7, 8, 9, 10, 11],
]

/**
 * The suite of every architecture: masks and positions hold their laws, and where there is a cache, the two lowerings agree. Each config is a
 * config.json. An encoder, which has neither cache nor vocabulary in the end, is judged by its hidden states.
 */
export function architectureCases(configs: Record<string, Record<string, unknown>>): void {
  describe.each(Object.entries(configs))('%s', (_, json) => {
    const { bidirectional } = modelShape(rawConfig(json)).spec
    let model: TinyModel
    beforeAll(() => {
      model = new TinyModel(modelShape(rawConfig(json)))
    })
    afterAll(() => model.dispose())

    const near = (got: Float32Array, expected: Float32Array, tolerance = TOLERANCE): void => {
      expect(got.length).toBe(expected.length)
      expect(got.some((value) => Math.abs(value) > 0.1)).toBe(true)
      expect(Math.max(...got.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(tolerance)
    }
    const agree = async (prompt: Prompt): Promise<void> => {
      for (const tokens of texts) near(await model.inferred(prompt, tokens), (await model.trained(prompt, [tokens], 8))[0])
    }

    test('a prompt changes the answer, and so does its strength', async () => {
      const last = async (prompt: Prompt) => (await model.trained(prompt, [texts[0]], 8))[0].slice(-model.width)
      const plain = await last({})
      const prompted = await last({ prefixes: [model.prefix(4)] })
      const weaker = await last({ prefixes: [model.prefix(4)], prefixBias: new Float32Array(4).fill(-2) })
      for (const [a, b] of [
        [plain, prompted],
        [prompted, weaker],
      ])
        expect(a.some((value, i) => Math.abs(value - b[i]) > 1e-2)).toBe(true)
    })

    test(`a token ${bidirectional ? 'sees' : 'does not see'} those after it`, async () => {
      const prompt = { rows: model.rows(3) }
      const first = async (tokens: number[]) => (await model.trained(prompt, [tokens], 8))[0].slice(0, model.width)
      const [a, b] = [await first([5, 17, 3]), await first([5, 17, 40])]
      expect(a.some((value, i) => Math.abs(value - b[i]) > 1e-3)).toBe(Boolean(bidirectional))
    })

    test('ONNX Runtime computes what the interpreter computes', async () => {
      const prompt = { rows: model.rows(2), prefixes: [model.prefix(3)] }
      const [fast, slow] = [await model.trained(prompt, texts, 8), await model.trained(prompt, texts, 8, { interpreted: true })]
      texts.forEach((_, row) => near(fast[row], slow[row]))
    })

    test('the padding side does not matter', async () => {
      for (const prompt of [{}, { rows: model.rows(3) }, { prefixes: [model.prefix(4)] }]) {
        const [right, left] = [await model.trained(prompt, texts, 9), await model.trained(prompt, texts, 9, { padding: 'left' })]
        texts.forEach((_, row) => near(left[row], right[row]))
      }
    })

    test('a row of a batch is what it is alone', async () => {
      const prompt = { rows: model.rows(2), prefixes: [model.prefix(3)] }
      const together = await model.trained(prompt, texts, 8)
      for (const [row, tokens] of texts.entries()) near(together[row], (await model.trained(prompt, [tokens], tokens.length))[0])
    })

    test('a token that alone is read is what it is among all', async () => {
      for (const padding of ['left', 'right'] as const) {
        const prompt = { rows: model.rows(2), prefixes: [model.prefix(3)] }
        const [alone, all] = [await model.trained(prompt, texts, 9, { padding, onlyLast: true }), await model.trained(prompt, texts, 9, { padding })]
        texts.forEach((_, row) => near(alone[row], all[row].slice(-model.width)))
      }
    })

    describe.skipIf(bidirectional)('with a cache', () => {
      test('training and inference give the same logits', () => agree({}))
      test('… behind rows', () => agree({ rows: model.rows(3) }))
      test('… behind a prefix', () => agree({ prefixes: [model.prefix(4)] }))
      test('… behind rows, two prefixes of different length, and strengths', () =>
        agree({
          rows: model.rows(2),
          prefixes: [model.prefix(4), model.prefix(2)],
          rowBias: Float32Array.of(Math.log(0.5), Math.log(2)),
          prefixBias: Float32Array.of(0, 0, 0, 0, Math.log(0.3), Math.log(0.3)),
        }))

      test('token by token is the same as at once; the last row and the hidden states belong to it', async () => {
        const prompt = { prefixes: [model.prefix(3)] }
        const whole = await model.inferred(prompt, texts[0])
        near(await model.inferred(prompt, texts[0], { chunk: 1 }), whole)
        near(await model.inferred(prompt, texts[0], { chunk: 3 }), whole)
        near(await model.inferred(prompt, texts[0], { output: 'lastLogits' }), whole.slice(-model.spec.vocabSize))
        near(model.project(await model.inferred(prompt, texts[0], { output: 'hidden' })), whole)
      })

      test('a decode step takes rows of different prompts, strengths and lengths', async () => {
        const prompts: Prompt[] = [{}, { prefixes: [model.prefix(4)], prefixBias: new Float32Array(4).fill(-1) }, { rows: model.rows(2) }]
        const together = await model.decodedTogether(prompts, texts)
        for (const [row, tokens] of texts.entries()) near(together[row], await model.inferred(prompts[row], tokens, { output: 'lastLogits' }))
      })
    })
  })
}
