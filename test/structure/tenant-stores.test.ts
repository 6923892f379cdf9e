import { expect, test } from 'vitest'
import { tables } from '../../packages/edge/src/stores/sql/tables.ts'
import { sources } from './sources.ts'

/** What opens the stores of any tenant, or holds what is everybody's. */
const ofEveryTenant =
  /\b(openStores|OpenStores|allJobs|AllJobs|allBatches|AllBatches|allKeys|AllKeys|allUsage|AllUsage|openStored|cloudflareStores|sqlStores)\b/

test('an endpoint has no other stores than those of who asks', () => {
  const endpoints = sources.filter(({ file }) => file.startsWith('packages/edge/src/routes/'))
  expect(endpoints.length).toBeGreaterThan(20)
  expect(endpoints.filter(({ text }) => ofEveryTenant.test(text) || /stores\/(cloudflare|sql|objects)\//.test(text)).map(({ file }) => file)).toEqual([])
})

test('nor is it given any as it is put together', () => {
  const root = sources.find(({ file }) => file === 'packages/edge/src/composition-root.ts')!.text
  const given = [...root.matchAll(/provide\((?:tokens\.endpoint|token), (\w+), ([^\n]*)/g)]
  expect(given.length).toBeGreaterThan(10)
  expect(given.filter(([, , needs]) => ofEveryTenant.test(needs!)).map(([, route]) => route)).toEqual([])
  // Keys alone are made for a tenant that is named, by whoever may act on any.
  expect(given.filter(([, , needs]) => needs!.includes('openForPrincipal')).map(([, route]) => route)).toEqual(['keysRoute'])
})

test('a table that has a tenant is never asked without one', () => {
  const stores = sources.filter(({ file }) => /^packages\/edge\/src\/stores\/(sql|objects)\//.test(file) && !file.includes('.test.'))
  const statements = stores.flatMap(({ file, text }) =>
    // What hosts ask of every tenant's stands last in its file.
    [
      ...text.split(/export (?:const|async function|function) (?:sqlAll|sweep)/)[0]!.matchAll(/(?:'|`|")((?:SELECT|UPDATE|DELETE|INSERT)\b[^'`"]*)(?:'|`|")/g),
    ].map(([, statement]) => ({ file, statement: statement! })),
  )
  const asked = statements.filter(({ statement }) => new RegExp(`(FROM|UPDATE|INTO) (${tables.join('|')})\\b`).test(statement))
  expect(asked.length).toBeGreaterThan(30)
  const without = asked
    .filter(({ statement }) => !/\b(tenant|owner|reader)\b/.test(statement))
    .map(({ file, statement }) => `${file.split('/').at(-1)}: ${statement.replace(/\s+/g, ' ').slice(0, 70)}`)
  expect(without).toEqual([])
})
