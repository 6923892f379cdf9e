import { type AdapterState, type Composed, canonical, compose, floatTensor, type LoadedAdapter, type ManifestInput, parse, readAdapter } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { refused } from '../support/refused.ts'
import { fileOf, filled, head, rows, spec } from '../support/tiny-adapters.ts'

describe('a composition', () => {
  const made: Record<string, [AdapterState, Partial<ManifestInput>?]> = {
    one: [
      { ...rows, head },
      { task: 'SEQ_CLS', labels: ['a', 'b'] },
    ],
    two: [
      { keyValue: { prefix: filled(2, 2, 2, 3, 8) }, head },
      { task: 'SEQ_CLS', labels: ['a', 'b'] },
    ],
    full: [{ weights: { 'model.norm.weight': filled(32) } }],
    other: [{ weights: { 'model.norm.weight': floatTensor([32]) } }],
    rows: [rows],
    long: [{ inputsEmbeds: { rows: filled(5, 32) } }],
    prefix: [{ keyValue: { prefix: filled(2, 2, 2, 3, 8) } }],
    wide: [{ keyValue: { prefix: filled(2, 2, 2, 4, 8) } }],
    branch: [{ promptDelta: { trunk: filled(2, 32), a: filled(2, 1), b: filled(1, 32) } }],
    offshoot: [{ promptDelta: { trunk: floatTensor([2, 32]), a: filled(2, 1), b: filled(1, 32) } }],
  }
  const composed = async (expression: string): Promise<Composed> => {
    const loaded = new Map<string, LoadedAdapter>()
    for (const [name, [state, manifest]] of Object.entries(made))
      loaded.set(name, await readAdapter(await fileOf(state, { ...manifest, config: { name } }), { model: spec }))
    const arranged = canonical(parse(expression), ({ name }) => {
      const {
        digest,
        manifest: { sites, shared },
      } = loaded.get(name)!
      return { ref: name, digest, sites, ...(shared && { shared }) }
    })
    return compose(arranged, new Map([...loaded.values()].map((adapter) => [adapter.digest, adapter])), spec)
  }

  test.each<[string, string, (string | RegExp)[]]>([
    ['one + two', 'stack_not_supported', ['"one", "two"', 'head', 'only one', 'remove one']],
    ['full + other', 'stack_not_supported', [/"full", "other"|"other", "full"/, 'weights', 'only one', 'remove one']],
    ['0.5*one', 'strength_not_supported', ['"one"', 'head', 'no strength']],
    ['0.5*(rows + full)', 'strength_not_supported', ['"full"', 'weights', 'no strength']],
    ['mix(0.5*one, 0.5*two)', 'mix_not_supported', ['"one"', '"two"', 'head', 'no weighted sum']],
    ['mix(0.5*full, 0.5*other)', 'mix_not_supported', ['"full"', '"other"', 'weights', 'no weighted sum']],
    ['mix(0.5*"a", 0.5*"b")', 'mix_not_supported', ['"a"', '"b"', 'text']],
    ['mix(0.5*rows, 0.5*prefix)', 'mix_sites_differ', ['"rows"', '"prefix"', 'inputsEmbeds', 'keyValue']],
    ['mix(0.5*rows, 0.5*long)', 'mix_shapes_differ', ['"rows"', '"long"', 'inputsEmbeds', 'equal shapes']],
    ['mix(0.5*prefix, 0.5*wide)', 'mix_shapes_differ', ['"prefix"', '"wide"', 'keyValue', 'equal shapes']],
    ['mix(0.5*branch, 0.5*offshoot)', 'trunks_differ', ['"branch"', '"offshoot"', 'one trunk']],
    ['rows + -1*prefix', 'invalid_strength', ['-1', 'prefix', 'keyValue', 'negative']],
    ['one + "text" + two', 'stack_not_supported', ['"one", "two"', 'head']],
  ])('%s', async (expression, code, said) => {
    await expect(composed(expression)).rejects.toThrow(refused(code, ...said))
  })

  test('everything else stacks', async () => {
    for (const expression of ['one + prefix', 'two + rows', 'full + one', 'branch + offshoot + prefix + "text"', 'long + wide + prefix'])
      await expect(composed(expression)).resolves.toBeDefined()
  })
})
