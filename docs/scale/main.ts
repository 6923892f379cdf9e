/** `npm run scale [-- --write]`: the tables of docs/scale.md, on standard output or into the page. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { filled } from './page.ts'
import { tables } from './tables.ts'

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const file = join(import.meta.dirname, '../scale.md')
const made = tables()
if (values.write) writeFileSync(file, filled(readFileSync(file, 'utf8'), made))
else for (const [name, table] of Object.entries(made)) console.log(`${name}\n\n${table}\n`)
