import { expect, test } from 'vitest'
import { canonical } from '../language/canonical.ts'
import { parse } from '../language/parse.ts'
import { compose } from './compose.ts'

const resolve = ({ name }: { name: string }) => ({ ref: `${name}@1`, digest: `sha256:${name}`, sites: ['inputsEmbeds'] })

test('several compositions are not one: their tensors are never dropped in silence', () => {
  for (const operator of ['experts', 'product', 'ensemble'])
    expect(() => compose(canonical(parse(`${operator}(a, b)`), resolve), new Map(), {} as never)).toThrow(`${operator}(…) combines the answers`)
})
