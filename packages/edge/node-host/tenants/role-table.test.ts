import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { roleTable } from './role-table.ts'

test('the page about tenants has the table of roles that the edge goes by', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/operating/tenants.md'), 'utf8')
  expect(page, 'npx node packages/edge/node-host/tenants/role-table.ts prints it').toContain(roleTable())
})
