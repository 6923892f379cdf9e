import {
  type AdapterState,
  type Composed,
  identical,
  packComposition,
  placementOf,
  Random,
  type SiteName,
  type SiteState,
  sites,
  type Tensor,
  unpackComposition,
  validateState,
  virtualTokensOf,
} from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData, type Value } from '@weft/graph'
import { describe, expect, test } from 'vitest'
import { hooksOf } from './hooks.ts'
import { AdapterRegistry, adapterOf, difference, expectSame, randomTensor, tensorsOf, tinyBase, tinyModel } from './tiny-adapters.ts'

export interface SiteCase {
  site: SiteName
  /** A random state. All states of one case can be mixed with one another. */
  state(random: Random): SiteState
  /** What a state does, where unlike tensors may do the same (a sum of ranks, of branches). The tensors themselves when absent. */
  effect?(state: SiteState): SiteState
  /** Whether `2*a` is `a + a`; true when absent, for sites whose strength multiplies. */
  adds?: boolean
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

/** The laws every site keeps, on random states. What a site declares (ordered, strength, mixes) says which of them apply. */
export function siteCases({ site: name, state, effect, adds = true }: SiteCase): void {
  const seen = (composed: Composed): Composed =>
    effect && composed.sites[name] ? { ...composed, sites: { ...composed.sites, [name]: effect(composed.sites[name]) } } : composed
  const apart = (got: Composed, expected: Composed): number => difference(seen(got), seen(expected))
  const site = sites[name]
  const registry = async (seed: number): Promise<AdapterRegistry> => {
    const random = new Random(seed)
    const made = new AdapterRegistry()
    for (const ref of ['a', 'b', 'c']) made.add(ref, await adapterOf({ [name]: state(random) }))
    return made
  }
  const exclusive = site.strength === 'none'
  const when =
    (applies: boolean) =>
    (title: string, body: () => Promise<void>): void => {
      if (applies) test(title, body)
    }

  describe.each(seeds)(`${name}, states of seed %i`, (seed) => {
    test('compose(a), 1*a and mix(1*a) are a', async () => {
      const s = await registry(seed)
      for (const expression of ['1*a', '(a)', 'mix(1*a)', '1*mix(a)', '2*(0.5*a)']) expectSame(s.compose(expression), s.compose('a'))
      expect(tensorsOf(s.compose('a')).length).toBeGreaterThan(0)
    })

    test('0*a is the base model, a + 0*b is a', async () => {
      const s = await registry(seed)
      for (const expression of ['0*a', '0*(a + b)', '0*mix(a)', 'mix(0*a)']) {
        expect(s.canonical(expression)).toEqual({ terms: [], text: '' })
        expect(s.compose(expression)).toEqual({ segments: [], sites: {}, longestPrefix: 0 })
      }
      for (const expression of ['a + 0*b', '0*b + a', 'mix(1*a, 0*b)']) expectSame(s.compose(expression), s.compose('a'))
    })

    test('packed and unpacked it is the same, bit for bit', async () => {
      const s = await registry(seed)
      for (const expression of ['a', ...(exclusive ? [] : ['a + b']), ...(exclusive ? [] : ['0.5*a + 2*b'])]) {
        const composed = s.compose(expression)
        const packed = packComposition(composed, tinyBase)
        expectSame(unpackComposition(packed, tinyModel, tinyBase), composed)
        expect(packComposition(unpackComposition(packed, tinyModel), tinyBase)).toEqual(packed)
      }
    })

    when(!exclusive)('(a + b) + c is a + (b + c)', async () => {
      const s = await registry(seed)
      for (const expression of ['(a + b) + c', 'a + (b + c)', 'a + b + 0*a + c']) expectSame(s.compose(expression), s.compose('a + b + c'))
      expect(site.stack(site.stack(state(new Random(seed)), state(new Random(seed))), state(new Random(seed)))).toEqual(
        site.stack(state(new Random(seed)), site.stack(state(new Random(seed)), state(new Random(seed)))),
      )
    })

    when(!exclusive && (!site.ordered || site.branchOf !== undefined))('a + b is b + a: one spelling, one key, the same bits', async () => {
      const s = await registry(seed)
      for (const [x, y] of [
        ['a + b', 'b + a'],
        ['a + b + c', 'c + (a + b)'],
        ['0.5*a + 2*b', '2*b + 0.5*a'],
      ]) {
        expect(s.canonical(x).text).toBe(s.canonical(y).text)
        expectSame(s.compose(x), s.compose(y))
      }
    })

    when(site.ordered && site.branchOf === undefined)('a + b keeps its order', async () => {
      const s = await registry(seed)
      expect(s.canonical('a + b').text).not.toBe(s.canonical('b + a').text)
      expect(apart(s.compose('a + b'), s.compose('b + a'))).toBeGreaterThan(1e-3)
    })

    when(site.mixes)('mix(½a, ½a) is a; a mix has no order', async () => {
      const s = await registry(seed)
      expect(apart(s.compose('mix(0.5*a, 0.5*a)'), s.compose('a'))).toBeLessThan(1e-6)
      expect(apart(s.compose('mix(0.25*a, 0.75*a)'), s.compose('a'))).toBeLessThan(1e-5)
      expectSame(s.compose('mix(0.25*a, 0.75*b)'), s.compose('mix(0.75*b, 0.25*a)'))
      expect(apart(s.compose('mix(0.25*a, 0.75*b)'), s.compose('a'))).toBeGreaterThan(1e-3)
    })

    when(!site.mixes)('a weighted sum is refused, naming the terms', async () => {
      const s = await registry(seed)
      expect(() => s.compose('mix(0.5*a, 0.5*b)')).toThrow(
        expect.objectContaining({ code: 'mix_not_supported', message: expect.stringMatching(/"a".*"b"|"b".*"a"/) }),
      )
    })

    when(exclusive)('a second one and a strength are refused, naming the terms', async () => {
      const s = await registry(seed)
      expect(() => s.compose('a + b')).toThrow(expect.objectContaining({ code: 'stack_not_supported', message: expect.stringMatching(/"a".*"b"/) }))
      expect(() => s.compose('0.5*a')).toThrow(expect.objectContaining({ code: 'strength_not_supported' }))
    })

    when(site.strength === 'log')('w*a adds log w, w*(v*a) is (w·v)*a, and the values stay', async () => {
      const s = await registry(seed)
      expectSame(s.compose('0.5*(0.5*a)'), s.compose('0.25*a'))
      const plain = new Map(tensorsOf(s.compose('a')))
      const strong = s.compose('2*a')
      for (const [tensor, value] of tensorsOf(strong)) {
        if (tensor.endsWith('.bias')) expect([...value.data]).toEqual([...value.data].map(() => Math.fround(Math.log(2))))
        else if (plain.has(tensor) && !tensor.endsWith('.text')) expect(identical(value, plain.get(tensor)!)).toBe(true)
      }
      expect(() => s.compose('-0.5*a')).toThrow(expect.objectContaining({ code: 'invalid_strength' }))
    })

    when(site.strength === 'linear' && adds)('2*a is a + a', async () => {
      const s = await registry(seed)
      expect(apart(s.compose('2*a'), s.compose('a + a'))).toBeLessThan(1e-5)
    })

    test('what it takes of the sequence adds up', async () => {
      const s = await registry(seed)
      const one = placementOf(s.compose('a'))
      const other = placementOf(s.compose('b'))
      const taken = virtualTokensOf(name, state(new Random(seed)))
      expect([one.rows, one.prefix]).toEqual([taken.rows, taken.prefix])
      if (exclusive) return
      const both = placementOf(s.compose('a + b'))
      expect(both.rows).toBe(site.branchOf ? one.rows : one.rows + other.rows)
      expect(both.prefix).toBe(one.prefix + other.prefix)
      expect(both.longestPrefix).toBe(Math.max(one.longestPrefix, other.longestPrefix))
    })
  })

  describe(`${name}, states that must not pass`, () => {
    const good = (): SiteState => state(new Random(0))
    test('a good one passes', () => expect(() => validateState(name, good(), tinyModel)).not.toThrow())
    test('one tensor too many', () => {
      expect(() => validateState(name, { ...good(), other: randomTensor(new Random(0), 1) }, tinyModel)).toThrow(
        expect.objectContaining({ code: 'tensor_unexpected' }),
      )
    })
    for (const [tensor, spec] of Object.entries(site.tensors(tinyModel))) {
      const changed = (change: (tensor: Tensor) => Tensor): SiteState => ({ ...good(), [tensor]: change(good()[tensor]) })
      if (!good()[tensor]) continue
      test(`${tensor} missing`, () => {
        const { [tensor]: _, ...rest } = good()
        if (spec.optional && !spec.with) expect(() => validateState(name, rest, tinyModel)).not.toThrow()
        else expect(() => validateState(name, rest, tinyModel)).toThrow(expect.objectContaining({ code: 'tensor_missing' }))
      })
      test(`${tensor} of another dtype`, () => {
        const other = changed(({ shape, data }) => ({ shape, data: spec.dtype === 'float32' ? new Uint8Array(data.length) : new Float32Array(data.length) }))
        expect(() => validateState(name, other, tinyModel)).toThrow(expect.objectContaining({ code: 'tensor_dtype' }))
      })
      test(`${tensor} with an axis too many, and empty`, () => {
        expect(() =>
          validateState(
            name,
            changed(({ shape, data }) => ({ shape: [...shape, 1], data })),
            tinyModel,
          ),
        ).toThrow(expect.objectContaining({ code: 'tensor_shape' }))
        expect(() =>
          validateState(
            name,
            changed(({ shape, data }) => ({ shape: shape.map(() => 0), data: data.slice(0, 0) })),
            tinyModel,
          ),
        ).toThrow(expect.objectContaining({ code: 'tensor_shape' }))
      })
      if (spec.dtype !== 'float32') continue
      test.each([NaN, Infinity, -Infinity])(`${tensor} with a %d`, (value) => {
        const bad = changed(({ shape, data }) => ({ shape, data: (data as Float32Array).with(data.length - 1, value) }))
        expect(() => validateState(name, bad, tinyModel)).toThrow(
          expect.objectContaining({ code: 'tensor_not_finite', details: { index: bad[tensor].data.length - 1 } }),
        )
      })
      test(`${tensor} of absurd length`, () => {
        const bad = changed(({ shape, data }) => ({ shape, data: (data as Float32Array).with(0, 1e20) }))
        expect(() => validateState(name, bad, tinyModel)).toThrow(expect.objectContaining({ code: 'tensor_norm' }))
      })
      spec.shape.forEach(
        (dim, axis) =>
          dim !== null &&
          test(`${tensor} with a wrong axis ${axis}`, () => {
            const bad = changed(({ shape }) => {
              const wrong = shape.with(axis, dim + 1)
              return randomTensor(new Random(0), ...wrong)
            })
            expect(() => validateState(name, bad, tinyModel)).toThrow(expect.objectContaining({ code: 'tensor_shape' }))
          }),
      )
    }
  })
}

/** What hooks put before tokens, keys and values, computed by the interpreter. `tokens` `[B,T,H]`, `k`, `v` `[B,K,S,D]`. */
export function placedBy(
  states: AdapterState[],
  { tokens, k, v, layer }: { tokens: Tensor; k: Tensor; v: Tensor; layer: number },
): Record<'rows' | 'k' | 'v', TensorData> {
  const g = new GraphBuilder('hooks')
  const feeds: Record<string, TensorData> = {}
  const input = (name: string, tensor: Tensor, batch = false): Value => {
    feeds[name] = { dtype: 'float32', shape: tensor.shape, data: tensor.data as Float32Array }
    return g.input(name, 'float32', batch ? ['B', ...tensor.shape.slice(1)] : tensor.shape)
  }
  const values = states.map((state, n) =>
    Object.fromEntries(
      Object.entries(state).map(([site, tensors]) => [
        site,
        Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, input(`${n}.${site}.${name}`, tensor)])),
      ]),
    ),
  )
  const hooks = hooksOf(g, values, 'B')
  g.output('rows', g.identity(hooks.rows(input('own.tokens', tokens, true))))
  const { k: keys, v: held } = hooks.keyValue(layer, input('own.k', k, true), input('own.v', v, true))
  g.output('k', g.identity(keys))
  g.output('v', g.identity(held))
  return interpret(g.build(), feeds) as Record<'rows' | 'k' | 'v', TensorData>
}
