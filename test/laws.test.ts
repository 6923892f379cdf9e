import { architectures } from '@weft/model'
import { describe, expect, test } from 'vitest'
import { lawCases } from './cases/laws.ts'
import { tinyConfigs } from './cases/tiny-configs.ts'

test('every architecture is here', () => {
  expect(Object.keys(tinyConfigs).sort()).toEqual(architectures.flatMap(({ modelTypes }) => modelTypes).sort())
})

describe.each(Object.entries(tinyConfigs))('%s', (_, config) => lawCases(config))
