import { floatTensor, invocationsTensor, type ModelSpec, Random, rowWidth, type SiteName, type SiteState, sites, textState } from '@weft/adapters'
import { modelShape, rawConfig } from '@weft/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LawModel } from './law-model.ts'
import { AdapterRegistry, adapterOf, randomTensor } from './tiny-adapters.ts'

const text = [5, 17, 3, 40, 22]
/** fp32 rounding over a few layers; logits are of the order of 10. */
const TOLERANCE = 1e-4

/** A random state of every site that changes what a model says. All states of a site can be mixed with one another. */
const states: Partial<Record<SiteName, (random: Random, model: ModelSpec, which: string) => SiteState>> = {
  inputsEmbeds: (random, model) => ({ rows: randomTensor(random, 3, rowWidth(model)) }),
  text: (random) => textState(`${Array.from({ length: 2 }, () => random.integer(60)).join(' ')} `),
  promptDelta: (random, model) => ({
    trunk: randomTensor(new Random('trunk'), 2, rowWidth(model)),
    a: randomTensor(random, 2, 2),
    b: randomTensor(random, 2, rowWidth(model)),
  }),
  // One of them without biases of single keys.
  keyValue: (random, { numLayers, numKeyValueHeads, headDim }, which) => ({
    prefix: randomTensor(random, numLayers, 2, numKeyValueHeads, 3, headDim),
    ...(which !== 'b' && { keyBias: randomTensor(random, numLayers, numKeyValueHeads, 3) }),
  }),
  gatedKeyValue: (random, { numLayers, numHeads, numKeyValueHeads, headDim }) => ({
    prefix: randomTensor(random, numLayers, 2, numKeyValueHeads, 2, headDim),
    gate: randomTensor(random, numLayers, numHeads, 1),
    lengths: floatTensor([1], Float32Array.of(2)),
  }),
  linear: (random, { modules }) =>
    Object.fromEntries(
      Object.entries(modules).flatMap(([module, [out, input]], i) =>
        i % 3 === 0
          ? [
              [`${module}.a`, scaled(randomTensor(random, 1 + (i % 2), input), 0.1)],
              [`${module}.b`, scaled(randomTensor(random, out, 1 + (i % 2)), 0.1)],
              ...(i % 2 ? [[`${module}.bias`, scaled(randomTensor(random, out), 0.1)]] : []),
            ]
          : [],
      ),
    ),
  activatedLinear: (random, { modules }) => ({
    invocations: invocationsTensor([[text[random.integer(2)]]]),
    ...Object.fromEntries(
      Object.entries(modules).flatMap(([module, [out, input]], i) =>
        i % 3 === 0
          ? [
              [`${module}.a`, scaled(randomTensor(random, 2, input), 0.1)],
              [`${module}.b`, scaled(randomTensor(random, out, 2), 0.1)],
              [`${module}.of`, floatTensor([1, 2], Float32Array.of(1, 1))],
            ]
          : [],
      ),
    ),
  }),
  residual: (random, { numLayers, hiddenSize: H }) => ({
    '0.vector': scaled(randomTensor(random, H), 0.3),
    [`${numLayers - 1}.vector`]: scaled(randomTensor(random, H), 0.3),
    [`${numLayers - 1}.a`]: scaled(randomTensor(random, 2, H), 0.2),
    [`${numLayers - 1}.b`]: scaled(randomTensor(random, H, 2), 0.2),
  }),
  scale: (random, { modules }) =>
    Object.fromEntries(
      Object.entries(modules).flatMap(([module, [out, input]], i) =>
        i % 4 === 0
          ? [
              [`${module}.out`, around1(randomTensor(random, out))],
              [`${module}.in`, around1(randomTensor(random, input))],
            ]
          : [],
      ),
    ),
}

const scaled = ({ shape, data }: { shape: number[]; data: Float32Array | Uint8Array }, by: number) =>
  floatTensor(
    shape,
    Float32Array.from(data, (value) => value * by),
  )
const around1 = (tensor: { shape: number[]; data: Float32Array | Uint8Array }) =>
  floatTensor(
    tensor.shape,
    Float32Array.from(tensor.data, (value) => 1 + 0.2 * value),
  )

/** An adapter that waits for tokens acts on a model that reads them in order. */
const namesFor = ({ bidirectional, encoderDecoder }: ModelSpec): SiteName[] =>
  (Object.keys(states) as SiteName[]).filter((name) => !sites[name].waits || !(bidirectional || encoderDecoder))

/** What composition promises, on the answers of a model: expressions over adapters of every site, composed as the edge composes them. */
export function lawCases(json: Record<string, unknown>): void {
  const shape = modelShape(rawConfig(json))
  const names = namesFor(shape.spec)
  const pairs = names.flatMap((one, i) => names.slice(i + 1).map((other): [SiteName, SiteName] => [one, other]))
  let model: LawModel
  let registry: AdapterRegistry
  beforeAll(async () => {
    model = new LawModel(shape)
    registry = new AdapterRegistry(model.spec)
    for (const site of names) {
      const random = new Random(site)
      for (const name of ['a', 'b', 'c'])
        registry.add(`${site}/${name}`, await adapterOf({ [site]: states[site]!(random, model.spec, name) }, { model: model.spec }))
    }
  })
  afterAll(() => model[Symbol.dispose]())

  const answer = async (expression: string): Promise<Float32Array> => (await model.answers([{ composed: [registry.compose(expression)], texts: [text] }]))[0]
  const bare = async (): Promise<Float32Array> => (await model.answers([{ composed: [], texts: [text] }]))[0]
  const apart = (one: Float32Array, other: Float32Array): number => {
    expect(one.length).toBe(other.length)
    return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0)
  }
  const expectNear = (got: Float32Array, expected: Float32Array, what: string): void => expect(apart(got, expected), what).toBeLessThan(TOLERANCE)

  describe.each(names)('%s', (name) => {
    const site = sites[name]
    const [a, b, c] = ['a', 'b', 'c'].map((which) => `${name}/${which}`)

    test('a changes the answer, 1*a and mix(1*a) are a, 0*a is the base, a + 0*b is a: exactly', async () => {
      const [base, one] = [await bare(), await answer(a)]
      expect(apart(base, one)).toBeGreaterThan(1e-2)
      expect(await answer(`1*${a}`)).toEqual(one)
      expect(await answer(`mix(1*${a})`)).toEqual(one)
      expect(await answer(`0*${a}`)).toEqual(base)
      expect(await answer(`${a} + 0*${b}`)).toEqual(one)
    })

    test('a + b is more than a, and b + a where there is no order: exactly', async () => {
      const both = await answer(`${a} + ${b}`)
      expect(apart(both, await answer(a))).toBeGreaterThan(1e-2)
      if (!site.ordered || 'branchOf' in site) expect(await answer(`${b} + ${a}`)).toEqual(both)
      else expect(apart(await answer(`${b} + ${a}`), both)).toBeGreaterThan(1e-3)
    })

    test('(a + b) + c is a + (b + c): exactly', async () => {
      expect(await answer(`(${a} + ${b}) + ${c}`)).toEqual(await answer(`${a} + (${b} + ${c})`))
    })

    if (site.mixes) test('mix(½a, ½a) is a', async () => expectNear(await answer(`mix(0.5*${a}, 0.5*${a})`), await answer(a), name))

    // Factors multiply: twice a factor's distance from 1 is not the factor twice.
    if (site.strength === 'linear' && name !== 'scale') test('2*a is a + a', async () => expectNear(await answer(`2*${a}`), await answer(`${a} + ${a}`), name))

    test('a strength between 0 and 1 lies in between', async () => {
      const [base, half, one] = [await bare(), await answer(`0.5*${a}`), await answer(a)]
      expect(apart(half, base)).toBeGreaterThan(1e-3)
      expect(apart(half, one)).toBeGreaterThan(1e-3)
    })
  })

  test('every pair of sites stacks: composed, it is what both do side by side', async () => {
    const composed = await model.answers(pairs.map(([one, other]) => ({ composed: [registry.compose(`${one}/a + ${other}/b`)], texts: [text] })))
    const sideBySide = await model.answers(
      pairs.map(([one, other]) => ({ composed: [registry.compose(`${one}/a`), registry.compose(`${other}/b`)], texts: [text] })),
    )
    const single = new Map(
      await Promise.all(
        names.flatMap((name) => ['a', 'b'].map(async (which): Promise<[string, Float32Array]> => [`${name}/${which}`, await answer(`${name}/${which}`)])),
      ),
    )
    for (const [i, [one, other]] of pairs.entries()) {
      expectNear(composed[i], sideBySide[i], `${one} + ${other}`)
      for (const part of [`${one}/a`, `${other}/b`]) expect(apart(composed[i], single.get(part)!), `${one} + ${other} against ${part}`).toBeGreaterThan(1e-3)
    }
  })

  // An encoder-decoder's rows are padded on the right.
  test.each(shape.architecture.encoderDecoder ? ['right' as const] : (['right', 'left'] as const))(
    'rows of different compositions are each what they are alone, padded on the %s',
    async (padding) => {
      const expressions: [expression: string | null, texts: number[][]][] = [
        [null, [[9, 8, 7]]],
        ['inputsEmbeds/a + text/a', [text, [1]]],
        ['0.5*keyValue/a + keyValue/b', [[30, 31]]],
        ['2*inputsEmbeds/b + keyValue/a', [[4, 5, 6, 7, 8, 9, 10]]],
        ['linear/a + 0.5*linear/b', [text]],
        ...(names.includes('activatedLinear')
          ? ([['activatedLinear/a + 0.5*activatedLinear/b + activatedLinear/c', [text, [9, text[1], 4], [8]]]] as [string, number[][]][])
          : []),
        [
          'scale/a',
          [
            [2, 60, 2],
            [12, 13],
          ],
        ],
        ['gatedKeyValue/a + gatedKeyValue/b', [text]],
        [names.map((name) => `${name}/a`).join(' + '), [[50, 51, 52, 53]]],
        [null, [[21, 20]]],
      ]
      const groups = expressions.map(([expression, texts]) => ({ composed: expression === null ? [] : [registry.compose(expression)], texts }))
      const together = await model.answers(groups, { padding })
      const alone: Float32Array[] = []
      for (const { composed, texts } of groups) for (const one of texts) alone.push(...(await model.answers([{ composed, texts: [one] }])))
      for (const [row, expected] of alone.entries()) expectNear(together[row], expected, `row ${row}`)
    },
  )
}
