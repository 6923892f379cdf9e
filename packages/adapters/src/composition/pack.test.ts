import { AdapterRegistry, adapterOf, expectSame, randomTensor, tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors, toTensor, writeSafetensors } from '../file/safetensors.ts'
import { Random } from '../random.ts'
import { textState } from '../sites/text/algebra.ts'
import { floatTensor, type Tensor } from '../tensor.ts'
import { packComposition, unpackComposition } from './pack.ts'

const registry = new AdapterRegistry()
beforeAll(async () => {
  const random = new Random(1)
  registry
    .add('prompt', await adapterOf({ inputsEmbeds: { rows: randomTensor(random, 3, 12) } }))
    .add('style', await adapterOf({ keyValue: { prefix: randomTensor(random, 3, 2, 2, 2, 5) } }))
    .add('deep', await adapterOf({ inputsEmbeds: { rows: randomTensor(random, 2, 12) }, keyValue: { prefix: randomTensor(random, 3, 2, 2, 4, 5) } }))
    .add('note', await adapterOf({ text: textState('Please. ') }))
    .add('spam', await adapterOf({ head: { weight: randomTensor(random, 2, 12), bias: randomTensor(random, 2) } }, { labels: ['ham', 'spam'] }))
})

const expression = '2*style + prompt + 0.5*note + "Now." + deep + spam + mix(0.5*style, 0.5*style)'

test('everything at once survives packing', () => {
  const composed = registry.compose(expression)
  expect(composed.segments.map(({ kind }) => kind)).toEqual(['rows', 'text', 'text', 'rows'])
  expect(composed.sites.keyValue.prefix.shape[3]).toBe(2 + 4 + 2)
  expect(composed.longestPrefix).toBe(4)
  expectSame(unpackComposition(packComposition(composed, tinyBase), tinyModel, tinyBase), composed)
})

test('a mix of whole stacks is the weighted sum of their rows and prefixes', () => {
  const one = registry.compose('deep + prompt')
  const half = registry.compose('mix(0.5*(deep + prompt), 0.5*(deep + prompt))')
  expectSame(half, one)
  expect(() => registry.compose('mix(0.5*(deep + "x"), 0.5*deep)')).toThrow(expect.objectContaining({ code: 'mix_not_supported' }))
  expect(() => registry.compose('mix(0.5*deep, 0.5*prompt)')).toThrow(expect.objectContaining({ code: 'mix_sites_differ' }))
})

describe('what a runner must not accept', () => {
  const repacked = (change: (tensors: Record<string, Tensor>, header: any) => void): Uint8Array => {
    const { metadata, tensors } = readSafetensors(packComposition(registry.compose(expression), tinyBase))
    const copies = Object.fromEntries(Object.entries(tensors).map(([name, stored]) => [name, toTensor(stored, name)]))
    const header = JSON.parse(metadata.weft)
    change(copies, header)
    return writeSafetensors(copies, { weft: JSON.stringify(header) })
  }

  test('an unchanged one passes', () =>
    expect(() =>
      unpackComposition(
        repacked(() => {}),
        tinyModel,
        tinyBase,
      ),
    ).not.toThrow())

  test.each<[string, (tensors: Record<string, Tensor>, header: any) => void, string]>([
    [
      'NaN in rows',
      (t) => {
        ;(t['segments.0.rows'].data as Float32Array)[7] = NaN
      },
      'tensor_not_finite',
    ],
    [
      'infinity in a prefix',
      (t) => {
        ;(t['keyValue.prefix'].data as Float32Array)[0] = -Infinity
      },
      'tensor_not_finite',
    ],
    [
      'NaN in a strength',
      (t) => {
        ;(t['keyValue.bias'].data as Float32Array)[0] = NaN
      },
      'tensor_not_finite',
    ],
    [
      'an absurd norm',
      (t) => {
        ;(t['segments.0.rows'].data as Float32Array)[0] = 1e30
      },
      'tensor_norm',
    ],
    [
      'rows of another width',
      (t) => {
        t['segments.0.rows'] = floatTensor([4, 9])
      },
      'tensor_shape',
    ],
    [
      'a prefix of another model',
      (t) => {
        t['keyValue.prefix'] = floatTensor([2, 2, 2, 8, 5])
      },
      'tensor_shape',
    ],
    [
      'more strengths than columns',
      (t) => {
        t['keyValue.bias'] = floatTensor([9])
      },
      'tensor_shape',
    ],
    [
      'bytes for floats',
      (t) => {
        t['head.bias'] = { shape: [2], data: new Uint8Array(2) }
      },
      'tensor_dtype',
    ],
    [
      'a missing tensor',
      (t) => {
        delete t['keyValue.prefix']
      },
      'tensor_missing',
    ],
    [
      'a whole site missing',
      (t) => {
        delete t['keyValue.prefix']
        delete t['keyValue.bias']
      },
      'tensor_missing',
    ],
    [
      'a tensor nobody announced',
      (t) => {
        t['linear.a'] = floatTensor([1])
      },
      'tensor_unexpected',
    ],
    [
      'a segment nobody announced',
      (t) => {
        t['segments.9.rows'] = floatTensor([1, 12])
      },
      'tensor_unexpected',
    ],
    [
      'an unknown site',
      (_, header) => {
        header.sites.push('nowhere')
      },
      'unknown_site',
    ],
    [
      'positions outside the segments',
      (t, header) => {
        header.sites.push('inputsEmbeds')
        t['inputsEmbeds.rows'] = floatTensor([1, 12])
      },
      'file_invalid',
    ],
    [
      'a longest prefix that is too long',
      (_, header) => {
        header.longestPrefix = 9
      },
      'composition_invalid',
    ],
    [
      'a longest prefix of none',
      (_, header) => {
        header.longestPrefix = 0
      },
      'composition_invalid',
    ],
    [
      'another format',
      (_, header) => {
        header.format = 'weft-adapter'
      },
      'composition_invalid',
    ],
    [
      "another model's fingerprint",
      (_, header) => {
        header.fingerprint = 'sha256:other'
      },
      'wrong_base_model',
    ],
    [
      'text that is not UTF-8',
      (t) => {
        t['segments.1.utf8'].data[0] = 0xff
      },
      'text_not_utf8',
    ],
  ])('%s', (_, change, code) => {
    expect(() => unpackComposition(repacked(change), tinyModel, tinyBase)).toThrow(expect.objectContaining({ code }))
  })

  test('any truncation', () => {
    const bytes = packComposition(registry.compose(expression), tinyBase)
    for (const length of [0, 5, 8, 100, bytes.length - 1]) {
      expect(() => unpackComposition(bytes.subarray(0, length), tinyModel)).toThrow(expect.objectContaining({ status: 422 }))
    }
  })
})
