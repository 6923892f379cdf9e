import { expect, test } from 'vitest'
import { serve } from '../src/commands/serve.ts'
import { leaveOutEmptyVariables } from '../src/main.ts'

test('an empty variable of Weft says nothing, and no address is none to listen on', () => {
  const environment = { WEFT_HOST: '', WEFT_PORT: '1', PATH: '' }
  leaveOutEmptyVariables(environment)
  expect(environment).toEqual({ WEFT_PORT: '1', PATH: '' })
  expect(() =>
    serve()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(['node', 'weft', '--host', '']),
  ).toThrow('expected an address')
})
