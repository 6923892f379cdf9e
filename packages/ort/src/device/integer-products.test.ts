import { expect, test } from 'vitest'
import { instructionsOf } from './integer-products.ts'

test('a processor is known by its flags', () => {
  const haswell = 'processor\t: 0\nflags\t\t: fpu sse4_2 avx f16c fma avx2\nbugs\t\t: none\n'
  expect(instructionsOf(haswell)).toEqual({ byteProducts: [], vectors: ['sse4_2', 'avx', 'avx2', 'fma', 'f16c'] })
  expect(instructionsOf(haswell.replace('avx2', 'avx2 avx512f avx512_vnni')).byteProducts).toEqual(['avx512_vnni'])
  expect(instructionsOf('processor\t: 0\nFeatures\t: fp asimd asimddp i8mm\n')).toEqual({ byteProducts: ['asimddp', 'i8mm'], vectors: ['asimd'] })
  expect(instructionsOf('')).toEqual({ byteProducts: [], vectors: [] })
})
