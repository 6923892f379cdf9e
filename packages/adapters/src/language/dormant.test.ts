import { AdapterRegistry, adapterOf, randomTensor, tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { beforeAll, expect, test } from 'vitest'
import { packComposition, unpackComposition } from '../composition/pack.ts'
import { Random } from '../random.ts'
import { invocationsTensor } from '../sites/activated-linear/invocations.ts'
import { floatTensor, type SiteState } from '../tensor.ts'
import { dormantKey, spelled } from './dormant.ts'
import { compositionKey } from './key.ts'

const q = 'model.layers.0.self_attn.q_proj'
const random = new Random('dormant')
const low = (): SiteState => ({ [`${q}.a`]: randomTensor(random, 1, 12), [`${q}.b`]: randomTensor(random, 20, 1) })
const waiting = (token: number): SiteState => ({ invocations: invocationsTensor([[token]]), ...low(), [`${q}.of`]: floatTensor([1, 1], Float32Array.of(1)) })
const registry = new AdapterRegistry()
const sites = new Map<string, readonly string[]>()

beforeAll(async () => {
  const states = {
    check: { activatedLinear: waiting(3) },
    judge: { activatedLinear: waiting(4) },
    lora: { linear: low() },
    other: { linear: low() },
    prefix: { keyValue: { prefix: randomTensor(random, 3, 2, 2, 4, 5) } },
    biased: { activatedLinear: waiting(5), linear: { [`${q}.bias`]: randomTensor(random, 20) } },
  }
  for (const [name, state] of Object.entries(states)) {
    const adapter = await adapterOf(state)
    registry.add(name, adapter)
    sites.set(adapter.digest, adapter.manifest.sites)
  }
})

const keyOf = (expression: string) => compositionKey(tinyBase.fingerprint, registry.canonical(expression), 'one')
const dormant = (expression: string) => dormantKey(registry.canonical(expression), (digest) => sites.get(digest)!, { ...tinyBase, tenant: 'one' })

test('what waits for nothing has no other key', async () => {
  for (const expression of ['lora', 'prefix + "Answer."', 'mix(0.5*lora, 0.5*other)', '0*check + lora']) expect(await dormant(expression)).toBeUndefined()
})

test('what waits alone is the base model until then', async () => {
  for (const expression of ['check', '0.5*check', 'check + judge', 'mix(0.5*check, 0.5*judge)', '2*mix(0.5*check, 0.5*judge) + check'])
    expect(await dormant(expression), expression).toBeNull()
})

test('beside others it is what they are: the key is that of their own expression', async () => {
  for (const [expression, others] of [
    ['check + lora', 'lora'],
    ['prefix + 0.25*judge + "Answer." + check', 'prefix + "Answer."'],
    ['0.5*(lora + check) + other', '0.5*lora + other'],
    ['check + mix(0.25*lora, 0.75*other)', 'mix(0.25*lora, 0.75*other)'],
    ['2*mix(0.25*(lora + prefix), 0.75*(other + prefix)) + check', '2*mix(0.25*(lora + prefix), 0.75*(other + prefix))'],
  ])
    expect(await dormant(expression), expression).toBe(await keyOf(others))
})

test('an adapter with a bias that acts at every token waits with no part of it', async () => {
  expect(await dormant('biased')).toBeUndefined()
  expect(await dormant('biased + check')).toBe(await keyOf('biased'))
})

test('terms are spelled as the canonical form spells them', () => {
  for (const expression of ['lora', '0.5*check + "a\\"b" + prefix', 'mix(0.5*lora, 2*other) + 3*mix(0.25*(lora + prefix), -1*(2*other + prefix))']) {
    const { terms, text } = registry.canonical(expression)
    expect(spelled(terms)).toBe(text)
  }
})

test('a packed composition keeps the key, and one that its parts contradict is refused', async () => {
  const composed = { ...registry.compose('check + lora'), dormantKey: await keyOf('lora') }
  expect(unpackComposition(packComposition(composed, tinyBase), tinyModel, tinyBase)).toEqual(composed)
  const refused = (expression: string, key: string | null) =>
    expect(() => unpackComposition(packComposition({ ...registry.compose(expression), dormantKey: key }, tinyBase), tinyModel)).toThrow(
      expect.objectContaining({ code: 'composition_invalid' }),
    )
  refused('check + lora', null)
  refused('check + "Answer."', null)
  refused('lora', null)
  refused('lora', await keyOf('other'))
  refused('check', 'no key')
})
