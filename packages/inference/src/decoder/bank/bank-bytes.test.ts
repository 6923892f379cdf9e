import { rmSync } from 'node:fs'
import type { AdapterState, ModelSpec } from '@weft/adapters'
import { loadModel } from '@weft/model'
import { branch, factors, lowRank } from '@weft/test/cases/serving/in-layers'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AdapterTensors, adapterTensors } from '../../compositions/adapter-tensors.ts'
import { bankBytes } from './bank-bytes.ts'

const folder = writeTinyLlama()
let spec: ModelSpec
beforeAll(async () => {
  spec = (await loadModel(folder)).spec
})
afterAll(() => rmSync(folder, { recursive: true }))

const tensorsOf = (sites: AdapterState): AdapterTensors => adapterTensors({ segments: [], longestPrefix: 0, sites }, spec)!

test('only rows that have a site take a slot there, as wide as the widest', () => {
  const narrow = tensorsOf(lowRank(spec, ['q_proj'], 2, 'narrow'))
  const wide = tensorsOf(lowRank(spec, ['q_proj', 'v_proj'], 3, 'wide'))
  const other = tensorsOf(factors(spec, ['k_proj'], [], 'other'))
  const gated = tensorsOf(branch(spec, 4, 'gated'))
  expect(bankBytes([narrow, null])).toBe(narrow.bytes)
  expect(bankBytes([narrow, wide, null])).toBe(2 * wide.bytes)
  expect(bankBytes([wide, other, narrow, gated, other, other])).toBe(2 * wide.bytes + 4 * other.bytes + gated.bytes)
  expect(bankBytes([gated, narrow, wide, other])).toBe(bankBytes([wide, other, narrow, gated]))
  expect(bankBytes([null, null])).toBe(0)
})

test('shapes are looked at once for a kind, however many rows of it wait', () => {
  let looks = 0
  const rows = Array.from({ length: 32 }, (_, row): AdapterTensors => {
    const { inputs, ...made } = tensorsOf(lowRank(spec, ['q_proj', 'v_proj'], 5, `row ${row}`))
    return {
      ...made,
      get inputs() {
        looks++
        return inputs
      },
    }
  })
  for (let count = 1; count <= rows.length; count++) expect(bankBytes(rows.slice(0, count))).toBe(2 ** Math.ceil(Math.log2(count)) * rows[0]!.bytes)
  expect(looks).toBe(1)
})
